using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

internal static class EventsEndpoints
{
    internal static void MapEvents(this IEndpointRouteBuilder api, Desk desk) => api.For(desk, "POST", "/events", Roles.Service,
        "Takes events in: one CloudEvent, an array, or one per line; answers per event.", async (http, _) =>
        {
            if (await Desk.BodyAsync(http, Desk.EventsMax) is not { } body) return Problems.Of(413, "TOO_LARGE", $"A batch has at most {Desk.EventsMax} bytes.");
            if (body.Length == 0) return Problems.Of(400, "NULL_BODY", "Expected CloudEvents as JSON.");
            var records = desk.Decoder.Split(body, http.Request.ContentType ?? "");
            var facts = new List<Fact>(records.Count);
            foreach (var record in records) facts.Add(desk.Decoder.Decode(record, default));
            var answers = await desk.Engine.SubmitBatchAsync(facts, http.RequestAborted);
            return Results.Bytes(Told(facts, answers), "application/json", null);
        });

    private static byte[] Told(List<Fact> facts, IReadOnlyList<Answer> answers)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartArray("results");
            for (var i = 0; i < facts.Count; i++)
            {
                json.WriteStartObject();
                if (facts[i].EventId.Length > 0) json.WriteString("id", facts[i].EventId);
                json.WriteString("outcome", answers[i].Outcome.Kind.ToString());
                if (answers[i].Outcome.Reason.Length > 0) json.WriteString("reason", answers[i].Outcome.Reason);
                if (answers[i].Outcome.Detail.Length > 0) json.WriteString("detail", answers[i].Outcome.Detail);
                json.WriteString("entry", answers[i].At.ToString());
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
