using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Domain.Tests.Catalogue;

/// <summary>
/// The proofs that read one story per indicator: it fires once and not once per event, is armed again only by what ends it, and a book that is read back
/// behind every entry tells the same signals under the same ids. EW-19 has its story among groups.
/// </summary>
public sealed class Scenes
{
    internal static Scene Of(string indicator) => indicator switch
    {
        "EW-01" => new UtilisationScene(), "EW-02" => new OverLimitScene(), "EW-03" => new OrderScene(1_100_000), "EW-04" => new OrderScene(300_000), "EW-05" => new OverdueScene(16),
        "EW-06" => new OverdueScene(11), "EW-07" => new OverdueAndUsedScene(), "EW-08" => new DunningScene(), "EW-09" => new MigrationScene(), "EW-10" => new OverdueScene(31),
        "EW-11" => new LimitEndScene(), "EW-12" => new TemporaryScene(), "EW-13" => new HorizonScene(), "EW-14" => new ScoreScene(), "EW-15" => new RatingScene(),
        "EW-16" => new AltmanScene(), "EW-17" => new CoverScene(), "EW-18" => new ReviewScene(), "EW-20" => new SlowerScene(), "EW-21" => new LateInARowScene(),
        "EW-22" => new StatementScene(), "EW-23" => new SurgeScene(), "EW-24" => new SurgeWhileLateScene(), "EW-25" => new SilenceScene(), "EW-26" => new PartPaymentScene(),
        "EW-27" => new ConcentrationScene(), "EW-28" => new RoundSumScene(), "EW-29" => new DiscountScene(), "EW-30" => new RateScene(), "EW-31" => new ReturnedScene(),
        "EW-32" => new PromiseScene(), "EW-33" => new LongerTermsScene(), "EW-34" => new DisputeScene(), "EW-35" => new OtherWayScene(), "EW-36" => new TrendScene(),
        "EW-37" => new NeverClearsScene(), "EW-38" => new HugScene(), "EW-39" => new ErraticScene(), "EW-40" => new CreditNoteScene(), "EW-41" => new BurstScene(),
        "EW-42" => new NewsScene(),
        _ => throw new ArgumentOutOfRangeException(nameof(indicator), indicator, "has no scene"),
    };

    public static TheoryData<string> Indicators => [.. Enumerable.Range(1, 42).Where(n => n != 19).Select(n => $"EW-{n:00}")];

    [Theory]
    [MemberData(nameof(Indicators))]
    public void It_fires_in_the_words_of_the_trade_and_says_why(string indicator)
    {
        var scene = Of(indicator);
        scene.Open();
        Assert.Empty(scene.Desk.Signals(indicator));
        scene.Fires();
        var told = Assert.Single(scene.Desk.Signals(indicator));
        Assert.NotEqual("", told.Clears);
        Assert.True(told.Threshold != 0 || told.Value != 0 || told.About.Length > 0, "no figure and no subject");
        Assert.Contains(scene.Desk.Detail.Signals, s => s.Indicator == indicator && s.About == told.About);
    }

    [Theory]
    [MemberData(nameof(Indicators))]
    public void It_fires_once_and_again_only_after_it_was_armed(string indicator)
    {
        var scene = Of(indicator);
        scene.Open();
        scene.Fires();
        for (var i = 0; i < 3; i++) scene.Touch();
        var first = Assert.Single(scene.Desk.Signals(indicator));
        scene.Ends();
        Assert.Equal(first.SignalId, Assert.Single(scene.Desk.Signals(indicator, SignalChanged.Resolved)).SignalId);
        Assert.DoesNotContain(scene.Desk.Detail.Signals, s => s.Indicator == indicator);
        scene.Touch();
        Assert.Single(scene.Desk.Signals(indicator));
        scene.FiresAgain();
        Assert.Equal(scene.IsOnce ? 1 : 2, scene.Desk.Signals(indicator).Select(s => s.SignalId).Distinct().Count());
        Assert.Equal(scene.IsOnce ? 1 : 2, scene.Desk.Signals(indicator).Count());
        Assert.Empty(scene.Desk.Signals(indicator, SignalChanged.Retracted));
    }

    [Theory]
    [MemberData(nameof(Indicators))]
    public void A_book_that_is_read_back_tells_the_same_signals_under_the_same_ids(string indicator)
    {
        var expected = Told(indicator, 0);
        Assert.Contains(expected, t => t.Contains(indicator + "/", StringComparison.Ordinal));
        Assert.Equal(expected, Told(indicator, 7));
    }

    private static string[] Told(string indicator, int restartEach)
    {
        var scene = Of(indicator);
        scene.Open(restartEach);
        scene.Fires();
        scene.Ends();
        scene.FiresAgain();
        return [.. scene.Desk.History.OfType<SignalChanged>().Select(s => $"{s.State} {s.SignalId} {s.Severity} {s.Value} {s.Threshold} {s.FirstPosition} {s.LastPosition}")];
    }
}
