using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Ingest;

/// <summary>What can be said of one partition of a topic that is read.</summary>
/// <param name="Durable">Offset of the newest record whose effect is committed; −1 before the first.</param>
/// <param name="End">Offset behind the newest record that may be read, as the broker last said; −1 before it has.</param>
/// <param name="StaleSince">Its last sign of life, while it is stale.</param>
/// <param name="Trouble">Why it is not read; "" while it is.</param>
/// <param name="BehindSince">When the newest record that was read was written, or its last sign of life before any was, while more waits; <c>null</c> when all that may be read is committed.</param>
public sealed record FeedStatus(string Topic, int Partition, long Durable, long End, Instant? StaleSince, string Trouble, Instant? BehindSince = null);

/// <summary>One partition of a topic, on its way into the partition of the database that keeps its position. Its reader's thread alone reads
/// and hands over; whoever asks for its status, or watches whether it is alive, sees numbers that may be a moment old.</summary>
/// <param name="partition">Of the topic.</param>
/// <param name="home">Of the database: the same number, or the house.</param>
internal sealed class FeedStream(string topic, string topicId, int partition, int home)
{
    /// <summary>Its name in positions.</summary>
    internal string Name { get; } = SourcePosition.OfKafka(topic, topicId, partition);

    /// <summary>Its name as a feed that may be stale.</summary>
    internal string Feed { get; } = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"kafka:{topic}:{partition}");

    internal string Topic => topic;

    internal int Partition => partition;

    internal int Home => home;

    /// <summary>Offset of the newest record that was handed over; −1 before the first.</summary>
    internal long Taken { get; set; } = -1;

    /// <summary>Records that were read and not handed over.</summary>
    internal List<Fact> Gathered { get; private set; } = [];

    /// <summary>Offset of the newest gathered record.</summary>
    internal long GatheredUpTo { get; set; } = -1;

    /// <summary>Batches that were handed over and have no answer yet.</summary>
    internal int OnTheirWay { get; set; }

    /// <summary>A batch was not committed: nothing is read until the position was asked for again.</summary>
    internal bool IsBroken { get; set; }

    /// <summary>How often that was.</summary>
    internal int Breaks { get; set; }

    /// <summary>When the next batch may be submitted: at once, or when an event that carries authority and stands before it is committed.</summary>
    internal Task Turn { get; set; } = Task.CompletedTask;

    /// <summary>When to ask for the position again (milliseconds of the machine).</summary>
    internal long MendAt { get; set; }

    internal string Trouble { get; set; } = "";

    /// <summary>Its partition is owned by another process, which reads it; it waits here until the partition comes.</summary>
    internal bool IsElsewhere { get; set; }

    internal long Durable { get; set; } = -1;

    internal long End { get; set; } = -1;

    /// <summary>When the newest record that was read was written (UTC).</summary>
    internal DateTime NewestWritten { get; set; }

    /// <summary>Its last sign of life: an answer of its broker while little waited.</summary>
    internal DateTimeOffset Alive { get; set; }

    /// <summary>The partition was told that the feed is stale.</summary>
    internal bool IsStale { get; set; }

    /// <summary>
    /// Adds a record that was read. One that is known by its origin is followed by the note how far this stream is read; of several
    /// such in a row one note suffices.
    /// </summary>
    internal void Gather(Fact fact, long offset)
    {
        if (fact.Position.Stream != Name && Gathered is [.., StreamTaken]) Gathered.RemoveAt(Gathered.Count - 1);
        Gathered.Add(fact);
        if (fact.Position.Stream != Name) Gathered.Add(new StreamTaken { Position = new SourcePosition(Name, offset) });
        GatheredUpTo = offset;
    }

    /// <summary>Takes what was gathered.</summary>
    internal List<Fact> TakeGathered()
    {
        var taken = Gathered;
        Gathered = new List<Fact>(taken.Count);
        return taken;
    }

    internal FeedStatus Status => new(topic, partition, Durable, End, IsStale ? Instant.From(Alive) : null, Trouble, BehindSince);

    private Instant? BehindSince => Durable + 1 >= End && Durable >= GatheredUpTo ? null : Instant.From(NewestWritten == default ? Alive : new DateTimeOffset(NewestWritten, TimeSpan.Zero));
}
