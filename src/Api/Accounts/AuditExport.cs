using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>The audit trail as a file, newest first, under the filter of the screen.</summary>
internal static class AuditExport
{
    private const int RowsMost = 100_000, Page = 500;

    private static readonly (string Code, string English, string Chinese)[] Heads =
        [("at", "Time", "时间"), ("actor", "Person", "人员"), ("type", "Command", "操作"), ("customer", "Customer", "客户"), ("outcome", "Outcome", "结果"), ("reasonCode", "Reason", "原因"), ("entry", "Journal entry", "流水位置"), ("fields", "Fields", "内容")];

    internal static void MapAuditExport(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/audit/export", Roles.Auditor, $"The audit trail as CSV, newest first; at most {RowsMost} rows. Every export stands in the audit trail itself.", async (http, caller) =>
        {
            var query = http.Request.Query;
            var lang = query["lang"].ToString();
            if (lang is not ("" or "en" or "zh" or "codes")) return Problems.Of(400, "BAD_LANGUAGE", "?lang=: expected en, zh or codes.");
            var asked = new RowQuery { Table = RowTable.Audit, Customer = Told(query["customer"]), Subject = Told(query["subject"]), Kind = Told(query["kind"]), Limit = Page };
            if (!RecordsEndpoints.TryDay(desk, query["day"], out var day, out var bad)) return bad!;
            var (pages, seen, read) = (new List<string>(), 0, 0);
            for (RowCursor? after = day is { } wanted ? RecordsEndpoints.Before(wanted.Until) : null; read < RowsMost;)
            {
                var found = await desk.Engine.Reader.RowsAsync(asked with { After = after }, http.RequestAborted);
                IReadOnlyList<JournalRow> rows = day is { } only ? [.. found.Where(r => r.At >= only.From)] : found;
                var lines = rows.Where(r => caller.Segments.Count == 0 || (r.Customer.Length > 0 && desk.Sees(caller, r.Customer))).Select(Line).ToList();
                pages.Add(string.Concat(lines));
                (seen, read) = (seen + lines.Count, read + rows.Count);
                if (rows.Count < Page) break;
                after = new RowCursor(rows[^1].At, rows[^1].Partition, rows[^1].Seq, rows[^1].Index, rows[^1].Ordinal);
            }

            var told = http.Request.QueryString.Value ?? "";
            // Before the first byte leaves, and with what will leave: an export that is not in the audit trail does not happen.
            await desk.Engine.SubmitAsync(new NoteExport { What = "audit", Query = told.Length <= 400 ? told : told[..400], Rows = seen, Actor = caller.Subject }, http.RequestAborted);
            var now = desk.Time.GetUtcNow();
            http.Response.ContentType = "text/csv; charset=utf-8";
            http.Response.Headers.ContentDisposition = $"attachment; filename=\"audit_{now:yyyy-MM-dd'T'HHmm}Z.csv\"";
            http.Response.Headers["X-As-Of"] = Instant.From(now).ToString();
            await http.Response.WriteAsync("\uFEFF" + Csv.Line(Heads.Select(h => lang switch { "zh" => h.Chinese, "codes" => h.Code, _ => h.English })), http.RequestAborted);
            foreach (var page in pages) await http.Response.WriteAsync(page, http.RequestAborted);
            // What a header can no longer say stands in the last line.
            if (read >= RowsMost) await http.Response.WriteAsync(Csv.Line([Csv.Text(string.Create(CultureInfo.InvariantCulture, $"the first {read} rows; narrow the filter for the rest"))]), http.RequestAborted);
            return Results.Empty;
        }).Asks(("customer", "Only of this customer."), ("subject", "Only of this person."), ("kind", "Only this command."), ("day", "Only of this day, as yyyy-MM-dd in the time zone of the credit control."), ("lang", "Language of the heads: en, zh or codes.")).Answers(200, "text/csv").Fails(503);

    private static string Line(JournalRow row)
    {
        using var document = JsonDocument.Parse(row.Json());
        var root = document.RootElement;
        string[] apart = ["actor", "type", "outcome", "reasonCode", "customer", "key"];
        var fields = string.Join("; ", root.EnumerateObject().Where(f => !apart.Contains(f.Name)).Select(f => f.Name + "=" + (f.Value.ValueKind == JsonValueKind.String ? f.Value.GetString() : f.Value.GetRawText())));
        return Csv.Line([new Instant(row.At).ToString(), Csv.Text(Of("actor")), Csv.Text(row.Kind), Csv.Text(row.Customer), Csv.Text(Of("outcome")), Csv.Text(Of("reasonCode")), new EntryPosition(row.Partition, row.Seq, row.Index).ToString(), Csv.Text(fields)]);

        string Of(string name) => root.TryGetProperty(name, out var told) && told.ValueKind == JsonValueKind.String ? told.GetString()! : "";
    }

    private static string? Told(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
