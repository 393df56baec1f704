using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>What a channel's vendor allows and asks for, as far as it decides when something is sent. All of it is a setting.</summary>
public sealed record ChannelRules
{
    /// <summary>Rates that hold together.</summary>
    public IReadOnlyList<Rate> Rates { get; init; } = [new Rate(1, TimeSpan.FromSeconds(1))];

    /// <summary>Longest rest of the whole channel that a vendor asks for by a code, such as DingTalk's ten minutes.</summary>
    public TimeSpan Rest { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Everything that waits is merged when the oldest has waited longer than this.</summary>
    public TimeSpan OverflowAge { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The same when more than so many messages wait.</summary>
    public int OverflowCount { get; init; } = 10;

    /// <summary>Alerts of one cause at so many customers are told in one message.</summary>
    public int CauseCount { get; init; } = 5;

    /// <summary>Records that one message carries at most; what is above waits for the next one.</summary>
    public int ItemsMax { get; init; } = 5_000;

    /// <summary>A message is given up so long after its first attempt.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>So many failures in a row open the breaker.</summary>
    public int BreakerFailures { get; init; } = 5;

    /// <summary>For so long.</summary>
    public TimeSpan BreakerOpen { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>So many answers in a row that nobody understands make the channel unhealthy.</summary>
    public int UnknownAnswers { get; init; } = 3;

    /// <summary>Up to so long after a full and a half hour, what is not CRIT is spread out; zero for not at all.</summary>
    public TimeSpan CrowdedSpread { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// The moment from which a message may leave as far as crowded minutes are concerned: in the first minute after a full or half
    /// hour those that are not CRIT are spread over the first seconds of it.
    /// </summary>
    public Instant Spread(Instant due, string channel, bool isCritical)
    {
        if (isCritical || CrowdedSpread <= TimeSpan.Zero) return due;
        const long HalfHour = 1_800 * Instant.Second, Minute = 60 * Instant.Second;
        var start = due.Micros - (due.Micros % HalfHour);
        if (due.Micros - start >= Minute) return due;
        var spread = CrowdedSpread.Ticks / TimeSpan.TicksPerMicrosecond * Backoff.Share($"{channel}@{start}") / 65_536;
        return Times.Later(due, new Instant(start + spread));
    }
}
