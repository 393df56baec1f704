using System.Globalization;
using Xunit;

namespace ExposureMonitor.Simulation;

/// <summary>
/// Seeded runs of the engine against the oracle. <c>EXPOSURE_SEEDS=20000</c> for the long form;
/// <c>EXPOSURE_SEED=n</c> repeats one.
/// </summary>
public sealed class EngineRuns
{
    [Fact]
    public async Task Engine_equals_the_oracle_through_crashes_doubles_and_disorder()
    {
        if (Told("EXPOSURE_SEED") is { } single)
        {
            Assert.Null((await EngineRun.RunAsync((ulong)single)).Violation);
            return;
        }

        var count = Told("EXPOSURE_SEEDS") ?? 2_000;
        var fates = new long[Enum.GetValues<Fate>().Length];
        await Parallel.ForEachAsync(Enumerable.Range(1, (int)count), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, async (seed, _) =>
        {
            var (run, violation) = await EngineRun.RunAsync((ulong)seed);
            Assert.True(violation is null, $"EXPOSURE_SEED={seed}: {violation}");
            foreach (var (fate, times) in run.Fates) Interlocked.Add(ref fates[(int)fate], times);
        });
        // A simulation that met no fault proved nothing.
        Assert.All(Enum.GetValues<Fate>(), fate => Assert.True(fates[(int)fate] > 0, $"{fate} never happened"));
    }

    [Theory]
    [InlineData(Defect.LosesCommit)]
    [InlineData(Defect.FlipsBit)]
    [InlineData(Defect.LosesRow)]
    [InlineData(Defect.LosesMessage)]
    public async Task A_journal_with_a_defect_is_found(Defect defect)
    {
        for (ulong seed = 1; seed <= 200; seed++)
            if ((await EngineRun.RunAsync(seed, defect)).Violation is not null) return;
        Assert.Fail($"{defect} was not found in 200 seeds.");
    }

    private static long? Told(string name) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
