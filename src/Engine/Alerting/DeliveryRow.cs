using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>How far one thing has come on its way to one channel.</summary>
public enum DeliveryState : byte
{
    /// <summary>Waits to be sent, also between two attempts.</summary>
    Pending = 1,

    /// <summary>Claimed: an attempt has begun and its outcome is not written yet. After a restart it is unknown.</summary>
    Sent,

    /// <summary>The channel proved that it has the message.</summary>
    Delivered,

    /// <summary>The channel took the message and may still fail with it.</summary>
    Accepted,

    /// <summary>The channel will not take it, and no repetition would change that.</summary>
    Rejected,

    /// <summary>Given up: too old, too large or broken.</summary>
    Dead,

    /// <summary>Muted by a silence or by another alert; <see cref="DeliveryRow.By"/> names it.</summary>
    Suppressed,

    /// <summary>There was nothing to send any more, or the channel is not configured.</summary>
    Skipped,
}

/// <summary>One transition of one alert on its way to one channel: the record that says what became of it.</summary>
public sealed record DeliveryRow
{
    public required string Alert { get; init; }

    /// <summary><c>raised</c>, <c>resolved</c>, <c>retracted</c>, <c>escalated</c>, <c>repeated-2</c>, …: what of the alert is told.</summary>
    public required string Transition { get; init; }

    public required string Channel { get; init; }

    /// <summary>Name of the route that chose the channel.</summary>
    public required string Route { get; init; }

    public required Severity Severity { get; init; }

    public required DeliveryState State { get; init; }

    /// <summary>Wall clock of the one who wrote it first.</summary>
    public required Instant CreatedAt { get; init; }

    public required Instant ChangedAt { get; init; }

    /// <summary>Start of the first attempt; default before it.</summary>
    public Instant FirstSentAt { get; init; }

    /// <summary>Attempts so far.</summary>
    public int Attempts { get; init; }

    /// <summary>The message that carries it; stays the same as long as its outcome may be unknown.</summary>
    public string MessageId { get; init; } = "";

    /// <summary>An attempt ended without an answer: the channel may have the message.</summary>
    public bool MayBeThere { get; init; }

    /// <summary>What the channel said, in a few words.</summary>
    public string Answer { get; init; } = "";

    /// <summary>The silence or alert that muted it; "" otherwise.</summary>
    public string By { get; init; } = "";

    /// <summary>Given by the store in the order of writing; 0 for a row that it has not seen.</summary>
    public long Number { get; init; }

    /// <summary>The idempotency key: alert, transition and channel.</summary>
    public string Key => KeyOf(Alert, Transition, Channel);

    public static string KeyOf(string alert, string transition, string channel) => $"{alert}#{transition}#{channel}";

    /// <summary>Nothing will happen to it any more.</summary>
    public bool IsFinal => State is not (DeliveryState.Pending or DeliveryState.Sent);
}

/// <summary>Which delivery records a list shows; newest first.</summary>
public sealed record DeliveryQuery
{
    public string? Alert { get; init; }

    public string? Channel { get; init; }

    public DeliveryState? State { get; init; }

    /// <summary>Before this number; 0 for the newest.</summary>
    public long Before { get; init; }

    public int Limit { get; init; } = 100;
}

/// <summary>A silence as it is kept.</summary>
/// <param name="EndsAt">Not after this moment, whatever else ends it.</param>
/// <param name="Body">JSON in UTF-8.</param>
/// <param name="Version">Counts its changes; a write that does not know the newest is refused.</param>
public sealed record SilenceRow(string Id, Instant CreatedAt, Instant EndsAt, ReadOnlyMemory<byte> Body, long Version);

/// <summary>A channel as it was taken over.</summary>
/// <param name="Epoch">Counts its owners; the writes of an earlier one are refused.</param>
/// <param name="Memory">What the owner before remembered; empty for a new channel.</param>
public sealed record ChannelHold(string Channel, long Epoch, ReadOnlyMemory<byte> Memory);
