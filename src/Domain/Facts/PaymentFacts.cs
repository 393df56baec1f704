namespace ExposureMonitor.Domain;

/// <summary><c>credit.credit-note.issued.v1</c>: a credit: U rises, allocated at once to the invoice it names.</summary>
public sealed class CreditNoteIssued : Fact
{
    public string CreditNoteId { get; set; } = "";

    public long Amount { get; set; }

    public Currency Currency { get; set; }

    public int IssuedOn { get; set; }

    public string InvoiceId { get; set; } = "";

    public string Reason { get; set; } = "";

    public override string Document => CreditNoteId;

    public override int OwnDate => IssuedOn;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        CreditNoteId = v.Id(1, "creditNoteId", CreditNoteId);
        Amount = v.Amount(2, "amount", Amount);
        Currency = v.Currency(3, "currency", Currency);
        IssuedOn = v.Date(4, "issuedOn", IssuedOn);
        InvoiceId = v.Id(5, "invoiceId", InvoiceId, optional: true);
        Reason = v.Text(6, "reason", Reason);
    }
}

/// <summary><c>credit.payment.received.v1</c>: money came: U rises, and P unless it is cleared.</summary>
public sealed class PaymentReceived : Fact
{
    public string PaymentId { get; set; } = "";

    public long Amount { get; set; }

    public Currency Currency { get; set; }

    public int ValueOn { get; set; }

    public PaymentMethod Method { get; set; }

    public bool Cleared { get; set; }

    public string PayerAccount { get; set; } = "";

    public string ThirdPartyPayer { get; set; } = "";

    public string OrderId { get; set; } = "";

    public override string Document => PaymentId;

    public override int OwnDate => ValueOn;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        PaymentId = v.Id(1, "paymentId", PaymentId);
        Amount = v.Amount(2, "amount", Amount);
        Currency = v.Currency(3, "currency", Currency);
        ValueOn = v.Date(4, "valueOn", ValueOn);
        Method = v.Choice(5, "method", Method, optional: true);
        Cleared = v.Flag(6, "cleared", Cleared);
        PayerAccount = v.Text(7, "payerAccount", PayerAccount, lengthMax: 64);
        ThirdPartyPayer = v.Text(8, "thirdPartyPayer", ThirdPartyPayer, lengthMax: 64);
        OrderId = v.Id(9, "orderId", OrderId, optional: true);
    }
}

/// <summary><c>credit.payment.cleared.v1</c>: the money is safe: P falls.</summary>
public sealed class PaymentCleared : Fact
{
    public string PaymentId { get; set; } = "";

    public int ClearedOn { get; set; }

    public override string Document => PaymentId;

    private protected override void Body(FieldVisitor v)
    {
        PaymentId = v.Id(1, "paymentId", PaymentId);
        ClearedOn = v.Date(2, "clearedOn", ClearedOn);
    }
}

/// <summary><c>credit.payment.allocated.v1</c>: a payment, credit note or acceptance is matched to items.</summary>
public sealed class PaymentAllocated : Fact
{
    public string AllocationId { get; set; } = "";

    public string FromId { get; set; } = "";

    public int AllocatedOn { get; set; }

    public IReadOnlyList<AllocationItem> Items { get; set; } = [];

    public override string Document => AllocationId;

    public override int OwnDate => AllocatedOn;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        AllocationId = v.Id(1, "allocationId", AllocationId);
        FromId = v.Id(2, "fromId", FromId);
        AllocatedOn = v.Date(3, "allocatedOn", AllocatedOn);
        Items = v.Items(4, "items", Items, optional: false);
    }
}

/// <summary><c>credit.payment.deallocated.v1</c>: the matching is undone.</summary>
public sealed class PaymentDeallocated : Fact
{
    public string AllocationId { get; set; } = "";

    public string Reason { get; set; } = "";

    public override string Document => AllocationId;

    private protected override void Body(FieldVisitor v)
    {
        AllocationId = v.Id(1, "allocationId", AllocationId);
        Reason = v.Text(2, "reason", Reason);
    }
}

/// <summary><c>credit.payment.returned.v1</c>: the payment bounced: final, both legs are undone.</summary>
public sealed class PaymentReturned : Fact
{
    public string PaymentId { get; set; } = "";

    public int ReturnedOn { get; set; }

    public string Reason { get; set; } = "";

    public override string Document => PaymentId;

    private protected override void Body(FieldVisitor v)
    {
        PaymentId = v.Id(1, "paymentId", PaymentId);
        ReturnedOn = v.Date(2, "returnedOn", ReturnedOn);
        Reason = v.Text(3, "reason", Reason);
    }
}

/// <summary><c>credit.payment.refunded.v1</c>: money goes back: U falls.</summary>
public sealed class PaymentRefunded : Fact
{
    public string RefundId { get; set; } = "";

    public string FromId { get; set; } = "";

    public long Amount { get; set; }

    public Currency Currency { get; set; }

    public override string Document => RefundId;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        RefundId = v.Id(1, "refundId", RefundId);
        FromId = v.Id(2, "fromId", FromId);
        Amount = v.Amount(3, "amount", Amount);
        Currency = v.Currency(4, "currency", Currency);
    }
}

/// <summary><c>credit.acceptance.received.v1</c>: a bill of exchange or note is taken in payment.</summary>
public sealed class AcceptanceReceived : Fact
{
    public string AcceptanceId { get; set; } = "";

    public long Amount { get; set; }

    public Currency Currency { get; set; }

    public AcceptanceKind Kind { get; set; }

    public string Drawee { get; set; } = "";

    public int ReceivedOn { get; set; }

    public int MaturesOn { get; set; }

    public override string Document => AcceptanceId;

    public override int OwnDate => ReceivedOn;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        AcceptanceId = v.Id(1, "acceptanceId", AcceptanceId);
        Amount = v.Amount(2, "amount", Amount);
        Currency = v.Currency(3, "currency", Currency);
        Kind = v.Choice(4, "kind", Kind);
        Drawee = v.Text(5, "drawee", Drawee);
        ReceivedOn = v.Date(6, "receivedOn", ReceivedOn);
        MaturesOn = v.Date(7, "maturesOn", MaturesOn);
    }
}

/// <summary><c>credit.acceptance.transferred.v1</c>: passed on: N falls when there is no recourse.</summary>
public sealed class AcceptanceTransferred : Fact
{
    public string AcceptanceId { get; set; } = "";

    public TransferHow How { get; set; }

    public bool Recourse { get; set; }

    public override string Document => AcceptanceId;

    private protected override void Body(FieldVisitor v)
    {
        AcceptanceId = v.Id(1, "acceptanceId", AcceptanceId);
        How = v.Choice(2, "how", How);
        Recourse = v.Flag(3, "recourse", Recourse);
    }
}

/// <summary><c>credit.acceptance.honoured.v1</c>: paid at maturity: N falls.</summary>
public sealed class AcceptanceHonoured : Fact
{
    public string AcceptanceId { get; set; } = "";

    public int PaidOn { get; set; }

    public override string Document => AcceptanceId;

    private protected override void Body(FieldVisitor v)
    {
        AcceptanceId = v.Id(1, "acceptanceId", AcceptanceId);
        PaidOn = v.Date(2, "paidOn", PaidOn);
    }
}

/// <summary><c>credit.acceptance.dishonoured.v1</c>: not paid: N falls, the items stand open again.</summary>
public sealed class AcceptanceDishonoured : Fact
{
    public string AcceptanceId { get; set; } = "";

    public int On { get; set; }

    public string Reason { get; set; } = "";

    public override string Document => AcceptanceId;

    private protected override void Body(FieldVisitor v)
    {
        AcceptanceId = v.Id(1, "acceptanceId", AcceptanceId);
        On = v.Date(2, "on", On);
        Reason = v.Text(3, "reason", Reason);
    }
}

/// <summary><c>credit.write-off.posted.v1</c>: given up as lost: R goes out.</summary>
public sealed class WriteOffPosted : Fact
{
    public string WriteOffId { get; set; } = "";

    public IReadOnlyList<WriteOffItem> Items { get; set; } = [];

    public WriteOffReason Reason { get; set; }

    public override string Document => WriteOffId;

    public override bool Creates => true;

    private protected override void Body(FieldVisitor v)
    {
        WriteOffId = v.Id(1, "writeOffId", WriteOffId);
        Items = v.Items(2, "items", Items, optional: false);
        Reason = v.Choice(3, "reason", Reason, optional: true);
    }
}

/// <summary><c>credit.write-off.reversed.v1</c>: the write-off is taken back.</summary>
public sealed class WriteOffReversed : Fact
{
    public string WriteOffId { get; set; } = "";

    public IReadOnlyList<WriteOffItem> Items { get; set; } = [];

    public WriteOffReason Reason { get; set; }

    public override string Document => WriteOffId;

    private protected override void Body(FieldVisitor v)
    {
        WriteOffId = v.Id(1, "writeOffId", WriteOffId);
        Items = v.Items(2, "items", Items);
        Reason = v.Choice(3, "reason", Reason, optional: true);
    }
}

/// <summary>One item of an allocation; amounts in the item's currency, <see cref="FromAmount"/> in the source's.</summary>
public sealed class AllocationItem : IDescribed
{
    public string ItemId { get; set; } = "";

    public long Amount { get; set; }

    /// <summary>0: the same as <see cref="Amount"/>, in one currency.</summary>
    public long FromAmount { get; set; }

    public long DiscountTaken { get; set; }

    public void Describe(FieldVisitor v)
    {
        ItemId = v.Id(1, "itemId", ItemId);
        Amount = v.Amount(2, "amount", Amount);
        FromAmount = v.Amount(3, "fromAmount", FromAmount, optional: true);
        DiscountTaken = v.Amount(4, "discountTaken", DiscountTaken, optional: true, floor: 0);
    }
}

/// <summary>One item of a write-off.</summary>
public sealed class WriteOffItem : IDescribed
{
    public string ItemId { get; set; } = "";

    public long Amount { get; set; }

    public void Describe(FieldVisitor v)
    {
        ItemId = v.Id(1, "itemId", ItemId);
        Amount = v.Amount(2, "amount", Amount);
    }
}

/// <summary>How money came.</summary>
public enum PaymentMethod : byte
{
    None, Transfer, DirectDebit, Cheque, Card, Cash,
}

/// <summary>Kind of a bill or note.</summary>
public enum AcceptanceKind : byte
{
    None, BankAcceptance, CommercialAcceptance, PromissoryNote, PostDatedCheque,
}

/// <summary>How an acceptance was passed on.</summary>
public enum TransferHow : byte
{
    None, Endorsed, Discounted, Collected,
}

/// <summary>Why a receivable was given up.</summary>
public enum WriteOffReason : byte
{
    None, BadDebt, Settlement, Rounding,
}
