using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests.Catalogue;

/// <summary>Thresholds of the catalogue to the last unit: what just fires, and what just does not.</summary>
public sealed class Edges
{
    private readonly Desk _desk = new(limit: 1_000_000, riskFollows: false);

    private int Today => _desk.Book.Today;

    private int Raised(string indicator) => _desk.Signals(indicator).Count();

    private void Use(long amount) => _desk.Tell(new ExternalExposureReported { System = "erp", Amount = amount, Currency = Eur, AsOn = Today });

    private void Until(string date) => _desk.Days(Tale.Text(Today + 1), date);

    [Theory]
    [InlineData(50_000, 0)]
    [InlineData(50_001, 1)]
    public void Order_that_enters_the_horizon_and_fills_the_limit_to_the_cent_fits(long amount, int fires)
    {
        Use(950_000);
        _desk.Order("far", amount, Tale.Text(Today + 65));
        Assert.Equal(fires, Raised("EW-13"));
    }

    [Theory]
    [InlineData(7_001, 0)]
    [InlineData(7_000, 1)]
    public void Ten_points_lost_within_a_month_fire(int score, int fires)
    {
        _desk.Book.KeepScore(0, 8_000);
        Until("2026-03-03");
        _desk.Book.KeepScore(0, score);
        Until("2026-03-04");
        Assert.Equal(fires, Raised("EW-14"));
        if (fires == 1) Assert.Equal((1_000, 1_000, Severity.Medium), (_desk.Signals("EW-14").Single().Value, _desk.Signals("EW-14").Single().Threshold, _desk.Signals("EW-14").Single().Severity));
    }

    [Fact]
    public void Points_that_were_lost_slowly_are_no_fall_of_a_month()
    {
        for (var i = 0; i < 10; i++)
        {
            _desk.Book.KeepScore(0, 8_400 - i * 100);
            Until(Tale.Text(Today + 5));
        }

        Assert.Equal(0, Raised("EW-14"));
    }

    [Fact]
    public void Score_below_forty_is_high_until_it_was_above_for_a_month()
    {
        void Scored(int score)
        {
            _desk.Book.KeepScore(0, score);
            Until(Tale.Text(Today + 1));
            _desk.Wait(61);
        }

        Scored(4_000);
        Assert.Equal(0, Raised("EW-14"));
        Scored(3_999);
        Assert.Equal((Severity.High, 3_999, 4_000), (_desk.Signals("EW-14").Single().Severity, _desk.Signals("EW-14").Single().Value, _desk.Signals("EW-14").Single().Threshold));
        _desk.Restart();
        Scored(4_100);
        Until(Tale.Text(Today + 29));
        _desk.Wait(61);
        Assert.Empty(_desk.Signals("EW-14", SignalChanged.Resolved));
        Until(Tale.Text(Today + 1));
        _desk.Wait(61);
        Assert.Single(_desk.Signals("EW-14", SignalChanged.Resolved));
    }

    [Fact]
    public void Grade_of_a_person_falls_by_a_notch_and_counts_before_there_is_a_score()
    {
        void Graded(string grade, int staleAt = 0) =>
            _desk.Tell(new RatingOverridden { Grade = grade, StaleAt = staleAt, Reason = "new owner", By = "kim", ApprovedBy = ["lee"] });
        Graded("B");
        Until("2026-03-05");
        Graded("A");
        Assert.Equal(0, Raised("EW-14"));
        Until("2026-03-06");
        Graded("B");
        Assert.Equal((Severity.Medium, 1), (_desk.Signals("EW-14").Single().Severity, _desk.Signals("EW-14").Single().Value));
        Graded("E");
        Assert.Equal(Severity.High, _desk.Signals("EW-14").Last().Severity);
        Graded("watch list");
        Assert.Equal(2, Raised("EW-14"));
    }

    [Fact]
    public void Rating_that_is_confirmed_is_no_fall()
    {
        void Rate(string value, int ago) => _desk.Tell(new RatingReceived { Agency = "SP", Value = value, RatedOn = Today - ago });
        Rate("BBB", 20);
        Rate("BBB", 10);
        Assert.Equal(0, Raised("EW-15"));
        Rate("BBB-", 5);
        Assert.Equal(1, Raised("EW-15"));
    }

    [Theory]
    [InlineData(180, 0)]
    [InlineData(181, 1)]
    public void Rating_is_old_after_a_hundred_and_eighty_days(int age, int fires)
    {
        _desk.Tell(new RatingReceived { Agency = "SP", Value = "BBB", RatedOn = Today - age });
        Assert.Equal(fires, Raised("EW-15"));
    }

    [Theory]
    [InlineData(750, 0)]
    [InlineData(740, 1)]
    public void Fall_of_Z_by_half_a_point_inside_a_zone(long sales, int fires)
    {
        void File(string end, long of) => _desk.Tell(new FinancialStatementFiled
        {
            PeriodEnd = On(end), Currency = Eur, Manufacturer = true, TotalAssets = 300, CurrentAssets = 150, CurrentLiabilities = 75, TotalLiabilities = 150, RetainedEarnings = 90, Ebit = 30, Sales = of, BookEquity = 150,
        });
        // 0.998 × 150 ÷ 300 = 0.499 and 0.998 × 160 ÷ 300 = 0.532.
        File("2024-12-31", 900);
        File("2025-12-31", sales);
        Assert.Equal(fires, Raised("EW-16"));
    }

    [Theory]
    [InlineData(31, 0)]
    [InlineData(30, 1)]
    public void Cover_that_ends_in_thirty_days(int left, int fires)
    {
        _desk.Tell(new CoverGranted { CoverId = "K", Version = 1, Kind = CoverKind.Insurance, Provider = "i", Amount = 100_000, Currency = Eur, InsuredBp = 9_000, From = Today - 100, To = Today + left, Use = CoverUse.ReducesRisk });
        Assert.Equal(fires, Raised("EW-17"));
    }

    [Fact]
    public void Review_is_told_on_the_day_behind_its_date_and_again_on_the_thirty_first()
    {
        _desk.Tell(new ReviewCompleted { ReviewedOn = Today, NextOn = On("2026-03-05"), By = "kim" });
        Until("2026-03-05");
        Use(1);
        Assert.Equal(0, Raised("EW-18"));
        Until("2026-04-04");
        Use(2);
        Assert.Equal([Severity.Low], _desk.Signals("EW-18").Select(s => s.Severity));
        Until("2026-04-05");
        Assert.Equal([Severity.Low, Severity.Medium], _desk.Signals("EW-18").Select(s => s.Severity));
    }

    [Theory]
    [InlineData(17, 42, 0)]
    [InlineData(17, 43, 1)]
    [InlineData(91, 78, 1)]
    [InlineData(91, 79, 2)]
    public void Smoothed_days_late_exactly_seven_and_twenty_above_the_median(int first, int second, int steps)
    {
        var tale = new Tale();
        for (var i = 0; i < 20; i++) tale.Settled(400 + i * 5, 2);
        tale.Settled(500, first);
        tale.Settled(505, second);
        Assert.Equal(steps, tale.Told().Signals("EW-20").Count());
    }

    [Theory]
    [InlineData(64, 0)]
    [InlineData(80, 1)]
    public void Who_never_paid_evenly_is_slower_only_beyond_three_deviations(int late, int fires)
    {
        // Median 3 and MAD 3: eight days above are more than seven, and less than three deviations.
        var tale = new Tale();
        for (var i = 0; i < 20; i++) tale.Settled(400 + i * 5, i % 3 * 3);
        tale.Settled(500, late);
        Assert.Equal(fires, tale.Told().Signals("EW-20").Count());
    }

    [Theory]
    [InlineData(24_999, 0)]
    [InlineData(25_000, 1)]
    public void Week_of_two_and_a_half_times_the_usual_one(long week, int fires)
    {
        var desk = new Desk(limit: 100_000);
        desk.Tell(new PortfolioMeasured { AsOn = desk.Book.Today, Receivables = 1, WeeklyOrders = 10_000, WeeklyOrdersMad = 1_500 });
        desk.Order("O1", week);
        Assert.Equal(fires, desk.Signals("EW-23").Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Portfolio_that_is_measured_anew_judges_no_week_before_the_next_order_whether_a_service_was_started_again_or_not(bool restart)
    {
        var desk = new Desk(limit: 100_000);
        void Measured(long weekly)
        {
            desk.Tell(new PortfolioMeasured { AsOn = desk.Book.Today, Receivables = 1, WeeklyOrders = weekly, WeeklyOrdersMad = 10 });
            while (desk.Book.SweepPending) desk.Tell(new SweepDue { FromSlot = desk.Book.SweepFrom });
        }

        Measured(20_000);
        desk.Order("O1", 25_000);
        Measured(10_000);
        if (restart) desk.Restart();
        desk.Pay("touch", 1);
        Assert.Empty(desk.Signals("EW-23"));
        desk.Order("O2", 1);
        Assert.Single(desk.Signals("EW-23"));
    }

    [Theory]
    [InlineData(14, 1)]
    [InlineData(15, 0)]
    public void Surge_fourteen_days_behind_the_lateness_belongs_to_it(int days, int fires)
    {
        var desk = new Desk(limit: 100_000_000, riskFollows: false);
        desk.Rules(("signal.05.high", 9_999));
        desk.Tell(new PortfolioMeasured { AsOn = desk.Book.Today, Receivables = 1, WeeklyOrders = 1_000_000, WeeklyOrdersMad = 1_500 });
        desk.Tell(new InvoicePosted { InvoiceId = "I", Amount = 50_000, Currency = Eur, IssuedOn = desk.Book.Today - 60, DueOn = desk.Book.Today - 16 });
        Assert.Single(desk.Signals("EW-05"));
        desk.Days(Tale.Text(desk.Book.Today + 1), Tale.Text(desk.Book.Today + days));
        desk.Order("O", 20_000_000);
        Assert.Single(desk.Signals("EW-23"));
        Assert.Equal(fires, desk.Signals("EW-24").Count());
    }

    [Theory]
    [InlineData(20_000, 0)]
    [InlineData(19_999, 1)]
    public void Month_of_exactly_a_fifth_of_the_twelve_before_is_not_thin(long month, int fires)
    {
        var tale = new Tale();
        // One order a month on its second day, from March 2026 to February 2027; then three thin months.
        string[] days = ["2026-03-03", "2026-04-02", "2026-05-02", "2026-06-02", "2026-07-02", "2026-08-02", "2026-09-02", "2026-10-02", "2026-11-02", "2026-12-02", "2027-01-02", "2027-02-02"];
        foreach (var day in days) tale.Order(On(day) - Tale.Start, 100_000);
        tale.Order(On("2027-03-02") - Tale.Start, month);
        foreach (var day in (string[])["2027-04-02", "2027-05-02"]) tale.Order(On(day) - Tale.Start, 1_000);
        // The months are complete on the first of June; the next usual order is not missing yet.
        tale.Order(On("2027-06-01") - Tale.Start, 1_000);
        Assert.Equal(fires, tale.Told(days: 1).Signals("EW-25").Count());
    }

    [Theory]
    [InlineData("1.05", 0)]
    [InlineData("1.0501", 1)]
    public void Rate_that_moves_the_exposure_by_more_than_a_twentieth(string rate, int fires)
    {
        var desk = new Desk(limit: 10_000_000);
        desk.Rate("USD", "1", "2026-03-02");
        desk.Tell(new ExternalExposureReported { System = "erp", Amount = 1_000_000, Currency = Currency.Parse("USD"), AsOn = desk.Book.Today });
        desk.Rate("USD", rate, "2026-03-03");
        while (desk.Book.SweepPending) desk.Tell(new SweepDue { FromSlot = desk.Book.SweepFrom });
        Assert.Equal(fires, desk.Signals("EW-30").Count());
    }

    [Theory]
    [InlineData(18_100, 0)]
    [InlineData(18_099, 1)]
    public void Least_balance_of_exactly_half_of_the_average_clears_enough(long usual, int fires)
    {
        // Ninety days at the usual balance and one at 9,000: 90 × 18,100 + 9,000 are 91 × 18,000.
        _desk.Days("2026-03-03", "2026-03-08");
        _desk.Invoice("stays", 9_000, "2027-03-01");
        _desk.Invoice("first", usual - 9_000, "2027-03-01");
        _desk.Days("2026-03-09", "2026-04-15");
        _desk.Pay("P", usual - 9_000);
        _desk.Allocate("A", "P", "first", usual - 9_000);
        _desk.Days("2026-04-16", "2026-04-16");
        _desk.Invoice("second", usual - 9_000, "2027-03-01");
        _desk.Days("2026-04-17", "2026-06-08");
        Assert.Equal(fires, Raised("EW-37"));
    }

    [Theory]
    [InlineData(60, 1)]
    [InlineData(61, 0)]
    public void Item_older_than_sixty_days_that_is_settled_shows_that_old_debt_is_paid(int age, int fires)
    {
        _desk.Days("2026-03-03", "2026-03-08");
        _desk.Invoice("stays", 100_000, "2027-03-01");
        _desk.Days("2026-03-09", "2026-05-01");
        _desk.Tell(new InvoicePosted { InvoiceId = "old", Amount = 100, Currency = Eur, IssuedOn = Today - age, DueOn = On("2027-03-01") });
        _desk.Pay("P", 100);
        _desk.Allocate("A", "P", "old", 100);
        _desk.Days("2026-05-02", "2026-06-08");
        Assert.Equal(fires, Raised("EW-37"));
    }

    [Theory]
    [InlineData(8_000, 0)]
    [InlineData(8_001, 1)]
    public void Credit_notes_above_eight_percent_of_a_quarter(long credited, int fires)
    {
        var tale = new Tale();
        for (var i = 0; i < 24; i++) tale.Invoice(i * 15, i * 15 + 90, 100_000);
        tale.Invoice(460, 500, 100_000);
        tale.On(465, () => new CreditNoteIssued { CreditNoteId = "C", Amount = credited, Currency = Eur, IssuedOn = Tale.Start + 465, Reason = "goodwill" });
        Assert.Equal(fires, tale.Told().Signals("EW-40").Count());
    }

    [Theory]
    [InlineData(80_000, 0)]
    [InlineData(80_001, 1)]
    public void New_customer_who_uses_more_than_four_fifths(long used, int fires)
    {
        var desk = new Desk(limit: 100_000, since: On("2026-03-01"));
        desk.Order("O", used);
        Assert.Equal(fires, desk.Signals("EW-41").Count());
    }

    [Theory]
    [InlineData(15, 0, 0)]
    [InlineData(16, 1, 0)]
    [InlineData(30, 1, 0)]
    [InlineData(31, 1, 1)]
    public void Invoice_is_told_when_it_is_more_than_fifteen_and_more_than_thirty_days_past_due(int days, int oldest, int pastDue)
    {
        _desk.Tell(new InvoicePosted { InvoiceId = "I", Amount = 50_000, Currency = Eur, IssuedOn = Today - 60, DueOn = Today - days });
        Assert.Equal((oldest, pastDue), (Raised("EW-05"), Raised("EW-10")));
    }

    [Theory]
    [InlineData(8, Severity.Low)]
    [InlineData(7, Severity.Medium)]
    public void Limit_that_ends_in_seven_days(int days, Severity severity)
    {
        _desk.Tell(new LimitSet { Version = 9, Currency = Eur, Steps = [new LimitStep { From = 1, To = Today + days, Kind = LimitKind.Amount, Amount = 10_000 }] });
        Assert.Equal(severity, _desk.Signals("EW-11").Single().Severity);
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(4, 1)]
    public void Days_to_pay_that_spread_less_than_four_times_as_wide_are_not_erratic(int late, int fires)
    {
        var tale = new Tale();
        for (var i = 0; i < 30; i++) tale.Settled(400 + i * 4, i % 3);
        for (var i = 30; i < 40; i++) tale.Settled(400 + i * 4, i % 2 * late);
        Assert.Equal(fires, tale.Told().Signals("EW-39").Count());
    }

    [Fact]
    public void Gap_of_one_and_a_half_times_the_usual_one_is_no_silence_yet()
    {
        var tale = new Tale();
        for (var i = 0; i < 10; i++) tale.Order(i * 7, 1_000);
        // An invoice that is past due for the first time makes the day on which everything is looked at.
        tale.Invoice(1, 63 + 9);
        Assert.Empty(tale.Told(days: 73 - 63).Signals("EW-25"));
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void Round_sum_has_three_days_to_be_used(bool used, int fires)
    {
        _desk.Invoice("I", 777_000, "2026-06-01");
        _desk.Pay("R1", 500_000);
        _desk.Pay("R2", 800_000);
        Until("2026-03-05");
        // All are looked at on the third day; what is used in its evening was used in time.
        Use(1);
        if (used) _desk.Allocate("A", "R2", "I", 777_000);
        Until("2026-03-06");
        Assert.Equal(fires, Raised("EW-28"));
    }

    [Theory]
    [InlineData(200, 0)]
    [InlineData(201, 1)]
    public void Lawsuit_of_more_than_a_fifth_of_the_net_assets(long amount, int fires)
    {
        _desk.Tell(new FinancialStatementFiled { PeriodEnd = Today - 60, Currency = Eur, TotalAssets = 3_000, CurrentAssets = 1_500, CurrentLiabilities = 700, TotalLiabilities = 2_000, BookEquity = 1_000 });
        _desk.Tell(new ExternalSignalReceived { SignalId = "court", Kind = ExternalSignalKind.Lawsuit, Severity = Severity.Medium, Amount = amount, Currency = Eur, HappenedOn = Today });
        Assert.Equal(fires, Raised("EW-42"));
    }

    [Theory]
    [MemberData(nameof(OfTheJournal))]
    public void Signal_of_the_journal_is_resolved_and_never_taken_back(string indicator)
    {
        var scene = Scenes.Of(indicator);
        scene.Open();
        scene.Fires();
        Assert.Single(scene.Desk.Signals(indicator));
        // A fact of days ago, known today: what was told stays told.
        scene.Desk.Tell(new PaymentReceived { PaymentId = "late", Amount = 1, Currency = Eur, ValueOn = scene.Today - 5, Cleared = false });
        Assert.Empty(scene.Desk.Signals(indicator, SignalChanged.Retracted));
    }

    /// <summary>Those whose firing follows the order of the journal (credit.md row 50), but for the group's.</summary>
    public static TheoryData<string> OfTheJournal => ["EW-01", "EW-02", "EW-03", "EW-04", "EW-07", "EW-08", "EW-09", "EW-12", "EW-13", "EW-14", "EW-15", "EW-24", "EW-25", "EW-27", "EW-28", "EW-30", "EW-33", "EW-35", "EW-36", "EW-37", "EW-38"];
}
