using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Learning.Tests;

/// <summary>Nothing is known before its date.</summary>
public sealed class Leaks
{
    private static readonly List<Fact> Told = Books.Facts(Books.Small(5));
    private static readonly LedgerWalk Whole = Books.Walk(Told);
    private static readonly int Cut = Whole.Cases[Whole.Cases.Count * 2 / 3].IssuedOn;

    /// <summary>The same past, and a morning after which nothing is the same: everybody pays at once, or never.</summary>
    private static readonly LedgerWalk[] Others =
    [
        .. ((bool[])[true, false]).Select(isPaid => Books.Walk(Told.Where(f => Day(f) < Cut || f is InvoicePosted or CustomerOpened).Concat(isPaid ? PaidAtOnce(Told, Cut) : []).OrderBy(Day))),
    ];

    [Fact]
    public void No_factor_of_an_invoice_changes_when_the_future_does()
    {
        foreach (var other in Others)
        {
            var (judged, knowing) = Knowing(other, static told => told.Factors);
            Assert.True(judged > 1_000);
            Assert.True(knowing.Count == 0, $"know what comes on {Cut} or later: {string.Join(", ", knowing)}");
        }
    }

    /// <summary>The walk above over every factor sees it when a factor reads the day on which the invoice was settled, whichever it is.</summary>
    [Fact]
    public void A_factor_that_reads_the_day_of_settlement_is_found_whichever_it_is()
    {
        for (var leaking = 0; leaking < PaymentFactors.Count; leaking++)
        {
            var planted = leaking;
            int[] Leaking(Case told)
            {
                int[] factors = [.. told.Factors];
                factors[planted] = told.SettledOn;
                return factors;
            }

            foreach (var other in Others) Assert.Equal([PaymentFactors.All[leaking].Name], Knowing(other, Leaking).Knowing);
        }
    }

    /// <summary>What is learned on the morning, and what it says of the invoices of that morning, is the same to the last byte.</summary>
    [Fact]
    public void No_card_and_no_score_changes_when_the_future_does()
    {
        static LateModel Fitted(LedgerWalk walk) => LateModel.Fit(Past(walk), 5, Cut, null, new Growing { TreesMost = 40 })!;
        var model = Fitted(Whole);
        Assert.True(model.Card.Trees.Count > 10);
        foreach (var other in Others)
        {
            var again = Fitted(other);
            Assert.Equal((ScorecardText.Write(model.Card), ScorecardText.Write(model.OnsetCard)), (ScorecardText.Write(again.Card), ScorecardText.Write(again.OnsetCard)));
            Assert.Equal(Whole.Cases.Where(c => c.IssuedOn == Cut).Select(c => model.Card.Score(c.Factors)), other.Cases.Where(c => c.IssuedOn == Cut).Select(c => again.Card.Score(c.Factors)));
        }

        static List<Case> Past(LedgerWalk walk) => [.. walk.Cases.Where(c => c.IssuedOn < Cut)];
    }

    /// <summary>How many invoices up to the cut are compared, and the factors that differ in one of them.</summary>
    private static (int Judged, List<string> Knowing) Knowing(LedgerWalk other, Func<Case, int[]> factors)
    {
        var (judged, knows) = (0, new bool[PaymentFactors.Count]);
        for (; judged < Whole.Cases.Count && Whole.Cases[judged].IssuedOn <= Cut; judged++)
        {
            Assert.Equal(Whole.Cases[judged].Document, other.Cases[judged].Document);
            var (here, there) = (factors(Whole.Cases[judged]), factors(other.Cases[judged]));
            for (var f = 0; f < knows.Length; f++) knows[f] |= here[f] != there[f];
        }

        return (judged, [.. PaymentFactors.All.Where((_, f) => knows[f]).Select(f => f.Name)]);
    }

    [Fact]
    public void The_future_does_change_factors_later_on()
    {
        var (facts, whole) = (Told, Whole);
        var cut = whole.Cases[whole.Cases.Count / 2].IssuedOn;
        var other = Books.Walk(facts.Where(f => Day(f) < cut || f is InvoicePosted or CustomerOpened));
        var moved = new bool[PaymentFactors.Count];
        for (var i = 0; i < whole.Cases.Count; i++)
            for (var f = 0; f < moved.Length; f++) moved[f] |= whole.Cases[i].Factors[f] != other.Cases[i].Factors[f];
        // What stands on the invoice itself does not depend on payments (and these terms hardly vary); all else does, or the test above tests nothing.
        string[] still = ["since.issue", "since.first", "invoice.size", "invoice.terms", "invoice.termsAgainst", "due.weekday", "due.day", "due.yearEnd", "issue.weekday", "issue.day", "issue.month30", "issue.burst", "trait.terms", "trait.terms15", "trait.country"];
        for (var f = 0; f < moved.Length; f++)
            if (!still.Contains(PaymentFactors.All[f].Name)) Assert.True(moved[f], PaymentFactors.All[f].Name);
    }

    [Fact]
    public void A_column_that_knows_the_day_of_payment_changes_no_score()
    {
        var csv = Books.Small(6).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var planted = string.Join('\n', csv.Select((line, i) => line + (i == 0 ? ",days_late,disputed" : "," + line.Split(',')[5] + "," + (line.Split(',')[5].Length > 0 && line.Split(',')[5].CompareTo(line.Split(',')[4]) > 0 ? "yes" : "no"))));
        var format = Books.Format with { Columns = Books.Format.Columns.Append(new("disputed", "disputed")).ToDictionary(c => c.Key, c => c.Value) };
        var (plain, leaking) = (Books.Walk(Books.Facts(string.Join('\n', csv))), Books.Walk(Books.Facts(planted, format)));
        Assert.Equal(plain.Cases.Count, leaking.Cases.Count);
        for (var i = 0; i < plain.Cases.Count; i++) Assert.Equal(plain.Cases[i].Factors, leaking.Cases[i].Factors);
    }

    [Fact]
    public void A_payment_counts_from_the_day_after_it_cleared()
    {
        const string Csv = "customer,invoice,issued,due,settled,amount,currency\nA,1,2025-01-01,2025-01-10,2025-02-03,100,EUR\nA,2,2025-02-03,2025-03-01,,100,EUR\nA,3,2025-02-04,2025-03-01,,100,EUR\n";
        var cases = Books.Walk(Books.Facts(Csv)).Cases;
        Assert.Equal([0, 0, 1], cases.Select(c => c.History.Known));
        var open = PaymentFactors.IndexOf("open.late15");
        Assert.Equal([0, 1, 0], cases.Select(c => c.Factors[open]));
    }

    [Fact]
    public void Outcome_is_told_of_paid_and_unpaid_alike_once_the_days_are_over()
    {
        const string Csv = "customer,invoice,issued,due,settled,amount,currency\nA,1,2025-01-01,2025-01-10,2025-01-15,100,EUR\nA,2,2025-01-01,2025-01-10,2025-01-16,100,EUR\nA,3,2025-01-01,2025-01-10,,100,EUR\n";
        var cases = Books.Walk(Books.Facts(Csv)).Cases;
        var due = new DateOnly(2025, 1, 10).DayNumber;
        Assert.All(cases, c => Assert.Null(c.Late(5, due + 5)));
        Assert.Equal([false, true, true], cases.Select(c => c.Late(5, due + 6)));
    }

    private static int Day(Fact fact) => fact.Time.UtcDate.DayNumber;

    private static IEnumerable<Fact> PaidAtOnce(List<Fact> facts, int cut) => facts.OfType<InvoicePosted>().Where(i => i.IssuedOn >= cut).Select(i => new PaymentAllocated
    {
        Customer = i.Customer, AllocatedOn = i.IssuedOn, Time = i.Time, FromId = "x", AllocationId = "x" + i.InvoiceId, Items = [new AllocationItem { ItemId = i.InvoiceId, Amount = i.Amount }],
    });
}
