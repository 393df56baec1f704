using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>
/// Scores at a running service. They are made of the whole book, so that the journal is read for the first who asks; whoever asks meanwhile waits for the
/// same reading, and it is kept for twenty times as long as it took: reading costs at most a twentieth of one processor, however many ask. A past day is read
/// beside it, one day at a time; whoever asks for another day waits until that reading has ended, and takes its place.
/// </summary>
/// <param name="reader">The journal.</param>
/// <param name="partitions">How many there are.</param>
/// <param name="time">The clock.</param>
internal sealed class ScoresAtDesk(IJournalReader reader, int partitions, TimeProvider time) : IDisposable
{
    /// <summary>Largest book, in invoices, that a service holds in its memory for this; measured were four kilobytes each while it is read.</summary>
    internal const int InvoicesMost = 100_000;

    private const int KeptTimes = 20;
    private static readonly TimeSpan KeptLeast = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ending = new();
    private Reading? _reading, _past;

    /// <summary>The invoices that are held at most; tests say fewer.</summary>
    internal int Most { get; init; } = InvoicesMost;

    /// <summary>A reading, and until when (timestamp of the clock) it is good; the timer lets go of it then.</summary>
    private sealed class Reading(Instant at, int until) : IDisposable
    {
        internal Instant At => at;

        /// <summary>Last day of the book; <see cref="int.MaxValue"/> for now.</summary>
        internal int Until => until;

        internal Task<JournalBook> Book { get; set; } = null!;

        internal ITimer? Ends { get; set; }

        public void Dispose() => Ends?.Dispose();
    }

    /// <summary>The book, and the moment from which it was read.</summary>
    /// <param name="cancel">Ends the waiting.</param>
    /// <param name="until">The last day of the book (day number), for the past.</param>
    /// <exception cref="BookTooLargeException">It has more invoices than a service holds.</exception>
    internal async Task<(JournalBook Book, Instant ReadAt)> BookAsync(CancellationToken cancel, int until = int.MaxValue)
    {
        for (; ; )
        {
            var reading = Of(until);
            if (reading.Until == until) return (await reading.Book.WaitAsync(cancel), reading.At);
            // Another day is being read: what comes of it is for those who asked.
            await Task.WhenAny(reading.Book).WaitAsync(cancel);
        }
    }

    /// <summary>The reading of a day, begun now if need be, or the one of another day that has to end first.</summary>
    private Reading Of(int until)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ending.IsCancellationRequested, this);
            if (until == int.MaxValue) return _reading ??= Begin(until);
            if (_past is { } other && other.Until != until)
            {
                if (!other.Book.IsCompleted) return other;
                other.Dispose();
                _past = null;
            }

            return _past ??= Begin(until);
        }
    }

    private Reading Begin(int until)
    {
        var reading = new Reading(Instant.From(time.GetUtcNow()), until);
        var since = time.GetTimestamp();
        reading.Book = Task.Run(async () =>
        {
            // Whoever asked first may go away; the others wait on.
            try
            {
                var book = await JournalBook.ReadAsync(reader, partitions, _ending.Token, Most, until);
                Keep(reading, since);
                return book;
            }
            catch (BookTooLargeException)
            {
                // The next one who asks is not to read as far again.
                Keep(reading, since);
                throw;
            }
            catch
            {
                Drop(reading);
                throw;
            }
        });
        return reading;
    }

    private void Keep(Reading reading, long since)
    {
        var kept = time.GetElapsedTime(since) * KeptTimes;
        lock (_gate)
        {
            if (!_ending.IsCancellationRequested) reading.Ends = time.CreateTimer(_ => Drop(reading), null, kept > KeptLeast ? kept : KeptLeast, Timeout.InfiniteTimeSpan);
        }
    }

    private void Drop(Reading reading)
    {
        lock (_gate)
        {
            if (_reading == reading) _reading = null;
            if (_past == reading) _past = null;
            reading.Dispose();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ending.Cancel();
            _reading?.Dispose();
            _past?.Dispose();
            (_reading, _past) = (null, null);
        }
    }
}
