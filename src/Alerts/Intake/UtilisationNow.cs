using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>How much of their limits customers use at this moment, by the committed rows: what somebody waits for who lets an alert rest until it is better.</summary>
public static class UtilisationNow
{
    /// <summary>How old a copy of another owner's rows may be.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    /// <summary>By customer, basis points; who is unknown, or has no limit of an amount, is left out.</summary>
    /// <exception cref="EngineUnavailableException">The rows of another owner cannot be read now.</exception>
    public static async Task<IReadOnlyDictionary<string, int>> OfAsync(ExposureEngine engine, IReadOnlyCollection<string> customers, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(engine);
        if (customers.Any(c => !engine.Owns(engine.PartitionOf(c)))) await engine.MirrorAsync(Fresh, cancel);
        var used = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var customer in customers)
            if (engine.TryGetRow(customer, out var row) && row.Figures.UtilisationBp >= 0) used[customer] = row.Figures.UtilisationBp;
        return used;
    }
}
