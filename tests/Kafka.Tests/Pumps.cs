using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Kafka.Tests;

/// <summary>The pump over a real journal, with an outside that refuses, waits and forgets as a test tells it.</summary>
public sealed class Pumps : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("exposure-pump-").FullName;
    private readonly Outside _outside = new();
    private IStoredJournal _journal = null!;
    private ExposureEngine _engine = null!;
    private int _number;

    private static readonly OutboxPumpOptions Quick = new() { BatchMax = 7, Pause = TimeSpan.Zero, CursorPause = TimeSpan.FromMilliseconds(1), Backoff = TimeSpan.FromMilliseconds(1) };

    public async Task InitializeAsync()
    {
        var database = $"sqlite:{_folder}/book.db";
        await JournalFactory.CreateAsync(database, new DatabaseInfo("pump", "EUR", 2, "wall", "UTC", false));
        _journal = await JournalFactory.OpenServiceAsync(database);
        _engine = new ExposureEngine(_journal);
        await _engine.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Everything_leaves_once_in_the_order_of_its_partition_and_a_new_pump_goes_on_behind_it()
    {
        await OrdersAsync(30);
        await using (var pump = await StartAsync()) await CaughtUpAsync(pump);
        var before = _outside.Taken.Count;
        await OrdersAsync(5);
        await using (var pump = await StartAsync())
        {
            await OrdersAsync(5);
            await CaughtUpAsync(pump);
            var expected = await OutTopics.ExpectedAsync(_engine.Reader);
            AssertInOrder(expected);
            Assert.Equal(expected.Count, _outside.Taken.Count);
            Assert.Equal(expected.Count - before, pump.Status.Targets.Sum(t => t.Sent));
        }
    }

    [Fact]
    public async Task What_the_outside_refuses_goes_again_from_its_first_row_with_the_same_ids()
    {
        _outside.RefuseEvery = 3;
        await OrdersAsync(40);
        await using var pump = await StartAsync();
        await CaughtUpAsync(pump);
        AssertInOrder(await OutTopics.ExpectedAsync(_engine.Reader));
        Assert.True(_outside.Refused > 3);
        Assert.Equal(_outside.Refused, pump.Status.Failures);
        Assert.Equal("", pump.Status.Trouble);
    }

    [Fact]
    public async Task A_refusal_that_stays_is_told_with_its_reason_and_holds_up_no_commit()
    {
        _outside.RefuseEvery = 1;
        await using var pump = await StartAsync();
        await OrdersAsync(20);
        await Until.TrueAsync(() => pump.Look() is { Health: ServiceHealth.Waiting, Reason: "outside: it refuses" });
        Assert.True(pump.Status is { Behind: > 0 } && pump.Status.Targets.Single(t => t.Name == "all").OldestWaiting is not null);
        _outside.RefuseEvery = 0;
        await CaughtUpAsync(pump);
        Assert.Equal((0, ServiceHealth.Running), (pump.Status.Behind, pump.Look().Health));
    }

    [Fact]
    public async Task A_cursor_is_never_ahead_of_what_the_outside_confirmed()
    {
        _outside.Hold = true;
        await OrdersAsync(20);
        await using (var pump = await StartAsync())
        {
            await Until.TrueAsync(() => _outside.Held >= 2);
            Assert.Empty(await _journal.CursorsAsync("test", CancellationToken.None));
            // It ends with batches on their way that nobody has confirmed.
        }

        Assert.Empty(await _journal.CursorsAsync("test", CancellationToken.None));
        _outside.Hold = false;
        await using (var pump = await StartAsync()) await CaughtUpAsync(pump);
        var expected = await OutTopics.ExpectedAsync(_engine.Reader);
        AssertInOrder(expected);
        var cursors = await _journal.CursorsAsync("test", CancellationToken.None);
        Assert.All(expected.GroupBy(r => r.Partition), rows => Assert.Equal(rows.Max(r => r.Place), cursors[rows.Key]));
    }

    [Fact]
    public async Task A_large_backlog_is_never_in_memory_as_a_whole()
    {
        await OrdersAsync(600);
        var counting = new Counting(new JournalOutbox(_engine.Reader), _outside);
        await using var pump = await OutboxPump.StartAsync(counting, await _engine.Reader.HeadsAsync(CancellationToken.None), _journal, _outside, _engine.Bell, Quick);
        await CaughtUpAsync(pump);
        Assert.True(_outside.Taken.Count >= 1_200);
        // Three partitions, a batch each, and one row that was read ahead.
        Assert.InRange(counting.UnconfirmedMost, 1, 3 * (Quick.BatchMax + 1));
    }

    [Fact]
    public async Task A_read_ends_at_the_sequence_that_it_was_told_and_begins_behind_its_place()
    {
        await OrdersAsync(6);
        var outbox = new JournalOutbox(_engine.Reader);
        var all = (await OutTopics.ExpectedAsync(_engine.Reader)).Where(r => r.Partition == 0).ToList();
        var cut = all[^1].Place.Seq - 1;
        for (var from = 0; from < all.Count; from++)
        {
            var read = new List<OutboxPlace>();
            await foreach (var row in outbox.ReadAsync(0, all[from].Place, cut, CancellationToken.None)) read.Add(row.Place);
            Assert.Equal(all.Skip(from + 1).Where(r => r.Place.Seq <= cut).Select(r => r.Place), read);
        }
    }

    [Fact]
    public async Task Cursors_beyond_the_journal_stop_the_start()
    {
        await OrdersAsync(1);
        var beyond = new Beyond();
        var lost = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await OutboxPump.StartAsync(new JournalOutbox(_engine.Reader), await _engine.Reader.HeadsAsync(CancellationToken.None), beyond, _outside, _engine.Bell, Quick));
        Assert.Contains("the database has lost commits", lost.Message, StringComparison.Ordinal);
    }

    private async Task<OutboxPump> StartAsync() =>
        await OutboxPump.StartAsync(new JournalOutbox(_engine.Reader, _engine.Tail.Begin()), await _engine.Reader.HeadsAsync(CancellationToken.None), _journal, _outside, _engine.Bell, Quick);

    private static async Task CaughtUpAsync(OutboxPump pump)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await pump.CaughtUpAsync(limit.Token);
    }

    private async Task OrdersAsync(int count)
    {
        for (var n = 0; n < count; n++)
        {
            var fact = Feeds.Order($"C{n % 10}", $"O{++_number}", 100);
            (fact.EventId, fact.Source, fact.Time) = ($"e{_number}", "erp", Instant.From(DateTimeOffset.UtcNow));
            await _engine.SubmitAsync(fact);
        }
    }

    private void AssertInOrder(IReadOnlyList<OutboxRow> expected)
    {
        foreach (var partition in expected.GroupBy(r => r.Partition))
            Assert.Equal(partition.Select(r => r.Id), _outside.Taken.Where(r => r.Partition == partition.Key).Select(r => r.Id));
    }

    /// <summary>Keeps what it confirmed, each row once, as a reader that drops repetitions does.</summary>
    private sealed class Outside : IOutboxSink
    {
        private readonly HashSet<string> _seen = [];
        private int _calls;

        internal List<OutboxRow> Taken { get; } = [];

        internal volatile int RefuseEvery;

        internal volatile bool Hold;

        internal int Refused, Held;

        public string Name => "test";

        public IReadOnlyList<string> Targets => ["all"];

        public string Trouble => "";

        public string TargetOf(OutboxRow row) => "all";

        public async Task SendAsync(IReadOnlyList<OutboxRow> rows, CancellationToken cancel)
        {
            if (Hold)
            {
                Interlocked.Increment(ref Held);
                await Task.Delay(Timeout.Infinite, cancel);
            }

            lock (Taken)
            {
                var refuses = RefuseEvery > 0 && ++_calls % RefuseEvery == 0;
                // A batch that fails may have arrived in part.
                foreach (var row in rows.Take(refuses ? rows.Count / 2 : rows.Count))
                    if (_seen.Add(row.Id)) Taken.Add(row);
                if (!refuses) return;
                Refused++;
            }

            throw new OutboxFailedException("outside: it refuses");
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        internal int Confirmed
        {
            get
            {
                lock (Taken) return Taken.Count;
            }
        }
    }

    private sealed class Counting(IOutboxReader inner, Outside outside) : IOutboxReader
    {
        private int _read;

        internal int UnconfirmedMost;

        public async IAsyncEnumerable<OutboxRow> ReadAsync(int partition, OutboxPlace after, long upTo, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            await foreach (var row in inner.ReadAsync(partition, after, upTo, cancel))
            {
                var unconfirmed = Interlocked.Increment(ref _read) - outside.Confirmed;
                InterlockedMax(unconfirmed);
                yield return row;
            }
        }

        private void InterlockedMax(int value)
        {
            for (int seen; value > (seen = Volatile.Read(ref UnconfirmedMost)) && Interlocked.CompareExchange(ref UnconfirmedMost, value, seen) != seen;)
            {
            }
        }
    }

    private sealed class Beyond : IOutboxCursors
    {
        public ValueTask<IReadOnlyDictionary<int, OutboxPlace>> CursorsAsync(string reader, CancellationToken cancel) =>
            ValueTask.FromResult<IReadOnlyDictionary<int, OutboxPlace>>(new Dictionary<int, OutboxPlace> { [0] = new(1_000_000, 0, 0) });

        public ValueTask MoveCursorsAsync(string reader, IReadOnlyDictionary<int, OutboxPlace> places, CancellationToken cancel) => ValueTask.CompletedTask;
    }
}
