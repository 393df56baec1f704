using ExposureMonitor.Domain;

namespace ExposureMonitor.Simulation;

/// <summary>Exposure of a customer by component, minor units; O and H as one.</summary>
internal readonly record struct NaiveFigures(long Orders, long Delivered, long Receivables, long AtRisk, long Unapplied, long Overdue)
{
    /// <summary>What the limit is compared with, reservations and held orders apart.</summary>
    internal long Sum => Orders + Delivered + Receivables + AtRisk - Unapplied;
}

/// <summary>
/// The oracle: a list of facts and nothing else. Each question walks the whole list again and adds up documents by the
/// formulas of the specification; it shares no code with the product.
/// </summary>
internal sealed class NaiveBook(int today)
{
    private readonly List<Fact> _facts = [];

    internal void Add(Fact fact) => _facts.Add(fact);

    /// <summary>Everything that this customer pays for.</summary>
    internal NaiveFigures Of(string customer)
    {
        long orders = 0, delivered = 0, receivables = 0, atRisk = 0, unapplied = 0, overdue = 0;
        foreach (var order in _facts.OfType<OrderPlaced>())
        {
            var payer = order.Customer;
            var moved = _facts.OfType<OrderPayerChanged>().FirstOrDefault(m => m.OrderId == order.OrderId);
            if ((moved?.NewPayer ?? payer) != customer) continue;
            var change = _facts.OfType<OrderChanged>().Where(c => c.OrderId == order.OrderId).MaxBy(c => c.Version);
            var done = _facts.Any(f => f is OrderCancelled c && c.OrderId == order.OrderId || f is OrderClosed d && d.OrderId == order.OrderId
                || f is DeliveryPosted { Final: true } p && p.OrderId == order.OrderId);
            var gone = _facts.OfType<DeliveryPosted>().Where(d => d.OrderId == order.OrderId).Sum(d => d.Amount);
            if (!done) orders += Math.Max(0, (change?.Amount ?? order.Amount) - gone);
        }

        foreach (var delivery in _facts.OfType<DeliveryPosted>().Where(d => d.Customer == customer))
        {
            var handed = _facts.OfType<InvoicePosted>().SelectMany(i => i.Links).Where(l => l.DeliveryId == delivery.DeliveryId).Sum(l => l.Amount);
            delivered += Math.Max(0, delivery.Amount - handed);
        }

        foreach (var invoice in _facts.OfType<InvoicePosted>().Where(i => i.Customer == customer))
        {
            var open = invoice.Amount - Allocations(customer).Where(a => a.Item == invoice.InvoiceId).Sum(a => a.Amount);
            receivables += Math.Max(0, open);
            unapplied += Math.Max(0, -open);
            if (invoice.DueOn < today) overdue += Math.Max(0, open);
        }

        foreach (var payment in _facts.OfType<PaymentReceived>().Where(p => p.Customer == customer))
        {
            if (IsReturned(payment.PaymentId)) continue;
            var left = payment.Amount - Allocations(customer).Where(a => a.From == payment.PaymentId).Sum(a => a.Amount);
            unapplied += Math.Max(0, left);
            receivables += Math.Max(0, -left);
            if (payment.ValueOn < today) overdue += Math.Max(0, -left);
            if (!payment.Cleared && !_facts.Any(f => f is PaymentCleared c && c.PaymentId == payment.PaymentId)) atRisk += payment.Amount;
        }

        return new NaiveFigures(orders, delivered, receivables, atRisk, unapplied, overdue);
    }

    private IEnumerable<(string From, string Item, long Amount)> Allocations(string customer) =>
        from allocation in _facts.OfType<PaymentAllocated>()
        where allocation.Customer == customer && !IsReturned(allocation.FromId)
        from item in allocation.Items
        select (allocation.FromId, item.ItemId, item.Amount);

    private bool IsReturned(string payment) => _facts.Any(f => f is PaymentReturned r && r.PaymentId == payment);
}
