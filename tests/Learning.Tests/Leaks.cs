using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Learning.Tests;

/// <summary>Nothing is known before its date.</summary>
public sealed class Leaks
{
    [Fact]
    public void No_factor_of_an_invoice_changes_when_the_future_does()
    {
        var facts = Books.Facts(Books.Small(5));
        var whole = Books.Walk(facts);
        var cut = whole.Cases[whole.Cases.Count * 2 / 3].IssuedOn;
        // The same past, and a morning after which nothing is the same: everybody pays at once, or never.
        foreach (var isPaid in (bool[])[true, false])
        {
            var other = Books.Walk(facts.Where(f => Day(f) < cut || f is InvoicePosted or CustomerOpened).Concat(isPaid ? PaidAtOnce(facts, cut) : []).OrderBy(Day));
            var judged = 0;
            for (var i = 0; i < whole.Cases.Count && whole.Cases[i].IssuedOn <= cut; i++)
            {
                Assert.Equal(whole.Cases[i].Document, other.Cases[i].Document);
                for (var f = 0; f < PaymentFactors.Count; f++)
                    Assert.True(whole.Cases[i].Factors[f] == other.Cases[i].Factors[f], $"{PaymentFactors.All[f].Name} of {whole.Cases[i].Document}, issued on {whole.Cases[i].IssuedOn}, knows what comes on {cut} or later");
                judged++;
            }

            Assert.True(judged > 1_000);
        }
    }

    [Fact]
    public void The_future_does_change_factors_later_on()
    {
        var facts = Books.Facts(Books.Small(5));
        var whole = Books.Walk(facts);
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
