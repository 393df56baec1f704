using System.Collections;

namespace ExposureMonitor.Domain;

/// <summary>
/// The last offset taken from each stream, in ordinal order. Records of one stream come many at a time: the place of the
/// last one is kept at hand, so that they cost no search.
/// </summary>
internal sealed class StreamPositions : IReadOnlyDictionary<string, long>
{
    private readonly SortedDictionary<string, Place> _places = new(StringComparer.Ordinal);
    private string _lastStream = "";
    private Place? _last;

    private sealed class Place
    {
        internal long Offset;
    }

    /// <summary>Takes a record's offset; false when it is not behind the last one.</summary>
    internal bool Advance(string stream, long offset)
    {
        if (_last is null || _lastStream != stream)
        {
            if (!_places.TryGetValue(stream, out var place)) _places[stream] = place = new Place { Offset = long.MinValue };
            (_lastStream, _last) = (stream, place);
        }

        if (_last.Offset != long.MinValue && offset <= _last.Offset) return false;
        _last.Offset = offset;
        return true;
    }

    /// <summary>Sets a position that was read back.</summary>
    internal void Set(string stream, long offset)
    {
        if (!_places.TryGetValue(stream, out var place)) _places[stream] = place = new Place();
        place.Offset = offset;
    }

    public int Count => _places.Count;

    public IEnumerable<string> Keys => _places.Keys;

    public IEnumerable<long> Values => _places.Values.Select(p => p.Offset);

    public long this[string key] => _places[key].Offset;

    public bool ContainsKey(string key) => _places.ContainsKey(key);

    public bool TryGetValue(string key, out long value)
    {
        var found = _places.TryGetValue(key, out var place);
        value = place?.Offset ?? 0;
        return found;
    }

    public IEnumerator<KeyValuePair<string, long>> GetEnumerator()
    {
        foreach (var (stream, place) in _places) yield return new KeyValuePair<string, long>(stream, place.Offset);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
