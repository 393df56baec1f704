using Xunit;
using Xunit.Abstractions;

namespace ExposureMonitor.Domain.Tests.Laws;

/// <summary>
/// The ledger of statements and letters is made of the same facts as the account, by other rules written a second time: what both say of what is
/// owed must agree, or no letter goes out. How often they do, over made-up histories full of oddities.
/// </summary>
public sealed class LedgerLaws(ITestOutputHelper output)
{
    private readonly Met _met = new();

    [Fact]
    public void Movements_add_up_to_what_the_account_says()
    {
        var (agree, differ, shortest) = (0, 0, int.MaxValue);
        Deed.ForAll(300, Narrator.Facts, deeds =>
        {
            var facts = new List<Fact>();
            var life = new Life(limit: null)
            {
                After = (fact, outcome, _) =>
                {
                    if (outcome.Kind is OutcomeKind.Applied or OutcomeKind.Parked) facts.Add(fact);
                },
            };
            deeds.ForEach(life.Do);
            var detail = life.Desk.Detail;
            var ledger = CustomerLedger.Of(facts);
            var books = ledger.OwedBy(detail, Desk.Eur);
            var ours = ledger.BalanceAt(Desk.Eur, int.MaxValue);
            if (books == ours) agree++;
            else
            {
                differ++;
                if (facts.Count < shortest)
                {
                    shortest = facts.Count;
                    output.WriteLine($"books {books}, ledger {ours}: {string.Join(", ", facts.Select(f => f.GetType().Name + " " + f.Document))}; items {string.Join(", ", detail.Items.Select(i => $"{i.ItemId} {i.Open}"))}; credits {string.Join(", ", detail.Credits.Select(c => $"{c.Id} {c.Unallocated}"))}; lines {string.Join(", ", ledger.Lines.Select(l => $"{l.Kind} {l.DocumentId} {l.Amount}"))}; marks {string.Join(", ", detail.Marks.Select(m => m.Mark))}");
                }
            }

            // Whatever the history, periods fit together and lines add up.
            var middle = life.Desk.Book.Today;
            var (first, second) = (AccountStatement.Of(ledger, Desk.Eur, 1, middle), AccountStatement.Of(ledger, Desk.Eur, middle + 1, int.MaxValue - 1));
            Assert.Equal(first.Closing, second.Opening);
            Assert.Equal(first.Closing, first.Opening + first.Lines.Sum(l => l.Amount));
            Assert.Equal(first.Items.Sum(i => i.Open), first.Ageing.Sum());
            // Facts that came in another order say the same.
            facts.Reverse();
            var turned = CustomerLedger.Of(facts);
            Assert.Equal(ours, turned.BalanceAt(Desk.Eur, int.MaxValue));
        }, () => output.WriteLine(_met.ToString()));
        output.WriteLine($"{agree} agree, {differ} differ");
        Assert.True(differ * 4 <= agree, $"{agree} histories agree, {differ} differ");
    }
}
