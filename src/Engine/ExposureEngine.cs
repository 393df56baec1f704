using System.Threading.Channels;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>What became of a submitted fact, after its commit.</summary>
public sealed record Answer(Outcome Outcome, EntryPosition At, IReadOnlyList<Effect> Effects);

/// <summary>The engine cannot answer now: the journal is out of reach, or the partition was lost.</summary>
public sealed class EngineUnavailableException : Exception
{
    public EngineUnavailableException(string message) : base(message)
    {
    }

    public EngineUnavailableException() : this("The engine cannot answer now.")
    {
    }

    public EngineUnavailableException(string message, Exception inner) : base(message, inner)
    {
    }
}

/// <summary>
/// Owns all partitions of a database: takes facts in, applies them, commits groups, and speaks after the commit only.
/// One loop touches the books; every public member is safe from any thread.
/// </summary>
public sealed partial class ExposureEngine : IAsyncDisposable
{
    /// <summary>Work that waits before callers have to: commands and batches.</summary>
    public const int QueueMax = 4_096;

    /// <summary>Facts of one slice; commands come between slices.</summary>
    public const int SliceMax = 512;

    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly Channel<Work> _commands = Channel.CreateBounded<Work>(QueueMax);
    private readonly Channel<Work> _batches = Channel.CreateBounded<Work>(256);
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Dictionary<int, Partition> _partitions = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskScheduler _scheduler;
    private readonly TimeZoneInfo _zone;
    private Task _loop = Task.CompletedTask;
    private ITimer? _tick;

    /// <summary>An engine over a journal, which it owns from here on.</summary>
    /// <param name="scheduler">Where the loop runs; the thread pool unless told. A simulation runs it on one thread.</param>
    public ExposureEngine(IJournal journal, TimeProvider? time = null, TaskScheduler? scheduler = null)
    {
        (_journal, _time, _scheduler) = (journal, time ?? TimeProvider.System, scheduler ?? TaskScheduler.Default);
        _zone = TimeZoneInfo.FindSystemTimeZoneById(journal.Database.TimeZone);
        for (var partition = 0; partition < journal.Database.Partitions; partition++) Published.Add(new PublishedRows());
    }

    /// <summary>What the database was created with.</summary>
    public DatabaseInfo Database => _journal.Database;

    /// <summary>Committed rows, by partition.</summary>
    public List<PublishedRows> Published { get; } = [];

    /// <summary>Tells of commits.</summary>
    public LiveFeed Live { get; } = new();

    /// <summary>Reads of the journal that never go through the loop.</summary>
    public IJournalReader Reader => _journal.Reader;

    /// <summary>True once every partition is recovered, and until the engine stops or fails.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Why the engine stopped by itself, or <c>null</c>.</summary>
    public string? Failure { get; private set; }

    /// <summary>The partition that owns a customer.</summary>
    public int PartitionOf(string customer) => Ids.PartitionOf(customer, Database.Partitions);

    /// <summary>The committed row of a customer.</summary>
    public bool TryGetRow(string customer, out PublishedRow row) => Published[PartitionOf(customer)].TryGet(customer, out row);

    /// <summary>Opens and recovers every partition, then serves.</summary>
    /// <exception cref="JournalBrokenException">A journal does not prove what it must.</exception>
    public async Task StartAsync(CancellationToken cancel = default)
    {
        for (var id = Book.House; id < Database.Partitions; id++)
        {
            var partition = new Partition(id, Database);
            _partitions.Add(id, partition);
            await OpenAsync(partition, null, cancel);
        }

        await LoadInboxAsync(cancel);
        Instruments.Partitions.Add(_partitions.Count);
        _loop = Task.Factory.StartNew(() => RunAsync(_stop.Token), CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler).Unwrap();
        await CatchUpHouseAsync(cancel);
        // Nothing is decided before the business day stands: the first tick begins it.
        var first = new Work([]) { IsTick = true };
        await EnqueueAsync(_batches, first, cancel);
        await first.Done.Task.WaitAsync(cancel);
        IsReady = true;
        _tick = _time.CreateTimer(_ => Tick(), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(200));
    }

    /// <summary>Submits one fact and answers after its commit.</summary>
    /// <exception cref="EngineUnavailableException">It was not committed: ask again.</exception>
    public async Task<Answer> SubmitAsync(Fact fact, CancellationToken cancel = default)
    {
        var begun = _time.GetTimestamp();
        var answers = await SubmitAsync([fact], fact is Command, cancel);
        if (fact is CheckCredit) Instruments.Check.Record(_time.GetElapsedTime(begun).TotalSeconds);
        return answers[0];
    }

    /// <summary>Submits facts in order; answers after the commit of the last. Waits while the queue is full.</summary>
    public Task<IReadOnlyList<Answer>> SubmitBatchAsync(IReadOnlyList<Fact> facts, CancellationToken cancel = default) =>
        SubmitAsync(facts, urgent: false, cancel);

    private async Task<IReadOnlyList<Answer>> SubmitAsync(IReadOnlyList<Fact> facts, bool urgent, CancellationToken cancel)
    {
        if (!IsReady) throw new EngineUnavailableException(Failure ?? "The engine is starting or has stopped.");
        if (facts.Count == 0) return [];
        var work = new Work(facts);
        await EnqueueAsync(urgent ? _commands : _batches, work, cancel);
        return await work.Done.Task.WaitAsync(cancel);
    }

    /// <summary>Puts work into a queue; the loop may have failed a moment ago, and then nothing takes it.</summary>
    private async Task EnqueueAsync(Channel<Work> queue, Work work, CancellationToken cancel)
    {
        try
        {
            await queue.Writer.WriteAsync(work, cancel);
        }
        catch (ChannelClosedException)
        {
            throw new EngineUnavailableException(Failure ?? "The engine has stopped.");
        }

        _wake.Release();
    }

    /// <summary>Reads a book inside the loop; what it saw is committed.</summary>
    public async Task<T> ReadAsync<T>(int partition, Func<Book, T> read, CancellationToken cancel = default)
    {
        if (!IsReady) throw new EngineUnavailableException(Failure ?? "The engine is starting or has stopped.");
        T result = default!;
        var work = new Work([]) { Read = () => result = read(_partitions[partition].Book) };
        await EnqueueAsync(_commands, work, cancel);
        await work.Done.Task.WaitAsync(cancel);
        return result;
    }

    /// <summary>
    /// Feeds facts in time order on the clock of events: a new day begins in all partitions before its first fact.
    /// </summary>
    /// <exception cref="InvalidOperationException">The database runs on the wall clock.</exception>
    public async Task<IReadOnlyList<Answer>> FeedAsync(IReadOnlyList<Fact> ordered, CancellationToken cancel = default)
    {
        var answers = new List<Answer>(ordered.Count);
        for (var from = 0; from < ordered.Count;)
        {
            var day = ordered[from].Time.UtcDate;
            var to = from;
            while (to < ordered.Count && to - from < SliceMax && ordered[to].Time.UtcDate == day) to++;
            await StartDaysAsync(day.DayNumber, cancel);
            answers.AddRange(await SubmitBatchAsync([.. ordered.Skip(from).Take(to - from)], cancel));
            from = to;
        }

        return answers;
    }

    /// <summary>Begins every business day up to one, in all partitions, one by one.</summary>
    public async Task StartDaysAsync(int day, CancellationToken cancel = default)
    {
        if (_day == 0) _day = await ReadAsync(0, book => book.Today, cancel);
        // A new database begins with the day itself; later on no day is left out.
        for (var next = _day == 0 ? day : _day + 1; next <= day; next++)
        {
            if (!IsReady) throw new EngineUnavailableException(Failure ?? "The engine has stopped.");
            var work = new Work([]) { Day = next };
            await EnqueueAsync(_batches, work, cancel);
            await work.Done.Task.WaitAsync(cancel);
            _day = next;
        }
    }

    private int _day;

    /// <summary>Takes in what waits, writes snapshots, and lets go of the database.</summary>
    public async Task StopAsync()
    {
        if (_tick is not null) await _tick.DisposeAsync();
        _commands.Writer.TryComplete();
        _batches.Writer.TryComplete();
        _wake.Release();
        await _loop;
        IsReady = false;
        if (Failure is null)
            foreach (var partition in _partitions.Values) await SnapshotAsync(partition, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _stop.CancelAsync();
        await _journal.DisposeAsync();
        _stop.Dispose();
        _wake.Dispose();
    }

    /// <summary>What waits for the loop: facts, a read, or a day.</summary>
    private sealed class Work(IReadOnlyList<Fact> facts)
    {
        internal IReadOnlyList<Fact> Facts { get; } = facts;

        internal Action? Read { get; init; }

        internal int Day { get; init; }

        internal bool IsTick { get; init; }

        /// <summary>True for a message of another partition; nobody waits for its answer.</summary>
        internal bool IsMessage { get; init; }

        internal List<Answer> Answers { get; } = [];

        internal TaskCompletionSource<IReadOnlyList<Answer>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
