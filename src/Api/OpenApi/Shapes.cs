namespace ExposureMonitor.Api;

/// <summary>The shapes of all answers. A test asks every route and holds what it says against them.</summary>
internal static class Shapes
{
    private static readonly Shape AsOf = new("AsOf", N("partition"), N("seq"), N("index", always: false));

    /// <summary>Partitions that have still to journal what was told to all of them; missing when every one has.</summary>
    private static readonly ShapeField NotYet = new("notYet", FieldKind.Wholes);

    private static readonly Shape Components = new("Components", D("openOrders"), D("ordersBeyondHorizon"), D("held"), D("delivered"), D("billed"), D("receivables"), D("acceptances"),
        D("paymentsAtRisk"), D("unapplied"), D("reserved"), D("external"));

    private static readonly Shape Ageing = new("Ageing", D("notDue"), D("days1To30"), D("days31To60"), D("days61To90"), D("days91To180"), D("daysAbove180"));

    private static readonly ShapeField[] Figures =
    [
        T("currency"), D("gross"), D("grossStatic"), D("netRisk"), D("creditBalance"), T("limitKind"), D("limit", always: false), D("available", always: false), N("utilisationBp", always: false), N("netUtilisationBp", always: false),
        F("breached"), T("riskState"), F("provisional"), O("components", Components), O("ageing", Ageing), D("overdue"), N("oldestDays"), N("openOrderCount"), N("openItemCount"), N("heldOrderCount"),
        F("rateMissing", always: false), F("limitExpired", always: false), N("daysLateThousandths"), N("daysLateClippedThousandths"),
    ];

    internal static readonly Shape Customer = new("Customer", [T("customer"), T("name", always: false), T("segment"), T("country"), T("controller"), .. Figures, O("asOf", AsOf)]);

    internal static readonly Shape Past = new("PastFigures", [Day("asOfDay"), .. Figures]);

    internal static readonly Shape Effect = new("EntryEffect", O("before", Past), O("after", Past));

    internal static readonly Shape Portfolio = new("Portfolio", N("total"), L("customers", Customer), T("cursor", always: false));

    private static readonly Shape BoardSums = new("BoardSums", T("currency"), N("customers"), N("overLimit"), N("heldOrders"), D("gross"), D("netRisk"), D("limit"), D("over"), D("overdue"), D("overdue30"), D("overdue60"),
        D("overdue90"), D("held"), D("unapplied"));

    /// <summary>Short names, since it goes out four times a second: see <see cref="BoardRow"/>.</summary>
    private static readonly Shape BoardLine = new("BoardRow", T("id"), T("n", always: false), T("g", always: false), T("y", always: false), T("o", always: false), N("b"), T("c"), T("k", always: false), D("l", always: false),
        D("e"), N("u", always: false), D("a", always: false), D("d", always: false), N("t", always: false), N("h", always: false), T("r", always: false), T("q", always: false), T("x", always: false), N("p"));

    internal static readonly Shape Board = new("Board", N("total"), N("page"), N("size"), At("asOf"), L("sums", BoardSums), L("rows", BoardLine));

    private static readonly Shape Tile = new("Tile", T("id"), N("count"), L("sums", BoardSums));

    internal static readonly Shape Tiles = new("Tiles", L("tiles", Tile));

    private static readonly Shape TileSample = new("TileSample", At("at"), L("tiles", Tile));

    internal static readonly Shape Trend = new("TileTrend", N("releasedByRuleToday"), O("was", TileSample), L("samples", TileSample));

    internal static readonly Shape Movers = new("Movers", At("since"), T("by"), L("rows", new Shape("Mover", T("customer"), T("name"), T("band"), T("currency"), D("was"), D("now"), D("change"), N("utilisationWas"), N("utilisation"))));

    internal static readonly Shape Lines = new("BoardLines", L("rows", new Shape("BoardLineOf", T("customer"), T("currency"), L("points", new Shape("LinePoint", At("at"), D("gross"))))));

    private static readonly Shape TopShare = new("TopShare", N("top"), D("gross"), N("shareBp"));

    internal static readonly Shape Concentration = new("Concentration", T("currency"), N("customers"), D("gross"), L("tops", TopShare), L("largest", new Shape("LargestCustomer", T("customer"), T("name"), T("band"), D("gross"), N("shareBp"))),
        L("groups", new Shape("LargestGroup", T("group"), T("name"), N("customers"), D("gross"), N("shareBp"))));

    internal static readonly Shape BoardWords = new("BoardWords", Texts("segments"), Texts("countries"), Texts("controllers"), Texts("groups"), N("watchBp"), N("criticalBp"), N("breachBp"), T("baseCurrency"));

    internal static readonly Shape Search = new("Found", L("customers", new Shape("FoundCustomer", T("id"), T("name"), T("segment"), T("band"))), L("holds", new Shape("FoundHold", T("customer"), T("order"))),
        L("documents", new Shape("FoundDocument", T("customer"), T("document"), F("isOrder"))));

    internal static readonly Shape Aggregates = new("Aggregates", T("by"), L("groups", new Shape("Group", T("name"), T("currency"), N("customers"), D("gross"), D("limit"), D("receivables"), D("overdue"),
        N("breached"), N("heldOrders"))));

    private static readonly Shape Reason = new("Reason", T("rule"), T("reaction"), D("observed"), D("threshold"), D("excess"), T("currency"), F("stillValid"), N("ruleVersion"), T("position"));

    internal static readonly Shape Hold = new("Hold", T("customer"), T("holdId"), T("orderId"), D("amount"), T("currency"), T("state"), F("forced"), At("createdAt"), T("requestedBy"), T("requestReason"),
        D("needs"), F("escalated"), N("orderVersion"), At("lapsesAt"), L("reasons", Reason));

    internal static readonly Shape Looking = new("Looking", T("by"), At("until"));

    internal static readonly Shape HoldNotes = new("HoldNotes", T("assignedTo"), L("notes", new Shape("HoldNote", At("at"), T("by"), T("kind"), T("text"), T("to"), D("amount"), Day("until"))));

    internal static readonly Shape Bulk = new("BulkResults", L("results", new Shape("BulkResult", T("customer"), T("order"), N("status"), T("code"), T("detail"), T("by"))));

    internal static readonly Shape WarningMark = new("WarningMark", T("takenBy"), At("takenAt"), At("snoozedUntil"), T("resolvedBy"), T("note"), T("tag"), N("snoozedBelowBp"));

    internal static readonly Shape Warnings = new("Warnings", L("warnings", null));

    internal static readonly Shape View = new("SavedView", T("id"), T("name"), T("address"), F("shared"), T("owner"));

    internal static readonly Shape Views = new("SavedViews", L("views", View));

    private static readonly Shape OrderLine = new("Order", T("customer"), T("orderId"), T("currency"), D("ordered"), D("delivered"), D("undelivered"), D("deliveredNotInvoiced"), T("state"), T("status"),
        Day("shipOn"), N("priority"), N("version"));

    internal static readonly Shape Orders = new("Orders", T("customer", always: false), L("orders", OrderLine), T("cursor", always: false));

    internal static readonly Shape HoldsMatching = new("HoldsMatching", N("total"), L("holds", null));

    internal static readonly Shape Holds = new("Holds", L("holds", Hold), T("cursor", always: false));

    internal static readonly Shape Order = new("OrderWithHold", O("order", OrderLine), O("hold", Hold), N("limitVersion"), L("steps", new Shape("CheckStep", T("rule"), T("state"), T("why"))));

    private static readonly Shape LimitRequest = new("LimitRequest", T("requestId"), T("kind"), D("amount"), T("currency"), T("actor"), T("reason"), At("lapsesAt"));

    internal static readonly Shape Documents = new("Documents", T("customer"), N("limitVersion"), L("orders", OrderLine),
        L("items", new Shape("Item", T("itemId"), T("currency"), D("amount"), D("open"), Day("issuedOn"), Day("dueOn"), D("disputed"), N("daysPastDue"), Day("bucketSince"))),
        L("credits", new Shape("Credit", T("id"), T("kind"), T("currency"), D("amount"), D("unallocated"), F("cleared"), F("returned"))),
        L("holds", Hold), L("reservations", new Shape("Reservation", T("reservationId"), T("orderId"), D("amount"), T("currency"), At("expiresAt"))),
        L("limitRequests", LimitRequest), L("signals", new Shape("StandingSignal", T("indicator"), T("about"), N("step"), T("severity"))),
        L("residues", new Shape("Residue", T("name"), T("currency"), D("amount"))), L("marks", new Shape("Mark", T("mark"), T("document"), T("currency"), D("amount"))),
        L("parked", new Shape("Parked", T("type"), T("eventId"), T("waitsFor"), At("until"))));

    internal static readonly Shape ExplainedSignals = new("ExplainedSignals", T("customer"), L("signals", new Shape("ExplainedSignal", T("signalId"), T("indicator"), T("about"), N("step"), T("severity"), Day("raisedOn"), T("raisedAt"),
        O("condition", new Shape("SignalCondition", D("observed"), D("threshold"), T("unit"), N("step"), T("severity"), D("moved"), N("ruleVersion"), N("baselineCount"), D("baselineMedian"), D("baselineMad"))), D("was"), T("clears"), T("clearsZh"),
        L("events", new Shape("SourceEvent", T("entry"), T("eventId"), T("source"), T("type"), At("time"), T("document"))), F("eventsCut"))));

    private static readonly ShapeField[] ProvisionFields =
    [
        N("customers"), D("gross"), D("covered"), D("net"), D("provision"), L("buckets", new Shape("ProvisionBucket", T("bucket"), D("gross"), D("covered"), D("net"), D("provision"))),
        O("specific", new Shape("SpecificProvision", D("gross"), D("covered"), D("net"), D("provision"))), D("over30"), D("over90"), D("netRisk"), D("expectedLoss"),
    ];

    private static readonly Shape ProvisionSums = new("ProvisionSums", ProvisionFields);

    internal static readonly Shape Provision = new("PortfolioProvision", Day("asOfDay"), T("currency"), F("isWhole"), L("rates", new Shape("ProvisionRate", T("bucket"), N("ratePpm"))), O("whole", ProvisionSums),
        L("grades", new Shape("GradeProvision", [T("grade"), .. ProvisionFields])));

    internal static readonly Shape Credit = new("CreditStanding", T("customer"), Day("asOfDay"), T("currency"), N("score"), N("confidenceBp"), F("mayRaise"), T("grade"), T("gradeOf"), T("computedGrade"), T("personGrade"), Day("personUntil"),
        L("factors", new Shape("CreditFactor", T("name"), N("weight"), T("unit"), T("value"), N("points"), N("part"), Day("asOf"))),
        O("supports", new Shape("CreditSupports", N("pdPpm"), N("termDays"), D("eligibleLimit"), N("reviewMonths"), Day("reviewBy"), D("netRisk"), N("lgdBp"), D("expectedLoss"))),
        O("figures", new Shape("CreditFigures", D("sales"), D("receivables"), N("dso"), N("bestDso"), N("daysDelinquent"), N("countBackDso"), N("ceiBp"), N("turnover"), N("overdueBp"), N("over90Bp"))),
        O("review", new Shape("CreditReview", Day("lastOn"), Day("dueOn"), L("reasons", new Shape("ReviewReason", T("cause"), T("about"), Day("on"))))),
        O("provision", ProvisionSums),
        O("statement", new Shape("FiledRatios", Day("periodEnd"), T("model"), T("zone"), N("zThousandths"), N("currentRatio"), N("quickRatio"), N("debtRatio"), N("netMargin"), F("isStale"))));

    private static readonly Shape GroupSlice = new("GroupSlice", T("parent"), T("currency"), T("limitKind"), D("limit"), D("slice"), D("granted"), D("forced"), D("returned"), D("want"), F("recalled"), F("former"));

    private static readonly Shape GroupMember = new("GroupMember", T("customer"), T("name"), N("memberCount"), N("shareBp"), D("slice"), D("granted"), D("forced"), D("returned"), D("use"), O("asOf", AsOf), D("want"), F("refused"), F("recalled"),
        F("outsideGroup"), F("former"));

    internal static readonly Shape CreditGroup = new("CreditGroup", T("customer"), T("name"), T("parent"), T("askedParent"), L("path", new Shape("GroupStep", T("customer"), T("name"))), N("shareBp"), F("outsideGroup"), T("currency"), T("limitKind"), D("limit"), D("ownUse"), D("use"),
        N("utilisationBp"), D("lent"), D("pool"), O("asOf", AsOf), L("slices", GroupSlice), L("members", GroupMember), N("memberCount"), N("notListed"));

    internal static readonly Shape Limit = new("Limit", T("customer"), N("version"), T("kind"), D("effective"), T("currency"), F("expired"), D("eligibleMax"), F("mandatory"),
        L("steps", new Shape("LimitStep", Day("from"), Day("to"), T("kind"), D("amount"))),
        L("temporary", new Shape("TemporaryLimit", T("temporaryId"), D("amount"), T("currency"), At("from"), At("to"), Texts("orders"), F("once"), F("consumed"), F("ended"))),
        L("seasons", new Shape("Season", T("seasonId"), N("fromMonthDay"), N("toMonthDay"), N("upliftBp"))), L("requests", LimitRequest));

    internal static readonly Shape Decision = new("Decision", T("decision"), F("whatIf"), T("orderId", always: false), D("amount"), T("currency"),
        L("reasons", new Shape("DecisionReason", T("step"), T("ruleId"), N("ruleVersion"), T("reaction"), D("observed"), D("threshold"), T("currency", always: false), D("excess"))),
        D("gross"), D("netRisk"), T("limitKind"), D("limit"), D("available"), D("afterThis"), F("atLimit"), T("limitCurrency"), O("asOf", AsOf), N("policyVersion"), N("limitVersion"),
        At("staleness"), D("grossWithHaircut"), T("reservationId", always: false), At("expiresAt", always: false), T("excuse", always: false));

    internal static readonly Shape Events = new("EventResults", L("results", new Shape("EventResult", T("id", always: false), T("outcome"), T("reason", always: false), T("detail", always: false), T("entry"),
        T("proposal", always: false))));

    internal static readonly Shape Schemas = new("Schemas", L("schemas", new Shape("SchemaOfEvent", T("type"), T("direction"), T("schema"))));

    internal static readonly Shape Commanded = new("Commanded", T("outcome"), O("asOf", AsOf), L("effects", null), NotYet);

    internal static readonly Shape History = new("History", L("entries", new Shape("HistoryEntry", T("entry"), T("type"), T("document"), T("eventId"), T("source"), T("stream"), N("offset"), At("time"), At("arrival"),
        T("outcome"), T("reason"))), At("prunedUpTo"), T("cursor"));

    private static readonly Shape Event = new("Event", T("id"), T("source"), T("type"), T("subject"), At("time"), O("data", null));

    internal static readonly Shape Entry = new("Entry", T("entry"), T("outcome"), T("reason", always: false), At("arrival"), T("stream", always: false), N("offset", always: false), O("event", Event));

    internal static readonly Shape DeadLetter = new("DeadLetter", T("entry"), T("outcome"), T("reason", always: false), At("arrival"), T("stream", always: false), N("offset", always: false), O("event", Event),
        T("recordAsJson", always: false), L("replays", new Shape("Replay", T("proposal"), T("state"), T("entry"))), L("discards", new Shape("Discard", T("proposal"), T("state"), T("reason"), T("proposedBy"))));

    internal static readonly Shape Endings = new("Endings", Day("today"), N("days"), F("isWhole"), L("counts", new Shape("EndingCount", T("kind"), N("count"))),
        L("rows", new Shape("Ending", T("customer"), T("name"), T("kind"), T("id"), Day("on"), N("daysLeft"), D("amount"), T("currency"))));

    internal static readonly Shape LimitEffect = new("LimitEffect", T("reason"), T("kind"), D("limit"), D("gross"), N("utilisationBp"), L("frees", new Shape("FreedOrder", T("orderId"), D("amount"), T("currency"))), N("stays"));

    internal static readonly Shape LimitGaps = new("LimitGaps", Day("today"), T("kind"), F("isWhole"), N("total"),
        L("rows", new Shape("LimitGap", T("customer"), T("name"), T("limitKind"), D("limit"), D("insured"), D("gross"), T("currency"), Day("reviewedOn"))));

    internal static readonly Shape Chain = new("Chain", At("provedAt"), T("violation"), L("partitions", new Shape("ChainOfPartition", N("partition"), N("epoch"), N("head"), T("headHash"), N("provedFrom"), N("provedUpTo"))),
        N("prunedBase"), O("anchors", new Shape("Anchoring", N("number"), At("at"), N("places"), T("problem"))));

    internal static readonly Shape Partitions = new("Partitions", N("queued"), N("commitP50Micros"), N("commitP99Micros"),
        L("partitions", new Shape("PartitionStanding", N("partition"), F("isHere"), F("serves"), T("why"), N("epoch"), N("head"), N("rules"), N("shown"), O("recovery", new Shape("RecoveryProgress", N("accounts"), N("accountsAll"), N("frames"), N("framesAll"))))));

    internal static readonly Shape Sources = new("Sources", L("sources", new Shape("SourceFigures", T("source"), At("lastAt"), N("lastMinute"), N("applied"), N("duplicates"), N("conflicting"), N("parked"), N("superseded"), N("refused"), N("undecodable"))));

    internal static readonly Shape Records = new("Records", L("rows", null), T("cursor", always: false));

    private static readonly Shape PolicyParameter = new("PolicyParameter", T("name"), T("value"));

    internal static readonly Shape Policy = new("Policy", T("policyId"), N("version"), L("parameters", PolicyParameter), L("waiting", new Shape("WaitingPolicy", N("version"), At("effectiveAt"), L("parameters", PolicyParameter))),
        L("reasonCodes", new Shape("ReasonCode", T("code"), F("forRelease"), F("forRefusal"), F("asksForDay"))));

    internal static readonly Shape PolicyParameters = new("PolicyParameters", L("parameters", new Shape("PolicyParameterTold", T("name"), T("default"), T("least"), T("most"), T("meaning"))));

    private static readonly Shape TrialOrders = new("TrialOrders", N("count"), D("amount"), L("largest", new Shape("TrialOrder", T("customer"), T("orderId"), D("amount"), T("currency"), Texts("rules"))));

    private static readonly Shape TrialSide = new("TrialSide", N("held"), D("heldAmount"), N("minutesOnHold"), N("releasedByRule"), N("signals"), N("signalsPerDayThousandths"), N("severe"));

    private static readonly Shape TrialPast = new("TrialPast", N("days"), At("from"), N("entries"), O("real", TrialSide), O("drafted", TrialSide), O("added", TrialOrders), O("removed", TrialOrders), D("writtenOff"), D("writeOffsAvoided"));

    internal static readonly Shape Trial = new("PolicyTrial", At("asOf"), T("baseCurrency"), Texts("objections"), N("inForceVersion"), N("customers"), L("bands", new Shape("TrialBand", N("band"), N("before"), N("after"))),
        L("moves", new Shape("TrialMove", N("from"), N("to"), N("customers"))), O("wouldHold", TrialOrders), O("wouldFree", TrialOrders), N("releasedAtOnce"), N("signalsRaised"), N("signalsResolved"), O("past", TrialPast));

    internal static readonly Shape Rates = new("Rates", T("baseCurrency"), L("rates", new Shape("Rate", T("from"), T("rate"), At("asOf"))));

    internal static readonly Shape Switch = new("Switch", F("on"), new ShapeField("notYet", FieldKind.Wholes, IsAlways: true));

    internal static readonly Shape Proposal = new("Proposal", T("id"), T("kind"), T("customer"), T("state"), T("proposedBy"), At("proposedAt"), Day("lapsesAfter"), Texts("approvedBy"), T("rejectedBy"), At("decidedAt"),
        T("reason"), T("entry"), T("failure"), new ShapeField("proposed", FieldKind.Any, IsAlways: true), NotYet);

    internal static readonly Shape Proposals = new("Proposals", L("proposals", Proposal));

    internal static readonly Shape Approvals = new("Approvals", L("kinds", new Shape("Deciders", T("kind"), Texts("roles"))), T("currency"), F("directLimit"), N("limitRaiseFactor"), D("limitCap"), D("twoApproversAbove"));

    private static readonly Shape Key = new("Key", T("prefix"), T("subject"), Texts("roles"), D("authority"), Texts("segments"), F("mayCarryAuthority"), T("state"), At("createdAt"), T("createdBy"), T("approvedBy"),
        At("expiresAt"), At("endedAt"));

    internal static readonly Shape Keys = new("Keys", L("keys", Key));

    internal static readonly Shape Users = new("Users", L("users", Key));

    internal static readonly Shape UserMade = new("UserMade", T("password"), O("user", Key), O("proposal", Proposal));

    internal static readonly Shape KeyMade = new("KeyMade", T("key"), O("stored", Key), O("proposal", Proposal));

    private static ShapeField T(string name, bool always = true) => new(name, FieldKind.Text, IsAlways: always);

    private static ShapeField D(string name, bool always = true) => new(name, FieldKind.Digits, IsAlways: always);

    private static ShapeField N(string name, bool always = true) => new(name, FieldKind.Whole, IsAlways: always);

    private static ShapeField F(string name, bool always = true) => new(name, FieldKind.Flag, IsAlways: always);

    private static ShapeField Day(string name) => new(name, FieldKind.Date, IsAlways: true);

    private static ShapeField At(string name, bool always = true) => new(name, FieldKind.Moment, IsAlways: always);

    private static ShapeField Texts(string name) => new(name, FieldKind.Texts, IsAlways: true);

    private static ShapeField O(string name, Shape? of) => new(name, FieldKind.Object, of, IsAlways: true);

    private static ShapeField L(string name, Shape? of) => new(name, FieldKind.List, of, IsAlways: true);
}
