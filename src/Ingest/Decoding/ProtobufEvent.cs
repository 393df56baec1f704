using System.Globalization;
using System.Text;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>
/// The shape of an event in Protobuf: numbers of the envelope's fields. The first field of a record is <c>format</c>, so that its
/// first byte, 08, tells it from JSON, where no text begins with that byte: no header is needed, and none can say otherwise.
/// </summary>
public static class ProtobufEvent
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/protobuf";

    /// <summary>First byte of a record: the tag of <c>format</c>.</summary>
    public const byte Mark = Format << 3;

    /// <summary>The format that this version writes and reads.</summary>
    public const int FormatVersion = 1;

    internal const int Format = 1, Id = 2, Source = 3, Subject = 4, Time = 5;

    /// <summary>The field of <c>data</c> is this plus the number of its type in the catalogue.</summary>
    internal const int DataBase = 100;

    /// <summary>The tag of an event in a batch.</summary>
    internal const byte BatchTag = 1 << 3 | ProtobufMessage.WireBytes;

    /// <summary>True when a record is in Protobuf.</summary>
    public static bool Is(ReadOnlySpan<byte> record) => record.Length > 0 && record[0] == Mark;

    /// <summary>The kinds of events by the number of their field; <c>null</c> where a number has none.</summary>
    private static readonly FactCatalogue.Entry?[] ByField = Fields();

    /// <summary>The kind of event whose data stands in a field of the envelope, or <c>null</c>.</summary>
    internal static FactCatalogue.Entry? KindOf(int field) => (uint)field < (uint)ByField.Length ? ByField[field] : null;

    /// <summary>Type and customer of a record, as far as they can be read: "" and <c>null</c> where they cannot.</summary>
    internal static (string Type, byte[]? Subject) Peek(ReadOnlySpan<byte> record)
    {
        var bytes = new byte[record.Length + ProtobufMessage.Padding];
        record.CopyTo(bytes);
        var (type, subject, at) = ("", (byte[]?)null, 0);
        while (at < record.Length && ProtobufMessage.Next(bytes, ref at, record.Length, out var number, out var field) is null)
        {
            if (number == Subject) subject = bytes.AsSpan(field.At, field.Length).ToArray();
            if (KindOf(number) is { } kind) type = kind.WireType;
        }

        return (type, subject);
    }

    private static FactCatalogue.Entry?[] Fields()
    {
        var events = FactCatalogue.All.Where(entry => entry.IsEvent).ToList();
        var fields = new FactCatalogue.Entry?[DataBase + events.Max(entry => entry.Number) + 1];
        foreach (var entry in events) fields[DataBase + entry.Number] = entry;
        return fields;
    }
}

/// <summary>Reads one event in Protobuf after the other with the same buffers. Not safe for two threads.</summary>
internal sealed class ProtobufRecordReader(DecodeLimits limits, TextCache texts)
{
    private const string TimeExpected = "microseconds since 1970 (UTC) in the years 1900 to 9998";

    private readonly ProtobufFieldReader _fields = new(limits);
    private byte[] _bytes = [];
    private string _id = "", _source = "", _subject = "";
    private Instant _time;
    private ProtobufMessage.Field _data;
    private int _dataNumber, _format;
    private uint _seen;

    internal Fact? Fact { get; private set; }

    internal string Subject => _subject;

    internal int ExtraFields => _fields.ExtraFields;

    internal DecodeFault? Read(ReadOnlySpan<byte> record)
    {
        (_id, _source, _subject, _time, _dataNumber, _format, _seen, Fact) = ("", "", "", default, 0, 0, 0, null);
        if (_bytes.Length < record.Length + ProtobufMessage.Padding) _bytes = new byte[Math.Max(1024, record.Length * 2 + ProtobufMessage.Padding)];
        record.CopyTo(_bytes);
        return ReadEnvelope(record.Length) ?? ReadData();
    }

    private DecodeFault? ReadEnvelope(int end)
    {
        for (var at = 0; at < end;)
        {
            if (ProtobufMessage.Next(_bytes, ref at, end, out var number, out var field) is { } broken) return new DecodeFault(DecodeReasons.NotProtobuf, "", broken, "one event");
            if (Attribute(number, field) is { } fault) return fault;
        }

        // Format 0 is a field that was sent with no meaning; no reader of this version may guess what follows.
        if (_format != ProtobufEvent.FormatVersion) return Wrong("format", "nothing", "1");
        if (_id.Length == 0) return Wrong("id", "nothing", "the producer's id of the event");
        if (_source.Length == 0) return Wrong("source", "nothing", "the producer");
        if (_dataNumber == 0) return Wrong("data", "nothing", "the fields of an event type");
        if (_time == default) return Wrong("time", "nothing", TimeExpected);
        return null;
    }

    /// <summary>Fields of the envelope that nobody knows are attributes of later versions, as in JSON.</summary>
    private DecodeFault? Attribute(int number, in ProtobufMessage.Field field)
    {
        if (number > ProtobufEvent.DataBase)
        {
            if (_dataNumber != 0) return Twice("data");
            (_dataNumber, _data) = (number, field);
            return null;
        }

        if (number > ProtobufEvent.Time) return null;
        var bit = 1u << number;
        if ((_seen & bit) != 0) return Twice(Name(number));
        _seen |= bit;
        switch (number)
        {
            case ProtobufEvent.Format:
                _format = field is { Wire: ProtobufMessage.WireVarint, Value: ProtobufEvent.FormatVersion } ? ProtobufEvent.FormatVersion : 0;
                return _format != 0 ? null : Wrong("format", Show(field), "1");
            case ProtobufEvent.Id:
                return TakeLabel(field, "id", DecodeReasons.BadId, out _id, isSource: false);
            case ProtobufEvent.Source:
                return TakeLabel(field, "source", DecodeReasons.BadEnvelope, out _source, isSource: true);
            case ProtobufEvent.Subject:
                return TakeSubject(field);
            default:
                if (field.Wire == ProtobufMessage.WireVarint && JsonScalars.TryMoment(unchecked((long)field.Value), out _time)) return null;
                return new DecodeFault(DecodeReasons.BadTime, "time", Show(field), TimeExpected);
        }
    }

    private DecodeFault? ReadData()
    {
        var entry = ProtobufEvent.KindOf(_dataNumber);
        if (entry is null)
            return new DecodeFault(DecodeReasons.UnknownType, "data", string.Create(CultureInfo.InvariantCulture, $"field {_dataNumber}"), "an event type of docs/events");
        var fact = entry.Create();
        if (fact is not HouseFact && _subject.Length == 0) return new DecodeFault(DecodeReasons.NoSubject, "subject", "nothing", "the customer's id");
        if (_data.Wire != ProtobufMessage.WireBytes) return new DecodeFault(DecodeReasons.BadValue, "data", Show(_data), "an object");
        fact.Customer = fact is HouseFact ? "" : _subject;
        fact.EventId = _id;
        fact.Source = _source;
        fact.Time = _time;
        Fact = fact;
        return _fields.Read(_bytes, _data.At, _data.At + _data.Length, "data", fact);
    }

    private DecodeFault? TakeSubject(in ProtobufMessage.Field field)
    {
        if (field is { Wire: ProtobufMessage.WireBytes, Length: 0 }) return null;
        _subject = field.Wire == ProtobufMessage.WireBytes && FieldReader.IsId(Bytes(field)) ? texts.Of(Bytes(field)) : "";
        return _subject.Length > 0 ? null : new DecodeFault(DecodeReasons.NoSubject, "subject", Show(field), "the customer's id: " + FieldReader.IdExpected);
    }

    private DecodeFault? TakeLabel(in ProtobufMessage.Field field, string name, string reason, out string label, bool isSource)
    {
        var isLabel = field.Wire == ProtobufMessage.WireBytes && RecordReader.IsLabel(Bytes(field));
        label = !isLabel ? "" : isSource ? texts.Of(Bytes(field)) : Encoding.Latin1.GetString(Bytes(field));
        return isLabel ? null : new DecodeFault(reason, name, Show(field), RecordReader.LabelExpected);
    }

    private ReadOnlySpan<byte> Bytes(in ProtobufMessage.Field field) => _bytes.AsSpan(field.At, field.Length);

    private string Show(in ProtobufMessage.Field field) => field.Wire switch
    {
        ProtobufMessage.WireVarint => "the number " + unchecked((long)field.Value).ToString(CultureInfo.InvariantCulture),
        ProtobufMessage.WireBytes => DecodeFault.Quote(Bytes(field)),
        _ => "a number of fixed length",
    };

    private static string Name(int number) => number switch
    {
        ProtobufEvent.Format => "format", ProtobufEvent.Id => "id", ProtobufEvent.Source => "source", ProtobufEvent.Subject => "subject", _ => "time",
    };

    private static DecodeFault Twice(string name) => new(DecodeReasons.DuplicateKey, "", $"the field '{name}' twice in one message", "each field once");

    private static DecodeFault Wrong(string name, string found, string expected) => new(DecodeReasons.BadEnvelope, name, found, expected);
}
