using System.Runtime.InteropServices;

namespace ExposureMonitor.Engine;

/// <summary>
/// How long a thread of this process may compute before one that wakes up takes its place. Linux gives three milliseconds, and looks at it
/// every four: on busy processors each answer of the database, and each end of a flush, waits that long for a thread that applies events. With
/// a short slice whoever wakes up comes at once, and whole shares stay what they were.
/// </summary>
public static class TimeSlices
{
    private const ulong SliceNanoseconds = 100_000;
    private const uint Normal = 0;

    /// <summary>
    /// Shortens the slices of all threads that run; those that they start inherit it. Kernels before 6.12 know no slices of single threads and
    /// ignore it, other systems are left alone.
    /// </summary>
    /// <returns>How many threads took it; 0 where the system offers nothing of the kind.</returns>
    public static int Shorten()
    {
        if (!OperatingSystem.IsLinux() || Calls is not var (write, read)) return 0;
        var taken = 0;
        foreach (var task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            if (!int.TryParse(Path.GetFileName(task), out var thread)) continue;
            // As it is, so that a nice value that somebody chose stays; a thread of another policy is none of ours.
            var attributes = default(Attributes);
            if (Get(read, thread, ref attributes, Attributes.Length, 0) != 0 || attributes.Policy != Normal) continue;
            attributes.Runtime = SliceNanoseconds;
            if (Set(write, thread, ref attributes, 0) == 0) taken++;
        }

        return taken;
    }

    /// <summary>Numbers of sched_setattr and sched_getattr, for which the C library has no names.</summary>
    private static (nint Write, nint Read)? Calls => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => (314, 315),
        Architecture.Arm64 => (274, 275),
        _ => null,
    };

    [DllImport("libc", EntryPoint = "syscall")]
    private static extern nint Set(nint call, nint thread, ref Attributes attributes, nint flags);

    [DllImport("libc", EntryPoint = "syscall")]
    private static extern nint Get(nint call, nint thread, ref Attributes attributes, nint length, nint flags);

    /// <summary>The kernel's sched_attr in its first version.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        internal const int Length = 48;

        internal uint Size, Policy;
        internal ulong Flags;
        internal int Nice;
        internal uint Priority;
        internal ulong Runtime, Deadline, Period;
    }
}
