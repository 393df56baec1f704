namespace ExposureMonitor.Domain;

/// <summary>What an exposure holds in another currency than its own, converted: S(h), and the orders beyond the horizon.</summary>
internal readonly record struct ForeignPart(Currency Currency, Int128 Sum, Int128 Beyond);

/// <summary>The exposure of one customer in one currency, by component; each sum was converted once.</summary>
internal struct Exposure
{
    internal Currency Currency;
    internal Int128 OrdersInside, OrdersOutside, HeldInside, HeldOutside, Delivered, Billed, Receivables, Acceptances,
        PaymentsAtRisk, Unapplied, Reserved, External;

    /// <summary>Unapplied money of documents that count as N or P themselves; no cap binds it.</summary>
    internal Int128 Backed;

    /// <summary>What the haircut adds in limit steps for exposure in other currencies.</summary>
    internal Int128 Haircut;

    /// <summary>A currency without a rate: figures leave it out, and checks hold.</summary>
    internal Currency Missing;

    private int _counted;
    private Caps? _caps;
    private ForeignPart[] _foreign;

    /// <summary>All that counts in S(h) beside the orders: asked several times for each check.</summary>
    private Int128 _rest;

    /// <summary>S(h): may be below 0.</summary>
    internal readonly Int128 Sum => Counted(0, OrdersInside) + _rest;

    /// <summary>S(∞): all orders, whenever they ship.</summary>
    internal readonly Int128 StaticSum => Counted(0, OrdersInside + OrdersOutside) + _rest + Counted(7, HeldOutside);

    /// <summary>S(h) with the haircut: the figure that limit steps, the ladder and the headroom use.</summary>
    internal readonly Int128 CheckSum => Sum + Haircut;

    /// <summary>Something counts in another currency.</summary>
    internal readonly bool HasForeign => _foreign.Length > 0;

    /// <summary>Gross(h), the exposure.</summary>
    internal readonly Int128 Gross => Int128.Max(0, Sum);

    /// <summary>Gross(h) with the haircut.</summary>
    internal readonly Int128 CheckGross => Int128.Max(0, CheckSum);

    /// <summary>Shown; helps the customer's own next order.</summary>
    internal readonly Int128 CreditBalance => Int128.Max(0, -Sum);

    /// <summary>After every change of a component but the orders.</summary>
    private void Settle() => _rest = Counted(1, Delivered) + Counted(2, Billed) + Counted(3, Receivables)
        + Counted(4, Acceptances) + Counted(5, PaymentsAtRisk) - SetOff + Counted(7, HeldInside) + Counted(8, Reserved) + Counted(9, External);

    private readonly Int128 SetOff
    {
        get
        {
            if ((_counted & 1 << 6) == 0) return 0;
            if (_caps is not { } caps) return Unapplied;
            var free = Unapplied - Backed;
            if (caps.Unapplied >= 0 && free > caps.Unapplied) free = caps.Unapplied;
            return Capped(6, Backed + free);
        }
    }

    private readonly Int128 Counted(int component, Int128 amount) => (_counted & 1 << component) == 0 ? 0 : Capped(component, amount);

    private readonly Int128 Capped(int component, Int128 amount) =>
        _caps is { } caps && caps.Of[component] >= 0 && amount > caps.Of[component] ? caps.Of[component] : amount;

    /// <summary>What the component adds when it is so large; 0 when it is only statistical.</summary>
    internal readonly bool Counts(int component) => (_counted & 1 << component) != 0;

    /// <summary>Measures an account under a context, in a currency.</summary>
    internal static Exposure Of(Book book, int slot, PartitionContext context, Currency currency)
    {
        Measure(book, slot, context, currency, out var exposure);
        return exposure;
    }

    /// <summary>The same into a place that is there: it is large to be carried about.</summary>
    internal static void Measure(Book book, int slot, PartitionContext context, Currency currency, out Exposure e)
    {
        var policy = book.PolicyOf(slot, context);
        e = new Exposure { Currency = currency, _counted = policy.Counted, _caps = Caps.For(policy, context, currency), _foreign = [] };
        for (var ledger = book.Account(slot).Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
        {
            ref var record = ref book.Ledgers[ledger];
            if (record.Currency == currency)
            {
                e.AddOwn(record.Sums);
                continue;
            }

            if (context.Convert(1, record.Currency, currency) is null)
            {
                if (!IsEmpty(record.Sums)) e.Missing = record.Currency;
                continue;
            }

            e.Settle();
            var (before, beforeStatic) = (e.Sum, e.StaticSum);
            e.OrdersInside += In(ref record, Part.OrdersInside, context, currency);
            e.OrdersOutside += In(ref record, Part.OrdersOutside, context, currency);
            e.HeldInside += In(ref record, Part.HeldInside, context, currency);
            e.HeldOutside += In(ref record, Part.HeldOutside, context, currency);
            e.Delivered += In(ref record, Part.Delivered, context, currency);
            e.Billed += In(ref record, Part.Billed, context, currency);
            e.Receivables += In(ref record, Part.Receivables, context, currency);
            e.Acceptances += In(ref record, Part.Acceptances, context, currency);
            e.PaymentsAtRisk += In(ref record, Part.PaymentsAtRisk, context, currency);
            e.Unapplied += In(ref record, Part.Unapplied, context, currency);
            e.Backed += In(ref record, Part.Backed, context, currency);
            e.Reserved += In(ref record, Part.Reserved, context, currency);
            e.External += In(ref record, Part.External, context, currency);
            e.Settle();
            e._foreign = [.. e._foreign, new ForeignPart(record.Currency, e.Sum - before, e.StaticSum - beforeStatic - (e.Sum - before))];
            e.Haircut += HaircutOf(e.Sum - before, record.Currency, currency, policy, context);
        }

        if (policy.Hidden != 0) e.Hide(policy.Hidden);
        e.Settle();
    }

    /// <summary>What stands in the currency itself needs no rate.</summary>
    private void AddOwn(in Sums sums)
    {
        OrdersInside += sums[(int)Part.OrdersInside];
        OrdersOutside += sums[(int)Part.OrdersOutside];
        HeldInside += sums[(int)Part.HeldInside];
        HeldOutside += sums[(int)Part.HeldOutside];
        Delivered += sums[(int)Part.Delivered];
        Billed += sums[(int)Part.Billed];
        Receivables += sums[(int)Part.Receivables];
        Acceptances += sums[(int)Part.Acceptances];
        PaymentsAtRisk += sums[(int)Part.PaymentsAtRisk];
        Unapplied += sums[(int)Part.Unapplied];
        Backed += sums[(int)Part.Backed];
        Reserved += sums[(int)Part.Reserved];
        External += sums[(int)Part.External];
    }

    /// <summary>Takes the undelivered value of an order out.</summary>
    /// <param name="inside">What ships inside the horizon, in this exposure's currency.</param>
    /// <param name="outside">What ships later.</param>
    /// <param name="isHeld">It stands with the held orders.</param>
    internal void TakeOrder(Int128 inside, Int128 outside, bool isHeld)
    {
        if (!isHeld)
        {
            OrdersInside -= inside;
            OrdersOutside -= outside;
            return;
        }

        HeldInside -= inside;
        HeldOutside -= outside;
        Settle();
    }

    /// <summary>Reserves again what a release had used.</summary>
    internal void Reserve(Int128 amount)
    {
        Reserved += amount;
        Settle();
    }

    /// <summary>Takes value of another currency out; its haircut goes with it. Other copies of this exposure keep theirs.</summary>
    /// <param name="sum">What left S(h), converted.</param>
    /// <param name="beyond">What left the orders beyond the horizon, converted.</param>
    internal void TakeForeign(Currency currency, Int128 sum, Int128 beyond, Policy policy, PartitionContext context)
    {
        _foreign = [.. _foreign];
        for (var i = 0; i < _foreign.Length; i++)
            if (_foreign[i].Currency == currency) _foreign[i] = _foreign[i] with { Sum = _foreign[i].Sum - sum, Beyond = _foreign[i].Beyond - beyond };
        Haircut = HaircutWith(currency, 0, isStatic: false, policy, context);
    }

    /// <summary>The haircut with a document on top. All that counts in a currency is rounded up once, the document in it.</summary>
    /// <param name="document">In this exposure's currency; what is not in a foreign currency has no haircut.</param>
    /// <param name="isStatic">With the orders beyond the horizon.</param>
    internal readonly Int128 HaircutWith(Currency currency, Int128 document, bool isStatic, Policy policy, PartitionContext context)
    {
        Int128 haircut = 0;
        foreach (var part in _foreign)
        {
            var amount = isStatic ? part.Sum + part.Beyond : part.Sum;
            if (part.Currency == currency) (amount, document) = (amount + document, 0);
            haircut += HaircutOf(amount, part.Currency, Currency, policy, context);
        }

        return currency == Currency ? haircut : haircut + HaircutOf(document, currency, Currency, policy, context);
    }

    /// <summary>The haircut of an amount in another currency: doubled when its rate is stale, rounded up.</summary>
    internal static Int128 HaircutOf(Int128 amount, Currency from, Currency to, Policy policy, PartitionContext context)
    {
        if (amount <= 0) return 0;
        var bp = policy[Parameter.FxHaircutBp];
        if (context.RateAge(from, to) > policy[Parameter.FxStaleDays]) bp *= 2;
        return Rounding.Up(Rounding.Times(amount, bp), 10_000);
    }

    /// <summary>A component that is off is not even shown.</summary>
    private void Hide(int hidden)
    {
        if ((hidden & 1) != 0) OrdersInside = OrdersOutside = 0;
        if ((hidden & 1 << 1) != 0) Delivered = 0;
        if ((hidden & 1 << 2) != 0) Billed = 0;
        if ((hidden & 1 << 3) != 0) Receivables = 0;
        if ((hidden & 1 << 4) != 0) Acceptances = 0;
        if ((hidden & 1 << 5) != 0) PaymentsAtRisk = 0;
        if ((hidden & 1 << 6) != 0) Unapplied = Backed = 0;
        if ((hidden & 1 << 7) != 0) HeldInside = HeldOutside = 0;
        if ((hidden & 1 << 8) != 0) Reserved = 0;
        if ((hidden & 1 << 9) != 0) External = 0;
    }

    private static Int128 In(ref LedgerRecord ledger, Part part, PartitionContext context, Currency currency) =>
        context.Convert(ledger.Sums[(int)part], ledger.Currency, currency) ?? 0;

    private static bool IsEmpty(in Sums sums)
    {
        for (var i = 0; i < (int)Part.Count; i++)
            if (sums[i] != 0) return false;
        return true;
    }

    /// <summary>Caps of a policy in one currency; most policies have none.</summary>
    private sealed class Caps
    {
        internal Int128[] Of { get; } = new Int128[Policy.Components];

        internal Int128 Unapplied { get; private init; }

        internal static Caps? For(Policy policy, PartitionContext context, Currency currency)
        {
            if (!policy.HasCaps && policy[Parameter.UnappliedCap] < 0) return null;
            var least = policy[Parameter.UnappliedCap];
            var caps = new Caps { Unapplied = least < 0 ? -1 : context.Convert(least, context.BaseCurrency, currency) ?? 0 };
            for (var i = 0; i < Policy.Components; i++) caps.Of[i] = Here(policy.CapOf(i));
            return caps;

            // Without a rate a cap that lowers what counts is not trusted: the component counts in full, unapplied money not at all.
            Int128 Here(long cap) => cap < 0 ? -1 : context.Convert(cap, context.BaseCurrency, currency) ?? -1;
        }
    }
}
