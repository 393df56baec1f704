namespace ExposureMonitor.Domain;

/// <summary>
/// What a fact leaves in the habits of a customer. Items are compared as they stood before the entry and behind it, so that
/// what the entry took back and gave again leaves no trace.
/// </summary>
internal sealed partial class AccountWork
{
    /// <summary>An item whose payment the entry changes, as it stood before, and the own date of what changed it.</summary>
    private readonly List<(int Item, Observation Settled, Observation First, int ToldOn)> _seen = [];

    /// <summary>Habits that this entry changed are judged; a day judges all.</summary>
    private bool _itemsChanged, _ordersChanged;

    private int LatenessDays => Policy.Int(Parameter.SignalLatenessDays);

    /// <summary>Own date of the fact; of one without it the day of its time.</summary>
    private int ToldOn() => _fact is null ? Context.Today : OwnDateOf(_fact) is > 0 and var own ? own : _fact.Time.UtcDate.DayNumber;

    /// <summary>Before the payment of an item changes.</summary>
    private void NoteItem(int slot)
    {
        ref var item = ref book.Items[slot];
        if (item.Noted || item.Kind != ItemKind.Invoice || !Policy.KeepsHabits) return;
        item.Noted = true;
        _seen.Add((slot, SettledOf(item), FirstOf(item), ToldOn()));
    }

    private void NoteItems(int allocation)
    {
        for (var part = book.Allocations[allocation].FirstPart; part != 0; part = book.Parts[part].NextOfAllocation) NoteItem(book.Parts[part].Item);
    }

    /// <summary>Takes over what the entry changed.</summary>
    private void KeepHabits()
    {
        if (_seen.Count == 0) return;
        _itemsChanged = true;
        LookBackAt(book.HabitsOf(Slot), HabitParts.Payments);
        foreach (var (slot, settled, first, toldOn) in _seen)
        {
            ref var item = ref book.Items[slot];
            item.Noted = false;
            Keep(settled, SettledOf(item), toldOn, isFirst: false);
            Keep(first, FirstOf(item), toldOn, isFirst: true);
        }

        _seen.Clear();
    }

    /// <summary>What is undone within the window never was; what stood longer was a payment of its own.</summary>
    private void Keep(in Observation before, in Observation after, int toldOn, bool isFirst)
    {
        if (before.On == after.On && before.Late == after.Late && before.Marks == after.Marks) return;
        var stands = before.On != 0 && toldOn - before.On > LatenessDays;
        if (stands && after.On != 0) return;
        var habits = book.HabitsFor(Slot);
        var payments = habits.Payments ??= new PaymentHabit();
        habits.Mark(HabitParts.Payments, Math.Min(before.On == 0 ? int.MaxValue : before.On, after.On == 0 ? int.MaxValue : after.On));
        if (before.On != 0 && !stands)
        {
            if (isFirst) payments.UnseeFirst(before);
            else payments.Unsee(before);
        }

        if (after.On == 0) return;
        if (isFirst) payments.SeeFirst(after);
        else payments.See(after);
        if (!isFirst && after.Days > Policy[Parameter.Signal37OldDays] && habits.HasUse) habits.Use.OldSettledOn = Math.Max(habits.Use.OldSettledOn, after.On);
    }

    /// <summary>The settlement of an item by money; nothing while it is open, or when credit notes alone settled it.</summary>
    private Observation SettledOf(in ItemRecord item)
    {
        if (!item.Settled || FirstOf(item).On == 0) return default;
        ref readonly var extra = ref book.ExtraOf(item);
        var marks = item.Discountable ? ObservationMarks.Discountable : ObservationMarks.None;
        if (extra.Discount > 0) marks |= ObservationMarks.DiscountTaken;
        return new Observation
        {
            On = extra.LastPaidOn, IssuedOn = item.IssuedOn, Id = Hashing.XxHash64(book.Texts.Bytes(item.Id)), Marks = marks,
            Late = (short)Math.Clamp(extra.LastPaidOn - item.DueOn, -9999, 9999), Days = (short)Math.Clamp(extra.LastPaidOn - item.IssuedOn, -9999, 9999),
        };
    }

    /// <summary>The first day on which money was allocated to a posted invoice, and whether it was less than 95 % of it.</summary>
    private Observation FirstOf(in ItemRecord item)
    {
        if (!item.Posted || item.Cancelled) return default;
        var (on, sum) = (int.MaxValue, (Int128)0);
        for (var part = item.FirstPart; part != 0; part = book.Parts[part].NextOfItem)
        {
            ref var allocation = ref book.Allocations[book.Parts[part].Allocation];
            if (allocation.WriteOff || allocation.Source == 0 || allocation.On > on || !IsLive(book.Parts[part].Allocation)) continue;
            if (book.Sources[allocation.Source].Kind == SourceKind.CreditNote) continue;
            if (allocation.On < on) (on, sum) = (allocation.On, 0);
            sum += (Int128)book.Parts[part].Amount + book.Parts[part].Discount;
        }

        if (on == int.MaxValue) return default;
        return new Observation
        {
            On = on, IssuedOn = item.IssuedOn, Id = Hashing.XxHash64(book.Texts.Bytes(item.Id)),
            Marks = sum * 10_000 < (Int128)item.Amount * 9_500 ? ObservationMarks.Part : ObservationMarks.None,
        };
    }

    private long InBase(long amount, Currency currency) => Rounding.Pin(Context.Convert(amount, currency, Context.BaseCurrency) ?? 0);

    private void SeeOrder(OrderPlaced f)
    {
        if (!Policy.KeepsHabits) return;
        _ordersChanged = true;
        var habits = book.HabitsFor(Slot);
        LookBackAt(habits, HabitParts.Orders);
        (habits.Orders ??= new OrderHabit()).See(f.OrderedOn, InBase(f.Amount, f.Currency));
        habits.Mark(HabitParts.Orders, f.OrderedOn);
        if (f.Terms.Length > 0 && RankOf(f.Terms) is var rank && rank != int.MaxValue && rank > Account.TermsRank && Account.Terms != 0) AskForTime(f.OrderedOn);
    }

    private void SeeInvoice(InvoicePosted f)
    {
        if (!Policy.KeepsHabits) return;
        var habits = book.HabitsFor(Slot);
        if (habits.Trade.HasComplaints) LookBackAt(habits, HabitParts.Trade);
        habits.TradeFor().SeeInvoice(f.IssuedOn, InBase(f.Amount, f.Currency), +1);
        if (habits.Trade.HasComplaints) habits.Mark(HabitParts.Trade, f.IssuedOn);
    }

    private void UnseeInvoice(in ItemRecord item)
    {
        if (!item.Posted || item.Kind != ItemKind.Invoice || book.HabitsOf(Slot) is not { HasTrade: true } habits) return;
        LookBackAt(habits, HabitParts.Trade);
        habits.Trade.SeeInvoice(item.IssuedOn, InBase(item.Amount, item.Currency), -1);
        habits.Mark(HabitParts.Trade, item.IssuedOn);
    }

    private void SeeCredit(CreditNoteIssued f)
    {
        if (!Policy.KeepsHabits) return;
        var habits = book.HabitsFor(Slot);
        LookBackAt(habits, HabitParts.Trade);
        habits.TradeFor().SeeCredit(f.IssuedOn, InBase(f.Amount, f.Currency));
        habits.Mark(HabitParts.Trade, f.IssuedOn);
    }

    private void SeeDispute(DisputeOpened f, int item, int sign)
    {
        var habits = book.HabitsFor(Slot);
        LookBackAt(habits, HabitParts.Trade);
        habits.TradeFor().SeeDispute(f.OpenedOn, f.OpenedOn > book.Items[item].OriginalDueOn, sign);
        habits.Mark(HabitParts.Trade, f.OpenedOn);
    }

    private void SeeReturned(int source, int on)
    {
        book.Sources[source].VoidOn = on;
        (book.HabitsFor(Slot).Outside ??= new OutsideHabit()).Returned.Add(on, 1, 0);
    }

    private void UnseeReturned(int source) => book.HabitsOf(Slot)?.Outside?.Returned.Add(book.Sources[source].VoidOn, -1, 0);

    private void AskForTime(int day) => (book.HabitsFor(Slot).Outside ??= new OutsideHabit()).Asked.Add(day, 1, 0);

    private void SeeCleared(int day)
    {
        if (!Policy.KeepsHabits) return;
        var habits = book.HabitsFor(Slot);
        if (habits.FirstPaidOn == 0 || day < habits.FirstPaidOn) habits.FirstPaidOn = day;
    }

    /// <summary>Goes on to a day: what no fact can change any more is settled, and what stands today is worked out.</summary>
    private void LookAtHabits(Habits habits)
    {
        var (today, settled) = (Context.Today, Context.Today - LatenessDays - 1);
        if (habits.StoodOn < settled)
        {
            if (habits.StoodOn != 0) habits.Stood = StepsAt(habits, habits.Stood, habits.StoodOn, settled, HabitParts.All);
            habits.StoodOn = settled;
            var gone = settled - LatenessDays;
            habits.Payments?.FoldBefore(gone);
            habits.Orders?.FoldBefore(gone);
            habits.Trade.FoldBefore(gone);
        }

        // Most facts are of today: what stood yesterday is known then.
        if (habits.LookedOn != today) (habits.Changed, habits.ChangedFrom) = (HabitParts.All, 0);
        if (habits.Changed == HabitParts.None) return;
        if (habits.ChangedFrom < today) habits.Before = StepsAt(habits, habits.Stood, habits.StoodOn, today - 1, HabitParts.All);
        var now = StepsAt(habits, habits.Before, today - 1, today, habits.Changed);
        for (var indicator = (Dated)0; indicator < Dated.Count; indicator++)
            if ((habits.Changed & PartsOf(indicator)) != 0) habits.Now = Habits.With(habits.Now, indicator, Habits.StepIn(now, indicator));
        (habits.LookedOn, habits.Changed, habits.ChangedFrom) = (today, HabitParts.None, int.MaxValue);
    }

    private uint StepsAt(Habits habits, uint steps, int from, int day, HabitParts changed)
    {
        for (var indicator = (Dated)0; indicator < Dated.Count; indicator++)
            if ((changed & PartsOf(indicator)) != 0) steps = Habits.With(steps, indicator, StepAt(habits, indicator, Habits.StepIn(steps, indicator), from, day));
        return steps;
    }

    /// <summary>
    /// Step on which an indicator stands at the end of a day, when it stood on another at the end of an earlier one: through every
    /// day on which something happened, in the order of the dates.
    /// </summary>
    private int StepAt(Habits habits, Dated indicator, int step, int from, int day)
    {
        for (var at = from; at < day;)
        {
            var next = NextDay(habits, indicator, at);
            // What rolls with the days is looked at every day while it stands.
            if (step > 0 && Rolls(indicator)) next = at + 1;
            if (next == 0 || next > day) break;
            at = next;
            var (reached, isClear) = Reached(habits, indicator, at, step);
            step = isClear ? reached : Math.Max(step, reached);
        }

        return step;
    }

    private static HabitParts PartsOf(Dated indicator) => indicator switch
    {
        Dated.OrderSurge => HabitParts.Orders,
        Dated.DisputeSpike or Dated.CreditNotes => HabitParts.Trade,
        _ => HabitParts.Payments,
    };

    private static bool Rolls(Dated indicator) => indicator is Dated.OrderSurge or Dated.DisputeSpike or Dated.CreditNotes;

    /// <summary>The next day on which something happened that the indicator looks at; 0 without one.</summary>
    private static int NextDay(Habits habits, Dated indicator, int day) => indicator switch
    {
        Dated.PartPayments => habits.Payments?.First.NextAfter(day) ?? 0,
        Dated.OrderSurge => habits.Orders?.Days.FirstAfter(day) ?? 0,
        Dated.DisputeSpike => habits.Trade.DisputeAfter(day),
        Dated.CreditNotes => habits.Trade.CreditAfter(day),
        _ => habits.Payments?.Settled.NextAfter(day) ?? 0,
    };
}
