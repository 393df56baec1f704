using System.Text.Json;
using System.Text.RegularExpressions;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>What goes again, because nobody knows whether it arrived, says the same things under the same id, whoever sends it.</summary>
public sealed class Repetitions
{
    public static IEnumerable<object[]> Channels => Enum.GetValues<ChannelKind>().Where(k => k != ChannelKind.Email).SelectMany(k => Enum.GetValues<Language>().Select(l => (object[])[k, l]));

    /// <summary>Around the bytes at which one more line would fit: the mark of the repetition pushes none out.</summary>
    [Theory]
    [MemberData(nameof(Channels))]
    public void A_repetition_leaves_out_as_many_as_the_first_attempt(ChannelKind kind, Language language)
    {
        var message = Samples.Message(60);
        var (counts, bytes) = (new HashSet<int>(), kind == ChannelKind.Webhook ? 18_000 : 3_400);
        for (var most = bytes; most < bytes + (kind == ChannelKind.Webhook ? 1_200 : 600); most += 13)
        {
            var (first, again) = (Draft(kind, language, message, most), Draft(kind, language, message with { IsRepeat = true }, most));
            // WeCom limits the content, the others the body.
            if (kind != ChannelKind.WeCom) Assert.InRange(again.Length, 1, most);
            Assert.Equal(Left(kind, language, first), Left(kind, language, again));
            counts.Add(Left(kind, language, first));
        }

        Assert.True(counts.Count > 1 && !counts.Contains(0), $"it was cut at {string.Join(", ", counts)}");
    }

    /// <summary>After a kill nobody knows any more what stood beside the alerts, nor why they went together.</summary>
    [Fact]
    public void Webhook_of_another_process_carries_the_same_alerts()
    {
        var first = Samples.Message(900, MessageShape.Cause) with { GroupKey = new string('g', 300), Standing = [.. Enumerable.Range(1_000, 500).Select(i => Samples.Alert($"C-{i}"))] };
        var again = first with { GroupKey = "", Shape = MessageShape.Overflow, Standing = [], IsRepeat = true };
        for (var most = 60_000; most < 62_000; most += 97)
        {
            var (told, repeated) = (Draft(ChannelKind.Webhook, Language.English, first, most), Draft(ChannelKind.Webhook, Language.English, again, most));
            Assert.InRange(told.Length, most / 2, most);
            Assert.Equal(Carried(told), Carried(repeated));
        }
    }

    [Fact]
    public void What_was_raised_is_told_with_the_figures_of_then_after_its_end()
    {
        var raised = Samples.Alert("C-1") with { Was = 9_800, OnHold = ["O-1"], Cause = "e-1", Entry = "3-17-0", RaisedValue = 10_400 };
        var end = new Alert { Id = raised.Id, Rule = raised.Rule, State = AlertState.Resolved, ChangedAt = raised.ChangedAt.Plus(TimeSpan.FromHours(2)), Exposure = 40_000_000, Limit = 100_000_000, Currency = "CNY", Value = 4_000, Clears = "", Entry = "3-99-0", Actor = "li.wei" };
        var ended = Stored(raised.Ended(end));
        Assert.Equal((40_000_000L, 4_000L, AlertState.Resolved, "3-99-0", 9_800L), (ended.Exposure, ended.Value, ended.State, ended.Entry, ended.AtRaising!.Was));
        Assert.Equal(AlertJson.RowOf(raised, 0, default).Body.ToArray(), AlertJson.RowOf(ended.AsRaised(), 0, default).Body.ToArray());
        // A late event corrects the end: what it was raised with stays.
        var corrected = Stored(ended.Ended(end with { State = AlertState.Retracted, Value = 1 }));
        Assert.Equal(AlertJson.RowOf(raised, 0, default).Body.ToArray(), AlertJson.RowOf(corrected.AsRaised(), 0, default).Body.ToArray());

        static Alert Stored(Alert alert) => AlertJson.AlertOf(AlertJson.RowOf(alert, 0, default));
    }

    [Fact]
    public void Desk_that_was_killed_while_it_told_of_one_cause_or_a_group_tells_the_same_again()
    {
        var story = new Story(new RoutePlan { Name = "desk", To = ["chat"], GroupWait = TimeSpan.FromSeconds(30), GroupBy = ["customerGroup"] });
        for (var i = 1; i <= 7; i++) story.Raise($"C-{i}", cause: "rate-of-the-day");
        story.PassWithoutSending(TimeSpan.FromSeconds(31));
        story.KillAfterNextSend();
        Assert.Equal((MessageShape.Cause, ""), (story.Sent[0].Message.Shape, story.Sent[0].Message.GroupKey));
        Same(0);

        story.Pass(TimeSpan.FromMinutes(10));
        var before = story.Sent.Count;
        for (var i = 1; i <= 3; i++) story.Raise($"D-{i}", group: "G17");
        story.PassWithoutSending(TimeSpan.FromSeconds(31));
        story.KillAfterNextSend();
        Assert.Equal(MessageShape.Group, story.Sent[before].Message.Shape);
        Assert.NotEqual("", story.Sent[before].Message.GroupKey);
        Same(before);

        void Same(int first)
        {
            var (told, again) = (story.Sent[first].Message, story.Sent[first + 1].Message);
            Assert.True(again.IsRepeat);
            Assert.Equal((told.Id, told.Shape, told.GroupKey), (again.Id, again.Shape, again.GroupKey));
            Assert.Equal(told.Items.Select(i => i.Row.Key), again.Items.Select(i => i.Row.Key));
        }
    }

    private static byte[] Draft(ChannelKind kind, Language language, OutMessage message, int most) => Vendors.Of(new ChannelSettings
    {
        Name = "c", Kind = kind, Language = language, Url = "https://host.example/x", BytesMax = most, Links = new ConsoleLinks(new Uri("https://e.example")),
    }).Draft(message, new Instant(1)).Body;

    private static int Left(ChannelKind kind, Language language, byte[] body)
    {
        using var json = JsonDocument.Parse(body);
        if (kind == ChannelKind.Webhook) return json.RootElement.GetProperty("truncatedAlerts").GetInt32();
        var told = Regex.Match(Samples.Texts(json.RootElement), language == Language.Chinese ? "另有 ([0-9]+) 条(?!此前)" : "and ([0-9]+) more");
        return told.Success ? int.Parse(told.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) : 0;
    }

    private static List<string> Carried(byte[] body)
    {
        using var json = JsonDocument.Parse(body);
        return [.. json.RootElement.GetProperty("alerts").EnumerateArray().Select(a => a.GetProperty("annotations")).Where(a => a.TryGetProperty("transition", out _)).Select(a => a.GetProperty("signalId").GetString()!)];
    }
}
