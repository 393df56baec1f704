using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>Feeds that give no sign of life, as the books of all partitions have it: what waits because of them was decided by the same.</summary>
public static class SilentFeeds
{
    private const string Kafka = "kafka:";

    /// <summary>By topic, or by the name of another feed, since when; asked of every partition, wherever it is owned.</summary>
    /// <exception cref="EngineUnavailableException">A partition does not answer: nothing is known of its feeds.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> OfAsync(ExposureEngine engine, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(engine);
        var stale = new List<StaleFeed>();
        for (var partition = Book.House; partition < engine.Database.Partitions; partition++) stale.AddRange(await engine.AskAsync(partition, BookQuestions.StaleFeeds(), cancel));
        return InWords(stale);
    }

    /// <summary>One line for each topic: its partitions are read by the same client, and fall silent together.</summary>
    internal static IReadOnlyDictionary<string, string> InWords(IEnumerable<StaleFeed> stale) => stale.GroupBy(f => NameOf(f.Feed), StringComparer.Ordinal).ToDictionary(
        g => g.Key, g => string.Create(CultureInfo.InvariantCulture, $"no sign of life since {g.Min(f => f.Since)}, {g.Count()} {(g.Count() == 1 ? "partition" : "partitions")}"), StringComparer.Ordinal);

    /// <summary><c>kafka:TOPIC:PARTITION</c> is told by its topic.</summary>
    private static string NameOf(string feed) => feed.StartsWith(Kafka, StringComparison.Ordinal) && feed.LastIndexOf(':') is var end && end > Kafka.Length ? feed[Kafka.Length..end] : feed;
}
