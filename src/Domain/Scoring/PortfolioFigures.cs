namespace ExposureMonitor.Domain;

/// <summary>
/// How the whole book pays: what a customer with little history leans on. Sums by trait (currency, number range, terms …), and how
/// the items that fell due in recent weeks did, which is known for paid and unpaid ones alike once the days are over.
/// </summary>
public sealed class PortfolioFigures
{
    /// <summary>Days of due dates that are kept one by one.</summary>
    public const int DueDaysMost = 512;

    /// <summary>Values of traits that are kept; items with further ones lean on the whole book.</summary>
    public const int TraitsMost = 4_096;

    private readonly DueDay[] _due = new DueDay[DueDaysMost];
    private readonly Dictionary<string, LateTally> _traits = new(StringComparer.Ordinal);

    /// <summary>All settled items.</summary>
    public LateTally All;

    /// <summary>By weekday (0 is Monday) and day of the month (index 0 is day 1) of the due date.</summary>
    public readonly LateTally[] ByDueWeekday = new LateTally[7], ByDueDay = new LateTally[31];

    /// <summary>By class of size, see <see cref="PaymentFigures.SizeClass"/>.</summary>
    public readonly LateTally[] BySize = new LateTally[PaymentFigures.SizesMost];

    /// <summary>Sum of days from issue to payment.</summary>
    public long DaysToPay;

    /// <summary>What is known of a trait, such as <c>currency:EUR</c>; all zero for an unknown one.</summary>
    public LateTally Of(string trait) => _traits.GetValueOrDefault(trait);

    /// <summary>An item was issued.</summary>
    public void Issue(int dueOn)
    {
        ref var day = ref DueOn(dueOn);
        if (day.Day == dueOn) day.Due++;
    }

    /// <summary>An item was settled.</summary>
    /// <param name="item">The item.</param>
    /// <param name="traits">What it has in common with others; see <see cref="InvoiceAtIssue.Traits"/>.</param>
    public void Settle(in SettledItem item, IReadOnlyList<string> traits) => Count(item, traits, +1);

    /// <summary>A settled item opened again.</summary>
    /// <param name="item">As it was told when it was settled.</param>
    /// <param name="traits">The same ones.</param>
    public void Unsettle(in SettledItem item, IReadOnlyList<string> traits) => Count(item, traits, -1);

    private void Count(in SettledItem item, IReadOnlyList<string> traits, int sign)
    {
        var late = item.DaysLate;
        All.Add(late, sign);
        DaysToPay += sign * item.DaysToPay;
        ByDueWeekday[PaymentFigures.Weekday(item.DueOn)].Add(late, sign);
        ByDueDay[DateOnly.FromDayNumber(item.DueOn).Day - 1].Add(late, sign);
        BySize[PaymentFigures.SizeClass(item.Size)].Add(late, sign);
        foreach (var trait in traits)
        {
            // A trait that had no place when the item was settled may have been given none since: what never counted is not taken back.
            if (!_traits.TryGetValue(trait, out var tally) && (sign < 0 || _traits.Count >= TraitsMost)) continue;
            tally.Add(late, sign);
            _traits[trait] = tally;
        }

        ref var day = ref DueOn(item.DueOn);
        if (day.Day != item.DueOn) return;
        if (late <= 0) day.Within0 += sign;
        if (late <= 5) day.Within5 += sign;
        if (late <= 15) day.Within15 += sign;
    }

    /// <summary>
    /// Share (ppm) of the items that were not paid within <paramref name="grace"/> days (0, 5 or 15), of those whose grace ended in the
    /// <paramref name="days"/> days before <paramref name="today"/>; leaning on the share of all with a weight of 20.
    /// </summary>
    public int Fresh(int today, int days, int grace)
    {
        int due = 0, within = 0;
        // Paid on the last day of grace is known from the day after.
        var last = today - grace - 2;
        for (var day = last; day > last - days; day--)
        {
            if (day < 0) break;
            ref readonly var kept = ref _due[day % DueDaysMost];
            if (kept.Day != day) continue;
            due += kept.Due;
            within += grace switch { 0 => kept.Within0, 5 => kept.Within5, _ => kept.Within15 };
        }

        var above = grace switch { 0 => All.Above0, 5 => All.Above5, _ => All.Above15 };
        return LateTally.Shrunk(Math.Max(0, due - within), due, 20, LateTally.Shrunk(above, All.Count, 2, 200_000));
    }

    private ref DueDay DueOn(int day)
    {
        ref var kept = ref _due[Math.Max(0, day) % DueDaysMost];
        if (kept.Day < day) kept = new DueDay { Day = day };
        return ref kept;
    }

    /// <summary>Traits by name, for writing them down.</summary>
    public IEnumerable<KeyValuePair<string, LateTally>> Traits => _traits.OrderBy(t => t.Key, StringComparer.Ordinal);

    /// <summary>Puts a trait back that was written down.</summary>
    public void Restore(string trait, LateTally tally) => _traits[trait] = tally;

    private struct DueDay
    {
        internal int Day, Due, Within0, Within5, Within15;
    }
}
