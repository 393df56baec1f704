using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>One entry of a frame as it is read back.</summary>
/// <param name="Slot">Slot of the customer in the partition; −1 for facts of the partition and unknown customers.</param>
/// <param name="Back">The customer's previous entry as (sequence, index); (0, 0) for the first.</param>
/// <param name="EnteredWindow">The entry put its event id into the window; a repetition within the window did not.</param>
public sealed record Entry(int Slot, string Customer, Fact Fact, ulong Content, (long Seq, int Index) Back, OutcomeKind Outcome, string Reason,
    bool EnteredWindow);

/// <summary>What a frame says of itself.</summary>
/// <param name="Moved">Positions that it moved: stream and offset.</param>
/// <param name="Sent">Messages that it sent: receiver and number.</param>
/// <param name="Entries">How many follow.</param>
public sealed record FrameHead(int MachineVersion, byte[] PreviousHash, IReadOnlyList<(string Stream, long Offset)> Moved,
    IReadOnlyList<(int Receiver, long Number)> Sent, ulong EffectsDigest, int Entries);

/// <summary>A frame as it is read back.</summary>
/// <param name="Moved">Positions that it moved: stream and offset.</param>
/// <param name="Sent">Messages that it sent: receiver and number.</param>
public sealed record Frame(int MachineVersion, byte[] PreviousHash, IReadOnlyList<(string Stream, long Offset)> Moved,
    IReadOnlyList<(int Receiver, long Number)> Sent, ulong EffectsDigest, IReadOnlyList<Entry> Entries);

/// <summary>
/// The format of a frame: header (format, machine version, previous hash, positions moved, outgoing messages, digest
/// of the effects), then the entries. Fixed and canonical; older formats stay readable.
/// </summary>
public static class FrameCodec
{
    private const int Format = 3;

    /// <summary>Set beside the outcome when the entry put its event id into the window.</summary>
    private const byte WindowFlag = 0x80;

    /// <summary>CRC-32C of the payload: finds bit rot.</summary>
    public static uint Crc(ReadOnlySpan<byte> payload)
    {
        var crc = uint.MaxValue;
        for (; payload.Length >= 8; payload = payload[8..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(payload));
        foreach (var b in payload) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }

    /// <summary>SHA-256 over partition, sequence, epoch and payload: links the frames.</summary>
    public static byte[] Hash(int partition, long seq, long epoch, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[20];
        BinaryPrimitives.WriteInt32BigEndian(head, partition);
        BinaryPrimitives.WriteInt64BigEndian(head[4..], seq);
        BinaryPrimitives.WriteInt64BigEndian(head[12..], epoch);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        hash.AppendData(payload);
        return hash.GetHashAndReset();
    }

    internal static void WriteHeader(ByteBuffer to, byte[] previousHash, IReadOnlyCollection<KeyValuePair<string, long>> moved,
        IReadOnlyCollection<MessageRow> messages, ulong digest, int entries, int rules)
    {
        to.Varint(Format);
        to.Varint((ulong)rules);
        to.Raw(previousHash);
        to.Varint((ulong)moved.Count);
        foreach (var (stream, offset) in moved)
        {
            to.Text(stream);
            to.Signed(offset);
        }

        to.Varint((ulong)messages.Count);
        foreach (var message in messages)
        {
            to.Signed(message.Receiver);
            to.Signed(message.Number);
        }

        to.Fixed64(digest);
        to.Varint((ulong)entries);
    }

    internal static void WriteEntry(ByteBuffer to, int slot, Fact fact, ulong content, ReadOnlySpan<byte> bytes, (long Seq, int Index) back, Outcome outcome,
        bool enteredWindow)
    {
        to.Signed(slot);
        to.Text(fact.Customer);
        FactCodec.Write(fact, bytes, to);
        to.Fixed64(content);
        to.Varint((ulong)back.Seq);
        to.Varint((ulong)back.Index);
        to.Byte((byte)((byte)outcome.Kind | (enteredWindow ? WindowFlag : 0)));
        to.Text(outcome.Reason);
    }

    /// <summary>What a frame says of itself, without its entries.</summary>
    /// <exception cref="InvalidDataException">The payload is cut, or of a version that this process does not know.</exception>
    public static FrameHead ReadHead(ReadOnlyMemory<byte> payload)
    {
        var r = new ByteReader(payload.Span);
        return ReadHead(ref r);
    }

    private static FrameHead ReadHead(ref ByteReader r)
    {
        var format = r.Int();
        if (format != Format) throw new InvalidDataException($"Frame format {format} is unknown to this version.");
        var machine = r.Int();
        if (machine is < 1 or > PartitionMachine.Version) throw new InvalidDataException($"Machine version {machine} is unknown to this process.");
        var previous = r.Take(32).ToArray();
        var moved = new (string, long)[r.Int()];
        for (var i = 0; i < moved.Length; i++) moved[i] = (r.Text(), r.Signed());
        var sent = new (int, long)[r.Int()];
        for (var i = 0; i < sent.Length; i++) sent[i] = (checked((int)r.Signed()), r.Signed());
        return new FrameHead(machine, previous, moved, sent, r.Fixed64(), r.Int());
    }

    /// <summary>Reads a frame back.</summary>
    /// <exception cref="InvalidDataException">The payload is cut, or of a version that this process does not know.</exception>
    public static Frame Read(ReadOnlyMemory<byte> payload)
    {
        var r = new ByteReader(payload.Span);
        var head = ReadHead(ref r);
        var entries = new Entry[head.Entries];
        var rest = payload[^r.Remaining..];
        var codec = new FactCodec();
        for (var i = 0; i < entries.Length; i++)
        {
            var front = new ByteReader(rest.Span);
            var slot = checked((int)front.Signed());
            var customer = front.Text();
            rest = rest[^front.Remaining..];
            rest = rest[codec.Read(rest, out var fact)..];
            fact.Customer = customer;
            var tail = new ByteReader(rest.Span);
            var content = tail.Fixed64();
            var back = (checked((long)tail.Varint()), tail.Int());
            var kind = tail.Byte();
            entries[i] = new Entry(slot, customer, fact, content, back, (OutcomeKind)(kind & ~WindowFlag), tail.Text(), (kind & WindowFlag) != 0);
            rest = rest[^tail.Remaining..];
        }

        if (rest.Length != 0) throw new InvalidDataException($"{rest.Length} bytes follow the last entry.");
        return new Frame(head.MachineVersion, head.PreviousHash, head.Moved, head.Sent, head.EffectsDigest, entries);
    }
}
