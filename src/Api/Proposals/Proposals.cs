using System.Text.Json;
using System.Text.Json.Serialization;

namespace ExposureMonitor.Api;

/// <summary>Where a proposal stands.</summary>
internal enum ProposalState
{
    Open, Approved, Rejected, Lapsed,
}

/// <summary>What one person drafted and another one decides about. It is no fact before that.</summary>
/// <param name="Customer">The customer whom it concerns; "" for the house.</param>
/// <param name="Event">The CloudEvent, or the command, that the approval submits.</param>
/// <param name="Content">What the proposer sent, to tell a repetition from another proposal.</param>
/// <param name="Entry">The entry that the approval made.</param>
internal sealed record Proposal(string Id, string Kind, string Customer, string Event, string Content, string ProposedBy, DateTimeOffset ProposedAt, DateTimeOffset LapsesAt,
    ProposalState State = ProposalState.Open, string DecidedBy = "", DateTimeOffset? DecidedAt = null, string Reason = "", string Entry = "");

/// <summary>
/// Drafts that wait for a second person, in a small file beside the database. The journal holds what was approved, with
/// both names; a lost file loses drafts, never a decision.
/// </summary>
internal sealed class Proposals
{
    private const int KeptMax = 2_000;

    private static readonly TimeSpan Life = TimeSpan.FromDays(3);
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, Proposal> _all;

    internal Proposals(string path, TimeProvider time)
    {
        (_path, _time) = (path, time);
        var stored = File.Exists(path) ? JsonSerializer.Deserialize<List<Proposal>>(File.ReadAllText(path), Format) ?? [] : [];
        _all = stored.ToDictionary(p => p.Id, StringComparer.Ordinal);
    }

    /// <summary>Serialises decisions: two approvers never submit one proposal twice.</summary>
    internal SemaphoreSlim Deciding { get; } = new(1);

    /// <summary>Keeps a draft. The same id again is the same proposal; <c>null</c> when it says something else.</summary>
    internal Proposal? Add(string id, string kind, string customer, string told, string content, string by)
    {
        lock (_gate)
        {
            if (_all.TryGetValue(id, out var known)) return known.Content == content && known.Kind == kind && known.Customer == customer ? Now(known) : null;
            var now = _time.GetUtcNow();
            var proposal = new Proposal(id, kind, customer, told, content, by, now, now + Life);
            _all.Add(id, proposal);
            Save();
            return proposal;
        }
    }

    internal Proposal? Find(string id)
    {
        lock (_gate) return _all.TryGetValue(id, out var known) ? Now(known) : null;
    }

    /// <summary>All proposals, newest first.</summary>
    internal IReadOnlyList<Proposal> List()
    {
        lock (_gate) return [.. _all.Values.Select(Now).OrderByDescending(p => p.ProposedAt).ThenBy(p => p.Id, StringComparer.Ordinal)];
    }

    internal Proposal Decide(Proposal proposal, ProposalState state, string by, string reason, string entry)
    {
        lock (_gate)
        {
            var decided = proposal with { State = state, DecidedBy = by, DecidedAt = _time.GetUtcNow(), Reason = reason, Entry = entry };
            _all[proposal.Id] = decided;
            Save();
            return decided;
        }
    }

    private Proposal Now(Proposal proposal) =>
        proposal.State == ProposalState.Open && proposal.LapsesAt <= _time.GetUtcNow() ? proposal with { State = ProposalState.Lapsed } : proposal;

    private void Save()
    {
        foreach (var old in _all.Values.Where(p => Now(p).State != ProposalState.Open).OrderByDescending(p => p.ProposedAt).Skip(KeptMax).ToList()) _all.Remove(old.Id);
        OwnerFile.Write(_path, JsonSerializer.Serialize(_all.Values.OrderBy(p => p.ProposedAt), Format));
    }
}
