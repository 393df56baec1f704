using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>
/// Submits the events of a source. Those that need a second person become proposals of the house instead: their outcome
/// is applied, as a request, and no value changes before somebody agrees.
/// </summary>
internal sealed class SourceGate(Desk desk, Caller caller)
{
    private readonly AuthorityGate _gate = new(desk.Engine);
    private readonly List<int> _waiting = [];
    private readonly HashSet<string> _touched = new(StringComparer.Ordinal);

    /// <summary>Outcome per event, in their order; the id of a proposal where one waits.</summary>
    internal async Task<(Answer Answer, string? Proposal)[]> SubmitAsync(IReadOnlyList<Fact> facts, IReadOnlyList<ReadOnlyMemory<byte>> records, CancellationToken cancel)
    {
        var told = new (Answer Answer, string? Proposal)[facts.Count];
        for (var i = 0; i < facts.Count; i++)
        {
            var fact = facts[i];
            if (!SecondPerson.CarriesAuthority(fact))
            {
                _waiting.Add(i);
                continue;
            }

            // Judged against what stands: an earlier limit of the same customer must stand first. Facts of the house concern everybody.
            if (_touched.Contains(fact.Customer) || fact is HouseFact) await FlushAsync(facts, told, cancel);
            _touched.Add(fact.Customer);
            if (await _gate.NeededAsync(fact, caller.MayCarryAuthority, cancel) is not { } kind) _waiting.Add(i);
            else told[i] = await ProposeAsync(kind, fact, records[i], cancel);
        }

        await FlushAsync(facts, told, cancel);
        return told;
    }

    private async Task FlushAsync(IReadOnlyList<Fact> facts, (Answer, string?)[] told, CancellationToken cancel)
    {
        if (_waiting.Count == 0) return;
        var answers = await desk.Engine.SubmitBatchAsync([.. _waiting.Select(i => facts[i])], cancel);
        for (var n = 0; n < _waiting.Count; n++) told[_waiting[n]] = (answers[n], null);
        _waiting.Clear();
        _touched.Clear();
    }

    private async Task<(Answer, string?)> ProposeAsync(ProposalKind kind, Fact fact, ReadOnlyMemory<byte> record, CancellationToken cancel) =>
        (await _gate.ProposeAsync(kind, fact, desk.Decoder.TextOf(fact, record), caller.Subject, cancel), AuthorityGate.ProposalOf(fact));
}
