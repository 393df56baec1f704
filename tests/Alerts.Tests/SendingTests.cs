using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>What an answer means, how fast is sent, and what becomes of what cannot be.</summary>
public sealed class SendingTests
{
    private static readonly Answer Down = new(AnswerKind.NotSent, "refused"), Silent = new(AnswerKind.Unknown, "no answer in 10 s");

    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    [Fact]
    public void A_message_of_unknown_outcome_goes_again_under_its_id_with_the_same_records()
    {
        var story = new Story();
        story.Raise("C-1", "EW-05");
        story.Answers.Enqueue(Silent);
        story.Answers.Enqueue(Silent);
        story.Pass(S(30));
        story.Raise("C-1", "EW-06");
        story.Pass(TimeSpan.FromMinutes(2));
        var sent = story.Sent.Where(s => s.Message.Items[0].Alert.Rule == "EW-05").ToList();
        Assert.Equal((3, 4), (sent.Count, story.Sent.Count));
        Assert.Single(sent.Select(s => s.Message.Id).Distinct());
        Assert.Equal([false, true, true], sent.Select(s => s.Message.IsRepeat));
        Assert.Equal([1, 2, 3], sent.Select(s => s.Message.Attempt));
        Assert.All(sent, s => Assert.Single(s.Message.Items));
    }

    [Fact]
    public void A_process_that_is_killed_after_sending_repeats_once_under_the_same_id()
    {
        var story = KilledStory(out var id);
        Assert.Equal([id, id], story.Sent.Select(s => s.Message.Id));
        Assert.True(story.Sent[1].Message.IsRepeat);
        story.Pass(TimeSpan.FromHours(1));
        Assert.Equal(2, story.Sent.Count);
        Assert.All(story.Rows.Values.Where(r => r.Alert.StartsWith("C-1/", StringComparison.Ordinal)), r => Assert.Equal((DeliveryState.Delivered, 2), (r.State, r.Attempts)));
    }

    private static Story KilledStory(out string id)
    {
        var story = new Story(new RoutePlan { Name = "desk", To = ["chat"], GroupWait = TimeSpan.Zero }, new ChannelRules { Rates = [new Rate(1, S(5))] });
        story.Raise("X-0");
        story.Raise("C-1", "EW-05");
        story.Raise("C-1", "EW-06");
        Assert.Single(story.Sent);
        story.Sent.Clear();
        story.PassWithoutSending(S(5));
        story.KillAfterNextSend();
        story.Pass(S(10));
        id = story.Sent[0].Message.Id;
        return story;
    }

    [Fact]
    public void Failures_wait_longer_and_longer_up_to_five_minutes_with_jitter()
    {
        for (var attempt = 1; attempt <= 20; attempt++)
        {
            var waits = Enumerable.Range(0, 200).Select(i => Backoff.After($"m-{i}", attempt)).ToList();
            var most = TimeSpan.FromSeconds(Math.Min(300, Math.Pow(2, attempt - 1)));
            Assert.All(waits, w => Assert.InRange(w, S(0.2), most));
            Assert.True(waits.Max() > most * 0.9 && waits.Min() < most * 0.3, $"attempt {attempt}: no jitter");
        }

        Assert.Equal(Backoff.After("m", 3), Backoff.After("m", 3));
    }

    [Fact]
    public void What_does_not_arrive_in_a_day_is_dead_and_people_are_told_elsewhere()
    {
        var story = new Story { AnswerOf = _ => Silent };
        var alert = story.Raise("C-1");
        story.Pass(TimeSpan.FromHours(23.9));
        Assert.Equal(DeliveryState.Pending, story.RowOf(alert).State);
        story.Pass(TimeSpan.FromMinutes(20));
        Assert.Equal(DeliveryState.Dead, story.RowOf(alert).State);
        Assert.Equal(DeskNoticeKind.GivenUp, Assert.Single(story.Notices).Kind);
    }

    [Fact]
    public void Five_failures_in_a_row_open_the_breaker_for_half_a_minute()
    {
        var story = new Story(new RoutePlan { Name = "desk", To = ["chat"], GroupWait = TimeSpan.Zero }) { AnswerOf = _ => Down };
        story.Raise("C-1");
        story.Pass(TimeSpan.FromHours(1));
        var gaps = story.Sent.Zip(story.Sent.Skip(1), (a, b) => b.At - a.At).ToList();
        Assert.All(gaps.Skip(4), g => Assert.True(g >= 29.999, $"{g}"));
        Assert.True(gaps.Take(4).Sum() <= 15);
        story.AnswerOf = null;
        story.Pass(TimeSpan.FromMinutes(6));
        Assert.Equal((0, DeliveryState.Delivered), (story.Memory.FailuresInARow, story.Rows.Values.Single().State));
    }

    [Fact]
    public void What_ended_never_overtakes_what_was_raised()
    {
        var story = new Story();
        var alert = story.Raise("C-1");
        story.Answers.Enqueue(Silent);
        story.Answers.Enqueue(Silent);
        story.Answers.Enqueue(Silent);
        story.Pass(S(30));
        story.Resolve(alert);
        story.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal(["raised", "raised", "raised", "raised", "resolved"], story.Sent.Select(s => s.Message.Items[0].Row.Transition));
    }

    [Fact]
    public void An_alert_that_ends_while_its_channel_is_away_is_not_sent_at_all()
    {
        var story = new Story { AnswerOf = _ => Down };
        var (ends, stays) = (story.Raise("C-1"), story.Raise("C-2"));
        story.Pass(TimeSpan.FromMinutes(10));
        story.Resolve(ends);
        story.AnswerOf = null;
        story.Sent.Clear();
        story.Pass(TimeSpan.FromMinutes(10));
        Assert.Equal([stays.Id], story.Sent.SelectMany(s => s.Message.Items).Select(i => i.Alert.Id));
    }

    [Fact]
    public void A_wrong_signature_is_not_tried_again_and_what_was_kept_goes_out_after_the_repair()
    {
        var story = new Story();
        story.Answers.Enqueue(new Answer(AnswerKind.Unhealthy, "19021 sign match fail"));
        var first = story.Raise("C-1");
        story.Pass(TimeSpan.FromHours(5));
        var second = story.Raise("C-2");
        story.Pass(TimeSpan.FromHours(5));
        Assert.Single(story.Sent);
        Assert.Equal(DeskNoticeKind.Unhealthy, Assert.Single(story.Notices).Kind);
        Assert.Equal("19021 sign match fail", story.Memory.Unhealthy);
        // The same settings after a restart are the same mistake; others are tried.
        story.Restart();
        story.Pass(TimeSpan.FromHours(1));
        Assert.Single(story.Sent);
        story.Settings = "s2";
        story.Restart();
        story.Pass(S(1));
        Assert.Equal([first.Id, second.Id], story.Sent.Skip(1).SelectMany(s => s.Message.Items).Select(i => i.Alert.Id).Order());
        Assert.Equal(DeskNoticeKind.Repaired, story.Notices[^1].Kind);
    }

    [Fact]
    public void A_rest_of_ten_minutes_ends_in_one_digest_and_nothing_is_lost()
    {
        var story = new Story(rules: new ChannelRules { Rates = [new Rate(15, TimeSpan.FromMinutes(1))], Rest = TimeSpan.FromMinutes(10), OverflowCount = 1_000 });
        story.Answers.Enqueue(new Answer(AnswerKind.Rest, "130101 send too fast"));
        for (var i = 0; i < 100; i++) story.Raise($"C-{i}");
        story.Pass(TimeSpan.FromMinutes(20));
        Assert.Equal(2, story.Sent.Count);
        Assert.Equal((630, MessageShape.Overflow, 100), (story.Sent[1].At, story.Sent[1].Message.Shape, story.Sent[1].Message.Items.Count));
        Assert.All(story.Rows.Values, r => Assert.Equal(DeliveryState.Delivered, r.State));
    }

    [Fact]
    public void A_rest_outlives_a_restart()
    {
        var story = new Story(rules: new ChannelRules { Rates = [new Rate(15, TimeSpan.FromMinutes(1))], Rest = TimeSpan.FromMinutes(10) });
        story.Answers.Enqueue(new Answer(AnswerKind.Rest, "130101 send too fast"));
        story.Raise("C-1");
        story.Pass(S(60));
        story.Restart();
        story.Pass(TimeSpan.FromMinutes(8));
        Assert.Single(story.Sent);
        story.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal(630, story.Sent[1].At);
    }

    [Fact]
    public void Retry_after_holds_the_whole_channel()
    {
        var story = new Story();
        story.Answers.Enqueue(new Answer(AnswerKind.Slower, "429", S(90)));
        story.Raise("C-1");
        story.Raise("C-2");
        story.Pass(TimeSpan.FromMinutes(10));
        Assert.Equal([30, 120], story.Sent.Select(s => s.At).Distinct().ToArray());
        Assert.All(story.Rows.Values, r => Assert.Equal(DeliveryState.Delivered, r.State));
    }

    [Fact]
    public void More_than_the_channel_may_carry_is_merged_and_crits_jump_the_queue_unmerged_with_lower_ones()
    {
        var story = new Story(rules: new ChannelRules { Rates = [new Rate(1, S(4))] });
        for (var i = 0; i < 40; i++) story.Raise($"C-{i}");
        story.Pass(S(31));
        story.Raise("X-1", severity: Severity.Critical);
        story.Raise("X-2", severity: Severity.Critical);
        story.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal(40, story.Sent[0].Message.Items.Count);
        Assert.Equal(["34s CRIT X-1 EW-05/1 raised", "38s CRIT X-2 EW-05/1 raised"], story.Log[1..]);
    }

    [Fact]
    public void What_is_too_large_goes_once_more_in_the_smallest_form_and_is_then_given_up()
    {
        var story = new Story();
        story.Answers.Enqueue(new Answer(AnswerKind.TooLarge, "40058"));
        story.Answers.Enqueue(new Answer(AnswerKind.TooLarge, "40058"));
        var alert = story.Raise("C-1");
        story.Pass(TimeSpan.FromHours(1));
        Assert.Equal([false, true], story.Sent.Select(s => s.Message.Minimal));
        Assert.Equal(DeliveryState.Dead, story.RowOf(alert).State);
    }

    [Fact]
    public void Our_own_mistake_is_dead_at_once_and_told_with_the_message()
    {
        var story = new Story();
        story.Answers.Enqueue(new Answer(AnswerKind.Malformed, "9499 bad request"));
        var alert = story.Raise("C-1");
        story.Pass(TimeSpan.FromHours(1));
        Assert.Equal((1, DeliveryState.Dead), (story.Sent.Count, story.RowOf(alert).State));
        Assert.Equal(story.Sent[0].Message.Id, Assert.Single(story.Notices).MessageId);
    }

    [Fact]
    public void Answers_that_nobody_understands_are_unhealthy_after_the_third_and_never_a_success()
    {
        var story = new Story { AnswerOf = _ => new Answer(AnswerKind.Unrecognised, "<html>Please log in") };
        var alert = story.Raise("C-1");
        story.Pass(TimeSpan.FromHours(2));
        Assert.Equal((3, DeliveryState.Pending), (story.Sent.Count, story.RowOf(alert).State));
        Assert.NotEqual("", story.Memory.Unhealthy);
        story.AnswerOf = null;
        story.Repaired();
        Assert.Equal((4, DeliveryState.Delivered, true), (story.Sent.Count, story.RowOf(alert).State, story.Sent[3].Message.IsRepeat));
        Assert.Single(story.Sent.Select(s => s.Message.Id).Distinct());
    }

    [Fact]
    public void Teams_accepts_and_never_says_delivered()
    {
        var story = new Story { AnswerOf = _ => new Answer(AnswerKind.Accepted, "202") };
        var alert = story.Raise("C-1");
        story.Pass(S(60));
        Assert.Equal(DeliveryState.Accepted, story.RowOf(alert).State);
        story.Resolve(alert);
        Assert.Equal(2, story.Sent.Count);
    }

    [Fact]
    public void A_crit_that_does_not_arrive_in_five_minutes_goes_to_the_next_channel_as_well()
    {
        var story = new Story(new RoutePlan { Name = "crit", To = ["chat"], Next = ["mail", "phone"] }) { AnswerOf = _ => new Answer(AnswerKind.Unhealthy, "403") };
        var alert = story.Raise("C-1", severity: Severity.Critical);
        story.Raise("C-2", severity: Severity.High);
        story.Pass(TimeSpan.FromMinutes(4.9));
        Assert.Empty(story.NextTold);
        story.Pass(TimeSpan.FromHours(2));
        Assert.Equal([(alert.Id, "mail")], story.NextTold);
    }

    [Fact]
    public void Around_the_full_and_the_half_hour_only_crits_leave_at_once()
    {
        var rules = new ChannelRules { Rates = [new Rate(100, S(1))], CrowdedSpread = S(20) };
        var story = new Story(new RoutePlan { Name = "desk", To = ["chat"], GroupWait = TimeSpan.Zero }, rules, start: "2026-03-02T09:30:00Z");
        story.Raise("C-1", severity: Severity.Critical);
        story.Raise("C-2");
        Assert.Equal(["0s CRIT C-1 EW-05/1 raised"], story.Log);
        story.Pass(S(60));
        Assert.InRange(story.Sent[1].At, 0.001, 20);
        story.Raise("C-3");
        Assert.Equal(60, story.Sent[2].At);
    }

    [Fact]
    public void A_clock_that_is_off_is_told_once()
    {
        var story = new Story { AnswerOf = _ => new Answer(AnswerKind.Delivered, "ok", ClockOffBy: S(-75)) };
        story.Raise("C-1");
        story.Raise("C-2");
        story.Pass(S(60));
        Assert.Equal(DeskNoticeKind.ClockOff, Assert.Single(story.Notices).Kind);
    }

    /// <summary>Any burst, any outage, any restart: never more than the rate in any window, and every record comes to its end.</summary>
    [Fact]
    public void No_rate_is_broken_in_any_window_whatever_happens()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var dice = new Random(seed);
            var (many, few) = (new Rate(4, S(1)), new Rate(20, S(60)));
            var story = new Story(new RoutePlan { Name = "desk", To = ["chat"], GroupWait = S(dice.Next(3)) }, new ChannelRules { Rates = [many, few] });
            story.AnswerOf = _ => dice.Next(10) switch { 0 => Silent, 1 => Down, 2 => new Answer(AnswerKind.Slower, "429", S(dice.Next(5))), 3 => new Answer(AnswerKind.Rest, "rest", S(20)), _ => new Answer(AnswerKind.Delivered, "ok") };
            List<Alert> raised = [];
            for (var step = 0; step < 40; step++)
            {
                for (var i = dice.Next(8); i > 0; i--) raised.Add(story.Raise($"C-{dice.Next(30)}", crossing: raised.Count, severity: dice.Next(6) == 0 ? Severity.Critical : Severity.High));
                if (raised.Count > 0 && raised[dice.Next(raised.Count)] is var one && story.Book.Find(one.Id) is not null) story.Resolve(one);
                story.Pass(S(dice.NextDouble() * 8));
                if (dice.Next(5) == 0) story.Restart();
            }

            story.AnswerOf = null;
            story.Pass(TimeSpan.FromHours(3));
            Assert.All(story.Rows.Values, r => Assert.True(r.IsFinal, $"seed {seed}: {r.Key} {r.State}"));
            foreach (var rate in (Rate[])[many, few])
            {
                for (var i = rate.Count; i < story.Sent.Count; i++)
                    Assert.True(story.Sent[i].At - story.Sent[i - rate.Count].At >= rate.Per.TotalSeconds - 1e-6, $"seed {seed}: {rate} broken at {story.Sent[i].At}");
            }

            // A record is told twice only under one id, and only when an outcome was unknown.
            foreach (var key in story.Sent.SelectMany(s => s.Message.Items.Select(i => (i.Row.Key, s.Message))).GroupBy(p => p.Key))
            {
                var unknown = key.SkipWhile(p => !p.Message.IsRepeat).Select(p => p.Message.Id).Distinct().Count();
                Assert.True(unknown <= 1, $"seed {seed}: {key.Key} was repeated under {unknown} ids");
            }
        }
    }
}
