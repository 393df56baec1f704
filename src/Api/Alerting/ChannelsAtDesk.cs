using ExposureMonitor.Alerts;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>The file of channels together with the credentials that were set over the API, for whichever process carries the alerts.</summary>
/// <param name="read">Reads the file with secrets from a source; faults stand in what it returns.</param>
/// <param name="refuse">Throws when a file has faults.</param>
public sealed class ChannelsAtDesk(Func<ISecretSource, ChannelsFile> read, Action<ChannelsFile> refuse, IDeskNotes notes, string? sealingKey, TimeProvider time)
{
    /// <summary>The file as it stands, with the credentials that were set over the API.</summary>
    /// <exception cref="JournalUnavailableException">The database does not answer.</exception>
    public async Task<ChannelsFile> ReadAsync(CancellationToken cancel)
    {
        var stored = (await notes.DeskNotesAsync(StoredCredential.Kind, cancel)).ToDictionary(n => n.Id, n => StoredCredential.Parse(n.Body), StringComparer.Ordinal);
        var file = read(new StoredSecrets(new ProcessSecrets(), stored, time));
        refuse(file);
        return file;
    }

    /// <summary>Lets the desk speak for a house of alerts that runs in this process.</summary>
    public void Begin(Desk desk, AlertHouse house, ChannelsFile file)
    {
        (desk.StoredPlaces, desk.RenewChannel, desk.TryCredential) = (file.StoredPlaces, (channel, cancel) => RenewAsync(house, channel, cancel), Try);
        desk.Alerts = house;
    }

    /// <summary>The channels of a file by name, whoever owns each now: those that wait for a credential say so.</summary>
    public static IReadOnlyList<IServiceState> Shown(AlertHouse house, ChannelsFile file) => [.. file.Channels.Select(c => c.Name).Concat(file.Waiting).Select(name => new Current(house, name))];

    /// <summary>Why a credential could not be used at its place; <c>null</c> when it could. It is read as the file would be with it.</summary>
    private string? Try(string place, string value)
    {
        var stored = new Dictionary<string, StoredCredential> { [place] = new(SealedSecrets.Seal(value, sealingKey ?? "", place), "", "", "", 0, "", 0) };
        return read(new StoredSecrets(new ProcessSecrets(), stored, time)).Faults.FirstOrDefault(f => f.Key == place) is { } fault ? fault.Text : null;
    }

    /// <summary>Lets a channel go on with what the file and the stored credentials say now; "" or why not.</summary>
    private async ValueTask<string> RenewAsync(AlertHouse house, string channel, CancellationToken cancel)
    {
        try
        {
            if ((await ReadAsync(cancel)).Channels.FirstOrDefault(c => c.Name == channel) is not { } settings) return "";
            await house.RenewAsync(Transports.SetupOf(settings), cancel);
            return "";
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or ArgumentException)
        {
            return "BAD_FILE: " + wrong.Message.Split('\n')[0];
        }
    }

    private sealed class Current(AlertHouse house, string channel) : IServiceState
    {
        public ServiceState Look() => house.Channels.TryGetValue(channel, out var owner) ? owner.Look() : new ServiceState("channel " + channel, ServiceHealth.Waiting, "its credential is to be set over the API", [], []);
    }
}
