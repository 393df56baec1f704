using ExposureMonitor.Domain;
using ExposureMonitor.Storage.Tests;
using Npgsql;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>The portfolio is measured once a day and every partition hears it once, whatever happens in between.</summary>
public sealed class PortfolioMeters(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    [Fact]
    public async Task A_customer_who_owes_a_tenth_of_all_is_told_the_same_morning()
    {
        await using var bench = await Bench.StartAsync(partitions: 3);
        await using var meter = PortfolioMeter.At(bench.Engine, bench.Clock);
        // Nobody owes anything: there is nothing to compare with, and it is looked at again.
        Assert.False(await meter.LookAsync());
        Assert.Empty(await ToldAsync(bench, Book.House));
        var (large, small) = (bench.CustomerIn(0), bench.CustomerIn(2));
        await OwesAsync(bench, large, 90_100);
        await OwesAsync(bench, small, 9_900);
        await OwesAsync(bench, bench.CustomerIn(1), 900_000);
        Assert.True(await meter.LookAsync());
        // 90,100 of 1,000,000 are no tenth yet.
        Assert.Empty(await SignalsAsync(bench, large));
        await OwesAsync(bench, large, 20_000, "2");
        await TomorrowAsync(bench, meter);
        Assert.Equal("EW-27", Assert.Single(await SignalsAsync(bench, large)).Indicator);
        Assert.Empty(await SignalsAsync(bench, small));
        // A look more tells nothing more.
        Assert.True(await meter.LookAsync());
        for (var partition = Book.House; partition < 3; partition++) Assert.Equal([(bench.Today - 1, ""), (bench.Today, "")], await ToldAsync(bench, partition));
        Assert.Equal((1_020_000, bench.Today), await bench.Engine.ReadAsync(1, book => (book.Context.Baselines.Single().Receivables, book.Context.Baselines.Single().AsOn)));
        await bench.Engine.StopAsync();
        Assert.Null(await bench.VerifyAsync());
    }

    [Fact]
    public async Task Who_comes_to_owe_a_tenth_of_all_in_the_course_of_a_day_is_told_within_the_hour()
    {
        await using var bench = await Bench.StartAsync(partitions: 3);
        await using var meter = PortfolioMeter.At(bench.Engine, bench.Clock);
        var large = bench.CustomerIn(0);
        await OwesAsync(bench, large, 50_000);
        await OwesAsync(bench, bench.CustomerIn(1), 950_000);
        Assert.True(await meter.LookAsync());
        var morning = await WholeAsync(bench);
        await OwesAsync(bench, large, 70_000, "2");
        bench.Clock.Advance(TimeSpan.FromHours(1));
        Assert.True(await UntilToldAsync(meter));
        Assert.Equal("EW-27", Assert.Single(await SignalsAsync(bench, large)).Indicator);
        Assert.Equal(morning with { Receivables = 1_070_000, UncoveredEad = 1_070_000 }, await WholeAsync(bench));
        // An hour in which nothing happened has nothing to tell, and neither has a second look.
        Assert.True(await meter.LookAsync());
        bench.Clock.Advance(TimeSpan.FromHours(1));
        Assert.True(await UntilToldAsync(meter));
        for (var partition = Book.House; partition < 3; partition++) Assert.Equal([(bench.Today, ""), (bench.Today, "")], await ToldAsync(bench, partition));
        await bench.Engine.StopAsync();
        Assert.Null(await bench.VerifyAsync());
    }

    [Fact]
    public async Task A_process_that_starts_again_goes_on_with_the_next_full_hour_and_somebody_elses_figures_stand_for_their_day()
    {
        await using var bench = await Bench.StartAsync(partitions: 2);
        var customer = bench.CustomerIn(0);
        await OwesAsync(bench, customer, 1_000);
        await using (var meter = PortfolioMeter.At(bench.Engine, bench.Clock)) Assert.True(await meter.LookAsync());
        bench.Clock.Advance(TimeSpan.FromHours(1));
        await OwesAsync(bench, customer, 500, "2");
        await bench.ReopenAsync();
        await using (var meter = PortfolioMeter.At(bench.Engine, bench.Clock))
        {
            Assert.True(await UntilToldAsync(meter));
            Assert.Equal(1_000, (await WholeAsync(bench)).Receivables);
            bench.Clock.Advance(TimeSpan.FromHours(1));
            Assert.True(await UntilToldAsync(meter));
            Assert.Equal(1_500, (await WholeAsync(bench)).Receivables);
            // Another source says better what the house is owed.
            await bench.Engine.SubmitAsync(new PortfolioMeasured { EventId = "total", Source = "warehouse", AsOn = bench.Today, Receivables = 9_000 });
            await OwesAsync(bench, customer, 700, "3");
            for (var hour = 0; hour < 3; hour++)
            {
                bench.Clock.Advance(TimeSpan.FromHours(1));
                Assert.True(await UntilToldAsync(meter));
            }

            Assert.Equal(9_000, (await WholeAsync(bench)).Receivables);
        }

        // From the first of a day on.
        bench.Clock.Advance(TimeSpan.FromDays(1));
        while (await bench.Engine.ReadAsync(Book.House, book => book.Today < bench.Today)) await Task.Yield();
        await bench.Engine.SubmitAsync(new PortfolioMeasured { EventId = "another", Source = "warehouse", AsOn = bench.Today, Receivables = 9_100 });
        await using (var meter = PortfolioMeter.At(bench.Engine, bench.Clock))
        {
            Assert.True(await UntilToldAsync(meter));
            bench.Clock.Advance(TimeSpan.FromHours(1));
            Assert.True(await UntilToldAsync(meter));
        }

        Assert.Equal(9_100, (await WholeAsync(bench)).Receivables);
    }

    /// <summary>Segments A and B and the whole are three facts, each a commit of the house and one of the others at least; the process dies behind so many.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_process_that_dies_while_it_tells_a_day_leaves_nothing_out_and_nothing_twice(int commits)
    {
        await using var bench = await Bench.StartAsync(partitions: 3);
        for (var partition = 0; partition < 3; partition++)
        {
            var customer = bench.CustomerIn(partition);
            await bench.Engine.SubmitAsync(new CustomerOpened { Customer = customer, EventId = "k" + customer, Source = "t", Currency = Bench.Eur, Profile = new CustomerProfile { Segment = partition == 0 ? "A" : "B" } });
            await OwesAsync(bench, customer, 1_000);
        }

        await using (var meter = PortfolioMeter.At(bench.Engine, bench.Clock))
        {
            // What was sent before is committed: from here on each commit waits.
            for (var partition = Book.House; partition < 3; partition++) await bench.Engine.ReadAsync(partition, book => book.Today);
            bench.Journal.IsGated = true;
            var sent = bench.Journal.Sent.Count;
            var look = meter.LookAsync();
            for (var passed = 0; passed < commits; passed++)
            {
                await Bench.UntilAsync(() => bench.Journal.Sent.Count > sent + passed, $"commit {passed} waits");
                bench.Journal.Pass();
            }

            await Bench.UntilAsync(() => bench.Journal.Sent.Count > sent + commits, "the last commit waits");
            Assert.False(look.IsCompleted);
            bench.Journal.IsAway = true;
            bench.Journal.IsGated = false;
            bench.Journal.Pass();
            await Assert.ThrowsAnyAsync<EngineUnavailableException>(() => look);
        }

        await bench.ReopenAsync();
        await using (var meter = PortfolioMeter.At(bench.Engine, bench.Clock))
        {
            Assert.True(await UntilToldAsync(meter));
            Assert.True(await meter.LookAsync());
        }

        for (var partition = Book.House; partition < 3; partition++) Assert.Equal([(bench.Today, "A"), (bench.Today, "B"), (bench.Today, "")], await ToldAsync(bench, partition));
        await bench.Engine.StopAsync();
        Assert.Null(await bench.VerifyAsync());
    }

    [Fact]
    public async Task What_somebody_else_measured_today_stands()
    {
        await using var bench = await Bench.StartAsync();
        await OwesAsync(bench, bench.CustomerIn(1), 500);
        await bench.Engine.SubmitAsync(new PortfolioMeasured { EventId = "erp-1", Source = "erp", AsOn = bench.Today, Receivables = 7_000 });
        await using var meter = PortfolioMeter.At(bench.Engine, bench.Clock);
        Assert.True(await meter.LookAsync());
        Assert.Single(await ToldAsync(bench, 1));
        await TomorrowAsync(bench, meter);
        Assert.Equal(500, await bench.Engine.ReadAsync(1, book => book.Context.Baselines.Single().Receivables));
    }

    [Fact]
    public async Task Nothing_is_measured_where_the_policy_leaves_it_to_others_or_a_feeder_has_the_clock()
    {
        await using var bench = await Bench.StartAsync();
        await OwesAsync(bench, bench.CustomerIn(1), 500);
        await bench.Engine.SubmitAsync(new PolicyActivated { EventId = "p", Source = "t", PolicyId = "p", Version = 2, Parameters = [new PolicyParameter { Name = "portfolio.on", Value = "0" }] });
        await using (var meter = PortfolioMeter.At(bench.Engine, bench.Clock)) Assert.False(await meter.LookAsync());
        Assert.DoesNotContain(await ToldAsync(bench, 1), t => t.Day == bench.Today);

        await using var fed = await Bench.StartAsync(clock: "events");
        await fed.Engine.StartDaysAsync(fed.Today);
        await OwesAsync(fed, fed.CustomerIn(1), 500);
        await using (var meter = PortfolioMeter.At(fed.Engine, fed.Clock)) Assert.False(await meter.LookAsync());
        Assert.Empty(await ToldAsync(fed, 1));
    }

    [PostgreSqlFact]
    public async Task In_processes_that_share_a_journal_the_owner_of_the_house_measures_all_of_it()
    {
        NpgsqlConnection.ClearAllPools();
        var connection = await server.NewDatabaseAsync();
        await using (var neighbours = await Neighbours.StartAsync(connection, 2))
        {
            var (a, b) = (neighbours.All[0], neighbours.All[1]);
            await neighbours.GiveAsync(a, -1, 0, 1);
            await neighbours.GiveAsync(b, 2, 3);
            var customers = Enumerable.Range(0, 40).Select(i => $"C{i}").ToArray();
            foreach (var customer in customers) await a.Engine.SubmitAsync(Invoice(customer, 100, DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).DayNumber));
            await using var here = PortfolioMeter.At(a.Engine, TimeProvider.System);
            await using var there = PortfolioMeter.At(b.Engine, TimeProvider.System);
            Assert.False(await there.LookAsync());
            Assert.True(await UntilToldAsync(here));
            // The house moves: who has it now finds the day told.
            await neighbours.MoveAsync(Book.House, b);
            Assert.True(await UntilToldAsync(there));
            Assert.True(await here.LookAsync());
            for (var partition = Book.House; partition < 4; partition++)
                Assert.Equal((4_000, 1), await neighbours.OwnerOf(partition)!.Engine.ReadAsync(partition, book => (book.Context.Baselines.Single().Receivables, book.Context.Baselines.Count)));
            await neighbours.DisposeAsync();
            Assert.Null(await neighbours.VerifyAsync());
        }

        await server.DropDatabaseAsync(connection);
    }

    private static Task OwesAsync(Bench bench, string customer, long amount, string suffix = "") => bench.Engine.SubmitAsync(Invoice(customer, amount, bench.Today, suffix));

    private static InvoicePosted Invoice(string customer, long amount, int today, string suffix = "") => new()
    {
        Customer = customer, EventId = "i" + customer + suffix, Source = "t", InvoiceId = "I" + customer + suffix, Amount = amount, Currency = Bench.Eur, IssuedOn = today, DueOn = today + 30,
    };

    private static Task<PortfolioBaseline> WholeAsync(Bench bench) => bench.Engine.ReadAsync(Book.House, book => book.Context.Baselines.Single(b => b.Segment.Length == 0));

    private static async Task TomorrowAsync(Bench bench, PortfolioMeter meter)
    {
        bench.Clock.Advance(TimeSpan.FromDays(1));
        Assert.True(await UntilToldAsync(meter));
    }

    /// <summary>The day begins, and is swept, in the engine's own time; gives up after many looks.</summary>
    private static async Task<bool> UntilToldAsync(PortfolioMeter meter)
    {
        for (var i = 0; i < 20_000; i++)
            if (await meter.LookAsync()) return true;
        return false;
    }

    /// <summary>What stands once the partition has folded what it was told.</summary>
    private static async Task<List<SignalLine>> SignalsAsync(Bench bench, string customer)
    {
        for (var i = 0; i < 20_000; i++)
        {
            var (isSwept, lines) = await bench.Engine.ReadAsync(bench.Engine.PartitionOf(customer), book => (!book.SweepPending, book.Detail(book.FindSlot(customer)).Signals));
            if (isSwept) return lines;
        }

        throw new InvalidOperationException("The sweep does not end.");
    }

    /// <summary>The measurements in a partition's journal, in order.</summary>
    private static async Task<List<(int Day, string Segment)>> ToldAsync(Bench bench, int partition)
    {
        var told = new List<(int, string)>();
        await foreach (var stored in bench.Journal.Inner.Reader.FramesAsync(partition, 0, long.MaxValue, default))
            foreach (var entry in FrameCodec.Read(stored.Payload).Entries)
                if (entry.Fact is PortfolioMeasured fact) told.Add((fact.AsOn, fact.Segment));
        return told;
    }
}
