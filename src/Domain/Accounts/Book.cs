namespace ExposureMonitor.Domain;

/// <summary>All accounts of one partition, and what the partition knows. Touched by one thread only.</summary>
public sealed partial class Book
{
    /// <summary>Number of the house partition, which owns no customer.</summary>
    public const int House = -1;

    public Book(int partition, Currency baseCurrency, bool eventClock)
    {
        Partition = partition;
        BaseCurrency = baseCurrency;
        EventClock = eventClock;
    }

    public int Partition { get; }

    public Currency BaseCurrency { get; }

    /// <summary>True while the database runs on the clock of its events.</summary>
    public bool EventClock { get; private set; }
}
