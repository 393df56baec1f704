namespace ExposureMonitor.Domain;

/// <summary>Figures beside a signal: what was compared with what, and the own baseline.</summary>
internal readonly record struct Measure(long Value, long Threshold, int Count = 0, long Median = 0, long Mad = 0);

/// <summary>
/// Indicators with one mark for firing and another for arming again, both by business dates: EW-20, 21, 23, 26, 29, 34, 39, 40
/// (credit.md 19.3). Each is a function of what is dated up to a day.
/// </summary>
internal sealed partial class AccountWork
{
    private static readonly (string Id, Ladder Ladder, string Clears)[] DatedIndicators =
    [
        ("EW-20", Ladder.Levels(Severity.Medium, Severity.High), "smoothed days late back near the own median"),
        ("EW-21", Ladder.Levels(Severity.Medium), "items settled on time in a row"),
        ("EW-23", Ladder.Levels(Severity.Medium, Severity.High), "orders of seven days back near the median week"),
        ("EW-26", Ladder.Levels(Severity.Medium), "invoices paid in one sum"),
        ("EW-29", Ladder.Levels(Severity.Medium), "the discount taken twice in a row"),
        ("EW-34", Ladder.Levels(Severity.Medium), "disputes back near their share of the year before, none after the due date"),
        ("EW-39", Ladder.Levels(Severity.Low), "days to pay as even as before"),
        ("EW-40", Ladder.Levels(Severity.Low), "credit notes a small share of the invoices again"),
    ];

    private Measure? _measure;

    private static Dated DatedOf(string indicator) => indicator switch
    {
        "EW-20" => Dated.SlowerPayment,
        "EW-21" => Dated.LateInARow,
        "EW-23" => Dated.OrderSurge,
        "EW-26" => Dated.PartPayments,
        "EW-29" => Dated.LostDiscount,
        "EW-34" => Dated.DisputeSpike,
        "EW-39" => Dated.ErraticTiming,
        "EW-40" => Dated.CreditNotes,
        _ => Dated.Count,
    };

    private void JudgeDated(Habits habits)
    {
        LookAtHabits(habits);
        var hasSignals = book.RareOf(Slot) is { Signals.Count: > 0 };
        if (habits.Now == 0 && !hasSignals) return;
        for (var indicator = (Dated)0; indicator < Dated.Count; indicator++)
        {
            var step = Habits.StepIn(habits.Now, indicator);
            var (id, ladder, clears) = DatedIndicators[(int)indicator];
            if (step == 0 && StateOf(id, "") is null) continue;
            // A surge of a customer who is late already is worse; that follows the order of the journal.
            if (indicator == Dated.OrderSurge && step > 0 && (StepOf("EW-20", "") > 0 || StepOf("EW-05", "") > 0)) step = 2;
            if (step > StepOf(id, "")) _measure = MeasureOf(habits, indicator, Context.Today);
            Judge(id, "", ladder, step, clears);
            _measure = null;
            if (step > 0 && Rolls(indicator)) book.Wake(Slot, Context.Today + 1);
        }
    }

    /// <summary>The step that the figures of a day reach, and whether they are beyond the mark for arming again.</summary>
    private (int Step, bool IsClear) Reached(Habits habits, Dated indicator, int day, int standing) => indicator switch
    {
        Dated.SlowerPayment => SlowerPayment(habits.Payments!, day),
        Dated.LateInARow => LateInARow(habits.Payments!, day),
        Dated.OrderSurge => OrderSurge(habits.Orders!, day, standing),
        Dated.PartPayments => PartPayments(habits.Payments!, day),
        Dated.LostDiscount => LostDiscount(habits.Payments!, day),
        Dated.DisputeSpike => DisputeSpike(habits.Trade, day),
        Dated.ErraticTiming => ErraticTiming(habits.Payments!, day),
        _ => CreditNotes(habits.Trade, day),
    };

    /// <summary>EW-20: days late, smoothed, above the own median by a multiple of the MAD and by days that matter.</summary>
    private (int, bool) SlowerPayment(PaymentHabit payments, int day)
    {
        var (smoothed, count) = payments.SmoothedUpTo(day);
        if (count < Policy[Parameter.Signal20Least]) return (0, false);
        var (_, median, mad) = LateBaseline(payments, day);
        var above = smoothed - median;
        var reached = above > Policy[Parameter.Signal20Times] * mad && above >= Policy[Parameter.Signal20Days] * 100
            ? above >= Policy[Parameter.Signal20High] * 100 ? 2 : 1
            : 0;
        return (reached, above < Policy[Parameter.Signal20Rearm] * 100);
    }

    /// <summary>Own median and MAD in hundredths of a day, MAD at least one day; with fewer than five items before, those of the portfolio.</summary>
    private (int Count, int Median, int Mad) LateBaseline(PaymentHabit payments, int day)
    {
        var (count, median2, mad4) = payments.BaselineUpTo(day);
        if (count < 5) return (0, (Context.BaselineOf(book.Names.Get(Account.Segment))?.MedianDaysLate ?? 0) * 100, 100);
        return (count, median2 * 50, Math.Max(100, mad4 * 25));
    }

    /// <summary>EW-21: so many items in a row settled later than terms and grace.</summary>
    private (int, bool) LateInARow(PaymentHabit payments, int day)
    {
        var (late, onTime) = payments.RunUpTo(day, Policy.Int(Parameter.Signal21GraceDays), Math.Max(Policy[Parameter.Signal21Count], Policy[Parameter.Signal21OnTime]));
        return (late >= Policy[Parameter.Signal21Count] ? 1 : 0, onTime >= Policy[Parameter.Signal21OnTime]);
    }

    /// <summary>EW-26: many part payments among the last ten, few in the year before.</summary>
    private (int, bool) PartPayments(PaymentHabit payments, int day)
    {
        var (count, parts, before, partsBefore) = payments.PartsUpTo(day);
        var isUnusual = before >= 5 && partsBefore * 10_000L <= before * Policy[Parameter.Signal26BaselineBp];
        var many = count == PaymentHabit.FirstPayments && parts * 10_000L > count * Policy[Parameter.Signal26ShareBp];
        return (many && isUnusual ? 1 : 0, parts * 10_000L <= count * Policy[Parameter.Signal26RearmBp]);
    }

    /// <summary>EW-29: a customer who took nearly every discount takes none of the last three.</summary>
    private (int, bool) LostDiscount(PaymentHabit payments, int day)
    {
        var (without, with, before, taken) = payments.DiscountsUpTo(day);
        var stops = without >= 3 && before == 10 && taken * 10_000L >= before * Policy[Parameter.Signal29TakenBp];
        return (stops ? 1 : 0, with >= 2);
    }

    /// <summary>EW-39: the days to pay of the last ten spread more than those of the thirty before; the latter by at least 1 day².</summary>
    private (int, bool) ErraticTiming(PaymentHabit payments, int day)
    {
        var (last, before) = payments.SpreadUpTo(day);
        if (last.Count < 10 || before.Count < 10) return (0, false);
        var (now, then) = ((Int128)last.Spread * before.Scale, (Int128)Math.Max(before.Spread, before.Scale) * last.Scale);
        return (now > then * Policy[Parameter.Signal39Times] ? 1 : 0, now < then * Policy[Parameter.Signal39Rearm]);
    }

    /// <summary>EW-23: the orders of seven days against the median of complete weeks.</summary>
    private (int, bool) OrderSurge(OrderHabit orders, int day, int standing)
    {
        var week = orders.Days.Between(day - 6, day).Value;
        var limit = EffectiveLimit.Of(book, Slot, Context, Now);
        var isLarge = limit.Kind != LimitKind.Amount
            || Rounding.Times(week, 10_000) >= Rounding.Times(Context.Convert(limit.Amount, Account.LimitCurrency, Context.BaseCurrency) ?? limit.Amount, Policy[Parameter.Signal23LimitBp]);
        // What is small, and was no surge before, is none whatever the weeks were.
        if (!isLarge && standing == 0) return (0, false);
        var (count, median2, mad4) = WeekBaseline(orders, day);
        if (count == 0) return (0, false);
        // z = (week − median) ÷ (1.4826 × MAD), all in quarters of a minor unit.
        var (above, spread) = (4 * week - 2 * median2, Int128.Max(4, mad4) * 14_826);
        var isFar = above * 100_000 >= spread * Policy[Parameter.Signal23ZTenths];
        var isMany = 20 * week >= median2 * Policy[Parameter.Signal23TimesTenths];
        return (isFar && isMany && isLarge ? 1 : 0, above * 100_000 < spread * Policy[Parameter.Signal23RearmTenths]);
    }

    /// <summary>Weeks of the customer; with fewer than five of them, or a median of 0, a week of the portfolio's customers.</summary>
    private (int Count, Int128 Median2, Int128 Mad4) WeekBaseline(OrderHabit orders, int day)
    {
        var own = orders.BaselineBefore(day);
        if (own.Weeks >= 5 && own.Median2 > 0) return own;
        return Context.BaselineOf(book.Names.Get(Account.Segment)) is { WeeklyOrders: > 0 } portfolio
            ? (1, 2 * (Int128)portfolio.WeeklyOrders, 4 * (Int128)portfolio.WeeklyOrdersMad)
            : default;
    }

    /// <summary>EW-34: disputes of 30 days against the year before, or one after the due date.</summary>
    private (int, bool) DisputeSpike(in TradeHabit trade, int day)
    {
        var (disputes, invoices, before, invoicesBefore, late) = trade.DisputesUpTo(day);
        var (now, then) = ((Int128)disputes * invoicesBefore * 10, (Int128)before * invoices);
        var many = disputes >= Policy[Parameter.Signal34Count] && now > then * Policy[Parameter.Signal34TimesTenths];
        return (many || late > 0 ? 1 : 0, late == 0 && (disputes == 0 || now <= then * Policy[Parameter.Signal34RearmTenths]));
    }

    /// <summary>EW-40: credit notes as a share of the invoices of 90 days, against the year before.</summary>
    private (int, bool) CreditNotes(in TradeHabit trade, int day)
    {
        var (credits, invoices, before, invoicesBefore) = trade.CreditsUpTo(day);
        var many = credits * 10_000 > invoices * Policy[Parameter.Signal40ShareBp] && invoicesBefore > 0
            && credits * invoicesBefore > before * invoices * Policy[Parameter.Signal40Times];
        return (many ? 1 : 0, credits * 10_000 <= invoices * Policy[Parameter.Signal40RearmBp]);
    }

    /// <summary>What a signal of today says: value and threshold in the unit of the indicator, and the own baseline.</summary>
    private Measure MeasureOf(Habits habits, Dated indicator, int day)
    {
        switch (indicator)
        {
            case Dated.SlowerPayment:
                var (count, median, mad) = LateBaseline(habits.Payments!, day);
                return new Measure(habits.Payments!.SmoothedUpTo(day).Hundredths, median + Math.Max(Policy[Parameter.Signal20Times] * mad, Policy[Parameter.Signal20Days] * 100), count, median, mad);
            case Dated.LateInARow:
                return new Measure(habits.Payments!.RunUpTo(day, Policy.Int(Parameter.Signal21GraceDays)).Late, Policy[Parameter.Signal21Count]);
            case Dated.OrderSurge:
                var (weeks, median2, mad4) = WeekBaseline(habits.Orders!, day);
                return new Measure(Rounding.Pin(habits.Orders!.Days.Between(day - 6, day).Value), Rounding.Pin(median2 * Policy[Parameter.Signal23TimesTenths] / 20), weeks, Rounding.Pin(median2 / 2), Rounding.Pin(mad4 / 4));
            case Dated.PartPayments:
                var parts = habits.Payments!.PartsUpTo(day);
                return new Measure(parts.Parts * 10_000L / Math.Max(1, parts.Count), Policy[Parameter.Signal26ShareBp], parts.Before);
            case Dated.LostDiscount:
                return new Measure(habits.Payments!.DiscountsUpTo(day).Without, 3, 10);
            case Dated.DisputeSpike:
                var disputes = habits.Trade.DisputesUpTo(day);
                return new Measure(disputes.Disputes, Policy[Parameter.Signal34Count], disputes.InvoicesBefore);
            case Dated.ErraticTiming:
                var (last, before) = habits.Payments!.SpreadUpTo(day);
                return new Measure(last.Spread * 100 / last.Scale, Math.Max(before.Spread, before.Scale) * 100 / before.Scale * Policy[Parameter.Signal39Times], before.Count);
            default:
                var credits = habits.Trade.CreditsUpTo(day);
                return new Measure(credits.Invoices > 0 ? Rounding.Pin(credits.Credits * 10_000 / credits.Invoices) : long.MaxValue, Policy[Parameter.Signal40ShareBp]);
        }
    }
}
