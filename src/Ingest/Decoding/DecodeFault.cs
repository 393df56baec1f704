using System.Globalization;
using System.Text;

namespace ExposureMonitor.Ingest;

/// <summary>Reason codes of records that cannot be read. They are part of the contract: dead letters carry them.</summary>
public static class DecodeReasons
{
    /// <summary>The record has no body, or <c>data</c> is null: a tombstone says nothing about money.</summary>
    public const string NullBody = "NULL_BODY";

    /// <summary>Larger than a record, a list or a text may be.</summary>
    public const string TooLarge = "TOO_LARGE";

    /// <summary>Not JSON, or not UTF-8; nor Protobuf, which begins with the byte 08.</summary>
    public const string NotJson = "NOT_JSON";

    /// <summary>Begins as Protobuf, and is cut, has a number of more than 64 bits or a wire type that nobody uses, or a text that is not UTF-8.</summary>
    public const string NotProtobuf = "NOT_PROTOBUF";

    /// <summary>Nested deeper than 32 levels.</summary>
    public const string TooDeep = "TOO_DEEP";

    /// <summary>A name stands twice in one object, or a field twice in one message: readers disagree about which one counts.</summary>
    public const string DuplicateKey = "DUPLICATE_KEY";

    /// <summary>The CloudEvents attributes are missing or wrong.</summary>
    public const string BadEnvelope = "BAD_ENVELOPE";

    /// <summary>No id of a customer in <c>subject</c>.</summary>
    public const string NoSubject = "NO_SUBJECT";

    /// <summary>No event type of this name.</summary>
    public const string UnknownType = "UNKNOWN_TYPE";

    /// <summary>No currency of ISO 4217.</summary>
    public const string UnknownCurrency = "UNKNOWN_CURRENCY";

    /// <summary>None of the values of an enumeration, or neither true nor false.</summary>
    public const string UnknownValue = "UNKNOWN_VALUE";

    /// <summary>A required field is missing.</summary>
    public const string MissingField = "MISSING_FIELD";

    /// <summary>Not a whole number of minor units in the range that is allowed.</summary>
    public const string BadAmount = "BAD_AMOUNT";

    /// <summary>Not a whole number or rate in the range that is allowed.</summary>
    public const string BadNumber = "BAD_NUMBER";

    /// <summary>Not a date, or outside the years 1900 to 9998.</summary>
    public const string BadDate = "BAD_DATE";

    /// <summary>Not a moment (JSON: of RFC 3339 with its offset), or outside the years 1900 to 9998.</summary>
    public const string BadTime = "BAD_TIME";

    /// <summary>Not an id of the grammar <c>[A-Za-z0-9._:-]{1,64}</c>.</summary>
    public const string BadId = "BAD_ID";

    /// <summary>Not a text, too long, or with a character that no text may have.</summary>
    public const string BadText = "BAD_TEXT";

    /// <summary>Another kind of value than the field has.</summary>
    public const string BadValue = "BAD_VALUE";

    /// <summary>The record's key is not its customer, or it stands in another partition than its customer's.</summary>
    public const string KeyMismatch = "KEY_MISMATCH";

    /// <summary>The process ended twice while exactly this record was tried.</summary>
    public const string Quarantined = "QUARANTINED";

    /// <summary>What concerns everybody stands in a topic keyed by customer, or the other way round.</summary>
    public const string WrongTopic = "WRONG_TOPIC";

    /// <summary>A field that the type does not have; only where extra fields are refused.</summary>
    public const string UnknownField = "UNKNOWN_MEMBER";
}

/// <summary>Why a record could not be read: what was found, where, and what was expected.</summary>
/// <param name="Reason">One of <see cref="DecodeReasons"/>.</param>
/// <param name="Path">Where in the record, such as <c>data.links[2].amount</c>; "" for the whole record.</param>
/// <param name="Found">What stands there, cut and made harmless for logs.</param>
/// <param name="Expected">What should stand there.</param>
public sealed record DecodeFault(string Reason, string Path, string Found, string Expected)
{
    /// <summary>One sentence with all of it.</summary>
    public string Detail => string.Concat(Path.Length == 0 ? "$" : "$." + Path, ": found ", Found, ", expected ", Expected);

    /// <inheritdoc/>
    public override string ToString() => $"{Reason} {Detail}";

    /// <summary>
    /// A foreign text for a message: cut, in quotes, all but printable ASCII escaped, so that it can forge no log line
    /// and turn no text around.
    /// </summary>
    public static string Quote(string foreign, int lengthMax = 80) => "'" + Plain(foreign, lengthMax) + "'";

    /// <summary>The same without quotes.</summary>
    internal static string Plain(string foreign, int lengthMax)
    {
        var text = new StringBuilder(Math.Min(foreign.Length, lengthMax) + 8);
        foreach (var c in foreign.AsSpan(0, Math.Min(foreign.Length, lengthMax)))
        {
            if (c is >= ' ' and <= '~') text.Append(c);
            else text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }

        return text.Append(foreign.Length > lengthMax ? "…" : "").ToString();
    }

    internal static string Quote(ReadOnlySpan<byte> foreign) =>
        Quote(Encoding.UTF8.GetString(foreign[..Math.Min(foreign.Length, 256)]));
}

/// <summary>How much of a record is read before it is refused.</summary>
/// <param name="BytesMax">Bytes of one record.</param>
/// <param name="DepthMax">Levels of nesting.</param>
/// <param name="ItemsMax">Entries of one list.</param>
public sealed record DecodeLimits(int BytesMax = EventDecoder.RecordMax, int DepthMax = 32, int ItemsMax = 10_000)
{
    /// <summary>The limits of the product.</summary>
    public static DecodeLimits Default { get; } = new();
}
