using System.Collections;

namespace ExposureMonitor.Domain;

/// <summary>
/// A list of what few customers have any of: one shared empty object until something is added, so that a million
/// customers without cost a reference each. Adding goes through the variable: <c>Few.Add(ref rare.Covers, cover)</c>.
/// </summary>
internal sealed class Few<T> : IReadOnlyList<T>
{
    internal static readonly Few<T> None = new();

    private readonly List<T> _items = new(0);

    public int Count => _items.Count;

    public T this[int index]
    {
        get => _items[index];
        internal set => _items[index] = value;
    }

    internal static void Add(ref Few<T> list, T item)
    {
        if (ReferenceEquals(list, None)) list = new Few<T>();
        list._items.Add(item);
    }

    internal bool Remove(T item) => _items.Remove(item);

    internal void RemoveAt(int index) => _items.RemoveAt(index);

    internal int RemoveAll(Predicate<T> match) => _items.RemoveAll(match);

    /// <summary>The shared empty list is read by many threads: it must not even count a change.</summary>
    internal void Clear()
    {
        if (_items.Count > 0) _items.Clear();
    }

    internal int IndexOf(T item) => _items.IndexOf(item);

    internal T? Find(Predicate<T> match) => _items.Find(match);

    internal int FindIndex(Predicate<T> match) => _items.FindIndex(match);

    internal bool Exists(Predicate<T> match) => _items.Exists(match);

    internal T[] ToArray() => [.. _items];

    public List<T>.Enumerator GetEnumerator() => _items.GetEnumerator();

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();
}

/// <summary>Adds to a list that may still be the shared empty one.</summary>
internal static class Few
{
    internal static void Add<T>(ref Few<T> list, T item) => Few<T>.Add(ref list, item);
}
