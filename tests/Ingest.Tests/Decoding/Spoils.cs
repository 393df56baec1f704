using System.Globalization;
using System.Text.Json.Nodes;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>Ways to spoil one field of a fact, each as JSON and as the value that Google's library would send.</summary>
/// <param name="Json">What stands in JSON; <c>null</c>: the field is left out.</param>
/// <param name="Wire">The same in Protobuf; <c>null</c>: the field is left out.</param>
internal sealed record Spoil(int Number, string Name, JsonNode? Json, object? Wire);

/// <summary>Walks a description and collects what could go wrong with its fields.</summary>
internal sealed class Spoils(Random random) : FieldVisitor
{
    private readonly List<Spoil> _spoils = [];

    internal static Spoil Of(Fact fact, Random random)
    {
        var visitor = new Spoils(random);
        fact.Describe(visitor);
        return visitor._spoils[random.Next(visitor._spoils.Count)];
    }

    private T Add<T>(int number, string name, T value, params (JsonNode? Json, object? Wire)[] ways)
    {
        if (number is >= 50 and < 60) return value;
        var (json, wire) = random.Next(4) == 0 ? (null, null) : ways[random.Next(ways.Length)];
        _spoils.Add(new Spoil(number, name, json, wire));
        return value;
    }

    private static (JsonNode?, object?) Both(string text) => (text, text);

    private static (JsonNode?, object?) Digits(long value) => (value.ToString(CultureInfo.InvariantCulture), value);

    public override string Id(int number, string name, string value, bool optional = false) =>
        Add(number, name, value, Both(""), Both("a b"), Both(new string('x', 65)), Both("é"), Both("a/b"), Both("\u202E"));

    public override string Text(int number, string name, string value, bool optional = true, int lengthMax = 500) =>
        Add(number, name, value, Both(""), Both("a\0b"), Both(new string('x', lengthMax + 1)), Both(new string('é', lengthMax)));

    public override long Amount(int number, string name, long value, bool optional = false, long floor = 1) =>
        Add(number, name, value, Digits(floor - 1), Digits(floor), Digits(JsonScalars.AmountMax), Digits(JsonScalars.AmountMax + 1), Digits(long.MaxValue), Digits(-17));

    public override long AmountOrNone(int number, string name, long value) => Add(number, name, value, Digits(0), Digits(-1), Digits(JsonScalars.AmountMax + 1));

    public override Currency Currency(int number, string name, Currency value, bool optional = false) =>
        Add(number, name, value, ("XXX", 999), ("", 0), ("EURO", 1_978));

    public override long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue)
    {
        // Where the type of the program is narrower than the description, no value beyond it can be told apart; the edges can.
        (JsonNode?, object?)[] ways = [(JsonValue.Create(least - 1), least - 1), (JsonValue.Create(least), least)];
        return Add(number, name, value, most == long.MaxValue ? ways : [.. ways, (JsonValue.Create(most + 1), most + 1), (JsonValue.Create(most), most)]);
    }

    public override int Date(int number, string name, int value, bool optional = false) =>
        Add(number, name, value, Day(1899, 12, 31), Day(1900, 1, 1), Day(2026, 2, 29), Day(2026, 13, 1), Day(2026, 0, 1), Day(2026, 1, 0), Day(9998, 12, 31), Day(9999, 1, 1), Day(0, 0, 0));

    private static (JsonNode?, object?) Day(int year, int month, int day) =>
        (string.Create(CultureInfo.InvariantCulture, $"{year:D4}-{month:D2}-{day:D2}"), year * 10_000 + month * 100 + day);

    public override Instant Moment(int number, string name, Instant value, bool optional = false) =>
        Add(number, name, value, Moment(new DateOnly(1850, 1, 1)), Moment(new DateOnly(9999, 6, 1)), Moment(new DateOnly(1960, 1, 1)));

    private static (JsonNode?, object?) Moment(DateOnly day) => (Instant.From(day).ToString(), Instant.From(day).Micros);

    public override bool Flag(int number, string name, bool value) => Add(number, name, value, (JsonValue.Create(true), true), (JsonValue.Create(false), false));

    protected override T ChoiceOf<T>(int number, string name, T value, bool optional = false) => typeof(T) == typeof(YesNo)
        ? Add(number, name, value, (JsonValue.Create(true), true), (JsonValue.Create(false), false))
        : Enum.GetName((T)(object)(byte)0) is "None"
            ? Add(number, name, value, ("None", 0), ("Nonsense", 250))
            : Add(number, name, value, ("Nonsense", 250), (Enum.GetNames<T>()[0], 0));

    public override FxRate Rate(int number, string name, FxRate value) => Add(number, name, value, Both("0"), Both("-1"), Both("1e5"), Both("1234567"), Both("1."), Both("0.0000000000001"), Both("999999.5"));

    protected override IReadOnlyList<T> ItemsOf<T>(int number, string name, IReadOnlyList<T> value, bool optional = true) => Add(number, name, value, (null, null));

    public override IReadOnlyList<string> IdList(int number, string name, IReadOnlyList<string> value, bool optional = true) => Add(number, name, value, (null, null));

    protected override T? NestedOf<T>(int number, string name, T? value) where T : class => Add(number, name, value, (null, null));
}
