namespace ExposureMonitor.Domain;

/// <summary>An order that a draft treats otherwise than the policy in force.</summary>
/// <param name="Amount">Minor units of <paramref name="Currency"/>.</param>
/// <param name="InBase">The same in minor units of the base currency; as it is where a rate is missing.</param>
/// <param name="Rules">Steps and rules that hold it, with spaces between, in the order of evaluation.</param>
public sealed record TrialOrder(string Customer, string OrderId, long Amount, string Currency, long InBase, string Rules);

/// <summary>How many orders, what they are worth, and the largest of them.</summary>
public sealed class TrialOrders
{
    /// <summary>Orders that are named; the others are counted.</summary>
    public const int Named = 200;

    private readonly List<TrialOrder> _largest = [];

    public int Count { get; private set; }

    /// <summary>Σ in minor units of the base currency.</summary>
    public Int128 InBase { get; private set; }

    /// <summary>The largest, the largest first.</summary>
    public IReadOnlyList<TrialOrder> Largest
    {
        get
        {
            _largest.Sort(static (a, b) => a.InBase != b.InBase ? b.InBase.CompareTo(a.InBase) : string.CompareOrdinal(a.Customer + a.OrderId, b.Customer + b.OrderId));
            return _largest;
        }
    }

    internal void Add(TrialOrder order)
    {
        Count++;
        InBase += order.InBase;
        _largest.Add(order);
        // Sorted and cut now and then, so that a large book costs no memory.
        if (_largest.Count >= 8 * Named) _largest.RemoveRange(Named, Largest.Count - Named);
    }

    internal void Cut()
    {
        if (Largest.Count > Named) _largest.RemoveRange(Named, _largest.Count - Named);
    }
}

/// <summary>
/// What a draft of a policy would do to today's book: customers that move to another band, accepted orders that a check would hold,
/// held orders that it would free, signals. Partitions are looked at one after the other, each in a copy of its book, and added up.
/// </summary>
public sealed class BookTrial
{
    private static readonly int Bands = Enum.GetValues<Band>().Length;
    private readonly int[,] _moves = new int[Bands, Bands];
    private readonly List<JudgedOrder> _before = [], _after = [];

    public int Customers { get; private set; }

    /// <summary>Customers by band as the policy in force has them, and as the draft would.</summary>
    public int Before(Band band) => Enumerable.Range(0, Bands).Sum(to => _moves[(int)band, to]);

    /// <inheritdoc cref="Before"/>
    public int After(Band band) => Enumerable.Range(0, Bands).Sum(from => _moves[from, (int)band]);

    /// <summary>Customers that would move from one band to another.</summary>
    public int Moved(Band from, Band to) => from == to ? 0 : _moves[(int)from, (int)to];

    /// <summary>Accepted orders, not delivered in whole, that a check under the draft would hold and one under the policy would not. They stay as they are: a policy touches no accepted order.</summary>
    public TrialOrders WouldHold { get; } = new();

    /// <summary>Held orders whose reasons the draft would take away; orders that a person holds are none of them.</summary>
    public TrialOrders WouldFree { get; } = new();

    /// <summary>Of these, released by rule at once, without dwell or turn.</summary>
    public int ReleasedAtOnce { get; private set; }

    /// <summary>Signals that would be raised and resolved in the moment of the change.</summary>
    public int SignalsRaised { get; private set; }

    /// <inheritdoc cref="SignalsRaised"/>
    public int SignalsResolved { get; private set; }

    /// <summary>Tries a draft on a copy of a partition's book; the copy is worth nothing afterwards.</summary>
    public void Take(Book copy, Policy draft)
    {
        copy.Settle();
        var (now, then) = (BandSteps.Of(copy.Context.Policy), BandSteps.Of(draft));
        var bands = new Band[copy.AccountCount];
        var judged = new Dictionary<(int Slot, string Order), JudgedOrder>();
        for (var slot = 0; slot < bands.Length; slot++)
        {
            bands[slot] = now.Of(copy.Figures(slot));
            _before.Clear();
            copy.JudgeOpenOrders(slot, _before);
            foreach (var order in _before) judged[(slot, order.OrderId)] = order;
        }

        copy.TakeDraft(draft, (_, effects) =>
        {
            foreach (var effect in effects.Effects)
            {
                if (effect is HoldChanged { Step: HoldChanged.Released }) ReleasedAtOnce++;
                if (effect is SignalChanged { State: SignalChanged.Raised }) SignalsRaised++;
                if (effect is SignalChanged { State: SignalChanged.Resolved }) SignalsResolved++;
            }
        });
        for (var slot = 0; slot < bands.Length; slot++)
        {
            Customers++;
            _moves[(int)bands[slot], (int)then.Of(copy.Figures(slot))]++;
            _after.Clear();
            copy.JudgeOpenOrders(slot, _after);
            foreach (var after in _after)
            {
                if (!judged.TryGetValue((slot, after.OrderId), out var before)) continue;
                if (!before.IsHeld && !before.Holds && after.Holds) WouldHold.Add(Of(copy, slot, after, after.Rules));
                // What the change released by itself stands accepted now.
                else if (before.IsHeld && !before.IsForced && before.Holds && (!after.IsHeld || !after.Holds)) WouldFree.Add(Of(copy, slot, after, before.Rules));
            }
        }

        WouldHold.Cut();
        WouldFree.Cut();
    }

    private static TrialOrder Of(Book book, int slot, in JudgedOrder order, string rules) => new(book.CustomerAt(slot), order.OrderId, order.Amount, order.Currency.Code,
        Rounding.Pin(book.Context.Convert(order.Amount, order.Currency, book.BaseCurrency) ?? order.Amount), rules);
}
