using System.Threading.Channels;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// An engine that shares the database with others: it owns the partitions that it is given, takes more and lets some go while it runs.
/// Who owns what is for others to say; that only one can write is for the fence.
/// </summary>
public sealed partial class ExposureEngine
{
    private readonly IOtherOwners? _others;
    private readonly HouseFollower? _follower;
    private readonly Channel<Move> _moves = Channel.CreateUnbounded<Move>();

    /// <summary>Who waits until a partition serves here.</summary>
    private readonly Dictionary<int, TaskCompletionSource> _awaited = [];

    /// <summary>How long a call waits for a partition that is coming here.</summary>
    private static readonly TimeSpan ComingMax = TimeSpan.FromSeconds(5), ComingLook = TimeSpan.FromMilliseconds(5);

    /// <summary>By id + 1: opened here, and on its way to serve.</summary>
    private readonly bool[] _comes;

    /// <summary>A partition that comes or goes.</summary>
    private sealed record Move(int Partition, bool Comes)
    {
        internal TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>True when other processes may own partitions of the same database.</summary>
    public bool IsShared => _others is not null;

    /// <summary>True while the partition is open here, or comes.</summary>
    public bool Owns(int partition) => !Volatile.Read(ref _elsewhere[partition + 1]);

    /// <summary>True while the partition is open here, and takes facts in.</summary>
    public bool Serves(int partition) => Owns(partition) && Volatile.Read(ref _serving[partition + 1]) is null;

    /// <summary>Why a partition takes nothing in here; <c>null</c> while it does.</summary>
    public string? WhyNotServing(int partition) => Volatile.Read(ref _serving[partition + 1]);

    /// <summary>Waits for a partition that is coming here, a while; whoever goes on finds out whether it has come.</summary>
    public async Task ComingAsync(int partition, CancellationToken cancel = default)
    {
        if (!Volatile.Read(ref _comes[partition + 1])) return;
        for (var begun = _time.GetTimestamp(); Volatile.Read(ref _comes[partition + 1]) && _time.GetElapsedTime(begun) < ComingMax;) await Task.Delay(ComingLook, _time, cancel);
    }

    /// <summary>
    /// Takes a partition over: bumps its epoch, recovers it beside the loop, and returns when it serves. One that is here already is not opened again.
    /// </summary>
    /// <exception cref="EngineUnavailableException">It does not serve here: the journal is away, or another owner was quicker.</exception>
    /// <exception cref="PartitionClosedException">Its journal does not prove what it must.</exception>
    public Task AcquireAsync(int partition, CancellationToken cancel = default) => MoveAsync(new Move(partition, Comes: true), cancel);

    /// <summary>Lets a partition go: what was taken in is committed and answered, and nothing more is. Returns when its memory is dropped.</summary>
    public Task ReleaseAsync(int partition)
    {
        // Callers are sent away at once, before the loop has come to it.
        Volatile.Write(ref _serving[partition + 1], ElsewhereText(partition));
        return MoveAsync(new Move(partition, Comes: false), CancellationToken.None);
    }

    private async Task MoveAsync(Move move, CancellationToken cancel)
    {
        if (_others is null) throw new InvalidOperationException("This engine owns all partitions of its database.");
        if (!_moves.Writer.TryWrite(move)) throw new EngineUnavailableException(_failure ?? "The engine has stopped.");
        Wake();
        await move.Done.Task.WaitAsync(cancel);
    }

    /// <summary>Submits facts to a partition of this process and to no other; answers after their commit.</summary>
    /// <exception cref="PartitionElsewhereException">It is not here.</exception>
    public async Task<IReadOnlyList<Answer>> SubmitHereAsync(int partition, IReadOnlyList<Fact> facts, CancellationToken cancel = default)
    {
        if (facts.Count == 0) return [];
        await ComingAsync(partition, cancel);
        DemandServing(partition);
        foreach (var fact in facts) fact.Home = partition;
        var homes = new int[facts.Count];
        Array.Fill(homes, partition);
        return await EnqueueAsync(facts[0] is Command ? _commands : _batches, new Work(facts) { Homes = homes }, cancel);
    }

    /// <summary>Asks the book of a partition, wherever it is; answered after the commit of what was seen.</summary>
    /// <exception cref="EngineUnavailableException">Nobody serves the partition now.</exception>
    public async Task<T> AskAsync<T>(int partition, BookQuestion<T> question, CancellationToken cancel = default) => Owns(partition) || partition == Book.House
        ? await ReadAsync(partition, question.Here, cancel)
        : question.Read(await _others!.AskAsync(partition, question.Name, question.Arguments, cancel));

    /// <summary>Answers a question of another process about a partition of this one.</summary>
    public Task<byte[]> AnswerAsync(int partition, string question, byte[] arguments, CancellationToken cancel = default) =>
        ReadAsync(partition, book => BookQuestions.Answer(book, question, arguments), cancel);

    /// <summary>Facts of several owners: each owner gets his own, in their order; what the house tells all is taken by all before what follows it.</summary>
    private async Task<IReadOnlyList<Answer>> SubmitAroundAsync(IReadOnlyList<Fact> facts, int[] homes, bool urgent, int seen, CancellationToken cancel)
    {
        var answers = new Answer[facts.Count];
        for (var from = 0; from < facts.Count;)
        {
            var to = from;
            while (to < facts.Count && facts[to] is not IHouseBroadcast) to++;
            if (to < facts.Count) to++;
            var parts = Enumerable.Range(from, to - from).GroupBy(i => Owns(homes[i]) ? int.MinValue : homes[i]);
            await Task.WhenAll(parts.Select(async part =>
            {
                int[] mine = [.. part];
                IReadOnlyList<Fact> some = [.. mine.Select(i => facts[i])];
                var told = part.Key == int.MinValue ? await SubmitLocalAsync(some, [.. mine.Select(i => homes[i])], urgent, seen, cancel) : await _others!.SubmitAsync(part.Key, some, cancel);
                for (var i = 0; i < mine.Length; i++) answers[mine[i]] = told[i];
            }).ToList());
            from = to;
        }

        return answers;
    }

    /// <summary>Takes what comes and goes. What goes waits until both groups are committed: a moment, and hand-overs are rare.</summary>
    private async Task TakeMovesAsync(CancellationToken cancel)
    {
        while (_moves.Reader.TryRead(out var move))
        {
            if (move.Comes) await ComeAsync(move, cancel);
            else await GoAsync(move, cancel);
        }
    }

    private async Task ComeAsync(Move move, CancellationToken cancel)
    {
        var partition = _partitions[move.Partition];
        if (partition.State == PartitionState.Elsewhere)
        {
            try
            {
                _heads[partition.Id] = await OpenHeadAsync(partition, cancel);
            }
            catch (Exception failed) when (failed is JournalUnavailableException or JournalBrokenException)
            {
                move.Done.TrySetException(new EngineUnavailableException(failed.Message, failed));
                return;
            }

            partition.State = PartitionState.Away;
            Interlocked.Increment(ref _overtaken[partition.Id + 1]);
            Volatile.Write(ref _serving[partition.Id + 1], $"Partition {partition.Id} is being recovered.");
            Volatile.Write(ref _comes[partition.Id + 1], true);
            Volatile.Write(ref _elsewhere[partition.Id + 1], false);
            _coming.Add(partition.Id);
            _ = Aside(() => RecoverBesideAsync(partition, _heads[partition.Id], cancel));
        }

        if (_awaited.TryGetValue(partition.Id, out var other)) _ = other.Task.ContinueWith(_ => Answered(move), CancellationToken.None, TaskContinuationOptions.None, _scheduler);
        else _awaited[partition.Id] = move.Done;
        _ticked = true;
        TellAwaited();
    }

    private void Answered(Move move)
    {
        if (Owns(move.Partition)) move.Done.TrySetResult();
        else move.Done.TrySetException(new PartitionElsewhereException(ElsewhereText(move.Partition)));
    }

    private async Task GoAsync(Move move, CancellationToken cancel)
    {
        var partition = _partitions[move.Partition];
        while (_committing is not null || Filled > 0 || !_filling.IsEmpty)
        {
            if (_committing is null) Send();
            if (_committing is null) continue;
            await Task.WhenAny(_committing);
            await FinishAsync(cancel);
        }

        if (partition.State == PartitionState.Closed)
        {
            // Its history is in doubt: another process, which cannot know, must not go on with it quietly.
            Volatile.Write(ref _serving[partition.Id + 1], $"Partition {partition.Id} is closed: {partition.Why}.");
            move.Done.TrySetException(Closed(partition.Id));
            return;
        }

        // A reopening on the way may have lost it already.
        if (partition == _partitions[move.Partition] && partition.State is PartitionState.Open or PartitionState.Away) Leave(partition);
        move.Done.TrySetResult();
    }

    /// <summary>Another owner went on: the memory is dropped, and whoever placed the partition here is told.</summary>
    private void Lose(Partition partition)
    {
        if (partition != _partitions[partition.Id]) return;
        Leave(partition);
        Instruments.Lost.Add(1);
        foreach (var part in _filling.Works)
            if (Touches(part, partition)) part.Work.Fail(Closed(partition.Id));
        _others!.Lost(partition.Id);
    }

    private void Leave(Partition partition)
    {
        DropSnapshot(partition);
        partition.State = PartitionState.Elsewhere;
        _partitions[partition.Id] = new Partition(partition.Id, Database) { State = PartitionState.Elsewhere };
        _coming.Remove(partition.Id);
        if (partition.Id == Book.House && _batch is { Told.Seq: > 0 } half)
        {
            // Whether all have taken what the house told, its new owner hears: the rest of the batch would wait here for ever.
            half.Fail(new PartitionElsewhereException(ElsewhereText(Book.House)));
            _batch = null;
        }

        Volatile.Write(ref _serving[partition.Id + 1], ElsewhereText(partition.Id));
        Volatile.Write(ref _elsewhere[partition.Id + 1], true);
        Volatile.Write(ref _comes[partition.Id + 1], false);
        UpdateReady();
        TellAwaited();
        Wake();
    }

    /// <summary>Answers those who wait for a partition that serves now, or that does not come.</summary>
    private void TellAwaited()
    {
        if (_awaited.Count == 0) return;
        foreach (var (id, done) in _awaited.ToArray())
        {
            if (_partitions[id].State is PartitionState.Closed || _serving[id + 1] is null) Volatile.Write(ref _comes[id + 1], false);
            switch (_partitions[id].State)
            {
                case PartitionState.Closed: done.TrySetException(Closed(id)); break;
                case PartitionState.Elsewhere: done.TrySetException(new PartitionElsewhereException(ElsewhereText(id))); break;
                case PartitionState.Open when _serving[id + 1] is null: done.TrySetResult(); break;
                default: continue;
            }

            _awaited.Remove(id);
        }
    }

    private void FailMoves(string why)
    {
        _moves.Writer.TryComplete();
        while (_moves.Reader.TryRead(out var move)) move.Done.TrySetException(new EngineUnavailableException(why));
        foreach (var done in _awaited.Values) done.TrySetException(new EngineUnavailableException(why));
        _awaited.Clear();
    }

    private static string ElsewhereText(int partition) => $"Partition {partition} is owned by another process.";
}
