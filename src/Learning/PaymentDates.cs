using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>
/// The forecast of the day of payment: the usual delay (median of the last 20, with the book's mean while there are few), moved by
/// trees that were grown on a loss which a few very late payments cannot bend. How far off it may be is told by trees too; the ends of the interval follow
/// from forecasts of the past (<see cref="ForecastEnds"/>).
/// </summary>
internal sealed class PaymentDates
{
    /// <summary>Share of payments that the interval claims.</summary>
    internal const double Claimed = 0.8;

    private const int TreesMost = 120, DistanceTrees = 40, CasesLeast = 200;

    /// <summary>Days: a distance beyond it counts like it.</summary>
    private const double DistanceMost = 45;

    /// <summary>Share of the cases, the first ones, that grow a trial; the latest say when it stops, and how far off it is.</summary>
    private const double TrialShare = 0.85;

    private readonly List<Tree> _trees = [];
    private List<Tree> _distance = [];
    private readonly ForecastEnds _ends;
    private double _distanceStart, _low = -1, _high = 1;

    private PaymentDates(ForecastEnds ends) => _ends = ends;

    /// <summary>Fits on what was known on a day; <c>null</c> when that is too little.</summary>
    /// <param name="before">The fit of the month before, which found out how many trees serve, and whose forecasts make the next interval; or <c>null</c>.</param>
    /// <param name="shared">What was known on that day, where somebody else asks for it too; or <c>null</c>.</param>
    internal static PaymentDates? Fit(IReadOnlyList<Case> cases, int on, PaymentDates? before = null, KnownCases? shared = null)
    {
        shared ??= new KnownCases(cases, 15, on);
        var known = shared.Cases;
        if (known.Count < CasesLeast) return null;
        var binned = shared.Binned;
        var actual = known.Select(c => (double)DaysLate(c, on)).ToArray();
        if (before is not null)
        {
            // How many trees serve was found out by the first fit of the book, and forecasts that were used say how far off they are.
            var next = new PaymentDates(new ForecastEnds(before._ends));
            var (_, fitted) = next.Grow(binned, known, actual, known.Count, before._trees.Count);
            next.GrowDistance(binned, fitted, actual, known.Count);
            next.SetEnds(on);
            return next;
        }

        var fitting = (int)(known.Count * TrialShare);
        var trial = new PaymentDates(new ForecastEnds(Claimed));
        var (trees, predicted) = trial.Grow(binned, known, actual, fitting, TreesMost);
        trial._trees.RemoveRange(trees, trial._trees.Count - trees);
        trial.GrowDistance(binned, predicted, actual, fitting);
        var final = new PaymentDates(new ForecastEnds(Claimed)) { _distance = trial._distance, _distanceStart = trial._distanceStart };
        final.Grow(binned, known, actual, known.Count, trees);
        // What the trial says of those that it did not see, too young ones as well.
        final._ends.Rehearse(cases.Where(c => c.IssuedOn < on && c.IssuedOn >= known[fitting].IssuedOn && !c.IsUntold).Select(trial.ForecastOf), on);
        final.SetEnds(on);
        return final;
    }

    /// <summary>Sets the ends of the interval for invoices of a day, by what was known on its morning; mornings must not go back.</summary>
    internal void SetEnds(int on)
    {
        if (_ends.At(on) is { } ends) (_low, _high) = ends;
    }

    /// <summary>Notes what was told of an invoice, so that the ends of later ones follow from how it was paid.</summary>
    internal void Note(Case told)
    {
        _ends.Add(ForecastOf(told));
        _ends.Give(told, Of(told).Low);
    }

    /// <summary>Expected days late and the ends of the interval.</summary>
    internal (int Days, int Low, int High) Of(Case told)
    {
        var (_, days, unit) = ForecastOf(told);
        return ((int)Math.Round(days), (int)Math.Round(days + _low * unit), (int)Math.Round(days + _high * unit));
    }

    /// <summary>
    /// A forecast of an invoice that is open on a morning, made of how long it has waited: when half of those are paid that waited as long, against their own
    /// forecasts. <c>null</c> where too few ever did.
    /// </summary>
    internal (int Days, int Low, int High)? Renewed(Case told, int on) => _ends.Renew(ForecastOf(told), on) is { } rest ? (rest.Days, rest.Low, rest.High) : null;

    /// <summary>The same, noted as told, so that the ends of later ones follow from how it was paid; mornings must not go back.</summary>
    private (int Days, int Low, int High)? Renew(Case told, int on)
    {
        _ends.LearnRests(on);
        if (_ends.Renew(ForecastOf(told), on) is not { } rest) return null;
        _ends.Give(told, rest);
        return (rest.Days, rest.Low, rest.High);
    }

    private DayForecast ForecastOf(Case told) => new(told, DaysOf(told), UnitOf(told));

    private const double UnitLeast = 0.5;

    private double DaysOf(Case told)
    {
        var days = (double)told.Usual.Median;
        foreach (var tree in _trees) days += tree.Of(told.Factors);
        return days;
    }

    private double UnitOf(Case told)
    {
        var unit = _distanceStart;
        foreach (var tree in _distance) unit += tree.Of(told.Factors);
        return Math.Max(UnitLeast, unit);
    }

    /// <summary>Trees that say how far off the forecast is.</summary>
    private void GrowDistance(BinnedFactors binned, double[] predicted, double[] actual, int fitting)
    {
        var how = new Growing { Leaves = 8, Rate = 0.12, Shrink = 20, LeafLeast = Math.Clamp(fitting / 100, 20, 100), Factors = 0.4 };
        var distance = predicted.Select((p, i) => Math.Min(DistanceMost, Math.Abs(actual[i] - p))).ToArray();
        _distanceStart = distance.Take(fitting).Average();
        var told = new double[distance.Length];
        Array.Fill(told, _distanceStart);
        var (slopes, curves) = (new double[distance.Length], new double[distance.Length]);
        Array.Fill(curves, 1);
        var usable = Enumerable.Range(0, PaymentFactors.Count).Where(f => binned.BinsOf(f) > 2).ToArray();
        var grower = new TreeGrower(binned, how);
        var dice = new Dice(32);
        for (var t = 0; t < DistanceTrees; t++)
        {
            grower.Draw(fitting, 0.6, ref dice);
            foreach (var i in grower.Chosen) slopes[i] = told[i] - distance[i];
            var tree = grower.Grow(slopes, curves, Boosting.Choose(usable, how, ref dice));
            tree.Bind(binned);
            _distance.Add(tree);
            grower.AddTo(told, tree);
        }

    }

    /// <summary>Forecasts of the judged invoices in the order of their issue, each by what was fitted before its month, with ends of what was known on its morning.</summary>
    /// <param name="judging">The cases, and the months.</param>
    /// <param name="renewed">Told, in the order of their mornings, of each invoice that is open when its day is over, and of the forecast that takes its place, if there is one.</param>
    internal static IEnumerable<(Case Told, int Days, int Low, int High)> Foretell(Judging judging, Action<Case, int, (int Days, int Low, int High)?>? renewed = null)
    {
        PaymentDates? last = null;
        var waiting = new PriorityQueue<Case, (int On, string Document)>();
        void RenewUntil(int day)
        {
            while (waiting.TryPeek(out var told, out var at) && at.On < day)
            {
                waiting.Dequeue();
                if (told.SettledOn == 0 || told.SettledOn >= at.On) renewed?.Invoke(told, at.On, last!.Renew(told, at.On));
            }
        }

        for (var s = 0; s < judging.Starts.Count; s++)
        {
            var (start, end) = (judging.Starts[s], s + 1 < judging.Starts.Count ? judging.Starts[s + 1] : int.MaxValue);
            RenewUntil(start);
            if (Fit(judging.All, start, last, judging.KnownOn(start)) is not { } fit) continue;
            last = fit;
            judging.Tell("day of payment", s + 1);
            var morning = 0;
            foreach (var told in judging.All)
            {
                if (told.IssuedOn < start || told.IssuedOn >= end) continue;
                if (told.IssuedOn != morning)
                {
                    fit.SetEnds(morning = told.IssuedOn);
                    RenewUntil(morning + 1);
                }

                fit.Note(told);
                var (days, low, high) = fit.Of(told);
                if (renewed is not null && !told.IsUntold) waiting.Enqueue(told, (told.DueOn + days + 1, told.Document));
                yield return (told, days, low, high);
            }
        }

        RenewUntil(judging.AsOf);
    }

    /// <summary>Judges those forecasts.</summary>
    internal static DateReport? Judge(Judging judging)
    {
        double error = 0, usual = 0, width = 0;
        int count = 0, decided = 0, within = 0, usualWithin = 0, covered = 0, earlier = 0;
        var again = new RenewedTally(judging.AsOf);
        foreach (var (told, days, low, high) in Foretell(judging, again.Take))
        {
            // Only where its time is over: else the early payers alone would be judged.
            if (told.Late(15, judging.AsOf) is null) continue;
            var isPaid = told.SettledOn > 0 && told.SettledOn < judging.AsOf;
            var actual = (isPaid ? told.SettledOn : judging.AsOf) - told.DueOn;
            // The interval is judged where its whole length is over, paid or not: of younger ones only the early payers are known.
            if (told.DueOn + high < judging.AsOf)
            {
                decided++;
                width += high - low;
                if (actual < low) earlier++;
                else if (actual <= high) covered++;
            }

            if (!isPaid) continue;
            count++;
            error += Math.Abs(actual - days);
            usual += Math.Abs(actual - told.Usual.Median);
            if (Math.Abs(actual - days) <= 3) within++;
            if (Math.Abs(actual - told.Usual.Median) <= 3) usualWithin++;
        }

        return count == 0 ? null : new DateReport(count, error / count, usual / count, within / (double)count, usualWithin / (double)count, Claimed, decided == 0 ? double.NaN : covered / (double)decided, decided == 0 ? double.NaN : earlier / (double)decided, decided == 0 ? double.NaN : width / decided, again.Report());
    }

    /// <summary>What forecasts were worth that took the place of one whose day was over.</summary>
    private sealed class RenewedTally(int asOf)
    {
        private int _open, _told, _paid, _decided, _covered, _earlier;
        private double _error, _width;

        internal void Take(Case told, int on, (int Days, int Low, int High)? forecast)
        {
            // As above: only where its time is over.
            if (told.Late(15, asOf) is null || on + 15 >= asOf) return;
            _open++;
            if (forecast is not { } renewed) return;
            var (days, low, high) = renewed;
            _told++;
            var isPaid = told.SettledOn > 0 && told.SettledOn < asOf;
            var actual = (isPaid ? told.SettledOn : asOf) - told.DueOn;
            if (told.DueOn + high < asOf)
            {
                _decided++;
                _width += high - low;
                if (actual < low) _earlier++;
                else if (actual <= high) _covered++;
            }

            if (!isPaid) return;
            _paid++;
            _error += Math.Abs(actual - days);
        }

        internal RenewedReport? Report() => _open == 0 ? null : new(_open, _told, _paid == 0 ? double.NaN : _error / _paid, _decided == 0 ? double.NaN : _covered / (double)_decided, _decided == 0 ? double.NaN : _earlier / (double)_decided, _decided == 0 ? double.NaN : _width / _decided);
    }

    /// <summary>Days late as of a morning; so far, when it was not known to be paid.</summary>
    internal static int Waited(Case told, int on) => (told.SettledOn == 0 || told.SettledOn >= on ? on : told.SettledOn) - told.DueOn;

    /// <summary>The same for fitting, where what is beyond these days counts like them.</summary>
    private static int DaysLate(Case told, int on) => Math.Clamp(Waited(told, on), -60, 120);

    private (int Trees, double[] Predicted) Grow(BinnedFactors binned, List<Case> known, double[] actual, int fitting, int trees)
    {
        var how = new Growing { Leaves = 10, Rate = 0.1, Shrink = 20, Factors = 0.5, LeafLeast = Math.Clamp(known.Count / 200, 10, 60) };
        var predicted = known.Select(c => (double)c.Usual.Median).ToArray();
        var (slopes, curves) = (new double[known.Count], new double[known.Count]);
        var factors = Enumerable.Range(0, PaymentFactors.Count).Where(f => binned.BinsOf(f) > 2).ToArray();
        var grower = new TreeGrower(binned, how);
        var dice = new Dice(31);
        var (best, bestError) = (0, Error(predicted, actual, fitting));
        var bestPredicted = (double[])predicted.Clone();
        Array.Fill(curves, 1);
        for (var t = 0; t < trees; t++)
        {
            grower.Draw(fitting, 0.7, ref dice);
            foreach (var i in grower.Chosen) slopes[i] = Math.Clamp(predicted[i] - actual[i], -2, 2);
            var tree = grower.Grow(slopes, curves, Boosting.Choose(factors, how, ref dice));
            tree.Bind(binned);
            _trees.Add(tree);
            grower.AddTo(predicted, tree);
            if (fitting == known.Count) continue;
            var error = Error(predicted, actual, fitting);
            if (error >= bestError) continue;
            (best, bestError) = (t + 1, error);
            predicted.CopyTo(bestPredicted, 0);
        }

        return fitting == known.Count ? (trees, predicted) : (best, bestPredicted);
    }

    private static double Error(double[] predicted, double[] actual, int from)
    {
        var sum = 0.0;
        for (var i = from; i < actual.Length; i++) sum += Math.Abs(predicted[i] - actual[i]);
        return sum;
    }
}
