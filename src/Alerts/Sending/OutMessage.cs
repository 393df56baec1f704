using System.Security.Cryptography;
using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>One thing to tell: the record, the alert as it stands, and the route that chose the channel.</summary>
public sealed record DeliveryItem(DeliveryRow Row, Alert Alert, RoutePlan Route)
{
    /// <summary>It was muted when the one before was told, or another remark for people; "" for none.</summary>
    public string Mark { get; init; } = "";

    internal bool IsCritical => Row.Severity == Severity.Critical;

    internal bool IsEnd => Transition.IsEnd(Row.Transition);
}

/// <summary>Why several things are told in one message.</summary>
public enum MessageShape
{
    /// <summary>One thing.</summary>
    Single,

    /// <summary>One group of the route.</summary>
    Group,

    /// <summary>One cause at many customers.</summary>
    Cause,

    /// <summary>There was more than the channel may carry.</summary>
    Overflow,

    /// <summary>The digest of a day.</summary>
    Daily,
}

/// <summary>What is sent in one request. Content and id stay the same as long as nobody knows whether it arrived.</summary>
public sealed record OutMessage
{
    /// <summary>The idempotency key of its only record, or a hash of the keys of all.</summary>
    public required string Id { get; init; }

    public required MessageShape Shape { get; init; }

    /// <summary>Worst first.</summary>
    public required IReadOnlyList<DeliveryItem> Items { get; init; }

    /// <summary>Of the group, when it is one.</summary>
    public string GroupKey { get; init; } = "";

    /// <summary>Others of the group that were told before and still fire.</summary>
    public IReadOnlyList<Alert> Standing { get; init; } = [];

    /// <summary>From 1; the one that is about to be made.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>An earlier attempt may have arrived.</summary>
    public bool IsRepeat { get; init; }

    /// <summary>The smallest form, because the channel found the other too large.</summary>
    public bool Minimal { get; init; }

    public Instant FirstSentAt { get; init; }

    internal bool IsCritical => Items[0].IsCritical;

    /// <summary>The id of a message that carries these records.</summary>
    public static string IdOf(IReadOnlyList<DeliveryItem> items)
    {
        if (items.Count == 1) return items[0].Row.Key;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var key in items.Select(i => i.Row.Key).Order(StringComparer.Ordinal)) hash.AppendData(Encoding.UTF8.GetBytes(key + "\n"));
        return "m-" + Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    /// <summary>Worst first: severity, then what was raised before what ended, then the larger step, then the longest waiting.</summary>
    internal static List<DeliveryItem> Ordered(IEnumerable<DeliveryItem> items) =>
    [
        .. items.OrderByDescending(i => i.Row.Severity).ThenBy(i => i.IsEnd).ThenByDescending(i => i.Alert.Step).ThenBy(i => i.Row.CreatedAt.Micros).ThenBy(i => i.Row.Key, StringComparer.Ordinal),
    ];
}
