using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>A morning on which nobody looks: who is told when, through the house, its database and two channels, on a clock that the test turns.</summary>
public sealed class Escalating
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task What_nobody_takes_by_a_quarter_past_goes_to_the_head_of_credit_once_and_what_somebody_took_does_not()
    {
        var clock = new TurnedTime(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));
        await using var chat = await VendorServer.StartAsync(ChannelKind.Slack, clock);
        await using var head = await VendorServer.StartAsync(ChannelKind.Slack, clock);
        var plan = Plans.Of(clock, new RoutePlan { Name = "root/crit", To = ["chat"], EscalateAfter = TimeSpan.FromMinutes(15), EscalateTo = ["head"] },
            Plans.Channel("chat", chat, ChannelKind.Slack, Language.English), Plans.Channel("head", head, ChannelKind.Slack, Language.English));
        await using var desk = await Desk.StartAsync(plan, clock);

        // 09:00, two customers are far over their limits; the desk's channel hears of both at once.
        var (left, taken) = (await desk.RaiseAsync("C-1", "Critical"), await desk.RaiseAsync("C-2", "Critical"));
        await desk.EndedAsync(2);
        Assert.Equal(2, chat.Shown.Count);
        // 09:05, somebody takes one of them.
        clock.Turn(TimeSpan.FromMinutes(5));
        Assert.Equal(ActOutcome.Done, await desk.House.HandleAsync(taken, AlertHandling.Taken, "li.wei", "I call them", -1, None));
        // 09:14, still in time.
        clock.Turn(TimeSpan.FromMinutes(9));
        await desk.House.EscalateNowAsync(None);
        Assert.Equal(2, (await desk.EndedAsync(2)).Count);
        // 09:15, nobody has taken the other one.
        clock.Turn(TimeSpan.FromMinutes(1));
        await desk.House.EscalateNowAsync(None);
        var escalated = Assert.Single(await desk.EndedAsync(3), r => r.Transition == Transition.Escalated);
        Assert.Equal((left, "head", DeliveryState.Delivered), (escalated.Alert, escalated.Channel, escalated.State));
        Assert.Contains("nobody has taken this: ", Assert.Single(head.Shown).Body, StringComparison.Ordinal);
        // Later looks, also those of the next process, tell nothing again.
        clock.Turn(TimeSpan.FromHours(1));
        await desk.House.EscalateNowAsync(None);
        await desk.RestartAsync(Plans.Of(clock, new RoutePlan { Name = "root/crit", To = ["chat"], EscalateAfter = TimeSpan.FromMinutes(15), EscalateTo = ["head"] },
            Plans.Channel("chat", chat, ChannelKind.Slack, Language.English), Plans.Channel("head", head, ChannelKind.Slack, Language.English)));
        await desk.House.EscalateNowAsync(None);
        Assert.Equal(3, (await desk.EndedAsync(3)).Count);
        Assert.Single(head.Shown);
    }
}

/// <summary>Moments are the test's; what waits for something to happen waits in real time.</summary>
internal sealed class TurnedTime(DateTimeOffset start) : TimeProvider
{
    private long _ticks = start.UtcTicks;

    internal void Turn(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);
}
