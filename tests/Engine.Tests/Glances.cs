using ExposureMonitor.Domain;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>A scan by numbers shows what the rows show, and orders ids as their texts are ordered.</summary>
public sealed class Glances
{
    [Fact]
    public async Task A_glance_says_what_its_row_says()
    {
        var folder = Directory.CreateTempSubdirectory("exposure-glance").FullName;
        try
        {
            var address = "sqlite:" + Path.Combine(folder, "book.db");
            await JournalFactory.CreateAsync(address, new DatabaseInfo("test", "EUR", 2, "wall", "UTC", false));
            await using var engine = new ExposureEngine(await JournalFactory.OpenServiceAsync(address));
            await engine.StartAsync();
            var (eur, day) = (Currency.Parse("EUR"), DateOnly.FromDateTime(DateTime.UtcNow).DayNumber);
            for (var i = 0; i < 40; i++)
            {
                var id = "C" + i;
                Fact[] facts =
                [
                    new CustomerOpened { Currency = eur, Profile = new CustomerProfile { Name = id, Segment = i % 2 == 0 ? "A" : "B", Country = "DE" } },
                    new LimitSet { Version = 1, Currency = eur, SetBy = "t", Steps = [new LimitStep { From = day - 9, Kind = LimitKind.Amount, Amount = 1_000 + i }] },
                    new InvoicePosted { InvoiceId = "I" + i, Amount = 900 + 10 * i, Currency = eur, IssuedOn = day - 90, DueOn = day - i * 3 },
                    new OrderPlaced { OrderId = "O" + i, Amount = 50, Currency = eur, OrderedOn = day, ShipOn = day + 1 },
                ];
                for (var n = 0; n < facts.Length; n++) (facts[n].Customer, facts[n].EventId, facts[n].Source) = (id, $"{i}-{n}", "t");
                await engine.SubmitBatchAsync(facts);
            }

            var seen = new Collector([]);
            foreach (var rows in engine.Published) rows.Scan(ref seen);
            Assert.Equal(40, seen.Rows.Count);
            foreach (var (g, rows) in seen.Rows)
            {
                Assert.True(rows.TryGetAt(g.Slot, out var row));
                var f = row.Figures;
                Assert.Equal((f.Gross, f.Limit, f.Available, f.Receivables, f.Overdue, f.HeldOrders, f.OldestDays, f.UtilisationBp, f.Breached, f.Held), (g.Gross, g.Limit, g.Available, g.Receivables, g.Overdue, g.HeldOrders, g.OldestDays, g.UtilisationBp, g.Breached, g.Held));
                Assert.Equal((f.Late30, f.Late60, f.Late90, f.Late180 + f.LateMore), (g.Late30, g.Late60, g.Late90, g.LateMore));
                Assert.Equal((row.Segment, row.Country), (rows.Words[g.Segment], rows.Words[g.Country]));
                Assert.Equal(row.Customer, rows.CustomerAt(g.Slot));
                Assert.True(rows.IdContains(g.Slot, row.Customer[1..].ToLowerInvariant()) && !rows.IdContains(g.Slot, "Z"));
                foreach (var (other, others) in seen.Rows)
                    Assert.Equal(Math.Sign(string.CompareOrdinal(row.Customer, others.CustomerAt(other.Slot))), Math.Sign(rows.CompareIds(g.Slot, others, other.Slot)));
            }

            Assert.Empty(engine.NotServing);
            Assert.True(engine.IsAnswering);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private readonly struct Collector(List<(PublishedGlance, PublishedRows)> rows) : IGlanceVisitor
    {
        private readonly PublishedRows[] _at = new PublishedRows[1];

        internal List<(PublishedGlance Glance, PublishedRows Rows)> Rows => rows;

        public void Begin(PublishedRows published) => _at[0] = published;

        public void Visit(in PublishedGlance row) => rows.Add((row, _at[0]));
    }
}
