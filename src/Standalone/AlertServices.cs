using ExposureMonitor.Alerts;
using ExposureMonitor.Api;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Standalone;

/// <summary>The alerts beside an engine: the pump of the outbox, the house that makes messages of it, its channels.</summary>
internal sealed class AlertServices : IAsyncDisposable
{
    private readonly OutboxPump _pump;

    private AlertServices(OutboxPump pump) => _pump = pump;

    /// <summary>Refuses a file that must not be used, before anything is told that is told once.</summary>
    /// <exception cref="InvalidOperationException">The file has faults.</exception>
    internal static async Task CheckAsync(IStoredJournal journal, FileInfo told, Desk desk, CancellationToken cancel) => await AtDesk(journal, told, desk).ReadAsync(cancel);

    private static ChannelsAtDesk AtDesk(IStoredJournal journal, FileInfo told, Desk desk) =>
        new(secrets => ChannelsCommand.Read(told, secrets), file => ChannelsCommand.Refuse(told, file), journal, desk.SealingKey, TimeProvider.System);

    /// <summary>Begins, and tells the desk.</summary>
    internal static async Task<AlertServices> StartAsync(ExposureEngine engine, IStoredJournal journal, FileInfo told, Desk desk, CancellationToken cancel)
    {
        var atDesk = AtDesk(journal, told, desk);
        var file = await atDesk.ReadAsync(cancel);
        var heads = await engine.Reader.HeadsAsync(cancel);
        var house = await AlertHouse.StartAsync(file.Plan(), journal, new EngineCards(engine), heads, cancel: cancel);
        try
        {
            // The pump owns the house from here on, and ends it.
            var pump = await OutboxPump.StartAsync(new JournalOutbox(engine.Reader, engine.Tail.Begin()), heads, journal, house, engine.Bell, new OutboxPumpOptions { Pause = TimeSpan.FromMilliseconds(10) }, cancel: cancel);
            desk.Services.Enqueue(pump);
            foreach (var channel in ChannelsAtDesk.Shown(house, file)) desk.Services.Enqueue(channel);
            atDesk.Begin(desk, house, file);
            house.Watch(engine);
            return new AlertServices(pump);
        }
        catch
        {
            await house.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _pump.DisposeAsync();
}
