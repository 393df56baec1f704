namespace ExposureMonitor.Domain;

/// <summary>Everything that is decided about the limit of one account, for readers.</summary>
/// <param name="Version">Grows with every decision; who decides says which one was shown.</param>
/// <param name="EligibleMax">Most that the last review supports, in minor units; −1 when none is told.</param>
public sealed record LimitDetail(long Version, LimitKind Kind, long Effective, Currency Currency, bool Expired, long EligibleMax, bool Mandatory,
    IReadOnlyList<LimitStep> Steps, IReadOnlyList<TemporaryLimitLine> Temporary, IReadOnlyList<SeasonLine> Seasons, IReadOnlyList<LimitRequestLine> Requests);

/// <summary>A temporary limit, in minor units of its currency.</summary>
/// <param name="Orders">The orders that it serves; empty for all.</param>
public sealed record TemporaryLimitLine(string TemporaryId, long Amount, Currency Currency, Instant From, Instant To, IReadOnlyList<string> Orders, bool Once, bool Consumed, bool Ended);

/// <summary>An uplift that comes back each year; month × 100 + day.</summary>
public sealed record SeasonLine(string SeasonId, int FromMonthDay, int ToMonthDay, int UpliftBp);

/// <summary>Limits as they are decided.</summary>
public sealed partial class Book
{
    /// <summary>The schedule of the limit, by its first days.</summary>
    internal IReadOnlyList<LimitStepState> StepsOf(int slot)
    {
        ref var account = ref Account(slot);
        if (RareOf(slot) is { Steps.Count: > 0 } rare) return rare.Steps;
        return account.LimitKind == LimitKind.NotSet ? [] : [new LimitStepState { From = account.LimitFrom, Kind = account.LimitKind, Amount = account.LimitAmount }];
    }

    /// <summary>Keeps a schedule; the usual one, a step that serves already and has no end, needs no object of its own.</summary>
    internal void SetSteps(int slot, List<LimitStepState> steps, int today)
    {
        ref var account = ref Account(slot);
        (account.LimitKind, account.LimitAmount, account.LimitFrom) = (LimitKind.NotSet, 0, 0);
        RareOf(slot)?.Steps.Clear();
        if (steps is [{ To: 0 } only] && only.From <= today)
            (account.LimitKind, account.LimitAmount, account.LimitFrom) = (only.Kind, only.Kind == LimitKind.Amount ? only.Amount : 0, only.From);
        else if (steps.Count > 0)
            foreach (var step in steps) Few.Add(ref RareFor(slot).Steps, step);
    }

    /// <summary>The limit of an account with what it is made of.</summary>
    public LimitDetail LimitDetail(int slot)
    {
        var limit = EffectiveLimit.Of(this, slot, Context, StreamTime);
        var currency = Account(slot).LimitCurrency;
        var steps = StepsOf(slot).Select(s => new LimitStep { From = s.From, To = s.To, Kind = s.Kind, Amount = s.Amount }).ToList();
        var version = Account(slot).LimitVersion;
        if (RareOf(slot) is not { } rare) return new LimitDetail(version, limit.Kind, limit.Amount, currency, limit.Expired, -1, false, steps, [], [], []);
        return new LimitDetail(version, limit.Kind, limit.Amount, currency, limit.Expired, rare.EligibleMax, rare.Mandatory, steps,
            [.. rare.Temporary.Select(t => new TemporaryLimitLine(t.Id, t.Amount, t.Currency, t.From, t.To, [.. t.Orders], t.Once, t.Consumed, t.Ended))],
            [.. rare.Seasons.Where(s => !s.Removed).Select(s => new SeasonLine(s.Id, s.FromMonthDay, s.ToMonthDay, s.UpliftBp))],
            [.. rare.LimitRequests.Select(r => new LimitRequestLine(r.Id, r.Kind, r.Amount, r.Currency.Code, r.Actor, r.Reason, r.LapsesAt))]);
    }
}
