using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Simulation;

/// <summary>
/// One seeded life of an engine: trade in doubled and shuffled, checks that reserve, crashes around commits, restarts,
/// clients that ask again. Ends with the book against the oracle and the journal's own proof.
/// </summary>
internal sealed class EngineRun
{
    private const int Customers = 4;
    private static readonly Currency Eur = Currency.Parse("EUR");
    private static readonly int Today = DateOnly.FromDateTime(StandingClock.Now.Date).DayNumber;

    private readonly Dice _dice;
    private readonly SimulatedJournal _journal;
    private readonly NaiveBook _oracle = new(Today);
    private readonly Dictionary<string, long> _limits = [], _reserved = [];
    private readonly List<(long Key, string Customer, bool Approved)> _told = [];
    private ExposureEngine? _engine;

    private EngineRun(ulong seed, Defect defect)
    {
        _dice = new Dice(seed);
        _journal = new SimulatedJournal(new DatabaseInfo("sim", "EUR", 1 + _dice.Below(4), "wall", "UTC", true), _dice, _dice.Below(30), defect);
    }

    /// <summary>Faults that were met, by kind.</summary>
    internal IReadOnlyDictionary<Fate, int> Fates => _journal.Fates;

    /// <summary>Runs a seed; <c>null</c> in <paramref name="Violation"/> when everything held.</summary>
    internal static async Task<(EngineRun Run, string? Violation)> RunAsync(ulong seed, Defect defect = Defect.None)
    {
        var run = new EngineRun(seed, defect);
        try
        {
            return (run, await run.LiveAsync());
        }
        catch (Exception broken) when (broken is JournalBrokenException or PartitionClosedException)
        {
            return (run, broken.Message);
        }
        finally
        {
            run._journal.Faulty = false;
            if (run._engine is { } engine) await engine.DisposeAsync();
        }
    }

    private async Task<string?> LiveAsync()
    {
        foreach (var fact in Openings())
            if (await TellAsync(fact) is { } wrong) return wrong;
        var trade = Trade();
        for (var i = 0; i < trade.Count; i++)
        {
            if (await TellAsync(trade[i]) is { } wrong) return wrong;
            if (_dice.Below(3) == 0 && await TellAsync(trade[_dice.Below(i + 1)], again: true) is { } twice) return twice;
            if (_dice.Below(4) == 0 && await CheckAsync(i) is { } unfair) return unfair;
            if (_dice.Below(20) == 0) await StopAsync();
        }

        _journal.Faulty = false;
        if (await CompareAsync() is { } differs) return differs;
        await StopAsync();
        if (await CompareAsync() is { } afterwards) return "after a restart: " + afterwards;
        foreach (var (key, customer, approved) in _told)
        {
            var row = await _journal.DecisionByKeyAsync(key, CancellationToken.None);
            if (row is null) return $"customer {customer}: an acknowledged decision is not in the journal";
            if (System.Text.Encoding.UTF8.GetString(row.Body.Span).Contains("\"reservationId\"", StringComparison.Ordinal) != approved) return $"customer {customer}: a decision changed";
        }

        return (await JournalVerifier.RunAsync(_journal, _journal.Database, CancellationToken.None)).Violation;
    }

    private IEnumerable<Fact> Openings()
    {
        for (var c = 0; c < Customers; c++)
        {
            var (customer, limit) = ($"C{c}", 500L + _dice.Below(2_000));
            _limits[customer] = limit;
            yield return Named(new CustomerOpened { Currency = Eur }, customer, "open");
            yield return Named(new LimitSet { Version = 1, Currency = Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = limit }] }, customer, "limit");
        }
    }

    /// <summary>Documents of all customers, shuffled within a window: most predecessors come first, some come late.</summary>
    private List<Fact> Trade()
    {
        var facts = new List<Fact>();
        for (var n = 0; n < 4 + _dice.Below(8); n++)
        {
            var (customer, order) = ($"C{_dice.Below(Customers)}", "O" + n);
            long amount = 50 * (1 + _dice.Below(12));
            facts.Add(Named(new OrderPlaced { OrderId = order, Amount = amount, Currency = Eur, OrderedOn = Today, ShipOn = Today + _dice.Below(30) }, customer, order));
            if (_dice.Below(5) == 0) facts.Add(Named(new OrderChanged { OrderId = order, Version = 1, Amount = amount + 30, Currency = Eur, ShipOn = Today + 2 }, customer, order + "c"));
            if (_dice.Below(6) == 0)
            {
                // Its later facts would be the new payer's: such an order ends here.
                facts.Add(Named(new OrderPayerChanged { OrderId = order, Version = 1, NewPayer = $"C{_dice.Below(Customers)}" }, customer, order + "p"));
                continue;
            }

            if (_dice.Below(8) == 0) facts.Add(Named(new OrderCancelled { OrderId = order, Version = 1 }, customer, order + "x"));
            for (var d = 0; d < _dice.Below(3); d++) Deliver(facts, customer, order, $"{order}-{d}", amount / 2 + _dice.Below(20));
        }

        for (var i = 0; i + 1 < facts.Count; i++)
        {
            var j = Math.Min(facts.Count - 1, i + _dice.Below(4));
            (facts[i], facts[j]) = (facts[j], facts[i]);
        }

        return facts;
    }

    private void Deliver(List<Fact> facts, string customer, string order, string id, long amount)
    {
        facts.Add(Named(new DeliveryPosted { DeliveryId = "D" + id, OrderId = order, Amount = amount, Currency = Eur, ShippedOn = Today, Final = _dice.Below(5) == 0 }, customer, "D" + id));
        if (_dice.Below(3) == 0) return;
        facts.Add(Named(new InvoicePosted
        {
            InvoiceId = "I" + id, Amount = amount, Currency = Eur, IssuedOn = Today - 40, DueOn = Today - 20 + _dice.Below(40),
            Links = [new InvoiceLink { DeliveryId = "D" + id, Amount = amount - _dice.Below(2) * 5 }],
        }, customer, "I" + id));
        if (_dice.Below(3) == 0) return;
        facts.Add(Named(new PaymentReceived { PaymentId = "P" + id, Amount = amount, Currency = Eur, ValueOn = Today, Cleared = _dice.Below(2) == 0 }, customer, "P" + id));
        if (_dice.Below(2) == 0)
            facts.Add(Named(new PaymentAllocated { AllocationId = "A" + id, FromId = "P" + id, AllocatedOn = Today, Items = [new AllocationItem { ItemId = "I" + id, Amount = amount - _dice.Below(10) }] }, customer, "A" + id));
        if (_dice.Below(3) == 0) facts.Add(Named(new PaymentCleared { PaymentId = "P" + id, ClearedOn = Today }, customer, "L" + id));
        if (_dice.Below(5) == 0) facts.Add(Named(new PaymentReturned { PaymentId = "P" + id, ReturnedOn = Today }, customer, "B" + id));
    }

    private static T Named<T>(T fact, string customer, string id) where T : Fact
    {
        (fact.Customer, fact.Source, fact.EventId) = (customer, "sim", $"{customer}-{id}");
        fact.Time = Instant.From(StandingClock.Now);
        return fact;
    }

    /// <summary>Submits until it is answered: a client that heard nothing asks again.</summary>
    private async Task<string?> TellAsync(Fact fact, bool again = false)
    {
        var answer = await UntilAnsweredAsync(() => Copy(fact));
        if (answer.Outcome.IsDead) return $"{fact.EventId}: {answer.Outcome.Kind} {answer.Outcome.Reason}";
        if (again && answer.Outcome.Kind != OutcomeKind.Duplicate) return $"{fact.EventId}, told again, was {answer.Outcome.Kind}";
        if (!again) _oracle.Add(fact);
        return null;
    }

    private async Task<string?> CheckAsync(int number)
    {
        var customer = $"C{_dice.Below(Customers)}";
        var (key, amount) = ($"k{number}", 10L + _dice.Below(900));
        var hash = IdempotencyKey.Hash("desk", customer, key);
        Answer? answer = null;
        while (answer is null && await _journal.DecisionByKeyAsync(hash, CancellationToken.None) is null)
        {
            var engine = await EngineAsync();
            try
            {
                answer = await engine.SubmitAsync(new CheckCredit { Customer = customer, Amount = amount, Currency = Eur, Actor = "desk", Key = key });
            }
            catch (EngineUnavailableException e) when (e is not PartitionClosedException)
            {
                await DropAsync();
            }
        }

        var row = (await _journal.DecisionByKeyAsync(hash, CancellationToken.None))!;
        if (row is null) return $"customer {customer}: a decision was told before it was durable";
        var approved = System.Text.Encoding.UTF8.GetString(row.Body.Span).Contains("\"reservationId\"", StringComparison.Ordinal);
        _told.Add((hash, customer, approved));
        var after = System.Text.Json.JsonDocument.Parse(row.Body).RootElement.GetProperty("figures").GetProperty("afterThis").GetString()!;
        if (approved && long.Parse(after, System.Globalization.CultureInfo.InvariantCulture) > _limits[customer]) return $"customer {customer}: approved up to {after} under a limit of {_limits[customer]}";
        if (!approved) return null;
        _reserved[customer] = _reserved.GetValueOrDefault(customer) + amount;
        return null;
    }

    /// <summary>The published book against the oracle, component by component, and no reservation above the limit.</summary>
    private async Task<string?> CompareAsync()
    {
        await QuietAsync();
        var engine = await EngineAsync();
        for (var c = 0; c < Customers; c++)
        {
            var customer = $"C{c}";
            if (!engine.TryGetRow(customer, out var row)) return $"customer {customer} is not there {await engine.ReadAsync(engine.PartitionOf(customer), b => b.FindSlot(customer))} of {await engine.ReadAsync(engine.PartitionOf(customer), b => b.AccountCount)} p {engine.PartitionOf(customer)} {string.Join(",", _journal.Fates)}";
            var f = row.Figures;
            var actual = new NaiveFigures(f.OrdersInside + f.OrdersOutside + f.Held, f.Delivered, f.Receivables, f.PaymentsAtRisk, f.Unapplied, f.Overdue);
            var expected = _oracle.Of(customer);
            if (actual != expected) return $"customer {customer}: the book says {actual}, the documents {expected}";
            if (f.Reserved != _reserved.GetValueOrDefault(customer)) return $"customer {customer}: reserved {f.Reserved}, approved {_reserved.GetValueOrDefault(customer)}";
            if (f.Gross != Math.Max(0, expected.Sum - f.Held + f.Reserved)) return $"customer {customer}: gross {f.Gross} is not {expected.Sum} - held {f.Held} + reserved {f.Reserved}";
        }

        return null;
    }

    /// <summary>Waits until every message between partitions was taken.</summary>
    private async Task QuietAsync()
    {
        for (var open = 1L; open > 0;)
        {
            var engine = await EngineAsync();
            open = 0;
            for (var sender = 0; sender < engine.Database.Partitions; sender++)
            {
                var from = sender;
                foreach (var (receiver, last) in await engine.ReadAsync(sender, book => book.Sent.ToArray()))
                    open += last - await engine.ReadAsync(receiver, book => book.TakenFrom(from));
            }
        }
    }

    private async Task<Answer> UntilAnsweredAsync(Func<Fact> fact)
    {
        while (true)
        {
            var engine = await EngineAsync();
            try
            {
                return await engine.SubmitAsync(fact());
            }
            catch (EngineUnavailableException e) when (e is not PartitionClosedException)
            {
                await DropAsync();
            }
        }
    }

    private async Task<ExposureEngine> EngineAsync()
    {
        while (_engine is null)
        {
            var engine = new ExposureEngine(_journal, new StandingClock());
            try
            {
                _engine = engine;
                await engine.StartAsync();
            }
            catch (EngineUnavailableException e) when (e is not PartitionClosedException)
            {
                await DropAsync();
            }
        }

        return _engine;
    }

    private async Task DropAsync()
    {
        if (_engine is { } engine) await engine.DisposeAsync();
        _engine = null;
    }

    private async Task StopAsync()
    {
        try
        {
            await DropAsync();
        }
        catch (JournalBrokenException)
        {
            // Another owner took the partition before the last snapshot; the frames are there.
            _engine = null;
        }
    }

    private static Fact Copy(Fact fact)
    {
        var buffer = new ByteBuffer();
        FactCodec.Write(fact, buffer);
        new FactCodec().Read(buffer.Written.ToArray(), out var copy);
        copy.Customer = fact.Customer;
        return copy;
    }
}
