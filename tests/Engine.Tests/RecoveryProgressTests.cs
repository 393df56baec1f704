using System.Diagnostics.Metrics;
using ExposureMonitor.Domain;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>What an engine says of itself while it works: how far a reading back has come, and counts of its own only.</summary>
public sealed class RecoveryProgressTests
{
    private const int Customers = 40;

    [Fact]
    public async Task A_reading_back_counts_the_accounts_of_the_snapshot_and_the_frames_behind_it()
    {
        await using var bench = await Bench.StartAsync(partitions: 1);
        await FeedAsync(bench, 3_000);
        Assert.Null(bench.Engine.RecoveryOf(0));
        // A stop writes a snapshot, and one order more is a frame behind it.
        await bench.ReopenAsync();
        await bench.Engine.SubmitAsync(bench.Order("C1", "LAST"));
        bench.Journal.Writing = () => throw new JournalUnavailableException("the disk is full");
        await bench.CloseAsync();

        await using var reader = await JournalFactory.OpenReaderAsync(bench.Address);
        var head = Assert.Single(await reader.HeadsAsync(CancellationToken.None), h => h.Partition == 0);
        var progress = new RecoveryProgress();
        await Recovery.RunAsync(reader, reader.Database, head, CancellationToken.None, progress);
        Assert.Equal((Customers, Customers), (progress.Accounts, progress.AccountsAll));
        Assert.Equal(head.Seq - head.SnapshotSeq, progress.FramesAll);
        Assert.InRange(progress.FramesAll, 1, 20);
        Assert.Equal(progress.FramesAll, progress.Frames);
    }

    [Fact]
    public async Task Without_a_snapshot_every_frame_is_counted()
    {
        await using var bench = await Bench.StartAsync(partitions: 1);
        for (var i = 0; i < 5; i++) await bench.Engine.SubmitAsync(Bench.Limit("C" + i, 100));
        bench.Journal.Writing = () => throw new JournalUnavailableException("the disk is full");
        await bench.CloseAsync();
        await using var reader = await JournalFactory.OpenReaderAsync(bench.Address);
        var head = Assert.Single(await reader.HeadsAsync(CancellationToken.None), h => h.Partition == 0);
        Assert.Equal(0, head.SnapshotSeq);
        var progress = new RecoveryProgress();
        await Recovery.RunAsync(reader, reader.Database, head, CancellationToken.None, progress);
        Assert.Equal((0, 0, head.Seq, head.Seq), (progress.Accounts, progress.AccountsAll, progress.Frames, progress.FramesAll));
    }

    /// <summary>Two engines of one process have the same names, and whoever exports one of them hears nothing of the other.</summary>
    [Fact]
    public async Task An_engine_counts_what_it_did_and_not_what_another_one_did()
    {
        await using var one = await Bench.StartAsync();
        await using var other = await Bench.StartAsync();
        long counted = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, it) =>
            {
                if (instrument.Name == "exposure_events_total" && one.Engine.Instruments.Has(instrument)) it.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (var (name, told) in tags)
                if (name == "type" && told is "credit.limit.set.v1") Interlocked.Add(ref counted, value);
        });
        listener.Start();
        await one.Engine.SubmitAsync(Bench.Limit("A", 100));
        for (var i = 0; i < 3; i++) await other.Engine.SubmitAsync(Bench.Limit("B" + i, 100));
        await one.Engine.SubmitAsync(Bench.Limit("C", 100));
        // A stop has told the counters of everything.
        await one.Engine.StopAsync();
        await other.Engine.StopAsync();
        Assert.Equal(2, Interlocked.Read(ref counted));
    }

    private static async Task FeedAsync(Bench bench, int orders)
    {
        await bench.Engine.SubmitBatchAsync([.. Enumerable.Range(0, Customers).Select(i => Bench.Limit($"C{i}", 1_000_000_000))]);
        await bench.Engine.SubmitBatchAsync([.. Enumerable.Range(0, orders).Select(i => bench.Order($"C{i % Customers}", "O" + i))]);
    }
}
