using System.Security.Cryptography;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Silo;

/// <summary>
/// Anchors of a silo: a chain of its own in each place, below its name, with the heads of all partitions as the database has them. So no two silos
/// ever write to one chain, and each holds what was committed by whom ever.
/// </summary>
internal sealed class SiloAnchors : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _closing = [];

    /// <summary>Who writes them; <c>null</c> where no place is named.</summary>
    internal AnchorKeeper? Keeper { get; private set; }

    /// <exception cref="HistoryCutException">The database lacks or contradicts what was anchored.</exception>
    /// <exception cref="SettingException">The key cannot be read, or another process writes under this name.</exception>
    internal static async Task<SiloAnchors> StartAsync(SiloOptions options, DatabaseInfo database, Action<string> tell, CancellationToken cancel)
    {
        var anchors = new SiloAnchors();
        if (options.AnchorPlaces.Count == 0) return anchors;
        try
        {
            var places = options.AnchorPlaces.Select(p => Path.Combine(p, options.SiloName)).ToList();
            foreach (var place in places) anchors._closing.Add(new Held(Lock(place)));
            var key = ReadKey(options.AnchorKey);
            anchors._closing.Add(new Held(key));
            var reader = await JournalFactory.OpenReaderAsync(options.Journal, cancel);
            anchors._closing.Add(reader);
            anchors._closing.Add(anchors.Keeper = await AnchorKeeper.StartAsync(reader, database, places, key, options.AcceptRestored, TimeProvider.System, tell, cancel));
            return anchors;
        }
        catch
        {
            await anchors.DisposeAsync();
            throw;
        }
    }

    /// <summary>A process that was replaced, and sleeps, would write the same numbers again when it wakes up.</summary>
    private static FileStream Lock(string place)
    {
        try
        {
            Directory.CreateDirectory(place);
            return new FileStream(Path.Combine(place, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception held) when (held is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"Anchors:Places: {place} cannot be written, or another process writes there under this silo's name: {held.Message}", held);
        }
    }

    private static ECDsa ReadKey(string file)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            return key;
        }
        catch (Exception wrong) when (wrong is ArgumentException or CryptographicException or IOException or UnauthorizedAccessException)
        {
            key.Dispose();
            throw new SettingException($"Anchors:KeyFile is '{file}'; expected the private key of exposure anchors key. {wrong.Message}", wrong);
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = _closing.Count - 1; i >= 0; i--) await _closing[i].DisposeAsync();
        _closing.Clear();
    }

    private sealed class Held(IDisposable what) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            what.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
