using System.Globalization;
using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>A column of a file: its code, its head in both languages, and its cell of a row, which a language may word.</summary>
internal sealed record CsvColumn<T>(string Code, string English, string Chinese, Func<T, bool, string> Of)
{
    internal CsvColumn(string code, string english, string chinese, Func<T, string> of) : this(code, english, chinese, (row, _) => of(row))
    {
    }
}

/// <summary>Lists as files: the rows that the screen shows under the same filter, in the same order; what is left out is said, and every file stands in the audit trail.</summary>
internal static class CsvFile
{
    /// <summary>More rows than these are said to be left out.</summary>
    internal const int RowsMost = 100_000;

    private const int Chunk = 500;

    /// <summary>What a list has to say for a file: what is wrong with the question, or its rows, whether there are more, and whether the whole book was there to look at.</summary>
    internal readonly record struct Found<T>(IResult? Wrong, IReadOnlyList<T> Rows, bool IsCut = false, bool IsWhole = true);

    /// <summary>Maps <c>path/export</c>, for the roles that may read the list.</summary>
    /// <param name="name">What the file and its entry in the audit trail are called.</param>
    internal static RouteSpec ForFile<T>(this RouteGroupBuilder api, Desk desk, string path, Roles roles, string name, string summary, IReadOnlyList<CsvColumn<T>> columns, Func<HttpContext, Caller, Task<Found<T>>> read) =>
        api.For(desk, "GET", path + "/export", roles, $"{summary} As CSV, at most {RowsMost} rows. Every export stands in the audit trail.", async (http, caller) =>
        {
            var lang = http.Request.Query["lang"].ToString();
            if (lang is not ("" or "en" or "zh" or "codes")) return Problems.Of(400, "BAD_LANGUAGE", "?lang=: expected en, zh or codes.");
            var (wrong, rows, isCut, isWhole) = await read(http, caller);
            if (wrong is not null) return wrong;
            var told = http.Request.QueryString.Value ?? "";
            // Before the first byte leaves, and with what will leave: an export that is not in the audit trail does not happen.
            await desk.Engine.SubmitAsync(new NoteExport { What = name, Query = told.Length <= 400 ? told : told[..400], Rows = rows.Count, Actor = caller.Subject }, http.RequestAborted);
            var now = desk.Time.GetUtcNow();
            http.Response.ContentType = "text/csv; charset=utf-8";
            http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}_{now:yyyy-MM-dd'T'HHmm}Z{(isCut ? "_first-" + rows.Count.ToString(CultureInfo.InvariantCulture) : "")}.csv\"";
            http.Response.Headers["X-As-Of"] = Instant.From(now).ToString();
            http.Response.Headers["X-Rows"] = rows.Count.ToString(CultureInfo.InvariantCulture);
            await http.Response.WriteAsync("\uFEFF" + Csv.Line(columns.Select(c => Csv.Text(lang switch { "zh" => c.Chinese, "codes" => c.Code, _ => c.English }))), http.RequestAborted);
            foreach (var chunk in rows.Chunk(Chunk))
            {
                var text = new StringBuilder();
                foreach (var row in chunk) text.Append(Csv.Line(columns.Select(c => c.Of(row, lang == "zh"))));
                await http.Response.WriteAsync(text.ToString(), http.RequestAborted);
            }

            // A header is not seen by whoever opens the file.
            if (isCut) await http.Response.WriteAsync(Csv.Line([Csv.Text(lang == "zh" ? $"仅前 {rows.Count} 行；其余请缩小筛选范围" : $"the first {rows.Count} rows; narrow the filter for the rest")]), http.RequestAborted);
            if (!isWhole) await http.Response.WriteAsync(Csv.Line([Csv.Text(lang == "zh" ? "有分区正在恢复，其客户未列入" : "a partition is being read back: its customers are missing")]), http.RequestAborted);
            return Results.Empty;
        }).Asks(("lang", "Language of the heads: en, zh or codes.")).Answers(200, "text/csv").Fails(503);
}
