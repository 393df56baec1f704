using ExposureMonitor.Alerts;
using ExposureMonitor.Api;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Standalone;

/// <summary>The alerts beside an engine: the pump of the outbox, the house that makes messages of it, its channels.</summary>
internal sealed class AlertServices : IAsyncDisposable
{
    private readonly OutboxPump _pump;
    private readonly FileInfo _file;
    private readonly IDeskNotes _notes;

    private AlertServices(OutboxPump pump, AlertHouse house, FileInfo file, IDeskNotes notes) => (_pump, House, _file, _notes) = (pump, house, file, notes);

    internal AlertHouse House { get; }

    /// <summary>The file as it stands, with the credentials that were set over the API.</summary>
    internal static async Task<ChannelsFile> ReadAsync(FileInfo told, IDeskNotes notes, CancellationToken cancel)
    {
        var stored = (await notes.DeskNotesAsync(StoredCredential.Kind, cancel)).ToDictionary(n => n.Id, n => StoredCredential.Parse(n.Body), StringComparer.Ordinal);
        return ChannelsCommand.Load(told, new StoredSecrets(new ProcessSecrets(), stored, TimeProvider.System));
    }

    /// <summary>Why a credential could not be used at its place; <c>null</c> when it could. It is read as the file would be with it.</summary>
    private string? Try(string place, string value)
    {
        var key = Environment.GetEnvironmentVariable(SealedSecrets.KeyVariable) ?? "";
        var stored = new Dictionary<string, StoredCredential> { [place] = new(SealedSecrets.Seal(value, key, place), "", "", "", 0, "", 0) };
        var file = ChannelsFile.Read(File.ReadAllText(_file.FullName), new StoredSecrets(new ProcessSecrets(), stored, TimeProvider.System));
        return file.Faults.FirstOrDefault(f => f.Key == place) is { } fault ? fault.Text : null;
    }

    /// <summary>Lets a channel go on with what the file and the stored credentials say now; "" or why not.</summary>
    internal async ValueTask<string> RenewAsync(string channel, CancellationToken cancel)
    {
        try
        {
            if ((await ReadAsync(_file, _notes, cancel)).Channels.FirstOrDefault(c => c.Name == channel) is not { } settings) return "";
            await House.RenewAsync(Transports.SetupOf(settings), cancel);
            return "";
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or ArgumentException)
        {
            return "BAD_FILE: " + wrong.Message.Split('\n')[0];
        }
    }

    /// <summary>Begins, and tells the desk.</summary>
    internal static async Task<AlertServices> StartAsync(ExposureEngine engine, IStoredJournal journal, FileInfo told, Desk desk, CancellationToken cancel)
    {
        var file = await ReadAsync(told, journal, cancel);
        var heads = await engine.Reader.HeadsAsync(cancel);
        var house = await AlertHouse.StartAsync(file.Plan(), journal, new EngineCards(engine), heads, cancel: cancel);
        try
        {
            // The pump owns the house from here on, and ends it.
            var pump = await OutboxPump.StartAsync(new JournalOutbox(engine.Reader), heads, journal, house, engine.Bell, new OutboxPumpOptions { Pause = TimeSpan.FromMilliseconds(10) }, cancel: cancel);
            desk.Services.Enqueue(pump);
            foreach (var channel in file.Channels.Select(c => c.Name).Concat(file.Waiting)) desk.Services.Enqueue(new Current(house, channel));
            var services = new AlertServices(pump, house, told, journal);
            (desk.Alerts, desk.StoredPlaces, desk.RenewChannel, desk.TryCredential) = (house, file.StoredPlaces, services.RenewAsync, services.Try);
            house.Watch(engine);
            return services;
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
