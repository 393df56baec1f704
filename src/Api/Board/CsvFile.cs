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

    /// <summary>What stands before it wherever it stands, such as the currency of its amounts.</summary>
    internal CsvColumn<T>? Before { get; init; }
}

/// <summary>Lists as files: the rows that the screen shows under the same filter, in the same order and columns; what is left out is said, and every file stands in the audit trail.</summary>
internal static class CsvFile
{
    /// <summary>More rows than these are said to be left out.</summary>
    internal const int RowsMost = 100_000;

    private const int Chunk = 500;

    /// <summary>What a list has to say for a file: what is wrong with the question, or its rows, whether there are more, and whether the whole book was there to look at.</summary>
    internal readonly record struct Found<T>(IResult? Wrong, IReadOnlyList<T> Rows, bool IsCut = false, bool IsWhole = true)
    {
        /// <summary>What the name of the file says of the filter; "" for nothing.</summary>
        internal string Suffix { get; init; } = "";
    }

    /// <summary>Maps <c>path/export</c>, for the roles that may read the list.</summary>
    /// <param name="name">What the file and its entry in the audit trail are called.</param>
    internal static RouteSpec ForFile<T>(this RouteGroupBuilder api, Desk desk, string path, Roles roles, string name, string summary, IReadOnlyList<CsvColumn<T>> columns, Func<HttpContext, Caller, Task<Found<T>>> read) =>
        api.ForFile(desk, path, roles, name, summary, columns, read, (some, _) => Task.FromResult<IReadOnlyList<T>>(some));

    /// <summary>The same of rows that are looked up while they leave, some hundreds at a time.</summary>
    internal static RouteSpec ForFile<TFound, T>(this RouteGroupBuilder api, Desk desk, string path, Roles roles, string name, string summary, IReadOnlyList<CsvColumn<T>> columns, Func<HttpContext, Caller, Task<Found<TFound>>> read,
        Func<TFound[], CancellationToken, Task<IReadOnlyList<T>>> lookUp) =>
        api.For(desk, "GET", path + "/export", roles, $"{summary} As CSV, at most {RowsMost} rows. Every export stands in the audit trail.", async (http, caller) =>
        {
            if (TryAsked(http, desk, columns, out var lang, out var zone, out var chosen) is { } bad) return bad;
            var found = await read(http, caller);
            if (found.Wrong is not null) return found.Wrong;
            var (rows, count) = (found.Rows, found.Rows.Count.ToString(CultureInfo.InvariantCulture));
            var told = http.Request.QueryString.Value ?? "";
            // Before the first byte leaves, and with what will leave: an export that is not in the audit trail does not happen.
            await desk.Engine.SubmitAsync(new NoteExport { What = name, Query = told.Length <= 400 ? told : told[..400], Rows = rows.Count, Actor = caller.Subject }, http.RequestAborted);
            var now = desk.Time.GetUtcNow();
            http.Response.ContentType = "text/csv; charset=utf-8";
            http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}{found.Suffix}_{Clock(TimeZoneInfo.ConvertTime(now, zone))}{(found.IsCut ? "_first-" + count : "")}.csv\"";
            http.Response.Headers["X-As-Of"] = Instant.From(now).ToString();
            http.Response.Headers["X-Rows"] = count;
            await http.Response.WriteAsync("\uFEFF" + Csv.Line(chosen.Select(c => Csv.Text(lang switch { "zh" => c.Chinese, "codes" => c.Code, _ => c.English }))), http.RequestAborted);
            foreach (var chunk in rows.Chunk(Chunk))
            {
                var text = new StringBuilder();
                foreach (var row in await lookUp(chunk, http.RequestAborted)) text.Append(Csv.Line(chosen.Select(c => c.Of(row, lang == "zh"))));
                await http.Response.WriteAsync(text.ToString(), http.RequestAborted);
            }

            // A header is not seen by whoever opens the file.
            if (found.IsCut) await http.Response.WriteAsync(Csv.Line([Csv.Text(lang == "zh" ? $"仅前 {count} 行；其余请缩小筛选范围" : $"the first {count} rows; narrow the filter for the rest")]), http.RequestAborted);
            if (!found.IsWhole) await http.Response.WriteAsync(Csv.Line([Csv.Text(lang == "zh" ? "有分区正在恢复，其客户未列入" : "a partition is being read back: its customers are missing")]), http.RequestAborted);
            return Results.Empty;
        }).Asks(("columns", "Columns in their order, all without: " + string.Join(", ", columns.Select(c => c.Code)) + "."), ("lang", "Language of the heads: en, zh or codes."), ("zone", "Time zone of the name of the file, such as Asia/Shanghai; that of the desk without."))
            .Answers(200, "text/csv").Fails(503);

    /// <summary>What a reader wants of a file; what is wrong with it, or <c>null</c>.</summary>
    private static IResult? TryAsked<T>(HttpContext http, Desk desk, IReadOnlyList<CsvColumn<T>> columns, out string lang, out TimeZoneInfo zone, out List<CsvColumn<T>> chosen)
    {
        var query = http.Request.Query;
        (lang, zone, chosen) = (query["lang"].ToString(), TimeZoneInfo.Utc, []);
        if (lang is not ("" or "en" or "zh" or "codes")) return Problems.Of(400, "BAD_LANGUAGE", "?lang=: expected en, zh or codes.");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(query["zone"].ToString() is { Length: > 0 and <= 60 } told ? told : desk.Engine.Database.TimeZone, out var found)) return Problems.Of(400, "BAD_ZONE", "?zone=: expected a time zone such as Europe/Berlin.");
        zone = found;
        var wanted = query["columns"].ToString() is { Length: > 0 } some ? some.Split(',') : [.. columns.Select(c => c.Code)];
        foreach (var code in wanted)
        {
            if (columns.FirstOrDefault(c => c.Code == code) is not { } column) return Problems.Of(400, "BAD_COLUMN", $"?columns=: '{(code.Length <= 60 ? code : code[..60])}' is none of {string.Join(", ", columns.Select(c => c.Code))}.");
            if (column.Before is { } before) chosen.Add(before);
            chosen.Add(column);
        }

        return null;
    }

    /// <summary>A moment as the name of a file may have it, with how far its zone is from UTC: <c>2026-11-21T1402+0800</c>.</summary>
    private static string Clock(DateTimeOffset at) => at.ToString("yyyy-MM-dd'T'HHmmzzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);
}
