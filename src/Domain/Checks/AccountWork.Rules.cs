namespace ExposureMonitor.Domain;

/// <summary>The blocking rules of credit.md section 6 in their order of evaluation, and the exclusions from them.</summary>
internal sealed partial class AccountWork
{
    private void JudgeRules(Judgement result, in Subject subject, Policy policy, in Standing standing, in Exposure exposure, Int128 doc)
    {
        JudgeOverdueRules(result, subject, policy, standing);
        JudgeStatus(result, subject);
        var limit = standing.Limit;
        var (used, isAmount) = (exposure.CheckGross, limit.Kind == LimitKind.Amount);
        if (RuleOf(Parameter.Rule5) is { Reaction: not Reaction.Off } rule5 && isAmount)
        {
            var late = Context.Convert(standing.Overdue, Account.LimitCurrency, Context.BaseCurrency) ?? standing.Overdue;
            var most = rule5[Parameter.Rule5Amount];
            if (late > most && Rounding.Times(used, 10_000) > Math.BigMul(limit.Amount, rule5[Parameter.Rule5ShareBp]) && !IsExcluded(ExclusionKind.OverdueAmount, subject.OrderId, rule5, late))
                FailBase(result, "R5", rule5.Reaction, late, most);
        }

        if (RuleOf(Parameter.Rule6) is { Reaction: not Reaction.Off } rule6)
        {
            var value = Context.Convert(subject.Amount, subject.Currency, Context.BaseCurrency) ?? long.MaxValue;
            var most = rule6[Parameter.Rule6Amount];
            if (value > most && !IsExcluded(ExclusionKind.OrderAmount, subject.OrderId, rule6, value)) FailBase(result, "R6", rule6.Reaction, value, most);
        }

        if (RuleOf(Parameter.Rule7) is { Reaction: not Reaction.Off } rule7 && isAmount && policy.ReactionOf(Parameter.Step030) != Reaction.Off)
        {
            var after = Int128.Max(0, exposure.CheckSum + Inside(subject, doc - ReservedFor(subject)));
            var share = rule7[Parameter.Rule7ShareBp];
            if (Rounding.Times(after, 10_000) > Math.BigMul(limit.Amount, share) && !IsExcluded(ExclusionKind.LimitUsed, subject.OrderId, rule7, limit.Amount == 0 ? long.MaxValue : after * 10_000 / limit.Amount))
                FailAmount(result, "R7", rule7.Reaction, after, Rounding.Down((Int128)limit.Amount * share, 10_000));
        }

        JudgeRanks(result, subject);
    }

    private void JudgeOverdueRules(Judgement result, in Subject subject, Policy policy, in Standing standing)
    {
        if (RuleOf(Parameter.Rule1) is { Reaction: not Reaction.Off } rule1)
        {
            var most = rule1[Parameter.Rule1Days] + (book.RareOf(Slot)?.GraceDays ?? 0);
            if (standing.OldestOfAny > most && !IsExcluded(ExclusionKind.DaysOverdue, subject.OrderId, rule1, standing.OldestOfAny)
                && !IsExcluded(ExclusionKind.OverdueAmount, subject.OrderId, rule1, Context.Convert(standing.Overdue, Account.LimitCurrency, Context.BaseCurrency) ?? standing.Overdue))
                Fail(result, "R1", rule1.Reaction, standing.OldestOfAny, most);
        }

        if (RuleOf(Parameter.Rule4) is not { Reaction: not Reaction.Off } rule4 || standing.Limit.Kind == LimitKind.NotSet) return;
        var end = EndOfLimit();
        if (end == 0 && rule4[Parameter.Rule4NoDate] == 0) return;
        var days = end == 0 ? 0 : Context.Today - end;
        if ((end == 0 || days > rule4[Parameter.Rule4Days]) && !IsExcluded(ExclusionKind.LimitExpired, subject.OrderId, rule4, days))
            Fail(result, "R4", rule4.Reaction, days, rule4[Parameter.Rule4Days]);
    }

    /// <summary>Last day of the schedule's end; 0 without one.</summary>
    private int EndOfLimit() => book.EndOfLimit(Slot);

    /// <summary>Rules 2 and 3: a blocked account; prepaid terms of the customer, or of the order alone.</summary>
    private void JudgeStatus(Judgement result, in Subject subject)
    {
        if (book.Names.Get(Account.Status) is "Blocked" or "Stopped") Fail(result, "R2", RuleOf(Parameter.Rule2).Reaction, 0, 0);
        if ((Account.Flags & (AccountFlags.PrepayOnly | AccountFlags.PrepayTerms)) != 0 || Context.Policy.IsPrepay(subject.Terms))
            Fail(result, "R3", RuleOf(Parameter.Rule3).Reaction, 0, 0);
    }

    private void JudgeRanks(Judgement result, in Subject subject)
    {
        if (RuleOf(Parameter.Rule8) is { Reaction: not Reaction.Off } rule8)
        {
            var (asked, usual) = (RankOf(subject.Terms), (int)Account.TermsRank);
            if (asked > usual && !IsExcluded(ExclusionKind.TermsRank, subject.OrderId, rule8, asked)) Fail(result, "R8", rule8.Reaction, asked, usual);
        }

        if (RuleOf(Parameter.Rule9) is { Reaction: not Reaction.Off } rule9)
        {
            var (asked, usual) = (subject.DiscountRank, (int)Account.DiscountRank);
            if (asked > usual && !IsExcluded(ExclusionKind.DiscountRank, subject.OrderId, rule9, asked)) Fail(result, "R9", rule9.Reaction, asked, usual);
        }
    }

    /// <summary>Rank of a terms code: from the policy's table; the customer's own code has the rank it was assigned with.</summary>
    private int RankOf(string terms)
    {
        if (terms.Length == 0) return 0;
        if (Context.Policy.RankOf(terms) is { } rank) return rank;
        // A code that nobody listed is longer than anything that somebody agreed to.
        return terms == book.Names.Get(Account.Terms) ? Account.TermsRank : int.MaxValue;
    }

    private ScopedRule RuleOf(Parameter rule) => Context.Policy.HasScopes
        ? Policy.RuleOf(rule, book.CustomerAt(Slot), book.Names.Get(Account.Tier), GradeOf())
        : Policy.RuleOf(rule, "", "", "");

    private string GradeOf() => book.GradeOf(Slot, Context.Today);

    private void FailBase(Judgement result, string rule, Reaction reaction, Int128 observed, Int128 threshold)
    {
        FailAmount(result, rule, reaction, observed, threshold);
        result.Reasons[^1].Currency = Context.BaseCurrency.Code;
    }

    /// <summary>An exclusion that ends the evaluation, of the order or of the customer; intercompany customers are exempt by flag.</summary>
    private bool IsReleasedByExclusion(string orderId)
    {
        if ((Account.Flags & AccountFlags.CheckExempt) != 0) return true;
        if (book.RareOf(Slot) is not { Exclusions.Count: > 0 } rare) return false;
        foreach (var exclusion in rare.Exclusions)
            if (exclusion.Kind == ExclusionKind.ReleaseOrder && Serves(exclusion, orderId)) return true;
        return false;
    }

    /// <summary>
    /// An exclusion affects only its own rule, with the same kind of value, and beats it only from a more specific
    /// level: one for the customer not a rule for the customer, one for the order every rule.
    /// </summary>
    private bool IsExcluded(ExclusionKind kind, string orderId, in ScopedRule rule, Int128 observed)
    {
        if (book.RareOf(Slot) is not { Exclusions.Count: > 0 } rare) return false;
        foreach (var exclusion in rare.Exclusions)
        {
            if (exclusion.Kind != kind || observed > exclusion.Value || !Serves(exclusion, orderId)) continue;
            if ((exclusion.OrderId.Length > 0 ? RuleLevel.Order : RuleLevel.Table) > rule.Level) return true;
        }

        return false;
    }

    private bool Serves(ExclusionState exclusion, string orderId) =>
        Context.Today <= exclusion.EndsOn && (exclusion.OrderId.Length == 0 || exclusion.OrderId == orderId);

    private Outcome Exclude(SetExclusion f)
    {
        if (f.ApprovedBy.Length == 0 || f.ApprovedBy == f.Actor) return Outcome.Refused("SELF_APPROVAL", "An exclusion needs a second person.");
        if (f.Kind == ExclusionKind.None) return Outcome.Refused("BAD_KIND", "An exclusion says what it lets pass.");
        if (f.EndsOn < Context.Today) return Outcome.Refused("BAD_PERIOD", "An exclusion ends today or later.");
        var rare = book.RareFor(Slot);
        foreach (var known in rare.Exclusions)
            if (known.Id == f.ExclusionId) return Outcome.Refused("CONFLICT", $"Exclusion '{f.ExclusionId}' stands already.");
        Few.Add(ref rare.Exclusions, new ExclusionState
        {
            Id = f.ExclusionId, Kind = f.Kind, OrderId = f.OrderId, Value = f.Value, Owner = f.Owner, Reason = f.Reason, EndsOn = f.EndsOn,
        });
        book.Wake(Slot, f.EndsOn + 1);
        return Outcome.Applied;
    }

    private Outcome EndExclusionOf(EndExclusion f) => book.RareOf(Slot) is { } rare && rare.Exclusions.RemoveAll(e => e.Id == f.ExclusionId) > 0
        ? Outcome.Applied
        : Outcome.Refused("NO_EXCLUSION", $"No exclusion '{f.ExclusionId}'.");

    /// <summary>Exclusions that are over leave at the day start.</summary>
    private void EndExclusions()
    {
        if (book.RareOf(Slot) is not { Exclusions.Count: > 0 } rare) return;
        rare.Exclusions.RemoveAll(e => e.EndsOn < Context.Today);
        foreach (var exclusion in rare.Exclusions) book.Wake(Slot, exclusion.EndsOn + 1);
    }
}
