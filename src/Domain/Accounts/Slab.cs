namespace ExposureMonitor.Domain;

/// <summary>
/// Dense storage of records in chunks that never move, with a free list. Slot 0 is never used: 0 means "none" in
/// every link. A record that is freed is cleared, so that a slot carries nothing over to its next user.
/// </summary>
internal sealed class Slab<T> where T : struct
{
    private const int ChunkBits = 10;
    private const int ChunkSize = 1 << ChunkBits;

    private T[][] _chunks = [[default]];
    private readonly Stack<int> _free = new();
    private int _next = 1;

    /// <summary>The record of a slot; slot 0 is empty and only ever read.</summary>
    internal ref T this[int slot] => ref _chunks[slot >> ChunkBits][slot & (ChunkSize - 1)];

    /// <summary>Records in use.</summary>
    internal int Count => _next - 1 - _free.Count;

    /// <summary>Slots ever handed out; the highest slot.</summary>
    internal int Highest => _next - 1;

    /// <summary>Takes an empty record.</summary>
    internal int Take()
    {
        if (_free.TryPop(out var slot)) return slot;
        slot = _next++;
        var chunk = slot >> ChunkBits;
        // A small book pays for one small chunk array only; chunks come one at a time.
        if (chunk >= _chunks.Length) Array.Resize(ref _chunks, Math.Max(4, _chunks.Length * 2));
        if (_chunks[chunk] is not { Length: ChunkSize }) _chunks[chunk] = Memory.Of<T>(ChunkSize);
        return slot;
    }

    /// <summary>Gives a record back.</summary>
    internal void Free(int slot)
    {
        this[slot] = default;
        _free.Push(slot);
    }
}

/// <summary>
/// Ids as bytes in large blocks, so that a million documents cost no million string objects. A reference is the
/// place of the length byte; 0 means "no text". Texts are never moved; the place of one that is given back serves
/// the next text of the same length.
/// </summary>
internal sealed class TextHeap
{
    private const int BlockBits = 16;
    private const int BlockSize = 1 << BlockBits;

    private byte[][] _blocks = [new byte[BlockSize]];
    private int _last;
    private int _used = 1;
    private readonly Stack<int>?[] _free = new Stack<int>?[256];

    /// <summary>Keeps a text of at most 255 bytes.</summary>
    internal int Add(string text)
    {
        if (text.Length == 0) return 0;
        var length = System.Text.Encoding.UTF8.GetByteCount(text);
        if (length > 255) throw new ArgumentException("A text of the heap has at most 255 bytes.", nameof(text));
        if (_free[length] is { Count: > 0 } free)
        {
            var again = free.Pop();
            System.Text.Encoding.UTF8.GetBytes(text, _blocks[again >> BlockBits].AsSpan((again & (BlockSize - 1)) + 1));
            return again;
        }

        if (_used + 1 + length > BlockSize)
        {
            if (++_last == _blocks.Length) Array.Resize(ref _blocks, _blocks.Length * 2);
            _blocks[_last] = new byte[BlockSize];
            _used = 0;
        }

        var block = _blocks[_last];
        block[_used] = (byte)length;
        System.Text.Encoding.UTF8.GetBytes(text, block.AsSpan(_used + 1));
        var reference = (_last << BlockBits) | _used;
        _used += 1 + length;
        return reference;
    }

    /// <summary>Gives a text back; nothing may refer to it any more.</summary>
    internal void Free(int reference)
    {
        if (reference == 0) return;
        (_free[Bytes(reference).Length] ??= new Stack<int>()).Push(reference);
    }

    /// <summary>The text of a reference.</summary>
    internal string Get(int reference) => reference == 0 ? "" : System.Text.Encoding.UTF8.GetString(Bytes(reference));

    /// <summary>The bytes of a reference.</summary>
    internal ReadOnlySpan<byte> Bytes(int reference)
    {
        if (reference == 0) return default;
        var block = _blocks[reference >> BlockBits];
        var at = reference & (BlockSize - 1);
        return block.AsSpan(at + 1, block[at]);
    }

    /// <summary>True when the reference holds this text (ASCII ids).</summary>
    internal bool Holds(int reference, string text) => System.Text.Ascii.Equals(Bytes(reference), text);
}

/// <summary>
/// Finds a document of an account by kind and id: open addressing over 29 bits of the hash of (account, kind, id) and
/// the kind itself, so that a candidate is always a slot of the right slab; the caller compares account and text. What
/// is removed leaves no gap: the entries of its run move up.
/// </summary>
internal sealed class DocumentIndex
{
    /// <summary>Hash in the high half, slot in the low half; 0 is an empty place, since no slot is 0.</summary>
    private ulong[] _entries = new ulong[64];
    private int _count;

    /// <summary>Number of documents.</summary>
    internal int Count => _count;

    /// <summary>The key of a document: hash in the high bits, kind in the low three.</summary>
    internal static uint Hash(int account, DocumentKind kind, string id) =>
        ((uint)(Hashing.Text(id, unchecked(((ulong)(uint)account << 8) | (byte)kind)) >> 32) & ~7u) | (byte)kind;

    /// <summary>Walks the candidates of a key: call until it answers 0. <paramref name="probe"/> starts at −1.</summary>
    internal int Next(uint hash, ref int probe)
    {
        var mask = _entries.Length - 1;
        probe = probe < 0 ? Home(hash, mask) : (probe + 1) & mask;
        for (; _entries[probe] is var entry && entry != 0; probe = (probe + 1) & mask)
            if (entry >> 32 == hash) return (int)(entry & uint.MaxValue);
        return 0;
    }

    /// <summary>The first candidate of a key, which is nearly always the only one; 0 without any. Reads one place.</summary>
    internal int Foresee(uint hash) => _entries[Home(hash, _entries.Length - 1)] is var entry && entry >> 32 == hash ? (int)(entry & uint.MaxValue) : 0;

    internal void Add(uint hash, int slot)
    {
        if ((_count + 1) * 4L > _entries.Length * 3L) Grow();
        Put(_entries, ((ulong)hash << 32) | (uint)slot);
        _count++;
    }

    /// <summary>Takes a document out.</summary>
    internal void Remove(uint hash, int slot)
    {
        var mask = _entries.Length - 1;
        var wanted = ((ulong)hash << 32) | (uint)slot;
        var gap = Home(hash, mask);
        while (_entries[gap] != wanted)
        {
            if (_entries[gap] == 0) return;
            gap = (gap + 1) & mask;
        }

        _count--;
        for (var at = (gap + 1) & mask; _entries[at] != 0; at = (at + 1) & mask)
        {
            // An entry moves into the gap unless its home lies behind the gap.
            if (((at - Home((uint)(_entries[at] >> 32), mask)) & mask) < ((at - gap) & mask)) continue;
            _entries[gap] = _entries[at];
            gap = at;
        }

        _entries[gap] = 0;
    }

    private void Grow()
    {
        var entries = Memory.Of<ulong>(_entries.Length * 2);
        foreach (var entry in _entries)
            if (entry != 0) Put(entries, entry);
        _entries = entries;
    }

    private static int Home(uint hash, int mask) => (int)((hash >> 3) & (uint)mask);

    private static void Put(ulong[] entries, ulong entry)
    {
        var mask = entries.Length - 1;
        var at = Home((uint)(entry >> 32), mask);
        while (entries[at] != 0) at = (at + 1) & mask;
        entries[at] = entry;
    }
}

/// <summary>Kinds of documents that have an identity of their own.</summary>
internal enum DocumentKind : byte
{
    Order = 1,
    Delivery = 2,
    Item = 3,
    Source = 4,
    Allocation = 5,
    Movement = 6,
    Customer = 7,

    /// <summary>Not a document: a person has to admit the fact.</summary>
    Admission = 8,
}
