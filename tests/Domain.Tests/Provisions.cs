using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>The provision matrix and the expected loss of an account and of a book.</summary>
public sealed class Provisions
{
    private static readonly int Start = On("2026-03-02");

    private static ProvisionLine Of(Desk desk, string customer = Customer) => desk.Book.CreditOf(desk.Book.FindSlot(customer)).Provision;

    private static void Owes(Desk desk, string invoice, long amount, int late, string customer = Customer, Currency? currency = null) => desk.Tell(new InvoicePosted
    {
        Customer = customer, InvoiceId = invoice, Amount = amount, Currency = currency ?? Eur, IssuedOn = Start - late - 30, DueOn = Start - late,
    });

    private static void Insure(Desk desk, long amount, int insuredBp = 10_000, string customer = Customer) => desk.Tell(new CoverGranted
    {
        Customer = customer, CoverId = "V" + amount, Version = 1, Kind = CoverKind.Insurance, Use = CoverUse.ReducesRisk, Amount = amount, Currency = Eur, InsuredBp = insuredBp, From = Start - 400,
    });

    private static void Graded(Desk desk, string customer, string grade) =>
        desk.Tell(new RatingOverridden { Customer = customer, Grade = grade, Reason = "seen", By = "ann", ApprovedBy = ["bob"], StaleAt = Start + 300 });

    [Fact]
    public void Each_bucket_has_its_rate_rounded_up()
    {
        var desk = new Desk();
        foreach (var (late, amount) in new[] { (-5, 10_001L), (1, 10_000L), (30, 1L), (31, 1_000L), (90, 1_000L), (91, 1_000L), (180, 1L), (181, 77L) }) Owes(desk, "I" + late, amount, late);
        var line = Of(desk);
        Assert.Equal([10_001, 10_001, 1_000, 1_000, 1_001, 77], line.Gross.Select(g => (long)g));
        // 0.5 % of 10,001 is 50.005, 2 % of it 200.02, half of 1,001 is 500.5.
        Assert.Equal([51, 201, 80, 200, 501, 77], line.Provision.Select(p => (long)p));
        Assert.Equal((23_080, 1_110), ((long)line.TotalGross(), (long)line.TotalProvision()));
        Assert.Equal((3_078, 1_078), ((long)line.Over30(), (long)line.Over90()));
    }

    [Fact]
    public void Cover_is_taken_off_first_from_the_oldest_due_on_and_nothing_twice()
    {
        var desk = new Desk();
        Owes(desk, "OLD", 10_000, 200);
        Owes(desk, "NEW", 10_000, -10);
        Insure(desk, 15_000);
        var line = Of(desk);
        Assert.Equal((5_000, 10_000), ((long)line.Covered[0], (long)line.Covered[5]));
        Assert.Equal((25, 0), ((long)line.Provision[0], (long)line.Provision[5]));
        Assert.Equal((5_000, 15_000), ((long)line.NetRisk, (long)line.TotalCovered()));
    }

    [Fact]
    public void Cover_of_deliveries_lowers_the_net_risk_and_no_bucket()
    {
        var desk = new Desk();
        desk.Tell(new OrderPlaced { OrderId = "O", Amount = 5_000, Currency = Eur, OrderedOn = Start, ShipOn = Start });
        desk.Deliver("D", "O", 5_000);
        Owes(desk, "I", 1_000, 5);
        Insure(desk, 100_000);
        Assert.Equal((1_000, 0, 0), ((long)Of(desk).TotalCovered(), (long)Of(desk).NetRisk, (long)Of(desk).TotalProvision()));
    }

    [Fact]
    public void Other_currencies_count_at_the_rate_and_no_more_is_covered_than_there_is()
    {
        var desk = new Desk();
        desk.Rate("USD", "0.333333333333", "2026-03-02");
        for (var i = 0; i < 3; i++) Owes(desk, "I" + i, 2, 10, currency: Currency.Parse("USD"));
        Insure(desk, 1_000);
        // Three items of 2 are 0.67 each and 2 together; each by itself would be 1, and 3 in all.
        Assert.Equal((2, 2, 0), ((long)Of(desk).Gross[1], (long)Of(desk).Covered[1], (long)Of(desk).TotalProvision()));
    }

    [Fact]
    public void Insolvent_customers_leave_the_matrix_and_come_back_when_the_news_is_closed()
    {
        var desk = new Desk();
        Owes(desk, "I", 10_001, 40);
        Insure(desk, 2_000);
        Assert.Equal((0, 641), ((long)Of(desk).SpecificProvision, (long)Of(desk).Provision[2]));
        desk.Tell(new ExternalSignalReceived { SignalId = "N1", Kind = ExternalSignalKind.Insolvency, Severity = Severity.Critical, HappenedOn = Start, Reference = "court of X" });
        var line = Of(desk);
        Assert.Equal((10_001, 2_000, 4_801), ((long)line.SpecificGross, (long)line.SpecificCovered, (long)line.SpecificProvision));
        Assert.Equal((0, 0, 4_801, 10_001), ((long)line.Gross[2], (long)line.Over30(), (long)line.TotalProvision(), (long)line.TotalGross()));
        desk.Tell(new CloseSignal { Indicator = "EW-42", About = "N1", Reason = "settled", Actor = "kim" });
        Assert.Equal((0, 641), ((long)Of(desk).SpecificProvision, (long)Of(desk).Provision[2]));
    }

    [Fact]
    public void A_segment_may_have_rates_of_its_own_and_the_years_ahead_raise_them_to_all_at_most()
    {
        var desk = new Desk();
        desk.Rules(("provision.91to180", 900_000), ("provision.forwardBp", 12_000), ("segment/EXPORT/provision.notDue", 100_000));
        desk.Tell(new CustomerOpened { Customer = "X", Currency = Eur, Profile = new CustomerProfile { Segment = "EXPORT" } });
        Owes(desk, "I", 1_000, 100);
        Owes(desk, "J", 1_000, -1);
        Owes(desk, "K", 1_000, -1, "X");
        Assert.Equal((1_000, 6), ((long)Of(desk).Provision[4], (long)Of(desk).Provision[0]));
        Assert.Equal(120, (long)Of(desk, "X").Provision[0]);
        Assert.Equal([6_000, 24_000, 96_000, 240_000, 1_000_000, 1_000_000], ProvisionMatrix.RatesOf(desk.Book.Context.Policy));
    }

    [Fact]
    public void A_book_says_by_grade_what_its_customers_say_and_leaves_out_whom_the_caller_does_not_see()
    {
        var desk = new Desk();
        foreach (var (customer, segment, grade) in new[] { ("A1", "EAST", "A"), ("A2", "WEST", "A"), ("E1", "EAST", "E") })
        {
            desk.Tell(new CustomerOpened { Customer = customer, Currency = Eur, Profile = new CustomerProfile { Segment = segment } });
            Graded(desk, customer, grade);
            Owes(desk, "I", 10_001, 5, customer);
        }

        var matrix = desk.Book.ProvisionOf(0, int.MaxValue, []);
        Assert.Equal([("A", 2), ("E", 1), ("", 1)], matrix.InOrder().Select(g => (g.Grade, g.Line.Customers)));
        // 0.5 % × 60 % × 10,001 is 30.003, for each of the two; 25 % × 60 % is 1,500.15.
        Assert.Equal((62, 1_501), ((long)matrix.Of("A").ExpectedLoss, (long)matrix.Of("E").ExpectedLoss));
        Assert.Equal((1_563, 603, 30_003), ((long)matrix.Whole().ExpectedLoss, (long)matrix.Whole().TotalProvision(), (long)matrix.Whole().TotalGross()));
        Assert.Equal([("A", 1), ("E", 1)], desk.Book.ProvisionOf(0, int.MaxValue, ["EAST"]).InOrder().Select(g => (g.Grade, g.Line.Customers)));
        // In parts, in another order.
        var parts = new ProvisionMatrix();
        for (var from = desk.Book.AccountCount - 1; from >= 0; from--) parts.Add(desk.Book.ProvisionOf(from, from + 1, []));
        Assert.Equal(matrix.Whole().TotalProvision(), parts.Whole().TotalProvision());
        Assert.Equal(matrix.Of("A").Provision, parts.Of("A").Provision);
    }

    [Fact]
    public void Past_a_midnight_that_nobody_has_folded_yet_the_buckets_are_of_today()
    {
        var desk = new Desk();
        Owes(desk, "I", 1_000, 30);
        desk.Tell(new DayStarted { Day = Start + 1, Time = desk.Now });
        Assert.Equal((0, 1_000), ((long)desk.Book.ProvisionOf(0, 9, []).Whole().Gross[1], (long)desk.Book.ProvisionOf(0, 9, []).Whole().Gross[2]));
    }
}
