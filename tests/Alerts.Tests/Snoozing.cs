using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>A desk that has heard of something and does not want to hear of it for a while: it rests, and comes back by itself.</summary>
public sealed class Snoozing
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_told_and_rests_comes_back_when_the_rest_is_over_also_in_another_process(bool restarts)
    {
        var story = new Story();
        var alert = story.Raise("C-1");
        story.Pass(TimeSpan.FromMinutes(1));
        story.Silence("s-1", TimeSpan.FromHours(2), false, "customer=\"C-1\"");
        var rests = story.RowOf(alert, Transition.Quiet("s-1"));
        Assert.Equal((DeliveryState.Suppressed, "s-1", "li.wei: money is on its way"), (rests.State, rests.By, rests.Answer));
        story.Pass(TimeSpan.FromHours(1));
        if (restarts) story.Restart();
        Assert.Equal(["30s HIGH C-1 EW-05/1 raised"], story.Log);
        story.Pass(TimeSpan.FromHours(4));
        Assert.Equal(["30s HIGH C-1 EW-05/1 raised", "7260s HIGH C-1 EW-05/1 over-s-1"], story.Log);
        Assert.StartsWith("[HIGH] C-1: silence over, still ", new Words(Language.English).Head(story.Sent[^1].Message.Items[0]), StringComparison.Ordinal);
        // From there on it is repeated as ever.
        story.Pass(TimeSpan.FromHours(2));
        Assert.Equal("21660s HIGH C-1 EW-05/1 repeated-1", story.Log[^1]);
    }

    [Fact]
    public void Whoever_has_taken_it_meanwhile_is_not_told_that_the_rest_is_over()
    {
        var story = new Story();
        var alert = story.Raise("C-1");
        story.Pass(TimeSpan.FromMinutes(1));
        story.Silence("s-1", TimeSpan.FromHours(2), false, "customer=\"C-1\"");
        story.Handle(alert, AlertHandling.Taken);
        story.Pass(TimeSpan.FromHours(9));
        Assert.Single(story.Sent);
    }

    [Fact]
    public void What_ends_while_it_rests_is_told_as_ended_and_does_not_come_back()
    {
        var story = new Story();
        var alert = story.Raise("C-1");
        story.Pass(TimeSpan.FromMinutes(1));
        story.Silence("s-1", TimeSpan.FromHours(2), false, "customer=\"C-1\"");
        story.Pass(TimeSpan.FromMinutes(30));
        story.Resolve(alert);
        story.Pass(TimeSpan.FromHours(9));
        Assert.Equal(["30s HIGH C-1 EW-05/1 raised", "1860s HIGH C-1 EW-05/1 resolved"], story.Log);
    }

    [Fact]
    public async Task Rest_until_five_points_better_ends_at_the_figure_and_says_it()
    {
        var clock = new TurnedTime(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));
        await using var chat = await VendorServer.StartAsync(ChannelKind.Slack, clock);
        var plan = Plans.Of(clock, TimeSpan.Zero, Plans.Channel("chat", chat, ChannelKind.Slack, Language.English));
        await using var desk = await Desk.StartAsync(plan, clock);

        // 09:00, C-1 is at 104 % of his limit; li.wei knows, and wants to hear of it when he is at 99.
        var alert = await desk.RaiseAsync("C-1");
        await desk.EndedAsync();
        clock.Turn(TimeSpan.FromMinutes(10));
        Assert.Equal(ActOutcome.Done, await desk.House.SnoozeAsync(alert, At(clock, TimeSpan.FromDays(30)), "s-1", "li.wei", "a payment is promised", None, betterAtBp: 9_900));
        await desk.WaitAsync(rows => rows.Any(r => r.Transition == Transition.Quiet("s-1")));
        // 11:10, a part of it has come: not enough. Nobody else's figure counts.
        clock.Turn(TimeSpan.FromHours(2));
        await desk.House.BetterAsync(Used(("C-1", 9_950), ("C-2", 5_000)), None);
        Assert.True(desk.House.Book.Silences.Single().IsActive(At(clock, TimeSpan.Zero)));
        // 13:10, another process by now, and the rest of it.
        clock.Turn(TimeSpan.FromHours(2));
        await desk.RestartAsync(Plans.Of(clock, TimeSpan.Zero, Plans.Channel("chat", chat, ChannelKind.Slack, Language.English)));
        await desk.House.BetterAsync(Used(("C-1", 9_860)), None);
        clock.Turn(TimeSpan.FromSeconds(5));
        var told = Assert.Single(await desk.EndedAsync(3), r => Transition.IsOver(r.Transition));
        Assert.Equal((alert, Transition.Better("s-1", 9_860), DeliveryState.Delivered), (told.Alert, told.Transition, told.State));
        Assert.Contains("better, now at 98.6 %; it was over limit 104 %", chat.Shown[^1].Body, StringComparison.Ordinal);
        // Later looks tell nothing again.
        await desk.House.BetterAsync(Used(("C-1", 9_000)), None);
        Assert.Equal(2, chat.Shown.Count);
    }

    [Fact]
    public async Task Another_rest_takes_the_place_of_the_one_before_and_nothing_is_told_in_between()
    {
        var clock = new TurnedTime(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));
        await using var chat = await VendorServer.StartAsync(ChannelKind.Slack, clock);
        await using var desk = await Desk.StartAsync(Plans.Of(clock, TimeSpan.Zero, Plans.Channel("chat", chat, ChannelKind.Slack, Language.English)), clock);
        var alert = await desk.RaiseAsync("C-1");
        await desk.EndedAsync();
        // 09:10, until he is better; 09:20, no, for an hour.
        clock.Turn(TimeSpan.FromMinutes(10));
        await desk.House.SnoozeAsync(alert, At(clock, TimeSpan.FromDays(30)), "s-1", "li.wei", "", None, betterAtBp: 9_900);
        await desk.WaitAsync(rows => rows.Any(r => r.Transition == Transition.Quiet("s-1")));
        clock.Turn(TimeSpan.FromMinutes(10));
        await desk.House.SnoozeAsync(alert, At(clock, TimeSpan.FromHours(1)), "s-2", "li.wei", "", None);
        Assert.Equal("s-2", Assert.Single(desk.House.Book.Silences, s => s.IsActive(At(clock, TimeSpan.Zero))).Id);
        clock.Turn(TimeSpan.FromMinutes(50));
        Assert.Single(chat.Shown);
        clock.Turn(TimeSpan.FromMinutes(20));
        await desk.WaitAsync(rows => rows.Any(r => Transition.IsOver(r.Transition) && r.State == DeliveryState.Delivered));
        Assert.Equal(2, chat.Shown.Count);
    }

    [Fact]
    public async Task Whose_figure_nobody_knows_rests_on_and_what_gets_worse_ends_the_rest_at_once()
    {
        var clock = new TurnedTime(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));
        await using var chat = await VendorServer.StartAsync(ChannelKind.Slack, clock);
        await using var desk = await Desk.StartAsync(Plans.Of(clock, TimeSpan.Zero, Plans.Channel("chat", chat, ChannelKind.Slack, Language.English)), clock);
        var alert = await desk.RaiseAsync("C-1", "Medium", step: 3);
        await desk.EndedAsync();
        await desk.House.SnoozeAsync(alert, At(clock, TimeSpan.FromDays(30)), "s-1", "li.wei", "", None, betterAtBp: 8_500);
        await desk.House.BetterAsync(Used(), None);
        Assert.True(desk.House.Book.Silences.Single().IsActive(At(clock, TimeSpan.Zero)));
        var worse = await desk.RaiseAsync("C-1", "Critical", step: 5);
        Assert.Contains(await desk.WaitAsync(rows => rows.Any(r => r.Alert == worse && r.IsFinal)), r => r.Alert == worse && r.State == DeliveryState.Delivered);
    }

    [Theory]
    [InlineData("better-9860-s-1", 9_860)]
    [InlineData("better-0-s-1", 0)]
    [InlineData("better-x-s-1", null)]
    [InlineData("over-s-1", null)]
    [InlineData("raised", null)]
    public void Figure_that_was_reached_stands_in_the_name_of_the_transition(string transition, int? bp) => Assert.Equal(bp, Transition.ReachedBpOf(transition));

    private static Instant At(TimeProvider clock, TimeSpan ahead) => Instant.From(clock.GetUtcNow() + ahead);

    private static Func<IReadOnlyCollection<string>, Task<IReadOnlyDictionary<string, int>>> Used(params (string Customer, int Bp)[] used) =>
        asked => Task.FromResult<IReadOnlyDictionary<string, int>>(used.Where(u => asked.Contains(u.Customer)).ToDictionary(u => u.Customer, u => u.Bp, StringComparer.Ordinal));
}
