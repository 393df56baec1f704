namespace ExposureMonitor.Domain;

/// <summary>Scorecards: what waits, what is in use, what scores beside it. Each is its proposal, so that the house keeps no second list that could say otherwise.</summary>
public sealed partial class HouseDesk
{
    /// <summary>Scorecards that may wait at once; they are long.</summary>
    public const int OpenCardsMax = 8;

    /// <summary>The cards in force, by target, the one in use before its shadow.</summary>
    public IReadOnlyList<HouseCard> Cards =>
        [.. _proposals.Values.Where(IsInForce).Select(p => new HouseCard(p.Id, new ProposedCard(p.Event), p.ProposedBy, string.Join(", ", p.Approvers), p.DecidedAt))
            .OrderBy(c => c.Card.Target, StringComparer.Ordinal).ThenBy(c => c.Card.Use)];

    private static bool IsInForce(Proposal proposal) => proposal is { Kind: ProposalKind.Scorecard, State: ProposalState.Approved };

    private Outcome Make(ProposeScorecard command, Instant now, PartitionContext context)
    {
        var told = unchecked((long)Hashing.Text(command.Sha256, (ulong)command.Use));
        if (Known(command.ProposalId, ProposalKind.Scorecard, "", told) is { } known) return known;
        if (!Scorecard.Targets.Contains(command.Target)) return Outcome.Refused("BAD_CARD", $"target: expected one of {string.Join(", ", Scorecard.Targets)}.");
        if (command.Use is not (CardUse.InUse or CardUse.Shadow)) return Outcome.Refused("BAD_CARD", "use: expected InUse or Shadow.");
        if (command.Card.Length is 0 or > ProposeScorecard.CardMax) return Outcome.Refused("TOO_LARGE", $"A scorecard has 1 to {ProposeScorecard.CardMax} characters.");
        if (command.Version != ScorecardText.VersionOf(command.Card)) return Outcome.Refused("BAD_CARD", "version: it is not that of the text.");
        if (command.Sha256 != ProposedCard.HashOf(command.Card)) return Outcome.Refused("BAD_CARD", "sha256: it is not that of the text.");
        if (Cards.Any(c => c.Card.Target == command.Target && c.Card.Use == command.Use && c.Card.Sha256 == command.Sha256)) return Outcome.Refused("IN_FORCE", $"Version {command.Version} is in force there already.");
        if (_proposals.Values.FirstOrDefault(p => p is { Kind: ProposalKind.Scorecard, State: ProposalState.Open } && p.Content == told) is { } waits) return Outcome.Refused("WAITS", $"The same card waits already, as {waits.Id}.");
        if (_proposals.Values.Count(p => p is { Kind: ProposalKind.Scorecard, State: ProposalState.Open }) >= OpenCardsMax) return Outcome.Refused("TOO_MANY", $"{OpenCardsMax} scorecards wait already; decide some of them.");
        Add(command.ProposalId, ProposalKind.Scorecard, "", ProposedCard.Write(command), told, command.Actor, now, LastDay(context));
        return Outcome.Applied;
    }

    /// <summary>An approved card takes its place; whoever stood there leaves, and a shadow leaves that comes into use itself.</summary>
    private void TakePlace(Proposal taken, string by, EffectBuffer effects)
    {
        var card = new ProposedCard(taken.Event);
        var before = "";
        foreach (var other in _proposals.Values)
        {
            if (other == taken || !IsInForce(other)) continue;
            var theirs = new ProposedCard(other.Event);
            if (theirs.Target != card.Target) continue;
            if (theirs.Use == card.Use) before = theirs.Version;
            else if (card.Use == CardUse.Shadow || theirs.Sha256 != card.Sha256) continue;
            other.State = ProposalState.Replaced;
            DropText(other, taken.DecidedAt);
        }

        effects.Add(new AuditNoted { Act = ActOf(card.Use), About = card.Target, Actor = by, Before = before, After = card.Version, Reason = $"proposed by {taken.ProposedBy} as {taken.Id}" });
    }

    private Outcome Withdraw(WithdrawScorecard command, Instant now, EffectBuffer effects)
    {
        if (Find(command.ProposalId) is not { Kind: ProposalKind.Scorecard } proposal) return Outcome.Refused("NO_PROPOSAL", $"No proposal '{command.ProposalId}' of a scorecard.");
        if (proposal.State == ProposalState.Withdrawn && proposal.RejectedBy == command.Actor) return Outcome.Duplicate;
        var wasInForce = IsInForce(proposal);
        if (!wasInForce && proposal.State != ProposalState.Open) return Outcome.Refused("DECIDED", $"The proposal is {proposal.State} already.");
        if (!wasInForce && proposal.ProposedBy != command.Actor) return Outcome.Refused("NOT_YOURS", "A card that waits is withdrawn by whoever proposed it; others turn it down.");
        var card = new ProposedCard(proposal.Event);
        (proposal.State, proposal.RejectedBy, proposal.Reason) = (ProposalState.Withdrawn, command.Actor, command.Reason);
        if (!wasInForce) proposal.DecidedAt = now;
        DropText(proposal, wasInForce ? now : default);
        if (wasInForce) effects.Add(new AuditNoted { Act = ActOf(card.Use), About = card.Target, Actor = command.Actor, Before = card.Version, After = "", Reason = command.Reason });
        return Outcome.Applied;
    }

    private static string ActOf(CardUse use) => use == CardUse.Shadow ? "scorecard.shadow" : "scorecard.in-use";

    /// <summary>What is neither in force nor waiting keeps its hashes; its text stands in the journal.</summary>
    private static void DropText(Proposal proposal, Instant endedAt = default)
    {
        if (proposal.Kind == ProposalKind.Scorecard) proposal.Event = new ProposedCard(proposal.Event).Ended(endedAt);
    }
}
