using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>
/// An invoice of a walk with all that was matched to it. What it owes, and when it was settled, follows from the set of its parts and not from the order
/// in which they were told: a journal may hear of an allocation before its invoice, and of its end before either.
/// </summary>
internal sealed class WalkedItem
{
    private readonly List<(WalkedAllocation Of, long Amount)> _parts = new(1);

    /// <summary>The case of the invoice; <c>null</c> while only something was matched to it.</summary>
    internal Case? Told { get; private set; }

    internal InvoiceAtIssue? Invoice { get; private set; }

    /// <summary>Minor units that are open.</summary>
    internal long Left { get; private set; }

    /// <summary>What the figures count of it now, or <c>null</c>.</summary>
    internal SettledItem? Counted { get; set; }

    internal bool IsCancelled { get; set; }

    /// <summary>Given up as a bad debt: it never was paid.</summary>
    internal bool IsLost { get; set; }

    internal long WrittenOff { get; set; }

    internal void Post(Case told, InvoiceAtIssue invoice) => (Told, Invoice) = (told, invoice);

    /// <summary>By day of the allocation; of one day in the order in which they were told.</summary>
    internal void Add(WalkedAllocation of, long amount)
    {
        var at = _parts.Count;
        while (at > 0 && _parts[at - 1].Of.On > of.On) at--;
        _parts.Insert(at, (of, amount));
    }

    /// <summary>Works out <see cref="Left"/>, and the outcome of its case.</summary>
    /// <returns>The settlement that counts; <c>null</c> while it is open, and for what was cancelled, given up, or settled by credit notes alone.</returns>
    internal SettledItem? Review()
    {
        if (Told is null || Invoice is null) return null;
        var (left, paidOn) = ((Int128)Told.Amount - WrittenOff, 0);
        foreach (var (of, amount) in _parts)
        {
            if (!of.Counts) continue;
            // The day on which money closed it; what comes on top of that moves nothing.
            if (left > 0 && !of.From.IsCredit) paidOn = of.On;
            left -= amount;
        }

        var isClosed = IsCancelled || left <= 0;
        Left = isClosed ? 0 : (long)left;
        var isPaid = isClosed && paidOn > 0 && !IsCancelled && !IsLost;
        Told.SettledOn = isPaid ? paidOn : 0;
        Told.IsVoid = isClosed && !isPaid && !IsLost;
        return isPaid ? new SettledItem(Told.IssuedOn, Told.DueOn, paidOn, Invoice.Size) : null;
    }
}

/// <summary>A matching of money or a credit to items.</summary>
internal sealed class WalkedAllocation(WalkedSource from, int on)
{
    internal WalkedSource From => from;

    internal int On => on;

    internal bool IsUndone { get; set; }

    internal bool Counts => !IsUndone && !from.IsVoid;

    internal List<(string Id, WalkedItem Item)> Items { get; } = new(1);
}

/// <summary>A payment, an acceptance or a credit note.</summary>
internal sealed class WalkedSource
{
    internal bool IsCredit { get; set; }

    /// <summary>The money came back.</summary>
    internal bool IsReturned { get; set; }

    /// <summary>The acceptance was not paid; that of one which had left the house already moves nothing.</summary>
    internal bool IsDishonoured { get; set; }

    /// <summary>The acceptance was honoured, or passed on without recourse.</summary>
    internal bool HasLeft { get; set; }

    /// <summary>Nothing that was matched from it counts.</summary>
    internal bool IsVoid => IsReturned || IsDishonoured && !HasLeft;

    /// <summary>What a credit note that names its invoice is matched to until it is matched in so many words.</summary>
    internal WalkedAllocation? Implied { get; set; }

    /// <summary>It was matched in so many words, or that was undone: nothing is implied any more.</summary>
    internal bool IsExplicit { get; set; }

    internal List<WalkedAllocation> Allocations { get; } = new(1);
}
