using System.Runtime.InteropServices;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// What the counters are told of a group, after its commit: a call of a counter with its labels costs more than an event, so that
/// there is one for each label and group, and not for each event.
/// </summary>
internal sealed class Tally
{
    private readonly Dictionary<(Type Kind, OutcomeKind Outcome), (Fact First, long Count)> _facts = [];
    private readonly Dictionary<string, long> _dead = new(StringComparer.Ordinal), _holds = new(StringComparer.Ordinal);

    /// <summary>By verdict.</summary>
    private readonly long[] _decisions = new long[8];
    private readonly Dictionary<(string Indicator, string State), long> _signals = [];

    internal void Note(Fact fact, Answer answer)
    {
        if (Instruments.Events.Enabled)
        {
            ref var facts = ref CollectionsMarshal.GetValueRefOrAddDefault(_facts, (fact.GetType(), answer.Outcome.Kind), out _);
            facts = (facts.First ?? fact, facts.Count + 1);
        }

        if (answer.Outcome.IsDead && fact is not Command) One(_dead, answer.Outcome.Reason);
        if (answer.Decided != default) _decisions[(int)answer.Decided]++;
        for (var i = 0; i < answer.Effects.Count; i++)
        {
            if (answer.Effects[i] is CheckDecided decided) _decisions[(int)decided.Decision]++;
            if (answer.Effects[i] is SignalChanged signal) One(_signals, (signal.Indicator, signal.State));
            if (answer.Effects[i] is HoldChanged hold) One(_holds, hold.Step);
        }
    }

    /// <summary>Tells the counters, and begins anew.</summary>
    internal void Tell()
    {
        foreach (var ((_, outcome), (first, count)) in _facts)
            Instruments.Events.Add(count, new("type", FactCatalogue.WireTypeOf(first)), new("outcome", outcome.ToString()));
        foreach (var (reason, count) in _dead) Instruments.DeadLetters.Add(count, new KeyValuePair<string, object?>("reason", reason));
        for (var verdict = 0; verdict < _decisions.Length; verdict++)
            if (_decisions[verdict] > 0) Instruments.Decisions.Add(_decisions[verdict], new KeyValuePair<string, object?>("decision", ((Verdict)verdict).ToString()));
        foreach (var ((indicator, state), count) in _signals) Instruments.Signals.Add(count, new("indicator", indicator), new("state", state));
        foreach (var (step, count) in _holds) Instruments.Holds.Add(count, new KeyValuePair<string, object?>("step", step));
        _facts.Clear();
        _dead.Clear();
        Array.Clear(_decisions);
        _signals.Clear();
        _holds.Clear();
    }

    private static void One<TKey>(Dictionary<TKey, long> counts, TKey key) where TKey : notnull =>
        CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _)++;
}
