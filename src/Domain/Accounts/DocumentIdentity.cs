namespace ExposureMonitor.Domain;

/// <summary>
/// The third net of identity: a document that has left the memory is known by a 64-bit hash of customer, kind and id,
/// and told from another content by 32 bits of its content hash.
/// </summary>
public static class DocumentIdentity
{
    /// <summary>Set in <see cref="Fact.KnownClosed"/> when the document was found.</summary>
    public const ulong Found = 1UL << 32;

    /// <summary>Hash of the document that a fact opens; 0 when it opens none that ever leaves the memory.</summary>
    public static ulong Of(Fact fact) => fact.Creates && KindOf(fact) is var kind and not 0 ? Of(fact.Customer, kind, fact.Document) : 0;

    /// <summary>What the machine is told of a document that was found with a content.</summary>
    public static ulong Known(uint content) => Found | content;

    internal static ulong Of(string customer, ClosedKind kind, string id) => Hashing.Text(id, Hashing.Text(customer, (ulong)kind));

    /// <summary>The namespace of the fact's document id.</summary>
    private static ClosedKind KindOf(Fact fact) => fact switch
    {
        OrderPlaced => ClosedKind.Order,
        DeliveryPosted => ClosedKind.Delivery,
        InvoiceBilled => ClosedKind.Billing,
        InvoicePosted or InterestCharged => ClosedKind.Item,
        PaymentReceived or CreditNoteIssued or AcceptanceReceived => ClosedKind.Source,
        PaymentAllocated or WriteOffPosted => ClosedKind.Allocation,
        DeliveryReversed => ClosedKind.Reversal,
        ReturnReceived => ClosedKind.Return,
        PaymentRefunded => ClosedKind.Refund,
        DisputeOpened => ClosedKind.Dispute,
        PromiseMade or PlanAgreed or DunningSent or StatementSent or ExternalSignalReceived => ClosedKind.Note,
        _ => 0,
    };
}

/// <summary>Namespaces of document ids. The numbers stand in stored hashes and never change.</summary>
internal enum ClosedKind : byte
{
    Order = 1, Delivery, Billing, Item, Source, Allocation, Reversal, Return, Refund, Dispute, Note,
}

/// <summary>A document left the memory: from here on its identity stands among the closed documents.</summary>
public sealed class DocumentClosed : Effect
{
    public override EffectTable Table => EffectTable.Closed;

    public override string Kind => "document.closed";

    public override bool GoesOut => false;

    /// <summary><see cref="DocumentIdentity.Of(Fact)"/> of the fact that opened it.</summary>
    public ulong IdHash { get; set; }

    /// <summary>Low 32 bits of the content hash of that fact.</summary>
    public uint Content32 { get; set; }

    /// <summary>The later of closing and own date (day number): the identity is kept 400 days from here.</summary>
    public int Day { get; set; }

    public override void Describe(FieldVisitor v)
    {
        IdHash = unchecked((ulong)v.Number(1, "idHash", unchecked((long)IdHash), least: long.MinValue));
        Content32 = (uint)v.Number(2, "content", Content32, most: uint.MaxValue);
        Day = v.Date(3, "day", Day);
    }
}
