using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>
/// The decisions of one frame in one row. Every order makes a decision: a row of its own with its indexes cost more than
/// the rest of its event. Decisions that somebody asked for under an idempotency key are few, are looked for by that key
/// and stay rows.
/// </summary>
/// <param name="FirstAt">Stream time of the first decision; along a partition it never falls.</param>
/// <param name="Rows">Decisions inside.</param>
/// <param name="Outgoing">Those of which the outside is told.</param>
/// <param name="Keys">Sorted hashes (4 bytes each) of customers and subjects: which pages a look-up has to open.</param>
/// <param name="Body">The decisions; see <see cref="Unpack"/>.</param>
internal sealed record DecisionPage(int Partition, long Seq, long FirstAt, int Rows, int Outgoing, ReadOnlyMemory<byte> Keys, ReadOnlyMemory<byte> Body)
{
    private const byte Format = 1;

    private const ulong CustomerSeed = 101, SubjectSeed = 102;

    private const byte OutFlag = 1;

    /// <summary>Kinds that take no text; 0 is any other. The numbers stand in the pages.</summary>
    private static readonly string[] Kinds = ["", "credit.check.decided.v1", "credit.reservation.expired.v1"];

    /// <summary>True for a row that a page takes.</summary>
    internal static bool Takes(JournalRow row) => row is { Table: RowTable.Decision, Key: 0 };

    /// <summary>The page of a frame, or <c>null</c> when it decides nothing.</summary>
    internal static DecisionPage? Of(FrameCommit frame)
    {
        var count = 0;
        foreach (var row in frame.Rows)
            if (Takes(row)) count++;
        if (count == 0) return null;
        var rows = new List<JournalRow>(count);
        var isSorted = true;
        foreach (var row in frame.Rows)
        {
            if (!Takes(row)) continue;
            isSorted &= rows.Count == 0 || Place(rows[^1]).CompareTo(Place(row)) < 0;
            rows.Add(row);
        }

        if (!isSorted) rows.Sort(static (a, b) => Place(a).CompareTo(Place(b)));
        return Pack(frame, rows);
    }

    private static DecisionPage Pack(FrameCommit frame, List<JournalRow> rows)
    {
        var (to, keys, outgoing) = (new ByteBuffer(rows.Count * 192), new uint[rows.Count * 2], 0);
        to.Byte(Format);
        to.Varint((ulong)rows.Count);
        var (index, at, next) = (0, 0L, 0);
        foreach (var row in rows)
        {
            var kind = Math.Max(0, Array.IndexOf(Kinds, row.Kind, 1));
            to.Varint((ulong)(row.Index - index));
            to.Varint((ulong)row.Ordinal);
            to.Byte((byte)((row.GoesOut ? OutFlag : 0) | (kind << 1)));
            if (kind == 0) to.Text(row.Kind);
            to.Text(row.Customer);
            to.Text(row.Subject);
            to.Signed(row.At - at);
            to.Block(row.Body.Span);
            (index, at) = (row.Index, row.At);
            if (row.GoesOut) outgoing++;
            keys[next++] = CustomerKey(row.Customer);
            keys[next++] = SubjectKey(row.Subject);
        }

        return new DecisionPage(frame.Partition, frame.Seq, rows[0].At, rows.Count, outgoing, Packed(keys), to.WrittenMemory);
    }

    private static byte[] Packed(uint[] keys)
    {
        Array.Sort(keys); // equal ones are the same
        var (bytes, length) = (new byte[keys.Length * sizeof(uint)], 0);
        for (var i = 0; i < keys.Length; i++)
        {
            if (i > 0 && keys[i] == keys[i - 1]) continue;
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(length), keys[i]);
            length += sizeof(uint);
        }

        return bytes[..length];
    }

    /// <summary>Hash of a customer among the keys.</summary>
    internal static uint CustomerKey(string customer) => unchecked((uint)Hashing.Text(customer, CustomerSeed));

    /// <summary>Hash of an order or reservation among the keys.</summary>
    internal static uint SubjectKey(string subject) => unchecked((uint)Hashing.Text(subject, SubjectSeed));

    /// <summary>True when a page with these keys may hold the one that is looked for.</summary>
    internal static bool MayHold(ReadOnlySpan<byte> keys, uint key)
    {
        if (BitConverter.IsLittleEndian) return MemoryMarshal.Cast<byte, uint>(keys).BinarySearch(key) >= 0;
        for (; keys.Length >= sizeof(uint); keys = keys[sizeof(uint)..])
            if (BinaryPrimitives.ReadUInt32LittleEndian(keys) == key) return true;
        return false;
    }

    /// <summary>The decisions of a page in the order of their entries.</summary>
    /// <param name="table">The table as which they are read: decisions, or the outbox with those that go out.</param>
    /// <exception cref="JournalBrokenException">The page is cut, or of a format that this release does not know.</exception>
    internal static List<JournalRow> Unpack(RowTable table, int partition, long seq, ReadOnlyMemory<byte> body)
    {
        try
        {
            return Read(table, partition, seq, body);
        }
        catch (Exception cut) when (cut is InvalidDataException or OverflowException or ArgumentException or IndexOutOfRangeException)
        {
            throw new JournalBrokenException($"Partition {partition}, sequence {seq}: the page of decisions is damaged: {cut.Message}", cut);
        }
    }

    private static List<JournalRow> Read(RowTable table, int partition, long seq, ReadOnlyMemory<byte> body)
    {
        var reader = new ByteReader(body.Span);
        if (reader.Byte() is var format && format != Format) throw new InvalidDataException($"format {format} is unknown to this release.");
        var count = reader.Int();
        var rows = new List<JournalRow>(Math.Min(count, body.Length));
        var (index, at) = (0, 0L);
        for (var i = 0; i < count; i++)
        {
            index = checked(index + reader.Int());
            var ordinal = reader.Int();
            var flags = reader.Byte();
            var kind = flags >> 1 == 0 ? reader.Text() : Kinds[flags >> 1];
            var (customer, subject) = (reader.Text(), reader.Text());
            at = checked(at + reader.Signed());
            var length = reader.Block().Length;
            var end = body.Length - reader.Remaining;
            if (table == RowTable.Outbox && (flags & OutFlag) == 0) continue;
            rows.Add(new JournalRow
            {
                Table = table, Partition = partition, Seq = seq, Index = index, Ordinal = ordinal, Customer = customer, Subject = subject,
                Kind = kind, At = at, GoesOut = (flags & OutFlag) != 0, Body = body[(end - length)..end],
            });
        }

        return reader.Remaining == 0 ? rows : throw new InvalidDataException($"{reader.Remaining} bytes follow the last decision.");
    }

    private static (int Index, int Ordinal) Place(JournalRow row) => (row.Index, row.Ordinal);
}
