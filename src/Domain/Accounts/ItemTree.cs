namespace ExposureMonitor.Domain;

/// <summary>
/// The open items of one customer and currency by (due date, slot): a treap whose nodes are the items themselves. A
/// node knows the sum and the maximum of its subtree, so that "the oldest item of at least m after setting u off"
/// costs O(log n). The priority is a hash of the slot: the same facts give the same shape.
/// </summary>
internal readonly struct ItemTree(Slab<ItemRecord> items)
{
    /// <summary>Sets what an item has open; 0 takes it out.</summary>
    internal void Set(ref int root, int item, long open)
    {
        ref var record = ref items[item];
        if (record.InTree == open) return;
        if (record.InTree != 0) root = Remove(root, item);
        items[item].InTree = open;
        if (open == 0) return;
        items[item].Left = items[item].Right = 0;
        items[item].Priority = (uint)(Hashing.XxHash64(BitConverter.GetBytes(item)) >> 32);
        root = Insert(root, item);
    }

    /// <summary>
    /// Days past due of the oldest item that still has <paramref name="minimum"/> open after
    /// <paramref name="setOff"/> was set off from the oldest on; <c>null</c> when there is none.
    /// </summary>
    internal int? OldestDue(int root, long setOff, long minimum)
    {
        // First node at which the running sum exceeds what is set off; it may be covered in part.
        int node = root, first = 0;
        var left = setOff;
        while (node != 0)
        {
            ref var record = ref items[node];
            var before = record.Left == 0 ? 0 : items[record.Left].TreeSum;
            if (left < before)
            {
                node = record.Left;
            }
            else if (left < before + record.InTree)
            {
                first = node;
                left -= before;
                break;
            }
            else
            {
                left -= before + record.InTree;
                node = record.Right;
            }
        }

        if (first == 0) return null;
        if (items[first].InTree - left >= minimum) return items[first].DueOn;
        var next = After(root, first, minimum);
        return next == 0 ? null : items[next].DueOn;
    }

    /// <summary>Σ open of items due before a day.</summary>
    internal long DueBefore(int root, int day)
    {
        long sum = 0;
        for (var node = root; node != 0;)
        {
            ref var record = ref items[node];
            if (record.DueOn >= day)
            {
                node = record.Left;
                continue;
            }

            sum += record.InTree + (record.Left == 0 ? 0 : items[record.Left].TreeSum);
            node = record.Right;
        }

        return sum;
    }

    /// <summary>The earliest due date from a day on; <c>null</c> when there is none.</summary>
    internal int? FirstDueFrom(int root, int day)
    {
        int? first = null;
        for (var node = root; node != 0;)
        {
            if (items[node].DueOn >= day) (first, node) = (items[node].DueOn, items[node].Left);
            else node = items[node].Right;
        }

        return first;
    }

    /// <summary>Σ open of all items.</summary>
    internal long Total(int root) => root == 0 ? 0 : items[root].TreeSum;

    /// <summary>First node strictly behind <paramref name="key"/> with at least <paramref name="minimum"/> open, or 0.</summary>
    private int After(int node, int key, long minimum)
    {
        if (node == 0 || items[node].TreeMax < minimum) return 0;
        if (!Before(key, node)) return After(items[node].Right, key, minimum);
        var found = After(items[node].Left, key, minimum);
        if (found != 0) return found;
        return items[node].InTree >= minimum ? node : After(items[node].Right, key, minimum);
    }

    private bool Before(int a, int b) =>
        items[a].DueOn != items[b].DueOn ? items[a].DueOn < items[b].DueOn : a < b;

    private int Insert(int root, int item)
    {
        if (root == 0 || items[item].Priority > items[root].Priority)
        {
            Split(root, item, out var left, out var right);
            items[item].Left = left;
            items[item].Right = right;
            return Refresh(item);
        }

        if (Before(item, root)) items[root].Left = Insert(items[root].Left, item);
        else items[root].Right = Insert(items[root].Right, item);
        return Refresh(root);
    }

    private int Remove(int root, int item)
    {
        if (root == item) return Join(items[item].Left, items[item].Right);
        if (Before(item, root)) items[root].Left = Remove(items[root].Left, item);
        else items[root].Right = Remove(items[root].Right, item);
        return Refresh(root);
    }

    private void Split(int node, int key, out int left, out int right)
    {
        if (node == 0)
        {
            left = right = 0;
            return;
        }

        if (Before(node, key))
        {
            Split(items[node].Right, key, out var middle, out right);
            items[node].Right = middle;
            left = Refresh(node);
        }
        else
        {
            Split(items[node].Left, key, out left, out var middle);
            items[node].Left = middle;
            right = Refresh(node);
        }
    }

    private int Join(int left, int right)
    {
        if (left == 0) return right;
        if (right == 0) return left;
        if (items[left].Priority > items[right].Priority)
        {
            items[left].Right = Join(items[left].Right, right);
            return Refresh(left);
        }

        items[right].Left = Join(left, items[right].Left);
        return Refresh(right);
    }

    private int Refresh(int node)
    {
        ref var record = ref items[node];
        record.TreeSum = record.InTree;
        record.TreeMax = record.InTree;
        if (record.Left != 0)
        {
            record.TreeSum += items[record.Left].TreeSum;
            record.TreeMax = Math.Max(record.TreeMax, items[record.Left].TreeMax);
        }

        if (record.Right != 0)
        {
            record.TreeSum += items[record.Right].TreeSum;
            record.TreeMax = Math.Max(record.TreeMax, items[record.Right].TreeMax);
        }

        return node;
    }
}
