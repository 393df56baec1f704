using System.Runtime.InteropServices;

namespace ExposureMonitor.Ingest;

/// <summary>
/// The native client takes a buffer of up to a megabyte for each answer of a broker, and as much again to unpack it. By its defaults the C
/// library gives each back to the kernel, which then has to clear the pages of the next one: a fiftieth of all processor time under a drain.
/// </summary>
internal static partial class NativeBuffers
{
    /// <summary>Parameters of glibc's <c>mallopt</c>.</summary>
    private const int TrimThreshold = -1, TopPad = -2, MapThreshold = -3;

    /// <summary>The largest block that glibc lets stand in a heap, and what may lie free at the end of one before all but <see cref="Left"/> goes: some answers of some brokers.</summary>
    private const int Mapped = 32 << 20, Kept = 32 << 20;

    /// <summary>What stays free at the end of a heap that is cut. By its default of 128 kB glibc gives back all that it has kept, and the client faults it in again at the next answer.</summary>
    private const int Left = 16 << 20;

    /// <summary>Keeps them in the process.</summary>
    /// <returns>False where the C library is another one; nothing is changed then.</returns>
    internal static bool Keep()
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            return Set(MapThreshold, Mapped) != 0 && Set(TrimThreshold, Kept) != 0 && Set(TopPad, Left) != 0;
        }
        catch (EntryPointNotFoundException)
        {
            // Of another C library, such as musl.
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Set(int parameter, int value);
}
