using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;
using ExposureMonitor.Storage.Tests;
using Xunit;

namespace ExposureMonitor.Kafka.Tests;

/// <summary>A feed that begins after an unclean end, while partitions go to other processes.</summary>
[Collection(nameof(KafkaBroker))]
public sealed class CarefulMoves(KafkaBroker broker, PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    private const int Invoices = 20;

    [NeedsPostgreSqlFact]
    public async Task A_partition_that_leaves_while_it_is_read_with_care_holds_up_no_other_and_is_read_on_when_it_comes_back()
    {
        var connection = await server.NewDatabaseAsync();
        await using (var here = await Installation.CreateAsync(broker, connection))
        {
            string[] customers = [.. Enumerable.Range(1, 8).Select(n => $"C{n}")];
            for (var n = 0; n < Invoices; n++)
                await Task.WhenAll(customers.Select(c => here.TellAsync(here.Options.Receivables, Feeds.Invoice(c, $"{c}-I{n}", 1))));
            await using var engine = new ExposureEngine(await JournalFactory.OpenServiceAsync(connection, shared: true), others: new Nobody());
            await engine.StartAsync();
            for (var partition = Book.House; partition < Installation.Partitions; partition++) await engine.AcquireAsync(partition);
            var left = engine.PartitionOf(customers[0]);
            // The first chunk is noted, and before its records are touched a partition of theirs goes.
            await using var feed = await KafkaFeed.StartAsync(engine, new EventDecoder(), here.Options, marks: new UncleanEnd(here.Options.Receivables, () => engine.ReleaseAsync(left)));
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
            await feed.CaughtUpAsync(limit.Token);
            foreach (var customer in customers.Where(c => engine.PartitionOf(c) != left)) Assert.Equal(Invoices, Receivables(customer));
            await engine.AcquireAsync(left);
            while (customers.Any(c => Receivables(c) != Invoices)) await Task.Delay(20, limit.Token);

            long Receivables(string customer) => engine.Owns(engine.PartitionOf(customer)) && engine.TryGetRow(customer, out var row) ? row.Figures.Receivables : 0;
        }

        await server.DropDatabaseAsync(connection);
    }

    /// <summary>Notes of a process that ended without saying so.</summary>
    private sealed class UncleanEnd(string topic, Func<Task> whenNoted) : IFeedMarks
    {
        private int _noted;

        public ValueTask<IReadOnlyList<FeedMark>> MarksAsync(CancellationToken cancel) => ValueTask.FromResult<IReadOnlyList<FeedMark>>([new FeedMark(FeedMark.Open, 0, 0, 0)]);

        public async ValueTask MarkAsync(IReadOnlyList<FeedMark> marks, IReadOnlyList<string> wiped, CancellationToken cancel)
        {
            if (marks.Any(m => m.Stream.Contains(topic, StringComparison.Ordinal)) && Interlocked.Exchange(ref _noted, 1) == 0) await whenNoted();
        }
    }

    /// <summary>No other process answers.</summary>
    private sealed class Nobody : IOtherOwners
    {
        public Task<IReadOnlyList<Answer>> SubmitAsync(int partition, IReadOnlyList<Fact> facts, CancellationToken cancel) => throw new PartitionElsewhereException("Nobody.");

        public Task<byte[]> AskAsync(int partition, string question, byte[] arguments, CancellationToken cancel) => throw new PartitionElsewhereException("Nobody.");

        public Task<byte[]> RowsAsync(int partition, long behind, CancellationToken cancel) => throw new PartitionElsewhereException("Nobody.");

        public void Lost(int partition)
        {
        }

        public void Journaled(IReadOnlyDictionary<int, (long Seq, int Index)> places)
        {
        }

        public void HouseTold()
        {
        }
    }
}
