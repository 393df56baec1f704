namespace ExposureMonitor.Domain;

/// <summary>Proposes thresholds from what people thought of signals (credit.md 19.1). It never changes one.</summary>
public static class SignalReview
{
    /// <summary>With fewer tagged signals of a threshold nothing is proposed: they would say more about chance than about the threshold.</summary>
    public const int TaggedLeast = 20;

    /// <summary>One useful signal in so many may be lost: people err, and one of them must not hold a threshold for ever.</summary>
    private const int UsefulPerLost = 20;

    /// <summary>A proposal spares one in so many of the noise at least; less is not worth a change of the rules.</summary>
    private const int NoisePerSpared = 10;

    /// <summary>A number of the policy that a value is compared with as it is told.</summary>
    /// <param name="Beyond">The value must be above it, not only reach it.</param>
    /// <param name="ToldAs">What the signal tells as its threshold, less the parameter.</param>
    private readonly record struct Threshold(string Indicator, Parameter Parameter, bool Beyond, int ToldAs);

    /// <summary>
    /// Indicators with one comparison. The others compare with a habit, with several numbers at once, or count up to their
    /// threshold one by one: of those no other number of the same parameter would have told noise from use.
    /// </summary>
    private static readonly Threshold[] Thresholds =
    [
        new("EW-01", Parameter.Signal01Step1, false, 0), new("EW-01", Parameter.Signal01Step2, false, 0), new("EW-01", Parameter.Signal01Step3, false, 0),
        new("EW-01", Parameter.Signal01Step4, false, 0), new("EW-01", Parameter.Signal01Step5, false, 0),
        new("EW-05", Parameter.Signal05Days, true, 1), new("EW-05", Parameter.Signal05High, true, 1),
        new("EW-06", Parameter.Signal06Bp, false, 0),
        new("EW-08", Parameter.Signal08Level, false, 0),
        new("EW-09", Parameter.Signal09ShareBp, true, 0),
        new("EW-10", Parameter.Signal10Days, true, 1), new("EW-10", Parameter.Signal10High, true, 1),
        new("EW-19", Parameter.Signal19Step1, false, 0), new("EW-19", Parameter.Signal19Step2, false, 0), new("EW-19", Parameter.Signal19Step3, false, 0),
        new("EW-26", Parameter.Signal26ShareBp, true, 0),
        new("EW-40", Parameter.Signal40ShareBp, true, 0),
        new("EW-41", Parameter.Signal41UsedBp, true, 0),
    ];

    /// <summary>
    /// The proposals for a policy, in the order of the catalogue. A signal counts where its threshold is the one that stands: what an earlier
    /// version of the rules, or a segment with rules of its own, has judged says nothing about it.
    /// </summary>
    public static IReadOnlyList<ThresholdProposal> Propose(IReadOnlyCollection<TaggedSignal> signals, Policy policy)
    {
        var proposals = new List<ThresholdProposal>();
        foreach (var threshold in Thresholds)
        {
            var stands = policy[threshold.Parameter];
            var mine = signals.Where(s => s.Indicator == threshold.Indicator && s.Threshold == stands + threshold.ToldAs && s.Value >= s.Threshold).ToList();
            if (stands > 0 && Propose(threshold, stands, mine) is { } proposal) proposals.Add(proposal);
        }

        return proposals;
    }

    /// <summary>The highest threshold that keeps what was useful; <c>null</c> when it would spare next to nothing.</summary>
    private static ThresholdProposal? Propose(Threshold threshold, long stands, List<TaggedSignal> signals)
    {
        var useful = signals.Where(s => s.Tag == AlertTag.Useful).Select(s => s.Value).Order().ToList();
        var noise = signals.Where(s => s.Tag == AlertTag.Noise).Select(s => s.Value).ToList();
        // Without anything useful every threshold is too low and none is right: whether to switch it off is not a question of numbers.
        if (useful.Count == 0 || useful.Count + noise.Count < TaggedLeast || noise.Count < useful.Count) return null;
        var kept = useful[useful.Count / UsefulPerLost];
        var (name, _, _, most) = ParameterTable.All[(int)threshold.Parameter];
        var proposed = Math.Min(threshold.Beyond ? kept - 1 : kept, most);
        if (proposed <= stands) return null;
        var (spared, lost) = (noise.Count(v => !Fires(v)), useful.Count(v => !Fires(v)));
        return spared * NoisePerSpared < noise.Count ? null : new ThresholdProposal(threshold.Indicator, name, stands, proposed, noise.Count, spared, useful.Count, lost);

        bool Fires(long value) => threshold.Beyond ? value > proposed : value >= proposed;
    }
}
