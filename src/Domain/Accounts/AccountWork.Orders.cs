namespace ExposureMonitor.Domain;

/// <summary>Orders, deliveries, returns: O and D.</summary>
internal sealed partial class AccountWork
{
    private Outcome Place(OrderPlaced f)
    {
        var slot = book.FindOrder(Slot, f.OrderId);
        if (slot != 0 && book.Orders[slot].Placed) return Graded(book.Orders[slot].Content, f.OrderId);
        if (slot != 0 && book.Orders[slot].Currency != f.Currency) return CurrencyDiffers(f.OrderId, book.Orders[slot].Currency, f.Currency);
        if (Refuses(f.Amount, out var refusal) || RefusesSchedule(f, out refusal)) return refusal;

        Weigh(f.Amount);
        if (slot == 0) slot = book.OpenOrder(Slot, f.OrderId, f.Currency);
        SeeOrder(f);
        book.CountOrder(slot, -1, Context);
        ref var order = ref book.Orders[slot];
        (order.Placed, order.Content, order.State, order.OrderedOn) = (true, Content, OrderState.Accepted, f.OrderedOn);
        order.PlacedAt = order.AcceptedAt = Now;
        TakeTerms(slot, f, version: 0);
        if (book.RareOf(Slot) is { EarlyMarks.Count: > 0 } rare)
        {
            var mark = rare.EarlyMarks.FindIndex(m => m.OrderId == f.OrderId);
            if (mark >= 0)
            {
                (order.Status, order.StatusVersion) = (rare.EarlyMarks[mark].Status, rare.EarlyMarks[mark].Version);
                rare.EarlyMarks.RemoveAt(mark);
            }
        }

        book.CountOrder(slot, +1, Context);
        if (book.Undelivered(order) > 0) CheckOrder(slot, f.ReservationId, isNew: true);
        else if (f.ReservationId.Length > 0) BindReservation(f.ReservationId, f.OrderId);
        return Outcome.Applied;
    }

    private Outcome Change(OrderChanged f)
    {
        var slot = book.FindOrder(Slot, f.OrderId);
        if (slot == 0 || !book.Orders[slot].Placed) return Park(DocumentKind.Order, f.OrderId);
        ref var order = ref book.Orders[slot];
        if (order.Currency != f.Currency) return CurrencyDiffers(f.OrderId, order.Currency, f.Currency);
        if (f.Version <= order.TermsVersion) return Outcome.Superseded;
        if (Refuses(f.Amount, out var refusal) || RefusesSchedule(f, out refusal)) return refusal;

        Weigh(f.Amount);
        var before = (Value: book.Undelivered(order), Inside: InsideOf(slot), ShipOn: FirstShipOn(slot, order), order.Terms, order.DiscountRank);
        book.CountOrder(slot, -1, Context);
        TakeTerms(slot, f, f.Version);
        book.CountOrder(slot, +1, Context);
        var undelivered = book.Undelivered(order);
        // What lowers the risk in value, date and terms passes; a reduction is no reason to look.
        var riskier = undelivered > before.Value || InsideOf(slot) > before.Inside || FirstShipOn(slot, order) < before.ShipOn
            || IsLonger(order.Terms, before.Terms) || order.DiscountRank > before.DiscountRank;
        if (undelivered > 0 && riskier && order.State == OrderState.Accepted) CheckOrder(slot, "", isNew: false);
        if (undelivered == 0) EndHold(slot, "Overtaken");
        return Outcome.Applied;
    }

    private Outcome Reopen(OrderReopened f)
    {
        var slot = book.FindOrder(Slot, f.OrderId);
        if (slot == 0 || !book.Orders[slot].Placed) return Park(DocumentKind.Order, f.OrderId);
        ref var order = ref book.Orders[slot];
        if (order.Currency != f.Currency) return CurrencyDiffers(f.OrderId, order.Currency, f.Currency);
        if (f.Version <= order.StatusVersion && f.Version <= order.TermsVersion) return Outcome.Superseded;
        if (Refuses(f.Amount, out var refusal) || RefusesSchedule(f, out refusal)) return refusal;

        Weigh(f.Amount);
        var before = (Value: book.Undelivered(order), Inside: InsideOf(slot), ShipOn: FirstShipOn(slot, order), order.Terms, order.DiscountRank);
        book.CountOrder(slot, -1, Context);
        if (f.Version > order.StatusVersion) (order.Status, order.StatusVersion) = (OrderStatus.Open, f.Version);
        if (f.Version > order.TermsVersion) TakeTerms(slot, f, f.Version);
        if (f.Time > order.ReopenedAt) order.ReopenedAt = f.Time;
        if (order.State == OrderState.Rejected) order.State = OrderState.Accepted;
        book.CountOrder(slot, +1, Context);
        // An order that was open all along is changed by it: what raises the risk in value, date or terms is checked.
        var undelivered = book.Undelivered(order);
        var riskier = undelivered > before.Value || InsideOf(slot) > before.Inside || FirstShipOn(slot, order) < before.ShipOn
            || IsLonger(order.Terms, before.Terms) || order.DiscountRank > before.DiscountRank;
        if (undelivered > 0 && riskier && order.State == OrderState.Accepted) CheckOrder(slot, "", isNew: true);
        return Outcome.Applied;
    }

    private long InsideOf(int slot)
    {
        ref var order = ref book.Orders[slot];
        return book.InsideOf(slot, order, book.Undelivered(order), Context.Today + Policy.HorizonDays);
    }

    /// <summary>True when a terms code means longer credit than another; a code that nobody listed does.</summary>
    private bool IsLonger(short terms, short than)
    {
        if (terms == than) return false;
        var rank = RankOf(book.Names.Get(terms));
        return rank == int.MaxValue || rank > RankOf(book.Names.Get(than));
    }

    private Outcome SetStatus(string orderId, OrderStatus status, long version)
    {
        var slot = book.FindOrder(Slot, orderId);
        if (slot == 0 || !book.Orders[slot].Placed)
        {
            var rare = book.RareFor(Slot);
            var mark = rare.EarlyMarks.Find(m => m.OrderId == orderId);
            if (mark is not null && mark.Version >= version) return Outcome.Superseded;
            if (mark is null) Few.Add(ref rare.EarlyMarks, mark = new EarlyMark { OrderId = orderId });
            (mark.Status, mark.Version) = (status, version);
            return Outcome.Applied;
        }

        ref var order = ref book.Orders[slot];
        if (version <= order.StatusVersion) return Outcome.Superseded;
        book.CountOrder(slot, -1, Context);
        (order.Status, order.StatusVersion) = (status, version);
        book.CountOrder(slot, +1, Context);
        EndHold(slot, status.ToString());
        return Outcome.Applied;
    }

    private Outcome Deliver(DeliveryPosted f)
    {
        var slot = book.FindDelivery(Slot, f.DeliveryId);
        if (slot != 0 && book.Deliveries[slot].Posted) return Graded(book.Deliveries[slot].Content, f.DeliveryId);
        if (slot != 0 && book.Deliveries[slot].Currency != f.Currency)
            return CurrencyDiffers(f.DeliveryId, book.Deliveries[slot].Currency, f.Currency);
        var order = f.OrderId.Length == 0 ? 0 : book.FindOrder(Slot, f.OrderId);
        if (order != 0 && book.Orders[order].Currency != f.Currency) return CurrencyDiffers(f.OrderId, book.Orders[order].Currency, f.Currency);
        if (Refuses(f.Amount, out var refusal)) return refusal;

        Weigh(f.Amount);
        if (slot == 0) slot = book.OpenDelivery(Slot, f.DeliveryId, f.Currency);
        if (f.OrderId.Length > 0 && order == 0) order = book.OpenOrder(Slot, f.OrderId, f.Currency);
        var wasHeld = order != 0 && Book.IsHeld(book.Orders[order]);
        if (order != 0) book.CountOrder(order, -1, Context);
        ref var delivery = ref book.Deliveries[slot];
        book.CountDelivery(slot, -1);
        (delivery.Posted, delivery.Content, delivery.Amount, delivery.ShippedOn, delivery.Order) = (true, Content, f.Amount, f.ShippedOn, order);
        delivery.LateAtDelivery = LatestOn(f.ShippedOn);
        book.CountDelivery(slot, +1);
        if (order == 0) return Outcome.Applied;
        if (f.Final && f.Time > book.Orders[order].FinalAt) book.Orders[order].FinalAt = f.Time;
        book.CountOrder(order, +1, Context);
        Overtake(order, wasHeld);
        return Outcome.Applied;
    }

    /// <summary>Longest delay of the buyer's items on a day: beyond the extension period an insurer covers no new goods.</summary>
    private int LatestOn(int day)
    {
        var latest = 0;
        var tree = new ItemTree(book.Items, book.Texts);
        for (var ledger = Account.Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
        {
            ref var record = ref book.Ledgers[ledger];
            if (record.Root != 0 && record.FirstDue < day && tree.OldestDue(record.Root, 0, 1) is { } due) latest = Math.Max(latest, day - due);
        }

        return latest;
    }

    private Outcome Reverse(DeliveryReversed f)
    {
        var slot = book.FindDelivery(Slot, f.DeliveryId);
        if (slot == 0 || !book.Deliveries[slot].Posted) return Park(DocumentKind.Delivery, f.DeliveryId);
        var known = book.FindMovement(Slot, MovementKind.Reversal, f.ReversalId);
        if (known != 0) return Graded(book.Movements[known].Content, f.ReversalId);
        if (book.Deliveries[slot].Currency != f.Currency) return CurrencyDiffers(f.DeliveryId, book.Deliveries[slot].Currency, f.Currency);
        if (Refuses(f.Amount, out var refusal)) return refusal;

        Weigh(f.Amount);
        book.OpenMovement(Slot, MovementKind.Reversal, f.ReversalId, Content);
        var order = book.Deliveries[slot].Order;
        var before = order == 0 ? 0 : book.Undelivered(book.Orders[order]);
        if (order != 0) book.CountOrder(order, -1, Context);
        book.CountDelivery(slot, -1);
        book.Deliveries[slot].Reversed += f.Amount;
        book.CountDelivery(slot, +1);
        if (order == 0) return Outcome.Applied;
        if (f.Time > book.Orders[order].ReopenedAt) book.Orders[order].ReopenedAt = f.Time;
        book.CountOrder(order, +1, Context);
        if (book.Undelivered(book.Orders[order]) > before && book.Orders[order].State == OrderState.Accepted) CheckOrder(order, "", isNew: false);
        return Outcome.Applied;
    }

    private Outcome TakeBack(ReturnReceived f)
    {
        var slot = book.FindDelivery(Slot, f.DeliveryId);
        if (slot == 0 || !book.Deliveries[slot].Posted) return Park(DocumentKind.Delivery, f.DeliveryId);
        var known = book.FindMovement(Slot, MovementKind.Return, f.ReturnId);
        if (known != 0) return Graded(book.Movements[known].Content, f.ReturnId);
        if (book.Deliveries[slot].Currency != f.Currency) return CurrencyDiffers(f.DeliveryId, book.Deliveries[slot].Currency, f.Currency);
        if (Refuses(f.Amount, out var refusal)) return refusal;

        Weigh(f.Amount);
        book.OpenMovement(Slot, MovementKind.Return, f.ReturnId, Content);
        if (f.InvoiceId.Length > 0) return Outcome.Applied;
        ChangeDelivery(slot, returned: f.Amount, handed: 0);
        return Outcome.Applied;
    }

    /// <summary>Changes what a delivery gave away, with its order taken out meanwhile.</summary>
    private void ChangeDelivery(int slot, long returned, long handed)
    {
        var order = book.Deliveries[slot].Order;
        if (order != 0) book.CountOrder(order, -1, Context);
        book.CountDelivery(slot, -1);
        book.Deliveries[slot].Returned += returned;
        book.Deliveries[slot].Handed += handed;
        book.CountDelivery(slot, +1);
        if (order != 0) book.CountOrder(order, +1, Context);
    }

    private void TakeTerms(int slot, OrderTermsFact f, long version)
    {
        ref var order = ref book.Orders[slot];
        (order.Ordered, order.ShipOn, order.PromisedOn, order.TermsVersion) = (f.Amount, f.ShipOn, f.PromisedOn, version);
        order.Priority = (byte)(f.Priority == 0 ? 5 : f.Priority);
        (order.Terms, order.DiscountRank) = (book.Names.Of(f.Terms), (short)f.DiscountRank);
        var schedule = book.ScheduleOf(Slot, slot);
        if (f.Schedule.Count > 0)
        {
            if (schedule is null) Few.Add(ref book.RareFor(Slot).Schedules, schedule = new ScheduleState { Order = slot });
            schedule.Lines.Clear();
            foreach (var line in f.Schedule) schedule.Lines.Add((line.ShipOn, line.Amount));
            schedule.Lines.Sort();
        }
        else if (schedule is not null)
        {
            // A change without a schedule puts the difference on the last line, and takes from the end when it shrinks.
            var rest = f.Amount;
            foreach (var (_, amount) in schedule.Lines) rest -= amount;
            for (var i = schedule.Lines.Count - 1; i >= 0 && rest != 0; i--)
            {
                var line = schedule.Lines[i];
                var next = Math.Max(0, line.Amount + rest);
                rest -= next - line.Amount;
                schedule.Lines[i] = (line.ShipOn, next);
            }
        }
    }

    private static bool RefusesSchedule(OrderTermsFact f, out Outcome refusal)
    {
        refusal = default;
        if (f.Schedule.Count == 0) return false;
        Int128 sum = 0;
        foreach (var line in f.Schedule) sum += line.Amount;
        if (sum == f.Amount) return false;
        refusal = Outcome.Refused("BAD_SCHEDULE", $"The lines of the schedule add up to {sum}; the order says {f.Amount}.");
        return true;
    }

    private static Outcome CurrencyDiffers(string id, Currency known, Currency told) =>
        Outcome.Refused("CURRENCY_MISMATCH", $"'{id}' is in {known}, the fact says {told}.");
}
