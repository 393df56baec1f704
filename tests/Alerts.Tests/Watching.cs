using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>Sign of life, silent feeds, the end of old records, letters, and credentials that are set while it runs.</summary>
public sealed class Watching
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Sign_of_life_goes_once_in_each_turn_whoever_begins_it()
    {
        await using var server = await VendorServer.StartAsync(ChannelKind.Slack);
        var plan = Plans.Of(TimeProvider.System, TimeSpan.Zero, Plans.Channel("chat", server, ChannelKind.Slack, Language.English));
        await using var desk = await Desk.StartAsync(plan);
        var beat = new Heartbeat(["chat"], TimeSpan.FromDays(300));
        await desk.House.BeatAsync(beat, None);
        // A process that ends while its message is on the way would have to send it again.
        await desk.EndedAsync();
        await desk.RestartAsync(Plans.Of(TimeProvider.System, TimeSpan.Zero, Plans.Channel("chat", server, ChannelKind.Slack, Language.English)));
        await desk.House.BeatAsync(beat, None);
        var row = Assert.Single(await desk.EndedAsync());
        Assert.Equal((DeliveryState.Delivered, "heartbeat"), (row.State, row.Route));
        Assert.Contains("the alerts are alive", Assert.Single(server.Shown).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silence_of_a_feed_is_told_once_and_so_is_its_end()
    {
        await using var server = await VendorServer.StartAsync(ChannelKind.Slack);
        await using var desk = await Desk.StartAsync(Plans.Of(TimeProvider.System, TimeSpan.Zero, Plans.Channel("chat", server, ChannelKind.Slack, Language.English)));
        await desk.House.FeedsAsync(Feed(0), None);
        await desk.House.FeedsAsync(Feed(3), None);
        await desk.House.FeedsAsync(Feed(2), None);
        await desk.EndedAsync();
        await desk.House.FeedsAsync(Feed(0), None);
        var rows = await desk.EndedAsync(2);
        Assert.Equal([Transition.Raised, Transition.Resolved], rows.OrderBy(r => r.Number).Select(r => r.Transition));
        Assert.Contains("no sign of life of credit.receivables; what does not come may be its silence and not the payer's", server.Shown[0].Body, StringComparison.Ordinal);
        Assert.StartsWith("FEED/credit.receivables/", rows[0].Alert, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Silence_whose_record_was_in_doubt_is_one_alert_and_ends(bool taken, bool backAtOnce)
    {
        await using var server = await VendorServer.StartAsync(ChannelKind.Slack);
        await using var desk = await Desk.StartAsync(Plans.Of(TimeProvider.System, TimeSpan.Zero, Plans.Channel("chat", server, ChannelKind.Slack, Language.English)));
        desk.Fail(nameof(IAlertStore.TakeInAsync), afterwards: taken);
        await Assert.ThrowsAsync<IOException>(() => desk.House.FeedsAsync(Feed(3), None));
        if (!backAtOnce) await desk.House.FeedsAsync(Feed(3), None);
        // It is told before its end is, also when the feed was back before anybody knew what the database has.
        await desk.House.FeedsAsync(Feed(0), None);
        await desk.House.FeedsAsync(Feed(0), None);
        var rows = await desk.WaitAsync(all => all.Count(r => r.IsFinal) >= 2);
        Assert.Equal([Transition.Raised, Transition.Resolved], rows.OrderBy(r => r.Number).Select(r => r.Transition));
        var row = Assert.Single(await desk.Store.AlertsAsync([.. rows.Select(r => r.Alert).Distinct()], None));
        Assert.Equal(AlertState.Resolved, row.State);
    }

    [Fact]
    public async Task Alert_that_has_ended_keeps_the_value_at_which_it_was_raised_and_what_people_thought_of_it()
    {
        await using var server = await VendorServer.StartAsync(ChannelKind.Slack);
        await using var desk = await Desk.StartAsync(Plans.Of(TimeProvider.System, TimeSpan.Zero, Plans.Channel("chat", server, ChannelKind.Slack)));
        var id = await desk.RaiseAsync("C-1");
        Assert.Equal(ActOutcome.Done, await desk.House.TagAsync(id, AlertTag.Noise, "li.wei", "a rounding", -1, None));
        Assert.Equal(ActOutcome.Overtaken, await desk.House.TagAsync(id, AlertTag.Useful, "bo", "", 0, None));
        Assert.Equal(ActOutcome.Unknown, await desk.House.TagAsync("nobody", AlertTag.Useful, "bo", "", -1, None));
        await desk.TellAsync([desk.Other("C-1", "credit.signal.resolved.v1", $$"""{"signalId":"{{id}}","indicator":"EW-01","step":4,"severity":"High","value":"9400","threshold":"9500"}""")]);
        var row = Assert.Single(await desk.Store.AlertsAsync([id], None));
        var alert = AlertHouse.AlertOf(row);
        Assert.Equal((AlertState.Resolved, AlertTag.Noise, AlertHandling.New), (row.State, row.Tag, row.Handling));
        Assert.Equal((9_400, 10_400, 10_000), (alert.Value, alert.RaisedValue, alert.Threshold));
        Assert.Equal([("noise", "a rounding")], (await desk.Store.NotesAsync(id, None)).Select(n => (n.Act, n.Text)));
        // To close it and to say so is one act.
        Assert.Equal(ActOutcome.Done, await desk.House.HandleAsync(id, AlertHandling.Closed, "li.wei", "paid", -1, None, tag: AlertTag.Useful));
        Assert.Equal((AlertTag.Useful, "closed, useful"), ((await desk.Store.AlertsAsync([id], None))[0].Tag, (await desk.Store.NotesAsync(id, None))[1].Act));
    }

    [Fact]
    public async Task Old_alerts_leave_with_their_records_and_what_fires_or_waits_stays()
    {
        await using var server = await VendorServer.StartAsync(ChannelKind.Slack);
        await using var desk = await Desk.StartAsync(Plans.Of(TimeProvider.System, TimeSpan.Zero, Plans.Channel("chat", server, ChannelKind.Slack)));
        var over = await desk.RaiseAsync("C-1");
        var fires = await desk.RaiseAsync("C-2");
        await desk.EndedAsync(2);
        await desk.House.HandleAsync(over, AlertHandling.Taken, "li.wei", "", -1, None);
        await desk.ResolveAsync("C-1", over);
        await desk.EndedAsync(3);
        await desk.House.PurgeAsync(TimeSpan.FromDays(1), None);
        Assert.Equal(2, (await desk.Store.AlertsAsync(new AlertQuery(), None)).Count);
        await desk.House.PurgeAsync(TimeSpan.FromDays(-1), None);
        Assert.Equal([fires], (await desk.Store.AlertsAsync(new AlertQuery(), None)).Select(a => a.Id));
        Assert.Equal([fires], (await desk.Store.DeliveriesAsync(new DeliveryQuery(), None)).Select(d => d.Alert));
        Assert.Empty(await desk.Store.NotesAsync(over, None));
    }

    [Fact]
    public async Task Utilisation_is_told_with_what_was_told_of_it_before()
    {
        await using var server = await VendorServer.StartAsync(ChannelKind.Slack);
        await using var desk = await Desk.StartAsync(Plans.Of(TimeProvider.System, new RoutePlan { Name = "root", To = ["chat"], GroupWait = TimeSpan.Zero, GroupInterval = TimeSpan.Zero }, Plans.Channel("chat", server, ChannelKind.Slack, Language.English)));
        await desk.TellAsync([Used(desk, "9800", "98000000", 3)]);
        await desk.EndedAsync();
        await desk.TellAsync([Used(desk, "10400", "104000000", 4)]);
        await desk.EndedAsync(2);
        Assert.Contains("over limit 104 % (1,040,000 / 1,000,000 CNY), was 98 %", server.Shown[1].Body, StringComparison.Ordinal);
        Assert.DoesNotContain(", was", server.Shown[0].Body, StringComparison.Ordinal);
        // A step that the holds of the customer were known of.
        await desk.TellAsync([desk.Other("C-1", "credit.order.held.v1", """{"holdId":"h-1","orderId":"O-77","amount":"1000","currency":"CNY","reasons":[]}""")]);
        await desk.EndedAsync(3); // Else both may go in one message, and one of several tells no details.
        await desk.TellAsync([Used(desk, "11200", "112000000", 5)]);
        await desk.EndedAsync(4);
        Assert.Contains("Orders on hold: O-77", server.Shown[^1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Channel_goes_on_with_another_address_and_what_was_kept_goes_out()
    {
        await using var wrong = await VendorServer.StartAsync(ChannelKind.WeCom);
        await using var right = await VendorServer.StartAsync(ChannelKind.WeCom);
        wrong.Always = new Reply(200, """{"errcode":93000,"errmsg":"invalid webhook url"}""");
        await using var desk = await Desk.StartAsync(Plans.Of(TimeProvider.System, TimeSpan.Zero, Plans.Channel("chat", wrong, ChannelKind.WeCom)));
        await desk.RaiseAsync("C-1");
        await desk.WaitAsync(_ => desk.House.Channels["chat"].Memory.Unhealthy.Length > 0);
        await desk.House.RenewAsync(Transports.SetupOf(Plans.Channel("chat", right, ChannelKind.WeCom)), None);
        var rows = await desk.WaitAsync(all => all.Any(r => r.State == DeliveryState.Delivered));
        Assert.Contains(rows, r => r.Transition == Transition.Raised && r.State == DeliveryState.Delivered);
        Assert.NotEmpty(right.Shown);
    }

    [Fact]
    public void Letters_are_never_merged_and_never_muted()
    {
        var story = new Story(new RoutePlan { Name = "desk", To = ["chat"], GroupWait = TimeSpan.FromSeconds(30) }, new ChannelRules { Rates = [new Rate(1, TimeSpan.FromSeconds(1))], OverflowCount = 2, CauseCount = 2 });
        var letter = Specimen.SampleLetter(LetterKind.Dunning, Language.English);
        Assert.Null(story.Book.Judge(new Alert { Id = "a", Rule = Rules.Dunning, Letter = letter, Labels = new Labels([new("customer", "C-1")]) }, story.Now));
        Assert.True(RouteTree.ForLetters.IsAlone);
        Assert.NotEqual(RouteTree.ForLetters.GroupKeyOf(With("DUN-1")), RouteTree.ForLetters.GroupKeyOf(With("DUN-2")));

        static Alert With(string id) => new() { Id = id, Rule = Rules.Dunning, Labels = new Labels([new("about", id)]) };
    }

    [Fact]
    public async Task Each_letter_is_a_message_of_its_own_to_its_own_reader()
    {
        var sent = new List<OutMessage>();
        var plan = new AlertPlan(new RouteTree(new Route(new RoutePlan { Name = "root" }, [], false, [])), InhibitRule.Defaults, [new ChannelSetup("mail", new ChannelRules { Rates = [new Rate(1_000, TimeSpan.FromSeconds(1))], OverflowCount = 1, OverflowAge = TimeSpan.Zero }, "", new Kept(sent))], new HashSet<string>()) { Letters = "mail" };
        await using var desk = await Desk.StartAsync(plan);
        for (var n = 0; n < 20; n++)
        {
            var letter = Specimen.SampleLetter(LetterKind.Statement, Language.English) with { Id = $"STM-{n}", Customer = $"C-{n}" };
            Assert.True(await desk.House.PostAsync(letter, new LetterContact($"c{n}@example.com", "", Language.English), "", "ann", None));
            // Again, as after a stop in between.
            Assert.True(await desk.House.PostAsync(letter, new LetterContact($"c{n}@example.com", "", Language.English), "", "ann", None));
        }

        var rows = await desk.EndedAsync(20);
        Assert.Equal(20, rows.Count);
        Assert.Equal(20, sent.Count);
        Assert.All(sent, m => Assert.Equal($"c{Assert.Single(m.Items).Alert.Customer[2..]}@example.com", m.Items[0].Alert.Contact!.Email));
    }

    [Theory]
    [InlineData("a@b.example", true)]
    [InlineData("a@b.example, c@d.example", false)]
    [InlineData("a@b.example\r\nBcc: x@y.example", false)]
    [InlineData("Name <a@b.example>", false)]
    [InlineData("a", false)]
    [InlineData("@b.example", false)]
    public void Reader_has_one_address(string text, bool expected) => Assert.Equal(expected, MailAddresses.IsOne(text));

    [Fact]
    public void Credential_of_the_api_stands_sealed_and_the_former_secret_signs_along_for_a_day()
    {
        var key = SealedSecrets.NewKey();
        const string yaml = """
            channels:
              erp: { type: webhook, url: "${stored}", secret: "${stored}", hosts: [erp.example] }
            """;
        var now = TimeProvider.System.GetUtcNow();
        string Seal(string value, string place) => SealedSecrets.Seal(value, key, place);
        ChannelsFile Read(Dictionary<string, StoredCredential> stored) => ChannelsFile.Read(yaml, new StoredSecrets(new Fixed(key), stored, TimeProvider.System));

        var empty = Read([]);
        Assert.Empty(empty.Faults);
        Assert.Equal(["channels.erp.secret", "channels.erp.url"], empty.StoredPlaces.Order(StringComparer.Ordinal));
        Assert.Equal(["erp"], empty.Waiting);
        Assert.Empty(empty.Channels);

        const string a = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b = "whsec_AAAQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        Dictionary<string, StoredCredential> Stored(long formerUntil) => new()
        {
            ["channels.erp.url"] = new(Seal("https://erp.example/hook", "channels.erp.url"), "", "", "", 0, "", 0),
            ["channels.erp.secret"] = new(Seal(b, "channels.erp.secret"), "", "", "", 0, Seal(a, "channels.erp.secret"), formerUntil),
        };
        var during = Read(Stored(Instant.From(now).Micros + StoredCredential.FormerValidFor));
        Assert.Equal([b, a], Assert.Single(during.Channels).Secrets);
        Assert.Equal([b], Assert.Single(Read(Stored(Instant.From(now).Micros - 1)).Channels).Secrets);
        // A host that the rules refuse is a fault at its place, and what was sealed for another place opens nowhere else.
        var elsewhere = Read(new() { ["channels.erp.url"] = new(Seal("https://127.0.0.1/hook", "channels.erp.url"), "", "", "", 0, "", 0) });
        Assert.Contains(elsewhere.Faults, f => f.Key == "channels.erp.url");
        Assert.Contains(Read(new() { ["channels.erp.url"] = new(Seal("https://erp.example/hook", "channels.other.url"), "", "", "", 0, "", 0) }).Faults, f => f.Text.Contains("another place", StringComparison.Ordinal));
    }

    [Fact]
    public void Faults_of_interest_and_levels_name_line_and_key()
    {
        var file = ChannelsFile.Read("""
            channels: { desk: { type: slack, url: "https://hooks.slack.com/services/a" } }
            letters: desk
            heartbeat: { to: [desk], every: 10s }
            keep: 3d
            dunning:
              - { level: 1, from: previous, days: 3 }
            interest:
              regime: eu
              margin: 7
              refrences: {}
            """, new Fixed(""));
        Assert.Equal(["letters", "heartbeat.every", "keep", "dunning", "interest.references", "interest.margin", "interest.refrences"], file.Faults.Select(f => f.Key).OrderBy(k => Array.IndexOf(["letters", "heartbeat.every", "keep", "dunning", "interest.references", "interest.margin", "interest.refrences"], k)));
        Assert.Equal(10, file.Faults.Single(f => f.Key == "interest.refrences").Line);
    }

    private static IReadOnlyDictionary<string, string> Feed(int stale) => SilentFeeds.InWords(Enumerable.Range(0, stale).Select(p => new StaleFeed($"kafka:credit.receivables:{p}", new Instant(1_700_000_000_000_000))));

    private static OutboxRow Used(Desk desk, string value, string exposure, int step) => desk.Other("C-1", "credit.signal.raised.v1", $$"""
        {"signalId":"C-1/EW-01//{{step}}/1","indicator":"EW-01","step":{{step}},"severity":"High","value":"{{value}}","threshold":"9000","version":1,"currency":"CNY","exposure":"{{exposure}}","limitKind":"Amount","limit":"100000000","eventIds":["e-{{step}}"]}
        """);

    /// <summary>A channel that keeps what it is given.</summary>
    private sealed class Kept(List<OutMessage> sent) : ITransport
    {
        public Task<Answer> SendAsync(OutMessage message, CancellationToken cancel)
        {
            lock (sent) sent.Add(message);
            return Task.FromResult(new Answer(AnswerKind.Delivered, "250"));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Fixed(string key) : ISecretSource
    {
        public string? Variable(string name) => name == SealedSecrets.KeyVariable ? key : null;

        public string? File(string path) => null;
    }
}
