using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>What stands beside the journal, in the first database.</summary>
internal sealed partial class ShardedJournal
{
    public ValueTask<IReadOnlyDictionary<int, long>> BeginAsync(IReadOnlyList<PartitionHead> heads, CancellationToken cancel) => Home.BeginAsync(heads, cancel);

    public async ValueTask TakeInAsync(AlertIntake intake, CancellationToken cancel)
    {
        // Alerts and deliveries first: cursors of other databases that did not move bring the same rows again, which changes nothing.
        var (home, away) = (intake.Places.Where(p => ShardOf(p.Key) == 0).ToDictionary(), intake.Places.Where(p => ShardOf(p.Key) != 0).ToDictionary());
        await Home.TakeInAsync(intake with { Places = home }, cancel);
        if (intake.Reader is { } reader && away.Count > 0) await MoveCursorsAsync(reader, away, cancel);
    }

    public ValueTask<ChannelHold> OpenChannelAsync(string channel, CancellationToken cancel) => Home.OpenChannelAsync(channel, cancel);

    public ValueTask<bool> WriteAsync(ChannelWrite write, CancellationToken cancel) => Home.WriteAsync(write, cancel);

    public ValueTask<IReadOnlyList<string>> OpenChannelsAsync(CancellationToken cancel) => Home.OpenChannelsAsync(cancel);

    public ValueTask<IReadOnlyList<DeliveryRow>> OpenDeliveriesAsync(string channel, long after, int limit, CancellationToken cancel) => Home.OpenDeliveriesAsync(channel, after, limit, cancel);

    public ValueTask<IReadOnlyList<DeliveryRow>> StandingDeliveriesAsync(string channel, CancellationToken cancel) => Home.StandingDeliveriesAsync(channel, cancel);

    public ValueTask<IReadOnlyList<DeliveryRow>> DeliveriesOfAsync(IReadOnlyCollection<string> alerts, CancellationToken cancel) => Home.DeliveriesOfAsync(alerts, cancel);

    public ValueTask<IReadOnlyList<DeliveryRow>> DeliveriesAsync(DeliveryQuery query, CancellationToken cancel) => Home.DeliveriesAsync(query, cancel);

    public ValueTask<IReadOnlyList<AlertRow>> AlertsAsync(IReadOnlyCollection<string> ids, CancellationToken cancel) => Home.AlertsAsync(ids, cancel);

    public ValueTask<IReadOnlyList<AlertRow>> AlertsAsync(AlertQuery query, CancellationToken cancel) => Home.AlertsAsync(query, cancel);

    public ValueTask<IReadOnlyList<AlertTally>> TalliesAsync(Instant from, CancellationToken cancel) => Home.TalliesAsync(from, cancel);

    public ValueTask<IReadOnlyList<AlertNote>> NotesAsync(string alert, CancellationToken cancel) => Home.NotesAsync(alert, cancel);

    public ValueTask<bool> HandleAsync(AlertRow row, AlertNote note, CancellationToken cancel) => Home.HandleAsync(row, note, cancel);

    public ValueTask<int> PurgeAsync(Instant before, int most, CancellationToken cancel) => Home.PurgeAsync(before, most, cancel);

    public ValueTask<IReadOnlyList<SilenceRow>> SilencesAsync(Instant endingAfter, CancellationToken cancel) => Home.SilencesAsync(endingAfter, cancel);

    public ValueTask<bool> SaveSilenceAsync(SilenceRow row, CancellationToken cancel) => Home.SaveSilenceAsync(row, cancel);

    public ValueTask<long> BeginBaseAsync(CancellationToken cancel) => throw NoBase();

    public ValueTask WriteBaseAsync(long number, int partition, IReadOnlyList<BaseAccount> accounts, CancellationToken cancel) => throw NoBase();

    public ValueTask WriteBaseAsync(PartitionBase partition, CancellationToken cancel) => throw NoBase();

    public ValueTask SealBaseAsync(BaseSeal seal, CancellationToken cancel) => throw NoBase();

    public ValueTask<PartitionBase?> FindBaseAsync(long number, int partition, CancellationToken cancel) => throw NoBase();

    public ValueTask<IReadOnlyList<JournalRange>> RangesAsync(CancellationToken cancel) => throw NoBase();

    public ValueTask DropRangeAsync(int period, Action<long> tell, CancellationToken cancel) => throw NoBase();

    public ValueTask<long> DropOlderBasesAsync(CancellationToken cancel) => throw NoBase();

    /// <summary>The seal of a base is one row in one transaction; over two databases there is none.</summary>
    private static InvalidOperationException NoBase() => new("A journal in several databases is not pruned: the seal of a base is one transaction, and none spans two databases.");
}
