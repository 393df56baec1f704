namespace ExposureMonitor.Domain;

/// <summary>What a proof asks about the pass over held orders, from outside of it.</summary>
internal sealed partial class AccountWork
{
    /// <summary>Orders of the account in the order in which they are released; unknown ones are left out.</summary>
    internal List<string> InTurn(IEnumerable<string> orders)
    {
        var slots = new List<int>();
        foreach (var id in orders)
            if (book.FindOrder(Slot, id) is not 0 and var slot) slots.Add(slot);
        slots.Sort(InReleaseOrder);
        return slots.ConvertAll(slot => book.Texts.Get(book.Orders[slot].Id));
    }

    internal List<string> OnHold()
    {
        var orders = new List<string>();
        foreach (var hold in book.RareOf(Slot)?.Holds ?? Few<HoldState>.None) orders.Add(book.Texts.Get(book.Orders[hold.Order].Id));
        return orders;
    }

    /// <summary>
    /// True when a rule had to release the held order at its turn: cured, dwelt, and it fits while the orders behind it
    /// still wait. False wherever that cannot be told from the state alone: a policy that stops the pass, counts held value,
    /// or cash that names orders.
    /// </summary>
    internal bool IsDue(string orderId, IReadOnlyCollection<HoldChanged> behind)
    {
        if (HoldOf(orderId) is not { } hold || hold.Forced || hold.ManualOnly || IsLeaving(hold.Order)) return false;
        if (Context.GlobalHold || Context.IsStale || !Policy.Is(Parameter.ReleaseAutomatically)) return false;
        if (Policy.Is(Parameter.ReleaseStrict) || Policy[Parameter.BarrierDays] > 0 || book.RareOf(Slot) is { NamedSources.Count: > 0 }) return false;
        var standing = Stand();
        if (standing.Exposure.Counts(7)) return false;
        foreach (var other in behind)
            if (!PutBack(ref standing.Exposure, other)) return false;
        if (Judge(SubjectOf(hold.Order, isNew: true), standing).Holds) return false;
        var dwell = DwellMicros;
        foreach (var reason in hold.Reasons)
            if (dwell > 0 && Dwells(reason.Rule) && (reason.StillValid || Now < reason.CuredAt.Plus(dwell))) return false;
        return true;
    }

    internal long DwellMicros => Policy[Parameter.DwellSeconds] * Instant.Second;

    internal static bool HasDwell(string rule) => Dwells(rule);

    /// <summary>Makes an order wait again in an exposure, with the headroom that was reserved for it.</summary>
    private bool PutBack(ref Exposure exposure, HoldChanged released)
    {
        var slot = book.FindOrder(Slot, released.OrderId);
        if (slot == 0 || Book.IsHeld(book.Orders[slot])) return false;
        TakeOwnOut(ref exposure, new Subject { Order = slot });
        if (released.Reserved == 0) return true;
        // In another currency the haircut of what was reserved is not known any more.
        if (book.Orders[slot].Currency != exposure.Currency) return false;
        exposure.Reserve(released.Reserved);
        return true;
    }
}

/// <summary>Whose turn it is among the held orders of a customer; for proofs, which ask it behind an entry.</summary>
public static class ReleaseTurns
{
    /// <summary>Orders on hold, in the order in which they were held.</summary>
    public static IReadOnlyList<string> OnHold(Book book, int slot) => At(book, slot, book.StreamTime).OnHold();

    /// <summary>The orders in the order in which the customer's policy releases them.</summary>
    public static IReadOnlyList<string> InTurn(Book book, int slot, IEnumerable<string> orders) => At(book, slot, book.StreamTime).InTurn(orders);

    /// <summary>True when a rule had to release a held order while those behind it still waited.</summary>
    /// <param name="book">The book behind the entry.</param>
    /// <param name="slot">The account.</param>
    /// <param name="orderId">The order that is still on hold.</param>
    /// <param name="behind">Releases of the same pass whose turn came later.</param>
    /// <param name="now">The moment of the pass.</param>
    public static bool IsDue(Book book, int slot, string orderId, IReadOnlyCollection<HoldChanged> behind, Instant now) => At(book, slot, now).IsDue(orderId, behind);

    /// <summary>How long a reason must have stayed cured before a rule releases, in microseconds.</summary>
    public static long DwellOf(Book book, int slot, string rule) => AccountWork.HasDwell(rule) ? At(book, slot, book.StreamTime).DwellMicros : 0;

    private static AccountWork At(Book book, int slot, Instant now)
    {
        book.Work.Begin(slot, book.Context, default, now, new EffectBuffer());
        return book.Work;
    }
}
