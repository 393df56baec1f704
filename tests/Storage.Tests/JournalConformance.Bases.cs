using ExposureMonitor.Engine;
using Xunit;
using static ExposureMonitor.Storage.Tests.Samples;

namespace ExposureMonitor.Storage.Tests;

/// <summary>Bases, and frames that go below them.</summary>
public abstract partial class JournalConformance
{
    /// <summary>The address of whoever may prune.</summary>
    protected virtual string OwnerConnection => Connection;

    [StoreFact]
    public async Task A_base_counts_when_it_is_sealed_and_not_before()
    {
        await OwnAsync();
        Assert.Null(await Journal.Reader.SealAsync(None));
        Assert.Equal(1, await Journal.BeginBaseAsync(None));
        var (parts, seal) = await WriteAsync(1, accounts: 1_500);
        Assert.Null(await Journal.Reader.BaseAsync(0, None));
        Assert.Null(await Journal.Reader.SealAsync(None));
        AssertSame(parts[1], await Journal.FindBaseAsync(1, 0, None));

        await Journal.SealBaseAsync(seal, None);
        AssertSame(parts[1], await Journal.Reader.BaseAsync(0, None));
        AssertSame(parts[0], await Journal.Reader.BaseAsync(-1, None));
        var sealed_ = (await Journal.Reader.SealAsync(None))!;
        Assert.Equal(seal with { Digest = [] }, sealed_ with { Digest = [] });
        Assert.Equal(seal.Digest, sealed_.Digest);
        Assert.Equal(Enumerable.Range(0, 1_500), (await Journal.Reader.BaseAccountsAsync(1, 0, None).AllAsync()).Select(a => a.Slot));
        Assert.Equal("C-7", (await Journal.Reader.BaseAccountsAsync(1, 0, None).AllAsync())[7].Customer);
        Assert.Empty(await Journal.Reader.BaseAccountsAsync(1, 1, None).AllAsync());
    }

    [StoreFact]
    public async Task A_base_that_was_never_sealed_is_forgotten_by_the_next()
    {
        await OwnAsync();
        await Journal.BeginBaseAsync(None);
        await WriteAsync(1, accounts: 1_100);
        Assert.Equal(1, await Journal.BeginBaseAsync(None));
        Assert.Null(await Journal.FindBaseAsync(1, 0, None));
        Assert.Empty(await Journal.Reader.BaseAccountsAsync(1, 0, None).AllAsync());
        var (_, seal) = await WriteAsync(1, accounts: 2);
        await Journal.SealBaseAsync(seal, None);
        Assert.Equal(2, await Journal.BeginBaseAsync(None));
        Assert.Equal(2, (await Journal.Reader.BaseAccountsAsync(1, 0, None).AllAsync()).Count);
    }

    [StoreFact]
    public async Task A_sealed_base_takes_nothing_more_and_gives_its_accounts_only_for_a_newer_one()
    {
        await OwnAsync();
        await Journal.BeginBaseAsync(None);
        var (parts, first) = await WriteAsync(1, accounts: 700);
        await Journal.SealBaseAsync(first, None);
        await Assert.ThrowsAnyAsync<Exception>(async () => await Journal.WriteBaseAsync(1, 0, [new BaseAccount(900, "C-900", new byte[3])], None));
        await Assert.ThrowsAnyAsync<Exception>(async () => await Journal.WriteBaseAsync(parts[1] with { Partition = 77 }, None));
        await Assert.ThrowsAnyAsync<Exception>(async () => await Journal.SealBaseAsync(first, None));
        Assert.Equal(0, await Journal.DropOlderBasesAsync(None));
        await Journal.BeginBaseAsync(None);
        var (_, second) = await WriteAsync(2, accounts: 3);
        await Journal.SealBaseAsync(second, None);
        Assert.Equal(700, await Journal.DropOlderBasesAsync(None));
        Assert.Equal(3, (await Journal.Reader.BaseAccountsAsync(2, 0, None).AllAsync()).Count);
        Assert.NotNull(await Journal.FindBaseAsync(1, 0, None));
    }

    [StoreFact]
    public async Task No_statement_changes_a_sealed_base()
    {
        await OwnAsync();
        await Journal.BeginBaseAsync(None);
        var (_, seal) = await WriteAsync(1, accounts: 2);
        await Journal.SealBaseAsync(seal, None);
        foreach (var sql in (string[])["UPDATE journal_base SET digest = digest", "DELETE FROM journal_base", "UPDATE base_partition SET seq = seq + 1",
            "DELETE FROM base_partition", "UPDATE base_account SET customer = 'X'", "DELETE FROM base_account"])
        {
            var refused = await Assert.ThrowsAnyAsync<Exception>(() => RunAsync(sql));
            Assert.Contains(sql[0] == 'U' ? "a base never changes" : "a sealed base stays", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(2, (await Journal.Reader.BaseAccountsAsync(1, 0, None).AllAsync()).Count);
    }

    [StoreFact]
    public async Task A_month_goes_whole_when_its_frames_lie_below_the_base_and_not_otherwise()
    {
        await OwnAsync();
        PartitionHead zero = await OpenAsync(0), one = await OpenAsync(1);
        foreach (var period in (int[])[202601, 202602, 202602, 202603])
        {
            FrameCommit[] frames = [Frame(zero, period: period), Frame(one, period: period)];
            frames[0] = frames[0] with { Rows = [Row(frames[0], RowTable.Hold, 0, at: frames[0].Seq)] };
            Assert.Equal(CommitStatus.Committed, (await CommitAsync(frames)).Status);
            (zero, one) = (After(zero, frames[0]), After(one, frames[1]));
        }

        Assert.Equal([(202601, 0, 1L, 1L), (202601, 1, 1L, 1L), (202602, 0, 2L, 3L), (202602, 1, 2L, 3L), (202603, 0, 4L, 4L), (202603, 1, 4L, 4L)],
            (await Journal.RangesAsync(None)).Select(r => (r.Period, r.Partition, r.FirstSeq, r.LastSeq)));
        Assert.True((await Journal.RangesAsync(None)).Single(r => r is { Period: 202602, Partition: 0 }) is { Frames: 2, Bytes: >= 18 });
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await Journal.DropRangeAsync(202601, _ => { }, None));
        await Journal.BeginBaseAsync(None);
        // Partition 1 still needs the second frame of its February.
        var (_, seal) = await WriteAsync(1, accounts: 0, cuts: new() { [0] = 3, [1] = 2 });
        await Journal.SealBaseAsync(seal, None);
        var above = await Assert.ThrowsAsync<InvalidOperationException>(async () => await Journal.DropRangeAsync(202602, _ => { }, None));
        Assert.Contains("frame 3 of partition 1", above.Message, StringComparison.Ordinal);
        var told = 0L;
        await Journal.DropRangeAsync(202601, n => told = n, None);
        Assert.Equal(2, told);
        // Again, as after a kill: there is nothing left of it.
        await Journal.DropRangeAsync(202601, _ => { }, None);
        Assert.Equal([2L, 3L, 4L], (await Journal.Reader.FramesAsync(0, 0, 99, None).AllAsync()).Select(f => f.Seq));
        Assert.Equal([2L, 3L, 4L], (await Journal.Reader.FramesAsync(1, 0, 99, None).AllAsync()).Select(f => f.Seq));
        Assert.Equal(zero.HeadHash, (await HeadAsync(0)).HeadHash);
        Assert.Equal(4, await Journal.Reader.CountRowsAsync(RowTable.Hold, 0, None));

        var next = Frame(zero, period: 202604);
        Assert.Equal(CommitStatus.Committed, (await CommitAsync(next)).Status);
        Assert.Equal([4L, 5L], (await Journal.Reader.FramesAsync(0, 3, 99, None).AllAsync()).Select(f => f.Seq));
    }

    /// <summary>A statement on the database itself, as somebody with the owner's password could run it.</summary>
    protected abstract Task RunAsync(string sql);

    private async Task OwnAsync()
    {
        if (OwnerConnection == Connection) return;
        await Journal.DisposeAsync();
        Journal = await JournalFactory.OpenWriterAsync(OwnerConnection, offline: true);
    }

    private async Task<(List<PartitionBase> Partitions, BaseSeal Seal)> WriteAsync(long number, int accounts, Dictionary<int, long>? cuts = null)
    {
        await Journal.WriteBaseAsync(number, 0, [.. Enumerable.Range(0, accounts).Select(i => new BaseAccount(i, $"C-{i}", new byte[] { 1, 2, (byte)(i % 251) }))], None);
        var all = new List<PartitionBase>();
        for (var id = -1; id < 3; id++)
        {
            var hash = Enumerable.Repeat((byte)(id + 2), 32).ToArray();
            all.Add(new PartitionBase
            {
                Number = number, Partition = id, Seq = cuts?.GetValueOrDefault(id) ?? 0, Epoch = 3, HeadHash = hash, At = 1_700_000_000_000_000, State = new byte[] { 1, 2 }, Window = new byte[] { 3 },
                Proof = new byte[] { 4, 5 }, RowsDigest = hash, Accounts = id == 0 ? accounts : 0, AccountsHash = hash, Previous = new byte[32], Digest = hash,
            });
            await Journal.WriteBaseAsync(all[^1], None);
        }

        return (all, new BaseSeal(number, 202602, 1_700_000_000_000_001, BaseSeal.DigestOf(all)));
    }

    private static void AssertSame(PartitionBase wrote, PartitionBase? read)
    {
        Assert.NotNull(read);
        Assert.Equal((wrote.Number, wrote.Partition, wrote.Seq, wrote.Epoch, wrote.At, wrote.Accounts), (read.Number, read.Partition, read.Seq, read.Epoch, read.At, read.Accounts));
        Assert.Equal([wrote.HeadHash, wrote.State.ToArray(), wrote.Window.ToArray(), wrote.Proof.ToArray(), wrote.RowsDigest, wrote.AccountsHash, wrote.Digest, wrote.Previous],
            (byte[][])[read.HeadHash, read.State.ToArray(), read.Window.ToArray(), read.Proof.ToArray(), read.RowsDigest, read.AccountsHash, read.Digest, read.Previous]);
    }
}
