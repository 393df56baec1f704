using System.Globalization;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>Place of a row in what goes out of its partition. The smallest place that a row can have is (1, 0, 0).</summary>
/// <param name="Seq">Sequence of the frame.</param>
/// <param name="Index">Index of the entry in its frame.</param>
/// <param name="Ordinal">Number of the row among those of the entry.</param>
public readonly record struct OutboxPlace(long Seq, int Index, int Ordinal) : IComparable<OutboxPlace>
{
    /// <summary>Behind all rows of a frame.</summary>
    public static OutboxPlace EndOf(long seq) => new(seq, int.MaxValue, int.MaxValue);

    /// <summary>Earlier rows sort first.</summary>
    public int CompareTo(OutboxPlace other) => (Seq, Index, Ordinal).CompareTo((other.Seq, other.Index, other.Ordinal));

    public static bool operator <(OutboxPlace left, OutboxPlace right) => left.CompareTo(right) < 0;

    public static bool operator >(OutboxPlace left, OutboxPlace right) => left.CompareTo(right) > 0;

    public static bool operator <=(OutboxPlace left, OutboxPlace right) => left.CompareTo(right) <= 0;

    public static bool operator >=(OutboxPlace left, OutboxPlace right) => left.CompareTo(right) >= 0;
}

/// <summary>One thing that the outside is told: a decision, a step of a hold, a signal, a limit, or a dead letter.</summary>
public sealed record OutboxRow
{
    /// <summary>As the journal keeps it.</summary>
    public required JournalRow Row { get; init; }

    /// <summary>True for a record that could not be applied; <see cref="Kind"/> is then its reason code.</summary>
    public required bool IsDeadLetter { get; init; }

    public int Partition => Row.Partition;

    public OutboxPlace Place => PlaceOf(Row);

    /// <summary>The customer, or "" when it concerns none.</summary>
    public string Customer => Row.Customer;

    /// <summary>Type on the wire, such as <c>credit.order.held.v1</c>, or the reason code of a dead letter.</summary>
    public string Kind => Row.Kind;

    /// <summary>Stream time of the partition when it came about.</summary>
    public Instant At => new(Row.At);

    /// <summary>The entry that caused it.</summary>
    public EntryPosition Entry => new(Partition, Row.Seq, Row.Index);

    /// <summary><c>partition-seq-index-ordinal</c>: the same for every time that the row is sent.</summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Entry}-{Row.Ordinal}");

    /// <summary>Where a row stands in what goes out of its partition.</summary>
    public static OutboxPlace PlaceOf(JournalRow row) => new(row.Seq, row.Index, row.Ordinal);
}
