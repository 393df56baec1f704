namespace ExposureMonitor.Domain;

/// <summary>Applies facts to a book: positions, event ids, house facts, then the account.</summary>
public static class PartitionMachine
{
    /// <summary>Version of the rules; a release that changes the result of any fact adds one.</summary>
    public const int Version = 1;
}
