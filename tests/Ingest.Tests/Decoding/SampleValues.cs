using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>Fills every field of a value with a plausible one, so that the samples show all that a type can say.</summary>
internal sealed class SampleValues : FieldVisitor
{
    private int _dates;

    internal static Fact Of(FactCatalogue.Entry entry)
    {
        var fact = entry.Create();
        fact.Describe(new SampleValues());
        fact.EventId = "ev-" + entry.Number;
        fact.Source = "erp.example";
        fact.Customer = fact is HouseFact ? "" : "C-1001";
        fact.Time = Instant.From(new DateOnly(2026, 3, 2)).Plus(9 * 3600 * Instant.Second + 123_456);
        return fact;
    }

    public override string Id(int number, string name, string value, bool optional = false) => name switch
    {
        "reservationId" => "RSV-7",
        "newPayer" or "parentId" => "C-1000",
        _ => name.Replace("Id", "", StringComparison.Ordinal).ToUpperInvariant() + "-1",
    };

    public override string Text(int number, string name, string value, bool optional = true, int lengthMax = 500) => name switch
    {
        "terms" => "NET30",
        "company" => "1000",
        "country" => "DE",
        "value" or "name" when !optional => name == "name" ? "hold.overdueDays" : "30",
        "name" => "Müller & Söhne GmbH",
        "note" => "a remark",
        _ => name[..Math.Min(name.Length, lengthMax)],
    };

    public override long Amount(int number, string name, long value, bool optional = false, long floor = 1) =>
        floor < 0 ? -125_00 : 1_250_00;

    public override Currency Currency(int number, string name, Currency value, bool optional = false) =>
        Domain.Currency.Parse(name == "to" ? "USD" : "EUR");

    public override long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue) =>
        number is >= 50 and < 60 ? value : name.EndsWith("MonthDay", StringComparison.Ordinal) ? 1115 : Math.Min(Math.Max(least, 3), most);

    public override int Date(int number, string name, int value, bool optional = false) =>
        new DateOnly(2026, 3, 2).DayNumber + 14 * _dates++;

    public override Instant Moment(int number, string name, Instant value, bool optional = false) =>
        Instant.From(new DateOnly(2026, 3, 2).AddDays(14 * _dates++));

    public override bool Flag(int number, string name, bool value) => true;

    protected override T ChoiceOf<T>(int number, string name, T value, bool optional = false) => Enum.GetValues<T>().Skip(1).First();

    public override FxRate Rate(int number, string name, FxRate value) => FxRate.TryParse("1.0845", out var rate) ? rate : default;

    protected override IReadOnlyList<T> ItemsOf<T>(int number, string name, IReadOnlyList<T> value, bool optional = true)
    {
        var item = new T();
        item.Describe(this);
        return [item];
    }

    public override IReadOnlyList<string> IdList(int number, string name, IReadOnlyList<string> value, bool optional = true) => name switch
    {
        "holidays" => ["2026-12-25", "2026-12-26"],
        "weekend" => ["Saturday", "Sunday"],
        _ => [name + "-1", name + "-2"],
    };

    protected override T? NestedOf<T>(int number, string name, T? value) where T : class
    {
        var nested = new T();
        nested.Describe(this);
        return nested;
    }
}

/// <summary>Fills fields at random within what the description allows: every fact that can exist, for properties.</summary>
internal sealed class RandomValues(Random random) : FieldVisitor
{
    private const string IdLetters = "ABCXYZabcxyz0123456789._:-";
    private static readonly string[] Texts = ["", "plain", "quote\" back\\slash", "line\r\nbreak\t", "Žluťoučký 🦄", "\u202Eright to left", "</script>", "=1+1"];

    internal static Fact Of(FactCatalogue.Entry entry, Random random)
    {
        var visitor = new RandomValues(random);
        var fact = entry.Create();
        fact.Describe(visitor);
        fact.EventId = visitor.Id(0, "", "");
        fact.Source = visitor.Id(0, "", "");
        fact.Customer = fact is HouseFact ? "" : visitor.Id(0, "", "");
        fact.Time = visitor.Moment(0, "", default);
        return fact;
    }

    public override string Id(int number, string name, string value, bool optional = false) => optional && random.Next(3) == 0
        ? ""
        : new string([.. Enumerable.Range(0, random.Next(1, 65)).Select(_ => IdLetters[random.Next(IdLetters.Length)])]);

    public override string Text(int number, string name, string value, bool optional = true, int lengthMax = 500)
    {
        var text = Texts[random.Next(optional ? 0 : 1, Texts.Length)];
        return text[..Math.Min(text.Length, Math.Min(lengthMax, 18))];
    }

    public override long Amount(int number, string name, long value, bool optional = false, long floor = 1) =>
        optional && random.Next(3) == 0 ? 0 : random.NextInt64(floor, (1L << random.Next(1, 50)) + 1) is var amount && amount < floor ? floor : amount;

    public override Currency Currency(int number, string name, Currency value, bool optional = false) =>
        optional && random.Next(3) == 0 ? default : Domain.Currency.All.ElementAt(random.Next(150));

    public override long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue) =>
        number is >= 50 and < 60 || (optional && random.Next(3) == 0) ? 0 : random.NextInt64(least, Math.Min(most, 1L << 52) + 1);

    public override int Date(int number, string name, int value, bool optional = false) =>
        optional && random.Next(3) == 0 ? 0 : random.Next(JsonScalars.DateMin, JsonScalars.DateMax + 1);

    public override Instant Moment(int number, string name, Instant value, bool optional = false) =>
        new(random.NextInt64(1, 250_000_000_000_000_000));

    public override bool Flag(int number, string name, bool value) => random.Next(2) == 0;

    protected override T ChoiceOf<T>(int number, string name, T value, bool optional = false)
    {
        T[] members = [.. Enum.GetValues<T>().Where(member => optional || member.ToString() is not ("None" or "Unsaid"))];
        return members[random.Next(members.Length)];
    }

    public override FxRate Rate(int number, string name, FxRate value) => new(random.NextInt64(1, 999_999_999_999_999_999));

    protected override IReadOnlyList<T> ItemsOf<T>(int number, string name, IReadOnlyList<T> value, bool optional = true)
    {
        var items = new T[random.Next(optional ? 0 : 1, 5)];
        for (var i = 0; i < items.Length; i++) (items[i] = new T()).Describe(this);
        return items;
    }

    public override IReadOnlyList<string> IdList(int number, string name, IReadOnlyList<string> value, bool optional = true) =>
        [.. Enumerable.Range(0, random.Next(optional ? 0 : 1, 4)).Select(_ => Id(0, name, ""))];

    protected override T? NestedOf<T>(int number, string name, T? value) where T : class
    {
        var nested = new T();
        nested.Describe(this);
        return nested;
    }
}
