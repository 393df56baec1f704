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

    private readonly double _tail;
    private readonly List<DayForecast> _forecasts = [];
    private readonly List<(Case Case, int Low)> _given = [];
    private double _early;

    /// <param name="claimed">Share of payments that an interval claims; half of the rest lies beyond each end.</param>
    internal ForecastEnds(double claimed) => _tail = _early = (1 - claimed) / 2;

    /// <summary>What was found before, to go on from there.</summary>
    internal ForecastEnds(ForecastEnds before)
    {
        (_tail, _early) = (before._tail, before._early);
        _forecasts.AddRange(before._forecasts);
        _given.AddRange(before._given);
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

    /// <summary>Takes forecasts that were made of the past as if their ends had been told then, each on the morning of its issue.</summary>
    internal void Rehearse(IEnumerable<DayForecast> forecasts)
    {
        var (day, ends) = (0, ((double Low, double High)?)null);
        foreach (var forecast in forecasts.OrderBy(f => f.Case.IssuedOn).ThenBy(f => f.Case.Document, StringComparer.Ordinal))
        {
            if (forecast.Case.IssuedOn != day) ends = At(day = forecast.Case.IssuedOn);
            if (ends is { } told) Give(forecast.Case, (int)Math.Round(forecast.Days + told.Low * forecast.Unit));
            Add(forecast);
        }
    }

    /// <summary>Ends for invoices that are issued on a day, in units; mornings must not go back. <c>null</c> while too few forecasts are known.</summary>
    internal (double Low, double High)? At(int on)
    {
        Learn(on);
        if (EndAt(on, isLow: true) is not { } low || EndAt(on, isLow: false) is not { } high) return null;
        // Where the latest were all paid later than foretold, or all earlier, the forecast is an end of it: an interval without its own forecast would say two things.
        return (Math.Min(0, low), Math.Max(0, high));
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
                var (late, isPaid) = (PaymentDates.DaysLate(told, on), IsPaid(told, on));
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

    /// <summary>The distance below which at most the share lies, or above which at most the share lies; <c>null</c> where too many are unpaid to tell.</summary>
    private static double? Beyond(List<Distance> distances, double share, bool isLow)
    {
        distances.Sort((one, two) => one.Units != two.Units ? one.Units.CompareTo(two.Units) : two.IsPaid.CompareTo(one.IsPaid));
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
