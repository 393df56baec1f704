using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>Judges scores on a walked ledger (credit.md section 20, "How a detector is judged").</summary>
public static class Evaluation
{
    /// <summary>Shares of the invoices that may be flagged, per cent.</summary>
    private static readonly int[] Budgets = [2, 5, 10, 20];

    /// <summary>Everything that can be said of the cases of a ledger.</summary>
    public static EvaluationReport Of(LedgerWalk walk, JudgingPlan plan, IReadOnlyList<SignalLine> signals)
    {
        var outcomes = Outcomes.Of(walk);
        if (plan.FitUntil > 0) Check(walk.Cases, outcomes.AsOf, plan.FitUntil);
        var judging = new Judging(walk.Cases, outcomes.AsOf, plan);
        List<TargetReport> targets = [];
        List<string> remarks = [.. outcomes.Remarks];
        List<FactorLine> factors = [];
        var (five, fifteen, dates) = JudgeAll(judging);
        foreach (var (days, (cases, late, orders, models)) in new[] { (5, five), (15, fifteen) })
        {
            if (models.Exists(m => m is null))
                remarks.Add($"More than {days} days: {models.Count(m => m is null)} of {models.Count} fits had fewer than {LateModel.LateLeast} late invoices, or in time; there the shrunk share was used.");
            targets.Add(Target($"late{days}", days, cases, late, orders, onsetOnly: false, plan));
            var clean = Enumerable.Range(0, cases.Count).Where(i => cases[i].IsOnset(days)).ToArray();
            targets.Add(Target($"onset{days}", days, Pick(cases, clean), Pick(late, clean), [.. orders.Select(o => new RiskOrder(o.Name, Pick(o.Risk, clean), o.Chance.Length == 0 ? [] : Pick(o.Chance, clean)))], onsetOnly: true, plan));
            if (days == 5 && models[^1] is { } last) factors = Weights(last.Card, cases);
        }

        remarks.AddRange(targets.Select(t => t.Statement));
        var known = walk.Cases.Where(c => c.SettledOn > 0).ToList();
        return new EvaluationReport
        {
            Invoices = walk.Cases.Count, Customers = walk.Cases.Select(c => c.Customer).Distinct(StringComparer.Ordinal).Count(), Paid = known.Count,
            First = DateOnly.FromDayNumber(walk.Cases.Count == 0 ? walk.Today : walk.Cases.Min(c => c.IssuedOn)), AsOf = DateOnly.FromDayNumber(judging.AsOf), ToldUntil = outcomes.ToldUntil == int.MaxValue ? null : DateOnly.FromDayNumber(outcomes.ToldUntil), JudgedFrom = DateOnly.FromDayNumber(judging.From),
            FittedOn = [.. judging.Starts.Select(DateOnly.FromDayNumber)], TooYoung = walk.Cases.Count(c => c.IssuedOn >= judging.From && c.Late(15, judging.AsOf) is null),
            Targets = targets, Dates = dates, Signals = signals, Factors = factors, Remarks = remarks,
        };
    }

    /// <summary>None of the three knows of the others: side by side they say the same as one after the other.</summary>
    private static ((List<Case> Cases, bool[] Late, List<RiskOrder> Orders, List<LateModel?> Models) Five, (List<Case> Cases, bool[] Late, List<RiskOrder> Orders, List<LateModel?> Models) Fifteen, DateReport? Dates) JudgeAll(Judging judging)
    {
        var (five, fifteen, dates) = (Task.Run(() => judging.Judge(5)), Task.Run(() => judging.Judge(15)), Task.Run(() => PaymentDates.Judge(judging)));
        // All have to end before anything is told, also of the first that failed.
        Task.WhenAll(five, fifteen, dates).GetAwaiter().GetResult();
        return (five.Result, fifteen.Result, dates.Result);
    }

    /// <exception cref="InvalidDataException">Nothing can be fitted before the day, or judged after it.</exception>
    private static void Check(IReadOnlyList<Case> cases, int asOf, int day)
    {
        var known = cases.Where(c => c.Late(15, asOf) is not null).ToList();
        if (known.Count == 0) throw new InvalidDataException("No invoice has an outcome yet: nothing can be judged.");
        var (first, last) = (known.Min(c => c.IssuedOn), known.Max(c => c.IssuedOn));
        if (day > last) throw new InvalidDataException($"--fit-until {DateOnly.FromDayNumber(day):yyyy-MM-dd} is after the last invoice with an outcome, of {DateOnly.FromDayNumber(last):yyyy-MM-dd}: nothing is left to judge.");
        if (!known.Exists(c => c.IssuedOn < day && c.Late(15, day) is not null)) throw new InvalidDataException($"--fit-until {DateOnly.FromDayNumber(day):yyyy-MM-dd} is before any outcome was known; the first invoice is of {DateOnly.FromDayNumber(first):yyyy-MM-dd}: nothing is left to fit.");
    }

    private static TargetReport Target(string name, int days, List<Case> cases, bool[] late, List<RiskOrder> orders, bool onsetOnly, JudgingPlan plan)
    {
        // The onset card speaks where the past is clean; elsewhere there is nothing for it to say.
        var shown = orders.Where(o => o.Name != (onsetOnly ? "learned" : "onset")).Select(o => o.Name == "onset" ? o with { Name = "learned" } : o).ToList();
        var draws = Measures.Draws([.. cases.Select(c => c.Customer)], plan.Draws, 77);
        var ranks = shown.Select(o => Measures.Rank(o.Risk)).ToList();
        var aucs = shown.Select((o, i) => draws.Select(w => Measures.Auc(o.Risk, late, ranks[i], w)).ToArray()).ToList();
        var recalls = shown.Select((_, i) => draws.Select(w => RecallAt(late, ranks[i], 0.10, w)).ToArray()).ToList();
        var shrunk = shown.FindIndex(o => o.Name == "shrunk share");
        var lines = shown.Select((o, i) =>
        {
            var (auc, recall) = (Measures.Auc(o.Risk, late, ranks[i]), RecallAt(late, ranks[i], 0.10, null));
            return new ScoreLine(
                o.Name, With(auc, aucs[i]), With(Measures.AveragePrecision(o.Risk, late, ranks[i]), draws.Select(w => Measures.AveragePrecision(o.Risk, late, ranks[i], w)).ToArray()),
                i == shrunk ? null : With(auc - Measures.Auc(shown[shrunk].Risk, late, ranks[shrunk]), [.. aucs[i].Select((a, d) => a - aucs[shrunk][d])]),
                With(recall, recalls[i]), i == shrunk ? null : With(recall - RecallAt(late, ranks[shrunk], 0.10, null), [.. recalls[i].Select((r, d) => r - recalls[shrunk][d])]));
        }).ToList();
        var learned = shown[0];
        var calibration = Calibration(learned.Chance, late);
        return new TargetReport(
            name, days, onsetOnly, cases.Count, late.Count(l => l), lines, [.. Budgets.Select(b => Budget(b, cases, late, ranks[0], days))], calibration,
            cases.Count == 0 ? double.NaN : calibration.Sum(c => Math.Abs(c.Told - c.Seen) * c.Cases) / cases.Count,
            // The mean distance of a share of n draws from its chance: √(2p(1−p) ÷ πn).
            cases.Count == 0 ? double.NaN : calibration.Sum(c => Math.Sqrt(2 * c.Told * (1 - c.Told) / (Math.PI * c.Cases)) * c.Cases) / cases.Count, Statement(name, lines));
    }

    /// <summary>Where the interval of the difference leaves 0 out, and where it does not.</summary>
    private static string Statement(string name, List<ScoreLine> lines)
    {
        var (auc, recall) = (lines[0].AboveShrunk!, lines[0].RecallAboveShrunk!);
        return $"{name}: against the shrunk share the learned score is {Verdict(auc)} in AUC{Signed(auc)} and {Verdict(recall)} in recall at a budget of 10 %{Signed(recall)}."
            + (!double.IsNaN(auc.Low) && Math.Abs(auc.Value) < 0.03 ? " A difference below 0.03 AUC is noise." : "");
    }

    private static string Verdict(Measured difference) => double.IsNaN(difference.Low) ? "not judged: too few cases" : difference.Low > 0 ? "better" : difference.High < 0 ? "worse" : "neither better nor worse for certain";

    private static string Signed(Measured m) => double.IsNaN(m.Low) ? "" : $" ({Signed(m.Value)}, {Signed(m.Low)} to {Signed(m.High)})";

    /// <summary>A difference with its sign; what rounds to nothing has none.</summary>
    public static string Signed(double value) => Math.Round(value, 3) is var rounded && rounded == 0 ? "0.000" : rounded.ToString("+0.000;-0.000", System.Globalization.CultureInfo.InvariantCulture);

    private static double RecallAt(bool[] late, int[] order, double budget, double[]? weights)
    {
        double all = 0, hits = 0, seen = 0, caught = 0;
        for (var i = 0; i < late.Length; i++)
        {
            var weight = weights is null ? 1 : weights[i];
            all += weight;
            if (late[i]) hits += weight;
        }

        foreach (var row in order)
        {
            var weight = weights is null ? 1 : weights[row];
            if (seen + weight > all * budget) break;
            seen += weight;
            if (late[row]) caught += weight;
        }

        return hits == 0 ? double.NaN : caught / hits;
    }

    private static BudgetLine Budget(int percent, List<Case> cases, bool[] late, int[] order, int days)
    {
        var flagged = order.Take((int)(cases.Count * (percent / 100.0))).ToArray();
        var caught = flagged.Where(i => late[i]).ToArray();
        // Lateness is a fact on the day after the last day that would not have been late.
        var leads = caught.Select(i => cases[i].DueOn + days + 1 - cases[i].IssuedOn).Order().ToArray();
        var all = late.Count(l => l);
        return new BudgetLine(percent, flagged.Length, flagged.Length == 0 ? double.NaN : caught.Length / (double)flagged.Length, all == 0 ? double.NaN : caught.Length / (double)all, leads.Length == 0 ? double.NaN : leads[leads.Length / 2]);
    }

    internal static List<CalibrationLine> Calibration(int[] chances, bool[] late)
    {
        var order = Enumerable.Range(0, chances.Length).OrderBy(i => chances[i]).ThenBy(i => i).ToArray();
        List<CalibrationLine> lines = [];
        const int Parts = 10;
        for (var part = 0; part < Parts; part++)
        {
            var rows = order[(order.Length * part / Parts)..(order.Length * (part + 1) / Parts)];
            if (rows.Length > 0) lines.Add(new CalibrationLine(rows.Average(i => chances[i] / 1e6), rows.Count(i => late[i]) / (double)rows.Length, rows.Length));
        }

        return lines;
    }

    private static List<FactorLine> Weights(Scorecard card, List<Case> cases)
    {
        var (sums, shares) = (new long[PaymentFactors.Count], new int[PaymentFactors.Count]);
        foreach (var told in cases)
        {
            card.Explain(told.Factors, shares);
            for (var f = 0; f < sums.Length; f++) sums[f] += Math.Abs(shares[f]);
        }

        return [.. sums.Select((sum, f) => new FactorLine(PaymentFactors.All[f].Name, PaymentFactors.All[f].Meaning, sum / 100.0 / Math.Max(1, cases.Count))).Where(f => f.Points > 0).OrderByDescending(f => f.Points).Take(25)];
    }

    private static Measured With(double value, double[] draws)
    {
        var (low, high) = Measures.Interval(draws);
        return new Measured(value, low, high);
    }

    private static List<T> Pick<T>(List<T> all, int[] chosen) => [.. chosen.Select(i => all[i])];

    private static T[] Pick<T>(T[] all, int[] chosen) => [.. chosen.Select(i => all[i])];
}
