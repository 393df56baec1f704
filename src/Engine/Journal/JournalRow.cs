using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>Tables with the rows that people and auditors look for. They share one shape.</summary>
public enum RowTable
{
    Decision,
    Hold,
    Signal,
    LimitChange,
    Audit,

    /// <summary>What the outside is told: those rows of the other tables that go out. Read only.</summary>
    Outbox,
    DeadLetter,
}

/// <summary>One row of a <see cref="RowTable"/>, keyed by its entry.</summary>
public sealed record JournalRow
{
    public required RowTable Table { get; init; }

    public required int Partition { get; init; }

    public required long Seq { get; init; }

    /// <summary>Index of the entry in its frame.</summary>
    public required int Index { get; init; }

    /// <summary>Number of the row among the rows of the entry, over all tables.</summary>
    public required int Ordinal { get; init; }

    /// <summary>Customer, or "" for rows of the partition or the house.</summary>
    public required string Customer { get; init; }

    /// <summary>Order, signal, limit, source position or actor that the row is about; "" when none.</summary>
    public required string Subject { get; init; }

    /// <summary>What happened, such as <c>credit.order.held.v1</c>, or the reason code of a dead letter.</summary>
    public required string Kind { get; init; }

    /// <summary>Stream time in microseconds since 1970; along a partition it never falls.</summary>
    public required long At { get; init; }

    /// <summary>Hash of (caller, customer, idempotency key) on decisions, else 0.</summary>
    public long Key { get; init; }

    /// <summary>The outside is told: the row stands in <see cref="RowTable.Outbox"/>, too.</summary>
    public bool GoesOut { get; init; }

    /// <summary>
    /// What happened: JSON (UTF-8), or in the tables that every order writes to the fields of the effect in binary, which
    /// take a fraction of the room and of the time. <see cref="Json"/> reads both.
    /// </summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>True for a table whose new rows have a binary body.</summary>
    public static bool IsBinary(RowTable table) => table is RowTable.Decision or RowTable.Hold;

    /// <summary>The row as JSON (UTF-8).</summary>
    /// <exception cref="InvalidDataException">The body is neither: damage, or a field of a later version.</exception>
    public ReadOnlyMemory<byte> Json()
    {
        return Effect() is { } effect ? Rows.JsonOf(effect, new EntryPosition(Partition, Seq, Index), Ordinal, new Instant(At)) : Body;
    }

    /// <summary>What happened, of a row with a binary body; <c>null</c> of one in JSON.</summary>
    /// <exception cref="InvalidDataException">The body is damaged, or has a field of a later version.</exception>
    public Effect? Effect()
    {
        // No field has the number 123, which is what a brace would be.
        if (Body.Span is [(byte)'{', ..]) return null;
        Effect effect = Kind switch
        {
            "credit.check.decided.v1" => new CheckDecided(),
            "credit.reservation.expired.v1" => new ReservationEnded(),
            _ => new HoldChanged(),
        };
        if (new BinaryFieldReader().Read(Body, effect) != Body.Length) throw new InvalidDataException($"The body of row {Partition}-{Seq}-{Index}-{Ordinal} has a tail.");
        effect.Customer = Customer;
        return effect;
    }
}
