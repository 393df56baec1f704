using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ExposureMonitor.Alerts;

/// <summary>How long to wait after a failure.</summary>
public static class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromMinutes(5);

    /// <summary>
    /// After so many attempts: a second that doubles up to five minutes, with full jitter. The jitter follows from the message, so that the
    /// same failure has the same wait wherever it is worked out, and channels that fail together do not come back together.
    /// </summary>
    /// <param name="attempts">At least 1.</param>
    public static TimeSpan After(string messageId, int attempts)
    {
        var most = Math.Min(Longest.Ticks, First.Ticks << Math.Clamp(attempts - 1, 0, 20));
        // Never none at all: a refused connection answers within a millisecond.
        return TimeSpan.FromTicks(Math.Max(First.Ticks / 5, (long)(most / 65_536 * Share($"{messageId}#{attempts}"))));
    }

    /// <summary>A number from 0 to 65,535 that follows from a text and is spread evenly.</summary>
    public static int Share(string text) => BinaryPrimitives.ReadUInt16BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
