using System.Diagnostics;
using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Ingest;
using ExposureMonitor.Learning;
using ExposureMonitor.Score;

// Compares scores on generated books and on a ledger: AUC for more than 5 and 15 days, all cases and onset.
// A name that ends with .csv is a ledger of any house, read as "exposure evaluate" reads it; with UNTIL=yyyy-MM-dd as if that day had not begun, so that
// something can be chosen on an earlier time than the one it is judged on.
// "few<seed>" is a generated book of twelve large customers whose habits move.
// "write <seed> <file>" writes a generated book as a file; "dump <name> <file>" what scores look at, for other programs to learn from.
if (args is ["write", var told, var to])
{
    File.WriteAllText(to, WorldOf(int.Parse(told, System.Globalization.CultureInfo.InvariantCulture)).Csv());
    return;
}

if (args is ["dump", var dumped, var into])
{
    using var writer = new StreamWriter(into);
    var cases = Walk(dumped).Cases;
    writer.WriteLine($"customer,issued,due,settled,onset5,onset15,{string.Join(',', PaymentFactors.All.Select(f => f.Name))}");
    foreach (var row in cases)
        writer.WriteLine($"{row.Customer},{row.IssuedOn},{row.DueOn},{row.SettledOn},{(row.IsOnset(5) ? 1 : 0)},{(row.IsOnset(15) ? 1 : 0)},{string.Join(',', row.Factors.Select(v => v == PaymentFactors.Missing ? "" : v.ToString(System.Globalization.CultureInfo.InvariantCulture)))}");
    return;
}

var books = args.Length > 0 ? args : ["ibm", "1", "2", "3"];
foreach (var name in books)
{
    var walk = Walk(name);
    var outcomes = Outcomes.Of(walk);
    var judging = new Judging(walk.Cases, outcomes.AsOf, new JudgingPlan(), How());
    foreach (var days in (int[])[5, 15])
    {
        var begun = Stopwatch.GetTimestamp();
        var (cases, late, orders, models) = judging.Judge(days);
        Console.WriteLine($"{name} late>{days}: {walk.Cases.Count} cases, {cases.Count} judged, {late.Count(l => l)} late, {judging.Starts.Count} fits, trees {string.Join(' ', models.Select(m => m?.Card.Trees.Count + "/" + m?.OnsetCard.Trees.Count))}, {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s");
        var onset = Enumerable.Range(0, cases.Count).Where(i => cases[i].IsOnset(days)).ToArray();
        foreach (var order in orders.Take(Environment.GetEnvironmentVariable("HOW") is null ? 9 : 3))
        {
            var risk = onset.Select(i => order.Risk[i]).ToArray();
            var hits = onset.Select(i => late[i]).ToArray();
            var chance = order.Chance.Length == 0 ? 0 : Evaluation.Calibration(order.Chance, late).Sum(c => Math.Abs(c.Told - c.Seen) * c.Cases) / late.Length;
            Console.WriteLine($"  {order.Name,-16} AUC {Measures.Auc(order.Risk, late, Measures.Rank(order.Risk)):0.000}  AP {Measures.AveragePrecision(order.Risk, late, Measures.Rank(order.Risk)):0.000}  calibration {chance:0.000}  onset {Measures.Auc(risk, hits, Measures.Rank(risk)):0.000} ({hits.Count(h => h)} of {hits.Length})");
        }
    }

    if (Environment.GetEnvironmentVariable("HOW") is null && PaymentDates.Judge(judging) is { } dates)
        Console.WriteLine($"  day of payment: mean error {dates.MeanError:0.00} (usual {dates.UsualMeanError:0.00}), interval held {dates.Covered:0.000} ({dates.Earlier:0.000} earlier), {dates.Width:0.0} days wide{(dates.Renewed is { } r ? $"; renewed {r.Told} of {r.Open}: mean error {r.MeanError:0.00}, held {r.Covered:0.000} ({r.Earlier:0.000} earlier), {r.Width:0.0} days wide" : "")}");
}

static Growing How()
{
    var how = new Growing();
    foreach (var pair in (Environment.GetEnvironmentVariable("HOW") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
    {
        var (key, v) = (pair.Split('=')[0], double.Parse(pair.Split('=')[1], System.Globalization.CultureInfo.InvariantCulture));
        how = key switch { "members" => how with { Members = (int)v }, "leaves" => how with { Leaves = (int)v }, "rate" => how with { Rate = v }, "shrink" => how with { Shrink = v }, "least" => how with { LeafLeast = (int)v }, "factors" => how with { Factors = v }, "cases" => how with { Cases = v }, _ => how with { TreesMost = (int)v } };
    }

    return how;
}

static LedgerWalk Walk(string name)
{
    var format = new FileFormat { Columns = new Dictionary<string, string> { ["customer"] = "customer", ["document"] = "invoice", ["issued"] = "issued", ["due"] = "due", ["settled"] = "settled", ["amount"] = "amount", ["currency"] = "currency" } };
    Currency? single = null;
    byte[] content;
    if (name.EndsWith(".csv", StringComparison.Ordinal))
    {
        content = File.ReadAllBytes(name);
        var reading = LedgerGuess.Read(new MemoryStream(content), new FileFormat(), new HashSet<string>());
        format = reading.Format;
        single = reading.Currency.Length > 0 ? Currency.Parse(reading.Currency) : null;
    }
    else if (name == "ibm")
    {
        content = File.ReadAllBytes(Environment.GetEnvironmentVariable("LEDGERS") + "/ibm_receivables_demo.csv");
        format = new FileFormat { Dates = ["M/d/yyyy"], Columns = new Dictionary<string, string> { ["customer"] = "customerID", ["document"] = "invoiceNumber", ["issued"] = "InvoiceDate", ["due"] = "DueDate", ["settled"] = "SettledDate", ["amount"] = "InvoiceAmount" } };
        single = Currency.Parse("USD");
    }
    else
    {
        var book = name.StartsWith("few", StringComparison.Ordinal) ? FewOf(int.Parse(name[3..], System.Globalization.CultureInfo.InvariantCulture)) : WorldOf(int.Parse(name, System.Globalization.CultureInfo.InvariantCulture));
        content = Encoding.UTF8.GetBytes(book.Csv());
    }

    using var plan = Imports.Ledger(content, format, single, unlimited: true);
    var walk = new LedgerWalk();
    var until = Environment.GetEnvironmentVariable("UNTIL") is { } day ? DateOnly.ParseExact(day, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture).DayNumber : int.MaxValue;
    foreach (var fact in plan.Read().TakeWhile(f => f.Time.UtcDate.DayNumber < until)) walk.Take(fact);
    walk.EndDay();
    return walk;
}

static TradeBook FewOf(int seed) => new() { Seed = seed, Customers = 12, Invoices = 4_700, Days = 1_400, Skew = 0.6, Noise = 6, Moves = 200, Delay = 40 };

static TradeBook WorldOf(int seed) => (seed % 4) switch
{
    1 => new TradeBook { Seed = seed },
    2 => new TradeBook { Seed = seed, Skew = 0.6, Runs = 0.2, Noise = 4, Onset = 0.04, Trouble = 0.02, Season = 0 },
    3 => new TradeBook { Seed = seed, Skew = 1.4, Runs = 0.8, Noise = 1.5, Onset = 0.01, Trouble = 0.08, Season = 4 },
    _ => new TradeBook { Seed = seed, Customers = 300, Invoices = 6_000, Days = 700, Skew = 0.8 },
};
