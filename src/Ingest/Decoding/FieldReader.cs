using System.Buffers;
using System.Globalization;
using System.Text;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>
/// What readers of all encodings share: the first fault with its path, and the words of what was expected. One encoding must
/// not refuse what another takes, so the rules of the values stand here once.
/// </summary>
public abstract class FieldReader : FieldVisitor
{
    private static readonly SearchValues<byte> IdBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-"u8);

    internal const string IdExpected = "1 to 64 characters of A-Z a-z 0-9 . _ : -";
    private protected const string RateExpected = "a rate above 0 with at most 6 digits before and 12 after the point";

    private readonly List<(string Name, int Index)> _path = [];

    private protected FieldReader(DecodeLimits limits) => Limits = limits;

    private protected DecodeLimits Limits { get; }

    /// <summary>What was wrong with the last value, or <c>null</c>.</summary>
    public DecodeFault? Fault { get; private protected set; }

    /// <summary>Fields of the last value that its type does not have.</summary>
    public int ExtraFields { get; private protected set; }

    /// <summary>Begins a value; <paramref name="path"/> is where it stands in the record.</summary>
    private protected void Begin(string path)
    {
        Fault = null;
        ExtraFields = 0;
        _path.Clear();
        if (path.Length > 0) _path.Add((path, -1));
    }

    private protected void Enter(string name, int index = -1) => _path.Add((name, index));

    private protected void Leave() => _path.RemoveAt(_path.Count - 1);

    private protected static string AmountExpected(long floor) =>
        string.Create(CultureInfo.InvariantCulture, $"minor units as a whole number from {floor} to {JsonScalars.AmountMax}, without point or exponent");

    private protected static string NumberExpected(long least, long most) => string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}");

    private protected static string ChoiceExpected<T>() where T : struct, Enum => "one of " + string.Join(", ", ChoiceNames<T>.All);

    /// <summary>An id out of bytes; <c>null</c> when it is none.</summary>
    private protected static string? IdOf(ReadOnlySpan<byte> bytes) => IsId(bytes) ? Encoding.Latin1.GetString(bytes) : null;

    /// <summary>True for bytes of the grammar of <see cref="Ids"/>.</summary>
    internal static bool IsId(ReadOnlySpan<byte> bytes) => bytes.Length is > 0 and <= Ids.LengthMax && !bytes.ContainsAnyExcept(IdBytes);

    /// <summary>A text within its bounds; "" after a fault.</summary>
    private protected string Within(string name, string text, bool optional, int lengthMax)
    {
        if (text.Length > lengthMax) return Fail(DecodeReasons.BadText, name, $"{text.Length} characters", $"at most {lengthMax} characters");
        if (text.Contains('\0')) return Fail(DecodeReasons.BadText, name, "a NUL character", "a text without it");
        if (!optional && text.Length == 0) return Fail(DecodeReasons.MissingField, name, "an empty text", "a text");
        return text;
    }

    /// <summary>A rate out of its decimal text.</summary>
    private protected static bool TryRate(string text, out FxRate rate)
    {
        var whole = text.IndexOf('.', StringComparison.Ordinal);
        rate = default;
        return (whole < 0 ? text.Length : whole) <= 6 && FxRate.TryParse(text, out rate) && rate.Trillionths > 0;
    }

    /// <summary>Whether a list may have so many entries.</summary>
    private protected bool HasEntries(string name, int count, bool optional)
    {
        if (count > Limits.ItemsMax) Fail(DecodeReasons.TooLarge, name, $"{count} entries", $"at most {Limits.ItemsMax} entries");
        else if (count == 0 && !optional) Fail(DecodeReasons.MissingField, name, "an empty list", "at least one entry");
        return Fault is null;
    }

    /// <summary>Keeps the first fault; returns "".</summary>
    private protected string Fail(string reason, string name, string found, string expected)
    {
        if (Fault is not null) return "";
        var path = new StringBuilder();
        foreach (var (part, index) in _path)
        {
            if (path.Length > 0) path.Append('.');
            path.Append(part);
            if (index >= 0) path.Append('[').Append(index).Append(']');
        }

        if (name.Length > 0 && path.Length > 0) path.Append('.');
        Fault = new DecodeFault(reason, path.Append(name).ToString(), found, expected);
        return "";
    }
}
