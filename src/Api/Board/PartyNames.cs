using System.Collections.Concurrent;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>
/// Names of customers for lists. They stand in a table and not in the published rows; so they are kept for a minute, in a bounded
/// number, and a list of fifty asks the database once.
/// </summary>
internal sealed class PartyNames(ExposureEngine engine, TimeProvider time)
{
    private const int Most = 20_000;

    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (string? Name, long At)> _names = new(StringComparer.Ordinal);

    /// <summary>Names of those who have one; when the database does not answer, of those that are remembered.</summary>
    internal async Task<IReadOnlyDictionary<string, string>> OfAsync(IEnumerable<string> customers, CancellationToken cancel)
    {
        var now = time.GetTimestamp();
        var wanted = customers.Distinct(StringComparer.Ordinal).ToList();
        // One without a name is asked for again at once: it has just been opened.
        var missing = wanted.Where(c => !_names.TryGetValue(c, out var known) || known.Name is null || time.GetElapsedTime(known.At, now) > Kept).ToList();
        if (missing.Count > 0)
        {
            try
            {
                var found = await engine.Reader.PartyNamesAsync(missing, cancel);
                if (_names.Count + missing.Count > Most) _names.Clear();
                foreach (var customer in missing) _names[customer] = (found.GetValueOrDefault(customer), now);
            }
            catch (JournalUnavailableException)
            {
                // The figures stand in memory and go on; a name may be a minute old.
            }
        }

        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var customer in wanted)
            if (_names.TryGetValue(customer, out var known) && known.Name is { } name) names[customer] = name;
        return names;
    }
}
