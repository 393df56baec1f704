using System.Runtime.CompilerServices;

namespace ExposureMonitor.Domain;

/// <summary>
/// State that most customers do not have: objects, since there are few of them. Lists keep the order of the journal.
/// </summary>
internal sealed class Rare
{
    internal string ParentId = "";
    internal int ShareBp, GraceDays, ReviewedOn, NextReviewOn;
    internal long EligibleMax = -1, ClosedVersion;

    /// <summary>Version of each field of the master data, in the order of <see cref="ProfileField"/>.</summary>
    internal long[]? FieldVersions;

    /// <summary>When a value without a version was set: the later time wins, then the higher event id.</summary>
    internal Stamp ReviewSet, PauseSet, GradeSet;

    /// <summary>The pause of the count of days for holds, both days included; 0 without one.</summary>
    internal int PauseFrom, PauseTo;

    /// <summary>Grade that a person set over the computed one, and until when it wins.</summary>
    internal string Grade = "";
    internal int GradeStaleOn;
    internal bool Mandatory, OutsideGroup;

    /// <summary>Slices held and lent; most customers have no group.</summary>
    internal GroupState? Group;

    /// <summary>The schedule of the limit; empty while one step without an end serves (see <see cref="AccountRecord.LimitFrom"/>).</summary>
    internal Few<LimitStepState> Steps = Few<LimitStepState>.None;
    internal Few<TemporaryLimitState> Temporary = Few<TemporaryLimitState>.None;
    internal Few<SeasonState> Seasons = Few<SeasonState>.None;
    internal Few<CoverState> Covers = Few<CoverState>.None;
    internal Few<ReservationState> Reservations = Few<ReservationState>.None;
    internal Few<HoldState> Holds = Few<HoldState>.None;

    /// <summary>Set while the last pass left all of them held; no state.</summary>
    internal QuietHolds? Quiet;
    internal Few<ExternalState> Externals = Few<ExternalState>.None;
    internal Few<ParkedState> Parked = Few<ParkedState>.None;
    internal Few<ScheduleState> Schedules = Few<ScheduleState>.None;
    internal Few<ExclusionState> Exclusions = Few<ExclusionState>.None;
    internal Few<SignalState> Signals = Few<SignalState>.None;

    /// <summary>Set while there are many of them; no state.</summary>
    internal SignalIndex? SignalIndex;
    internal Few<WaitingCredit> WaitingCredits = Few<WaitingCredit>.None;
    internal Few<EarlyMark> EarlyMarks = Few<EarlyMark>.None;
    internal Few<int> NamedSources = Few<int>.None;
    internal Few<ReleasedState> Released = Few<ReleasedState>.None;
    internal Few<LimitRequestState> LimitRequests = Few<LimitRequestState>.None;
    internal Few<MovedState> Moved = Few<MovedState>.None;
    internal Few<DisputeState> Disputes = Few<DisputeState>.None;
    internal Few<PlanState> Plans = Few<PlanState>.None;
    internal Few<FreedState> Freed = Few<FreedState>.None;
    internal string StoppedBy = "";

    /// <summary>Days on which the last three signals of severity MED were raised, the newest first.</summary>
    internal (int Newest, int Second, int Third) Mediums;

    /// <summary>When the risk state goes down one step, unless a cause comes back; default while nothing waits.</summary>
    internal Instant RiskDownAt;

    /// <summary>Review date before the last review, for what is told late.</summary>
    internal int ReviewBefore;

    /// <summary>Crossings of all indicators so far: a number of the identity of each signal.</summary>
    internal long Crossings;
    internal bool Dunned;

    /// <summary>True once an item had a dispute, a plan or another due date: its original date is no longer that of the tree.</summary>
    internal bool HasOddItems;
}

/// <summary>Fields of the master data that change one by one.</summary>
internal enum ProfileField
{
    Parent, Share, Segment, Country, Industry, Controller, Tier, Status, GraceDays, CheckExempt, PrepayOnly, Name, Count,
}

/// <summary>Time and event of the last fact that set a value which has no version.</summary>
internal struct Stamp
{
    internal Instant Time;
    internal string? EventId;

    /// <summary>True, and remembered, when the fact is later than the last one.</summary>
    internal bool Takes(Fact fact)
    {
        if (fact.Time < Time || (fact.Time == Time && string.CompareOrdinal(fact.EventId, EventId) <= 0)) return false;
        (Time, EventId) = (fact.Time, fact.EventId);
        return true;
    }
}

/// <summary>A contested part of an item; it leaves the overdue steps until the day named, at the latest.</summary>
internal sealed class DisputeState
{
    internal string Id = "";
    internal int Item, Until;
    internal long Amount;
}

/// <summary>
/// A payment plan. While it is kept its items wait for the instalments; whether it is follows from the documents and
/// the day alone, so that a payment which is told late still counts from its own date.
/// </summary>
internal sealed class PlanState
{
    internal string Id = "";
    internal Currency Currency;
    internal bool CrossDefault;

    /// <summary>Days on which it was agreed and ended; 0 while it runs.</summary>
    internal int AgreedOn, EndedOn;
    internal PlanOutcome Outcome;
    internal Stamp End;

    /// <summary>Its items wait at present; its breach was told.</summary>
    internal bool Kept, Broken;
    internal List<string> Items = [];
    internal List<(int DueOn, long Amount)> Instalments = [];
}

/// <summary>Headroom that an entry brought while orders were on hold.</summary>
internal sealed class FreedState
{
    internal string Entry = "", Payment = "";
    internal Instant At;
    internal long Amount;
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

    /// <summary>Serves named orders, or one order once: it never serves the utilisation.</summary>
    internal bool IsBound => Once || Orders.Count > 0;

    internal bool IsActive(Instant now) => !Ended && !Consumed && From <= now && now < To;

    internal bool Serves(string order) => Orders.Count == 0 || Orders.Contains(order);
}

internal sealed class SeasonState
{
    internal string Id = "";
    internal Stamp Set;
    internal bool Removed;
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

    /// <summary>What it was worth before it was cut, and the day of the cut; 0 while it was not.</summary>
    internal long CutFrom;
    internal int CutOn;
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

    /// <summary>Version of the policy that has the rule.</summary>
    public long RuleVersion { get; set; }

    /// <summary>Entry that first made the reason true for this order.</summary>
    public string Position { get; set; } = "";

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
        RuleVersion = v.Number(9, "ruleVersion", RuleVersion, optional: true);
        Position = v.Text(10, "position", Position, lengthMax: 64);
    }

    internal HoldReason Copy() => (HoldReason)MemberwiseClone();
}

internal sealed class HoldState
{
    internal string Id = "";
    internal int Order;
    internal Instant CreatedAt, AcknowledgeBy, RequestedAt, LapsesAt;
    internal string Checkpoint = "Accept", ForcedBy = "", RequestedBy = "", RequestReason = "";
    internal bool Forced, Acknowledged, Escalated, ManualOnly, RefuseAdvised, ByStop;
    internal long Needs;

    /// <summary>Headroom that the release consumes; not kept.</summary>
    internal long Consumed;

    /// <summary>Business day since when orders behind it were released and it was not; 0 before.</summary>
    internal int PassedOverOn;

    /// <summary>What the requester was shown: an approval of anything else is a conflict.</summary>
    internal long ShownOrderVersion, ShownLimitVersion, ShownValue;
    internal List<string> ShownReasons = [];
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
    internal string Id = "", OrderId = "", Owner = "", Reason = "";
    internal ExclusionKind Kind;
    internal long Value;
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
    internal int Step;
    internal bool Retracted;
    internal string RaisedAt = "";
    internal Instant Since;
    internal Severity Severity;

    /// <summary>Business day on which the last crossing fired.</summary>
    internal int RaisedOn;

    /// <summary>Step and number of that crossing.</summary>
    internal int RaisedStep;
    internal long RaisedCrossing;

    /// <summary>Per step: since when its value is beyond the re-arm; default while it is not.</summary>
    internal PerStep<Instant> ClearSince;

    /// <summary>Per step: number of the crossing whose signal stands; 0 for none.</summary>
    internal PerStep<long> Open;

    internal bool Firing => Step > 0;

    /// <summary>Id of the signal that stands: of the highest step that has one, or of the digest of the days while it crosses to and fro.</summary>
    internal string IdAt(string customer)
    {
        for (var step = Ladder.StepsMax; step > 0; step--)
            if (Open[step - 1] != 0) return IdOf(customer, step, IsFlapping(step) ? FlapCrossing : Open[step - 1]);
        return "";
    }

    internal string IdOf(string customer, int step, long crossing) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{customer}/{Indicator}/{Subject}/{step}/{crossing}");

    /// <summary>Transitions within 24 hours, oldest first.</summary>
    internal Few<(int Step, Instant At)> Transitions = Few<(int Step, Instant At)>.None;

    /// <summary>One bit per step that crosses to and fro.</summary>
    internal int FlapSteps;

    internal bool Flapping => FlapSteps != 0;

    internal bool IsFlapping(int step) => (FlapSteps & 1 << step) != 0;

    /// <summary>The last transition of a step; default when it is older than 24 hours.</summary>
    internal Instant LastOf(int step)
    {
        for (var i = Transitions.Count - 1; i >= 0; i--)
            if (Transitions[i].Step == step) return Transitions[i].At;
        return default;
    }

    internal Instant DigestAt;
    internal long FlapCrossing;
    internal int Muted;
}

/// <summary>One value for each step of a ladder, in place.</summary>
[InlineArray(Ladder.StepsMax)]
internal struct PerStep<T>
{
    private T _first;
}

internal sealed class LimitRequestState
{
    internal string Id = "", Actor = "", Reason = "";
    internal LimitKind Kind;
    internal long Amount, LimitVersion;
    internal int From, To;
    internal Currency Currency;
    internal Instant LapsesAt;
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

    /// <summary>End of the grace; default once the order was looked at again.</summary>
    internal Instant GraceUntil;
    internal List<string> Payments = [];
}
