using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>The pattern indicators at their edges, in the words of the trade.</summary>
public sealed class PatternSignals
{
    private const int Base = 400;

    [Fact]
    public void Row_48_slower_payment_and_late_in_a_row()
    {
        var tale = new Tale();
        int[] late = [2, 4, 3, 5, 3, 4, 2, 3, 4, 3, 7, 14, 21, 30, 45];
        for (var i = 0; i < late.Length; i++) tale.Settled(Base + (i + 1) * 5, late[i]);
        var desk = tale.Told();
        var row = Assert.Single(desk.Signals("EW-21"));
        Assert.Equal((3, 3, Severity.Medium, Tale.Start + Base + 13 * 5), (row.Value, row.Threshold, row.Severity, DayOf(desk, row)));
        var slower = Assert.Single(desk.Signals("EW-20"));
        Assert.Equal((1_447, 14, 400, 100, Severity.Medium), (slower.Value, slower.BaselineCount, slower.BaselineMedian, slower.BaselineMad, slower.Severity));
        Assert.Equal(Tale.Start + Base + 15 * 5, DayOf(desk, slower));
    }

    [Theory]
    [InlineData(2_200, Severity.Medium)]
    [InlineData(6_000, Severity.High)]
    public void Slower_payment_is_high_from_twenty_days_above_the_own_median(int tenths, Severity severity)
    {
        var tale = new Tale();
        for (var i = 0; i < 20; i++) tale.Settled(Base + i * 5, 2 + i % 2);
        for (var i = 20; i < 24; i++) tale.Settled(Base + i * 5, tenths / 100);
        Assert.Equal(severity, tale.Told().Signals("EW-20").Last().Severity);
    }

    [Fact]
    public void Who_always_paid_unevenly_is_not_slower_within_three_deviations()
    {
        var tale = new Tale();
        for (var i = 0; i < 30; i++) tale.Settled(Base + i * 5, i % 3 * 4);
        for (var i = 30; i < 36; i++) tale.Settled(Base + i * 5, 18);
        Assert.Empty(tale.Told().Signals("EW-20"));
    }

    [Fact]
    public void Four_payments_are_too_few_for_a_trend()
    {
        var tale = new Tale();
        foreach (var (n, late) in (ReadOnlySpan<(int, int)>)[(0, 1), (1, 1), (2, 60), (3, 60)]) tale.Settled(Base + n * 5, late);
        Assert.Empty(tale.Told().Signals("EW-20"));
        tale.Settled(Base + 20, 60);
        Assert.Single(tale.Told().Signals("EW-20"));
    }

    [Fact]
    public void Slower_payment_ends_below_three_days_above_the_median_and_fires_again_with_another_id()
    {
        var tale = new Tale();
        var day = Base;
        void Pay(int count, int late)
        {
            for (var i = 0; i < count; i++) tale.Settled(day += 5, late);
        }

        Pay(12, 2);
        Pay(3, 40);
        Pay(14, 2);
        Pay(4, 40);
        var desk = tale.Told();
        Assert.Single(desk.Signals("EW-20").Where(s => s.Severity == Severity.Medium).Select(s => s.SignalId).Take(1));
        Assert.NotEmpty(desk.Signals("EW-20", SignalChanged.Resolved));
        Assert.Equal(desk.Signals("EW-20").Count(), desk.Signals("EW-20").Select(s => s.SignalId).Distinct().Count());
        Assert.True(desk.Signals("EW-20").Count() >= 2);
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(4, 1)]
    public void Late_in_a_row_is_more_than_three_days_of_grace_and_ends_with_two_on_time(int late, int fires)
    {
        var tale = new Tale();
        tale.Settled(Base, 0);
        for (var i = 1; i <= 3; i++) tale.Settled(Base + i * 5, late);
        tale.Settled(Base + 20, 0);
        Assert.Equal((fires, 0), (tale.Told().Signals("EW-21").Count(), tale.Told().Signals("EW-21", SignalChanged.Resolved).Count()));
        tale.Settled(Base + 25, 1);
        Assert.Equal(fires, tale.Told().Signals("EW-21", SignalChanged.Resolved).Count());
    }

    [Fact]
    public void An_invoice_that_credit_notes_settle_says_nothing_about_payment()
    {
        var tale = new Tale();
        for (var i = 0; i < 3; i++)
        {
            var invoice = tale.Invoice(Base + i * 5 - 60, Base + i * 5 - 30);
            var (id, on) = ("C" + i, Base + i * 5);
            tale.On(on, () => new CreditNoteIssued { CreditNoteId = id, Amount = 50_000, Currency = Eur, IssuedOn = Tale.Start + on, InvoiceId = invoice, Reason = "returned" });
        }

        Assert.Empty(tale.Told().Signals("EW-21"));
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(4, 1)]
    public void More_than_three_part_payments_of_ten_fire(int parts, int fires)
    {
        var tale = new Tale();
        for (var i = 0; i < 12; i++) tale.Settled(Base + i * 5, 0);
        for (var i = 0; i < parts; i++) tale.Pay(tale.Invoice(Base + 60 + i * 5 - 30, Base + 90), Base + 60 + i * 5, 47_499);
        Assert.Equal(fires, tale.Told().Signals("EW-26").Count());
    }

    [Theory]
    [InlineData(7, 0)]
    [InlineData(8, 1)]
    public void Discount_that_was_taken_eight_times_of_ten_and_stops(int taken, int fires)
    {
        var tale = new Tale();
        for (var i = 0; i < 13; i++)
        {
            var takes = i < taken;
            tale.Pay(tale.Invoice(Base + i * 5 - 10, Base + i * 5 + 20, discountBp: 300), Base + i * 5, takes ? 48_500 : 50_000, takes ? 1_500 : 0);
        }

        Assert.Equal(fires, tale.Told().Signals("EW-29").Count());
        for (var i = 13; i < 15; i++) tale.Pay(tale.Invoice(Base + i * 5 - 10, Base + i * 5 + 20, discountBp: 300), Base + i * 5, 48_500, 1_500);
        Assert.Equal(fires, tale.Told().Signals("EW-29", SignalChanged.Resolved).Count());
    }

    [Theory]
    [InlineData(30_000_00, 200_000_00, 1)]
    [InlineData(25_000_00, 300_000_00, 0)]
    public void Row_49_order_surge(long week, long limit, int fires)
    {
        var tale = new Tale { Limit = limit };
        // Weeks around a median of 10,000 with a MAD of 1,500.
        for (var i = 0; i < 26; i++) tale.Order(i * 7 + 1, 10_000_00 + (i % 3 - 1) * 1_500_00);
        tale.Order(26 * 7 + 1, week);
        var desk = tale.Told();
        Assert.Equal(fires, desk.Signals("EW-23").Count());
        Assert.Empty(desk.Signals("EW-24"));
        if (fires == 0) return;
        var told = desk.Signals("EW-23").Single();
        Assert.Equal((30_000_00, 26, 10_000_00, 1_500_00, Severity.Medium), (told.Value, told.BaselineCount, told.BaselineMedian, told.BaselineMad, told.Severity));
        Assert.Single(desk.Signals("EW-23", SignalChanged.Resolved));
    }

    [Fact]
    public void Surge_of_a_new_customer_is_measured_by_the_portfolio()
    {
        var desk = new Desk(limit: 1_000_000);
        desk.Tell(new PortfolioMeasured { AsOn = desk.Book.Today, Receivables = 1, WeeklyOrders = 10_000, WeeklyOrdersMad = 1_500 });
        desk.Order("O1", 24_999);
        Assert.Empty(desk.Signals("EW-23"));
        desk.Order("O2", 75_001);
        var told = desk.Signals("EW-23").Single();
        Assert.Equal((100_000, 10_000, 1_500), (told.Value, told.BaselineMedian, told.BaselineMad));
    }

    [Fact]
    public void Surge_while_late_is_told_and_ends_with_the_surge()
    {
        var tale = new Tale { Limit = 10_000_000 };
        for (var i = 0; i < 10; i++) tale.Order(i * 7, 500_000);
        tale.Invoice(20, 50, 60_000);
        tale.Order(70, 3_000_000);
        var desk = tale.Told(days: 5);
        Assert.Equal(Severity.High, desk.Signals("EW-23").Last().Severity);
        Assert.Equal(Severity.High, desk.Signals("EW-24").Single().Severity);
        Assert.Single(tale.Told(days: 9).Signals("EW-24", SignalChanged.Resolved));
    }

    [Fact]
    public void Days_to_pay_that_spread_four_times_as_wide_fire_and_end_below_twice()
    {
        var tale = new Tale();
        for (var i = 0; i < 30; i++) tale.Settled(Base + i * 4, i % 3);
        for (var i = 30; i < 40; i++) tale.Settled(Base + i * 4, i % 2 == 0 ? 0 : 4);
        Assert.Equal(Severity.Low, tale.Told().Signals("EW-39").Single().Severity);
        for (var i = 40; i < 52; i++) tale.Settled(Base + i * 4, i % 3);
        Assert.Single(tale.Told().Signals("EW-39", SignalChanged.Resolved));
    }

    [Fact]
    public void Second_returned_payment_in_ninety_days_is_critical_and_ninety_calm_days_end_it()
    {
        var tale = new Tale();
        foreach (var (id, day) in (ReadOnlySpan<(string, int)>)[("P1", 0), ("P2", 60)])
        {
            var (payment, on) = (id, day);
            tale.On(on, () => new PaymentReceived { PaymentId = payment, Amount = 70_001, Currency = Eur, ValueOn = Tale.Start + on });
            tale.On(on + 2, () => new PaymentReturned { PaymentId = payment, ReturnedOn = Tale.Start + on + 2, Reason = "no funds" });
        }

        var desk = tale.Told(days: 88);
        Assert.Equal([Severity.High, Severity.Critical], desk.Signals("EW-31").Select(s => s.Severity));
        Assert.Empty(desk.Signals("EW-31", SignalChanged.Resolved));
        Assert.NotEmpty(tale.Told(days: 91).Signals("EW-31", SignalChanged.Resolved));
    }

    [Fact]
    public void Broken_promise_waits_two_days_and_ninety_five_percent_keep_it()
    {
        foreach (var (paid, broken) in (ReadOnlySpan<(long, int)>)[(47_500, 0), (47_499, 1)])
        {
            var tale = new Tale();
            var invoice = tale.Invoice(0, 5);
            tale.On(10, () => new PromiseMade { PromiseId = "W", Amount = 50_000, Currency = Eur, PromisedOn = Tale.Start + 15, Items = [invoice], MadeBy = "lee" });
            tale.Pay(invoice, 17, paid);
            Assert.Equal(broken, tale.Told().Signals("EW-32").Count());
        }
    }

    [Fact]
    public void Second_broken_promise_is_high()
    {
        var tale = new Tale();
        var invoice = tale.Invoice(0, 5);
        foreach (var (id, day) in (ReadOnlySpan<(string, int)>)[("W1", 15), ("W2", 40)])
        {
            var (promise, on) = (id, day);
            tale.On(10, () => new PromiseMade { PromiseId = promise, Amount = 50_000, Currency = Eur, PromisedOn = Tale.Start + on, Items = [invoice], MadeBy = "lee" });
        }

        tale.On(44, () => new PromiseMade { PromiseId = "W3", Amount = 50_000, Currency = Eur, PromisedOn = Tale.Start + 90, Items = [invoice], MadeBy = "lee" });
        tale.On(45, () => new PromiseWithdrawn { PromiseId = "W3", Reason = "dispute" });
        Assert.Equal([Severity.Medium, Severity.High], tale.Told().Signals("EW-32").Select(s => s.Severity));
        Assert.NotEmpty(tale.Told(days: 65).Signals("EW-32", SignalChanged.Resolved));
    }

    private static int DayOf(Desk desk, SignalChanged told) => Days(desk)[told.FirstPosition];

    /// <summary>The day of each entry that told something.</summary>
    private static Dictionary<string, int> Days(Desk desk) => desk.DayOfEntry;
}
