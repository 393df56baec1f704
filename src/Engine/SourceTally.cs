using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>What came of a source since this process began, and how much of it within the last minute.</summary>
/// <param name="Source">A topic, <c>http</c> or <c>file</c>: commands, and what partitions tell each other or themselves, come from no source.</param>
/// <param name="LastAt">When its newest event was committed.</param>
public sealed record SourceFigures(string Source, DateTimeOffset LastAt, long LastMinute, long Applied, long Duplicates, long Conflicting, long Parked, long Superseded, long Refused, long Undecodable);

/// <summary>Counts by source what was committed, for people who look at it: the instruments have the same for an exporter. Safe from any thread.</summary>
public sealed class SourceTally(TimeProvider time)
{
    private const int Seconds = 60;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Counts> _sources = new(StringComparer.Ordinal);

    private sealed class Counts
    {
        internal readonly Dictionary<OutcomeKind, long> ByOutcome = [];
        internal readonly (long Second, long Count)[] Recent = new (long, long)[Seconds];
        internal DateTimeOffset LastAt;
    }

    /// <summary>All sources of which something came, by name.</summary>
    public IReadOnlyList<SourceFigures> Look()
    {
        var oldest = time.GetUtcNow().ToUnixTimeSeconds() - Seconds;
        lock (_gate)
            return [.. _sources.Select(s => new SourceFigures(s.Key, s.Value.LastAt, s.Value.Recent.Where(r => r.Second > oldest).Sum(r => r.Count),
                Of(s.Value, OutcomeKind.Applied), Of(s.Value, OutcomeKind.Duplicate), Of(s.Value, OutcomeKind.ConflictingDuplicate), Of(s.Value, OutcomeKind.Parked), Of(s.Value, OutcomeKind.Superseded),
                Of(s.Value, OutcomeKind.Refused), Of(s.Value, OutcomeKind.Undecodable)))];

        static long Of(Counts counts, OutcomeKind outcome) => counts.ByOutcome.GetValueOrDefault(outcome);
    }

    /// <summary>Takes in what a group brought, after its commit.</summary>
    internal void Note(string source, OutcomeKind outcome, long count)
    {
        var now = time.GetUtcNow();
        var second = now.ToUnixTimeSeconds();
        lock (_gate)
        {
            if (!_sources.TryGetValue(source, out var counts)) _sources.Add(source, counts = new Counts());
            counts.ByOutcome[outcome] = counts.ByOutcome.GetValueOrDefault(outcome) + count;
            ref var recent = ref counts.Recent[second % Seconds];
            recent = recent.Second == second ? (second, recent.Count + count) : (second, count);
            counts.LastAt = now;
        }
    }
}
