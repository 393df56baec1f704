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
    /// <summary>EW-19: the three steps of the group's utilisation, basis points; 0 off.</summary>
    Signal19Step1, Signal19Step2, Signal19Step3,
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
    /// <summary>EW-01: the five steps, basis points; 0 off.</summary>
    Signal01Step1, Signal01Step2, Signal01Step3, Signal01Step4, Signal01Step5,
    /// <summary>EW-01: severity of each step, 1 INFO to 5 CRIT.</summary>
    Signal01Severity1, Signal01Severity2, Signal01Severity3, Signal01Severity4, Signal01Severity5,
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
    /// <summary>One switch per indicator, in the order of the catalogue; 0 off.</summary>
    Signal01On, Signal02On, Signal03On, Signal04On, Signal05On, Signal06On, Signal07On, Signal08On, Signal09On, Signal10On, Signal11On, Signal12On, Signal13On, Signal14On,
    Signal15On, Signal16On, Signal17On, Signal18On, Signal19On, Signal20On, Signal21On, Signal22On, Signal23On, Signal24On, Signal25On, Signal26On, Signal27On, Signal28On,
    Signal29On, Signal30On, Signal31On, Signal32On, Signal33On, Signal34On, Signal35On, Signal36On, Signal37On, Signal38On, Signal39On, Signal40On, Signal41On, Signal42On,
    /// <summary>EW-08: fires at this dunning level of open items.</summary>
    Signal08Level,
    /// <summary>EW-08: armed again at this level.</summary>
    Signal08Rearm,
    /// <summary>EW-09: looks so many days back for moves into a worse bucket.</summary>
    Signal09Days,
    /// <summary>EW-09: moves into this bucket and worse ones count; 1 is 1–30, 5 above 180 days.</summary>
    Signal09Bucket,
    /// <summary>EW-09: fires above this share of the balance, basis points.</summary>
    Signal09ShareBp,
    /// <summary>EW-09: armed again at this share.</summary>
    Signal09RearmBp,
    /// <summary>EW-14: looks so many days back for a fall of the score, and is armed again after as many days without one.</summary>
    Signal14Days,
    /// <summary>EW-14: fires when the score is so far below its highest of those days, hundredths of a point.</summary>
    Signal14Fall,
    /// <summary>EW-14: or the grade so many notches below its best.</summary>
    Signal14Notches,
    /// <summary>EW-14: high below this score, hundredths of a point; a grade of a person counts when all its scores are below.</summary>
    Signal14Critical,
    /// <summary>EW-15: an external rating older than so many days is stale.</summary>
    Signal15StaleDays,
    /// <summary>EW-16: fires when Altman's Z falls by more within a year, thousandths.</summary>
    Signal16Fall,
    /// <summary>EW-17: days before a cover ends.</summary>
    Signal17Days,
    /// <summary>EW-17: days before the longest extension period of an insurance is over.</summary>
    Signal17MepDays,
    /// <summary>EW-18: fires above so many days behind the review date.</summary>
    Signal18Days,
    /// <summary>EW-18: second step, days behind the review date.</summary>
    Signal18High,
    /// <summary>EW-20: smoothed days late above the own median by more than so many times the MAD.</summary>
    Signal20Times,
    /// <summary>EW-20: and by at least so many days.</summary>
    Signal20Days,
    /// <summary>EW-20: high from so many days above the median.</summary>
    Signal20High,
    /// <summary>EW-20: armed again below so many days above the median.</summary>
    Signal20Rearm,
    /// <summary>EW-20: judged from so many settled items.</summary>
    Signal20Least,
    /// <summary>EW-21: so many settled items late in a row.</summary>
    Signal21Count,
    /// <summary>EW-21: late is beyond the due date by more than so many days.</summary>
    Signal21GraceDays,
    /// <summary>EW-21: armed again by so many in a row that are not late.</summary>
    Signal21OnTime,
    /// <summary>EW-22: fires when a customer's own books differ by more than this share of the statement.</summary>
    Signal22DifferenceBp,
    /// <summary>EW-23: robust z of the orders of 7 days from which it fires, tenths.</summary>
    Signal23ZTenths,
    /// <summary>EW-23: and so many times the median week, tenths.</summary>
    Signal23TimesTenths,
    /// <summary>EW-23: and at least this share of the limit.</summary>
    Signal23LimitBp,
    /// <summary>EW-23: armed again below this robust z, tenths.</summary>
    Signal23RearmTenths,
    /// <summary>EW-24: surge and lateness fired within so many days of each other.</summary>
    Signal24Days,
    /// <summary>EW-25: no order for more than so many times the own 95th percentile of gaps, tenths.</summary>
    Signal25TimesTenths,
    /// <summary>EW-25: or the orders of a month below this share of the mean of the twelve months before it.</summary>
    Signal25MonthBp,
    /// <summary>EW-25: for so many months running.</summary>
    Signal25Months,
    /// <summary>EW-26: fires above this share of part payments among the last ten invoices.</summary>
    Signal26ShareBp,
    /// <summary>EW-26: while the share of the year before is at most this.</summary>
    Signal26BaselineBp,
    /// <summary>EW-26: armed again at this share.</summary>
    Signal26RearmBp,
    /// <summary>EW-27: first step, share of all receivables or of uncovered exposure at default, basis points.</summary>
    Signal27Step1,
    /// <summary>EW-27: second step.</summary>
    Signal27Step2,
    /// <summary>EW-27: a step is armed again so far below it.</summary>
    Signal27Rearm,
    /// <summary>EW-28: a round sum counts when it is still on account after so many days.</summary>
    Signal28AfterDays,
    /// <summary>EW-28: fires at so many round sums.</summary>
    Signal28Count,
    /// <summary>EW-28: within so many days.</summary>
    Signal28Days,
    /// <summary>EW-29: share of ten discountable invoices whose discount was taken before it stopped.</summary>
    Signal29TakenBp,
    /// <summary>EW-30: a rate that moves the exposure by more than this share.</summary>
    Signal30MoveBp,
    /// <summary>EW-31: returned payments of so many days.</summary>
    Signal31Days,
    /// <summary>EW-32: broken promises and plans of so many days.</summary>
    Signal32Days,
    /// <summary>EW-33: requests for longer terms of so many days.</summary>
    Signal33Days,
    /// <summary>EW-34: fires from so many disputes in 30 days.</summary>
    Signal34Count,
    /// <summary>EW-34: and above so many times the share of the year before, tenths.</summary>
    Signal34TimesTenths,
    /// <summary>EW-34: armed again at so many times that share, tenths.</summary>
    Signal34RearmTenths,
    /// <summary>EW-36: fires when the trend reaches the limit in less than so many days.</summary>
    Signal36Days,
    /// <summary>EW-36: armed again when that takes longer than so many days.</summary>
    Signal36Rearm,
    /// <summary>EW-37: fires when the least balance of 13 weeks is above this share of their average.</summary>
    Signal37ShareBp,
    /// <summary>EW-37: armed again at this share.</summary>
    Signal37RearmBp,
    /// <summary>EW-37: an item older than this that is settled shows that old debt is paid.</summary>
    Signal37OldDays,
    /// <summary>EW-38: an order hugs the limit from this utilisation behind it on.</summary>
    Signal38LimitBp,
    /// <summary>EW-38: or from this share of the largest document on.</summary>
    Signal38DocumentBp,
    /// <summary>EW-38: fires at so many such orders.</summary>
    Signal38Count,
    /// <summary>EW-38: within so many days.</summary>
    Signal38Days,
    /// <summary>EW-38: armed again after so many days without one.</summary>
    Signal38CalmDays,
    /// <summary>EW-39: variance of the last ten days to pay above so many times that of the thirty before.</summary>
    Signal39Times,
    /// <summary>EW-39: armed again below so many times.</summary>
    Signal39Rearm,
    /// <summary>EW-40: credit notes above this share of the invoices of 90 days, by value.</summary>
    Signal40ShareBp,
    /// <summary>EW-40: and above so many times the share of the year before.</summary>
    Signal40Times,
    /// <summary>EW-40: armed again at this share.</summary>
    Signal40RearmBp,
    /// <summary>EW-41: a customer is new for so many days.</summary>
    Signal41Days,
    /// <summary>EW-41: fires above this utilisation while nothing is paid.</summary>
    Signal41UsedBp,
    /// <summary>EW-42: a lawsuit counts above this share of the net assets of the last statement.</summary>
    Signal42LawsuitBp,
    /// <summary>1: the risk state follows the signals; 0: it is set by a person alone.</summary>
    RiskOn,
    /// <summary>So many MED signals raised within the days below mean Warning.</summary>
    RiskMediums,
    /// <summary>Days within which they were raised.</summary>
    RiskMediumDays,
    /// <summary>The risk state goes down one step when its causes are gone for so many days.</summary>
    RiskDownDays,
    /// <summary>1: three colours by days past due judge beside the indicators.</summary>
    ColoursOn,
    /// <summary>Blue from so many days past due: remind.</summary>
    ColoursBlue,
    /// <summary>Orange: new orders are frozen, somebody visits.</summary>
    ColoursOrange,
    /// <summary>Red: legal steps, factoring.</summary>
    ColoursRed,
    /// <summary>1: red stops the customer as a lawsuit does.</summary>
    ColoursRedStops,
    /// <summary>The three prompts, days before an item is due; 0 off.</summary>
    ColoursPrompt1, ColoursPrompt2, ColoursPrompt3,
    /// <summary>1: the weighted credit score is computed at the start of each day for customers with new facts, and EW-14 follows it.</summary>
    ScoreOn,
    /// <summary>Weights of the ten factors of the credit score.</summary>
    ScoreWeightPaymentIndex, ScoreWeightOverdueRatio, ScoreWeightBrokenPromises, ScoreWeightLimitUse, ScoreWeightRelationship, ScoreWeightAltmanZone, ScoreWeightLiquidity, ScoreWeightLeverage,
    ScoreWeightExternalRating, ScoreWeightSectorCountry,
    /// <summary>1: a customer with a grade from A to D has the steps of EW-01 of that grade; 0: all have the same.</summary>
    LadderByGrade,
    /// <summary>The three steps of each grade, basis points; 0 off.</summary>
    LadderA1, LadderA2, LadderA3, LadderB1, LadderB2, LadderB3, LadderC1, LadderC2, LadderC3, LadderD1, LadderD2, LadderD3,
    /// <summary>Severity of each of these steps, 1 INFO to 5 CRIT.</summary>
    LadderSeverity1, LadderSeverity2, LadderSeverity3,
    /// <summary>1: the portfolio is measured once a day and told as a fact; 0: whoever else measures it tells it.</summary>
    PortfolioOn,
    /// <summary>Lifetime loss of a receivable by bucket of the ageing, ppm: what of the balance that entered the bucket was lost in the end.</summary>
    ProvisionRate1, ProvisionRate2, ProvisionRate3, ProvisionRate4, ProvisionRate5, ProvisionRate6,
    /// <summary>What the years ahead make of these rates, basis points of them.</summary>
    ProvisionForwardBp,
}
