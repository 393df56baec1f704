using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ExposureMonitor.Standalone;

/// <summary>How far long work is: a bar with rate and remaining time on a terminal, plain lines elsewhere, nothing with --json.</summary>
internal static class Progress
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    /// <param name="what">What is done, in one word.</param>
    /// <param name="total">How much there is; 0 when nobody knows.</param>
    /// <param name="work">Does it, and tells how much is done.</param>
    internal static async Task RunAsync(bool json, string what, long total, Func<Action<long>, Task> work)
    {
        if (json)
        {
            await work(_ => { });
            return;
        }

        var begun = Stopwatch.GetTimestamp();
        if (Console.IsOutputRedirected || Console.IsErrorRedirected)
        {
            var (told, at) = (0L, begun);
            await work(done =>
            {
                // Every tenth part, and every few seconds when that takes long.
                if ((total <= 0 || done < told + total / 10 + 1) && Stopwatch.GetElapsedTime(at) < Quiet) return;
                (told, at) = (done, Stopwatch.GetTimestamp());
                Console.Error.WriteLine(Line(what, done, total, Stopwatch.GetElapsedTime(begun)));
            });
            return;
        }

        await AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RateColumn(), new RemainingTimeColumn()).StartAsync(async context =>
        {
            var task = context.AddTask(what, maxValue: Math.Max(1, total));
            task.IsIndeterminate = total <= 0;
            await work(done => task.Value = done);
            task.Value = task.MaxValue;
        });
    }

    private static string Line(string what, long done, long total, TimeSpan elapsed)
    {
        var rate = done / Math.Max(0.001, elapsed.TotalSeconds);
        var left = total > done && rate > 0 ? string.Create(CultureInfo.InvariantCulture, $", {(total - done) / rate:0} s left") : "";
        return total > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{what}: {done} of {total} ({done * 100 / total} %), {rate:0}/s{left}")
            : string.Create(CultureInfo.InvariantCulture, $"{what}: {done}, {rate:0}/s");
    }

    private sealed class RateColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.Speed is { } speed ? speed.ToString("0", CultureInfo.InvariantCulture) + "/s" : "");
    }
}
