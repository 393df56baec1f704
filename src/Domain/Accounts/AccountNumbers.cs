namespace ExposureMonitor.Domain;

/// <summary>
/// The numbers by which the documents of one account refer to each other while its state is written or read. Kept by
/// the book and used again: a million accounts are read at a start.
/// </summary>
internal sealed class AccountNumbers
{
    internal readonly DocumentNumbers Orders = new(), Deliveries = new(), Items = new(), Sources = new(), Allocations = new();

    /// <summary>Forgets the account before.</summary>
    internal AccountNumbers Clear()
    {
        Orders.Clear();
        Deliveries.Clear();
        Items.Clear();
        Sources.Clear();
        Allocations.Clear();
        return this;
    }
}

/// <summary>Slots of documents by number, and when writing the other way round; number 0 is "none".</summary>
internal sealed class DocumentNumbers
{
    private readonly List<int> _slots = [];
    private readonly Dictionary<int, int> _numbers = [];

    internal void Clear()
    {
        _slots.Clear();
        _slots.Add(0);
        if (_numbers.Count > 0) _numbers.Clear();
    }

    /// <summary>The next document.</summary>
    internal void Add(int slot, bool reading)
    {
        if (!reading) _numbers[slot] = _slots.Count;
        _slots.Add(slot);
    }

    internal int NumberOf(int slot) => slot == 0 ? 0 : _numbers[slot];

    /// <exception cref="ArgumentOutOfRangeException">The bytes name a document that the account does not have.</exception>
    internal int SlotOf(int number) => _slots[number];
}
