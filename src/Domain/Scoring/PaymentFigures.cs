namespace ExposureMonitor.Domain;

/// <summary>
/// The long memory of how one customer pays, in a fixed amount of memory: sums over all history, the last 40 settled items, and
/// recent periods. Everything but the ring is a sum, and the ring holds the last items by payment day; so the figures
/// follow from the set of settled items and not from the order in which they were told.
/// </summary>
public sealed class PaymentFigures
{
    /// <summary>Settled items that are kept one by one.</summary>
    public const int RingMost = 40;

    /// <summary>Days of a period, and periods that are kept.</summary>
    public const int PeriodDays = 28, PeriodsMost = 8;

    /// <summary>Days of issue that are kept, with how many items each.</summary>
    public const int IssueDaysMost = 16;

    /// <summary>Different terms (days from issue to due) that are told apart; further ones share the last place.</summary>
    public const int TermsMost = 6;

    /// <summary>Classes of size: each is four times the one before.</summary>
    public const int SizesMost = 16;

    private readonly SettledItem[] _ring = new SettledItem[RingMost];
    private readonly Period[] _periods = new Period[PeriodsMost];
    private readonly IssueDay[] _issueDays = new IssueDay[IssueDaysMost];
    private readonly TermsTally[] _terms = new TermsTally[TermsMost];
    private int _ringCount, _issueDayCount;

    /// <summary>Over all history.</summary>
    public LateTally All;

    /// <summary>By weekday of the due date, 0 is Monday.</summary>
    public readonly LateTally[] ByDueWeekday = new LateTally[7];

    /// <summary>By tenth of the month of the due date: days 1–10, 11–20, 21 and later.</summary>
    public readonly LateTally[] ByDueTenth = new LateTally[3];

    /// <summary>By size: an item of class n is about 4ⁿ⁻¹ hundred minor units.</summary>
    public readonly LateTally[] BySize = new LateTally[SizesMost];

    /// <summary>On which weekdays it pays, 0 is Monday; counted in days of payment, not in items.</summary>
    public readonly int[] PaidWeekday = new int[7];

    /// <summary>On which days of the month it pays; index 0 is day 1.</summary>
    public readonly int[] PaidDay = new int[31];

    /// <summary>Sum of days from issue to payment, and of sizes, of settled items.</summary>
    public long DaysToPay, Sizes;

    /// <summary>Items issued so far, and the first and last day of issue and of payment; 0 for none.</summary>
    public int Issued, FirstIssuedOn, LastSettledOn, LastAbove5On;

    /// <summary>Settled items of the last 40, earliest payment first.</summary>
    public ReadOnlySpan<SettledItem> Ring => _ring.AsSpan(0, _ringCount);

    /// <summary>The last days on which items were issued, earliest first.</summary>
    public ReadOnlySpan<IssueDay> IssueDays => _issueDays.AsSpan(0, _issueDayCount);

    /// <summary>An item was issued.</summary>
    public void Issue(int issuedOn)
    {
        Issued++;
        FirstIssuedOn = FirstIssuedOn == 0 ? issuedOn : Math.Min(FirstIssuedOn, issuedOn);
        var days = _issueDays.AsSpan(0, _issueDayCount);
        for (var i = days.Length - 1; i >= 0; i--)
        {
            if (days[i].Day != issuedOn) continue;
            days[i].Count++;
            return;
        }

        var at = 0;
        while (at < days.Length && days[at].Day < issuedOn) at++;
        if (days.Length < IssueDaysMost)
        {
            _issueDays.AsSpan(at, _issueDayCount - at).CopyTo(_issueDays.AsSpan(at + 1));
            _issueDayCount++;
        }
        else if (at == 0)
        {
            return;
        }
        else
        {
            _issueDays.AsSpan(1, --at).CopyTo(_issueDays);
        }

        _issueDays[at] = new IssueDay { Day = issuedOn, Count = 1 };
    }

    /// <summary>An item was settled.</summary>
    public void Settle(in SettledItem item)
    {
        Count(item, +1);
        LastSettledOn = Math.Max(LastSettledOn, item.SettledOn);
        if (item.DaysLate > 5) LastAbove5On = Math.Max(LastAbove5On, item.SettledOn);
        var at = _ringCount;
        while (at > 0 && _ring[at - 1] > item) at--;
        if (_ringCount < RingMost)
        {
            _ring.AsSpan(at, _ringCount - at).CopyTo(_ring.AsSpan(at + 1));
            _ring[at] = item;
            _ringCount++;
        }
        else if (at > 0)
        {
            _ring.AsSpan(1, at - 1).CopyTo(_ring);
            _ring[at - 1] = item;
        }
    }

    /// <summary>A settled item opened again. What it had pushed out of the ring does not come back.</summary>
    public void Unsettle(in SettledItem item)
    {
        Count(item, -1);
        var at = _ring.AsSpan(0, _ringCount).IndexOf(item);
        if (at < 0) return;
        _ring.AsSpan(at + 1, _ringCount - at - 1).CopyTo(_ring.AsSpan(at));
        _ring[--_ringCount] = default;
        LastSettledOn = _ringCount == 0 ? 0 : _ring[_ringCount - 1].SettledOn;
        if (LastAbove5On != item.SettledOn || item.DaysLate <= 5) return;
        LastAbove5On = 0;
        foreach (var kept in Ring) if (kept.DaysLate > 5) LastAbove5On = kept.SettledOn;
    }

    /// <summary>What was settled in the period of a day and the <paramref name="before"/> periods in front of it.</summary>
    public LateTally Recent(int day, int before)
    {
        var sum = default(LateTally);
        var now = day / PeriodDays;
        foreach (ref readonly var period in _periods.AsSpan())
            if (period.Number <= now && period.Number >= now - before) sum.Add(period.Tally);
        return sum;
    }

    /// <summary>What was settled under terms of so many days; all zero when there was none.</summary>
    public LateTally Under(int termDays)
    {
        foreach (ref readonly var terms in _terms.AsSpan())
            if (terms.Tally.Count > 0 && terms.Days == termDays) return terms.Tally;
        return default;
    }

    /// <summary>Class of a size for <see cref="BySize"/>.</summary>
    public static int SizeClass(int size) => Math.Clamp((size - 6 * 16) / 32, 0, SizesMost - 1);

    /// <summary>0 is Monday.</summary>
    public static int Weekday(int day) => day % 7;

    private void Count(in SettledItem item, int sign)
    {
        var late = item.DaysLate;
        All.Add(late, sign);
        DaysToPay += sign * item.DaysToPay;
        Sizes += sign * item.Size;
        ByDueWeekday[Weekday(item.DueOn)].Add(late, sign);
        ByDueTenth[TenthOf(item.DueOn)].Add(late, sign);
        BySize[SizeClass(item.Size)].Add(late, sign);
        PaidWeekday[Weekday(item.SettledOn)] += sign;
        PaidDay[DateOnly.FromDayNumber(item.SettledOn).Day - 1] += sign;
        ref var period = ref _periods[item.SettledOn / PeriodDays % PeriodsMost];
        var number = item.SettledOn / PeriodDays;
        if (period.Number < number) period = new Period { Number = number };
        if (period.Number == number) period.Tally.Add(late, sign);
        for (var i = 0; i < TermsMost; i++)
        {
            ref var terms = ref _terms[i];
            if (terms.Tally.Count == 0 && sign > 0 && i < TermsMost) terms.Days = item.TermDays;
            if (terms.Days != item.TermDays && i < TermsMost - 1) continue;
            terms.Tally.Add(late, sign);
            break;
        }
    }

    /// <summary>0 for days 1–10 of the month, 1 for 11–20, 2 for later.</summary>
    public static int TenthOf(int day) => Math.Min(2, (DateOnly.FromDayNumber(day).Day - 1) / 10);

    internal void Stream(StateStream s)
    {
        StreamWithoutTerms(s);
        foreach (ref var terms in _terms.AsSpan())
        {
            s.Do(ref terms.Days);
            terms.Tally.Stream(s);
        }
    }

    /// <summary>All that does not depend on which terms came first.</summary>
    internal void StreamWithoutTerms(StateStream s)
    {
        All.Stream(s);
        foreach (ref var tally in ByDueWeekday.AsSpan()) tally.Stream(s);
        foreach (ref var tally in ByDueTenth.AsSpan()) tally.Stream(s);
        foreach (ref var tally in BySize.AsSpan()) tally.Stream(s);
        foreach (ref var count in PaidWeekday.AsSpan()) s.Do(ref count);
        foreach (ref var count in PaidDay.AsSpan()) s.Do(ref count);
        s.Do(ref DaysToPay);
        s.Do(ref Sizes);
        s.Do(ref Issued);
        s.Do(ref FirstIssuedOn);
        s.Do(ref LastSettledOn);
        s.Do(ref LastAbove5On);
        s.Do(ref _ringCount);
        s.Do(ref _issueDayCount);
        foreach (ref var item in _ring.AsSpan(0, _ringCount))
        {
            var (issued, due, settled, size) = (item.IssuedOn, item.DueOn, item.SettledOn, item.Size);
            s.Do(ref issued);
            s.Do(ref due);
            s.Do(ref settled);
            s.Do(ref size);
            item = new SettledItem(issued, due, settled, size);
        }

        foreach (ref var day in _issueDays.AsSpan(0, _issueDayCount))
        {
            s.Do(ref day.Day);
            s.Do(ref day.Count);
        }

        foreach (ref var period in _periods.AsSpan())
        {
            s.Do(ref period.Number);
            period.Tally.Stream(s);
        }
    }

    private struct Period
    {
        internal int Number;
        internal LateTally Tally;
    }

    private struct TermsTally
    {
        internal int Days;
        internal LateTally Tally;
    }

    /// <summary>A day of issue and how many items.</summary>
    public struct IssueDay
    {
        public int Day, Count;
    }
}
