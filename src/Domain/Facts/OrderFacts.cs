namespace ExposureMonitor.Domain;

/// <summary>One dated part of a call-off order.</summary>
public sealed class ScheduleLine : IDescribed
{
    public int ShipOn { get; set; }

    public long Amount { get; set; }

    public void Describe(FieldVisitor v)
    {
        ShipOn = v.Date(1, "shipOn", ShipOn);
        Amount = v.Amount(2, "amount", Amount);
    }
}

/// <summary>What the terms field of an order says: amount, dates, priority, terms, schedule.</summary>
public abstract class OrderTermsFact : Fact
{
    private protected OrderTermsFact()
    {
    }

    public string OrderId { get; set; } = "";

    /// <summary>Total with tax, minor units.</summary>
    public long Amount { get; set; }

    public Currency Currency { get; set; }

    public int ShipOn { get; set; }

    public int PromisedOn { get; set; }

    /// <summary>1 first, 9 last.</summary>
    public int Priority { get; set; } = 5;

    public string Terms { get; set; } = "";

    public IReadOnlyList<ScheduleLine> Schedule { get; set; } = [];

    public int DiscountRank { get; set; }

    public override string Document => OrderId;

    private protected void TermsBody(FieldVisitor v)
    {
        OrderId = v.Id(1, "orderId", OrderId);
        Amount = v.Amount(2, "amount", Amount);
        Currency = v.Currency(3, "currency", Currency);
        ShipOn = v.Date(4, "shipOn", ShipOn);
        PromisedOn = v.Date(5, "promisedOn", PromisedOn, optional: true);
        Priority = (int)v.Number(6, "priority", Priority, optional: true, least: 0, most: 9);
        Terms = v.Text(7, "terms", Terms, lengthMax: 32);
        Schedule = v.Items(8, "schedule", Schedule);
        DiscountRank = (int)v.Number(9, "discountRank", DiscountRank, optional: true, most: 1000);
    }
}

/// <summary><c>credit.order.placed.v1</c>: checked; raises O, or H when held.</summary>
public sealed class OrderPlaced : OrderTermsFact
{
    public int OrderedOn { get; set; }

    public long TaxAmount { get; set; }

    public long PrepaidAmount { get; set; }

    public int MarginBp { get; set; }

    public string ReservationId { get; set; } = "";

    public string BuyerId { get; set; } = "";

    public string Segment { get; set; } = "";

    public override int OwnDate => OrderedOn;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        TermsBody(v);
        OrderedOn = v.Date(10, "orderedOn", OrderedOn);
        TaxAmount = v.Amount(11, "taxAmount", TaxAmount, optional: true, floor: 0);
        PrepaidAmount = v.Amount(12, "prepaidAmount", PrepaidAmount, optional: true, floor: 0);
        MarginBp = (int)v.Number(13, "marginBp", MarginBp, optional: true, least: -1_000_000, most: 1_000_000);
        ReservationId = v.Id(14, "reservationId", ReservationId, optional: true);
        BuyerId = v.Id(15, "buyerId", BuyerId, optional: true);
        Segment = v.Text(16, "segment", Segment, lengthMax: 64);
    }
}

/// <summary><c>credit.order.changed.v1</c>: a new total, dates or terms.</summary>
public sealed class OrderChanged : OrderTermsFact
{
    public long Version { get; set; }

    public string Reason { get; set; } = "";

    private protected override void Body(FieldVisitor v)
    {
        TermsBody(v);
        Version = v.Number(10, "version", Version, least: 1);
        Reason = v.Text(11, "reason", Reason);
    }
}

/// <summary><c>credit.order.reopened.v1</c>: open again, and checked again.</summary>
public sealed class OrderReopened : OrderTermsFact
{
    public long Version { get; set; }

    private protected override void Body(FieldVisitor v)
    {
        TermsBody(v);
        Version = v.Number(10, "version", Version, least: 1);
    }
}

/// <summary><c>credit.order.cancelled.v1</c>: the undelivered rest goes out.</summary>
public sealed class OrderCancelled : Fact
{
    public string OrderId { get; set; } = "";

    public long Version { get; set; }

    public string Reason { get; set; } = "";

    public override string Document => OrderId;

    private protected override void Body(FieldVisitor v)
    {
        OrderId = v.Id(1, "orderId", OrderId);
        Version = v.Number(2, "version", Version, least: 1);
        Reason = v.Text(3, "reason", Reason);
    }
}

/// <summary><c>credit.order.closed.v1</c>: nothing more will be delivered.</summary>
public sealed class OrderClosed : Fact
{
    public string OrderId { get; set; } = "";

    public long Version { get; set; }

    public string Reason { get; set; } = "";

    public override string Document => OrderId;

    private protected override void Body(FieldVisitor v)
    {
        OrderId = v.Id(1, "orderId", OrderId);
        Version = v.Number(2, "version", Version, least: 1);
        Reason = v.Text(3, "reason", Reason);
    }
}

/// <summary><c>credit.order.hold-acknowledged.v1</c>: the order system heard of the hold.</summary>
public sealed class HoldAcknowledged : Fact
{
    public string OrderId { get; set; } = "";

    public string HoldId { get; set; } = "";

    public string AcknowledgedBy { get; set; } = "";

    public override string Document => OrderId;

    private protected override void Body(FieldVisitor v)
    {
        OrderId = v.Id(1, "orderId", OrderId);
        HoldId = v.Id(2, "holdId", HoldId);
        AcknowledgedBy = v.Text(3, "acknowledgedBy", AcknowledgedBy, lengthMax: 128);
    }
}

/// <summary><c>credit.order.payer-changed.v1</c>: somebody else will owe the undelivered rest.</summary>
public sealed class OrderPayerChanged : Fact
{
    public string OrderId { get; set; } = "";

    public long Version { get; set; }

    public string NewPayer { get; set; } = "";

    public override string Document => OrderId;

    private protected override void Body(FieldVisitor v)
    {
        OrderId = v.Id(1, "orderId", OrderId);
        Version = v.Number(2, "version", Version, least: 1);
        NewPayer = v.Id(3, "newPayer", NewPayer);
    }
}

/// <summary><c>credit.delivery.posted.v1</c>: goods left; O moves to D.</summary>
public sealed class DeliveryPosted : Fact
{
    public string DeliveryId { get; set; } = "";

    public string OrderId { get; set; } = "";

    public long Amount { get; set; }

    public Currency Currency { get; set; }

    public int ShippedOn { get; set; }

    /// <summary>The order gets no further delivery.</summary>
    public bool Final { get; set; }

    public override string Document => DeliveryId;

    public override int OwnDate => ShippedOn;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        DeliveryId = v.Id(1, "deliveryId", DeliveryId);
        OrderId = v.Id(2, "orderId", OrderId, optional: true);
        Amount = v.Amount(3, "amount", Amount);
        Currency = v.Currency(4, "currency", Currency);
        ShippedOn = v.Date(5, "shippedOn", ShippedOn);
        Final = v.Flag(6, "final", Final);
    }
}

/// <summary><c>credit.delivery.reversed.v1</c>: the posting was wrong; D moves back to O.</summary>
public sealed class DeliveryReversed : Fact
{
    public string ReversalId { get; set; } = "";

    public string DeliveryId { get; set; } = "";

    public long Amount { get; set; }

    public Currency Currency { get; set; }

    public string Reason { get; set; } = "";

    public override string Document => ReversalId;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        ReversalId = v.Id(1, "reversalId", ReversalId);
        DeliveryId = v.Id(2, "deliveryId", DeliveryId);
        Amount = v.Amount(3, "amount", Amount);
        Currency = v.Currency(4, "currency", Currency);
        Reason = v.Text(5, "reason", Reason);
    }
}

/// <summary><c>credit.return.received.v1</c>: goods came back; D falls unless they were invoiced.</summary>
public sealed class ReturnReceived : Fact
{
    public string ReturnId { get; set; } = "";

    public string DeliveryId { get; set; } = "";

    public string InvoiceId { get; set; } = "";

    public long Amount { get; set; }

    public Currency Currency { get; set; }

    public int ReceivedOn { get; set; }

    public override string Document => ReturnId;

    public override int OwnDate => ReceivedOn;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        ReturnId = v.Id(1, "returnId", ReturnId);
        DeliveryId = v.Id(2, "deliveryId", DeliveryId);
        InvoiceId = v.Id(3, "invoiceId", InvoiceId, optional: true);
        Amount = v.Amount(4, "amount", Amount);
        Currency = v.Currency(5, "currency", Currency);
        ReceivedOn = v.Date(6, "receivedOn", ReceivedOn);
    }
}
