#if SEEDED_BUGS
namespace ExposureMonitor;

/// <summary>
/// Bugs that are built in on purpose, by the numbers of chaos/README.md. Compiled only when a build asks for it
/// (<c>-p:SeededBugs=true</c>), so that no release has them; one at a time is on, by the environment.
/// </summary>
internal static class SeededBug
{
    private static readonly string? On = Environment.GetEnvironmentVariable("EXPOSURE_SEEDED_BUG");

    internal static bool Is(string number) => On == number;
}
#endif
