using System.Text.RegularExpressions;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>Everything that the machine says would clear a signal has Chinese words, and every indicator a title in both languages.</summary>
public sealed partial class ClearTexts
{
    private static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder!.FullName, "ExposureMonitor.sln"))) folder = folder.Parent;
            return folder.FullName;
        }
    }

    /// <summary>The last text of a judgement, and those of the dated indicators.</summary>
    [GeneratedRegex("""(?:(?:Judge|Tell|JudgeCount)\("(?:EW|CN|OVER)|Judge(?:Count)?\([A-Z]|Tell\([A-Z]|Severity\.[A-Z][a-z]+\),).*"(?<text>[a-z0-9][^"]* [^"]*)"\)(?:;|,)""")]
    private static partial Regex Said();

    [Fact]
    public void Whatever_clears_a_signal_is_said_in_chinese_too()
    {
        var said = Directory.EnumerateFiles(Path.Combine(Root, "src", "Domain"), "*.cs", SearchOption.AllDirectories).SelectMany(File.ReadLines)
            .Select(line => Said().Match(line)).Where(m => m.Success).Select(m => m.Groups["text"].Value).ToHashSet(StringComparer.Ordinal);
        Assert.True(said.Count > 35, $"{said.Count} texts found");
        Assert.All(said, text => Assert.NotEqual(text, ClearWords.InChinese(text)));
        Assert.All(ClearWords.Known, text => Assert.Matches("[\\u4e00-\\u9fff]", ClearWords.InChinese(text)));
    }

    [Fact]
    public void Chinese_words_belong_to_something_that_the_machine_says()
    {
        var source = string.Concat(Directory.EnumerateFiles(Path.Combine(Root, "src", "Domain"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        Assert.All(ClearWords.Known, text => Assert.Contains($"\"{text}\"", source, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_indicator_has_a_title_in_both_languages_and_a_name_in_the_console()
    {
        var (english, chinese) = (File.ReadAllText(Path.Combine(Root, "src", "Console", "src", "words", "en.ts")), File.ReadAllText(Path.Combine(Root, "src", "Console", "src", "words", "zh.ts")));
        foreach (var indicator in Enumerable.Range(1, 42).Select(n => $"EW-{n:00}"))
        {
            var alert = new Alert { Id = indicator, Rule = indicator, Severity = Severity.High };
            Assert.DoesNotContain(indicator, new Words(Language.English).Title(alert), StringComparison.Ordinal);
            Assert.Matches("[\\u4e00-\\u9fff]", new Words(Language.Chinese).Title(alert));
            Assert.Matches($"\"{indicator}\": \"[A-Z]", english);
            Assert.Matches($"\"{indicator}\": \"[A-Za-z ]*[\\u4e00-\\u9fff]", chinese);
        }
    }
}
