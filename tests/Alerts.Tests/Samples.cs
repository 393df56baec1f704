using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>Messages to look at.</summary>
internal static class Samples
{
    internal static OutMessage Message(int count, MessageShape shape = MessageShape.Overflow)
    {
        var plan = new RoutePlan { Name = "root", To = ["c"] };
        List<DeliveryItem> items = [.. Enumerable.Range(1, count).Select(i => new DeliveryItem(
            new DeliveryRow { Alert = $"C-{i}/EW-01//4/1", Transition = Transition.Raised, Channel = "c", Route = "root", Severity = Severity.High, State = DeliveryState.Sent, CreatedAt = new Instant(i), ChangedAt = new Instant(i) }, Alert($"C-{i}"), plan))];
        return new OutMessage { Id = OutMessage.IdOf(items), Items = items, Shape = count == 1 ? MessageShape.Single : shape, Standing = count == 1 ? [] : [Alert("C-0")] };
    }

    internal static Alert Alert(string customer) => new()
    {
        Id = $"{customer}/EW-01//4/1", Rule = "EW-01", Customer = customer, Name = "华东机电设备有限公司", Severity = Severity.High, Step = 4, Currency = "CNY", Exposure = 104_000_000, Limit = 100_000_000, Value = 10_400, Threshold = 10_000,
        PolicyVersion = 12, Clears = "utilisation at or below the step less the re-arm", RaisedAt = Instant.From(new DateTimeOffset(2026, 3, 1, 2, 11, 9, TimeSpan.Zero)), ChangedAt = Instant.From(new DateTimeOffset(2026, 3, 1, 2, 11, 9, TimeSpan.Zero)),
        Labels = new Labels([new("alertname", "EW-01"), new("customer", customer), new("customerGroup", "G17"), new("desk", "CN-East"), new("severity", "HIGH"), new("step", "100")]),
    };

    internal static string TitleWord(ChannelKind kind, Language language, int count) => (count, language) switch
    {
        (1, Language.English) => kind == ChannelKind.Teams ? "over limit 104 %" : "over limit 104 %",
        (1, _) => "超额，使用率 104%",
        (_, Language.English) => $"{count} alerts at {count} customers, merged",
        _ => $"合并通知：{count} 个客户 {count} 条预警",
    };

    /// <summary>All strings of a document.</summary>
    internal static string Texts(JsonElement json) => string.Join('\n', Tagged(json).Select(t => t.Text));

    /// <summary>All strings with the type or tag of the object that they stand in.</summary>
    internal static IEnumerable<(string Tag, string Text)> Tagged(JsonElement json, string tag = "")
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var own = json.TryGetProperty("tag", out var t) || json.TryGetProperty("type", out t) ? t.GetString() ?? "" : tag;
                foreach (var property in json.EnumerateObject())
                    foreach (var text in Tagged(property.Value, own)) yield return text;
                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray())
                    foreach (var text in Tagged(item, tag)) yield return text;
                break;
            case JsonValueKind.String:
                yield return (tag, json.GetString()!);
                break;
        }
    }
}
