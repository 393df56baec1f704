using ExposureMonitor.Domain;

namespace ExposureMonitor.Simulation;

/// <summary>A record as its producer means it.</summary>
/// <param name="Dead">The reason code of the dead letter that it must become, or "" when it must apply.</param>
/// <param name="Segment">The stretch of the story in which it is told.</param>
internal sealed record Planned(Fact Fact, string Dead, int Segment);

/// <summary>
/// The trade of a few customers, meant before anything is told: orders with all that can follow, money with two legs, and
/// records that must not apply. The oracle is fed from what the producer means, never from what the engine makes of it.
/// </summary>
internal sealed partial class Story
{
    internal static readonly Currency Eur = Currency.Parse("EUR"), Usd = Currency.Parse("USD");
    private static readonly int FirstDay = new DateOnly(2026, 3, 2).DayNumber;

    private readonly Dice _dice;
    private readonly Swarm _swarm;
    private readonly Situations _met;
    private readonly List<Planned> _plan = [];
    private readonly HashSet<string> _moved = [];
    private int _clock, _segment, _poison;
    private string _customer = "";
    private Currency _currency;

    internal Story(Dice dice, Swarm swarm, Situations met, int factsMax)
    {
        (_dice, _swarm, _met) = (dice, swarm, met);
        for (var segment = 0; segment < swarm.Segments; segment++) Segment(segment);
        if (_plan.Count > factsMax) _plan.RemoveRange(factsMax, _plan.Count - factsMax);
        Tell();
    }

    /// <summary>Records in the order in which they are told; late and shuffled ones where they arrive.</summary>
    internal IReadOnlyList<Planned> Told { get; private set; } = [];

    /// <summary>The day on which a segment is told; several days lie between two of them.</summary>
    internal static int DayOf(int segment) => FirstDay + segment * 9;

    internal Currency CurrencyOf(string customer) => _swarm.SecondCurrency && customer[^1] == '1' ? Usd : Eur;

    private int Day => DayOf(_segment);

    private void Segment(int segment)
    {
        _segment = segment;
        var orders = 2 + _dice.Below(4);
        for (var n = 0; n < orders; n++)
        {
            _customer = $"C{_dice.Below(_swarm.Customers)}";
            _currency = _swarm.SecondCurrency && _dice.Below(3) == 0 ? Usd : Eur;
            if (_currency != CurrencyOf(_customer)) _met.Note(Situation.OtherCurrency);
            Order($"{_customer}-{_segment}-{n}");
            if (_dice.Below(100) < _swarm.PoisonPercent) Poison();
        }

        if (_dice.Below(100) < _swarm.HabitPercent) Habit();
    }

    private void Order(string id)
    {
        long amount = 50 * (1 + _dice.Below(12));
        var moves = _dice.Below(100) < _swarm.PayerPercent;
        Add(new OrderPlaced { OrderId = id, Amount = amount, Currency = _currency, OrderedOn = Day, ShipOn = Day + _dice.Below(85), Priority = _dice.Below(4), ReservationId = "" });
        if (_dice.Below(5) == 0)
            Add(new OrderChanged { OrderId = id, Version = 1, Amount = Math.Max(10, amount + 30 - _dice.Below(90)), Currency = _currency, ShipOn = Day + _dice.Below(85), Priority = _dice.Below(4) });
        if (moves) ChangePayer(id);
        if (!moves && _dice.Below(8) == 0) Add(_dice.Below(2) == 0 ? new OrderCancelled { OrderId = id, Version = 1 } : new OrderClosed { OrderId = id, Version = 1 });
        var deliveries = _dice.Below(3);
        for (var d = 0; d < deliveries; d++)
        {
            var part = Math.Max(5, amount / 2 + _dice.Below(40) - 10);
            Add(new DeliveryPosted { DeliveryId = $"D{id}-{d}", OrderId = id, Amount = part, Currency = _currency, ShippedOn = Day, Final = !moves && _dice.Below(6) == 0 });
            // What an order that moves delivers is its new payer's, or not: documents that follow would be told to the wrong one.
            if (moves) continue;
            if (_dice.Below(8) == 0) Add(new DeliveryReversed { ReversalId = $"V{id}-{d}", DeliveryId = $"D{id}-{d}", Amount = 5 + _dice.Below((int)part), Currency = _currency });
            if (_dice.Below(8) == 0) Add(new ReturnReceived { ReturnId = $"R{id}-{d}", DeliveryId = $"D{id}-{d}", Amount = 10, Currency = _currency, ReceivedOn = Day, InvoiceId = _dice.Below(3) == 0 ? $"I{id}-{d}" : "" });
            if (_dice.Below(3) > 0) Invoice($"I{id}-{d}", part, new InvoiceLink { DeliveryId = $"D{id}-{d}", Amount = part - _dice.Below(3) });
        }

        if (!moves && _dice.Below(6) == 0) Invoice($"J{id}", 40, new InvoiceLink { OrderId = id, Amount = 40 });
        if (!moves && _dice.Below(8) == 0) Add(new OrderReopened { OrderId = id, Version = 2, Amount = amount, Currency = _currency, ShipOn = Day + 5, Priority = 1 });
    }

    private void ChangePayer(string order)
    {
        var to = $"C{_dice.Below(_swarm.Customers)}";
        if (to == _customer) to = $"C{(to[1] - '0' + 1) % _swarm.Customers}";
        _moved.Add(order);
        _met.Note(Situation.PayerChanged);
        if (Ids.PartitionOf(to, _swarm.Partitions) != Ids.PartitionOf(_customer, _swarm.Partitions)) _met.Note(Situation.PayerChangedAcrossPartitions);
        Add(new OrderPayerChanged { OrderId = order, Version = 1, NewPayer = to });
    }

    private void Invoice(string id, long amount, InvoiceLink link)
    {
        if (_dice.Below(4) == 0) Add(new InvoiceBilled { InvoiceId = id, Amount = amount, Currency = _currency, Links = [link] });
        if (_dice.Below(8) > 0)
            Add(new InvoicePosted
            {
                InvoiceId = id, Amount = amount + _dice.Below(3) - 1, Currency = _currency, IssuedOn = Day - _dice.Below(60),
                DueOn = Day - 100 + _dice.Below(140), Links = _dice.Below(4) == 0 ? [] : [link],
            });
        else Add(new InvoiceBilled { InvoiceId = id + "b", Amount = amount, Currency = _currency, Links = [] });
        if (_dice.Below(8) == 0) Add(new InvoiceDueDateChanged { InvoiceId = id, DueOn = Day + _dice.Below(30), Kind = DueDateKind.Extension });
        if (_dice.Below(8) == 0) Add(new InvoiceCancelled { InvoiceId = id, Restores = _dice.Below(2) == 0 ? Restores.Delivery : Restores.Nothing });
        if (_dice.Below(8) == 0)
        {
            _met.Note(Situation.WriteOff);
            Add(new WriteOffPosted { WriteOffId = "W" + id, Items = [new WriteOffItem { ItemId = id, Amount = 30 }] });
            if (_dice.Below(3) == 0) Add(new WriteOffReversed { WriteOffId = "W" + id, Items = [new WriteOffItem { ItemId = id, Amount = 30 }] });
        }

        if (_dice.Below(6) == 0) Add(new CreditNoteIssued { CreditNoteId = "K" + id, Amount = 25, Currency = _currency, IssuedOn = Day, InvoiceId = _dice.Below(2) == 0 ? id : "" });
        if (_dice.Below(9) == 0) Add(new InterestCharged { InterestId = "N" + id, ItemId = id, Amount = 7, Currency = _currency, DueOn = Day - 3 });
        if (_dice.Below(9) == 0) Add(new ExternalExposureReported { System = "leasing", Amount = 20 * _dice.Below(4), Currency = _currency, AsOn = Day - _dice.Below(3) });
        if (_dice.Below(3) > 0) Pay(id, amount);
        if (_dice.Below(100) < _swarm.PlanPercent) Plan(id, amount);
    }

    /// <summary>Two instalments, of which the first is missed before the next stretch of the story unless somebody paid.</summary>
    private void Plan(string item, long amount)
    {
        _met.Note(Situation.PlanAgreed);
        var first = _dice.Below(3) > 0 ? Day - 3 + _dice.Below(6) : Day + 12;
        Add(new PlanAgreed
        {
            PlanId = "L" + item, Items = [item], Currency = _currency, CrossDefault = _dice.Below(3) == 0,
            Instalments = [new Instalment { DueOn = first, Amount = Math.Max(1, amount / 2) }, new Instalment { DueOn = first + 15, Amount = amount - Math.Max(1, amount / 2) }],
        });
        if (_dice.Below(4) == 0) Add(new PlanEnded { PlanId = "L" + item, Outcome = (PlanOutcome)(1 + _dice.Below(3)) });
    }

    private void Pay(string item, long amount)
    {
        var id = "P" + item;
        if (_dice.Below(4) == 0)
        {
            Add(new AcceptanceReceived { AcceptanceId = id, Amount = amount, Currency = _currency, Kind = AcceptanceKind.BankAcceptance, ReceivedOn = Day, MaturesOn = Day + 90 });
            if (_dice.Below(3) == 0) Add(new AcceptanceHonoured { AcceptanceId = id, PaidOn = Day });
            if (_dice.Below(4) == 0) Add(new AcceptanceTransferred { AcceptanceId = id, How = TransferHow.Endorsed, Recourse = _dice.Below(2) == 0 });
            if (_dice.Below(3) == 0)
            {
                _met.Note(Situation.AcceptanceDishonoured);
                Add(new AcceptanceDishonoured { AcceptanceId = id, On = Day });
            }
        }
        else
        {
            Add(new PaymentReceived { PaymentId = id, Amount = amount, Currency = _currency, ValueOn = Day - _dice.Below(5), Cleared = _dice.Below(2) == 0 });
            if (_dice.Below(2) == 0) Add(new PaymentCleared { PaymentId = id, ClearedOn = Day });
            if (_dice.Below(6) == 0) Add(new PaymentRefunded { RefundId = "F" + id, FromId = id, Amount = 15, Currency = _currency });
            if (_dice.Below(5) == 0)
            {
                _met.Note(Situation.PaymentReturned);
                Add(new PaymentReturned { PaymentId = id, ReturnedOn = Day });
            }
        }

        for (var a = 0; a < 1 + _dice.Below(2); a++)
        {
            Add(new PaymentAllocated
            {
                AllocationId = $"A{id}-{a}", FromId = id, AllocatedOn = Day,
                Items = [new AllocationItem { ItemId = item, Amount = Math.Max(1, amount - _dice.Below(30)), DiscountTaken = _dice.Below(3) }],
            });
            if (_dice.Below(6) > 0) continue;
            _met.Note(Situation.AllocationUndone);
            Add(new PaymentDeallocated { AllocationId = $"A{id}-{a}" });
        }
    }

    /// <summary>A record that must end as one dead letter with its reason and change nothing.</summary>
    private void Poison()
    {
        var id = $"X{_segment}-{_poison++}";
        var known = _plan.Where(p => p.Dead.Length == 0 && p.Fact is OrderPlaced o && o.Customer == _customer && !_moved.Contains(o.OrderId)).Select(p => (OrderPlaced)p.Fact).ToList();
        switch (_dice.Below(8))
        {
            case 0:
                Bad(Situation.AmountTooLarge, "AMOUNT_TOO_LARGE", new OrderPlaced { OrderId = id, Amount = 1_000_000_000_000_001, Currency = _currency, OrderedOn = Day, ShipOn = Day });
                break;
            case 1:
                Bad(Situation.AmountTooLarge, "AMOUNT_TOO_LARGE", new PaymentReceived { PaymentId = id, Amount = long.MaxValue, Currency = _currency, ValueOn = Day });
                break;
            case 2 when known.Count > 0:
                var order = known[_dice.Below(known.Count)];
                Bad(Situation.WrongCurrency, "CURRENCY_MISMATCH", new OrderChanged { OrderId = order.OrderId, Version = 9, Amount = 10, Currency = Currency.Parse("JPY"), ShipOn = Day });
                break;
            case 3:
                Bad(Situation.BadLink, "BAD_LINK", new InvoicePosted
                {
                    InvoiceId = id, Amount = 10, Currency = _currency, IssuedOn = Day, DueOn = Day, Links = [new InvoiceLink { DeliveryId = "D", OrderId = "O", Amount = 1 }],
                });
                break;
            case 4:
                Bad(Situation.NoCustomer, "NO_CUSTOMER", new PaymentReceived { PaymentId = id, Amount = 10, Currency = _currency, ValueOn = Day }, "no customer");
                break;
            case 5:
                Bad(Situation.Undecodable, "BAD_JSON", new UndecodableRecord { Reason = "BAD_JSON", Detail = "line 1", Record = "{" });
                break;
            case 6 when !_swarm.EventClock:
                Bad(Situation.FutureDated, "FUTURE_DATED", new PaymentReceived { PaymentId = id, Amount = 10, Currency = _currency, ValueOn = Day });
                _plan[^1].Fact.Time = Instant.From(DateOnly.FromDayNumber(Day + 400));
                break;
            default:
                Bad(Situation.ParkedTooLong, "NO_PREDECESSOR", new PaymentCleared { PaymentId = id, ClearedOn = Day });
                break;
        }
    }

    /// <summary>Bad records come from a file, so that their position tells a second delivery apart.</summary>
    private void Bad(Situation situation, string reason, Fact fact, string? customer = null)
    {
        if (situation != Situation.ParkedTooLong) _met.Note(situation);
        Add(fact, reason);
        if (customer is not null) fact.Customer = customer;
    }

    private void Add(Fact fact, string dead = "")
    {
        _clock++;
        fact.Customer = _customer;
        fact.Source = "sim";
        fact.EventId = "e" + _clock.ToString(System.Globalization.CultureInfo.InvariantCulture);
        fact.Time = Instant.From(DateOnly.FromDayNumber(Day)).Plus(8 * 3600 * Instant.Second + _clock * Instant.Second);
        _plan.Add(new Planned(fact, dead, _segment));
    }

    /// <summary>The order of arrival: shuffled within a few records, and some a segment or more late.</summary>
    private void Tell()
    {
        var keyed = new List<(int Segment, int Key, int Index, Planned Record)>();
        for (var i = 0; i < _plan.Count; i++)
        {
            var (segment, key) = (_plan[i].Segment, i);
            if (_dice.Below(100) < _swarm.ReorderPercent) key += _dice.Below(12);
            if (key != i) _met.Note(Situation.Reordered);
            // A waiting record must not lapse before its predecessor comes: both may be late, by less than a week.
            if (_dice.Below(100) < _swarm.LatePercent && _plan[i].Fact is ExternalExposureReported or InterestCharged or CreditNoteIssued { InvoiceId.Length: 0 } && segment + 1 < _swarm.Segments)
            {
                segment++;
                _met.Note(Situation.Late);
            }

            keyed.Add((segment, key, i, _plan[i] with { Segment = segment }));
        }

        keyed.Sort((x, y) => x.Segment != y.Segment ? x.Segment.CompareTo(y.Segment) : x.Key != y.Key ? x.Key.CompareTo(y.Key) : x.Index.CompareTo(y.Index));
        Told = [.. keyed.Select(k => k.Record)];
        var offset = 0;
        foreach (var record in Told)
            if (record.Dead.Length > 0) record.Fact.Position = new SourcePosition("file:poison", ++offset);
    }
}
