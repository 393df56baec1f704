using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Confluent.Kafka;

namespace ExposureMonitor.Chaos;

/// <summary>How a seed's producer misbehaves.</summary>
/// <param name="DuplicatePercent">Records that repeat an earlier one.</param>
/// <param name="ReorderPercent">Records that those behind them overtake.</param>
/// <param name="PoisonPerMille">Records that cannot be applied.</param>
/// <param name="ConflictPerMille">Records that contradict an earlier one.</param>
internal sealed record Habits(int DuplicatePercent, int ReorderPercent, int PoisonPerMille, int ConflictPerMille)
{
    internal static Habits Draw(Random dice) => new(dice.Next(51), dice.Next(31), 5 + dice.Next(20), 2 + dice.Next(6));
}

/// <summary>The producer: writes down what it intends, waits for the disk, then sends.</summary>
internal sealed class Feeder : IDisposable
{
    private const int RecentMax = 48, OldMax = 20_000;

    private readonly IProducer<byte[]?, byte[]?> _producer;
    private readonly TruthLog _truth, _places;
    private readonly Random _dice;
    private readonly Trade _trade;
    private readonly Poison _poison;
    private readonly Envelope _envelope;
    private readonly int _partitions, _rate;
    private readonly ConcurrentQueue<Intent> _asked = new();
    private readonly Queue<Intent>[] _recent;
    private readonly List<Intent> _old = [];
    private readonly PriorityQueue<Intent, long> _held = new();
    private readonly StringBuilder _lines = new();
    private readonly List<Intent> _batch = [];
    private readonly Thread _thread;
    private volatile bool _flowing, _ending, _idle = true;
    private Habits _habits = new(0, 0, 0, 0);
    private long _number, _undelivered;

    internal Feeder(string bootstrap, TruthLog truth, TruthLog places, int seed, int customers, int partitions, int rate)
    {
        (_truth, _places, _dice, _partitions, _rate) = (truth, places, new Random(seed), partitions, rate);
        _envelope = new Envelope();
        _envelope.Tick();
        _trade = new Trade(seed, customers, _envelope);
        Beside = new Trade(seed, 1, new Envelope());
        _poison = new Poison(new Random(seed + 1), _envelope, customers);
        _recent = [.. Enumerable.Range(0, partitions).Select(_ => new Queue<Intent>())];
        IsIdempotent = _dice.Next(2) == 0;
        var config = new ProducerConfig
        {
            BootstrapServers = bootstrap, Partitioner = Confluent.Kafka.Partitioner.Murmur2Random, LingerMs = 5, CompressionType = CompressionType.Lz4, Acks = Acks.All, EnableIdempotence = IsIdempotent,
            // Without idempotence a retry may double a record, which is meant; it must not overtake.
            MaxInFlight = IsIdempotent ? 5 : 1, MessageTimeoutMs = 600_000, MessageMaxBytes = 1 << 20, QueueBufferingMaxMessages = 400_000, ReconnectBackoffMaxMs = 500,
        };
        _producer = new ProducerBuilder<byte[]?, byte[]?>(config).SetKeySerializer(new Bytes()).SetValueSerializer(new Bytes()).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        _thread = new Thread(Run) { IsBackground = true, Name = "feeder" };
        _thread.Start();
    }

    /// <summary>Drawn by the seed: a producer without idempotence may send a record twice by itself.</summary>
    internal bool IsIdempotent { get; }

    /// <summary>Makes what is asked for beside the flow; for one thread.</summary>
    internal Trade Beside { get; }

    /// <summary>Records that were sent.</summary>
    internal long Sent => Interlocked.Read(ref _number);

    /// <summary>Records that the broker has not acknowledged yet.</summary>
    internal long Undelivered => Interlocked.Read(ref _undelivered);

    /// <summary>Sends in order, beside the flow.</summary>
    internal void Ask(IEnumerable<Intent> intents)
    {
        foreach (var intent in intents) _asked.Enqueue(intent);
    }

    /// <summary>Lets records flow with the habits of a period.</summary>
    internal void Flow(Habits habits) => (_habits, _flowing) = (habits, true);

    /// <summary>Stops the flow; what was held back to be overtaken is sent, and all is acknowledged.</summary>
    internal async Task EbbAsync(TimeSpan within)
    {
        _flowing = false;
        var limit = Clock.Now + (long)within.TotalMilliseconds;
        while (!_idle || !_asked.IsEmpty || Undelivered > 0)
        {
            if (Clock.Now > limit) throw new RigException($"The broker does not acknowledge {Undelivered} records.");
            await Task.Delay(20);
        }
    }

    private void Run()
    {
        const int tickMs = 50;
        var next = Environment.TickCount64;
        while (!_ending)
        {
            _envelope.Tick();
            var flowing = _flowing;
            if (flowing) _idle = false;
            _batch.Clear();
            while (_batch.Count < 20_000 && _asked.TryDequeue(out var asked)) _batch.Add(asked);
            var room = _batch.Count + _rate * tickMs / 1000;
            while (flowing && _batch.Count < room) Fill();
            while (_held.TryPeek(out _, out var due) && (!flowing || due <= _number + _batch.Count)) Keep(_held.Dequeue());
            if (_batch.Count > 0) Send();
            else if (!flowing) _idle = true;
            next += tickMs;
            var wait = next - Environment.TickCount64;
            if (wait > 0) Thread.Sleep((int)wait);
            else if (wait < -1_000) next = Environment.TickCount64;
        }
    }

    private void Fill()
    {
        var what = _dice.Next(1000);
        if (what < _habits.PoisonPerMille)
        {
            _batch.Add(_poison.Next());
            return;
        }

        if ((what -= _habits.PoisonPerMille) < _habits.ConflictPerMille)
        {
            var recent = _recent[_dice.Next(_partitions)];
            if (recent.Count > 0 && recent.ElementAt(_dice.Next(recent.Count)) is { Kind: Kinds.Order or Kinds.Payment or Kinds.Invoice } before) _batch.Add(_trade.Contradict(before));
            return;
        }

        if (_dice.Next(100) < _habits.DuplicatePercent && _recent[_dice.Next(_partitions)] is { Count: > 0 } some)
        {
            // Mostly soon after, now and then long after: beyond the window of event ids the documents must tell.
            var again = _old.Count > 100 && _dice.Next(10) == 0 ? _old[_dice.Next(_old.Count)] : some.ElementAt(_dice.Next(some.Count));
            _batch.Add(again with { Verdict = Intent.Same });
            return;
        }

        var next = _trade.Next();
        if (_dice.Next(100) < _habits.ReorderPercent) _held.Enqueue(next, _number + _batch.Count + 1 + _dice.Next(20_000));
        else Keep(next);
    }

    private void Keep(Intent intent)
    {
        _batch.Add(intent);
        var recent = _recent[Murmur.PartitionOf(intent.Customer, _partitions)];
        recent.Enqueue(intent);
        if (recent.Count > RecentMax) recent.Dequeue();
        if (_old.Count < OldMax) _old.Add(intent);
        else if (_dice.Next(40) == 0) _old[_dice.Next(OldMax)] = intent;
    }

    private void Send()
    {
        _lines.Clear();
        var number = _number;
        foreach (var intent in _batch) intent.Write(_lines, ++number);
        _truth.Write(_lines.ToString());
        foreach (var intent in _batch)
        {
            var mine = Interlocked.Increment(ref _number);
            Interlocked.Increment(ref _undelivered);
            // Only of what must become a dead letter the place is needed: its source position is part of the promise.
            var isDead = intent.Verdict is not (Intent.Apply or Intent.Same);
            while (true)
            {
                try
                {
                    _producer.Produce(Topics.NameOf(intent.Topic), new Message<byte[]?, byte[]?> { Key = intent.Key, Value = intent.Body }, report => Delivered(mine, isDead, intent, report));
                    break;
                }
                catch (ProduceException<byte[]?, byte[]?> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
                {
                    Thread.Sleep(50);
                }
            }
        }
    }

    private void Delivered(long number, bool isDead, Intent intent, DeliveryReport<byte[]?, byte[]?> report)
    {
        // A send that failed may be there all the same: it stays undelivered, and the run ends with that.
        if (report.Error.IsError) return;
        if (isDead)
            _places.Note(string.Create(CultureInfo.InvariantCulture, $"{number}\t{report.Topic}\t{report.Partition.Value}\t{report.Offset.Value}\t{intent.Verdict}\t{intent.EventId}\n"));
        Interlocked.Decrement(ref _undelivered);
    }

    public void Dispose()
    {
        _ending = true;
        _thread.Join();
        _producer.Dispose();
    }

    private sealed class Bytes : ISerializer<byte[]?>
    {
        public byte[] Serialize(byte[]? data, SerializationContext context) => data!;
    }
}
