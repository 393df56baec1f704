using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Row 24: the worked examples C1 to C10 of the table of covers, in cents.</summary>
public sealed class AcceptanceCover
{
    private readonly Desk _desk = new(day: "2026-03-02");

    private long Covered => _desk.Figures.Gross - _desk.Figures.NetRisk;

    private void Insure(CoverBasis basis = CoverBasis.Claim, string to = "2026-12-31", int mep = 0, int terms = 0) => _desk.Tell(new CoverGranted
    {
        CoverId = "V", Version = 1, Kind = CoverKind.Insurance, Amount = 50_000_000, Currency = Eur, InsuredBp = 9_000, Deductible = 500_000,
        From = On("2026-01-01"), To = On(to), Use = CoverUse.ReducesRisk, Basis = basis, MepDays = mep, MaxTermsDays = terms,
    });

    private void Owe(string id, long amount, string issued = "2026-03-02", string due = "2026-04-30") =>
        _desk.Tell(new InvoicePosted { InvoiceId = id, Amount = amount, Currency = Eur, IssuedOn = On(issued), DueOn = On(due) });

    [Fact]
    public void Row_24_C1_insured_share_less_the_deductible()
    {
        Insure();
        Owe("I1", 30_000_000);
        Assert.Equal(26_500_000, Covered);
    }

    [Fact]
    public void Row_24_C2_never_more_than_the_value()
    {
        Insure();
        Owe("I1", 80_000_000);
        Assert.Equal(44_500_000, Covered);
    }

    [Fact]
    public void Row_24_C3_deliveries_after_a_stop_are_uncovered()
    {
        Insure();
        Owe("I1", 20_000_000, issued: "2026-02-20");
        Owe("I2", 10_000_000, issued: "2026-03-02");
        _desk.Tell(new CoverStopped { CoverId = "V", Version = 1, StoppedOn = On("2026-03-01") });
        Assert.Equal(17_500_000, Covered);
    }

    [Theory]
    [InlineData(CoverBasis.Claim, 0)]
    [InlineData(CoverBasis.Delivery, 26_500_000)]
    public void Row_24_C4_on_the_day_after_the_end(CoverBasis basis, long expected)
    {
        Insure(basis, to: "2026-03-03");
        Owe("I1", 30_000_000);
        _desk.Day("2026-03-03");
        Assert.Equal(26_500_000, Covered);
        _desk.Day("2026-03-04");
        Assert.Equal(expected, Covered);
    }

    [Fact]
    public void Row_24_C5_delivered_while_another_item_was_overdue_beyond_the_extension_period()
    {
        Insure(mep: 60);
        _desk.Tell(new InvoicePosted { InvoiceId = "old", Amount = 1_000, Currency = Eur, IssuedOn = On("2025-12-01"), DueOn = On("2025-12-31") });
        _desk.Tell(new InvoicePosted { InvoiceId = "I1", Amount = 20_000_000, Currency = Eur, IssuedOn = On("2026-03-01"), DueOn = On("2026-04-30") });
        Owe("I2", 10_000_000, issued: "2026-03-02");
        _desk.Pay("P", 1_000);
        _desk.Allocate("A", "P", "old", 1_000);
        Assert.Equal(17_500_000, Covered);
        _desk.Restart();
        Assert.Equal(17_500_000, Covered);
    }

    [Fact]
    public void Row_24_C6_disputed_part_is_uncovered()
    {
        Insure();
        Owe("I1", 30_000_000);
        _desk.Tell(new DisputeOpened { DisputeId = "X", ItemId = "I1", Amount = 2_000_000, Currency = Eur, OpenedOn = _desk.Book.Today });
        Assert.Equal(24_700_000, Covered);
    }

    [Fact]
    public void Row_24_C7_longer_terms_than_insured_are_uncovered()
    {
        Insure(terms: 90);
        Owe("I1", 25_000_000);
        Owe("I2", 5_000_000, due: "2026-06-30");
        Assert.Equal(22_000_000, Covered);
    }

    [Fact]
    public void Row_24_C8_deposit_covers_what_there_is()
    {
        Owe("I1", 3_000_000);
        _desk.Tell(new CoverGranted { CoverId = "D", Version = 1, Kind = CoverKind.Deposit, Amount = 5_000_000, Currency = Eur, From = On("2026-01-01"), Use = CoverUse.ReducesRisk });
        Assert.Equal(3_000_000, Covered);
    }

    [Fact]
    public void Row_24_C9_guarantee_ends_when_it_can_no_longer_be_claimed()
    {
        Owe("I1", 14_000_000, due: "2026-09-30");
        _desk.Tell(new CoverGranted { CoverId = "G", Version = 1, Kind = CoverKind.BankGuarantee, Amount = 10_000_000, Currency = Eur, From = On("2026-01-01"), To = On("2026-06-30"), Use = CoverUse.ReducesRisk, ClaimLagDays = 15 });
        _desk.Day("2026-06-15");
        Assert.Equal(10_000_000, Covered);
        _desk.Day("2026-06-16");
        Assert.Equal(0, Covered);
    }

    [Fact]
    public void Row_24_C10_later_cover_sees_what_the_earlier_left()
    {
        Owe("I1", 10_000_000);
        _desk.Tell(new CoverGranted { CoverId = "V", Version = 1, Kind = CoverKind.Insurance, Amount = 10_000_000, Currency = Eur, InsuredBp = 9_000, From = On("2026-01-01"), Use = CoverUse.ReducesRisk });
        _desk.Tell(new CoverGranted { CoverId = "D", Version = 1, Kind = CoverKind.Deposit, Amount = 4_000_000, Currency = Eur, From = On("2026-01-01"), Use = CoverUse.ReducesRisk });
        Assert.Equal(9_400_000, Covered);
    }

    [Fact]
    public void Unapplied_money_is_set_off_before_cover()
    {
        Insure();
        Owe("I1", 30_000_000);
        _desk.Pay("P1", 10_000_000);
        Assert.Equal(20_000_000 * 9 / 10 - 500_000, Covered);
    }
}
