using ExposureMonitor.Domain;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>A partition comes to an engine that shares its database, while the database goes away.</summary>
public sealed class Arrivals
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task An_outage_while_messages_of_a_partition_that_comes_are_read_ends_by_itself(int lost)
    {
        var folder = Directory.CreateTempSubdirectory("exposure-arrivals-").FullName;
        var (address, clock) = ($"sqlite:{folder}/book.db", new ToldClock());
        await JournalFactory.CreateAsync(address, new DatabaseInfo("test", "EUR", 2, "wall", "UTC", false));
        var journal = new GatedJournal(await JournalFactory.OpenWriterAsync(address, offline: true));
        await using (var engine = new ExposureEngine(journal, clock, others: new Nobody()))
        {
            await engine.StartAsync();
            foreach (var partition in (int[])[Book.House, 0, 1]) await engine.AcquireAsync(partition);
            var (from, to, today) = (CustomerIn(engine, 0), CustomerIn(engine, 1), DateOnly.FromDateTime(clock.GetUtcNow().Date).DayNumber);
            foreach (var customer in (string[])[from, to]) await engine.SubmitAsync(Bench.Limit(customer, 1_000));
            await engine.SubmitAsync(new OrderPlaced { Customer = from, EventId = "o", Source = "t", OrderId = "O", Amount = 100, Currency = Bench.Eur, OrderedOn = today, ShipOn = today });
            await engine.ReleaseAsync(1);
            // Sent to a partition of nobody.
            await engine.SubmitAsync(new OrderPayerChanged { Customer = from, EventId = "c", Source = "t", OrderId = "O", NewPayer = to, Version = 1 });

            journal.MessagesLost = lost;
            await engine.AcquireAsync(1);
            Assert.True(journal.MessagesLost < 0, "the messages were not read");
            while (await engine.ReadAsync(1, book => book.TakenFrom(0)) == 0) await Task.Yield();
            Assert.Equal(100, (await engine.ReadAsync(1, book => book.Figures(book.FindSlot(to)))).OrdersInside);
            Assert.Equal((null, false), (engine.Failure, engine.NeedsPerson));
        }

        await using (var reader = await JournalFactory.OpenReaderAsync(address)) Assert.Null((await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None)).Violation);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_wire_that_breaks_now_and_then_keeps_no_partition_with_many_senders_away()
    {
        const int Partitions = 6, Last = Partitions - 1;
        var folder = Directory.CreateTempSubdirectory("exposure-arrivals-").FullName;
        var (address, clock) = ($"sqlite:{folder}/book.db", new ToldClock());
        await JournalFactory.CreateAsync(address, new DatabaseInfo("test", "EUR", Partitions, "wall", "UTC", false));
        var journal = new GatedJournal(await JournalFactory.OpenWriterAsync(address, offline: true));
        await using (var engine = new ExposureEngine(journal, clock, others: new Nobody()))
        {
            await engine.StartAsync();
            for (var partition = Book.House; partition < Partitions; partition++) await engine.AcquireAsync(partition);
            var (to, today) = (CustomerIn(engine, Last), DateOnly.FromDateTime(clock.GetUtcNow().Date).DayNumber);
            await engine.SubmitAsync(Bench.Limit(to, 10_000));
            await engine.ReleaseAsync(Last);
            for (var sender = 0; sender < Last; sender++)
            {
                var from = CustomerIn(engine, sender);
                await engine.SubmitAsync(Bench.Limit(from, 1_000));
                await engine.SubmitAsync(new OrderPlaced { Customer = from, EventId = "o" + sender, Source = "t", OrderId = "O" + sender, Amount = 100, Currency = Bench.Eur, OrderedOn = today, ShipOn = today });
                await engine.SubmitAsync(new OrderPayerChanged { Customer = from, EventId = "c" + sender, Source = "t", OrderId = "O" + sender, NewPayer = to, Version = 1 });
            }

            // More senders than reads in a row that succeed.
            (journal.MessagesLost, journal.MessagesLostEvery) = (1, 3);
            var comes = engine.AcquireAsync(Last);
            await Bench.UntilAsync(() => comes.IsCompleted, "the partition comes");
            await comes;
            journal.MessagesLostEvery = 0;
            for (var sender = 0; sender < Last; sender++)
            {
                var id = sender;
                while (await engine.ReadAsync(Last, book => book.TakenFrom(id)) == 0) await Task.Yield();
            }

            Assert.Equal(100 * Last, (await engine.ReadAsync(Last, book => book.Figures(book.FindSlot(to)))).OrdersInside);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_partition_that_comes_in_an_outage_knows_all_that_the_house_told_meanwhile()
    {
        var folder = Directory.CreateTempSubdirectory("exposure-arrivals-").FullName;
        var (address, clock) = ($"sqlite:{folder}/book.db", new ToldClock());
        await JournalFactory.CreateAsync(address, new DatabaseInfo("test", "EUR", 2, "wall", "UTC", false));
        var journal = new GatedJournal(await JournalFactory.OpenWriterAsync(address, offline: true));
        await using (var engine = new ExposureEngine(journal, clock, others: new Nobody()))
        {
            await engine.StartAsync();
            foreach (var partition in (int[])[Book.House, 0, 1]) await engine.AcquireAsync(partition);
            await engine.ReleaseAsync(1);
            var told = engine.SubmitAsync(new SwitchGlobalHold { On = true, Reason = "storm", Actor = "anna" });
            // The answer waits a while for the partition of nobody, and then names it.
            for (; !told.IsCompleted; await Task.Yield()) clock.Advance(TimeSpan.FromMilliseconds(200));
            Assert.Contains(1, (await told).NotYet);

            journal.HouseFramesLost = 1;
            await engine.AcquireAsync(1);
            Assert.True(journal.HouseFramesLost <= 0, "the frames of the house were not read");
            Assert.True(await engine.ReadAsync(1, book => book.Context.GlobalHold));
        }

        Directory.Delete(folder, recursive: true);
    }

    private static string CustomerIn(ExposureEngine engine, int partition) => Enumerable.Range(0, 1_000).Select(i => $"C{i}").First(c => engine.PartitionOf(c) == partition);

    /// <summary>Whoever else there may be owns nothing.</summary>
    private sealed class Nobody : IOtherOwners
    {
        public Task<IReadOnlyList<Answer>> SubmitAsync(int partition, IReadOnlyList<Fact> facts, CancellationToken cancel) => throw Of(partition);

        public Task<byte[]> AskAsync(int partition, string question, byte[] arguments, CancellationToken cancel) => throw Of(partition);

        public Task<byte[]> RowsAsync(int partition, long behind, CancellationToken cancel) => throw Of(partition);

        public void Lost(int partition)
        {
        }

        public void Journaled(IReadOnlyDictionary<int, (long Seq, int Index)> places)
        {
        }

        public void HouseTold()
        {
        }

        private static PartitionElsewhereException Of(int partition) => new($"Nobody owns partition {partition}.");
    }
}
