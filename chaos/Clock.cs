namespace ExposureMonitor.Chaos;

/// <summary>
/// Milliseconds in which the rig itself ran. Limits are told by it: while a machine stands still, or stops the rig with all that it
/// started, nothing can be expected of the product either.
/// </summary>
internal static class Clock
{
    private const int TickMs = 50, CountsAtMostMs = 250;

    private static long _now;

    static Clock() => new Thread(Run) { IsBackground = true, Name = "clock", Priority = ThreadPriority.Highest }.Start();

    internal static long Now => Volatile.Read(ref _now);

    /// <summary>Whether a task ends in so many milliseconds.</summary>
    internal static async Task<bool> EndsAsync(Task task, int within)
    {
        for (var limit = Now + within; !task.IsCompleted && Now < limit;) await Task.WhenAny(task, Task.Delay(TickMs));
        return task.IsCompleted;
    }

    private static void Run()
    {
        for (var last = Environment.TickCount64; ;)
        {
            Thread.Sleep(TickMs);
            var now = Environment.TickCount64;
            Volatile.Write(ref _now, _now + Math.Min(now - last, CountsAtMostMs));
            last = now;
        }
    }
}
