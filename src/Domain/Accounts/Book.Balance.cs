namespace ExposureMonitor.Domain;

/// <summary>Conservation: what the ledgers hold must follow from the documents, summed again from scratch.</summary>
public sealed partial class Book
{
    /// <summary>Sums of the account that is looked at, by currency: most have one. Recovery looks at every account.</summary>
    private (Currency Currency, Sums Sums)[] _balance = new (Currency, Sums)[2];
    private readonly List<ResidueLine> _named = [];
    private int _balanced;

    /// <inheritdoc cref="Unbalanced(int, out int)"/>
    public string? Unbalanced(int slot) => Unbalanced(slot, out _);

    /// <summary>What is out of balance in an account, or <c>null</c>. Looks at every document that it has.</summary>
    /// <param name="documents">How many that were: what the look cost.</param>
    public string? Unbalanced(int slot, out int documents)
    {
        documents = _balanced = 0;

        for (var o = Account(slot).Orders.First; o != 0; o = Orders[o].Next)
        {
            documents++;
            ref var order = ref Orders[o];
            var undelivered = Undelivered(order);
            // Inside and outside depend on the day of the account's last fold: they are compared as one.
            Add(order.Currency, IsHeld(order) ? Part.HeldInside : Part.OrdersInside, undelivered);
            Add(order.Currency, Part.Delivered, DeliveredOf(order));
        }

        for (var d = Account(slot).Deliveries.First; d != 0; d = Deliveries[d].Next)
        {
            documents++;
            if (Deliveries[d].Order == 0) Add(Deliveries[d].Currency, Part.Delivered, OpenOf(Deliveries[d]));
        }

        for (var i = Account(slot).Items.First; i != 0; i = Items[i].Next)
        {
            documents++;
            ref var item = ref Items[i];
            Add(item.Currency, Part.Receivables, OpenOf(item));
            Add(item.Currency, Part.Unapplied, AskedAbove(item));
            if (item.Billed && !item.Posted && !item.Cancelled) Add(item.Currency, Part.Billed, ExtraOf(item).BilledAmount);
        }

        for (var n = Account(slot).Sources.First; n != 0; n = Sources[n].Next)
        {
            documents++;
            ref var source = ref Sources[n];
            Add(source.Currency, Part.Unapplied, UnallocatedOf(source));
            if (source.Kind == SourceKind.Payment && !source.Cleared && !source.Void) Add(source.Currency, Part.PaymentsAtRisk, source.Amount);
            if (source.Kind == SourceKind.Acceptance && !source.Left && !source.Void) Add(source.Currency, Part.Acceptances, source.Amount);
        }

        for (var l = Account(slot).Ledger; l != 0; l = Ledgers[l].Next)
            if (Compare(ref Ledgers[l], SumsOf(Ledgers[l].Currency)) is { } why) return why;
        return Unnamed(slot);
    }

    private void Add(Currency currency, Part part, long amount) => SumsOf(currency)[(int)part] += amount;

    private ref Sums SumsOf(Currency currency)
    {
        for (var i = 0; i < _balanced; i++)
            if (_balance[i].Currency == currency) return ref _balance[i].Sums;
        if (_balanced == _balance.Length) Array.Resize(ref _balance, _balanced * 2);
        _balance[_balanced] = (currency, default);
        return ref _balance[_balanced++].Sums;
    }

    /// <summary>Value that entered or left without a name, or <c>null</c>: hand-over conserves value.</summary>
    private string? Unnamed(int slot)
    {
        _named.Clear();
        Residues(slot, _named);
        for (var l = Account(slot).Ledger; l != 0; l = Ledgers[l].Next)
        {
            long named = 0;
            foreach (var line in _named)
                if (line.Currency == Ledgers[l].Currency.Code) named += line.Amount;
            var total = Total(slot, Ledgers[l].Currency);
            if (total != named) return $"the components add up to {total} {Ledgers[l].Currency}, what entered and left by name to {named}";
        }

        return null;
    }

    private static string? Compare(ref LedgerRecord ledger, in Sums expected)
    {
        ref var s = ref ledger.Sums;
        long aged = 0;
        for (var bucket = 0; bucket < 6; bucket++) aged += s[(int)Part.Aged + bucket];
        foreach (var (name, live, sum) in (ReadOnlySpan<(string, long, long)>)
            [("open orders", s[(int)Part.OrdersInside] + s[(int)Part.OrdersOutside], expected[(int)Part.OrdersInside]),
             ("held orders", s[(int)Part.HeldInside] + s[(int)Part.HeldOutside], expected[(int)Part.HeldInside]),
             ("delivered", s[(int)Part.Delivered], expected[(int)Part.Delivered]), ("billed", s[(int)Part.Billed], expected[(int)Part.Billed]),
             ("receivables", s[(int)Part.Receivables], expected[(int)Part.Receivables]), ("ageing", aged, expected[(int)Part.Receivables]),
             ("unapplied", s[(int)Part.Unapplied], expected[(int)Part.Unapplied]), ("acceptances", s[(int)Part.Acceptances], expected[(int)Part.Acceptances]),
             ("payments at risk", s[(int)Part.PaymentsAtRisk], expected[(int)Part.PaymentsAtRisk])])
            if (live != sum) return $"{name} stand at {live} {ledger.Currency}, the documents add up to {sum}";
        return null;
    }
}
