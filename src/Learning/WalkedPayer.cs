using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>A customer of a walk: its figures, its invoices, and what was matched to them.</summary>
internal sealed class WalkedPayer
{
    private readonly Dictionary<string, WalkedItem> _items = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WalkedAllocation> _allocations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WalkedSource> _sources = new(StringComparer.Ordinal);
    private readonly HashSet<string> _undone = new(StringComparer.Ordinal);

    internal PaymentFigures Figures { get; } = new();

    /// <summary>By document, in the order of their issue as long as none was removed; the figures do not depend on it.</summary>
    internal Dictionary<string, WalkedItem> Open { get; } = new(StringComparer.Ordinal);

    /// <summary>Invoices of today between the look and the taking in.</summary>
    internal Queue<(Case Told, InvoiceAtIssue Invoice)> Waiting { get; } = new();

    internal string Country { get; set; } = "";

    /// <summary>An item, also one of which only something else was told so far.</summary>
    internal WalkedItem ItemOf(string id)
    {
        if (!_items.TryGetValue(id, out var item)) _items.Add(id, item = new WalkedItem());
        return item;
    }

    /// <summary>Takes what matches money and credits to items, or ends that.</summary>
    /// <returns>The items that may stand otherwise now.</returns>
    internal IEnumerable<(string Id, WalkedItem Item)> Match(Fact fact) => fact switch
    {
        PaymentAllocated allocated => Allocate(allocated),
        PaymentDeallocated undone => Undo(undone.AllocationId),
        PaymentReturned returned => Mark(returned.PaymentId, source => source.IsReturned = true),
        AcceptanceDishonoured dishonoured => Mark(dishonoured.AcceptanceId, source => source.IsDishonoured = true),
        AcceptanceHonoured honoured => Mark(honoured.AcceptanceId, source => source.HasLeft = true),
        AcceptanceTransferred { Recourse: false } passed => Mark(passed.AcceptanceId, source => source.HasLeft = true),
        CreditNoteIssued credit => Credit(credit),
        _ => [],
    };

    private List<(string Id, WalkedItem Item)> Allocate(PaymentAllocated fact)
    {
        if (_allocations.ContainsKey(fact.AllocationId)) return [];
        var source = SourceOf(fact.FromId);
        var touched = new List<(string Id, WalkedItem Item)>(fact.Items.Count);
        source.IsExplicit = true;
        if (source.Implied is { IsUndone: false } implied)
        {
            implied.IsUndone = true;
            touched.AddRange(implied.Items);
        }

        var allocation = new WalkedAllocation(source, fact.AllocatedOn) { IsUndone = _undone.Remove(fact.AllocationId) };
        _allocations.Add(fact.AllocationId, allocation);
        source.Allocations.Add(allocation);
        foreach (var part in fact.Items) Add(allocation, part.ItemId, part.Amount + part.DiscountTaken);
        touched.AddRange(allocation.Items);
        return touched;
    }

    private void Add(WalkedAllocation allocation, string id, long amount)
    {
        var item = ItemOf(id);
        item.Add(allocation, amount);
        allocation.Items.Add((id, item));
    }

    private IEnumerable<(string Id, WalkedItem Item)> Undo(string id)
    {
        if (!_allocations.TryGetValue(id, out var allocation))
        {
            _undone.Add(id);
            return [];
        }

        allocation.IsUndone = true;
        return allocation.Items;
    }

    private IEnumerable<(string Id, WalkedItem Item)> Mark(string id, Action<WalkedSource> mark)
    {
        var source = SourceOf(id);
        mark(source);
        return source.Allocations.SelectMany(a => a.Items);
    }

    private IEnumerable<(string Id, WalkedItem Item)> Credit(CreditNoteIssued fact)
    {
        var source = SourceOf(fact.CreditNoteId);
        source.IsCredit = true;
        if (fact.InvoiceId.Length > 0 && !source.IsExplicit && source.Implied is null)
        {
            source.Implied = new WalkedAllocation(source, fact.IssuedOn);
            source.Allocations.Add(source.Implied);
            Add(source.Implied, fact.InvoiceId, fact.Amount);
        }

        return source.Allocations.SelectMany(a => a.Items);
    }

    private WalkedSource SourceOf(string id)
    {
        if (!_sources.TryGetValue(id, out var source)) _sources.Add(id, source = new WalkedSource());
        return source;
    }
}
