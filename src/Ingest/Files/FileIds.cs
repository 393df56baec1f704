using System.Globalization;
using System.Text;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Ids of a file in the grammar of <see cref="Ids"/>: "Customer 7" becomes "Customer_7". Two texts never share an id;
/// the second one gets a hash of its text behind it. Texts that are ids already, as most are, are not kept: of those
/// that could be taken for a cleaned text, the ones with a <c>_</c>, only their hashes stay.
/// </summary>
internal sealed class FileIds
{
    private readonly HashSet<ulong> _plain = [];
    private readonly Dictionary<string, string> _idByText = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _textById = new(StringComparer.Ordinal);

    /// <summary>The id of a text; "" for none.</summary>
    internal string Of(string text)
    {
        if (text.Length == 0) return "";
        if (_idByText.TryGetValue(text, out var known)) return known;
        if (Ids.IsValid(text) && text.Length <= Ids.LengthMax && !_textById.ContainsKey(text))
        {
            if (text.Contains('_', StringComparison.Ordinal)) _plain.Add(Hashing.Text(text, 0));
            return text;
        }

        var id = Ids.IsValid(text) ? text : Clean(text);
        if (id.Length > Ids.LengthMax || _plain.Contains(Hashing.Text(id, 0)) || (_textById.TryGetValue(id, out var other) && other != text)) id = WithHash(id, text);
        _idByText[text] = id;
        _textById[id] = text;
        return id;
    }

    /// <summary>The id of something that follows from a document, such as its payment.</summary>
    internal static string Derived(string kind, string id)
    {
        var derived = kind + "-" + id;
        return derived.Length <= Ids.LengthMax ? derived : WithHash(derived, id);
    }

    private static string Clean(string text)
    {
        var id = new StringBuilder(text.Length);
        foreach (var c in text) id.Append(char.IsAsciiLetterOrDigit(c) || c is '.' or ':' or '-' ? c : '_');
        return id.ToString();
    }

    private static string WithHash(string id, string text)
    {
        var hash = Hashing.Text(text, 0).ToString("x16", CultureInfo.InvariantCulture);
        return id[..Math.Min(id.Length, Ids.LengthMax - hash.Length - 1)] + "." + hash;
    }
}
