using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Ingest;
using ExposureMonitor.Score;

namespace ExposureMonitor.Learning.Tests;

/// <summary>Made-up ledgers and their facts.</summary>
internal static class Books
{
    internal static readonly FileFormat Format = new()
    {
        Columns = new Dictionary<string, string> { ["customer"] = "customer", ["document"] = "invoice", ["issued"] = "issued", ["due"] = "due", ["settled"] = "settled", ["amount"] = "amount", ["currency"] = "currency" },
    };

    internal static string Small(int seed) => new TradeBook { Seed = seed, Customers = 60, Invoices = 3_000, Days = 400, Skew = 0.7 }.Csv();

    internal static List<Fact> Facts(string csv, FileFormat? format = null)
    {
        using var plan = Imports.Ledger(Encoding.UTF8.GetBytes(csv), format ?? Format, null, unlimited: true);
        return [.. plan.Read()];
    }

    internal static LedgerWalk Walk(IEnumerable<Fact> facts)
    {
        var walk = new LedgerWalk();
        foreach (var fact in facts) walk.Take(fact);
        walk.EndDay();
        return walk;
    }
}
