namespace ExposureMonitor.Domain;

/// <summary>
/// How a customer pays. The trail holds what the lateness window may still change and the forty before it; an average that
/// cannot be unfolded is folded behind it. Every figure can be asked as of any day of the window: it counts what is dated up to there.
/// </summary>
internal sealed class PaymentHabit
{
    /// <summary>Settled items that stay in the trail whatever their age; of first payments.</summary>
    internal const int Settlements = 40, FirstPayments = 10;

    /// <summary>Weight of the newest of the smoothed days late, ppm: half of the weight in five payments.</summary>
    private const int AlphaPpm = 129_449;

    internal Trail Settled, First;
    internal LateDays Late;

    /// <summary>First payments by month, the value being the number of part payments.</summary>
    internal PeriodRing FirstByMonth;

    private const int MonthsKept = 16, ObjectBytes = 144;

    /// <summary>What is known of a trail that is too long to be walked at every event; none for a short one.</summary>
    private LongTrail? _long;

    /// <summary>Smoothed days late behind the trail, in hundredths, and of how many items.</summary>
    internal int Smoothed, Folded;

    internal int Bytes => ObjectBytes + (_long?.Bytes ?? 0) + Settled.Bytes + First.Bytes + Late.Bytes + FirstByMonth.Bytes;

    internal void See(in Observation settled)
    {
        Late.Add(Periods.MonthOf(settled.On), settled.Late, +1);
        var at = Settled.Add(settled);
        if (at >= 0)
        {
            _long?.Added(Settled, at, Smoothed, Folded);
            return;
        }

        Fold(settled);
        _long?.Follow(Settled, 0, Smoothed, Folded);
    }

    internal void Unsee(in Observation settled)
    {
        var at = Settled.Remove(settled.On, settled.Id);
        if (at < 0) return;
        Late.Add(Periods.MonthOf(settled.On), settled.Late, -1);
        _long?.Removed(Settled, at, settled, Smoothed, Folded);
    }

    internal void SeeFirst(in Observation paid)
    {
        FirstByMonth.Add(MonthsKept, Periods.MonthOf(paid.On), 1, IsPart(paid));
        First.Add(paid);
    }

    internal void UnseeFirst(in Observation paid)
    {
        if (First.Remove(paid.On, paid.Id) >= 0) FirstByMonth.Add(MonthsKept, Periods.MonthOf(paid.On), -1, -IsPart(paid));
    }

    /// <summary>Lets go what no fact inside the window can change any more.</summary>
    internal void FoldBefore(int day)
    {
        var old = Settled.Old(day, Settlements);
        for (var i = 0; i < old; i++) Fold(Settled[i]);
        _long?.Taken(Settled, old);
        Settled.Take(old);
        if (Settled.Count <= LongTrail.Least) _long = null;
        First.Take(First.Old(day, FirstPayments));
    }

    /// <summary>Days late smoothed over all items settled up to a day, in hundredths, half up at each step; and of how many.</summary>
    internal (int Hundredths, int Count) SmoothedUpTo(int day)
    {
        var (value, count) = (Smoothed, Folded);
        var upTo = Settled.UpTo(day);
        if (Settled.Count > LongTrail.Least) return (upTo == 0 ? value : Long()[upTo - 1], count + upTo);
        for (var i = 0; i < upTo; i++) value = Smooth(value, count++, Settled[i].Late);
        return (value, count);
    }

    /// <summary>Days late of the twelve months up to a day, without the last item: number, twice the median, four times the MAD.</summary>
    internal (int Count, int Median2, int Mad4) BaselineUpTo(int day)
    {
        var upTo = Settled.UpTo(day);
        if (upTo == 0) return default;
        Span<int> bins = stackalloc int[LateDays.Bins];
        bins.Clear();
        var month = Periods.MonthOf(Settled[upTo - 1].On);
        var count = Late.Gather(month, bins);
        for (var i = upTo - 1; i < Settled.Count && Periods.MonthOf(Settled[i].On) <= month; i++)
        {
            bins[LateDays.BinOf(Settled[i].Late)]--;
            count--;
        }

        if (count <= 0) return default;
        var (median2, mad4) = LateDays.Middle(bins, count);
        return (count, median2, mad4);
    }

    /// <summary>How many items in a row, up to a day, were settled later than the days of grace; or not later. Counted up to the most that matters.</summary>
    internal (int Late, int OnTime) RunUpTo(int day, int grace, long most = long.MaxValue)
    {
        int late = 0, onTime = 0;
        for (var i = Settled.UpTo(day) - 1; i >= 0 && late + onTime < most; i--)
        {
            if (Settled[i].Late > grace && onTime == 0) late++;
            else if (Settled[i].Late <= grace && late == 0) onTime++;
            else break;
        }

        return (late, onTime);
    }

    /// <summary>Of the discountable items up to a day, newest first: how many in a row without discount, with it, and how many of the ten before the last three took it.</summary>
    internal (int Without, int With, int Before, int TakenBefore) DiscountsUpTo(int day)
    {
        int seen = 0, without = 0, with = 0, before = 0, taken = 0;
        var all = Settled.Count > LongTrail.Least ? Long().Discountable : int.MaxValue;
        for (var i = Settled.UpTo(day) - 1; i >= 0 && before < 10 && seen < all; i--)
        {
            if ((Settled[i].Marks & ObservationMarks.Discountable) == 0) continue;
            var took = (Settled[i].Marks & ObservationMarks.DiscountTaken) != 0;
            if (!took && without == seen) without++;
            if (took && with == seen) with++;
            if (seen++ < 3) continue;
            before++;
            if (took) taken++;
        }

        return (without, with, before, taken);
    }

    /// <summary>
    /// Sum and sum of squares of the days to pay of the last ten items up to a day, and of up to thirty before them, each with
    /// the number of its items.
    /// </summary>
    internal (Moments Last, Moments Before) SpreadUpTo(int day)
    {
        Moments last = default, before = default;
        var upTo = Settled.UpTo(day);
        for (var i = upTo - 1; i >= Math.Max(0, upTo - Settlements); i--)
        {
            if (upTo - i <= 10) last.Add(Settled[i].Days);
            else before.Add(Settled[i].Days);
        }

        return (last, before);
    }

    /// <summary>Part payments among the last ten first payments up to a day, and among those of the twelve months before them.</summary>
    internal (int Count, int Parts, int Before, int PartsBefore) PartsUpTo(int day)
    {
        var upTo = First.UpTo(day);
        var from = Math.Max(0, upTo - FirstPayments);
        if (upTo == from) return default;
        var parts = 0;
        for (var i = from; i < upTo; i++) parts += IsPart(First[i]);
        var month = Periods.MonthOf(First[from].On);
        var (before, value) = FirstByMonth.Between(month - 12, month);
        for (var i = from; i < First.Count && Periods.MonthOf(First[i].On) <= month; i++)
        {
            before--;
            value -= IsPart(First[i]);
        }

        return (upTo - from, parts, before, (int)value);
    }

    internal void State(StateStream s)
    {
        s.Do(ref Smoothed);
        s.Do(ref Folded);
        Settled.State(s);
        First.State(s);
        if (s.Reading) _long = null;
        Late.State(s);
        FirstByMonth.State(s);
    }

    private void Fold(in Observation oldest) => Smoothed = Smooth(Smoothed, Folded++, oldest.Late);

    private LongTrail Long() => _long ??= new LongTrail(Settled, Smoothed, Folded);

    /// <summary>One item more.</summary>
    internal static int Smooth(int value, int count, int late) => count == 0
        ? late * 100
        : (int)Rounding.Down((long)value * (1_000_000 - AlphaPpm) + late * 100L * AlphaPpm + 500_000, 1_000_000);

    private static int IsPart(in Observation paid) => (paid.Marks & ObservationMarks.Part) != 0 ? 1 : 0;
}

/// <summary>Number, sum and sum of squares.</summary>
internal struct Moments
{
    internal int Count;
    internal long Sum, Squares;

    internal void Add(int value)
    {
        Count++;
        Sum += value;
        Squares += (long)value * value;
    }

    /// <summary>Variance times Count × (Count − 1).</summary>
    internal readonly long Spread => Count * Squares - Sum * Sum;

    internal readonly long Scale => (long)Count * (Count - 1);
}
