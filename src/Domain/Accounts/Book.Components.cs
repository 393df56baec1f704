namespace ExposureMonitor.Domain;

/// <summary>
/// The components of the exposure, from the sums of the documents (credit.md 3.3). A change is always the same three
/// steps: take what the document counts out of its ledger, change the document, put in what it counts now. So the
/// ledger equals the documents at every moment, and what leaves one component stands in another.
/// </summary>
public sealed partial class Book
{
    /// <summary>Ordered value that is neither delivered nor invoiced directly; 0 once the order is done.</summary>
    internal long Undelivered(in OrderRecord order) =>
        !order.Placed || IsDone(order) ? 0 : Math.Max(0, order.Ordered - order.Elsewhere - order.Delivered - order.InvoicedDirectly);

    /// <summary>True when nothing more will be delivered.</summary>
    internal static bool IsDone(in OrderRecord order) =>
        order.Status != OrderStatus.Open || order.State == OrderState.Rejected
        || (order.FinalAt.Micros != 0 && order.FinalAt > order.ReopenedAt);

    /// <summary>D of an order over all its deliveries.</summary>
    internal static long DeliveredOf(in OrderRecord order)
    {
        var ordered = !order.Placed ? 0 : IsDone(order) ? order.Delivered : Math.Max(0, order.Ordered - order.Elsewhere);
        var overlap = Math.Max(0, order.Delivered + order.InvoicedDirectly - ordered);
        return Math.Max(0, order.DeliveryOpen - Math.Min(order.InvoicedDirectly, overlap));
    }

    /// <summary>True while an order is stopped.</summary>
    internal static bool IsHeld(in OrderRecord order) =>
        order.State is OrderState.OnHold or OrderState.ReadyToRelease or OrderState.PendingApproval;

    /// <summary>The part of the undelivered value that ships by a day; deliveries consume the lines that ship first.</summary>
    internal long InsideOf(int slot, in OrderRecord order, long undelivered, int lastDay)
    {
        if (undelivered == 0) return 0;
        var schedule = ScheduleOf(order.Account, slot);
        if (schedule is null) return order.ShipOn <= lastDay ? undelivered : 0;
        long outside = 0;
        foreach (var (shipOn, amount) in schedule.Lines)
            if (shipOn > lastDay) outside += amount;
        // What is undelivered are the last lines; those outside the horizon come last of all.
        return Math.Max(0, undelivered - outside);
    }

    /// <summary>The lines of a call-off order; <c>null</c> for all others.</summary>
    internal ScheduleState? ScheduleOf(int account, int order)
    {
        if (RareOf(account) is not { Schedules.Count: > 0 } rare) return null;
        foreach (var schedule in rare.Schedules)
            if (schedule.Order == order) return schedule;
        return null;
    }

    internal void CountOrder(int slot, int sign, PartitionContext context)
    {
        Counted.Add(slot);
        ref var order = ref Orders[slot];
        var undelivered = Undelivered(order);
        var delivered = DeliveredOf(order);
        FlowOrder(order, undelivered, delivered, sign);
        long outside = 0;
        if (undelivered != 0 || delivered != 0)
        {
            ref var sums = ref Ledgers[LedgerOf(order.Account, order.Currency)].Sums;
            var inside = InsideOf(slot, order, undelivered, context.Today + PolicyOf(order.Account, context).HorizonDays);
            outside = undelivered - inside;
            var held = IsHeld(order);
            sums[(int)(held ? Part.HeldInside : Part.OrdersInside)] += sign * inside;
            sums[(int)(held ? Part.HeldOutside : Part.OrdersOutside)] += sign * outside;
            sums[(int)Part.Delivered] += sign * delivered;
        }

        if (sign > 0) order.TouchedOn = context.Today;
        ref var account = ref Account(order.Account);
        if (undelivered != 0 && IsHeld(order)) account.HeldOrders += sign;
        if (IsHeld(order)) RareOf(order.Account)?.Quiet?.Note(slot);
        var open = undelivered != 0 || delivered != 0;
        if (sign > 0 && open != order.Listed) ListOrder(slot, open);
        if (sign > 0 && outside != 0 != order.ListedOutside) ListOutside(slot, outside != 0);
        if (sign > 0 && undelivered != 0) WakeForOrder(slot, context);
    }

    /// <summary>What a delivery still holds: not reversed, not returned, not handed to invoices.</summary>
    internal static long OpenOf(in DeliveryRecord delivery) => !delivery.Posted
        ? 0
        : Math.Max(0, Math.Max(0, delivery.Amount - delivery.Reversed) - delivery.Returned - delivery.Handed);

    /// <summary>Delivered, net of reversals.</summary>
    internal static long NetOf(in DeliveryRecord delivery) =>
        delivery.Posted ? Math.Max(0, delivery.Amount - delivery.Reversed) : 0;

    /// <summary>Takes a delivery out of its order's sums, or puts it in; the order itself must be taken out meanwhile.</summary>
    internal void CountDelivery(int slot, int sign)
    {
        ref var delivery = ref Deliveries[slot];
        FlowDelivery(delivery, sign);
        if (sign > 0) delivery.TouchedOn = Today;
        if (delivery.Order == 0)
        {
            var open = OpenOf(delivery);
            if (open != 0) Ledgers[LedgerOf(delivery.Account, delivery.Currency)].Sums[(int)Part.Delivered] += sign * open;
            return;
        }

        ref var order = ref Orders[delivery.Order];
        order.Delivered += sign * NetOf(delivery);
        order.DeliveryOpen += sign * OpenOf(delivery);
    }

    /// <summary>What an item has beside the common; empty for most.</summary>
    internal ref readonly ItemExtra ExtraOf(in ItemRecord item) => ref Extras[item.Extra];

    /// <summary>The same to be changed, made when it is first needed.</summary>
    internal ref ItemExtra ExtraFor(int item)
    {
        if (Items[item].Extra == 0) Items[item].Extra = Extras.Take();
        return ref Extras[Items[item].Extra];
    }

    /// <summary>R of an item.</summary>
    internal long OpenOf(in ItemRecord item)
    {
        if (!item.Posted || item.Cancelled) return 0;
        var open = Math.Max(0, item.Amount - item.Allocated - ExtraOf(item).Discount);
        return open - Math.Min(ExtraOf(item).WrittenOff, open);
    }

    /// <summary>What an item is asked above its amount: it counts in U.</summary>
    internal long AskedAbove(in ItemRecord item) =>
        Math.Max(0, item.Allocated + ExtraOf(item).Discount - (item.Posted && !item.Cancelled ? item.Amount : 0));

    /// <summary>What the overdue steps look at: not contested, and in no plan that is kept.</summary>
    internal long DunnableOf(in ItemRecord item) => ExtraOf(item).Plans > 0 ? 0 : Math.Max(0, OpenOf(item) - ExtraOf(item).Contested);

    internal void CountItem(int slot, int sign, PartitionContext context)
    {
        FlowItem(slot, sign);
        ref var item = ref Items[slot];
        var ledger = LedgerOf(item.Account, item.Currency);
        ref var record = ref Ledgers[ledger];
        var open = OpenOf(item);
        if (sign > 0) (item.Bucket, item.TouchedOn) = ((byte)BucketOf(context.Today - item.DueOn), context.Today);
        record.Sums[(int)Part.Receivables] += sign * open;
        record.Sums[(int)Part.Aged + item.Bucket] += sign * open;
        if (item.Bucket > 0) record.OverdueDue += Math.BigMul(sign * open, item.DueOn);
        record.Sums[(int)Part.Unapplied] += sign * AskedAbove(item);
        if (item.Billed && !item.Posted && !item.Cancelled) record.Sums[(int)Part.Billed] += sign * ExtraOf(item).BilledAmount;
        if (sign < 0)
        {
            Uproot(ref record, slot);
            return;
        }

        Root(slot);
        if (open != 0 != (item.OpenPrevious != 0 || Account(item.Account).OpenItem == slot)) ListItem(slot, open != 0);
        if (open != 0) WakeForItem(slot, context);
    }

    /// <summary>U of a source; never below 0, what is below is a debit item of the source.</summary>
    internal static long UnallocatedOf(in SourceRecord source) =>
        Math.Max(0, (source.Void ? 0 : source.Amount) - source.Allocated - source.Refunded);

    /// <summary>True while the document counts as P or N itself.</summary>
    internal static bool IsAtRisk(in SourceRecord source) => !source.Void && source.Kind switch
    {
        SourceKind.Payment => !source.Cleared,
        SourceKind.Acceptance => !source.Left,
        _ => false,
    };

    internal void CountSource(int slot, int sign, PartitionContext context)
    {
        ref var source = ref Sources[slot];
        FlowSource(source, sign);
        ref var sums = ref Ledgers[LedgerOf(source.Account, source.Currency)].Sums;
        sums[(int)Part.Unapplied] += sign * UnallocatedOf(source);
        if (IsAtRisk(source))
        {
            sums[(int)(source.Kind == SourceKind.Payment ? Part.PaymentsAtRisk : Part.Acceptances)] += sign * source.Amount;
            sums[(int)Part.Backed] += sign * UnallocatedOf(source);
        }

        if (sign < 0) return;

        source.TouchedOn = context.Today;
        var debit = Math.Max(0, source.Allocated + source.Refunded - (source.Void ? 0 : source.Amount));
        if (debit == 0 && source.DebitItem == 0) return;
        if (source.DebitItem == 0)
        {
            var opened = OpenItem(source.Account, Texts.Get(source.Id), source.Currency, ItemKind.SourceDebit);
            ref var item = ref Items[opened];
            (item.Posted, item.IssuedOn, item.DueOn, item.OriginalDueOn, item.Source) = (true, source.OwnDate, source.OwnDate, source.OwnDate, slot);
            source.DebitItem = opened;
        }

        if (Items[source.DebitItem].Amount == debit) return;
        CountItem(source.DebitItem, -1, context);
        Items[source.DebitItem].Amount = debit;
        CountItem(source.DebitItem, +1, context);
    }

    /// <summary>Ageing bucket of so many days past due; upper ends are inclusive.</summary>
    internal static int BucketOf(int daysPastDue) => daysPastDue switch
    {
        <= 0 => 0,
        <= 30 => 1,
        <= 60 => 2,
        <= 90 => 3,
        <= 180 => 4,
        _ => 5,
    };

    /// <summary>Days past due on which an item moves to a worse bucket.</summary>
    private static ReadOnlySpan<int> AgeingBoundaries => [1, 31, 61, 91, 181];

    /// <summary>The day of an item's last move follows from its due date.</summary>
    internal static int BucketSince(in ItemRecord item) => item.Bucket == 0 ? item.IssuedOn : item.DueOn + AgeingBoundaries[item.Bucket - 1];

    private void WakeForItem(int slot, PartitionContext context)
    {
        var (account, dueOn) = (Items[slot].Account, Items[slot].DueOn);
        foreach (var boundary in AgeingBoundaries)
        {
            if (dueOn + boundary <= context.Today) continue;
            Wake(account, dueOn + boundary);
            return;
        }
    }

    private readonly List<int> _ageing = [];

    /// <summary>Moves the items of an account whose bucket changes from one day to another, and no others.</summary>
    internal void Age(int account, PartitionContext before, PartitionContext after)
    {
        var tree = new ItemTree(Items, Texts);
        for (var ledger = Account(account).Ledger; ledger != 0; ledger = Ledgers[ledger].Next)
        {
            _ageing.Clear();
            foreach (var boundary in AgeingBoundaries)
                tree.DueBetween(Ledgers[ledger].Root, before.Today == 0 ? int.MinValue : before.Today - boundary + 1, after.Today - boundary, _ageing);
            foreach (var item in _ageing)
            {
                CountItem(item, -1, before);
                CountItem(item, +1, after);
            }

            foreach (var boundary in AgeingBoundaries)
                if (FirstDueAfter(ledger, after.Today - boundary) is { } due) Wake(account, due + boundary);
        }
    }

    private void WakeForOrder(int slot, PartitionContext context)
    {
        ref var order = ref Orders[slot];
        var horizon = PolicyOf(order.Account, context).HorizonDays;
        var schedule = ScheduleOf(order.Account, slot);
        if (schedule is null)
        {
            if (order.ShipOn > context.Today + horizon) Wake(order.Account, order.ShipOn - horizon);
            return;
        }

        foreach (var (shipOn, _) in schedule.Lines)
            if (shipOn > context.Today + horizon) Wake(order.Account, shipOn - horizon);
    }

    /// <summary>Time alone may change the account on this day.</summary>
    internal void Wake(int account, int day)
    {
        ref var record = ref Account(account);
        if (day < record.WakeOn) record.WakeOn = day;
    }

    private void ListOrder(int slot, bool open)
    {
        ref var order = ref Orders[slot];
        ref var head = ref Account(order.Account).OpenOrder;
        order.Listed = open;
        if (open)
        {
            order.OpenNext = head;
            if (head != 0) Orders[head].OpenPrevious = slot;
            head = slot;
        }
        else
        {
            if (order.OpenPrevious != 0) Orders[order.OpenPrevious].OpenNext = order.OpenNext;
            else head = order.OpenNext;
            if (order.OpenNext != 0) Orders[order.OpenNext].OpenPrevious = order.OpenPrevious;
            order.OpenNext = order.OpenPrevious = 0;
        }

        Account(order.Account).OpenOrders += open ? 1 : -1;
    }

    /// <summary>Puts an open item into the tree of its ledger.</summary>
    internal void Root(int slot)
    {
        ref var item = ref Items[slot];
        var open = OpenOf(item);
        if (open == 0) return;
        ref var record = ref Ledgers[LedgerOf(item.Account, item.Currency)];
        record.FirstDue = record.Root == 0 ? item.DueOn : Math.Min(record.FirstDue, item.DueOn);
        new ItemTree(Items, Texts).Put(ref record.Root, slot, DunnableOf(item));
    }

    private void Uproot(ref LedgerRecord record, int slot)
    {
        var tree = new ItemTree(Items, Texts);
        tree.Take(ref record.Root, slot);
        if (record.Root != 0 && Items[slot].DueOn == record.FirstDue) record.FirstDue = tree.FirstDueAfter(record.Root, int.MinValue)!.Value;
    }

    /// <summary>The earliest due date behind a day in one currency; <c>null</c> when no item is due later.</summary>
    internal int? FirstDueAfter(int ledger, int day)
    {
        ref var record = ref Ledgers[ledger];
        if (record.Root == 0) return null;
        return record.FirstDue > day ? record.FirstDue : new ItemTree(Items, Texts).FirstDueAfter(record.Root, day);
    }

    private void ListOutside(int slot, bool outside)
    {
        ref var order = ref Orders[slot];
        ref var head = ref Account(order.Account).OutsideOrder;
        order.ListedOutside = outside;
        if (outside)
        {
            order.OutsideNext = head;
            if (head != 0) Orders[head].OutsidePrevious = slot;
            head = slot;
            return;
        }

        if (order.OutsidePrevious != 0) Orders[order.OutsidePrevious].OutsideNext = order.OutsideNext;
        else head = order.OutsideNext;
        if (order.OutsideNext != 0) Orders[order.OutsideNext].OutsidePrevious = order.OutsidePrevious;
        order.OutsideNext = order.OutsidePrevious = 0;
    }

    private void ListItem(int slot, bool open)
    {
        ref var item = ref Items[slot];
        ref var head = ref Account(item.Account).OpenItem;
        if (open)
        {
            item.OpenNext = head;
            if (head != 0) Items[head].OpenPrevious = slot;
            head = slot;
        }
        else
        {
            if (item.OpenPrevious != 0) Items[item.OpenPrevious].OpenNext = item.OpenNext;
            else head = item.OpenNext;
            if (item.OpenNext != 0) Items[item.OpenNext].OpenPrevious = item.OpenPrevious;
            item.OpenNext = item.OpenPrevious = 0;
        }

        Account(item.Account).OpenItems += open ? 1 : -1;
    }
}
