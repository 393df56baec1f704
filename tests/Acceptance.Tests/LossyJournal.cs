using ExposureMonitor.Engine;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>
/// A journal over wires that fail: a page of messages between partitions is lost, or each of them comes twice; a commit breaks before or after
/// the database has heard of it. All of it is what the seam allows, so that the engine has to be right under it.
/// </summary>
internal sealed class LossyJournal : IJournal
{
    private readonly IJournal _inner;
    private readonly Random _dice;
    private int _lost, _doubled, _unknown;

    internal LossyJournal(IJournal inner, int seed)
    {
        (_inner, _dice) = (inner, new Random(seed));
        Reader = new LossyReader(this, inner.Reader);
    }

    /// <summary>False at first: a database is filled in peace.</summary>
    internal bool Fails { get; set; }

    internal int Lost => _lost;

    internal int Doubled => _doubled;

    internal int Unknown => _unknown;

    public DatabaseInfo Database => _inner.Database;

    public IJournalReader Reader { get; }

    public IJournalReader Reports => _inner.Reports;

    public ValueTask<PartitionHead?> OpenAsync(int partition, long? expectedEpoch, CancellationToken cancel) => _inner.OpenAsync(partition, expectedEpoch, cancel);

    public async ValueTask<CommitResult> CommitAsync(IReadOnlyList<FrameCommit> frames, CancellationToken cancel)
    {
        var fate = Throw(400);
        if (fate > 1) return await _inner.CommitAsync(frames, cancel);
        Interlocked.Increment(ref _unknown);
        if (fate == 1) await _inner.CommitAsync(frames, cancel);
        return new CommitResult(CommitStatus.Unknown, [], "the connection broke");
    }

    public ValueTask<bool> SaveSnapshotAsync(int partition, long epoch, IReadOnlyList<AccountRow> accounts, PartitionStateRow? state, CancellationToken cancel) =>
        _inner.SaveSnapshotAsync(partition, epoch, accounts, state, cancel);

    public ValueTask<bool> OwnsAsync(CancellationToken cancel) => _inner.OwnsAsync(cancel);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private int Throw(int sides)
    {
        if (!Fails) return int.MaxValue;
        lock (_dice) return _dice.Next(sides);
    }

    private sealed class LossyReader(LossyJournal journal, IJournalReader inner) : DelegatingReader(inner), IJournalReader
    {
        public override async ValueTask<IReadOnlyList<MessageRow>> MessagesAsync(int sender, int receiver, long after, int limit, CancellationToken cancel) =>
            Spoil(await Inner.MessagesAsync(sender, receiver, after, limit, cancel));

        public async ValueTask<IReadOnlyList<MessageRow>> MessagesBehindAsync(IReadOnlyList<MessagePair> pairs, int limit, CancellationToken cancel) =>
            Spoil(await Inner.MessagesBehindAsync(pairs, limit, cancel));

        private IReadOnlyList<MessageRow> Spoil(IReadOnlyList<MessageRow> page)
        {
            if (page.Count == 0) return page;
            switch (journal.Throw(12))
            {
                case 0:
                    Interlocked.Increment(ref journal._lost);
                    throw new JournalUnavailableException("The messages were lost on their way.");
                case < 5:
                    Interlocked.Increment(ref journal._doubled);
                    return [.. page.SelectMany(row => (MessageRow[])[row, row])];
                default:
                    return page;
            }
        }
    }
}
