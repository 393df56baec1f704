using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests.Catalogue;

/// <summary>The other marks of the catalogue to the last unit: minima, windows, baselines, second conditions, and where an indicator is armed again.</summary>
public sealed class Marks
{
    private const int Base = 400;

    private readonly Desk _desk = new(limit: 1_000_000, riskFollows: false);

    private int Today => _desk.Book.Today;

    private int Raised(string indicator) => _desk.Signals(indicator).Count();

    private int Ended(string indicator) => _desk.Signals(indicator, SignalChanged.Resolved).Count();

    private void Until(int days) => _desk.Days(Tale.Text(Today + 1), Tale.Text(Today + days));

    private void Owe(string id, long amount, int due, int issued = -120) =>
        _desk.Tell(new InvoicePosted { InvoiceId = id, Amount = amount, Currency = Eur, IssuedOn = Today + issued, DueOn = Today + due });

    private void Pay(string invoice, long amount)
    {
        _desk.Pay("P" + invoice, amount);
        _desk.Allocate("A" + invoice, "P" + invoice, invoice, amount);
    }

    /// <summary>A manufacturer whose sales alone move Z′.</summary>
    private void File(string end, long sales) => _desk.Tell(new FinancialStatementFiled
    {
        PeriodEnd = On(end), Currency = Eur, Manufacturer = true, TotalAssets = 300, CurrentAssets = 150, CurrentLiabilities = 75, TotalLiabilities = 150, RetainedEarnings = 90, Ebit = 30, Sales = sales, BookEquity = 150,
    });

    [Theory]
    [InlineData(9_999, 0)]
    [InlineData(10_000, 1)]
    public void Item_of_less_than_a_hundred_units_is_no_old_debt(long amount, int fires)
    {
        Owe("I", amount, due: -31);
        Assert.Equal((fires, fires), (Raised("EW-05"), Raised("EW-10")));
    }

    [Fact]
    public void Oldest_item_is_armed_again_when_nothing_is_past_due()
    {
        Owe("old", 50_000, due: -16);
        Owe("new", 50_000, due: -1);
        Pay("old", 50_000);
        _desk.Wait(61);
        Assert.Equal((1, 0), (Raised("EW-05"), Ended("EW-05")));
        Pay("new", 50_000);
        _desk.Wait(61);
        Assert.Equal(1, Ended("EW-05"));
    }

    [Theory]
    [InlineData(30, Severity.Medium)]
    [InlineData(31, Severity.High)]
    public void Oldest_item_is_high_above_thirty_days(int days, Severity severity)
    {
        Owe("I", 50_000, due: -days);
        Assert.Equal(severity, _desk.Signals("EW-05").Single().Severity);
    }

    [Theory]
    [InlineData(10, 0)]
    [InlineData(11, 1)]
    public void Share_overdue_counts_what_is_more_than_ten_days_past_due(int days, int fires)
    {
        Owe("I", 50_000, due: -days);
        Assert.Equal(fires, Raised("EW-06"));
    }

    [Theory]
    [InlineData(90, Severity.Medium)]
    [InlineData(91, Severity.Critical)]
    public void Item_is_critical_above_ninety_days(int days, Severity severity)
    {
        Owe("I", 50_000, due: -days);
        Assert.Equal(severity, _desk.Signals("EW-10").Single().Severity);
    }

    [Fact]
    public void Extension_moves_no_past_due_of_the_original_date()
    {
        Owe("I", 50_000, due: -31);
        _desk.Tell(new InvoiceDueDateChanged { InvoiceId = "I", DueOn = Today + 60, Kind = DueDateKind.Extension });
        _desk.Wait(61);
        Assert.Equal((1, 0, 1), (Raised("EW-10"), Ended("EW-10"), Ended("EW-05")));
    }

    [Fact]
    public void Returned_payment_is_told_for_ninety_days()
    {
        _desk.Pay("P", 70_001, cleared: false);
        _desk.Tell(new PaymentReturned { PaymentId = "P", ReturnedOn = Today, Reason = "no funds" });
        Until(89);
        _desk.Wait(61);
        Assert.Equal((1, 0), (Raised("EW-31"), Ended("EW-31")));
        Until(1);
        _desk.Wait(61);
        Assert.Equal(1, Ended("EW-31"));
    }

    [Theory]
    [InlineData(31, 0)]
    [InlineData(30, 1)]
    public void Limit_that_ends_in_thirty_days(int days, int fires)
    {
        _desk.Tell(new LimitSet { Version = 9, Currency = Eur, Steps = [new LimitStep { From = 1, To = Today + days, Kind = LimitKind.Amount, Amount = 10_000 }] });
        Assert.Equal(fires, Raised("EW-11"));
    }

    [Theory]
    [InlineData(85_000, 1)]
    [InlineData(325_000, 0)]
    public void What_moved_is_told_until_it_is_a_twentieth_of_the_balance_or_seven_days_ago(long more, int stands)
    {
        Owe("rest", 85_000, due: 300);
        Owe("moves", 16_000, due: -30);
        Until(1);
        Assert.Equal(1, Raised("EW-09"));
        // 16,000 of 186,000 are more than a twentieth, of 426,000 less.
        Owe("more", more, due: 300);
        _desk.Wait(61);
        Assert.Equal(1 - stands, Ended("EW-09"));
        Until(6);
        _desk.Wait(61);
        Assert.Equal(1 - stands, Ended("EW-09"));
        Until(1);
        _desk.Wait(61);
        Assert.Equal(1, Ended("EW-09"));
    }

    [Theory]
    [InlineData(521, 1)]
    [InlineData(523, 0)]
    public void Statement_that_leaves_the_safe_zone_by_little_is_told_too(long sales, int fires)
    {
        // Z′ = 1.164 + 0.998 × sales ÷ 300: 3.160 before, 2.897 or 2.904 now; above 2.90 is safe.
        File("2024-12-31", 600);
        File("2025-12-31", sales);
        Assert.Equal(fires, Raised("EW-16"));
    }

    [Theory]
    [InlineData("2024-12-31", 1)]
    [InlineData("2024-12-30", 1)]
    [InlineData("2024-12-29", 0)]
    public void Fall_of_Z_counts_within_a_year(string before, int fires)
    {
        File(before, 1_000);
        File("2025-12-31", 800);
        Assert.Equal(fires, Raised("EW-16"));
    }

    [Theory]
    [InlineData(6, 0)]
    [InlineData(7, 1)]
    public void Slower_payment_ends_below_three_days_above_the_median(int punctual, int ends)
    {
        // One payment of 60 days lifts the smoothed days late by 7.51; each further one of two days leaves 0.8706 of it: 3.27 behind six, 2.85 behind seven.
        var tale = new Tale();
        for (var i = 0; i < 20; i++) tale.Settled(Base + i * 4, 2);
        tale.Settled(Base + 80, 60);
        for (var i = 1; i <= punctual; i++) tale.Settled(Base + 80 + i * 4, 2);
        var desk = tale.Told();
        Assert.Equal((1, ends), (desk.Signals("EW-20").Count(), desk.Signals("EW-20", SignalChanged.Resolved).Count()));
    }

    [Theory]
    [InlineData(59, false, 0)]
    [InlineData(60, false, 1)]
    [InlineData(60, true, 0)]
    public void Two_statements_in_a_row_without_answer_are_silence_a_cycle_later(int day, bool isFirstAnswered, int fires)
    {
        void Sent(string id) => _desk.Tell(new StatementSent { StatementId = id, PeriodFrom = 1, PeriodTo = 2, Closing = 10_000, Currency = Eur });
        var start = Today;
        Sent("S1");
        if (isFirstAnswered) _desk.Tell(new StatementAnswered { StatementId = "S1", Answer = StatementAnswer.Agreed });
        Until(30);
        Sent("S2");
        Until(day - 30);
        Assert.Equal(start + day, Today);
        Assert.Equal(fires, Raised("EW-22"));
    }

    [Theory]
    [InlineData(3_855, 100_000, 0)]
    [InlineData(3_854, 100_000, 1)]
    [InlineData(1_500, 300_000, 1)]
    [InlineData(1_500, 300_001, 0)]
    public void Surge_is_beyond_three_and_a_half_deviations_and_a_tenth_of_the_limit(long mad, long limit, int fires)
    {
        // (30,000 − 10,000) ÷ (1.4826 × 3,854) = 3.5002.
        var desk = new Desk(limit, riskFollows: false);
        desk.Tell(new PortfolioMeasured { AsOn = desk.Book.Today, Receivables = 1, WeeklyOrders = 10_000, WeeklyOrdersMad = mad });
        desk.Order("O", 30_000);
        Assert.Equal(fires, desk.Signals("EW-23").Count());
    }

    [Theory]
    [InlineData(14_448, 0)]
    [InlineData(14_447, 1)]
    public void Surge_ends_below_two_deviations(long left, int ends)
    {
        // 2 × 1.4826 × 1,500 = 4,447.8 above the median of 10,000.
        var desk = new Desk(limit: 100_000, riskFollows: false);
        desk.Tell(new PortfolioMeasured { AsOn = desk.Book.Today, Receivables = 1, WeeklyOrders = 10_000, WeeklyOrdersMad = 1_500 });
        desk.Order("O1", 30_000);
        desk.Days(Tale.Text(desk.Book.Today + 1), Tale.Text(desk.Book.Today + 3));
        desk.Order("O2", left);
        desk.Days(Tale.Text(desk.Book.Today + 1), Tale.Text(desk.Book.Today + 4));
        desk.Wait(61);
        Assert.Equal((1, ends), (desk.Signals("EW-23").Count(), desk.Signals("EW-23", SignalChanged.Resolved).Count()));
    }

    [Fact]
    public void Surge_of_who_is_late_is_high()
    {
        var desk = new Desk(limit: 10_000_000, riskFollows: false);
        desk.Tell(new PortfolioMeasured { AsOn = desk.Book.Today, Receivables = 1, WeeklyOrders = 10_000, WeeklyOrdersMad = 1_500 });
        desk.Tell(new InvoicePosted { InvoiceId = "I", Amount = 50_000, Currency = Eur, IssuedOn = desk.Book.Today - 60, DueOn = desk.Book.Today - 16 });
        desk.Order("O", 1_000_000);
        Assert.Equal(Severity.High, desk.Signals("EW-23").Single().Severity);
    }

    [Theory]
    [InlineData(0, 8, 1, 0)]
    [InlineData(0, 9, 1, 1)]
    [InlineData(2, 0, 0, 0)]
    [InlineData(1, 0, 1, 0)]
    public void Part_payments_are_unusual_against_a_tenth_of_the_year_before_and_end_at_fifteen_percent(int partsBefore, int whole, int fires, int ends)
    {
        var (tale, day) = (new Tale(), Base);
        void Invoices(int count, bool isPart)
        {
            for (var i = 0; i < count; i++) tale.Pay(tale.Invoice((day += 3) - 30, day), day, isPart ? 20_000 : 50_000);
        }

        // Ten of the year before, of which one or two were paid in parts; six whole and four in parts; and whole ones again.
        Invoices(partsBefore, isPart: true);
        Invoices(10 - partsBefore + 6, isPart: false);
        Invoices(4, isPart: true);
        Invoices(whole, isPart: false);
        var desk = tale.Told();
        Assert.Equal((fires, ends), (desk.Signals("EW-26").Count(), desk.Signals("EW-26", SignalChanged.Resolved).Count()));
    }

    [Theory]
    [InlineData(1_000_000, 1)]
    [InlineData(1_000_001, 0)]
    public void Exposure_that_no_cover_takes_concentrates_without_an_invoice(long uncovered, int fires)
    {
        _desk.Order("O", 100_000);
        _desk.Tell(new PortfolioMeasured { AsOn = 1, Receivables = 0, UncoveredEad = uncovered, OverdueShareBp = 5_000 });
        while (_desk.Book.SweepPending) _desk.Tell(new SweepDue { FromSlot = _desk.Book.SweepFrom });
        Assert.Equal(fires, Raised("EW-27"));
    }

    [Theory]
    [InlineData("nothing", 1)]
    [InlineData("an item", 0)]
    [InlineData("all that is due", 0)]
    [InlineData("the oldest two", 0)]
    public void Round_sum_that_fits_a_debt_is_none(string fits, int fires)
    {
        (long Amount, int Due)[] owed = fits switch
        {
            "an item" => [(70_001, -1), (300_000, 20)],
            // Eleven items: the oldest ten together are another sum.
            "all that is due" => [(10_000, -1), .. Enumerable.Repeat((29_000L, -1), 10)],
            "the oldest two" => [(100_001, 10), (199_999, 20), (55_555, 30)],
            _ => [(70_001, -1), (300_001, 20)],
        };
        for (var i = 0; i < owed.Length; i++) Owe("I" + i, owed[i].Amount, owed[i].Due);
        _desk.Pay("R1", 900_000);
        _desk.Pay("R2", 300_000);
        Until(4);
        Assert.Equal(fires, Raised("EW-28"));
    }

    [Theory]
    [InlineData(2, 0, 0, 0)]
    [InlineData(3, 0, 1, 0)]
    [InlineData(3, 1, 1, 0)]
    [InlineData(3, 2, 1, 1)]
    public void Discount_is_lost_three_times_and_back_when_it_is_taken_twice(int lost, int taken, int fires, int ends)
    {
        var (tale, day) = (new Tale(), Base);
        void Discounted(int count, bool takes)
        {
            for (var i = 0; i < count; i++) tale.Pay(tale.Invoice((day += 5) - 10, day + 20, discountBp: 300), day, takes ? 48_500 : 50_000, takes ? 1_500 : 0);
        }

        Discounted(11, takes: true);
        Discounted(lost, takes: false);
        Discounted(taken, takes: true);
        var desk = tale.Told();
        Assert.Equal((fires, ends), (desk.Signals("EW-29").Count(), desk.Signals("EW-29", SignalChanged.Resolved).Count()));
    }

    [Theory]
    [InlineData(9, 1)]
    [InlineData(10, 0)]
    public void Disputes_of_a_month_are_more_than_three_times_those_of_the_year_before(int invoices, int fires)
    {
        // Two of thirty before, a fifteenth; two of ten are three times as many, two of nine more.
        var tale = new Tale();
        for (var i = 0; i < 30; i++) tale.Invoice(i * 10, i * 10 + 500);
        void Disputed(string id, string item, int day) => tale.On(day, () => new DisputeOpened { DisputeId = id, ItemId = item, Amount = 10, Currency = Eur, Reason = "price", OpenedOn = Tale.Start + day });
        Disputed("D1", "I1", 30);
        Disputed("D2", "I2", 31);
        var recent = Enumerable.Range(0, invoices).Select(i => tale.Invoice(Base + i, Base + 300)).ToList();
        Disputed("D3", recent[0], Base + 12);
        Disputed("D4", recent[1], Base + 13);
        Assert.Equal(fires, tale.Told().Signals("EW-34").Count());
    }

    [Fact]
    public void Account_among_the_last_eight_is_known()
    {
        void Paid(int account) => _desk.Tell(new PaymentReceived { PaymentId = "P" + _desk.LastEntry, Amount = 77, Currency = Eur, ValueOn = Today, Cleared = true, Method = PaymentMethod.Transfer, PayerAccount = "DE" + account });
        void Acknowledged() => _desk.Tell(new CloseSignal { Indicator = "EW-35", About = "ACCOUNT", Reason = "known", Actor = "kim" });
        for (var account = 0; account <= 8; account++) Paid(account);
        Acknowledged();
        Paid(1);
        Assert.Equal(1, Raised("EW-35"));
        // DE0 left when DE8 came.
        Paid(0);
        Assert.Equal(2, Raised("EW-35"));
    }

    [Theory]
    [InlineData(970_000, 1)]
    [InlineData(969_999, 0)]
    [InlineData(1_000_000, 1)]
    [InlineData(1_000_001, 0)]
    public void Order_that_ends_from_ninety_seven_percent_of_the_limit_up_to_all_of_it_hugs_it(long amount, int fires)
    {
        _desk.Rules(("step.020", 0), ("step.030", 2), ("signal.38.count", 1));
        _desk.Order("O", amount);
        Assert.Equal(fires, Raised("EW-38"));
    }

    [Theory]
    [InlineData(237_500, 1)]
    [InlineData(237_499, 0)]
    [InlineData(250_000, 1)]
    [InlineData(250_001, 0)]
    public void Order_just_below_the_largest_document_hugs_it(long amount, int fires)
    {
        _desk.Rules(("step.020", 2), ("maxDocumentBp", 2_500), ("signal.38.count", 1));
        _desk.Order("O", amount);
        Assert.Equal(fires, Raised("EW-38"));
    }

    [Fact]
    public void Days_to_pay_without_any_spread_before_are_taken_for_one_day_squared()
    {
        var tale = new Tale();
        for (var i = 0; i < 30; i++) tale.Settled(Base + i * 4, 0);
        for (var i = 30; i < 40; i++) tale.Settled(Base + i * 4, i % 2 * 3);
        // Variance of 0 and 3 days, five times each: 2.5 day².
        Assert.Empty(tale.Told().Signals("EW-39"));
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(6, 1)]
    public void Days_to_pay_are_erratic_until_they_spread_less_than_twice_as_wide(int even, int ends)
    {
        // F is 4.44 behind the tenth payment of 0 or 4 days; 2.07 and 1.32 when five and six of one day have followed.
        var tale = new Tale();
        for (var i = 0; i < 30; i++) tale.Settled(Base + i * 4, i % 3);
        for (var i = 30; i < 40; i++) tale.Settled(Base + i * 4, i % 2 * 4);
        for (var i = 40; i < 40 + even; i++) tale.Settled(Base + i * 4, 1);
        var desk = tale.Told();
        Assert.Equal((1, ends), (desk.Signals("EW-39").Count(), desk.Signals("EW-39", SignalChanged.Resolved).Count()));
    }

    [Theory]
    [InlineData(3_000, 1)]
    [InlineData(3_001, 0)]
    public void Credit_notes_are_more_than_three_times_those_of_the_year_before(long before, int fires)
    {
        // 9,003 of 100,000 in the quarter; before them 3.0 % of a year.
        var tale = new Tale();
        for (var i = 0; i < 24; i++) tale.Invoice(i * 15, i * 15 + 90, 100_000);
        tale.On(20, () => new CreditNoteIssued { CreditNoteId = "C0", Amount = before * 24, Currency = Eur, IssuedOn = Tale.Start + 20, Reason = "goodwill" });
        tale.Invoice(460, 500, 100_000);
        tale.On(465, () => new CreditNoteIssued { CreditNoteId = "C1", Amount = 9_003, Currency = Eur, IssuedOn = Tale.Start + 465, Reason = "goodwill" });
        Assert.Equal(fires, tale.Told().Signals("EW-40").Count());
    }

    [Theory]
    [InlineData(79_999, 0)]
    [InlineData(80_000, 1)]
    public void Credit_notes_of_a_twentieth_of_the_invoices_end_it(long more, int ends)
    {
        var tale = new Tale();
        for (var i = 0; i < 24; i++) tale.Invoice(i * 15, i * 15 + 90, 100_000);
        tale.Invoice(460, 500, 100_000);
        tale.On(465, () => new CreditNoteIssued { CreditNoteId = "C", Amount = 9_000, Currency = Eur, IssuedOn = Tale.Start + 465, Reason = "goodwill" });
        tale.Invoice(466, 500, more);
        var desk = tale.Told();
        Assert.Equal((1, ends), (desk.Signals("EW-40").Count(), desk.Signals("EW-40", SignalChanged.Resolved).Count()));
    }

    [Theory]
    [InlineData(89, 1)]
    [InlineData(90, 0)]
    public void Customer_of_ninety_days_is_not_new(int age, int fires)
    {
        var desk = new Desk(limit: 100_000, since: On("2026-03-02") - age);
        desk.Order("O", 90_000);
        Assert.Equal(fires, desk.Signals("EW-41").Count());
    }
}
