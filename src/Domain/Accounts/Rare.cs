namespace ExposureMonitor.Domain;

/// <summary>
/// State that most customers do not have: objects, since there are few of them. Lists keep the order of the journal.
/// </summary>
internal sealed class Rare
{
    internal string ParentId = "", Status = "";
    internal ulong OpenedContent;
    internal int ShareBp, GraceDays, DiscountRank, TermsRank, ReviewedOn, NextReviewOn, NetDays;
    internal long EligibleMax = -1, LimitVersion, ProfileVersion;
    internal bool Mandatory, OutsideGroup;
    internal List<LimitStepState> Steps = [];
    internal List<TemporaryLimitState> Temporary = [];
    internal List<SeasonState> Seasons = [];
    internal List<CoverState> Covers = [];
    internal List<ReservationState> Reservations = [];
    internal List<HoldState> Holds = [];
    internal List<ExternalState> Externals = [];
    internal List<ParkedState> Parked = [];
    internal List<ScheduleState> Schedules = [];
    internal List<ExclusionState> Exclusions = [];
    internal List<SignalState> Signals = [];
    internal List<WaitingCredit> WaitingCredits = [];
    internal List<EarlyMark> EarlyMarks = [];
    internal List<int> NamedSources = [];
    internal List<ReleasedState> Released = [];
    internal List<LimitRequestState> LimitRequests = [];
    internal List<MovedState> Moved = [];
    internal string StoppedBy = "";
    internal bool Dunned;
}

internal sealed class LimitStepState
{
    internal int From, To;
    internal LimitKind Kind;
    internal long Amount;
}

/// <summary>The payer field of an order: who has it now ("" is this account), and what this account had handed over when it left.</summary>
internal sealed class MovedState
{
    internal int Order;
    internal string Payer = "";
    internal long Version, Own;
}

internal sealed class TemporaryLimitState
{
    internal string Id = "";
    internal ulong Content;
    internal long Amount;
    internal Currency Currency;
    internal Instant From, To;
    internal List<string> Orders = [];
    internal bool Once, Consumed, Ended;
}

internal sealed class SeasonState
{
    internal string Id = "";
    internal int FromMonthDay, ToMonthDay, UpliftBp;
}

internal sealed class CoverState
{
    internal string Id = "";
    internal ulong Content;
    internal long Version, StopVersion, EndVersion;
    internal CoverKind Kind;
    internal CoverUse Use;
    internal CoverBasis Basis;
    internal long Amount, Deductible;
    internal Currency Currency;
    internal int InsuredBp, AddOnBp, From, To, StoppedOn, EndedOn, MepDays, MaxTermsDays, ClaimLagDays;
    internal string ParentGrade = "";
}

internal sealed class ReservationState
{
    internal string Id = "", OrderId = "";
    internal long Amount;
    internal Currency Currency;
    internal int ShipOn;
    internal Instant ExpiresAt;
}

/// <summary>One reason of a hold with the figures at the time.</summary>
public sealed class HoldReason : IDescribed
{
    /// <summary>Step or rule: <c>030</c>, <c>110</c>, <c>RISK_STATE</c>, <c>FORCED</c>, ….</summary>
    public string Rule { get; set; } = "";

    public Reaction Reaction { get; set; }

    /// <summary>Unit as the rule says: minor units of <see cref="Currency"/>, days, basis points or hundredths.</summary>
    public long Observed { get; set; }

    public long Threshold { get; set; }

    public long Excess { get; set; }

    public string Currency { get; set; } = "";

    public bool StillValid { get; set; } = true;

    /// <summary>Since when it is no longer true; the dwell runs from here.</summary>
    public Instant CuredAt { get; set; }

    public void Describe(FieldVisitor v)
    {
        Rule = v.Text(1, "rule", Rule, lengthMax: 64);
        Reaction = v.Choice(2, "reaction", Reaction);
        Observed = v.Amount(3, "observed", Observed, optional: true, floor: long.MinValue);
        Threshold = v.Amount(4, "threshold", Threshold, optional: true, floor: long.MinValue);
        Excess = v.Amount(5, "excess", Excess, optional: true, floor: long.MinValue);
        Currency = v.Text(6, "currency", Currency, lengthMax: 3);
        StillValid = v.Flag(7, "stillValid", StillValid);
        CuredAt = v.Moment(8, "curedAt", CuredAt, optional: true);
    }

    internal HoldReason Copy() => (HoldReason)MemberwiseClone();
}

internal sealed class HoldState
{
    internal string Id = "";
    internal int Order;
    internal Instant CreatedAt, AcknowledgeBy, RequestedAt, LapsesAt;
    internal string Checkpoint = "Accept", ForcedBy = "", RequestedBy = "", RequestReason = "";
    internal bool Forced, Acknowledged, Escalated, ManualOnly;
    internal long Needs;
    internal List<HoldReason> Reasons = [];
    internal List<string> Approvals = [];
    internal List<string> Causes = [];
}

internal sealed class ExternalState
{
    internal string System = "";
    internal long Amount;
    internal Currency Currency;
    internal int AsOn;
    internal Instant Time;
    internal string EventId = "";
}

internal sealed class ParkedState
{
    internal Fact Fact = null!;
    internal ulong Content;
    internal DocumentKind WaitsFor;
    internal string WaitsForId = "";
    internal Instant Until;
    internal EntryPosition Entry;
}

internal sealed class ScheduleState
{
    internal int Order;
    internal List<(int ShipOn, long Amount)> Lines = [];
}

internal sealed class ExclusionState
{
    internal string Id = "", OrderId = "", Kind = "", Owner = "", Reason = "";
    internal int EndsOn;
}

internal sealed class WaitingCredit
{
    internal int Source;
    internal string ItemId = "";
}

/// <summary>A marker that came before its order: cancelled or closed with its version.</summary>
internal sealed class EarlyMark
{
    internal string OrderId = "";
    internal OrderStatus Status;
    internal long Version;
}

internal sealed class SignalState
{
    internal string Indicator = "", Subject = "";
    internal int Step, Crossing;
    internal bool Firing;
    internal Instant Since, PendingUntil;
    internal Severity Severity;
}

internal sealed class LimitRequestState
{
    internal string Id = "", Actor = "", Reason = "";
    internal LimitKind Kind;
    internal long Amount, LimitVersion;
    internal Currency Currency;
    internal Instant LapsesAt;
    internal List<string> Approvals = [];
}

/// <summary>How urgent a signal is.</summary>
public enum Severity : byte
{
    Info = 1, Low, Medium, High, Critical,
}

/// <summary>A released order with the payments that cured it, in case one of them bounces.</summary>
internal sealed class ReleasedState
{
    internal int Order;
    internal List<string> Payments = [];
}
