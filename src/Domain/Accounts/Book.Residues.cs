namespace ExposureMonitor.Domain;

/// <summary>
/// By which names value entered the exposure of an account, or left it (credit.md 3.3, 3.4). Entering is positive,
/// leaving negative; together with what is reserved and reported from outside they are the exposure, at every entry.
/// </summary>
public enum Residue : byte
{
    /// <summary>Value of placed orders.</summary>
    Ordered,

    /// <summary>Delivered above what was ordered; a delivery without an order is one of an order of 0.</summary>
    OverDelivery,

    /// <summary>Ordered and never delivered: the last delivery was short, or the order was closed.</summary>
    ShortClose,

    /// <summary>Cancelled or rejected orders, and goods whose invoice was cancelled for good.</summary>
    Cancelled,

    /// <summary>Went to another payer.</summary>
    Transferred,

    /// <summary>Goods that came back before an invoice.</summary>
    Returned,

    /// <summary>Invoices and interest that took nothing over.</summary>
    Invoiced,

    /// <summary>Invoices above, or below, the delivery value that they took over: price, freight, tax.</summary>
    PriceDifference,
    DiscountTaken,
    WrittenOff,

    /// <summary>Money that is safe.</summary>
    Paid,
    Credited,
    Refunded,

    /// <summary>What an allocation between currencies took from its source, less what it gave the item.</summary>
    FxDifference,
    Reserved,
    External,
}

/// <summary>Value that entered or left under one name, in minor units of its currency.</summary>
public sealed record ResidueLine(Residue Name, string Currency, long Amount);

/// <summary>Something about a document that a person should see; it moves no value.</summary>
/// <param name="Mark">HandedExcess, OverAllocated, ReversedAfterInvoice or UNLINKED.</param>
public sealed record MarkLine(string Mark, string Document, string Currency, long Amount);

/// <summary>The flows that a ledger keeps; derived names are made of them when somebody reads.</summary>
internal enum Flow : byte
{
    Ordered, OverDelivery, ShortClose, Cancelled, Transferred, Returned, Handed, Invoiced, InvoicedLinked, CancelledLinks, Discount,
    WrittenOff, Exchanged, Paid, Credited, Refunded,
    Count,
}

/// <summary>One flow of a ledger; most ledgers know two or three of them.</summary>
internal struct FlowRecord
{
    internal long Amount;
    internal int Next;
    internal Flow Name;
}

/// <summary>Each document puts its flows in beside its components, in the same three steps: so they stay equal for ever.</summary>
public sealed partial class Book
{
    internal readonly Slab<FlowRecord> Flows = new();

    /// <summary>What a ledger has under a name.</summary>
    internal long FlowOf(in LedgerRecord ledger, Flow name)
    {
        for (var at = ledger.Flows; at != 0; at = Flows[at].Next)
            if (Flows[at].Name == name) return Flows[at].Amount;
        return 0;
    }

    internal void Move(int ledger, Flow name, long amount)
    {
        if (amount == 0) return;
        for (var at = Ledgers[ledger].Flows; at != 0; at = Flows[at].Next)
        {
            if (Flows[at].Name != name) continue;
            Flows[at].Amount += amount;
            return;
        }

        var opened = Flows.Take();
        (Flows[opened].Amount, Flows[opened].Name, Flows[opened].Next) = (amount, name, Ledgers[ledger].Flows);
        Ledgers[ledger].Flows = opened;
    }

    private void FlowOrder(in OrderRecord order, long undelivered, long delivered, int sign)
    {
        var ordered = order.Placed ? order.Ordered - order.Elsewhere : 0;
        var residue = undelivered + delivered + order.InvoicedDirectly + (order.Delivered - order.DeliveryOpen) - ordered;
        if (ordered == 0 && residue == 0 && order.InvoicedDirectly == 0) return;
        var ledger = LedgerOf(order.Account, order.Currency);
        Move(ledger, Flow.Ordered, sign * ordered);
        Move(ledger, Flow.Handed, sign * order.InvoicedDirectly);
        if (residue > 0) Move(ledger, Flow.OverDelivery, sign * residue);
        if (residue >= 0) return;
        var name = order.Status == OrderStatus.Transferred ? Flow.Transferred
            : order.Status == OrderStatus.Cancelled || order.State == OrderState.Rejected ? Flow.Cancelled : Flow.ShortClose;
        Move(ledger, name, -sign * residue);
    }

    private void FlowDelivery(in DeliveryRecord delivery, int sign)
    {
        var net = NetOf(delivery);
        if (net == 0) return;
        var ledger = LedgerOf(delivery.Account, delivery.Currency);
        var handed = Math.Min(delivery.Handed, net);
        Move(ledger, Flow.Handed, sign * handed);
        Move(ledger, Flow.Returned, sign * (net - OpenOf(delivery) - handed));
        if (delivery.Order == 0) Move(ledger, Flow.OverDelivery, sign * net);
    }

    internal void FlowItem(int slot, int sign)
    {
        ref var item = ref Items[slot];
        if (item.Kind == ItemKind.SourceDebit) return;
        var ledger = LedgerOf(item.Account, item.Currency);
        var entered = item.Cancelled ? 0 : item.Posted ? item.Amount : item.Billed ? ExtraOf(item).BilledAmount : 0;
        Move(ledger, item.FirstLink != 0 ? Flow.InvoicedLinked : Flow.Invoiced, sign * entered);
        Move(ledger, Flow.Discount, sign * ExtraOf(item).Discount);
        Move(ledger, Flow.Exchanged, -sign * item.Allocated);
        if (item is { Posted: true, Cancelled: false })
            Move(ledger, Flow.WrittenOff, sign * Math.Min(ExtraOf(item).WrittenOff, Math.Max(0, item.Amount - item.Allocated - ExtraOf(item).Discount)));
        if (!item.Cancelled) return;
        for (var link = item.FirstLink; link != 0; link = Links[link].Next) Move(ledger, Flow.CancelledLinks, sign * Links[link].Amount);
    }

    private void FlowSource(in SourceRecord source, int sign)
    {
        var ledger = LedgerOf(source.Account, source.Currency);
        var safe = source.Void || IsAtRisk(source) ? 0 : source.Amount;
        Move(ledger, source.Kind == SourceKind.CreditNote ? Flow.Credited : Flow.Paid, sign * safe);
        // Money that bounced is worth nothing; until it is safe it counts on both sides.
        Move(ledger, Flow.Exchanged, sign * source.Allocated);
        Move(ledger, Flow.Refunded, sign * source.Refunded);
    }

    /// <summary>By which names value entered and left, per currency; names without value are left out.</summary>
    public IReadOnlyList<ResidueLine> Residues(int slot)
    {
        var lines = new List<ResidueLine>();
        Residues(slot, lines);
        return lines;
    }

    private void Residues(int slot, List<ResidueLine> lines)
    {
        for (var l = Account(slot).Ledger; l != 0; l = Ledgers[l].Next)
        {
            var ledger = Ledgers[l];
            var code = ledger.Currency.Code;
            Add(Residue.Ordered, Of(Flow.Ordered));
            Add(Residue.OverDelivery, Of(Flow.OverDelivery));
            Add(Residue.ShortClose, -Of(Flow.ShortClose));
            Add(Residue.Cancelled, -Of(Flow.Cancelled) - Of(Flow.CancelledLinks));
            Add(Residue.Transferred, -Of(Flow.Transferred));
            Add(Residue.Returned, -Of(Flow.Returned));
            Add(Residue.Invoiced, Of(Flow.Invoiced));
            Add(Residue.PriceDifference, Of(Flow.InvoicedLinked) - Of(Flow.Handed) + Of(Flow.CancelledLinks));
            Add(Residue.DiscountTaken, -Of(Flow.Discount));
            Add(Residue.WrittenOff, -Of(Flow.WrittenOff));
            Add(Residue.Paid, -Of(Flow.Paid));
            Add(Residue.Credited, -Of(Flow.Credited));
            Add(Residue.Refunded, Of(Flow.Refunded));
            Add(Residue.FxDifference, Of(Flow.Exchanged));
            Add(Residue.Reserved, ledger.Sums[(int)Part.Reserved]);
            Add(Residue.External, ledger.Sums[(int)Part.External]);

            long Of(Flow name) => FlowOf(ledger, name);

            void Add(Residue name, long amount)
            {
                if (amount != 0) lines.Add(new ResidueLine(name, code, amount));
            }
        }
    }

    /// <summary>Σ of all components of an account in a currency, held and later orders included; U is taken off.</summary>
    public long Total(int slot, Currency currency)
    {
        for (var l = Account(slot).Ledger; l != 0; l = Ledgers[l].Next)
        {
            if (Ledgers[l].Currency != currency) continue;
            long total = 0;
            for (var part = Part.OrdersInside; part <= Part.External; part++) total += part == Part.Unapplied ? -Ledgers[l].Sums[(int)part] : Ledgers[l].Sums[(int)part];
            return total;
        }

        return 0;
    }

    /// <summary>What is odd about the documents of an account.</summary>
    public IReadOnlyList<MarkLine> Marks(int slot)
    {
        var marks = new List<MarkLine>();
        for (var at = Account(slot).Deliveries.First; at != 0; at = Deliveries[at].Next)
        {
            ref var d = ref Deliveries[at];
            var id = Texts.Get(d.Id);
            if (!d.Posted)
            {
                if (d.Handed > 0 && d.LinkedOn != 0 && Today - d.LinkedOn > PolicyOf(slot, Context)[Parameter.UnlinkedDays])
                    marks.Add(new MarkLine("UNLINKED", id, d.Currency.Code, d.Handed));
                continue;
            }

            var excess = d.Handed + d.Returned - NetOf(d);
            if (excess > 0) marks.Add(new MarkLine("HandedExcess", id, d.Currency.Code, excess));
            if (d.Reversed > 0 && d.Handed > 0) marks.Add(new MarkLine("ReversedAfterInvoice", id, d.Currency.Code, Math.Min(d.Reversed, d.Handed)));
        }

        for (var at = Account(slot).Orders.First; at != 0; at = Orders[at].Next)
        {
            ref var o = ref Orders[at];
            if (!o.Placed) continue;
            // It takes from what is not delivered first, then from the deliveries that no invoice took.
            var left = o.InvoicedDirectly - Math.Max(0, o.Ordered - o.Elsewhere - o.Delivered);
            if (left > o.DeliveryOpen) marks.Add(new MarkLine("HandedExcess", Texts.Get(o.Id), o.Currency.Code, left - o.DeliveryOpen));
        }

        for (var at = Account(slot).Items.First; at != 0; at = Items[at].Next)
            if (AskedAbove(Items[at]) is var above && above > 0) marks.Add(new MarkLine("OverAllocated", Texts.Get(Items[at].Id), Items[at].Currency.Code, above));
        for (var at = Account(slot).Sources.First; at != 0; at = Sources[at].Next)
            if (Sources[at].DebitItem is var debit && debit != 0 && Items[debit].Amount > 0 && !Sources[at].Void)
                marks.Add(new MarkLine("OverAllocated", Texts.Get(Sources[at].Id), Sources[at].Currency.Code, Items[debit].Amount));
        return marks;
    }
}
