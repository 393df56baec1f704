using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Standalone;

/// <summary>
/// Lets the book of the demo live at a pace that a person can follow: every second or so something happens. Most of it is trade; and in
/// turn a customer turns bad (an old invoice turns up, then another, then an order that is held), and a while later pays, which releases the
/// order by rule. Nothing of it is special: the events are those that a source sends.
/// </summary>
internal sealed class LivingBook(ExposureEngine engine)
{
    private const string Source = "demo-live";

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(1_200);

    /// <summary>Beats from the turn of a customer to the payment that cures him: long enough to look at it. What was overdue then dwells for a minute.</summary>
    private const int CureBeats = 35;

    private static readonly string[] Stems = ["Nordwind", "Alpina", "Kestrel", "Baltic", "Meridian", "Falke", "Lumen", "Corvus", "Harbour", "Granit", "Sable", "Orion", "Linden", "Aurora", "Vega", "Terra", "Cobalt", "Juniper", "Delta", "Quartz"];
    private static readonly string[] Trades = ["Logistics", "Metals", "Foods", "Paper", "Textiles"];
    private static readonly string[] ChineseStems = ["远东", "华泰", "金山", "东方", "海源", "长江", "南方", "新时代", "天成", "宏达"];
    private static readonly string[] ChineseTrades = ["贸易", "钢铁", "食品", "纸业", "纺织"];

    private readonly Random _dice = new(7);
    private readonly Queue<(int Beat, Func<IEnumerable<Fact>> Facts)> _later = new();

    /// <summary>Who has turned bad and has not paid yet: another order of theirs may restrict them, which a payment does not cure.</summary>
    private readonly HashSet<string> _bad = new(StringComparer.Ordinal);
    private readonly string _run = DateTime.UtcNow.ToString("yyMMddHHmmss", CultureInfo.InvariantCulture);
    private int _number;

    /// <summary>Names of trade instead of numbers, for people who look at a demo.</summary>
    internal async Task NameAsync(CancellationToken cancel)
    {
        var facts = Customers().Select((row, i) => (Fact)new CustomerChanged { Version = 2, Profile = new CustomerProfile { Name = NameOf(i, row.Country), Controller = i % 4 == 0 ? "alice" : i % 4 == 1 ? "bob" : row.Controller } }.For(row.Customer, "demo-name-" + row.Customer, Source)).ToList();
        if (facts.Count > 0) await engine.SubmitBatchAsync(facts, cancel);
    }

    /// <summary>Goes on until the service stops; an outage of the journal is waited for, as any source waits.</summary>
    internal async Task RunAsync(CancellationToken cancel)
    {
        using var clock = new PeriodicTimer(Beat);
        for (var beat = 0; ; beat++)
        {
            try
            {
                await clock.WaitForNextTickAsync(cancel);
                var customers = Customers();
                if (customers.Count == 0) continue;
                var facts = new List<Fact>();
                if (beat % 30 == 5) facts.AddRange(TurnBad(customers, beat));
                else facts.AddRange(Trade(customers));
                while (_later.TryPeek(out var next) && next.Beat <= beat) facts.AddRange(_later.Dequeue().Facts());
                await engine.SubmitBatchAsync(facts, cancel);
            }
            catch (EngineUnavailableException)
            {
                // The source keeps what it has not told, and the next beat tells something else: a demo need not remember.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private List<PublishedRow> Customers()
    {
        var rows = new List<PublishedRow>();
        foreach (var published in engine.Published)
            published.Visit(row =>
            {
                if (row.Customer is { } customer && customer.StartsWith('D') && customer != "DEMO") rows.Add(row);
            });
        rows.Sort((a, b) => string.CompareOrdinal(a.Customer, b.Customer));
        return rows;
    }

    /// <summary>An order that fits, the delivery and invoice of one, or money.</summary>
    private IEnumerable<Fact> Trade(List<PublishedRow> customers)
    {
        var row = customers[_dice.Next(customers.Count)];
        if (_bad.Contains(row.Customer!)) yield break;
        var f = row.Figures;
        var (today, name) = (DateOnly.FromDateTime(DateTime.UtcNow).DayNumber, Next());
        var room = f.LimitKind == LimitKind.Amount ? Math.Max(0, f.Available) : 1_000_000;
        if (f.Receivables > 0 && _dice.Next(100) < 45)
        {
            // Most pay a part of what is open; it stands as money until somebody applies it.
            yield return new PaymentReceived { PaymentId = "L-P" + name, Amount = Math.Max(1_00, f.Receivables * (5 + _dice.Next(25)) / 100), Currency = f.Currency, ValueOn = today, Cleared = true }.For(row.Customer, "p" + name, Source);
            yield break;
        }

        var amount = Math.Max(5_00, Math.Min(room * (2 + _dice.Next(12)) / 100, 5_000_000));
        if (_dice.Next(100) < 60)
            yield return new OrderPlaced { OrderId = "L-O" + name, Amount = amount, Currency = f.Currency, OrderedOn = today, ShipOn = today + 2 + _dice.Next(10), Priority = 1 }.For(row.Customer, "o" + name, Source);
        else
            yield return new InvoicePosted { InvoiceId = "L-I" + name, Amount = amount, Currency = f.Currency, IssuedOn = today - 1, DueOn = today + 14 + _dice.Next(30) }.For(row.Customer, "i" + name, Source);
    }

    /// <summary>Old invoices turn up, the next order is held, and the payment that cures it is on its way.</summary>
    private IEnumerable<Fact> TurnBad(List<PublishedRow> customers, int beat)
    {
        var calm = customers.Where(c => c.Figures is { LimitKind: LimitKind.Amount, Breached: false, HeldOrders: 0, Limit: > 0, RiskState: <= RiskState.Watch } && !_bad.Contains(c.Customer!)).ToList();
        if (calm.Count == 0) yield break;
        var row = calm[_dice.Next(calm.Count)];
        _bad.Add(row.Customer!);
        var (today, name, f) = (DateOnly.FromDateTime(DateTime.UtcNow).DayNumber, Next(), row.Figures);
        var old = Math.Max(10_00, Math.Max(0, f.Available) * 3 / 4);
        // No larger than usual: a surge while late restricts a customer for days, and his payment would not release the order.
        var order = Math.Max(10_00, f.Limit / 25);
        yield return new InvoicePosted { InvoiceId = "L-B" + name, Amount = old, Currency = f.Currency, IssuedOn = today - 75, DueOn = today - 33 - _dice.Next(10) }.For(row.Customer, "b" + name, Source);
        _later.Enqueue((beat + 8, () => [new OrderPlaced { OrderId = "L-H" + name, Amount = order, Currency = f.Currency, OrderedOn = today, ShipOn = today + 3, Priority = 1 }.For(row.Customer, "h" + name, Source)]));
        _later.Enqueue((beat + CureBeats, () => Cure(row.Customer, name)));
    }

    /// <summary>Pays what is open, and applies it to the old invoice: the rule releases what the payment cures.</summary>
    private IEnumerable<Fact> Cure(string customer, string name)
    {
        _bad.Remove(customer);
        if (!engine.TryGetRow(customer, out var row)) yield break;
        var today = DateOnly.FromDateTime(DateTime.UtcNow).DayNumber;
        yield return new PaymentReceived { PaymentId = "L-C" + name, Amount = Math.Max(1_00, row.Figures.Receivables), Currency = row.Figures.Currency, ValueOn = today, Cleared = true }.For(customer, "c" + name, Source);
    }

    private string Next() => string.Create(CultureInfo.InvariantCulture, $"{_run}-{++_number}");

    private static string NameOf(int index, string country) => country == "CN"
        ? ChineseStems[index % ChineseStems.Length] + ChineseTrades[index / 10 % ChineseTrades.Length] + "有限公司"
        : $"{Stems[index % Stems.Length]} {Trades[index / Stems.Length % Trades.Length]} {country switch { "DE" => "GmbH", "FR" => "SA", "PL" => "S.A.", _ => "Ltd" }}";
}

/// <summary>Addresses a fact as its source would.</summary>
internal static class Addressed
{
    internal static T For<T>(this T fact, string customer, string id, string source)
        where T : Fact
    {
        (fact.Customer, fact.EventId, fact.Source) = (customer, id, source);
        return fact;
    }
}
