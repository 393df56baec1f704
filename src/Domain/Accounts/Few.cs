using System.Collections;

namespace ExposureMonitor.Domain;

/// <summary>
/// A list of what few customers have any of: one shared empty object until something is added, so that a million
/// customers without cost a reference each, and an array that just holds the few. Adding goes through the variable:
/// <c>Few.Add(ref rare.Covers, cover)</c>.
/// </summary>
internal sealed class Few<T> : IReadOnlyList<T>
{
    internal static readonly Few<T> None = new();

    private T[] _items = [];
    private int _version;

    public int Count { get; private set; }

    /// <summary>Bytes of the list itself, without what its elements refer to.</summary>
    internal int Bytes => ReferenceEquals(this, None) ? 0 : 32 + (_items.Length == 0 ? 0 : Memory.BytesOf(_items));

    public T this[int index]
    {
        get => Span[index];
        internal set => Span[index] = value;
    }

    private Span<T> Span => _items.AsSpan(0, Count);

    internal static void Add(ref Few<T> list, T item)
    {
        if (ReferenceEquals(list, None)) list = new Few<T>();
        list.Add(item);
    }

    private void Add(T item)
    {
        if (Count == _items.Length) Array.Resize(ref _items, Count < 4 ? Count + 1 : Count + Count / 2);
        _items[Count++] = item;
        _version++;
    }

    internal bool Remove(T item)
    {
        var at = IndexOf(item);
        if (at >= 0) RemoveAt(at);
        return at >= 0;
    }

    internal void RemoveAt(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        Array.Copy(_items, index + 1, _items, index, --Count - index);
        _items[Count] = default!;
        _version++;
    }

    internal int RemoveAll(Predicate<T> match)
    {
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            if (match(_items[i])) continue;
            _items[kept++] = _items[i];
        }

        var gone = Count - kept;
        if (gone == 0) return 0;
        _items.AsSpan(kept, gone).Clear();
        Count = kept;
        _version++;
        return gone;
    }

    /// <summary>The shared empty list is read by many threads: it must not even count a change.</summary>
    internal void Clear()
    {
        if (Count == 0) return;
        Span.Clear();
        Count = 0;
        _version++;
    }

    internal int IndexOf(T item) => Array.IndexOf(_items, item, 0, Count);

    internal T? Find(Predicate<T> match) => FindIndex(match) is >= 0 and var at ? _items[at] : default;

    internal int FindIndex(Predicate<T> match) => Array.FindIndex(_items, 0, Count, match);

    internal bool Exists(Predicate<T> match) => FindIndex(match) >= 0;

    internal T[] ToArray() => Span.ToArray();

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Shows the elements in order; a list that changes meanwhile ends it with an exception.</summary>
    public struct Enumerator : IEnumerator<T>
    {
        private readonly Few<T> _list;
        private readonly int _version;
        private int _at;

        internal Enumerator(Few<T> list) => (_list, _version, _at) = (list, list._version, -1);

        public readonly T Current => _list._items[_at];

        readonly object? IEnumerator.Current => Current;

        public bool MoveNext()
        {
            if (_version != _list._version) throw new InvalidOperationException("The list was changed while it was read.");
            return ++_at < _list.Count;
        }

        public void Reset() => _at = -1;

        public readonly void Dispose()
        {
        }
    }
}

/// <summary>Adds to a list that may still be the shared empty one.</summary>
internal static class Few
{
    internal static void Add<T>(ref Few<T> list, T item) => Few<T>.Add(ref list, item);
}
