using System.Globalization;
using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>Gauges of the book for wall screens, made of the published rows when somebody asks. Amounts in minor units.</summary>
internal static class BookGauges
{
    /// <param name="steps">Where the bands begin now.</param>
    /// <param name="held">The held orders of this process.</param>
    internal static void Write(StringBuilder text, Desk desk, BandSteps steps, IReadOnlyList<HeldKind> held)
    {
        var amounts = new SortedDictionary<(string, string), (Int128 Gross, Int128 Limit)>();
        var overdue = new SortedDictionary<(string, string), Int128>();
        var customers = new SortedDictionary<(string, string), long>();
        long orders = 0;
        // Each owner tells of its own customers: whoever scrapes all of them adds up.
        foreach (var rows in desk.Engine.Published.Where((_, partition) => desk.Engine.Owns(partition)))
            rows.Visit(row =>
            {
                if (row.Customer is null) return;
                var f = row.Figures;
                var (gross, limit) = amounts.GetValueOrDefault((row.Segment, f.Currency.Code));
                amounts[(row.Segment, f.Currency.Code)] = (gross + f.Gross, limit + (f.LimitKind == LimitKind.Amount ? f.Limit : 0));
                foreach (var (bucket, amount) in (ReadOnlySpan<(string, long)>)[("1-30", f.Late30), ("31-60", f.Late60), ("61-90", f.Late90), ("91-180", f.Late180), ("180+", f.LateMore)])
                    overdue[(bucket, f.Currency.Code)] = overdue.GetValueOrDefault((bucket, f.Currency.Code)) + amount;
                var band = (BoardFilter.NameOf(steps.Of(f)), row.Segment);
                customers[band] = customers.GetValueOrDefault(band) + 1;
                orders += f.HeldOrders;
            });
        Head(text, "exposure_amount", "Gross exposure in minor units.");
        foreach (var ((segment, currency), (gross, _)) in amounts) Line(text, $"exposure_amount{{segment=\"{Label(segment)}\",currency=\"{currency}\"}}", gross);
        Head(text, "exposure_limit_amount", "Limits in minor units.");
        foreach (var ((segment, currency), (_, limit)) in amounts) Line(text, $"exposure_limit_amount{{segment=\"{Label(segment)}\",currency=\"{currency}\"}}", limit);
        Head(text, "exposure_overdue_amount", "Receivables past due in minor units, by days.");
        foreach (var ((bucket, currency), amount) in overdue) Line(text, $"exposure_overdue_amount{{bucket=\"{bucket}\",currency=\"{currency}\"}}", amount);
        Head(text, "exposure_customers", "Customers by the band of the console and segment.");
        foreach (var ((band, segment), count) in customers) Line(text, $"exposure_customers{{band=\"{band}\",segment=\"{Label(segment)}\"}}", count);
        Head(text, "exposure_held_orders", "Orders on hold.");
        Line(text, "exposure_held_orders", orders);
        Head(text, "exposure_holds", "Orders on hold by what they wait for and the first rule that holds them.");
        foreach (var kind in held) Line(text, $"exposure_holds{{state=\"{StateOf(kind.State)}\",rule=\"{Label(kind.Rule)}\"}}", kind.Count);
        Head(text, "exposure_hold_oldest_seconds", "Age of the oldest hold; 0 without any.");
        Line(text, "exposure_hold_oldest_seconds", held.Count == 0 ? 0 : Math.Max(0, (Instant.From(desk.Time.GetUtcNow()).Micros - held.Min(k => k.Oldest).Micros) / Instant.Second));
        Head(text, "exposure_live_streams", "Open live streams.");
        Line(text, "exposure_live_streams", desk.Live.Streams);
        Head(text, "exposure_live_views", "Live views that are kept.");
        Line(text, "exposure_live_views", desk.Live.Views);
    }

    internal static string Label(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    internal static void Head(StringBuilder text, string name, string help) => text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} gauge\n");

    internal static void Line(StringBuilder text, string series, Int128 value) => text.Append(series).Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string StateOf(OrderState state) => state switch
    {
        OrderState.OnHold => "to_decide",
        OrderState.PendingApproval => "to_confirm",
        OrderState.ReadyToRelease => "ready",
        _ => "other",
    };
}
