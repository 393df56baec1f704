using System.Globalization;
using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

/// <summary>
/// Customers as they are: opened with a name, a segment and a country, with a limit, payment terms, open items, and every
/// fifth with an open order; one of ten is late with what it owes. The same facts from the same numbers, and what their figures must
/// be, by plain sums.
/// </summary>
/// <param name="customers">Number of customers.</param>
/// <param name="each">Open items of each.</param>
/// <param name="today">Business day of the book: on the wall clock it must be that of the clock, else everybody is late by the age of the book.</param>
internal sealed class RealisticBook(int customers, int each, int today)
{
    internal static readonly Currency Eur = Currency.Parse("EUR");
    internal static readonly int Day = new DateOnly(2026, 3, 2).DayNumber;

    private static readonly string[] Segments = ["key", "trade", "retail", "public"];
    private static readonly string[] Countries = ["DE", "FR", "NL", "CN", "US", "PL", "IT", "ES"];

    internal int Customers => customers;

    internal IEnumerable<Fact> Facts()
    {
        for (var c = 0; c < customers; c++)
        {
            yield return Of(c, "open", new CustomerOpened
            {
                Currency = Eur, CustomerSince = today - 900,
                Profile = new CustomerProfile { Name = string.Create(CultureInfo.InvariantCulture, $"Customer number {c} Ltd"), Segment = Segments[c % 4], Country = Countries[c % 8] },
            });
            yield return Of(c, "limit", new LimitSet { Version = 1, Currency = Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = LimitOf(c) }] });
            yield return Of(c, "terms", new TermsAssigned { Terms = "N30", NetDays = 30 });
            for (var item = 0; item < each; item++)
                yield return Of(c, "i" + item, new InvoicePosted { InvoiceId = $"INV-{c}-{item}", Amount = AmountOf(c, item), Currency = Eur, IssuedOn = IssueOf(c), DueOn = IssueOf(c) + 30 + item });
            if (c % 5 == 0) yield return Of(c, "o", new OrderPlaced { OrderId = $"ORD-{c}", Amount = AmountOf(c, 7), Currency = Eur, OrderedOn = today, ShipOn = today + 3 });
        }
    }

    /// <summary>The digest that every customer's figures must have together.</summary>
    internal string Oracle()
    {
        ulong digest = 0;
        for (var c = 0; c < customers; c++)
        {
            long items = 0, orders = c % 5 == 0 ? AmountOf(c, 7) : 0;
            for (var item = 0; item < each; item++) items += AmountOf(c, item);
            digest = unchecked(digest + Line(NameOf(c), items + orders, items, orders, LimitOf(c), each, c % 5 == 0 ? 1 : 0, Segments[c % 4], Countries[c % 8]));
        }

        return string.Create(CultureInfo.InvariantCulture, $"{customers}:{digest:x16}");
    }

    /// <summary>The digest of what an engine shows.</summary>
    internal static string Shown(ExposureEngine engine)
    {
        ulong digest = 0;
        var count = 0;
        foreach (var rows in engine.Published)
            rows.Visit(row =>
            {
                count++;
                var f = row.Figures;
                digest = unchecked(digest + Line(row.Customer, f.Gross, f.Receivables, f.OrdersInside, f.Limit, f.OpenItems, f.OpenOrders, row.Segment, row.Country));
            });
        return string.Create(CultureInfo.InvariantCulture, $"{count}:{digest:x16}");
    }

    internal static string NameOf(int customer) => "C" + customer.ToString(CultureInfo.InvariantCulture);

    private static ulong Line(string customer, long gross, long receivables, long orders, long limit, int items, int count, string segment, string country) =>
        Hashing.XxHash64(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{customer}|{gross}|{receivables}|{orders}|{limit}|{items}|{count}|{segment}|{country}")));

    private static long AmountOf(int customer, int item) => 10_000 + customer % 977 * 100 + item;

    private static long LimitOf(int customer) => 5_000_000 + customer % 89 * 10_000;

    /// <summary>Of those who are late: fifteen days past due with the first item.</summary>
    private int IssueOf(int customer) => customer % 10 == 7 ? today - 45 : today;

    private Fact Of(int customer, string id, Fact fact)
    {
        (fact.Customer, fact.Source, fact.EventId, fact.Time) = (NameOf(customer), "bench", $"{customer}-{id}", Instant.From(DateOnly.FromDayNumber(today)));
        return fact;
    }
}
