namespace ExposureMonitor.Domain;

/// <summary>Days, house facts and timers of the partition.</summary>
public sealed partial class Book
{
    private readonly PriorityQueue<int, (long Micros, int Slot)> _timers = new();
    private readonly Dictionary<int, long> _deadlines = [];
    private AccountWork? _work;

    internal AccountWork Work => _work ??= new AccountWork(this);

    internal EventWindow Window { get; } = new();

    /// <summary>Proposals and keys; empty outside of the house.</summary>
    public HouseDesk Desk { get; } = new();

    internal ByteBuffer Scratch { get; } = new();

    /// <summary>The earliest moment that some account waits for; far in the future when none does.</summary>
    public Instant NextDeadline
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

    /// <summary>First slot that the sweep has not reached.</summary>
    public int SweepFrom { get; private set; }

    internal void Schedule(int slot)
    {
        var due = AccountWork.DeadlineOf(this, slot);
        if (due.Micros == 0)
        {
            _deadlines.Remove(slot);
            return;
        }

        if (_deadlines.TryGetValue(slot, out var known) && known == due.Micros) return;
        _deadlines[slot] = due.Micros;
        _timers.Enqueue(slot, (due.Micros, slot));
    }

    internal void FireTimers(Instant dueAt, EntryPosition at, EffectBuffer effects)
    {
        if (dueAt > StreamTime) StreamTime = dueAt;
        for (var done = 0; done < PartitionMachine.SliceMax && NextDeadline <= dueAt; done++)
        {
            _timers.TryDequeue(out var slot, out _);
            _deadlines.Remove(slot);
            BringUp(slot, at, effects);
            Touch(slot);
            Work.Begin(slot, Context, at, StreamTime, effects);
            Work.Fire();
            // A deadline that its own firing did not move would fire for ever.
            if (_deadlines.TryGetValue(slot, out var again) && again <= dueAt.Micros)
                throw new InvalidOperationException($"The deadline {new Instant(again)} of customer {CustomerAt(slot)} fired and stayed.");
        }
    }

    internal Outcome StartDay(int day)
    {
        if (day <= Today) return Outcome.Superseded;
        Push(Context with { Today = day });
        return Outcome.Applied;
    }

    internal Outcome TakeHouse(Fact fact)
    {
        switch (fact)
        {
            case FxRatePublished rate:
                if (rate.HouseSeq > HouseSeq) HouseSeq = rate.HouseSeq;
                if (rate.Rate.Trillionths <= 0) return Outcome.Refused("BAD_RATE", "A rate is above 0.");
                return TakeRate(rate);
            case PolicyActivated policy:
                if (policy.HouseSeq > HouseSeq) HouseSeq = policy.HouseSeq;
                if (policy.Version <= Context.Policy.Version) return Outcome.Superseded;
                if (Policy.Create(policy.PolicyId, policy.Version, policy.Parameters, out var error) is not { } created)
                    return Outcome.Refused("BAD_POLICY", error);
                Push(Context with { Policy = created });
                return Outcome.Applied;
            case CalendarPublished calendar:
                if (calendar.HouseSeq > HouseSeq) HouseSeq = calendar.HouseSeq;
                if (BusinessCalendar.Create(calendar.CalendarId, calendar.Holidays, calendar.Weekend, out var wrong) is not { } published)
                    return Outcome.Refused("BAD_CALENDAR", wrong);
                Push(Context with { Calendar = published });
                return Outcome.Applied;
            case PortfolioMeasured measured:
                if (measured.HouseSeq > HouseSeq) HouseSeq = measured.HouseSeq;
                if (measured.PaymentIndex > 0) Push(Context with { PortfolioIndex = measured.PaymentIndex });
                return Outcome.Applied;
            case SwitchGlobalHold hold:
                if (hold.HouseSeq > HouseSeq) HouseSeq = hold.HouseSeq;
                if (hold.On == Context.GlobalHold) return Outcome.Superseded;
                if (!hold.On && (hold.ApprovedBy.Length == 0 || hold.ApprovedBy == hold.Actor))
                    return Outcome.Refused("SELF_APPROVAL", "Switching the global hold off needs a second person.");
                Push(Context with { GlobalHold = hold.On });
                return Outcome.Applied;
            case SwitchOpeningLoad load:
                if (load.HouseSeq > HouseSeq) HouseSeq = load.HouseSeq;
                if (load.Open == Context.OpeningLoads.Contains(load.LoadSource)) return Outcome.Superseded;
                string[] open = load.Open ? [.. Context.OpeningLoads, load.LoadSource] : [.. Context.OpeningLoads.Where(s => s != load.LoadSource)];
                Array.Sort(open, StringComparer.Ordinal);
                Push(Context with { OpeningLoads = open });
                return Outcome.Applied;
            default:
                return Outcome.Applied;
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
            if (known.AsOf > fact.AsOf) return Outcome.Superseded;
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
        Contexts.Add(next with { Version = Context.Version + 1 });
        SweepFrom = 0;
        if (AccountCount == 0) Contexts.RemoveRange(0, Contexts.Count - 1);
    }

    /// <summary>Folds what an account has not seen, one version after the other, each under its own context.</summary>
    internal void BringUp(int slot, EntryPosition at, EffectBuffer effects)
    {
        // Versions are dropped when every account has folded them. A row that does not know them was written before, and
        // is older only because folding them changed nothing.
        if (Account(slot).Folded < Contexts[0].Version) Account(slot).Folded = Contexts[0].Version;
        while (Account(slot).Folded < Context.Version)
        {
            var seen = 0;
            while (Contexts[seen].Version != Account(slot).Folded) seen++;
            Work.Begin(slot, Contexts[seen], at, StreamTime, effects);
            Work.Fold(Contexts[seen], Contexts[seen + 1]);
        }
    }

    internal void Sweep(int from, EntryPosition at, EffectBuffer effects)
    {
        var end = Math.Min(AccountCount, from + PartitionMachine.SliceMax);
        for (var slot = from; slot < end; slot++)
            if (Account(slot).Folded < Context.Version) BringUp(slot, at, effects);
        SweepFrom = end;
        if (end == AccountCount) Contexts.RemoveRange(0, Contexts.Count - 1);
    }
}
