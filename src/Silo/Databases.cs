using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Silo;

/// <summary>The journal's database as silos open it: shared, and made by the first one.</summary>
internal static class Databases
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30), Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Opens the journal; of several silos that find no database one makes it, and the others wait.</summary>
    internal static async Task<IStoredJournal> OpenAsync(SiloOptions options, CancellationToken cancel)
    {
        for (var begun = TimeProvider.System.GetTimestamp(); ; await Task.Delay(Pause, cancel))
        {
            var isLate = TimeProvider.System.GetElapsedTime(begun) > Patience;
            try
            {
                if (!await JournalFactory.ExistsAsync(options.Journal, cancel))
                    await JournalFactory.CreateAsync(options.Journal, new DatabaseInfo(Guid.NewGuid().ToString("N"), Currency.Parse(options.BaseCurrency).Code, options.Partitions, "wall", options.TimeZone, false), cancel);
                return await JournalFactory.OpenServiceAsync(options.Journal, shared: true, cancel);
            }
            catch (Exception meanwhile) when (!isLate && meanwhile is DatabaseHeldException or DatabaseRefusedException)
            {
                // Another silo makes it, or brings it to this release; what is wrong for good is said after half a minute.
            }
        }
    }

    /// <summary>The address as the Orleans providers read it.</summary>
    internal static string ForOrleans(string address) => JournalFactory.ConnectionStringOf(address);
}
