using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Xunit;
using static ExposureMonitor.Storage.Tests.Samples;

namespace ExposureMonitor.Storage.Tests;

/// <summary>What the alerts keep: alerts, deliveries, channels, silences.</summary>
public abstract partial class JournalConformance
{
    [StoreFact]
    public async Task What_stood_before_the_first_channel_is_history_for_good()
    {
        await CommitAsync(Frame(await OpenAsync(0)));
        var first = await Journal.BeginAsync(await Journal.Reader.HeadsAsync(None), None);
        Assert.Equal((0L, 1L), (first[-1], first[0]));
        await CommitAsync(Frame(await OpenAsync(0)));
        Assert.Equal(first, await Journal.BeginAsync(await Journal.Reader.HeadsAsync(None), None));
    }

    [StoreFact]
    public async Task An_intake_is_taken_once_and_moves_its_cursor_with_it()
    {
        await CommitAsync(Frame(await OpenAsync(0)));
        var intake = new AlertIntake { Alerts = [Alert("a-1"), Alert("a-2")], Deliveries = [Delivery("a-1"), Delivery("a-1", channel: "mail")], Reader = "alerts", Places = new Dictionary<int, OutboxPlace> { [0] = new(1, 0, 0) } };
        await Journal.TakeInAsync(intake, None);
        var open = await Journal.OpenDeliveriesAsync("chat", 0, 10, None);
        await Journal.TakeInAsync(intake with { Deliveries = [.. intake.Deliveries.Select(d => d with { Answer = "changed" })] }, None);
        Assert.Equal(open, await Journal.OpenDeliveriesAsync("chat", 0, 10, None));
        Assert.Equal(new OutboxPlace(1, 0, 0), (await Journal.CursorsAsync("alerts", None))[0]);
        Assert.Equal(["chat", "mail"], await Journal.OpenChannelsAsync(None));
        Assert.Equal(["a-1", "a-2"], (await Journal.AlertsAsync(["a-1", "a-2", "a-3"], None)).Select(a => a.Id).Order(StringComparer.Ordinal));
        Assert.Empty(await Journal.AlertsAsync(Array.Empty<string>(), None));
    }

    [StoreFact]
    public async Task An_alert_follows_the_newest_row_and_keeps_its_beginning_and_what_people_did()
    {
        await Journal.TakeInAsync(new AlertIntake { Alerts = [Alert("a-1", seq: 5)] }, None);
        var row = (await Journal.AlertsAsync(["a-1"], None))[0];
        Assert.True(await Journal.HandleAsync(row with { Handling = AlertHandling.Taken, HandledBy = "ana", HandledAt = new Instant(9) }, new AlertNote("a-1", new Instant(9), "ana", "taken", "我来处理"), None));
        Assert.False(await Journal.HandleAsync(row with { Handling = AlertHandling.Closed, HandledBy = "bo" }, new AlertNote("a-1", new Instant(9), "bo", "closed", ""), None));
        await Journal.TakeInAsync(new AlertIntake { Alerts = [Alert("a-1", AlertState.Resolved, seq: 7) with { RaisedAt = new Instant(77) }] }, None);
        await Journal.TakeInAsync(new AlertIntake { Alerts = [Alert("a-1", seq: 6)] }, None);
        row = (await Journal.AlertsAsync(["a-1"], None))[0];
        Assert.Equal((AlertState.Resolved, new Instant(5), AlertHandling.Taken, "ana", 1L), (row.State, row.RaisedAt, row.Handling, row.HandledBy, row.Version));
        Assert.Equal([new AlertNote("a-1", new Instant(9), "ana", "taken", "我来处理")], await Journal.NotesAsync("a-1", None));
    }

    [StoreFact]
    public async Task What_people_thought_of_alerts_is_counted_by_rule_from_a_moment_on()
    {
        await Journal.TakeInAsync(new AlertIntake
        {
            Alerts = [Alert("a-1") with { Rule = "EW-01" }, Alert("a-2") with { Rule = "EW-01" }, Alert("a-3") with { Rule = "EW-01", RaisedAt = new Instant(50) }, Alert("a-4") with { Rule = "HOLD" }, Alert("old") with { Rule = "HOLD", RaisedAt = new Instant(4) }],
        }, None);
        foreach (var (id, handling, tag) in new[] { ("a-1", AlertHandling.Closed, AlertTag.Noise), ("a-2", AlertHandling.New, AlertTag.Useful), ("a-3", AlertHandling.Taken, AlertTag.Noise), ("old", AlertHandling.Taken, AlertTag.Useful) })
        {
            var row = (await Journal.AlertsAsync([id], None))[0];
            Assert.True(await Journal.HandleAsync(row with { Handling = handling, Tag = tag }, new AlertNote(id, new Instant(9), "ana", "said", ""), None));
            Assert.False(await Journal.HandleAsync(row with { Tag = AlertTag.None }, new AlertNote(id, new Instant(9), "bo", "said", ""), None));
        }

        Assert.Equal([new AlertTally("EW-01", 3, 2, 1, 2), new AlertTally("HOLD", 1, 0, 0, 0)], await Journal.TalliesAsync(new Instant(5), None));
        Assert.Equal([("a-3", AlertTag.Noise), ("a-2", AlertTag.Useful), ("a-1", AlertTag.Noise)], (await Journal.AlertsAsync(new AlertQuery { TaggedOnly = true, From = new Instant(5) }, None)).Select(a => (a.Id, a.Tag)));
        // What comes behind leaves it alone.
        await Journal.TakeInAsync(new AlertIntake { Alerts = [Alert("a-1", AlertState.Resolved, seq: 9) with { Rule = "EW-01" }] }, None);
        Assert.Equal(AlertTag.Noise, (await Journal.AlertsAsync(["a-1"], None))[0].Tag);
    }

    [StoreFact]
    public async Task The_owner_before_writes_nothing_any_more_and_a_final_record_stays()
    {
        await Journal.TakeInAsync(new AlertIntake { Alerts = [Alert("a-1")], Deliveries = [Delivery("a-1")] }, None);
        var old = await Journal.OpenChannelAsync("chat", None);
        Assert.True(await Journal.WriteAsync(new ChannelWrite("chat", old.Epoch) { Memory = "old"u8.ToArray(), Rows = [Delivery("a-1") with { State = DeliveryState.Sent, MessageId = "m-1", Attempts = 1, FirstSentAt = new Instant(3) }] }, None));
        var now = await Journal.OpenChannelAsync("chat", None);
        Assert.Equal((old.Epoch + 1, "old"), (now.Epoch, Encoding.UTF8.GetString(now.Memory.Span)));
        Assert.False(await Journal.WriteAsync(new ChannelWrite("chat", old.Epoch) { Memory = "late"u8.ToArray(), Rows = [Delivery("a-1") with { State = DeliveryState.Delivered }] }, None));
        var claimed = Assert.Single(await Journal.OpenDeliveriesAsync("chat", 0, 10, None));
        Assert.Equal((DeliveryState.Sent, "m-1", 1, new Instant(3)), (claimed.State, claimed.MessageId, claimed.Attempts, claimed.FirstSentAt));
        // What was told, something new, and once more what is final already.
        var told = claimed with { State = DeliveryState.Delivered, Answer = "ok", MayBeThere = true };
        Assert.True(await Journal.WriteAsync(new ChannelWrite("chat", now.Epoch) { Memory = default, Rows = [told, Delivery("a-1", "repeated-1")] }, None));
        Assert.True(await Journal.WriteAsync(new ChannelWrite("chat", now.Epoch) { Memory = default, Rows = [told with { State = DeliveryState.Dead, Answer = "no" }] }, None));
        Assert.Equal([told], await Journal.StandingDeliveriesAsync("chat", None));
        Assert.Equal("repeated-1", Assert.Single(await Journal.OpenDeliveriesAsync("chat", 0, 10, None)).Transition);
        Assert.Equal(["raised", "repeated-1"], (await Journal.DeliveriesOfAsync(["a-1", "x"], None)).Select(d => d.Transition));
    }

    [StoreFact]
    public async Task What_was_told_of_an_alert_that_ended_stands_as_long_as_its_end_waits()
    {
        await Journal.TakeInAsync(new AlertIntake { Alerts = [Alert("a-1", AlertState.Resolved), Alert("a-2", AlertState.Resolved)], Deliveries = [Delivery("a-1") with { State = DeliveryState.Delivered }, Delivery("a-2") with { State = DeliveryState.Delivered }, Delivery("a-1", "resolved")] }, None);
        Assert.Equal(["a-1"], (await Journal.StandingDeliveriesAsync("chat", None)).Select(d => d.Alert));
    }

    [StoreFact]
    public async Task Lists_are_filtered_and_paged_from_the_newest_on()
    {
        await Journal.TakeInAsync(new AlertIntake
        {
            Alerts = [.. Enumerable.Range(1, 9).Select(i => Alert($"a-{i}", seq: i) with { Customer = i % 2 == 0 ? "C-2" : "C-1", Severity = (Severity)(1 + (i % 5)), RaisedAt = new Instant(i / 2) })],
            Deliveries = [.. Enumerable.Range(1, 9).Select(i => Delivery($"a-{i}", channel: i % 3 == 0 ? "mail" : "chat"))],
        }, None);
        var first = await Journal.AlertsAsync(new AlertQuery { Limit = 4 }, None);
        var second = await Journal.AlertsAsync(new AlertQuery { Limit = 9, After = (first[^1].RaisedAt, first[^1].Id) }, None);
        Assert.Equal(["a-9", "a-8", "a-7", "a-6", "a-5", "a-4", "a-3", "a-2", "a-1"], first.Concat(second).Select(a => a.Id));
        Assert.Equal(["a-8", "a-6", "a-4", "a-2"], (await Journal.AlertsAsync(new AlertQuery { Customer = "C-2" }, None)).Select(a => a.Id));
        Assert.Equal(["a-9", "a-4"], (await Journal.AlertsAsync(new AlertQuery { SeverityMin = Severity.Critical }, None)).Select(a => a.Id));
        Assert.Empty(await Journal.AlertsAsync(new AlertQuery { State = AlertState.Resolved }, None));
        Assert.Empty(await Journal.AlertsAsync(new AlertQuery { Handling = AlertHandling.Taken, Rule = "EW-05" }, None));
        var log = await Journal.DeliveriesAsync(new DeliveryQuery { Channel = "mail", Limit = 2 }, None);
        Assert.Equal(["a-9", "a-6"], log.Select(d => d.Alert));
        Assert.Equal(["a-3"], (await Journal.DeliveriesAsync(new DeliveryQuery { Channel = "mail", Before = log[^1].Number }, None)).Select(d => d.Alert));
        Assert.Equal(["a-4"], (await Journal.DeliveriesAsync(new DeliveryQuery { Alert = "a-4", State = DeliveryState.Pending }, None)).Select(d => d.Alert));
    }

    [StoreFact]
    public async Task A_silence_is_changed_by_whoever_knows_its_newest_version()
    {
        var silence = new SilenceRow("s-1", new Instant(1), new Instant(100), "{}"u8.ToArray(), 1);
        Assert.True(await Journal.SaveSilenceAsync(silence, None));
        Assert.False(await Journal.SaveSilenceAsync(silence, None));
        Assert.True(await Journal.SaveSilenceAsync(silence with { Version = 2, EndsAt = new Instant(50) }, None));
        Assert.False(await Journal.SaveSilenceAsync(silence with { Version = 2, EndsAt = new Instant(70) }, None));
        Assert.Equal((new Instant(50), 2L), (await Journal.SilencesAsync(new Instant(49), None)).Select(s => (s.EndsAt, s.Version)).Single());
        Assert.Empty(await Journal.SilencesAsync(new Instant(50), None));
    }

    [StoreFact]
    public async Task Old_alerts_leave_with_all_that_was_said_of_them_a_piece_at_a_time()
    {
        await Journal.TakeInAsync(new AlertIntake
        {
            Alerts = [Alert("over-1", AlertState.Resolved), Alert("over-2", AlertState.Told), Alert("fires"), Alert("waits", AlertState.Resolved), Alert("young", AlertState.Resolved) with { ChangedAt = new Instant(50) }],
            Deliveries = [Delivery("over-1") with { State = DeliveryState.Delivered }, Delivery("fires") with { State = DeliveryState.Delivered }, Delivery("waits", "resolved")],
        }, None);
        var row = (await Journal.AlertsAsync(["over-1"], None))[0];
        await Journal.HandleAsync(row with { Handling = AlertHandling.Closed }, new AlertNote("over-1", new Instant(9), "ana", "closed", "done"), None);
        Assert.Equal(1, await Journal.PurgeAsync(new Instant(50), 1, None));
        Assert.Equal(1, await Journal.PurgeAsync(new Instant(50), 10, None));
        Assert.Equal(0, await Journal.PurgeAsync(new Instant(50), 10, None));
        Assert.Equal(["fires", "waits", "young"], (await Journal.AlertsAsync(new AlertQuery(), None)).Select(a => a.Id).Order(StringComparer.Ordinal));
        Assert.Equal(["fires", "waits"], (await Journal.DeliveriesAsync(new DeliveryQuery(), None)).Select(d => d.Alert).Order(StringComparer.Ordinal));
        Assert.Empty(await Journal.NotesAsync("over-1", None));
    }

    private static AlertRow Alert(string id, AlertState state = AlertState.Firing, long seq = 1) => new()
    {
        Id = id, Customer = "C-1", Rule = "EW-05", Severity = Severity.High, State = state, RaisedAt = new Instant(5), ChangedAt = new Instant(5), Partition = 0, Place = new OutboxPlace(seq, 0, 0), Body = Encoding.UTF8.GetBytes("{\"n\":\"华东机电\"}"),
    };

    private static DeliveryRow Delivery(string alert, string transition = "raised", string channel = "chat") => new()
    {
        Alert = alert, Transition = transition, Channel = channel, Route = "root", Severity = Severity.High, State = DeliveryState.Pending, CreatedAt = new Instant(1), ChangedAt = new Instant(1),
    };
}
