using ExposureMonitor.Domain;

namespace ExposureMonitor.Domain.Tests.Groups;

/// <summary>
/// Customers of several partitions and the house, with the wires between them: per pair of partitions in their order, between
/// pairs in any. Everything that a wire or a book keeps goes through bytes.
/// </summary>
internal sealed class Conglomerate
{
    private readonly SortedDictionary<int, Book> _books = [];
    private readonly SortedDictionary<(int From, int To), List<MessageSent>> _wires = [];
    private readonly FactCodec _codec = new();
    private long _seq, _event;

    internal static readonly Currency Eur = Currency.Parse("EUR");

    internal Conglomerate(int partitions = 4, bool eventClock = false, string day = "2026-03-02")
    {
        Partitions = partitions;
        Now = Instant.From(DateOnly.FromDayNumber(Desk.On(day)));
        for (var id = Book.House; id < partitions; id++)
        {
            _books[id] = new Book(id, Eur, eventClock, partitions);
            Apply(id, new DayStarted { Day = Desk.On(day) });
        }
    }

    internal int Partitions { get; }

    internal Instant Now { get; private set; }

    internal List<Effect> History { get; } = [];

    /// <summary>Messages that were delivered.</summary>
    internal int Delivered { get; private set; }

    internal IEnumerable<(int From, int To)> Waiting => _wires.Where(w => w.Value.Count > 0).Select(w => w.Key);

    internal Book BookOf(string customer) => _books[Ids.PartitionOf(customer, Partitions)];

    internal Book House => _books[Book.House];

    internal GroupDetail Group(string customer) => BookOf(customer).GroupOf(BookOf(customer).FindSlot(customer)) ?? new GroupDetail();

    internal AccountFigures Figures(string customer) => BookOf(customer).Figures(BookOf(customer).FindSlot(customer));

    internal AccountDetail Detail(string customer) => BookOf(customer).Detail(BookOf(customer).FindSlot(customer));

    internal OrderState StateOf(string customer, string order) => Detail(customer).Orders.Find(o => o.OrderId == order)?.State ?? OrderState.Unknown;

    internal HoldReason[] Reasons(string customer, string order) => [.. Detail(customer).Holds.Find(h => h.OrderId == order)?.Reasons.Where(r => r.StillValid) ?? []];

    internal CheckDecided? Decision(string key) => History.OfType<CheckDecided>().SingleOrDefault(d => d.Key == key);

    internal long Slice(string customer) => Group(customer).Slices.Where(s => !s.Former).Sum(s => s.Slice);

    private long _policy = 1;

    internal void Slack(int divisor) => Rules(("group.slackDivisor", divisor));

    /// <summary>A policy, in every partition at once.</summary>
    internal void Rules(params (string Name, long Value)[] parameters)
    {
        _policy++;
        Everywhere(() => new PolicyActivated
        {
            PolicyId = "p", Version = _policy,
            Parameters = [.. parameters.Select(p => new PolicyParameter { Name = p.Name, Value = p.Value.ToString(System.Globalization.CultureInfo.InvariantCulture) })],
        });
    }

    internal void Everywhere(Func<Fact> fact)
    {
        foreach (var (id, book) in _books)
        {
            Apply(id, fact());
            while (book.SweepPending) Apply(id, new SweepDue { FromSlot = book.SweepFrom });
        }
    }

    internal Outcome Tell(string customer, Fact fact)
    {
        fact.Customer = customer;
        if (fact.EventId.Length == 0 && fact is not Command) fact.EventId = "e" + ++_event;
        return Apply(Ids.PartitionOf(customer, Partitions), fact);
    }

    internal void Open(string customer, string parent = "", int share = 0, Currency? currency = null) => Tell(customer, new CustomerOpened
    {
        Currency = currency ?? Eur, Profile = new CustomerProfile { Name = customer, ParentId = parent, ShareBp = share },
    });

    internal void Limit(string customer, long? amount, bool mandatory = false, bool outside = false, Currency? currency = null) => Tell(customer, new LimitSet
    {
        Version = BookOf(customer).LimitDetail(BookOf(customer).FindSlot(customer)).Version + 1, Currency = currency ?? Eur, Mandatory = mandatory, OutsideGroup = outside,
        Steps = [new LimitStep { From = 1, Kind = amount is null ? LimitKind.Unlimited : LimitKind.Amount, Amount = amount ?? 0 }],
    });

    internal Outcome Order(string customer, string id, long amount, int priority = 5) => Tell(customer, new OrderPlaced
    {
        OrderId = id, Amount = amount, Currency = Eur, OrderedOn = BookOf(customer).Today, ShipOn = BookOf(customer).Today + 3, Priority = priority,
    });

    internal void Check(string customer, string key, long amount) => Tell(customer, new CheckCredit { Amount = amount, Currency = Eur, Actor = "svc", Key = key, LiveMinutes = 10_000 });

    internal void Pay(string customer, string id, long amount) =>
        Tell(customer, new PaymentReceived { PaymentId = id, Amount = amount, Currency = Eur, ValueOn = BookOf(customer).Today, Cleared = true });

    internal void Cancel(string customer, string order) => Tell(customer, new OrderCancelled { OrderId = order, Version = ++_event });

    internal void Reparent(string customer, string parent) => Tell(customer, new CustomerReparented { Version = ++_event, ParentId = parent, EffectiveOn = BookOf(customer).Today });

    /// <summary>Delivers one message of a pair of partitions.</summary>
    internal void Pass((int From, int To) wire) => Deliver(wire, Take(wire, 0));

    internal int CountOn((int From, int To) wire) => _wires[wire].Count;

    /// <summary>Takes a message from its wire; whether it arrives is another question.</summary>
    internal MessageSent Take((int From, int To) wire, int index)
    {
        var sent = _wires[wire][index];
        _wires[wire].RemoveAt(index);
        return sent;
    }

    internal void PutBack((int From, int To) wire, MessageSent sent) => Insert(wire, 0, sent);

    internal void Insert((int From, int To) wire, int index, MessageSent sent) => _wires[wire].Insert(index, sent);

    /// <param name="isNumbered">False: the receiver cannot tell by a position what it has taken; the pair alone has to.</param>
    internal void Deliver((int From, int To) wire, MessageSent sent, bool isNumbered = true)
    {
        var buffer = new ByteBuffer();
        FactCodec.Write(sent.Fact, buffer);
        _codec.Read(buffer.Written.ToArray(), out var copy);
        (copy.Customer, copy.Time) = (sent.To, default);
        if (isNumbered) copy.Position = new SourcePosition(SourcePosition.OfPartition(wire.From), sent.Number);
        Delivered++;
        Sent?.Invoke(copy);
        Apply(wire.To, copy);
    }

    /// <summary>A message of a pair in one line.</summary>
    internal static string TextOf(Fact fact) => fact switch
    {
        LeaseReport r => $"{r.GetType().Name} of {r.Child} v{r.Version} returned {r.Returned} forced {r.Forced} want {r.Want}#{r.WantNumber} least {r.Least} use {r.Use} answered {r.Answered}{(r.Leaving ? " leaving" : "")}{(r.Confirm ? " confirm" : "")}",
        LeaseStatement s => $"{s.GetType().Name} of {s.Parent} v{s.Version} granted {s.Granted} {s.LimitKind} {s.Limit} recall {s.Recall} refused {s.Refused} reach {s.Reach} seen {s.Seen}",
        _ => fact.GetType().Name,
    };

    /// <summary>Sees every message on its arrival, and may spoil it.</summary>
    internal Action<Fact>? Sent { get; set; }

    /// <summary>Delivers everything, and what follows from it.</summary>
    internal void PassAll()
    {
        for (var passed = 0; Waiting.Any(); passed++)
        {
            Xunit.Assert.True(passed < 20_000, "the messages never end");
            Pass(Waiting.First());
        }
    }

    /// <summary>The same while one partition takes nothing in.</summary>
    internal void PassAllBut(int silent)
    {
        while (Waiting.Any(w => w.To != silent)) Pass(Waiting.First(w => w.To != silent));
    }

    /// <summary>Lets time pass and fires what falls due.</summary>
    internal void Wait(long micros)
    {
        var until = Now.Plus(micros);
        while (true)
        {
            var next = _books.Where(b => b.Value.NextDeadline <= until).OrderBy(b => b.Value.NextDeadline).ThenBy(b => b.Key).FirstOrDefault();
            if (next.Value is null) break;
            if (next.Value.NextDeadline > Now) Now = next.Value.NextDeadline;
            Apply(next.Key, new TimerDue { DueAt = next.Value.NextDeadline });
        }

        Now = until;
    }

    internal void Day(string date)
    {
        var start = Instant.From(DateOnly.FromDayNumber(Desk.On(date)));
        Wait(start.Micros - Now.Micros);
        foreach (var (id, book) in _books)
        {
            Apply(id, new DayStarted { Day = Desk.On(date) });
            while (book.SweepPending) Apply(id, new SweepDue { FromSlot = book.SweepFrom });
        }
    }

    /// <summary>Every book is written, read back, and goes on as the copy.</summary>
    internal void Restart()
    {
        foreach (var (id, book) in _books.ToList())
        {
            var (copy, buffer, again) = (new Book(id, Eur, book.EventClock, Partitions), new ByteBuffer(), new ByteBuffer());
            book.WriteState(buffer);
            copy.ReadState(buffer.Written.ToArray());
            for (var slot = 0; slot < book.AccountCount; slot++)
            {
                buffer.Clear();
                again.Clear();
                book.WriteAccount(slot, buffer);
                copy.ReadAccount(buffer.Written.ToArray());
                copy.WriteAccount(slot, again);
                Xunit.Assert.Equal(buffer.Written.ToArray(), again.Written.ToArray());
            }

            Xunit.Assert.Equal(book.NextDeadline, copy.NextDeadline);
            _books[id] = copy;
        }
    }

    private Outcome Apply(int partition, Fact fact)
    {
        Now = Now.Plus(1);
        (fact.Arrival, fact.Time) = (Now, fact.Time.Micros == 0 ? Now : fact.Time);
        var effects = new EffectBuffer();
        var outcome = PartitionMachine.Apply(_books[partition], fact, new EntryPosition(partition, ++_seq, 0), effects);
        foreach (var effect in effects.Effects)
        {
            Note(effect);
            if (effect is MessageSent sent)
            {
                if (!_wires.TryGetValue((partition, sent.Receiver), out var wire)) _wires[(partition, sent.Receiver)] = wire = new List<MessageSent>();
                wire.Add(sent);
            }

            History.Add(effect);
        }

        return outcome;
    }

    private readonly ByteBuffer _noted = new();

    /// <summary>Of every effect in its order, byte for byte: two programs that say the same have said the same throughout.</summary>
    internal ulong Digest { get; private set; }

    private void Note(Effect effect)
    {
        _noted.Clear();
        _noted.Text(effect.Kind);
        new BinaryFieldWriter(_noted).Write(effect);
        Digest = Hashing.XxHash64(_noted.Written, Digest);
    }
}
