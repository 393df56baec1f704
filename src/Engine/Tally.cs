using System.Runtime.InteropServices;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// What the counters are told of a group, after its commit: a call of a counter with its labels costs more than an event, so that
/// there is one for each label and group, and not for each event.
/// </summary>
internal sealed class Tally(Instruments instruments, SourceTally sources)
{
    /// <summary>Who decided.</summary>
    private const string Rule = "rule", Person = "person";

    /// <summary>Where messages come from that partitions send each other.</summary>
    private const string Among = "partition";

    private readonly Dictionary<(Type Kind, OutcomeKind Outcome, string Source), (Fact First, long Count)> _facts = [];
    private readonly Dictionary<string, long> _dead = new(StringComparer.Ordinal), _holds = new(StringComparer.Ordinal), _gaps = new(StringComparer.Ordinal);

    /// <summary>Of checks, by verdict.</summary>
    private readonly long[] _verdicts = new long[8];
    private readonly Dictionary<(string Action, string Outcome, string Actor), long> _decisions = [];
    private readonly Dictionary<(string Indicator, Severity Severity, string State), long> _signals = [];

    /// <summary>The source of a stream: records of one stream come one after the other, and have its name in one place.</summary>
    private (string? Stream, string Source) _last;

    internal void Note(Fact fact, Answer answer)
    {
        if (instruments.Events.Enabled)
        {
            var source = SourceOf(fact);
            ref var facts = ref CollectionsMarshal.GetValueRefOrAddDefault(_facts, (fact.GetType(), answer.Outcome.Kind, source), out _);
            facts = (facts.First ?? fact, facts.Count + 1);
            if (answer.Outcome.Kind == OutcomeKind.Parked) One(_gaps, source);
        }

        if (answer.Outcome.IsDead && fact is not Command) One(_dead, answer.Outcome.Reason);
        if (answer.Decided != default) _verdicts[(int)answer.Decided]++;
        for (var i = 0; i < answer.Effects.Count; i++)
        {
            if (answer.Effects[i] is CheckDecided decided) _verdicts[(int)decided.Decision]++;
            if (answer.Effects[i] is SignalChanged signal) One(_signals, (signal.Indicator, signal.Severity, signal.State));
            if (answer.Effects[i] is LimitChanged limit && DecisionOf(limit) is { } changed) One(_decisions, changed);
            if (answer.Effects[i] is not HoldChanged hold) continue;
            One(_holds, hold.Step);
            if (DecisionOf(hold) is { } done) One(_decisions, done);
        }
    }

    /// <summary>Tells the counters, and begins anew.</summary>
    internal void Tell()
    {
        foreach (var ((_, outcome, source), (first, count)) in _facts)
        {
            if (first is UndecodableRecord || (first is not (Command or PartitionFact) && source != Among)) sources.Note(source, outcome, count);
            instruments.Events.Add(count, new("source", source), new("type", FactCatalogue.WireTypeOf(first)), new("outcome", WordOf(outcome)));
        }

        foreach (var (source, count) in _gaps) instruments.Gaps.Add(count, new KeyValuePair<string, object?>("source", source));
        foreach (var (reason, count) in _dead) instruments.DeadLetters.Add(count, new KeyValuePair<string, object?>("reason", reason));
        for (var verdict = 0; verdict < _verdicts.Length; verdict++)
            if (_verdicts[verdict] > 0) Decided(("check", WordOf((Verdict)verdict), Rule), _verdicts[verdict]);
        foreach (var (decision, count) in _decisions) Decided(decision, count);
        foreach (var ((indicator, severity, state), count) in _signals)
            instruments.Signals.Add(count, new("kind", indicator), new("severity", WordOf(severity)), new("edge", EdgeOf(state)));
        foreach (var (step, count) in _holds) instruments.Holds.Add(count, new KeyValuePair<string, object?>("step", step));
        _facts.Clear();
        _gaps.Clear();
        _dead.Clear();
        Array.Clear(_verdicts);
        _decisions.Clear();
        _signals.Clear();
        _holds.Clear();

        void Decided((string Action, string Outcome, string Actor) decision, long count) =>
            instruments.Decisions.Add(count, new("action", decision.Action), new("outcome", decision.Outcome), new("actor", decision.Actor));
    }

    /// <summary>What a check came to, as its histogram says it: the verdict, or what became of a question that got none.</summary>
    internal static string OutcomeOf(Answer answer)
    {
        if (answer.Decided != default) return WordOf(answer.Decided);
        for (var i = 0; i < answer.Effects.Count; i++)
            if (answer.Effects[i] is CheckDecided decided) return WordOf(decided.Decision);
        // A question that waits for headroom of its group, one that was asked before, or one that was none.
        return answer.Outcome.Kind == OutcomeKind.Refused ? "not_checked" : WordOf(answer.Outcome.Kind);
    }

    /// <summary>A name of the code as a label has it: lower case, with underscores between.</summary>
    internal static string WordOf<T>(T value) where T : struct, Enum => Words<T>.Of(value);

    /// <summary>A topic, a kind of stream, or HTTP: never a file or a customer, of which there is no end.</summary>
    private string SourceOf(Fact fact)
    {
        if (fact is FeedStale or FeedCurrent) return "feed";
        if (fact.Position.Stream is not { } stream) return "http";
        if (ReferenceEquals(stream, _last.Stream)) return _last.Source;
        _last = (stream, SourcePosition.KafkaOf(stream)?.Topic ?? (fact.Position.IsFile ? "file" : fact.Position.IsPartition(out _) ? Among : "other"));
        return _last.Source;
    }

    private static (string Action, string Outcome, string Actor)? DecisionOf(HoldChanged hold) => hold.Step switch
    {
        HoldChanged.Held => ("hold", "held", hold.Actor.Length > 0 ? Person : Rule),
        HoldChanged.Released => ("release", "released", hold.Actor == Rule ? Rule : Person),
        HoldChanged.Rejected => ("reject", "rejected", Person),
        HoldChanged.Requested => ("propose", "requested", Person),
        HoldChanged.Lapsed => ("propose", "lapsed", Rule),
        HoldChanged.Approved => ("confirm", "approved", Person),
        HoldChanged.TurnedDown => ("confirm", "turned_down", Person),
        HoldChanged.Lifted => ("lift", "lifted", Person),
        _ => null,
    };

    private static (string Action, string Outcome, string Actor)? DecisionOf(LimitChanged limit) => limit.Step switch
    {
        "credit.limit.set" => ("limit", "set", Person),
        "credit.limit.removed" => ("limit", "removed", Person),
        "limit.requested" => ("limit", "requested", Person),
        "limit.rejected" => ("limit", "rejected", Person),
        "limit.request-lapsed" => ("limit", "lapsed", Rule),
        // What follows from one of these, or from the calendar, nobody has decided.
        _ => null,
    };

    private static string EdgeOf(string state) => state switch
    {
        SignalChanged.Raised => "raised",
        SignalChanged.Resolved => "resolved",
        SignalChanged.Retracted => "retracted",
        _ => "late_correction",
    };

    private static void One<TKey>(Dictionary<TKey, long> counts, TKey key) where TKey : notnull =>
        CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _)++;

    /// <summary>The words of an enumeration, made once.</summary>
    private static class Words<T> where T : struct, Enum
    {
        private static readonly Dictionary<T, string> Known = Enum.GetValues<T>().ToDictionary(v => v, v => string.Concat(v.ToString().Select((c, i) => char.IsAsciiLetterUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString())));

        internal static string Of(T value) => Known.TryGetValue(value, out var word) ? word : "other";
    }
}
