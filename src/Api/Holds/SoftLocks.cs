using System.Collections.Concurrent;

namespace ExposureMonitor.Api;

/// <summary>
/// Who looks at a held order, so that two people do not work on the same one. It stops nobody: the decision itself is guarded by
/// versions. It lives in memory, two minutes at a time, and a page that is open renews it.
/// </summary>
internal sealed class SoftLocks(TimeProvider time)
{
    internal static readonly TimeSpan Lasts = TimeSpan.FromMinutes(2);

    private const int Most = 10_000;

    private readonly ConcurrentDictionary<string, (string By, DateTimeOffset Until)> _locks = new(StringComparer.Ordinal);

    /// <summary>Who looks at something; <c>null</c> for nobody.</summary>
    internal (string By, DateTimeOffset Until)? Of(string what) => _locks.TryGetValue(what, out var held) && held.Until > time.GetUtcNow() ? held : null;

    /// <summary>Takes or renews; tells who has it then, and whether that is new.</summary>
    internal (string By, DateTimeOffset Until, bool IsNew) Take(string what, string subject)
    {
        var now = time.GetUtcNow();
        if (_locks.Count > Most)
            foreach (var (old, kept) in _locks)
                if (kept.Until <= now) _locks.TryRemove(old, out _);
        var before = Of(what);
        var held = _locks.AddOrUpdate(what, (subject, now + Lasts), (_, standing) => standing.Until > now && standing.By != subject ? standing : (subject, now + Lasts));
        return (held.By, held.Until, before?.By != held.By);
    }

    /// <summary>Lets go of what is one's own.</summary>
    internal bool Drop(string what, string subject) => _locks.TryGetValue(what, out var held) && held.By == subject && _locks.TryRemove(new(what, held));
}
