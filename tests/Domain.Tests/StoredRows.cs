using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Rows that earlier releases stored are read by this one, with the same figures.</summary>
public sealed class StoredRows
{
    /// <summary>The first byte of such a row: numbers are zigzag.</summary>
    private const byte Format4 = 4 * 2;

    private readonly string[] _stored = [.. File.ReadLines(PathOf("account-format-4.txt")).Where(l => !l.StartsWith('#'))];

    private static string PathOf(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "ExposureMonitor.sln"))) folder = folder.Parent;
        return Path.Combine(folder.FullName, "tests", "Domain.Tests", "Stored", name);
    }

    private Book Read()
    {
        var book = new Book(0, Desk.Eur, eventClock: true);
        book.ReadState(Convert.FromBase64String(_stored[0]));
        Assert.Equal(0, book.ReadAccount(Convert.FromBase64String(_stored[1])));
        return book;
    }

    private static IEnumerable<string> Told(Book book)
    {
        object figures = book.Figures(0);
        foreach (var field in typeof(AccountFigures).GetFields().OrderBy(f => f.Name, StringComparer.Ordinal)) yield return $"{field.Name}={field.GetValue(figures)}";
        var detail = book.Detail(0);
        foreach (var s in detail.Signals) yield return $"signal={s.Indicator} {s.About} {s.Step} {s.Severity}";
        foreach (var o in detail.Orders) yield return $"order={o.OrderId} {o.State} {o.Undelivered} {o.DeliveredNotInvoiced}";
        foreach (var i in detail.Items) yield return $"item={i.ItemId} {i.Open} {i.DaysPastDue} {i.Disputed}";
        foreach (var h in detail.Holds) yield return $"hold={h.OrderId} {h.Forced} {string.Join(',', h.Reasons.Select(r => r.Rule))}";
    }

    [Fact]
    public void Row_of_format_4_has_the_figures_that_its_own_release_read()
    {
        // A figure that came later is not in the file; none that is in it may be missing or different.
        var told = Told(Read()).ToHashSet(StringComparer.Ordinal);
        Assert.True(_stored.Length > 50);
        Assert.Equal([], _stored.Skip(2).Except(told));
        Assert.Equal(_stored.Count(l => l.Contains('=', StringComparison.Ordinal) && char.IsLower(l[0])), told.Count(l => char.IsLower(l[0])));
    }

    [Fact]
    public void Row_of_format_4_goes_on_as_one_of_today()
    {
        var (book, effects) = (Read(), new EffectBuffer());
        Assert.Null(book.HabitsOf(0));
        var paid = PartitionMachine.Apply(book, new PaymentReceived { Customer = "C-1", EventId = "later", Time = book.StreamTime.Plus(Instant.Second), PaymentId = "P9", Amount = 75_000, Currency = Desk.Eur, ValueOn = book.Today, Cleared = true }, new EntryPosition(0, 1_000, 0), effects);
        var settled = PartitionMachine.Apply(book, new PaymentAllocated { Customer = "C-1", EventId = "later2", Time = book.StreamTime.Plus(Instant.Second), AllocationId = "A9", FromId = "P9", AllocatedOn = book.Today, Items = [new AllocationItem { ItemId = "I3", Amount = 75_000 }] }, new EntryPosition(0, 1_001, 0), effects);
        Assert.Equal((OutcomeKind.Applied, OutcomeKind.Applied), (paid.Kind, settled.Kind));
        Assert.Equal(195_000 - 75_000, book.Figures(0).Receivables);
        Assert.NotNull(book.HabitsOf(0)!.Payments);

        // Written again it is a row of today, equal to itself after another reading.
        var (row, state, again) = (new ByteBuffer(), new ByteBuffer(), new ByteBuffer());
        book.WriteState(state);
        book.WriteAccount(0, row);
        var copy = new Book(0, Desk.Eur, eventClock: true);
        copy.ReadState(state.Written.ToArray());
        copy.ReadAccount(row.Written.ToArray());
        copy.WriteAccount(0, again);
        Assert.Equal(row.Written.ToArray(), again.Written.ToArray());
        Assert.True(row.Written[0] > Format4);
    }

    [Fact]
    public void Account_is_written_as_an_earlier_release_wrote_it()
    {
        var book = Read();
        var (state, row) = (new ByteBuffer(), new ByteBuffer());
        book.WriteState(state, 4);
        book.WriteAccount(0, row, 4);
        Assert.Equal((_stored[0], _stored[1]), (Convert.ToBase64String(state.Written), Convert.ToBase64String(row.Written)));
        Assert.Equal((4, 4, 0), (Book.FormatOf(state.Written), Book.FormatOf(row.Written), Book.FormatOf([60 * 2])));
    }

    [Fact]
    public void Account_with_statements_from_a_row_before_they_were_kept_whole_knows_less_than_the_journal()
    {
        var desk = new Desk();
        desk.Tell(new FinancialStatementFiled { PeriodEnd = desk.Book.Today - 60, Currency = Desk.Eur, TotalAssets = 1_000, CurrentAssets = 500, CurrentLiabilities = 250, TotalLiabilities = 600, Sales = 2_000, NetIncome = 100 });
        Assert.Equal((true, false), (desk.Book.KnowsLess(0, 6), desk.Book.KnowsLess(0, 7)));
        Assert.False(Read().KnowsLess(0, 4));
    }

    [Fact]
    public void Account_with_a_balance_from_a_row_before_ends_of_months_were_kept_knows_less_than_the_journal()
    {
        var desk = new Desk();
        Assert.False(desk.Book.KnowsLess(0, 7));
        desk.Invoice("I", 1_000);
        Assert.Equal((true, false), (desk.Book.KnowsLess(0, 7), desk.Book.KnowsLess(0, 8)));
        // Written as the release before wrote it, and read again: all but the ends of months is the same.
        desk.Days("2026-03-03", "2026-04-02");
        var (row, again, state) = (new ByteBuffer(), new ByteBuffer(), new ByteBuffer());
        desk.Book.WriteState(state);
        desk.Book.WriteAccount(0, row, 7);
        var copy = new Book(0, Desk.Eur, eventClock: true);
        copy.ReadState(state.Written.ToArray());
        copy.ReadAccount(row.Written.ToArray());
        copy.WriteAccount(0, again, 7);
        Assert.Equal(row.Written.ToArray(), again.Written.ToArray());
        Assert.Equal(1_000, desk.Book.HabitsOf(0)!.Use.OwedAt(Periods.MonthOf(Desk.On("2026-03-31"))));
        Assert.Null(copy.HabitsOf(0)!.Use.OwedAt(Periods.MonthOf(Desk.On("2026-03-31"))));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(60)]
    public void Row_of_an_unknown_format_is_refused_by_its_number(int format)
    {
        var row = Convert.FromBase64String(_stored[1]);
        row[0] = (byte)(format * 2);
        var book = new Book(0, Desk.Eur, eventClock: true);
        book.ReadState(Convert.FromBase64String(_stored[0]));
        Assert.Contains($"{format}", Assert.Throws<InvalidDataException>(() => book.ReadAccount(row)).Message, StringComparison.Ordinal);
    }
}
