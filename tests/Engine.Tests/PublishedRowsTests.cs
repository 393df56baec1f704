using ExposureMonitor.Domain;
using Assert = Xunit.Assert;

namespace ExposureMonitor.Engine.Tests;

/// <summary>Rows are copied whole while they change, and every field comes back.</summary>
public sealed class PublishedRowsTests
{
    private const int Customers = 2_000;

    [Xunit.Fact]
    public void EveryFieldComesBack()
    {
        var rows = new PublishedRows(3);
        var book = BookOf(Customers);
        rows.Replace(3, book, asOf: 7);
        Assert.Equal(Customers, rows.Count);
        // A value in every field, none equal to another.
        object figures = new AccountFigures { Slot = 5 };
        var number = 0;
        foreach (var field in typeof(AccountFigures).GetFields().Where(f => f.Name != "Slot"))
        {
            number++;
            if (field.FieldType == typeof(long)) field.SetValue(figures, 1_000_000_000_000L + number);
            else if (field.FieldType == typeof(int)) field.SetValue(figures, 1_000_000 + number);
            else if (field.FieldType == typeof(byte)) field.SetValue(figures, (byte)number);
            else if (field.FieldType == typeof(bool)) field.SetValue(figures, true);
            else if (field.FieldType == typeof(Currency)) field.SetValue(figures, Currency.Parse("JPY"));
            else if (field.FieldType.IsEnum) field.SetValue(figures, Enum.GetValues(field.FieldType).GetValue(1));
            else if (field.FieldType != typeof(short)) Assert.Fail($"{field.Name} has a type that this test does not know.");
        }

        rows.Publish(book, [(AccountFigures)figures], seq: 1);
        Assert.True(rows.TryGet("C5", out var row));
        Assert.Equal((AccountFigures)figures, row.Figures);
        Assert.Equal(("C5", 3), (row.Customer, row.Partition));
        // And none of it stays when it is no longer so.
        rows.Publish(book, [new AccountFigures { Slot = 5 }], seq: 1);
        Assert.True(rows.TryGet("C5", out row));
        Assert.Equal(new AccountFigures { Slot = 5 }, row.Figures);
    }

    [Xunit.Fact]
    public void CustomersAreFoundAndStrangersAreNot()
    {
        var rows = new PublishedRows(0);
        rows.Replace(0, BookOf(Customers), asOf: 1);
        for (var c = 0; c < Customers; c++)
        {
            Assert.True(rows.TryGet("C" + c, out var row));
            Assert.Equal(("C" + c, "trade", "DE"), (row.Customer, row.Segment, row.Country));
        }

        foreach (var stranger in (string[])["", "C", "C" + Customers, "客户", new string('x', 300), new string('客', 200)]) Assert.False(rows.TryGet(stranger, out _));
        var seen = new HashSet<string>();
        rows.Visit(row => Assert.True(seen.Add(row.Customer)));
        Assert.Equal(Customers, seen.Count);
    }

    [Xunit.Fact]
    public async Task ReadersNeverSeeHalfARow()
    {
        var rows = new PublishedRows(0);
        var book = BookOf(8);
        rows.Replace(0, book, asOf: 0);
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            long read = 0, newest = 0;
            while (!stop.IsCancellationRequested)
            {
                Assert.True(rows.TryGet("C3", out var row));
                var f = row.Figures;
                Assert.True(f.Gross == f.AsOf && f.Limit == f.AsOf && f.Held == f.AsOf % 2 * f.AsOf && f.Late180 == f.Held, $"{f.AsOf}: {f.Gross}, {f.Limit}, {f.Held}, {f.Late180}");
                Assert.True(f.AsOf >= newest, "A row went back.");
                newest = f.AsOf;
                read++;
            }

            return read;
        })).ToArray();
        List<AccountFigures> one = [default];
        for (var n = 1L; n <= 300_000; n++)
        {
            one[0] = new AccountFigures { Slot = 3, AsOf = n, Gross = n, Limit = n, Held = n % 2 * n, Late180 = n % 2 * n };
            rows.Publish(book, one, seq: 1);
        }

        await stop.CancelAsync();
        foreach (var reader in readers) await reader;
        Assert.True(rows.TryGet("C3", out var last));
        Assert.Equal(300_000, last.Figures.Gross);
    }

    private static Book BookOf(int customers)
    {
        var (book, effects) = (new Book(0, Currency.Parse("EUR"), eventClock: true), new EffectBuffer());
        PartitionMachine.Apply(book, new DayStarted { Day = 739_000 }, new EntryPosition(0, 1, 0), effects);
        for (var c = 0; c < customers; c++)
        {
            effects.Clear();
            var opened = new CustomerOpened { Customer = "C" + c, Source = "test", EventId = "o" + c, Profile = new CustomerProfile { Segment = "trade", Country = "DE" } };
            Assert.Equal(OutcomeKind.Applied, PartitionMachine.Apply(book, opened, new EntryPosition(0, 2 + c, 0), effects).Kind);
        }

        return book;
    }
}
