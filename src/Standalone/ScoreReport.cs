using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Api;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Learning;

namespace ExposureMonitor.Standalone;

/// <summary>The book of a database, with the cards that its house uses.</summary>
/// <param name="Book">The book.</param>
/// <param name="Cards">Cards of the house.</param>
internal sealed record ReadJournal(JournalBook Book, CardsInForce Cards)
{
    /// <summary>Reads the journal as of one moment: no lock, no write, beside a service or without one.</summary>
    /// <param name="told">The address.</param>
    /// <param name="quiet">Without telling how far it is.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <param name="at">A past moment: the book as of the end of its day, and the cards that were in force at it; <c>null</c> for now.</param>
    /// <exception cref="InvalidDataException">It holds no invoice.</exception>
    internal static async Task<ReadJournal> ReadAsync(string told, bool quiet, CancellationToken cancel, PastBound? at = null)
    {
        await using var stored = await Common.ReaderAsync(told, cancel);
        var until = at?.At.UtcDate.DayNumber ?? int.MaxValue;
        var house = at is null ? await AsOf.NowAsync(stored, stored.Database, Domain.Book.House, cancel) : await AsOf.BookAsync(stored, stored.Database, Domain.Book.House, at, cancel);
        var total = (await stored.HeadsAsync(cancel)).Where(h => h.Partition >= 0).Sum(h => h.Seq);
        JournalBook book = null!;
        await Progress.RunAsync(quiet, "read the journal, frames", total, async tell => book = await JournalBook.ReadAsync(new CountingReader(stored, tell), stored.Database.Partitions, cancel, until: until));
        if (book.Walk.Cases.Count == 0)
            throw new InvalidDataException($"'{told}' holds no invoice that is or was owed{(until == int.MaxValue ? "" : $" by {DateOnly.FromDayNumber(until):yyyy-MM-dd}")}: there is nothing to learn from yet, and the shrunk share serves.");
        return new ReadJournal(book, CardsInForce.Of(house.Desk));
    }
}

/// <summary><c>exposure show CUSTOMER --score</c>: how the customer will pay, with the factors, their points, and the facts that made them.</summary>
internal static class ScoreReport
{
    private const int FactorsShown = 8;

    /// <param name="database">The address.</param>
    /// <param name="customer">Whose score it is.</param>
    /// <param name="cards">Folder of cards to score with instead of those in force; <c>null</c> for those.</param>
    /// <param name="at">A past moment: the end of its day, with the cards that were in force at it; <c>null</c> for now.</param>
    /// <param name="json">As JSON, with all factors.</param>
    /// <param name="cancel">Ends the reading.</param>
    internal static async Task RunAsync(string database, string customer, DirectoryInfo? cards, PastBound? at, bool json, CancellationToken cancel)
    {
        var told = cards is null ? null : await CardsAsync(cards, cancel);
        var journal = await ReadJournal.ReadAsync(database, json, cancel, at);
        var score = told is null
            ? new ExplainedScore(journal.Book, customer, journal.Cards.Read(), journal.Cards.WhyNone, at is null ? null : ExplainedScore.CardsOf(at.At))
            : new ExplainedScore(journal.Book, customer, told, target => told.Any(c => c.Card.Target == target) ? null : new NoCard("NO_CARD", $"No card for {target} is in '{cards}'."));
        if (!score.Score.HasInvoices) throw new InvalidOperationException($"No invoice of a customer '{customer}'{(at is null ? "" : " at that moment")}.");
        if (json) Console.WriteLine(JsonSerializer.Serialize(score.ToJson(), EvaluationJson.Options));
        else Print(score);
    }

    private static async Task<IReadOnlyList<CardAtHand>> CardsAsync(DirectoryInfo folder, CancellationToken cancel)
    {
        if (!folder.Exists) throw new ArgumentException($"--cards: there is no folder '{folder}'.");
        List<CardAtHand> cards = [];
        foreach (var file in folder.GetFiles("*.scorecard").OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            var text = await File.ReadAllTextAsync(file.FullName, cancel);
            try
            {
                cards.Add(new CardAtHand(ScorecardText.Read(text), ScorecardText.VersionOf(text), IsShadow: false));
            }
            catch (FormatException wrong)
            {
                throw new InvalidDataException($"{file}: {wrong.Message}", wrong);
            }
        }

        return cards.Count > 0 ? cards : throw new ArgumentException($"--cards: '{folder}' holds no card (<target>.scorecard); exposure learn writes them.");
    }

    private static void Print(ExplainedScore told)
    {
        void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        var score = told.Score;
        Line($"{score.Customer}, as of {score.AsOf:yyyy-MM-dd}: {score.Paid} invoices paid, {score.Open.Count} open");
        foreach (var share in score.Shares)
        {
            Line($"  more than {share.Days} days late: {share.Ppm / 1e6:0.0%} = ({share.Late} late + 3 × {share.BookPpm / 1e6:0.0%} of the book) ÷ ({score.Paid} + 3){(share.IsClean ? "; none of the last 20: lateness would be an onset" : "")}");
            if (told.WhyNone(share) is { } why) Console.WriteLine($"    {why.Words} The shrunk share serves.");
        }

        foreach (var o in score.Open)
        {
            var e = o.Expected;
            Line($"{o.Document}: {Alerts.Words.Money(o.Left, o.Currency.Code)} open, issued {o.IssuedOn:yyyy-MM-dd}, due {o.DueOn:yyyy-MM-dd}; payment {(e.IsOver ? "was expected" : "expected")} on {e.On:yyyy-MM-dd}{(e.IsRenewed ? $", after {e.FirstOn:yyyy-MM-dd} is over" : "")}{(e.From is { } from ? $", in {e.Claimed:0%} of cases from {from:yyyy-MM-dd} to {e.Until:yyyy-MM-dd}" : "; too few paid invoices in the book for an interval")}{(e.IsOver ? "; that is over, and too few ever waited as long to tell another day" : "")}");
            foreach (var s in o.Scores)
            {
                Line($"  {s.Target}, {(s.IsShadow ? "shadow" : "card")} {s.Version}: {s.Points / 100.0:0.00} points, chance of being late {s.ChancePpm / 1e6:0.0%}; {s.Base / 100.0:0.00} for everybody");
                foreach (var f in s.Factors.Take(FactorsShown))
                    Line($"    {f.Points / 100.0,8:+0.00;-0.00}  {f.Factor} {(f.Value is { } value ? $"{value} {f.Unit}" : "cannot be told")}: {f.Meaning} [{f.MadeOf}]");
                if (s.Factors.Count > FactorsShown) Line($"    {s.Factors.Skip(FactorsShown).Sum(f => f.Points) / 100.0,8:+0.00;-0.00}  {s.Factors.Count - FactorsShown} others (--json tells them)");
            }

            var facts = told.FactsOf(o);
            Facts("Invoice", facts.Invoice);
            Facts("Payments", facts.Payments);
            Facts("Open", facts.Open);
        }

        foreach (var remark in told.Remarks) Console.WriteLine(remark.Text);
    }

    private static void Facts(string madeOf, IEnumerable<FactLine> lines)
    {
        foreach (var l in lines) Console.WriteLine($"  {madeOf,-8} {l.Entry,-12} {l.Time}  {l.Type}  {l.Id}  ({l.Document})");
    }
}
