using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>Reads one record after the other with the same buffers: the envelope, then <c>data</c>. Not safe for two threads.</summary>
internal sealed class RecordReader
{
    private const int LabelMax = 200;

    internal static readonly string LabelExpected = $"1 to {LabelMax} printable ASCII characters without blanks";

    private readonly JsonTree _tree = new();
    private readonly JsonFieldReader _fields;
    private readonly DecodeLimits _limits;
    private readonly TextCache _texts;
    private string _id = "", _source = "", _subject = "";
    private Instant _time;
    private bool _hasVersion;
    private int _data, _type;

    internal RecordReader(DecodeLimits limits, TextCache texts)
    {
        (_limits, _texts) = (limits, texts);
        _fields = new JsonFieldReader(_tree, limits);
    }

    /// <summary>The fact of the last record, when there was no fault.</summary>
    internal Fact? Fact { get; private set; }

    /// <summary>The customer that the last record named, as far as it was read; "" for none.</summary>
    internal string Subject => _subject;

    internal int ExtraFields => _fields.ExtraFields;

    internal DecodeFault? Read(ReadOnlySpan<byte> json)
    {
        (_id, _source, _subject, _time, _hasVersion, _data, _type, Fact) = ("", "", "", default, false, -1, -1, null);
        if ((json.Length == 0 || json[0] != '{') && json.IndexOfAnyExcept(" \t\r\n"u8) < 0) return new DecodeFault(DecodeReasons.NullBody, "", "no body", "one event");
        if (_tree.Parse(json, _limits) is { } broken) return broken;
        if (_tree[0].Kind == JsonTokenType.Null) return new DecodeFault(DecodeReasons.NullBody, "", "null", "one event");
        if (_tree[0].Kind != JsonTokenType.StartObject)
            return new DecodeFault(DecodeReasons.BadEnvelope, "", "a value that is no object", "one CloudEvents object");
        return ReadEnvelope() ?? ReadData();
    }

    private DecodeFault? ReadEnvelope()
    {
        for (var i = 1; i < _tree[0].Next; i = _tree[i].Next)
        {
            var fault = Attribute(i);
            if (fault is not null) return fault;
        }

        if (!_hasVersion) return Missing("specversion", "1.0");
        if (_id.Length == 0) return Missing("id", "the producer's id of the event");
        if (_source.Length == 0) return Missing("source", "the producer");
        if (_type < 0 || _tree[_type].Length == 0) return Missing("type", "an event type");
        if (_time == default) return Missing("time", "a moment of RFC 3339");
        return null;
    }

    private DecodeFault? Attribute(int node)
    {
        var name = _tree.Name(node);
        // By their lengths first: attributes that are none of these are ignored.
        switch (name.Length)
        {
            case 2 when name.SequenceEqual("id"u8):
                return IsNull(node) ? null : TakeLabel(node, "id", DecodeReasons.BadId, out _id);
            case 4 when name.SequenceEqual("data"u8):
                _data = node;
                return null;
            case 4 when name.SequenceEqual("type"u8) && !IsNull(node):
                _type = node;
                return _tree[node].Kind == JsonTokenType.String ? null : Wrong("type", Show(node), "an event type");
            case 4 when name.SequenceEqual("time"u8) && !IsNull(node):
                if (_tree[node].Kind == JsonTokenType.String && JsonScalars.TryMoment(_tree.Value(node), out _time)) return null;
                return new DecodeFault(DecodeReasons.BadTime, "time", Show(node), "a moment of RFC 3339 with offset");
            case 6 when name.SequenceEqual("source"u8):
                return IsNull(node) ? null : TakeLabel(node, "source", DecodeReasons.BadEnvelope, out _source);
            case 7 when name.SequenceEqual("subject"u8):
                return IsNull(node) || (_tree[node].Kind == JsonTokenType.String && _tree[node].Length == 0) ? null : TakeSubject(node);
            case 11 when name.SequenceEqual("specversion"u8) && !IsNull(node):
                _hasVersion = IsText(node, "1.0"u8);
                return _hasVersion ? null : Wrong("specversion", Show(node), "1.0");
            case 11 when name.SequenceEqual("data_base64"u8):
                return Wrong("data_base64", "binary data", "data in JSON");
            case 15 when name.SequenceEqual("datacontenttype"u8):
                return IsNull(node) || IsJsonType(node) ? null : Wrong("datacontenttype", Show(node), "application/json");
            default:
                return null;
        }
    }

    private bool IsNull(int node) => _tree[node].Kind == JsonTokenType.Null;

    private DecodeFault? ReadData()
    {
        var entry = EventKinds.Find(_tree.Value(_type));
        if (entry is null)
            return new DecodeFault(DecodeReasons.UnknownType, "type", DecodeFault.Quote(Encoding.UTF8.GetString(_tree.Value(_type))), "an event type of docs/events");
        var fact = entry.Create();
        if (fact is not HouseFact && _subject.Length == 0)
            return new DecodeFault(DecodeReasons.NoSubject, "subject", "nothing", "the customer's id");
        if (_data < 0 || _tree[_data].Kind == JsonTokenType.Null)
            return new DecodeFault(DecodeReasons.NullBody, "data", _data < 0 ? "nothing" : "null", "an object");
        fact.Customer = fact is HouseFact ? "" : _subject;
        fact.EventId = _id;
        fact.Source = _source;
        fact.Time = _time;
        Fact = fact;
        return _fields.ReadNode(_data, "data", fact, refuseExtra: false);
    }

    private DecodeFault? TakeSubject(int node)
    {
        _subject = _tree[node].Kind == JsonTokenType.String && FieldReader.IsId(_tree.Value(node)) ? _texts.Of(_tree.Value(node)) : "";
        if (_subject.Length > 0) return null;
        return new DecodeFault(DecodeReasons.NoSubject, "subject", Show(node), "the customer's id: " + FieldReader.IdExpected);
    }

    /// <summary>Ids of events and names of producers are any printable ASCII: they are only compared.</summary>
    private DecodeFault? TakeLabel(int node, string name, string reason, out string label)
    {
        var text = _tree.Value(node);
        var good = _tree[node].Kind == JsonTokenType.String && IsLabel(text);
        label = !good ? "" : name == "source" ? _texts.Of(text) : Encoding.Latin1.GetString(text);
        return good ? null : new DecodeFault(reason, name, Show(node), LabelExpected);
    }

    internal static bool IsLabel(ReadOnlySpan<byte> text) => text.Length is > 0 and <= LabelMax && !text.ContainsAnyExceptInRange((byte)'!', (byte)'~');

    private bool IsText(int node, ReadOnlySpan<byte> text) => _tree[node].Kind == JsonTokenType.String && _tree.Value(node).SequenceEqual(text);

    private bool IsJsonType(int node)
    {
        if (_tree[node].Kind != JsonTokenType.String) return false;
        var type = Encoding.UTF8.GetString(_tree.Value(node)).Split(';')[0].Trim();
        return type.EndsWith("/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    private string Show(int node) => _tree[node].Kind switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        _ => DecodeFault.Quote(_tree.Value(node)),
    };

    private static DecodeFault Missing(string name, string expected) => Wrong(name, "nothing", expected);

    private static DecodeFault Wrong(string name, string found, string expected) => new(DecodeReasons.BadEnvelope, name, found, expected);
}
