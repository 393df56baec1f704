using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Ingest;

/// <summary>
/// The feed: reads the topics into the partitions of the database, each record once, from the positions in the journal. No
/// consumer group decides anything; what this process owns it reads.
/// </summary>
public sealed class KafkaFeed : IServiceState, IAsyncDisposable
{
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);

    private readonly ExposureEngine _engine;
    private readonly KafkaOptions _options;
    private readonly FeedWatch _watch;
    private readonly Action<string> _say;
    private readonly IFeedMarks? _marks;
    private readonly TimeProvider _time;
    private readonly List<TopicReader> _readers = [];
    private readonly CancellationTokenSource _stop = new();
    private IReadOnlyList<KafkaTopic> _topics = [];
    private string? _gone;
    private bool _isOpen;
    private int _quarantined;
    private Task _watching = Task.CompletedTask;

    private KafkaFeed(ExposureEngine engine, KafkaOptions options, TimeProvider time, Action<string> say, IFeedMarks? marks)
    {
        (_engine, _options, _say, _marks, _time) = (engine, options, say, marks, time);
        _watch = new FeedWatch(engine, time, options.LagBudget);
    }

    /// <summary>Every partition of every topic that is read.</summary>
    public IReadOnlyList<FeedStatus> Status => [.. _readers.SelectMany(r => r.Streams).Select(s => s.Status)];

    /// <summary>How often something that was handed over was not committed, so that reading began again at a position.</summary>
    internal int Breaks => _readers.SelectMany(r => r.Streams).Sum(s => s.Breaks);

    /// <summary>Why a topic is not read any more, or <c>null</c>.</summary>
    public string? Failure => _readers.Select(r => r.Failure).FirstOrDefault(f => f is not null);

    /// <inheritdoc/>
    public ServiceState Look()
    {
        var topics = _readers.Select(Look).ToList();
        var worst = topics.OrderByDescending(t => t.Health).FirstOrDefault();
        return new ServiceState("feed kafka", worst?.Health ?? ServiceHealth.Running, worst?.Reason ?? "", topics, [new("quarantined", _quarantined, "exposure_feed_quarantined_total")]);
    }

    private ServiceItem Look(TopicReader reader)
    {
        var streams = reader.Streams.Select(s => s.Status).ToList();
        var (troubled, stale) = (streams.Find(s => s.Trouble.Length > 0), streams.Where(s => s.StaleSince is not null).ToList());
        var (health, reason) = reader.Failure is { } failure ? (ServiceHealth.Failed, failure)
            : troubled is not null ? (ServiceHealth.Waiting, $"partition {troubled.Partition}: {troubled.Trouble}")
            : stale.Count > 0 ? (ServiceHealth.Waiting, $"stale: no sign of life since {stale.Min(s => s.StaleSince)}")
            : (ServiceHealth.Running, "");
        return new ServiceItem(streams[0].Topic, health, reason,
        [
            new("behind", reader.Streams.Where(s => !s.IsElsewhere).Sum(s => Math.Max(0, s.End - 1 - s.Durable)), "exposure_feed_behind_records"),
            new("stalePartitions", stale.Count, "exposure_feed_stale_partitions"),
            .. reader.Streams.Where(s => !s.IsElsewhere).Select(s => s.Status).Select(s => new ServiceNumber("", s.BehindSince is { } since ? Math.Max(0, (Instant.From(_time.GetUtcNow()).Micros - since.Micros) / Instant.Second) : 0, "exposure_ingest_lag_seconds", $"partition=\"{s.Partition}\"")),
        ]);
    }

    /// <summary>Waits until everything that the topics hold now is in the journal.</summary>
    /// <exception cref="KafkaRefusedException">A topic is not read any more.</exception>
    public async Task CaughtUpAsync(CancellationToken cancel = default)
    {
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        foreach (var reader in _readers)
        {
            var ends = reader.Ends();
            while (reader.Streams.Any(s => !s.IsElsewhere && s.Durable + 1 < ends[s.Partition]))
            {
                if (reader.Failure is { } failure) throw new KafkaRefusedException(failure);
                await often.WaitForNextTickAsync(cancel);
            }
        }
    }

    /// <summary>Checks the topics against the database and begins to read. The engine must have started.</summary>
    /// <param name="accepted">Topics whose gap, or whose new making, a person has accepted.</param>
    /// <param name="say">Hears what an operator should know, a line each.</param>
    /// <param name="marks">Where notes are kept by which a record that ends the process is found; without it none is looked for.</param>
    /// <exception cref="KafkaRefusedException">The topics are not as the database needs them; the message says what to do.</exception>
    public static async Task<KafkaFeed> StartAsync(ExposureEngine engine, IEventDecoder decoder, KafkaOptions options, IReadOnlySet<string>? accepted = null,
        Action<string>? say = null, TimeProvider? time = null, IFeedMarks? marks = null)
    {
        if (engine.Database.ClockMode == "events" && await engine.ReadAsync(Book.House, book => book.EventClock))
            throw new KafkaRefusedException("The database runs on the clock of events, which one feeder in time order drives; a topic has no such order. Switch it to the wall clock first.");
        NativeBuffers.Keep();
        var feed = new KafkaFeed(engine, options, time ?? TimeProvider.System, say ?? (_ => { }), marks);
        try
        {
            await feed.BeginAsync(decoder, accepted ?? new HashSet<string>(), time ?? TimeProvider.System);
            return feed;
        }
        catch
        {
            await feed.DisposeAsync();
            throw;
        }
    }

    private async Task BeginAsync(IEventDecoder decoder, IReadOnlySet<string> accepted, TimeProvider time)
    {
        _topics = await KafkaTopics.CheckAsync(_options, _engine.Database.Partitions);
        await Task.WhenAll(_topics.Where(t => t.Name != _options.Global && !accepted.Contains(t.Name)).Select(t => Task.Run(() => KeySample.Check(_options, _engine.Database.EnvironmentId, t))));
        var gate = new AuthorityGate(_engine);
        var reading = new RecordReading(decoder, new KeyCheck(_engine.Database.Partitions), _options.Rekeyed.Contains);
        foreach (var topic in _topics)
        {
            var streams = new List<FeedStream>();
            for (var partition = 0; partition < topic.Partitions; partition++)
                streams.Add(await StreamAsync(topic, partition, accepted, time));
            _readers.Add(new TopicReader(topic, streams, _options, _engine, reading, gate, _watch, _say));
        }

        if (_marks is not null) await OpenAsync(_marks, reading, gate);
        foreach (var reader in _readers) reader.Start(accepted);
        _watching = WatchAsync();
    }

    /// <summary>Notes that the feed is open, after what an unclean end left in its hands has been read with care.</summary>
    private async Task OpenAsync(IFeedMarks marks, RecordReading reading, AuthorityGate gate)
    {
        var known = await marks.MarksAsync(CancellationToken.None);
        if (Quarantine.IsNeeded(known))
        {
            using var quarantine = new Quarantine(_options, _engine, reading, gate, marks, _say);
            await quarantine.RunAsync(_readers, known);
            _quarantined = quarantine.Count;
        }

        await marks.MarkAsync([new FeedMark(FeedMark.Open, 0, 0, 0)], [], CancellationToken.None);
        _isOpen = true;
    }

    /// <summary>A stream at the position that its partition has. A topic of the same name with another id is another stream, which a person has to accept.</summary>
    private async Task<FeedStream> StreamAsync(KafkaTopic topic, int partition, IReadOnlySet<string> accepted, TimeProvider time)
    {
        var stream = new FeedStream(topic.Name, topic.Id, partition, topic.Name == _options.Global ? Book.House : partition) { Alive = time.GetUtcNow() };
        // It is mended as after a break, as soon as the partition comes.
        (stream.IsElsewhere, stream.IsBroken) = (true, true);
        if (!_engine.Owns(stream.Home)) return stream;
        try
        {
            await PlaceAsync(stream, topic, accepted);
            (stream.IsElsewhere, stream.IsBroken) = (false, false);
        }
        catch (PartitionElsewhereException)
        {
            // It has just left.
        }

        return stream;
    }

    private async Task PlaceAsync(FeedStream stream, KafkaTopic topic, IReadOnlySet<string> accepted)
    {
        var partition = stream.Partition;
        var (position, others, isStale) = await _engine.ReadAsync(stream.Home, book =>
        (
            book.Positions.TryGetValue(stream.Name, out var taken) ? taken : -1,
            book.Positions.Keys.Where(k => SourcePosition.KafkaOf(k) is { } other && other.Topic == topic.Name && other.Partition == partition && other.TopicId != topic.Id).ToList(),
            book.Context.StaleFeeds.Any(f => f.Feed == stream.Feed)
        ));
        if (position < 0 && others.Count > 0 && !accepted.Contains(topic.Name))
            throw new KafkaRefusedException($"Topic {topic.Name} was deleted and made again: its id is {topic.Id}, the journal has read {string.Join(", ", others.Select(o => SourcePosition.KafkaOf(o)!.Value.TopicId))}. Records of the old one that were not read are lost to the feed. If that is meant, start with --accept {topic.Name}: it is then read from its beginning, and event ids keep what comes again from counting twice.");
        (stream.Taken, stream.GatheredUpTo, stream.Durable, stream.IsStale) = (position, position, position, isStale);
    }

    private async Task WatchAsync()
    {
        var looked = Environment.TickCount64;
        try
        {
            while (true)
            {
                await Task.Delay(WatchEvery, _stop.Token);
                await _watch.TellAsync(_readers.SelectMany(r => r.Streams), _stop.Token);
                if (Environment.TickCount64 - looked < _options.TopicsEvery.TotalMilliseconds) continue;
                looked = Environment.TickCount64;
                await LookAtTopicsAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The feed ends.
        }
    }

    /// <summary>A topic that was deleted and made again while it is read would begin anew under the old offsets.</summary>
    private async Task LookAtTopicsAsync()
    {
        IReadOnlyList<KafkaTopic> now;
        try
        {
            now = await KafkaTopics.DescribeAsync(_options);
        }
        catch (KafkaRefusedException refused)
        {
            // Brokers come and go, and one that has just come may not know a topic yet: gone is what two looks do not find.
            if (refused.Missing is { } gone && _gone == gone && _topics.Zip(_readers).FirstOrDefault(t => t.First.Name == gone) is { Second: { } deleted })
                deleted.Stop("it was deleted; make it again, then start with --accept " + gone);
            _gone = refused.Missing;
            return;
        }

        _gone = null;

        foreach (var (topic, reader) in _topics.Zip(_readers))
        {
            if (now.FirstOrDefault(t => t.Name == topic.Name) is not { } seen) continue;
            if (seen.Id != topic.Id) reader.Stop($"it was deleted and made again (its id was {topic.Id} and is {seen.Id}); start again to hear what to do");
            else if (seen.Partitions != topic.Partitions) reader.Stop($"it has {seen.Partitions} partitions now and had {topic.Partitions}: customers would be in other partitions than before");
        }
    }

    /// <summary>A clean end. Without it the next start reads with care, which costs a moment and no more.</summary>
    private static async Task CloseAsync(IFeedMarks marks)
    {
        try
        {
            await marks.MarkAsync([], [FeedMark.Open], CancellationToken.None);
        }
        catch (JournalUnavailableException)
        {
            // The database is away: the next start will be careful.
        }
    }

    /// <summary>Stops reading; what was handed over is waited for.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        foreach (var reader in _readers) reader.EndSoon();
        foreach (var reader in _readers) reader.Dispose();
        if (_isOpen) await CloseAsync(_marks!);
        _stop.Dispose();
    }
}
