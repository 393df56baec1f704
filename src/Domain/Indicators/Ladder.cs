namespace ExposureMonitor.Domain;

/// <summary>One step of an indicator: fires at, and is armed again at.</summary>
internal readonly record struct LadderStep(long Fire, long Rearm, Severity Severity);

/// <summary>The steps of an indicator, the lowest first.</summary>
internal sealed class Ladder
{
    /// <summary>No indicator has more steps.</summary>
    internal const int StepsMax = 5;

    private static readonly Ladder[] Single =
        [new(new LadderStep(1, 0, Severity.Low)), new(new LadderStep(1, 0, Severity.Medium)), new(new LadderStep(1, 0, Severity.High))];

    private Ladder(params LadderStep[] steps) => Steps = steps;

    internal LadderStep[] Steps { get; }

    /// <summary>A condition that is true or false.</summary>
    internal static Ladder Once(Severity severity) => Single[(int)severity - (int)Severity.Low];

    /// <summary>Steps 1, 2, … of an indicator that works its step out itself.</summary>
    internal static Ladder Levels(params ReadOnlySpan<Severity> severities)
    {
        var steps = new LadderStep[severities.Length];
        for (var i = 0; i < steps.Length; i++) steps[i] = new LadderStep(i + 1, i, severities[i]);
        return new Ladder(steps);
    }

    internal static Ladder Of(params LadderStep[] steps) => new(steps);
}

/// <summary>The ladders of a policy, made once per version.</summary>
internal sealed class Ladders
{
    internal Ladders(Policy policy)
    {
        Utilisation = UtilisationOf(policy, Parameter.Signal01Step1, Parameter.Signal01Severity1, Ladder.StepsMax);
        if (policy.Is(Parameter.LadderByGrade))
            for (var i = 0; i < _ofGrades.Length; i++) _ofGrades[i] = UtilisationOf(policy, (Parameter)((int)Parameter.LadderA1 + i * GradeSteps), Parameter.LadderSeverity1, GradeSteps);
        var calm = policy[Parameter.Signal05Rearm];
        OldestItem = Ladder.Of(new(policy[Parameter.Signal05Days] + 1, calm, Severity.Medium), new(policy[Parameter.Signal05High] + 1, calm, Severity.High));
        ShareOverdue = Ladder.Of(new LadderStep(policy[Parameter.Signal06Bp], policy[Parameter.Signal06Rearm], Severity.Medium));
        PastDue = Ladder.Of(new(policy[Parameter.Signal10Days] + 1, policy[Parameter.Signal10Days], Severity.Medium),
            new(policy[Parameter.Signal10High] + 1, policy[Parameter.Signal10High], Severity.Critical));
        // Days to the end, counted so that nearer is higher; all steps are armed again by an end beyond the first warning.
        var first = policy[Parameter.Signal11Days1];
        LimitEnds = Ladder.Of(new(-first, -first - 1, Severity.Low), new(-policy[Parameter.Signal11Days2], -first - 1, Severity.Medium),
            new(0, -first - 1, Severity.High), new(1, -first - 1, Severity.Critical));
    }

    /// <summary>Steps of a grade (credit.md section 14).</summary>
    private const int GradeSteps = 3;

    /// <summary>Of A, B, C and D; empty while all customers have the same steps.</summary>
    private readonly Ladder?[] _ofGrades = new Ladder?[4];

    /// <summary>The steps of EW-01 of a customer without a grade.</summary>
    internal Ladder Utilisation { get; }

    internal bool AreByGrade => _ofGrades[0] is not null;

    /// <summary>The steps of EW-01 of a customer with a grade; of E, who has no limit, and of a grade that is none of ours, those of everybody.</summary>
    internal Ladder UtilisationOf(string grade) => grade is [>= 'A' and <= 'D' and var letter] && _ofGrades[letter - 'A'] is { } own ? own : Utilisation;

    internal Ladder OldestItem { get; }

    internal Ladder ShareOverdue { get; }

    internal Ladder PastDue { get; }

    internal Ladder LimitEnds { get; }

    /// <summary>Steps of EW-01, ascending; a step of 0 is off.</summary>
    private static Ladder UtilisationOf(Policy policy, Parameter first, Parameter severity, int count)
    {
        var steps = new List<LadderStep>();
        for (var i = 0; i < count; i++)
        {
            var fire = policy[(Parameter)((int)first + i)];
            if (fire > 0) steps.Add(new LadderStep(fire, fire - policy[Parameter.Signal01Rearm], (Severity)policy[(Parameter)((int)severity + i)]));
        }

        steps.Sort((a, b) => a.Fire != b.Fire ? a.Fire.CompareTo(b.Fire) : a.Severity.CompareTo(b.Severity));
        return Ladder.Of([.. steps]);
    }
}
