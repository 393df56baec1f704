namespace ExposureMonitor.Domain;

/// <summary>
/// The open items of one customer and currency by (due date, id): a treap whose nodes are the items themselves. A
/// node knows the sum and the maximum of its subtree, so that "the oldest item of at least m after setting u off"
/// costs O(log n). Slots give the shape only: what the tree answers is the same in every order of arrival.
/// </summary>
internal readonly struct ItemTree(Slab<ItemRecord> items, TextHeap texts)
{
    /// <summary>Puts an open item in with its undisputed part, which may be 0.</summary>
    internal void Put(ref int root, int item, long undisputed)
    {
        ref var record = ref items[item];
        if (record.Rooted && record.InTree == undisputed) return;
        Take(ref root, item);
        items[item].InTree = undisputed;
        items[item].Rooted = true;
        items[item].Left = items[item].Right = 0;
        root = Insert(root, item);
    }

    /// <summary>Takes an item out, while it still has the due date under which it was put in.</summary>
    internal void Take(ref int root, int item)
    {
        if (!items[item].Rooted) return;
        root = Remove(root, item);
        (items[item].Rooted, items[item].InTree) = (false, 0);
    }

    /// <summary>Adds the items that are due from one day to another, both included.</summary>
    internal void DueBetween(int node, int from, int to, List<int> into)
    {
        if (node == 0) return;
        var due = items[node].DueOn;
        if (due >= from) DueBetween(items[node].Left, from, to, into);
        if (due >= from && due <= to) into.Add(node);
        if (due <= to) DueBetween(items[node].Right, from, to, into);
    }

    /// <summary>The earliest due date behind a day; <c>null</c> when no item is due later.</summary>
    internal int? FirstDueAfter(int root, int day)
    {
        int? first = null;
        for (var node = root; node != 0;)
        {
            var due = items[node].DueOn;
            if (due > day) first = due;
            node = due > day ? items[node].Left : items[node].Right;
        }

        return first;
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

    /// <summary>Fibonacci hashing of the slot: it balances the tree and takes no room.</summary>
    private static uint Priority(int item) => unchecked((uint)((uint)item * 0x9E3779B97F4A7C15UL >> 32));

    private bool Before(int a, int b)
    {
        ref var x = ref items[a];
        ref var y = ref items[b];
        if (x.DueOn != y.DueOn) return x.DueOn < y.DueOn;
        // A debit item of a source may carry the id of an invoice.
        var order = texts.Bytes(x.Id).SequenceCompareTo(texts.Bytes(y.Id));
        return order != 0 ? order < 0 : x.Kind < y.Kind;
    }

    private int Insert(int root, int item)
    {
        if (root == 0 || Priority(item) > Priority(root))
        {
            Split(root, item, out var left, out var right);
            items[item].Left = left;
            items[item].Right = right;
            return Refresh(item);
        }

        ref var record = ref items[root];
        if (Before(item, root)) record.Left = Insert(record.Left, item);
        else record.Right = Insert(record.Right, item);
        // Without a look at the other child, which is seldom in the processor's cache.
        var put = items[item].InTree;
        record.TreeSum += put;
        if (put > record.TreeMax) record.TreeMax = put;
        return root;
    }

    private int Remove(int root, int item)
    {
        if (root == item) return Join(items[item].Left, items[item].Right);
        ref var record = ref items[root];
        var below = Before(item, root) ? record.Left = Remove(record.Left, item) : record.Right = Remove(record.Right, item);
        var taken = items[item].InTree;
        // Only when the largest may have gone, the other child is asked.
        if (record.TreeMax == taken && record.InTree != taken && (below == 0 || items[below].TreeMax != taken)) return Refresh(root);
        record.TreeSum -= taken;
        return root;
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
        if (Priority(left) > Priority(right))
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
