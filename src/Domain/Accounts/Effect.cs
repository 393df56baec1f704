namespace ExposureMonitor.Domain;

/// <summary>What an applied fact means for the outside: a value that leaves the process after the commit only.</summary>
public abstract class Effect : IDescribed
{
    private protected Effect()
    {
    }

    /// <summary>The customer whose account it comes from.</summary>
    public string Customer { get; set; } = "";

    /// <summary>Where the effect is kept; some also go to the outbox.</summary>
    public abstract EffectTable Table { get; }

    /// <summary>Type on the wire, such as <c>credit.order.held.v1</c>, or the reason code of a dead letter.</summary>
    public abstract string Kind { get; }

    /// <summary>Order, signal, limit or position that it is about.</summary>
    public virtual string Subject => "";

    /// <summary>True when the outside is told: one outbox row.</summary>
    public virtual bool GoesOut => true;

    /// <inheritdoc/>
    public abstract void Describe(FieldVisitor v);
}

/// <summary>Tables of effects; <see cref="Message"/>, <see cref="Party"/> and <see cref="Closed"/> have shapes of their own.</summary>
public enum EffectTable : byte
{
    Decision,
    Hold,
    Signal,
    LimitChange,
    Audit,
    DeadLetter,
    Message,
    Party,
    Closed,
}

/// <summary>Collects the effects of one entry, in order; cleared and used again by the loop.</summary>
public sealed class EffectBuffer
{
    private readonly List<Effect> _effects = [];

    /// <summary>The effects, in the order in which they came about.</summary>
    public IReadOnlyList<Effect> Effects => _effects;

    public void Add(Effect effect) => _effects.Add(effect);

    public void Clear() => _effects.Clear();
}
