using System.Numerics;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// In which frame each account of a partition changed last, and which rows are to be written again. Stands in front of
/// the partition state of a snapshot, so that recovery can tell a row that is missing or older than it must be.
/// </summary>
internal sealed class AccountChanges
{
    private long[] _at = [];

    /// <summary>One bit per account.</summary>
    private ulong[] _dirty = [];

    /// <summary>Accounts that are known.</summary>
    internal int Accounts { get; private set; }

    /// <summary>An account changed in a frame.</summary>
    internal void Note(int slot, long seq)
    {
        if (slot >= Accounts) Grow(slot + 1);
        if (seq > _at[slot]) _at[slot] = seq;
        _dirty[slot >> 6] |= 1UL << (slot & 63);
    }

    /// <summary>The row of an account has to be written again.</summary>
    internal void Spoil(int slot) => _dirty[slot >> 6] |= 1UL << (slot & 63);

    /// <summary>Takes the accounts that changed since their row was captured, in order; none is left.</summary>
    internal int[] TakeDirty()
    {
        var count = 0;
        foreach (var word in _dirty) count += BitOperations.PopCount(word);
        var (slots, next) = (new int[count], 0);
        for (var at = 0; at < _dirty.Length; at++)
        {
            for (var word = _dirty[at]; word != 0; word &= word - 1) slots[next++] = (at << 6) | BitOperations.TrailingZeroCount(word);
            _dirty[at] = 0;
        }

        return slots;
    }

    /// <summary>True when a row of this sequence holds the account's newest change.</summary>
    internal bool Holds(int slot, long asOf) => slot < Accounts && _at[slot] <= asOf;

    /// <summary>The frame in which an account changed last; 0 for one that is not known.</summary>
    internal long At(int slot) => slot < Accounts ? _at[slot] : 0;

    /// <summary>Writes the frames of last change; the partition state follows.</summary>
    internal void Write(ByteBuffer to)
    {
        to.Varint((ulong)Accounts);
        foreach (var seq in _at.AsSpan(0, Accounts)) to.Varint((ulong)seq);
    }

    /// <summary>Reads them back.</summary>
    /// <param name="from">The bytes of a partition state row.</param>
    /// <param name="rest">The partition state behind them.</param>
    /// <exception cref="InvalidDataException">The bytes are cut.</exception>
    internal static AccountChanges Read(ReadOnlyMemory<byte> from, out ReadOnlyMemory<byte> rest)
    {
        var reader = new ByteReader(from.Span);
        var changes = new AccountChanges();
        var count = reader.Int();
        // A number that the bytes cannot hold is damage, and no reason to ask for memory.
        if (count > reader.Remaining) throw new InvalidDataException("The frames of last change are cut.");
        if (count > 0) changes.Grow(count);
        for (var slot = 0; slot < count; slot++) changes._at[slot] = checked((long)reader.Varint());
        rest = from[^reader.Remaining..];
        return changes;
    }

    /// <summary>An eighth at a time: twice the room would be kept for good.</summary>
    private void Grow(int accounts)
    {
        if (accounts > _at.Length)
        {
            Array.Resize(ref _at, Math.Max(accounts, Math.Max(64, _at.Length + _at.Length / 8)));
            Array.Resize(ref _dirty, (_at.Length + 63) >> 6);
        }

        Accounts = accounts;
    }
}
