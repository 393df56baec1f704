using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>
/// The held orders of the partitions of this process, by state and rule. No index holds them: the accounts are looked at in small parts, at most
/// every few seconds and once for all who ask; who asks meanwhile hears what was found last.
/// </summary>
internal sealed class HeldNow(ExposureEngine engine, TimeProvider time)
{
    private const int Slots = 8_192;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private IReadOnlyList<HeldKind> _found = [];
    private Task? _read;
    private long _at;

    /// <summary>What was found serves so long.</summary>
    internal TimeSpan Kept { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What was found last: now, where the engine answers within a moment.</summary>
    internal async Task<IReadOnlyList<HeldKind>> GetAsync()
    {
        Task read;
        lock (_gate)
        {
            if (_read is null || (_read.IsCompleted && time.GetElapsedTime(_at) >= Kept)) (_read, _at) = (ReadAsync(), time.GetTimestamp());
            read = _read;
        }

        // Whoever watches must hear of an engine that does not answer: what it said last is better than no answer.
        await Task.WhenAny(read, Task.Delay(Patience, time));
        return Volatile.Read(ref _found);
    }

    private async Task ReadAsync()
    {
        var all = new List<HeldKind>();
        for (var partition = 0; partition < engine.Database.Partitions; partition++)
        {
            if (!engine.Serves(partition)) continue;
            try
            {
                for (var from = 0; from >= 0;)
                {
                    var start = from;
                    var (kinds, more) = await engine.ReadAsync(partition, book => (book.HeldKinds(start, start + Slots), book.AccountCount > start + Slots));
                    all.AddRange(kinds);
                    from = more ? start + Slots : -1;
                }
            }
            catch (Exception away) when (away is EngineUnavailableException or JournalUnavailableException)
            {
                // It has just left, or is read back: whoever has it next tells of it.
            }
        }

        Volatile.Write(ref _found, [.. all.GroupBy(k => (k.State, k.Rule)).Select(g => new HeldKind(g.Key.State, g.Key.Rule, g.Sum(k => k.Count), g.Min(k => k.Oldest)))]);
    }
}
