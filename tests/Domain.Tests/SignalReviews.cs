using ExposureMonitor.Domain.Tests.Catalogue;
using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Which thresholds are proposed from what people found useful and what they found to be noise.</summary>
public sealed class SignalReviews
{
    private static IEnumerable<TaggedSignal> Tagged(AlertTag tag, string indicator, long threshold, params IEnumerable<long> values) => values.Select(v => new TaggedSignal(indicator, v, threshold, tag));

    private static IReadOnlyList<ThresholdProposal> Propose(params IEnumerable<TaggedSignal>[] signals) => SignalReview.Propose([.. signals.SelectMany(s => s)], Policy.Default);

    private static IEnumerable<long> From(long first, int count) => Enumerable.Range(0, count).Select(n => first + n);

    [Fact]
    public void Step_that_is_mostly_noise_goes_up_to_where_the_useful_ones_begin()
    {
        var told = Propose(Tagged(AlertTag.Noise, "EW-01", 7_000, From(7_000, 30)), Tagged(AlertTag.Useful, "EW-01", 7_000, From(7_020, 10)));
        // 7,020 to 7,029 are noise and useful alike: what is useful stays.
        Assert.Equal([new ThresholdProposal("EW-01", "signal.01.step1", 7_000, 7_020, 30, 20, 10, 0)], told);
    }

    [Fact]
    public void One_useful_signal_in_twenty_may_be_lost_and_no_more()
    {
        var noise = Tagged(AlertTag.Noise, "EW-01", 7_000, Enumerable.Repeat(7_100L, 40));
        var useful = Tagged(AlertTag.Useful, "EW-01", 7_000, [7_000, .. From(7_200, 19)]);
        // Of nineteen none may be lost: the lowest holds the step below all of the noise, and nothing is worth a change.
        Assert.Empty(Propose(noise, useful.SkipLast(1)));
        var told = Assert.Single(Propose(noise, useful));
        Assert.Equal((7_200L, 40, 1), (told.Proposed, told.NoiseSpared, told.UsefulLost));
    }

    [Fact]
    public void Days_past_due_are_told_as_the_day_behind_the_threshold()
    {
        var told = Assert.Single(Propose(Tagged(AlertTag.Noise, "EW-05", 16, From(16, 15)), Tagged(AlertTag.Useful, "EW-05", 16, From(25, 6))));
        // Fires above 24 days: the first useful one, of 25, is kept; 16 to 24 are spared.
        Assert.Equal(("signal.05.days", 15, 24, 9, 0), (told.Parameter, told.Stands, told.Proposed, told.NoiseSpared, told.UsefulLost));
    }

    [Theory]
    [InlineData("too few"), InlineData("nothing useful"), InlineData("mostly useful"), InlineData("nothing to spare"), InlineData("another threshold"), InlineData("no tag"), InlineData("no single number")]
    public void Nothing_is_proposed_where_the_tags_do_not_say_so(string why)
    {
        IEnumerable<TaggedSignal> Signals(int noise, int useful, string indicator = "EW-01", long threshold = 7_000, long usefulFrom = 7_500, AlertTag tag = AlertTag.Noise) =>
            [.. Tagged(tag, indicator, threshold, From(7_000, noise)), .. Tagged(AlertTag.Useful, indicator, threshold, From(usefulFrom, useful))];
        Assert.NotEmpty(Propose(Signals(15, 5)));
        Assert.Empty(Propose(why switch
        {
            "too few" => Signals(14, 5),
            "nothing useful" => Signals(40, 0),
            "mostly useful" => Signals(15, 16),
            "nothing to spare" => Signals(15, 5, usefulFrom: 7_001),
            "another threshold" => Signals(15, 5, threshold: 6_500),
            "no tag" => Signals(15, 5, tag: AlertTag.None),
            _ => Signals(15, 5, indicator: "EW-20"),
        }));
    }

    [Fact]
    public void Proposal_stays_within_the_bounds_of_its_parameter()
    {
        var told = Assert.Single(Propose(Tagged(AlertTag.Noise, "EW-01", 11_000, From(11_000, 20)), Tagged(AlertTag.Useful, "EW-01", 11_000, Enumerable.Repeat(long.MaxValue, 5))));
        Assert.Equal(1_000_000, told.Proposed);
        Assert.NotNull(Policy.Create("p", 2, [new PolicyParameter { Name = told.Parameter, Value = "1000000" }], out _));
    }

    /// <summary>What the catalogue really tells, so that a threshold of the table is the one that signals carry.</summary>
    [Theory]
    [InlineData("EW-01"), InlineData("EW-05"), InlineData("EW-06"), InlineData("EW-08"), InlineData("EW-09"), InlineData("EW-10"), InlineData("EW-26"), InlineData("EW-40"), InlineData("EW-41")]
    public void Signal_of_the_catalogue_carries_the_threshold_that_is_proposed_for(string indicator)
    {
        var scene = Scenes.Of(indicator);
        scene.Open();
        scene.Fires();
        var raised = Assert.Single(scene.Desk.Signals(indicator));
        var told = Assert.Single(SignalReview.Propose([.. Tagged(AlertTag.Noise, indicator, raised.Threshold, Enumerable.Repeat(raised.Threshold, 19)), .. Tagged(AlertTag.Useful, indicator, raised.Threshold, raised.Threshold + 40, raised.Threshold + 41)], scene.Desk.Book.Context.Policy));
        Assert.Equal((indicator, 19, 0), (told.Indicator, told.NoiseSpared, told.UsefulLost));
        Assert.True(raised.Value >= raised.Threshold, "a signal counts from its threshold on");
    }
}
