using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Value moves, it does not vanish: each residue by its name, and the marks that a person should see.</summary>
public sealed class HandOver
{
    private readonly Desk _desk = new();

    private void Balanced() => Assert.Null(_desk.Book.Unbalanced(_desk.Book.FindSlot(Customer)));

    [Fact]
    public void An_account_of_any_size_is_summed_to_its_last_document()
    {
        for (var i = 0; i < 2_500; i++) _desk.Invoice("I" + i, 10);
        var slot = _desk.Book.FindSlot(Customer);
        Assert.Null(_desk.Book.Unbalanced(slot, out var documents));
        Assert.Equal(2_500, documents);
        _desk.Book.Ledgers[_desk.Book.Account(slot).Ledger].Sums[(int)Part.Receivables]++;
        Assert.Contains("25000", _desk.Book.Unbalanced(slot), StringComparison.Ordinal);
    }

    [Fact]
    public void Last_delivery_that_is_short_closes_the_rest()
    {
        _desk.Order("O1", 100);
        _desk.Deliver("D1", "O1", 60, final: true);
        Assert.Equal((-40, 60), (_desk.Residue(Residue.ShortClose), _desk.Figures.Gross));
        Balanced();
    }

    [Fact]
    public void Discount_write_off_return_and_refund_have_names()
    {
        _desk.Deliver("D1", "", 100);
        _desk.Tell(new ReturnReceived { ReturnId = "R1", DeliveryId = "D1", Amount = 10, Currency = Eur, ReceivedOn = _desk.Book.Today });
        _desk.Invoice("I1", 90, links: OfDelivery("D1", 90));
        _desk.Pay("P1", 60);
        _desk.Allocate("A1", "P1", "I1", 50, discount: 2);
        _desk.Tell(new WriteOffPosted { WriteOffId = "W", Items = [new WriteOffItem { ItemId = "I1", Amount = 99 }] });
        _desk.Tell(new PaymentRefunded { RefundId = "F", FromId = "P1", Amount = 10, Currency = Eur });
        Assert.Equal((-10, -2, -38, 10, -60, 0), (_desk.Residue(Residue.Returned), _desk.Residue(Residue.DiscountTaken), _desk.Residue(Residue.WrittenOff),
            _desk.Residue(Residue.Refunded), _desk.Residue(Residue.Paid), _desk.Figures.Gross));
        Balanced();
        _desk.Restart();
        Balanced();
        // A write-off comes last: what the payment gives up, it takes again.
        _desk.Tell(new PaymentReturned { PaymentId = "P1", ReturnedOn = _desk.Book.Today });
        Assert.Equal((0, -90, 10), (_desk.Residue(Residue.DiscountTaken), _desk.Residue(Residue.WrittenOff), _desk.Figures.Gross));
        Balanced();
    }

    [Fact]
    public void Invoice_that_is_cancelled_for_good_takes_its_goods_along()
    {
        _desk.Order("O1", 100);
        _desk.Deliver("D1", "O1", 100);
        _desk.Invoice("I1", 100, links: OfDelivery("D1", 100));
        _desk.Tell(new InvoiceCancelled { InvoiceId = "I1", Restores = Restores.Nothing });
        Assert.Equal((-100, 0), (_desk.Residue(Residue.Cancelled), _desk.Figures.Gross));
        Balanced();
    }

    [Fact]
    public void Allocation_between_currencies_leaves_its_difference_by_name()
    {
        var usd = Currency.Parse("USD");
        _desk.Rate("USD", "0.9", "2026-03-01");
        _desk.Tell(new InvoicePosted { InvoiceId = "I1", Amount = 1_000, Currency = usd, IssuedOn = _desk.Book.Today, DueOn = _desk.Book.Today + 30 });
        _desk.Pay("P1", 920);
        Assert.Equal("FROM_AMOUNT_MISSING", _desk.Allocate("A0", "P1", "I1", 1_000).Reason);
        _desk.Tell(new PaymentAllocated { AllocationId = "A1", FromId = "P1", AllocatedOn = _desk.Book.Today, Items = [new AllocationItem { ItemId = "I1", Amount = 1_000, FromAmount = 920 }] });
        Assert.Equal((0, 0), (_desk.Figures.Receivables, _desk.Figures.Unapplied));
        Assert.Equal([("EUR", 920L), ("USD", -1_000L)], _desk.Detail.Residues.Where(r => r.Name == Residue.FxDifference).Select(r => (r.Currency, r.Amount)).Order());
        Balanced();
        _desk.Restart();
    }

    [Fact]
    public void Over_allocation_counts_on_both_sides_and_is_marked()
    {
        _desk.Invoice("I1", 100);
        _desk.Pay("P1", 100);
        _desk.Allocate("A1", "P1", "I1", 150);
        Assert.Equal((50, 50, 0), (_desk.Figures.Receivables, _desk.Figures.Unapplied, _desk.Figures.Gross));
        Assert.Equal([("OverAllocated", "I1", 50L), ("OverAllocated", "P1", 50L)], _desk.Detail.Marks.Select(m => (m.Mark, m.Document, m.Amount)));
        Balanced();
    }

    [Fact]
    public void Handed_excess_reversal_after_the_invoice_and_missing_delivery_are_marked()
    {
        _desk.Deliver("D1", "O1", 60);
        _desk.Invoice("I1", 80, links: OfDelivery("D1", 80));
        Assert.Equal(("HandedExcess", "D1", 20L), Marked());
        _desk.Tell(new DeliveryReversed { ReversalId = "V", DeliveryId = "D1", Amount = 10, Currency = Eur });
        Assert.Contains(_desk.Detail.Marks, m => m is { Mark: "ReversedAfterInvoice", Document: "D1", Amount: 10 });
        var other = new Desk();
        other.Invoice("I2", 70, links: OfDelivery("D9", 70));
        other.Days("2026-03-03", "2026-03-09");
        Assert.Empty(other.Detail.Marks);
        other.Day("2026-03-10");
        Assert.Equal(("UNLINKED", "D9"), (other.Detail.Marks.Single().Mark, other.Detail.Marks.Single().Document));
        other.Deliver("D9", "", 70);
        Assert.Empty(other.Detail.Marks);
        Balanced();

        (string, string, long) Marked() => _desk.Detail.Marks.Select(m => (m.Mark, m.Document, m.Amount)).Single();
    }

    [Fact]
    public void Money_received_has_two_legs_in_either_order()
    {
        _desk.Invoice("I1", 100);
        _desk.Pay("P1", 100, cleared: false);
        Assert.Equal((100, 100, 100), (_desk.Figures.Gross, _desk.Figures.PaymentsAtRisk, _desk.Figures.Unapplied));
        _desk.Tell(new PaymentCleared { PaymentId = "P1", ClearedOn = _desk.Book.Today });
        _desk.Allocate("A1", "P1", "I1", 98, discount: 2);
        Assert.Equal((0, 2), (_desk.Figures.Gross, _desk.Figures.CreditBalance));
        _desk.Tell(new PaymentDeallocated { AllocationId = "A1" });
        Assert.Equal((100, 0, 0), (_desk.Figures.Receivables, _desk.Figures.Gross, _desk.Residue(Residue.DiscountTaken)));
        _desk.Tell(new PaymentReturned { PaymentId = "P1", ReturnedOn = _desk.Book.Today });
        Assert.Equal(OutcomeKind.Superseded, _desk.Tell(new PaymentCleared { PaymentId = "P1", ClearedOn = _desk.Book.Today }).Kind);
        Assert.Equal(100, _desk.Figures.Gross);
        Balanced();
    }

    [Fact]
    public void Credit_note_is_allocated_to_its_invoice_until_an_explicit_allocation_says_otherwise()
    {
        _desk.Invoice("I1", 100);
        _desk.Invoice("I2", 100);
        _desk.Tell(new CreditNoteIssued { CreditNoteId = "K1", Amount = 30, Currency = Eur, IssuedOn = _desk.Book.Today, InvoiceId = "I1" });
        Assert.Equal(70, _desk.Detail.Items.Find(i => i.ItemId == "I1")!.Open);
        _desk.Allocate("A1", "K1", "I2", 30);
        Assert.Equal((100, 70), (_desk.Detail.Items.Find(i => i.ItemId == "I1")!.Open, _desk.Detail.Items.Find(i => i.ItemId == "I2")!.Open));
        _desk.Tell(new PaymentDeallocated { AllocationId = "A1" });
        Assert.Equal((100, 100, 30), (_desk.Detail.Items.Find(i => i.ItemId == "I1")!.Open, _desk.Detail.Items.Find(i => i.ItemId == "I2")!.Open, _desk.Figures.Unapplied));
        Balanced();
    }

    [Fact]
    public void Honoured_acceptance_has_left_and_a_dishonour_moves_nothing()
    {
        _desk.Tell(new AcceptanceReceived { AcceptanceId = "N1", Amount = 100, Currency = Eur, Kind = AcceptanceKind.CommercialAcceptance, ReceivedOn = _desk.Book.Today, MaturesOn = _desk.Book.Today + 90 });
        _desk.Invoice("I1", 100);
        _desk.Allocate("A1", "N1", "I1", 100);
        _desk.Tell(new AcceptanceDishonoured { AcceptanceId = "N1", On = 1 });
        Assert.Equal((100, 0), (_desk.Figures.Receivables, _desk.Figures.Acceptances));
        _desk.Tell(new AcceptanceTransferred { AcceptanceId = "N1", How = TransferHow.Endorsed, Recourse = true });
        Assert.Equal(100, _desk.Figures.Receivables);
        _desk.Tell(new AcceptanceHonoured { AcceptanceId = "N1", PaidOn = 1 });
        Assert.Equal((0, 0, -100), (_desk.Figures.Receivables, _desk.Figures.Gross, _desk.Residue(Residue.Paid)));
        Balanced();
    }

    [Fact]
    public void Invoice_by_order_above_what_the_order_and_its_deliveries_hold_is_marked()
    {
        _desk.Order("O1", 100);
        _desk.Deliver("D1", "O1", 60);
        _desk.Invoice("I1", 60, links: OfDelivery("D1", 60));
        _desk.Invoice("I2", 55, links: new InvoiceLink { OrderId = "O1", Amount = 55 });
        Assert.Equal(("HandedExcess", "O1", 15L), _desk.Detail.Marks.Select(m => (m.Mark, m.Document, m.Amount)).Single());
        _desk.Tell(new OrderClosed { OrderId = "O1", Version = 1 });
        Assert.Equal(15, _desk.Detail.Marks.Single().Amount);
        Balanced();
    }

    [Fact]
    public void Payment_on_the_day_of_the_invoice_is_no_day_and_it_counts()
    {
        _desk.Invoice("I1", 100, dueOn: "2026-03-02");
        _desk.Pay("P1", 100);
        _desk.Allocate("A1", "P1", "I1", 100);
        Assert.Equal((1, 0L, 0L), (_desk.Book.Account(0).SettledItems, _desk.Book.Account(0).SettledDays, _desk.Book.Account(0).SettledLateDays));
        Assert.Equal(8_000, (long)_desk.Book.Account(0).SettledAmountIndex / 100);
    }
}
