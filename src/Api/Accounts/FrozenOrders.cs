namespace ExposureMonitor.Api;

/// <summary>
/// The order of a board as its first page saw it. Figures move while somebody pages; without a frozen order a
/// customer that climbs is seen twice and one that falls not at all.
/// </summary>
internal sealed class FrozenOrders
{
    private const int Most = 32;

    private readonly Lock _gate = new();
    private readonly LinkedList<(string Id, BoardFilter Filter, string[] Customers)> _orders = new();

    internal string Keep(BoardFilter filter, string[] customers)
    {
        var id = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
        lock (_gate)
        {
            _orders.AddFirst((id, filter, customers));
            if (_orders.Count > Most) _orders.RemoveLast();
        }

        return id;
    }

    /// <summary>The order of an id under the same filter; <c>null</c> when it is gone.</summary>
    internal string[]? Find(string id, BoardFilter filter)
    {
        lock (_gate)
        {
            for (var node = _orders.First; node is not null; node = node.Next)
            {
                if (node.Value.Id != id || node.Value.Filter != filter) continue;
                _orders.Remove(node);
                _orders.AddFirst(node);
                return node.Value.Customers;
            }
        }

        return null;
    }
}
