using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// In which frame each account of a partition changed last, and which rows are to be written again. Stands in front of
/// the partition state of a snapshot, so that recovery can tell a row that is missing or older than it must be.
/// </summary>
internal sealed class AccountChanges
{
    private readonly List<long> _at = [];
    private HashSet<int> _dirty = [];

    /// <summary>Accounts that are known.</summary>
    internal int Accounts => _at.Count;

    /// <summary>An account changed in a frame.</summary>
    internal void Note(int slot, long seq)
    {
        while (_at.Count <= slot) _at.Add(0);
        if (seq > _at[slot]) _at[slot] = seq;
        _dirty.Add(slot);
    }

    /// <summary>The row of an account has to be written again.</summary>
    internal void Spoil(int slot) => _dirty.Add(slot);

    /// <summary>Takes the set of accounts that changed since their row was captured; a new one begins.</summary>
    internal HashSet<int> TakeDirty()
    {
        var dirty = _dirty;
        _dirty = [];
        return dirty;
    }

    /// <summary>True when a row of this sequence holds the account's newest change.</summary>
    internal bool Holds(int slot, long asOf) => slot < _at.Count && _at[slot] <= asOf;

    /// <summary>Writes the frames of last change; the partition state follows.</summary>
    internal void Write(ByteBuffer to)
    {
        to.Varint((ulong)_at.Count);
        foreach (var seq in _at) to.Varint((ulong)seq);
    }

    /// <summary>Reads them back.</summary>
    /// <param name="from">The bytes of a partition state row.</param>
    /// <param name="rest">The partition state behind them.</param>
    /// <exception cref="InvalidDataException">The bytes are cut.</exception>
    internal static AccountChanges Read(ReadOnlyMemory<byte> from, out ReadOnlyMemory<byte> rest)
    {
        var reader = new ByteReader(from.Span);
        var changes = new AccountChanges();
        for (var count = reader.Int(); count > 0; count--) changes._at.Add(checked((long)reader.Varint()));
        rest = from[^reader.Remaining..];
        return changes;
    }
}
