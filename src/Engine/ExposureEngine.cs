using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

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

    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(200);

    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly Channel<Work> _commands = Channel.CreateBounded<Work>(QueueMax);
    private readonly Channel<Work> _batches = Channel.CreateBounded<Work>(256);
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Dictionary<int, Partition> _partitions = [];
    private readonly PublishedRows[] _published;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskScheduler _scheduler;
    private readonly TimeZoneInfo _zone;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _ready, _stopping, _needsPerson;
    private bool _isToldOfRules;
    private volatile string? _failure;
    private Task _loop = Task.CompletedTask;
    private ITimer? _tick;
    private int _day, _awake;

    /// <summary>An engine over a journal, which it owns from here on.</summary>
    /// <param name="journal">Opened for writing.</param>
    /// <param name="time">The clock; the machine's unless told.</param>
    /// <param name="scheduler">Where the loop runs; the thread pool unless told. A simulation runs it on one thread.</param>
    /// <param name="others">Those who own what this engine does not; without it, it owns all partitions, from its start on.</param>
    public ExposureEngine(IJournal journal, TimeProvider? time = null, TaskScheduler? scheduler = null, IOtherOwners? others = null)
    {
        (_journal, _time, _scheduler, _others) = (journal, time ?? TimeProvider.System, scheduler ?? TaskScheduler.Default, others);
        _zone = TimeZoneInfo.FindSystemTimeZoneById(journal.Database.TimeZone);
        _published = [.. Enumerable.Range(0, journal.Database.Partitions).Select(id => new PublishedRows(id))];
        Bell = new CommitBell(journal.Database.Partitions);
        Tail = new OutboxTail(journal.Database.Partitions);
        _serving = new string?[journal.Database.Partitions + 1];
        Array.Fill(_serving, "The partition is starting.");
        _overtaken = new int[_serving.Length];
        (_commandDepths, _batchDepths, _readDepths) = (new QueueDepths(_serving.Length), new QueueDepths(_serving.Length), new QueueDepths(_serving.Length));
        (_elsewhere, _comes, _journaledElsewhere) = (new bool[_serving.Length], new bool[_serving.Length], new (long, int)[_serving.Length]);
        (_messagesUpTo, _mirrored) = (new long[_serving.Length], new long[_serving.Length]);
        for (var id = Book.House; id < Database.Partitions; id++) _partitions.Add(id, new Partition(id, Database));
        _confirmed = _time.GetTimestamp();
        Sources = new SourceTally(_time);
        _tally = new Tally(Instruments, Sources);
        if (others is null) return;
        if (Database.ClockMode == "events") throw new InvalidOperationException("A database on the clock of events is driven by one feeder in one process; switch it to the wall clock first.");
        _follower = new HouseFollower(journal.Reader, Database);
        Array.Fill(_elsewhere, true);
        for (var id = Book.House; id < Database.Partitions; id++) (_partitions[id].State, _serving[id + 1]) = (PartitionState.Elsewhere, ElsewhereText(id));
    }

    /// <summary>Partitions whose journal goes by earlier rules go by the newest from their arrival on, and no earlier release opens them any more.</summary>
    public bool RaisesRules { get; init; }

    /// <summary>What the database was created with.</summary>
    public DatabaseInfo Database => _journal.Database;

    /// <summary>Committed rows, by partition.</summary>
    public IReadOnlyList<PublishedRows> Published => _published;

    /// <summary>Tells of commits.</summary>
    public LiveFeed Live { get; } = new();

    /// <summary>Rings after each commit of a partition, for readers of what goes out.</summary>
    public CommitBell Bell { get; }

    /// <summary>What it committed last and goes out, for the same readers.</summary>
    public OutboxTail Tail { get; }

    /// <summary>What it counts and measures, for an exporter.</summary>
    public Instruments Instruments { get; } = Instruments.New();

    /// <summary>What came of each source, while an exporter listens.</summary>
    public SourceTally Sources { get; }

    /// <summary>How long the database took for the last commits.</summary>
    public RecentTimes CommitTimes { get; } = new();

    /// <summary>Commands and batches that wait for the loop.</summary>
    public int Queued => _commands.Reader.Count + _batches.Reader.Count;

    /// <summary>What whoever runs the service should hear, though it goes on; he takes it out.</summary>
    public ConcurrentQueue<string> Notices { get; } = new();

    /// <summary>Reads of the journal that never go through the loop.</summary>
    public IJournalReader Reader => _journal.Reports;

    /// <summary>Reads that a decision waits for, such as that of an idempotency key; no report stands in their way.</summary>
    public IJournalReader Deciding => _journal.Reader;

    /// <summary>True while every partition serves, ownership is confirmed, and the online proofs found nothing.</summary>
    public bool IsReady => _ready && IsConfirmed && _failure is null && _violation is null;

    /// <summary>Why not every partition serves, or <c>null</c>; an outage ends by itself, a closed partition does not.</summary>
    public string? Failure => _failure ?? _violation;

    /// <summary>True when it does not come back by itself: the loop gave up, a partition is closed, or a proof failed. An outage of the journal is neither.</summary>
    public bool NeedsPerson => _needsPerson || _violation is not null;

    /// <summary>Partitions that do not serve now, because they are read back or closed: their rows may be old. Safe from any thread.</summary>
    public IReadOnlyList<int> NotServing => [.. Enumerable.Range(0, Database.Partitions).Where(p => Volatile.Read(ref _serving[p + 1]) is not null)];

    /// <summary>True while reads are answered: ownership is confirmed. A partition that is read back alone leaves it true.</summary>
    public bool IsAnswering => IsConfirmed && _serving.AsSpan().Contains(null);

    /// <summary>The partition that owns a customer.</summary>
    public int PartitionOf(string customer) => Ids.PartitionOf(customer, Database.Partitions);

    /// <summary>The committed row of a customer.</summary>
    /// <exception cref="EngineUnavailableException">Ownership could not be confirmed for three seconds: the row may be old.</exception>
    public bool TryGetRow(string customer, out PublishedRow row)
    {
        if (_ready && !IsConfirmed) throw Unconfirmed();
        if (IsShared && !Owns(PartitionOf(customer))) DemandMirrored(PartitionOf(customer));
        return _published[PartitionOf(customer)].TryGet(customer, out row);
    }

    /// <summary>
    /// Opens every partition and serves each as soon as its book stands and its business day has begun; returns when
    /// all of them do. A partition whose journal does not prove what it must stays closed, and <see cref="Failure"/> says why.
    /// </summary>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    public async Task StartAsync(CancellationToken cancel = default)
    {
        if (IsShared)
        {
            // What the house told until now, a partition reads when it comes.
            _toldUpTo = await HouseSeqAsync(cancel);
            _broadcastFrom = (_toldUpTo, int.MaxValue);
            UpdateReady();
        }
        else
        {
            foreach (var partition in _partitions.Values) _heads[partition.Id] = await OpenHeadAsync(partition, cancel);
            await RecoverAsync(_partitions[Book.House], cancel);
        }

        _loop = Aside(() => RunAsync(_stop.Token));
        _tick = _time.CreateTimer(_ => Tick(), null, TickEvery, TickEvery);
        Tick();
        await _started.Task.WaitAsync(cancel);
        await BeginProofAsync(cancel);
    }

    /// <summary>Submits one fact and answers after its commit.</summary>
    /// <exception cref="EngineUnavailableException">It was not committed: ask again.</exception>
    public Task<Answer> SubmitAsync(Fact fact, CancellationToken cancel = default) => SubmitAsync(fact, -1, cancel);

    /// <summary>Submits a fact whose idempotency key was looked up, and answers after its commit.</summary>
    /// <param name="seen">What <see cref="Overtaken"/> said before the look-up; −1 when there was none.</param>
    /// <exception cref="EngineUnavailableException">It was not committed, or the look-up no longer holds: ask again.</exception>
    public async Task<Answer> SubmitAsync(Fact fact, int seen, CancellationToken cancel = default)
    {
        if (fact is not CheckCredit) return (await SubmitAsync([fact], fact is Command, seen, cancel))[0];
        var (begun, outcome) = (_time.GetTimestamp(), "unavailable");
        try
        {
            var answer = (await SubmitAsync([fact], urgent: true, seen, cancel))[0];
            outcome = Tally.OutcomeOf(answer);
            return answer;
        }
        finally
        {
            Instruments.Check.Record(_time.GetElapsedTime(begun).TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }

    /// <summary>Submits facts in order; answers after the commit of the last. Waits while the queue is full.</summary>
    public Task<IReadOnlyList<Answer>> SubmitBatchAsync(IReadOnlyList<Fact> facts, CancellationToken cancel = default) =>
        SubmitAsync(facts, urgent: false, -1, cancel);

    /// <summary>
    /// Submits the next records of a stream, all of which its partition takes; answers after the commit of the last, without the
    /// decisions about orders. Several calls may be on their way at once, in order.
    /// </summary>
    /// <param name="partition">The partition that keeps the position of the stream.</param>
    /// <param name="stream">As in <see cref="SourcePosition.Stream"/> of each record.</param>
    /// <param name="after">Offset of the record before the first one; −1 when there is none.</param>
    /// <exception cref="OutOfTurnException">The partition has taken less, or more: read again from its position.</exception>
    public async Task<IReadOnlyList<Answer>> SubmitStreamAsync(int partition, string stream, long after, IReadOnlyList<Fact> records, CancellationToken cancel = default)
    {
        if (records.Count == 0) return [];
        DemandServing(partition);
        foreach (var record in records) record.Home = partition;
        var homes = new int[records.Count];
        Array.Fill(homes, partition);
        return await EnqueueAsync(_batches, new Work(records) { Homes = homes, Stream = (partition, stream, after) }, cancel);
    }

    private async Task<IReadOnlyList<Answer>> SubmitAsync(IReadOnlyList<Fact> facts, bool urgent, int seen, CancellationToken cancel)
    {
        if (facts.Count == 0) return [];
        var homes = new int[facts.Count];
        var around = false;
        for (var i = 0; i < homes.Length; i++) around |= !Owns(homes[i] = HomeOf(facts[i]));
        // A key that was looked up here may have been decided there meanwhile: the new owner looks it up itself.
        if (around && seen >= 0) throw new PartitionElsewhereException("The partition has moved; its new owner looks up the key.");
        return around ? await SubmitAroundAsync(facts, homes, urgent, seen, cancel) : await SubmitLocalAsync(facts, homes, urgent, seen, cancel);
    }

    private async Task<IReadOnlyList<Answer>> SubmitLocalAsync(IReadOnlyList<Fact> facts, int[] homes, bool urgent, int seen, CancellationToken cancel)
    {
        foreach (var home in homes)
        {
            if (_comes[home + 1]) await ComingAsync(home, cancel);
            DemandServing(home);
        }

        return await EnqueueAsync(urgent ? _commands : _batches, new Work(facts) { Homes = homes, Seen = seen }, cancel);
    }

    /// <summary>
    /// How often the journal of a fact's partition went on without this process. A key that was looked up before may have been
    /// decided meanwhile, so that the answer to that look-up holds only while this number stands.
    /// </summary>
    public int Overtaken(Fact fact) => Volatile.Read(ref _overtaken[HomeOf(fact) + 1]);

    private async Task<IReadOnlyList<Answer>> EnqueueAsync(Channel<Work> queue, Work work, CancellationToken cancel)
    {
        var depths = work.Read is not null ? _readDepths : queue == _commands ? _commandDepths : _batchDepths;
        depths.Add(work, 1);
        try
        {
            await queue.Writer.WriteAsync(work, cancel);
            Wake();
            return await work.Done.Task.WaitAsync(cancel);
        }
        catch (ChannelClosedException)
        {
            throw new EngineUnavailableException(_failure ?? "The engine has stopped.");
        }
        finally
        {
            depths.Add(work, -1);
        }
    }

    /// <summary>Reads a book inside the loop; answers after the commit of what it saw.</summary>
    /// <exception cref="EngineUnavailableException">The partition does not serve, or ownership is not confirmed.</exception>
    public async Task<T> ReadAsync<T>(int partition, Func<Book, T> read, CancellationToken cancel = default)
    {
        if (partition == Book.House && _follower is not null && !Owns(Book.House)) return await _follower.ReadAsync(read, cancel);
        if (_comes[partition + 1]) await ComingAsync(partition, cancel);
        DemandServing(partition);
        T result = default!;
        ExceptionDispatchInfo? failed = null;
        var work = new Work([]) { Read = Look, ReadPartition = partition };
        await EnqueueAsync(_commands, work, cancel);
        failed?.Throw();
        return result;

        // What a read throws is its answer: the caller hears it when he would have heard a figure, after the commit of what was
        // seen. Reads only look, so that nothing is left half done; without memory nothing is sure, and the engine stops.
        void Look()
        {
            try
            {
                (result, failed) = (read(_partitions[partition].Book), null);
            }
            catch (Exception wrong) when (wrong is not OutOfMemoryException)
            {
                failed = ExceptionDispatchInfo.Capture(wrong);
            }
        }
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
            await EnqueueAsync(_batches, new Work([]) { Day = next }, cancel);
            _day = next;
        }
    }

    /// <summary>Takes in what waits, writes snapshots, and lets go of the database.</summary>
    public async Task StopAsync()
    {
        if (_tick is not null) await _tick.DisposeAsync();
        if (_waitTimer is not null) await _waitTimer.DisposeAsync();
        if (_proving is not null) await _proving.DisposeAsync();
        _stopping = true;
        _commands.Writer.TryComplete();
        _batches.Writer.TryComplete();
        _moves.Writer.TryComplete();
        Wake();
        await _loop;
        _ready = false;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        // The loop has ended: nobody's callback runs long here.
        _stop.Cancel();
        await _journal.DisposeAsync();
        _follower?.Dispose();
        _stop.Dispose();
        _wake.Dispose();
        Instruments.Dispose();
    }

    private void Tick()
    {
        _ticked = true;
        Wake();
    }

    /// <summary>Runs work beside the caller, where the engine was told to run.</summary>
    private Task Aside(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler).Unwrap();

    private Task<T> Aside<T>(Func<Task<T>> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _scheduler).Unwrap();

    private void WakeAfter(Task task) =>
        _ = task.ContinueWith(static (_, engine) => ((ExposureEngine)engine!).Wake(), this, CancellationToken.None, TaskContinuationOptions.None, _scheduler);

    /// <summary>The loop looks again; several calls before it does are one.</summary>
    private void Wake()
    {
        if (Interlocked.Exchange(ref _awake, 1) == 0) _wake.Release();
    }

    private async Task SleepAsync()
    {
        await _wake.WaitAsync();
        Volatile.Write(ref _awake, 0);
    }
}
