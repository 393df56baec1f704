using System.Text;

namespace ExposureMonitor.Alerts;

/// <summary>Makes a message fit a limit: whole items only, and the number of those that are left out.</summary>
public static class Fitting
{
    /// <summary>Bytes of a text in UTF-8.</summary>
    public static int Bytes(string text) => Encoding.UTF8.GetByteCount(text);

    /// <summary>The most items with which what is made of them fits; at least one, which is never cut.</summary>
    /// <param name="size">Size of what is made of the first so many items.</param>
    public static int Most(int count, int limit, Func<int, int> size)
    {
        if (count <= 1 || size(count) <= limit) return count;
        var (fits, not) = (1, count);
        while (not - fits > 1)
        {
            var middle = fits + ((not - fits) / 2);
            if (size(middle) <= limit) fits = middle;
            else not = middle;
        }

        return fits;
    }

    /// <summary>Lines that fit, and behind them how many are left out.</summary>
    public static string Lines(IReadOnlyList<string> lines, int limit, Func<int, string> more)
    {
        var kept = Most(lines.Count, limit, k => Bytes(With(k)));
        return With(kept);

        string With(int k) => string.Join('\n', lines.Take(k)) + (k < lines.Count ? "\n" + more(lines.Count - k) : "");
    }

    /// <summary>A text of at most so many bytes; a character is never torn, and neither is a pair of surrogates.</summary>
    public static string Cut(string text, int bytesMax)
    {
        if (Bytes(text) <= bytesMax) return text;
        var (length, bytes) = (0, 3);
        foreach (var rune in text.EnumerateRunes())
        {
            if (bytes + rune.Utf8SequenceLength > bytesMax) break;
            bytes += rune.Utf8SequenceLength;
            length += rune.Utf16SequenceLength;
        }

        return text[..length] + "…";
    }
}
