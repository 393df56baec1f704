using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>
/// Applies facts to the machine as a partition would: each day begins, its timers and sweeps run, then its facts. What it
/// says of signals is counted; the walk beside it sees the same facts.
/// </summary>
public sealed class OrdinaryPath(Currency currency)
{
    private readonly Book _book = new(0, currency, eventClock: true);
    private readonly EffectBuffer _effects = new();
    private readonly List<(int Day, string Customer, string Indicator)> _signals = [];
    private long _entry;
    private int _today;

    /// <summary>Facts by outcome.</summary>
    public SortedDictionary<string, int> Outcomes { get; } = new(StringComparer.Ordinal);

    /// <summary>The figures that the accounts themselves keep.</summary>
    public Book Book => _book;

    /// <summary>Applies one fact; days must not go back.</summary>
    public void Take(Fact fact)
    {
        var day = fact.Time.UtcDate.DayNumber;
        if (_today == 0) _today = day - 1;
        while (_today < day) BeginDay(++_today);
        var outcome = Apply(fact);
        var name = outcome.Kind + (outcome.Reason.Length > 0 ? " " + outcome.Reason : "");
        Outcomes[name] = Outcomes.GetValueOrDefault(name) + 1;
    }

    private void BeginDay(int day)
    {
        var start = Instant.From(DateOnly.FromDayNumber(day));
        while (_book.NextDeadline is { Micros: not 0 } due && due < start)
        {
            var before = due;
            Apply(new TimerDue { DueAt = due, Time = due });
            if (_book.NextDeadline == before) break;
        }

        Apply(new DayStarted { Day = day, Time = start });
        while (_book.SweepPending) Apply(new SweepDue { FromSlot = _book.SweepFrom });
    }

    private Outcome Apply(Fact fact)
    {
        var outcome = PartitionMachine.Apply(_book, fact, new EntryPosition(0, ++_entry, 0), _effects);
        foreach (var effect in _effects.Effects)
            if (effect is SignalChanged { State: SignalChanged.Raised } signal) _signals.Add((_today, signal.Customer, signal.Indicator));
        _effects.Clear();
        return outcome;
    }

    /// <summary>Signals from a day on up to another, by indicator, with the share that was followed by an invoice more than 15 days late.</summary>
    public IReadOnlyList<SignalLine> Signals(IReadOnlyList<Case> cases, int from, int until, int asOf)
    {
        var late = LateDays(cases, asOf);
        var customerDays = (double)cases.Select(c => c.Customer).Distinct(StringComparer.Ordinal).Count() * Math.Max(1, until - from);
        return [.. _signals.Where(s => s.Day >= from && s.Day < until).GroupBy(s => s.Indicator, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g =>
        {
            var all = g.ToList();
            return new SignalLine(g.Key, all.Count, all.Count * 1000 / customerDays, Followed(all, late, asOf, 30), Followed(all, late, asOf, 90));
        })];
    }

    /// <summary>
    /// The same shares for any day of a customer between its first and its last invoice: a signal that lateness follows no more often than such a day tells nothing.
    /// </summary>
    public static SignalBase AnyDay(IReadOnlyList<Case> cases, int from, int until, int asOf)
    {
        var late = LateDays(cases, asOf);
        var spans = cases.GroupBy(c => c.Customer, StringComparer.Ordinal).Select(g => (Customer: g.Key, First: Math.Max(from, g.Min(c => c.IssuedOn)), Last: Math.Min(until - 1, g.Max(c => c.IssuedOn)))).ToList();
        double Share(int days)
        {
            long ripe = 0, followed = 0;
            foreach (var (customer, first, last) in spans)
            {
                var when = late.GetValueOrDefault(customer) ?? [];
                var next = 0;
                for (var day = first; day <= last && day + days < asOf; day++)
                {
                    while (next < when.Length && when[next] <= day) next++;
                    ripe++;
                    if (next < when.Length && when[next] <= day + days) followed++;
                }
            }

            return ripe == 0 ? double.NaN : followed / (double)ripe;
        }

        return new SignalBase(Share(30), Share(90));
    }

    /// <summary>The days on which an invoice had become more than 15 days late, by customer.</summary>
    private static Dictionary<string, int[]> LateDays(IReadOnlyList<Case> cases, int asOf) =>
        cases.Where(c => c.Late(15, asOf) == true).GroupBy(c => c.Customer, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Select(c => c.DueOn + 16).Order().ToArray(), StringComparer.Ordinal);

    /// <summary>Of those signals whose time is over.</summary>
    private static double Followed(List<(int Day, string Customer, string Indicator)> signals, Dictionary<string, int[]> late, int asOf, int days)
    {
        var ripe = signals.Where(s => s.Day + days < asOf).ToList();
        return ripe.Count == 0 ? double.NaN : ripe.Count(s => late.TryGetValue(s.Customer, out var when) && Array.Exists(when, day => day > s.Day && day <= s.Day + days)) / (double)ripe.Count;
    }
}
