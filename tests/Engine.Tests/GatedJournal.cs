using System.Collections.Concurrent;
using ExposureMonitor.Domain;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Engine.Tests;

/// <summary>
/// A real journal behind a gate: the test lets commits pass one by one, decides what becomes of them, and takes the
/// database away. What it stores is stored by SQLite.
/// </summary>
internal sealed class GatedJournal(IStoredJournal inner) : IJournal
{
    private readonly SemaphoreSlim _gate = new(0);
    private readonly Queue<Func<IReadOnlyList<FrameCommit>, Task<CommitResult>>> _script = new();

    /// <summary>While true every commit waits for <see cref="Pass"/>.</summary>
    internal bool IsGated { get; set; }

    /// <summary>While true the database answers nothing.</summary>
    internal bool IsAway { get; set; }

    /// <summary>While true reads of the heads fail.</summary>
    internal bool IsBlind { get; set; }

    /// <summary>So many of the next reads of messages are lost.</summary>
    internal int MessagesLost;

    /// <summary>When set, of so many reads of messages one is lost.</summary>
    internal int MessagesLostEvery;

    private int _messageReads;

    private bool LosesMessages() =>
        Interlocked.Decrement(ref MessagesLost) >= 0 || (MessagesLostEvery > 0 && Interlocked.Increment(ref _messageReads) % MessagesLostEvery == 0);

    /// <summary>So many of the next reads of the house's frames are lost.</summary>
    internal int HouseFramesLost;

    /// <summary>When set, the heads are read at once and answered only when it ends, as to a process that was paused.</summary>
    internal Task? HeadsHeld { get; set; }

    /// <summary>How often the heads were asked for.</summary>
    internal int HeadsAsked;

    /// <summary>How many frames were read back.</summary>
    internal int FramesRead;

    /// <summary>Frames as they were sent, in order.</summary>
    internal List<IReadOnlyList<FrameCommit>> Sent { get; } = [];

    /// <summary>Chunks of snapshots as they were written: the accounts with their entry and their bytes, and the entry of a state that ends one.</summary>
    internal ConcurrentQueue<(int Partition, (string Customer, long AsOf, int Bytes)[] Accounts, long? StateSeq)> Chunks { get; } = new();

    /// <summary>Happens when a chunk is written.</summary>
    internal Action Writing { get; set; } = static () => { };

    /// <summary>What the database refuses.</summary>
    internal Func<FrameCommit, bool> Refuses { get; set; } = _ => false;

    internal IStoredJournal Inner => inner;

    public DatabaseInfo Database => inner.Database;

    public IJournalReader Reader => new BlindReader(this);

    internal void Pass() => _gate.Release();

    /// <summary>The next commit fails before it reaches the database.</summary>
    internal void NextRollsBack() => _script.Enqueue(_ => Task.FromResult(new CommitResult(CommitStatus.RolledBack, [], "scripted")));

    /// <summary>The answer of the next commit is lost; whether it is durable is told.</summary>
    internal void NextIsUnknown(bool durable) => _script.Enqueue(async frames =>
    {
        if (durable) await inner.CommitAsync(frames, default);
        return new CommitResult(CommitStatus.Unknown, [], "scripted");
    });

    /// <summary>Another owner bumps the epoch of a partition before the next commit.</summary>
    internal void NextIsTakenOver(int partition) => _script.Enqueue(async frames =>
    {
        await inner.OpenAsync(partition, null, default);
        return await inner.CommitAsync(frames, default);
    });

    /// <summary>Another owner took the partition over and decided the same before the next commit.</summary>
    internal void NextIsDecidedElsewhere(int partition) => _script.Enqueue(async frames =>
    {
        var head = (await inner.OpenAsync(partition, null, default))!;
        var mine = frames.Single(f => f.Partition == partition);
        await inner.CommitAsync([mine with { Epoch = head.Epoch, Hash = FrameCodec.Hash(partition, mine.Seq, head.Epoch, mine.Payload.Span) }], default);
        return await inner.CommitAsync(frames, default);
    });

    public ValueTask<PartitionHead?> OpenAsync(int partition, long? expectedEpoch, CancellationToken cancel) =>
        IsAway ? throw new JournalUnavailableException("The database is away.") : inner.OpenAsync(partition, expectedEpoch, cancel);

    public async ValueTask<CommitResult> CommitAsync(IReadOnlyList<FrameCommit> frames, CancellationToken cancel)
    {
        Sent.Add(frames);
        if (IsGated) await _gate.WaitAsync(cancel);
        if (IsAway) return new CommitResult(CommitStatus.RolledBack, [], "The database is away.");
        if (frames.Any(Refuses)) return new CommitResult(CommitStatus.Refused, [], "a content that nobody can store");
        return _script.TryDequeue(out var fate) ? await fate(frames) : await inner.CommitAsync(frames, cancel);
    }

    public ValueTask<bool> SaveSnapshotAsync(int partition, long epoch, IReadOnlyList<AccountRow> accounts, PartitionStateRow? state, CancellationToken cancel)
    {
        if (IsAway) throw new JournalUnavailableException("The database is away.");
        Writing();
        Chunks.Enqueue((partition, [.. accounts.Select(a => (a.Customer, a.AsOfSeq, a.State.Length))], state?.SnapshotSeq));
        return inner.SaveSnapshotAsync(partition, epoch, accounts, state, cancel);
    }

    public ValueTask<bool> OwnsAsync(CancellationToken cancel) => inner.OwnsAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        _gate.Dispose();
    }

    private sealed class BlindReader(GatedJournal journal) : IJournalReader
    {
        private IJournalReader Inner => journal.IsAway ? throw new JournalUnavailableException("The database is away.") : journal.Inner.Reader;

        public async ValueTask<IReadOnlyList<PartitionHead>> HeadsAsync(CancellationToken cancel)
        {
            var (held, blind) = (journal.HeadsHeld, journal.IsBlind);
            Interlocked.Increment(ref journal.HeadsAsked);
            if (blind) throw new JournalUnavailableException("Nothing is seen.");
            var heads = await Inner.HeadsAsync(cancel);
            if (held is not null) await held;
            return heads;
        }

        public ValueTask<PartitionStateRow?> StateAsync(int partition, CancellationToken cancel) => Inner.StateAsync(partition, cancel);

        public IAsyncEnumerable<AccountRow> AccountsAsync(int partition, CancellationToken cancel) => Inner.AccountsAsync(partition, cancel);

        public async IAsyncEnumerable<StoredFrame> FramesAsync(int partition, long after, long upTo, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            if (partition == Domain.Book.House && Interlocked.Decrement(ref journal.HouseFramesLost) >= 0) throw new JournalUnavailableException("The frames were lost on their way.");
            await foreach (var frame in Inner.FramesAsync(partition, after, upTo, cancel))
            {
                Interlocked.Increment(ref journal.FramesRead);
                yield return frame;
            }
        }

        public ValueTask<PartitionBase?> BaseAsync(int partition, CancellationToken cancel) => Inner.BaseAsync(partition, cancel);

        public IAsyncEnumerable<BaseAccount> BaseAccountsAsync(long number, int partition, CancellationToken cancel) => Inner.BaseAccountsAsync(number, partition, cancel);

        public ValueTask<BaseSeal?> SealAsync(CancellationToken cancel) => Inner.SealAsync(cancel);

        public ValueTask<IReadOnlyList<JournalRow>> RowsAsync(RowQuery query, CancellationToken cancel) => Inner.RowsAsync(query, cancel);

        public IAsyncEnumerable<JournalRow> RowsInOrderAsync(RowTable table, int partition, long after, CancellationToken cancel) => Inner.RowsInOrderAsync(table, partition, after, cancel);

        public IAsyncEnumerable<ClosedDocument> ClosedAsync(int partition, CancellationToken cancel) => Inner.ClosedAsync(partition, cancel);

        public ValueTask<IReadOnlyList<ClosedDocument>> FindClosedAsync(int partition, IReadOnlySet<ulong> ids, CancellationToken cancel) => Inner.FindClosedAsync(partition, ids, cancel);

        public ValueTask<JournalRow?> DecisionByKeyAsync(long keyHash, CancellationToken cancel) => Inner.DecisionByKeyAsync(keyHash, cancel);

        public ValueTask<long> CountRowsAsync(RowTable table, int? partition, CancellationToken cancel) => Inner.CountRowsAsync(table, partition, cancel);

        public ValueTask<IReadOnlyList<MessageRow>> MessagesAsync(int sender, int receiver, long after, int limit, CancellationToken cancel) =>
            journal.LosesMessages() ? throw new JournalUnavailableException("The messages were lost on their way.") : Inner.MessagesAsync(sender, receiver, after, limit, cancel);

        public ValueTask<IReadOnlyList<MessageRow>> MessagesBehindAsync(IReadOnlyList<MessagePair> pairs, int limit, CancellationToken cancel) =>
            journal.LosesMessages() ? throw new JournalUnavailableException("The messages were lost on their way.") : Inner.MessagesBehindAsync(pairs, limit, cancel);

        public ValueTask<string?> PartyNameAsync(string customer, CancellationToken cancel) => Inner.PartyNameAsync(customer, cancel);

        public ValueTask<IReadOnlyDictionary<string, string>> PartyNamesAsync(IReadOnlyCollection<string> customers, CancellationToken cancel) => Inner.PartyNamesAsync(customers, cancel);
    }
}

/// <summary>A clock that moves when it is told; its timers tick when it moves, what waits on it goes on at once.</summary>
internal sealed class ToldClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Timer> _timers = [];
    private DateTimeOffset _now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _now;
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>While true what shall happen once waits for its moment, too; else it happens at once.</summary>
    internal bool HoldsSingle { get; set; }

    internal void Advance(TimeSpan by)
    {
        Timer[] ticking;
        lock (_lock)
        {
            _now += by;
            ticking = [.. _timers.Where(t => t.Due is not { } due || due <= _now)];
            _timers.RemoveAll(t => t.Due <= _now);
        }

        foreach (var timer in ticking) timer.Callback(timer.State);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        if (period == Timeout.InfiniteTimeSpan) timer.Change(dueTime, period);
        else lock (_lock) _timers.Add(timer);
        return timer;
    }

    private sealed class Timer(ToldClock clock, TimerCallback callback, object? state) : ITimer
    {
        internal TimerCallback Callback => callback;

        internal object? State => state;

        /// <summary>When it ticks, once; <c>null</c> for one that ticks with every step of the clock.</summary>
        internal DateTimeOffset? Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == Timeout.InfiniteTimeSpan) return true;
            if (clock.HoldsSingle && dueTime > TimeSpan.Zero)
            {
                lock (clock._lock)
                {
                    Due = clock._now + dueTime;
                    clock._timers.Add(this);
                }

                return true;
            }

            ThreadPool.UnsafeQueueUserWorkItem(_ => callback(state), null);
            return true;
        }

        public void Dispose()
        {
            lock (clock._lock) clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>A database in a folder of its own, and facts for it.</summary>
internal sealed class Bench : IAsyncDisposable
{
    internal static readonly Currency Eur = Currency.Parse("EUR");

    private readonly string _folder = Directory.CreateTempSubdirectory("exposure-engine-").FullName;
    private bool _isOpen;

    /// <summary>Engines that it starts from now on bring partitions to the newest rules.</summary>
    internal bool RaisesRules { get; set; }

    internal string Address => $"sqlite:{_folder}/book.db";

    internal ToldClock Clock { get; } = new();

    internal GatedJournal Journal { get; private set; } = null!;

    internal ExposureEngine Engine { get; private set; } = null!;

    internal static async Task<Bench> StartAsync(int partitions = 2, string clock = "wall")
    {
        var bench = await CreateAsync(partitions, clock);
        await bench.OpenAsync();
        return bench;
    }

    /// <summary>A database that nobody has opened yet.</summary>
    internal static async Task<Bench> CreateAsync(int partitions = 2, string clock = "wall")
    {
        var bench = new Bench();
        await JournalFactory.CreateAsync(bench.Address, new DatabaseInfo("test", "EUR", partitions, clock, "UTC", false));
        return bench;
    }

    /// <summary>Starts, whether or not the partitions open.</summary>
    internal async Task OpenOnlyAsync()
    {
        Journal = new GatedJournal(await JournalFactory.OpenWriterAsync(Address, offline: true));
        Engine = new ExposureEngine(Journal, Clock) { RaisesRules = RaisesRules };
        _isOpen = true;
        await Engine.StartAsync();
    }

    internal async Task OpenAsync()
    {
        await OpenOnlyAsync();
        // A read is answered after the commit of what it saw: here, the day.
        for (var partition = Book.House; partition < Engine.Database.Partitions; partition++) await Engine.ReadAsync(partition, book => book.Today);
    }

    internal async Task ReopenAsync()
    {
        await CloseAsync();
        await OpenAsync();
    }

    /// <summary>The process ends; others may open the database.</summary>
    internal async Task CloseAsync()
    {
        if (_isOpen) await Engine.DisposeAsync();
        _isOpen = false;
    }

    /// <summary>The first customers that live in a partition.</summary>
    internal string CustomerIn(int partition, int n = 0) =>
        Enumerable.Range(0, 10_000).Select(i => $"C{i}").Where(c => Engine.PartitionOf(c) == partition).ElementAt(n);

    internal int Today => DateOnly.FromDateTime(Clock.GetUtcNow().Date).DayNumber;

    internal OrderPlaced Order(string customer, string id, long amount = 100) => new()
    {
        Customer = customer, EventId = "e" + id, Source = "t", OrderId = id, Amount = amount, Currency = Eur, OrderedOn = Today, ShipOn = Today,
    };

    internal static LimitSet Limit(string customer, long amount) => new()
    {
        Customer = customer, EventId = "l" + customer, Source = "t", Version = 1, Currency = Eur,
        Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = amount }],
    };

    internal static CheckCredit Check(string customer, long amount, string key) => new() { Customer = customer, Amount = amount, Currency = Eur, Actor = "desk", Key = key };

    /// <summary>Waits for a state that the engine reaches by itself; gives up after many looks, not after a time.</summary>
    internal static async Task UntilAsync(Func<bool> reached, string what)
    {
        for (var i = 0; i < 2_000_000 && !reached(); i++) await Task.Yield();
        Xunit.Assert.True(reached(), what);
    }

    internal async Task<string?> VerifyAsync()
    {
        await using var reader = await JournalFactory.OpenReaderAsync(Address);
        return (await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None)).Violation;
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
