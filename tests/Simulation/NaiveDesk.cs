using System.Numerics;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Simulation;

/// <summary>What the journal tells of an order's hold in one entry.</summary>
internal sealed record HoldTold(string Customer, string OrderId, string Step, string Actor, bool ByReturn, string Reasons);

/// <summary>What the journal tells of a decision in one entry.</summary>
internal sealed record DecisionTold(string Customer, string OrderId, bool Approved, string ReservationId, long ExpiresAt, string Excuse);

/// <summary>One entry of a partition in the order of the journal, with what was told about it.</summary>
internal sealed record EntryTold(EntryPosition At, Fact Fact, OutcomeKind Outcome, List<HoldTold> Holds, List<DecisionTold> Decisions,
    List<(string Customer, string Reservation)> Ended);

/// <summary>One customer as the naive desk knows him.</summary>
internal sealed class NaiveAccount
{
    internal NaiveAccount() => Plans = new NaivePlans(Book);

    internal NaiveBook Book { get; } = new();

    internal NaivePlans Plans { get; }

    internal SortedSet<string> Held { get; } = new(StringComparer.Ordinal);

    /// <summary>Held by a person or for a returned payment: no rule releases it.</summary>
    internal HashSet<string> Manual { get; } = [];

    internal List<(string Id, string OrderId, long Amount, Currency Currency, long ExpiresAt)> Reservations { get; } = [];

    internal Dictionary<string, long> PlacedAt { get; } = [];

    internal List<(Fact Fact, long Until)> Parked { get; } = [];

    internal bool PlanBroken { get; set; }

    internal LimitKind LimitKind { get; set; }

    internal long Limit { get; set; }

    internal long LimitVersion { get; set; }

    internal Currency Currency { get; set; }

    /// <summary>A day or a rate came that the account has not met: it meets it before the next fact, or in the sweep.</summary>
    internal bool IsBehind { get; set; }

    internal int Step { get; set; }

    /// <summary>Since when each step of the ladder is below its re-arm; 0 when it is not.</summary>
    internal long[] CalmSince { get; } = new long[5];

    /// <summary>Entries at which a step of the ladder was crossed upwards.</summary>
    internal List<EntryPosition> Crossings { get; } = [];
}

/// <summary>
/// The desk of one partition, walked along its journal: rates, days, limits, reservations, holds. At every entry it asks, from
/// scratch, whether what was approved, held and released there is what the specification allows.
/// </summary>
internal sealed class NaiveDesk(Currency baseCurrency, int horizon, bool atLimitHolds, Situations met, bool byGrade)
{
    /// <summary>Where the steps of EW-01 fire; all are armed again 5 points below (credit.md 19.2, and 14 for those of a grade).</summary>
    private static readonly long[] Everybody = [7_000, 8_000, 9_000, 10_000, 11_000];

    private static readonly Dictionary<string, long[]> OfGrade = new()
    {
        ["A"] = [9_000, 10_000, 11_000], ["B"] = [8_000, 9_000, 10_000], ["C"] = [7_000, 8_500, 10_000], ["D"] = [6_000, 8_000, 9_500],
    };

    private readonly Dictionary<string, (BigInteger Rate, int AsOf)> _rates = [];
    private bool _globalHold;

    internal SortedDictionary<string, NaiveAccount> Accounts { get; } = new(StringComparer.Ordinal);

    internal int Today { get; private set; }

    internal int Horizon => horizon;

    internal long Now { get; private set; }

    /// <summary>Parked facts that must have become dead letters.</summary>
    internal List<Fact> Lapsed { get; } = [];

    /// <summary>Takes one entry; says what is wrong with it, or <c>null</c>.</summary>
    internal string? Take(EntryTold e)
    {
        Now = Math.Max(Now, e.Fact.Arrival.Micros);
        if (Reaches(e) && Accounts.TryGetValue(e.Fact.Customer, out var behind) && behind.IsBehind) CatchUp(e, behind);
        if (e.Outcome is not (OutcomeKind.Applied or OutcomeKind.Parked))
            return e.Holds.Exists(h => !IsHorizon(h)) || e.Decisions.Exists(d => !e.Holds.Exists(h => h.OrderId == d.OrderId)) ? $"{e.At}: {e.Outcome}, and it decided something" : null;
        switch (e.Fact)
        {
            case DayStarted day:
                Today = day.Day;
                foreach (var account in Accounts.Values) account.IsBehind = true;
                return null;
            case FxRatePublished rate:
                _rates[rate.From.Code] = (rate.Rate.Trillionths, rate.AsOf.UtcDate.DayNumber);
                foreach (var account in Accounts.Values) account.IsBehind = true;
                return null;
            case SwitchGlobalHold hold:
                _globalHold = hold.On;
                return null;
            case SweepDue or TimerDue:
                foreach (var (customer, account) in Accounts)
                    if (Time(e, customer, account) is { } wrong) return $"{e.At} {e.Fact.GetType().Name}, customer {customer}: {wrong}";
                return null;
            case PartitionFact or HouseFact or SwitchToWallClock:
                return null;
        }

        if (!Accounts.TryGetValue(e.Fact.Customer, out var told)) Accounts[e.Fact.Customer] = told = new NaiveAccount { Currency = baseCurrency };
        if (e.Outcome == OutcomeKind.Parked)
        {
            told.Book.Add(e.Fact);
            told.Parked.Add((e.Fact, e.Fact.Arrival.Micros + 7 * Instant.Day));
            return e.Holds.Exists(h => !IsHorizon(h)) ? $"{e.At}: parked, and it held something" : null;
        }

        return Account(e, told) is { } why
            ? $"{e.At} {e.Fact.GetType().Name} {e.Fact.Document}, customer {e.Fact.Customer}: {why}; told: {string.Join(" ", e.Holds.Select(h => $"{h.OrderId} {h.Step} {h.Reasons}"))}"
            : null;
    }

    /// <summary>The fact came as far as the account; a duplicate and a date in the future do not.</summary>
    private static bool Reaches(EntryTold e) => e.Outcome is OutcomeKind.Applied or OutcomeKind.Parked or OutcomeKind.Superseded
        || (e.Outcome == OutcomeKind.Refused && e.Fact.Time.Micros <= e.Fact.Arrival.Micros + 300 * Instant.Second);

    private static bool IsHorizon(HoldTold hold) => hold.Reasons.Contains("\"HORIZON\"", StringComparison.Ordinal);

    /// <summary>What the day or the rate does to an account, before the fact that finds it behind.</summary>
    private void CatchUp(EntryTold e, NaiveAccount a)
    {
        a.IsBehind = false;
        var entered = e.Holds.Where(h => h.Customer == e.Fact.Customer && h.Step == HoldChanged.Held && IsHorizon(h)).Select(h => h.OrderId).Where(a.Held.Add).ToList();
        Ladder(a, e);
        // They are told once, and read again with what the fact did.
        a.Held.ExceptWith(entered);
    }

    private string? Time(EntryTold e, string customer, NaiveAccount account)
    {
        if (e.Fact is SweepDue) account.IsBehind = false;
        var ended = e.Ended.Where(r => r.Customer == customer).ToList();
        foreach (var (_, id) in ended)
        {
            var at = account.Reservations.FindIndex(r => r.Id == id);
            if (at < 0 || account.Reservations[at].ExpiresAt > Now) return $"reservation {id} ended before its time";
            account.Reservations.RemoveAt(at);
            met.Note(Situation.ReservationExpired);
        }

        if (e.Fact is TimerDue)
        {
            foreach (var parked in account.Parked.Where(p => p.Until <= Now).ToList())
            {
                if (account.Book.Waits(parked.Fact))
                {
                    account.Book.Remove(parked.Fact);
                    Lapsed.Add(parked.Fact);
                }

                account.Parked.Remove(parked);
            }
        }

        var moved = e.Holds.Exists(h => h.Customer == customer) || e.Decisions.Exists(d => d.Customer == customer) || ended.Count > 0 || account.CalmSince.Any(since => since != 0 && since + 60 * Instant.Second <= Now) || e.Fact is SweepDue;
        return moved ? Judge(e, customer, account, null) : null;
    }

    private string? Account(EntryTold e, NaiveAccount a)
    {
        var before = a.Reservations.ToList();
        switch (e.Fact)
        {
            case CheckCredit check:
                return Check(e, a, check);
            case EndReservation end:
                a.Reservations.RemoveAll(r => r.Id == end.ReservationId);
                break;
            case LimitSet limit:
                (a.LimitVersion, a.LimitKind, a.Limit, a.Currency) = (limit.Version, limit.Steps[0].Kind, limit.Steps[0].Amount, limit.Currency);
                break;
            case CustomerOpened opened when a.LimitKind == LimitKind.NotSet:
                a.Currency = opened.Currency;
                break;
            case OrderPlaced or OrderTransferred:
                a.PlacedAt[e.Fact.Document] = Now;
                break;
        }

        if (e.Fact is not Command) a.Book.Add(e.Fact);
        if (a.Parked.RemoveAll(p => !a.Book.Waits(p.Fact)) > 0) met.Note(Situation.ParkedThenApplied);
        // Headroom that an order names is kept for it from here on.
        if (e.Fact is OrderPlaced { ReservationId.Length: > 0 } named && a.Reservations.FindIndex(r => r.Id == named.ReservationId) is var at and >= 0)
            a.Reservations[at] = (a.Reservations[at].Id, named.OrderId, a.Reservations[at].Amount, a.Reservations[at].Currency, a.Reservations[at].ExpiresAt);
        // What is delivered already stands in D; nothing is kept for it beside.
        if (e.Fact is OrderTransferAnswered { Taken: true } gone) a.Reservations.RemoveAll(r => r.OrderId == gone.OrderId);
        if (e.Fact is OrderPlaced told && !a.Book.HasLeft(told.OrderId) && a.Book.Orders().Find(o => o.Id == told.OrderId) is not { Undelivered: > 0 }) a.Reservations.RemoveAll(r => r.OrderId == told.OrderId);
        return Judge(e, e.Fact.Customer, a, before);
    }

    /// <summary>A check is approved exactly when it fits at the prefix just before it.</summary>
    private string? Check(EntryTold e, NaiveAccount a, CheckCredit check)
    {
        if (e.Decisions is not [var told]) return $"a check was decided {e.Decisions.Count} times";
        var fits = Fits(a, a.Held, null, check.Amount, check.Currency, check.ShipOn == 0 ? Today : check.ShipOn, null, isNew: true);
        if (told.Approved != fits) return $"check of {check.Amount} {check.Currency.Code} approved: {told.Approved}, fits: {fits}; {Text(a, a.Held)}";
        met.Note(fits ? Situation.CheckApproved : Situation.CheckHeld);
        if (told.Approved) a.Reservations.Add((told.ReservationId, check.OrderId, check.Amount, check.Currency, told.ExpiresAt));
        return Judge(e, e.Fact.Customer, a, null);
    }

    /// <summary>Holds, releases and the ladder behind an entry.</summary>
    private string? Judge(EntryTold e, string customer, NaiveAccount a, List<(string Id, string OrderId, long Amount, Currency Currency, long ExpiresAt)>? reservedBefore)
    {
        var heldBefore = a.Held.ToHashSet();
        if (a.Plans.IsBroken(Today) is var broken && broken != a.PlanBroken)
        {
            a.PlanBroken = broken;
            met.Note(broken ? Situation.PlanBroken : Situation.PlanMended);
        }
        var released = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var hold in e.Holds.Where(h => h.Customer == customer))
        {
            if (hold.Step == HoldChanged.Held)
            {
                a.Held.Add(hold.OrderId);
                if (hold.Reasons.Contains("PLAN_BROKEN", StringComparison.Ordinal)) met.Note(Situation.HeldForPlan);
                if (hold.ByReturn) a.Manual.Add(hold.OrderId);
            }

            if (hold.Step is HoldChanged.Released or HoldChanged.Rejected or HoldChanged.Ended) a.Held.Remove(hold.OrderId);
            if (hold.Step == HoldChanged.Released && hold.Actor == "rule") released.Add(hold.OrderId);
            else released.Remove(hold.OrderId);
        }

        if (released.Overlaps(a.Manual)) return "a rule released what only a person may release";
        if (Approvals(e, customer, a, released, reservedBefore ?? a.Reservations.ToList()) is { } unfair) return unfair;
        if (Pass(a, released) is { } wrong) return wrong;
        foreach (var id in a.Held.Except(heldBefore))
            if (!MayHold(e, id)) return $"order {id} was held by a fact that checks no order";
        if (e.Outcome == OutcomeKind.Applied) Ladder(a, e);
        return null;
    }

    /// <summary>Facts that check an order; and any that comes between the start of a day and its sweep, which judges what entered the horizon first.</summary>
    private static bool MayHold(EntryTold e, string order) => e.Holds.Exists(h => h.OrderId == order && IsHorizon(h)) || e.Fact is OrderPlaced or OrderTransferred or OrderTransferAnswered { Taken: false } or OrderChanged or OrderReopened or DeliveryReversed or DeliveryPosted
        or PaymentReturned or SweepDue or TimerDue or AcceptanceDishonoured or InvoiceCancelled or InvoicePosted;

    /// <summary>I6: what was approved in this entry fits without what the pass released behind it.</summary>
    private string? Approvals(EntryTold e, string customer, NaiveAccount a, ISet<string> released,
        List<(string Id, string OrderId, long Amount, Currency Currency, long ExpiresAt)> reservedBefore)
    {
        var out_ = a.Held.Union(released).ToHashSet();
        if (e.Fact is OrderPlaced placed && a.Book.Orders().Find(o => o.Id == placed.OrderId) is { Undelivered: > 0 } && !e.Decisions.Exists(d => d.OrderId == placed.OrderId))
            return "an order was placed without a decision";
        foreach (var decision in e.Decisions.Where(d => d.Customer == customer && d.OrderId.Length > 0 && e.Fact is not CheckCredit).GroupBy(d => d.OrderId).Select(g => g.Last()))
        {
            if (!decision.Approved || decision.Excuse == "Grace") continue;
            var order = a.Book.Orders().Find(o => o.Id == decision.OrderId);
            if (order is null || a.Held.Contains(order.Id)) return $"order {decision.OrderId} is approved and held";
            var named = e.Fact is OrderPlaced p && p.OrderId == order.Id ? p.ReservationId : "";
            var kept = reservedBefore.Find(r => r.OrderId == order.Id || (named.Length > 0 && r.Id == named));
            a.Reservations.RemoveAll(r => r.Id == kept.Id && kept.Id is not null);
            if (kept.Id is not null) met.Note(Situation.ReservationConsumed);
            var fits = Fits(a, out_, order.Id, order.Undelivered, order.Currency, order.ShipOn, kept.Id is null ? null : kept, IsNew(e.Fact, order.Id));
            if (!fits) return $"order {order.Id} of {order.Undelivered} {order.Currency.Code} is approved ({decision.Excuse}) and does not fit; {Text(a, out_)}";
            met.Note(Situation.OrderApproved);
        }

        // An order that was accepted and then held by a fact that had waited for it has used its reservation.
        if (e.Fact is not CheckCredit)
            foreach (var decision in e.Decisions.Where(d => d.Customer == customer && d.Approved && d.ReservationId.Length > 0)) a.Reservations.RemoveAll(r => r.Id == decision.ReservationId);
        return null;
    }

    /// <summary>The pass over held orders, in release order: whoever fits at its turn is released, nobody else.</summary>
    private string? Pass(NaiveAccount a, ISet<string> released)
    {
        var turn = a.Book.Orders().Where(o => a.Held.Contains(o.Id) || released.Contains(o.Id))
            .OrderBy(o => o.Priority == 0 ? 5 : o.Priority).ThenBy(o => o.PromisedOn != 0 ? o.PromisedOn : o.ShipOn)
            .ThenBy(o => a.PlacedAt.GetValueOrDefault(o.Id)).ThenBy(o => o.Id, StringComparer.Ordinal).ToList();
        var out_ = turn.Select(o => o.Id).ToHashSet();
        // What was reserved beyond a released order is free for those whose turn was before it, too: they are asked again.
        for (var freed = true; freed;)
        {
            freed = false;
            foreach (var order in turn.Where(o => out_.Contains(o.Id)).ToList())
            {
                if (a.Manual.Contains(order.Id) || order.Undelivered == 0) continue;
                var kept = a.Reservations.Find(r => r.OrderId == order.Id);
                if (!Fits(a, out_, order.Id, order.Undelivered, order.Currency, order.ShipOn, kept.Id is null ? null : kept, isNew: true)) continue;
                if (!released.Contains(order.Id))
                {
                    if (a.Book.HasLeft(order.Id)) continue;
                    return $"held order {order.Id} of {order.Undelivered} {order.Currency.Code} fits: True, released: False; {Text(a, out_)}";
                }

                var before = Exposure(a, out_).Sum;
                out_.Remove(order.Id);
                if (kept.Id is not null) a.Reservations.RemoveAll(r => r.Id == kept.Id);
                freed |= Exposure(a, out_).Sum < before;
                met.Note(Situation.ReleasedByCure);
            }
        }

        foreach (var order in turn.Where(o => out_.Contains(o.Id) && o.Undelivered > 0 && !a.Manual.Contains(o.Id)))
        {
            if (released.Contains(order.Id)) return $"held order {order.Id} of {order.Undelivered} {order.Currency.Code} fits: False, released: True; {Text(a, out_)}";
            met.Note(Situation.StillHeld);
        }

        return null;
    }

    /// <summary>True when a document fits the limit, its own order taken out first, and the reserved part excused.</summary>
    private bool Fits(NaiveAccount a, ISet<string> held, string? own, long amount, Currency currency, int shipOn,
        (string Id, string OrderId, long Amount, Currency Currency, long ExpiresAt)? kept, bool isNew)
    {
        if (_globalHold || a.LimitKind == LimitKind.NotSet || a.Plans.IsBroken(Today)) return false;
        if (isNew && RateAge(currency, a.Currency) > 10) return false;
        if (a.LimitKind == LimitKind.Unlimited) return true;
        var without = own is null ? held : held.Append(own).ToHashSet();
        var doc = Convert(amount, currency, a.Currency);
        if (kept is { } r && r.Currency == currency)
        {
            if (amount <= r.Amount) return true;
            doc -= Convert(r.Amount, currency, a.Currency);
        }

        if (shipOn > Today + horizon) doc = 0;
        var (exposure, haircut) = Exposure(a, without, kept, currency, doc);
        var after = BigInteger.Max(0, exposure + doc + haircut);
        return after < a.Limit || (after == a.Limit && (!atLimitHolds || after == 0));
    }

    /// <summary>S(h) in the currency of the limit, and what foreign currencies count on top, a document among them.</summary>
    internal (BigInteger Sum, BigInteger Haircut) Exposure(NaiveAccount a, ISet<string> held,
        (string Id, string OrderId, long Amount, Currency Currency, long ExpiresAt)? consumed = null, Currency of = default, BigInteger document = default)
    {
        BigInteger sum = 0, haircut = 0;
        var sums = a.Book.Sums(Today, horizon, held);
        var reserved = a.Reservations.Concat(consumed is { } c && !a.Reservations.Exists(r => r.Id == c.Id) ? [c] : []).GroupBy(r => r.Currency.Code).ToDictionary(g => g.Key, g => g.Sum(r => r.Amount));
        foreach (var code in sums.Keys.Union(reserved.Keys).Union(of == default ? [] : [of.Code]).Order(StringComparer.Ordinal))
        {
            var s = sums.GetValueOrDefault(code) ?? new NaiveSums();
            var from = Currency.Parse(code);
            BigInteger part = 0;
            foreach (var component in (long[])[s.Inside, s.Delivered, s.Billed, s.Receivables, s.Acceptances, s.AtRisk, s.External, reserved.GetValueOrDefault(code)])
                part += Convert(component, from, a.Currency);
            part -= Convert(s.Unapplied, from, a.Currency);
            sum += part;
            if (from == of) part += document;
            if (from != a.Currency && part > 0) haircut += Haircut(part, from, a.Currency);
        }

        return (sum, haircut);
    }

    private BigInteger Haircut(BigInteger amount, Currency from, Currency to)
    {
        if (amount <= 0) return 0;
        return (amount * (RateAge(from, to) > 3 ? 1_000 : 500) + 9_999) / 10_000;
    }

    /// <summary>Days since the older of the rates that lead from one currency to another.</summary>
    private int RateAge(Currency from, Currency to)
    {
        if (from == to) return 0;
        return Math.Max(AgeOf(from), AgeOf(to));

        int AgeOf(Currency currency) => currency != baseCurrency && _rates.TryGetValue(currency.Code, out var rate) ? Today - rate.AsOf : 0;
    }

    /// <summary>A check, a placed or re-opened order, and one that came from another payer: judged for the first time.</summary>
    private static bool IsNew(Fact fact, string order) => fact is OrderPlaced or OrderTransferred or OrderReopened && fact.Document == order;

    internal BigInteger Convert(long minor, Currency from, Currency to)
    {
        if (from == to || minor == 0) return minor;
        BigInteger up = from == baseCurrency ? FxRate.Scale : _rates[from.Code].Rate, down = to == baseCurrency ? FxRate.Scale : _rates[to.Code].Rate;
        var (whole, rest) = BigInteger.DivRem(BigInteger.Abs(minor * up), down);
        var twice = rest * 2;
        if (twice > down || (twice == down && !whole.IsEven)) whole++;
        return minor < 0 ? -whole : whole;
    }

    /// <summary>EW-01 by hand: the highest step that is reached counts once; a step is armed again 5 points below it, a minute later.</summary>
    private void Ladder(NaiveAccount a, EntryTold e)
    {
        // The ladder uses the figure of the check: what foreign currencies count on top is in it.
        var (sum, haircut) = Exposure(a, a.Held);
        var gross = BigInteger.Max(0, sum + haircut);
        var used = a.LimitKind != LimitKind.Amount ? 0 : a.Limit > 0 ? gross * 10_000 / a.Limit : gross > 0 ? 11_000 : 0;
        var fire = StepsOf(a);
        // Of a ladder with fewer steps no step behind its last one stands.
        a.Step = Math.Min(a.Step, fire.Length);
        var reached = fire.Count(f => used >= f);
        if (reached > a.Step)
        {
            for (var i = 0; i < reached; i++) a.CalmSince[i] = 0;
            a.Step = reached;
            a.Crossings.Add(e.At);
            met.Note(Situation.LimitStepCrossed);
            if (fire != Everybody) met.Note(Situation.GradeStepCrossed);
            return;
        }

        // Armed again at the re-arm, not a cent above it.
        for (var i = 0; i < a.Step; i++)
            if (a.LimitKind == LimitKind.Amount && gross * 10_000 > a.Limit * (BigInteger)(fire[i] - 500)) a.CalmSince[i] = 0;
            else if (a.CalmSince[i] == 0) a.CalmSince[i] = Now;
        while (a.Step > 0 && a.CalmSince[a.Step - 1] != 0 && Now >= a.CalmSince[a.Step - 1] + 60 * Instant.Second) a.CalmSince[--a.Step] = 0;
    }

    /// <summary>The steps of a customer: of the grade that persons told last, where the policy has steps by grade; E has none of its own.</summary>
    private long[] StepsOf(NaiveAccount a)
    {
        if (!byGrade) return Everybody;
        var last = a.Book.Facts.OfType<RatingOverridden>().OrderBy(f => f.Time.Micros).ThenBy(f => f.EventId, StringComparer.Ordinal).LastOrDefault();
        return last is not null && OfGrade.TryGetValue(last.Grade, out var own) ? own : Everybody;
    }

    private string Text(NaiveAccount a, ISet<string> held)
    {
        var (sum, haircut) = Exposure(a, held);
        return $"limit {a.LimitKind} {a.Limit} {a.Currency.Code}, S {sum} + {haircut} without [{string.Join(",", held)}], reserved {string.Join(",", a.Reservations)}";
    }
}
