using System.Text;
using ExposureMonitor.Engine;
using Xunit;
using static ExposureMonitor.Storage.Tests.Samples;

namespace ExposureMonitor.Storage.Tests;

/// <summary>What every journal does, on a real database. Opening, the fence, commits.</summary>
public abstract partial class JournalConformance : IAsyncLifetime
{
    private protected static CancellationToken None => CancellationToken.None;

    protected string Connection { get; private set; } = "";

    protected IStoredJournal Journal { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Connection = await NewConnectionAsync();
        await JournalFactory.CreateAsync(Connection, Creation());
        Connection = await ServiceConnectionAsync(Connection);
        Journal = await JournalFactory.OpenWriterAsync(Connection, offline: false);
    }

    public async Task DisposeAsync()
    {
        await Journal.DisposeAsync();
        await DropAsync(Connection);
    }

    /// <summary>Address of a database that does not exist yet (SQLite) or is empty (PostgreSQL).</summary>
    protected abstract Task<string> NewConnectionAsync();

    /// <summary>The address that a service gets for a database that its owner has created.</summary>
    protected virtual Task<string> ServiceConnectionAsync(string owner) => Task.FromResult(owner);

    protected abstract Task DropAsync(string connection);

    /// <summary>A second owner beside the first, as a broken lock would allow it.</summary>
    protected abstract Task<IStoredJournal> OpenZombieAsync();

    [StoreFact]
    public async Task A_new_database_has_the_house_first_and_every_partition_at_zero()
    {
        var heads = await Journal.Reader.HeadsAsync(None);
        Assert.Equal([-1, 0, 1, 2], heads.Select(h => h.Partition));
        Assert.All(heads, h => Assert.True(h is { Epoch: 0, Seq: 0, SnapshotSeq: 0 } && h.HeadHash.SequenceEqual(new byte[32])));
        Assert.Equal(Creation(), Journal.Database);
        Assert.True(await JournalFactory.ExistsAsync(Connection));
        await Assert.ThrowsAsync<DatabaseHeldException>(() => JournalFactory.CreateAsync(Connection, Creation()));
        await Journal.DisposeAsync();
        await Assert.ThrowsAsync<DatabaseRefusedException>(() => JournalFactory.CreateAsync(Connection, Creation()));
    }

    [StoreFact]
    public async Task Open_bumps_the_epoch_and_returns_the_head()
    {
        var first = await OpenAsync(0);
        var second = await OpenAsync(0);
        Assert.Equal((1, 2), (first.Epoch, second.Epoch));
        Assert.Equal(0, (await HeadAsync(1)).Epoch);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await Journal.OpenAsync(99, null, None));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await Journal.OpenAsync(99, 3, None));
    }

    [StoreFact]
    public async Task Open_with_an_expected_epoch_bumps_only_if_it_still_stands()
    {
        var head = await OpenAsync(0);
        Assert.Null(await Journal.OpenAsync(0, head.Epoch - 1, None));
        Assert.Equal(head.Epoch, (await HeadAsync(0)).Epoch);
        Assert.Equal(head.Epoch + 1, (await Journal.OpenAsync(0, head.Epoch, None))!.Epoch);
    }

    [StoreFact]
    public async Task A_commit_moves_the_head_and_keeps_the_frame()
    {
        var head = await OpenAsync(0);
        var frame = Frame(head);
        Assert.Equal(CommitStatus.Committed, (await CommitAsync(frame)).Status);
        var now = await HeadAsync(0);
        Assert.Equal((head.Epoch, 1L), (now.Epoch, now.Seq));
        Assert.Equal(frame.Hash, now.HeadHash);
        Assert.Equal(frame.Hash, (await OpenAsync(0)).HeadHash);
    }

    [StoreFact]
    public async Task A_stale_epoch_is_fenced_and_no_row_of_the_batch_remains()
    {
        var stale = await OpenAsync(0);
        var current = await OpenAsync(0);
        var result = await CommitAsync(Full(stale));
        Assert.Equal(CommitStatus.Fenced, result.Status);
        Assert.Equal(new FenceMiss(0, current.Epoch, 0, true), Assert.Single(result.Missed));
        await AssertEmptyAsync();
        Assert.Equal(CommitStatus.Committed, (await CommitAsync(Full(current))).Status);
        foreach (var table in RowTables.All) Assert.Equal(1, await Journal.Reader.CountRowsAsync(table, 0, None));
    }

    [StoreFact]
    public async Task A_sequence_or_a_hash_that_differs_is_fenced()
    {
        var head = await OpenAsync(0);
        var ahead = await CommitAsync(Full(head with { Seq = 5 }));
        Assert.Equal(CommitStatus.Fenced, ahead.Status);
        Assert.Equal(new FenceMiss(0, head.Epoch, 0, true), Assert.Single(ahead.Missed));
        var other = await CommitAsync(Full(head with { HeadHash = Enumerable.Repeat((byte)7, 32).ToArray() }));
        Assert.Equal(CommitStatus.Fenced, other.Status);
        Assert.Equal(new FenceMiss(0, head.Epoch, 0, false), Assert.Single(other.Missed));
        Assert.Equal(CommitStatus.Fenced, (await CommitAsync(Full(head with { Partition = 77 }))).Status);
        await AssertEmptyAsync();
    }

    [StoreFact]
    public async Task The_same_frame_again_is_fenced_also_in_another_period()
    {
        var head = await OpenAsync(0);
        var frame = Frame(head);
        await CommitAsync(frame);
        foreach (var again in new[] { frame, frame with { Period = 202602 } })
        {
            var result = await CommitAsync(again);
            Assert.Equal(CommitStatus.Fenced, result.Status);
            Assert.Equal(new FenceMiss(0, head.Epoch, 1, false), Assert.Single(result.Missed));
        }

        Assert.Single(await Journal.Reader.FramesAsync(0, 0, 10, None).AllAsync());
    }

    [StoreFact]
    public async Task One_miss_among_several_partitions_rolls_back_all_and_then_the_innocent_commit()
    {
        PartitionHead zero = await OpenAsync(0), one = await OpenAsync(1), house = await OpenAsync(-1);
        await OpenAsync(1);
        var frames = new[] { Full(zero), Full(one), Full(house) };
        var result = await CommitAsync(frames);
        Assert.Equal(CommitStatus.Fenced, result.Status);
        Assert.Equal(new FenceMiss(1, one.Epoch + 1, 0, true), Assert.Single(result.Missed));
        await AssertEmptyAsync();
        Assert.Equal(CommitStatus.Committed, (await CommitAsync(frames[0], frames[2])).Status);
        Assert.Equal([1, 1, 0, 0], (await Journal.Reader.HeadsAsync(None)).Select(h => h.Seq));
    }

    [StoreFact]
    public async Task Two_misses_are_both_named()
    {
        PartitionHead zero = await OpenAsync(0), one = await OpenAsync(1), two = await OpenAsync(2);
        await OpenAsync(0);
        await OpenAsync(2);
        var result = await CommitAsync(Full(two), Full(one), Full(zero));
        Assert.Equal([0, 2], result.Missed.Select(m => m.Partition).Order());
    }

    [StoreFact]
    public async Task A_zombie_beside_the_new_owner_is_fenced_in_commit_and_snapshot()
    {
        await using var zombie = await OpenZombieAsync();
        var old = (await zombie.OpenAsync(0, null, None))!;
        var first = Frame(old);
        Assert.Equal(CommitStatus.Committed, (await zombie.CommitAsync([first], None)).Status);
        var mine = await OpenAsync(0);
        Assert.Equal(first.Hash, mine.HeadHash);
        var next = Frame(mine);
        var both = await Task.WhenAll(
            zombie.CommitAsync([Full(After(old, first))], None).AsTask(), Journal.CommitAsync([next], None).AsTask());
        Assert.Equal([CommitStatus.Fenced, CommitStatus.Committed], both.Select(r => r.Status));
        Assert.Equal(mine.Epoch, Assert.Single(both[0].Missed).EpochNow);
        Assert.False(await zombie.SaveSnapshotAsync(0, old.Epoch, [Account(old, 0, 1)], null, None));
        Assert.Null(await zombie.OpenAsync(0, old.Epoch, None));
        Assert.Equal(next.Hash, (await HeadAsync(0)).HeadHash);
        Assert.Equal(0, await Journal.Reader.CountRowsAsync(RowTable.Decision, null, None));
    }

    [StoreFact]
    public async Task Content_that_cannot_be_stored_is_refused_and_nothing_is_kept()
    {
        var head = await OpenAsync(0);
        var frame = Full(head);
        var row = frame.Rows[0];
        var audit = frame.Rows.Single(r => r.Table == RowTable.Audit);
        foreach (var bad in new[]
        {
            audit with { Index = 9, Body = "{no json"u8.ToArray() },
            audit with { Index = 9, Body = new byte[] { 0x22, 0xC3, 0x22 } },
            row with { Index = 9, Customer = new string('c', 513) },
            row with { Index = 9, Subject = "\uD800" },
            row with { Index = 9, Kind = "a\0b" },
            row, // the same key twice
        })
        {
            var result = await CommitAsync(frame with { Rows = [.. frame.Rows, bad] });
            Assert.Equal(CommitStatus.Refused, result.Status);
            Assert.NotNull(result.Detail);
            await AssertEmptyAsync();
        }

        Assert.Equal(CommitStatus.Refused, (await CommitAsync(frame with { Parties = [("", "nobody")] })).Status);
        Assert.Equal(CommitStatus.Committed, (await CommitAsync(frame)).Status);
    }

    [StoreFact]
    public async Task Misuse_throws_and_changes_nothing()
    {
        var head = await OpenAsync(0);
        var frame = Full(head);
        foreach (var wrong in new FrameCommit[][]
        {
            [], [frame, frame], [frame with { Period = 202613 }], [frame with { Hash = [1] }],
            [frame with { Messages = [new MessageRow(1, 2, 1, [])] }], [frame with { Rows = [frame.Rows[0] with { Seq = 9 }] }],
        })
        {
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await CommitAsync(wrong));
        }

        await AssertEmptyAsync();
    }

    [StoreFact]
    public async Task A_cancelled_commit_was_not_sent()
    {
        var head = await OpenAsync(0);
        var result = await Journal.CommitAsync([Full(head)], new CancellationToken(canceled: true));
        Assert.Equal(CommitStatus.RolledBack, result.Status);
        await AssertEmptyAsync();
        Assert.Equal(CommitStatus.Committed, (await CommitAsync(Full(head))).Status);
    }

    [StoreFact]
    public async Task A_frame_of_a_mebibyte_comes_back_byte_for_byte()
    {
        var head = await OpenAsync(0);
        var payload = new byte[1 << 20];
        new Random(17).NextBytes(payload);
        var frame = Frame(head, payload);
        var pooled = new byte[payload.Length + 20]; // as a slice of a pooled buffer
        payload.CopyTo(pooled, 10);
        Assert.Equal(CommitStatus.Committed, (await CommitAsync(frame with { Payload = pooled.AsMemory(10, payload.Length) })).Status);
        var stored = Assert.Single(await Journal.Reader.FramesAsync(0, 0, 1, None).AllAsync());
        Assert.Equal(payload, stored.Payload);
        Assert.Equal(frame.Crc, stored.Crc);
    }

    private protected async Task<PartitionHead> OpenAsync(int partition) => (await Journal.OpenAsync(partition, null, None))!;

    private protected ValueTask<CommitResult> CommitAsync(params FrameCommit[] frames) => Journal.CommitAsync(frames, None);

    private protected async Task<PartitionHead> HeadAsync(int partition) =>
        (await Journal.Reader.HeadsAsync(None)).Single(h => h.Partition == partition);

    /// <summary>A frame with something in every table.</summary>
    internal static FrameCommit Full(PartitionHead head)
    {
        var frame = Frame(head);
        return frame with
        {
            Rows = [.. RowTables.Written.Select((table, i) => Row(frame, table, i, 1000 + i, key: table == RowTable.Decision ? 42 : 0) with { GoesOut = table == RowTable.Signal })],
            Messages = [new MessageRow(head.Partition, head.Partition + 1, frame.Seq, Encoding.UTF8.GetBytes("message"))],
            Parties = [($"C-{head.Partition}", "Müller & Söhne")],
        };
    }

    private protected async Task AssertEmptyAsync()
    {
        foreach (var table in RowTables.All) Assert.Equal(0, await Journal.Reader.CountRowsAsync(table, null, None));
        foreach (var head in await Journal.Reader.HeadsAsync(None))
        {
            Assert.Equal(0, head.Seq);
            Assert.Empty(await Journal.Reader.FramesAsync(head.Partition, 0, long.MaxValue, None).AllAsync());
            Assert.Empty(await Journal.Reader.MessagesAsync(head.Partition, head.Partition + 1, 0, 10, None));
            Assert.Null(await Journal.Reader.PartyNameAsync($"C-{head.Partition}", None));
        }
    }
}
