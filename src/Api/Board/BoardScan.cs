using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>Exact sums of the rows of one currency, minor units.</summary>
internal struct BoardSums
{
    internal int Customers, OverLimit, HeldOrders;
    internal Int128 Gross, NetRisk, Limit, Over, Overdue, Overdue30, Overdue60, Overdue90, Held, Unapplied;

    internal void Add(in PublishedGlance g)
    {
        Customers++;
        HeldOrders += g.HeldOrders;
        Gross += g.Gross;
        NetRisk += g.NetRisk;
        Overdue += g.Overdue;
        Overdue30 += g.Overdue - g.Late30;
        Overdue60 += g.Late90 + g.LateMore;
        Overdue90 += g.LateMore;
        Held += g.Held;
        Unapplied += g.Unapplied;
        if (g.LimitKind != LimitKind.Amount) return;
        Limit += g.Limit;
        if (!g.Breached) return;
        OverLimit++;
        Over -= Math.Min(0, g.Available);
    }
}

/// <summary>A row that a scan has chosen.</summary>
internal readonly record struct RankedRow(long Key, PublishedRows Rows, int Slot);

/// <summary>
/// One pass over all published rows: counts and sums what a filter takes, and keeps the first rows of its order. What a tile
/// says, what its list says and what the export says come from this pass alone.
/// </summary>
internal struct BoardScan(BoardFilter filter, Bands bands, ExposureEngine engine, int most) : IGlanceVisitor
{
    private readonly BoardFilter.Words _words = new(filter, bands, engine);
    private readonly RankedRow[] _heap = new RankedRow[Math.Min(most, 1_024)];
    private RankedRow[]? _wide;
    private PublishedRows _rows = null!;
    private int _kept;

    /// <summary>Sums by currency.</summary>
    internal Dictionary<Currency, BoardSums> Sums { get; } = [];

    internal int Total { get; private set; }

    private readonly RankedRow[] Heap => _wide ?? _heap;

    internal static BoardScan Run(ExposureEngine engine, BoardFilter filter, Bands bands, int most)
    {
        var scan = new BoardScan(filter, bands, engine, most);
        foreach (var rows in engine.Published) rows.Scan(ref scan);
        return scan;
    }

    public void Begin(PublishedRows rows)
    {
        _rows = rows;
        _words.Begin(rows);
    }

    public void Visit(in PublishedGlance row)
    {
        if (!filter.Takes(row, bands, _words, _rows)) return;
        Total++;
        System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(Sums, row.Currency, out _).Add(row);
        if (most == 0) return;
        var ranked = new RankedRow(filter.KeyOf(row, bands), _rows, row.Slot);
        if (_kept == most)
        {
            if (!Before(ranked, Heap[0])) return;
            Heap[0] = ranked;
            Sink();
            return;
        }

        if (_kept == Heap.Length) _wide = [.. Heap, .. new RankedRow[Math.Min(most - _kept, _kept)]];
        Heap[_kept++] = ranked;
        Rise();
    }

    /// <summary>The rows that were kept, in the order of the filter.</summary>
    internal List<RankedRow> InOrder()
    {
        var rows = Heap.AsSpan(0, _kept).ToArray();
        var self = this;
        Array.Sort(rows, (a, b) => self.Before(a, b) ? -1 : self.Before(b, a) ? 1 : 0);
        return [.. rows];
    }

    /// <summary>True when the first row stands before the second one; ids break ties, ascending.</summary>
    private readonly bool Before(in RankedRow a, in RankedRow b)
    {
        if (a.Key != b.Key && filter.Sort != "customer") return filter.Ascending ? a.Key < b.Key : a.Key > b.Key;
        var order = a.Rows.CompareIds(a.Slot, b.Rows, b.Slot);
        return filter is { Sort: "customer", Ascending: false } ? order > 0 : order < 0;
    }

    // The root of the heap is the row that stands last: the next better one replaces it.
    private readonly void Rise()
    {
        var heap = Heap;
        for (var at = _kept - 1; at > 0;)
        {
            var parent = (at - 1) / 2;
            if (!Before(heap[parent], heap[at])) return;
            (heap[parent], heap[at]) = (heap[at], heap[parent]);
            at = parent;
        }
    }

    private readonly void Sink()
    {
        var heap = Heap;
        for (var at = 0; ;)
        {
            var worst = at;
            for (var child = 2 * at + 1; child <= 2 * at + 2 && child < _kept; child++)
                if (Before(heap[worst], heap[child])) worst = child;
            if (worst == at) return;
            (heap[worst], heap[at]) = (heap[at], heap[worst]);
            at = worst;
        }
    }
}
