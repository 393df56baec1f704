using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ExposureMonitor.Alerts;

/// <summary>Something about a file of channels that has to be put right, or should be.</summary>
/// <param name="Line">From 1; 0 when it is about the file.</param>
/// <param name="Key">Such as <c>channels.desk.url</c>.</param>
public sealed record ConfigurationFault(int Line, string Key, string Text, bool IsWarning = false)
{
    public override string ToString() => $"{(Line > 0 ? $"line {Line}: " : "")}{(Key.Length > 0 ? Key + ": " : "")}{Text}";
}

/// <summary>A mapping of the file that is read key by key; a key that nobody asked for is a fault, since a misspelt one would be silent.</summary>
internal sealed class YamlSection(YamlMappingNode node, string path, List<ConfigurationFault> faults)
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    internal string Path => path;

    internal int Line => (int)node.Start.Line;

    internal bool Has(string key) => Find(key) is not null;

    internal IEnumerable<string> Keys => node.Children.Keys.OfType<YamlScalarNode>().Select(k => k.Value ?? "");

    internal string? Text(string key, bool required = false)
    {
        switch (Find(key))
        {
            case null:
                if (required) Fault(key, "is missing");
                return null;
            case YamlScalarNode { Value: { } value } when value.Length > 0 || !required:
                return value;
            case YamlScalarNode:
                Fault(key, "is empty");
                return null;
            default:
                Fault(key, "expected one text");
                return null;
        }
    }

    internal bool Flag(string key, bool otherwise) => Text(key) switch
    {
        null => otherwise,
        "true" or "yes" => true,
        "false" or "no" => false,
        var other => Fault(key, $"'{other}': expected true or false", otherwise),
    };

    internal int Number(string key, int otherwise, int least, int most)
    {
        if (Text(key) is not { } text) return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : Fault(key, $"'{text}': expected a whole number from {least} to {most}", otherwise);
    }

    internal TimeSpan Span(string key, TimeSpan otherwise) => Text(key) is not { } text ? otherwise : Spans.TryParse(text, out var span) ? span : Fault(key, $"'{text}': expected a span such as 30s, 5m, 4h or 1d", otherwise);

    internal T Choice<T>(string key, T otherwise, bool required, params (string Name, T Value)[] choices)
    {
        if (Text(key, required) is not { } text) return otherwise;
        foreach (var (name, value) in choices)
            if (name == text) return value;
        return Fault(key, $"'{text}': expected {string.Join(", ", choices.Select(c => c.Name))}", otherwise);
    }

    /// <summary>A list of texts; one text alone is a list of one.</summary>
    internal IReadOnlyList<string> Texts(string key, IReadOnlyList<string> otherwise)
    {
        switch (Find(key))
        {
            case null: return otherwise;
            case YamlScalarNode { Value: { Length: > 0 } one }: return [one];
            case YamlScalarNode: return [];
            case YamlSequenceNode list when list.Children.All(c => c is YamlScalarNode): return [.. list.Children.Select(c => ((YamlScalarNode)c).Value ?? "")];
            default: return Fault(key, "expected a list of texts", otherwise);
        }
    }

    internal YamlSection? Section(string key) => Find(key) switch
    {
        null => null,
        YamlMappingNode mapping => new YamlSection(mapping, Below(key), faults),
        _ => Fault<YamlSection?>(key, "expected keys below it", null),
    };

    internal IReadOnlyList<YamlSection> Sections(string key)
    {
        switch (Find(key))
        {
            case null: return [];
            case YamlSequenceNode list when list.Children.All(c => c is YamlMappingNode): return [.. list.Children.Select((c, i) => new YamlSection((YamlMappingNode)c, $"{Below(key)}[{i}]", faults))];
            default: return Fault<IReadOnlyList<YamlSection>>(key, "expected a list of sections", []);
        }
    }

    internal void Fault(string key, string text) => faults.Add(new ConfigurationFault((int)(Find(key)?.Start.Line ?? node.Start.Line), Below(key), text));

    internal T Fault<T>(string key, string text, T otherwise)
    {
        Fault(key, text);
        return otherwise;
    }

    internal void Warn(string key, string text) => faults.Add(new ConfigurationFault((int)(Find(key)?.Start.Line ?? node.Start.Line), Below(key), text, IsWarning: true));

    /// <summary>Everything was asked for: what is left is misspelt.</summary>
    internal void End()
    {
        foreach (var (key, value) in node.Children)
            if (key is YamlScalarNode { Value: { } name } && !_asked.Contains(name))
                faults.Add(new ConfigurationFault((int)key.Start.Line, Below(name), $"is unknown here; expected {string.Join(", ", _asked.Order(StringComparer.Ordinal))}"));
    }

    private string Below(string key) => path.Length == 0 ? key : key.Length == 0 ? path : $"{path}.{key}";

    private YamlNode? Find(string key)
    {
        _asked.Add(key);
        return node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;
    }

    /// <summary>The first document of a text; <c>null</c> with a fault when it is none.</summary>
    internal static YamlSection? Of(string text, List<ConfigurationFault> faults)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents is [{ RootNode: YamlMappingNode root }]) return new YamlSection(root, "", faults);
            faults.Add(new ConfigurationFault(0, "", "expected one document with keys such as channels and route"));
        }
        catch (YamlException wrong)
        {
            faults.Add(new ConfigurationFault((int)wrong.Start.Line, "", wrong.InnerException?.Message ?? wrong.Message));
        }

        return null;
    }
}

/// <summary>Spans as people write them.</summary>
internal static class Spans
{
    internal static bool TryParse(string text, out TimeSpan span)
    {
        span = default;
        var unit = text.EndsWith("ms", StringComparison.Ordinal) ? "ms" : text.Length > 0 ? text[^1..] : "";
        long ticks = unit switch { "ms" => TimeSpan.TicksPerMillisecond, "s" => TimeSpan.TicksPerSecond, "m" => TimeSpan.TicksPerMinute, "h" => TimeSpan.TicksPerHour, "d" => TimeSpan.TicksPerDay, _ => 0 };
        if (ticks == 0 || !int.TryParse(text[..^unit.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 1_000_000) return false;
        span = TimeSpan.FromTicks(ticks * number);
        return true;
    }
}
