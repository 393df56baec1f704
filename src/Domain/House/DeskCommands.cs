namespace ExposureMonitor.Domain;

/// <summary>A command that the house alone takes: it concerns no account before somebody else has agreed.</summary>
public abstract class DeskCommand : Command
{
    private protected DeskCommand()
    {
    }
}

/// <summary>Asks for something that a second person decides.</summary>
public sealed class MakeProposal : DeskCommand
{
    /// <summary>Longest event that a proposal carries, in characters.</summary>
    public const int EventMax = 512 * 1024;

    public string ProposalId { get; set; } = "";

    public ProposalKind Kind { get; set; }

    /// <summary>The customer whom it concerns; "" for the whole house.</summary>
    public string About { get; set; } = "";

    /// <summary>The CloudEvent that takes effect, or the reason of a switch.</summary>
    public string Event { get; set; } = "";

    /// <summary>Hash of what the proposer sent: the same again is a repetition, whatever time the shell wrote into the event.</summary>
    public long Told { get; set; }

    public override string Document => ProposalId;

    private protected override void CommandBody(FieldVisitor v)
    {
        ProposalId = v.Id(1, "proposalId", ProposalId);
        Kind = v.Choice(2, "kind", Kind);
        About = v.Id(3, "about", About, optional: true);
        Event = v.Text(4, "event", Event, lengthMax: EventMax);
        Told = v.Number(5, "told", Told, optional: true, least: long.MinValue);
    }
}

/// <summary>Decides about a proposal of somebody else.</summary>
public sealed class DecideProposal : DeskCommand
{
    public string ProposalId { get; set; } = "";

    public bool Approve { get; set; }

    public string Reason { get; set; } = "";

    /// <summary>The authority that the approval needs, minor units of the base currency, as the customer's account said; −1 for no ceiling that suffices.</summary>
    public long Needed { get; set; }

    public override string Document => ProposalId;

    private protected override void CommandBody(FieldVisitor v)
    {
        ProposalId = v.Id(1, "proposalId", ProposalId);
        Approve = v.Flag(2, "approve", Approve);
        Reason = v.Text(3, "reason", Reason);
        Needed = v.Number(4, "needed", Needed, optional: true, least: -1);
    }
}

/// <summary>The effect of an approved proposal has its entry, or was refused.</summary>
public sealed class CompleteProposal : DeskCommand
{
    public string ProposalId { get; set; } = "";

    /// <summary>The entry that the effect made.</summary>
    public string Entry { get; set; } = "";

    /// <summary>Why the effect was refused; "" when it was taken.</summary>
    public string Failure { get; set; } = "";

    public override string Document => ProposalId;

    private protected override void CommandBody(FieldVisitor v)
    {
        ProposalId = v.Id(1, "proposalId", ProposalId);
        Entry = v.Text(2, "entry", Entry, optional: false, lengthMax: 64);
        Failure = v.Text(3, "failure", Failure);
    }
}

/// <summary>Makes a key; it opens nothing before somebody else has agreed.</summary>
public sealed class MakeKey : DeskCommand
{
    public string ProposalId { get; set; } = "";

    public string Prefix { get; set; } = "";

    /// <summary>SHA-256 of the key in hex; never the key.</summary>
    public string Hash { get; set; } = "";

    public string Subject { get; set; } = "";

    public Roles Roles { get; set; }

    /// <summary>Largest amount that the person may approve, minor units of the base currency; −1 without ceiling.</summary>
    public long Limit { get; set; }

    public bool MayCarryAuthority { get; set; }

    public IReadOnlyList<string> Segments { get; set; } = [];

    public Instant ExpiresAt { get; set; }

    /// <summary>Hash of what the proposer sent, without the key.</summary>
    public long Told { get; set; }

    /// <summary>True for whoever owns the machine (first keys, lost keys): it lives at once, and the audit trail says so.</summary>
    public bool AtConsole { get; set; }

    public override string Document => ProposalId;

    private protected override void CommandBody(FieldVisitor v)
    {
        ProposalId = v.Id(1, "proposalId", ProposalId);
        Prefix = v.Text(2, "prefix", Prefix, optional: false, lengthMax: 16);
        Hash = v.Text(3, "hash", Hash, optional: false, lengthMax: 64);
        Subject = v.Text(4, "subject", Subject, optional: false, lengthMax: 128);
        Roles = (Roles)v.Number(5, "roles", (long)Roles, most: 255);
        Limit = v.Number(6, "limit", Limit, optional: true, least: -1);
        MayCarryAuthority = v.Flag(7, "mayCarryAuthority", MayCarryAuthority);
        Segments = v.IdList(8, "segments", Segments);
        ExpiresAt = v.Moment(9, "expiresAt", ExpiresAt, optional: true);
        AtConsole = v.Flag(10, "atConsole", AtConsole);
        Told = v.Number(11, "told", Told, optional: true, least: long.MinValue);
    }
}

/// <summary>Ends a key for good; one person suffices, since it only takes rights away.</summary>
public sealed class EndKey : DeskCommand
{
    public string Prefix { get; set; } = "";

    public string Reason { get; set; } = "";

    public override string Document => Prefix;

    private protected override void CommandBody(FieldVisitor v)
    {
        Prefix = v.Text(1, "prefix", Prefix, optional: false, lengthMax: 16);
        Reason = v.Text(2, "reason", Reason);
    }
}

/// <summary>
/// Says that the journal is pruned: told before anything goes, by whoever owns the machine, so that the audit trail has it. It
/// changes nothing in the house.
/// </summary>
public sealed class PruneJournal : DeskCommand
{
    /// <summary>Months before this one go (<c>yyyymm</c>).</summary>
    public int Before { get; set; }

    public string Reason { get; set; } = "";

    public override string Document => "";

    private protected override void CommandBody(FieldVisitor v)
    {
        Before = (int)v.Number(1, "before", Before, least: 190_001, most: 999_912);
        Reason = v.Text(2, "reason", Reason);
    }
}

/// <summary>Says that somebody took figures out of the system as a file, before the file leaves. It changes nothing in the house.</summary>
public sealed class NoteExport : DeskCommand
{
    /// <summary>What was exported, such as <c>board</c>.</summary>
    public string What { get; set; } = "";

    /// <summary>The filter, order and columns.</summary>
    public string Query { get; set; } = "";

    public long Rows { get; set; }

    public override string Document => "";

    private protected override void CommandBody(FieldVisitor v)
    {
        What = v.Text(1, "what", What, optional: false, lengthMax: 32);
        Query = v.Text(2, "query", Query);
        Rows = v.Number(3, "rows", Rows, optional: true);
    }
}

/// <summary>
/// Says that two people agreed to leave a dead letter for good. It changes no figure: what could not be applied counted nowhere, and its record stays
/// in the journal. The desk shows it as settled.
/// </summary>
public sealed class DiscardDeadLetter : DeskCommand
{
    /// <summary>Position of the dead letter in the journal, such as <c>3-1200-0</c>.</summary>
    public string Letter { get; set; } = "";

    public string Reason { get; set; } = "";

    /// <summary>The second person.</summary>
    public string ApprovedBy { get; set; } = "";

    public override string Document => "";

    private protected override void CommandBody(FieldVisitor v)
    {
        Letter = v.Text(1, "letter", Letter, optional: false, lengthMax: 64);
        Reason = v.Text(2, "reason", Reason, optional: false, lengthMax: 500);
        ApprovedBy = v.Text(3, "approvedBy", ApprovedBy, lengthMax: 128);
    }
}
