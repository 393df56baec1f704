using System.Globalization;
using System.Text;
using Xunit;

namespace ExposureMonitor.Domain.Tests.Laws;

/// <summary>Counts of the situations that a law must have met; a law that never met one proved nothing about it.</summary>
internal sealed class Met
{
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);

    internal void Note(string situation, bool happened = true)
    {
        if (happened) _counts[situation] = _counts.GetValueOrDefault(situation) + 1;
    }

    internal void AtLeast(int least, params string[] situations)
    {
        foreach (var situation in situations)
            Assert.True(_counts.GetValueOrDefault(situation) >= least, $"'{situation}' was met {_counts.GetValueOrDefault(situation)} times, not {least}:\n{this}");
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (situation, count) in _counts) text.Append(CultureInfo.InvariantCulture, $"{situation,-40}{count,8}\n");
        return text.ToString();
    }
}
