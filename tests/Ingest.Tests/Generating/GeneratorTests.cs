using System.Globalization;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Ingest;
using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>The simulator of a book: what it promises is measured on the events that it writes.</summary>
public sealed class GeneratorTests
{
    private static readonly GeneratorOptions Large = new() { Seed = 9, Customers = 300, Days = 700 };
    private static readonly Lazy<List<GeneratedEvent>> Events = new(() => [.. new Generator(Large).Run()]);

    [Fact]
    public void Same_seed_gives_the_same_events_and_another_one_does_not()
    {
        var options = new GeneratorOptions { Seed = 3, Customers = 40, Days = 40 };
        var generator = new Generator(options);
        var events = generator.Run().ToList();
        Assert.Equal(events, generator.Run());
        Assert.Equal(events, new Generator(options).Run());
        Assert.NotEqual(events, new Generator(options with { Seed = 4 }).Run());
    }

    [Fact]
    public void Events_come_in_the_order_of_arrival_within_the_told_days()
    {
        Assert.Equal(Events.Value.Select(e => e.At).Order(), Events.Value.Select(e => e.At));
        Assert.All(Events.Value, e => Assert.InRange(DateOnly.FromDateTime(e.At.UtcDateTime), Large.Start, Large.Start.AddDays(Large.Days - 1)));
    }

    /// <summary>Days late of each first payment, by the value date and the due date that the events say.</summary>
    [Theory]
    [InlineData(10, -19, 3)]
    [InlineData(50, -7, 2)]
    [InlineData(250, -3, 1)]
    [InlineData(500, 0, 1)]
    [InlineData(750, 2, 1)]
    [InlineData(950, 10, 2)]
    [InlineData(990, 50, 12)]
    public void Payment_delays_of_the_book_follow_the_quantiles(int permille, int days, int tolerance)
    {
        // Orders whose payment may lie behind the last day would cut the upper end off: only those that are early enough count.
        var (due, delays, last) = (new Dictionary<string, DateOnly>(), new List<int>(), Large.Start.AddDays(Large.Days - 170));
        var seen = new HashSet<string>();
        foreach (var (type, data) in Parsed())
        {
            if (type == "credit.invoice.posted.v1") due.TryAdd(data.GetProperty("invoiceId").GetString()!, DateOnly.Parse(data.GetProperty("dueOn").GetString()!, CultureInfo.InvariantCulture));
            if (type != "credit.payment.received.v1" || !seen.Add(data.GetProperty("paymentId").GetString()!) || !data.GetProperty("paymentId").GetString()!.StartsWith("P-", StringComparison.Ordinal)) continue;
            if (due.TryGetValue("I-" + data.GetProperty("paymentId").GetString()![2..], out var on) && on < last)
                delays.Add(DateOnly.Parse(data.GetProperty("valueOn").GetString()!, CultureInfo.InvariantCulture).DayNumber - on.DayNumber);
        }

        Assert.True(delays.Count > 20_000);
        delays.Sort();
        Assert.InRange(delays[delays.Count * permille / 1000], days - tolerance, days + tolerance);
    }

    [Fact]
    public void Book_has_late_payers_bad_customers_parts_returns_duplicates_late_and_poison_records()
    {
        var (ids, twice, poison, late) = (new HashSet<string>(), 0, 0, 0);
        var types = new Dictionary<string, int>();
        foreach (var made in Events.Value)
        {
            var fact = new EventDecoder().Decode(Encoding.UTF8.GetBytes(made.Json), default);
            if (fact is UndecodableRecord)
            {
                poison++;
                continue;
            }

            if (!ids.Add(fact.EventId)) twice++;
            if (made.At - fact.Time.ToDateTimeOffset() > TimeSpan.FromMinutes(30)) late++;
            types[FactCatalogue.WireTypeOf(fact)] = types.GetValueOrDefault(FactCatalogue.WireTypeOf(fact)) + 1;
        }

        var (all, paid) = (Events.Value.Count, types["credit.payment.received.v1"]);
        Assert.InRange(twice, all / 400, all / 100);
        Assert.InRange(poison, all / 2_000, all / 500);
        Assert.InRange(late, all / 200, all / 50);
        Assert.InRange(types["credit.payment.returned.v1"], paid / 200, paid / 50);
        Assert.Contains(Parsed(), e => e.Type == "credit.payment.received.v1" && e.Data.GetProperty("paymentId").GetString()!.StartsWith("PR-", StringComparison.Ordinal));
        // Customers that turn bad leave invoices unpaid for good.
        Assert.True(paid < types["credit.invoice.posted.v1"]);
    }

    [Fact]
    public void Clean_book_decodes_without_a_fault_and_says_nothing_twice()
    {
        var facts = new Generator(new GeneratorOptions { Customers = 60, Days = 120, IsDirty = false }).Run().Select(e => new EventDecoder().Decode(Encoding.UTF8.GetBytes(e.Json), default)).ToList();
        Assert.DoesNotContain(facts, f => f is UndecodableRecord);
        Assert.Equal(facts.Count, facts.Select(f => f.EventId).Distinct().Count());
    }

    [Fact]
    public void Million_customers_begin_at_once_and_are_not_held_as_text()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var first = new Generator(new GeneratorOptions { Customers = 1_000_000, Days = 2, OrdersPerHundredDays = 0, IsDirty = false }).Run();
        var (count, most) = (0, 0L);
        foreach (var _ in first)
            if (++count % 500_000 == 0) most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
        Assert.Equal(2_000_000, count);
        Assert.InRange(most, 0, 300L << 20);
    }

    private static IEnumerable<(string Type, JsonElement Data)> Parsed()
    {
        foreach (var made in Events.Value)
        {
            JsonDocument document;
            try
            {
                document = JsonDocument.Parse(made.Json);
            }
            catch (JsonException)
            {
                continue;
            }

            yield return (document.RootElement.GetProperty("type").GetString()!, document.RootElement.GetProperty("data"));
        }
    }
}
