using System.Collections.Concurrent;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>
/// The held orders of customers, as every look at the queue reads all of them: a book is asked again only for an account that has changed since, and
/// for many accounts in one question. What is kept is bounded by how many customers have held orders.
/// </summary>
internal sealed class HeldOrders(ExposureEngine engine)
{
    /// <summary>Customers of one question: the loop waits for all of them.</summary>
    private const int AskedAtOnce = 256;

    private readonly ConcurrentDictionary<string, (long AsOf, IReadOnlyList<HoldLine> Orders)> _known = new(StringComparer.Ordinal);
    private int _roomFor = 1_000;

    /// <summary>Of each customer, a list in the place of his row.</summary>
    /// <param name="customers">Their rows as they are published: the sequence of a row says whether what is known is still so.</param>
    /// <exception cref="EngineUnavailableException">A partition that has some of them does not answer now.</exception>
    internal async Task<IReadOnlyList<HoldLine>[]> OfAsync(List<PublishedRow> customers, CancellationToken cancel)
    {
        var orders = new IReadOnlyList<HoldLine>[customers.Count];
        var unknown = new List<int>();
        for (var i = 0; i < orders.Length; i++)
        {
            if (_known.TryGetValue(customers[i].Customer, out var known) && known.AsOf == customers[i].Figures.AsOf) orders[i] = known.Orders;
            else unknown.Add(i);
        }

        foreach (var part in unknown.GroupBy(i => customers[i].Partition).SelectMany(p => p.Chunk(AskedAtOnce).Select(some => (Partition: p.Key, Some: some))))
        {
            var told = await engine.AskAsync(part.Partition, BookQuestions.HeldOrders([.. part.Some.Select(i => customers[i].Customer)]), cancel);
            foreach (var (i, some) in part.Some.Zip(told)) _known[customers[i].Customer] = (customers[i].Figures.AsOf, orders[i] = some);
        }

        Forget();
        return orders;
    }

    /// <summary>Those of customers who have none any more, each time that what is kept has doubled.</summary>
    private void Forget()
    {
        if (_known.Count <= _roomFor) return;
        foreach (var customer in _known.Keys)
            if (!engine.TryGetRow(customer, out var row) || row.Figures.HeldOrders == 0) _known.TryRemove(customer, out _);
        _roomFor = Math.Max(1_000, 2 * _known.Count);
    }
}
