using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Learning;

namespace ExposureMonitor.Standalone;

/// <summary>The book of a database, walked from its journal to its end.</summary>
/// <param name="Walk">The walk.</param>
/// <param name="History">The facts that it read.</param>
/// <param name="Remarks">What a reader must know of them.</param>
internal sealed record WalkedJournal(LedgerWalk Walk, BookHistory History, IReadOnlyList<string> Remarks)
{
    /// <summary>Reads the journal as of one moment: no lock, no write, beside a service or without one.</summary>
    /// <exception cref="InvalidDataException">It holds no invoice.</exception>
    internal static async Task<WalkedJournal> ReadAsync(string told, bool quiet, CancellationToken cancel)
    {
        await using var stored = await Common.ReaderAsync(told, cancel);
        var partitions = stored.Database.Partitions;
        var total = (await stored.HeadsAsync(cancel)).Where(h => h.Partition >= 0).Sum(h => h.Seq);
        BookHistory history = null!;
        await Progress.RunAsync(quiet, "read the journal, frames", total, async tell => history = await BookHistory.ReadAsync(new CountingReader(stored, tell), partitions, LedgerWalk.Reads, cancel));
        var walk = new LedgerWalk();
        foreach (var known in history.Facts) walk.Take(known.Fact, known.KnownOn);
        walk.EndDay();
        if (walk.Cases.Count == 0) throw new InvalidDataException($"'{told}' holds no invoice that is or was owed: there is nothing to learn from yet, and the shrunk share serves.");
        List<string> remarks = [];
        if (history.Loaded > 0)
            remarks.Add($"{history.Loaded} of {history.Facts.Count} facts arrived more than {BookHistory.LatenessDays} days after their time: they were loaded as a past, and count as known from their own time.");
        if (history.Pruned.Count > 0)
            remarks.Add($"The journal of {history.Pruned.Count} of {partitions} partitions was pruned, the latest up to {history.Pruned.Max(p => p.UpTo).UtcDate:yyyy-MM-dd}: what was before is gone and was not learned from.");
        return new WalkedJournal(walk, history, remarks);
    }
}

/// <summary><c>exposure show CUSTOMER --score</c>: how the customer will pay, with the factors, their points, and the facts that made them.</summary>
internal static class ScoreReport
{
    private const int FactorsShown = 8;

    /// <param name="database">The address.</param>
    /// <param name="customer">Whose score it is.</param>
    /// <param name="cards">Folder of the cards; <c>null</c> for none.</param>
    /// <param name="json">As JSON, with all factors.</param>
    /// <param name="cancel">Ends the reading.</param>
    internal static async Task RunAsync(string database, string customer, DirectoryInfo? cards, bool json, CancellationToken cancel)
    {
        var read = await CardsAsync(cards, cancel);
        var journal = await WalkedJournal.ReadAsync(database, json, cancel);
        var score = CustomerScores.Of(journal.Walk, customer, read) ?? throw new InvalidOperationException($"No invoice of a customer '{customer}'.");
        var events = EventsOf(journal.History, customer);
        IReadOnlyList<string> remarks = [.. read.Count > 0 ? [] : (string[])["No card was told (--cards): the shrunk share serves."], .. journal.Remarks];
        if (json) Console.WriteLine(JsonSerializer.Serialize(new { score.Customer, score.AsOf, score.Paid, score.Shares, open = score.Open.Select(o => Told(o, events)), remarks }, EvaluationJson.Options));
        else Print(score, events, remarks);
    }

    private static async Task<IReadOnlyList<(Scorecard Card, string Version)>> CardsAsync(DirectoryInfo? folder, CancellationToken cancel)
    {
        if (folder is null) return [];
        if (!folder.Exists) throw new ArgumentException($"--cards: there is no folder '{folder}'.");
        List<(Scorecard Card, string Version)> cards = [];
        foreach (var file in folder.GetFiles("*.scorecard").OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            var text = await File.ReadAllTextAsync(file.FullName, cancel);
            try
            {
                cards.Add((ScorecardText.Read(text), ScorecardText.VersionOf(text)));
            }
            catch (FormatException wrong)
            {
                throw new InvalidDataException($"{file}: {wrong.Message}", wrong);
            }
        }

        return cards.Count > 0 ? cards : throw new ArgumentException($"--cards: '{folder}' holds no card (<target>.scorecard); exposure learn writes them.");
    }

    /// <summary>By invoice: the entry that posted it, and the last one that paid for it.</summary>
    private static Dictionary<string, (KnownFact? Posted, KnownFact? Paid)> EventsOf(BookHistory history, string customer)
    {
        var events = new Dictionary<string, (KnownFact? Posted, KnownFact? Paid)>(StringComparer.Ordinal);
        foreach (var known in history.Facts)
        {
            if (known.Fact.Customer != customer) continue;
            if (known.Fact is InvoicePosted posted) events[posted.InvoiceId] = (known, events.GetValueOrDefault(posted.InvoiceId).Paid);
            if (known.Fact is not PaymentAllocated allocated) continue;
            foreach (var item in allocated.Items) events[item.ItemId] = (events.GetValueOrDefault(item.ItemId).Posted, known);
        }

        return events;
    }

    private static object Told(InvoiceScore o, Dictionary<string, (KnownFact? Posted, KnownFact? Paid)> events) => new
    {
        o.Document, currency = o.Currency.Code, o.IssuedOn, o.DueOn, left = o.Left.ToString(CultureInfo.InvariantCulture), o.Expected,
        scores = o.Scores.Select(s => new { s.Target, s.Version, s.Points, s.ChancePpm, s.Base, factors = s.Factors.Select(f => new { f.Factor, f.Meaning, f.Unit, f.Value, f.Points, madeOf = f.MadeOf.ToString() }) }),
        facts = new
        {
            invoice = Lines([o.Document], events, paid: false), payments = Lines(o.Payments, events, paid: true), open = Lines(o.OpenThen, events, paid: false),
        },
    };

    private static IEnumerable<FactLine> Lines(IReadOnlyList<string> documents, Dictionary<string, (KnownFact? Posted, KnownFact? Paid)> events, bool paid) =>
        documents.Select(d => (Document: d, Known: paid ? events.GetValueOrDefault(d).Paid : events.GetValueOrDefault(d).Posted)).Where(l => l.Known is not null)
            .Select(l => new FactLine(l.Known!.Value.At.ToString(), FactCatalogue.WireTypeOf(l.Known.Value.Fact), l.Known.Value.Fact.EventId, l.Known.Value.Fact.Source, l.Known.Value.Fact.Time.ToString(), l.Document));

    private sealed record FactLine(string Entry, string Type, string Id, string Source, string Time, string Document);

    private static void Print(CustomerScore score, Dictionary<string, (KnownFact? Posted, KnownFact? Paid)> events, IReadOnlyList<string> remarks)
    {
        void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        Line($"{score.Customer}, as of {score.AsOf:yyyy-MM-dd}: {score.Paid} invoices paid, {score.Open.Count} open");
        foreach (var share in score.Shares)
            Line($"  more than {share.Days} days late: {share.Ppm / 1e6:0.0%} = ({share.Late} late + 3 × {share.BookPpm / 1e6:0.0%} of the book) ÷ ({score.Paid} + 3){(share.IsClean ? "; none of the last 20: lateness would be an onset" : "")}");
        foreach (var o in score.Open)
        {
            var e = o.Expected;
            Line($"{o.Document}: {o.Left} {o.Currency.Code} (minor units) open, issued {o.IssuedOn:yyyy-MM-dd}, due {o.DueOn:yyyy-MM-dd}; payment expected on {e.On:yyyy-MM-dd}{(e.From is { } from ? $", in {e.Claimed:0%} of cases from {from:yyyy-MM-dd} to {e.Until:yyyy-MM-dd}" : "; too few paid invoices in the book for an interval")}{(e.IsOver ? "; that is over" : "")}");
            foreach (var s in o.Scores)
            {
                Line($"  {s.Target}, card {s.Version}: {s.Points / 100.0:0.00} points, chance of being late {s.ChancePpm / 1e6:0.0%}; {s.Base / 100.0:0.00} for everybody");
                foreach (var f in s.Factors.Take(FactorsShown))
                    Line($"    {f.Points / 100.0,8:+0.00;-0.00}  {f.Factor} {(f.Value is { } value ? $"{value} {f.Unit}" : "cannot be told")}: {f.Meaning} [{f.MadeOf}]");
                if (s.Factors.Count > FactorsShown) Line($"    {s.Factors.Skip(FactorsShown).Sum(f => f.Points) / 100.0,8:+0.00;-0.00}  {s.Factors.Count - FactorsShown} others (--json tells them)");
            }

            Facts("Invoice", Lines([o.Document], events, paid: false));
            Facts("Payments", Lines(o.Payments, events, paid: true));
            Facts("Open", Lines(o.OpenThen, events, paid: false));
        }

        foreach (var remark in remarks) Console.WriteLine(remark);
    }

    private static void Facts(string madeOf, IEnumerable<FactLine> lines)
    {
        foreach (var l in lines) Console.WriteLine($"  {madeOf,-8} {l.Entry,-12} {l.Time}  {l.Type}  {l.Id}  ({l.Document})");
    }
}
