using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>What a channel says of itself reaches somebody else, whatever ends between the trouble and the word about it.</summary>
public sealed class ChannelsOfThemselves
{
    private static readonly TimeProvider Clock = TimeProvider.System;

    [Fact]
    public async Task What_nobody_has_heard_before_a_kill_is_told_by_the_next_owner_and_what_was_heard_is_not()
    {
        await using var server = await VendorServer.StartAsync(ChannelKind.Slack);
        await using var desk = await Desk.StartAsync(Plans.Of(Clock, TimeSpan.Zero, Plans.Channel("other", server, ChannelKind.Slack)));
        await WaitsAsync(desk, "erp");

        // The process ends when the channel has just become unhealthy, before anybody has heard of it.
        var killed = new Ear(hears: false);
        await using (Owner(desk, killed)) Assert.Equal((DeskNoticeKind.Unhealthy, 1, "401"), Of(await killed.NextAsync()));

        var heard = new Ear();
        await using (var owner = Owner(desk, heard))
        {
            Assert.Equal((DeskNoticeKind.Unhealthy, 1, "401"), Of(await heard.NextAsync()));
            // Its repair is on its way, too, when this process ends: it has the number of what it ends.
            heard.Hears = false;
            owner.Repaired();
            Assert.Equal((DeskNoticeKind.Repaired, 1, "401"), Of(await heard.NextAsync()));
        }

        var last = new Ear();
        await using (var owner = Owner(desk, last, new Answer(AnswerKind.Delivered, "ok")))
        {
            Assert.Equal((DeskNoticeKind.Repaired, 1, "401"), Of(await last.NextAsync()));
            await desk.EndedAsync();
            Assert.Equal("", owner.Memory.Unhealthy);
        }

        Assert.Equal(1, last.Count);
    }

    [Fact]
    public async Task A_database_that_is_away_for_a_moment_takes_no_word_away()
    {
        await using var server = await VendorServer.StartAsync(ChannelKind.Slack);
        await using var desk = await Desk.StartAsync(Plans.Of(Clock, TimeSpan.Zero, Plans.Channel("other", server, ChannelKind.Slack)));
        await WaitsAsync(desk, "erp");
        var ear = new Ear { Failures = 1 };
        await using var owner = Owner(desk, ear);
        Assert.Equal(1, (await ear.NextAsync()).Number);
        Assert.Equal(1, (await ear.NextAsync()).Number);
        Assert.Equal(2, ear.Count);
    }

    [Fact]
    public async Task The_same_word_again_makes_no_second_alert_and_raises_none_that_has_ended()
    {
        await using var server = await VendorServer.StartAsync(ChannelKind.Slack);
        await using var desk = await Desk.StartAsync(Plans.Of(Clock, TimeSpan.Zero, Plans.Channel("other", server, ChannelKind.Slack)));
        var (trouble, repair, skew) = (new DeskNotice(DeskNoticeKind.Unhealthy, "401", "", 7), new DeskNotice(DeskNoticeKind.Repaired, "401", "", 7), new DeskNotice(DeskNoticeKind.ClockOff, "the clock is off", "", 8));
        // A repair of which nobody has heard the trouble ends nothing, and is none.
        foreach (var notice in (DeskNotice[])[repair, trouble, trouble, skew, repair, repair, trouble, skew]) await desk.House.NoticeAsync("erp", notice, CancellationToken.None);
        var alerts = await desk.Store.AlertsAsync(["CHANNEL/erp/unhealthy/7", "CHANNEL/erp/ClockOff/8"], CancellationToken.None);
        Assert.Equal([AlertState.Told, AlertState.Resolved], alerts.OrderBy(a => a.Id, StringComparer.Ordinal).Select(a => a.State));
        var ended = AlertHouse.AlertOf(alerts.Single(a => a.State == AlertState.Resolved));
        Assert.True(ended.RaisedAt < ended.ChangedAt && ended.AtRaising is not null, "it ended when it began");
        var rows = await desk.WaitAsync(all => all.Count >= 3);
        Assert.Equal(["ClockOff/8 raised", "unhealthy/7 raised", "unhealthy/7 resolved"], rows.Select(r => $"{r.Alert["CHANNEL/erp/".Length..]} {r.Transition}").Order(StringComparer.Ordinal));
        Assert.Null(desk.House.Book.Find("CHANNEL/erp/unhealthy/7"));
    }

    [Fact]
    public void A_memory_that_cannot_be_read_gives_no_number_a_second_time()
    {
        var lost = ChannelMemory.From("{"u8.ToArray(), Instant.From(Clock.GetUtcNow()));
        Assert.True(lost.Troubles > 20_000_000 && lost.RestUntil > 0, $"{lost}");
    }

    private static (DeskNoticeKind, int, string) Of(DeskNotice notice) => (notice.Kind, notice.Number, notice.Text);

    /// <summary>Something is to be told at a channel that the house does not own.</summary>
    private static async Task WaitsAsync(Desk desk, string channel)
    {
        var (alert, now) = (Samples.Alert("C-1"), Instant.From(Clock.GetUtcNow()));
        await desk.Store.TakeInAsync(new AlertIntake
        {
            Alerts = [AlertJson.RowOf(alert, 0, default)],
            Deliveries = [new DeliveryRow { Alert = alert.Id, Transition = Transition.Raised, Channel = channel, Route = "root", Severity = alert.Severity, State = DeliveryState.Pending, CreatedAt = now, ChangedAt = now }],
        }, CancellationToken.None);
    }

    private static ChannelOwner Owner(Desk desk, IChannelNotices ear, Answer? answer = null)
    {
        var routes = new RouteTree(new Route(new RoutePlan { Name = "root", To = ["erp"], GroupWait = TimeSpan.Zero }, [], false, []));
        return ChannelOwner.Start(new ChannelSetup("erp", new ChannelRules { Rates = [new Rate(100, TimeSpan.FromSeconds(1))] }, "s1", new Line(answer ?? new Answer(AnswerKind.Unhealthy, "401"))), desk.Store, desk.House.Book, routes, ear, Clock);
    }

    /// <summary>A line that says the same to everything.</summary>
    private sealed class Line(Answer answer) : ITransport
    {
        public Task<Answer> SendAsync(OutMessage message, CancellationToken cancel) => Task.FromResult(answer);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>Somebody who is told, and who may be away: then the word is on its way until its process ends.</summary>
    private sealed class Ear(bool hears = true) : IChannelNotices
    {
        private readonly System.Threading.Channels.Channel<DeskNotice> _told = System.Threading.Channels.Channel.CreateUnbounded<DeskNotice>();

        internal bool Hears { get; set; } = hears;

        /// <summary>So many times the database is away.</summary>
        internal int Failures { get; set; }

        internal int Count { get; private set; }

        internal Task<DeskNotice> NextAsync() => _told.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

        public async Task NoticeAsync(string channel, DeskNotice notice, CancellationToken cancel)
        {
            // Whoever is woken by the word may change what becomes of the next one.
            var (hears, fails) = (Hears, Failures-- > 0);
            Count++;
            await _told.Writer.WriteAsync(notice, cancel);
            if (!hears) await Task.Delay(Timeout.Infinite, cancel);
            if (fails) throw new JournalUnavailableException("the database is away");
        }

        public Task NextAsync(IReadOnlyList<(DeliveryItem Item, string Next)> late, CancellationToken cancel) => Task.CompletedTask;
    }
}
