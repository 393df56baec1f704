using ExposureMonitor.Alerts;
using ExposureMonitor.Api;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Standalone;

/// <summary>The alerts beside an engine: the pump of the outbox, the house that makes messages of it, its channels.</summary>
internal sealed class AlertServices : IAsyncDisposable
{
    private readonly OutboxPump _pump;

    private AlertServices(OutboxPump pump, AlertHouse house) => (_pump, House) = (pump, house);

    internal AlertHouse House { get; }

    /// <summary>Begins, and tells the desk.</summary>
    internal static async Task<AlertServices> StartAsync(ExposureEngine engine, IStoredJournal journal, FileInfo told, Desk desk, CancellationToken cancel)
    {
        if (!told.Exists) throw new ArgumentException($"--channels: no file '{told.FullName}'.");
        var channels = new StoredChannels(told.FullName, journal);
        var file = await channels.ReadAsync(cancel);
        var heads = await engine.Reader.HeadsAsync(cancel);
        var house = await AlertHouse.StartAsync(file.Plan(), journal, new EngineCards(engine), heads, cancel: cancel);
        try
        {
            // The pump owns the house from here on, and ends it.
            var pump = await OutboxPump.StartAsync(new JournalOutbox(engine.Reader), heads, journal, house, engine.Bell, new OutboxPumpOptions { Pause = TimeSpan.FromMilliseconds(10) }, cancel: cancel);
            desk.Services.Enqueue(pump);
            foreach (var channel in file.Channels.Select(c => c.Name).Concat(file.Waiting)) desk.Services.Enqueue(new Current(house, channel));
            (desk.Alerts, desk.StoredPlaces, desk.RenewChannel, desk.TryCredential) = (house, file.StoredPlaces, (channel, stop) => channels.RenewAsync(house, channel, stop), channels.Try);
            house.Watch(engine);
            return new AlertServices(pump, house);
        }
        catch
        {
            await house.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _pump.DisposeAsync();

    /// <summary>A channel by its name, whoever owns it now.</summary>
    private sealed class Current(AlertHouse house, string channel) : IServiceState
    {
        public ServiceState Look() => house.Channels.TryGetValue(channel, out var owner) ? owner.Look() : new ServiceState("channel " + channel, ServiceHealth.Waiting, "its credential is to be set over the API", [], []);
    }
}
