using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>Silences, inhibition, and who has taken what.</summary>
public sealed class Muting
{
    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    [Fact]
    public void A_silenced_alert_is_not_told_and_its_record_says_by_whom()
    {
        var story = new Story();
        story.Silence("s-1", TimeSpan.FromHours(2), false, "customer=\"C-1\"");
        var alert = story.Raise("C-1");
        story.Raise("C-2");
        story.Pass(TimeSpan.FromHours(1));
        Assert.Equal(["30s HIGH C-2 EW-05/1 raised"], story.Log);
        Assert.Equal((DeliveryState.Suppressed, "s-1", "li.wei: money is on its way"), (story.RowOf(alert).State, story.RowOf(alert).By, story.RowOf(alert).Answer));
    }

    [Fact]
    public void When_a_silence_ends_while_the_cause_lasts_that_is_told_once()
    {
        var story = new Story();
        story.Silence("s-1", TimeSpan.FromHours(2), false, "customer=\"C-1\"");
        var alert = story.Raise("C-1");
        story.Pass(TimeSpan.FromHours(3));
        Assert.Equal(["7200s HIGH C-1 EW-05/1 over-s-1"], story.Log);
        story.Resolve(alert);
        Assert.EndsWith("resolved", story.Log[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_began_and_ended_under_a_silence_is_never_told()
    {
        var story = new Story();
        story.Silence("s-1", TimeSpan.FromHours(2), false, "customer=\"C-1\"");
        var alert = story.Raise("C-1");
        story.Pass(TimeSpan.FromHours(1));
        story.Resolve(alert);
        story.Pass(TimeSpan.FromHours(9));
        Assert.Empty(story.Sent);
    }

    [Fact]
    public void The_end_of_an_alert_that_was_told_before_the_silence_is_told_and_marked()
    {
        var story = new Story();
        var alert = story.Raise("C-1");
        story.Pass(S(60));
        story.Silence("s-1", TimeSpan.FromHours(2), false, "customer=\"C-1\"");
        story.Resolve(alert);
        Assert.Equal("60s HIGH C-1 EW-05/1 resolved", story.Log[^1]);
        Assert.Equal("li.wei: money is on its way", story.Sent[^1].Message.Items[0].Mark);
    }

    [Fact]
    public void A_silence_does_not_hide_that_it_gets_worse()
    {
        var story = new Story(inhibits: []);
        var (low, other) = (story.Raise("C-1", "EW-01", 2, Severity.Low), story.Raise("C-2", "EW-01", 2, Severity.Low));
        story.Pass(S(60));
        story.Silence("s-1", TimeSpan.FromDays(2), false, "alertname=\"EW-01\"");
        story.Resolve(low);
        story.Resolve(other);
        var before = story.Sent.Count;
        // The same step again stays quiet, a higher one does not, and only for that customer.
        story.Raise("C-1", "EW-01", 2, Severity.Low, crossing: 2);
        story.Raise("C-2", "EW-01", 2, Severity.Low, crossing: 2);
        story.Pass(S(60));
        Assert.Equal(before, story.Sent.Count);
        story.Raise("C-1", "EW-01", 4, crossing: 3);
        story.Pass(S(60));
        // With the silence over for the customer, what it hid of him comes along.
        Assert.Contains(story.Log[before..], l => l.Contains("HIGH C-1 EW-01/4 raised", StringComparison.Ordinal));
        Assert.DoesNotContain(story.Log[before..], l => l.Contains("C-2", StringComparison.Ordinal));
    }

    [Fact]
    public void A_worsening_is_seen_also_after_a_restart()
    {
        var story = new Story(inhibits: []);
        story.Silence("s-1", TimeSpan.FromDays(2), false, "customer=\"C-1\"");
        var first = story.Raise("C-1", "EW-01", 2, Severity.Low);
        story.Pass(S(60));
        story.Resolve(first);
        story.Pass(S(60));
        story.Restart();
        story.Raise("C-1", "EW-01", 4, crossing: 2);
        story.Pass(S(60));
        Assert.Equal(["150s HIGH C-1 EW-01/4 raised"], story.Log);
    }

    [Fact]
    public void A_silence_until_resolved_ends_with_the_alert_and_hides_no_other_one()
    {
        var story = new Story();
        story.Silence("s-1", Silence.LongestUntilResolved, true, "customer=\"C-1\"");
        var first = story.Raise("C-1");
        story.Pass(TimeSpan.FromDays(3));
        story.Resolve(first);
        Assert.Empty(story.Sent);
        story.Raise("C-1", crossing: 2);
        story.Pass(S(60));
        Assert.Single(story.Sent);
    }

    [Fact]
    public void A_stopped_customer_has_no_other_alerts_and_they_come_back_with_him()
    {
        var story = new Story();
        var stop = story.Raise("C-1", Rules.Stop, severity: Severity.Critical);
        var muted = story.Raise("C-1", "EW-05");
        story.Raise("C-2", "EW-05");
        story.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal(["0s CRIT C-1 STOP/1 raised", "30s HIGH C-2 EW-05/1 raised"], story.Log);
        Assert.Equal((DeliveryState.Suppressed, stop.Id, "stopped customer"), (story.RowOf(muted).State, story.RowOf(muted).By, story.RowOf(muted).Answer));
        story.Resolve(stop);
        story.Pass(S(10));
        Assert.Contains(story.Log, l => l.Contains("HIGH C-1 EW-05/1 over-", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(1, true)]
    [InlineData(5, false)]
    public void A_full_limit_mutes_the_lower_steps_of_the_ladder(int step, bool muted)
    {
        var story = new Story();
        story.Raise("C-1", "EW-01", 4);
        story.Raise("C-1", "EW-01", step, Severity.Medium);
        story.Raise("C-2", "EW-01", step, Severity.Medium);
        story.Pass(S(60));
        Assert.Equal(muted ? 2 : 3, story.Sent.Sum(s => s.Message.Items.Count));
    }

    [Fact]
    public void What_is_inhibited_stays_so_over_a_restart()
    {
        var story = new Story();
        story.Raise("C-1", Rules.Stop, severity: Severity.Critical);
        story.Raise("C-1", "EW-05");
        story.Restart();
        story.Pass(TimeSpan.FromMinutes(5));
        story.Restart();
        story.Pass(TimeSpan.FromHours(1));
        Assert.Equal(["0s CRIT C-1 STOP/1 raised"], story.Log);
    }

    [Fact]
    public void An_alert_that_both_sides_of_a_rule_choose_does_not_mute_itself()
    {
        var rule = new InhibitRule("same", [LabelMatcher.Parse("severity=\"HIGH\"")], [LabelMatcher.Parse("severity=~\"HIGH|MED\"")], ["customer"]);
        var story = new Story(inhibits: [rule]);
        story.Raise("C-1", "EW-05");
        story.Raise("C-1", "EW-06");
        story.Raise("C-1", "EW-07", severity: Severity.Medium);
        story.Pass(S(60));
        Assert.Equal(["30s HIGH C-1 EW-05/1 raised, HIGH C-1 EW-06/1 raised"], story.Log);
    }

    [Fact]
    public void A_missing_label_equals_an_empty_one()
    {
        var rule = new InhibitRule("desk", [LabelMatcher.Equal("alertname", "A")], [LabelMatcher.Equal("alertname", "B")], ["desk"]);
        Assert.True(rule.MayMute(new Labels([new("alertname", "B")])));
        Assert.Equal(rule.EqualOf(new Labels([new("alertname", "A"), new("desk", "")])), rule.EqualOf(new Labels([new("alertname", "B")])));
    }

    [Fact]
    public void What_nobody_takes_in_time_is_escalated_once_and_what_somebody_took_is_not()
    {
        var plan = new RoutePlan { Name = "root/crit", To = ["chat"], EscalateAfter = TimeSpan.FromMinutes(15), EscalateTo = ["head"] };
        var routes = new RouteTree(new Route(plan, [], false, []));
        var story = new Story(plan);
        var (waits, taken) = (story.Raise("C-1", severity: Severity.Critical), story.Raise("C-2", severity: Severity.Critical));
        story.Handle(taken, AlertHandling.Taken);
        story.Pass(TimeSpan.FromMinutes(14));
        Assert.Empty(Escalation.Due(story.Book, routes, story.Now));
        Assert.Equal(waits.RaisedAt.Plus(15 * 60 * Instant.Second), Escalation.TakeBy(waits, routes));
        story.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal([(waits.Id, "root/crit")], Escalation.Due(story.Book, routes, story.Now).Select(d => (d.Alert.Id, d.Plan.Name)));
    }
}
