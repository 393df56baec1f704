using ExposureMonitor.Domain;
using ExposureMonitor.Score;
using Xunit;

namespace ExposureMonitor.Learning.Tests;

/// <summary>Extracts that do not tell what became of their last invoices, and columns that tell too much.</summary>
public sealed class Extracts
{
    private static readonly string Csv = Books.Small(12);

    [Fact]
    public void Invoices_whose_payments_were_cut_off_are_not_taken_for_late()
    {
        // The last payments stay, but of what was issued in the last 120 days no payment is told.
        var rows = Rows(Csv);
        var cut = rows.Max(r => Date(r[3])) - 120;
        var walk = Books.Walk(Books.Facts(Text(rows.Select(r => Date(r[3]) >= cut ? [.. r[..5], "", .. r[6..]] : r))));
        var whole = Evaluation.Of(Books.Walk(Books.Facts(Text(rows.Where(r => Date(r[3]) < cut)))), new JudgingPlan { Draws = 20 }, []);
        var report = Evaluation.Of(walk, new JudgingPlan { Draws = 20 }, []);
        Assert.InRange(report.ToldUntil!.Value.DayNumber, cut, cut + 7);
        Assert.Equal(whole.Targets[0].Late, report.Targets[0].Late);
        Assert.Equal(whole.Targets[0].Cases, report.Targets[0].Cases);
        Assert.Equal(whole.Targets[0].Scores[0].Auc.Value, report.Targets[0].Scores[0].Auc.Value, 3);
        Assert.Contains(report.Remarks, r => r.Contains("neither fitted nor judged", StringComparison.Ordinal));
    }

    [Fact]
    public void A_customer_that_stops_paying_is_late_and_no_extract_that_ends()
    {
        var rows = Rows(Csv);
        var (last, bad) = (rows.Max(r => Date(r[3])), rows.GroupBy(r => r[1]).MaxBy(g => g.Count())!.Key);
        var walk = Books.Walk(Books.Facts(Text(rows.Select(r => r[1] == bad && Date(r[3]) > last - 150 ? [.. r[..5], "", .. r[6..]] : r))));
        var outcomes = Outcomes.Of(walk);
        Assert.Equal(int.MaxValue, outcomes.ToldUntil);
        Assert.True(walk.Cases.Count(c => c.Customer == bad && c.Late(15, outcomes.AsOf) == true) > 10);
    }

    /// <summary>The layout of a well-known public ledger: two columns tell the day of payment in other words.</summary>
    [Fact]
    public void Days_to_settle_and_days_late_change_no_score()
    {
        var text = Habit.All.Single(h => h.Name == "late payment histories").Of(Csv);
        var bare = string.Join("\r\n", text.Split("\r\n").Select(line => string.Join(',', line.Split(',').SkipLast(2))));
        var (leaking, plain) = (Guessed(text), Guessed(bare));
        Assert.Equal(plain.Cases.Count, leaking.Cases.Count);
        for (var i = 0; i < plain.Cases.Count; i++) Assert.Equal(plain.Cases[i].Factors, leaking.Cases[i].Factors);
    }

    private static LedgerWalk Guessed(string text)
    {
        var content = System.Text.Encoding.UTF8.GetBytes(text);
        var reading = Ingest.LedgerGuess.Read(new MemoryStream(content), new Ingest.FileFormat(), new HashSet<string>());
        using var plan = Ingest.Imports.Ledger(content, reading.Format, Currency.Parse("USD"), unlimited: true);
        return Books.Walk(plan.Read());
    }

    private static List<string[]> Rows(string csv) => [.. csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split(','))];

    private static string Text(IEnumerable<string[]> rows) => Csv.Split('\n')[0] + "\n" + string.Join('\n', rows.Select(r => string.Join(',', r))) + "\n";

    private static int Date(string text) => DateOnly.Parse(text, System.Globalization.CultureInfo.InvariantCulture).DayNumber;
}
