using System.Diagnostics.Metrics;

namespace ExposureMonitor.Engine;

/// <summary>
/// The instruments of one engine. No label ever carries a customer. Several engines of one process have each their own, under the same names and in the
/// same meter by name: the scope of the meter tells them apart, so that nobody counts what another one did.
/// </summary>
/// <param name="meter">The meter of this engine; it ends with it.</param>
public sealed class Instruments(Meter meter) : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "ExposureMonitor";

    /// <summary>What a process has once, however many engines it runs: its meter has no scope.</summary>
    private static readonly Meter OfProcess = new(MeterName);

    internal readonly Counter<long> Events = meter.CreateCounter<long>("exposure_events_total", "{event}", "Facts by source, type and outcome, after their commit.");
    internal readonly Counter<long> Gaps = meter.CreateCounter<long>("exposure_sequence_gaps_total", "{record}", "Records that came before what they follow on, by source; they wait for it.");
    internal readonly Counter<long> DeadLetters = meter.CreateCounter<long>("exposure_dead_letters_total", "{record}", "Records that could not be applied, by reason.");
    internal readonly Counter<long> Decisions = meter.CreateCounter<long>("exposure_decisions_total", "{decision}", "Decisions about orders and limits by action, outcome and who decided: a rule or a person.");
    internal readonly Counter<long> Signals = meter.CreateCounter<long>("exposure_signals_total", "{signal}", "Transitions of signals by indicator, severity and edge.");
    internal readonly Counter<long> Holds = meter.CreateCounter<long>("exposure_hold_transitions_total", "{transition}", "Transitions of holds by kind.");
    internal readonly Histogram<double> Commit = meter.CreateHistogram<double>("exposure_commit_duration_seconds", "s", "From sealing a group to the answer of the database, by outcome.");
    internal readonly Histogram<double> Check = meter.CreateHistogram<double>("exposure_check_duration_seconds", "s", "From taking a check in to its answer, by outcome.");
    internal readonly Counter<long> Outages = meter.CreateCounter<long>("exposure_journal_outages_total", "{outage}", "Times that the journal was out of reach.");
    internal readonly Counter<long> Closed = meter.CreateCounter<long>("exposure_partitions_closed_total", "{partition}", "Partitions that were closed with an alarm.");
    internal readonly Counter<long> SnapshotsFailed = meter.CreateCounter<long>("exposure_snapshots_failed_total", "{chunk}", "Chunks of a snapshot that could not be written.");
    internal readonly Counter<long> SnapshotsRejected = meter.CreateCounter<long>("exposure_snapshots_rejected_total", "{snapshot}", "Snapshots whose rows were not whole at a recovery; the journal rebuilt the partition.");
    internal readonly Counter<long> Violations = meter.CreateCounter<long>("exposure_violations_total", "{violation}", "Violations that the online proofs found.");
    internal readonly Histogram<double> ClosedLookUp = meter.CreateHistogram<double>("exposure_closed_lookup_duration_seconds", "s", "Looking for closed documents in the database, per slice that needed it.");
    internal readonly Histogram<double> Recovery = meter.CreateHistogram<double>("exposure_recovery_duration_seconds", "s", "Reading a partition back from its snapshot and journal.");
    internal readonly Counter<long> Lost = meter.CreateCounter<long>("exposure_partitions_lost_total", "{partition}", "Partitions that another owner went on with before this process let them go; the fence kept this one out.");
    internal static readonly ObservableGauge<long> Anchors = OfProcess.CreateObservableGauge("exposure_anchors_waiting", () => AnchorsWaiting, "{anchor}", "Anchors that a place could not take yet; alarm above 0.");

    internal static long AnchorsWaiting;

    /// <summary>The instruments of a new engine.</summary>
    internal static Instruments New()
    {
        // Known to whoever listens from here on, as the others are.
        _ = Anchors.Enabled;
        return new Instruments(new Meter(new MeterOptions(MeterName) { Scope = new object() }));
    }

    /// <summary>A further meter of the same engine, for what is built on it.</summary>
    public Meter NewMeter() => new(new MeterOptions(MeterName) { Scope = meter.Scope });

    /// <summary>True of an instrument of this engine, or of the process as a whole; false of another engine's in the same process.</summary>
    public bool Has(Instrument instrument) => instrument.Meter.Name == MeterName && (instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, meter.Scope));

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        meter.Dispose();
    }

    /// <summary>The runtime keeps every meter for the life of a process. An engine that nobody ended, as a simulated crash leaves it, takes its own along all the same.</summary>
    ~Instruments() => meter.Dispose();
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
