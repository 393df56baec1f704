using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Routing;

namespace ExposureMonitor.Api;

/// <summary>What arrived about a customer as a file, with where it came from and what became of it.</summary>
internal static class HistoryFile
{
    /// <summary>The journal is read backwards for them; whoever wants more asks for the journal itself.</summary>
    private const int EntriesMost = 10_000;

    private sealed record Line(int Partition, HistoryLine Entry);

    private static readonly CsvColumn<Line>[] Columns =
    [
        new("event", "Event", "事件", l => Csv.Text(l.Entry.Type)), new("document", "Document", "单据", l => Csv.Text(l.Entry.Document)), new("outcome", "Outcome", "结果", l => Csv.Text(l.Entry.Outcome)), new("reason", "Reason", "原因", l => Csv.Text(l.Entry.Reason)),
        new("source", "Source", "来源", l => Csv.Text(l.Entry.Source)), new("stream", "Topic and partition", "主题与分区", l => Csv.Text(l.Entry.Stream)), new("offset", "Offset", "偏移量", l => l.Entry.Stream is null ? "" : l.Entry.Offset.ToString(CultureInfo.InvariantCulture)),
        new("eventId", "Event id", "事件编号", l => Csv.Text(l.Entry.EventId)), new("time", "Time", "时间", l => l.Entry.Time), new("arrival", "Arrived", "到达时间", l => l.Entry.Arrival), new("entry", "Journal entry", "流水位置", l => new EntryPosition(l.Partition, l.Entry.Seq, l.Entry.Index).ToString()),
    ];

    internal static void MapHistoryFile(this RouteGroupBuilder api, Desk desk) =>
        api.ForFile(desk, "/customers/{customer}/history", Roles.Readers, "events", $"Entries of the customer, newest first, at most {EntriesMost}.", Columns, async (http, _) =>
        {
            var customer = http.Customer();
            if (!desk.Engine.TryGetRow(customer, out var row)) return new(Routing.UnknownCustomer(customer), []);
            var document = http.Request.Query["document"].ToString();
            var entries = await History.OfAsync(desk.Engine.Reader, row.Partition, customer, (long.MaxValue, 0), EntriesMost, http.RequestAborted);
            return new CsvFile.Found<Line>(null, [.. entries.Where(e => document.Length == 0 || e.Document == document || e.Document.Split(' ', ',').Contains(document)).Select(e => new Line(row.Partition, e))], IsCut: entries.Count == EntriesMost);
        }).Asks(("document", "Only about this document."));
}
