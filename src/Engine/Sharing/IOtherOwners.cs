using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// The processes that own the other partitions of a database, for an engine that owns some of them only. It says how a call gets there
/// and nothing of what it means. Safe from any thread.
/// </summary>
public interface IOtherOwners
{
    /// <summary>Submits facts to the owner of a partition, by <see cref="ExposureEngine.SubmitHereAsync"/>; answers after their commit, without effects.</summary>
    /// <exception cref="EngineUnavailableException">It is not known to be committed: ask again.</exception>
    Task<IReadOnlyList<Answer>> SubmitAsync(int partition, IReadOnlyList<Fact> facts, CancellationToken cancel);

    /// <summary>Asks the owner of a partition, by <see cref="ExposureEngine.AnswerAsync"/>.</summary>
    /// <exception cref="EngineUnavailableException">Nobody answers now.</exception>
    Task<byte[]> AskAsync(int partition, string question, byte[] arguments, CancellationToken cancel);

    /// <summary>The published rows of a partition behind a sequence, by <see cref="ExposureEngine.RowsBehind"/>.</summary>
    /// <exception cref="EngineUnavailableException">Nobody answers now.</exception>
    Task<byte[]> RowsAsync(int partition, long behind, CancellationToken cancel);

    /// <summary>Another owner went on with a partition: whoever placed it here lets it go. Never blocks.</summary>
    void Lost(int partition);

    /// <summary>
    /// How far partitions of this process have journaled what the house told all, for the owner of the house
    /// (<see cref="ExposureEngine.NoteJournaled"/>). Never blocks; what does not arrive is told again.
    /// </summary>
    void Journaled(IReadOnlyDictionary<int, (long Seq, int Index)> places);

    /// <summary>The house has told something: the other processes need not wait for their next look (<see cref="ExposureEngine.LookSoon"/>). Never blocks.</summary>
    void HouseTold();
}

/// <summary>The partition is owned by another process, or is on its way to one: ask there, or again in a moment.</summary>
public sealed class PartitionElsewhereException : EngineUnavailableException
{
    public PartitionElsewhereException(string message) : base(message)
    {
    }

    public PartitionElsewhereException() : this("The partition is owned by another process.")
    {
    }

    public PartitionElsewhereException(string message, Exception inner) : base(message, inner)
    {
    }
}
