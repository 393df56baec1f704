using ExposureMonitor.Engine;
using Xunit;
using static ExposureMonitor.Storage.Tests.Samples;

namespace ExposureMonitor.Storage.Tests;

/// <summary>What every journal does with closed documents, with rows in the order of their entries, and with ownership.</summary>
public abstract partial class JournalConformance
{
    private const int Day = 739_000;

    [StoreFact]
    public async Task Closed_documents_come_back_by_day_and_are_found_by_id()
    {
        var head = await OpenAsync(0);
        var first = Frame(head) with { Closed = [new(1, 11, Day + 1), new(ulong.MaxValue, uint.MaxValue, Day), new(2, 12, Day + 1)] };
        Assert.Equal(CommitStatus.Committed, (await CommitAsync(first)).Status);
        var second = Frame(After(head, first)) with { Closed = [new(3, 13, Day)] };
        Assert.Equal(CommitStatus.Committed, (await CommitAsync(second)).Status);
        Assert.Equal([new(ulong.MaxValue, uint.MaxValue, Day), new(3, 13, Day), new(1, 11, Day + 1), new(2, 12, Day + 1)],
            await Journal.Reader.ClosedAsync(0, None).AllAsync());
        Assert.Empty(await Journal.Reader.ClosedAsync(1, None).AllAsync());
        var found = await Journal.Reader.FindClosedAsync(0, new HashSet<ulong> { ulong.MaxValue, 2, 99 }, None);
        Assert.Equal([new(ulong.MaxValue, uint.MaxValue, Day), new(2, 12, Day + 1)], found.OrderBy(d => d.Day));
        Assert.Empty(await Journal.Reader.FindClosedAsync(0, new HashSet<ulong>(), None));
    }

    [StoreFact]
    public async Task Closed_documents_are_forgotten_by_whole_days_of_their_partition()
    {
        PartitionHead zero = await OpenAsync(0), one = await OpenAsync(1);
        var frames = new[] { zero, one }.Select(h => Frame(h) with { Closed = [new(1, 1, Day), new(2, 2, Day + 1), new(3, 3, Day + 2)] }).ToArray();
        await CommitAsync(frames);
        var next = Frame(After(zero, frames[0])) with { ForgetClosedBefore = Day + 2, Closed = [new(4, 4, Day + 3)] };
        Assert.Equal(CommitStatus.Committed, (await CommitAsync(next)).Status);
        Assert.Equal([3UL, 4UL], (await Journal.Reader.ClosedAsync(0, None).AllAsync()).Select(d => d.IdHash));
        Assert.Equal([1UL, 2UL, 3UL], (await Journal.Reader.ClosedAsync(1, None).AllAsync()).Select(d => d.IdHash));
    }

    [StoreFact]
    public async Task Closed_documents_of_a_commit_that_missed_its_fence_are_not_there()
    {
        var stale = await OpenAsync(0);
        await OpenAsync(0);
        Assert.Equal(CommitStatus.Fenced, (await CommitAsync(Frame(stale) with { Closed = [new(1, 1, Day)] })).Status);
        Assert.Empty(await Journal.Reader.ClosedAsync(0, None).AllAsync());
    }

    [StoreFact]
    public async Task Rows_come_in_the_order_of_their_entries_whatever_their_time()
    {
        var head = await OpenAsync(0);
        var first = Frame(head);
        await CommitAsync(first with { Rows = [.. Enumerable.Range(0, 1_500).Select(i => Row(first, RowTable.Hold, 1_499 - i, at: i % 7))] });
        var second = Frame(After(head, first));
        await CommitAsync(second with { Rows = [Row(second, RowTable.Hold, 0, at: -5), Row(second, RowTable.Signal, 0, at: 1)] });
        var rows = await Journal.Reader.RowsInOrderAsync(RowTable.Hold, 0, 0, None).AllAsync();
        Assert.Equal(1_501, rows.Count);
        Assert.Equal(Enumerable.Range(0, 1_500).Select(i => (1L, i)).Append((2L, 0)), rows.Select(r => (r.Seq, r.Index)));
        Assert.Equal(2, Assert.Single(await Journal.Reader.RowsInOrderAsync(RowTable.Hold, 0, 1, None).AllAsync()).Seq);
        Assert.Empty(await Journal.Reader.RowsInOrderAsync(RowTable.Hold, 1, 0, None).AllAsync());
    }

    [StoreFact]
    public async Task The_owner_owns_and_a_second_one_beside_it_does_not()
    {
        Assert.True(await Journal.OwnsAsync(None));
        await using var zombie = await OpenZombieAsync();
        Assert.False(await zombie.OwnsAsync(None));
    }

    [StoreFact]
    public async Task A_row_of_the_same_sequence_is_replaced_by_a_newer_epoch_only()
    {
        var head = await OpenAsync(0);
        var frame = Frame(head);
        await CommitAsync(frame);
        Assert.True(await Journal.SaveSnapshotAsync(0, head.Epoch, [Account(head, 0, 1, fill: 1)], null, None));
        Assert.True(await Journal.SaveSnapshotAsync(0, head.Epoch, [Account(head, 0, 1, fill: 2)], null, None));
        Assert.Equal(1, (await Journal.Reader.AccountsAsync(0, None).AllAsync()).Single().State.Span[0]);
        var again = await OpenAsync(0);
        Assert.True(await Journal.SaveSnapshotAsync(0, again.Epoch, [Account(again, 0, 1, fill: 3)], null, None));
        Assert.Equal(3, (await Journal.Reader.AccountsAsync(0, None).AllAsync()).Single().State.Span[0]);
    }
}
