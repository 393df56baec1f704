using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Our receivables by company against the seller's own books.</summary>
public sealed class Reconciliations
{
    private static readonly Currency Usd = Currency.Parse("USD");

    private readonly Desk _desk = new();
    private readonly List<(Fact Fact, OutcomeKind Outcome)> _told = [];

    [Fact]
    public void An_invoice_is_owed_at_the_company_that_posted_it_and_money_stands_at_the_one_that_took_it()
    {
        Tell("DE01", Invoice("I-1", 1_000));
        Tell("FR02", Invoice("I-2", 500));
        Tell("DE01", Payment("P-1", 700));
        Tell("DE01", Matched("A-1", "P-1", ("I-1", 400), ("I-2", 100)));

        // What money of one company settled at the other is owed to the other no longer.
        Assert.Equal([("DE01", 600, 200), ("FR02", 400, 0)], Split());
    }

    [Fact]
    public void What_is_undone_cancelled_or_written_off_changes_the_company_of_the_invoice_alone()
    {
        Tell("DE01", Invoice("I-1", 1_000));
        Tell("FR02", Invoice("I-2", 500));
        Tell("FR02", Invoice("I-3", 50));
        Tell("DE01", Payment("P-1", 1_000));
        Tell("DE01", Matched("A-1", "P-1", ("I-1", 1_000)));
        Assert.Equal([("FR02", 550, 0)], Split());

        Tell("", new PaymentDeallocated { AllocationId = "A-1", Reason = "wrong" });
        Tell("", new InvoiceCancelled { InvoiceId = "I-3", Restores = Restores.Nothing });
        Tell("", new WriteOffPosted { WriteOffId = "W-1", Items = [new WriteOffItem { ItemId = "I-2", Amount = 200 }] });
        Assert.Equal([("DE01", 1_000, 1_000), ("FR02", 300, 0)], Split());

        Tell("", new WriteOffReversed { WriteOffId = "W-1" });
        Tell("", new PaymentReturned { PaymentId = "P-1", ReturnedOn = On("2026-03-02"), Reason = "no cover" });
        Assert.Equal([("DE01", 1_000, 0), ("FR02", 500, 0)], Split());
    }

    [Fact]
    public void What_a_payment_gave_back_above_its_amount_is_owed_where_the_payment_stands()
    {
        Tell("DE01", Payment("P-1", 300));
        Tell("FR02", new PaymentRefunded { RefundId = "R-1", FromId = "P-1", Amount = 400, Currency = Eur });
        Assert.Equal([("DE01", 100, 0)], Split());
    }

    [Fact]
    public void The_posting_says_the_company_and_where_it_is_silent_the_billing_does()
    {
        Tell("DE01", new InvoiceBilled { InvoiceId = "I-1", Amount = 100, Currency = Eur });
        Tell("", Invoice("I-1", 100));
        Tell("DE01", new InvoiceBilled { InvoiceId = "I-2", Amount = 30, Currency = Eur });
        Tell("FR02", Invoice("I-2", 30));
        Assert.Equal([("DE01", 100, 0), ("FR02", 30, 0)], Split());
    }

    [Fact]
    public void An_invoice_that_comes_again_with_another_company_stays_where_it_was_posted()
    {
        Tell("DE01", Invoice("I-1", 100));
        Assert.Equal(OutcomeKind.ConflictingDuplicate, Tell("FR02", Invoice("I-1", 100)));
        Assert.Equal([("DE01", 100, 0)], Split());
    }

    [Fact]
    public void A_document_whose_fact_is_gone_stands_under_no_company_and_is_counted()
    {
        Tell("DE01", Invoice("I-1", 100));
        Tell("", Invoice("I-2", 40));
        _told.RemoveAt(0);
        var split = Taken();
        Assert.Equal([new CompanyBalance(Customer, "", Eur, 140, 0)], split.Balances());
        Assert.Equal(1, split.Untold);
        Assert.Null(split.Unbalanced);
    }

    [Fact]
    public void Parts_that_do_not_add_up_to_the_account_are_said_with_both_figures()
    {
        Tell("DE01", Invoice("I-1", 100));
        var split = Taken();
        _desk.Book.Ledgers[_desk.Book.Account(0).Ledger].Sums[(int)Part.Receivables] = 90;
        split.Balances();
        Assert.Equal("C-1: receivables stand at 90 EUR, by company they add up to 100", split.Unbalanced);
    }

    [Fact]
    public void Unapplied_money_that_does_not_add_up_is_said_as_well()
    {
        Tell("DE01", Payment("P-1", 100));
        var split = Taken();
        _desk.Book.Ledgers[_desk.Book.Account(0).Ledger].Sums[(int)Part.Unapplied] = 130;
        split.Balances();
        Assert.Equal("C-1: unapplied money stands at 130 EUR, by company it adds up to 100", split.Unbalanced);
    }

    [Fact]
    public void Whoever_one_side_does_not_name_counts_there_as_zero_and_it_is_said()
    {
        var compared = Compare([new("C-1", "DE01", Eur, 1_000, 0), new("C-2", "DE01", Eur, 70, 0)], [new("C-1", "DE01", Eur, 1_000), new("C-3", "FR02", Eur, 25)]);

        Assert.Equal([("C-2", 70, 0, true, false), ("C-3", 0, 25, false, true)], compared.Differences.Select(d => (d.Balance.Customer, d.Balance.Ours, d.Balance.Theirs, d.Balance.IsOurs, d.Balance.IsTheirs)));
        Assert.Equal((1, 1), compared.OneSided);
        Assert.Equal([("DE01", (Int128)1_070, (Int128)1_000, 2, 1), ("FR02", 0, 25, 1, 1)], compared.Totals.Select(t => (t.Company, t.Ours, t.Theirs, t.Balances, t.Differing)));
    }

    [Fact]
    public void A_balance_of_zero_that_only_one_side_has_is_no_difference()
    {
        var compared = Compare([new("C-1", "DE01", Eur, 0, 30)], [new("C-2", "DE01", Eur, 0)]);
        Assert.Empty(compared.Differences);
        Assert.Equal((0, 0), compared.OneSided);
        Assert.Equal((Int128)30, compared.Totals[0].Unapplied);
    }

    [Fact]
    public void Differences_stand_by_their_size_in_the_base_currency_whatever_their_sign_and_first_what_has_no_rate()
    {
        // One dollar is worth two euros, and nobody knows what a yen is worth.
        var compared = Compare(
            [new("C-1", "", Eur, 150, 0), new("C-2", "", Usd, 0, 0), new("C-3", "", Currency.Parse("JPY"), 1, 0), new("C-4", "", Eur, 500, 0)],
            [new("C-1", "", Eur, 0), new("C-2", "", Usd, 100), new("C-4", "", Eur, 501)]);
        Assert.Equal(["C-3", "C-2", "C-1", "C-4"], compared.Differences.Select(d => d.Balance.Customer));
        Assert.Equal([1, -100, 150, -1], compared.Differences.Select(d => d.Balance.Difference));
    }

    [Fact]
    public void A_difference_between_companies_alone_is_told_from_one_of_the_customer()
    {
        var compared = Compare([new("C-1", "DE01", Eur, 100, 0), new("C-2", "DE01", Eur, 9, 0)], [new("C-1", "FR02", Eur, 100), new("C-2", "DE01", Eur, 4)]);
        Assert.Equal([("C-1", "DE01", (Int128)0), ("C-1", "FR02", 0), ("C-2", "DE01", 5)], compared.Differences.Select(d => (d.Balance.Customer, d.Balance.Company, d.InAll)));
    }

    [Fact]
    public void Some_customers_alone_have_totals_of_their_own()
    {
        var part = Compare([new("C-1", "DE01", Eur, 100, 0), new("C-2", "DE01", Eur, 9, 0)], [new("C-1", "DE01", Eur, 90)]).For(c => c == "C-2");
        Assert.Equal([("DE01", (Int128)9, 1)], part.Totals.Select(t => (t.Company, t.Ours, t.Differing)));
        Assert.Equal((1, 0), part.OneSided);
    }

    [Fact]
    public void A_second_line_for_the_same_customer_and_company_is_refused()
    {
        var wrong = Assert.Throws<ArgumentException>(() => Compare([], [new("C-1", "DE01", Eur, 1), new("C-1", "DE01", Eur, 2)]));
        Assert.StartsWith("C-1, company 'DE01', EUR: a second line of the list.", wrong.Message, StringComparison.Ordinal);
    }

    private static Reconciliation Compare(IReadOnlyList<CompanyBalance> ours, IReadOnlyList<ListedBalance> theirs) =>
        Reconciliation.Of(ours, theirs, static (amount, currency) => currency == Eur ? amount : currency == Usd ? amount * 2 : null);

    private OutcomeKind Tell(string company, Fact fact)
    {
        fact.Company = company;
        var outcome = _desk.Tell(fact).Kind;
        _told.Add((fact, outcome));
        return outcome;
    }

    private CompanySplit Taken()
    {
        var split = new CompanySplit(_desk.Book);
        foreach (var (fact, outcome) in _told) split.Take(fact, outcome);
        return split;
    }

    private IEnumerable<(string, long, long)> Split()
    {
        var split = Taken();
        var balances = split.Balances();
        Assert.Null(split.Unbalanced);
        return balances.OrderBy(b => b.Company, StringComparer.Ordinal).Select(b => (b.Company, b.Open, b.Unapplied));
    }

    private static InvoicePosted Invoice(string id, long amount) => new() { InvoiceId = id, Amount = amount, Currency = Eur, IssuedOn = On("2026-03-01"), DueOn = On("2026-03-31") };

    private static PaymentReceived Payment(string id, long amount) => new() { PaymentId = id, Amount = amount, Currency = Eur, ValueOn = On("2026-03-02"), Cleared = true };

    private static PaymentAllocated Matched(string id, string from, params (string Item, long Amount)[] parts) =>
        new() { AllocationId = id, FromId = from, AllocatedOn = On("2026-03-02"), Items = [.. parts.Select(p => new AllocationItem { ItemId = p.Item, Amount = p.Amount })] };
}
