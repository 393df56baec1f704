using System.Diagnostics.Metrics;

namespace ExposureMonitor.Engine;

/// <summary>The instruments of the engine. No label ever carries a customer.</summary>
public static class Instruments
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "ExposureMonitor";

    private static readonly Meter Meter = new(MeterName);

    internal static readonly Counter<long> Events = Meter.CreateCounter<long>("exposure_events_total", "{event}", "Facts by type and outcome, after their commit.");
    internal static readonly Counter<long> DeadLetters = Meter.CreateCounter<long>("exposure_dead_letters_total", "{record}", "Records that could not be applied, by reason.");
    internal static readonly Counter<long> Decisions = Meter.CreateCounter<long>("exposure_decisions_total", "{decision}", "Decisions by verdict.");
    internal static readonly Counter<long> Signals = Meter.CreateCounter<long>("exposure_signals_total", "{signal}", "Signal transitions by indicator and state.");
    internal static readonly Counter<long> Holds = Meter.CreateCounter<long>("exposure_hold_transitions_total", "{transition}", "Transitions of holds by kind.");
    internal static readonly Histogram<double> Commit = Meter.CreateHistogram<double>("exposure_commit_duration_seconds", "s", "From sealing a group to the answer of the database.");
    internal static readonly Histogram<double> Check = Meter.CreateHistogram<double>("exposure_check_duration_seconds", "s", "From taking a command in to its answer.");
    internal static readonly Counter<long> Outages = Meter.CreateCounter<long>("exposure_journal_outages_total", "{outage}", "Times that the journal was out of reach.");
    internal static readonly Counter<long> Closed = Meter.CreateCounter<long>("exposure_partitions_closed_total", "{partition}", "Partitions that were closed with an alarm.");
    internal static readonly Counter<long> SnapshotsFailed = Meter.CreateCounter<long>("exposure_snapshots_failed_total", "{chunk}", "Chunks of a snapshot that could not be written.");
    internal static readonly Counter<long> SnapshotsRejected = Meter.CreateCounter<long>("exposure_snapshots_rejected_total", "{snapshot}", "Snapshots whose rows were not whole at a recovery; the journal rebuilt the partition.");
    internal static readonly Counter<long> Violations = Meter.CreateCounter<long>("exposure_violations_total", "{violation}", "Violations that the online proofs found.");
    internal static readonly Histogram<double> ClosedLookUp = Meter.CreateHistogram<double>("exposure_closed_lookup_duration_seconds", "s", "Looking for closed documents in the database, per slice that needed it.");
    internal static readonly UpDownCounter<long> Partitions = Meter.CreateUpDownCounter<long>("exposure_partitions", "{partition}", "Partitions that this process owns.");
    internal static readonly Counter<long> Lost = Meter.CreateCounter<long>("exposure_partitions_lost_total", "{partition}", "Partitions that another owner went on with before this process let them go; the fence kept this one out.");
    internal static readonly ObservableGauge<long> Anchors = Meter.CreateObservableGauge("exposure_anchors_waiting", () => AnchorsWaiting, "{anchor}", "Anchors that a place could not take yet; alarm above 0.");

    internal static long AnchorsWaiting;
}
