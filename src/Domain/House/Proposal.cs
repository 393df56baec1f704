namespace ExposureMonitor.Domain;

/// <summary>What a proposal asks for.</summary>
public enum ProposalKind : byte
{
    Policy = 1, Rate, Limit, TemporaryLimit, TemporaryLimitEnd, SeasonalLimit, Cover, GradeOverride, Exemption, DeadLetterReplay, GlobalHoldOff, Key, Admission, Exclusion, ForcedHoldLift, StopLift, Letter,
    ChannelCredential, DeadLetterDiscard, Scorecard,
}

/// <summary>Where a proposal stands.</summary>
public enum ProposalState : byte
{
    /// <summary>Waits for another person.</summary>
    Open = 1,

    /// <summary>Decided; its effect has an entry of its own, or is on its way to it.</summary>
    Approved,

    /// <summary>Turned down.</summary>
    Rejected,

    /// <summary>Nobody decided in time.</summary>
    Lapsed,

    /// <summary>Approved, and then refused by a rule when it was to take effect: nothing changed.</summary>
    Failed,

    /// <summary>Of a scorecard: taken back, by its proposer while it waited, or out of use.</summary>
    Withdrawn,

    /// <summary>Of a scorecard: it was in force until another one took its place.</summary>
    Replaced,
}

/// <summary>What one person asked for and another one decides about. No value changes before that.</summary>
public sealed class Proposal
{
    /// <summary>Names it; the same id again is the same proposal.</summary>
    public string Id { get; internal set; } = "";

    public ProposalKind Kind { get; internal set; }

    public ProposalState State { get; internal set; }

    /// <summary>The customer whom it concerns; "" for the whole house.</summary>
    public string About { get; internal set; } = "";

    /// <summary>The event that takes effect once it is approved, as a CloudEvent in JSON; the reason of a switch; the prefix of a key; a scorecard (<see cref="ProposedCard"/>).</summary>
    public string Event { get; internal set; } = "";

    /// <summary>Hash of what the proposer sent: tells a repetition from another proposal.</summary>
    public long Content { get; internal set; }

    /// <summary>The subject who asked.</summary>
    public string ProposedBy { get; internal set; } = "";

    public Instant ProposedAt { get; internal set; }

    /// <summary>The last business day (day number) on which it can be decided.</summary>
    public int LapsesAfter { get; internal set; }

    /// <summary>Subjects who agreed, in order; a large amount needs two.</summary>
    public IReadOnlyList<string> ApprovedBy => Approvers;

    /// <summary>Who turned it down, or withdrew it; "" otherwise.</summary>
    public string RejectedBy { get; internal set; } = "";

    public Instant DecidedAt { get; internal set; }

    public string Reason { get; internal set; } = "";

    /// <summary>The entry that its effect made; "" before.</summary>
    public string Entry { get; internal set; } = "";

    /// <summary>Why its effect was refused; "" when it was not.</summary>
    public string Failure { get; internal set; } = "";

    /// <summary>True when it is approved and its effect has no entry yet: the shell submits it, again after a restart.</summary>
    public bool IsDue => State == ProposalState.Approved && Entry.Length == 0;

    internal List<string> Approvers { get; } = [];

    internal void Stream(StateStream s)
    {
        var (id, kind, state, about, wire, content) = (Id, Kind, State, About, Event, Content);
        s.Do(ref id);
        s.Choice(ref kind);
        s.Choice(ref state);
        s.Do(ref about);
        s.Do(ref wire);
        s.Do(ref content);
        (Id, Kind, State, About, Event, Content) = (id, kind, state, about, wire, content);
        var (by, at, lapses, rejected, decided) = (ProposedBy, ProposedAt, LapsesAfter, RejectedBy, DecidedAt);
        s.Do(ref by);
        s.Do(ref at);
        s.Do(ref lapses);
        s.Do(ref rejected);
        s.Do(ref decided);
        (ProposedBy, ProposedAt, LapsesAfter, RejectedBy, DecidedAt) = (by, at, lapses, rejected, decided);
        var (reason, entry, failure) = (Reason, Entry, Failure);
        s.Do(ref reason);
        s.Do(ref entry);
        s.Do(ref failure);
        (Reason, Entry, Failure) = (reason, entry, failure);
        s.Texts(Approvers);
    }
}
