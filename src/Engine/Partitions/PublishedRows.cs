using System.Collections;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>A row as readers see it.</summary>
public readonly record struct PublishedRow(string Customer, int Partition, string Segment, string Country, string Controller, AccountFigures Figures);

/// <summary>
/// What is committed, in memory: one row per account, replaced after the commit of the frame that touched it. Safe from
/// any thread and without locks; the engine's loop alone writes. A reader copies a row whole or not at all.
/// </summary>
public sealed class PublishedRows
{
    private readonly Lock _gate = new();
    private volatile PublishedTable _table;
    private long _complete;
    private int _numbering;
    private bool _isMirrored;

    internal PublishedRows(int partition) => _table = new PublishedTable(partition);

    /// <summary>All rows up to this sequence are shown.</summary>
    public long Complete => Volatile.Read(ref _complete);

    /// <summary>Slots that were seen under another numbering are those of other customers: it changes when a partition comes here whose rows were another process's.</summary>
    public int Numbering => Volatile.Read(ref _numbering);

    /// <summary>Accounts published.</summary>
    public int Count => _table.Count;

    /// <summary>The row of a customer.</summary>
    public bool TryGet(string customer, out PublishedRow row)
    {
        var table = _table;
        row = default;
        return table.Find(customer) is >= 0 and var slot && table.TryRead(slot, out row);
    }

    /// <summary>Shows every row to a visitor; rows that are published meanwhile may be missing.</summary>
    public void Visit(Action<PublishedRow> visitor)
    {
        var table = _table;
        var end = table.End;
        for (var slot = 0; slot < end; slot++)
            if (table.TryRead(slot, out var row)) visitor(row);
    }

    /// <summary>Shows the numbers of every row to a visitor; rows that are published meanwhile may be missing.</summary>
    public void Scan<T>(ref T visitor)
        where T : struct, IGlanceVisitor
    {
        visitor.Begin(this);
        _table.Scan(ref visitor);
    }

    /// <summary>Words that rows name by number: segments, countries, controllers.</summary>
    public IReadOnlyList<string> Words => _table.Words;

    /// <summary>The row of a slot that a scan has shown.</summary>
    public bool TryGetAt(int slot, out PublishedRow row) => _table.TryRead(slot, out row);

    /// <summary>The customer of a slot that a scan has shown.</summary>
    public string CustomerAt(int slot) => _table.CustomerAt(slot);

    /// <summary>True when the id of a slot contains a text; letters of ASCII in either case.</summary>
    public bool IdContains(int slot, string text) => _table.Contains(slot, text);

    /// <summary>The order of the ids of two slots that scans have shown.</summary>
    public int CompareIds(int slot, PublishedRows other, int otherSlot) => _table.Compare(slot, other._table, otherSlot);

    /// <summary>Rows of a frame that is durable now; words and new customers are looked up in its book.</summary>
    internal void Publish(Book book, List<AccountFigures> rows, long seq)
    {
        var table = _table;
        foreach (var row in rows) table.Write(book, row);
        Volatile.Write(ref _complete, seq);
    }

    /// <summary>
    /// Shows rows of another process (<see cref="MirroredRows"/>), while the partition is still elsewhere; returns the customers whose rows are new.
    /// Whoever owns the partition writes alone: the question and the rows stand under one lock with <see cref="Replace"/>.
    /// </summary>
    internal (IReadOnlyList<string> Customers, long Seq) Mirror(byte[] rows, Func<bool> isElsewhere)
    {
        var all = new List<(string Customer, string Segment, string Country, string Controller, AccountFigures Figures)>();
        var complete = MirroredRows.Read(rows, all);
        lock (_gate)
        {
            if (!isElsewhere() || complete < _complete) return ([], complete);
            var table = _table;
            _isMirrored = true;
            foreach (var (customer, segment, country, controller, figures) in all) table.Write(customer, segment, country, controller, figures);
            Volatile.Write(ref _complete, complete);
        }

        return ([.. all.Select(r => r.Customer)], complete);
    }

    /// <summary>Takes all rows of a book that was read back; readers see the old rows until all new ones stand.</summary>
    internal void Replace(int partition, Book book, long asOf)
    {
        var table = new PublishedTable(partition);
        for (var slot = 0; slot < book.AccountCount; slot++)
        {
            var figures = book.Figures(slot);
            figures.AsOf = asOf;
            table.Write(book, figures);
        }

        lock (_gate)
        {
            if (_isMirrored) Volatile.Write(ref _numbering, _numbering + 1);
            (_table, _isMirrored) = (table, false);
            Volatile.Write(ref _complete, asOf);
        }
    }

    /// <summary>The customers of some rows, for whoever asks: names are made then, not with every commit.</summary>
    internal IReadOnlyList<string> CustomersOf(List<AccountFigures> rows)
    {
        var slots = new int[rows.Count];
        for (var i = 0; i < slots.Length; i++) slots[i] = rows[i].Slot;
        return new CustomerList(this, slots);
    }

    /// <summary>A committed slot is its customer's for ever, so that the names can wait.</summary>
    private sealed class CustomerList(PublishedRows rows, int[] slots) : IReadOnlyList<string>
    {
        public int Count => slots.Length;

        public string this[int index] => rows._table.CustomerAt(slots[index]);

        public IEnumerator<string> GetEnumerator()
        {
            var table = rows._table;
            foreach (var slot in slots) yield return table.CustomerAt(slot);
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
