using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>A row as readers see it.</summary>
public readonly record struct PublishedRow(string Customer, int Partition, string Segment, string Country, string Controller, AccountFigures Figures);

/// <summary>
/// What is committed, in memory: one row per account, replaced after the commit of the frame that touched it. Safe
/// from any thread; a reader copies under a short lock per partition.
/// </summary>
public sealed class PublishedRows
{
    private readonly Lock _gate = new();
    private readonly List<PublishedRow> _rows = [];
    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);

    /// <summary>Accounts published.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _rows.Count;
        }
    }

    /// <summary>The row of a customer.</summary>
    public bool TryGet(string customer, out PublishedRow row)
    {
        lock (_gate)
        {
            row = default;
            if (!_slots.TryGetValue(customer, out var slot)) return false;
            row = _rows[slot];
            return true;
        }
    }

    /// <summary>Shows every row to a visitor, under the lock: keep it short.</summary>
    public void Visit(Action<PublishedRow> visitor)
    {
        lock (_gate)
            foreach (var row in _rows) visitor(row);
    }

    internal void Publish(IReadOnlyList<PublishedRow> rows)
    {
        lock (_gate)
        {
            foreach (var row in rows)
            {
                while (_rows.Count <= row.Figures.Slot) _rows.Add(default);
                _rows[row.Figures.Slot] = row;
                _slots[row.Customer] = row.Figures.Slot;
            }
        }
    }

    internal void Clear()
    {
        lock (_gate)
        {
            _rows.Clear();
            _slots.Clear();
        }
    }
}
