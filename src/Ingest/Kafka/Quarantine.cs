using Confluent.Kafka;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Looks for a record that ends the process. It costs nothing until a process ended without saying so; then what may have been
/// in its hands is read with care before the feed begins: in small chunks, each noted before it is touched and committed before
/// the next. When the process ends again, the chunk that is noted is tried record by record, and a record over which alone the
/// process has ended twice becomes a dead letter. One chunk is tried at a time, over all topics, so that no innocent record stands
/// accused; and whoever kills processes from outside would have to hit the same record twice, within the milliseconds that it takes.
/// </summary>
internal sealed class Quarantine(KafkaOptions options, ExposureEngine engine, RecordReading reading, AuthorityGate gate, IFeedMarks marks, Action<string> say) : IDisposable
{
    /// <summary>Records of a stream that may be in the hands of a feed and not in the journal: three rounds.</summary>
    internal const int InHandsMax = 3 * 4_096;

    /// <summary>Records of a chunk.</summary>
    internal const int ChunkMax = 512;

    /// <summary>How often the process may end over one record.</summary>
    private const int DeathsMax = 2;

    private const int WaitMs = 100, TriesMax = 240;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Away = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _alone = new(1, 1);
    private IReadOnlyList<string> _noted = [];

    /// <summary>Records that were put aside.</summary>
    internal int Count { get; private set; }

    /// <summary>True when the process before this one ended while its feed was open.</summary>
    internal static bool IsNeeded(IReadOnlyList<FeedMark> known) => known.Count > 0;

    /// <summary>Reads with care what the last process may have had in its hands; afterwards the streams stand behind it.</summary>
    /// <exception cref="KafkaRefusedException">A broker does not answer.</exception>
    internal async Task RunAsync(IReadOnlyList<TopicReader> topics, IReadOnlyList<FeedMark> known)
    {
        _noted = [.. known.Select(m => m.Stream).Where(s => s != FeedMark.Open)];
        await Task.WhenAll(topics.Select(topic => Task.Run(() => ReadAsync(topic, known))));
        await marks.MarkAsync([], _noted, CancellationToken.None);
    }

    public void Dispose() => _alone.Dispose();

    /// <summary>One stream of a topic while it is read with care.</summary>
    private sealed class Careful(FeedStream stream, long upTo, FeedMark? accused)
    {
        internal FeedStream Stream => stream;

        /// <summary>Offset of the last record that is read with care.</summary>
        internal long UpTo => upTo;

        internal bool IsDone { get; set; }

        /// <summary>A record stands in a chunk over which the process ended.</summary>
        internal bool IsAccused(long offset) => accused is not null && offset >= accused.First && offset <= accused.Last;

        /// <summary>How often the process has ended over this record alone.</summary>
        internal int DeathsOf(long offset) => accused is { } mark && mark.First == offset && mark.Last == offset ? mark.Deaths + 1 : 0;
    }

    private async Task ReadAsync(TopicReader topic, IReadOnlyList<FeedMark> known)
    {
        var streams = topic.Streams;
        using var consumer = new ConsumerBuilder<byte[], byte[]>(options.Careful(engine.Database.EnvironmentId)).SetLogHandler((_, _) => { }).Build();
        var careful = new Dictionary<int, Careful>();
        var begin = new List<TopicPartitionOffset>();
        foreach (var stream in streams)
        {
            var accused = known.FirstOrDefault(m => m.Stream == stream.Name && m.Last > stream.Taken);
            if (stream.IsElsewhere) continue;
            var range = topic.Range(stream);
            var upTo = Math.Min(range.High.Value - 1, Math.Max(stream.Taken + InHandsMax, accused?.Last ?? -1));
            // What retention has left to say, the feed says when it begins.
            if (stream.Taken >= upTo || stream.Taken + 1 < range.Low && stream.Taken >= 0) continue;
            careful[stream.Partition] = new Careful(stream, upTo, accused);
            begin.Add(new TopicPartitionOffset(stream.Topic, stream.Partition, Math.Max(stream.Taken + 1, range.Low.Value)));
        }

        if (begin.Count == 0) return;
        consumer.Assign(begin);
        var chunk = new List<(Careful Stream, ConsumeResult<byte[], byte[]> Record)>();
        var alive = Environment.TickCount64;
        while (careful.Values.Any(c => c is { IsDone: false, Stream.IsElsewhere: false }))
        {
            var result = Next(consumer, streams[0].Topic);
            if (result is null && Environment.TickCount64 - alive > Patience.TotalMilliseconds)
                throw new KafkaRefusedException($"{streams[0].Topic}: its broker does not give the records that the process before this one may have had in its hands.");
            if (result is not null) alive = Environment.TickCount64;
            if (result is null || result.IsPartitionEOF)
            {
                if (result is not null) careful[result.Partition.Value].IsDone = true;
                await TryAsync(chunk, deaths: 0);
                continue;
            }

            var at = careful[result.Partition.Value];
            // Its partition has left meanwhile: whoever owns it now reads it.
            if (at.Stream.IsElsewhere) at.IsDone = true;
            if (at.IsDone) continue;
            var offset = result.Offset.Value;
            at.IsDone = offset >= at.UpTo;
            if (offset > at.UpTo) continue;
            if (at.IsAccused(offset))
            {
                await TryAsync(chunk, deaths: 0);
                await TryAsync([(at, result)], at.DeathsOf(offset));
                continue;
            }

            chunk.Add((at, result));
            if (chunk.Count >= ChunkMax) await TryAsync(chunk, deaths: 0);
        }

        await TryAsync(chunk, deaths: 0);
        consumer.Close();
    }

    private static ConsumeResult<byte[], byte[]>? Next(IConsumer<byte[], byte[]> consumer, string topic)
    {
        try
        {
            return consumer.Consume(WaitMs);
        }
        catch (ConsumeException failed)
        {
            throw new KafkaRefusedException($"{topic}: {failed.Error.Reason}.", failed);
        }
    }

    /// <summary>Notes a chunk, takes it in, and returns when it is committed. Nothing else is touched meanwhile.</summary>
    private async Task TryAsync(List<(Careful Stream, ConsumeResult<byte[], byte[]> Record)> chunk, int deaths)
    {
        if (chunk.Count == 0) return;
        await _alone.WaitAsync();
        try
        {
            var isLost = deaths >= DeathsMax;
            List<FeedMark> notes = [.. chunk.GroupBy(c => c.Stream.Stream.Name).Select(g => new FeedMark(g.Key, g.First().Record.Offset.Value, g.Last().Record.Offset.Value, deaths))];
            await NoteAsync(notes);
            // Streams beside each other: they share the commit.
            await Task.WhenAll(chunk.GroupBy(c => c.Stream.Stream).Select(records => TakeAsync(records.Key, [.. records.Select(r => r.Record)], isLost)).ToList());
            if (!isLost) return;
            Count++;
            say($"{chunk[0].Stream.Stream.Topic}[{chunk[0].Record.Partition.Value}]: the record at offset {chunk[0].Record.Offset.Value} ended the process twice; it is a dead letter {DecodeReasons.Quarantined} now.");
        }
        finally
        {
            _alone.Release();
            chunk.Clear();
        }
    }

    private async Task NoteAsync(IReadOnlyList<FeedMark> notes)
    {
        string[] now = [.. notes.Select(n => n.Stream)];
        await marks.MarkAsync(notes, [.. _noted.Except(now)], CancellationToken.None);
        _noted = now;
    }

    private async Task TakeAsync(FeedStream stream, IReadOnlyList<ConsumeResult<byte[], byte[]>> records, bool isLost)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await TakeOnceAsync(stream, records, isLost);
                return;
            }
            catch (PartitionElsewhereException)
            {
                // Another process owns it by now, and goes on from the position; here it is mended as after a break, should it come back.
                (stream.IsElsewhere, stream.IsBroken) = (true, true);
                stream.TakeGathered();
                return;
            }
            catch (EngineUnavailableException) when (tries < TriesMax)
            {
                // The database comes back, or says that it does not; then the same records are tried again, from the position.
                await Task.Delay(Away);
            }
        }
    }

    private async Task TakeOnceAsync(FeedStream stream, IReadOnlyList<ConsumeResult<byte[], byte[]>> records, bool isLost)
    {
        var taken = await TopicReader.PositionAsync(engine, stream);
        (stream.Taken, stream.GatheredUpTo, stream.Durable) = (taken, taken, taken);
        foreach (var record in records)
        {
            if (record.Offset.Value <= stream.Taken) continue;
            var fact = isLost ? reading.Lost(stream, record) : reading.Read(stream, record);
            if (SecondPerson.CarriesAuthority(fact))
            {
                await SendAsync(stream);
                await gate.SubmitAsync(stream.Home, stream.Name, stream.Taken, fact, reading.Written(fact, record.Message.Value), options.Subject);
                Taken(stream, record.Offset.Value);
            }
            else stream.Gather(fact, record.Offset.Value);
        }

        await SendAsync(stream);
    }

    private async Task SendAsync(FeedStream stream)
    {
        if (stream.Gathered.Count == 0) return;
        var upTo = stream.GatheredUpTo;
        await engine.SubmitStreamAsync(stream.Home, stream.Name, stream.Taken, stream.TakeGathered());
        Taken(stream, upTo);
    }

    private static void Taken(FeedStream stream, long offset) => (stream.Taken, stream.GatheredUpTo, stream.Durable) = (offset, offset, offset);
}
