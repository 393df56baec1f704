namespace ExposureMonitor.Domain;

/// <summary>What a scorecard is for.</summary>
public enum CardUse : byte
{
    /// <summary>Its score is the score.</summary>
    InUse = 1,

    /// <summary>It scores beside the one in use, to be compared; nothing follows from what it says.</summary>
    Shadow,
}

/// <summary>
/// Asks that a scorecard become part of the policy of the house. The house holds its text and judges by hash alone: which factors a version of the
/// program knows is asked where it is read, so that a replay by a later version comes to the same.
/// </summary>
public sealed class ProposeScorecard : DeskCommand
{
    /// <summary>Longest card that may be proposed, in characters.</summary>
    public const int CardMax = 768 * 1024;

    public string ProposalId { get; set; } = "";

    /// <summary>What it scores; one of <see cref="Scorecard.Targets"/>.</summary>
    public string Target { get; set; } = "";

    public CardUse Use { get; set; }

    /// <summary>Version of the card: <see cref="ScorecardText.VersionOf"/> its text.</summary>
    public string Version { get; set; } = "";

    /// <summary>SHA-256 of the text in UTF-8, in hex.</summary>
    public string Sha256 { get; set; } = "";

    /// <summary>The card as <c>exposure learn</c> wrote it.</summary>
    public string Card { get; set; } = "";

    public override string Document => ProposalId;

    private protected override void CommandBody(FieldVisitor v)
    {
        ProposalId = v.Id(1, "proposalId", ProposalId);
        Target = v.Text(2, "target", Target, optional: false, lengthMax: 32);
        Use = v.Choice(3, "use", Use);
        Version = v.Text(4, "version", Version, optional: false, lengthMax: 32);
        Sha256 = v.Text(5, "sha256", Sha256, optional: false, lengthMax: 64);
        Card = v.Body(6, "card", Card, CardMax);
    }
}

/// <summary>
/// Takes a scorecard back: one that waits, by whoever proposed it, or one in force. One person suffices, since what is left is the shrunk share, which
/// needs nobody's trust; the card that was in use before does not return by itself.
/// </summary>
public sealed class WithdrawScorecard : DeskCommand
{
    public string ProposalId { get; set; } = "";

    public string Reason { get; set; } = "";

    public override string Document => ProposalId;

    private protected override void CommandBody(FieldVisitor v)
    {
        ProposalId = v.Id(1, "proposalId", ProposalId);
        Reason = v.Text(2, "reason", Reason);
    }
}
