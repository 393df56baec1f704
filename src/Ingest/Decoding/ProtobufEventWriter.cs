using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>A fact as an event in Protobuf: the counterpart of <see cref="EventDecoder"/>. Keeps its buffers; not safe for two threads.</summary>
public sealed class ProtobufEventWriter
{
    private readonly ByteBuffer _record = new(), _data = new();
    private readonly ProtobufFieldWriter _fields = new();

    /// <summary>The record; valid until the next call.</summary>
    public ReadOnlySpan<byte> Write(Fact fact)
    {
        _record.Clear();
        _data.Clear();
        _fields.Write(fact, _data);
        _record.Byte(ProtobufEvent.Mark);
        _record.Varint(ProtobufEvent.FormatVersion);
        ProtobufFieldWriter.Text(_record, ProtobufEvent.Id, fact.EventId);
        ProtobufFieldWriter.Text(_record, ProtobufEvent.Source, fact.Source);
        if (fact.Customer.Length > 0) ProtobufFieldWriter.Text(_record, ProtobufEvent.Subject, fact.Customer);
        ProtobufFieldWriter.Number(_record, ProtobufEvent.Time, unchecked((ulong)fact.Time.Micros));
        ProtobufFieldWriter.Block(_record, ProtobufEvent.DataBase + FactCatalogue.NumberOf(fact), _data.Written);
        return _record.Written;
    }

    /// <summary>One event of a batch (message <c>EventBatch</c>): batches behind each other are a batch.</summary>
    public static void WriteToBatch(ReadOnlySpan<byte> record, ByteBuffer batch)
    {
        batch.Byte(ProtobufEvent.BatchTag);
        batch.Block(record);
    }
}

/// <summary>
/// Writes the fields of an event as its schema has them, with their presence: what is required stands there even when it is zero; what
/// only the journal knows stays out.
/// </summary>
internal sealed class ProtobufFieldWriter : FieldVisitor
{
    private readonly Stack<ByteBuffer> _spare = new();
    private ByteBuffer _to = new();

    /// <summary>Appends the fields of a value.</summary>
    internal void Write(IDescribed value, ByteBuffer to)
    {
        _to = to;
        value.Describe(this);
    }

    internal static void Number(ByteBuffer to, int number, ulong value)
    {
        to.Varint((ulong)number << 3 | ProtobufMessage.WireVarint);
        to.Varint(value);
    }

    internal static void Block(ByteBuffer to, int number, ReadOnlySpan<byte> bytes)
    {
        to.Varint((ulong)number << 3 | ProtobufMessage.WireBytes);
        to.Block(bytes);
    }

    internal static void Text(ByteBuffer to, int number, string text)
    {
        to.Varint((ulong)number << 3 | ProtobufMessage.WireBytes);
        to.Text(text);
    }

    public override string Id(int number, string name, string value, bool optional = false) => Put(number, value);

    public override string Text(int number, string name, string value, bool optional = true, int lengthMax = 500) => Put(number, value);

    public override long Amount(int number, string name, long value, bool optional = false, long floor = 1) => Put(number, value, optional, floor);

    public override long AmountOrNone(int number, string name, long value)
    {
        if (value >= 0) Put(number, value, isOptional: false, least: 0);
        return value;
    }

    public override Currency Currency(int number, string name, Currency value, bool optional = false)
    {
        if (value.IsKnown) Put(number, value.Numeric, isOptional: true, least: 0);
        return value;
    }

    public override long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue) =>
        Put(number, value, optional, least);

    public override int Date(int number, string name, int value, bool optional = false)
    {
        if (value != 0) Put(number, JsonScalars.DateNumber(value), isOptional: true, least: 0);
        return value;
    }

    public override Instant Moment(int number, string name, Instant value, bool optional = false)
    {
        Put(number, value.Micros, optional, least: 0);
        return value;
    }

    public override bool Flag(int number, string name, bool value)
    {
        Put(number, value ? 1 : 0, isOptional: true, least: 0);
        return value;
    }

    protected override T ChoiceOf<T>(int number, string name, T value, bool optional = false)
    {
        if (value is YesNo answer)
        {
            if (answer != YesNo.Unsaid) Put(number, answer == YesNo.Yes ? 1 : 0, isOptional: false, least: 0);
        }
        else if (ChoiceNames<T>.IsSaid(value) && Enum.IsDefined(value))
        {
            Put(number, (long)ChoiceNames<T>.NumberOf(value), isOptional: false, least: 0);
        }

        return value;
    }

    public override FxRate Rate(int number, string name, FxRate value)
    {
        Text(_to, number, value.ToString());
        return value;
    }

    protected override IReadOnlyList<T> ItemsOf<T>(int number, string name, IReadOnlyList<T> value, bool optional = true)
    {
        foreach (var item in value) PutMessage(number, item);
        return value;
    }

    public override IReadOnlyList<string> IdList(int number, string name, IReadOnlyList<string> value, bool optional = true)
    {
        foreach (var id in value) Text(_to, number, id);
        return value;
    }

    protected override T? NestedOf<T>(int number, string name, T? value) where T : class
    {
        if (value is not null) PutMessage(number, value);
        return value;
    }

    /// <summary>The length of a message stands before it, and is known behind it: it is written aside.</summary>
    private void PutMessage(int number, IDescribed value)
    {
        var (outer, inner) = (_to, _spare.TryPop(out var spare) ? spare : new ByteBuffer());
        inner.Clear();
        Write(value, inner);
        Block(outer, number, inner.Written);
        _to = outer;
        _spare.Push(inner);
    }

    private string Put(int number, string value)
    {
        if (value.Length > 0 && !JournalOnly.Is(number)) Text(_to, number, value);
        return value;
    }

    private long Put(int number, long value, bool isOptional, long least)
    {
        if (JournalOnly.Is(number) || (isOptional && value == 0)) return value;
        Number(_to, number, unchecked((ulong)(least < 0 ? (value << 1) ^ (value >> 63) : value)));
        return value;
    }
}
