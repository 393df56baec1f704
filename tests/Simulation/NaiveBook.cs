using ExposureMonitor.Domain;

namespace ExposureMonitor.Simulation;

/// <summary>Components in minor units of one currency, as the documents add up.</summary>
internal sealed class NaiveSums
{
    internal long Inside, Outside, Held, Delivered, Billed, Receivables, Acceptances, AtRisk, Unapplied, External;
    internal long[] Aged { get; } = new long[6];
}

/// <summary>An order as its facts say; amounts in minor units.</summary>
internal sealed record NaiveOrder(string Id, Currency Currency, long Undelivered, long Delivered, int ShipOn, int PromisedOn, int Priority, int Sequence);

/// <summary>
/// The oracle of one customer: the facts that it was told, in the order of the journal, and nothing else. Each question walks
/// the whole list again and adds documents up by the formulas of the specification (hand-over, exact rules, money with
/// two legs). It shares no code with the product and reads the fields of facts only.
/// </summary>
internal sealed class NaiveBook
{
    private readonly List<Fact> _facts = [];
    private List<NaiveOrder>? _orders;
    private List<(string From, string Item, long Amount, long FromAmount, long Discount)>? _allocations;

    internal IReadOnlyList<Fact> Facts => _facts;

    /// <summary>What is open of an invoice.</summary>
    internal long OpenOf(string item)
    {
        var amount = IsCancelled(item) ? 0 : AmountOf(item);
        var open = Math.Max(0, amount - Allocations().Where(a => a.Item == item).Sum(a => a.Amount + a.Discount));
        return open - Math.Min(WrittenOff(item), open);
    }

    private long AmountOf(string item) => _facts.OfType<InvoicePosted>().FirstOrDefault(i => i.InvoiceId == item)?.Amount ?? 0;

    /// <summary>What an item no longer asks for: allocated in a span of own dates, given up, or cancelled.</summary>
    internal long PaidOf(string item, int from, int to)
    {
        if (IsCancelled(item)) return AmountOf(item);
        var paid = WrittenOff(item) + Dated().Where(a => a.Item == item && a.On >= from && a.On <= to).Sum(a => a.Amount + a.Discount);
        return paid;
    }

    /// <summary>The allocations that count, with their own dates.</summary>
    private IEnumerable<(string Item, long Amount, long Discount, int On)> Dated()
    {
        foreach (var a in _facts.OfType<PaymentAllocated>())
            if (Applies(a) && !IsVoid(a.FromId) && !_facts.Exists(f => f is PaymentDeallocated d && d.AllocationId == a.AllocationId))
                foreach (var part in a.Items) yield return (part.ItemId, part.Amount, part.DiscountTaken, a.AllocatedOn);
        foreach (var note in _facts.OfType<CreditNoteIssued>())
            if (IsItem(note.InvoiceId) && !_facts.OfType<PaymentAllocated>().Any(a => a.FromId == note.CreditNoteId && Applies(a)))
                yield return (note.InvoiceId, note.Amount, 0, note.IssuedOn);
    }

    /// <summary>Notes a fact. One that names an order which has left for another payer moves nothing here.</summary>
    internal void Add(Fact fact)
    {
        if (OrderNamedBy(fact) is { } order && HasLeft(order)) return;
        // What waited for the order behind a change of its payer goes after it.
        if (fact is OrderPlaced placed && _facts.FindIndex(f => f is OrderPayerChanged c && c.OrderId == placed.OrderId && c.NewPayer != c.Customer) is var leaves and >= 0)
            for (var i = _facts.Count - 1; i > leaves; i--)
                if (_facts[i] is not DeliveryPosted && OrderNamedBy(_facts[i]) == placed.OrderId) _facts.RemoveAt(i);
        _facts.Add(fact);
        (_orders, _allocations) = (null, null);
    }

    /// <summary>Takes a fact back that never found its predecessor.</summary>
    internal void Remove(Fact fact)
    {
        _facts.Remove(fact);
        (_orders, _allocations) = (null, null);
    }

    private static string? OrderNamedBy(Fact fact) => fact switch
    {
        OrderChanged f => f.OrderId,
        OrderCancelled f => f.OrderId,
        OrderClosed f => f.OrderId,
        OrderReopened f => f.OrderId,
        DeliveryPosted f => f.OrderId,
        _ => null,
    };

    /// <summary>The change of payer was told, and no later message brought the order back.</summary>
    internal bool HasLeft(string order)
    {
        var left = false;
        foreach (var fact in _facts)
        {
            if (fact is OrderPayerChanged c && c.OrderId == order && c.NewPayer != c.Customer && _facts.Exists(f => f is OrderPlaced p && p.OrderId == order)) left = true;
            if (fact is OrderTransferred t && t.OrderId == order) left = false;
        }

        return left;
    }

    /// <summary>True once the new payer has confirmed: until then the order counts here, too.</summary>
    private bool IsHandedOver(string order) => HasLeft(order) && _facts.Exists(f => f is OrderTransferAnswered { Taken: true } a && a.OrderId == order);

    /// <summary>Every order that was placed here or came from another payer.</summary>
    internal List<NaiveOrder> Orders() => _orders ??= AllOrders();

    private List<NaiveOrder> AllOrders()
    {
        var orders = new List<NaiveOrder>();
        var names = _facts.OfType<OrderTermsFact>().Where(f => f is OrderPlaced or OrderTransferred).Select(f => f.OrderId).Distinct().ToList();
        foreach (var name in names)
        {
            var first = _facts.OfType<OrderTermsFact>().First(f => f is OrderPlaced or OrderTransferred && f.OrderId == name);
            var terms = first;
            foreach (var f in _facts.OfType<OrderTermsFact>())
                if (f.OrderId == name && f.Currency == first.Currency && TermsVersion(f) > TermsVersion(terms)) terms = f;
            var elsewhere = first is OrderTransferred moved ? moved.HandedOver : 0;
            var delivered = DeliveredFor(name);
            var direct = LinkedTo(order: name, delivery: "");
            var undelivered = IsDone(name, first) || IsHandedOver(name) ? 0 : Math.Max(0, terms.Amount - elsewhere - delivered - direct);
            orders.Add(new NaiveOrder(name, first.Currency, undelivered, DeliveredOf(name, terms.Amount - elsewhere, IsDone(name, first) || IsHandedOver(name)),
                terms.ShipOn, terms.PromisedOn, terms.Priority, _facts.IndexOf(first)));
        }

        return orders;
    }

    private static long TermsVersion(OrderTermsFact f) => f switch
    {
        OrderChanged c => c.Version,
        OrderReopened r => r.Version,
        OrderTransferred t => t.TermsVersion,
        _ => 0,
    };

    /// <summary>Status: the highest version; a final delivery counts unless the order was opened again later.</summary>
    private bool IsDone(string order, OrderTermsFact first)
    {
        var (version, open) = first is OrderTransferred moved ? (moved.StatusVersion, moved.Status == OrderStatus.Open) : (0L, true);
        var (finalAt, openedAt) = first is OrderTransferred m ? (m.FinalAt.Micros, m.ReopenedAt.Micros) : (0L, 0L);
        foreach (var fact in _facts)
        {
            if (fact is OrderCancelled c && c.OrderId == order && c.Version > version) (version, open) = (c.Version, false);
            if (fact is OrderClosed d && d.OrderId == order && d.Version > version) (version, open) = (d.Version, false);
            if (fact is OrderReopened r && r.OrderId == order)
            {
                if (r.Version > version) (version, open) = (r.Version, true);
                openedAt = Math.Max(openedAt, r.Time.Micros);
            }

            if (fact is DeliveryPosted { Final: true } p && p.OrderId == order) finalAt = Math.Max(finalAt, p.Time.Micros);
            if (fact is DeliveryReversed v && Delivery(v.DeliveryId)?.OrderId == order) openedAt = Math.Max(openedAt, v.Time.Micros);
        }

        return !open || (finalAt != 0 && finalAt > openedAt);
    }

    private DeliveryPosted? Delivery(string id) => _facts.OfType<DeliveryPosted>().FirstOrDefault(d => d.DeliveryId == id);

    private long NetOf(DeliveryPosted d) => Math.Max(0, d.Amount - _facts.OfType<DeliveryReversed>().Where(r => r.DeliveryId == d.DeliveryId).Sum(r => r.Amount));

    private long OpenOf(DeliveryPosted d) => Math.Max(0, NetOf(d)
        - _facts.OfType<ReturnReceived>().Where(r => r.DeliveryId == d.DeliveryId && r.InvoiceId.Length == 0).Sum(r => r.Amount) - LinkedTo("", d.DeliveryId));

    private long DeliveredFor(string order) => _facts.OfType<DeliveryPosted>().Where(d => d.OrderId == order).Sum(NetOf);

    private long DeliveredOf(string order, long ordered, bool done)
    {
        var open = _facts.OfType<DeliveryPosted>().Where(d => d.OrderId == order).Sum(OpenOf);
        var direct = LinkedTo(order, "");
        var delivered = DeliveredFor(order);
        return Math.Max(0, open - Math.Min(direct, Math.Max(0, delivered + direct - (done ? delivered : Math.Max(0, ordered)))));
    }

    /// <summary>Links belong to the invoice and count once: those of the posting if it has any, else those of the billing.</summary>
    private long LinkedTo(string order, string delivery)
    {
        long sum = 0;
        foreach (var id in InvoiceIds())
        {
            if (_facts.Exists(f => f is InvoiceCancelled { Restores: Restores.Delivery } c && c.InvoiceId == id)) continue;
            var posted = _facts.OfType<InvoicePosted>().FirstOrDefault(i => i.InvoiceId == id);
            var links = posted is { Links.Count: > 0 } ? posted.Links : _facts.OfType<InvoiceBilled>().FirstOrDefault(i => i.InvoiceId == id)?.Links ?? [];
            foreach (var link in links)
                if (order.Length > 0 ? link.OrderId == order : link.DeliveryId == delivery) sum += link.Amount;
        }

        return sum;
    }

    private IEnumerable<string> InvoiceIds() => _facts.Select(f => f is InvoicePosted p ? p.InvoiceId : f is InvoiceBilled b ? b.InvoiceId : "").Where(i => i.Length > 0).Distinct();

    private bool IsItem(string id) => _facts.Exists(f => f is InvoicePosted p && p.InvoiceId == id || f is InvoiceBilled b && b.InvoiceId == id || f is InterestCharged i && i.InterestId == id);

    private bool IsSource(string id) => _facts.Exists(f => f is PaymentReceived p && p.PaymentId == id || f is CreditNoteIssued c && c.CreditNoteId == id
        || f is AcceptanceReceived a && a.AcceptanceId == id);

    private bool IsCancelled(string item) => _facts.Exists(f => f is InvoiceCancelled c && c.InvoiceId == item);

    private bool HasReleased(string acceptance) => _facts.Exists(f => f is AcceptanceHonoured h && h.AcceptanceId == acceptance
        || f is AcceptanceTransferred { Recourse: false } t && t.AcceptanceId == acceptance);

    /// <summary>Money that bounced: returned, or dishonoured before it left.</summary>
    private bool IsVoid(string source) => _facts.Exists(f => f is PaymentReturned r && r.PaymentId == source)
        || (_facts.Exists(f => f is AcceptanceDishonoured d && d.AcceptanceId == source) && !HasReleased(source));

    /// <summary>(source, item, from the item, from the source, discount) of every allocation that counts.</summary>
    private List<(string From, string Item, long Amount, long FromAmount, long Discount)> Allocations() => _allocations ??= AllAllocations();

    private List<(string From, string Item, long Amount, long FromAmount, long Discount)> AllAllocations()
    {
        var all = new List<(string, string, long, long, long)>();
        foreach (var a in _facts.OfType<PaymentAllocated>())
        {
            if (!Applies(a) || IsVoid(a.FromId) || _facts.Exists(f => f is PaymentDeallocated d && d.AllocationId == a.AllocationId)) continue;
            foreach (var part in a.Items)
                if (!IsCancelled(part.ItemId)) all.Add((a.FromId, part.ItemId, part.Amount, part.FromAmount > 0 ? part.FromAmount : part.Amount, part.DiscountTaken));
        }

        // A credit note that names an invoice is allocated to it in whole, until an explicit allocation of it was applied.
        foreach (var note in _facts.OfType<CreditNoteIssued>())
            if (IsItem(note.InvoiceId) && !IsCancelled(note.InvoiceId) && !_facts.OfType<PaymentAllocated>().Any(a => a.FromId == note.CreditNoteId && Applies(a)))
                all.Add((note.CreditNoteId, note.InvoiceId, note.Amount, note.Amount, 0));
        return all;
    }

    private bool Applies(PaymentAllocated a) => IsSource(a.FromId) && a.Items.All(i => IsItem(i.ItemId));

    private long WrittenOff(string item) => _facts.OfType<WriteOffPosted>()
        .Where(w => w.Items.All(i => IsItem(i.ItemId)) && !_facts.Exists(f => f is WriteOffReversed r && r.WriteOffId == w.WriteOffId))
        .SelectMany(w => w.Items).Where(i => i.ItemId == item && !IsCancelled(item)).Sum(i => i.Amount);

    /// <summary>All components by currency; held orders by name.</summary>
    internal SortedDictionary<string, NaiveSums> Sums(int today, int horizon, ISet<string> held)
    {
        var sums = new SortedDictionary<string, NaiveSums>(StringComparer.Ordinal);
        NaiveSums In(Currency currency) => sums.TryGetValue(currency.Code, out var known) ? known : sums[currency.Code] = new NaiveSums();
        var orders = Orders();
        foreach (var order in orders)
        {
            if (held.Contains(order.Id)) In(order.Currency).Held += order.Undelivered;
            else if (order.ShipOn <= today + horizon) In(order.Currency).Inside += order.Undelivered;
            else In(order.Currency).Outside += order.Undelivered;
            In(order.Currency).Delivered += order.Delivered;
        }

        // Deliveries without an order, or before it: an order of 0.
        foreach (var d in _facts.OfType<DeliveryPosted>().Where(d => d.OrderId.Length == 0)) In(d.Currency).Delivered += OpenOf(d);
        foreach (var early in _facts.OfType<DeliveryPosted>().Where(d => d.OrderId.Length > 0 && !orders.Exists(o => o.Id == d.OrderId)).GroupBy(d => d.OrderId))
            In(early.First().Currency).Delivered += DeliveredOf(early.Key, 0, _facts.Exists(f => f is OrderCancelled c && c.OrderId == early.Key) || early.Any(d => d.Final));
        Items(In, today);
        Sources(In, today);
        foreach (var system in _facts.OfType<ExternalExposureReported>().GroupBy(x => x.System))
        {
            var newest = system.OrderBy(x => x.AsOn).ThenBy(x => x.Time.Micros).ThenBy(x => x.EventId, StringComparer.Ordinal).Last();
            In(newest.Currency).External += newest.Amount;
        }

        return sums;
    }

    private void Items(Func<Currency, NaiveSums> into, int today)
    {
        var allocations = Allocations();
        foreach (var id in InvoiceIds().Concat(_facts.OfType<InterestCharged>().Select(i => i.InterestId)))
        {
            var posted = _facts.OfType<InvoicePosted>().FirstOrDefault(i => i.InvoiceId == id);
            var billed = _facts.OfType<InvoiceBilled>().FirstOrDefault(i => i.InvoiceId == id);
            var interest = _facts.OfType<InterestCharged>().FirstOrDefault(i => i.InterestId == id);
            var currency = posted?.Currency ?? billed?.Currency ?? interest!.Currency;
            var amount = IsCancelled(id) ? 0 : posted?.Amount ?? interest?.Amount ?? 0;
            var asked = allocations.Where(a => a.Item == id).Sum(a => a.Amount + a.Discount);
            var open = Math.Max(0, amount - asked);
            open -= Math.Min(WrittenOff(id), open);
            var due = _facts.OfType<InvoiceDueDateChanged>().Where(d => d.InvoiceId == id).OrderBy(d => d.Time.Micros).LastOrDefault()?.DueOn ?? posted?.DueOn ?? interest?.DueOn ?? 0;
            Owe(into(currency), open, due, today);
            into(currency).Unapplied += Math.Max(0, asked - amount);
            if (posted is null && billed is not null && !IsCancelled(id)) into(currency).Billed += billed.Amount;
        }
    }

    private void Sources(Func<Currency, NaiveSums> into, int today)
    {
        var allocations = Allocations();
        foreach (var fact in _facts)
        {
            var (id, amount, currency, own) = fact switch
            {
                PaymentReceived p => (p.PaymentId, p.Amount, p.Currency, p.ValueOn),
                CreditNoteIssued c => (c.CreditNoteId, c.Amount, c.Currency, c.IssuedOn),
                AcceptanceReceived a => (a.AcceptanceId, a.Amount, a.Currency, a.ReceivedOn),
                _ => ("", 0, default, 0),
            };
            if (id.Length == 0) continue;
            var bounced = IsVoid(id);
            var left = (bounced ? 0 : amount) - allocations.Where(a => a.From == id).Sum(a => a.FromAmount)
                - _facts.OfType<PaymentRefunded>().Where(r => r.FromId == id).Sum(r => r.Amount);
            into(currency).Unapplied += Math.Max(0, left);
            Owe(into(currency), Math.Max(0, -left), own, today);
            if (fact is PaymentReceived { Cleared: false } && !bounced && !_facts.Exists(f => f is PaymentCleared c && c.PaymentId == id)) into(currency).AtRisk += amount;
            if (fact is AcceptanceReceived && !bounced && !HasReleased(id)) into(currency).Acceptances += amount;
        }
    }

    private static void Owe(NaiveSums sums, long open, int due, int today)
    {
        sums.Receivables += open;
        var late = today - due;
        sums.Aged[late <= 0 ? 0 : late <= 30 ? 1 : late <= 60 ? 2 : late <= 90 ? 3 : late <= 180 ? 4 : 5] += open;
    }

    /// <summary>True when a fact waits for a document that is not known here.</summary>
    internal bool Waits(Fact fact) => fact switch
    {
        OrderChanged f => !IsOrder(f.OrderId),
        OrderReopened f => !IsOrder(f.OrderId),
        OrderPayerChanged f => !IsOrder(f.OrderId),
        DeliveryReversed f => Delivery(f.DeliveryId) is null,
        ReturnReceived f => Delivery(f.DeliveryId) is null,
        InvoiceCancelled f => !IsItem(f.InvoiceId),
        InvoiceDueDateChanged f => !IsItem(f.InvoiceId),
        PaymentCleared f => !IsSource(f.PaymentId),
        PaymentReturned f => !IsSource(f.PaymentId),
        PaymentRefunded f => !IsSource(f.FromId),
        PaymentAllocated f => !Applies(f),
        PaymentDeallocated f => !_facts.Exists(a => a is PaymentAllocated p && p.AllocationId == f.AllocationId && Applies(p)),
        AcceptanceHonoured f => !IsSource(f.AcceptanceId),
        AcceptanceTransferred f => !IsSource(f.AcceptanceId),
        AcceptanceDishonoured f => !IsSource(f.AcceptanceId),
        WriteOffPosted f => !f.Items.All(i => IsItem(i.ItemId)),
        DisputeOpened f => !IsItem(f.ItemId),
        PlanAgreed f => !f.Items.All(IsItem),
        PlanEnded f => !_facts.Exists(a => a is PlanAgreed p && p.PlanId == f.PlanId && p.Items.All(IsItem)),
        WriteOffReversed f => !_facts.Exists(w => w is WriteOffPosted p && p.WriteOffId == f.WriteOffId && p.Items.All(i => IsItem(i.ItemId))),
        _ => false,
    };

    private bool IsOrder(string id) => _facts.Exists(f => f is OrderPlaced p && p.OrderId == id || f is OrderTransferred t && t.OrderId == id);
}
