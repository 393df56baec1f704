using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Ingest;

/// <summary>What a running service publishes of its events: the same texts as the files of docs/events.</summary>
public static class PublishedContracts
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Every type that comes in or goes out.</summary>
    public static EventContracts All() => new(
        [
            .. FactCatalogue.All.Where(entry => entry.IsEvent).OrderBy(entry => entry.WireType, StringComparer.Ordinal).Select(entry => new EventContract(entry.WireType, false, TextOf(SchemaWriter.OfEvent(entry)))),
            .. OutboxSchemas.All.Order(StringComparer.Ordinal).Select(type => new EventContract(type, true, TextOf(OutboxSchemas.Of(type)))),
        ],
        ProtoFileWriter.OfAllEvents());

    /// <summary>A schema as it stands in the repository.</summary>
    public static string TextOf(JsonObject schema) => schema.ToJsonString(Readable) + "\n";
}
