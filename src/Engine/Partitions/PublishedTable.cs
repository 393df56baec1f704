using System.Text;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// The rows of one partition in chunks that never move, with ids as bytes and words by number, so that a million customers
/// cost no objects. One thread writes; a row carries a version that is odd while it is written.
/// </summary>
internal sealed class PublishedTable(int partition)
{
    private const int ChunkBits = 9, ChunkSize = 1 << ChunkBits, BlockBits = 16, BlockSize = 1 << BlockBits;

    private readonly Lookup _empty = new(64);
    private PublishedRecord[][] _chunks = [];
    private PublishedExtra[][] _extras = [];
    private byte[][] _blocks = [];
    private string[] _names = [""];
    private Lookup? _lookup;
    private int _count, _end, _extraEnd, _blockUsed = BlockSize;

    /// <summary>Rows published.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>Behind the highest slot.</summary>
    internal int End => Volatile.Read(ref _end);

    /// <summary>Slot of a customer; −1 for none.</summary>
    internal int Find(string customer)
    {
        // An id has at most 255 bytes; a longer text is none.
        if (customer.Length is 0 or > 255) return -1;
        Span<byte> bytes = stackalloc byte[255];
        return Encoding.UTF8.TryGetBytes(customer, bytes, out var length) ? Find(bytes[..length]) : -1;
    }

    private int Find(ReadOnlySpan<byte> id)
    {
        var slots = (Volatile.Read(ref _lookup) ?? _empty).Slots;
        var mask = slots.Length - 1;
        for (var at = Home(id, mask); Volatile.Read(ref slots[at]) is var entry && entry != 0; at = (at + 1) & mask)
            if (IdOf(entry - 1).SequenceEqual(id)) return entry - 1;
        return -1;
    }

    /// <summary>The customer of a published slot; "" for any other.</summary>
    internal string CustomerAt(int slot) => slot < End ? Encoding.UTF8.GetString(IdOf(slot)) : "";

    /// <summary>Copies a row; false when none is published in the slot.</summary>
    internal bool TryRead(int slot, out PublishedRow row)
    {
        row = default;
        if (slot >= End) return false;
        ref var stored = ref Volatile.Read(ref _chunks)[slot >> ChunkBits][slot & (ChunkSize - 1)];
        var figures = new AccountFigures { Slot = slot };
        for (var wait = default(SpinWait); ; wait.SpinOnce())
        {
            var version = Volatile.Read(ref stored.Version);
            if (version == 0) return false;
            if ((version & 1) == 0)
            {
                stored.CopyTo(ref figures);
                // A row that never had more keeps 0; the place of what it has more is its own for ever.
                var extra = Volatile.Read(ref stored.Extra);
                PublishedExtra.CopyTo(extra == 0 ? default : Volatile.Read(ref _extras)[extra >> ChunkBits][extra & (ChunkSize - 1)], ref figures);
                Interlocked.MemoryBarrier();
                if (Volatile.Read(ref stored.Version) == version) break;
            }
        }

        var names = Volatile.Read(ref _names);
        row = new PublishedRow(CustomerAt(slot), partition, names[figures.Segment], names[figures.Country], names[figures.Controller], figures);
        return true;
    }

    /// <summary>Shows every row to a visitor, each whole.</summary>
    internal void Scan<T>(ref T visitor)
        where T : struct, IGlanceVisitor
    {
        var end = End;
        for (var slot = 0; slot < end; slot++)
        {
            ref var stored = ref Volatile.Read(ref _chunks)[slot >> ChunkBits][slot & (ChunkSize - 1)];
            for (var wait = default(SpinWait); ; wait.SpinOnce())
            {
                var version = Volatile.Read(ref stored.Version);
                if (version == 0) break;
                if ((version & 1) != 0) continue;
                var glance = new PublishedGlance(partition) { Slot = slot };
                stored.Show(ref glance);
                var extra = Volatile.Read(ref stored.Extra);
                if (extra != 0) Volatile.Read(ref _extras)[extra >> ChunkBits][extra & (ChunkSize - 1)].Show(ref glance);
                Interlocked.MemoryBarrier();
                if (Volatile.Read(ref stored.Version) != version) continue;
                visitor.Visit(glance);
                break;
            }
        }
    }

    /// <summary>The words that rows name by number.</summary>
    internal IReadOnlyList<string> Words => Volatile.Read(ref _names);

    /// <summary>Compares the ids of two published slots as bytes, which for ids is the order of their text.</summary>
    internal int Compare(int slot, PublishedTable other, int otherSlot) => IdOf(slot).SequenceCompareTo(other.IdOf(otherSlot));

    internal bool Contains(int slot, string text)
    {
        var id = IdOf(slot);
        for (var from = 0; from + text.Length <= id.Length; from++)
        {
            var at = 0;
            while (at < text.Length && char.ToLowerInvariant(text[at]) == char.ToLowerInvariant((char)id[from + at])) at++;
            if (at == text.Length) return true;
        }

        return false;
    }

    /// <summary>Replaces a row. Called by one thread.</summary>
    internal void Write(Book book, in AccountFigures figures)
    {
        Name(book, figures.Segment);
        Name(book, figures.Country);
        Name(book, figures.Controller);
        Write(figures, book, null);
    }

    /// <summary>The same of a row whose book is elsewhere. Called by one thread at a time.</summary>
    internal void Write(string customer, string segment, string country, string controller, in AccountFigures figures)
    {
        Name(figures.Segment, segment);
        Name(figures.Country, country);
        Name(figures.Controller, controller);
        Write(figures, null, customer);
    }

    private void Write(in AccountFigures figures, Book? book, string? customer)
    {
        var slot = figures.Slot;
        ref var stored = ref Room(ref _chunks, slot);
        var version = stored.Version;
        if (version == 0) stored.Id = Keep(customer ?? book!.CustomerAt(slot));
        var extra = stored.Extra;
        var more = PublishedExtra.Of(figures);
        if (extra == 0 && !more.IsEmpty) Room(ref _extras, extra = ++_extraEnd);
        Volatile.Write(ref stored.Version, version + 1);
        Interlocked.MemoryBarrier();
        stored.Take(figures);
        stored.Extra = extra;
        if (extra != 0) _extras[extra >> ChunkBits][extra & (ChunkSize - 1)] = more;
        // Zero stays "never written", also after four thousand million changes.
        Volatile.Write(ref stored.Version, unchecked(version + 2) is 0 ? 2 : unchecked(version + 2));
        if (version != 0) return;
        if (slot >= _end) Volatile.Write(ref _end, slot + 1);
        Enter(slot);
        Volatile.Write(ref _count, _count + 1);
    }

    private static ref T Room<T>(ref T[][] chunks, int slot)
    {
        var chunk = slot >> ChunkBits;
        if (chunk >= chunks.Length)
        {
            var wider = new T[Math.Max(chunk + 1, chunks.Length + chunks.Length / 2)][];
            chunks.CopyTo(wider, 0);
            Volatile.Write(ref chunks, wider);
        }

        if (chunks[chunk] is null) Volatile.Write(ref chunks[chunk], new T[ChunkSize]);
        return ref chunks[chunk][slot & (ChunkSize - 1)];
    }

    /// <summary>Ids stand one behind the other, each behind its length.</summary>
    private int Keep(string customer)
    {
        var length = Encoding.UTF8.GetByteCount(customer);
        if (_blockUsed + 1 + length > BlockSize)
        {
            byte[][] wider = [.. _blocks, new byte[BlockSize]];
            Volatile.Write(ref _blocks, wider);
            _blockUsed = 0;
        }

        var block = _blocks[^1];
        block[_blockUsed] = (byte)length;
        Encoding.UTF8.GetBytes(customer, block.AsSpan(_blockUsed + 1));
        var reference = ((_blocks.Length - 1) << BlockBits) | _blockUsed;
        _blockUsed += 1 + length;
        return reference;
    }

    private ReadOnlySpan<byte> IdOf(int slot)
    {
        ref var stored = ref Volatile.Read(ref _chunks)[slot >> ChunkBits][slot & (ChunkSize - 1)];
        if (Volatile.Read(ref stored.Version) == 0) return default;
        var block = Volatile.Read(ref _blocks)[stored.Id >> BlockBits];
        var at = stored.Id & (BlockSize - 1);
        return block.AsSpan(at + 1, block[at]);
    }

    private void Name(Book book, short number)
    {
        if (number < _names.Length) return;
        var wider = new string[number + 1];
        for (var i = 0; i < wider.Length; i++) wider[i] = i < _names.Length ? _names[i] : book.NameOf((short)i);
        Volatile.Write(ref _names, wider);
    }

    private void Name(short number, string name)
    {
        if (number < _names.Length && _names[number] == name) return;
        var wider = new string[Math.Max(number + 1, _names.Length)];
        for (var i = 0; i < wider.Length; i++) wider[i] = i == number ? name : i < _names.Length ? _names[i] : "";
        Volatile.Write(ref _names, wider);
    }

    /// <summary>At most three quarters of the places are taken; a larger table replaces the smaller one when it is complete.</summary>
    private void Enter(int slot)
    {
        var lookup = _lookup ?? _empty;
        if ((_count + 1) * 4L > lookup.Slots.Length * 3L)
        {
            var wider = new Lookup(lookup.Slots.Length * 2);
            foreach (var entry in lookup.Slots)
                if (entry != 0) Put(wider.Slots, entry);
            Put(wider.Slots, slot + 1);
            Volatile.Write(ref _lookup, wider);
            return;
        }

        Put(lookup.Slots, slot + 1);
    }

    private static int Home(ReadOnlySpan<byte> id, int mask) => (int)(Hashing.XxHash64(id) & (uint)mask);

    private void Put(int[] slots, int entry)
    {
        var mask = slots.Length - 1;
        var at = Home(IdOf(entry - 1), mask);
        while (slots[at] != 0) at = (at + 1) & mask;
        Volatile.Write(ref slots[at], entry);
    }

    private sealed class Lookup(int size)
    {
        /// <summary>Slot + 1; 0 is an empty place.</summary>
        internal readonly int[] Slots = new int[size];
    }
}
