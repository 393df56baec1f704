using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>The records of the journal: decisions, holds, signals, limit changes, audit, dead letters.</summary>
internal static class RecordsEndpoints
{
    internal static void MapRecords(this IEndpointRouteBuilder api, Desk desk)
    {
        Map("/decisions", RowTable.Decision, Roles.Readers, "Decisions, newest first.");
        Map("/hold-records", RowTable.Hold, Roles.Readers, "What happened to holds, newest first.");
        Map("/signals", RowTable.Signal, Roles.Readers, "Early-warning signals, newest first.");
        Map("/limit-changes", RowTable.LimitChange, Roles.Readers, "Changes of limits, newest first.");
        Map("/audit", RowTable.Audit, Roles.Auditor, "Commands with who, what and outcome, newest first.");
        Map("/dead-letters", RowTable.DeadLetter, Roles.Readers | Roles.Admin, "Records that could not be applied, newest first.");

        api.For(desk, "POST", "/dead-letters/replay", Roles.Approver, "Submits a repaired CloudEvent in place of a dead letter; the body names it in ?entry=.", async (http, caller) =>
        {
            var entry = http.Request.Query["entry"].ToString();
            if (entry.Length == 0) return Problems.Of(400, "MISSING_FIELD", "?entry= names the dead letter.");
            if (await Desk.BodyAsync(http, Desk.CommandMax) is not { } body) return Problems.Of(413, "TOO_LARGE", "The body is too large.");
            var fact = desk.Decoder.Decode(body, default);
            if (fact is UndecodableRecord bad) return Problems.Of(400, bad.Reason, bad.Detail);
            // The repaired record is another event than the dead one, so that the window of event ids lets it pass.
            (fact.EventId, fact.Note) = ($"replay:{entry}", $"replay of {entry} by {caller.Subject}");
            var answer = await desk.Engine.SubmitAsync(fact, http.RequestAborted);
            return answer.Outcome.IsDead ? Problems.Of(answer.Outcome) : Results.Bytes(AnswerJson.Of(answer), "application/json");
        });

        void Map(string path, RowTable table, Roles roles, string summary) => api.For(desk, "GET", path, roles, summary, async (http, _) =>
        {
            var query = http.Request.Query;
            var limit = Desk.Page(query["limit"], 100, 500);
            RowCursor? after = null;
            if (query["cursor"].ToString() is { Length: > 0 } cursor)
            {
                if (!TryCursor(cursor, out var told)) return Problems.Of(400, "BAD_CURSOR", "The cursor is not one of ours.");
                after = told;
            }

            var rows = await desk.Engine.Reader.RowsAsync(new RowQuery
            {
                Table = table, Customer = Told(query["customer"]), Subject = Told(query["subject"]), Kind = Told(query["kind"]), After = after, Limit = limit,
            }, http.RequestAborted);
            return Results.Bytes(AccountJson.Bytes(json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("rows");
                foreach (var row in rows) json.WriteRawValue(row.Body.Span);
                json.WriteEndArray();
                if (rows.Count == limit)
                {
                    var last = rows[^1];
                    json.WriteString("cursor", string.Create(CultureInfo.InvariantCulture, $"{last.At}.{last.Partition}.{last.Seq}.{last.Index}.{last.Ordinal}"));
                }

                json.WriteEndObject();
            }), "application/json");
        });
    }

    private static string? Told(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static bool TryCursor(string text, out RowCursor cursor)
    {
        cursor = default;
        var parts = text.Split('.');
        if (parts.Length != 5) return false;
        Span<long> n = stackalloc long[5];
        for (var i = 0; i < 5; i++)
            if (!long.TryParse(parts[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out n[i]) || (i is 1 or 3 or 4 && Math.Abs(n[i]) > int.MaxValue)) return false;
        cursor = new RowCursor(n[0], (int)n[1], n[2], (int)n[3], (int)n[4]);
        return true;
    }
}
