namespace ExposureMonitor.Domain;

/// <summary>The numbers of a policy; reactions are 0 off, 1 ignore, 2 warn, 3 hold, 4 refuse.</summary>
public enum Parameter : short
{
    /// <summary>Orders that ship later than so many days ahead do not count.</summary>
    HorizonDays,
    /// <summary>1: exactly at the limit holds.</summary>
    AtLimitHolds,
    /// <summary>Multiplies the limit in limit steps; above 100 % a band that warns.</summary>
    CeilingBp,
    /// <summary>Added in limit steps to exposure in another currency than the limit.</summary>
    FxHaircutBp,
    /// <summary>A rate older than this counts with twice the haircut.</summary>
    FxStaleDays,
    /// <summary>New orders on a rate older than this are held.</summary>
    FxDeadDays,
    /// <summary>A rate that moves by more than this from the last needs a second person.</summary>
    FxOddBp,
    /// <summary>Reaction of the limit over all orders.</summary>
    Step010,
    /// <summary>Reaction of the largest document.</summary>
    Step020,
    /// <summary>Reaction of the limit inside the horizon.</summary>
    Step030,
    /// <summary>Reaction of the dunning level.</summary>
    Step100,
    /// <summary>Reaction of the oldest open item.</summary>
    Step110,
    /// <summary>Reaction of the share overdue.</summary>
    StepOverdueShare,
    /// <summary>Reaction of the payment index.</summary>
    Step120,
    /// <summary>Largest document as a share of the limit; 0 off.</summary>
    MaxDocumentBp,
    /// <summary>Largest document, minor units of the base currency; 0 off.</summary>
    MaxDocumentAmount,
    /// <summary>Step 100 fails above this level.</summary>
    DunningLevel,
    /// <summary>Step 110 fails above so many days.</summary>
    OldestDays,
    /// <summary>Items below this do not count for step 110; minor units of the base currency.</summary>
    OldestMinimum,
    /// <summary>Step OV looks at items overdue by more days.</summary>
    OverdueShareDays,
    /// <summary>Step OV fails above this share.</summary>
    OverdueShareBp,
    /// <summary>Step 120 fails below this index, in hundredths.</summary>
    PaymentIndexFloor,
    /// <summary>Settled items below this do not count for the payment index; minor units of the base currency.</summary>
    PaymentIndexMinimum,
    /// <summary>A disputed part leaves the overdue steps for at most so many days.</summary>
    DisputeDays,
    /// <summary>An instalment of a payment plan may come so many days late.</summary>
    PlanGraceDays,
    /// <summary>An instalment is paid when so much of it is.</summary>
    PlanKeptBp,
    /// <summary>Reaction of a broken payment plan.</summary>
    PlanBroken,
    /// <summary>Reaction when nobody has decided a limit.</summary>
    NoLimit,
    /// <summary>Limit of a customer without one, minor units of the base currency; -1 none.</summary>
    SegmentDefaultLimit,
    /// <summary>After the schedule: 0 blocks, 1 is a limit of 0, 2 serves the last step for the days of grace.</summary>
    LimitExpiry,
    /// <summary>Days of grace after the last step.</summary>
    LimitExpiryGraceDays,
    /// <summary>Reaction of the days overdue.</summary>
    Rule1,
    /// <summary>Days past due; the customer's grace days come on top.</summary>
    Rule1Days,
    /// <summary>Reaction of a blocked account status.</summary>
    Rule2,
    /// <summary>Reaction of prepaid terms on an order that is not prepaid.</summary>
    Rule3,
    /// <summary>Reaction of an expired limit.</summary>
    Rule4,
    /// <summary>Days after the expiry.</summary>
    Rule4Days,
    /// <summary>1: a limit without an end date blocks too.</summary>
    Rule4NoDate,
    /// <summary>Reaction of the overdue amount together with the share of the limit used.</summary>
    Rule5,
    /// <summary>Overdue amount, minor units of the base currency.</summary>
    Rule5Amount,
    /// <summary>Share of the limit used.</summary>
    Rule5ShareBp,
    /// <summary>Reaction of the order amount.</summary>
    Rule6,
    /// <summary>Order amount, minor units of the base currency.</summary>
    Rule6Amount,
    /// <summary>Reaction of the share of the limit used.</summary>
    Rule7,
    /// <summary>Share of the limit used.</summary>
    Rule7ShareBp,
    /// <summary>Reaction of longer terms than the customer's.</summary>
    Rule8,
    /// <summary>Reaction of a higher discount than the customer's.</summary>
    Rule9,
    /// <summary>Time to live of a reservation.</summary>
    ReservationMinutes,
    /// <summary>1: an answer says by how much a step fails.</summary>
    ShowExcess,
    /// <summary>1: orders are checked before they ship.</summary>
    CheckpointShip,
    /// <summary>1: orders are checked before they are picked.</summary>
    CheckpointPick,
    /// <summary>A release, or a passed check, is good for so many days; 0 looks again at every checkpoint.</summary>
    GraceDays,
    /// <summary>A release is good up to its value plus this share.</summary>
    DeviationBp,
    /// <summary>Overdue and behaviour reasons must stay cured for so long.</summary>
    DwellSeconds,
    /// <summary>1: cured orders that fit are released by rule.</summary>
    ReleaseAutomatically,
    /// <summary>Who first: 0 class and promised date, 1 oldest ship date, 2 smallest, 3 most value.</summary>
    ReleaseOrder,
    /// <summary>1: an order that does not fit stops those behind it.</summary>
    ReleaseStrict,
    /// <summary>An order passed over for so many business days stops those behind it; 0 off.</summary>
    BarrierDays,
    /// <summary>1: a limit that is cut judges accepted orders again.</summary>
    RecheckOnCut,
    /// <summary>A request lapses after so many business days.</summary>
    ApprovalDays,
    /// <summary>Authority is measured on 0 the order value, 1 the exposure after the release.</summary>
    AuthorityOn,
    /// <summary>Above this two people approve, minor units of the base currency; -1 never.</summary>
    TwoApproversAbove,
    /// <summary>Who raised the limit within so many hours approves no release; 0 off.</summary>
    ConflictOfDutyHours,
    /// <summary>1: a person sets a limit alone within authority, factor and cap; 0: always two.</summary>
    DirectLimit,
    /// <summary>A raise above so many times needs two people.</summary>
    LimitRaiseFactor,
    /// <summary>A limit above this needs two people, minor units of the base currency; -1 off.</summary>
    LimitAbsoluteCap,
    /// <summary>The order system acknowledges a hold within so many minutes.</summary>
    AcknowledgeMinutes,
    /// <summary>A fact waits so long for its predecessor.</summary>
    ParkDays,
    /// <summary>An invoice whose delivery has not come for so long is listed.</summary>
    UnlinkedDays,
    /// <summary>How far ahead of its arrival a fact may be dated.</summary>
    FutureMinutes,
    /// <summary>Largest amount of one document, minor units.</summary>
    DocumentAmountMax,
    /// <summary>A document with an older own date waits for a person.</summary>
    TooOldDays,
    /// <summary>Closed documents stay in memory for so many days.</summary>
    ClosedKeepDays,
    /// <summary>1: a due date on a weekend or holiday moves to the next business day.</summary>
    RollDueDates,
    /// <summary>Items are valued at the latest rate; the rate of the document's date cannot be chosen.</summary>
    LockedRates,
    /// <summary>1: checks are refused while a feed is stale.</summary>
    CloseChecksWhenStale,
    /// <summary>Levels that a hierarchy of customers may have.</summary>
    GroupDepthMax,
    /// <summary>A check that is short of group headroom waits so many milliseconds for it; 0 does not wait.</summary>
    GroupWaitMs,
    /// <summary>A member that does not answer a recall for so long counts as having nothing.</summary>
    GroupAnswerSeconds,
    /// <summary>What exceeds twice its use for so long is given back by a member.</summary>
    GroupSurplusMinutes,
    /// <summary>A grant comes with a reserve of the limit divided by so many times the members; 0 without.</summary>
    GroupSlackDivisor,
    /// <summary>A member tells its use at the latest so long after it changed.</summary>
    GroupReportSeconds,
    /// <summary>EW-19: step 1 of the group's utilisation, basis points; 0 off.</summary>
    Signal19Step1,
    /// <summary>EW-19: step 2, basis points; 0 off.</summary>
    Signal19Step2,
    /// <summary>EW-19: step 3, basis points; 0 off.</summary>
    Signal19Step3,
    /// <summary>EW-19: a step is armed again so far below it, basis points.</summary>
    Signal19Rearm,
    /// <summary>Unapplied money lowers the exposure by at most this, minor units of the base currency; -1 without end.</summary>
    UnappliedCap,
    /// <summary>Component O: 0 counted, 1 statistical, 2 off.</summary>
    CountOpenOrders,
    /// <summary>Component D: 0 counted, 1 statistical, 2 off.</summary>
    CountDelivered,
    /// <summary>Component B: 0 counted, 1 statistical, 2 off.</summary>
    CountBilled,
    /// <summary>Component R: 0 counted, 1 statistical, 2 off.</summary>
    CountReceivables,
    /// <summary>Component N: 0 counted, 1 statistical, 2 off.</summary>
    CountAcceptances,
    /// <summary>Component P: 0 counted, 1 statistical, 2 off.</summary>
    CountPaymentsAtRisk,
    /// <summary>Component U: 0 counted, 1 statistical, 2 off.</summary>
    CountUnapplied,
    /// <summary>Component H: 0 counted, 1 statistical, 2 off.</summary>
    CountHeld,
    /// <summary>Component V: 0 counted, 1 statistical, 2 off.</summary>
    CountReserved,
    /// <summary>Component X: 0 counted, 1 statistical, 2 off.</summary>
    CountExternal,
    /// <summary>Component O counts at most this, minor units of the base currency; -1 without end.</summary>
    CapOpenOrders,
    /// <summary>Component D counts at most this, minor units of the base currency; -1 without end.</summary>
    CapDelivered,
    /// <summary>Component B counts at most this, minor units of the base currency; -1 without end.</summary>
    CapBilled,
    /// <summary>Component R counts at most this, minor units of the base currency; -1 without end.</summary>
    CapReceivables,
    /// <summary>Component N counts at most this, minor units of the base currency; -1 without end.</summary>
    CapAcceptances,
    /// <summary>Component P counts at most this, minor units of the base currency; -1 without end.</summary>
    CapPaymentsAtRisk,
    /// <summary>Component U counts at most this, minor units of the base currency; -1 without end.</summary>
    CapUnapplied,
    /// <summary>Component H counts at most this, minor units of the base currency; -1 without end.</summary>
    CapHeld,
    /// <summary>Component V counts at most this, minor units of the base currency; -1 without end.</summary>
    CapReserved,
    /// <summary>Component X counts at most this, minor units of the base currency; -1 without end.</summary>
    CapExternal,
    /// <summary>EW-01: a step is armed again so far below it, basis points.</summary>
    Signal01Rearm,
    /// <summary>EW-01: step 1, basis points; 0 off.</summary>
    Signal01Step1,
    /// <summary>EW-01: step 2, basis points; 0 off.</summary>
    Signal01Step2,
    /// <summary>EW-01: step 3, basis points; 0 off.</summary>
    Signal01Step3,
    /// <summary>EW-01: step 4, basis points; 0 off.</summary>
    Signal01Step4,
    /// <summary>EW-01: step 5, basis points; 0 off.</summary>
    Signal01Step5,
    /// <summary>EW-01: severity of step 1, 1 INFO to 5 CRIT.</summary>
    Signal01Severity1,
    /// <summary>EW-01: severity of step 2, 1 INFO to 5 CRIT.</summary>
    Signal01Severity2,
    /// <summary>EW-01: severity of step 3, 1 INFO to 5 CRIT.</summary>
    Signal01Severity3,
    /// <summary>EW-01: severity of step 4, 1 INFO to 5 CRIT.</summary>
    Signal01Severity4,
    /// <summary>EW-01: severity of step 5, 1 INFO to 5 CRIT.</summary>
    Signal01Severity5,
    /// <summary>EW-02: hours above the limit without a break.</summary>
    Signal02Hours,
    /// <summary>EW-02: armed again at this utilisation.</summary>
    Signal02Rearm,
    /// <summary>EW-05: fires above so many days.</summary>
    Signal05Days,
    /// <summary>EW-05: high above so many days.</summary>
    Signal05High,
    /// <summary>EW-05: armed again at so many days.</summary>
    Signal05Rearm,
    /// <summary>EW-05, EW-10: least item, minor units of the base currency.</summary>
    Signal05Minimum,
    /// <summary>EW-06: items overdue by more days.</summary>
    Signal06Days,
    /// <summary>EW-06: fires above this share.</summary>
    Signal06Bp,
    /// <summary>EW-06: armed again at this share.</summary>
    Signal06Rearm,
    /// <summary>EW-07: overdue above this share of the limit.</summary>
    Signal07OverdueBp,
    /// <summary>EW-07: utilisation above this.</summary>
    Signal07UsedBp,
    /// <summary>EW-07: armed again when either is below this share of its threshold.</summary>
    Signal07RearmBp,
    /// <summary>EW-10: first step, days past due.</summary>
    Signal10Days,
    /// <summary>EW-10: second step, days past due.</summary>
    Signal10High,
    /// <summary>EW-11: first warning, days before the end.</summary>
    Signal11Days1,
    /// <summary>EW-11: second warning, days before the end.</summary>
    Signal11Days2,
    /// <summary>EW-12: days before the end of a temporary limit.</summary>
    Signal12Days,
    /// <summary>EW-13: looks so many days ahead.</summary>
    Signal13Days,
    /// <summary>A value must stay beyond the re-arm for so long.</summary>
    SignalClearSeconds,
    /// <summary>So many transitions within 24 hours are told as one digest a day.</summary>
    SignalFlaps,
    /// <summary>A late fact takes back a signal that is at most so old.</summary>
    SignalLatenessDays,
}
