using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>What goes out is the same, whether it comes from memory or from the journal, and memory says no where it has a gap.</summary>
public sealed class OutboxTails : IDisposable
{
    private static readonly Currency Eur = Currency.Parse("EUR");

    private readonly string _folder = Directory.CreateTempSubdirectory("exposure-tail-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Memory_tells_what_the_journal_tells_without_asking_it()
    {
        var database = $"sqlite:{_folder}/book.db";
        await JournalFactory.CreateAsync(database, new DatabaseInfo("tail", "EUR", 2, "wall", "UTC", false));
        await using var journal = await JournalFactory.OpenServiceAsync(database);
        await using var engine = new ExposureEngine(journal);
        engine.Tail.Begin();
        await engine.StartAsync();
        var today = DateOnly.FromDateTime(DateTime.UtcNow).DayNumber;
        await engine.SubmitAsync(new LimitSet { Customer = "C-1", EventId = "l", Source = "erp", Version = 1, Currency = Eur, SetBy = "erp", Steps = [new LimitStep { From = today, Kind = LimitKind.Amount, Amount = 1_000 }] });
        for (var n = 0; n < 6; n++)
        {
            // From the fourth on nothing fits, which holds the order and is a signal; an order with another amount than before is a dead letter.
            await engine.SubmitAsync(Order("C-1", $"O-{n}", 300, today));
            await engine.SubmitAsync(Order("C-2", "O-X", 10 + n, today));
        }

        var kinds = new HashSet<string>();
        foreach (var head in (await engine.Reader.HeadsAsync(CancellationToken.None)).Where(h => h.Seq > 0))
        {
            var stored = await ReadAsync(new JournalOutbox(engine.Reader), head.Partition, default, head.Seq);
            kinds.UnionWith(stored.Select(r => $"{r.Row.Effect() is not null} {r.IsDeadLetter}"));
            for (var from = -1; from < stored.Count; from++)
            {
                var behind = from < 0 ? default : stored[from].Place;
                Assert.Equal(stored.Skip(from + 1).Select(Text), (await ReadAsync(new JournalOutbox(new NoRows(engine.Reader), engine.Tail), head.Partition, behind, head.Seq)).Select(Text));
            }
        }

        Assert.Superset(new HashSet<string> { "True False", "False False", "False True" }, kinds);
    }

    [Fact]
    public void A_gap_is_never_read_over()
    {
        var tail = new OutboxTail(1).Begin();
        Assert.False(tail.TryRead(0, 0, 5, out _));
        foreach (var seq in (long[])[5, 6]) tail.Add(Frame(seq, 10));
        Assert.False(tail.TryRead(0, 3, 6, out _));
        Assert.Equal([5, 6], Read(tail, 4, 6));
        Assert.Equal([6], Read(tail, 5, 6));
        // Not committed here yet, or never.
        Assert.False(tail.TryRead(0, 5, 7, out _));
        tail.Add(Frame(9, 10));
        Assert.False(tail.TryRead(0, 5, 9, out _));
        Assert.Equal([9], Read(tail, 8, 9));
    }

    [Fact]
    public void What_is_too_much_is_let_go_oldest_first()
    {
        var tail = new OutboxTail(1).Begin();
        for (var seq = 1; seq <= 20; seq++) tail.Add(Frame(seq, 1 << 20));
        Assert.False(tail.TryRead(0, 11, 20, out _));
        Assert.Equal(Enumerable.Range(13, 8).Select(n => (long)n), Read(tail, 12, 20));
        tail.Add(Frame(21, 9 << 20));
        Assert.False(tail.TryRead(0, 20, 21, out _));
        Assert.Empty(Read(tail, 21, 21));
    }

    [Fact]
    public void While_nobody_reads_nothing_is_kept()
    {
        var tail = new OutboxTail(1);
        tail.Add(Frame(1, 10));
        Assert.False(tail.TryRead(0, 0, 1, out _));
    }

    private static OrderPlaced Order(string customer, string order, long amount, int day) =>
        new() { Customer = customer, EventId = $"{order}-{amount}", Source = "erp", OrderId = order, Amount = amount, Currency = Eur, OrderedOn = day };

    private static List<long> Read(OutboxTail tail, long behind, long upTo)
    {
        Assert.True(tail.TryRead(0, behind, upTo, out var rows));
        return [.. rows.Select(r => r.Place.Seq)];
    }

    private static FrameCommit Frame(long seq, int bytes) => new()
    {
        Partition = 0, Epoch = 1, Seq = seq, PreviousHash = [], Hash = [], Period = 202603, Payload = default, Crc = 0,
        Rows =
        [
            new JournalRow { Table = RowTable.Hold, Partition = 0, Seq = seq, Index = 0, Ordinal = 0, Customer = "C-1", Subject = "", Kind = "hold.judged", At = 1, Body = new byte[8] },
            new JournalRow { Table = RowTable.Signal, Partition = 0, Seq = seq, Index = 0, Ordinal = 1, Customer = "C-1", Subject = "", Kind = SignalChanged.Raised, At = 1, GoesOut = true, Body = new byte[bytes] },
        ],
    };

    private static string Text(OutboxRow row) => $"{row.Id} {row.IsDeadLetter} {row.Kind} {row.Customer} {row.At} {Encoding.UTF8.GetString(row.Row.Json().Span)}";

    private static async Task<List<OutboxRow>> ReadAsync(IOutboxReader outbox, int partition, OutboxPlace after, long upTo)
    {
        var rows = new List<OutboxRow>();
        await foreach (var row in outbox.ReadAsync(partition, after, upTo, CancellationToken.None)) rows.Add(row);
        return rows;
    }

    /// <summary>A journal that nobody is to ask for rows.</summary>
    private sealed class NoRows(IJournalReader inner) : DelegatingReader(inner)
    {
        public override IAsyncEnumerable<JournalRow> RowsInOrderAsync(RowTable table, int partition, long after, CancellationToken cancel) =>
            throw new InvalidOperationException("The journal was asked.");
    }
}
