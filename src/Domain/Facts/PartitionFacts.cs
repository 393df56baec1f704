namespace ExposureMonitor.Domain;

/// <summary><c>credit.day.started.v1</c>: a business day begins in the partition; days follow one by one.</summary>
public sealed class DayStarted : PartitionFact
{
    /// <summary>Day number of <see cref="DateOnly"/>.</summary>
    public int Day { get; set; }

    private protected override void Body(FieldVisitor v) => Day = v.Date(1, "day", Day);
}

/// <summary><c>credit.timer.due.v1</c>: the moment came that some account waits for.</summary>
public sealed class TimerDue : PartitionFact
{
    public Instant DueAt { get; set; }

    private protected override void Body(FieldVisitor v) => DueAt = v.Moment(1, "dueAt", DueAt);
}

/// <summary><c>credit.feed.stale.v1</c>: a feed has given no sign of life for too long; what time alone brings waits.</summary>
public sealed class FeedStale : PartitionFact
{
    public string Feed { get; set; } = "";

    /// <summary>Its last sign of life.</summary>
    public Instant Since { get; set; }

    private protected override void Body(FieldVisitor v)
    {
        Feed = v.Text(1, "feed", Feed, optional: false, lengthMax: 200);
        Since = v.Moment(2, "since", Since);
    }
}

/// <summary><c>credit.feed.current.v1</c>: the feed is back; what waited is judged.</summary>
public sealed class FeedCurrent : PartitionFact
{
    public string Feed { get; set; } = "";

    private protected override void Body(FieldVisitor v) => Feed = v.Text(1, "feed", Feed, optional: false, lengthMax: 200);
}

/// <summary>Brings at most 256 accounts up to what the partition knows (day, rates, policies).</summary>
public sealed class SweepDue : PartitionFact
{
    /// <summary>First slot of the slice.</summary>
    public int FromSlot { get; set; }

    private protected override void Body(FieldVisitor v) => FromSlot = (int)v.Number(1, "fromSlot", FromSlot, optional: true);
}

/// <summary>A record that could not be read: it takes its place in the journal and becomes a dead letter.</summary>
public sealed class UndecodableRecord : PartitionFact
{
    public string Reason { get; set; } = "";

    public string Detail { get; set; } = "";

    /// <summary>The record's first 48 KiB, as text where it is UTF-8, else in base64.</summary>
    public string Record { get; set; } = "";

    private protected override void Body(FieldVisitor v)
    {
        Reason = v.Id(1, "reason", Reason);
        Detail = v.Text(2, "detail", Detail, lengthMax: 1000);
        Record = v.Text(3, "record", Record, lengthMax: 70_000);
    }
}

/// <summary>
/// <c>credit.authority.requested.v1</c>: an event of a stream carries authority that its source does not have, or that needs
/// two people. It is taken as a request: the proposal waits in the house, and nothing has changed.
/// </summary>
public sealed class AuthorityRequested : PartitionFact
{
    public string ProposalId { get; set; } = "";

    /// <summary>Type of the event.</summary>
    public string Type { get; set; } = "";

    private protected override void Body(FieldVisitor v)
    {
        ProposalId = v.Id(1, "proposalId", ProposalId);
        Type = v.Text(2, "type", Type, optional: false, lengthMax: 100);
    }
}

/// <summary>
/// <c>credit.rules.raised.v1</c>: from this fact on, the first of its frame, the partition goes by this version of the rules; a release that does not know
/// it cannot open the partition any more.
/// </summary>
public sealed class RulesRaised : PartitionFact
{
    /// <summary>Of <see cref="PartitionMachine.Version"/>.</summary>
    public int Version { get; set; }

    private protected override void Body(FieldVisitor v) => Version = (int)v.Number(1, "version", Version, least: 1);
}

/// <summary>
/// <c>credit.stream.taken.v1</c>: a stream was read up to the position of this fact, and its records are known by the positions of
/// their origin, which stand in the entries before. It changes nothing but where the stream is read on.
/// </summary>
public sealed class StreamTaken : PartitionFact
{
    private protected override void Body(FieldVisitor v)
    {
    }
}
