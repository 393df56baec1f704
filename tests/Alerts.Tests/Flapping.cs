using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>A customer whose utilisation crosses a step a thousand times, from his events through the engine and its outbox to what the desk is told.</summary>
public sealed class Flapping : IAsyncLifetime
{
    private const int Crossings = 1_000;

    private static readonly Currency Eur = Currency.Parse("EUR");

    private readonly string _folder = Directory.CreateTempSubdirectory("exposure-flaps-").FullName;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Thousand_crossings_in_three_days_are_at_most_one_digest_a_day_and_two_messages_before()
    {
        var rows = await RowsAsync();
        var story = new Story(new RoutePlan { Name = "desk", To = ["chat"], GroupWait = TimeSpan.Zero, GroupInterval = TimeSpan.Zero }, start: rows[0].At.ToString());
        foreach (var row in rows)
        {
            if (AlertReading.Read(row, null) is not { Alert.Rule: "EW-01" } change) continue;
            if (row.At > story.Now) story.Pass(row.At.Since(story.Now));
            foreach (var before in story.Book.OvertakenBy(change.Alert)) story.Resolve(before with { ChangedAt = story.Now });
            story.Tell(change.Alert, change.Transition);
        }

        story.Pass(TimeSpan.FromDays(1));
        var byDay = story.Sent.GroupBy(s => new Instant(story.Start.Micros + (long)(s.At * 1e6)).UtcDate).ToDictionary(g => g.Key, g => g.SelectMany(s => s.Message.Items).ToList());
        var digests = story.Sent.SelectMany(s => s.Message.Items).Where(i => i.Alert.Transitions > 0 && !i.IsEnd).ToList();
        // Three days of it, what is left over of the last one, and none behind.
        Assert.InRange(digests.Count, 3, 5);
        Assert.All(byDay.Values, items => Assert.InRange(items.Count(i => i.Alert.Transitions > 0 && !i.IsEnd), 0, 1));
        // What it told before it was known to flap, and the end after a day of calm.
        Assert.InRange(story.Sent.Count - digests.Count, 2, 5);
        // The last one has what was left over when it became calm.
        Assert.All(digests.SkipLast(1), d => Assert.True(d.Alert.Transitions >= 4, $"{d.Alert.Transitions}"));
    }

    [Fact]
    public async Task What_stood_when_the_digests_begin_ends_with_the_first_of_them()
    {
        await using var server = await VendorServer.StartAsync(ChannelKind.Slack);
        await using var desk = await Desk.StartAsync(Plans.Of(TimeProvider.System, new RoutePlan { Name = "root", To = ["chat"], GroupWait = TimeSpan.Zero, GroupInterval = TimeSpan.Zero }, Plans.Channel("chat", server, ChannelKind.Slack, Language.English)));
        var stood = await desk.RaiseAsync("C-1");
        var other = await desk.RaiseAsync("C-2");
        await desk.EndedAsync(2);
        await desk.TellAsync([desk.Other("C-1", "credit.signal.raised.v1", """{"signalId":"C-1/EW-01//4/9","indicator":"EW-01","step":4,"severity":"High","value":"10400","threshold":"10000","flapping":true,"transitions":4}""")]);
        var rows = await desk.EndedAsync(4);
        Assert.Equal([Transition.Raised, Transition.Resolved], rows.Where(r => r.Alert == stood).Select(r => r.Transition).Order(StringComparer.Ordinal));
        Assert.Equal(2, desk.House.Book.Of("C-1").Count + desk.House.Book.Of("C-2").Count);
        Assert.NotNull(desk.House.Book.Find(other));
    }

    /// <summary>What goes out of a database on which the story happened.</summary>
    private async Task<List<OutboxRow>> RowsAsync()
    {
        var address = $"sqlite:{_folder}/book.db";
        await JournalFactory.CreateAsync(address, new DatabaseInfo("flaps", "EUR", 1, "events", "UTC", false));
        await using var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(address, offline: true));
        await engine.StartAsync();
        var at = Instant.From(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));
        var facts = new List<Fact>
        {
            new CustomerOpened { Currency = Eur },
            new LimitSet { Version = 1, Currency = Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = 10_000 }] },
        };
        for (var n = 0; n < 2 * Crossings; n++) facts.Add(new ExternalExposureReported { System = "erp", Amount = n % 2 == 0 ? 9_500 : 1_000, Currency = Eur });
        for (var n = 0; n < facts.Count; n++)
        {
            (facts[n].Customer, facts[n].EventId, facts[n].Source) = ("C-1", $"e-{n}", "erp");
            facts[n].Time = at.Plus(TimeSpan.FromSeconds(130 * n));
            if (facts[n] is ExternalExposureReported told) told.AsOn = told.Time.UtcDate.DayNumber;
        }

        foreach (var answer in await engine.FeedAsync(facts)) Assert.Equal(OutcomeKind.Applied, answer.Outcome.Kind);
        await engine.StartDaysAsync(facts[^1].Time.UtcDate.DayNumber + 3);
        var head = (await engine.Reader.HeadsAsync(CancellationToken.None)).First(h => h.Partition == 0);
        var rows = new List<OutboxRow>();
        await foreach (var row in new JournalOutbox(engine.Reader).ReadAsync(0, default, head.Seq, CancellationToken.None)) rows.Add(row);
        return rows;
    }
}
