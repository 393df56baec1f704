using ExposureMonitor.Engine;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Standalone;

/// <summary>
/// The database that a file goes into. One that exists is held from the beginning, so that nobody reads a large file for
/// nothing; a new one is made only when the file has been read, so that a wrong file leaves none behind.
/// </summary>
internal sealed class Target : IAsyncDisposable
{
    private readonly Func<CancellationToken, Task<IStoredJournal>> _open;
    private IStoredJournal? _journal;
    private ExposureEngine? _engine;

    private Target(Func<CancellationToken, Task<IStoredJournal>> open) => _open = open;

    /// <exception cref="InvalidOperationException">A new database without a clock.</exception>
    /// <exception cref="DatabaseHeldException">Somebody else writes to it.</exception>
    internal static async Task<Target> OpenAsync(string address, string? clock, string baseCurrency, int partitions, bool offline, CancellationToken cancel)
    {
        if (clock is not (null or "events" or "wall")) throw new ArgumentException($"--clock: '{clock}' is neither events nor wall.");
        var exists = await JournalFactory.ExistsAsync(Common.Address(address), cancel);
        if (!exists && clock is null) throw new InvalidOperationException("The database is new: tell --clock events (judge day by day) or --clock wall.");
        var target = new Target(stop => Common.OpenOrCreateAsync(address, clock ?? "events", baseCurrency, partitions, serve: false, stop, offline));
        if (!exists) return target;
        target._journal = await target._open(cancel);
        if (clock is null || clock == target._journal.Database.ClockMode) return target;
        var told = target._journal.Database.ClockMode;
        await target.DisposeAsync();
        throw new InvalidOperationException($"--clock {clock}: the database was made for the clock '{told}', which stays; leave the option out.");
    }

    internal async Task<ExposureEngine> StartAsync(CancellationToken cancel)
    {
        _engine = new ExposureEngine(_journal ?? await _open(cancel));
        await _engine.StartAsync(cancel);
        return _engine;
    }

    public async ValueTask DisposeAsync()
    {
        // The engine lets go of its journal itself.
        if (_engine is not null) await _engine.DisposeAsync();
        else if (_journal is not null) await _journal.DisposeAsync();
    }
}
