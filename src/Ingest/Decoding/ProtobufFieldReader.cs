using System.Globalization;
using System.Text;
using System.Text.Unicode;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Reads the described fields of a value from a Protobuf message, by the numbers of the description. It refuses what
/// <see cref="JsonFieldReader"/> refuses, for the same reasons and with the same paths. Not safe for two threads.
/// </summary>
internal sealed class ProtobufFieldReader(DecodeLimits limits) : FieldReader(limits)
{
    private readonly List<ProtobufMessage> _levels = [new()];
    private byte[] _bytes = [];
    private int _level;

    /// <summary>Reads the message in <c>[at, end)</c> of a buffer into a value; answers what is wrong, or <c>null</c>.</summary>
    internal DecodeFault? Read(byte[] bytes, int at, int end, string path, IDescribed value)
    {
        Begin(path);
        (_bytes, _level) = (bytes, -1);
        ReadMessage(at, end, value);
        return Fault;
    }

    public override string Id(int number, string name, string value, bool optional = false)
    {
        if (!Find(number, name, optional)) return "";
        ref readonly var field = ref Message[number];
        return field.Wire == ProtobufMessage.WireBytes && IdOf(Bytes(field)) is { } id ? id : Fail(DecodeReasons.BadId, name, Show(field), IdExpected);
    }

    public override string Text(int number, string name, string value, bool optional = true, int lengthMax = 500)
    {
        if (JournalOnly.Is(number)) return value;
        if (!Find(number, name, optional)) return "";
        ref readonly var field = ref Message[number];
        if (field.Wire != ProtobufMessage.WireBytes) return Fail(DecodeReasons.BadText, name, Show(field), "a text");
        if (!Utf8.IsValid(Bytes(field))) return Fail(DecodeReasons.NotProtobuf, name, "bytes that are not UTF-8", "UTF-8");
        return Within(name, Encoding.UTF8.GetString(Bytes(field)), optional, lengthMax);
    }

    public override long Amount(int number, string name, long value, bool optional = false, long floor = 1)
    {
        if (!Find(number, name, optional)) return 0;
        ref readonly var field = ref Message[number];
        if (field.Wire == ProtobufMessage.WireVarint && Whole(field, floor) is var amount && amount >= floor && amount <= JsonScalars.AmountMax) return amount;
        Fail(DecodeReasons.BadAmount, name, Show(field, floor), AmountExpected(floor));
        return 0;
    }

    public override long AmountOrNone(int number, string name, long value) =>
        Find(number, name, optional: true) ? Amount(number, name, value, optional: true, floor: 0) : -1;

    public override Currency Currency(int number, string name, Currency value, bool optional = false)
    {
        if (!Find(number, name, optional)) return default;
        ref readonly var field = ref Message[number];
        if (field is { Wire: ProtobufMessage.WireVarint, Value: < 1_000 } && Domain.Currency.FromNumeric((int)field.Value) is { IsKnown: true } currency) return currency;
        Fail(DecodeReasons.UnknownCurrency, name, Show(field), "a numeric code of ISO 4217 such as 978");
        return default;
    }

    public override long Number(int number, string name, long value, bool optional = false, long least = 0, long most = long.MaxValue)
    {
        if (JournalOnly.Is(number)) return value;
        if (!Find(number, name, optional)) return 0;
        ref readonly var field = ref Message[number];
        if (field.Wire == ProtobufMessage.WireVarint && Whole(field, least) is var whole && whole >= least && whole <= most) return whole;
        Fail(DecodeReasons.BadNumber, name, Show(field, least), NumberExpected(least, most));
        return 0;
    }

    public override int Date(int number, string name, int value, bool optional = false)
    {
        if (!Find(number, name, optional)) return 0;
        ref readonly var field = ref Message[number];
        if (field is { Wire: ProtobufMessage.WireVarint, Value: <= 99_991_231 } && JsonScalars.TryDate((int)field.Value, out var day)) return day;
        Fail(DecodeReasons.BadDate, name, Show(field), "a date as the number yyyymmdd in the years 1900 to 9998");
        return 0;
    }

    public override Instant Moment(int number, string name, Instant value, bool optional = false)
    {
        if (!Find(number, name, optional)) return default;
        ref readonly var field = ref Message[number];
        if (field.Wire == ProtobufMessage.WireVarint && JsonScalars.TryMoment(unchecked((long)field.Value), out var moment)) return moment;
        Fail(DecodeReasons.BadTime, name, Show(field, floor: -1, zigzag: false), "microseconds since 1970 (UTC) in the years 1900 to 9998");
        return default;
    }

    public override bool Flag(int number, string name, bool value) => Find(number, name, optional: true) && Truth(number, name) == YesNo.Yes;

    protected override T ChoiceOf<T>(int number, string name, T value, bool optional = false)
    {
        if (!Find(number, name, optional)) return default;
        if (typeof(T) == typeof(YesNo)) return (T)(object)Truth(number, name);
        ref readonly var field = ref Message[number];
        if (field.Wire == ProtobufMessage.WireVarint && ChoiceNames<T>.TryNumber(field.Value, out var choice)) return choice;
        Fail(DecodeReasons.UnknownValue, name, Show(field), ChoiceExpected<T>());
        return default;
    }

    public override FxRate Rate(int number, string name, FxRate value)
    {
        if (!Find(number, name, optional: false)) return default;
        ref readonly var field = ref Message[number];
        if (field.Wire == ProtobufMessage.WireBytes && TryRate(Encoding.Latin1.GetString(Bytes(field)), out var rate)) return rate;
        Fail(DecodeReasons.BadNumber, name, Show(field), RateExpected);
        return default;
    }

    protected override IReadOnlyList<T> ItemsOf<T>(int number, string name, IReadOnlyList<T> value, bool optional = true)
    {
        if (!FindList(number, name, optional, DecodeReasons.BadValue, "an object", out var list)) return [];
        var items = new T[list.Count];
        var (message, at) = (Message, list.TagAt);
        for (var i = 0; i < items.Length && Fault is null; i++)
        {
            var field = NextOf(number, ref at, message.End);
            Enter(name, i);
            ReadMessage(field.At, field.At + field.Length, items[i] = new T());
            Leave();
        }

        return items;
    }

    public override IReadOnlyList<string> IdList(int number, string name, IReadOnlyList<string> value, bool optional = true)
    {
        if (!FindList(number, name, optional, DecodeReasons.BadId, "ids", out var list)) return [];
        var ids = new string[list.Count];
        var (message, at) = (Message, list.TagAt);
        for (var i = 0; i < ids.Length && Fault is null; i++)
        {
            var field = NextOf(number, ref at, message.End);
            ids[i] = IdOf(Bytes(field)) ?? Fail(DecodeReasons.BadId, name, Show(field), IdExpected);
        }

        return ids;
    }

    protected override T? NestedOf<T>(int number, string name, T? value) where T : class
    {
        if (!Find(number, name, optional: true)) return null;
        var field = Message[number];
        if (field.Wire != ProtobufMessage.WireBytes)
        {
            Fail(DecodeReasons.BadValue, name, Show(field), "an object");
            return null;
        }

        var nested = new T();
        Enter(name);
        ReadMessage(field.At, field.At + field.Length, nested);
        Leave();
        return nested;
    }

    private ProtobufMessage Message => _levels[_level];

    private void ReadMessage(int at, int end, IDescribed value)
    {
        // Messages of the catalogue are nested as deep as their types are, whatever the bytes say: no limit of depth is needed.
        if (++_level == _levels.Count) _levels.Add(new ProtobufMessage());
        var message = Message;
        if (message.Scan(_bytes, at, end) is { } broken) Fail(DecodeReasons.NotProtobuf, "", broken, "a message");
        else value.Describe(this);
        if (Fault is null) ExtraFields += message.Extra;
        _level--;
    }

    /// <summary>Finds a field; what nobody may say twice must stand there once.</summary>
    private bool Find(int number, string name, bool optional)
    {
        if (Fault is not null || JournalOnly.Is(number)) return false;
        var message = Message;
        if (!message.Has(number))
        {
            if (!optional) Fail(DecodeReasons.MissingField, name, "nothing", "a value");
            return false;
        }

        if (message[number].Count == 1) return true;
        Fail(DecodeReasons.DuplicateKey, name, string.Create(CultureInfo.InvariantCulture, $"field {number} {message[number].Count} times"), "each field once");
        return false;
    }

    private bool FindList(int number, string name, bool optional, string reason, string expected, out ProtobufMessage.Field list)
    {
        list = default;
        if (Fault is not null) return false;
        if (Message.Has(number)) list = Message[number];
        else if (optional) return false;
        else Fail(DecodeReasons.MissingField, name, "nothing", "at least one entry");
        if (Fault is null && list.Wire != ProtobufMessage.WireBytes) Fail(reason, name, Show(list), expected);
        return Fault is null && HasEntries(name, list.Count, optional);
    }

    /// <summary>The next field of a number from a place on; the message was found whole before.</summary>
    private ProtobufMessage.Field NextOf(int number, ref int at, int end)
    {
        while (true)
            if (ProtobufMessage.Next(_bytes, ref at, end, out var found, out var field) is { } broken) throw new InvalidDataException(broken);
            else if (found == number) return field;
    }

    private YesNo Truth(int number, string name)
    {
        ref readonly var field = ref Message[number];
        if (field is { Wire: ProtobufMessage.WireVarint, Value: <= 1 }) return field.Value == 1 ? YesNo.Yes : YesNo.No;
        Fail(DecodeReasons.UnknownValue, name, Show(field), "true or false");
        return YesNo.Unsaid;
    }

    private ReadOnlySpan<byte> Bytes(in ProtobufMessage.Field field) => _bytes.AsSpan(field.At, field.Length);

    /// <summary>A number whose range goes below zero travels as sint64, others as int64.</summary>
    internal static long Whole(in ProtobufMessage.Field field, long least) => least < 0
        ? unchecked((long)(field.Value >> 1) ^ -(long)(field.Value & 1))
        : unchecked((long)field.Value);

    private string Show(in ProtobufMessage.Field field, long floor = 0, bool zigzag = true) => field.Wire switch
    {
        ProtobufMessage.WireVarint => "the number " + (zigzag ? Whole(field, floor) : unchecked((long)field.Value)).ToString(CultureInfo.InvariantCulture),
        ProtobufMessage.WireBytes => "the bytes " + DecodeFault.Quote(Bytes(field)),
        ProtobufMessage.WireFixed32 or ProtobufMessage.WireFixed64 => "a number of fixed length",
        _ => "values of several kinds",
    };
}
