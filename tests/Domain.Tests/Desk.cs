using ExposureMonitor.Domain;

namespace ExposureMonitor.Domain.Tests;

/// <summary>A credit desk with one customer: tells facts in the trade's words and reads the figures.</summary>
internal sealed class Desk
{
    private long _seq;
    private long _event;

    /// <summary>Facts whose event ids a recovery finds in the journal.</summary>
    private readonly List<Fact> _window = [];

    internal const string Customer = "C-1";
    internal static readonly Currency Eur = Currency.Parse("EUR");

    internal Desk(long? limit = null, string day = "2026-03-02", Currency? baseCurrency = null, bool riskFollows = true, int since = 0)
    {
        _riskFollows = riskFollows;
        Book = new Book(0, baseCurrency ?? Eur, eventClock: true);
        Day(day);
        if (!riskFollows) Rules();
        Tell(new CustomerOpened { Currency = baseCurrency ?? Eur, CustomerSince = since });
        if (limit is { } amount) Limit(amount);
        else Unlimited();
    }

    internal Book Book { get; private set; }

    internal EffectBuffer Effects { get; } = new();

    internal List<Effect> History { get; } = [];

    /// <summary>Facts that were applied, with their entries.</summary>
    internal List<(Fact Fact, EntryPosition At)> Applied { get; } = [];

    /// <summary>The business day of each entry.</summary>
    internal Dictionary<string, int> DayOfEntry { get; } = [];

    internal Instant Now { get; private set; }

    /// <summary>The entry of the last fact.</summary>
    internal EntryPosition LastEntry => new(0, _seq, 0);

    internal AccountFigures Figures => Book.Figures(Book.FindSlot(Customer));

    internal AccountDetail Detail => Book.Detail(Book.FindSlot(Customer));

    internal static int On(string date) => DateOnly.ParseExact(date, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture).DayNumber;

    internal Outcome Tell(Fact fact)
    {
        if (fact.Customer.Length == 0 && fact is not HouseCommand) fact.Customer = Customer;
        if (fact.EventId.Length == 0 && fact is not Command && fact is not PartitionFact) fact.EventId = "e" + ++_event;
        if (fact.Time.Micros == 0) fact.Time = Now = Now.Plus(Instant.Second);
        Effects.Clear();
        var outcome = PartitionMachine.Apply(Book, fact, new EntryPosition(0, ++_seq, 0), Effects);
        History.AddRange(Effects.Effects);
        if (outcome.Kind == OutcomeKind.Applied) Applied.Add((fact, LastEntry));
        DayOfEntry[LastEntry.ToString()] = Book.Today;
        if (Book.EnteredWindow) _window.Add(fact);
        if (RestartEach > 0 && _seq % RestartEach == 0) Restart();
        return outcome;
    }

    /// <summary>Writes everything and reads it back behind every so many entries; 0 never.</summary>
    internal int RestartEach { get; init; }

    private long _policy = 1;

    /// <summary>False where other rules are the subject, so that no signal holds an order.</summary>
    private readonly bool _riskFollows;

    /// <summary>Activates a policy with these parameters; what is not named has its default.</summary>
    internal void Rules(params (string Name, long Value)[] parameters) => Tell(new PolicyActivated
    {
        PolicyId = "p", Version = ++_policy,
        Parameters = [.. (_riskFollows ? parameters : parameters.Append((Name: "risk.on", Value: 0))).Select(p => new PolicyParameter { Name = p.Name, Value = p.Value.ToString(System.Globalization.CultureInfo.InvariantCulture) })],
    });

    internal Outcome Rate(string from, string rate, string asOf, string approvedBy = "")
    {
        FxRate.TryParse(rate, out var value);
        return Tell(new FxRatePublished { From = Currency.Parse(from), To = Book.BaseCurrency, Rate = value, AsOf = Instant.From(DateOnly.FromDayNumber(On(asOf))), ApprovedBy = approvedBy });
    }

    internal CheckDecided Decision => History.OfType<CheckDecided>().Last();

    internal IEnumerable<string> Reasons(string order) => Detail.Holds.Find(h => h.OrderId == order)?.Reasons.Where(r => r.StillValid).Select(r => r.Rule) ?? [];

    internal IEnumerable<SignalChanged> Signals(string indicator, string state = SignalChanged.Raised) =>
        History.OfType<SignalChanged>().Where(s => s.Indicator == indicator && s.State == state);

    internal long Residue(Residue name) => Detail.Residues.Find(r => r.Name == name)?.Amount ?? 0;

    internal void Days(string from, string to)
    {
        for (var day = On(from); day <= On(to); day++) Day(DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
    }

    internal void Day(string date)
    {
        var start = Instant.From(DateOnly.FromDayNumber(On(date)));
        if (start > Now) Now = start;
        Tell(new DayStarted { Day = On(date), Time = Now });
        while (Book.SweepPending) Tell(new SweepDue { FromSlot = Book.SweepFrom, Time = Now });
    }

    /// <summary>Lets stream time pass and fires what falls due.</summary>
    internal void Wait(long seconds)
    {
        Now = Now.Plus(seconds * Instant.Second);
        while (Book.NextDeadline <= Now) Tell(new TimerDue { DueAt = Book.NextDeadline, Time = Book.NextDeadline });
    }

    internal void Limit(long amount, Currency? currency = null) => Tell(new LimitSet
    {
        Version = NextVersion(), Currency = currency ?? Book.BaseCurrency,
        Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = amount }],
    });

    internal void Unlimited() => Tell(new LimitSet
    {
        Version = NextVersion(), Currency = Book.BaseCurrency, Steps = [new LimitStep { From = 1, Kind = LimitKind.Unlimited }],
    });

    internal Outcome Order(string id, long amount, string shipOn = "2026-03-10", int priority = 5, Currency? currency = null) => Tell(new OrderPlaced
    {
        OrderId = id, Amount = amount, Currency = currency ?? Eur, OrderedOn = Book.Today, ShipOn = On(shipOn), Priority = priority,
    });

    internal Outcome Deliver(string id, string order, long amount, bool final = false) => Tell(new DeliveryPosted
    {
        DeliveryId = id, OrderId = order, Amount = amount, Currency = Eur, ShippedOn = Book.Today, Final = final,
    });

    internal Outcome Invoice(string id, long amount, string dueOn = "2026-04-01", params InvoiceLink[] links) => Tell(new InvoicePosted
    {
        InvoiceId = id, Amount = amount, Currency = Eur, IssuedOn = Book.Today, DueOn = On(dueOn), Links = links,
    });

    internal Outcome Pay(string id, long amount, bool cleared = true) => Tell(new PaymentReceived
    {
        PaymentId = id, Amount = amount, Currency = Eur, ValueOn = Book.Today, Cleared = cleared,
    });

    internal Outcome Allocate(string id, string from, string item, long amount, long discount = 0) => Tell(new PaymentAllocated
    {
        AllocationId = id, FromId = from, AllocatedOn = Book.Today,
        Items = [new AllocationItem { ItemId = item, Amount = amount, DiscountTaken = discount }],
    });

    internal static InvoiceLink OfDelivery(string id, long amount) => new() { DeliveryId = id, Amount = amount };

    internal OrderState StateOf(string order) => Detail.Orders.Find(o => o.OrderId == order)?.State ?? OrderState.Unknown;

    /// <summary>Writes everything into bytes, reads it back, and goes on with the copy; the bytes must be equal.</summary>
    internal void Restart()
    {
        var copy = Copy();
        var (before, after) = (new ByteBuffer(), new ByteBuffer());
        for (var slot = 0; slot < Book.AccountCount; slot++)
        {
            before.Clear();
            after.Clear();
            Book.WriteAccount(slot, before);
            copy.WriteAccount(slot, after);
            Xunit.Assert.Equal(before.Written.ToArray(), after.Written.ToArray());
            Xunit.Assert.Equal(Book.Figures(slot), copy.Figures(slot));
        }

        Xunit.Assert.Equal(Book.NextDeadline, copy.NextDeadline);
        Book = copy;
    }

    private Book Copy()
    {
        var copy = new Book(0, Book.BaseCurrency, eventClock: true);
        var buffer = new ByteBuffer();
        Book.WriteState(buffer);
        copy.ReadState(buffer.Written.ToArray());
        for (var slot = 0; slot < Book.AccountCount; slot++)
        {
            buffer.Clear();
            Book.WriteAccount(slot, buffer);
            copy.ReadAccount(buffer.Written.ToArray());
        }

        foreach (var fact in _window) PartitionMachine.Remember(copy, fact);
        return copy;
    }

    private long NextVersion() => (Book.FindSlot(Customer) is var slot && slot >= 0 ? Detail.LimitVersion : 0) + 1;
}
