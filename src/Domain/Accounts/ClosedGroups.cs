namespace ExposureMonitor.Domain;

/// <summary>
/// The documents of one account, joined where one refers to another: order, delivery, invoice, allocation, money. A
/// group leaves the memory as a whole, since a return or a cancellation must find all that it takes back.
/// </summary>
internal sealed class ClosedGroups(Book book)
{
    private const int Open = int.MaxValue;

    private readonly List<int> _parents = [], _until = [];
    private int _today;
    private readonly Dictionary<int, int> _orders = [], _deliveries = [], _items = [], _sources = [], _allocations = [], _movements = [];

    /// <summary>The earliest day on which another group may leave; <see cref="Open"/> when none is closed yet.</summary>
    internal int NextDay { get; private set; }

    /// <summary>Sorts the documents of an account into groups.</summary>
    /// <param name="slot">The account.</param>
    /// <param name="today">The business day.</param>
    /// <param name="keepDays">How many days after its last change a closed group stays.</param>
    internal void Sort(int slot, int today, int keepDays)
    {
        Clear();
        _today = today;
        ref var account = ref book.Account(slot);
        var rare = book.RareOf(slot);
        for (var o = account.Orders.First; o != 0; o = book.Orders[o].Next)
        {
            var order = o;
            var kept = rare?.Moved.Exists(m => m.Order == order) == true || !IsClosed(book.Orders[o]);
            _orders[o] = Add(kept ? Open : Math.Max(book.Orders[o].TouchedOn, book.Orders[o].OrderedOn) + keepDays);
        }

        for (var d = account.Deliveries.First; d != 0; d = book.Deliveries[d].Next)
        {
            ref var delivery = ref book.Deliveries[d];
            var closed = delivery.Posted && Book.OpenOf(delivery) == 0;
            _deliveries[d] = Add(closed ? Math.Max(delivery.TouchedOn, delivery.ShippedOn) + keepDays : Open);
            if (delivery.Order != 0) Join(_deliveries[d], _orders[delivery.Order]);
        }

        for (var i = account.Items.First; i != 0; i = book.Items[i].Next)
        {
            ref var item = ref book.Items[i];
            _items[i] = Add(IsClosed(item) ? Math.Max(item.TouchedOn, item.IssuedOn) + keepDays : Open);
            for (var l = item.FirstLink; l != 0; l = book.Links[l].Next)
                Join(_items[i], book.Links[l].Delivery != 0 ? _deliveries[book.Links[l].Delivery] : _orders[book.Links[l].Order]);
        }

        for (var n = account.Sources.First; n != 0; n = book.Sources[n].Next)
        {
            ref var source = ref book.Sources[n];
            _sources[n] = Add(IsClosed(source) ? Math.Max(source.TouchedOn, source.OwnDate) + keepDays : Open);
            if (source.DebitItem != 0) Join(_sources[n], _items[source.DebitItem]);
        }

        for (var a = account.Allocations.First; a != 0; a = book.Allocations[a].Next)
        {
            ref var allocation = ref book.Allocations[a];
            _allocations[a] = Add(allocation.On + keepDays);
            if (allocation.Source != 0) Join(_allocations[a], _sources[allocation.Source]);
            for (var p = allocation.FirstPart; p != 0; p = book.Parts[p].NextOfAllocation) Join(_allocations[a], _items[book.Parts[p].Item]);
        }

        for (var m = account.Movements.First; m != 0; m = book.Movements[m].Next)
        {
            ref var movement = ref book.Movements[m];
            _movements[m] = Add(movement.TouchedOn + keepDays);
            if (movement.Kind == MovementKind.Dispute) Join(_movements[m], _items[movement.Target]);
        }

        if (rare is not null)
            foreach (var plan in rare.Plans) Join(slot, plan);
        NextDay = Open;
        for (var node = 0; node < _parents.Count; node++)
            if (_parents[node] == node && _until[node] > today) NextDay = Math.Min(NextDay, _until[node]);
    }

    /// <summary>What was paid under a plan is asked for as long as the plan runs.</summary>
    private void Join(int slot, PlanState plan)
    {
        var first = -1;
        foreach (var id in plan.Items)
        {
            if (book.FindItem(slot, id) is not (not 0 and var item)) continue;
            if (first < 0) first = _items[item];
            else Join(first, _items[item]);
        }

        if (first >= 0 && plan.Outcome == PlanOutcome.None && plan.Instalments.Exists(i => i.DueOn >= _today)) _until[Root(first)] = Open;
    }

    /// <summary>Tells which documents of a kind leave today.</summary>
    internal Func<int, bool> Leaves(DocumentKind kind)
    {
        var nodes = kind switch
        {
            DocumentKind.Order => _orders,
            DocumentKind.Delivery => _deliveries,
            DocumentKind.Item => _items,
            DocumentKind.Source => _sources,
            DocumentKind.Allocation => _allocations,
            _ => _movements,
        };
        return slot => _until[Root(nodes[slot])] <= _today;
    }

    /// <summary>An order that was never placed is waited for: later it would count without its deliveries.</summary>
    private bool IsClosed(in OrderRecord order) =>
        order.Placed && book.Undelivered(order) == 0 && Book.DeliveredOf(order) == 0 && !Book.IsHeld(order);

    private bool IsClosed(in ItemRecord item) => (item.Posted || item.Cancelled) && book.OpenOf(item) == 0 && book.AskedAbove(item) == 0;

    private static bool IsClosed(in SourceRecord source) => Book.UnallocatedOf(source) == 0
        && (source.Void || source.Kind switch { SourceKind.Payment => source.Cleared, SourceKind.Acceptance => source.Left, _ => true });

    private void Clear()
    {
        _parents.Clear();
        _until.Clear();
        foreach (var nodes in (ReadOnlySpan<Dictionary<int, int>>)[_orders, _deliveries, _items, _sources, _allocations, _movements]) nodes.Clear();
    }

    private int Add(int until)
    {
        _parents.Add(_parents.Count);
        _until.Add(until);
        return _parents.Count - 1;
    }

    private int Root(int node)
    {
        while (_parents[node] != node) node = _parents[node] = _parents[_parents[node]];
        return node;
    }

    /// <summary>The smaller number becomes the root, so that the groups do not depend on the order of joining.</summary>
    private void Join(int a, int b)
    {
        (a, b) = (Root(a), Root(b));
        if (a == b) return;
        var (root, leaf) = (Math.Min(a, b), Math.Max(a, b));
        _parents[leaf] = root;
        _until[root] = Math.Max(_until[root], _until[leaf]);
    }
}
