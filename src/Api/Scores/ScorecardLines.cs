using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>A scorecard in a list, from a running service or from a database.</summary>
/// <param name="Id">The proposal that brought it.</param>
/// <param name="Use">InUse or Shadow.</param>
/// <param name="State">Approved is in force.</param>
/// <param name="Characters">Length of the text; 0 for one that is neither waiting nor in force.</param>
public sealed record ScorecardLine(string Id, string Target, string Use, string State, string Version, string Sha256, int Characters, string ProposedBy, string ProposedAt, string LapsesAfter, IReadOnlyList<string> ApprovedBy, string RejectedBy,
    string? DecidedAt, string? EndedAt, string Reason);

/// <summary>Lists of scorecards.</summary>
public static class ScorecardLines
{
    /// <summary>All that the house knows, those in force first, then the newest.</summary>
    public static IReadOnlyList<ScorecardLine> Of(HouseDesk desk) => [.. desk.Proposals.Where(p => p.Kind == ProposalKind.Scorecard).OrderBy(p => p.State != ProposalState.Approved).ThenByDescending(p => p.ProposedAt)
        .ThenBy(p => p.Id, StringComparer.Ordinal).Select(p => Of(ProposalLine.Of(p)))];

    internal static ScorecardLine Of(ProposalLine p)
    {
        var card = new ProposedCard(p.Event);
        return new ScorecardLine(p.Id, card.Target, card.Use.ToString(), p.State.ToString(), card.Version, card.Sha256, card.Text.Length, p.ProposedBy, p.ProposedAt.ToString(), JsonFieldWriter.DateText(p.LapsesAfter), p.ApprovedBy, p.RejectedBy,
            p.DecidedAt.Micros == 0 ? null : p.DecidedAt.ToString(), card.EndedAt.Micros == 0 ? null : card.EndedAt.ToString(), p.Reason);
    }
}
