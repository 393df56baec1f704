using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>What a batch of rows of the outbox means for alerts: all of it in one transaction.</summary>
public sealed record AlertIntake
{
    /// <summary>Alerts as they stand now; one that is older than what the store has changes nothing.</summary>
    public IReadOnlyList<AlertRow> Alerts { get; init; } = [];

    /// <summary>What is to be told; a row that is there already stays as it is.</summary>
    public IReadOnlyList<DeliveryRow> Deliveries { get; init; } = [];

    /// <summary>Reader of the outbox whose cursors move with it; <c>null</c> when it came from nowhere there.</summary>
    public string? Reader { get; init; }

    public IReadOnlyDictionary<int, OutboxPlace> Places { get; init; } = new Dictionary<int, OutboxPlace>();
}

/// <summary>What the owner of a channel writes: all of it in one transaction, or nothing when somebody else owns the channel.</summary>
public sealed record ChannelWrite(string Channel, long Epoch)
{
    /// <summary>What the owner remembers from now on.</summary>
    public required ReadOnlyMemory<byte> Memory { get; init; }

    /// <summary>Rows as they are now, new ones too. A row in a final state is never changed again.</summary>
    public IReadOnlyList<DeliveryRow> Rows { get; init; } = [];
}

/// <summary>
/// Where alerts, what was sent of them, and what people did about them is kept: beside the journal, in the same database.
/// Safe from any thread; a write that has returned survives a power cut. Every method throws
/// <see cref="JournalUnavailableException"/> when the database does not answer; then nothing is known to have been written.
/// </summary>
public interface IAlertStore
{
    /// <summary>
    /// By partition, the newest frame whose rows are history to the alerts: they are kept and never told. Written by the
    /// first call for good, from the heads that it is given; so a database that had a life before its first channel wakes nobody up.
    /// </summary>
    ValueTask<IReadOnlyDictionary<int, long>> BeginAsync(IReadOnlyList<PartitionHead> heads, CancellationToken cancel);

    /// <summary>Takes in what happened. The same intake again changes nothing.</summary>
    ValueTask TakeInAsync(AlertIntake intake, CancellationToken cancel);

    /// <summary>Takes a channel over: what an earlier owner writes from now on is refused.</summary>
    ValueTask<ChannelHold> OpenChannelAsync(string channel, CancellationToken cancel);

    /// <summary>False when somebody else has taken the channel over: nothing was written, and the owner ends.</summary>
    ValueTask<bool> WriteAsync(ChannelWrite write, CancellationToken cancel);

    /// <summary>Names of the channels that have deliveries which are not final.</summary>
    ValueTask<IReadOnlyList<string>> OpenChannelsAsync(CancellationToken cancel);

    /// <summary>Deliveries of a channel that are not final, behind a number, in the order of their numbers.</summary>
    ValueTask<IReadOnlyList<DeliveryRow>> OpenDeliveriesAsync(string channel, long after, int limit, CancellationToken cancel);

    /// <summary>Final deliveries of a channel whose alerts still fire, or have an end that waits: what was told there, and what was muted. Oldest first.</summary>
    ValueTask<IReadOnlyList<DeliveryRow>> StandingDeliveriesAsync(string channel, CancellationToken cancel);

    /// <summary>All deliveries of some alerts, oldest first.</summary>
    ValueTask<IReadOnlyList<DeliveryRow>> DeliveriesOfAsync(IReadOnlyCollection<string> alerts, CancellationToken cancel);

    ValueTask<IReadOnlyList<DeliveryRow>> DeliveriesAsync(DeliveryQuery query, CancellationToken cancel);

    /// <summary>Alerts by their ids, in no order; those that are not there are left out.</summary>
    ValueTask<IReadOnlyList<AlertRow>> AlertsAsync(IReadOnlyCollection<string> ids, CancellationToken cancel);

    ValueTask<IReadOnlyList<AlertRow>> AlertsAsync(AlertQuery query, CancellationToken cancel);

    /// <summary>What became of the alerts whose causes began at a moment or later, by rule.</summary>
    ValueTask<IReadOnlyList<AlertTally>> TalliesAsync(Instant from, CancellationToken cancel);

    /// <summary>Notes of an alert, oldest first.</summary>
    ValueTask<IReadOnlyList<AlertNote>> NotesAsync(string alert, CancellationToken cancel);

    /// <summary>
    /// Writes what a person did: handling, who and when, and the tag as they stand in the row, and the note. False when the version of
    /// the row is not the newest: somebody else was faster.
    /// </summary>
    ValueTask<bool> HandleAsync(AlertRow row, AlertNote note, CancellationToken cancel);

    /// <summary>
    /// Takes alerts away that ended, or told of a single event, before a moment, with their deliveries and notes; none that has a delivery which is
    /// not final. At most so many.
    /// </summary>
    /// <returns>How many alerts left.</returns>
    ValueTask<int> PurgeAsync(Instant before, int most, CancellationToken cancel);

    /// <summary>Silences that end behind a moment.</summary>
    ValueTask<IReadOnlyList<SilenceRow>> SilencesAsync(Instant endingAfter, CancellationToken cancel);

    /// <summary>Writes a silence, new with version 1, or changed with the next one. False when the version is not the next.</summary>
    ValueTask<bool> SaveSilenceAsync(SilenceRow row, CancellationToken cancel);
}
