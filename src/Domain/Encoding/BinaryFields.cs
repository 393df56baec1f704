using System.Buffers.Binary;
using System.Text;

namespace ExposureMonitor.Domain;

/// <summary>A growing byte buffer that is kept and used again. Not thread safe.</summary>
public sealed class ByteBuffer(int room = 256)
{
    /// <summary>Most bytes of a number, and most characters of a text whose bytes always number less than 128.</summary>
    private const int VarintMax = 10, ShortMax = 42;

    private byte[] _bytes = new byte[room];
    private BinaryFieldWriter? _fields;

    /// <summary>Writes described fields here.</summary>
    public BinaryFieldWriter Fields => _fields ??= new BinaryFieldWriter(this);

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>The same as memory; valid until the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <summary>Forgets what was written; the memory stays.</summary>
    public void Clear() => Length = 0;

    /// <summary>Cuts the end off, back to an earlier length.</summary>
    public void Truncate(int length) => Length = length <= Length ? length : throw new ArgumentOutOfRangeException(nameof(length));

    public void Byte(byte value)
    {
        if (Length == _bytes.Length) Grow(1);
        _bytes[Length++] = value;
    }

    public void Varint(ulong value)
    {
        // Numbers of fields, lengths and most values have one byte.
        var (bytes, place) = (_bytes, Length);
        if (value < 0x80 && (uint)place < (uint)bytes.Length)
        {
            bytes[place] = (byte)value;
            Length = place + 1;
            return;
        }

        VarintLong(value);
    }

    private void VarintLong(ulong value)
    {
        if (Length + VarintMax > _bytes.Length) Grow(VarintMax);
        var (bytes, at) = (_bytes, Length);
        for (; value >= 0x80; value >>= 7) bytes[at++] = unchecked((byte)(value | 0x80));
        bytes[at++] = (byte)value;
        Length = at;
    }

    /// <summary>A signed number, small magnitudes short (zigzag).</summary>
    public void Signed(long value) => Varint(unchecked((ulong)((value << 1) ^ (value >> 63))));

    public void Fixed64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);
    }

    public void Fixed32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    public void Raw(ReadOnlySpan<byte> value) => value.CopyTo(Reserve(value.Length));

    /// <summary>Bytes behind their length.</summary>
    public void Block(ReadOnlySpan<byte> value)
    {
        Varint((ulong)value.Length);
        Raw(value);
    }

    /// <summary>UTF-8 text behind its length.</summary>
    public void Text(string value)
    {
        // A short text cannot have more bytes than one byte counts: it is encoded behind the place of its length.
        if (value.Length <= ShortMax)
        {
            if (Length + 1 + 3 * ShortMax > _bytes.Length) Grow(1 + 3 * ShortMax);
            var written = Encoding.UTF8.GetBytes(value, _bytes.AsSpan(Length + 1));
            _bytes[Length] = (byte)written;
            Length += 1 + written;
            return;
        }

        var length = Encoding.UTF8.GetByteCount(value);
        Varint((ulong)length);
        Encoding.UTF8.GetBytes(value, Reserve(length));
    }

    /// <summary>Overwrites four bytes that were reserved earlier.</summary>
    public void Patch32(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(at, 4), value);

    private Span<byte> Reserve(int count)
    {
        if (Length + count > _bytes.Length) Grow(count);
        var span = _bytes.AsSpan(Length, count);
        Length += count;
        return span;
    }

    private void Grow(int count) => Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
}

/// <summary>Reads what <see cref="ByteBuffer"/> wrote. Throws <see cref="InvalidDataException"/> at a cut end.</summary>
public ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _rest.Length;

    public byte Byte() => Take(1)[0];

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80) return value;
        }

        throw new InvalidDataException("A number has more than 64 bits.");
    }

    public int Int() => checked((int)Varint());

    public long Signed()
    {
        var value = Varint();
        return unchecked((long)(value >> 1) ^ -(long)(value & 1));
    }

    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public uint Fixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ReadOnlySpan<byte> Block() => Take(checked((int)Math.Min(Varint(), int.MaxValue)));

    public string Text() => Encoding.UTF8.GetString(Block());

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length) throw new InvalidDataException($"{count} bytes expected, {_rest.Length} left.");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}

/// <summary>
/// Writes described fields as (number, value) pairs in the order of the description; a default value takes no byte.
/// The form is canonical: equal content gives equal bytes, so that its hash is the content hash.
/// </summary>
public sealed class BinaryFieldWriter(ByteBuffer buffer) : FieldVisitor
{
    /// <summary>Writes all fields of a value and the end mark.</summary>
    public void Write(IDescribed value)
    {
        value.Describe(this);
        buffer.Byte(0);
    }

    public override string Id(int number, string name, string value, bool optional = false) => Put(number, value);

    public override string Text(int number, string name, string value, bool optional = true, int lengthMax = 500) => Put(number, value);

    public override long Amount(int number, string name, long value, bool optional = false, long floor = 1) => Put(number, value);

    public override Currency Currency(int number, string name, Currency value, bool optional = false)
    {
        Put(number, value.Numeric);
        return value;
    }

    public override long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue) =>
        Put(number, value);

    public override int Date(int number, string name, int value, bool optional = false)
    {
        Put(number, value);
        return value;
    }

    public override Instant Moment(int number, string name, Instant value, bool optional = false)
    {
        Put(number, value.Micros);
        return value;
    }

    public override bool Flag(int number, string name, bool value)
    {
        Put(number, value ? 1 : 0);
        return value;
    }

    protected override T ChoiceOf<T>(int number, string name, T value, bool optional) => Choice(number, name, value, optional);

    public override FxRate Rate(int number, string name, FxRate value)
    {
        Put(number, value.Trillionths);
        return value;
    }

    protected override IReadOnlyList<T> ItemsOf<T>(int number, string name, IReadOnlyList<T> value, bool optional = true)
    {
        if (value.Count == 0) return value;
        buffer.Varint((ulong)number);
        buffer.Varint((ulong)value.Count);
        for (var i = 0; i < value.Count; i++) Write(value[i]);
        return value;
    }

    public override IReadOnlyList<string> IdList(int number, string name, IReadOnlyList<string> value, bool optional = true)
    {
        if (value.Count == 0) return value;
        buffer.Varint((ulong)number);
        buffer.Varint((ulong)value.Count);
        for (var i = 0; i < value.Count; i++) buffer.Text(value[i]);
        return value;
    }

    protected override T? NestedOf<T>(int number, string name, T? value) where T : class => Nested(number, name, value);

    /// <summary>A value inside another.</summary>
    internal void Write(int number, IDescribed value)
    {
        buffer.Varint((ulong)number);
        Write(value);
    }

    private string Put(int number, string value)
    {
        if (value.Length == 0) return value;
        buffer.Varint((ulong)number);
        buffer.Text(value);
        return value;
    }

    private long Put(int number, long value)
    {
        if (value == 0) return value;
        buffer.Varint((ulong)number);
        buffer.Signed(value);
        return value;
    }
}

/// <summary>Reads what <see cref="BinaryFieldWriter"/> wrote.</summary>
public sealed class BinaryFieldReader : FieldVisitor
{
    private ReadOnlyMemory<byte> _rest;
    private int _next = -1;

    /// <summary>Reads one value from the front of the bytes; returns how many bytes it took.</summary>
    /// <exception cref="InvalidDataException">The bytes are cut or hold a field that this version does not know.</exception>
    public int Read(ReadOnlyMemory<byte> bytes, IDescribed value)
    {
        _rest = bytes;
        _next = -1;
        ReadOne(value);
        return bytes.Length - _rest.Length;
    }

    public override string Id(int number, string name, string value, bool optional = false) => At(number) ? TakeText() : "";

    public override string Text(int number, string name, string value, bool optional = true, int lengthMax = 500) =>
        At(number) ? TakeText() : "";

    public override long Amount(int number, string name, long value, bool optional = false, long floor = 1) => Take(number);

    public override Currency Currency(int number, string name, Currency value, bool optional = false) =>
        Domain.Currency.FromNumeric((int)Take(number));

    public override long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue) =>
        Take(number);

    public override int Date(int number, string name, int value, bool optional = false) => (int)Take(number);

    public override Instant Moment(int number, string name, Instant value, bool optional = false) => new(Take(number));

    public override bool Flag(int number, string name, bool value) => Take(number) != 0;

    protected override T ChoiceOf<T>(int number, string name, T value, bool optional = false) => EnumNumber<T>.From(Take(number));

    public override FxRate Rate(int number, string name, FxRate value) => new(Take(number));

    protected override IReadOnlyList<T> ItemsOf<T>(int number, string name, IReadOnlyList<T> value, bool optional = true)
    {
        if (!At(number)) return [];
        var list = new T[Count()];
        for (var i = 0; i < list.Length; i++)
        {
            list[i] = new T();
            ReadOne(list[i]);
        }

        return list;
    }

    public override IReadOnlyList<string> IdList(int number, string name, IReadOnlyList<string> value, bool optional = true)
    {
        if (!At(number)) return [];
        var list = new string[Count()];
        for (var i = 0; i < list.Length; i++) list[i] = TakeText();
        return list;
    }

    protected override T? NestedOf<T>(int number, string name, T? value) where T : class
    {
        if (!At(number)) return null;
        var nested = new T();
        ReadOne(nested);
        return nested;
    }

    private void ReadOne(IDescribed value)
    {
        _next = -1;
        value.Describe(this);
        if (Peek() != 0) throw new InvalidDataException($"Field {_next} of {value.GetType().Name} is unknown to this version.");
        _next = -1;
    }

    private int Peek()
    {
        if (_next < 0) _next = Count();
        return _next;
    }

    private bool At(int number)
    {
        if (Peek() != number) return false;
        _next = -1;
        return true;
    }

    private long Take(int number)
    {
        if (!At(number)) return 0;
        var reader = new ByteReader(_rest.Span);
        var value = reader.Signed();
        _rest = _rest[^reader.Remaining..];
        return value;
    }

    private int Count()
    {
        var reader = new ByteReader(_rest.Span);
        var value = reader.Int();
        _rest = _rest[^reader.Remaining..];
        return value;
    }

    private string TakeText()
    {
        var reader = new ByteReader(_rest.Span);
        var value = reader.Text();
        _rest = _rest[^reader.Remaining..];
        return value;
    }
}

/// <summary>Numbers of enumeration members without boxing.</summary>
internal static class EnumNumber<T> where T : struct, Enum
{
    private static readonly T[] Members = Enum.GetValues<T>();

    internal static long Of(T value) => System.Runtime.CompilerServices.Unsafe.SizeOf<T>() switch
    {
        1 => System.Runtime.CompilerServices.Unsafe.As<T, byte>(ref value),
        2 => System.Runtime.CompilerServices.Unsafe.As<T, short>(ref value),
        _ => System.Runtime.CompilerServices.Unsafe.As<T, int>(ref value),
    };

    internal static T From(long number)
    {
        if (number == 0) return default;
        foreach (var member in Members)
            if (Of(member) == number) return member;
        throw new InvalidDataException($"{typeof(T).Name} has no member {number}.");
    }
}
