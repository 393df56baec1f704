using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Shows a record in Protobuf as the event in JSON that says the same, for a person who is to repair it. Unlike a decoder it judges nothing: what
/// no event may have stands there as it was found, so that the text is refused where the record was. It shares the reading of bytes with
/// the decoder and nothing else, since a record may be here because decoding it ended the process.
/// </summary>
internal sealed class ProtobufText : FieldVisitor
{
    /// <summary>The attribute that says from where on the record could not be read.</summary>
    internal const string Incomplete = "incomplete";

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true, NewLine = "\n" };

    private readonly byte[] _bytes;
    private readonly Utf8JsonWriter _json;
    private List<(int Number, ProtobufMessage.Field Field)> _found = [];
    private string? _broken;

    private ProtobufText(byte[] bytes, Utf8JsonWriter json) => (_bytes, _json) = (bytes, json);

    /// <summary>The event as JSON on several lines.</summary>
    internal static byte[] Of(ReadOnlySpan<byte> record)
    {
        var bytes = new byte[record.Length + ProtobufMessage.Padding];
        record.CopyTo(bytes);
        var buffer = new ArrayBufferWriter<byte>(1_024);
        using (var json = new Utf8JsonWriter(buffer, Readable)) new ProtobufText(bytes, json).Envelope(record.Length);
        return buffer.WrittenSpan.ToArray();
    }

    private void Envelope(int end)
    {
        _json.WriteStartObject();
        foreach (var (number, field) in Fields(0, end))
        {
            switch (number)
            {
                case ProtobufEvent.Format when field is { Wire: ProtobufMessage.WireVarint, Value: ProtobufEvent.FormatVersion }:
                    _json.WriteString("specversion", "1.0");
                    break;
                case ProtobufEvent.Format:
                    Put("specversion", () => Other(field));
                    break;
                case ProtobufEvent.Id:
                    Put("id", () => Text(field));
                    break;
                case ProtobufEvent.Source:
                    Put("source", () => Text(field));
                    break;
                case ProtobufEvent.Subject:
                    Put("subject", () => Text(field));
                    break;
                case ProtobufEvent.Time:
                    Put("time", () => Moment(field));
                    break;
                case > ProtobufEvent.DataBase:
                    var kind = ProtobufEvent.KindOf(number);
                    _json.WriteString("type", kind?.WireType ?? Unknown(number));
                    Put("data", () => Message(field, kind?.Create()));
                    break;
                default:
                    Put(Unknown(number), () => Other(field));
                    break;
            }
        }

        if (_broken is not null) _json.WriteString(Incomplete, _broken);
        _json.WriteEndObject();
    }

    public override string Id(int number, string name, string value, bool optional = false) => Each(number, name, value, Text);

    public override string Text(int number, string name, string value, bool optional = true, int lengthMax = 500) => Each(number, name, value, Text);

    public override long Amount(int number, string name, long value, bool optional = false, long floor = 1) =>
        Each(number, name, value, field => Digits(field, floor));

    public override long AmountOrNone(int number, string name, long value) => Each(number, name, value, field => Digits(field, 0));

    public override Currency Currency(int number, string name, Currency value, bool optional = false) => Each(number, name, value, field =>
    {
        if (field is { Wire: ProtobufMessage.WireVarint, Value: < 1_000 } && Domain.Currency.FromNumeric((int)field.Value) is { IsKnown: true } currency) _json.WriteStringValue(currency.Code);
        else Other(field);
    });

    public override long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue) => Each(number, name, value, field =>
    {
        if (field.Wire == ProtobufMessage.WireVarint) _json.WriteNumberValue(ProtobufFieldReader.Whole(field, least));
        else Other(field);
    });

    public override int Date(int number, string name, int value, bool optional = false) => Each(number, name, value, field =>
    {
        if (field is { Wire: ProtobufMessage.WireVarint, Value: <= 99_991_231 } && JsonScalars.TryDate((int)field.Value, out var day)) _json.WriteStringValue(JsonScalars.DateText(day));
        else Other(field);
    });

    public override Instant Moment(int number, string name, Instant value, bool optional = false) => Each(number, name, value, Moment);

    public override bool Flag(int number, string name, bool value) => Each(number, name, value, Truth);

    protected override T ChoiceOf<T>(int number, string name, T value, bool optional = false) => Each(number, name, value, field =>
    {
        if (typeof(T) == typeof(YesNo)) Truth(field);
        else if (field.Wire == ProtobufMessage.WireVarint && ChoiceNames<T>.TryNumber(field.Value, out var choice)) _json.WriteStringValue(choice.ToString());
        else Other(field);
    });

    public override FxRate Rate(int number, string name, FxRate value) => Each(number, name, value, Text);

    protected override IReadOnlyList<T> ItemsOf<T>(int number, string name, IReadOnlyList<T> value, bool optional = true) =>
        All(number, name, value, field => Message(field, new T()));

    public override IReadOnlyList<string> IdList(int number, string name, IReadOnlyList<string> value, bool optional = true) => All(number, name, value, Text);

    protected override T? NestedOf<T>(int number, string name, T? value) where T : class => Each(number, name, value, field => Message(field, new T()));

    /// <summary>A field as often as it stands there: said twice it is refused in JSON as well.</summary>
    private T Each<T>(int number, string name, T value, Action<ProtobufMessage.Field> write)
    {
        foreach (var field in Take(number)) Put(name, () => write(field));
        return value;
    }

    private T All<T>(int number, string name, T value, Action<ProtobufMessage.Field> write)
    {
        if (Take(number) is not { Count: > 0 } fields) return value;
        _json.WriteStartArray(name);
        foreach (var field in fields) write(field);
        _json.WriteEndArray();
        return value;
    }

    private List<ProtobufMessage.Field> Take(int number)
    {
        if (JournalOnly.Is(number)) return [];
        var taken = _found.Where(found => found.Number == number).Select(found => found.Field).ToList();
        _found.RemoveAll(found => found.Number == number);
        return taken;
    }

    private List<(int Number, ProtobufMessage.Field Field)> Fields(int at, int end)
    {
        var found = new List<(int, ProtobufMessage.Field)>();
        while (at < end)
        {
            if (ProtobufMessage.Next(_bytes, ref at, end, out var number, out var field) is { } broken)
            {
                _broken ??= broken;
                break;
            }

            found.Add((number, field));
        }

        return found;
    }

    /// <summary>A message by its description; what no description has follows under its number. Without one all of it does.</summary>
    private void Message(ProtobufMessage.Field field, IDescribed? described)
    {
        if (field.Wire != ProtobufMessage.WireBytes)
        {
            // An object in this place would be taken for a message without fields.
            _json.WriteStringValue(Scalar(field));
            return;
        }

        var outer = _found;
        _found = Fields(field.At, field.At + field.Length);
        _json.WriteStartObject();
        described?.Describe(this);
        foreach (var (number, unknown) in _found) Put(Unknown(number), () => Other(unknown));
        _json.WriteEndObject();
        _found = outer;
    }

    private void Put(string name, Action write)
    {
        _json.WritePropertyName(name);
        write();
    }

    private void Text(ProtobufMessage.Field field)
    {
        if (field.Wire == ProtobufMessage.WireBytes && Utf8.IsValid(Bytes(field))) _json.WriteStringValue(Bytes(field));
        else Other(field);
    }

    private void Digits(ProtobufMessage.Field field, long floor)
    {
        if (field.Wire == ProtobufMessage.WireVarint) _json.WriteStringValue(ProtobufFieldReader.Whole(field, floor).ToString(CultureInfo.InvariantCulture));
        else Other(field);
    }

    private void Moment(ProtobufMessage.Field field)
    {
        if (field.Wire == ProtobufMessage.WireVarint && JsonScalars.TryMoment(unchecked((long)field.Value), out var moment)) _json.WriteStringValue(moment.ToString());
        else Other(field);
    }

    private void Truth(ProtobufMessage.Field field)
    {
        if (field is { Wire: ProtobufMessage.WireVarint, Value: <= 1 }) _json.WriteBooleanValue(field.Value == 1);
        else Other(field);
    }

    /// <summary>A value that its field cannot have: as an object, which no field of one value takes.</summary>
    private void Other(ProtobufMessage.Field field)
    {
        _json.WriteStartObject();
        _json.WriteString(field.Wire switch { ProtobufMessage.WireVarint => "number", ProtobufMessage.WireBytes => "base64", _ => "fixed" }, Scalar(field));
        _json.WriteEndObject();
    }

    private string Scalar(ProtobufMessage.Field field) => field.Wire switch
    {
        ProtobufMessage.WireVarint => unchecked((long)field.Value).ToString(CultureInfo.InvariantCulture),
        ProtobufMessage.WireBytes => Convert.ToBase64String(Bytes(field)),
        _ => "a number of fixed length",
    };

    private ReadOnlySpan<byte> Bytes(in ProtobufMessage.Field field) => _bytes.AsSpan(field.At, field.Length);

    private static string Unknown(int number) => string.Create(CultureInfo.InvariantCulture, $"field{number}");
}
