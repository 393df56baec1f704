namespace ExposureMonitor.Domain;

/// <summary>What people do with held orders, two at a time (credit.md 7.4).</summary>
internal sealed partial class AccountWork
{
    private static Outcome NotHeld(string orderId) => Outcome.Refused("NOT_ON_HOLD", $"Order '{orderId}' is not on hold.");

    /// <summary>The same moment so many business days later.</summary>
    private Instant AfterBusinessDays(long days) =>
        Context.Today == 0 ? Now.Plus(days * Instant.Day) : Now.Plus((Context.Calendar.After(Context.Today, days) - Context.Today) * Instant.Day);

    private Outcome RequestReleaseOf(RequestRelease f)
    {
        if (HoldOf(f.OrderId) is not { } hold) return NotHeld(f.OrderId);
        if (f.Reason.Length == 0) return Outcome.Refused("REASON_MISSING", "A request for release needs a reason.");
        ref var order = ref book.Orders[hold.Order];
        if (order.State == OrderState.PendingApproval) return Outcome.Refused("ALREADY_REQUESTED", $"{hold.RequestedBy} asked already.");
        (hold.RequestedBy, hold.RequestReason, hold.RequestedAt) = (f.Actor, f.Reason, Now);
        hold.LapsesAt = AfterBusinessDays(Policy[Parameter.ApprovalDays]);
        hold.Approvals.Clear();
        (hold.ShownOrderVersion, hold.ShownLimitVersion, hold.ShownValue) = (order.TermsVersion, LimitVersion, ValueOf(hold.Order));
        hold.ShownReasons = ValidReasons(hold);
        SetState(hold.Order, OrderState.PendingApproval);
        TellHold(HoldChanged.Requested, hold, null, f.Actor, "", f.Reason);
        return Outcome.Applied;
    }

    private long LimitVersion => Account.LimitVersion;

    private static List<string> ValidReasons(HoldState hold)
    {
        var names = new List<string>();
        foreach (var reason in hold.Reasons)
            if (reason.StillValid) names.Add(reason.Rule);
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    private Outcome ApproveReleaseOf(ApproveRelease f)
    {
        if (HoldOf(f.OrderId) is not { } hold) return NotHeld(f.OrderId);
        ref var order = ref book.Orders[hold.Order];
        if (order.State != OrderState.PendingApproval) return Outcome.Refused("NO_REQUEST", $"Nobody asked to release '{f.OrderId}'.");
        if (f.Actor == hold.RequestedBy || f.Actor == hold.ForcedBy || hold.Approvals.Contains(f.Actor))
            return Outcome.Refused("SELF_APPROVAL", "Requester and approvers must be different people.");
        if (HasConflictOfDuty(f.Actor)) return Outcome.Refused("CONFLICT_OF_DUTY", $"{f.Actor} raised the limit and may not approve the release.");
        if (Context.GlobalHold) return Outcome.Refused("GLOBAL_HOLD", "Nothing is released while everything is on hold.");
        if (Account.RiskState == RiskState.Stopped) return Outcome.Refused("STOPPED", "The customer is stopped; lift the stop first.");
        if (Moved(f, hold) is { } moved) return moved;
        if (LacksAuthority(hold.Order, f.Authority, out var value) is { } lacks) return lacks;

        hold.Approvals.Add(f.Actor);
        if (Policy[Parameter.TwoApproversAbove] is var two && two >= 0 && value > two && hold.Approvals.Count < 2)
        {
            TellHold(HoldChanged.Approved, hold, null, hold.RequestedBy, f.Actor, f.Reason);
            return Outcome.Applied;
        }

        var judgement = Judge(SubjectOf(hold.Order, isNew: false));
        Release(hold, judgement, hold.RequestedBy, string.Join(",", hold.Approvals), hold.RequestReason, "PersonWithAuthority");
        return Outcome.Applied;
    }

    /// <summary>
    /// An approval binds what was shown: the versions of order and limit, and the set of valid reasons; what the
    /// approver does not say is what the requester saw. Amounts may move within the value cap.
    /// </summary>
    private Outcome? Moved(ApproveRelease f, HoldState hold)
    {
        ref var order = ref book.Orders[hold.Order];
        var version = f.OrderVersion >= 0 ? f.OrderVersion : hold.ShownOrderVersion;
        var limit = f.LimitVersion >= 0 ? f.LimitVersion : hold.ShownLimitVersion;
        if (version != order.TermsVersion || limit != LimitVersion)
            return Outcome.Refused("VERSION_CONFLICT", $"Order version is {order.TermsVersion}, limit version {LimitVersion}; shown were {version} and {limit}.");
        var reasons = ValidReasons(hold);
        var shown = hold.ShownReasons;
        if (f.Reasons.Count > 0)
        {
            shown = [.. f.Reasons];
            shown.Sort(StringComparer.Ordinal);
        }

        var same = shown.Count == reasons.Count;
        for (var i = 0; same && i < shown.Count; i++) same = shown[i] == reasons[i];
        if (!same) return Outcome.Refused("VERSION_CONFLICT", $"The reasons are {string.Join(", ", reasons)}; shown were {string.Join(", ", shown)}.");
        var most = Rounding.Down((Int128)hold.ShownValue * (10_000 + Policy[Parameter.DeviationBp]), 10_000);
        return f.OrderVersion < 0 && ValueOf(hold.Order) > most
            ? Outcome.Refused("VERSION_CONFLICT", $"The order is worth {ValueOf(hold.Order)}; {hold.ShownValue} was shown.")
            : null;
    }

    /// <summary>Authority is an amount in the base currency, measured on the order's value or on the exposure after the release.</summary>
    private Outcome? LacksAuthority(int slot, long authority, out Int128 value)
    {
        ref var order = ref book.Orders[slot];
        var (amount, currency) = ((Int128)Math.Max(order.Ordered, ValueOf(slot)), order.Currency);
        if (Policy[Parameter.AuthorityOn] == 1)
        {
            var exposure = Exposure.Of(book, Slot, Context, Context.BaseCurrency);
            (amount, currency) = (exposure.Gross + (Context.Convert(book.Undelivered(order), order.Currency, Context.BaseCurrency) ?? 0), Context.BaseCurrency);
        }

        value = 0;
        if (Context.Convert(amount, currency, Context.BaseCurrency) is not { } measured) return Outcome.Refused("FX_MISSING", $"No rate for {currency}.");
        value = measured;
        return authority >= 0 && measured > authority
            ? Outcome.Refused("AUTHORITY", $"{measured} is to be approved, the authority is {authority} minor units of {Context.BaseCurrency}.")
            : null;
    }

    private bool HasConflictOfDuty(string actor) => Policy[Parameter.ConflictOfDutyHours] is var hours && hours > 0
        && Account.LimitRaisedBy != 0 && book.Names.Get(Account.LimitRaisedBy) == actor && Now < Account.LimitRaisedAt.Plus(hours * 3600 * Instant.Second);

    private Outcome RejectReleaseOf(RejectRelease f)
    {
        if (HoldOf(f.OrderId) is not { } hold) return NotHeld(f.OrderId);
        if (book.Orders[hold.Order].State != OrderState.PendingApproval) return Outcome.Refused("NO_REQUEST", $"Nobody asked to release '{f.OrderId}'.");
        EndRequest(hold, HoldChanged.TurnedDown, f.Actor, f.Reason);
        return Outcome.Applied;
    }

    private void EndRequest(HoldState hold, string step, string approver, string reason)
    {
        SetState(hold.Order, OrderState.OnHold);
        TellHold(step, hold, null, hold.RequestedBy, approver, reason);
        hold.RequestedBy = "";
        hold.LapsesAt = default;
    }

    private Outcome RejectOrderOf(RejectOrder f)
    {
        if (HoldOf(f.OrderId) is not { } hold) return NotHeld(f.OrderId);
        TellHold(HoldChanged.Rejected, hold, null, f.Actor, "", f.Reason);
        SetState(hold.Order, OrderState.Rejected);
        book.RareFor(Slot).Holds.Remove(hold);
        return Outcome.Applied;
    }

    private Outcome ForceHoldOf(ForceHold f)
    {
        var slot = book.FindOrder(Slot, f.OrderId);
        if (slot == 0 || !book.Orders[slot].Placed) return Outcome.Refused("UNKNOWN_ORDER", $"No order '{f.OrderId}'.");
        if (f.Reason.Length == 0) return Outcome.Refused("REASON_MISSING", "A forced hold needs a reason.");
        if (book.Undelivered(book.Orders[slot]) == 0) return Outcome.Refused("NOTHING_OPEN", $"Nothing of '{f.OrderId}' is undelivered.");
        Force(slot, f.Actor);
        return Outcome.Applied;
    }

    /// <summary>A hold by a person's word; the other reasons are kept beside it.</summary>
    private void Force(int slot, string actor)
    {
        var judgement = Judge(SubjectOf(slot, isNew: false));
        judgement.Reasons.Insert(0, new HoldReason { Rule = "FORCED", Reaction = Reaction.Hold, RuleVersion = Context.Policy.Version, Position = AtText });
        if (HoldOf(slot) is { } known) (known.Forced, known.ForcedBy) = (true, actor);
        var hold = Hold(slot, judgement, "Person");
        (hold.Forced, hold.ForcedBy) = (true, actor);
    }

    private Outcome LiftForcedHoldOf(LiftForcedHold f)
    {
        if (HoldOf(f.OrderId) is not { } hold) return NotHeld(f.OrderId);
        if (!hold.Forced || hold.ByStop) return Outcome.Refused("NOT_FORCED", $"No person holds '{f.OrderId}' by itself.");
        if (f.Reason.Length == 0) return Outcome.Refused("REASON_MISSING", "Lifting a forced hold needs a reason.");
        if (IsOnePerson(f.Actor, f.ApprovedBy)) return Outcome.Refused("SELF_APPROVAL", "Lifting a forced hold needs a second person.");
        if (LacksAuthority(hold.Order, f.Authority, out _) is { } lacks) return lacks;
        Unforce(hold);
        TellHold(HoldChanged.Lifted, hold, null, f.Actor, f.ApprovedBy, f.Reason, "PersonWithAuthority");
        return Outcome.Applied;
    }

    private static bool IsOnePerson(string actor, string approver) => approver.Length == 0 || approver == actor;

    /// <summary>Takes the person's word away: what the rules say of the order decides.</summary>
    private static void Unforce(HoldState hold)
    {
        (hold.Forced, hold.ForcedBy, hold.ByStop) = (false, "", false);
        hold.Reasons.RemoveAll(r => r.Rule == "FORCED");
    }

    /// <summary>Stopped: shipments stop at once, for every order that is not delivered.</summary>
    private Outcome Stop(StopCustomer f)
    {
        var rare = book.RareFor(Slot);
        if (rare.StoppedBy.Length > 0) return Outcome.Refused("STOPPED", $"{rare.StoppedBy} stopped the customer already.");
        rare.StoppedBy = f.Actor;
        SetRisk(RiskState.Stopped, f.Reason);
        HoldAllUndelivered("Person");
        return Outcome.Applied;
    }

    /// <summary>Every order that is not delivered is held, in release order.</summary>
    private void HoldAllUndelivered(string checkpoint)
    {
        _pass.Clear();
        for (var slot = Account.OpenOrder; slot != 0; slot = book.Orders[slot].OpenNext)
            if (book.Orders[slot].Placed && book.Undelivered(book.Orders[slot]) > 0) _pass.Add((slot, null));
        _pass.Sort((a, b) => InReleaseOrder(a.Order, b.Order));
        foreach (var (slot, _) in _pass) Hold(slot, Judge(SubjectOf(slot, isNew: false)), checkpoint);
    }

    private Outcome LiftStopOf(LiftStop f)
    {
        var rare = book.RareOf(Slot);
        if (rare is not { StoppedBy.Length: > 0 }) return Outcome.Refused("NOT_STOPPED", "Nobody stopped the customer.");
        if (IsStoppedBySignal(rare)) return Outcome.Refused("SIGNAL_STANDS", "The signal that stopped the customer stands; somebody closes it first.");
        if (IsOnePerson(f.Actor, f.ApprovedBy) || f.ApprovedBy == rare.StoppedBy) return Outcome.Refused("SELF_APPROVAL", "Lifting a stop needs a second person.");
        Int128 held = 0;
        foreach (var hold in rare.Holds)
        {
            ref var order = ref book.Orders[hold.Order];
            if (Context.Convert(book.Undelivered(order), order.Currency, Context.BaseCurrency) is not { } value) return Outcome.Refused("FX_MISSING", $"No rate for {order.Currency}.");
            held += value;
        }

        if (f.Authority >= 0 && held > f.Authority)
            return Outcome.Refused("AUTHORITY", $"{held} is on hold, the authority is {f.Authority} minor units of {Context.BaseCurrency}.");
        rare.StoppedBy = "";
        SetRisk(RiskState.Normal, f.Reason);
        foreach (var hold in rare.Holds)
        {
            if (!hold.ByStop) continue;
            hold.ByStop = false;
            hold.Forced = Names(hold, "FORCED");
            TellHold(HoldChanged.Lifted, hold, null, f.Actor, f.ApprovedBy, f.Reason, "PersonWithAuthority");
        }

        return Outcome.Applied;
    }

    private void SetRisk(RiskState state, string reason)
    {
        if (Account.RiskState == state) return;
        Say(new RiskStateChanged { Before = Account.RiskState, After = state, Reason = reason, Actor = _fact is Command command ? command.Actor : "" });
        Account.RiskState = state;
    }
}
