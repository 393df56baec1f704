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
    internal static void MapRecords(this RouteGroupBuilder api, Desk desk)
    {
        Map("/decisions", RowTable.Decision, Roles.Readers, "Decisions, newest first.");
        Map("/hold-records", RowTable.Hold, Roles.Readers, "What happened to holds, newest first.");
        Map("/signals", RowTable.Signal, Roles.Readers, "Early-warning signals, newest first.");
        Map("/limit-changes", RowTable.LimitChange, Roles.Readers, "Changes of limits, newest first.");
        Map("/audit", RowTable.Audit, Roles.Auditor, "Commands with who, what and outcome, newest first.");
        Map("/dead-letters", RowTable.DeadLetter, Roles.Analyst | Roles.Approver | Roles.Auditor | Roles.Admin, "Records that could not be applied, newest first; `settled` says that one was replayed or left for good, and by whom.");

        void Map(string path, RowTable table, Roles roles, string summary) => api.For(desk, "GET", path, roles, summary, async (http, caller) =>
        {
            var query = http.Request.Query;
            if (!Desk.TryPage(query["limit"], 100, out var limit, out var bad)) return bad!;
            RowCursor? after = null;
            if (query["cursor"].ToString() is { Length: > 0 } cursor)
            {
                if (!TryCursor(cursor, out var told)) return Problems.Of(400, "BAD_CURSOR", "?cursor=: expected the cursor of the page before.");
                after = told;
            }

            if (!TryDay(desk, query["day"], out var day, out bad)) return bad!;
            // The order is by time: a day begins behind its last moment, and ends where an earlier row comes.
            if (day is { } wanted && (after is null || after.Value.At >= wanted.Until)) after = Before(wanted.Until);
            var customer = Told(query["customer"]);
            var rows = await desk.Engine.Reader.RowsAsync(new RowQuery
            {
                // A customer's decisions stand in his partition: the keys of the others need not be read.
                Table = table, Customer = customer, Partition = table == RowTable.Decision && customer is not null ? desk.Engine.PartitionOf(customer) : null, Subject = Told(query["subject"]), Kind = Told(query["kind"]), After = after, Limit = limit,
            }, http.RequestAborted);
            var isCut = day is { } only && rows.Any(r => r.At < only.From);
            if (isCut) rows = [.. rows.Where(r => r.At >= day!.Value.From)];
            var settled = table == RowTable.DeadLetter && rows.Count > 0 ? await DeadLettersEndpoints.SettledAsync(desk, http.RequestAborted) : [];
            return Results.Bytes(AccountJson.Bytes(json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("rows");
                foreach (var row in rows)
                    if (caller.Segments.Count == 0 || (row.Customer.Length > 0 && desk.Sees(caller, row.Customer))) Write(json, row, settled);
                json.WriteEndArray();
                if (!isCut && rows.Count == limit)
                {
                    var last = rows[^1];
                    json.WriteString("cursor", string.Create(CultureInfo.InvariantCulture, $"{last.At}.{last.Partition}.{last.Seq}.{last.Index}.{last.Ordinal}"));
                }

                json.WriteEndObject();
            }), "application/json");
        }).Pages().Asks(("customer", "Only of this customer."), ("subject", "Only about this order, request, signal, event or actor."), ("kind", "Only of this kind."), ("day", "Only of this day, as yyyy-MM-dd in the time zone of the credit control.")).Tells(Shapes.Records);
    }

    /// <summary>Commands and dead letters are written without the moment of their entry, which stands in the row.</summary>
    private static void Write(Utf8JsonWriter json, JournalRow row, Dictionary<string, (string State, string By, string Why)> settled)
    {
        if (row.Table is not (RowTable.Audit or RowTable.DeadLetter))
        {
            json.WriteRawValue(row.Json().Span);
            return;
        }

        using var told = JsonDocument.Parse(row.Json());
        json.WriteStartObject();
        foreach (var member in told.RootElement.EnumerateObject()) member.WriteTo(json);
        if (!told.RootElement.TryGetProperty("at", out _)) json.WriteString("at", new Instant(row.At).ToString());
        if (settled.TryGetValue(new EntryPosition(row.Partition, row.Seq, row.Index).ToString(), out var became))
        {
            json.WriteString("settled", became.State);
            json.WriteString("settledBy", became.By);
            if (became.Why.Length > 0) json.WriteString("settledWhy", became.Why);
        }

        json.WriteEndObject();
    }

    /// <summary>The moments between which a day lies in the time zone of the credit control; <c>null</c> without one.</summary>
    internal static bool TryDay(Desk desk, string? told, out (long From, long Until)? day, out IResult? wrong)
    {
        (day, wrong) = (null, null);
        if (string.IsNullOrEmpty(told)) return true;
        if (!DateOnly.TryParseExact(told, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) || date == DateOnly.MaxValue)
        {
            wrong = Problems.Of(400, "BAD_DAY", "?day=: expected a day as yyyy-MM-dd.");
            return false;
        }

        var zone = TimeZoneInfo.FindSystemTimeZoneById(desk.Engine.Database.TimeZone);
        day = (Begin(date), Begin(date.AddDays(1)));
        return true;

        long Begin(DateOnly of)
        {
            var local = of.ToDateTime(TimeOnly.MinValue);
            return Instant.From(new DateTimeOffset(local, zone.GetUtcOffset(local))).Micros;
        }
    }

    /// <summary>Behind everything that is not earlier than a moment, the newest first.</summary>
    internal static RowCursor Before(long at) => new(at, int.MinValue, long.MinValue, int.MinValue, int.MinValue);

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
