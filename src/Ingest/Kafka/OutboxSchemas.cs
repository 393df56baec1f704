using System.Text.Json.Nodes;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>JSON Schemas of what goes out, from the descriptions that write it (docs/events/out).</summary>
public static class OutboxSchemas
{
    /// <summary>By type on the wire, what its <c>data</c> is made of; dead letters have a shape of their own.</summary>
    private static readonly IReadOnlyDictionary<string, Func<IDescribed>> Types = new SortedDictionary<string, Func<IDescribed>>(StringComparer.Ordinal)
    {
        ["credit.check.decided.v1"] = () => new CheckDecided(),
        ["credit.reservation.expired.v1"] = () => new ReservationEnded(),
        [HoldChanged.Held] = () => new HoldChanged(),
        [HoldChanged.Released] = () => new HoldChanged(),
        [HoldChanged.Rejected] = () => new HoldChanged(),
        ["credit.effective-limit.changed.v1"] = () => new LimitChanged(),
        ["credit.risk-state.changed.v1"] = () => new RiskStateChanged(),
        [SignalChanged.Raised] = () => new SignalChanged(),
        [SignalChanged.Resolved] = () => new SignalChanged(),
        [SignalChanged.Retracted] = () => new SignalChanged(),
    };

    /// <summary>Every type that goes out.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Types.Keys, OutboxMessage.DeadLetterType];

    /// <summary>The schema of a type.</summary>
    public static JsonObject Of(string type) => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["$id"] = $"{type}.json",
        ["title"] = type,
        ["type"] = "object",
        ["required"] = Names("specversion", "id", "source", "type", "time", "datacontenttype", "entry", "data"),
        ["properties"] = new JsonObject
        {
            ["specversion"] = new JsonObject { ["const"] = "1.0" },
            ["id"] = Text("partition-sequence-index-ordinal in the journal: the same each time that the message is sent."),
            ["source"] = Text("The installation: exposure: and the id of its database."),
            ["type"] = new JsonObject { ["const"] = type },
            ["subject"] = Text("The customer; also the key. Missing when it concerns none."),
            ["time"] = new JsonObject { ["type"] = "string", ["format"] = "date-time" },
            ["datacontenttype"] = new JsonObject { ["const"] = "application/json" },
            ["entry"] = Text("partition-sequence-index of the journal entry that caused it."),
            ["data"] = type == OutboxMessage.DeadLetterType ? DeadLetter() : Data(Types[type]()),
        },
    };

    private static JsonObject Data(IDescribed value)
    {
        var data = SchemaWriter.Of(value);
        data["properties"]!["cut"] = Flag("Stands alone when the data would have made the message too large: ask the API for the entry.");
        // What is cut has none of them.
        data.Remove("required");
        return data;
    }

    private static JsonObject DeadLetter() => new()
    {
        ["type"] = "object",
        ["required"] = Names("reason"),
        ["properties"] = new JsonObject
        {
            ["reason"] = Text("Reason code in capitals."),
            ["detail"] = Text("What, where, and what was expected."),
            ["position"] = new JsonObject
            {
                ["description"] = "Where the record stood; missing when its source has no positions.",
                ["type"] = "object",
                ["required"] = Names("stream"),
                ["properties"] = new JsonObject
                {
                    ["stream"] = Text("Stream of the source."), ["topic"] = Text("Kafka topic."), ["topicId"] = Text("Its id."),
                    ["partition"] = Number("Its partition."), ["offset"] = Number("Offset of the record; line of a file."),
                },
            },
            ["eventId"] = Text("The producer's id of the event."),
            ["eventSource"] = Text("The producer."),
            ["eventType"] = Text("Type of the event, or undecodable record."),
            ["eventTime"] = new JsonObject { ["type"] = "string", ["format"] = "date-time" },
            ["parkedAt"] = Text("The entry of a fact whose predecessor never came."),
            ["waitedFor"] = Text("The predecessor."),
            ["record"] = Text("A record that could not be read, as text: its first 48 KiB."),
            ["recordBase64"] = Text("The same in base64, when it is no text."),
            ["event"] = new JsonObject { ["type"] = "object", ["description"] = "The data of an event that could be read and was refused." },
            ["cut"] = Flag("The record or event would have made the message too large: ask the API for the entry."),
        },
    };

    private static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };

    private static JsonObject Number(string description) => new() { ["type"] = "integer", ["description"] = description };

    private static JsonObject Flag(string description) => new() { ["type"] = "boolean", ["description"] = description };

    private static JsonArray Names(params string[] names) => [.. names.Select(name => (JsonNode?)JsonValue.Create(name))];
}
