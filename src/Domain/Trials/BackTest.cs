namespace ExposureMonitor.Domain;

/// <summary>What one policy did over the window of a back-test.</summary>
public sealed class BackTestSide
{
    private readonly Dictionary<(string Customer, string Order), (Instant Since, TrialOrder Order)> _open = [];
    private readonly Dictionary<(string Customer, string Order), TrialOrder> _held = [];
    private readonly int[] _signals = new int[Enum.GetValues<Severity>().Select(s => (int)s).Max() + 1];

    /// <summary>Orders that stood on hold at some moment of the window, each once however often it was held.</summary>
    public TrialOrders Held { get; } = new();

    /// <summary>Σ of the time on hold within the window.</summary>
    public Int128 MicrosOnHold { get; private set; }

    /// <summary>Releases by rule: nobody had to decide.</summary>
    public int ReleasedByRule { get; private set; }

    /// <summary>Signals that were raised, of a severity.</summary>
    public int Signals(Severity severity) => _signals[(int)severity];

    public int SignalsRaised => _signals.Sum();

    internal IReadOnlyDictionary<(string Customer, string Order), TrialOrder> All => _held;

    /// <summary>Holds that stand when the window begins belong to both policies.</summary>
    internal void Begin(Book book, Instant at)
    {
        var judged = new List<JudgedOrder>();
        for (var slot = 0; slot < book.AccountCount; slot++)
        {
            judged.Clear();
            book.JudgeOpenOrders(slot, judged);
            foreach (var order in judged)
                if (order.IsHeld) Open(Of(book, book.CustomerAt(slot), order.OrderId, order.Amount, order.Currency, order.Rules), at);
        }
    }

    internal void Take(Book book, IReadOnlyList<Effect> effects, Instant at)
    {
        foreach (var effect in effects)
        {
            if (effect is SignalChanged { State: SignalChanged.Raised } signal) _signals[(int)signal.Severity]++;
            if (effect is not HoldChanged hold) continue;
            switch (hold.Step)
            {
                case HoldChanged.Held when Currency.TryParse(hold.Currency, out var currency):
                    Open(Of(book, effect.Customer, hold.OrderId, hold.Amount, currency, string.Join(' ', hold.Reasons.Select(r => r.Rule))), at);
                    break;
                case HoldChanged.Released or HoldChanged.Rejected or HoldChanged.Ended:
                    if (hold.Step == HoldChanged.Released && hold.Actor is "" or "rule") ReleasedByRule++;
                    Close((effect.Customer, hold.OrderId), at);
                    break;
            }
        }
    }

    /// <summary>What still stands on hold has stood until the end of the window.</summary>
    internal void End(Instant at)
    {
        foreach (var key in _open.Keys.ToList()) Close(key, at);
    }

    internal void Sum()
    {
        foreach (var order in _held.Values) Held.Add(order);
        Held.Cut();
    }

    private void Open(TrialOrder order, Instant at)
    {
        var key = (order.Customer, order.OrderId);
        _open.TryAdd(key, (at, order));
        _held.TryAdd(key, order);
    }

    private void Close((string, string) key, Instant at)
    {
        if (!_open.Remove(key, out var open)) return;
        MicrosOnHold += Math.Max(0, at.Micros - open.Since.Micros);
    }

    private static TrialOrder Of(Book book, string customer, string order, long amount, Currency currency, string rules) =>
        new(customer, order, amount, currency.Code, Rounding.Pin(book.Context.Convert(amount, currency, book.BaseCurrency) ?? amount), rules);
}

/// <summary>
/// The past days once more under a draft of a policy, beside what happened (credit.md section 17): the same facts, the draft in
/// place of every policy of the window, no effect outside. What people decided then is repeated where it still applies: nobody knows how they
/// would have decided about a hold that there was not.
/// </summary>
public sealed class BackTest(Policy draft)
{
    private readonly Dictionary<(string Customer, string Delivery), string> _deliveries = [];
    private readonly Dictionary<(string Customer, string Invoice), List<string>> _invoices = [];
    private readonly List<(string Customer, string Item, Int128 InBase)> _writtenOff = [];
    private Book _real = null!, _drafted = null!;
    private readonly EffectBuffer _effects = new();

    /// <summary>What happened.</summary>
    public BackTestSide Real { get; } = new();

    /// <summary>What would have happened.</summary>
    public BackTestSide Drafted { get; } = new();

    /// <summary>Orders that only the draft would have held, and orders that only the policy did.</summary>
    public TrialOrders Added { get; } = new();

    /// <inheritdoc cref="Added"/>
    public TrialOrders Removed { get; } = new();

    /// <summary>Written off in the window on invoices of orders that the draft would have held, minor units of the base currency: at most so much would not have been lost.</summary>
    public Int128 WriteOffsAvoided { get; private set; }

    /// <summary>All that was written off in the window, minor units of the base currency.</summary>
    public Int128 WrittenOff { get; private set; }

    /// <summary>Entries that were applied under both.</summary>
    public long Entries { get; private set; }

    /// <summary>Begins with a partition as it stood at the beginning of the window; the book is worth nothing afterwards.</summary>
    public void Begin(Book book, Instant from)
    {
        book.Settle();
        (_real, _drafted) = (book, book.Copy());
        Real.Begin(_real, from);
        Drafted.Begin(_drafted, from);
        _drafted.TakeDraft(draft, (_, effects) => Drafted.Take(_drafted, effects.Effects, from));
    }

    /// <summary>Applies one entry of the window to both books.</summary>
    /// <param name="again">The same fact once more, since a book may keep it.</param>
    /// <param name="outcome">What became of it then: a duplicate is one under every policy, and the copy does not know the event ids.</param>
    public void Take(Fact fact, Fact again, OutcomeKind outcome, EntryPosition at)
    {
        Entries++;
        _effects.Clear();
        PartitionMachine.Apply(_real, fact, at, _effects);
        Real.Take(_real, _effects.Effects, fact.Arrival);
        if (outcome is OutcomeKind.Duplicate or OutcomeKind.ConflictingDuplicate or OutcomeKind.Undecodable || fact is PolicyActivated) return;
        Note(fact);
        _effects.Clear();
        PartitionMachine.Apply(_drafted, again, at, _effects);
        Drafted.Take(_drafted, _effects.Effects, fact.Arrival);
    }

    /// <summary>Ends a partition.</summary>
    public void End(Instant at)
    {
        Real.End(at);
        Drafted.End(at);
    }

    /// <summary>Compares, once all partitions were taken.</summary>
    public void Compare()
    {
        foreach (var (key, order) in Drafted.All)
            if (!Real.All.ContainsKey(key)) Added.Add(order);
        foreach (var (key, order) in Real.All)
            if (!Drafted.All.ContainsKey(key)) Removed.Add(order);
        Real.Sum();
        Drafted.Sum();
        Added.Cut();
        Removed.Cut();
        foreach (var (customer, item, amount) in _writtenOff)
        {
            WrittenOff += amount;
            if (_invoices.TryGetValue((customer, item), out var orders) && orders.Any(o => Drafted.All.ContainsKey((customer, o)) && !Real.All.ContainsKey((customer, o)))) WriteOffsAvoided += amount;
        }
    }

    /// <summary>Which order an invoice comes from, and what was given up of it.</summary>
    private void Note(Fact fact)
    {
        switch (fact)
        {
            case DeliveryPosted { OrderId.Length: > 0 } delivery:
                _deliveries[(fact.Customer, delivery.DeliveryId)] = delivery.OrderId;
                break;
            case InvoicePosted invoice:
                foreach (var link in invoice.Links)
                    if ((link.OrderId.Length > 0 ? link.OrderId : _deliveries.GetValueOrDefault((fact.Customer, link.DeliveryId))) is { } order)
                    {
                        if (!_invoices.TryGetValue((fact.Customer, invoice.InvoiceId), out var orders)) _invoices[(fact.Customer, invoice.InvoiceId)] = orders = [];
                        orders.Add(order);
                    }

                break;
            case WriteOffPosted off:
                foreach (var item in off.Items)
                    if (_real.FindSlot(fact.Customer) is var slot && slot >= 0 && _real.CurrencyOf(slot, item.ItemId) is { } currency)
                        _writtenOff.Add((fact.Customer, item.ItemId, _real.Context.Convert(item.Amount, currency, _real.BaseCurrency) ?? item.Amount));
                break;
        }
    }
}
