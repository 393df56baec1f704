using System.Runtime.CompilerServices;

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
internal enum Flow
{
    Ordered, OverDelivery, ShortClose, Cancelled, Transferred, Returned, Handed, Invoiced, InvoicedLinked, CancelledLinks, Discount,
    WrittenOff, Exchanged, Paid, Credited, Refunded,
    Count,
}

/// <summary>One value per <see cref="Flow"/>.</summary>
[InlineArray((int)Flow.Count)]
internal struct Flows
{
    private long _first;
}

/// <summary>Each document puts its flows in beside its components, in the same three steps: so they stay equal for ever.</summary>
public sealed partial class Book
{
    internal readonly Slab<Flows> FlowSlab = new();

    private ref Flows FlowsOf(int account, Currency currency)
    {
        ref var ledger = ref Ledgers[LedgerOf(account, currency)];
        if (ledger.Flows == 0) ledger.Flows = FlowSlab.Take();
        return ref FlowSlab[ledger.Flows];
    }

    private void FlowOrder(in OrderRecord order, long undelivered, long delivered, int sign)
    {
        var ordered = order.Placed ? order.Ordered - order.Elsewhere : 0;
        var residue = undelivered + delivered + order.InvoicedDirectly + (order.Delivered - order.DeliveryOpen) - ordered;
        if (ordered == 0 && residue == 0 && order.InvoicedDirectly == 0) return;
        ref var flows = ref FlowsOf(order.Account, order.Currency);
        flows[(int)Flow.Ordered] += sign * ordered;
        flows[(int)Flow.Handed] += sign * order.InvoicedDirectly;
        if (residue > 0) flows[(int)Flow.OverDelivery] += sign * residue;
        if (residue >= 0) return;
        var name = order.Status == OrderStatus.Transferred ? Flow.Transferred
            : order.Status == OrderStatus.Cancelled || order.State == OrderState.Rejected ? Flow.Cancelled : Flow.ShortClose;
        flows[(int)name] -= sign * residue;
    }

    private void FlowDelivery(in DeliveryRecord delivery, int sign)
    {
        var net = NetOf(delivery);
        if (net == 0) return;
        ref var flows = ref FlowsOf(delivery.Account, delivery.Currency);
        var handed = Math.Min(delivery.Handed, net);
        flows[(int)Flow.Handed] += sign * handed;
        flows[(int)Flow.Returned] += sign * (net - OpenOf(delivery) - handed);
        if (delivery.Order == 0) flows[(int)Flow.OverDelivery] += sign * net;
    }

    internal void FlowItem(int slot, int sign)
    {
        ref var item = ref Items[slot];
        if (item.Kind == ItemKind.SourceDebit) return;
        ref var flows = ref FlowsOf(item.Account, item.Currency);
        var entered = item.Cancelled ? 0 : item.Posted ? item.Amount : item.Billed ? ExtraOf(item).BilledAmount : 0;
        flows[(int)(item.FirstLink != 0 ? Flow.InvoicedLinked : Flow.Invoiced)] += sign * entered;
        flows[(int)Flow.Discount] += sign * ExtraOf(item).Discount;
        flows[(int)Flow.Exchanged] -= sign * item.Allocated;
        if (item is { Posted: true, Cancelled: false })
            flows[(int)Flow.WrittenOff] += sign * Math.Min(ExtraOf(item).WrittenOff, Math.Max(0, item.Amount - item.Allocated - ExtraOf(item).Discount));
        if (!item.Cancelled) return;
        for (var link = item.FirstLink; link != 0; link = Links[link].Next) flows[(int)Flow.CancelledLinks] += sign * Links[link].Amount;
    }

    private void FlowSource(in SourceRecord source, int sign)
    {
        ref var flows = ref FlowsOf(source.Account, source.Currency);
        var safe = source.Void || IsAtRisk(source) ? 0 : source.Amount;
        flows[(int)(source.Kind == SourceKind.CreditNote ? Flow.Credited : Flow.Paid)] += sign * safe;
        // Money that bounced is worth nothing; until it is safe it counts on both sides.
        flows[(int)Flow.Exchanged] += sign * source.Allocated;
        flows[(int)Flow.Refunded] += sign * source.Refunded;
    }

    /// <summary>By which names value entered and left, per currency; names without value are left out.</summary>
    public IReadOnlyList<ResidueLine> Residues(int slot)
    {
        var lines = new List<ResidueLine>();
        for (var l = Account(slot).Ledger; l != 0; l = Ledgers[l].Next)
        {
            ref var ledger = ref Ledgers[l];
            var flows = ledger.Flows == 0 ? default : FlowSlab[ledger.Flows];
            var code = ledger.Currency.Code;
            Add(Residue.Ordered, flows[(int)Flow.Ordered]);
            Add(Residue.OverDelivery, flows[(int)Flow.OverDelivery]);
            Add(Residue.ShortClose, -flows[(int)Flow.ShortClose]);
            Add(Residue.Cancelled, -flows[(int)Flow.Cancelled] - flows[(int)Flow.CancelledLinks]);
            Add(Residue.Transferred, -flows[(int)Flow.Transferred]);
            Add(Residue.Returned, -flows[(int)Flow.Returned]);
            Add(Residue.Invoiced, flows[(int)Flow.Invoiced]);
            Add(Residue.PriceDifference, flows[(int)Flow.InvoicedLinked] - flows[(int)Flow.Handed] + flows[(int)Flow.CancelledLinks]);
            Add(Residue.DiscountTaken, -flows[(int)Flow.Discount]);
            Add(Residue.WrittenOff, -flows[(int)Flow.WrittenOff]);
            Add(Residue.Paid, -flows[(int)Flow.Paid]);
            Add(Residue.Credited, -flows[(int)Flow.Credited]);
            Add(Residue.Refunded, flows[(int)Flow.Refunded]);
            Add(Residue.FxDifference, flows[(int)Flow.Exchanged]);
            Add(Residue.Reserved, ledger.Sums[(int)Part.Reserved]);
            Add(Residue.External, ledger.Sums[(int)Part.External]);

            void Add(Residue name, long amount)
            {
                if (amount != 0) lines.Add(new ResidueLine(name, code, amount));
            }
        }

        return lines;
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
            if (o.Placed && o.InvoicedDirectly > o.Ordered) marks.Add(new MarkLine("HandedExcess", Texts.Get(o.Id), o.Currency.Code, o.InvoicedDirectly - o.Ordered));
        }

        for (var at = Account(slot).Items.First; at != 0; at = Items[at].Next)
            if (AskedAbove(Items[at]) is var above && above > 0) marks.Add(new MarkLine("OverAllocated", Texts.Get(Items[at].Id), Items[at].Currency.Code, above));
        for (var at = Account(slot).Sources.First; at != 0; at = Sources[at].Next)
            if (Sources[at].DebitItem is var debit && debit != 0 && Items[debit].Amount > 0 && !Sources[at].Void)
                marks.Add(new MarkLine("OverAllocated", Texts.Get(Sources[at].Id), Sources[at].Currency.Code, Items[debit].Amount));
        return marks;
    }
}
