namespace ExposureMonitor.Domain;

/// <summary><c>credit.invoice.billed.v1</c>: an invoice that is not in the books yet; D or O moves to B.</summary>
public sealed class InvoiceBilled : Fact
{
    public string InvoiceId { get; set; } = "";

    public long Amount { get; set; }

    public Currency Currency { get; set; }

    public IReadOnlyList<InvoiceLink> Links { get; set; } = [];

    public override string Document => InvoiceId;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        InvoiceId = v.Id(1, "invoiceId", InvoiceId);
        Amount = v.Amount(2, "amount", Amount);
        Currency = v.Currency(3, "currency", Currency);
        Links = v.Items(4, "links", Links);
    }
}

/// <summary><c>credit.invoice.posted.v1</c>: an invoice in the books; B, D or O moves to R.</summary>
public sealed class InvoicePosted : Fact
{
    public string InvoiceId { get; set; } = "";

    public long Amount { get; set; }

    public Currency Currency { get; set; }

    public int IssuedOn { get; set; }

    public int DueOn { get; set; }

    public string Terms { get; set; } = "";

    public int DiscountOn { get; set; }

    public int DiscountBp { get; set; }

    public IReadOnlyList<InvoiceLink> Links { get; set; } = [];

    public override string Document => InvoiceId;

    public override int OwnDate => IssuedOn;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        InvoiceId = v.Id(1, "invoiceId", InvoiceId);
        Amount = v.Amount(2, "amount", Amount);
        Currency = v.Currency(3, "currency", Currency);
        IssuedOn = v.Date(4, "issuedOn", IssuedOn);
        DueOn = v.Date(5, "dueOn", DueOn);
        Terms = v.Text(6, "terms", Terms, lengthMax: 32);
        DiscountOn = v.Date(7, "discountOn", DiscountOn, optional: true);
        DiscountBp = (int)v.Number(8, "discountBp", DiscountBp, optional: true, most: 1_000_000);
        Links = v.Items(9, "links", Links);
    }
}

/// <summary><c>credit.invoice.cancelled.v1</c>: the invoice is void; R moves back to D, or out.</summary>
public sealed class InvoiceCancelled : Fact
{
    public string InvoiceId { get; set; } = "";

    public Restores Restores { get; set; }

    public string Reason { get; set; } = "";

    public override string Document => InvoiceId;

    private protected override void Body(FieldVisitor v)
    {
        InvoiceId = v.Id(1, "invoiceId", InvoiceId);
        Restores = v.Choice(2, "restores", Restores);
        Reason = v.Text(3, "reason", Reason);
    }
}

/// <summary><c>credit.invoice.due-date-changed.v1</c>: another due date: an extension or a correction.</summary>
public sealed class InvoiceDueDateChanged : Fact
{
    public string InvoiceId { get; set; } = "";

    public int DueOn { get; set; }

    public DueDateKind Kind { get; set; }

    public override string Document => InvoiceId;

    private protected override void Body(FieldVisitor v)
    {
        InvoiceId = v.Id(1, "invoiceId", InvoiceId);
        DueOn = v.Date(2, "dueOn", DueOn);
        Kind = v.Choice(3, "kind", Kind);
    }
}

/// <summary><c>credit.interest.charged.v1</c>: late interest or a fee: R rises.</summary>
public sealed class InterestCharged : Fact
{
    public string InterestId { get; set; } = "";

    public string ItemId { get; set; } = "";

    public long Amount { get; set; }

    public Currency Currency { get; set; }

    public int DueOn { get; set; }

    public override string Document => InterestId;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        InterestId = v.Id(1, "interestId", InterestId);
        ItemId = v.Id(2, "itemId", ItemId, optional: true);
        Amount = v.Amount(3, "amount", Amount);
        Currency = v.Currency(4, "currency", Currency);
        DueOn = v.Date(5, "dueOn", DueOn);
    }
}

/// <summary>What an invoice takes over: a delivery or an order, and how much of it.</summary>
public sealed class InvoiceLink : IDescribed
{
    public string DeliveryId { get; set; } = "";

    public string OrderId { get; set; } = "";

    public long Amount { get; set; }

    public void Describe(FieldVisitor v)
    {
        DeliveryId = v.Id(1, "deliveryId", DeliveryId, optional: true);
        OrderId = v.Id(2, "orderId", OrderId, optional: true);
        Amount = v.Amount(3, "amount", Amount);
    }
}

/// <summary>Where the value of a cancelled invoice goes.</summary>
public enum Restores : byte
{
    None, Delivery, Nothing,
}

/// <summary>Why a due date changed.</summary>
public enum DueDateKind : byte
{
    None, Extension, Correction,
}
