using ExposureMonitor.Alerts;
using ExposureMonitor.Alerts.Tests;
using Xunit;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>Whoever has nothing but the README sets up a channel, and is told what is wrong on the way.</summary>
public sealed class FirstChannel
{
    private const string Variable = "SLACK_URL";

    [Fact]
    public async Task Readme_alone_leads_to_a_message_in_the_channel()
    {
        using var work = new Workplace();
        await using var slack = await VendorServer.StartAsync(ChannelKind.Slack);
        var told = await ReadmeAsync();
        var (yaml, loopback) = (Between(told, "<<'Y'\n", "\nY\n"), Between(told, "```\n  desk: {", "\n```"));
        var file = Path.Combine(work.Folder, "channels.yaml");
        await File.WriteAllTextAsync(file, yaml);

        // Forgotten to export it, then an address of the house where Slack's is expected.
        Environment.SetEnvironmentVariable(Variable, null);
        Assert.Equal((1, $"wrong: line 2: channels.desk.url: the environment variable {Variable} is not set"), LastLine(await TellAsync(work, "check")));
        Environment.SetEnvironmentVariable(Variable, slack.Url);
        Assert.Contains("wrong: line 2: channels.desk.url: http: expected https (http only with allow_http: true)", (await TellAsync(work, "check")).Output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, "channels:\n  desk: {" + loopback + "\n");
        Assert.Equal((0, "The file is right."), LastLine(await TellAsync(work, "check")));
        Assert.Contains("[HIGH]", (await TellAsync(work, "preview", "desk")).Output, StringComparison.Ordinal);
        Assert.Empty(slack.Shown);
        var (code, output, errors) = await TellAsync(work, "test", "desk");
        Assert.True(code == 0 && output.StartsWith("Delivered: 200 ok", StringComparison.Ordinal), output + errors);
        Assert.Single(slack.Shown);
        Assert.DoesNotContain(new Uri(slack.Url).AbsolutePath, output + errors, StringComparison.Ordinal);
        Environment.SetEnvironmentVariable(Variable, null);
    }

    [Theory]
    [InlineData("channels:\n  desk: { type: slack, url: 'https://hooks.slack.com/services/x' }\n", "There is no channel 'dsk'; expected desk.")]
    [InlineData("channels:\n  dsk: { type: slack, url: 'https://hooks.slack.com/services/x', enabled: false }\n", "Channel 'dsk' is switched off (enabled: false).")]
    [InlineData("channels:\n  dsk: { type: slack, url: '${stored}' }\n", "Channel 'dsk' waits for a credential that is set over the API (POST /channels/dsk/credentials)")]
    [InlineData("channels: {}\n", "There is no channel 'dsk', and no other one that is switched on.")]
    [InlineData("channels:\n  dsk: { type: slak, url: 'https://hooks.slack.com/services/x' }\n", "channels.yaml: line 2: channels.dsk.type: 'slak'")]
    public async Task What_cannot_be_tested_says_why(string yaml, string why)
    {
        using var work = new Workplace();
        await File.WriteAllTextAsync(Path.Combine(work.Folder, "channels.yaml"), yaml);
        var (code, _, errors) = await TellAsync(work, "test", "dsk");
        Assert.Equal(1, code);
        Assert.Contains(why, errors, StringComparison.Ordinal);
    }

    /// <summary>Who tries the demo with a channel of his own is not told of a trade history that was made up a moment ago, and of everything that comes behind it.</summary>
    [Fact]
    public async Task History_of_the_demo_is_no_news()
    {
        using var work = new Workplace();
        await using var slack = await VendorServer.StartAsync(ChannelKind.Slack);
        var file = Path.Combine(work.Folder, "channels.yaml");
        await File.WriteAllTextAsync(file, $"channels:\n  desk: {{ type: slack, url: '{slack.Url}', allow_http: true, allow_networks: [127.0.0.0/8] }}\nroute: {{ to: [desk], group_wait: 0s }}\n");
        var (service, url, keys) = await ExposureProcess.ServeAsync(work.Folder, work.Database, "--demo", "--channels", file);
        using (service)
        {
            using var http = new HttpClient { BaseAddress = url };
            http.DefaultRequestHeaders.Add("X-Api-Key", keys["analyst"]);
            using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            // What was raised by the history stands on the page of alerts, and what the book does from then on is told.
            while (await CountAsync(http, "alerts?limit=200", "alerts") < 100 || slack.Shown.Count == 0) await often.WaitForNextTickAsync();
            Assert.InRange(await CountAsync(http, "deliveries?limit=200", "deliveries"), 1, 60);
        }

        static async Task<int> CountAsync(HttpClient http, string what, string list)
        {
            using var told = System.Text.Json.JsonDocument.Parse(await http.GetStringAsync(new Uri(what, UriKind.Relative)));
            return told.RootElement.GetProperty(list).GetArrayLength();
        }
    }

    [Fact]
    public async Task Command_line_tells_what_people_thought_of_alerts()
    {
        using var work = new Workplace();
        var (service, url, keys) = await ExposureProcess.ServeAsync(work.Folder, work.Database);
        using (service)
        {
            Environment.SetEnvironmentVariable("NOISE_KEY", keys["analyst"]);
            var (code, output, errors) = await TellAsync(work, "noise", "--url", url.GetLeftPart(UriPartial.Authority), "--key-env", "NOISE_KEY");
            Assert.True(code == 0, errors);
            Assert.EndsWith("No other threshold is proposed.\n", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
            Assert.Contains("BAD_FROM", (await TellAsync(work, "noise", "--url", url.GetLeftPart(UriPartial.Authority), "--key-env", "NOISE_KEY", "--from", "monday")).Errors, StringComparison.Ordinal);
        }
    }

    private static Task<(int Code, string Output, string Errors)> TellAsync(Workplace work, params string[] arguments) => ExposureProcess.TellAsync(work.Folder, ["channels", .. arguments]);

    private static (int Code, string Line) LastLine((int Code, string Output, string Errors) told) => (told.Code, told.Output.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n')[^1]);

    private static string Between(string text, string from, string to)
    {
        var begin = text.IndexOf(from, StringComparison.Ordinal);
        Assert.True(begin >= 0, $"The README has no '{from}'.");
        begin += from.Length;
        return text[begin..text.IndexOf(to, begin, StringComparison.Ordinal)];
    }

    private static async Task<string> ReadmeAsync()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "ExposureMonitor.sln"))) folder = folder.Parent;
        return (await File.ReadAllTextAsync(Path.Combine(folder.FullName, "README.md"))).ReplaceLineEndings("\n");
    }
}
