using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Learning.Tests;

/// <summary>What a journal tells of invoices beyond issue and payment, and in any order within a day.</summary>
public sealed class JournalWalks
{
    private static readonly Currency Eur = Currency.Parse("EUR");
    private static readonly int Day = new DateOnly(2026, 3, 2).DayNumber;

    private static InvoicePosted Invoice(string id = "I1", int on = 0, long amount = 1_000) => new() { Customer = "C", InvoiceId = id, Amount = amount, Currency = Eur, IssuedOn = Day + on, DueOn = Day + on + 30, Time = At(on) };

    private static PaymentAllocated Paid(int on, string id = "A1", string from = "P1", string item = "I1", long amount = 1_000, long discount = 0) => new()
    {
        Customer = "C", AllocationId = id, FromId = from, AllocatedOn = Day + on, Items = [new AllocationItem { ItemId = item, Amount = amount, DiscountTaken = discount }], Time = At(on),
    };

    private static PaymentDeallocated Undone(int on, string id = "A1") => new() { Customer = "C", AllocationId = id, Time = At(on) };

    private static PaymentReturned Returned(int on, string id = "P1") => new() { Customer = "C", PaymentId = id, ReturnedOn = Day + on, Time = At(on) };

    private static WriteOffPosted GivenUp(int on, long amount, WriteOffReason reason) => new() { Customer = "C", WriteOffId = "W1", Reason = reason, Items = [new WriteOffItem { ItemId = "I1", Amount = amount }], Time = At(on) };

    private static CreditNoteIssued Credit(int on, long amount, string invoice = "I1") => new() { Customer = "C", CreditNoteId = "N1", Amount = amount, Currency = Eur, IssuedOn = Day + on, InvoiceId = invoice, Time = At(on) };

    private static Instant At(int day) => Instant.From(DateOnly.FromDayNumber(Day + day));

    /// <summary>Settled on, counted as late by the figures of the customer and of the book, still open; −1 for no case at all.</summary>
    private static (int SettledOn, int Own, int All, int Open) Stand(params Fact[] facts)
    {
        var walk = Books.Walk([.. facts, Invoice("LATER", 90)]);
        var told = walk.Cases.SingleOrDefault(c => c.Document == "I1");
        var later = walk.Cases.Single(c => c.Document == "LATER");
        return (told is null ? -1 : told.SettledOn == 0 ? 0 : told.SettledOn - Day, walk.FiguresOf("C")!.All.Count, walk.Book.All.Count, later.Factors[PaymentFactors.IndexOf("open.count")]);
    }

    [Fact]
    public void Money_that_closes_an_invoice_settles_it_whatever_comes_on_top()
    {
        Assert.Equal((40, 1, 1, 0), Stand(Invoice(), Paid(40)));
        Assert.Equal((40, 1, 1, 0), Stand(Invoice(), Paid(20, amount: 300), Paid(40, "A2", "P2", amount: 690, discount: 10), Paid(50, "A3", "P3", amount: 5)));
        Assert.Equal((0, 0, 0, 1), Stand(Invoice(), Paid(40, amount: 999)));
    }

    [Fact]
    public void Order_of_arrival_does_not_matter()
    {
        // Matched before it was posted; undone before it was matched; the same matching twice.
        Assert.Equal((0, 1, 1, 0), Stand(Paid(0), Invoice()));
        Assert.Equal((0, 0, 0, 1), Stand(Undone(3), Invoice(on: 5), Paid(10)));
        Assert.Equal((20, 1, 1, 0), Stand(Invoice(), Paid(20), Paid(20)));
        Assert.Equal((0, 0, 0, 1), Stand(Invoice(), Returned(3), Paid(10)));
    }

    [Fact]
    public void Money_that_comes_back_opens_the_invoice_again()
    {
        Assert.Equal((0, 0, 0, 1), Stand(Invoice(), Paid(40), Undone(41)));
        Assert.Equal((0, 0, 0, 1), Stand(Invoice(), Paid(40), Returned(43)));
        Assert.Equal((60, 1, 1, 0), Stand(Invoice(), Paid(40), Returned(43), Paid(60, "A2", "P2")));
        // Another payment that closed it as well: its day counts now.
        Assert.Equal((50, 1, 1, 0), Stand(Invoice(), Paid(40), Paid(50, "A2", "P2"), Returned(55)));
    }

    [Fact]
    public void Acceptance_that_left_the_house_is_no_longer_dishonoured()
    {
        Fact honoured = new AcceptanceHonoured { Customer = "C", AcceptanceId = "P1", PaidOn = Day + 44, Time = At(44) };
        Fact passed(bool recourse) => new AcceptanceTransferred { Customer = "C", AcceptanceId = "P1", How = TransferHow.Endorsed, Recourse = recourse, Time = At(44) };
        Fact dishonoured(int on) => new AcceptanceDishonoured { Customer = "C", AcceptanceId = "P1", On = Day + on, Time = At(on) };
        Assert.Equal((0, 0, 0, 1), Stand(Invoice(), Paid(40), dishonoured(45)));
        Assert.Equal((0, 0, 0, 1), Stand(Invoice(), Paid(40), passed(recourse: true), dishonoured(45)));
        Assert.Equal((40, 1, 1, 0), Stand(Invoice(), Paid(40), passed(recourse: false), dishonoured(45)));
        Assert.Equal((40, 1, 1, 0), Stand(Invoice(), Paid(40), dishonoured(41), honoured));
    }

    [Fact]
    public void What_nobody_had_to_pay_is_no_case()
    {
        Assert.Equal((-1, 0, 0, 0), Stand(Invoice(), new InvoiceCancelled { Customer = "C", InvoiceId = "I1", Restores = Restores.Nothing, Time = At(3) }));
        Assert.Equal((-1, 0, 0, 0), Stand(Invoice(), Paid(20), new InvoiceCancelled { Customer = "C", InvoiceId = "I1", Restores = Restores.Nothing, Time = At(30) }));
        Assert.Equal((-1, 0, 0, 0), Stand(Invoice(), Credit(20, 1_000)));
        // A credit for a part, and money for the rest.
        Assert.Equal((50, 1, 1, 0), Stand(Invoice(), Credit(20, 400), Paid(50, amount: 600)));
    }

    [Fact]
    public void Credit_note_that_is_matched_in_so_many_words_implies_nothing_any_more()
    {
        Assert.Equal((0, 0, 0, 1), Stand(Invoice(), Credit(20, 1_000), Paid(25, from: "N1", item: "I2", amount: 1_000)));
        Assert.Equal((0, 0, 0, 1), Stand(Invoice(), Paid(25, from: "N1", item: "I2", amount: 1_000), Credit(26, 1_000)));
        Assert.Equal((-1, 0, 0, 0), Stand(Invoice(), Credit(20, 1_000, invoice: ""), Paid(25, from: "N1", amount: 1_000)));
    }

    [Fact]
    public void Bad_debt_was_never_paid_and_a_rest_that_is_let_go_was()
    {
        Assert.Equal((0, 0, 0, 0), Stand(Invoice(), GivenUp(80, 1_000, WriteOffReason.BadDebt)));
        Assert.Equal((0, 0, 0, 0), Stand(Invoice(), Paid(40, amount: 300), GivenUp(80, 700, WriteOffReason.BadDebt)));
        Assert.Equal((40, 1, 1, 0), Stand(Invoice(), Paid(40, amount: 999), GivenUp(41, 1, WriteOffReason.Rounding)));
        Assert.Equal((0, 0, 0, 1), Stand(Invoice(), GivenUp(80, 1_000, WriteOffReason.BadDebt), new WriteOffReversed { Customer = "C", WriteOffId = "W1", Items = [new WriteOffItem { ItemId = "I1", Amount = 1_000 }], Time = At(85) }));
    }

    [Fact]
    public void Fact_is_known_from_the_day_that_is_told_and_not_before()
    {
        var walk = new LedgerWalk();
        walk.Take(Invoice(), Day);
        walk.Take(Paid(10), Day + 14);
        walk.Take(Invoice("I2", 14), Day + 14);
        walk.Take(Invoice("I3", 15), Day + 15);
        walk.EndDay();
        var known = PaymentFactors.IndexOf("history.count");
        Assert.Equal([0, 0, 1], walk.Cases.Select(c => c.Factors[known]));
        Assert.Equal(Day + 10, walk.Cases[0].SettledOn);
    }
}
