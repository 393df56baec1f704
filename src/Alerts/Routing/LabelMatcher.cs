using System.Text.RegularExpressions;

namespace ExposureMonitor.Alerts;

/// <summary>One condition on a label: <c>severity="HIGH"</c>, <c>desk!="CN-East"</c>, <c>alertname=~"EW-0[1-3]"</c>, <c>customer!~"X.*"</c>.</summary>
public sealed class LabelMatcher
{
    private const int ValueMax = 500;

    private readonly Regex? _pattern;
    private readonly bool _negated;

    private LabelMatcher(string name, string value, bool negated, Regex? pattern) => (Name, Value, _negated, _pattern) = (name, value, negated, pattern);

    /// <summary>Name of the label.</summary>
    public string Name { get; }

    /// <summary>The value, or the pattern that matches a whole value.</summary>
    public string Value { get; }

    /// <summary>It asks for exactly this value.</summary>
    public bool IsEqual => _pattern is null && !_negated;

    /// <summary>The label has exactly this value.</summary>
    public static LabelMatcher Equal(string name, string value) => new(name, value, negated: false, null);

    /// <summary>Reads one condition; quotes around the value may be left out.</summary>
    /// <exception cref="FormatException">It is none; the message says what was expected.</exception>
    public static LabelMatcher Parse(string text)
    {
        var trimmed = text.Trim();
        var at = trimmed.IndexOfAny(['=', '!']);
        if (at <= 0) throw new FormatException($"'{text}' is no condition such as severity=\"HIGH\".");
        var name = trimmed[..at].TrimEnd();
        var op = trimmed[at..] switch
        {
            ['!', '=', ..] => "!=",
            ['!', '~', ..] => "!~",
            ['=', '~', ..] => "=~",
            ['=', ..] => "=",
            _ => throw new FormatException($"'{text}': expected =, !=, =~ or !~ behind '{name}'."),
        };
        if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')) throw new FormatException($"'{name}' is no name of a label: letters, digits and _ only.");
        var value = trimmed[(at + op.Length)..].Trim();
        if (value is ['"', .., '"']) value = value[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
        if (value.Length > ValueMax) throw new FormatException($"A value has at most {ValueMax} characters.");
        if (op is "=" or "!=") return new LabelMatcher(name, value, op == "!=", null);
        try
        {
            // Without backtracking: a pattern that somebody wrote must not be able to stop the alerts.
            return new LabelMatcher(name, value, op == "!~", new Regex($"^(?:{value})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
        }
        catch (Exception wrong) when (wrong is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"'{value}' is no pattern: {wrong.Message}", wrong);
        }
    }

    /// <summary>Whether a set of labels meets the condition.</summary>
    public bool Matches(Labels labels)
    {
        var value = labels[Name];
        return (_pattern is null ? value == Value : _pattern.IsMatch(value)) != _negated;
    }

    /// <summary>Whether they meet all conditions; no condition is met by everything.</summary>
    public static bool All(IReadOnlyList<LabelMatcher> matchers, Labels labels)
    {
        foreach (var matcher in matchers)
            if (!matcher.Matches(labels)) return false;
        return true;
    }

    /// <summary>As it is written, with quotes.</summary>
    public override string ToString() =>
        Name + (_pattern, _negated) switch { (null, false) => "=", (null, true) => "!=", (_, false) => "=~", _ => "!~" } + '"' + Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + '"';
}
