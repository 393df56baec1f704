using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>The smallest form, what is merged by customer, the limits that a file sets, and tests that keep to the vendor's rates.</summary>
public sealed class Fits
{
    public static IEnumerable<object[]> Chats => Enum.GetValues<ChannelKind>().Where(k => k is not (ChannelKind.Webhook or ChannelKind.Email)).SelectMany(k => Enum.GetValues<Language>().Select(l => (object[])[k, l]));

    /// <summary>A vendor that takes less than is known gets the worst of a group, how many are left out, and the link to the rest.</summary>
    [Theory]
    [MemberData(nameof(Chats))]
    public void Smallest_form_of_a_group_has_its_first_line_its_worst_alert_and_the_number_of_the_others(ChannelKind kind, Language language)
    {
        var message = Samples.Message(30, MessageShape.Group);
        var (whole, least) = (Body(kind, language, message), Body(kind, language, message with { Minimal = true }));
        Assert.True(least.Length * 2 < whole.Length, $"{least.Length} of {whole.Length} bytes");
        var texts = Samples.Texts(JsonDocument.Parse(least).RootElement);
        Assert.Contains(language == Language.Chinese ? "30 个客户 30 条预警" : "30 alerts at 30 customers", texts, StringComparison.Ordinal);
        Assert.Contains("C-1", texts.Replace("\\", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains(language == Language.Chinese ? "另有 29 条" : "and 29 more", texts, StringComparison.Ordinal);
        Assert.Contains("https://e.example/alerts", least, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Chats))]
    public void What_is_merged_has_a_line_for_each_customer_with_the_worst_of_his(ChannelKind kind, Language language)
    {
        var message = Samples.Message(3);
        var more = message.Items[1];
        message = message with { Items = [.. message.Items, .. Enumerable.Range(1, 4).Select(n => more with { Row = more.Row with { Alert = $"C-2/EW-05//{n}/1" }, Alert = more.Alert with { Id = $"C-2/EW-05//{n}/1", Rule = "EW-05", Value = 20 + n } })] };
        var texts = Samples.Texts(JsonDocument.Parse(Body(kind, language, message)).RootElement).Replace("\\", "", StringComparison.Ordinal);
        Assert.Contains(language == Language.Chinese ? "3 个客户 7 条预警" : "7 alerts at 3 customers", texts, StringComparison.Ordinal);
        Assert.Contains(language == Language.Chinese ? "（该客户另有 4 条）" : "(and 4 more of this customer)", texts, StringComparison.Ordinal);
        Assert.DoesNotContain(language == Language.Chinese ? "逾期 21 天" : "21 days past due", texts, StringComparison.Ordinal);
        // A group of its own tells each thing.
        texts = Samples.Texts(JsonDocument.Parse(Body(kind, language, message with { Shape = MessageShape.Group })).RootElement);
        Assert.Contains(language == Language.Chinese ? "逾期 21 天" : "21 days past due", texts, StringComparison.Ordinal);
    }

    /// <summary>Whatever is cut, what is said to be left out and what is shown add up.</summary>
    [Theory]
    [MemberData(nameof(Chats))]
    public void Alerts_that_are_shown_and_those_that_are_counted_are_all(ChannelKind kind, Language language)
    {
        var message = Samples.Message(900);
        var second = message.Items.Select(i => i with { Row = i.Row with { Transition = "escalated" } });
        message = message with { Items = [.. message.Items, .. second] };
        var texts = Samples.Texts(JsonDocument.Parse(Body(kind, language, message)).RootElement);
        var shown = texts.Split('\n').Count(l => l.Contains(language == Language.Chinese ? "超额，使用率 104%" : "over limit 104 %", StringComparison.Ordinal));
        var left = int.Parse(System.Text.RegularExpressions.Regex.Match(texts, language == Language.Chinese ? "\n另有 ([0-9]+) 条" : "\nand ([0-9]+) more").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(1_800, (2 * shown) + left);
    }

    [Fact]
    public void Limits_of_Slack_are_those_of_the_file()
    {
        var file = ChannelsFile.Read("""
            channels:
              desk: { type: slack, url: "https://hooks.slack.com/services/a", bytes: 40000, limits: { text: 200, header: 30, section: 600, blocks: 12 } }
              other: { type: teams, url: "https://x.logic.azure.com/a", limits: { text: 200 } }
            """, new ProcessSecrets());
        Assert.Equal("channels.other.limits", Assert.Single(file.Faults).Key);
        using var json = JsonDocument.Parse(Vendors.Of(file.Channels.Single(c => c.Name == "desk")).Draft(Samples.Message(500), new Instant(1)).Body);
        Assert.InRange(json.RootElement.GetProperty("text").GetString()!.Length, 1, 200);
        var blocks = json.RootElement.GetProperty("blocks").EnumerateArray().ToList();
        Assert.InRange(blocks.Count, 2, 12);
        foreach (var block in blocks.Where(b => b.TryGetProperty("text", out _)))
            Assert.InRange(block.GetProperty("text").GetProperty("text").GetString()!.Length, 1, block.GetProperty("type").GetString() == "header" ? 30 : 600);
    }

    [Fact]
    public void Request_beside_the_messages_keeps_to_the_rate_and_is_counted_with_them()
    {
        var story = new Story(new RoutePlan { Name = "desk", To = ["chat"], GroupWait = TimeSpan.Zero }, new ChannelRules { Rates = [new Rate(1, TimeSpan.FromSeconds(2))] });
        story.Raise("C-1");
        // One has just left: the next may in two seconds, whoever sends it.
        Assert.Equal(story.Now.Plus(TimeSpan.FromSeconds(2)), story.Request());
        story.Pass(TimeSpan.FromSeconds(2));
        Assert.Null(story.Request());
        story.Raise("C-2");
        story.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(["0s HIGH C-1 EW-05/1 raised", "4s HIGH C-2 EW-05/1 raised"], story.Log);
    }

    [Fact]
    public async Task Test_of_a_channel_is_refused_while_its_vendor_rests()
    {
        await using var server = await VendorServer.StartAsync(ChannelKind.DingTalk);
        await using var desk = await Desk.StartAsync(Plans.Of(TimeProvider.System, TimeSpan.Zero, Plans.Channel("c", server, ChannelKind.DingTalk, Language.English)));
        var channel = desk.House.Channels["c"];
        Assert.Equal(AnswerKind.Delivered, (await channel.TestAsync(Specimen.Test("c", new Instant(1)), CancellationToken.None)).Kind);
        server.Replies.Enqueue(new Reply(200, """{"errcode":130101,"errmsg":"send too fast"}"""));
        await desk.RaiseAsync("C-2");
        await desk.WaitAsync(_ => channel.Memory.RestUntil > 0);
        var refused = await channel.TestAsync(Specimen.Test("c", new Instant(2)), CancellationToken.None);
        Assert.Equal((AnswerKind.Slower, true), (refused.Kind, refused.Wait > TimeSpan.FromMinutes(1)));
        Assert.Equal(2, server.Received.Count);
    }

    private static string Body(ChannelKind kind, Language language, OutMessage message) => Encoding.UTF8.GetString(Vendors.Of(new ChannelSettings
    {
        Name = "c", Kind = kind, Language = language, Url = "https://host.example/x", BytesMax = VendorDefaults.BytesOf(kind), Links = new ConsoleLinks(new Uri("https://e.example")),
    }).Draft(message, new Instant(1)).Body);
}
