using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>An entry of the journal with its event, as it can be posted again.</summary>
internal static class EntryJson
{
    internal static byte[] Of(IEventDecoder decoder, EntryPosition at, HistoryLine line, Fact fact, IReadOnlyList<ProposalLine>? about = null) => AccountJson.Bytes(json =>
    {
        json.WriteStartObject();
        json.WriteString("entry", at.ToString());
        json.WriteString("outcome", line.Outcome);
        if (line.Reason.Length > 0) json.WriteString("reason", line.Reason);
        json.WriteString("arrival", line.Arrival);
        if (line.Stream is not null)
        {
            json.WriteString("stream", line.Stream);
            json.WriteNumber("offset", line.Offset);
        }

        json.WriteStartObject("event");
        json.WriteString("id", fact.EventId);
        json.WriteString("source", fact.Source);
        json.WriteString("type", line.Type);
        json.WriteString("subject", fact.Customer);
        json.WriteString("time", line.Time);
        json.WritePropertyName("data");
        // The name of a party is no part of the journal.
        Data(json, decoder, fact);
        json.WriteEndObject();
        // A text, not an object: what is to be repaired may be what no object has, such as a name that stands twice.
        if (fact is UndecodableRecord dead && decoder.ReadableOf(dead) is { } text) json.WriteString("recordAsJson", text);
        if (about is not null)
        {
            json.WriteStartArray("replays");
            foreach (var replay in about.Where(p => p.Kind == ProposalKind.DeadLetterReplay))
            {
                json.WriteStartObject();
                json.WriteString("proposal", replay.Id);
                json.WriteString("state", replay.State.ToString());
                json.WriteString("entry", replay.Entry);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("discards");
            foreach (var discard in about.Where(p => p.Kind == ProposalKind.DeadLetterDiscard))
            {
                using var told = JsonDocument.Parse(discard.Event);
                json.WriteStartObject();
                json.WriteString("proposal", discard.Id);
                json.WriteString("state", discard.State.ToString());
                json.WriteString("reason", told.RootElement.GetProperty("reason").GetString());
                json.WriteString("proposedBy", discard.ProposedBy);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    });

    /// <summary>The fields of an event as its source would write them; of what is no event, all that the journal has.</summary>
    private static void Data(Utf8JsonWriter json, IEventDecoder decoder, Fact fact)
    {
        if (FactCatalogue.Find(FactCatalogue.WireTypeOf(fact)) is { IsEvent: true })
        {
            using var written = JsonDocument.Parse(decoder.EventOf(fact));
            written.RootElement.GetProperty("data").WriteTo(json);
            return;
        }

        json.WriteStartObject();
        fact.Describe(new JsonFieldWriter(json));
        json.WriteEndObject();
    }
}
