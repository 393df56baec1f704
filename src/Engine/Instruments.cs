using System.Diagnostics.Metrics;

namespace ExposureMonitor.Engine;

/// <summary>The instruments of the engine. No label ever carries a customer.</summary>
public static class Instruments
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "ExposureMonitor";

    private static readonly Meter Meter = new(MeterName);

    internal static readonly Counter<long> Events = Meter.CreateCounter<long>("exposure_events_total", "{event}", "Facts by source, type and outcome, after their commit.");
    internal static readonly Counter<long> Gaps = Meter.CreateCounter<long>("exposure_sequence_gaps_total", "{record}", "Records that came before what they follow on, by source; they wait for it.");
    internal static readonly Counter<long> DeadLetters = Meter.CreateCounter<long>("exposure_dead_letters_total", "{record}", "Records that could not be applied, by reason.");
    internal static readonly Counter<long> Decisions = Meter.CreateCounter<long>("exposure_decisions_total", "{decision}", "Decisions about orders and limits by action, outcome and who decided: a rule or a person.");
    internal static readonly Counter<long> Signals = Meter.CreateCounter<long>("exposure_signals_total", "{signal}", "Transitions of signals by indicator, severity and edge.");
    internal static readonly Counter<long> Holds = Meter.CreateCounter<long>("exposure_hold_transitions_total", "{transition}", "Transitions of holds by kind.");
    internal static readonly Histogram<double> Commit = Meter.CreateHistogram<double>("exposure_commit_duration_seconds", "s", "From sealing a group to the answer of the database, by outcome.");
    internal static readonly Histogram<double> Check = Meter.CreateHistogram<double>("exposure_check_duration_seconds", "s", "From taking a check in to its answer, by outcome.");
    internal static readonly Counter<long> Outages = Meter.CreateCounter<long>("exposure_journal_outages_total", "{outage}", "Times that the journal was out of reach.");
    internal static readonly Counter<long> Closed = Meter.CreateCounter<long>("exposure_partitions_closed_total", "{partition}", "Partitions that were closed with an alarm.");
    internal static readonly Counter<long> SnapshotsFailed = Meter.CreateCounter<long>("exposure_snapshots_failed_total", "{chunk}", "Chunks of a snapshot that could not be written.");
    internal static readonly Counter<long> SnapshotsRejected = Meter.CreateCounter<long>("exposure_snapshots_rejected_total", "{snapshot}", "Snapshots whose rows were not whole at a recovery; the journal rebuilt the partition.");
    internal static readonly Counter<long> Violations = Meter.CreateCounter<long>("exposure_violations_total", "{violation}", "Violations that the online proofs found.");
    internal static readonly Histogram<double> ClosedLookUp = Meter.CreateHistogram<double>("exposure_closed_lookup_duration_seconds", "s", "Looking for closed documents in the database, per slice that needed it.");
    internal static readonly Histogram<double> Recovery = Meter.CreateHistogram<double>("exposure_recovery_duration_seconds", "s", "Reading a partition back from its snapshot and journal.");
    internal static readonly Counter<long> Lost = Meter.CreateCounter<long>("exposure_partitions_lost_total", "{partition}", "Partitions that another owner went on with before this process let them go; the fence kept this one out.");
    internal static readonly ObservableGauge<long> Anchors = Meter.CreateObservableGauge("exposure_anchors_waiting", () => AnchorsWaiting, "{anchor}", "Anchors that a place could not take yet; alarm above 0.");

    internal static long AnchorsWaiting;
}

/// <summary>What an exporter has to know of the instruments beyond what they say of themselves.</summary>
public static class InstrumentShapes
{
    /// <summary>Bounds of the buckets of every histogram, in seconds: from a commit of a fast disk to a recovery that somebody waits for.</summary>
    public static IReadOnlyList<double> Bounds { get; } = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];

    private static readonly HashSet<string> Labelled = new(StringComparer.Ordinal)
    {
        "exposure_events_total", "exposure_sequence_gaps_total", "exposure_dead_letters_total", "exposure_decisions_total", "exposure_signals_total", "exposure_hold_transitions_total",
        "exposure_commit_duration_seconds", "exposure_check_duration_seconds",
    };

    /// <summary>True of an instrument without labels: it is 0 before anything happened, so that its first step is seen as one.</summary>
    public static bool IsBare(string name) => !Labelled.Contains(name);
}
