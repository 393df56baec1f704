using ExposureMonitor.Domain;
using ExposureMonitor.Storage;
using Microsoft.Data.Sqlite;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>A journal whose older months are gone answers as before, from where it begins; and what somebody changed there is found.</summary>
public sealed class Prunings : IAsyncLifetime
{
    private static readonly DateOnly April = new(2026, 4, 1);

    private Bench _bench = null!;
    private int _orders;

    public async Task InitializeAsync() => _bench = await Bench.StartAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact]
    public async Task What_is_pruned_changes_no_answer_and_no_proof()
    {
        await TradeAsync(2);
        Assert.Equal(OutcomeKind.Applied, (await _bench.Engine.SubmitAsync(Review("once"))).Outcome.Kind);
        await TradeAsync(2);
        var before = await FiguresAsync();
        var (plan, _) = await PruneAsync(April);
        Assert.All(plan.Cuts.Values, cut => Assert.True(cut > 0));
        Assert.DoesNotContain(await FramesAsync(), f => f.Period < 202604);
        var report = await ReportAsync();
        Assert.Null(report.Violation);
        Assert.Equal(plan.Cuts.Values.Sum(), report.Base!.Frames);
        await using (var past = await JournalFactory.OpenReaderAsync(_bench.Address))
        {
            // Whoever learns from the past is told that it is cut, and gets what is left.
            var history = await BookHistory.ReadAsync(past, 2, fact => fact is OrderPlaced, default);
            Assert.Equal([0, 1], history.Pruned.Select(p => p.Partition));
            Assert.NotEmpty(history.Facts);
            Assert.All(history.Facts, f => Assert.True(f.At.Seq > plan.Cuts[f.At.Partition]));
        }

        await _bench.OpenAsync();
        Assert.Equal(before, await FiguresAsync());
        // Its id is that of an entry whose frame is gone.
        Assert.Equal(OutcomeKind.Duplicate, (await _bench.Engine.SubmitAsync(Review("once"))).Outcome.Kind);
        Assert.NotNull(await _bench.Engine.Deciding.DecisionByKeyAsync(IdempotencyKey.Hash("desk", _bench.CustomerIn(0), "k0"), default));
        await TradeAsync(1);
        await _bench.Engine.StopAsync();
        Assert.Null((await ReportAsync()).Violation);
    }

    [Fact]
    public async Task The_same_facts_behind_a_base_make_the_same_frames_as_without()
    {
        await TradeAsync(3);
        await _bench.CloseAsync();
        var twin = Directory.CreateTempSubdirectory("exposure-twin-").FullName;
        try
        {
            foreach (var file in Directory.GetFiles(Path.GetDirectoryName(_bench.Address["sqlite:".Length..])!, "book.db*").Where(f => !f.Contains(".lock", StringComparison.Ordinal)))
                File.Copy(file, Path.Combine(twin, Path.GetFileName(file)));
            await PruneAsync(April);
            await _bench.OpenAsync();
            await TradeAsync(2);
            await _bench.Engine.StopAsync();
            var told = (await ReportAsync()).Violation;
            Assert.Null(told);

            // The frames of the pruned database behind its base, replayed behind the whole history of the other one.
            await using var whole = await JournalFactory.OpenReaderAsync($"sqlite:{twin}/book.db");
            await using var pruned = await JournalFactory.OpenReaderAsync(_bench.Address);
            foreach (var head in await pruned.HeadsAsync(default))
            {
                var book = Partition.NewBook(head.Partition, whole.Database);
                var replay = new Replay(book, head.Partition);
                var end = (await whole.HeadsAsync(default)).First(h => h.Partition == head.Partition).Seq;
                await foreach (var frame in whole.FramesAsync(head.Partition, 0, end, default)) replay.Apply(frame);
                await foreach (var frame in pruned.FramesAsync(head.Partition, end, head.Seq, default)) replay.Apply(frame);
                Assert.Equal((head.Seq, Convert.ToHexString(head.HeadHash)), (replay.Seq, Convert.ToHexString(replay.Hash)));
            }
        }
        finally
        {
            Directory.Delete(twin, recursive: true);
        }
    }

    [Fact]
    public async Task Recovery_begins_at_the_base_when_the_snapshot_is_lost_or_older()
    {
        await _bench.Engine.SubmitAsync(Review("once"));
        await TradeAsync(2);
        var before = await FiguresAsync();
        await PruneAsync(April);
        foreach (var loss in (string[])["DELETE FROM account", "UPDATE partition SET snapshot_seq = 0", "DELETE FROM partition_state"])
        {
            Run(loss);
            await _bench.OpenAsync();
            Assert.True(_bench.Engine.IsReady, _bench.Engine.Failure);
            Assert.Equal(before, await FiguresAsync());
            Assert.Equal(OutcomeKind.Duplicate, (await _bench.Engine.SubmitAsync(Review("once"))).Outcome.Kind);
            await _bench.CloseAsync();
            Assert.Null((await ReportAsync()).Violation);
        }
    }

    [Fact]
    public async Task The_past_before_a_base_is_refused_with_the_moment_from_which_it_is_known()
    {
        var march = Instant.From(_bench.Clock.GetUtcNow());
        await TradeAsync(3);
        var (plan, _) = await PruneAsync(April);
        await using var reader = await JournalFactory.OpenReaderAsync(_bench.Address);
        var cut = plan.Cuts[0];
        var at = (await reader.BaseAsync(0, default))!.At;
        foreach (var until in (PastBound[])[new(march, long.MaxValue), new(new Instant(at - 1), long.MaxValue), new(AsOf.Now.At, cut - 1)])
        {
            var pruned = await Assert.ThrowsAsync<PrunedException>(() => AsOf.BookAsync(reader, reader.Database, 0, until, default));
            Assert.Contains($"pruned up to sequence {cut} of {new Instant(at)}", pruned.Message, StringComparison.Ordinal);
        }

        foreach (var until in (PastBound[])[new(new Instant(at), long.MaxValue), new(AsOf.Now.At, cut)])
            Assert.Equal(at, (await AsOf.BookAsync(reader, reader.Database, 0, until, default)).StreamTime.Micros);
        var gone = await Assert.ThrowsAsync<PrunedException>(() => History.EntryAsync(reader, new EntryPosition(0, cut, 0), default));
        Assert.Contains("is gone", gone.Message, StringComparison.Ordinal);
        Assert.All(await History.OfAsync(reader, 0, Customer(0), (long.MaxValue, 0), 1_000, default), line => Assert.True(line.Seq > cut));
        Assert.Equal(cut, (await History.BeginsAsync(reader, 0, default))!.Value.Seq);
    }

    [Theory]
    [InlineData("UPDATE base_account SET state = CAST(substr(state, 1, length(state) - 1) || x'7F' AS BLOB) WHERE number = 1 AND partition = 0 AND slot = 1", "an account was changed")]
    [InlineData("UPDATE base_account SET customer = 'SOMEBODY' WHERE number = 1 AND partition = 0 AND slot = 0", "holds another one")]
    [InlineData("DELETE FROM base_account WHERE number = 1 AND partition = 0 AND slot = 0", "is missing")]
    [InlineData("UPDATE base_partition SET event_ids = zeroblob(1) WHERE partition = 0", "its digest is another one")]
    [InlineData("UPDATE base_partition SET seq = seq - 1 WHERE partition = 1", "its digest is another one")]
    [InlineData("UPDATE base_partition SET head_hash = zeroblob(32) WHERE partition = 0", "its digest is another one")]
    [InlineData("DELETE FROM base_partition WHERE partition = 1", "partition 1 is missing")]
    [InlineData("UPDATE journal_base SET digest = zeroblob(32)", "its seal is another one")]
    [InlineData("UPDATE decision_page SET body = (SELECT body FROM decision_page b WHERE b.partition = 0 ORDER BY seq DESC LIMIT 1) WHERE partition = 0 AND seq = (SELECT min(seq) FROM decision_page WHERE partition = 0)", "are other ones than when their frames were pruned")]
    [InlineData("DELETE FROM audit WHERE partition = 0 AND seq = (SELECT min(seq) FROM audit WHERE partition = 0)", "are other ones than when their frames were pruned")]
    [InlineData("DELETE FROM journal WHERE partition = 0 AND seq = (SELECT min(seq) FROM journal WHERE partition = 0)", "follows frame")]
    [InlineData("UPDATE account SET state = CAST(substr(state, 1, length(state) - 1) || x'7F' AS BLOB) WHERE partition = 0 AND slot = 1", "fails its checksum")]
    [InlineData("UPDATE account SET customer = 'SOMEBODY' WHERE partition = 1 AND slot = 1", "which is not his")]
    [InlineData("DELETE FROM closed_document WHERE partition = 0", "closed documents are stored")]
    public async Task What_somebody_changes_of_a_base_or_below_it_is_found(string sql, string why)
    {
        await TradeAsync(1);
        await CloseAsync();
        await TradeAsync(1);
        await PruneAsync(DateOnly.FromDateTime(_bench.Clock.GetUtcNow().Date));
        Assert.Null((await ReportAsync()).Violation);
        await using (var reader = await JournalFactory.OpenReaderAsync(_bench.Address))
        {
            for (var partition = 0; partition < 2; partition++)
            {
                var below = (await reader.BaseAsync(partition, default))!.Seq;
                await foreach (var row in reader.AccountsAsync(partition, default)) Assert.Equal(row.Slot == 1, row.AsOfSeq < below);
            }
        }

        foreach (var guard in (string[])["journal_base_stays", "journal_base_kept", "base_partition_stays", "base_partition_kept", "base_account_stays", "base_account_kept"]) Run("DROP TRIGGER " + guard);
        Run(sql);
        var violation = (await ReportAsync()).Violation;
        Assert.Contains(why, violation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_that_proves_otherwise_is_not_pruned()
    {
        await TradeAsync(2);
        await _bench.CloseAsync();
        var frames = (await FramesAsync()).Count;
        Run("DELETE FROM audit WHERE partition = 0 AND seq = (SELECT min(seq) FROM audit WHERE partition = 0)");
        var broken = await Assert.ThrowsAsync<JournalBrokenException>(() => PruneAsync(April));
        Assert.Contains("Nothing is pruned", broken.Message, StringComparison.Ordinal);
        Assert.Equal(frames, (await FramesAsync()).Count);
        await using var reader = await JournalFactory.OpenReaderAsync(_bench.Address);
        Assert.Null(await reader.SealAsync(default));
    }

    [Fact]
    public async Task A_pruning_that_is_killed_at_any_instant_leaves_a_whole_journal_and_the_next_run_goes_on()
    {
        await TradeAsync(2);
        var before = await FiguresAsync();
        await _bench.CloseAsync();
        var (deaths, sealed_) = (0, 0);
        for (var steps = 0; ; steps++)
        {
            try
            {
                await PruneAsync(April, steps);
                break;
            }
            catch (IOException)
            {
                deaths++;
            }

            var report = await ReportAsync();
            Assert.Null(report.Violation);
            // Behind the seal fewer steps are left: they die from the first on again.
            if (report.Base is not null && sealed_++ == 0) steps = -1;
            await using var reader = await JournalFactory.OpenReaderAsync(_bench.Address);
            var now = await AsOf.BookAsync(reader, reader.Database, 0, AsOf.Now, default);
            Assert.Contains(now.CustomerAt(0) + " ", before[0], StringComparison.Ordinal);
            Assert.EndsWith(AccountReport.Of(now.Figures(0), now.Today), before[0], StringComparison.Ordinal);
        }

        // Of both kinds: before the seal, where nothing counts yet, and behind it, where frames are left to drop.
        Assert.True(deaths - sealed_ > 4 && sealed_ > 1, $"{deaths} deaths, {sealed_} of them behind the seal");
        Assert.DoesNotContain(await FramesAsync(), f => f.Period < 202604);
        await _bench.OpenAsync();
        Assert.Equal(before, await FiguresAsync());
    }

    [Fact]
    public async Task A_second_pruning_goes_on_from_the_first()
    {
        await TradeAsync(2);
        await PruneAsync(April);
        await _bench.OpenAsync();
        await TradeAsync(2);
        var before = await FiguresAsync();
        var (plan, _) = await PruneAsync(new DateOnly(2026, 5, 1));
        Assert.Contains(202604, plan.Months);
        await using (var reader = await JournalFactory.OpenReaderAsync(_bench.Address))
        {
            Assert.Equal(2, (await reader.SealAsync(default))!.Number);
            Assert.Equal(2, (await reader.BaseAsync(0, default))!.Number);
            var older = 0;
            await foreach (var _ in reader.BaseAccountsAsync(1, 0, default)) older++;
            Assert.Equal(0, older);
        }

        Assert.Null((await ReportAsync()).Violation);
        await _bench.OpenAsync();
        Assert.Equal(before, await FiguresAsync());
    }

    [Fact]
    public async Task Of_the_newest_month_nothing_goes()
    {
        await TradeAsync(2);
        var (plan, _) = await PruneAsync(new DateOnly(2030, 1, 1));
        Assert.Equal(plan.Before, plan.Stays.Max(r => r.Period));
        Assert.All(await FramesAsync(), f => Assert.Equal(plan.Before, f.Period));
        Assert.Null((await ReportAsync()).Violation);
    }

    /// <summary>Orders, checks, a rate and days, over about five weeks each.</summary>
    private async Task TradeAsync(int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            var n = _orders++;
            if (n == 0)
            {
                // The second customers' accounts stay as they are: neither a day nor a rate changes anything there, and the rows that the end of the process writes are older than any base.
                await _bench.Engine.SubmitBatchAsync([.. Enumerable.Range(0, 2).SelectMany(p => (Fact[])[Bench.Limit(_bench.CustomerIn(p), 450), Bench.Limit(_bench.CustomerIn(p, 1), 450)])]);
                await _bench.ReopenAsync();
            }

            for (var partition = 0; partition < 2; partition++)
            {
                var customer = _bench.CustomerIn(partition);
                await _bench.Engine.SubmitAsync(_bench.Order(customer, $"O{n}", 100));
                await _bench.Engine.SubmitAsync(Bench.Check(customer, 10 + n, $"k{n}"));
            }

            await _bench.Engine.SubmitAsync(new FxRatePublished
            {
                EventId = $"fx{n}", Source = "bank", From = Currency.Parse("USD"), To = Bench.Eur, Rate = new FxRate(900_000_000_000 + n), AsOf = Instant.From(_bench.Clock.GetUtcNow()),
            });
            await DaysAsync(17);
        }
    }

    /// <summary>An invoice that is settled, and so long ago that it left the memory.</summary>
    private async Task CloseAsync()
    {
        var customer = _bench.CustomerIn(0);
        var today = _bench.Today;
        Fact[] settled =
        [
            new CreditNoteIssued { Customer = customer, CreditNoteId = "N1", Amount = 500, Currency = Bench.Eur, IssuedOn = today },
            new InvoicePosted { Customer = customer, InvoiceId = "I1", Amount = 500, Currency = Bench.Eur, IssuedOn = today, DueOn = today + 30 },
            new PaymentAllocated { Customer = customer, AllocationId = "A1", FromId = "N1", AllocatedOn = today, Items = [new AllocationItem { ItemId = "I1", Amount = 500 }] },
        ];
        foreach (var fact in settled) (fact.EventId, fact.Source) = (fact.Document, "t");
        Assert.All(await _bench.Engine.SubmitBatchAsync(settled), a => Assert.Equal(OutcomeKind.Applied, a.Outcome.Kind));
        await DaysAsync(135);
    }

    private async Task DaysAsync(int days)
    {
        _bench.Clock.Advance(TimeSpan.FromDays(days));
        for (var partition = Book.House; partition < 2; partition++)
            while (await _bench.Engine.ReadAsync(partition, book => book.Today < _bench.Today || book.SweepPending)) await Task.Yield();
    }

    /// <summary>An event that no document knows: the window of event ids alone does.</summary>
    private ReviewCompleted Review(string id) => new() { Customer = Customer(0), EventId = id, Source = "t", Note = "looked at" };

    private string Customer(int partition) => Enumerable.Range(0, 10_000).Select(i => $"C{i}").First(c => Ids.PartitionOf(c, 2) == partition);

    private async Task<List<string>> FiguresAsync()
    {
        var all = new List<string>();
        for (var partition = 0; partition < 2; partition++)
        {
            all.AddRange(await _bench.Engine.ReadAsync(partition, book =>
            {
                var buffer = new ByteBuffer();
                var told = new List<string>();
                for (var slot = 0; slot < book.AccountCount; slot++)
                {
                    buffer.Clear();
                    book.WriteAccount(slot, buffer);
                    // Without the version that the account has folded: it stands behind in a row that nothing has changed.
                    var state = new ByteReader(buffer.Written);
                    (_, _, _) = (state.Signed(), state.Block().Length, state.Signed());
                    told.Add(book.CustomerAt(slot) + " " + Convert.ToHexString(buffer.Written[^state.Remaining..]) + AccountReport.Of(book.Figures(slot), book.Today));
                }

                return told;
            }));
        }

        return all;
    }

    /// <param name="dies">After so many steps that write the process is gone; never without.</param>
    private async Task<(PruningPlan Plan, long Entries)> PruneAsync(DateOnly before, int dies = int.MaxValue)
    {
        await _bench.CloseAsync();
        await using var journal = await JournalFactory.OpenWriterAsync(_bench.Address, offline: true);
        var pruner = new Pruner(journal.Reader, new Mortal(journal, dies), journal.Database, _bench.Clock);
        var plan = await PruningPlan.MakeAsync(journal.Reader, await journal.RangesAsync(default), before, default);
        var entries = 0L;
        if (plan.NeedsBase)
        {
            (var seal, entries) = await pruner.WriteAsync(plan, null, _ => { }, default);
            await pruner.SealAsync(seal, default);
        }

        await pruner.DropAsync(plan, _ => { }, default);
        return (plan, entries);
    }

    /// <summary>Ends at a step: what was written before stays, and nothing is cleared up.</summary>
    private sealed class Mortal(IJournalPruning inner, int steps) : IJournalPruning
    {
        private int _left = steps;

        private IJournalPruning Next => _left-- > 0 ? inner : throw new IOException("The process dies here.");

        public ValueTask<long> BeginBaseAsync(CancellationToken cancel) => Next.BeginBaseAsync(cancel);

        public ValueTask WriteBaseAsync(long number, int partition, IReadOnlyList<BaseAccount> accounts, CancellationToken cancel) => Next.WriteBaseAsync(number, partition, accounts, cancel);

        public ValueTask WriteBaseAsync(PartitionBase partition, CancellationToken cancel) => Next.WriteBaseAsync(partition, cancel);

        public ValueTask SealBaseAsync(BaseSeal seal, CancellationToken cancel) => Next.SealBaseAsync(seal, cancel);

        public ValueTask<PartitionBase?> FindBaseAsync(long number, int partition, CancellationToken cancel) => inner.FindBaseAsync(number, partition, cancel);

        public ValueTask<IReadOnlyList<JournalRange>> RangesAsync(CancellationToken cancel) => inner.RangesAsync(cancel);

        // Dies within a month, too: some of its partitions are gone then.
        public async ValueTask DropRangeAsync(int period, Action<long> tell, CancellationToken cancel)
        {
            _ = Next;
            await inner.DropRangeAsync(period, gone =>
            {
                _ = Next;
                tell(gone);
            }, cancel);
        }

        public ValueTask<long> DropOlderBasesAsync(CancellationToken cancel) => Next.DropOlderBasesAsync(cancel);
    }

    private async Task<VerificationReport> ReportAsync()
    {
        await using var reader = await JournalFactory.OpenReaderAsync(_bench.Address);
        return await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None);
    }

    private async Task<List<StoredFrame>> FramesAsync()
    {
        await using var reader = await JournalFactory.OpenReaderAsync(_bench.Address);
        var all = new List<StoredFrame>();
        for (var partition = Book.House; partition < 2; partition++)
            await foreach (var frame in reader.FramesAsync(partition, 0, long.MaxValue, default)) all.Add(frame);
        return all;
    }

    private void Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_bench.Address["sqlite:".Length..]};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
