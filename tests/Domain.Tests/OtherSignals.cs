using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Indicators that follow the order of the journal, and the edges of those that come from outside.</summary>
public sealed class OtherSignals
{
    private readonly Desk _desk = new(limit: 1_000_000, day: "2026-03-02");

    private int Today => _desk.Book.Today;

    private int Raised(string indicator) => _desk.Signals(indicator).Count();

    private int Ended(string indicator) => _desk.Signals(indicator, SignalChanged.Resolved).Count();

    [Fact]
    public void Dunning_level_three_fires_and_ends_when_only_level_one_is_left()
    {
        _desk.Invoice("I1", 10_000);
        _desk.Invoice("I2", 10_000);
        void Remind(string id, string item, int level) => _desk.Tell(new DunningSent { DunningId = id, Items = [item], Level = level, SentOn = Today });
        Remind("D1", "I1", 2);
        Remind("D2", "I2", 1);
        Assert.Equal(0, Raised("EW-08"));
        Remind("D3", "I1", 3);
        Assert.Equal((Severity.High, 3, 3), (_desk.Signals("EW-08").Single().Severity, _desk.Signals("EW-08").Single().Value, _desk.Signals("EW-08").Single().Threshold));
        _desk.Pay("P", 10_000);
        _desk.Allocate("A", "P", "I1", 10_000);
        _desk.Wait(61);
        Assert.Equal((1, 1), (Raised("EW-08"), Ended("EW-08")));
    }

    [Fact]
    public void Ageing_migration_counts_what_moved_within_seven_days_and_is_open()
    {
        _desk.Rules(("signal.09.bucket", 1));
        _desk.Invoice("big", 85_000, "2026-06-01");
        _desk.Invoice("I1", 15_000, "2026-03-04");
        _desk.Day("2026-03-05");
        Assert.Equal(0, Raised("EW-09"));
        _desk.Invoice("I2", 1_000, "2026-03-05");
        _desk.Day("2026-03-06");
        Assert.Equal(Severity.Medium, _desk.Signals("EW-09").Single().Severity);
        _desk.Restart();
        _desk.Days("2026-03-07", "2026-03-13");
        _desk.Wait(61);
        Assert.Equal((1, 1), (Raised("EW-09"), Ended("EW-09")));
        // The next worse bucket, thirty days on.
        _desk.Days("2026-03-14", "2026-04-05");
        Assert.Equal(2, Raised("EW-09"));
    }

    [Fact]
    public void Falling_overdue_is_no_migration_unless_the_policy_says_so()
    {
        _desk.Invoice("I1", 15_000, "2026-03-04");
        _desk.Days("2026-03-05", "2026-04-03");
        Assert.Equal(0, Raised("EW-09"));
        _desk.Day("2026-04-04");
        Assert.Equal(1, Raised("EW-09"));
    }

    [Fact]
    public void Rating_that_falls_and_rating_that_is_old()
    {
        void Rate(string value, string on) => _desk.Tell(new RatingReceived { Agency = "SP", Scale = "long", Value = value, RatedOn = On(on) });
        Rate("BBB", "2026-01-05");
        Rate("BBB+", "2026-02-05");
        Assert.Equal(0, Raised("EW-15"));
        Rate("BB-", "2026-03-02");
        Assert.Equal((Severity.Medium, "SP"), (_desk.Signals("EW-15").Single().Severity, _desk.Signals("EW-15").Single().About));
        _desk.Day("2026-03-03");
        Rate("BB", "2026-03-03");
        Assert.Equal(1, Ended("EW-15"));
        _desk.Days("2026-03-04", "2026-08-30");
        _desk.Pay("touch", 1);
        Assert.Equal(1, Raised("EW-15"));
        _desk.Day("2026-08-31");
        Assert.Equal((2, 181), (Raised("EW-15"), _desk.Signals("EW-15").Last().Value));
    }

    [Fact]
    public void Scale_of_an_agency_may_stand_in_the_policy()
    {
        _desk.Rules(("rating/Risk-1/rank", 9), ("rating/Risk-2/rank", 4));
        _desk.Tell(new RatingReceived { Agency = "X", Value = "Risk-1", RatedOn = Today - 9 });
        _desk.Tell(new RatingReceived { Agency = "X", Value = "Risk-2", RatedOn = Today });
        Assert.Equal(1, Raised("EW-15"));
    }

    [Fact]
    public void Altman_into_distress_is_high_and_a_fall_inside_a_zone_is_told_too()
    {
        void File(string end, long sales) => _desk.Tell(new FinancialStatementFiled
        {
            PeriodEnd = On(end), Currency = Eur, Manufacturer = true, TotalAssets = 300, CurrentAssets = 150, CurrentLiabilities = 75, TotalLiabilities = 150, RetainedEarnings = 90, Ebit = 30, Sales = sales, BookEquity = 150,
        });
        File("2023-12-31", 900);
        File("2024-06-30", 700);
        Assert.Equal((1, Severity.Medium), (Raised("EW-16"), _desk.Signals("EW-16").Last().Severity));
        File("2024-12-31", 800);
        _desk.Wait(61);
        Assert.Equal(1, Ended("EW-16"));
        File("2025-12-31", 10);
        Assert.Equal(Severity.High, _desk.Signals("EW-16").Last().Severity);
        File("2026-01-31", 5);
        Assert.Equal(2, Raised("EW-16"));
    }

    [Fact]
    public void Cover_that_is_cut_is_lost_until_it_is_back()
    {
        CoverTermsFact Terms(CoverTermsFact f, long amount, long version)
        {
            (f.CoverId, f.Version, f.Kind, f.Provider, f.Amount, f.Currency, f.InsuredBp, f.From, f.To) = ("K", version, CoverKind.Insurance, "insurer", amount, Eur, 9_000, On("2026-01-01"), On("2027-12-31"));
            f.Use = CoverUse.ReducesRisk;
            return f;
        }

        _desk.Tell(Terms(new CoverGranted(), 100_000, 1));
        _desk.Tell(Terms(new CoverChanged(), 100_000, 2));
        Assert.Equal(0, Raised("EW-17"));
        _desk.Tell(Terms(new CoverChanged(), 99_999, 3));
        Assert.Equal(("K", Severity.High), (_desk.Signals("EW-17").Single().About, _desk.Signals("EW-17").Single().Severity));
        _desk.Tell(Terms(new CoverChanged(), 100_000, 4));
        Assert.Equal(1, Ended("EW-17"));
        _desk.Tell(new CoverStopped { CoverId = "K", Version = 1, StoppedOn = Today, Reason = "buyer stop" });
        Assert.Equal(2, Raised("EW-17"));
    }

    [Fact]
    public void Longest_extension_period_is_near_ten_days_before_its_end()
    {
        _desk.Tell(new CoverGranted { CoverId = "K", Version = 1, Kind = CoverKind.Insurance, Provider = "i", Amount = 100_000, Currency = Eur, InsuredBp = 9_000, From = On("2026-01-01"), To = On("2027-12-31"), Use = CoverUse.ReducesRisk, MepDays = 30 });
        _desk.Invoice("I", 50_000, "2026-03-02");
        _desk.Days("2026-03-03", "2026-03-21");
        Assert.Equal(0, Raised("EW-17"));
        _desk.Day("2026-03-22");
        Assert.Equal(1, Raised("EW-17"));
    }

    [Fact]
    public void Review_is_overdue_from_the_day_behind_its_date_and_more_so_after_thirty()
    {
        _desk.Tell(new ReviewCompleted { ReviewedOn = Today, NextOn = On("2026-03-05"), By = "kim" });
        _desk.Days("2026-03-03", "2026-03-05");
        _desk.Pay("touch", 1);
        Assert.Equal(0, Raised("EW-18"));
        _desk.Days("2026-03-06", "2026-04-05");
        Assert.Equal([Severity.Low, Severity.Medium], _desk.Signals("EW-18").Select(s => s.Severity));
        _desk.Tell(new ReviewCompleted { ReviewedOn = Today, NextOn = On("2027-03-05"), By = "kim" });
        _desk.Wait(61);
        Assert.Equal(2, Ended("EW-18"));
    }

    [Theory]
    [InlineData(100, 0)]
    [InlineData(101, 1)]
    public void Difference_of_more_than_one_percent_is_disputed(long differs, int fires)
    {
        _desk.Tell(new StatementSent { StatementId = "S", PeriodFrom = 1, PeriodTo = 2, Closing = 10_000, Currency = Eur });
        _desk.Tell(new StatementAnswered { StatementId = "S", Answer = StatementAnswer.Differences, Differences = [new StatementDifference { DocId = "I", Ours = 500, Theirs = 500 - differs }] });
        Assert.Equal(fires, Raised("EW-22"));
        _desk.Tell(new StatementAnswered { StatementId = "S", Answer = StatementAnswer.Agreed });
        _desk.Wait(61);
        Assert.Equal(fires, Ended("EW-22"));
    }

    [Fact]
    public void No_order_for_much_longer_than_the_usual_gap_is_silence_and_two_normal_orders_end_it()
    {
        var tale = new Tale();
        for (var i = 0; i < 10; i++) tale.Order(i * 7, 1_000);
        var patient = tale.Told(days: 10);
        patient.Pay("touch", 1);
        Assert.Empty(patient.Signals("EW-25"));
        Assert.Equal(Severity.Medium, tale.Told(days: 11).Signals("EW-25").Single().Severity);
        tale.Order(80, 1_000);
        Assert.Empty(tale.Told(days: 1).Signals("EW-25", SignalChanged.Resolved));
        tale.Order(87, 1_000);
        Assert.Single(tale.Told(days: 1).Signals("EW-25", SignalChanged.Resolved));
    }

    [Fact]
    public void Three_months_of_hardly_any_orders_are_silence()
    {
        var tale = new Tale();
        for (var month = 0; month < 13; month++) tale.Order(month * 30, 100_000);
        for (var week = 0; week < 20; week++) tale.Order(400 + week * 7, 1_000);
        Assert.Single(tale.Told().Signals("EW-25"));
    }

    [Fact]
    public void Round_sums_on_account_fit_no_debt_and_stay_for_three_days()
    {
        _desk.Invoice("I1", 300_000, "2026-02-01");
        _desk.Pay("fits", 300_000);
        _desk.Pay("R1", 500_000);
        _desk.Pay("odd", 500_001);
        _desk.Days("2026-03-03", "2026-03-06");
        Assert.Equal(0, Raised("EW-28"));
        _desk.Pay("R2", 800_000);
        _desk.Pay("used", 700_000);
        _desk.Invoice("I2", 900_000, "2026-06-01");
        _desk.Allocate("A", "used", "I2", 700_000);
        _desk.Days("2026-03-07", "2026-03-09");
        Assert.Equal(0, Raised("EW-28"));
        _desk.Day("2026-03-10");
        Assert.Equal((Severity.Low, 2), (_desk.Signals("EW-28").Single().Severity, _desk.Signals("EW-28").Single().Value));
        _desk.Days("2026-03-11", "2026-05-10");
        _desk.Wait(61);
        Assert.Equal(1, Ended("EW-28"));
    }

    [Fact]
    public void Concentration_is_a_share_of_the_measured_portfolio()
    {
        void Measured(int day, long receivables)
        {
            _desk.Tell(new PortfolioMeasured { AsOn = day, Receivables = receivables, OverdueShareBp = 5_000 });
            while (_desk.Book.SweepPending) _desk.Tell(new SweepDue { FromSlot = _desk.Book.SweepFrom });
        }

        _desk.Invoice("I", 100_000, "2026-06-01");
        Measured(1, 1_000_001);
        Assert.Equal(0, Raised("EW-27"));
        Measured(2, 1_000_000);
        Assert.Equal((Severity.Low, 1_000), (_desk.Signals("EW-27").Single().Severity, _desk.Signals("EW-27").Single().Value));
        Measured(3, 500_000);
        Assert.Equal(Severity.Medium, _desk.Signals("EW-27").Last().Severity);
        Measured(4, 1_200_000);
        _desk.Wait(61);
        Assert.Equal(1, Ended("EW-27"));
        Measured(5, 1_250_000);
        _desk.Wait(61);
        Assert.Equal(2, Ended("EW-27"));
        _desk.Days("2026-03-03", "2026-06-03");
        Measured(6, 1_000_000);
        Assert.Equal(Severity.High, _desk.Signals("EW-27").Last().Severity);
    }

    [Fact]
    public void Rate_that_lifts_the_exposure_over_a_step_is_told_as_such()
    {
        var desk = new Desk(limit: 100_000);
        desk.Rate("USD", "1", "2026-03-02");
        desk.Tell(new ExternalExposureReported { System = "erp", Amount = 65_000, Currency = Currency.Parse("USD"), AsOn = desk.Book.Today });
        desk.Rate("USD", "1.04", "2026-03-03");
        Sweep(desk);
        var told = Assert.Single(desk.Signals("EW-30"));
        // The use and the step that it crossed, and the amount beside them: a haircut of 5 % on 65,000 and 67,600.
        Assert.Equal((7_098, 7_000, 2_730), (told.Value, told.Threshold, told.Moved));
        desk.Tell(new ExternalExposureReported { System = "erp", Amount = 10_000, Currency = Currency.Parse("USD"), AsOn = desk.Book.Today });
        desk.Wait(61);
        Assert.Single(desk.Signals("EW-30", SignalChanged.Resolved));
        desk.Rate("USD", "1.09", "2026-03-04");
        Sweep(desk);
        Assert.Single(desk.Signals("EW-30"));
        desk.Rate("USD", "1.15", "2026-03-05");
        Sweep(desk);
        Assert.Equal(2, desk.Signals("EW-30").Count());
        told = desk.Signals("EW-30").Last();
        // No step, but 5.5 % more.
        Assert.Equal((550, 500, 630), (told.Value, told.Threshold, told.Moved));
        Assert.Equal(("bp", "minor"), (SignalUnits.Of("EW-30", told.Moved), SignalUnits.Of("EW-30", moved: 0)));
    }

    private static void Sweep(Desk desk)
    {
        while (desk.Book.SweepPending) desk.Tell(new SweepDue { FromSlot = desk.Book.SweepFrom });
    }

    [Fact]
    public void Longer_terms_are_asked_for_by_order_extension_or_letter()
    {
        _desk.Rules(("terms/N30/rank", 30), ("terms/N90/rank", 90));
        _desk.Tell(new TermsAssigned { Terms = "N30", NetDays = 30, Kind = TermsKind.Net, Rank = 30 });
        _desk.Tell(new OrderPlaced { OrderId = "O1", Amount = 100, Currency = Eur, OrderedOn = Today, ShipOn = Today + 5, Terms = "N30" });
        Assert.Equal(0, Raised("EW-33"));
        _desk.Tell(new OrderPlaced { OrderId = "O2", Amount = 100, Currency = Eur, OrderedOn = Today, ShipOn = Today + 5, Terms = "N90" });
        Assert.Equal(Severity.Low, _desk.Signals("EW-33").Single().Severity);
        _desk.Invoice("I", 100, "2026-04-01");
        _desk.Tell(new InvoiceDueDateChanged { InvoiceId = "I", DueOn = On("2026-05-01"), Kind = DueDateKind.Correction });
        Assert.Equal(1, Raised("EW-33"));
        _desk.Tell(new InvoiceDueDateChanged { InvoiceId = "I", DueOn = On("2026-06-01"), Kind = DueDateKind.Extension });
        Assert.Equal(Severity.Medium, _desk.Signals("EW-33").Last().Severity);
    }

    [Fact]
    public void Another_way_to_pay_is_told_once_until_somebody_acknowledges_it()
    {
        void Pay(string id, string account, PaymentMethod method = PaymentMethod.Transfer, string third = "") => _desk.Tell(new PaymentReceived
        {
            PaymentId = id, Amount = 77, Currency = Eur, ValueOn = Today, Cleared = true, Method = method, PayerAccount = account, ThirdPartyPayer = third,
        });
        Pay("P1", "DE1");
        Pay("P2", "DE1");
        Assert.Equal(0, Raised("EW-35"));
        Pay("P3", "DE2");
        Pay("P4", "DE3");
        Assert.Equal(("ACCOUNT", Severity.Low), (_desk.Signals("EW-35").Single().About, _desk.Signals("EW-35").Single().Severity));
        Assert.Equal(OutcomeKind.Applied, _desk.Tell(new CloseSignal { Indicator = "EW-35", About = "ACCOUNT", Reason = "bank changed", Actor = "kim" }).Kind);
        Assert.Equal(1, Ended("EW-35"));
        Pay("P5", "DE1");
        Pay("P6", "DE4");
        Assert.Equal(2, Raised("EW-35"));
        Pay("P7", "DE4", third: "uncle");
        Assert.Equal(Severity.Medium, _desk.Signals("EW-35").Last().Severity);
        _desk.Tell(new AcceptanceReceived { AcceptanceId = "N", Amount = 9, Currency = Eur, Kind = AcceptanceKind.BankAcceptance, Drawee = "b", ReceivedOn = Today, MaturesOn = Today + 90 });
        Assert.Equal("ACCEPTANCE", _desk.Signals("EW-35").Last().About);
        Assert.Equal("NOT_CLOSABLE", _desk.Tell(new CloseSignal { Indicator = "EW-01", Reason = "x", Actor = "kim" }).Reason);
    }

    [Fact]
    public void Utilisation_that_reaches_the_limit_within_a_week_is_told_by_its_trend()
    {
        void Use(long amount) => _desk.Tell(new ExternalExposureReported { System = "erp", Amount = amount, Currency = Eur, AsOn = Today });
        Use(100_000);
        _desk.Days("2026-03-03", "2026-03-20");
        for (var day = On("2026-03-21"); day <= On("2026-03-31"); day++)
        {
            _desk.Day(Tale.Text(day));
            Use(100_000 + (day - On("2026-03-20")) * 60_000);
        }

        Assert.Equal(0, Raised("EW-36"));
        for (var day = On("2026-04-01"); day <= On("2026-04-03"); day++)
        {
            _desk.Day(Tale.Text(day));
            Use(100_000 + (day - On("2026-03-20")) * 60_000);
        }

        Assert.Equal(Severity.Medium, _desk.Signals("EW-36").Single().Severity);
        Use(300_000);
        _desk.Days("2026-04-04", "2026-04-08");
        _desk.Wait(61);
        Assert.Equal(1, Ended("EW-36"));
    }

    [Fact]
    public void Balance_that_never_falls_below_half_of_its_mean_never_clears()
    {
        _desk.Invoice("old", 50_000, "2026-03-10");
        _desk.Days("2026-03-03", "2026-05-25");
        _desk.Pay("touch", 1);
        _desk.Days("2026-05-26", "2026-05-31");
        Assert.Equal(0, Raised("EW-37"));
        _desk.Day("2026-06-01");
        Assert.Equal(1, Raised("EW-37"));
        _desk.Pay("P", 50_000);
        _desk.Allocate("A", "P", "old", 50_000);
        _desk.Days("2026-06-17", "2026-06-25");
        _desk.Wait(61);
        Assert.Equal(1, Ended("EW-37"));
    }

    [Fact]
    public void Three_orders_that_end_just_below_the_limit_hug_it()
    {
        _desk.Rules(("step.020", 0));
        _desk.Order("O1", 960_000);
        _desk.Order("O2", 15_000);
        _desk.Order("O3", 10_000);
        Assert.Equal(0, Raised("EW-38"));
        _desk.Order("O4", 15_000);
        Assert.Equal(Severity.Medium, _desk.Signals("EW-38").Single().Severity);
        _desk.Days("2026-03-03", "2026-03-15");
        Assert.Equal(0, Ended("EW-38"));
        _desk.Day("2026-03-16");
        _desk.Wait(61);
        Assert.Equal(1, Ended("EW-38"));
    }

    [Fact]
    public void News_stands_until_a_person_closes_it_and_press_is_none()
    {
        void Hear(string id, ExternalSignalKind kind, Severity severity = Severity.Low) => _desk.Tell(new ExternalSignalReceived { SignalId = id, Kind = kind, Severity = severity, HappenedOn = Today });
        Hear("N1", ExternalSignalKind.Press, Severity.Critical);
        Assert.Equal(0, Raised("EW-42"));
        Hear("N2", ExternalSignalKind.Management);
        Hear("N3", ExternalSignalKind.Tax, Severity.High);
        Assert.Equal([("N2", Severity.Medium), ("N3", Severity.High)], _desk.Signals("EW-42").Select(s => (s.About, s.Severity)));
        _desk.Restart();
        _desk.Tell(new CloseSignal { Indicator = "EW-42", About = "N2", Reason = "known", Actor = "kim" });
        Assert.Equal("N2", _desk.Signals("EW-42", SignalChanged.Resolved).Single().About);
        Hear("N4", ExternalSignalKind.Insolvency);
        Assert.Equal(Severity.Critical, _desk.Signals("EW-42").Last().Severity);
    }
}
