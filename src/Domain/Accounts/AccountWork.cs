namespace ExposureMonitor.Domain;

/// <summary>
/// One fact at work on one account. The parts of this class are the trades: orders, invoices, payments, limits,
/// holds, signals. Each handler asks its guards first and returns their outcome; from the line where it begins to
/// change documents it cannot fail.
/// </summary>
internal sealed partial class AccountWork(Book book)
{
    /// <summary>So many times the largest document fit into any sum before it could overflow.</summary>
    private const long MagnitudeMax = long.MaxValue / 8;

    private Fact _fact = null!;
    private string? _atText, _customer;
    private EffectBuffer _effects = null!;

    /// <summary>Effects of the entry before this work began: other accounts' in a sweep.</summary>
    private int _saidBefore;

    private int Slot { get; set; }

    private PartitionContext Context { get; set; } = null!;

    private EntryPosition At { get; set; }

    /// <summary>The same as text, made once an entry: every reason of every order names it.</summary>
    private string AtText => _atText ??= At.ToString();

    /// <summary>The customer's id: of the fact, by which the account was found, else read once.</summary>
    private string Customer => _customer ??= book.CustomerAt(Slot);

    private ulong Content { get; set; }

    /// <summary>A document's id as text; that of the fact itself is no new text.</summary>
    private string IdText(int text) => _fact is { Document: { Length: > 0 } told } && book.Texts.Holds(text, told) ? told : book.Texts.Get(text);

    /// <summary>Stream time of the entry.</summary>
    private Instant Now { get; set; }

    private ref AccountRecord Account => ref book.Account(Slot);

    private Policy Policy => book.PolicyOf(Slot, Context);

    /// <summary>Starts work on an account under a context; what a fact before left behind is none of this account's.</summary>
    internal void Begin(int slot, PartitionContext context, EntryPosition at, Instant now, EffectBuffer effects)
    {
        (Slot, Context, At, Now, _effects, _saidBefore, _fact) = (slot, context, at, now, effects, effects.Effects.Count, null!);
        book.Counted.Clear();
        _isMeasured = false;
        (_itemsChanged, _ordersChanged, _baselinesChanged, _byRate) = (false, false, false, default);
        (_atText, _customer) = (null, null);
    }

    /// <summary>Applies one fact and what follows from it: parked facts, holds, signals, timers.</summary>
    internal Outcome Apply(Fact fact, ulong content)
    {
        (_fact, Content, _customer) = (fact, content, fact.Customer);
        var limit = EffectiveLimit.Of(book, Slot, Context, Now);
        var room = Room();
        LookBack();
        var outcome = Decide(fact);
        if (outcome.Kind == OutcomeKind.Superseded) NoteOvertaken();
        if (outcome.Kind != OutcomeKind.Applied) return outcome;
        ReleaseParked();
        if (fact is OrderPlaced placed) EndNeedlessReservation(placed);
        KeepPlans();
        KeepHabits();
        RememberFreed(room);
        TellEffectiveLimit(limit);
        JudgeHolds();
        KeepGroup();
        TakeBack();
        JudgeSignals();
        NoteMissed();
        PlanLook();
        WakeForRates();
        // What is new counts in the score of the next day.
        if (Policy.Is(Parameter.ScoreOn)) WakeAhead(Context.Today + 1);
        book.Schedule(Slot, Now);
        return outcome;
    }

    private void Say(Effect effect)
    {
        effect.Customer = Customer;
        _effects.Add(effect);
    }

    private Outcome Decide(Fact fact)
    {
        if (fact.KnownClosed != 0) return GradedClosed(fact);
        if (IsTooOld(fact)) return Park(DocumentKind.Admission, fact.Document);
        return Follows(fact) ? Outcome.Applied : Dispatch(fact);
    }

    private Outcome Dispatch(Fact fact)
    {
        MindQuiet(fact);
        return Handle(fact);
    }

    private Outcome Handle(Fact fact) => fact switch
    {
        OrderPlaced f => Place(f),
        OrderChanged f => Change(f),
        OrderReopened f => Reopen(f),
        OrderCancelled f => SetStatus(f.OrderId, OrderStatus.Cancelled, f.Version),
        OrderClosed f => SetStatus(f.OrderId, OrderStatus.Closed, f.Version),
        OrderPayerChanged f => ChangePayer(f),
        OrderTransferred f => TakeOver(f),
        OrderTransferAnswered f => EndTransfer(f),
        LeaseReport f => TakeReport(f),
        LeaseStatement f => TakeLease(f),
        GroupAnswered f => TakeParent(f),
        HoldAcknowledged f => Acknowledge(f),
        DeliveryPosted f => Deliver(f),
        DeliveryReversed f => Reverse(f),
        ReturnReceived f => TakeBack(f),
        InvoiceBilled f => Bill(f),
        InvoicePosted f => Post(f),
        InvoiceCancelled f => CancelInvoice(f),
        InvoiceDueDateChanged f => ChangeDueDate(f),
        PlanAgreed f => AgreePlan(f),
        PlanEnded f => EndPlan(f),
        MoratoriumSet f => Pause(f),
        CreditNoteIssued f => Credit(f),
        PaymentReceived f => Receive(f),
        PaymentCleared f => Clear(f),
        PaymentAllocated f => Allocate(f),
        PaymentDeallocated f => Deallocate(f),
        PaymentReturned f => Return(f),
        PaymentRefunded f => Refund(f),
        AcceptanceReceived f => Accept(f),
        AcceptanceTransferred f => Leave(f.AcceptanceId, f.Recourse),
        AcceptanceHonoured f => Leave(f.AcceptanceId, recourse: false),
        AcceptanceDishonoured f => Dishonour(f),
        WriteOffPosted f => WriteOff(f),
        WriteOffReversed f => UndoWriteOff(f),
        InterestCharged f => ChargeInterest(f),
        DisputeOpened f => OpenDispute(f),
        DisputeClosed f => CloseDispute(f),
        DunningSent f => Dun(f),
        ExternalExposureReported f => ReportExternal(f),
        CustomerOpened f => OpenCustomer(f),
        CustomerChanged f => ChangeCustomer(f),
        CustomerClosed f => CloseCustomer(f),
        CustomerReparented f => Reparent(f),
        RatingOverridden f => OverrideGrade(f),
        LimitSet f => SetLimit(f),
        LimitRemoved f => RemoveLimit(f),
        TemporaryLimitGranted f => GrantTemporary(f),
        TemporaryLimitEnded f => EndTemporary(f),
        SeasonalLimitSet f => SetSeason(f),
        SeasonalLimitRemoved f => RemoveSeason(f),
        TermsAssigned f => AssignTerms(f),
        CoverGranted f => GrantCover(f),
        CoverChanged f => ChangeCover(f),
        CoverStopped f => StopCover(f),
        CoverEnded f => EndCover(f),
        ReviewCompleted f => CompleteReview(f),
        CheckCredit f => Check(f),
        EndReservation f => EndReservationByHand(f),
        RequestRelease f => RequestReleaseOf(f),
        ApproveRelease f => ApproveReleaseOf(f),
        RejectRelease f => RejectReleaseOf(f),
        RejectOrder f => RejectOrderOf(f),
        ForceHold f => ForceHoldOf(f),
        RequestLimit f => RequestLimitOf(f),
        DecideLimit f => DecideLimitOf(f),
        SetExclusion f => Exclude(f),
        EndExclusion f => EndExclusionOf(f),
        LiftForcedHold f => LiftForcedHoldOf(f),
        StatementSent f => SendStatement(f),
        StatementAnswered f => AnswerStatement(f),
        PromiseMade f => Promise(f),
        PromiseWithdrawn f => WithdrawPromise(f),
        RatingReceived f => Rate(f),
        FinancialStatementFiled f => File(f),
        ExternalSignalReceived f => HearNews(f),
        CloseSignal f => CloseSignalOf(f),
        StopCustomer f => Stop(f),
        LiftStop f => LiftStopOf(f),
        AdmitDocument f => Admit(f),
        _ => Record(fact),
    };

    /// <summary>A fact that moves no value and that no rule of this version reads: it stands in the history.</summary>
    private Outcome Record(Fact fact)
    {
        if (!fact.Creates || fact.Document.Length == 0) return Outcome.Applied;
        var known = book.FindMovement(Slot, MovementKind.Note, fact.Document);
        if (known != 0) return Graded(book.Movements[known].Content, fact.Document);
        book.OpenMovement(Slot, MovementKind.Note, fact.Document, Content);
        return Outcome.Applied;
    }

    /// <summary>The same document again: a quiet duplicate, or a conflict when it says something else.</summary>
    private Outcome Graded(ulong known, string id) =>
        known == Content ? Outcome.Duplicate : Outcome.Conflict($"'{id}' is known with other content.");

    /// <summary>Guards every amount that is booked: the largest document, and the sum that no ledger may outgrow.</summary>
    private bool Refuses(long amount, out Outcome refusal)
    {
        refusal = default;
        var most = Policy[Parameter.DocumentAmountMax];
        if (amount <= 0)
            refusal = Outcome.Refused("BAD_AMOUNT", $"{amount} is no amount of a document.");
        else if (amount > most)
            refusal = Outcome.Refused("AMOUNT_TOO_LARGE", $"{amount} is more than {most} minor units in one document.");
        else if (Account.Magnitude > MagnitudeMax - amount)
            refusal = Outcome.Refused("OVERFLOW", "The sum of all amounts of this customer would leave the range of a ledger.");
        return refusal.Kind != default;
    }

    /// <summary>Every booked amount counts toward the largest sum that could ever stand in a ledger.</summary>
    private void Weigh(long amount) => Account.Magnitude += amount;

    /// <summary>Waits for its predecessor; after the time of the policy it becomes a dead letter, still replayable.</summary>
    private Outcome Park(DocumentKind kind, string id)
    {
        var rare = book.RareFor(Slot);
        foreach (var parked in rare.Parked)
        {
            // The same said again at another time is another fact: a due date that goes there, back, and there again.
            if (parked.Fact.GetType() == _fact.GetType() && parked.Fact.Document == _fact.Document
                && parked.WaitsForId == id && parked.Content == Content && parked.Fact.Time == _fact.Time)
                return Outcome.Duplicate;
        }

        Few.Add(ref rare.Parked, new ParkedState
        {
            Fact = _fact, Content = Content, WaitsFor = kind, WaitsForId = id, Entry = At,
            Until = Now.Plus(Policy[Parameter.ParkDays] * Instant.Day),
        });
        book.Schedule(Slot, Now);
        return kind == DocumentKind.Admission
            ? new Outcome(OutcomeKind.Parked, "TOO_OLD", $"'{id}' is older than {Policy[Parameter.TooOldDays]} days; a person admits it.")
            : Outcome.Parked($"waits for {kind} '{id}'");
    }

    private bool Exists(DocumentKind kind, string id) => kind switch
    {
        DocumentKind.Order => book.FindOrder(Slot, id) is var order && order != 0 && book.Orders[order].Placed,
        DocumentKind.Delivery => book.FindDelivery(Slot, id) is var delivery && delivery != 0 && book.Deliveries[delivery].Posted,
        DocumentKind.Item => book.FindItem(Slot, id) != 0,
        DocumentKind.Source => book.FindSource(Slot, id) != 0,
        DocumentKind.Allocation => book.FindAllocation(Slot, id) != 0,
        DocumentKind.Movement => book.FindMovement(Slot, MovementKind.Dispute, id) != 0,
        DocumentKind.Customer => IsGranted(id),
        _ => false,
    };

    /// <summary>True for a cover, a temporary limit or a plan of the customer.</summary>
    private bool IsGranted(string id)
    {
        if (book.RareOf(Slot) is not { } rare) return false;
        foreach (var cover in rare.Covers)
            if (cover.Id == id) return true;
        foreach (var temporary in rare.Temporary)
            if (temporary.Id == id) return true;
        foreach (var plan in rare.Plans)
            if (plan.Id == id) return true;
        return false;
    }

    /// <summary>Parked facts whose predecessor has come are applied in the order in which they came.</summary>
    private void ReleaseParked()
    {
        if (book.RareOf(Slot) is not { Parked.Count: > 0 } rare) return;
        for (var again = true; again;)
        {
            again = false;
            for (var i = 0; i < rare.Parked.Count; i++)
            {
                var parked = rare.Parked[i];
                if (!Exists(parked.WaitsFor, parked.WaitsForId)) continue;
                rare.Parked.RemoveAt(i);
                (_fact, Content) = (parked.Fact, parked.Content);
                var outcome = Follows(parked.Fact) ? Outcome.Applied : Dispatch(parked.Fact);
                if (outcome.IsDead)
                    Say(new ParkedFactLapsed
                    {
                        Reason = outcome.Reason, EventId = parked.Fact.EventId, WireType = FactCatalogue.WireTypeOf(parked.Fact),
                        Entry = parked.Entry.ToString(), WaitedFor = outcome.Detail,
                    });
                again = true;
                break;
            }
        }
    }

    private void LapseParked()
    {
        if (book.RareOf(Slot) is not { Parked.Count: > 0 } rare) return;
        for (var i = rare.Parked.Count - 1; i >= 0; i--)
        {
            var parked = rare.Parked[i];
            if (parked.Until > Now) continue;
            rare.Parked.RemoveAt(i);
            Say(new ParkedFactLapsed
            {
                Reason = parked.WaitsFor == DocumentKind.Admission ? "TOO_OLD" : "NO_PREDECESSOR", EventId = parked.Fact.EventId, WireType = FactCatalogue.WireTypeOf(parked.Fact),
                Entry = parked.Entry.ToString(), WaitedFor = $"{parked.WaitsFor} '{parked.WaitsForId}'",
            });
        }
    }
}
