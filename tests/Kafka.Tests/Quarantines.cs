using ExposureMonitor.Domain;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Kafka.Tests;

/// <summary>A record that ends the process is found and put aside; a process that is ended by others puts nothing aside.</summary>
[Collection(nameof(KafkaBroker))]
public sealed class Quarantines(KafkaBroker broker)
{
    private const string Poison = "ends-the-process";

    [RealKafkaFact]
    public async Task A_record_that_ends_the_process_becomes_a_dead_letter_and_its_neighbours_have_their_effect()
    {
        await using var here = await Installation.CreateAsync(broker);
        var poison = Feeds.Invoice("C3", "P1", 1_000_000);
        poison.Note = Poison;
        await TellAsync(here, 150);
        await here.TellAsync(here.Options.Receivables, poison);
        await TellAsync(here, 150, first: 1_000);

        var deaths = 0;
        while (await ChildProcess.RunAsync("feed", here.Database, here.Options, Poison, "0") == 137) Assert.True(++deaths < 10, "the record is not found");
        // Once in the ordinary round, once in its chunk, and twice alone.
        Assert.Equal(4, deaths);
        Assert.Equal(0, await ChildProcess.RunAsync("feed", here.Database, here.Options, Poison, "0"));

        await here.StartAsync();
        var dead = Assert.Single(await here.DeadLettersAsync());
        Assert.Equal((DecodeReasons.Quarantined, "C3"), (dead.Kind, dead.Customer));
        Assert.Contains(Poison, System.Text.Encoding.UTF8.GetString(dead.Body.Span), StringComparison.Ordinal);
        foreach (var customer in Customers) Assert.Equal(300, here.Figures(customer).Receivables);
        await here.StopAsync();
        Assert.Null(await here.VerifyAsync());
    }

    [RealKafkaFact]
    public async Task Processes_that_are_killed_from_outside_put_nothing_aside()
    {
        await using var here = await Installation.CreateAsync(broker);
        await TellAsync(here, 300);
        // Each dies at another record: in the ordinary round, in chunks, and while a chunk is tried record by record.
        foreach (var at in (int[])[900, 650, 70, 20, 3, 2, 90, 300, 5]) Assert.Equal(137, await ChildProcess.RunAsync("feed", here.Database, here.Options, "", $"{at}"));
        Assert.Equal(0, await ChildProcess.RunAsync("feed", here.Database, here.Options, "", "0"));

        await here.StartAsync();
        Assert.Empty(await here.DeadLettersAsync());
        foreach (var customer in Customers) Assert.Equal(300, here.Figures(customer).Receivables);
        await here.StopAsync();
        await using var journal = await JournalFactory.OpenServiceAsync(here.Database);
        Assert.Empty(await journal.MarksAsync(CancellationToken.None));
        Assert.Null(await here.VerifyAsync());
    }

    private static readonly string[] Customers = [.. Enumerable.Range(1, 8).Select(n => $"C{n}")];

    private static async Task TellAsync(Installation here, int invoices, int first = 0)
    {
        for (var n = first; n < first + invoices; n++)
            await Task.WhenAll(Customers.Select(c => here.TellAsync(here.Options.Receivables, Feeds.Invoice(c, $"{c}-I{n}", 1))));
    }
}
