using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// In which frame each account of a partition changed last, and which rows are to be written again. Stands in front of
/// the partition state of a snapshot, so that recovery can tell a row that is missing or older than it must be.
/// </summary>
public sealed class AccountChanges
{
    private readonly List<long> _at = [];
    private readonly HashSet<int> _dirty = [];

    /// <summary>Accounts that are known.</summary>
    public int Accounts => _at.Count;

    /// <summary>Accounts that changed since their row was last written.</summary>
    public IReadOnlyCollection<int> Dirty => _dirty;

    /// <summary>Accounts changed in a frame.</summary>
    public void Note(IEnumerable<int> slots, long seq)
    {
        foreach (var slot in slots)
        {
            while (_at.Count <= slot) _at.Add(0);
            _at[slot] = seq;
            _dirty.Add(slot);
        }
    }

    /// <summary>Every changed row was written.</summary>
    public void Written() => _dirty.Clear();

    /// <summary>True when a row holds its account as it stood at the snapshot, neither older nor newer.</summary>
    public bool Holds(int slot, long asOf, long snapshot) => slot < _at.Count && _at[slot] <= asOf && asOf <= snapshot;

    /// <summary>Writes the frames of last change; the partition state follows.</summary>
    public void Write(ByteBuffer to)
    {
        to.Varint((ulong)_at.Count);
        foreach (var seq in _at) to.Varint((ulong)seq);
    }

    /// <summary>Reads them back.</summary>
    /// <param name="rest">The partition state behind them.</param>
    /// <exception cref="InvalidDataException">The bytes are cut.</exception>
    public static AccountChanges Read(ReadOnlyMemory<byte> from, out ReadOnlyMemory<byte> rest)
    {
        var reader = new ByteReader(from.Span);
        var changes = new AccountChanges();
        for (var count = reader.Int(); count > 0; count--) changes._at.Add(checked((long)reader.Varint()));
        rest = from[^reader.Remaining..];
        return changes;
    }
}
