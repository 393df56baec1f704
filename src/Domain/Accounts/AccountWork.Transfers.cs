namespace ExposureMonitor.Domain;

/// <summary>
/// Orders that change their payer (credit.md 4.2). The undelivered rest goes as a message, is checked at the new payer
/// as placed, and stays counted at the old one until the receipt: for a moment twice, never not at all. Documents of
/// earlier deliveries stay; later facts that name the order follow it.
/// </summary>
internal sealed partial class AccountWork
{
    private Outcome ChangePayer(OrderPayerChanged f)
    {
        var slot = book.FindOrder(Slot, f.OrderId);
        if (slot == 0 || !book.Orders[slot].Placed) return Park(DocumentKind.Order, f.OrderId);
        var moved = MovedOf(slot);
        if (f.Version <= (moved?.Version ?? 0)) return Outcome.Superseded;
        if (!Ids.IsValid(f.NewPayer)) return Outcome.Refused("NO_CUSTOMER", "The fact names no new payer.");

        if (moved is null) Few.Add(ref book.RareFor(Slot).Moved, moved = new MovedState { Order = slot });
        moved.Version = f.Version;
        var self = book.CustomerAt(Slot);
        if (f.NewPayer == self) return Outcome.Applied;
        ref var order = ref book.Orders[slot];
        moved.Payer = f.NewPayer;
        moved.Own = order.Delivered + order.InvoicedDirectly;
        Send(f.NewPayer, new OrderTransferred
        {
            OrderId = f.OrderId, FromPayer = self, Version = f.Version, Amount = order.Ordered, Currency = order.Currency, ShipOn = order.ShipOn,
            PromisedOn = order.PromisedOn, Priority = order.Priority, Terms = book.Names.Get(order.Terms), DiscountRank = order.DiscountRank,
            Schedule = [.. (book.ScheduleOf(Slot, slot)?.Lines ?? []).Select(l => new ScheduleLine { ShipOn = l.ShipOn, Amount = l.Amount })],
            TermsVersion = order.TermsVersion, Status = order.Status, StatusVersion = order.StatusVersion, HandedOver = order.Elsewhere + moved.Own,
            OrderedOn = order.OrderedOn, FinalAt = order.FinalAt, ReopenedAt = order.ReopenedAt,
        });
        return Outcome.Applied;
    }

    private Outcome TakeOver(OrderTransferred f)
    {
        var slot = book.FindOrder(Slot, f.OrderId);
        var moved = slot == 0 ? null : MovedOf(slot);
        Outcome refusal = default;
        if (slot != 0 && book.Orders[slot].Currency != f.Currency) refusal = CurrencyDiffers(f.OrderId, book.Orders[slot].Currency, f.Currency);
        else if (slot != 0 && book.Orders[slot].Placed && moved is not { Payer.Length: > 0 })
            refusal = Outcome.Conflict($"Order '{f.OrderId}' stands here already.");
        else if (!Refuses(f.Amount, out refusal)) refusal = default;
        Send(f.FromPayer, new OrderTransferAnswered { OrderId = f.OrderId, Version = f.Version, Taken = refusal.Kind == default });
        if (refusal.Kind != default) return refusal;

        Weigh(f.Amount);
        if (slot == 0) slot = book.OpenOrder(Slot, f.OrderId, f.Currency);
        if (moved is null) Few.Add(ref book.RareFor(Slot).Moved, moved = new MovedState { Order = slot });
        book.CountOrder(slot, -1, Context);
        ref var order = ref book.Orders[slot];
        (order.Placed, order.Content, order.State, order.OrderedOn) = (true, Content, OrderState.Accepted, f.OrderedOn);
        order.PlacedAt = order.AcceptedAt = Now;
        (order.Status, order.StatusVersion) = (f.Status, f.StatusVersion);
        // What it delivered itself before it gave the order away is known here already.
        order.Elsewhere = Math.Max(0, f.HandedOver - moved.Own);
        if (f.FinalAt > order.FinalAt) order.FinalAt = f.FinalAt;
        if (f.ReopenedAt > order.ReopenedAt) order.ReopenedAt = f.ReopenedAt;
        TakeTerms(slot, f, f.TermsVersion);
        (moved.Payer, moved.Version, moved.Own) = ("", f.Version, 0);
        book.CountOrder(slot, +1, Context);
        if (book.Undelivered(order) > 0) CheckOrder(slot, "", isNew: true);
        return Outcome.Applied;
    }

    private Outcome EndTransfer(OrderTransferAnswered f)
    {
        var slot = book.FindOrder(Slot, f.OrderId);
        var moved = slot == 0 ? null : MovedOf(slot);
        if (moved is not { Payer.Length: > 0 } || moved.Version != f.Version) return Outcome.Superseded;
        if (!f.Taken)
        {
            // It stays here after all; what it became meanwhile (a day inside the horizon) was not judged.
            moved.Payer = "";
            if (book.Orders[slot].State == OrderState.Accepted && book.Undelivered(book.Orders[slot]) > 0) CheckOrder(slot, "", isNew: false);
            return Outcome.Applied;
        }

        book.CountOrder(slot, -1, Context);
        book.Orders[slot].Status = OrderStatus.Transferred;
        book.CountOrder(slot, +1, Context);
        EndHold(slot, nameof(OrderStatus.Transferred));
        if (ReservationOf(f.OrderId) is { } reservation) EndReservation(reservation, "the order has another payer");
        return Outcome.Applied;
    }

    /// <summary>A fact that names an order which has left goes after it.</summary>
    private bool Follows(Fact fact)
    {
        if (book.RareOf(Slot) is not { Moved.Count: > 0 } rare) return false;
        var orderId = fact switch
        {
            OrderChanged f => f.OrderId,
            OrderReopened f => f.OrderId,
            OrderCancelled f => f.OrderId,
            OrderClosed f => f.OrderId,
            OrderPayerChanged f => f.OrderId,
            DeliveryPosted f when book.FindDelivery(Slot, f.DeliveryId) == 0 => f.OrderId,
            _ => "",
        };
        var slot = orderId.Length == 0 ? 0 : book.FindOrder(Slot, orderId);
        if (slot == 0 || MovedOf(slot) is not { Payer.Length: > 0 } moved) return false;
        if (fact is OrderPayerChanged again && again.Version <= moved.Version) return false;
        Send(moved.Payer, fact);
        return true;
    }

    private MovedState? MovedOf(int order)
    {
        if (book.RareOf(Slot) is not { Moved.Count: > 0 } rare) return null;
        foreach (var moved in rare.Moved)
            if (moved.Order == order) return moved;
        return null;
    }

    /// <summary>True while an order waits for the receipt of its new payer; nobody releases it meanwhile.</summary>
    private bool IsLeaving(int order) => MovedOf(order) is { Payer.Length: > 0 };

    /// <summary>Tells another account; numbered per pair of partitions.</summary>
    private void Send(string customer, Fact fact)
    {
        SendTo(Ids.PartitionOf(customer, book.Partitions), customer, fact);
    }

    private void SendTo(int to, string customer, Fact fact)
    {
        var number = book.Sent[to] = book.Sent.GetValueOrDefault(to) + 1;
        Say(new MessageSent { To = customer, Receiver = to, Number = number, Fact = fact, Content = unchecked((long)fact.ContentHash(book.Scratch)) });
    }
}
