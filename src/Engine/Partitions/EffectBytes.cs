using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// The effects of entries in binary, encoded once: for the digest of the frame, and as the body of those rows that are
/// stored so. What was handed out stays as it is until the bytes are dropped; <see cref="Drop"/> leaves it to its holders.
/// </summary>
internal sealed class EffectBytes
{
    private readonly List<(int From, int End)> _fields = [];
    private ByteBuffer _bytes = new();
    private BinaryFieldWriter _writer;
    private int _from;

    internal EffectBytes() => _writer = new BinaryFieldWriter(_bytes);

    /// <summary>Encodes the effects of one entry; returns the digest of the frame with them.</summary>
    internal ulong Take(IReadOnlyList<Effect> effects, ulong digest)
    {
        _fields.Clear();
        _from = _bytes.Length;
        for (var i = 0; i < effects.Count; i++)
        {
            _bytes.Text(effects[i].Kind);
            var from = _bytes.Length;
            _writer.Write(effects[i]);
            _fields.Add((from, _bytes.Length));
        }

        return effects.Count == 0 ? digest : Hashing.XxHash64(_bytes.Written[_from..], digest);
    }

    /// <summary>The fields of one effect of the entry that was taken last.</summary>
    internal ReadOnlyMemory<byte> FieldsOf(int effect) => _bytes.WrittenMemory[_fields[effect].From.._fields[effect].End];

    /// <summary>Uses the same memory for the next entries: nothing that was handed out is needed any more.</summary>
    internal void Clear() => _bytes.Clear();

    /// <summary>Goes on with fresh memory, as much as the last took.</summary>
    internal void Drop()
    {
        if (_bytes.Length == 0) return;
        _bytes = new ByteBuffer(_bytes.Length);
        _writer = new BinaryFieldWriter(_bytes);
    }
}
