using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>One word for one thing: whoever meets a type of the domain finds it in the glossary, in both languages.</summary>
public sealed class Glossary
{
    [Fact]
    public void Every_public_type_of_the_domain_stands_in_the_glossary()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "glossary.md"));
        var missing = typeof(Fact).Assembly.GetExportedTypes().Where(t => !t.IsNested).Select(t => t.Name.Split('`')[0]).Where(name => !text.Contains($"`{name}`", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_row_of_the_glossary_has_a_chinese_word() =>
        Assert.All(File.ReadLines(Path.Combine(Repository.Root, "docs", "glossary.md")).Where(l => l.StartsWith("| ", StringComparison.Ordinal) && !l.StartsWith("| term", StringComparison.Ordinal)), line =>
            Assert.Contains(line.Split('|')[3], c => c >= '\u4e00' && c <= '\u9fff'));
}
