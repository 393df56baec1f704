namespace ExposureMonitor.Learning;

/// <summary>
/// What fits said of invoices that they had not seen, walking forward in time: log-odds as fitted. Trees that were grown on a past say too much or too
/// little of a future; how much is found out here, and put right by a slope and a shift of all points, which leaves a card a sum.
/// </summary>
internal sealed class Foreseen
{
    /// <summary>Latest forecasts with a known outcome that count; the share of lateness moves with the seasons, and old ones say little of today.</summary>
    private const int CountMost = 4_000;

    private readonly List<(Case Case, double Odds)> _trial = [], _forward = [];

    /// <summary>A forecast of the trial: it was grown on the first cases alone and says how steep such odds are, but not how high, since the fit that counts knows the latest cases too.</summary>
    internal void AddTrial(Case told, double odds) => _trial.Add((told, odds));

    /// <summary>A forecast of a fit that was used.</summary>
    internal void Add(Case told, double odds) => _forward.Add((told, odds));

    /// <summary>Slope and shift of log-odds that fit what was known on a day.</summary>
    internal (double Slope, double Shift) Honest(int days, int on)
    {
        var (slope, _) = Platt.Fit([.. _trial.Select(f => f.Odds)], [.. _trial.Select(f => f.Case.Late(days, on)!.Value)]);
        var known = _forward.Where(f => f.Case.IssuedOn < on && f.Case.Late(days, on) is not null).OrderByDescending(f => f.Case.IssuedOn).ThenBy(f => f.Case.Document, StringComparer.Ordinal).Take(CountMost).ToList();
        return (slope, Platt.Shift([.. known.Select(f => slope * f.Odds)], [.. known.Select(f => f.Case.Late(days, on)!.Value)]));
    }
}
