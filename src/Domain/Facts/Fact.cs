namespace ExposureMonitor.Domain;

/// <summary>
/// Something that happened, or that somebody commands. The only input that changes an account. Closed: every kind
/// stands in <see cref="FactCatalogue"/>.
/// </summary>
public abstract class Fact : IDescribed
{
    private protected Fact()
    {
    }

    /// <summary>The customer whose account it changes; "" for facts of a whole partition or of the house.</summary>
    public string Customer { get; set; } = "";

    /// <summary>The producer's id of the event; "" when there is none.</summary>
    public string EventId { get; set; } = "";

    /// <summary>The producer.</summary>
    public string Source { get; set; } = "";

    /// <summary>When it happened in the producer's system.</summary>
    public Instant Time { get; set; }

    /// <summary>When the shell took it in; never falls within a partition.</summary>
    public Instant Arrival { get; set; }

    /// <summary>Where it stood in its source.</summary>
    public SourcePosition Position { get; set; }

    /// <summary>
    /// The partition whose stream it came in, where the stream decides and not the customer (a record that cannot be read, or
    /// whose key is another customer's); <c>null</c>: the customer's. It only routes and is never stored.
    /// </summary>
    public int? Home { get; set; }

    /// <summary>
    /// What the shell found among the closed documents before the fact was applied: 0 when the document is not known
    /// there, else <c>1 &lt;&lt; 32</c> and the low 32 bits of its content hash. Part of the entry, so that a replay looks nothing up.
    /// </summary>
    public ulong KnownClosed { get; set; }

    /// <summary>Number of its kind, once it was asked for; see <see cref="FactCatalogue.NumberOf"/>.</summary>
    internal int Number;

    /// <summary>What <see cref="Foresight"/> found on its way: only hashes of the fact's own ids, and no part of it.</summary>
    internal (ulong Identity, uint Customer, int Slot) Foreseen;

    /// <summary>The seller's legal entity.</summary>
    public string Company { get; set; } = "";

    /// <summary>A remark.</summary>
    public string Note { get; set; } = "";

    /// <summary>The document that the fact is about, for listings; "" when it speaks of the customer.</summary>
    public virtual string Document => "";

    /// <summary>The own date of the document (day number), or 0 when it has none.</summary>
    public virtual int OwnDate => 0;

    /// <summary>True when the fact creates the document whose id it carries.</summary>
    public virtual bool Creates => false;

    /// <inheritdoc/>
    public void Describe(FieldVisitor v)
    {
        Body(v);
        Company = v.Text(60, "company", Company, lengthMax: 64);
        Note = v.Text(61, "note", Note);
    }

    /// <summary>Shows the fields of <c>data</c>.</summary>
    private protected abstract void Body(FieldVisitor v);

    /// <summary>The 64-bit hash of the content: kind and canonical bytes, without the envelope.</summary>
    public ulong ContentHash(ByteBuffer scratch)
    {
        scratch.Clear();
        scratch.Varint((ulong)FactCatalogue.NumberOf(this));
        scratch.Fields.Write(this);
        return Hashing.XxHash64(scratch.Written);
    }
}

/// <summary>A fact that a person or a calling system commands; it carries who, and under which key.</summary>
public abstract class Command : Fact
{
    private protected Command()
    {
    }

    /// <summary>The subject who commands; a person's keys share one subject.</summary>
    public string Actor { get; set; } = "";

    /// <summary>The caller's idempotency key; "" for none.</summary>
    public string Key { get; set; } = "";

    /// <summary>Largest amount, in minor units of the base currency, that the actor may approve; −1 without ceiling.</summary>
    public long Authority { get; set; }

    private protected sealed override void Body(FieldVisitor v)
    {
        CommandBody(v);
        Actor = v.Text(56, "actor", Actor, lengthMax: 128);
        Key = v.Text(57, "key", Key, lengthMax: 200);
        Authority = v.Number(58, "authority", Authority, optional: true, least: -1);
    }

    private protected abstract void CommandBody(FieldVisitor v);
}
