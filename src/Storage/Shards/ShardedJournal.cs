using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>
/// A journal in several databases: each partition has its home in one of them, with its fence, frames, rows and messages; the house, and what stands beside
/// the journal, in the first. No transaction spans two. A group of frames becomes one commit in each database that it touches, side by side; when those do not
/// end alike the whole is <see cref="CommitStatus.Unknown"/>, which is the truth, and the engine asks each partition for itself.
/// </summary>
internal sealed partial class ShardedJournal : IStoredJournal
{
    private readonly IReadOnlyList<IStoredJournal> _shards;

    internal ShardedJournal(IReadOnlyList<IStoredJournal> shards)
    {
        _shards = shards;
        Reader = new ShardedReader([.. shards.Select(s => s.Reader)], Database.Partitions);
        Reports = new ShardedReader([.. shards.Select(s => s.Reports)], Database.Partitions);
    }

    public DatabaseInfo Database => _shards[0].Database;

    public IReadOnlyList<string> Warnings => [.. _shards.SelectMany(s => s.Warnings)];

    public IJournalReader Reader { get; }

    public IJournalReader Reports { get; }

    /// <summary>Where the house lives, and what stands beside the journal.</summary>
    private IStoredJournal Home => _shards[0];

    /// <summary>The database of a partition; never changes, since its history stands there.</summary>
    internal static int ShardOf(int partition, int shards) => partition < 0 ? 0 : partition % shards;

    private int ShardOf(int partition) => ShardOf(partition, _shards.Count);

    public ValueTask<PartitionHead?> OpenAsync(int partition, long? expectedEpoch, CancellationToken cancel) => _shards[ShardOf(partition)].OpenAsync(partition, expectedEpoch, cancel);

    public async ValueTask<CommitResult> CommitAsync(IReadOnlyList<FrameCommit> frames, CancellationToken cancel)
    {
        var parts = frames.GroupBy(f => ShardOf(f.Partition)).ToList();
        if (parts.Count == 1) return await _shards[parts[0].Key].CommitAsync(frames, cancel);
        var results = await Task.WhenAll(parts.Select(part => _shards[part.Key].CommitAsync([.. part], cancel).AsTask()));
        if (results.All(r => r.Status == CommitStatus.Committed)) return CommitResult.Committed;
        // None has committed: what one was told holds for all of it, since the same frames may be sent again.
        if (results.All(r => r.Status == CommitStatus.Fenced)) return new CommitResult(CommitStatus.Fenced, [.. results.SelectMany(r => r.Missed)], Why(results));
        if (results.All(r => r.Status == CommitStatus.RolledBack)) return new CommitResult(CommitStatus.RolledBack, [], Why(results));
        if (results.All(r => r.Status == CommitStatus.Refused)) return new CommitResult(CommitStatus.Refused, [], Why(results));
        return new CommitResult(CommitStatus.Unknown, [], $"The databases did not end alike: {Why(results)}");
    }

    private static string Why(IEnumerable<CommitResult> results) => string.Join("; ", results.Select(r => r.Detail ?? r.Status.ToString()).Distinct());

    public ValueTask<bool> SaveSnapshotAsync(int partition, long epoch, IReadOnlyList<AccountRow> accounts, PartitionStateRow? state, CancellationToken cancel) =>
        _shards[ShardOf(partition)].SaveSnapshotAsync(partition, epoch, accounts, state, cancel);

    public async ValueTask<bool> OwnsAsync(CancellationToken cancel)
    {
        foreach (var shard in _shards)
            if (!await shard.OwnsAsync(cancel)) return false;
        return true;
    }

    public async ValueTask MarkServedAsync(CancellationToken cancel)
    {
        foreach (var shard in _shards) await shard.MarkServedAsync(cancel);
    }

    public async ValueTask<IReadOnlyDictionary<int, OutboxPlace>> CursorsAsync(string reader, CancellationToken cancel)
    {
        var all = new Dictionary<int, OutboxPlace>();
        for (var i = 0; i < _shards.Count; i++)
            foreach (var (partition, place) in await _shards[i].CursorsAsync(reader, cancel))
                if (ShardOf(partition) == i) all[partition] = place;
        return all;
    }

    // A cursor stands beside the head that it never overtakes.
    public async ValueTask MoveCursorsAsync(string reader, IReadOnlyDictionary<int, OutboxPlace> places, CancellationToken cancel)
    {
        foreach (var part in places.GroupBy(p => ShardOf(p.Key))) await _shards[part.Key].MoveCursorsAsync(reader, part.ToDictionary(), cancel);
    }

    public ValueTask<IReadOnlyList<FeedMark>> MarksAsync(CancellationToken cancel) => Home.MarksAsync(cancel);

    public ValueTask MarkAsync(IReadOnlyList<FeedMark> marks, IReadOnlyList<string> wiped, CancellationToken cancel) => Home.MarkAsync(marks, wiped, cancel);

    public ValueTask<IReadOnlyList<DeskNote>> DeskNotesAsync(string kind, CancellationToken cancel) => Home.DeskNotesAsync(kind, cancel);

    public ValueTask<DeskNote?> NoteAsync(string kind, string id, CancellationToken cancel) => Home.NoteAsync(kind, id, cancel);

    public ValueTask<bool> PutNoteAsync(DeskNote note, CancellationToken cancel) => Home.PutNoteAsync(note, cancel);

    public ValueTask DropNoteAsync(string kind, string id, CancellationToken cancel) => Home.DropNoteAsync(kind, id, cancel);

    public async ValueTask DisposeAsync()
    {
        foreach (var shard in _shards) await shard.DisposeAsync();
    }
}
