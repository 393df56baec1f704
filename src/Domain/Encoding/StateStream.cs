namespace ExposureMonitor.Domain;

/// <summary>Writes state, or reads it back: one description of the fields serves both directions.</summary>
internal sealed class StateStream
{
    private readonly ByteBuffer? _out;
    private readonly ReadOnlyMemory<byte> _in;
    private int _at;

    internal StateStream(ByteBuffer to) => _out = to;

    internal StateStream(ReadOnlyMemory<byte> from) => _in = from;

    internal bool Reading => _out is null;

    internal bool AtEnd => _at == _in.Length;

    internal void Do(ref long value)
    {
        if (_out is not null)
        {
            _out.Signed(value);
            return;
        }

        var reader = new ByteReader(_in.Span[_at..]);
        value = reader.Signed();
        _at = _in.Length - reader.Remaining;
    }

    internal void Do(ref int value)
    {
        long wide = value;
        Do(ref wide);
        value = checked((int)wide);
    }

    internal void Do(ref short value)
    {
        long wide = value;
        Do(ref wide);
        value = checked((short)wide);
    }

    internal void Do(ref byte value)
    {
        long wide = value;
        Do(ref wide);
        value = checked((byte)wide);
    }

    internal void Do(ref bool value)
    {
        long wide = value ? 1 : 0;
        Do(ref wide);
        value = wide != 0;
    }

    /// <summary>Of a property, which has no place of its own: the value that it has behind.</summary>
    internal bool Flag(bool value)
    {
        Do(ref value);
        return value;
    }

    internal void Do(ref ulong value)
    {
        if (_out is not null)
        {
            _out.Fixed64(value);
            return;
        }

        var reader = new ByteReader(_in.Span[_at..]);
        value = reader.Fixed64();
        _at = _in.Length - reader.Remaining;
    }

    internal void Do(ref Int128 value)
    {
        var (high, low) = (unchecked((ulong)(value >> 64)), unchecked((ulong)value));
        Do(ref high);
        Do(ref low);
        value = unchecked((Int128)(((UInt128)high << 64) | low));
    }

    internal void Do(ref Instant value)
    {
        var micros = value.Micros;
        Do(ref micros);
        value = new Instant(micros);
    }

    internal void Do(ref Currency value)
    {
        var numeric = value.Numeric;
        Do(ref numeric);
        value = Currency.FromNumeric(numeric);
    }

    internal void Do(ref string value)
    {
        if (_out is not null)
        {
            _out.Text(value);
            return;
        }

        var reader = new ByteReader(_in.Span[_at..]);
        value = reader.Text();
        _at = _in.Length - reader.Remaining;
    }

    internal void Key(ref ReleaseKey value)
    {
        var (isCheck, first, second, at, id) = (value.IsCheck, value.First, value.Second, value.At, value.Id ?? "");
        Do(ref isCheck);
        Do(ref first);
        Do(ref second);
        Do(ref at);
        Do(ref id);
        value = new ReleaseKey(isCheck, first, second, at, id);
    }

    internal void Choice<T>(ref T value) where T : struct, Enum
    {
        var number = EnumNumber<T>.Of(value);
        Do(ref number);
        value = EnumNumber<T>.From(number);
    }

    /// <summary>Flags have no member for every value, so they travel as their number.</summary>
    internal void Flags(ref AccountFlags value)
    {
        var number = (byte)value;
        Do(ref number);
        value = (AccountFlags)number;
    }

    internal void Described<T>(ref T value) where T : class, IDescribed, new()
    {
        if (_out is not null)
        {
            new BinaryFieldWriter(_out).Write(value);
            return;
        }

        value = new T();
        _at += new BinaryFieldReader().Read(_in[_at..], value);
    }

    internal void Fact(ref Fact value)
    {
        if (_out is not null)
        {
            FactCodec.Write(value, _out);
            return;
        }

        _at += new FactCodec().Read(_in[_at..], out value);
    }

    internal int Count(int count)
    {
        Do(ref count);
        return count;
    }

    /// <param name="with">What <paramref name="each"/> needs besides: a function without it is made once, not for every account.</param>
    internal void List<T, TWith>(ref Few<T> list, TWith with, Action<T, TWith> each) where T : class, new()
    {
        var count = Count(list.Count);
        for (var i = 0; i < count; i++)
        {
            if (Reading) Few.Add(ref list, new T());
            each(list[i], with);
        }
    }

    internal void List<T>(List<T> list, Action<T> each) where T : class, new()
    {
        var count = Count(list.Count);
        for (var i = 0; i < count; i++)
        {
            if (Reading) list.Add(new T());
            each(list[i]);
        }
    }

    internal void Texts(List<string> list)
    {
        var count = Count(list.Count);
        for (var i = 0; i < count; i++)
        {
            if (Reading) list.Add("");
            var text = list[i];
            Do(ref text);
            list[i] = text;
        }
    }
}
