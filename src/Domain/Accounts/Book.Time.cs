namespace ExposureMonitor.Domain;

/// <summary>Days, house facts and timers of the partition.</summary>
public sealed partial class Book
{
    private readonly PriorityQueue<int, (long Micros, int Slot)> _timers = new();
    private readonly Dictionary<int, long> _deadlines = [];
    private AccountWork? _work;

    internal AccountWork Work => _work ??= new AccountWork(this);

    internal EventWindow Window { get; } = new();

    /// <summary>True when an event of this kind, source and id is among the last that the partition remembers.</summary>
    public bool Remembers(Fact fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        return Window.Holds(fact);
    }

    /// <summary>Proposals and keys; empty outside of the house.</summary>
    public HouseDesk Desk { get; } = new();

    internal ByteBuffer Scratch { get; } = new();

    /// <summary>The earliest moment that some account waits for; far in the future when none does.</summary>
    public Instant NextDeadline
    {
        get
        {
            var account = NextOfAccounts;
            return Pending.Count > 0 && Pending[0].EffectiveAt < account ? Pending[0].EffectiveAt : account;
        }
    }

    /// <summary>Policies that were activated ahead of their time, the earliest first.</summary>
    internal List<PolicyActivated> Pending { get; } = [];

    private Instant NextOfAccounts
    {
        get
        {
            while (_timers.TryPeek(out var slot, out var key))
            {
                if (_deadlines.TryGetValue(slot, out var micros) && micros == key.Micros) return new Instant(key.Micros);
                _timers.Dequeue();
            }

            return new Instant(long.MaxValue);
        }
    }

    /// <summary>True while accounts have not folded what the partition knows.</summary>
    public bool SweepPending => Contexts.Count > 1;

    /// <summary>Versions of what the partition knows that some account has still to fold.</summary>
    public int VersionsToFold => Contexts.Count - 1;

    /// <summary>First slot that the sweep has not reached.</summary>
    public int SweepFrom { get; private set; }

    /// <summary>Notes what the account waits for, as of the moment at which it was worked on.</summary>
    internal void Schedule(int slot, Instant now)
    {
        var due = AccountWork.DeadlineOf(this, slot, now);
        if (due.Micros == 0)
        {
            _deadlines.Remove(slot);
            return;
        }

        if (_deadlines.TryGetValue(slot, out var known) && known == due.Micros) return;
        _deadlines[slot] = due.Micros;
        _timers.Enqueue(slot, (due.Micros, slot));
    }

    /// <summary>Fires every deadline up to a moment; an account that is ahead of the entry has done so already.</summary>
    internal void FireTimers(Instant dueAt, EntryPosition at, EffectBuffer effects)
    {
        if (dueAt > StreamTime) StreamTime = dueAt;
        ActivateDue();
        List<(int Slot, long Micros)>? ahead = null;
        while (NextOfAccounts is var next && next <= dueAt)
        {
            var slot = _timers.Dequeue();
            if (IsAhead(slot, at.Seq))
            {
                (ahead ??= []).Add((slot, next.Micros));
                continue;
            }

            _deadlines.Remove(slot);
            BringUp(slot, effects);
            Touch(slot);
            Work.Begin(slot, Context, at, StreamTime, effects);
            Work.Fire();
            // A deadline that its own firing did not move would fire for ever.
            if (_deadlines.TryGetValue(slot, out var again) && again <= dueAt.Micros)
                throw new InvalidOperationException($"The deadline {new Instant(again)} of customer {CustomerAt(slot)} fired and stayed.");
        }

        foreach (var (slot, micros) in ahead ?? []) _timers.Enqueue(slot, (micros, slot));
    }

    /// <summary>The moment that an account waits for, in microseconds; 0 when it waits for none.</summary>
    internal long DeadlineAt(int slot) => _deadlines.GetValueOrDefault(slot);

    internal void RestoreDeadline(int slot, long micros)
    {
        if (micros == 0) return;
        _deadlines[slot] = micros;
        _timers.Enqueue(slot, (micros, slot));
    }

    internal Outcome StartDay(int day)
    {
        if (day <= Today) return Outcome.Superseded;
        Push(Context with { Today = day });
        return Outcome.Applied;
    }

    internal Outcome TakeHouse(Fact fact)
    {
        if (fact is IHouseBroadcast { HouseSeq: > 0 } told)
        {
            if ((told.HouseSeq, told.HouseIndex).CompareTo((HouseSeq, HouseIndex)) <= 0) return Outcome.Duplicate;
            (HouseSeq, HouseIndex) = (told.HouseSeq, told.HouseIndex);
        }

        switch (fact)
        {
            case FxRatePublished rate:
                if (rate.Rate.Trillionths <= 0) return Outcome.Refused("BAD_RATE", "A rate is above 0.");
                return TakeRate(rate);
            case PolicyActivated policy:
                if (policy.Version <= Context.Policy.Version) return Outcome.Superseded;
                if (Policy.Create(policy.PolicyId, policy.Version, policy.Parameters, out var error) is not { } created)
                    return Outcome.Refused("BAD_POLICY", error);
                if (policy.EffectiveAt <= StreamTime) Push(Context with { Policy = created });
                else Wait(policy);
                return Outcome.Applied;
            case CalendarPublished calendar:
                if (BusinessCalendar.Create(calendar.CalendarId, calendar.Holidays, calendar.Weekend, out var wrong) is not { } published)
                    return Outcome.Refused("BAD_CALENDAR", wrong);
                Push(Context with { Calendar = published });
                return Outcome.Applied;
            case PortfolioMeasured measured:
                return TakeBaseline(measured);
            case SwitchGlobalHold hold:
                if (hold.On == Context.GlobalHold) return Outcome.Superseded;
                if (!hold.On && (hold.ApprovedBy.Length == 0 || hold.ApprovedBy == hold.Actor))
                    return Outcome.Refused("SELF_APPROVAL", "Switching the global hold off needs a second person.");
                Push(Context with { GlobalHold = hold.On });
                return Outcome.Applied;
            case SwitchOpeningLoad load:
                if (load.Open == Context.OpeningLoads.Contains(load.LoadSource)) return Outcome.Superseded;
                string[] open = load.Open ? [.. Context.OpeningLoads, load.LoadSource] : [.. Context.OpeningLoads.Where(s => s != load.LoadSource)];
                Array.Sort(open, StringComparer.Ordinal);
                Push(Context with { OpeningLoads = open });
                return Outcome.Applied;
            case SwitchToWallClock:
                if (!EventClock) return Outcome.Superseded;
                EventClock = false;
                return Outcome.Applied;
            default:
                return Outcome.Applied;
        }
    }

    /// <summary>A version that is activated ahead of its time waits for it; of one version the last that was told.</summary>
    private void Wait(PolicyActivated policy)
    {
        Pending.RemoveAll(p => p.Version == policy.Version);
        Pending.Add(policy);
        Pending.Sort(static (a, b) => a.EffectiveAt != b.EffectiveAt ? a.EffectiveAt.CompareTo(b.EffectiveAt) : a.Version.CompareTo(b.Version));
    }

    /// <summary>Activates the policies whose time has come.</summary>
    internal void ActivateDue()
    {
        while (Pending.Count > 0 && Pending[0].EffectiveAt <= StreamTime)
        {
            var policy = Pending[0];
            Pending.RemoveAt(0);
            if (policy.Version > Context.Policy.Version && Policy.Create(policy.PolicyId, policy.Version, policy.Parameters, out _) is { } created)
                Push(Context with { Policy = created });
        }
    }

    private Outcome TakeRate(FxRatePublished fact)
    {
        var (from, rate) = (fact.From, fact.Rate);
        if (fact.From == BaseCurrency)
        {
            (from, rate) = (fact.To, new FxRate(Rounding.Pin(Rounding.HalfEven((Int128)FxRate.Scale * FxRate.Scale, fact.Rate.Trillionths))));
        }
        else if (fact.To != BaseCurrency)
        {
            return Outcome.Refused("NOT_BASE", $"Rates are quoted in the base currency {BaseCurrency}.");
        }

        if (Context.RateOf(from) is { } known && from != BaseCurrency)
        {
            // The same rate again changes nothing, and no account is judged for it.
            if (known.AsOf > fact.AsOf || (known.AsOf == fact.AsOf && known.Rate == rate)) return Outcome.Superseded;
            var moved = Int128.Abs((Int128)rate.Trillionths - known.Rate.Trillionths);
            if (moved * 10_000 > (Int128)known.Rate.Trillionths * Context.Policy[Parameter.FxOddBp] && fact.ApprovedBy.Length == 0)
                return Outcome.Refused("ODD_RATE", $"{rate} is far from the last rate {known.Rate}; a second person approves it.");
        }

        var rates = new List<RateEntry>(Context.Rates);
        rates.RemoveAll(r => r.From == from);
        rates.Add(new RateEntry(from, rate, fact.AsOf));
        rates.Sort((a, b) => a.From.CompareTo(b.From));
        Push(Context with { Rates = rates });
        return Outcome.Applied;
    }

    /// <summary>Figures of the portfolio: of two of one segment the later day stands.</summary>
    private Outcome TakeBaseline(PortfolioMeasured f)
    {
        var list = new List<PortfolioBaseline>(Context.Baselines);
        var at = list.FindIndex(b => b.Segment == f.Segment);
        if (at >= 0 && list[at].AsOn > f.AsOn) return Outcome.Superseded;
        var told = new PortfolioBaseline(f.Segment, f.AsOn, f.Receivables, f.UncoveredEad, f.OverdueShareBp, f.MedianDaysLate, f.WeeklyOrders, f.WeeklyOrdersMad);
        var index = f.PaymentIndex > 0 && f.Segment.Length == 0 ? f.PaymentIndex : Context.PortfolioIndex;
        if (at >= 0 && list[at] == told && index == Context.PortfolioIndex) return Outcome.Applied;
        if (at >= 0) list.RemoveAt(at);
        list.Add(told);
        list.Sort(static (a, b) => string.CompareOrdinal(a.Segment, b.Segment));
        Push(Context with { PortfolioIndex = index, Baselines = list });
        return Outcome.Applied;
    }

    /// <summary>A feed fell silent, or is back.</summary>
    internal Outcome TakeFeed(string feed, Instant? since)
    {
        var feeds = new List<StaleFeed>(Context.StaleFeeds);
        var known = feeds.RemoveAll(f => f.Feed == feed) > 0;
        if (known == since is not null) return Outcome.Superseded;
        if (since is { } moment) feeds.Add(new StaleFeed(feed, moment));
        feeds.Sort((a, b) => a.Since != b.Since ? a.Since.CompareTo(b.Since) : string.CompareOrdinal(a.Feed, b.Feed));
        Push(Context with { StaleFeeds = feeds });
        return Outcome.Applied;
    }

    private void Push(PartitionContext next)
    {
        Contexts.Add(next with { Version = Context.Version + 1, Since = StreamTime, MadeAt = Entry });
        SweepFrom = 0;
        if (AccountCount == 0) Contexts.RemoveRange(0, Contexts.Count - 1);
    }

    /// <summary>
    /// Folds what an account has not seen, one version after the other, each under its own context and at its own
    /// moment: whether the sweep came at once or late, the account and its signals are the same.
    /// </summary>
    internal void BringUp(int slot, EffectBuffer effects)
    {
        // Versions are dropped when every account has folded them. A row that does not know them was written before, and
        // is older only because folding them changed nothing.
        if (Account(slot).Folded < Contexts[0].Version) Account(slot).Folded = Contexts[0].Version;
        while (Account(slot).Folded < Context.Version)
        {
            // Versions follow one another without a gap.
            var seen = Account(slot).Folded - Contexts[0].Version;
            var next = Contexts[seen + 1];
            Work.Begin(slot, Contexts[seen], next.MadeAt, next.Since, effects);
            Work.Fold(Contexts[seen], next);
        }
    }

    internal void Sweep(int from, EntryPosition at, EffectBuffer effects)
    {
        var end = Math.Min(AccountCount, from + PartitionMachine.SliceMax);
        for (var slot = from; slot < end; slot++)
            if (Account(slot).Folded < Context.Version && !IsAhead(slot, at.Seq)) BringUp(slot, effects);
        SweepFrom = end;
        if (end == AccountCount) Contexts.RemoveRange(0, Contexts.Count - 1);
    }
}
