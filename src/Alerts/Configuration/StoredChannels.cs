using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>A file of channels together with the credentials that were set over the API: read, tried, and renewed while it runs.</summary>
/// <param name="path">Where the file stands.</param>
/// <param name="notes">Where the credentials rest, sealed.</param>
public sealed class StoredChannels(string path, IDeskNotes notes)
{
    /// <summary>The file as it stands, with what is stored now.</summary>
    /// <exception cref="InvalidOperationException">It must not be used; the message says why, by line and key.</exception>
    public async Task<ChannelsFile> ReadAsync(CancellationToken cancel)
    {
        var stored = (await notes.DeskNotesAsync(StoredCredential.Kind, cancel)).ToDictionary(n => n.Id, n => StoredCredential.Parse(n.Body), StringComparer.Ordinal);
        var file = ChannelsFile.Read(await File.ReadAllTextAsync(path, cancel), new StoredSecrets(new ProcessSecrets(), stored, TimeProvider.System));
        var name = Path.GetFileName(path);
        return file.Faults.Count == 0 ? file : throw new InvalidOperationException($"{name}: {string.Join($"\n{name}: ", file.Faults)}");
    }

    /// <summary>Why a credential could not be used at its place; <c>null</c> when it could. It is read as the file would be with it.</summary>
    public string? Try(string place, string value)
    {
        var key = Environment.GetEnvironmentVariable(SealedSecrets.KeyVariable) ?? "";
        var stored = new Dictionary<string, StoredCredential> { [place] = new(SealedSecrets.Seal(value, key, place), "", "", "", 0, "", 0) };
        var file = ChannelsFile.Read(File.ReadAllText(path), new StoredSecrets(new ProcessSecrets(), stored, TimeProvider.System));
        return file.Faults.FirstOrDefault(f => f.Key == place) is { } fault ? fault.Text : null;
    }

    /// <summary>Lets a channel go on with what the file and the stored credentials say now; "" or why not.</summary>
    public async ValueTask<string> RenewAsync(AlertHouse house, string channel, CancellationToken cancel)
    {
        try
        {
            if ((await ReadAsync(cancel)).Channels.FirstOrDefault(c => c.Name == channel) is not { } settings) return "";
            await house.RenewAsync(Transports.SetupOf(settings), cancel);
            return "";
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return "BAD_FILE: " + wrong.Message.Split('\n')[0];
        }
    }
}
