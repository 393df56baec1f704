using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>What can be said of one target, such as a topic.</summary>
/// <param name="Sent">Rows that it has confirmed since the pump began.</param>
/// <param name="OldestWaiting">When the oldest row came about that is on its way there and not confirmed.</param>
public sealed record OutboxTarget(string Name, long Sent, Instant? OldestWaiting);

/// <summary>What can be said of a pump.</summary>
/// <param name="Name">Of its cursors.</param>
/// <param name="Behind">Committed frames that it has not passed yet.</param>
/// <param name="Failures">Times that the outside, or the database, did not take or give what was asked, since the pump began.</param>
/// <param name="Trouble">Why it does not go on; "" while it does.</param>
public sealed record OutboxStatus(string Name, long Behind, long Failures, string Trouble, IReadOnlyList<OutboxTarget> Targets)
{
    /// <summary>The same for health and metrics.</summary>
    public ServiceState State(Instant now) => new("outbox " + Name, Trouble.Length > 0 ? ServiceHealth.Waiting : ServiceHealth.Running, Trouble,
    [
        .. Targets.Select(t => new ServiceItem(t.Name, Trouble.Length > 0 && t.OldestWaiting is not null ? ServiceHealth.Waiting : ServiceHealth.Running, "",
        [
            new("sent", t.Sent, "exposure_outbox_sent_total"),
            new("lagSeconds", t.OldestWaiting is { } since ? Math.Max(0, (now.Micros - since.Micros) / Instant.Second) : 0, "exposure_outbox_lag_seconds"),
        ])),
    ],
    [
        new("behind", Behind, "exposure_outbox_behind_frames"),
        new("failures", Failures, "exposure_outbox_failures_total"),
    ]);
}
