using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>How much of the exposure of a board rests on its largest customers, in the base currency.</summary>
internal static class ConcentrationEndpoint
{
    private const int Largest = 10;

    private static readonly int[] Tops = [10, 50, 100];

    internal static void MapConcentration(this RouteGroupBuilder api, Desk desk) =>
        api.For(desk, "GET", "/board/concentration", Roles.Readers, "The share of the 10, 50 and 100 largest customers in the exposure of a board, in the base currency (an amount without a rate counts as it is), the ten largest, and the ten groups with the largest exposure.", async (http, caller) =>
        {
            if (!BoardFilter.TryRead(http.Request.Query, caller, out var filter, out var wrong)) return wrong!;
            var bands = await desk.Bands.GetAsync(http.RequestAborted);
            var scan = BoardScan.Run(desk.Engine, filter with { Sort = "gross", Ascending = false }, bands, Tops[^1]);
            var sum = new GrossScan(filter, bands, desk.Engine);
            foreach (var rows in desk.Engine.Published) rows.Scan(ref sum);
            var ranked = scan.InOrder();
            var largest = BoardFilter.Rows([.. ranked.Take(Largest)]);
            var groups = sum.Groups.OrderByDescending(g => g.Value.Gross).ThenBy(g => g.Key, StringComparer.Ordinal).Take(Largest).ToList();
            var names = await desk.Names.OfAsync([.. largest.Select(r => r.Customer), .. groups.Select(g => g.Key)], http.RequestAborted);
            return Results.Json(new
            {
                currency = bands.BaseCurrency.Code, customers = scan.Total, gross = Digits(sum.Gross),
                tops = Tops.Select(top => (Top: top, Gross: ranked.Take(top).Aggregate((Int128)0, (all, row) => all + row.Key))).Select(t => new { top = t.Top, gross = Digits(t.Gross), shareBp = Share(t.Gross, sum.Gross) }),
                largest = largest.Select(r => (Row: r, Gross: bands.Rank(r.Figures.Gross, r.Figures.Currency))).Select(r => new
                {
                    customer = r.Row.Customer, name = names.GetValueOrDefault(r.Row.Customer), band = BoardFilter.NameOf(bands.Of(r.Row.Figures)), gross = Digits(r.Gross), shareBp = Share(r.Gross, sum.Gross),
                }),
                groups = groups.Select(g => new { group = g.Key, name = names.GetValueOrDefault(g.Key), customers = g.Value.Customers, gross = Digits(g.Value.Gross), shareBp = Share(g.Value.Gross, sum.Gross) }),
            });
        }).Asks(BoardFilter.Query).Fails(503).Tells(Shapes.Concentration);

    private static int? Share(Int128 part, Int128 whole) => whole <= 0 ? null : (int)(part * 10_000 / whole);

    private static string Digits(Int128 value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The exposure of what a filter takes, in the base currency, and that of the members of each group that the reader may be told of.</summary>
    private struct GrossScan(BoardFilter filter, Bands bands, ExposureEngine engine) : IGlanceVisitor
    {
        private readonly BoardFilter.Words _words = new(filter, bands, engine);
        private readonly Dictionary<(int Partition, int Slot), string> _tops = bands.GroupsByPlace(filter.Scope, engine);
        private PublishedRows _rows = null!;

        internal Int128 Gross { get; private set; }

        internal Dictionary<string, (int Customers, Int128 Gross)> Groups { get; } = new(StringComparer.Ordinal);

        public void Begin(PublishedRows rows)
        {
            _rows = rows;
            _words.Begin(rows);
        }

        public void Visit(in PublishedGlance row)
        {
            if (!filter.Takes(row, bands, _words, _rows)) return;
            var gross = bands.Rank(row.Gross, row.Currency);
            Gross += gross;
            if (!_tops.TryGetValue((row.Partition, row.Slot), out var top)) return;
            var group = Groups.GetValueOrDefault(top);
            Groups[top] = (group.Customers + 1, group.Gross + gross);
        }
    }
}
