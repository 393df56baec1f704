namespace ExposureMonitor.Domain;

/// <summary>
/// Payment plans (credit.md 7.3, 15): instalments over named items. While a plan is kept, its items wait for the
/// instalments in holds, overdue steps and dunning; ageing and provision stay on the original dates.
/// </summary>
internal sealed partial class AccountWork
{
    private const string PlanBroken = "PLAN_BROKEN";

    /// <summary>Plans of one customer that are remembered at the same time.</summary>
    private const int PlansMax = 200;

    /// <summary>A plan over an item that nobody knows yet waits as a whole.</summary>
    private Outcome AgreePlan(PlanAgreed f)
    {
        foreach (var id in f.Items)
        {
            var item = book.FindItem(Slot, id);
            if (item == 0) return Park(DocumentKind.Item, id);
            if (book.Items[item].Currency != f.Currency) return CurrencyDiffers(id, book.Items[item].Currency, f.Currency);
        }

        if (book.RareOf(Slot)?.Plans.Count >= PlansMax) return Outcome.Refused("TOO_MANY_PLANS", $"The customer has {PlansMax} payment plans.");
        var outcome = Record(f);
        if (outcome.Kind != OutcomeKind.Applied) return outcome;
        var plan = new PlanState { Id = f.PlanId, Currency = f.Currency, CrossDefault = f.CrossDefault, AgreedOn = f.Time.UtcDate.DayNumber, Items = [.. f.Items] };
        foreach (var part in f.Instalments) plan.Instalments.Add((part.DueOn, part.Amount));
        plan.Instalments.Sort();
        Few.Add(ref book.RareFor(Slot).Plans, plan);
        return outcome;
    }

    private Outcome EndPlan(PlanEnded f)
    {
        var plan = book.RareOf(Slot)?.Plans.Find(p => p.Id == f.PlanId);
        if (plan is null) return book.FindMovement(Slot, MovementKind.Note, f.PlanId) != 0 ? Outcome.Superseded : Park(DocumentKind.Customer, f.PlanId);
        // The first end stands, whatever the order of arrival.
        if (plan.Outcome != PlanOutcome.None && (f.Time > plan.End.Time || (f.Time == plan.End.Time && string.CompareOrdinal(f.EventId, plan.End.EventId) >= 0))) return Outcome.Superseded;
        (plan.End.Time, plan.End.EventId) = (f.Time, f.EventId);
        (plan.Outcome, plan.EndedOn) = (f.Outcome == PlanOutcome.None ? PlanOutcome.Cancelled : f.Outcome, f.Time.UtcDate.DayNumber);
        return Outcome.Applied;
    }

    /// <summary>Judges every plan by the documents and the day: after each fact, and at the day start.</summary>
    private void KeepPlans()
    {
        if (book.RareOf(Slot) is not { Plans.Count: > 0 } rare) return;
        // A breach of a plan with the clause breaks the others, too; it is looked for first.
        var crosses = 0;
        foreach (var plan in rare.Plans)
            if (plan.CrossDefault && MissedOn(plan) is not null) crosses++;
        foreach (var plan in rare.Plans)
        {
            var missed = MissedOn(plan) is not null;
            var broken = missed || (plan.Outcome == PlanOutcome.None && crosses > 0);
            if (broken != plan.Broken)
            {
                plan.Broken = broken;
                Say(new AuditNoted { Act = broken ? "plan.broken" : "plan.kept", About = plan.Id, Reason = broken && !missed ? "cross default" : "" });
            }

            var kept = plan.Outcome == PlanOutcome.None && !broken;
            if (kept != plan.Kept) Wait(plan, kept);
            WakeForPlan(plan);
        }
    }

    private void Wait(PlanState plan, bool kept)
    {
        plan.Kept = kept;
        book.RareFor(Slot).HasOddItems = true;
        foreach (var id in plan.Items)
        {
            if (book.FindItem(Slot, id) is not (not 0 and var item)) continue;
            book.CountItem(item, -1, Context);
            book.ExtraFor(item).Plans = (byte)(book.ExtraFor(item).Plans + (kept ? 1 : -1));
            book.CountItem(item, +1, Context);
        }
    }

    /// <summary>
    /// Due date of the first instalment by whose last day less than the share of the policy was paid of all that was due
    /// up to there; the day on which the plan was ended as broken; else <c>null</c>. An end stops the clock, and so does a
    /// feed that is silent: the payment may stand there.
    /// </summary>
    private int? MissedOn(PlanState plan)
    {
        var (grace, share) = (Policy.Int(Parameter.PlanGraceDays), Policy[Parameter.PlanKeptBp]);
        var until = plan.EndedOn == 0 ? Context.Today : Math.Min(plan.EndedOn, Context.Today);
        if (Context.IsStale) until = Math.Min(until, Context.StaleFeeds[0].Since.UtcDate.DayNumber);
        Int128 due = 0;
        foreach (var (dueOn, amount) in plan.Instalments)
        {
            due += amount;
            if (dueOn + grace >= until) break;
            if (PaidUnder(plan, dueOn + grace) * 10_000 < due * share) return dueOn;
        }

        return plan.Outcome == PlanOutcome.Broken ? plan.EndedOn : null;
    }

    /// <summary>What was allocated to the plan's items from its agreement up to a day, by the own dates of the allocations.</summary>
    private Int128 PaidUnder(PlanState plan, int upTo)
    {
        Int128 paid = 0;
        foreach (var id in plan.Items)
        {
            if (book.FindItem(Slot, id) is not (not 0 and var item)) continue;
            // What was cancelled or given up is owed by nobody: it asks for no instalment any more.
            paid += book.Items[item].Cancelled ? book.Items[item].Amount : book.ExtraOf(book.Items[item]).WrittenOff;
            for (var at = book.Items[item].FirstPart; at != 0; at = book.Parts[at].NextOfItem)
            {
                ref var allocation = ref book.Allocations[book.Parts[at].Allocation];
                if (allocation.WriteOff || book.Items[item].Cancelled || allocation.On < plan.AgreedOn || allocation.On > upTo || !IsLive(book.Parts[at].Allocation)) continue;
                paid += (Int128)book.Parts[at].Amount + book.Parts[at].Discount;
            }
        }

        return paid;
    }

    /// <summary>Fails while an item of a broken plan is open and in no other plan that is kept.</summary>
    private void JudgePlans(Judgement result, Policy policy)
    {
        if (book.RareOf(Slot) is not { Plans.Count: > 0 } rare) return;
        foreach (var plan in rare.Plans)
        {
            if (!plan.Broken || !IsOwed(plan)) continue;
            var days = MissedOn(plan) is { } missedOn ? Context.Today - missedOn : 0;
            Fail(result, PlanBroken, policy.ReactionOf(Parameter.PlanBroken), days, policy[Parameter.PlanGraceDays]);
            return;
        }
    }

    private bool IsOwed(PlanState plan)
    {
        foreach (var id in plan.Items)
            if (book.FindItem(Slot, id) is not 0 and var item && book.OpenOf(book.Items[item]) > 0 && book.ExtraOf(book.Items[item]).Plans == 0) return true;
        return false;
    }

    /// <summary>The day on which the next instalment counts as missed.</summary>
    private void WakeForPlan(PlanState plan)
    {
        if (plan.Outcome != PlanOutcome.None) return;
        foreach (var (dueOn, _) in plan.Instalments)
        {
            var missedOn = dueOn + Policy.Int(Parameter.PlanGraceDays) + 1;
            if (missedOn <= Context.Today) continue;
            book.Wake(Slot, missedOn);
            return;
        }
    }
}
