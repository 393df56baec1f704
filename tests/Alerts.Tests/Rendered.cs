using System.Text;
using System.Text.Json;
using System.Text.Encodings.Web;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>The messages in the documents are those that are sent.</summary>
public sealed class Rendered
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEnumerable<object[]> All => Enum.GetValues<ChannelKind>().SelectMany(k => Enum.GetValues<Language>().Select(l => (object[])[k, l]));

    [Theory]
    [MemberData(nameof(All))]
    public void Message_in_the_documents_is_the_one_that_is_sent(ChannelKind kind, Language language)
    {
        var settings = new ChannelSettings
        {
            Name = "desk", Kind = kind, Language = language, BytesMax = VendorDefaults.BytesOf(kind), Links = new ConsoleLinks(new Uri("https://exposure.example/")), Mentions = ["13800000000"],
            Mail = kind == ChannelKind.Email ? new MailSettings { Host = "smtp.example", From = "Credit desk <desk@exposure.example>", To = ["controller@example.com"] } : null,
        };
        var now = Instant.From(new DateTimeOffset(2026, 3, 1, 2, 11, 9, TimeSpan.Zero));
        var text = new StringBuilder();
        foreach (var (title, message) in ((string, OutMessage)[])[("one signal", Specimen.Sample("desk", now)), ("a group of three", Specimen.Sample("desk", now, 3))])
        {
            var sent = Specimen.Rendered(settings, message, now);
            text.Append("# ").Append(title).Append("\n\n").Append(kind == ChannelKind.Email ? sent.TrimEnd() : JsonSerializer.Serialize(JsonDocument.Parse(sent), Indented)).Append("\n\n");
        }

        Compare($"{kind.ToString().ToLowerInvariant()}.{Name(language)}.txt", text.ToString());
        if (kind != ChannelKind.Email) return;
        Compare($"email.{Name(language)}.html", Specimen.RenderedHtml(settings, Specimen.Sample("desk", now), now));
        Compare($"email-group.{Name(language)}.html", Specimen.RenderedHtml(settings, Specimen.Sample("desk", now, 3), now));
    }

    [Theory]
    [InlineData(LetterKind.Dunning, Language.English)]
    [InlineData(LetterKind.Dunning, Language.Chinese)]
    [InlineData(LetterKind.Statement, Language.English)]
    [InlineData(LetterKind.Statement, Language.Chinese)]
    public void Letter_in_the_documents_is_the_one_that_is_sent(LetterKind kind, Language language)
    {
        var letter = Specimen.SampleLetter(kind, language);
        Assert.DoesNotContain("<b>&", LetterText.Of(letter, "<b>& Söhne</b>").Html, StringComparison.Ordinal);
        var text = LetterText.Of(letter, language == Language.Chinese ? "华东机电有限公司" : "Hansen & Söhne GmbH");
        var name = $"letter-{kind.ToString().ToLowerInvariant()}.{Name(language)}";
        Compare(name + ".txt", $"Subject: {text.Subject}\n\n{text.Plain.TrimEnd()}\n");
        Compare(name + ".html", text.Html);
    }

    private static string Name(Language language) => language == Language.Chinese ? "zh" : "en";

    private static void Compare(string name, string content)
    {
        var path = Path.Combine(Root, "docs", "messages", name);
        var told = content.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("UPDATE_CONTRACTS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, told);
        }

        Assert.True(File.Exists(path), $"{path} is missing: run the tests once with UPDATE_CONTRACTS=1.");
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), told);
    }

    private static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder!.FullName, "ExposureMonitor.sln"))) folder = folder.Parent;
            return folder.FullName;
        }
    }
}
