using System.Globalization;
using Confluent.Kafka;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Reads one topic on a thread of its own: decodes, hands over, and moves on when the journal has what it handed over. At most
/// four rounds are on their way; while the engine is behind, nothing more is read, and nothing that was fetched is thrown away.
/// </summary>
internal sealed class TopicReader : IDisposable
{
    /// <summary>Records of one round.</summary>
    private const int RoundMax = 4_096;

    /// <summary>Records of one partition in a round: what is applied one after the other finds its customers in the cache, and what goes into one frame is cheaper.</summary>
    private const int RoundShare = 512;

    private const int RoundsMax = 4, MendEveryMs = 250, WaitMs = 100;

    private readonly string _topic;
    private readonly ExposureEngine _engine;
    private readonly RecordReading _reading;
    private readonly AuthorityGate _gate;
    private readonly IConsumer<Held, Held> _consumer;
    private readonly HeldBytes _key = new(), _record = new();
    private readonly TopicOffsets _offsets;
    private readonly FeedStream[] _streams;
    private readonly Queue<List<(FeedStream Stream, long UpTo, Task Done)>> _rounds = new();
    private List<(FeedStream Stream, long UpTo, Task Done)> _round = [];
    private readonly Action<string> _say;
    private readonly Thread _thread;
    private readonly CancellationTokenSource _stop = new();
    private readonly string _subject;
    /// <summary>Events that carry authority, as they were written: what a proposal keeps.</summary>
    private readonly Dictionary<Fact, string> _written = [];
    private volatile string? _failure;
    private bool _accepted;

    private readonly ManualResetEventSlim _filled = new();
    private readonly RecordQueue[] _queues;
    private readonly bool _isRekeyed;
    private int _first;

    internal TopicReader(KafkaTopic topic, IReadOnlyList<FeedStream> streams, KafkaOptions options, ExposureEngine engine, RecordReading reading, AuthorityGate gate, FeedWatch watch, Action<string> say)
    {
        (_topic, _engine, _reading, _gate, _say) = (topic.Name, engine, reading, gate, say);
        (_streams, _subject) = ([.. streams], options.Subject);
        _offsets = new TopicOffsets(options, topic.Name, topic.Partitions);
        _consumer = new ConsumerBuilder<Held, Held>(options.Consumer(engine.Database.EnvironmentId, topic.Name))
            .SetKeyDeserializer(_key)
            .SetValueDeserializer(_record)
            .SetLogHandler((_, _) => { })
            .SetErrorHandler((_, error) => Note(error))
            .SetStatisticsHandler((_, json) => watch.Take(_streams, json))
            .Build();
        _isRekeyed = options.Rekeyed.Contains(topic.Name);
        // Before anything is assigned: every record comes by the queue of its partition.
        _queues = [.. streams.Select(s => new RecordQueue(_consumer, topic.Name, s.Partition, _filled))];
        _thread = new Thread(Run) { IsBackground = true, Name = "feed " + topic.Name };
    }

    internal IReadOnlyList<FeedStream> Streams => _streams;

    /// <summary>Why it reads no more, or <c>null</c>.</summary>
    internal string? Failure => _failure;

    /// <summary>Begins behind the positions of the streams, which must lie in what the broker still has.</summary>
    /// <exception cref="KafkaRefusedException">The broker no longer has the next record, or has less than was taken.</exception>
    /// <param name="accepted">Topics whose gap a person has accepted.</param>
    internal void Start(IReadOnlySet<string> accepted)
    {
        var assignment = new List<TopicPartitionOffset>();
        // The ends last: what comes in between is behind them, and never before the first.
        var (first, ends) = (_offsets.FirstAsync().GetAwaiter().GetResult(), Ends());
        foreach (var stream in _streams)
        {
            var range = (Low: first[stream.Partition], High: ends[stream.Partition]);
            stream.End = range.High;
            if (stream.IsElsewhere)
            {
                assignment.Add(new TopicPartitionOffset(_topic, stream.Partition, range.High));
                continue;
            }

            if (stream.Taken < 0)
            {
                if (range.Low > 0) _say($"{_topic}[{stream.Partition}] begins at offset {range.Low}: what was there before is not known to this database.");
                assignment.Add(new TopicPartitionOffset(_topic, stream.Partition, range.Low));
                continue;
            }

            if (stream.Taken + 1 < range.Low && accepted.Contains(_topic))
            {
                _say($"{_topic}[{stream.Partition}]: offsets {stream.Taken + 1} to {range.Low - 1} are accepted as lost.");
                assignment.Add(new TopicPartitionOffset(_topic, stream.Partition, range.Low));
                continue;
            }

            if (stream.Taken + 1 < range.Low)
                throw new KafkaRefusedException(string.Create(CultureInfo.InvariantCulture,
                    $"{_topic}[{stream.Partition}]: the journal stands at offset {stream.Taken}, the broker has records from {range.Low} on: those between were deleted by retention and are lost to the feed. Replay them from their source (`exposure replay`, HTTP: event ids keep them from counting twice), then start with --accept {_topic}."));
            if (stream.Taken >= range.High)
                throw new KafkaRefusedException(string.Create(CultureInfo.InvariantCulture,
                    $"{_topic}[{stream.Partition}]: the journal stands at offset {stream.Taken}, the broker's newest is {range.High - 1}: it lost records that were read (an unclean election, or a restored broker). New records would take the offsets of lost ones and be skipped. Make the topic again under its name (it then has another id), and start with --accept {_topic}."));
            assignment.Add(new TopicPartitionOffset(_topic, stream.Partition, stream.Taken + 1));
        }

        _accepted = accepted.Contains(_topic);
        _consumer.Assign(assignment);
        _consumer.Pause(_streams.Where(s => s.IsElsewhere).Select(s => new TopicPartition(_topic, s.Partition)));
        _thread.Start();
    }

    /// <summary>By partition, the offset behind the newest record that is there now.</summary>
    internal long[] Ends() => _offsets.EndAsync().GetAwaiter().GetResult();

    /// <summary>The offsets that its broker has, before anything is fetched.</summary>
    /// <exception cref="KafkaRefusedException">It does not say.</exception>
    internal WatermarkOffsets Range(FeedStream stream) => OffsetRange.Of(_consumer, new TopicPartition(_topic, stream.Partition));

    private void Run()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                Mend();
                // Nothing tells when a round is committed: while one is on its way, it is looked at often.
                if (!Gather()) _filled.Wait(_rounds.Count == 0 ? WaitMs : 1);
                HandOver();
                Settle(wait: _rounds.Count >= RoundsMax);
            }

            while (_rounds.Count > 0) Settle(wait: true);
        }
        catch (Exception broken)
        {
            // The thread has nobody above it: whatever it was, the topic is not read any more, and that is said.
            Fail(broken is KafkaException kafka ? kafka.Error.Reason : broken.ToString());
        }
    }

    /// <summary>Reads a round of records, from every partition some; false when there was none that may be read now.</summary>
    private bool Gather()
    {
        _filled.Reset();
        Serve();
        var (got, visited) = (0, 0);
        for (; visited < _streams.Length && got < RoundMax; visited++) got += Gather(_streams[(_first + visited) % _streams.Length], Math.Min(RoundShare, RoundMax - got));
        _first = (_first + visited) % _streams.Length;
        return got > 0;
    }

    private int Gather(FeedStream stream, int most)
    {
        var (queue, got, written) = (_queues[stream.Partition], 0, 0L);
        if (stream.IsBroken || !queue.HasNext) return 0;
        for (; got < most && queue.HasNext; queue.Next())
        {
            if (queue.Fault is { } fault)
            {
                queue.Next();
                Refuse(fault);
                break;
            }

            // What was on its way when the stream broke comes again from its position.
            if (queue.Offset <= stream.GatheredUpTo) continue;
            queue.Hold(_key, _record);
#if SEEDED_BUGS
            if (SeededBug.Is("16") && Decode(stream, queue) is UndecodableRecord) continue;
#endif
            stream.Gather(Decode(stream, queue), queue.Offset);
            written = queue.Written;
            got++;
        }

        if (got > 0) stream.NewestWritten = DateTime.UnixEpoch.AddMilliseconds(written);
        return got;
    }

    /// <summary>What the client has to tell. Records come by the queues of their partitions, and never here.</summary>
    private void Serve()
    {
        try
        {
            if (_consumer.Consume(0) is { } stray) Break(_streams[stray.Partition.Value], "a record came out of turn");
        }
        catch (ConsumeException failed)
        {
            Refuse(failed.Error);
        }
    }

    /// <summary>The record that was consumed last, whose bytes are held.</summary>
    private Fact Decode(FeedStream stream, RecordQueue queue)
    {
        var fact = _reading.Read(stream, _record.Memory, _key.IsNull ? null : _key.Memory, _isRekeyed ? queue.Header(Origin.Header) : null, queue.Offset);
#if SEEDED_BUGS
        if (SeededBug.Is("15") && stream.Trouble.Length > 0)
        {
            (fact, stream.Trouble) = (new UndecodableRecord { Reason = "UNAVAILABLE", Detail = stream.Trouble, Record = KeptRecord.Of(_record.Memory.Span), Position = new SourcePosition(stream.Name, queue.Offset) }, "");
        }
#endif
        if (SecondPerson.CarriesAuthority(fact)) _written[fact] = _reading.Written(fact, _record.Memory);
        return fact;
    }

    private void HandOver()
    {
        _round = [];
        foreach (var stream in _streams)
        {
            if (stream.Gathered.Count == 0) continue;
            var (facts, from) = (stream.TakeGathered(), 0);
            for (var i = 0; i <= facts.Count && !stream.IsBroken; i++)
            {
                if (i < facts.Count && !SecondPerson.CarriesAuthority(facts[i])) continue;
                if (i > from) _round.Add(Send(stream, facts.GetRange(from, i - from)));
                if (i < facts.Count) _round.Add(SendAuthority(stream, facts[i]));
                from = i + 1;
            }
        }

        if (_round.Count > 0) _rounds.Enqueue(_round);
        _round = [];
    }

    private (FeedStream, long, Task) Send(FeedStream stream, List<Fact> facts)
    {
        var (after, upTo) = (stream.Taken, facts[^1].Position.Offset);
        stream.Taken = upTo;
        stream.OnTheirWay++;
        // Behind an event that carries authority the partition would refuse them: that one is submitted only when it has been judged.
        if (stream.Turn.IsCompletedSuccessfully) return (stream, upTo, SubmitAsync());
        var submitted = InTurnAsync(stream.Turn);
        stream.Turn = submitted;
        return (stream, upTo, submitted.Unwrap());

        Task SubmitAsync() => _engine.SubmitStreamAsync(stream.Home, stream.Name, after, facts, CancellationToken.None);

        async Task<Task> InTurnAsync(Task turn)
        {
            await turn;
            return SubmitAsync();
        }
    }

    /// <summary>An event that carries authority is judged against what stands: all before it is committed first.</summary>
    private (FeedStream, long, Task) SendAuthority(FeedStream stream, Fact fact)
    {
        var (after, upTo) = (stream.Taken, fact.Position.Offset);
        stream.Taken = upTo;
        stream.OnTheirWay++;
        _written.Remove(fact, out var written);
        stream.Turn = AfterAsync([.. _rounds.SelectMany(r => r).Concat(_round).Where(r => r.Stream == stream).Select(r => r.Done)], stream, after, fact, written ?? "");
        return (stream, upTo, stream.Turn);
    }

    private async Task AfterAsync(Task[] before, FeedStream stream, long after, Fact fact, string written)
    {
        await Task.WhenAll(before);
        await _gate.SubmitAsync(stream.Home, stream.Name, after, fact, written, _subject);
    }

    /// <summary>Looks at the rounds that are on their way, the oldest first.</summary>
    private void Settle(bool wait)
    {
        while (_rounds.TryPeek(out var round) && (wait || round.TrueForAll(r => r.Done.IsCompleted)))
        {
            wait = false;
            _rounds.Dequeue();
            foreach (var (stream, upTo, done) in round)
            {
                stream.OnTheirWay--;
                try
                {
                    done.GetAwaiter().GetResult();
                    stream.Durable = upTo;
                    _consumer.StoreOffset(new TopicPartitionOffset(_topic, stream.Partition, upTo + 1));
                }
                catch (EngineUnavailableException away)
                {
                    Break(stream, away);
                }
            }
        }
    }

    /// <summary>A batch was not committed: the stream goes on from its position once the partition serves again.</summary>
    private void Break(FeedStream stream, EngineUnavailableException why)
    {
        stream.IsElsewhere = why is PartitionElsewhereException;
        Break(stream, stream.IsElsewhere ? "" : why.Message);
    }

    private void Break(FeedStream stream, string why)
    {
        stream.Trouble = why;
        foreach (var fact in stream.TakeGathered()) _written.Remove(fact);
        _queues[stream.Partition].Clear();
        if (stream.IsBroken) return;
        stream.IsBroken = true;
        stream.Breaks++;
        stream.MendAt = Environment.TickCount64 + MendEveryMs;
        _consumer.Pause([new TopicPartition(_topic, stream.Partition)]);
    }

    private void Mend()
    {
        foreach (var stream in _streams)
        {
            if (!stream.IsBroken || stream.OnTheirWay > 0 || Environment.TickCount64 < stream.MendAt) continue;
            try
            {
                // Before the position is asked for: it may leave again at once, and is then asked for in vain.
                if (stream.IsElsewhere && _engine.Owns(stream.Home)) TakeOver(stream);
                var position = PositionAsync(_engine, stream).GetAwaiter().GetResult();
                (stream.Taken, stream.GatheredUpTo, stream.Durable, stream.Turn) = (position, position, position, Task.CompletedTask);
                var partition = new TopicPartition(_topic, stream.Partition);
#if SEEDED_BUGS
                if (!SeededBug.Is("6"))
#endif
                _consumer.Seek(new TopicPartitionOffset(partition, position < 0 ? Offset.Beginning : position + 1));
                _consumer.Resume([partition]);
#if SEEDED_BUGS
                if (SeededBug.Is("15")) (stream.IsBroken, stream.Trouble) = (false, "the journal was away");
                else
#endif
                (stream.IsBroken, stream.IsElsewhere, stream.Trouble) = (false, false, "");
            }
            catch (EngineUnavailableException away)
            {
                stream.IsElsewhere = away is PartitionElsewhereException;
                stream.Trouble = stream.IsElsewhere ? "" : away.Message;
                stream.MendAt = Environment.TickCount64 + MendEveryMs * (away is PartitionClosedException ? 20 : 1);
            }
        }
    }

    /// <summary>
    /// A partition has come: what its owner before knew of the feed is in its book. A topic of the same name with another id is another
    /// stream, which a person has to accept.
    /// </summary>
    private void TakeOver(FeedStream stream)
    {
        var (isStale, isKnown, former) = _engine.ReadAsync(stream.Home, book =>
        (
            book.Context.StaleFeeds.Any(f => f.Feed == stream.Feed), book.Positions.ContainsKey(stream.Name),
            book.Positions.Keys.FirstOrDefault(k => SourcePosition.KafkaOf(k) is { } other && other.Topic == stream.Topic && other.Partition == stream.Partition && k != stream.Name)
        )).GetAwaiter().GetResult();
        stream.IsStale = isStale;
        if (!isKnown && former is not null && !_accepted) Fail($"it was deleted and made again (the journal has read {former}); start again to hear what to do");
    }

    /// <summary>Offset of the newest record of a stream that its partition has taken; −1 for none.</summary>
    internal static Task<long> PositionAsync(ExposureEngine engine, FeedStream stream) =>
        engine.ReadAsync(stream.Home, book => book.Positions.TryGetValue(stream.Name, out var position) ? position : -1);

    /// <summary>What the broker says of a partition; some of it ends the reading, the rest ends by itself.</summary>
    private void Refuse(Error error)
    {
        if (error.IsFatal || error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange)
            Fail($"the broker no longer has the next record ({error.Reason}); start again to hear which offsets are missing");
        else if (error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition or ErrorCode.UnknownTopicId)
            Fail($"the topic is gone ({error.Reason})");
        else if (error.Code is ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed)
            Fail($"the broker does not let this client read it ({error.Reason})");
    }

    private void Note(Error error)
    {
        if (error.IsFatal) Fail(error.Reason);
    }

    private void Fail(string why)
    {
        if (_failure is not null) return;
        _failure = $"{_topic} is not read any more: {why}.";
        _say(_failure);
        _stop.Cancel();
    }

    /// <summary>Ends the reading because of something that was seen from outside.</summary>
    internal void Stop(string why) => Fail(why);

    /// <summary>Tells the thread to end, so that several readers end at the same time.</summary>
    internal void EndSoon() => _stop.Cancel();

    public void Dispose()
    {
        _stop.Cancel();
        if (_thread.IsAlive) _thread.Join();
        foreach (var queue in _queues) queue.Dispose();
        _consumer.Close();
        _consumer.Dispose();
        _filled.Dispose();
        _offsets.Dispose();
        _stop.Dispose();
    }
}
