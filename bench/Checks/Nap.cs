using System.Runtime.InteropServices;

/// <summary>A sleep of less than a millisecond, which the platform's own calls round up to one.</summary>
internal static partial class Nap
{
    /// <summary>Sleeps about so many nanoseconds; the kernel adds its timer slack of some 50 microseconds.</summary>
    internal static void For(long nanoseconds)
    {
        var time = new Timespec { Seconds = (nint)(nanoseconds / 1_000_000_000), Nanoseconds = (nint)(nanoseconds % 1_000_000_000) };
        if (OperatingSystem.IsLinux()) NanoSleep(in time, 0);
        else Thread.Sleep(TimeSpan.FromMicroseconds(nanoseconds / 1_000 + 1));
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in Timespec time, nint left);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        internal nint Seconds, Nanoseconds;
    }
}
