using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>What became of a submitted fact, after its commit.</summary>
public sealed record Answer(Outcome Outcome, EntryPosition At, IReadOnlyList<Effect> Effects)
{
    /// <summary>Partitions that have not journaled what the house told all of them; empty when every one has.</summary>
    public IReadOnlyList<int> NotYet { get; init; } = [];

    /// <summary>What was decided, where a record of a stream had no other effect: nobody waits for the figures of such a decision.</summary>
    internal Verdict Decided { get; init; }
}

/// <summary>The engine cannot answer now: the journal is out of reach, or the partition was lost.</summary>
public class EngineUnavailableException : Exception
{
    public EngineUnavailableException(string message) : base(message)
    {
    }

    public EngineUnavailableException() : this("The engine cannot answer now.")
    {
    }

    public EngineUnavailableException(string message, Exception inner) : base(message, inner)
    {
    }
}

/// <summary>The partition is closed until somebody has looked: asking again does not help.</summary>
public sealed class PartitionClosedException : EngineUnavailableException
{
    public PartitionClosedException(string message) : base(message)
    {
    }

    public PartitionClosedException() : this("The partition is closed.")
    {
    }

    public PartitionClosedException(string message, Exception inner) : base(message, inner)
    {
    }
}

/// <summary>Records of a stream do not follow what its partition has taken: read again from its position.</summary>
public sealed class OutOfTurnException : EngineUnavailableException
{
    public OutOfTurnException(string message) : base(message)
    {
    }

    public OutOfTurnException() : this("The records do not follow what the partition has taken.")
    {
    }

    public OutOfTurnException(string message, Exception inner) : base(message, inner)
    {
    }
}
