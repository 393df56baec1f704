using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Watches whether the streams are alive: a stream is while the leader of its partition answers fetches and what waits to be
/// read is not older than the budget. A silent producer is no reason; a broker that is away, or a backlog, is. The partition
/// is told of both changes, as facts.
/// </summary>
internal sealed class FeedWatch(ExposureEngine engine, TimeProvider time, TimeSpan budget)
{
    /// <summary>A leader whose last answer is older than this (microseconds) is not there; fetches wait half a second at most.</summary>
    private const long SilenceMax = 5_000_000;

    /// <summary>Reads what the client says of itself every few seconds, on the reader's thread.</summary>
    internal void Take(FeedStream[] streams, string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var there = new HashSet<int>();
        foreach (var broker in root.GetProperty("brokers").EnumerateObject())
            if (broker.Value.GetProperty("state").GetString() == "UP" && broker.Value.GetProperty("rxidle").GetInt64() is >= 0 and < SilenceMax)
                there.Add(broker.Value.GetProperty("nodeid").GetInt32());
        if (!root.TryGetProperty("topics", out var topics) || !topics.TryGetProperty(streams[0].Topic, out var topic)) return;
        foreach (var partition in topic.GetProperty("partitions").EnumerateObject())
        {
            if (!int.TryParse(partition.Name, out var number) || number < 0 || number >= streams.Length) continue;
            var stream = streams[number];
            var end = partition.Value.GetProperty("ls_offset").GetInt64();
            if (end >= 0) stream.End = end;
            if (!there.Contains(partition.Value.GetProperty("leader").GetInt32())) continue;
            var now = time.GetUtcNow();
            var waits = stream.End > stream.GatheredUpTo + 1 || stream.Durable < stream.GatheredUpTo;
            if (!waits || now - stream.NewestWritten < budget) stream.Alive = now;
        }
    }

    /// <summary>Tells partitions whose feeds went stale or came back.</summary>
    internal async Task TellAsync(IEnumerable<FeedStream> streams, CancellationToken cancel)
    {
        foreach (var stream in streams)
        {
            // Of a partition elsewhere its owner knows more; and what comes begins alive.
            if (stream.IsElsewhere) stream.Alive = time.GetUtcNow();
            if (stream.IsElsewhere) continue;
            var isStale = time.GetUtcNow() - stream.Alive > budget;
            if (isStale == stream.IsStale) continue;
            try
            {
                Fact told = isStale ? new FeedStale { Feed = stream.Feed, Since = Instant.From(stream.Alive), Home = stream.Home } : new FeedCurrent { Feed = stream.Feed, Home = stream.Home };
                await engine.SubmitAsync(told, cancel);
                stream.IsStale = isStale;
            }
            catch (EngineUnavailableException)
            {
                // The partition does not serve; it is told at the next look.
            }
        }
    }
}
