namespace ExposureMonitor.Domain;

/// <summary>
/// Firings that were missed (credit.md 19.1): a late fact shows that an indicator which is judged by business dates stood on a day of the lateness window, was
/// never told, and does not stand any more. It is noted once and not sent. What stood is worked out before the fact and behind it, so that nothing has
/// to be remembered; only a fact that is dated before today pays for it.
/// </summary>
internal sealed partial class AccountWork
{
    /// <summary>Documents of an account whose debts of past days are worked out: of more, one late fact would cost others their turn.</summary>
    private const int DocumentsMost = 200;

    private const string WasMissed = "it was so on an earlier day and is not any more";

    /// <summary>
    /// The first rules noted only debts that a late invoice shows, took what has no date of its own for a fact of today, and told EW-30 in minor units.
    /// </summary>
    private bool IsOfFirstRules => book.Rules == 1;

    private static readonly string[] OfTheOutside = ["EW-16", "EW-22", "EW-31"];

    /// <summary>Highest step on the days of the window, and the first day on which it stood.</summary>
    private readonly record struct PastStep(string Indicator, string Subject, Ladder Ladder, int Step, int Day);

    private readonly List<PastStep> _stoodBefore = [], _standsBehind = [];

    /// <summary>First day that the fact may change; 0 when it is not late.</summary>
    private int _pastFrom;

    /// <summary>The fact is of those of which most are: it brings nothing from outside, no cover and no review.</summary>
    private bool _isOfTrade;

    /// <summary>Debts of past days may be more behind the fact than before it.</summary>
    private bool _mayOweMore;

    /// <summary>Habits that the entry changes: how they stood was looked at before.</summary>
    private HabitParts _seenParts;

    /// <summary>Before the fact: what stood on the days that it may change. Of the habits only what it does change, when it comes to that.</summary>
    private void LookBack()
    {
        (_pastFrom, _seenParts) = (0, HabitParts.None);
        if (IsOfFirstRules) return;
        var own = OwnDateOf(_fact);
        if (own == 0 || own >= Context.Today) return;
        _pastFrom = Math.Max(own, Context.Today - LatenessDays);
        // What was parked and follows may be anything.
        var follows = book.RareOf(Slot) is { Parked.Count: > 0 };
        _mayOweMore = follows || MayOweMore(_fact);
        _isOfTrade = !follows && _fact is OrderTermsFact or OrderCancelled or OrderClosed or DeliveryPosted or InvoicePosted or PaymentReceived or PaymentCleared or PaymentAllocated;
        SeePast(_stoodBefore);
    }

    /// <summary>Before a part of the habits changes.</summary>
    private void LookBackAt(Habits? habits, HabitParts part)
    {
        if (_pastFrom == 0 || (_seenParts & part) != 0) return;
        _seenParts |= part;
        if (habits is not null) Walk(_stoodBefore, habits, part);
    }

    /// <summary>Behind the fact, and behind what it raised: notes what it shows, where nobody was told.</summary>
    private void NoteMissed()
    {
        if (IsOfFirstRules)
        {
            NoteMissedDebts();
            return;
        }

        if (_pastFrom == 0) return;
        SeePast(_standsBehind);
        if (book.HabitsOf(Slot) is { } habits && _seenParts != HabitParts.None) Walk(_standsBehind, habits, _seenParts);
        foreach (var now in _standsBehind)
            if (now.Step > StepBefore(now) && !IsTold(now)) Note(now);
    }

    /// <summary>A limit or a review that a later one has overtaken changes nothing any more, and may still say what stood until then.</summary>
    private void NoteOvertaken()
    {
        if (_pastFrom == 0) return;
        var missed = _fact switch
        {
            LimitSet f => OvertakenLimit(f),
            ReviewCompleted f when book.RareOf(Slot) is { } rare => OvertakenReview(rare, f),
            _ => default,
        };
        if (missed.Step > 0 && Policy.Judges(missed.Indicator) && !IsTold(missed)) Note(missed);
    }

    /// <summary>When the next limit was set is not kept: on the day on which it was set itself it was in force.</summary>
    private PastStep OvertakenLimit(LimitSet f)
    {
        var (day, end) = (OwnDateOf(f), 0);
        if (day < _pastFrom) return default;
        foreach (var step in f.Steps)
        {
            if (step.To == 0) return default;
            end = Math.Max(end, step.To);
        }

        var (ladder, reached) = (Policy.Ladders.LimitEnds, 0);
        while (end != 0 && reached < ladder.Steps.Length && day - end >= ladder.Steps[reached].Fire) reached++;
        return new PastStep("EW-11", "", ladder, reached, day);
    }

    private PastStep OvertakenReview(Rare rare, ReviewCompleted f)
    {
        var last = Math.Min(rare.ReviewedOn, Context.Today) - 1;
        if (f.ReviewedOn > last || last < _pastFrom) return default;
        var step = StepOfReview(f.NextOn, last);
        return step <= ReviewStep(rare, last) ? default : new PastStep("EW-18", "", ReviewSteps, step, Math.Max(_pastFrom, f.NextOn + Policy.Int(Parameter.Signal18Days) + 1));
    }

    private int StepBefore(in PastStep now)
    {
        foreach (var then in _stoodBefore)
            if (then.Indicator == now.Indicator && then.Subject == now.Subject) return then.Step;
        return 0;
    }

    /// <summary>It stands today, or was told on one of these days and not taken back.</summary>
    private bool IsTold(in PastStep now) =>
        StateOf(now.Indicator, now.Subject) is { } state && (state.Step >= now.Step || (!state.Retracted && state.RaisedOn >= _pastFrom && state.RaisedStep >= now.Step));

    private void Note(in PastStep missed)
    {
        var step = missed.Ladder.Steps[missed.Step - 1];
        var state = new SignalState { Indicator = missed.Indicator, Subject = missed.Subject, Severity = step.Severity, RaisedAt = AtText };
        Say(Told(SignalChanged.LateCorrection, state, missed.Step, missed.Day, step.Fire, WasMissed));
    }

    /// <summary>Every indicator that is judged by business dates. EW-11 only grows nearer until another limit is set, so that it stands today if it ever stood; see <see cref="NoteOvertaken"/>.</summary>
    private void SeePast(List<PastStep> into)
    {
        into.Clear();
        var owes = _mayOweMore && IsOwedSince(LastDueToStand);
        if (owes)
        {
            foreach (var indicator in (ReadOnlySpan<string>)["EW-05", "EW-06", "EW-10"])
            {
                if (!Policy.Judges(indicator)) continue;
                var ladder = LadderOf(indicator)!;
                See(into, indicator, "", ladder, new Past(this, indicator, ladder));
            }
        }

        var (rare, outside) = (book.RareOf(Slot), book.HabitsOf(Slot)?.Outside);
        if (outside is not null || rare is { Plans.Count: > 0 }) See(into, "EW-32", "", BrokenSteps);
        if (owes || !_isOfTrade)
            foreach (var cover in rare?.Covers ?? Few<CoverState>.None) See(into, "EW-17", cover.Id, CoverSteps);
        if (book.HabitsOf(Slot) is { Since: not 0, Orders: not null } && IsSmall()) See(into, "EW-41", "", BurstSteps);
        if (_isOfTrade) return;
        if (rare is { NextReviewOn: > 0 }) See(into, "EW-18", "", ReviewSteps);
        if (outside is null) return;
        foreach (var indicator in OfTheOutside) See(into, indicator, "", indicator == "EW-16" ? AltmanSteps : indicator == "EW-22" ? StatementSteps : ReturnedSteps);
        foreach (var news in outside.News)
            if (news.Kind != ExternalSignalKind.InsurerCut) See(into, "EW-42", news.Id, NewsSteps);
    }

    /// <summary>What a day says of an indicator, by the dates of what is known now.</summary>
    private readonly struct Past(AccountWork work, string indicator, Ladder? ladder, string subject = "")
    {
        internal int On(int day) => ladder is not null ? work.WasReached(indicator, day, ladder)
            : indicator == "EW-41" ? work.BurstThen(day) : Math.Max(0, work.StoodThen(indicator, subject, day));
    }

    private void See(List<PastStep> into, string indicator, string subject, Ladder ladder)
    {
        if (Policy.Judges(indicator)) See(into, indicator, subject, ladder, new Past(this, indicator, null, subject));
    }

    private void See(List<PastStep> into, string indicator, string subject, Ladder ladder, in Past past)
    {
        var (most, first) = (0, 0);
        for (var day = _pastFrom; day < Context.Today; day++)
            if (Math.Min(past.On(day), ladder.Steps.Length) is var step && step > most) (most, first) = (step, day);
        if (most > 0) into.Add(new PastStep(indicator, subject, ladder, most, first));
    }

    private void Walk(List<PastStep> into, Habits habits, HabitParts parts)
    {
        for (var indicator = (Dated)0; indicator < Dated.Count; indicator++)
            if ((parts & PartsOf(indicator)) != 0) Walk(into, habits, indicator);
    }

    /// <summary>
    /// Goes through the days as a look does, from the last day that nothing can change any more, and settles nothing: a look at the habits
    /// before the fact would fold what the fact may still change.
    /// </summary>
    private void Walk(List<PastStep> into, Habits habits, Dated indicator)
    {
        var (id, ladder, _) = DatedIndicators[(int)indicator];
        if (!Policy.Judges(id)) return;
        var (from, step) = habits.StoodOn == 0 ? (Context.Today - LatenessDays - 1, 0) : (habits.StoodOn, Habits.StepIn(habits.Stood, indicator));
        var (at, since, most, first) = (from, from + 1, 0, 0);
        while (true)
        {
            // From one day on which something happened to the next a step stands as it is.
            var next = step > 0 && Rolls(indicator) ? at + 1 : NextDay(habits, indicator, at);
            var isLast = next == 0 || next >= Context.Today;
            var day = Math.Max(since, _pastFrom);
            if (step > most && day < (isLast ? Context.Today : next)) (most, first) = (step, day);
            if (isLast) break;
            at = since = next;
            var (reached, isClear) = Reached(habits, indicator, at, step);
            step = isClear ? reached : Math.Max(step, reached);
        }

        if (most > 0) into.Add(new PastStep(id, "", ladder, most, first));
    }

    /// <summary>False for what brings money or takes an order, and for an invoice that was not overdue long enough by yesterday: nobody was later by it than before.</summary>
    private bool MayOweMore(Fact fact) => fact is InvoicePosted posted ? posted.DueOn <= LastDueToStand
        : fact is not (OrderTermsFact or OrderCancelled or OrderClosed or DeliveryPosted or PaymentReceived or PaymentCleared or AcceptanceReceived or AcceptanceHonoured);

    /// <summary>What was due later had no step of an overdue indicator reached by yesterday.</summary>
    private int LastDueToStand => Context.Today - 1 - Math.Min(Policy.Int(Parameter.Signal06Days) + 1, (int)Math.Min(LeastDaysOf("EW-05"), LeastDaysOf("EW-10")));

    private long LeastDaysOf(string indicator) => LadderOf(indicator) is { Steps: [var first, ..] } ? first.Fire : int.MaxValue;

    /// <summary>True when an item was due by then and was open on one of the days of the window, of an account that is small enough to look at each of its documents.</summary>
    private bool IsOwedSince(int due)
    {
        if (!IsSmall()) return false;
        for (var at = Account.Items.First; at != 0; at = book.Items[at].Next)
        {
            ref var item = ref book.Items[at];
            if (!item.Posted || item.Cancelled || Math.Min(item.DueOn, item.OriginalDueOn) > due) continue;
            if (!item.Settled || book.ExtraOf(item).LastPaidOn > _pastFrom) return true;
        }

        return false;
    }

    /// <summary>What the account has in memory is looked at one by one.</summary>
    private bool IsSmall()
    {
        var left = DocumentsMost;
        for (var at = Account.Items.First; at != 0; at = book.Items[at].Next)
            if (--left < 0) return false;
        for (var at = Account.Sources.First; at != 0; at = book.Sources[at].Next)
            if (--left < 0) return false;
        for (var at = Account.OpenOrder; at != 0; at = book.Orders[at].OpenNext)
            if (--left < 0) return false;
        return true;
    }

    /// <summary>
    /// EW-41 of a past day: young then, nothing paid yet, and most of the limit used. What the account used then is what it uses now, with the money that
    /// came since, and without the orders and invoices of later days: at most what it was.
    /// </summary>
    private int BurstThen(int day)
    {
        if (book.HabitsOf(Slot) is not { Since: not 0 } habits || day < habits.Since || day - habits.Since >= Policy[Parameter.Signal41Days]) return 0;
        if (habits.FirstPaidOn != 0 && habits.FirstPaidOn <= day) return 0;
        var limit = EffectiveLimit.Of(book, Slot, Context, Now);
        if (limit.Kind != LimitKind.Amount) return 0;
        var used = Domain.Exposure.Of(book, Slot, Context, Account.LimitCurrency).CheckGross;
        for (var at = Account.Sources.First; at != 0; at = book.Sources[at].Next)
        {
            ref var source = ref book.Sources[at];
            if (source.Void || !source.Cleared || source.OwnDate <= day) continue;
            used += Context.Convert(source.Amount - source.Refunded, source.Currency, Account.LimitCurrency) ?? 0;
        }

        for (var at = Account.OpenOrder; at != 0; at = book.Orders[at].OpenNext)
        {
            ref var order = ref book.Orders[at];
            if (order.OrderedOn > day) used -= Context.Convert(book.Undelivered(order), order.Currency, Account.LimitCurrency) ?? 0;
        }

        for (var at = Account.Items.First; at != 0; at = book.Items[at].Next)
        {
            ref var item = ref book.Items[at];
            if (item.Posted && !item.Cancelled && item.IssuedOn > day) used -= Context.Convert(item.Amount, item.Currency, Account.LimitCurrency) ?? 0;
        }

        return Rounding.Times(used, 10_000) > Math.BigMul(limit.Amount, Policy[Parameter.Signal41UsedBp]) ? 1 : 0;
    }
}
