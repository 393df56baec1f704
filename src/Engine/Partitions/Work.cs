using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// What waits for the loop: facts, a read, or a day. Work with many facts may span groups; it is answered when the
/// last of them is committed.
/// </summary>
internal sealed class Work(IReadOnlyList<Fact> facts)
{
    internal IReadOnlyList<Fact> Facts { get; } = facts;

    /// <summary>The partition that takes each fact, found when the work was submitted.</summary>
    internal int[] Homes { get; init; } = [];

    /// <summary>Reads a book inside the loop.</summary>
    internal Action? Read { get; init; }

    /// <summary>The partition that <see cref="Read"/> looks at.</summary>
    internal int ReadPartition { get; init; }

    /// <summary>The business day to begin in all partitions; 0 for other work.</summary>
    internal int Day { get; init; }

    /// <summary>The stream whose next records these facts are; <c>null</c> for other work.</summary>
    internal (int Partition, string Name, long After)? Stream { get; init; }

    /// <summary>How often its partition had been overtaken when its idempotency key was looked up; −1 when it has none.</summary>
    internal int Seen { get; init; } = -1;

    /// <summary>Facts that were applied.</summary>
    internal int Taken { get; set; }

    /// <summary>Facts whose frame is committed.</summary>
    internal int Settled { get; set; }

    /// <summary>The newest entry that all partitions have to take over before this work goes on and is answered.</summary>
    internal EntryPosition Told { get; set; }

    /// <summary>When the first wait for the other partitions began (a timestamp), or 0.</summary>
    internal long ToldSince { get; set; }

    internal Answer[] Answers { get; } = new Answer[facts.Count];

    internal TaskCompletionSource<IReadOnlyList<Answer>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void Fail(Exception why) => Done.TrySetException(why);
}

/// <summary>The frames of one commit, and who waits for it. Two take turns: one fills while the other is on its way.</summary>
internal sealed class CommitGroup
{
    /// <summary>Facts of the frames: work, first and end.</summary>
    internal List<(Work Work, int From, int End)> Works { get; } = [];

    /// <summary>Reads that saw what these frames hold.</summary>
    internal List<Work> Reads { get; } = [];

    internal List<SealedFrame> Frames { get; } = [];

    /// <summary>Times that the frames were sent.</summary>
    internal int Tries { get; set; }

    internal bool IsEmpty => Works.Count == 0 && Reads.Count == 0 && Frames.Count == 0;

    internal void Clear()
    {
        Works.Clear();
        Reads.Clear();
        Frames.Clear();
        Tries = 0;
    }
}
