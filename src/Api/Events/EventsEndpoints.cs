using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

internal static class EventsEndpoints
{
    /// <summary>Most events of one request.</summary>
    internal const int BatchMax = 5_000;

    internal static void MapEvents(this RouteGroupBuilder api, Desk desk) => api.For(desk, "POST", "/events", Roles.Service,
        $"Takes events in: one CloudEvent, an array, or one per line, or an event or a batch in Protobuf; at most {BatchMax}; answers per event. A bad event is kept as a dead letter and harms no other; one that was sent alone, not as a batch, is answered 400 with its reason and its dead letter.", async (http, caller) =>
        {
            if (await Desk.BodyAsync(http, Desk.EventsMax) is not { } body) return Routing.TooLarge(Desk.EventsMax);
            if (body.AsSpan().Trim(" \t\r\n"u8).IsEmpty) return Problems.Of(400, "NULL_BODY", "$: expected events.");
            var records = desk.Decoder.Split(body, http.Request.ContentType ?? "", out var isBatch);
            if (records.Count is 0 or > BatchMax) return Problems.Of(400, "BATCH_SIZE", $"$: {records.Count} events; expected 1 to {BatchMax}.");
            var facts = new List<Fact>(records.Count);
            foreach (var record in records) facts.Add(desk.Decoder.Decode(record, default));
            // A scoped service may not touch, nor learn of, what lies outside of its scope: all or nothing.
            var foreign = facts.FindIndex(f => caller.Segments.Count > 0 && (f is HouseFact || !desk.Sees(caller, f.Customer)));
            if (foreign >= 0) return Problems.Of(403, "SCOPE", $"$[{foreign}].subject: outside of the segments of this key; nothing was taken in.");
            var answers = await new SourceGate(desk, caller).SubmitAsync(facts, records, http.RequestAborted);
            // Who sends a batch reads an answer per event, also when it is a batch of one.
            if (!isBatch && answers[0].Answer.Outcome is { Kind: OutcomeKind.Undecodable } bad)
                return Problems.Of(400, bad.Reason, bad.Detail, ("deadLetter", answers[0].Answer.At.ToString()));
            return Results.Bytes(Told(facts, answers), "application/json", null);
        }).Takes(null, "application/json", "application/cloudevents+json", "application/cloudevents-batch+json", "application/x-ndjson", "application/jsonl", "application/protobuf").Fails(503).Tells(Shapes.Events);

    private static byte[] Told(List<Fact> facts, (Answer Answer, string? Proposal)[] answers) => AccountJson.Bytes(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("results");
        for (var i = 0; i < facts.Count; i++)
        {
            json.WriteStartObject();
            if (facts[i].EventId.Length > 0) json.WriteString("id", facts[i].EventId);
            var (outcome, at) = (answers[i].Answer.Outcome, answers[i].Answer.At);
            json.WriteString("outcome", outcome.Kind.ToString());
            if (outcome.Reason.Length > 0) json.WriteString("reason", outcome.Reason);
            if (outcome.Detail.Length > 0) json.WriteString("detail", outcome.Detail);
            json.WriteString("entry", at.ToString());
            // Applied as a request: no value changes before another person agrees.
            if (answers[i].Proposal is { } waits) json.WriteString("proposal", waits);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
