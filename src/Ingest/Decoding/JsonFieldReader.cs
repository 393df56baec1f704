using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Reads the described fields of a value from JSON, in whatever order they stand. The first fault is kept and ends the
/// reading; fields that the type does not have are counted. Not safe for two threads.
/// </summary>
public sealed class JsonFieldReader : FieldReader
{
    private readonly JsonTree _tree;
    private int _object;
    private int _cursor;
    private int _found;

    /// <summary>A reader with its own buffers.</summary>
    public JsonFieldReader(DecodeLimits? limits = null)
        : this(new JsonTree(), limits ?? DecodeLimits.Default)
    {
    }

    internal JsonFieldReader(JsonTree tree, DecodeLimits limits) : base(limits) => _tree = tree;

    // The first field that nobody asked for.
    private int _extra;

    /// <summary>Reads one JSON object into a value; answers what is wrong, or <c>null</c>.</summary>
    /// <param name="json">The whole text.</param>
    /// <param name="value">Takes the fields; after a fault its content means nothing.</param>
    /// <param name="refuseExtra">True: a field that the type does not have is a fault, as commands want it.</param>
    public DecodeFault? Read(ReadOnlySpan<byte> json, IDescribed value, bool refuseExtra = false)
    {
        if (_tree.Parse(json, Limits) is { } broken) return broken;
        return ReadNode(0, "", value, refuseExtra);
    }

    internal DecodeFault? ReadNode(int node, string path, IDescribed value, bool refuseExtra)
    {
        Begin(path);
        ReadObject(node, value);
        if (Fault is null && refuseExtra && ExtraFields > 0)
            Fail(DecodeReasons.UnknownField, "", $"the field {DecodeFault.Quote(_tree.Name(_extra))}{(ExtraFields > 1 ? $" and {ExtraFields - 1} more" : "")}", "known fields only");
        return Fault;
    }

    public override string Id(int number, string name, string value, bool optional = false)
    {
        if (!Find(number, name, optional, out var node)) return "";
        if (!Is(node, name, JsonTokenType.String, DecodeReasons.BadId, "an id in quotes")) return "";
        return TakeId(node, name);
    }

    public override string Text(int number, string name, string value, bool optional = true, int lengthMax = 500)
    {
        if (JournalOnly.Is(number)) return value;
        if (!Find(number, name, optional, out var node)) return "";
        if (!Is(node, name, JsonTokenType.String, DecodeReasons.BadText, "a text in quotes")) return "";
        return Within(name, Encoding.UTF8.GetString(_tree.Value(node)), optional, lengthMax);
    }

    public override long Amount(int number, string name, long value, bool optional = false, long floor = 1)
    {
        if (!Find(number, name, optional, out var node)) return 0;
        if (Whole(node, out var amount) && amount >= floor && amount <= JsonScalars.AmountMax) return amount;
        Fail(DecodeReasons.BadAmount, name, Show(node), AmountExpected(floor));
        return 0;
    }

    public override long AmountOrNone(int number, string name, long value) =>
        Find(number, name, optional: true, out _) ? Amount(number, name, value, optional: true, floor: 0) : -1;

    public override Currency Currency(int number, string name, Currency value, bool optional = false)
    {
        if (!Find(number, name, optional, out var node)) return default;
        if (_tree[node].Kind == JsonTokenType.String && _tree[node].Length == 3
            && CurrencyCodes.TryParse(_tree.Value(node), out var currency)) return currency;
        Fail(DecodeReasons.UnknownCurrency, name, Show(node), "an alphabetic code of ISO 4217 such as EUR");
        return default;
    }

    public override long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue)
    {
        if (JournalOnly.Is(number)) return value;
        if (!Find(number, name, optional, out var node)) return 0;
        if (Whole(node, out var whole) && whole >= least && whole <= most) return whole;
        Fail(DecodeReasons.BadNumber, name, Show(node), NumberExpected(least, most));
        return 0;
    }

    public override int Date(int number, string name, int value, bool optional = false)
    {
        if (!Find(number, name, optional, out var node)) return 0;
        if (_tree[node].Kind == JsonTokenType.String && JsonScalars.TryDate(_tree.Value(node), out var day)) return day;
        Fail(DecodeReasons.BadDate, name, Show(node), "a date as yyyy-MM-dd in the years 1900 to 9998");
        return 0;
    }

    public override Instant Moment(int number, string name, Instant value, bool optional = false)
    {
        if (!Find(number, name, optional, out var node)) return default;
        if (_tree[node].Kind == JsonTokenType.String && JsonScalars.TryMoment(_tree.Value(node), out var moment)) return moment;
        Fail(DecodeReasons.BadTime, name, Show(node), "a moment of RFC 3339 with offset, such as 2026-03-01T09:30:00Z");
        return default;
    }

    public override bool Flag(int number, string name, bool value)
    {
        if (!Find(number, name, optional: true, out var node)) return false;
        if (_tree[node].Kind is JsonTokenType.True or JsonTokenType.False) return _tree[node].Kind == JsonTokenType.True;
        Fail(DecodeReasons.UnknownValue, name, Show(node), "true or false");
        return false;
    }

    protected override T ChoiceOf<T>(int number, string name, T value, bool optional = false)
    {
        if (!Find(number, name, optional, out var node)) return default;
        var kind = _tree[node].Kind;
        if (typeof(T) == typeof(YesNo))
        {
            // On the wire a plain boolean; the third member only tells "not said" from "no".
            if (kind is JsonTokenType.True or JsonTokenType.False)
                return (T)(object)(kind == JsonTokenType.True ? YesNo.Yes : YesNo.No);
            Fail(DecodeReasons.UnknownValue, name, Show(node), "true or false");
            return default;
        }

        if (kind == JsonTokenType.String && ChoiceNames<T>.TryParse(_tree.Value(node), out var choice)) return choice;
        Fail(DecodeReasons.UnknownValue, name, Show(node), ChoiceExpected<T>());
        return default;
    }

    public override FxRate Rate(int number, string name, FxRate value)
    {
        if (!Find(number, name, optional: false, out var node)) return default;
        // The literal of a number is read as text too: no rate ever passes through binary floating point.
        if (_tree[node].Kind is JsonTokenType.String or JsonTokenType.Number)
        {
            if (TryRate(Encoding.UTF8.GetString(_tree.Value(node)), out var rate)) return rate;
        }

        Fail(DecodeReasons.BadNumber, name, Show(node), RateExpected);
        return default;
    }

    protected override IReadOnlyList<T> ItemsOf<T>(int number, string name, IReadOnlyList<T> value, bool optional = true)
    {
        if (!FindList(number, name, optional, out var list)) return [];
        var items = new T[_tree[list].Children];
        var (parent, cursor, found) = (_object, _cursor, _found);
        var at = list + 1;
        for (var i = 0; i < items.Length && Fault is null; i++, at = _tree[at].Next)
        {
            Enter(name, i);
            ReadObject(at, items[i] = new T());
            Leave();
        }

        (_object, _cursor, _found) = (parent, cursor, found);
        return items;
    }

    public override IReadOnlyList<string> IdList(int number, string name, IReadOnlyList<string> value, bool optional = true)
    {
        if (!FindList(number, name, optional, out var list)) return [];
        var ids = new string[_tree[list].Children];
        var at = list + 1;
        for (var i = 0; i < ids.Length; i++, at = _tree[at].Next)
        {
            if (!Is(at, name, JsonTokenType.String, DecodeReasons.BadId, "ids in quotes")) return [];
            ids[i] = TakeId(at, name);
        }

        return ids;
    }

    protected override T? NestedOf<T>(int number, string name, T? value) where T : class
    {
        if (!Find(number, name, optional: true, out var node)) return null;
        var (parent, cursor, found) = (_object, _cursor, _found);
        var nested = new T();
        Enter(name);
        ReadObject(node, nested);
        Leave();
        (_object, _cursor, _found) = (parent, cursor, found);
        return nested;
    }

    private void ReadObject(int node, IDescribed value)
    {
        if (!Is(node, "", JsonTokenType.StartObject, DecodeReasons.BadValue, "an object")) return;
        (_object, _cursor, _found) = (node, node + 1, 0);
        value.Describe(this);
        if (Fault is not null || _found == _tree[node].Children) return;
        for (var i = node + 1; i < _tree[node].Next; i = _tree[i].Next)
            if (!_tree[i].Used && ExtraFields++ == 0) _extra = i;
    }

    /// <summary>
    /// Looks from behind the field found last, since producers mostly write fields in the described order, and then
    /// from the front.
    /// </summary>
    private bool Find(int number, string name, bool optional, out int node)
    {
        node = -1;
        if (Fault is not null || JournalOnly.Is(number)) return false;
        // Most optional fields are missing: the looks of the names say so at once.
        if ((_tree[_object].Looks & JsonTree.LookOf(name)) != 0) node = NodeOf(name);
        if (node >= 0)
        {
            ref var found = ref _tree[node];
            if (!found.Used) _found++;
            found.Used = true;
            _cursor = found.Next;
            if (found.Kind != JsonTokenType.Null) return true;
        }

        if (!optional) Fail(DecodeReasons.MissingField, name, node < 0 ? "nothing" : "null", "a value");
        return false;
    }

    private int NodeOf(string name)
    {
        var end = _tree[_object].Next;
        var start = _cursor < end ? _cursor : _object + 1;
        for (var i = start; i < end; i = _tree[i].Next)
            if (IsNamed(i, name)) return i;
        for (var i = _object + 1; i < start; i = _tree[i].Next)
            if (IsNamed(i, name)) return i;
        return -1;
    }

    private bool IsNamed(int node, string name) => _tree[node].NameLength == name.Length && System.Text.Ascii.Equals(_tree.Name(node), name);

    private bool FindList(int number, string name, bool optional, out int list)
    {
        if (!Find(number, name, optional, out list)) return false;
        if (!Is(list, name, JsonTokenType.StartArray, DecodeReasons.BadValue, "a list")) return false;
        return HasEntries(name, _tree[list].Children, optional);
    }

    private bool Is(int node, string name, JsonTokenType kind, string reason, string expected)
    {
        if (_tree[node].Kind == kind) return true;
        Fail(reason, name, Show(node), expected);
        return false;
    }

    private bool Whole(int node, out long value)
    {
        value = 0;
        return _tree[node].Kind is JsonTokenType.Number or JsonTokenType.String && JsonScalars.TryWhole(_tree.Value(node), out value);
    }

    private string TakeId(int node, string name) =>
        IdOf(_tree.Value(node)) ?? Fail(DecodeReasons.BadId, name, Show(node), IdExpected);

    private string Show(int node) => _tree[node].Kind switch
    {
        JsonTokenType.String => "the text " + DecodeFault.Quote(_tree.Value(node)),
        JsonTokenType.Number => "the number " + DecodeFault.Quote(_tree.Value(node)),
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => "null",
    };
}
