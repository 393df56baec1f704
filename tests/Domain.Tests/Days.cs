using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>A day costs only the accounts that it changes.</summary>
public sealed class Days
{
    private readonly Desk _desk = new(limit: 100_000);

    [Fact]
    public void Day_that_changes_nothing_leaves_the_account_alone()
    {
        _desk.Invoice("I1", 500, "2026-04-01");
        _desk.Day("2026-03-03");
        Assert.Empty(_desk.Book.Touched);
        Assert.Empty(_desk.Book.Shown);
        _desk.Day("2026-04-02");
        Assert.Equal([0], _desk.Book.Touched);
        Assert.Equal((500, 1), (_desk.Figures.Late30, _desk.Figures.OldestDays));
        _desk.Day("2026-04-03");
        Assert.Empty(_desk.Book.Touched);
        Assert.Equal([0], _desk.Book.Shown);
        Assert.Equal(2, _desk.Figures.OldestDays);
    }

    [Fact]
    public void Row_written_before_such_days_goes_on_where_the_living_account_stands()
    {
        _desk.Invoice("I1", 500, "2026-04-01");
        _desk.Order("O1", 700, "2026-09-01");
        var row = new ByteBuffer();
        _desk.Book.WriteAccount(0, row);
        foreach (var day in (string[])["2026-03-03", "2026-03-04", "2026-03-05"]) _desk.Day(day);
        var state = new ByteBuffer();
        _desk.Book.WriteState(state);
        var restored = new Book(0, Desk.Eur, eventClock: true);
        restored.ReadState(state.Written.ToArray());
        restored.ReadAccount(row.Written.ToArray());
        foreach (var book in (Book[])[_desk.Book, restored])
        {
            var time = Instant.From(new DateOnly(2026, 7, 10));
            for (var day = Desk.On("2026-03-06"); day <= Desk.On("2026-07-10"); day++)
            {
                PartitionMachine.Apply(book, new DayStarted { Day = day, Time = Instant.From(DateOnly.FromDayNumber(day)) }, new EntryPosition(0, day, 0), new EffectBuffer());
                while (book.SweepPending) PartitionMachine.Apply(book, new SweepDue { FromSlot = book.SweepFrom }, new EntryPosition(0, day, 1), new EffectBuffer());
            }

            var paid = new PaymentReceived { Customer = Desk.Customer, EventId = "p", PaymentId = "P1", Amount = 200, Currency = Desk.Eur, ValueOn = book.Today, Cleared = true, Time = time };
            Assert.Equal(OutcomeKind.Applied, PartitionMachine.Apply(book, paid, new EntryPosition(0, 9_999_999, 0), new EffectBuffer()).Kind);
        }

        Assert.Equal(BytesOf(_desk.Book), BytesOf(restored));
        Assert.Equal(500, restored.Figures(0).LateMore + restored.Figures(0).Late180);
        Assert.Equal(700, restored.Figures(0).OrdersInside);
    }

    [Fact]
    public void Item_is_counted_in_each_bucket_in_turn()
    {
        _desk.Invoice("I1", 500, "2026-04-01");
        _desk.Invoice("I2", 70, "2026-04-20");
        var seen = new List<string>();
        for (var day = Desk.On("2026-03-30"); day <= Desk.On("2026-11-01"); day++)
        {
            _desk.Day(DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
            var f = _desk.Figures;
            Assert.Equal(f.Receivables, f.NotDue + f.Overdue);
            // The day of the last move stands with the item.
            if (day == Desk.On("2026-07-25")) Assert.Equal([Desk.On("2026-07-01"), Desk.On("2026-07-20")], _desk.Detail.Items.Select(i => i.BucketSince));
            var line = $"{f.NotDue} {f.Late30} {f.Late60} {f.Late90} {f.Late180} {f.LateMore}";
            if (seen.Count == 0 || !seen[^1].EndsWith(": " + line, StringComparison.Ordinal)) seen.Add($"{DateOnly.FromDayNumber(day):MM-dd}: {line}");
        }

        Assert.Equal(
        [
            "03-30: 570 0 0 0 0 0", "04-02: 70 500 0 0 0 0", "04-21: 0 570 0 0 0 0", "05-02: 0 70 500 0 0 0", "05-21: 0 0 570 0 0 0", "06-01: 0 0 70 500 0 0",
            "06-20: 0 0 0 570 0 0", "07-01: 0 0 0 70 500 0", "07-20: 0 0 0 0 570 0", "09-29: 0 0 0 0 70 500", "10-18: 0 0 0 0 0 570",
        ], seen);
    }

    private static byte[] BytesOf(Book book)
    {
        var bytes = new ByteBuffer();
        book.WriteAccount(0, bytes);
        return bytes.Written.ToArray();
    }
}
