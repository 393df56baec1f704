namespace ExposureMonitor.Chaos;

/// <summary>What the oracle looked at, for the report.</summary>
internal sealed class Tally
{
    public long CustomersCompared { get; set; }

    public long Asked { get; set; }

    public long Acknowledged { get; set; }

    public long Decisions { get; set; }

    public long Approvals { get; set; }

    public long ContestsFilled { get; set; }

    /// <summary>Requests whose callers never heard, and which were decided, or not.</summary>
    public long UnknownWith { get; set; }

    public long UnknownWithout { get; set; }

    public long Crossings { get; set; }

    public long DoubledByProducer { get; set; }

    /// <summary>By topic, what the outside was told, each once; and how often something came again.</summary>
    public SortedDictionary<string, long> Told { get; } = new(StringComparer.Ordinal);

    public long ToldAgain { get; set; }

    public SortedDictionary<string, long> DeadLetters { get; } = new(StringComparer.Ordinal);
}
