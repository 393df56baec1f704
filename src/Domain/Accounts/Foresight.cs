namespace ExposureMonitor.Domain;

/// <summary>
/// Reads what the next facts will need before they are applied. A fact walks from index to account to ledger, and each step waits for
/// memory; over many facts at once the processor fetches all of a step together. Changes nothing that any fact can see.
/// </summary>
public sealed class Foresight
{
    /// <summary>Facts that are looked at together: more than the processor has under way would be gone again before their turn.</summary>
    public const int Max = 32;

    private readonly Book[] _books = new Book[Max];
    private readonly Fact[] _facts = new Fact[Max];
    private int _count;

    /// <summary>Takes what was read, so that no compiler leaves the reads out.</summary>
    private ulong _read;

    /// <summary>A fact that will be applied to a book soon, in this order; at most <see cref="Max"/> between two looks.</summary>
    public void Add(Book book, Fact fact)
    {
        (_books[_count], _facts[_count]) = (book, fact);
        _count++;
    }

    /// <summary>Looks at the facts that were added, and forgets them.</summary>
    public void Look()
    {
        var read = 0UL;
        for (var i = 0; i < _count; i++)
        {
            var fact = _facts[i];
            fact.Foreseen = (fact.EventId.Length > 0 ? EventWindow.Identity(fact) : 0, Book.HashOf(fact.Customer), 0);
        }

        // Short loops of reads that do not wait for one another: the shorter, the more of them are under way at once.
        for (var i = 0; i < _count; i++) read ^= _books[i].Window.Foresee(_facts[i].Foreseen.Identity);
        for (var i = 0; i < _count; i++) _facts[i].Foreseen.Slot = _books[i].Index.Foresee(_facts[i].Foreseen.Customer);
        for (var i = 0; i < _count; i++)
            if (_facts[i].Foreseen.Slot is not 0 and var slot) read ^= _books[i].ForeseeAccount(slot);
        for (var i = 0; i < _count; i++)
            if (_facts[i].Foreseen.Slot is not 0 and var slot) read ^= _books[i].ForeseeLedger(slot);
        for (var i = 0; i < _count; i++)
            if (_facts[i].Foreseen.Slot is not 0 and var slot) read ^= _books[i].ForeseeDocuments(slot, _facts[i]);
        Array.Clear(_books, 0, _count);
        Array.Clear(_facts, 0, _count);
        (_count, _read) = (0, _read ^ read);
    }
}
