using System.Globalization;
using System.Text;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Describes the events as one file of Protocol Buffers: the same description that decodes them also documents them, so that
/// the two cannot differ. Messages and enumerations have the names of the trade.
/// </summary>
public sealed class ProtoFileWriter : FieldVisitor
{
    private readonly SortedDictionary<string, string> _messages = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _enums = new(StringComparer.Ordinal);
    private StringBuilder _fields = new();
    private bool _hasJournalOnly;

    private ProtoFileWriter()
    {
    }

    /// <summary>The whole file.</summary>
    public static string OfAllEvents()
    {
        var writer = new ProtoFileWriter();
        var file = new StringBuilder(Head);
        var events = FactCatalogue.All.Where(entry => entry.IsEvent).ToList();
        foreach (var entry in events) Line(file, $"    {entry.Type.Name} {Snake(entry.Type.Name)} = {ProtobufEvent.DataBase + entry.Number};  // {entry.WireType}");
        file.Append("  }\n}\n\n").Append(Batch);
        foreach (var entry in events) Line(file, $"\n// {entry.WireType}").Append(writer.Message(entry.Type.Name, entry.Create()));
        foreach (var message in writer._messages.Values) file.Append('\n').Append(message);
        foreach (var choice in writer._enums.Values) file.Append('\n').Append(choice);
        return file.ToString();
    }

    public override string Id(int number, string name, string value, bool optional = false) => Add(number, name, "string", optional, value);

    public override string Text(int number, string name, string value, bool optional = true, int lengthMax = 500) =>
        Add(number, name, "string", optional, value, string.Create(CultureInfo.InvariantCulture, $"at most {lengthMax} characters"));

    public override long Amount(int number, string name, long value, bool optional = false, long floor = 1) => Add(number, name, Whole(floor), optional, value, "minor units");

    public override long AmountOrNone(int number, string name, long value) => Add(number, name, "int64", optional: true, value, "minor units; 0 is not the same as missing");

    public override Currency Currency(int number, string name, Currency value, bool optional = false) => Add(number, name, "uint32", optional, value, "ISO 4217, numeric");

    public override long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue) => Add(number, name, Whole(least), optional, value);

    public override int Date(int number, string name, int value, bool optional = false) => Add(number, name, "uint32", optional, value, "yyyymmdd");

    public override Instant Moment(int number, string name, Instant value, bool optional = false) => Add(number, name, "int64", optional, value, "microseconds since 1970, UTC");

    public override bool Flag(int number, string name, bool value) => Add(number, name, "bool", optional: true, value);

    protected override T ChoiceOf<T>(int number, string name, T value, bool optional = false)
    {
        if (typeof(T) == typeof(YesNo)) return Add(number, name, "bool", optional: true, value);
        var prefix = Snake(typeof(T).Name).ToUpperInvariant();
        var choice = Line(new StringBuilder(), $"enum {typeof(T).Name} {{");
        // The first value must be zero; where the trade has none, it is one that no event may carry.
        if (ChoiceNames<T>.Numbered.All(member => member.Number != 0)) Line(choice, $"  {prefix}_UNSPECIFIED = 0;");
        foreach (var (member, value_) in ChoiceNames<T>.Numbered.OrderBy(m => m.Number)) Line(choice, $"  {prefix}_{Snake(member).ToUpperInvariant()} = {value_};");
        _enums[typeof(T).Name] = choice.Append("}\n").ToString();
        return Add(number, name, typeof(T).Name, optional, value);
    }

    public override FxRate Rate(int number, string name, FxRate value) => Add(number, name, "string", optional: false, value, "decimal text");

    protected override IReadOnlyList<T> ItemsOf<T>(int number, string name, IReadOnlyList<T> value, bool optional = true)
    {
        _messages[typeof(T).Name] = Message(typeof(T).Name, new T());
        return AddList(number, name, typeof(T).Name, optional, value);
    }

    public override IReadOnlyList<string> IdList(int number, string name, IReadOnlyList<string> value, bool optional = true) => AddList(number, name, "string", optional, value);

    protected override T? NestedOf<T>(int number, string name, T? value) where T : class
    {
        _messages[typeof(T).Name] = Message(typeof(T).Name, new T());
        return Add(number, name, typeof(T).Name, optional: true, value);
    }

    private string Message(string name, IDescribed value)
    {
        var (outer, hadJournalOnly) = (_fields, _hasJournalOnly);
        (_fields, _hasJournalOnly) = (new StringBuilder(), false);
        value.Describe(this);
        var message = Line(new StringBuilder(), $"message {name} {{").Append(_fields);
        if (_hasJournalOnly) message.Append("  reserved 50 to 59;\n");
        (_fields, _hasJournalOnly) = (outer, hadJournalOnly);
        return message.Append("}\n").ToString();
    }

    private T Add<T>(int number, string name, string type, bool optional, T value, string remark = "")
    {
        if (JournalOnly.Is(number)) _hasJournalOnly = true;
        else Field("optional", number, name, type, optional ? remark : remark.Length > 0 ? "required; " + remark : "required");
        return value;
    }

    private T AddList<T>(int number, string name, string type, bool optional, T value)
    {
        Field("repeated", number, name, type, optional ? "" : "at least one");
        return value;
    }

    private void Field(string label, int number, string name, string type, string remark) =>
        Line(_fields, $"  {label} {type} {Snake(name)} = {number};{(remark.Length > 0 ? "  // " + remark : "")}");

    private static StringBuilder Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string Whole(long least) => least < 0 ? "sint64" : "int64";

    /// <summary>camelCase or PascalCase as snake_case; Protobuf's own JSON names give the camelCase back.</summary>
    private static string Snake(string name)
    {
        var snake = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsAsciiLetterUpper(c) && snake.Length > 0) snake.Append('_');
            snake.Append(char.ToLowerInvariant(c));
        }

        return snake.ToString();
    }

    private const string Head = """
        // Events of ExposureMonitor in Protocol Buffers; the meaning of every type and field stands in README.md. Made from the
        // description that decodes them. Numbers are never given to another meaning.
        //
        // Every scalar has presence ("optional"): a field that is sent counts as said, also when it is zero. Fields marked as
        // required are refused when they are missing.
        syntax = "proto3";

        package exposuremonitor.credit.v1;

        option csharp_namespace = "ExposureMonitor.Credit.V1";
        option java_multiple_files = true;
        option java_package = "exposuremonitor.credit.v1";

        // One event. Its first field is the format, so that the first byte of a record is 08.
        message Event {
          optional uint32 format = 1;   // required; 1
          optional string id = 2;       // required; the producer's id of the event
          optional string source = 3;   // required; the producer
          optional string subject = 4;  // the customer who pays; facts of credit.reference.global have none
          optional int64 time = 5;      // required; microseconds since 1970, UTC
          reserved 6 to 99;             // attributes of later versions; a reader that does not know them ignores them
          oneof data {

        """;

    private const string Batch = """
        // Several events in the body of a request, or in a file.
        message EventBatch {
          repeated Event events = 1;
        }

        """;
}
