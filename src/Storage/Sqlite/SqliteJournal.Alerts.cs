using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>What the alerts keep, written on the one connection that writes.</summary>
internal sealed partial class SqliteJournal
{
    public async ValueTask<IReadOnlyDictionary<int, long>> BeginAsync(IReadOnlyList<PartitionHead> heads, CancellationToken cancel)
    {
        await OnWriterAsync(w => w.Note(AlertStatements.Begin(heads)), heads.Count * RowBytes, cancel);
        return await reader.AlertsSinceAsync(cancel);
    }

    public async ValueTask TakeInAsync(AlertIntake intake, CancellationToken cancel) =>
        await OnWriterAsync(w => w.Note(AlertStatements.TakeIn(intake)), (intake.Alerts.Count + intake.Deliveries.Count) * RowBytes, cancel);

    public async ValueTask<ChannelHold> OpenChannelAsync(string channel, CancellationToken cancel)
    {
        var (epoch, memory) = await OnWriterAsync(w => w.Returned(AlertStatements.OpenChannel, static r => (r.GetInt64(0), r.GetFieldValue<byte[]>(1)), channel, Array.Empty<byte>()), RowBytes, cancel);
        return new ChannelHold(channel, epoch, memory);
    }

    public async ValueTask<bool> WriteAsync(ChannelWrite write, CancellationToken cancel) =>
        await OnWriterAsync(w => w.Guarded(AlertStatements.Write(write)), (1 + write.Rows.Count) * RowBytes, cancel);

    public async ValueTask<bool> HandleAsync(AlertRow row, AlertNote note, CancellationToken cancel) =>
        await OnWriterAsync(w => w.Guarded(AlertStatements.Handle(row, note)), 2 * RowBytes, cancel);

    public async ValueTask<bool> SaveSilenceAsync(SilenceRow row, CancellationToken cancel) => await OnWriterAsync(w => w.Guarded(AlertStatements.Save(row)), RowBytes, cancel);

    public async ValueTask<int> PurgeAsync(Instant before, int most, CancellationToken cancel)
    {
        var old = await reader.OldAlertsAsync(before, most, cancel);
        await OnWriterAsync(w => w.Note(AlertStatements.Purge(old)), old.Count * RowBytes, cancel);
        return old.Count;
    }

    public ValueTask<IReadOnlyList<string>> OpenChannelsAsync(CancellationToken cancel) => reader.OpenChannelsAsync(cancel);

    public ValueTask<IReadOnlyList<DeliveryRow>> OpenDeliveriesAsync(string channel, long after, int limit, CancellationToken cancel) => reader.OpenDeliveriesAsync(channel, after, limit, cancel);

    public ValueTask<IReadOnlyList<DeliveryRow>> StandingDeliveriesAsync(string channel, CancellationToken cancel) => reader.StandingDeliveriesAsync(channel, cancel);

    public ValueTask<IReadOnlyList<DeliveryRow>> DeliveriesOfAsync(IReadOnlyCollection<string> alerts, CancellationToken cancel) => reader.DeliveriesOfAsync(alerts, cancel);

    public ValueTask<IReadOnlyList<DeliveryRow>> DeliveriesAsync(DeliveryQuery query, CancellationToken cancel) => reader.DeliveriesAsync(query, cancel);

    public ValueTask<IReadOnlyList<AlertRow>> AlertsAsync(IReadOnlyCollection<string> ids, CancellationToken cancel) => reader.AlertsAsync(ids, cancel);

    public ValueTask<IReadOnlyList<AlertRow>> AlertsAsync(AlertQuery query, CancellationToken cancel) => reader.AlertsAsync(query, cancel);

    public ValueTask<IReadOnlyList<AlertTally>> TalliesAsync(Instant from, CancellationToken cancel) => reader.TalliesAsync(from, cancel);

    public ValueTask<IReadOnlyList<AlertNote>> NotesAsync(string alert, CancellationToken cancel) => reader.NotesAsync(alert, cancel);

    public ValueTask<IReadOnlyList<SilenceRow>> SilencesAsync(Instant endingAfter, CancellationToken cancel) => reader.SilencesAsync(endingAfter, cancel);
}
