using System.Diagnostics;
using System.Globalization;
using Xunit;
using Xunit.Abstractions;

namespace ExposureMonitor.Simulation;

/// <summary>
/// Seeded runs of the engine against the oracle. <c>EXPOSURE_SEEDS=20000</c> for the long form, <c>EXPOSURE_SEED_FIRST=n</c>
/// to begin elsewhere; <c>EXPOSURE_SEED=n</c> repeats one.
/// </summary>
public sealed class EngineRuns(ITestOutputHelper output)
{
    [Fact]
    public void Engine_equals_the_oracle_through_crashes_doubles_and_disorder()
    {
        if (Told("EXPOSURE_SEED") is { } single)
        {
            Assert.True(EngineRun.Run((ulong)single).Violation is null, Failure((ulong)single));
            return;
        }

        var (first, count) = (Told("EXPOSURE_SEED_FIRST") ?? 1, Told("EXPOSURE_SEEDS") ?? 1_500);
        var (met, failed, facts, commits) = (new Situations(), new List<ulong>(), 0L, 0L);
        var begun = Stopwatch.GetTimestamp();
        Parallel.For(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, (seed, loop) =>
        {
            var result = EngineRun.Run((ulong)seed);
            met.Add(result.Met);
            Interlocked.Add(ref facts, result.Facts);
            Interlocked.Add(ref commits, result.Commits);
            if (result.Violation is null) return;
            lock (failed) failed.Add((ulong)seed);
            if (failed.Count >= 5) loop.Stop();
        });
        failed.Sort();
        Assert.True(failed.Count == 0, string.Join('\n', failed.Select(Failure)));
        output.WriteLine($"{count} seeds, {facts} facts, {commits} commits in {Stopwatch.GetElapsedTime(begun).TotalSeconds:F1} s; 0 failures: below {3.0 / count:P3} at 95 %");
        output.WriteLine(met.ToString());
        // A simulation that never met a situation proved nothing about it.
        if (count >= 1_000) Assert.True(met.Missing().Count + met.Silent().Count == 0, "never met: " + string.Join(", ", met.Missing()) + "; never raised: " + string.Join(", ", met.Silent()));
    }

    [Fact]
    public void A_seed_repeats_itself_byte_for_byte()
    {
        var seeds = Told("EXPOSURE_SEED_PAIRS") ?? 200;
        Parallel.For(1, seeds + 1, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed =>
        {
            var (once, again) = (EngineRun.Run((ulong)seed), EngineRun.Run((ulong)seed));
            Assert.True(once.Trace == again.Trace && once.Violation == again.Violation, $"EXPOSURE_SEED={seed}: {once.Trace:x16} {once.Violation}, then {again.Trace:x16} {again.Violation}");
        });
    }

    [Theory]
    [InlineData(Defect.LosesCommit)]
    [InlineData(Defect.FlipsBit)]
    [InlineData(Defect.LosesRow)]
    [InlineData(Defect.LosesMessage)]
    [InlineData(Defect.SpeaksBeforeCommit)]
    [InlineData(Defect.ReadsTwice)]
    [InlineData(Defect.LosesTail)]
    [InlineData(Defect.RowFromTheFuture)]
    [InlineData(Defect.ForgetsEpoch)]
    [InlineData(Defect.MovesPositions)]
    [InlineData(Defect.UnknownIsSuccess)]
    [InlineData(Defect.LosesDeadLetter)]
    public void A_seeded_defect_is_found(Defect defect)
    {
        for (ulong seed = 1; seed <= 300; seed++)
        {
            if (EngineRun.Run(seed, defect).Violation is not { } found) continue;
            output.WriteLine($"seed {seed}: {found}");
            return;
        }

        Assert.Fail($"{defect} was not found in 300 seeds.");
    }

    /// <summary>The line that repeats a failure, and how short its story can be.</summary>
    private static string Failure(ulong seed)
    {
        var violation = EngineRun.Run(seed).Violation;
        var (low, high) = (0, 400);
        // A story cut behind its n-th record fails or holds; not monotone, but nearly, and cheap.
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (EngineRun.Run(seed, factsMax: middle).Violation is not null) high = middle;
            else low = middle + 1;
        }

        var journal = Path.Combine(Path.GetTempPath(), $"exposure-sim-{seed}.txt");
        using var lines = new StreamWriter(journal);
        var shortest = EngineRun.Run(seed, factsMax: high, tell: lines.WriteLine).Violation;
        return $"./test sim --seed {seed}: {violation}\n  shortest story: its first {high} records: {shortest}\n  its journal: {journal}";
    }

    private static long? Told(string name) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
