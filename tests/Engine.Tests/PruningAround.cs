using System.Security.Cryptography;
using ExposureMonitor.Domain;
using ExposureMonitor.Storage;
using ExposureMonitor.Storage.Tests;
using Npgsql;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>Pruning and what stands around it: the house, messages between partitions, anchors, ranges of PostgreSQL.</summary>
public sealed class PruningAround(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    private static readonly int First = new DateOnly(2025, 1, 6).DayNumber;

    [Fact]
    public async Task A_frame_of_the_house_stays_until_every_partition_has_taken_it()
    {
        await using var bench = await Bench.StartAsync();
        bench.Journal.IsGated = true;
        var sent = bench.Journal.Sent.Count;
        var order = bench.Engine.SubmitAsync(new SwitchGlobalHold { On = true, Reason = "storm", Actor = "anna" });
        await Bench.UntilAsync(() => bench.Journal.Sent.Count > sent, "the house's frame is sent");
        bench.Journal.Pass();
        await Bench.UntilAsync(() => bench.Journal.Sent.Count > sent + 1, "the others' frames are sent");
        bench.Journal.IsAway = true;
        bench.Journal.IsGated = false;
        bench.Journal.Pass();
        await Assert.ThrowsAsync<EngineUnavailableException>(() => order);
        await bench.CloseAsync();
        Assert.Contains("Partition 0 has not taken what the house told all in", await NeededAsync(bench.Address), StringComparison.Ordinal);
        await bench.OpenAsync();
        await bench.CloseAsync();
        Assert.Null(await NeededAsync(bench.Address));
    }

    [Fact]
    public async Task Orders_that_changed_their_payer_over_the_cut_are_owed_once()
    {
        await using var bench = await Bench.StartAsync(partitions: 2, clock: "events");
        var (from, to) = (bench.CustomerIn(0), bench.CustomerIn(1));
        await FeedAsync(bench.Engine, First, [Bench.Limit(from, 100_000), Bench.Limit(to, 100_000), .. Enumerable.Range(0, 30).Select(n => Order(from, n, First))]);
        await FeedAsync(bench.Engine, First + 1, [.. Enumerable.Range(0, 10).Select(n => Changed(from, to, n))]);
        // The next month begins, and others move behind the cut.
        await FeedAsync(bench.Engine, First + 40, [.. Enumerable.Range(10, 10).Select(n => Changed(from, to, n))]);
        await bench.Engine.ReadAsync(1, book => book.Today);
        await bench.CloseAsync();
        await PruneAsync(bench.Address, new DateOnly(2025, 2, 1));
        Assert.Null(await bench.VerifyAsync());

        await bench.OpenAsync();
        // What was sent before the cut is not taken again, and numbers go on.
        await FeedAsync(bench.Engine, First + 41, [.. Enumerable.Range(20, 5).Select(n => Changed(from, to, n)), Changed(from, to, 3)]);
        await UntilAsync(bench, () => Owed(to) == 2_500 && Owed(from) == 500);
        await bench.CloseAsync();
        Assert.Null(await bench.VerifyAsync());

        long Owed(string customer) => bench.Engine.TryGetRow(customer, out var row) ? row.Figures.OrdersInside + row.Figures.OrdersOutside + row.Figures.Held : 0;
    }

    [Fact]
    public async Task A_base_is_anchored_and_another_one_under_its_number_is_found()
    {
        var folder = Directory.CreateTempSubdirectory("exposure-pruned-anchors-").FullName;
        try
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            await using var bench = await Bench.StartAsync(partitions: 2, clock: "events");
            await FeedAsync(bench.Engine, First, [Bench.Limit(bench.CustomerIn(0), 100_000), Order(bench.CustomerIn(0), 1, First)]);
            await AnchorAsync();
            await FeedAsync(bench.Engine, First + 40, [Order(bench.CustomerIn(0), 2, First + 40)]);
            await AnchorAsync();
            await bench.CloseAsync();
            await PruneAsync(bench.Address, new DateOnly(2025, 2, 1));
            var before = await ProveAsync();
            Assert.Equal((null, false), (before.Violation, before.Base!.IsAnchored));
            // The first anchors name frames that are gone; they are told as such, and nothing is made of them.
            Assert.True(before.Base.Anchors > 0);

            await using (var reader = await JournalFactory.OpenReaderAsync(bench.Address))
                Assert.Equal(5, await AnchorKeeper.AnchorBaseAsync(reader, reader.Database, [folder], key, bench.Clock, default));
            Assert.Equal((null, true), ((await ProveAsync()).Violation, (await ProveAsync()).Base!.IsAnchored));
            await bench.OpenAsync();
            await AnchorAsync();
            await bench.CloseAsync();

            // Somebody writes the base anew, whole in itself: only what stands outside shows it.
            using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={bench.Address["sqlite:".Length..]};Pooling=false"))
            {
                connection.Open();
                using var command = connection.CreateCommand();
                command.CommandText = "DROP TRIGGER base_partition_stays; DROP TRIGGER journal_base_stays; UPDATE base_partition SET at = at + 1 WHERE partition = 1";
                command.ExecuteNonQuery();
                await using var reader = await JournalFactory.OpenReaderAsync(bench.Address);
                var parts = new List<PartitionBase>();
                for (var id = Book.House; id < 2; id++)
                {
                    var part = (await reader.BaseAsync(id, default))!;
                    parts.Add(part = part with { Digest = part.ComputeDigest() });
                    command.CommandText = $"UPDATE base_partition SET digest = x'{Convert.ToHexString(part.Digest)}' WHERE partition = {id}";
                    command.ExecuteNonQuery();
                }

                command.CommandText = $"UPDATE journal_base SET digest = x'{Convert.ToHexString(BaseSeal.DigestOf(parts))}'";
                command.ExecuteNonQuery();
            }

            Assert.Null(await bench.VerifyAsync());
            Assert.Contains("it was written anew", (await ProveAsync()).Violation, StringComparison.Ordinal);

            async Task AnchorAsync()
            {
                await using var keeper = await AnchorKeeper.StartAsync(bench.Journal.Inner.Reader, bench.Journal.Database, [folder], key, false, bench.Clock, _ => { }, default);
                bench.Clock.Advance(TimeSpan.FromDays(1));
            }

            async Task<VerificationReport> ProveAsync()
            {
                await using var reader = await JournalFactory.OpenReaderAsync(bench.Address);
                return await JournalVerifier.RunAsync(reader, reader.Database, default, AnchorHistory.Read([folder], "test", key));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [PostgreSqlFact]
    public async Task Ranges_of_a_real_server_go_and_it_answers_as_before()
    {
        NpgsqlConnection.ClearAllPools();
        var connection = await server.NewDatabaseAsync();
        await JournalFactory.CreateAsync(connection, new DatabaseInfo("test", "EUR", 2, "events", "UTC", false));
        List<string> before;
        await using (var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(connection, offline: true)))
        {
            await engine.StartAsync();
            for (var month = 0; month < 4; month++)
                await FeedAsync(engine, First + 30 * month, [.. Enumerable.Range(0, 40).SelectMany(n => (Fact[])[Bench.Limit($"C{n}", 300), Order($"C{n}", 100 * month + n, First + 30 * month)])]);
            before = await FiguresAsync(engine);
        }

        await PruneAsync(connection, new DateOnly(2025, 3, 1));
        await using (var raw = new NpgsqlConnection(connection))
        {
            await raw.OpenAsync();
            await using var ranges = new NpgsqlCommand("SELECT count(*) FROM pg_class WHERE relname IN ('journal_202501', 'journal_202502')", raw);
            Assert.Equal(0L, await ranges.ExecuteScalarAsync());
        }

        for (var life = 0; life < 2; life++)
        {
            await using (var reader = await JournalFactory.OpenReaderAsync(connection))
            {
                var report = await JournalVerifier.RunAsync(reader, reader.Database, default);
                Assert.Null(report.Violation);
                Assert.True(report.Base!.Frames > 0);
            }

            await using var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(connection, offline: true));
            await engine.StartAsync();
            if (life == 0) Assert.Equal(before, await FiguresAsync(engine));
            var again = await engine.FeedAsync([Stamped(Order("C7", 7, First), First + 90)]);
            Assert.Equal(OutcomeKind.Duplicate, again[0].Outcome.Kind);
            await FeedAsync(engine, First + 91 + life, [Order("C7", 900 + life, First + 91)]);
        }

        NpgsqlConnection.ClearAllPools();
        await server.DropDatabaseAsync(connection);
    }

    private static async Task<string?> NeededAsync(string address)
    {
        await using var reader = await JournalFactory.OpenReaderAsync(address);
        return await Pruner.NotTakenAsync(reader, reader.Database, (await reader.HeadsAsync(default))[0].Seq, default);
    }

    internal static async Task PruneAsync(string address, DateOnly before)
    {
        await using var journal = await JournalFactory.OpenWriterAsync(address, offline: true);
        var plan = await PruningPlan.MakeAsync(journal.Reader, await journal.RangesAsync(default), before, default);
        Assert.True(plan.NeedsBase);
        var pruner = new Pruner(journal.Reader, journal, journal.Database, TimeProvider.System);
        var (seal, _) = await pruner.WriteAsync(plan, null, _ => { }, default);
        await pruner.SealAsync(seal, default);
        await pruner.DropAsync(plan, _ => { }, default);
        Assert.DoesNotContain(await journal.RangesAsync(default), r => r.Period < before.Year * 100 + before.Month);
    }

    private static async Task FeedAsync(ExposureEngine engine, int day, Fact[] facts)
    {
        await engine.StartDaysAsync(day);
        await engine.FeedAsync([.. facts.Select(f => Stamped(f, day))]);
    }

    private static Fact Stamped(Fact fact, int day)
    {
        fact.Time = Instant.From(DateOnly.FromDayNumber(day));
        return fact;
    }

    private static async Task<List<string>> FiguresAsync(ExposureEngine engine)
    {
        var all = new List<string>();
        for (var partition = 0; partition < engine.Database.Partitions; partition++)
            all.AddRange(await engine.ReadAsync(partition, book => Enumerable.Range(0, book.AccountCount).Select(slot => book.CustomerAt(slot) + AccountReport.Of(book.Figures(slot), book.Today)).ToList()));
        return all;
    }

    /// <summary>Messages are taken by commits of their own: each look commits what waits.</summary>
    private static async Task UntilAsync(Bench bench, Func<bool> reached)
    {
        for (var looks = 0; looks < 10_000 && !reached(); looks++)
            for (var partition = 0; partition < 2; partition++) await bench.Engine.ReadAsync(partition, book => book.Today);
        Assert.True(reached());
    }

    private static OrderPlaced Order(string customer, int n, int day) => new()
    {
        Customer = customer, EventId = $"o{n}", Source = "t", OrderId = $"O{n}", Amount = 100, Currency = Bench.Eur, OrderedOn = day, ShipOn = day + 5,
    };

    private static OrderPayerChanged Changed(string from, string to, int n) => new() { Customer = from, EventId = $"p{n}", Source = "t", OrderId = $"O{n}", NewPayer = to, Version = 1 };
}
