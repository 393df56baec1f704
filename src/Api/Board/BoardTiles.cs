using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>
/// The tiles above a board. Each is a filter of its own over what the board looks at, so that a tile and the list that it opens
/// are the same question.
/// </summary>
internal static class BoardTiles
{
    /// <summary>Name of a tile, and what it asks beyond the filter of the board.</summary>
    private static readonly (string Name, Func<BoardFilter, BoardFilter> Of)[] Tiles =
    [
        ("all", f => f),
        ("over", f => f with { BandSet = (1 << (int)Band.Over) | (1 << (int)Band.Breach) }),
        ("breach", f => f with { BandSet = 1 << (int)Band.Breach }),
        ("overdue30", f => f with { OverdueDays = 30 }),
        ("overdue60", f => f with { OverdueDays = 60 }),
        ("overdue90", f => f with { OverdueDays = 90 }),
        ("held", f => f with { Held = true }),
        ("unapplied", f => f with { Unapplied = true }),
        .. Enum.GetValues<Band>().Select(band => ("band:" + BoardFilter.NameOf(band), (Func<BoardFilter, BoardFilter>)(f => f with { BandSet = 1 << (int)band }))),
    ];

    /// <summary>All tiles over a filter. Which band, order or days the board itself is narrowed to does not matter to them.</summary>
    internal static List<LiveRow> Compute(ExposureEngine engine, BoardFilter filter, Bands bands)
    {
        var around = filter with { BandSet = 0, Breached = false, Held = false, Unapplied = false, Rising = false, OverdueDays = -1, Sort = "customer", Ascending = true };
        var scan = new TileScan([.. Tiles.Select(t => t.Of(around))], bands, engine);
        foreach (var rows in engine.Published) rows.Scan(ref scan);
        return [.. Tiles.Select((tile, i) => new LiveRow(tile.Name, Json(tile.Name, scan.Sums[i])))];
    }

    private static byte[] Json(string name, Dictionary<Currency, BoardSums> sums) => AccountJson.Bytes(json =>
    {
        json.WriteStartObject();
        json.WriteString("id", name);
        json.WriteNumber("count", sums.Values.Sum(s => s.Customers));
        WriteSums(json, sums);
        json.WriteEndObject();
    });

    /// <summary>Exact sums, one line per currency; nothing is converted in silence.</summary>
    internal static void WriteSums(Utf8JsonWriter json, Dictionary<Currency, BoardSums> sums)
    {
        json.WriteStartArray("sums");
        foreach (var (currency, s) in sums.OrderByDescending(p => p.Value.Customers).ThenBy(p => p.Key))
        {
            json.WriteStartObject();
            json.WriteString("currency", currency.Code);
            json.WriteNumber("customers", s.Customers);
            json.WriteNumber("overLimit", s.OverLimit);
            json.WriteNumber("heldOrders", s.HeldOrders);
            foreach (var (name, value) in (ReadOnlySpan<(string, Int128)>)[("gross", s.Gross), ("netRisk", s.NetRisk), ("limit", s.Limit), ("over", s.Over), ("overdue", s.Overdue),
                ("overdue30", s.Overdue30), ("overdue60", s.Overdue60), ("overdue90", s.Overdue90), ("held", s.Held), ("unapplied", s.Unapplied)])
                json.WriteString(name, value.ToString(CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>All tiles in one pass.</summary>
    private struct TileScan(BoardFilter[] filters, Bands bands, ExposureEngine engine) : IGlanceVisitor
    {
        private readonly BoardFilter.Words _words = new(filters[0], bands, engine);
        private PublishedRows _rows = null!;

        internal Dictionary<Currency, BoardSums>[] Sums { get; } = [.. filters.Select(_ => new Dictionary<Currency, BoardSums>())];

        public void Begin(PublishedRows rows)
        {
            _rows = rows;
            _words.Begin(rows);
        }

        public void Visit(in PublishedGlance row)
        {
            // The first filter takes whatever any of the others takes.
            if (!filters[0].Takes(row, bands, _words, _rows)) return;
            for (var i = 0; i < filters.Length; i++)
                if (i == 0 || filters[i].Takes(row, bands, _words, _rows))
                    System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(Sums[i], row.Currency, out _).Add(row);
        }
    }
}
