using ExposureMonitor.Domain;
using ExposureMonitor.Learning;

namespace ExposureMonitor.Api;

/// <summary>Why no card scores a target, for programs and for people.</summary>
/// <param name="Code">NO_CARD, WAITS, WITHDRAWN or OTHER_FACTORS.</param>
/// <param name="Words">The same in words.</param>
public sealed record NoCard(string Code, string Words);

/// <summary>The scorecards that two people agreed to, ready to score with, and why there is none where there is none.</summary>
public sealed class CardsInForce
{
    private readonly List<Told> _all;
    private List<CardAtHand>? _read;

    private CardsInForce(IReadOnlyList<HouseCard> cards, List<Told> all) => (Cards, _all) = (cards, all);

    private sealed record Told(string Id, ProposalState State, ProposedCard Card, string WithdrawnBy, string Reason);

    /// <summary>Those in force, the one in use before its shadow.</summary>
    public IReadOnlyList<HouseCard> Cards { get; }

    /// <summary>Takes over what the house says; texts are neither copied nor read yet, so that the house is not kept waiting.</summary>
    public static CardsInForce Of(HouseDesk desk) => new(desk.Cards,
        [.. desk.Proposals.Where(p => p.Kind == ProposalKind.Scorecard).Select(p => new Told(p.Id, p.State, new ProposedCard(p.Event), p.RejectedBy, p.Reason))]);

    /// <summary>The cards to score with; those that this version of the program cannot read are left out.</summary>
    public IReadOnlyList<CardAtHand> Read()
    {
        if (_read is not null) return _read;
        List<CardAtHand> read = [];
        foreach (var (_, card, _, _, _) in Cards)
            if (TryRead(card.Text, out var scorecard, out _)) read.Add(new CardAtHand(scorecard, card.Version, card.Use == CardUse.Shadow));
        return _read = read;
    }

    /// <summary>Why no card in use scores a target; <c>null</c> when one does.</summary>
    public NoCard? WhyNone(string target)
    {
        if (Read().Any(c => c.Card.Target == target && !c.IsShadow)) return null;
        if (Cards.FirstOrDefault(c => c.Card.Target == target && c.Card.Use == CardUse.InUse) is { } strange)
            return new NoCard("OTHER_FACTORS", $"The card in use for {target}, version {strange.Card.Version}, was fitted for another version of this program and cannot be read; fit it anew.");
        var mine = _all.Where(p => p.Card.Target == target && p.Card.Use == CardUse.InUse).ToList();
        if (mine.Find(p => p.State == ProposalState.Open) is { } waits) return new NoCard("WAITS", $"A card for {target}, version {waits.Card.Version}, waits for a second person ({waits.Id}).");
        if (mine.Where(p => p.State == ProposalState.Withdrawn && p.Card.EndedAt.Micros != 0).MaxBy(p => p.Card.EndedAt) is { } gone)
            return new NoCard("WITHDRAWN", $"The card for {target} was withdrawn on {gone.Card.EndedAt.UtcDate:yyyy-MM-dd} by {gone.WithdrawnBy}{(gone.Reason.Length > 0 ? ": " + gone.Reason : "")}.");
        return new NoCard("NO_CARD", $"No card for {target} is in use.");
    }

    /// <summary>Reads a card, and asks whether it is what its target says.</summary>
    internal static bool TryRead(string text, out Scorecard card, out string wrong)
    {
        (card, wrong) = (null!, "");
        try
        {
            card = ScorecardText.Read(text);
        }
        catch (FormatException bad)
        {
            wrong = bad.Message;
            return false;
        }

        if (Scorecard.Targets.Contains(card.Target) && card.Target == Scorecard.TargetOf(card.Days, card.Target.StartsWith("onset", StringComparison.Ordinal))) return true;
        wrong = $"target {card.Target} of {card.Days} days: expected one of {string.Join(", ", Scorecard.Targets)}, with its days.";
        return false;
    }
}
