using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>
/// Scores at a running service. They are made of the whole book, so that the journal is read for the first who asks; whoever asks meanwhile waits for the
/// same reading, and it is kept for twenty times as long as it took: reading costs at most a twentieth of one processor, however many ask.
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
    private Reading? _reading;

    /// <summary>The invoices that are held at most; tests say fewer.</summary>
    internal int Most { get; init; } = InvoicesMost;

    /// <summary>A reading, and until when (timestamp of the clock) it is good; the timer lets go of it then.</summary>
    private sealed class Reading(Instant at) : IDisposable
    {
        internal Instant At => at;

        internal Task<JournalBook> Book { get; set; } = null!;

        internal ITimer? Ends { get; set; }

        public void Dispose() => Ends?.Dispose();
    }

    /// <summary>The book, and the moment from which it was read.</summary>
    /// <exception cref="BookTooLargeException">It has more invoices than a service holds.</exception>
    internal async Task<(JournalBook Book, Instant ReadAt)> BookAsync(CancellationToken cancel)
    {
        Reading reading;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ending.IsCancellationRequested, this);
            reading = _reading ??= Begin();
        }

        return (await reading.Book.WaitAsync(cancel), reading.At);
    }

    private Reading Begin()
    {
        var reading = new Reading(Instant.From(time.GetUtcNow()));
        var since = time.GetTimestamp();
        reading.Book = Task.Run(async () =>
        {
            // Whoever asked first may go away; the others wait on.
            try
            {
                var book = await JournalBook.ReadAsync(reader, partitions, _ending.Token, Most);
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
            reading.Dispose();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ending.Cancel();
            _reading?.Dispose();
            _reading = null;
        }
    }
}
