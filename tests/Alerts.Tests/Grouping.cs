using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>What goes together, and when: as in Alertmanager, and what its users miss.</summary>
public sealed class Grouping
{
    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    [Fact]
    public void The_first_message_of_a_group_waits_half_a_minute_and_takes_along_what_comes_meanwhile()
    {
        var story = new Story();
        story.Raise("C-1", "EW-05");
        story.Pass(S(20));
        story.Raise("C-1", "EW-06", severity: Severity.Medium);
        story.Pass(S(60));
        Assert.Equal(["30s HIGH C-1 EW-05/1 raised, MED C-1 EW-06/1 raised"], story.Log);
    }

    [Fact]
    public void What_is_resolved_within_the_wait_is_never_told()
    {
        var story = new Story();
        var alert = story.Raise("C-1");
        story.Pass(S(20));
        story.Resolve(alert);
        story.Pass(TimeSpan.FromDays(1));
        Assert.Empty(story.Sent);
        Assert.All(story.Rows.Values, r => Assert.Equal(DeliveryState.Skipped, r.State));
    }

    [Fact]
    public void Changes_of_a_group_come_at_the_ticks_of_its_interval()
    {
        var story = new Story();
        story.Raise("C-1", "EW-05");
        story.Pass(S(100));
        story.Raise("C-1", "EW-06");
        story.Pass(S(400));
        story.Raise("C-1", "EW-07");
        story.Pass(TimeSpan.FromMinutes(30));
        Assert.Equal(["30s HIGH C-1 EW-05/1 raised", "330s HIGH C-1 EW-06/1 raised", "630s HIGH C-1 EW-07/1 raised"], story.Log);
        Assert.Equal(["EW-05", "EW-06"], story.Sent[2].Message.Standing.Select(a => a.Rule).Order());
    }

    [Fact]
    public void When_the_whole_group_is_clear_that_is_told_at_once()
    {
        var story = new Story();
        var (one, two) = (story.Raise("C-1", "EW-05"), story.Raise("C-1", "EW-06"));
        story.Pass(S(60));
        story.Resolve(one);
        story.Pass(S(10));
        Assert.Single(story.Sent);
        story.Resolve(two);
        Assert.Equal("70s HIGH C-1 EW-05/1 resolved, HIGH C-1 EW-06/1 resolved", story.Log[^1]);
    }

    [Fact]
    public void What_still_stands_is_told_again_every_four_hours_until_somebody_takes_it()
    {
        var story = new Story();
        var alert = story.Raise("C-1");
        story.Pass(TimeSpan.FromHours(9));
        Assert.Equal(["30s HIGH C-1 EW-05/1 raised", "14430s HIGH C-1 EW-05/1 repeated-1", "28830s HIGH C-1 EW-05/1 repeated-2"], story.Log);
        story.Handle(alert, AlertHandling.Taken);
        story.Pass(TimeSpan.FromDays(2));
        Assert.Equal(3, story.Sent.Count);
        story.Resolve(alert);
        Assert.EndsWith("resolved", story.Log[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_crit_waits_for_nothing_and_goes_with_no_lower_one()
    {
        var story = new Story();
        story.Raise("C-1", "EW-05");
        story.Raise("C-1", "EW-10", severity: Severity.Critical);
        Assert.Equal(["0s CRIT C-1 EW-10/1 raised"], story.Log);
        story.Pass(S(5));
        story.Raise("C-1", "EW-11", severity: Severity.Critical);
        story.Pass(S(60));
        Assert.Equal(["0s CRIT C-1 EW-10/1 raised", "5s CRIT C-1 EW-11/1 raised", "30s HIGH C-1 EW-05/1 raised"], story.Log);
    }

    [Fact]
    public void Customers_of_different_groups_are_told_apart()
    {
        var story = new Story();
        story.Raise("C-1", group: "G-1");
        story.Raise("C-2", group: "G-1");
        story.Raise("C-3", group: "G-2");
        story.Pass(S(40));
        Assert.Equal([2, 1], story.Sent.Select(s => s.Message.Items.Count));
        Assert.StartsWith("desk:{customerGroup=\"G-1\"}", story.Sent[0].Message.GroupKey, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_late_fact_takes_back_is_told_to_whoever_was_told()
    {
        var story = new Story();
        var told = story.Raise("C-1");
        story.Pass(S(40));
        var untold = story.Raise("C-2");
        story.Resolve(told, Transition.Retracted);
        story.Resolve(untold, Transition.Retracted);
        story.Pass(TimeSpan.FromMinutes(10));
        Assert.Equal(["30s HIGH C-1 EW-05/1 raised", "40s HIGH C-1 EW-05/1 retracted"], story.Log);
    }

    [Fact]
    public void Low_ones_wait_for_the_morning_and_come_as_one_digest()
    {
        var plan = new RoutePlan { Name = "low", To = ["chat"], DailyAt = new TimeOnly(8, 0), TimeZone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai") };
        var story = new Story(plan, start: "2026-03-02T01:00:00Z");
        for (var i = 1; i <= 30; i++)
        {
            story.Raise($"C-{i}", "EW-11", severity: Severity.Low);
            story.Pass(TimeSpan.FromMinutes(20));
        }

        Assert.Empty(story.Sent);
        story.Pass(TimeSpan.FromHours(20));
        var (at, digest) = Assert.Single(story.Sent);
        Assert.Equal((TimeSpan.FromHours(23).TotalSeconds, MessageShape.Daily, 30), (at, digest.Shape, digest.Items.Count));
    }

    [Fact]
    public void A_customer_who_crosses_to_and_fro_is_one_digest_a_day()
    {
        var story = new Story();
        // The trigger machine tells one signal, its end, and then one digest a day under the same id.
        var alert = story.Raise("C-1", "EW-01", 4);
        story.Pass(S(40));
        story.Resolve(alert);
        story.Pass(S(40));
        var flap = alert with { Id = "C-1/EW-01//4/2", State = AlertState.Firing };
        for (var day = 0; day < 3; day++)
        {
            story.Tell(flap with { Transitions = 333, ChangedAt = story.Now, Entry = $"0-{day + 10}-0" }, Transition.Digest($"0-{day + 10}-0"));
            story.Pass(TimeSpan.FromDays(1));
        }

        Assert.Equal(["30s HIGH C-1 EW-01/4 raised", "40s HIGH C-1 EW-01/4 resolved"], story.Log[..2]);
        var digests = story.Sent.Where(s => s.Message.Items.Any(i => i.Row.Transition.StartsWith("digest-", StringComparison.Ordinal))).ToList();
        Assert.Equal([0, 1, 2], digests.Select(d => (int)(d.At / 86_400)));
    }

    [Fact]
    public void One_cause_at_many_customers_is_one_message()
    {
        var story = new Story(rules: new ChannelRules { Rates = [new Rate(1, S(4))] });
        for (var i = 0; i < 2_000; i++) story.Raise($"C-{i}", "EW-01", 4, cause: "rate-2026-03-02");
        story.Raise("X-1", cause: "payment-7");
        story.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal([MessageShape.Cause, MessageShape.Single], story.Sent.Select(s => s.Message.Shape));
        Assert.Equal(2_000, story.Sent[0].Message.Items.Count);
        Assert.All(story.Rows.Values, r => Assert.Equal(DeliveryState.Delivered, r.State));
    }
}
