using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>The acceptance numbers of the domain specification that fall to the account machine.</summary>
public sealed class AcceptanceNumbers
{
    [Fact]
    public void Row_1_delivery_of_a_whole_order_counts_once()
    {
        var desk = new Desk();
        desk.Order("O1", 6_000);
        desk.Deliver("D1", "O1", 6_000);
        Assert.Equal(6_000, desk.Figures.Gross);
    }

    [Fact]
    public void Row_2_to_5_order_to_cash_moves_value_and_keeps_it()
    {
        var desk = new Desk();
        desk.Order("O1", 10_000_000);
        desk.Deliver("D1", "O1", 6_000_000);
        Assert.Equal((4_000_000, 6_000_000, 10_000_000), (desk.Figures.OrdersInside, desk.Figures.Delivered, desk.Figures.Gross));
        desk.Invoice("I1", 6_000_000, links: OfDelivery("D1", 6_000_000));
        desk.Deliver("D2", "O1", 4_500_000);
        Assert.Equal((0, 4_500_000, 6_000_000, 10_500_000),
            (desk.Figures.OrdersInside, desk.Figures.Delivered, desk.Figures.Receivables, desk.Figures.Gross));
        desk.Invoice("I2", 4_400_000, links: OfDelivery("D2", 4_500_000));
        Assert.Equal((0, 10_400_000, 10_400_000), (desk.Figures.Delivered, desk.Figures.Receivables, desk.Figures.Gross));
        desk.Pay("P1", 6_000_000, cleared: false);
        Assert.Equal(10_400_000, desk.Figures.Gross);
        desk.Allocate("A1", "P1", "I1", 6_000_000);
        Assert.Equal(10_400_000, desk.Figures.Gross);
        desk.Tell(new PaymentCleared { PaymentId = "P1", ClearedOn = desk.Book.Today });
        Assert.Equal(4_400_000, desk.Figures.Gross);
        desk.Tell(new PaymentReturned { PaymentId = "P1", ReturnedOn = desk.Book.Today });
        Assert.Equal(10_400_000, desk.Figures.Gross);
        desk.Restart();
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 100)]
    public void Row_7_acceptance_is_honoured_or_dishonoured(bool honoured, long gross)
    {
        var desk = new Desk();
        desk.Invoice("I1", 100);
        desk.Tell(new AcceptanceReceived { AcceptanceId = "N1", Amount = 100, Currency = Eur, Kind = AcceptanceKind.BankAcceptance, ReceivedOn = desk.Book.Today, MaturesOn = desk.Book.Today + 90 });
        desk.Allocate("A1", "N1", "I1", 100);
        Assert.Equal((0, 100, 100), (desk.Figures.Receivables, desk.Figures.Acceptances, desk.Figures.Gross));
        if (honoured) desk.Tell(new AcceptanceHonoured { AcceptanceId = "N1", PaidOn = desk.Book.Today });
        else desk.Tell(new AcceptanceDishonoured { AcceptanceId = "N1", On = desk.Book.Today });
        Assert.Equal((gross, gross), (desk.Figures.Receivables, desk.Figures.Gross));
    }

    [Fact]
    public void Row_8_credit_note_above_the_receivable_is_a_credit_balance()
    {
        var desk = new Desk();
        desk.Invoice("I1", 50);
        desk.Tell(new CreditNoteIssued { CreditNoteId = "K1", Amount = 80, Currency = Eur, IssuedOn = desk.Book.Today });
        Assert.Equal((0, 30), (desk.Figures.Gross, desk.Figures.CreditBalance));
    }

    [Fact]
    public void Row_9_order_enters_the_horizon_by_the_day_alone()
    {
        var desk = new Desk(day: "2026-03-01");
        desk.Tell(new PolicyActivated { PolicyId = "p", Version = 2, Parameters = [new PolicyParameter { Name = "horizonDays", Value = "30" }] });
        desk.Order("O1", 500, shipOn: "2026-04-01");
        Assert.Equal((0, 500, 0), (desk.Figures.OrdersInside, desk.Figures.OrdersOutside, desk.Figures.Gross));
        desk.Day("2026-03-02");
        Assert.Equal((500, 0, 500), (desk.Figures.OrdersInside, desk.Figures.OrdersOutside, desk.Figures.Gross));
    }

    [Theory]
    [InlineData(true, 199_900, Verdict.Approved)]
    [InlineData(true, 200_000, Verdict.Held)]
    [InlineData(false, 200_000, Verdict.ApprovedWithWarnings)]
    [InlineData(false, 200_001, Verdict.Held)]
    public void Row_10_exactly_at_the_limit(bool holds, long amount, Verdict expected)
    {
        var desk = new Desk(limit: 200_000);
        desk.Tell(new PolicyActivated
        {
            PolicyId = "p", Version = 2,
            Parameters = [new() { Name = "atLimitHolds", Value = holds ? "1" : "0" }, new() { Name = "step.020", Value = "0" }],
        });
        desk.Order("O1", amount);
        Assert.Equal(expected, desk.History.OfType<CheckDecided>().Last().Decision);
    }

    [Fact]
    public void Row_13_two_hundred_callers_reserve_exactly_sixty_six()
    {
        var desk = new Desk(limit: 10_000_000);
        for (var i = 0; i < 200; i++) desk.Tell(new CheckCredit { Amount = 150_000, Currency = Eur, Actor = "svc", Key = "k" + i });
        Assert.Equal(66, desk.History.OfType<CheckDecided>().Count(d => d.ReservationId.Length > 0));
        Assert.Equal(9_900_000, desk.Figures.Reserved);
        desk.Wait(31 * 60);
        Assert.Equal(0, desk.Figures.Reserved);
    }

    [Fact]
    public void Row_14_held_orders_are_released_in_turn_while_they_fit()
    {
        var desk = new Desk(limit: 10_000_000);
        desk.Invoice("I1", 10_000_000, dueOn: "2026-06-01");
        desk.Order("A", 4_000_000, "2026-03-10", priority: 1);
        desk.Order("B", 3_000_000, "2026-03-05", priority: 1);
        desk.Order("C", 2_000_000, "2026-03-03", priority: 2);
        Assert.All(["A", "B", "C"], o => Assert.Equal(OrderState.OnHold, desk.StateOf(o)));
        desk.Restart();
        desk.Pay("P1", 5_000_000);
        var released = desk.History.OfType<HoldChanged>().Where(h => h.Step == HoldChanged.Released).Select(h => h.OrderId);
        Assert.Equal(["B", "C"], released);
        Assert.Equal(4_000_000, desk.Detail.Holds.Single().Needs);
        desk.Restart();
    }

    [Theory]
    [InlineData(1_100_000, OrderState.Accepted)]
    [InlineData(1_100_001, OrderState.OnHold)]
    public void Row_15_release_is_good_up_to_its_value_cap(long changed, OrderState expected)
    {
        var desk = new Desk(limit: 1_000_000);
        desk.Invoice("I1", 900_000, dueOn: "2026-06-01");
        desk.Order("O1", 1_000_000);
        desk.Tell(new RequestRelease { OrderId = "O1", Reason = "good customer", Actor = "ann" });
        desk.Tell(new ApproveRelease { OrderId = "O1", Actor = "bob", Authority = -1 });
        Assert.Equal(OrderState.Accepted, desk.StateOf("O1"));
        desk.Tell(new OrderChanged { OrderId = "O1", Version = 1, Amount = changed, Currency = Eur, ShipOn = On("2026-03-10"), Priority = 5 });
        Assert.Equal(expected, desk.StateOf("O1"));
    }

    [Fact]
    public void Row_17_nobody_approves_the_own_request_nor_beyond_the_own_authority()
    {
        var desk = new Desk(limit: 1_000);
        desk.Order("O1", 10_000_001);
        desk.Tell(new RequestRelease { OrderId = "O1", Reason = "r", Actor = "ann" });
        Assert.Equal("SELF_APPROVAL", desk.Tell(new ApproveRelease { OrderId = "O1", Actor = "ann", Authority = -1 }).Reason);
        Assert.Equal("AUTHORITY", desk.Tell(new ApproveRelease { OrderId = "O1", Actor = "bob", Authority = 10_000_000 }).Reason);
        Assert.Equal(OutcomeKind.Applied, desk.Tell(new ApproveRelease { OrderId = "O1", Actor = "bob", Authority = 10_000_001 }).Kind);
    }

    [Fact]
    public void Row_18_reopened_order_is_checked_again()
    {
        var desk = new Desk(limit: 1_000_000);
        desk.Order("O1", 900_000);
        desk.Tell(new OrderClosed { OrderId = "O1", Version = 1 });
        desk.Order("O2", 900_000);
        Assert.Equal(OrderState.Accepted, desk.StateOf("O2"));
        desk.Tell(new OrderReopened { OrderId = "O1", Version = 2, Amount = 900_000, Currency = Eur, ShipOn = On("2026-03-10"), Priority = 5 });
        Assert.Equal(OrderState.OnHold, desk.StateOf("O1"));
    }

    [Theory]
    [InlineData(130_000, 130_000)]
    [InlineData(200_000, 145_000)]
    public void Row_20_season_and_cover_raise_the_limit_up_to_what_is_eligible(long eligible, long expected)
    {
        var desk = new Desk(limit: 100_000);
        desk.Tell(new SeasonalLimitSet { SeasonId = "S", FromMonthDay = 201, ToMonthDay = 430, UpliftBp = 2_000 });
        desk.Tell(new CoverGranted { CoverId = "V", Version = 1, Kind = CoverKind.Insurance, Amount = 50_000, Currency = Eur, From = On("2026-01-01"), Use = CoverUse.RaisesLimit, AddOnBp = 5_000 });
        desk.Tell(new ReviewCompleted { ReviewedOn = desk.Book.Today, EligibleMax = eligible });
        Assert.Equal(expected, desk.Figures.Limit);
    }

    [Theory]
    [InlineData("2026-03-01", 0)]
    [InlineData("2026-03-02", 1)]
    [InlineData("2026-03-31", 1)]
    [InlineData("2026-04-01", 2)]
    public void Row_26_item_ages_by_the_day(string today, int bucket)
    {
        var desk = new Desk(day: "2026-02-01");
        desk.Invoice("I1", 700, dueOn: "2026-03-01");
        for (var day = On("2026-02-02"); day <= On(today); day++) desk.Day(DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        var f = desk.Figures;
        Assert.Equal(700, new[] { f.NotDue, f.Late30, f.Late60, f.Late90, f.Late180, f.LateMore }[bucket]);
        Assert.Equal(700, f.Receivables);
        desk.Restart();
    }

    [Fact]
    public void Row_12_foreign_order_is_judged_in_the_limits_currency()
    {
        var desk = new Desk(limit: 10_000);
        desk.Tell(new PolicyActivated { PolicyId = "p", Version = 2, Parameters = [new() { Name = "fxHaircutBp", Value = "0" }, new() { Name = "step.020", Value = "0" }] });
        FxRate.TryParse("0.235", out var rate);
        desk.Tell(new FxRatePublished { From = Currency.Parse("PLN"), To = Eur, Rate = rate, AsOf = desk.Now });
        desk.Order("O1", 10_100, currency: Currency.Parse("PLN"));
        Assert.Equal(OrderState.Accepted, desk.StateOf("O1"));
        Assert.Equal(2_374, desk.Figures.Gross);
    }

    [Fact]
    public void Row_46_utilisation_ladder_tells_edges_only()
    {
        var desk = new Desk(limit: 10_000);
        desk.Tell(new PolicyActivated { PolicyId = "p", Version = 2, Parameters = [new() { Name = "step.020", Value = "0" }] });
        void Use(long amount) => desk.Tell(new ExternalExposureReported { System = "erp", Amount = amount, Currency = Eur, AsOn = desk.Book.Today, Time = desk.Now.Plus(1) });
        int Raised() => desk.History.OfType<SignalChanged>().Count(s => s is { Indicator: "EW-01", State: SignalChanged.Raised });
        foreach (var used in (long[])[6_900, 7_100, 6_900, 7_100])
        {
            desk.Wait(120);
            Use(used);
        }

        Assert.Equal(1, Raised());
        desk.Wait(120);
        Use(6_500);
        desk.Wait(120);
        Use(7_100);
        Assert.Equal(2, Raised());
    }

    [Fact]
    public void Row_47_one_fact_that_crosses_the_whole_ladder_tells_the_highest_step()
    {
        var desk = new Desk(limit: 10_000);
        desk.Tell(new ExternalExposureReported { System = "erp", Amount = 11_200, Currency = Eur, AsOn = desk.Book.Today });
        var signal = Assert.Single(desk.History.OfType<SignalChanged>(), s => s.Indicator == "EW-01");
        Assert.Equal(5, signal.Step);
    }

    [Theory]
    [InlineData(80, 0)]
    [InlineData(70, 15)]
    [InlineData(60, 22)]
    [InlineData(50, 30)]
    [InlineData(40, 60)]
    [InlineData(30, 90)]
    [InlineData(20, 120)]
    [InlineData(59, 23)]
    [InlineData(56, 26)]
    [InlineData(49, 33)]
    public void Row_32_payment_index_in_days(int index, int days) => Assert.Equal(days, PaymentIndex.DaysOf(index));

    [Fact]
    public void Row_25_conversion_rounds_half_to_even_between_different_digits()
    {
        FxRate.TryParse("3.25", out var rate);
        Assert.Equal(401, rate.Convert(1_234, Currency.Parse("KWD"), Currency.Parse("USD")));
        // 1,234 yen are 1,234 minor units, and as many yen come back.
        Assert.Equal(1_234, FxRate.One.Convert(123_400, Eur, Currency.Parse("JPY")));
    }
}
