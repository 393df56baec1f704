namespace ExposureMonitor.Domain;

/// <summary>Every kind of fact: its number in the journal (never reused), its type on the wire, how to make one.</summary>
public static partial class FactCatalogue
{
    private static readonly Entry[] Entries =
    [
        new(1, "credit.order.placed.v1", typeof(OrderPlaced), static () => new OrderPlaced()),
        new(2, "credit.order.changed.v1", typeof(OrderChanged), static () => new OrderChanged()),
        new(3, "credit.order.cancelled.v1", typeof(OrderCancelled), static () => new OrderCancelled()),
        new(4, "credit.order.closed.v1", typeof(OrderClosed), static () => new OrderClosed()),
        new(5, "credit.order.reopened.v1", typeof(OrderReopened), static () => new OrderReopened()),
        new(6, "credit.order.hold-acknowledged.v1", typeof(HoldAcknowledged), static () => new HoldAcknowledged()),
        new(7, "credit.order.payer-changed.v1", typeof(OrderPayerChanged), static () => new OrderPayerChanged()),
        new(8, "credit.delivery.posted.v1", typeof(DeliveryPosted), static () => new DeliveryPosted()),
        new(9, "credit.delivery.reversed.v1", typeof(DeliveryReversed), static () => new DeliveryReversed()),
        new(10, "credit.return.received.v1", typeof(ReturnReceived), static () => new ReturnReceived()),
        new(11, "credit.invoice.billed.v1", typeof(InvoiceBilled), static () => new InvoiceBilled()),
        new(12, "credit.invoice.posted.v1", typeof(InvoicePosted), static () => new InvoicePosted()),
        new(13, "credit.invoice.cancelled.v1", typeof(InvoiceCancelled), static () => new InvoiceCancelled()),
        new(14, "credit.invoice.due-date-changed.v1", typeof(InvoiceDueDateChanged), static () => new InvoiceDueDateChanged()),
        new(15, "credit.interest.charged.v1", typeof(InterestCharged), static () => new InterestCharged()),
        new(16, "credit.credit-note.issued.v1", typeof(CreditNoteIssued), static () => new CreditNoteIssued()),
        new(17, "credit.payment.received.v1", typeof(PaymentReceived), static () => new PaymentReceived()),
        new(18, "credit.payment.cleared.v1", typeof(PaymentCleared), static () => new PaymentCleared()),
        new(19, "credit.payment.allocated.v1", typeof(PaymentAllocated), static () => new PaymentAllocated()),
        new(20, "credit.payment.deallocated.v1", typeof(PaymentDeallocated), static () => new PaymentDeallocated()),
        new(21, "credit.payment.returned.v1", typeof(PaymentReturned), static () => new PaymentReturned()),
        new(22, "credit.payment.refunded.v1", typeof(PaymentRefunded), static () => new PaymentRefunded()),
        new(23, "credit.acceptance.received.v1", typeof(AcceptanceReceived), static () => new AcceptanceReceived()),
        new(24, "credit.acceptance.transferred.v1", typeof(AcceptanceTransferred), static () => new AcceptanceTransferred()),
        new(25, "credit.acceptance.honoured.v1", typeof(AcceptanceHonoured), static () => new AcceptanceHonoured()),
        new(26, "credit.acceptance.dishonoured.v1", typeof(AcceptanceDishonoured), static () => new AcceptanceDishonoured()),
        new(27, "credit.write-off.posted.v1", typeof(WriteOffPosted), static () => new WriteOffPosted()),
        new(28, "credit.write-off.reversed.v1", typeof(WriteOffReversed), static () => new WriteOffReversed()),
        new(29, "credit.dispute.opened.v1", typeof(DisputeOpened), static () => new DisputeOpened()),
        new(30, "credit.dispute.closed.v1", typeof(DisputeClosed), static () => new DisputeClosed()),
        new(31, "credit.dunning.sent.v1", typeof(DunningSent), static () => new DunningSent()),
        new(32, "credit.statement.sent.v1", typeof(StatementSent), static () => new StatementSent()),
        new(33, "credit.statement.answered.v1", typeof(StatementAnswered), static () => new StatementAnswered()),
        new(34, "credit.promise.made.v1", typeof(PromiseMade), static () => new PromiseMade()),
        new(35, "credit.promise.withdrawn.v1", typeof(PromiseWithdrawn), static () => new PromiseWithdrawn()),
        new(36, "credit.plan.agreed.v1", typeof(PlanAgreed), static () => new PlanAgreed()),
        new(37, "credit.plan.ended.v1", typeof(PlanEnded), static () => new PlanEnded()),
        new(38, "credit.external-exposure.reported.v1", typeof(ExternalExposureReported), static () => new ExternalExposureReported()),
        new(60, "credit.customer.opened.v1", typeof(CustomerOpened), static () => new CustomerOpened()),
        new(61, "credit.customer.changed.v1", typeof(CustomerChanged), static () => new CustomerChanged()),
        new(62, "credit.customer.reparented.v1", typeof(CustomerReparented), static () => new CustomerReparented()),
        new(63, "credit.customer.closed.v1", typeof(CustomerClosed), static () => new CustomerClosed()),
        new(64, "credit.limit.set.v1", typeof(LimitSet), static () => new LimitSet()),
        new(65, "credit.limit.removed.v1", typeof(LimitRemoved), static () => new LimitRemoved()),
        new(66, "credit.temporary-limit.granted.v1", typeof(TemporaryLimitGranted), static () => new TemporaryLimitGranted()),
        new(67, "credit.temporary-limit.ended.v1", typeof(TemporaryLimitEnded), static () => new TemporaryLimitEnded()),
        new(68, "credit.seasonal-limit.set.v1", typeof(SeasonalLimitSet), static () => new SeasonalLimitSet()),
        new(69, "credit.seasonal-limit.removed.v1", typeof(SeasonalLimitRemoved), static () => new SeasonalLimitRemoved()),
        new(70, "credit.terms.assigned.v1", typeof(TermsAssigned), static () => new TermsAssigned()),
        new(71, "credit.moratorium.set.v1", typeof(MoratoriumSet), static () => new MoratoriumSet()),
        new(72, "credit.cover.granted.v1", typeof(CoverGranted), static () => new CoverGranted()),
        new(73, "credit.cover.changed.v1", typeof(CoverChanged), static () => new CoverChanged()),
        new(74, "credit.cover.stopped.v1", typeof(CoverStopped), static () => new CoverStopped()),
        new(75, "credit.cover.ended.v1", typeof(CoverEnded), static () => new CoverEnded()),
        new(76, "credit.rating.received.v1", typeof(RatingReceived), static () => new RatingReceived()),
        new(77, "credit.rating.overridden.v1", typeof(RatingOverridden), static () => new RatingOverridden()),
        new(78, "credit.financial-statement.filed.v1", typeof(FinancialStatementFiled), static () => new FinancialStatementFiled()),
        new(79, "credit.external-signal.received.v1", typeof(ExternalSignalReceived), static () => new ExternalSignalReceived()),
        new(80, "credit.review.completed.v1", typeof(ReviewCompleted), static () => new ReviewCompleted()),
        new(90, "credit.fx-rate.published.v1", typeof(FxRatePublished), static () => new FxRatePublished()),
        new(91, "credit.policy.activated.v1", typeof(PolicyActivated), static () => new PolicyActivated()),
        new(92, "credit.calendar.published.v1", typeof(CalendarPublished), static () => new CalendarPublished()),
        new(93, "credit.portfolio.measured.v1", typeof(PortfolioMeasured), static () => new PortfolioMeasured()),
        new(100, "check.credit", typeof(CheckCredit), static () => new CheckCredit()),
        new(101, "reservation.end", typeof(EndReservation), static () => new EndReservation()),
        new(102, "release.request", typeof(RequestRelease), static () => new RequestRelease()),
        new(103, "release.approve", typeof(ApproveRelease), static () => new ApproveRelease()),
        new(104, "release.reject", typeof(RejectRelease), static () => new RejectRelease()),
        new(105, "order.reject", typeof(RejectOrder), static () => new RejectOrder()),
        new(106, "hold.force", typeof(ForceHold), static () => new ForceHold()),
        new(107, "limit.request", typeof(RequestLimit), static () => new RequestLimit()),
        new(108, "limit.decide", typeof(DecideLimit), static () => new DecideLimit()),
        new(109, "global-hold.switch", typeof(SwitchGlobalHold), static () => new SwitchGlobalHold()),
        new(110, "clock.to-wall", typeof(SwitchToWallClock), static () => new SwitchToWallClock()),
        new(111, "opening-load.switch", typeof(SwitchOpeningLoad), static () => new SwitchOpeningLoad()),
        new(112, "document.admit", typeof(AdmitDocument), static () => new AdmitDocument()),
        new(140, "proposal.make", typeof(MakeProposal), static () => new MakeProposal()),
        new(141, "proposal.decide", typeof(DecideProposal), static () => new DecideProposal()),
        new(142, "proposal.complete", typeof(CompleteProposal), static () => new CompleteProposal()),
        new(143, "key.make", typeof(MakeKey), static () => new MakeKey()),
        new(144, "key.end", typeof(EndKey), static () => new EndKey()),
        new(145, "journal.prune", typeof(PruneJournal), static () => new PruneJournal()),
        new(146, "export.note", typeof(NoteExport), static () => new NoteExport()),
        new(147, "dead-letter.discard", typeof(DiscardDeadLetter), static () => new DiscardDeadLetter()),
        new(148, "scorecard.propose", typeof(ProposeScorecard), static () => new ProposeScorecard()),
        new(149, "scorecard.withdraw", typeof(WithdrawScorecard), static () => new WithdrawScorecard()),
        new(120, "order.transferred", typeof(OrderTransferred), static () => new OrderTransferred()),
        new(121, "order.transfer-answered", typeof(OrderTransferAnswered), static () => new OrderTransferAnswered()),
        new(150, "credit.group.asked.v1", typeof(GroupAsked), static () => new GroupAsked()),
        new(151, "credit.group.answered.v1", typeof(GroupAnswered), static () => new GroupAnswered()),
        new(152, "credit.lease.asked.v1", typeof(LeaseAsked), static () => new LeaseAsked()),
        new(153, "credit.lease.returned.v1", typeof(LeaseReturned), static () => new LeaseReturned()),
        new(154, "credit.lease.forced.v1", typeof(LeaseForced), static () => new LeaseForced()),
        new(155, "credit.lease.reported.v1", typeof(LeaseReported), static () => new LeaseReported()),
        new(156, "credit.lease.granted.v1", typeof(LeaseGranted), static () => new LeaseGranted()),
        new(157, "credit.lease.recalled.v1", typeof(LeaseRecalled), static () => new LeaseRecalled()),
        new(158, "credit.lease.refused.v1", typeof(LeaseRefused), static () => new LeaseRefused()),
        new(159, "credit.lease.told.v1", typeof(LeaseTold), static () => new LeaseTold()),
        new(130, "exclusion.set", typeof(SetExclusion), static () => new SetExclusion()),
        new(131, "exclusion.end", typeof(EndExclusion), static () => new EndExclusion()),
        new(132, "hold.lift", typeof(LiftForcedHold), static () => new LiftForcedHold()),
        new(133, "customer.stop", typeof(StopCustomer), static () => new StopCustomer()),
        new(134, "customer.lift-stop", typeof(LiftStop), static () => new LiftStop()),
        new(135, "signal.close", typeof(CloseSignal), static () => new CloseSignal()),
        new(200, "credit.day.started.v1", typeof(DayStarted), static () => new DayStarted()),
        new(201, "credit.timer.due.v1", typeof(TimerDue), static () => new TimerDue()),
        new(202, "sweep.due", typeof(SweepDue), static () => new SweepDue()),
        new(204, "credit.feed.stale.v1", typeof(FeedStale), static () => new FeedStale()),
        new(205, "credit.feed.current.v1", typeof(FeedCurrent), static () => new FeedCurrent()),
        new(206, "credit.authority.requested.v1", typeof(AuthorityRequested), static () => new AuthorityRequested()),
        new(207, "credit.stream.taken.v1", typeof(StreamTaken), static () => new StreamTaken()),
        new(208, "credit.rules.raised.v1", typeof(RulesRaised), static () => new RulesRaised()),
        new(203, "record.undecodable", typeof(UndecodableRecord), static () => new UndecodableRecord()),
    ];

    private static readonly Dictionary<Type, int> Numbers = Entries.ToDictionary(e => e.Type, e => e.Number);
    private static readonly Dictionary<int, Entry> ByNumber = Entries.ToDictionary(e => e.Number);
    private static readonly Dictionary<string, Entry> ByWireType =
        Entries.ToDictionary(e => e.WireType, StringComparer.Ordinal);

    /// <summary>One kind of fact.</summary>
    /// <param name="Number">Number in the journal.</param>
    /// <param name="WireType">CloudEvents type, or the name of a command or of a fact that the partition makes itself.</param>
    /// <param name="Type">The class.</param>
    /// <param name="Create">Makes an empty one.</param>
    public sealed record Entry(int Number, string WireType, Type Type, Func<Fact> Create)
    {
        /// <summary>True when the type may arrive from a topic, a file or the events endpoint.</summary>
        public bool IsEvent => !Type.IsSubclassOf(typeof(Command)) && !Type.IsSubclassOf(typeof(PartitionFact)) && !Type.IsAssignableTo(typeof(IAccountMessage));
    }

    /// <summary>All kinds, by number.</summary>
    public static IReadOnlyList<Entry> All => Entries;

    /// <summary>Number of the fact's kind.</summary>
    public static int NumberOf(Fact fact) => fact.Number != 0 ? fact.Number : fact.Number = Numbers[fact.GetType()];

    /// <summary>Type on the wire of the fact's kind.</summary>
    public static string WireTypeOf(Fact fact) => ByNumber[NumberOf(fact)].WireType;

    /// <summary>The kind with this type on the wire, or <c>null</c>.</summary>
    public static Entry? Find(string wireType) => ByWireType.GetValueOrDefault(wireType);

    /// <summary>An empty fact of a kind.</summary>
    /// <exception cref="InvalidDataException">The number belongs to a later version.</exception>
    public static Fact Create(int number) => ByNumber.TryGetValue(number, out var entry)
        ? entry.Create()
        : throw new InvalidDataException($"Fact kind {number} is unknown to this version.");
}

/// <summary>A fact that a partition journals by itself; never taken from a topic.</summary>
public abstract class PartitionFact : Fact
{
    private protected PartitionFact()
    {
    }
}
