using System.Text.Json;
using System.Text.Json.Serialization;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>
/// What the owner of a channel remembers beyond its deliveries: what was sent of late, rests, failures, health. Written
/// with every claim and every outcome, so that the next owner breaks no limit of the vendor.
/// </summary>
public sealed record ChannelMemory
{
    /// <summary>Requests that still count for the rates, microseconds.</summary>
    public IReadOnlyList<long> Sent { get; init; } = [];

    /// <summary>Nothing leaves before: a rest, a wait that the vendor asked for, or the breaker.</summary>
    public long RestUntil { get; init; }

    /// <summary>Why.</summary>
    public string RestWhy { get; init; } = "";

    /// <summary>What waits goes in one message, because the channel has rested.</summary>
    public bool Merge { get; init; }

    public int FailuresInARow { get; init; }

    public int UnknownInARow { get; init; }

    /// <summary>Why it takes nothing until somebody repairs it; "" while it is healthy.</summary>
    public string Unhealthy { get; init; } = "";

    /// <summary>Hash of the settings with which it became unhealthy: others are tried.</summary>
    public string UnhealthyWith { get; init; } = "";

    /// <summary>What it has had to tell of itself, without repairs: the number of each.</summary>
    public int Troubles { get; init; }

    /// <summary>What of it nobody has heard yet: written together with what it tells of, so that a kill in between loses none.</summary>
    public IReadOnlyList<DeskNotice> Notices { get; init; } = [];

    /// <summary>Since the last success, microseconds; 0 before the first.</summary>
    public long LastSuccess { get; init; }

    /// <summary>Seconds that the host's clock is off from the channel's.</summary>
    public int ClockOffSeconds { get; init; }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, AlertJson.Default.ChannelMemory);

    /// <summary>What an owner before remembered; nothing at all when it is not readable, which costs a rest and no message.</summary>
    public static ChannelMemory From(ReadOnlyMemory<byte> bytes, Instant now)
    {
        if (bytes.IsEmpty) return new ChannelMemory();
        try
        {
            return JsonSerializer.Deserialize(bytes.Span, AlertJson.Default.ChannelMemory) ?? new ChannelMemory();
        }
        catch (JsonException)
        {
            // Numbers that no owner before can have given: a number is told once.
            var number = (int)(now.Micros / (60 * Instant.Second));
            return new ChannelMemory { RestUntil = now.Micros + (60 * Instant.Second), RestWhy = "what the owner before remembered cannot be read", Troubles = number };
        }
    }
}
