namespace ExposureMonitor.Domain;

/// <summary>Cash that names an order (credit.md 5.2): it backs that order, and no other.</summary>
internal sealed partial class AccountWork
{
    /// <summary>Cleared, unallocated cash that names an order, in a currency.</summary>
    private Int128 PrepaidFor(string orderId, Currency currency)
    {
        if (book.RareOf(Slot) is not { NamedSources.Count: > 0 } rare) return 0;
        Int128 sum = 0;
        foreach (var slot in rare.NamedSources)
        {
            ref var source = ref book.Sources[slot];
            if (source.Cleared && book.Texts.Holds(source.NamedOrder, orderId))
                sum += Context.Convert(Book.UnallocatedOf(source), source.Currency, currency) ?? 0;
        }

        return sum;
    }

    /// <summary>True when cleared cash that names the order covers what is undelivered and what is delivered of it.</summary>
    private bool IsPrepaid(int slot)
    {
        ref var order = ref book.Orders[slot];
        var worth = (Int128)book.Undelivered(order) + Book.DeliveredOf(order);
        return worth > 0 && book.RareOf(Slot) is { NamedSources.Count: > 0 } && PrepaidFor(book.Texts.Get(order.Id), order.Currency) >= worth;
    }

    /// <summary>
    /// Cleared cash that names other orders and exceeds their own O and D: it frees no headroom for this one. Money at
    /// risk frees none anyway, for it counts in P as well.
    /// </summary>
    private Int128 NamedElsewhere(string orderId, Currency currency)
    {
        if (book.RareOf(Slot) is not { NamedSources.Count: > 0 } rare) return 0;
        Int128 sum = 0;
        for (var i = 0; i < rare.NamedSources.Count; i++)
        {
            ref var source = ref book.Sources[rare.NamedSources[i]];
            if (!Frees(source, orderId) || IsNamedBefore(rare, i)) continue;
            // All cash that names the same order backs its value once.
            Int128 cash = 0;
            for (var k = i; k < rare.NamedSources.Count; k++)
            {
                ref var other = ref book.Sources[rare.NamedSources[k]];
                if (Frees(other, orderId) && book.Texts.Bytes(other.NamedOrder).SequenceEqual(book.Texts.Bytes(source.NamedOrder)))
                    cash += Context.Convert(Book.UnallocatedOf(other), other.Currency, currency) ?? 0;
            }

            sum += Int128.Max(0, cash - BackedBy(source, currency));
        }

        return sum;
    }

    private bool Frees(in SourceRecord source, string orderId) =>
        source.Cleared && Book.UnallocatedOf(source) != 0 && !book.Texts.Holds(source.NamedOrder, orderId);

    private bool IsNamedBefore(Rare rare, int at)
    {
        var name = book.Texts.Bytes(book.Sources[rare.NamedSources[at]].NamedOrder);
        for (var i = 0; i < at; i++)
        {
            ref var source = ref book.Sources[rare.NamedSources[i]];
            if (source.Cleared && Book.UnallocatedOf(source) != 0 && book.Texts.Bytes(source.NamedOrder).SequenceEqual(name)) return true;
        }

        return false;
    }

    private Int128 BackedBy(in SourceRecord source, Currency currency)
    {
        var slot = book.FindOrder(Slot, book.Texts.Get(source.NamedOrder));
        if (slot == 0 || !book.Orders[slot].Placed) return 0;
        ref var order = ref book.Orders[slot];
        var worth = (Book.IsHeld(order) ? 0 : book.Undelivered(order)) + Book.DeliveredOf(order);
        return Context.Convert(worth, order.Currency, currency) ?? 0;
    }

    private long NamedIn(Currency currency)
    {
        if (book.RareOf(Slot) is not { NamedSources.Count: > 0 } rare) return 0;
        long sum = 0;
        foreach (var slot in rare.NamedSources)
            if (book.Sources[slot].Currency == currency) sum += Book.UnallocatedOf(book.Sources[slot]);
        return sum;
    }

    /// <summary>An order that was let pass because it was prepaid is judged again once the cash went elsewhere.</summary>
    private void CheckPrepaid(int source)
    {
        if (book.Sources[source].NamedOrder == 0) return;
        var slot = book.FindOrder(Slot, book.Texts.Get(book.Sources[source].NamedOrder));
        if (slot == 0 || !book.Orders[slot].IsPrepaid || book.Orders[slot].State != OrderState.Accepted) return;
        if (book.Undelivered(book.Orders[slot]) == 0 || IsPrepaid(slot)) return;
        book.Orders[slot].IsPrepaid = false;
        CheckOrder(slot, "", isNew: false);
    }
}
