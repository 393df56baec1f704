namespace ExposureMonitor.Engine;

/// <summary>How long the last of something took, for whoever looks now. Safe from any thread; a reader may see a measure that is being replaced.</summary>
public sealed class RecentTimes
{
    private const int Kept = 1_024;

    private readonly int[] _micros = new int[Kept];
    private long _count;

    internal void Add(TimeSpan took)
    {
        var at = Interlocked.Increment(ref _count) - 1;
        Volatile.Write(ref _micros[at % Kept], (int)Math.Min(int.MaxValue, Math.Max(0, took.TotalMicroseconds)));
    }

    /// <summary>The middle and the slowest hundredth, by the nearest rank; <c>null</c> before the first one.</summary>
    public (TimeSpan P50, TimeSpan P99)? Percentiles()
    {
        var kept = (int)Math.Min(Kept, Volatile.Read(ref _count));
        if (kept == 0) return null;
        var sorted = _micros.AsSpan(0, kept).ToArray();
        Array.Sort(sorted);
        return (Rank(sorted, 50), Rank(sorted, 99));
    }

    private static TimeSpan Rank(int[] sorted, int percent) => TimeSpan.FromMicroseconds(sorted[Math.Max(0, (sorted.Length * percent + 99) / 100 - 1)]);
}
