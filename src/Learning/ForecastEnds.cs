namespace ExposureMonitor.Learning;

/// <summary>A forecast of a day of payment: expected days late, and how many days off it may be.</summary>
internal readonly record struct DayForecast(Case Case, double Days, double Unit);

/// <summary>
/// The ends of the interval around forecasts, in units of how far off each may be, found anew each morning from forecasts of the past and what was known of
/// them by then. Nothing later is looked at: a payment counts from the day after it cleared, and of an unpaid invoice only that it is not paid yet.
/// <para>
/// An end is a conformal quantile of the distances of past forecasts, weighted by their age for books that drift, with the new invoice itself at the far
/// end as correction for few cases (Barber, Candès, Ramdas, Tibshirani: Conformal prediction beyond exchangeability, Annals of Statistics 51, 2023). Unpaid invoices are
/// censored and not left out (Kaplan and Meier 1958), since to wait until all are paid would make the ends months old, and to take the paid ones alone would take the early ones.
/// The share that the lower end leaves out is corrected by what the ends before left out, walking forward (Gibbs and Candès: Adaptive conformal
/// inference under distribution shift, NeurIPS 2021). The share of the upper end is not: whether it held is known months after, when it corrects what is past.
/// Forecasts that take the place of one whose day is over (<see cref="Renew"/>) are corrected on both sides: they are of those who pay later than ever, whose end is soon known.
/// </para>
/// </summary>
internal sealed class ForecastEnds
{
    /// <summary>Days of age that halve the weight of a forecast; doubled until the forecasts count like <see cref="EffectiveLeast"/> equal ones, and an end can be told.</summary>
    private const double HalfLife = 30, HalfLifeMost = 1_000;

    private const double EffectiveLeast = 150;

    /// <summary>With fewer equal ones, whatever the weights, no end is told.</summary>
    private const double EffectiveNone = 25;

    /// <summary>A weight below it is none.</summary>
    private const double WeightLeast = 1e-3;

    /// <summary>What a day of outcomes moves the share by, per share that was left out too often; fewer than <see cref="DayCases"/> outcomes move it less.</summary>
    private const double Gain = 0.06, DayCases = 10;

    /// <summary>Shares that the lower end may be told to leave out.</summary>
    private const double ShareLeast = 0.01, ShareMost = 0.2;

    /// <summary>The least share that the upper end of a renewed forecast leaves out; below it the end is stretched, by so many times itself per share.</summary>
    private const double RestLeast = 0.01, Stretch = 10;

    /// <summary>The shares of renewed forecasts move by at most so much.</summary>
    private const double RestMost = 0.3;

    private readonly double _tail;
    private readonly List<DayForecast> _forecasts = [];
    private readonly List<(Case Case, int Low)> _given = [];
    private readonly List<GivenRest> _givenRests = [];
    private List<Waiting> _rests = [];
    private double _early;

    /// <summary>What the shares that the ends of renewed forecasts leave out are more, or less, than claimed.</summary>
    private double _restLow, _restHigh;
    private int _restsOn;

    /// <param name="claimed">Share of payments that an interval claims; half of the rest lies beyond each end.</param>
    internal ForecastEnds(double claimed) => _tail = _early = (1 - claimed) / 2;

    /// <summary>What was found before, to go on from there.</summary>
    internal ForecastEnds(ForecastEnds before)
    {
        (_tail, _early, _restLow, _restHigh) = (before._tail, before._early, before._restLow, before._restHigh);
        _forecasts.AddRange(before._forecasts);
        _given.AddRange(before._given);
        _givenRests.AddRange(before._givenRests);
    }

    /// <summary>Forecasts so far.</summary>
    internal IReadOnlyList<DayForecast> Forecasts => _forecasts;

    /// <summary>Notes a forecast; it counts from the morning after the issue of its invoice.</summary>
    internal void Add(DayForecast forecast) => _forecasts.Add(forecast);

    /// <summary>Notes which lower end (days late) was told of an invoice: once its day has gone by it is known whether it held.</summary>
    internal void Give(Case told, int low)
    {
        if (!told.IsUntold) _given.Add((told, low));
    }

    /// <summary>Takes forecasts that were made of the past as if their ends had been told then, each on the morning of its issue, and renewed on the morning after its day.</summary>
    internal void Rehearse(IEnumerable<DayForecast> forecasts, int on)
    {
        var (day, ends) = (0, ((double Low, double High)?)null);
        foreach (var forecast in forecasts.OrderBy(f => f.Case.IssuedOn).ThenBy(f => f.Case.Document, StringComparer.Ordinal))
        {
            if (forecast.Case.IssuedOn != day) ends = At(day = forecast.Case.IssuedOn);
            if (ends is { } told) Give(forecast.Case, (int)Math.Round(forecast.Days + told.Low * forecast.Unit));
            Add(forecast);
        }

        foreach (var (forecast, morning) in _forecasts.Select(f => (f, f.Case.DueOn + (int)Math.Round(f.Days) + 1)).Where(f => f.Item2 < on && !f.f.Case.IsUntold && !IsPaid(f.f.Case, f.Item2)).OrderBy(f => f.Item2).ThenBy(f => f.f.Case.Document, StringComparer.Ordinal))
        {
            LearnRests(morning);
            if (Renew(forecast, morning) is { } rest) Give(forecast.Case, rest);
        }
    }

    /// <summary>A renewed forecast in whole days late.</summary>
    /// <param name="IsAtOnce">The interval begins with the morning itself: nothing lies before it, and all that it leaves out lies behind its end.</param>
    internal readonly record struct Rest(int Days, int Low, int High, bool IsAtOnce);

    private readonly record struct GivenRest(Case Case, Rest Rest)
    {
        internal bool HasEnded(int on) => Case.DueOn + Rest.High < on;
    }

    /// <summary>
    /// What takes the place of a forecast of an invoice that is open on a morning: made of how long it has waited, when half of those are paid that waited as long, against
    /// their own forecasts. <c>null</c> where too few ever did.
    /// </summary>
    internal Rest? Renew(DayForecast forecast, int on)
    {
        var (told, days, unit) = forecast;
        var waited = on - told.DueOn;
        if (After(on, (waited - 0.5 - days) / unit) is not { } rest) return null;
        // Not on a day that is over.
        int At(double units) => Math.Max(waited, (int)Math.Round(days + units * unit));
        var isAtOnce = At(rest.Low) == waited;
        return new Rest(At(rest.Middle), At(rest.Low), At(isAtOnce ? rest.HighAtOnce : rest.High), isAtOnce);
    }

    /// <summary>Notes which renewed forecast was told: once its days have gone by it is known whether it held.</summary>
    internal void Give(Case told, in Rest rest)
    {
        if (!told.IsUntold) _givenRests.Add(new GivenRest(told, rest));
    }

    /// <summary>
    /// Looks at the renewed forecasts whose days have gone by, of paid and unpaid invoices alike; mornings must not go back.
    /// </summary>
    internal void LearnRests(int on)
    {
        var (low, high) = (new Misses(), new Misses());
        for (var i = _givenRests.Count - 1; i >= 0; i--)
        {
            var (told, rest) = _givenRests[i];
            if (!_givenRests[i].HasEnded(on)) continue;
            var late = IsPaid(told, on) ? told.SettledOn - told.DueOn : int.MaxValue;
            if (!rest.IsAtOnce) low.Take(_tail, late < rest.Low);
            high.Take(rest.IsAtOnce ? 2 * _tail : _tail, late > rest.High);
            _givenRests.RemoveAt(i);
        }

        _restLow = Math.Clamp(_restLow + low.Step, ShareLeast - _tail, ShareMost - _tail);
        _restHigh = Math.Clamp(_restHigh + high.Step, -RestMost, RestMost);
    }

    /// <summary>How often ends of a morning were missed, and how often that was claimed.</summary>
    private struct Misses
    {
        private int _count;
        private double _over;

        internal void Take(double claimed, bool isMissed)
        {
            _count++;
            _over += claimed - (isMissed ? 1 : 0);
        }

        internal readonly double Step => _count == 0 ? 0 : Gain * Math.Min(1, _count / DayCases) * _over / _count;
    }

    /// <summary>Ends for invoices that are issued on a day, in units; mornings must not go back. <c>null</c> while too few forecasts are known.</summary>
    internal (double Low, double High)? At(int on)
    {
        Learn(on);
        if (EndAt(on, isLow: true) is not { } low || EndAt(on, isLow: false) is not { } high) return null;
        // Where the latest were all paid later than foretold, or all earlier, the forecast is an end of it: an interval without its own forecast would say two things.
        return (Math.Min(0, low), Math.Max(0, high));
    }

    /// <summary>
    /// What the same forecasts say of an invoice that has waited for so many units already: where the middle of the rest is paid, and the ends of
    /// the rest's interval, also of one that begins at once. <c>null</c> where too few waited for as long: then nobody can tell. Asks about any morning, changes nothing, and is safe to ask from several threads.
    /// </summary>
    internal (double Low, double Middle, double High, double HighAtOnce)? After(int on, double units)
    {
        var place = 0;
        for (var life = HalfLife; life <= HalfLifeMost; life *= 2, place++)
        {
            var rest = RestsOn(on, place, life);
            var from = rest.PlaceOf(units);
            var isLast = life * 2 > HalfLifeMost;
            if (rest.EffectiveFrom(from) < (isLast ? EffectiveNone : EffectiveLeast)) continue;
            if (rest.EndFrom(from, 0.5, 0) is not { } middle) return null;
            // Of the ends the new invoice itself is one more case, beyond all others on either side.
            double HighOf(double claimed)
            {
                var share = claimed + _restHigh;
                var high = Math.Max(middle, rest.EndFrom(from, Math.Max(RestLeast, share), +1) ?? rest.Last);
                // Payments later than all that were ever seen: no share of the past reaches them, so the end goes beyond it.
                return middle + (high - middle) * (1 + Stretch * Math.Max(0, RestLeast - share));
            }

            return (Math.Min(middle, rest.EndFrom(from, 1 - (_tail + _restLow), -1) ?? middle), middle, HighOf(_tail), HighOf(2 * _tail));
        }

        return null;
    }

    private Waiting RestsOn(int on, int place, double life)
    {
        lock (_forecasts)
        {
            if (_restsOn != on) (_restsOn, _rests) = (on, []);
            if (place == _rests.Count) _rests.Add(Waiting.Of(_forecasts, on, life));
            return _rests[place];
        }
    }

    /// <summary>Forecasts of the past as of a morning, by how long their invoices waited.</summary>
    private sealed class Waiting
    {
        private readonly List<Distance> _distances = [];

        /// <summary>Weights, and their squares, of all from a place on.</summary>
        private double[] _sums = [], _squares = [];

        internal double Last => _distances[^1].Units;

        internal static Waiting Of(List<DayForecast> forecasts, int on, double life)
        {
            var waiting = new Waiting();
            foreach (var (told, days, unit) in forecasts)
            {
                if (told.IssuedOn >= on || told.IsUntold) continue;
                var weight = Math.Pow(2, (told.IssuedOn - on) / life);
                if (weight >= WeightLeast) waiting._distances.Add(new Distance((PaymentDates.Waited(told, on) - days) / unit, IsPaid(told, on), weight));
            }

            Order(waiting._distances);
            (waiting._sums, waiting._squares) = (new double[waiting._distances.Count + 1], new double[waiting._distances.Count + 1]);
            for (var i = waiting._distances.Count - 1; i >= 0; i--)
            {
                var weight = waiting._distances[i].Weight;
                (waiting._sums[i], waiting._squares[i]) = (waiting._sums[i + 1] + weight, waiting._squares[i + 1] + weight * weight);
            }

            return waiting;
        }

        /// <summary>The first that waited for at least so long.</summary>
        internal int PlaceOf(double units)
        {
            var (low, high) = (0, _distances.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (_distances[middle].Units < units) low = middle + 1;
                else high = middle;
            }

            return low;
        }

        internal double EffectiveFrom(int place) => _squares[place] == 0 ? 0 : _sums[place] * _sums[place] / _squares[place];

        /// <summary>Where at most the share of those from a place on still waits; <c>null</c> where too many wait still to tell.</summary>
        /// <param name="place">The first of them.</param>
        /// <param name="share">Share that still waits.</param>
        /// <param name="side">Where one more case stands: −1 in front of all, +1 behind them, 0 nowhere.</param>
        internal double? EndFrom(int place, double share, int side)
        {
            var (left, more) = (side < 0 ? _sums[place] / (_sums[place] + 1) : 1, side > 0 ? 1 : 0);
            if (left <= share) return _distances[place].Units;
            for (var i = place; i < _distances.Count; i++)
            {
                if (!_distances[i].IsPaid) continue;
                left *= 1 - _distances[i].Weight / (_sums[i] + more);
                if (left <= share) return _distances[i].Units;
            }

            return null;
        }
    }

    /// <summary>Looks at the lower ends whose day has gone by, of paid and unpaid invoices alike.</summary>
    private void Learn(int on)
    {
        int count = 0, missed = 0;
        foreach (var (told, low) in _given)
        {
            if (told.DueOn + low >= on) continue;
            count++;
            if (IsPaid(told, on) && told.SettledOn - told.DueOn < low) missed++;
        }

        _given.RemoveAll(g => g.Case.DueOn + g.Low < on);
        if (count > 0) _early = Math.Clamp(_early + Gain * Math.Min(1, count / DayCases) * (_tail - missed / (double)count), ShareLeast, ShareMost);
    }

    private double? EndAt(int on, bool isLow)
    {
        for (var life = HalfLife; ; life *= 2)
        {
            var isLast = life * 2 > HalfLifeMost;
            var distances = new List<Distance>(_forecasts.Count);
            double sum = 0, squares = 0;
            foreach (var (told, days, unit) in _forecasts)
            {
                if (told.IssuedOn >= on || told.IsUntold) continue;
                var weight = Math.Pow(2, (told.IssuedOn - on) / life);
                if (weight < WeightLeast) continue;
                var (late, isPaid) = (PaymentDates.Waited(told, on), IsPaid(told, on));
                // Days are whole: half a day nearer is what rounding the end gives away.
                distances.Add(new Distance((late + (isLow ? 0.5 : -0.5) - days) / unit, isPaid, weight));
                if (!isPaid && late < days) continue;
                sum += weight;
                squares += weight * weight;
            }

            var effective = squares == 0 ? 0 : sum * sum / squares;
            if (effective < EffectiveLeast && !isLast) continue;
            if (effective < EffectiveNone) return null;
            if (Beyond(distances, isLow ? _early : _tail, isLow) is { } end) return end;
            // So many are unpaid that the end cannot be told: as far as was seen.
            if (isLast) return distances.Max(d => d.Units);
        }
    }

    private static bool IsPaid(Case told, int on) => told.SettledOn > 0 && told.SettledOn < on;

    private readonly record struct Distance(double Units, bool IsPaid, double Weight);

    private static void Order(List<Distance> distances) => distances.Sort((one, two) => one.Units != two.Units ? one.Units.CompareTo(two.Units) : two.IsPaid.CompareTo(one.IsPaid));

    /// <summary>The distance below which at most the share lies, or above which at most the share lies; <c>null</c> where too many are unpaid to tell.</summary>
    private static double? Beyond(List<Distance> distances, double share, bool isLow)
    {
        Order(distances);
        var all = distances.Sum(d => d.Weight);
        // The new invoice weighs 1, and stands below all others for the lower end, above them for the upper.
        var (left, waiting) = isLow ? (all / (all + 1), all) : (1, all + 1);
        foreach (var (units, isPaid, weight) in distances)
        {
            if (isPaid) left *= 1 - weight / waiting;
            waiting -= weight;
            if (isLow ? 1 - left > share : left <= share) return units;
        }

        return null;
    }
}
