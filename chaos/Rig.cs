using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ExposureMonitor.Chaos;

/// <summary>Builds the stage, runs, and says how it ended.</summary>
internal static class Rig
{
    /// <exception cref="RigException">The rig itself could not go on.</exception>
    internal static async Task<Outcome> RunAsync(Options options, Action<string> say)
    {
        var folder = options.Folder.Length > 0 ? options.Folder : Directory.CreateTempSubdirectory("exposure-chaos-").FullName;
        Directory.CreateDirectory(folder);
        // The database's own user has to pass through it.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        var clock = Stopwatch.StartNew();
        // Of what runs, whatever is committed meanwhile.
        var commit = await CommitAsync();
        say($"seed {options.Seed}, {options.Minutes} minutes, data in {folder}");
        Outcome outcome;
        await using (var stage = await Stage.BuildAsync(options, folder, options.ExecutableOr(AppContext.BaseDirectory)))
        {
            say(stage.Kafka.IsOurs ? $"Apache Kafka of the rig's own at {stage.Kafka.Bootstrap}" : $"the broker at {stage.Kafka.Bootstrap}: it is not the rig's, and is not killed");
            using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave);
            using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave);
            // Nothing that was started here outlives the rig.
            void Leave(PosixSignalContext context)
            {
                context.Cancel = true;
                try
                {
                    stage.DisposeAsync().AsTask().Wait();
                }
                finally
                {
                    Environment.Exit(130);
                }
            }

            if (options.Silos > 0) say(stage.Network is null ? "all silos in one network: they cannot be cut from each other (that needs root and Linux)" : "a network namespace for each silo");
            var run = new Run(options, stage, say);
            outcome = run.Outcome;
            try
            {
                await run.RunAsync();
                var missing = options.IsShort ? [] : outcome.Missing(stage.Kafka.IsOurs).ToList();
                (outcome.Verdict, outcome.Why) = outcome.Late is [var late, ..] ? ("FAIL", $"time: {late}; {outcome.Late.Count} of {outcome.Handovers.Count} hand-overs were late.")
                    : missing.Count == 0 ? ("PASS", "") : ("UNKNOWN", "Not met: " + string.Join("; ", missing) + ".");
            }
            catch (ViolationException broken)
            {
                run.Fill();
                (outcome.Verdict, outcome.Why) = ("FAIL", $"{broken.Message} (after {outcome.Last})");
            }
            catch (Exception broken)
            {
                // The rig itself could not go on: what was reached is told, and it is no pass.
                run.Fill();
                (outcome.Verdict, outcome.Why) = ("UNKNOWN", $"The rig stopped after {outcome.Last}: {broken}");
            }
        }

        (outcome.Seed, outcome.Minutes, outcome.Commit) = (options.Seed, clock.Elapsed.TotalMinutes, commit);
        var text = Report.Markdown(outcome);
        if (options.Report.Length > 0)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(options.Report)!);
            await File.WriteAllTextAsync(options.Report + ".json", Report.Json(outcome));
            await File.WriteAllTextAsync(options.Report + ".md", text);
        }

        say(text);
        say(outcome.Verdict + (outcome.Why.Length > 0 ? ": " + outcome.Why : ""));
        if (outcome.Verdict == "FAIL") say($"again: chaos/run --seed {options.Seed}; the data stays in {folder}");
        else if (options.Folder.Length == 0) Directory.Delete(folder, recursive: true);
        return outcome;
    }

    private static async Task<string> CommitAsync()
    {
        try
        {
            var (code, output, _) = await Shell.TryAsync("git", "-C", AppContext.BaseDirectory, "describe", "--always", "--dirty", "--abbrev=7");
            return code == 0 ? output.Trim() : "unknown";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}
