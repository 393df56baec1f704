using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// The book of the house in a process that does not own it: made of its journal, and brought up to the newest committed frame before each
/// read. So keys, proposals and policies are read in every process as they stand, and nobody has to be asked.
/// </summary>
internal sealed class HouseFollower(IJournalReader reader, DatabaseInfo database) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private Book? _book;
    private Replay? _replay;

    /// <summary>Reads the book as of the newest frame that is committed now.</summary>
    /// <exception cref="EngineUnavailableException">The database does not answer, or its journal of the house does not prove what it must.</exception>
    internal async Task<T> ReadAsync<T>(Func<Book, T> read, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            await CatchUpAsync(cancel);
            return read(_book!);
        }
        catch (Exception failed) when (failed is JournalUnavailableException or JournalBrokenException)
        {
            throw new EngineUnavailableException(failed.Message, failed);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task CatchUpAsync(CancellationToken cancel)
    {
        var head = (await reader.HeadsAsync(cancel)).First(h => h.Partition == Book.House);
        try
        {
            if (_replay is { } known && (known.Seq > head.Seq || (known.Seq == head.Seq && !known.Hash.AsSpan().SequenceEqual(head.HeadHash)))) Forget();
            if (_book is null)
            {
                _book = (await Recovery.RunAsync(reader, database, head, cancel)).Book;
                _replay = new Replay(_book, Book.House);
                _replay.Begin(head);
                return;
            }

            if (_replay!.Seq == head.Seq) return;
            await foreach (var stored in reader.FramesAsync(Book.House, _replay.Seq, head.Seq, cancel)) _replay.Apply(stored);
        }
        catch
        {
            // Whatever it was, half a frame may stand in the book: the next read makes it anew.
            Forget();
            throw;
        }
    }

    private void Forget() => (_book, _replay) = (null, null);
}
