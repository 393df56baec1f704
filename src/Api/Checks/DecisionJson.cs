using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>
/// A decision as credit.md 5.5 words it. It is written from the record that the journal keeps, so that a repetition after
/// a restart gets the same bytes as the first answer.
/// </summary>
public static class DecisionJson
{
    /// <summary>Steps of the check by number; every other reason comes from a rule of the desk.</summary>
    private static readonly Dictionary<string, string> Steps = new(StringComparer.Ordinal)
    {
        ["010"] = "StaticLimit", ["020"] = "MaxDocument", ["030"] = "DynamicLimit", ["100"] = "DunningLevel", ["110"] = "OldestOpenItem", ["OV"] = "OverdueShare", ["120"] = "PaymentIndex",
    };

    /// <summary>A decision with the position that it is as of.</summary>
    public static byte[] Of(CheckDecided decided, EntryPosition at, bool whatIf)
    {
        using var record = JsonDocument.Parse(JsonFieldWriter.ToBytes(decided));
        return Of(record.RootElement, at, whatIf);
    }

    /// <summary>From the row of a decision.</summary>
    internal static byte[] Of(JsonElement record, EntryPosition at, bool whatIf) => AccountJson.Bytes(json =>
    {
        var figures = record.TryGetProperty("figures", out var told) ? told : default;
        var version = Number(figures, "policyVersion");
        json.WriteStartObject();
        json.WriteString("decision", record.GetProperty("decision").GetString());
        json.WriteBoolean("whatIf", whatIf);
        if (Text(record, "orderId") is { } order) json.WriteString("orderId", order);
        json.WriteString("amount", Text(record, "amount") ?? "0");
        json.WriteString("currency", Text(record, "currency"));
        json.WriteStartArray("reasons");
        if (record.TryGetProperty("reasons", out var reasons))
            foreach (var reason in reasons.EnumerateArray()) Reason(json, reason, version);
        json.WriteEndArray();
        foreach (var name in (ReadOnlySpan<string>)["gross", "netRisk"]) json.WriteString(name, Text(figures, name) ?? "0");
        json.WriteString("limitKind", Text(figures, "limitKind") ?? nameof(LimitKind.NotSet));
        foreach (var name in (ReadOnlySpan<string>)["limit", "available", "afterThis"]) json.WriteString(name, Text(figures, name) ?? "0");
        json.WriteBoolean("atLimit", figures.ValueKind == JsonValueKind.Object && figures.TryGetProperty("atLimit", out var flag) && flag.GetBoolean());
        json.WriteString("limitCurrency", Text(figures, "currency"));
        json.WriteStartObject("asOf");
        json.WriteNumber("partition", at.Partition);
        json.WriteNumber("seq", at.Seq);
        json.WriteEndObject();
        json.WriteNumber("policyVersion", version);
        json.WriteNumber("limitVersion", Number(figures, "limitVersion"));
        // Since when the feed of the figures gives no sign of life; null when it does.
        if (Text(figures, "staleness") is { } since) json.WriteString("staleness", since);
        else json.WriteNull("staleness");
        // The limit steps judged this figure: what stands in another currency counts with a haircut.
        json.WriteString("grossWithHaircut", Text(figures, "grossWithHaircut") ?? Text(figures, "gross") ?? "0");
        foreach (var name in (ReadOnlySpan<string>)["reservationId", "expiresAt", "excuse"])
            if (Text(record, name) is { } text) json.WriteString(name, text);
        json.WriteEndObject();
    });

    private static void Reason(Utf8JsonWriter json, JsonElement reason, long version)
    {
        var rule = Text(reason, "rule") ?? "";
        json.WriteStartObject();
        json.WriteString("step", Steps.ContainsKey(rule) ? rule : "own");
        json.WriteString("ruleId", Steps.GetValueOrDefault(rule, rule));
        json.WriteNumber("ruleVersion", Number(reason, "ruleVersion") is var own and > 0 ? own : version);
        json.WriteString("reaction", Text(reason, "reaction"));
        foreach (var name in (ReadOnlySpan<string>)["observed", "threshold"]) json.WriteString(name, Text(reason, name) ?? "0");
        if (Text(reason, "currency") is { } currency) json.WriteString("currency", currency);
        json.WriteString("excess", Text(reason, "excess") ?? "0");
        json.WriteEndObject();
    }

    private static string? Text(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var told) && told.ValueKind == JsonValueKind.String ? told.GetString() : null;

    private static long Number(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var told) ? told.GetInt64() : 0;
}
