using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>At most so many requests in any span of that length, wherever the span begins.</summary>
/// <param name="Count">At least 1.</param>
public sealed record Rate(int Count, TimeSpan Per);

/// <summary>
/// How fast a channel may be sent to. It remembers the requests themselves, not a level that refills: a bucket that is full and then refills lets
/// nearly twice its rate through in one window, and vendors count windows. What it remembers survives a restart with the owner's memory.
/// </summary>
public sealed class Pace(IReadOnlyList<Rate> rates)
{
    private readonly List<long> _sent = [];

    /// <summary>Moments of the requests that still count, oldest first, microseconds.</summary>
    public IReadOnlyList<long> Sent => _sent;

    /// <summary>Remembers requests of an earlier owner.</summary>
    public void Restore(IEnumerable<long> sent)
    {
        _sent.Clear();
        _sent.AddRange(sent.Order());
    }

    /// <summary>The first moment from now on at which one more request breaks no rate.</summary>
    public Instant FreeAt(Instant now)
    {
        var free = now.Micros;
        foreach (var rate in rates)
        {
            if (_sent.Count < rate.Count) continue;
            free = Math.Max(free, _sent[^rate.Count] + Micros(rate.Per));
        }

        return new Instant(free);
    }

    /// <summary>A request goes out now.</summary>
    public void Take(Instant now)
    {
        // A clock that was set back must not make the past look empty.
        _sent.Add(_sent.Count > 0 ? Math.Max(_sent[^1], now.Micros) : now.Micros);
        var most = rates.Count == 0 ? 0 : rates.Max(r => r.Count);
        if (_sent.Count > most) _sent.RemoveRange(0, _sent.Count - most);
    }

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}
