using System.Globalization;

namespace ExposureMonitor.Domain;

/// <summary>The weighted credit score of an account, and what its grade supports.</summary>
internal sealed partial class AccountWork
{
    /// <summary>A statement or a rating is stale after 18 months.</summary>
    private const int FiledDays = 548;

    /// <summary>At the start of a day: computes the score and keeps it for EW-14.</summary>
    private void TakeScore()
    {
        if (!Policy.Is(Parameter.ScoreOn)) return;
        var score = CreditScore.Of(CreditFactors());
        if (score.Score is not { } hundredths) return;
        // A grade that rises by one a day goes on rising tomorrow, without another fact.
        if (book.TakeScore(Slot, hundredths, score.ConfidenceBp)) WakeAhead(Context.Today + 1);
    }

    /// <summary>The account as it stands under its context.</summary>
    internal CreditStanding CreditOfToday()
    {
        var factors = CreditFactors();
        var score = CreditScore.Of(factors);
        var habits = book.HabitsOf(Slot);
        var computed = Policy.Is(Parameter.ScoreOn) && habits?.Scores is { ComputedGrade.Length: > 0 } kept ? kept.ComputedGrade : score.Grade;
        var person = GradeOf();
        var grade = CreditGrade.Find(person) ?? CreditGrade.Find(computed);
        var exposure = Exposure.Of(book, Slot, Context, Context.BaseCurrency);
        Span<Int128> covered = stackalloc Int128[ProvisionLine.Buckets];
        covered.Clear();
        var netRisk = Int128.Max(0, exposure.Gross - Covers.Total(book, Slot, Context, exposure, covered));
        var (open, notDue, over90) = AgedInBase();
        var month = Periods.MonthOf(Context.Today);
        Int128 sales = 0;
        if (habits is { HasTrade: true })
            for (var back = 0; back < 12; back++) sales += habits.Trade.SalesIn(month - back);
        // The period begins with the customer at the earliest, where it was told since when.
        var days = Context.Today == 0 ? 0 : Math.Max(0, Context.Today - Math.Max(Periods.StartOf(month - 11), habits?.Since ?? 0) + 1);
        // What was owed when the period began; who did not stand in the books by then owed nothing.
        var opening = habits is { HasUse: true } && Context.Today != 0 ? habits.Use.OwedAt(month - 12) : null;
        var reviewedOn = book.RareOf(Slot)?.ReviewedOn ?? 0;
        return new CreditStanding
        {
            AsOf = Context.Today, Currency = Context.BaseCurrency, Score = score, Factors = factors, ComputedGrade = computed, PersonGrade = person, PersonUntil = person.Length == 0 ? 0 : book.RareOf(Slot)?.GradeStaleOn ?? 0, Grade = grade,
            Sales = Rounding.Pin(sales), EligibleLimit = grade is null ? null : Rounding.Pin(grade.EligibleLimit(sales)),
            Review = CreditReview.Of(reviewedOn, grade?.ReviewMonths ?? 0, ReviewCauses(habits, reviewedOn)),
            NetRisk = Rounding.Pin(netRisk), ExpectedLoss = grade is null ? null : Rounding.Pin(ExpectedLoss.Of(grade.PdPpm, ExpectedLoss.UnsecuredLgdBp, netRisk)),
            Provision = ProvisionOfToday(covered, netRisk, grade),
            Receivables = Rounding.Pin(open), Dso = PortfolioMeasures.Dso(open, sales, days), BestDso = PortfolioMeasures.Dso(notDue, sales, days), CountBackDso = CountBack(habits, open, month),
            Cei = opening is { } from ? PortfolioMeasures.Cei(from, sales, open, notDue) : null, Turnover = opening is { } then ? PortfolioMeasures.Turnover(sales, then, open) : null,
            OverdueBp = PortfolioMeasures.OverdueRatio(open - notDue, open), Over90Bp = PortfolioMeasures.OverdueRatio(over90, open), Ratios = Newest(habits?.Outside) is { } filed ? filed.Ratios(IsOld(filed.PeriodEnd)) : null,
        };
    }

    /// <summary>The factors in the order of <see cref="CreditTable.All"/>. One whose data is missing has no points, and the weights of the others count for more.</summary>
    private CreditFactor[] CreditFactors()
    {
        var habits = book.HabitsOf(Slot);
        var outside = habits?.Outside;
        var filed = Newest(outside) is { } newest && !IsOld(newest.PeriodEnd) ? newest : null;
        var (rank, ratedOn) = WorstRating(outside);
        var factors = new CreditFactor[CreditTable.All.Count];
        var at = 0;
        Next(Account.SettledAmount > 0 ? IndexOf() : null);
        Next(OverdueShare());
        Next(outside is { Promises.Count: 0, Broken.Length: 0 } or null ? null : BrokenUpTo(Context.Today).Count);
        Next(UseOfLimit(habits));
        Next(habits is { Since: > 0 } ? Math.Max(0, Context.Today - habits.Since) : null);
        Next(filed is { Model: not AltmanModel.None } ? (long)filed.Zone : null, filed?.PeriodEnd);
        // Tables of rising points look at what is reached, those of falling points at what is exceeded.
        Next(filed is { CurrentLiabilities: > 0 } ? Rounding.Pin(Rounding.Down(Rounding.Times(filed.CurrentAssets, 1_000_000), filed.CurrentLiabilities)) : null, filed?.PeriodEnd);
        Next(filed is { TotalAssets: > 0 } ? Rounding.Pin(Rounding.Up(Rounding.Times(filed.TotalLiabilities, 1_000_000), filed.TotalAssets)) : null, filed?.PeriodEnd);
        Next(rank == 0 ? null : rank, ratedOn);
        Next(Policy.PointsOf(book.Names.Get(Account.Country), book.Names.Get(Account.Industry)));
        return factors;

        void Next(long? value, int? asOf = null)
        {
            var table = CreditTable.All[at];
            factors[at++] = new CreditFactor(table.Name, Policy.Int(table.Weight), value is { } told ? table.PointsOf(told) : null, value?.ToString(CultureInfo.InvariantCulture) ?? "", value is null ? 0 : asOf ?? Context.Today);
        }
    }

    /// <summary>Overdue of all open items, in basis points, up; nobody who never owed has one.</summary>
    private long? OverdueShare()
    {
        var (_, overdue, balance) = Overdue(0, 0);
        if (balance > 0) return Rounding.Pin(Rounding.Up(Rounding.Times(overdue, 10_000), balance));
        return Account.SettledItems > 0 ? 0 : null;
    }

    /// <summary>Mean of the last fifteen day-ends, basis points, up; only where there is an amount to use.</summary>
    private long? UseOfLimit(Habits? habits)
    {
        if (habits is not { HasUse: true } || EffectiveLimit.Of(book, Slot, Context, Now).Kind != LimitKind.Amount) return null;
        return habits.Use.UsedBefore(Context.Today) is var sum and >= 0 ? Rounding.Pin(Rounding.Up(sum, UseHabit.DayEnds)) : null;
    }

    private bool IsOld(int day) => day + FiledDays < Context.Today;

    /// <summary>The newest statement that was filed by today.</summary>
    private FiledState? Newest(OutsideHabit? outside)
    {
        FiledState? newest = null;
        foreach (var filed in outside?.Filed ?? Few<FiledState>.None)
            if (filed.FiledOn <= Context.Today) newest = filed;
        return newest;
    }

    /// <summary>The worst of the agencies that rate by letters, which all mean the same; what is another scale cannot be compared.</summary>
    private (int Rank, int RatedOn) WorstRating(OutsideHabit? outside)
    {
        var (rank, ratedOn) = (0, 0);
        foreach (var rating in outside?.Ratings ?? Few<RatingState>.None)
        {
            var letters = RatingRanks.OfLetters(rating.Value);
            if (letters == 0 || rating.RatedOn > Context.Today || IsOld(rating.RatedOn) || (rank != 0 && letters >= rank)) continue;
            (rank, ratedOn) = (letters, rating.RatedOn);
        }

        return (rank, ratedOn);
    }

    /// <summary>Receivables, those that are not due, and those due for more than 90 days.</summary>
    private (Int128 Open, Int128 NotDue, Int128 Over90) AgedInBase()
    {
        (Int128 open, Int128 notDue, Int128 over90) = (0, 0, 0);
        for (var ledger = Account.Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
        {
            ref var record = ref book.Ledgers[ledger];
            for (var bucket = 0; bucket < 6; bucket++)
            {
                var here = Context.Convert(record.Sums[(int)Part.Aged + bucket], record.Currency, Context.BaseCurrency) ?? 0;
                open += here;
                if (bucket == 0) notDue += here;
                if (bucket >= 4) over90 += here;
            }
        }

        return (open, notDue, over90);
    }

    /// <summary>Months of sales taken off the receivables, this one first, as far back as months are kept.</summary>
    private long? CountBack(Habits? habits, Int128 open, int month)
    {
        if (habits is not { HasTrade: true } || Context.Today == 0) return null;
        var months = new (Int128 Sales, int Days)[TradeHabit.MonthsKept - 1];
        for (var back = 0; back < months.Length; back++)
        {
            var end = back == 0 ? Context.Today + 1 : Periods.StartOf(month - back + 1);
            months[back] = (habits.Trade.SalesIn(month - back), end - Periods.StartOf(month - back));
        }

        return PortfolioMeasures.CountBackDso(open, months);
    }
}

/// <summary>Credit of accounts, for readers.</summary>
public sealed partial class Book
{
    /// <summary>The weighted score of an account with its factors, and what follows from the grade.</summary>
    public CreditStanding CreditOf(int slot)
    {
        // What the sweep has not reached is folded in a copy: a reader moves nothing.
        if (SweepPending && Account(slot).Folded < Context.Version && ScratchOf(slot) is var (scratch, at)) return scratch.CreditOf(at);
        Work.Begin(slot, Context, default, StreamTime, new EffectBuffer());
        return Work.CreditOfToday();
    }

    /// <summary>Keeps what was computed at the start of a day. A score that hardly anything is known for raises no grade by itself.</summary>
    /// <returns>True while the grade is below that of the score and rises by one a day.</returns>
    internal bool TakeScore(int slot, int hundredths, int confidenceBp)
    {
        var scores = HabitsFor(slot).Scores ??= new ScoreHabit();
        scores.Computed = (short)Math.Clamp(hundredths, 0, 10_000);
        var next = CreditGrade.Moved(scores.ComputedGrade, scores.Computed).Name;
        var isRaise = scores.ComputedGrade.Length > 0 && CreditGrades.RankOf(next) > CreditGrades.RankOf(scores.ComputedGrade);
        if (isRaise && confidenceBp < CreditScore.RaiseConfidenceBp) return false;
        scores.ComputedGrade = next;
        return CreditGrade.Of(scores.Computed).Name != next;
    }
}
