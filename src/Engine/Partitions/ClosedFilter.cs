namespace ExposureMonitor.Engine;

/// <summary>
/// Says of a document id that it is surely none of the closed ones, or perhaps. Bloom filters at ten bits an id: about
/// one new document in a hundred is looked up in vain. A full layer gets a larger one on top; beyond the bound the
/// filter says "perhaps" to everything, which costs time and never an answer.
/// </summary>
internal sealed class ClosedFilter
{
    private const int BitsPerId = 10, Probes = 7, IdsMin = 4_096, IdsMax = 64 << 20;

    private readonly List<Layer> _layers = [];
    private long _ids;

    /// <summary>True while no id was ever added.</summary>
    internal bool IsEmpty => _ids == 0;

    internal void Add(ulong id)
    {
        if (_ids >= IdsMax) return;
        if (_layers.Count == 0 || _layers[^1].IsFull) _layers.Add(new Layer((int)Math.Clamp(_ids * 2, IdsMin, IdsMax)));
        _layers[^1].Add(id);
        _ids++;
    }

    internal bool MayHold(ulong id)
    {
        if (_ids >= IdsMax) return true;
        foreach (var layer in _layers)
            if (layer.MayHold(id)) return true;
        return false;
    }

    private sealed class Layer(int capacity)
    {
        private readonly ulong[] _bits = new ulong[((long)capacity * BitsPerId + 63) / 64];
        private int _free = capacity;

        internal bool IsFull => _free == 0;

        internal void Add(ulong id)
        {
            _free--;
            for (var probe = 0; probe < Probes; probe++)
            {
                var bit = BitOf(id, probe);
                _bits[bit >> 6] |= 1UL << (int)(bit & 63);
            }
        }

        internal bool MayHold(ulong id)
        {
            for (var probe = 0; probe < Probes; probe++)
            {
                var bit = BitOf(id, probe);
                if ((_bits[bit >> 6] & (1UL << (int)(bit & 63))) == 0) return false;
            }

            return true;
        }

        /// <summary>Double hashing: the id is a hash already, its halves serve as two independent ones.</summary>
        private long BitOf(ulong id, int probe) =>
            (long)(unchecked(((id >> 32) | 1) * 0x9E3779B97F4A7C15 * (uint)probe + id) % ((ulong)_bits.Length << 6));
    }
}
