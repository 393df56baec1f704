using Xunit;
using Xunit.Abstractions;
using static ExposureMonitor.Domain.Tests.Desk;
using static ExposureMonitor.Domain.Tests.Laws.Deed;

namespace ExposureMonitor.Domain.Tests.Laws;

/// <summary>Whatever happens to a customer's documents, what he owes the seller's companies adds up to what he owes.</summary>
public sealed class ReconciliationLaws(ITestOutputHelper output)
{
    private readonly Met _met = new();

    [Fact]
    public void What_a_customer_owes_by_company_adds_up_to_his_account_and_each_document_stands_at_its_own()
    {
        ForAll(400, Life.Kinds, deeds =>
        {
            var told = new List<(Fact Fact, OutcomeKind Outcome)>();
            var life = new Life(limit: null)
            {
                Before = fact => fact.Company = fact is PartitionFact ? "" : CompanyOf(fact.Document),
                After = (fact, outcome, _) => told.Add((fact, outcome.Kind)),
            };
            deeds.ForEach(life.Do);
            var (book, detail) = (life.Desk.Book, life.Desk.Detail);
            var split = new CompanySplit(book);
            foreach (var (fact, outcome) in told) split.Take(fact, outcome);
            var balances = split.Balances();

            Assert.Null(split.Unbalanced);
            Assert.Equal(0, split.Untold);
            Assert.Equal(life.Desk.Figures.Receivables, balances.Sum(b => b.Open));
            Assert.Equal(life.Desk.Figures.Unapplied, balances.Sum(b => b.Unapplied));
            foreach (var company in detail.Items.Select(i => CompanyOf(i.ItemId)).Concat(balances.Select(b => b.Company)).Distinct())
                Assert.Equal(detail.Items.Where(i => CompanyOf(i.ItemId) == company).Sum(i => i.Open), balances.Where(b => b.Company == company).Sum(b => b.Open));

            _met.Note("owed at two companies", balances.Count(b => b.Open > 0) > 1);
            _met.Note("unapplied", balances.Exists(b => b.Unapplied > 0));
            _met.Note("a payment is owed for", detail.Items.Exists(i => told.Exists(t => t.Fact is PaymentReceived or CreditNoteIssued or AcceptanceReceived && t.Fact.Document == i.ItemId)));
            _met.Note("cancelled", told.Exists(t => t is { Fact: InvoiceCancelled, Outcome: OutcomeKind.Applied }));
            _met.Note("undone", told.Exists(t => t is { Fact: PaymentDeallocated, Outcome: OutcomeKind.Applied }));
            _met.Note("returned", told.Exists(t => t is { Fact: PaymentReturned, Outcome: OutcomeKind.Applied }));
            _met.Note("written off", told.Exists(t => t is { Fact: WriteOffPosted, Outcome: OutcomeKind.Applied }));
        }, () => output.WriteLine(_met.ToString()));
        _met.AtLeast(20, "owed at two companies", "unapplied", "a payment is owed for", "cancelled", "undone", "returned", "written off");
    }

    /// <summary>The company follows from the number of the document alone.</summary>
    private static string CompanyOf(string document) => "company-" + Hashing.Text(document, 1) % 3;
}
