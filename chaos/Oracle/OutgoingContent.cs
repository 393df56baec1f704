using System.Text.Json;

namespace ExposureMonitor.Chaos;

/// <summary>Whether a message says what the API shows of the same row.</summary>
internal static class OutgoingContent
{
    /// <summary>Members of a row that the envelope of its message has.</summary>
    private static readonly HashSet<string> InEnvelope = new(StringComparer.Ordinal) { "id", "type", "customer", "at" };

    /// <summary>What differs; <c>null</c> when nothing does.</summary>
    internal static string? Difference(JsonElement row, JsonElement message, bool isDeadLetter)
    {
        var (customer, subject) = (TextOf(row, "customer"), TextOf(message, "subject"));
        if (customer != subject) return $"the subject '{subject}', not '{customer}'";
        var data = message.GetProperty("data");
        return isDeadLetter ? OfDeadLetter(row, data) : Of(row, message, data);
    }

    private static string? Of(JsonElement row, JsonElement message, JsonElement data)
    {
        foreach (var (ours, theirs) in ((string, string)[])[("id", "id"), ("type", "type"), ("at", "time")])
            if (TextOf(row, ours) != TextOf(message, theirs)) return $"another {theirs}";
        return Members(row, data, InEnvelope);
    }

    private static string? OfDeadLetter(JsonElement row, JsonElement data)
    {
        foreach (var (ours, theirs) in ((string, string)[])[("reasonCode", "reason"), ("eventId", "eventId"), ("source", "eventSource"), ("type", "eventType"), ("time", "eventTime")])
            if (TextOf(row, ours) != TextOf(data, theirs)) return $"another {theirs}";
        if (TextOf(data, "detail") is var detail && detail != TextOf(row, "detail") && detail != TextOf(row, "outcomeDetail")) return "another detail";
        var kept = TextOf(data, "record") is { Length: > 0 } text ? text : TextOf(data, "recordBase64");
        if (kept != TextOf(row, "record")) return "another record";
        var position = data.TryGetProperty("position", out var told) ? told : default;
        if (TextOf(position, "stream") != TextOf(row, "stream")) return "another stream";
        if (row.TryGetProperty("offset", out var offset) && !(position.TryGetProperty("offset", out var there) && JsonElement.DeepEquals(offset, there))) return "another offset";
        if (!data.TryGetProperty("event", out var facts)) return null;
        foreach (var member in facts.EnumerateObject())
            if (!row.TryGetProperty(member.Name, out var ours) || !JsonElement.DeepEquals(ours, member.Value)) return $"another {member.Name} of the event";
        return null;
    }

    /// <summary>The data are the members of the row, all of them, and no others.</summary>
    private static string? Members(JsonElement row, JsonElement data, HashSet<string> without)
    {
        var count = 0;
        foreach (var member in row.EnumerateObject())
        {
            if (without.Contains(member.Name)) continue;
            count++;
            if (!data.TryGetProperty(member.Name, out var told)) return $"no {member.Name}";
            if (!JsonElement.DeepEquals(member.Value, told)) return $"another {member.Name}";
        }

        return data.GetPropertyCount() == count ? null : "members that the row does not have";
    }

    private static string TextOf(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var told) && told.ValueKind == JsonValueKind.String ? told.GetString()! : "";
}
