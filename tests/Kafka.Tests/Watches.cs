using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Kafka.Tests;

/// <summary>When a stream is stale, by what the client says of its broker and its backlog; and that its partition is told, once, of both changes.</summary>
public sealed class Watches : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("exposure-watch-").FullName;
    private readonly Clock _clock = new();
    private readonly FeedStream _stream = new("orders", "AAAAAAAAAAAAAAAAAAAAAA", 0, 0);
    private ExposureEngine _engine = null!;
    private FeedWatch _watch = null!;

    public async Task InitializeAsync()
    {
        var database = $"sqlite:{_folder}/book.db";
        await JournalFactory.CreateAsync(database, new DatabaseInfo("watch", "EUR", 1, "wall", "UTC", false));
        _engine = new ExposureEngine(await JournalFactory.OpenServiceAsync(database));
        await _engine.StartAsync();
        _watch = new FeedWatch(_engine, _clock, TimeSpan.FromSeconds(60));
        _stream.Alive = _clock.GetUtcNow();
    }

    public async Task DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_silent_producer_is_no_reason()
    {
        for (var look = 0; look < 10; look++)
        {
            _clock.Advance(30);
            Assert.False(await IsStaleAsync(Statistics(end: 0)));
        }
    }

    [Theory]
    [InlineData("DOWN", 100_000)]
    [InlineData("UP", 20_000_000)]
    public async Task A_broker_that_is_away_or_silent_is(string state, long idle)
    {
        _clock.Advance(59);
        Assert.False(await IsStaleAsync(Statistics(end: 0, state, idle)));
        _clock.Advance(2);
        Assert.True(await IsStaleAsync(Statistics(end: 0, state, idle)));
        // It is told once, and again when it is back.
        var entries = await EntriesAsync();
        Assert.True(await IsStaleAsync(Statistics(end: 0, state, idle)));
        Assert.Equal(entries, await EntriesAsync());
        Assert.False(await IsStaleAsync(Statistics(end: 0)));
    }

    [Fact]
    public async Task A_backlog_older_than_the_budget_is_until_it_is_read()
    {
        (_stream.GatheredUpTo, _stream.Durable, _stream.NewestWritten) = (4, 4, _clock.GetUtcNow().UtcDateTime);
        _clock.Advance(50);
        Assert.False(await IsStaleAsync(Statistics(end: 100)));
        // What was read last is older than the budget, and more waits; the last sign of life was at 50 s.
        _clock.Advance(61);
        Assert.True(await IsStaleAsync(Statistics(end: 100)));
        (_stream.GatheredUpTo, _stream.Durable) = (99, 99);
        Assert.False(await IsStaleAsync(Statistics(end: 100)));
    }

    private async Task<bool> IsStaleAsync(string statistics)
    {
        _watch.Take([_stream], statistics);
        await _watch.TellAsync([_stream], CancellationToken.None);
        var told = await _engine.ReadAsync(0, book => book.Context.StaleFeeds.Any(f => f.Feed == _stream.Feed));
        Assert.Equal(_stream.IsStale, told);
        return told;
    }

    private Task<long> EntriesAsync() => _engine.Reader.HeadsAsync(CancellationToken.None).AsTask().ContinueWith(h => h.Result.Single(p => p.Partition == 0).Seq, TaskScheduler.Default);

    /// <summary>What librdkafka says, of it what is read.</summary>
    private static string Statistics(long end, string state = "UP", long idle = 100_000) =>
        "{'brokers':{'b:9092/1':{'nodeid':1,'state':'STATE','rxidle':IDLE}},'topics':{'orders':{'partitions':{'0':{'leader':1,'ls_offset':END},'-1':{'leader':-1,'ls_offset':-1}}}}}"
            .Replace('\'', '"').Replace("STATE", state, StringComparison.Ordinal).Replace("IDLE", $"{idle}", StringComparison.Ordinal).Replace("END", $"{end}", StringComparison.Ordinal);

    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UtcNow;

        public override DateTimeOffset GetUtcNow() => _now;

        internal void Advance(int seconds) => _now = _now.AddSeconds(seconds);
    }
}
