using System.Globalization;
namespace ExposureMonitor.Domain;

/// <summary>A moment, in microseconds of UTC since 1970. <c>default</c> is 1970-01-01 and means "not said".</summary>
public readonly record struct Instant(long Micros) : IComparable<Instant>
{
    private const long EpochTicks = 621_355_968_000_000_000;

    /// <summary>Microseconds of a second.</summary>
    public const long Second = 1_000_000;

    /// <summary>Microseconds of a day of 24 hours.</summary>
    public const long Day = 86_400 * Second;

    /// <summary>The same moment, cut to microseconds.</summary>
    public static Instant From(DateTimeOffset moment) => new((moment.UtcTicks - EpochTicks) / 10);

    /// <summary>Midnight UTC of a date.</summary>
    public static Instant From(DateOnly date) => new((date.DayNumber - 719_162L) * Day);

    /// <summary>The moment for calendars and texts.</summary>
    public DateTimeOffset ToDateTimeOffset() => new(EpochTicks + Micros * 10, TimeSpan.Zero);

    /// <summary>The date in UTC.</summary>
    public DateOnly UtcDate => DateOnly.FromDayNumber((int)(Rounding.Down(Micros, Day) + 719_162));

    /// <summary>The moment so many microseconds later.</summary>
    public Instant Plus(long micros) => new(Micros + micros);

    /// <summary>Earlier sorts first.</summary>
    public int CompareTo(Instant other) => Micros.CompareTo(other.Micros);

    public static bool operator <(Instant left, Instant right) => left.Micros < right.Micros;

    public static bool operator >(Instant left, Instant right) => left.Micros > right.Micros;

    public static bool operator <=(Instant left, Instant right) => left.Micros <= right.Micros;

    public static bool operator >=(Instant left, Instant right) => left.Micros >= right.Micros;

    /// <summary>RFC 3339 in UTC with microseconds.</summary>
    public override string ToString() =>
        ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>
/// Where a record stood in its source: a stream that is read in order, and a growing offset in it.
/// <c>default</c> means that the source has no positions (HTTP).
/// </summary>
/// <param name="Stream">Kafka: <c>kafka:topic:topicId:partition</c>; a file: <c>file:</c> and the hash of content and mapping.</param>
/// <param name="Offset">Offset of the record; line number in a file.</param>
public readonly record struct SourcePosition(string? Stream, long Offset)
{
    /// <summary>The stream of messages from a partition; the offset is the number of the message.</summary>
    public static string OfPartition(int sender) => string.Create(CultureInfo.InvariantCulture, $"{PartitionPrefix}{sender}");

    private const string PartitionPrefix = "partition:";

    /// <summary>True for a message of another partition.</summary>
    public bool IsPartition(out int sender)
    {
        sender = 0;
        return Stream is not null && Stream.StartsWith(PartitionPrefix, StringComparison.Ordinal)
            && int.TryParse(Stream.AsSpan(PartitionPrefix.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out sender);
    }

    /// <summary>The stream of an imported file; the offset is the number of the line.</summary>
    /// <param name="digest">Hash of content and mapping.</param>
    public static string OfFile(string digest) => FilePrefix + digest;

    private const string FilePrefix = "file:";

    /// <summary>True for a line of an imported file.</summary>
    public bool IsFile => Stream is not null && Stream.StartsWith(FilePrefix, StringComparison.Ordinal);

    /// <summary>The stream of a partition of a Kafka topic. A topic that was deleted and made again has another id, and so is another stream.</summary>
    /// <param name="topic">Its name: A-Z a-z 0-9 . _ -</param>
    /// <param name="topicId">Its id, as Kafka writes it: 22 characters of base64.</param>
    public static string OfKafka(string topic, string topicId, int partition) =>
        string.Create(CultureInfo.InvariantCulture, $"{KafkaPrefix}{topic}:{topicId}:{partition}");

    private const string KafkaPrefix = "kafka:";

    /// <summary>The topic, its id and the partition of a Kafka stream; <c>null</c> for any other stream.</summary>
    public static (string Topic, string TopicId, int Partition)? KafkaOf(string stream)
    {
        if (!stream.StartsWith(KafkaPrefix, StringComparison.Ordinal)) return null;
        var parts = stream.Split(':');
        return parts.Length == 4 && int.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            ? (parts[1], parts[2], partition)
            : null;
    }

    /// <summary>True when the record came from a stream with positions.</summary>
    public bool IsKnown => Stream is not null;
}

/// <summary>Place of an entry in the journal.</summary>
public readonly record struct EntryPosition(int Partition, long Seq, int Index)
{
    /// <summary><c>partition-seq-index</c>, the stable id of whatever the entry caused.</summary>
    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Partition}-{Seq}-{Index}");

    /// <summary>Reads what <see cref="ToString"/> writes. The house's number is below zero.</summary>
    public static bool TryParse(string? text, out EntryPosition at)
    {
        at = default;
        var house = text?.StartsWith('-') == true;
        var parts = (house ? text![1..] : text ?? "").Split('-');
        var (digits, culture) = (System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture);
        if (parts.Length != 3 || !int.TryParse(parts[0], digits, culture, out var partition) || !long.TryParse(parts[1], digits, culture, out var seq) || seq == long.MaxValue
            || !int.TryParse(parts[2], digits, culture, out var index)) return false;
        at = new EntryPosition(house ? -partition : partition, seq, index);
        return true;
    }
}

/// <summary>The grammar of ids: opaque ASCII <c>[A-Za-z0-9._:-]{1,64}</c>.</summary>
public static class Ids
{
    /// <summary>Longest id, in characters.</summary>
    public const int LengthMax = 64;

    /// <summary>True when the text is an id.</summary>
    public static bool IsValid(string? text)
    {
        if (text is null || text.Length is 0 or > LengthMax) return false;
        foreach (var c in text)
            if (!(char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-')) return false;
        return true;
    }

    /// <summary>
    /// The partition that owns a customer: Kafka's murmur2 of the id, its sign bit cleared, modulo the partitions.
    /// Kafka's default partitioner gives the same answer, so that topics and journal are partitioned alike.
    /// </summary>
    public static int PartitionOf(string customerId, int partitions)
    {
        Span<byte> bytes = stackalloc byte[LengthMax];
        var length = System.Text.Encoding.ASCII.GetBytes(customerId.AsSpan(0, Math.Min(customerId.Length, LengthMax)), bytes);
        return (int)((Hashing.Murmur2(bytes[..length]) & 0x7fffffff) % (uint)partitions);
    }
}
