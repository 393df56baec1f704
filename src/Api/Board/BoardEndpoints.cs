using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>The board: rows in pages with an exact count and exact sums, and the tiles above it.</summary>
internal static class BoardEndpoints
{
    /// <summary>Rows behind this place are reached by a filter or by the export.</summary>
    private const int DeepMost = 1_000_000, GroupsMost = 500;

    internal static void MapBoard(this RouteGroupBuilder api, Desk desk)
    {
        api.For(desk, "GET", "/board", Roles.Readers, "A page of the board: short rows, the exact count, and exact sums per currency of everything that the filter takes.", async (http, caller) =>
        {
            if (!BoardFilter.TryRead(http.Request.Query, caller, out var filter, out var wrong)) return wrong!;
            if (!Desk.TryPage(http.Request.Query["size"], 50, out var size, out var bad)) return bad!;
            if (!Desk.TryPage(http.Request.Query["page"], 1, out var page, out bad, DeepMost / size)) return bad!;
            var bands = await desk.Bands.GetAsync(http.RequestAborted);
            var scan = BoardScan.Run(desk.Engine, filter, bands, page * size);
            var rows = BoardFilter.Rows([.. scan.InOrder().Skip((page - 1) * size)]);
            var names = await desk.Names.OfAsync(rows.Select(r => r.Customer), http.RequestAborted);
            var now = Instant.From(desk.Time.GetUtcNow()).ToString();
            return Results.Bytes(AccountJson.Bytes(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("total", scan.Total);
                json.WriteNumber("page", page);
                json.WriteNumber("size", size);
                json.WriteString("asOf", now);
                BoardTiles.WriteSums(json, scan.Sums);
                json.WriteStartArray("rows");
                foreach (var row in rows) BoardRow.Write(json, row, names.GetValueOrDefault(row.Customer), bands, bands.GroupOf(row.Customer, filter.Scope, desk.Engine));
                json.WriteEndArray();
                json.WriteEndObject();
            }), "application/json");
        }).Asks(("size", "Rows of a page, 1 to 500."), ("page", "From 1 on.")).Asks(BoardFilter.Query).Fails(503).Tells(Shapes.Board);

        api.For(desk, "GET", "/board/tiles", Roles.Readers, "Counts and exact sums of the tiles and bands over a filter.", async (http, caller) =>
        {
            if (!BoardFilter.TryRead(http.Request.Query, caller, out var filter, out var wrong)) return wrong!;
            var tiles = BoardTiles.Compute(desk.Engine, filter, await desk.Bands.GetAsync(http.RequestAborted));
            return Results.Bytes(AccountJson.Bytes(json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("tiles");
                foreach (var tile in tiles) json.WriteRawValue(tile.Json);
                json.WriteEndArray();
                json.WriteEndObject();
            }), "application/json");
        }).Asks(BoardFilter.Query).Fails(503).Tells(Shapes.Tiles);

        api.For(desk, "GET", "/board/words", Roles.Readers, "What filters can name: segments, countries and controllers of the customers that the caller sees, at most 500 groups, and where the bands begin.", async (http, caller) =>
        {
            var bands = await desk.Bands.GetAsync(http.RequestAborted);
            var (scan, scope) = (new WordScan(caller.Segments), string.Join('\n', caller.Segments.Order(StringComparer.Ordinal)));
            foreach (var rows in desk.Engine.Published) rows.Scan(ref scan);
            return Results.Json(new
            {
                segments = scan.Segments.Order(StringComparer.Ordinal), countries = scan.Countries.Order(StringComparer.Ordinal), controllers = scan.Controllers.Order(StringComparer.Ordinal),
                groups = bands.Groups.Tops.Where(top => Bands.IsInScope(top, scope, desk.Engine)).Order(StringComparer.Ordinal).Take(GroupsMost),
                watchBp = bands.Steps.Watch, criticalBp = bands.Steps.Critical, breachBp = bands.Steps.Breach, baseCurrency = bands.BaseCurrency.Code,
            });
        }).Fails(503).Tells(Shapes.BoardWords);
    }

    /// <summary>Segments that have a customer.</summary>
    internal static HashSet<string> SegmentsOf(Desk desk)
    {
        var scan = new WordScan([]);
        foreach (var rows in desk.Engine.Published) rows.Scan(ref scan);
        return scan.Segments;
    }

    /// <summary>The words that visible rows use.</summary>
    private struct WordScan(IReadOnlyList<string> scope) : IGlanceVisitor
    {
        private IReadOnlyList<string> _words = [];

        internal HashSet<string> Segments { get; } = new(StringComparer.Ordinal);

        internal HashSet<string> Countries { get; } = new(StringComparer.Ordinal);

        internal HashSet<string> Controllers { get; } = new(StringComparer.Ordinal);

        public void Begin(PublishedRows rows) => _words = rows.Words;

        public void Visit(in PublishedGlance row)
        {
            if (Math.Max(row.Segment, Math.Max(row.Country, row.Controller)) >= _words.Count || (scope.Count > 0 && !scope.Contains(_words[row.Segment]))) return;
            foreach (var (set, word) in (ReadOnlySpan<(HashSet<string>, short)>)[(Segments, row.Segment), (Countries, row.Country), (Controllers, row.Controller)])
                if (word != 0) set.Add(_words[word]);
        }
    }
}

/// <summary>
/// A row of the board on the wire. It goes out four times a second to every board, so its names are short: n name, g segment, y
/// country, o controller (owner), b band, c currency, k limit kind, l limit, e gross exposure, u utilisation in basis points, a available, d
/// overdue, t days of the oldest item, h held orders, r risk state, q risk class (the grade), x who stands at the top of its group, p partition.
/// </summary>
internal static class BoardRow
{
    internal static byte[] Of(PublishedRow row, string? name, Bands bands, string group) => AccountJson.Bytes(json => Write(json, row, name, bands, group));

    internal static void Write(Utf8JsonWriter json, PublishedRow row, string? name, Bands bands, string group)
    {
        var f = row.Figures;
        json.WriteStartObject();
        json.WriteString("id", row.Customer);
        if (name is not null) json.WriteString("n", name);
        if (row.Segment.Length > 0) json.WriteString("g", row.Segment);
        if (row.Country.Length > 0) json.WriteString("y", row.Country);
        if (row.Controller.Length > 0) json.WriteString("o", row.Controller);
        json.WriteNumber("b", (int)bands.Of(f));
        json.WriteString("c", f.Currency.Code);
        if (f.LimitKind == LimitKind.Amount)
        {
            json.WriteString("l", Digits(f.Limit));
            json.WriteNumber("u", f.UtilisationBp);
            json.WriteString("a", Digits(f.Available));
        }
        else
        {
            json.WriteString("k", f.LimitKind.ToString());
        }

        json.WriteString("e", Digits(f.Gross));
        if (f.Overdue != 0) json.WriteString("d", Digits(f.Overdue));
        if (f.OldestDays > 0) json.WriteNumber("t", f.OldestDays);
        if (f.HeldOrders > 0) json.WriteNumber("h", f.HeldOrders);
        if (f.RiskState != RiskState.Normal) json.WriteString("r", f.RiskState.ToString());
        if (f.Grade > 0) json.WriteString("q", CreditGrade.NameOf(f.Grade));
        if (group.Length > 0) json.WriteString("x", group);
        json.WriteNumber("p", row.Partition);
        json.WriteEndObject();
    }

    private static string Digits(long value) => value.ToString(CultureInfo.InvariantCulture);
}
