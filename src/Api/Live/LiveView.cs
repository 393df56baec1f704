using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>How the live feed behaves; tests make it quick.</summary>
public sealed record LiveOptions
{
    public TimeSpan Beat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A burst within this time is one change of a customer's page or of the holds.</summary>
    public TimeSpan CustomerWindow { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The same of a board and of the alerts.</summary>
    public TimeSpan BoardWindow { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The same while little changes (<see cref="CalmMost"/> customers in a window) and computing all views costs little (<see cref="CalmCost"/>).</summary>
    public TimeSpan CalmWindow { get; init; } = TimeSpan.FromMilliseconds(100);

    public int CalmMost { get; init; } = 50;

    public TimeSpan CalmCost { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>A view without readers is kept so long, so that a reader that was away gets diffs.</summary>
    public TimeSpan Kept { get; init; } = TimeSpan.FromSeconds(60);

    public int StreamsMax { get; init; } = 500;

    public int StreamsPerSubject { get; init; } = 20;

    public int ViewsMax { get; init; } = 2_000;
}

/// <summary>One line of a view, rendered once for all its readers.</summary>
internal sealed record LiveRow(string Id, byte[] Json)
{
    /// <summary>Id of what is said of the whole view, such as its count; it is no row, and stands in no order.</summary>
    internal const string Whole = "#";
}

/// <summary>
/// A view that readers share: its rows, in order, each with the number of its last change. A reader that has seen
/// everything up to n gets the rows that changed later; so a slow reader's unsent changes fold into one by themselves.
/// Touched under the lock of the hub only.
/// </summary>
internal sealed class LiveView(string name, bool isBoard, Func<IReadOnlyCollection<string>, bool> concerns, Func<CancellationToken, Task<List<LiveRow>>> compute)
{
    private readonly Dictionary<string, (byte[] Json, long Changed)> _rows = new(StringComparer.Ordinal);

    internal string Name => name;

    internal bool IsBoard => isBoard;

    /// <summary>Early warnings: only a signal changes them.</summary>
    internal bool IsAlerts { get; init; }

    /// <summary>A queue of held orders.</summary>
    internal bool IsHolds { get; init; }

    internal Func<CancellationToken, Task<List<LiveRow>>> Compute => compute;

    /// <summary>True when a change of these customers may change the view.</summary>
    internal bool Concerns(IReadOnlyCollection<string> customers) => concerns(customers);

    internal int Readers { get; set; }

    internal long IdleSince { get; set; }

    /// <summary>Number from which on diffs can be told.</summary>
    internal long Since { get; private set; }

    internal bool IsFilled { get; private set; }

    /// <summary>Number of the last change; the version of the view.</summary>
    internal long Version { get; private set; }

    internal long OrderChanged { get; private set; }

    internal string[] Order { get; private set; } = [];

    internal DateTimeOffset AsOf { get; private set; }

    /// <summary>What is said of the whole view; empty for nothing.</summary>
    internal byte[] Whole { get; private set; } = [];

    internal long WholeChanged { get; private set; }

    /// <summary>When the hub heard of the oldest commit that the newest version shows, as a timestamp; 0 when no commit asked for it.</summary>
    internal long HeardAt { get; set; }

    private long _asked, _taken;

    /// <summary>Notes that rows are computed from here on; what it answers goes with them.</summary>
    internal long Ask() => ++_asked;

    /// <summary>Takes fresh rows over; true when something differs. Rows that were asked for before those that stand are older, and stay out.</summary>
    internal bool Take(long asked, List<LiveRow> rows, long number, DateTimeOffset now)
    {
        if (asked < _taken) return false;
        _taken = asked;
        var changed = !IsFilled;
        if (!IsFilled) Since = number;
        (IsFilled, AsOf) = (true, now);
        if (rows.Count > 0 && rows[^1].Id == LiveRow.Whole)
        {
            if (!Whole.AsSpan().SequenceEqual(rows[^1].Json)) (Whole, WholeChanged, changed) = (rows[^1].Json, number, true);
            rows.RemoveAt(rows.Count - 1);
        }

        var order = rows.Select(r => r.Id).ToArray();
        foreach (var row in rows)
        {
            if (_rows.TryGetValue(row.Id, out var known) && known.Json.AsSpan().SequenceEqual(row.Json)) continue;
            _rows[row.Id] = (row.Json, number);
            changed = true;
        }

        if (!order.AsSpan().SequenceEqual(Order))
        {
            foreach (var gone in Order.Except(order, StringComparer.Ordinal).ToList()) _rows.Remove(gone);
            (Order, OrderChanged, changed) = (order, number, true);
        }

        if (changed) Version = number;
        return changed;
    }

    /// <summary>Rows that changed after a number, in order.</summary>
    internal IEnumerable<byte[]> ChangedAfter(long seen)
    {
        foreach (var id in Order)
            if (_rows[id].Changed > seen) yield return _rows[id].Json;
    }
}
