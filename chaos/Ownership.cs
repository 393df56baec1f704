using System.Globalization;

namespace ExposureMonitor.Chaos;

/// <summary>How long a cluster went without one that decides, after something was done to a silo.</summary>
/// <param name="Detected">Seconds until the membership declared the silo dead; <c>null</c> when it did not, or had not to.</param>
/// <param name="Owned">Seconds until each partition had decided again.</param>
/// <param name="Load">Processes that wanted a processor, by processor: the greater average of a minute, of that before and that behind.</param>
internal sealed record Handover(Fault Fault, double? Detected, double Owned, double Load = 0)
{
    /// <summary>Promised: every partition has an owner so many seconds after the fault, and so many after a death that was noticed.</summary>
    internal const double OwnedMost = 15, BackMost = 10;

    /// <summary>A machine on which more wait for each processor says nothing about how soon processes start. The rig alone has up to six on two processors.</summary>
    internal const double LoadMost = 8;

    /// <summary>False when all silos had to start on a machine with too much else to do.</summary>
    internal bool IsJudged => Fault != Fault.AllSilosKill || Load <= LoadMost;

    /// <summary>Seconds from the declared death until all decided.</summary>
    internal double? Back => Detected is { } detected ? Math.Max(0, Owned - detected) : null;

    /// <summary>
    /// What was promised and not kept; "" when all was. After all silos died at once it counts from the start of the new processes, and how long those take to start is the
    /// affair of a machine that has too much else to do: then it is told, and not judged.
    /// </summary>
    internal string Late => !IsJudged ? "" : Owned > OwnedMost ? string.Create(CultureInfo.InvariantCulture, $"{Fault}: every partition decides again after {Owned:0.0} s, more than {OwnedMost:0}")
        : Back > BackMost ? string.Create(CultureInfo.InvariantCulture, $"{Fault}: back {Back:0.0} s after the death was noticed, more than {BackMost:0}") : "";
}

/// <summary>
/// Sees from outside which partitions decide: of one customer in each, decisions are asked for until one comes. A decision is a commit under the fence, so that
/// nobody but an owner can give it.
/// </summary>
internal sealed class Ownership(Stage stage, Func<IReadOnlyList<Contest>> customers)
{
    private const int GiveUpMs = 120_000, DeadStatus = 6;

    /// <summary>Begins to look, now.</summary>
    /// <param name="at">The silo that something was done to; its death is waited for in the membership when <paramref name="dies"/>.</param>
    internal async Task<Handover> WatchAsync(Fault fault, SiloPlace? at, bool dies)
    {
        var (begun, load) = (Clock.Now, LoadNow());
        using var stop = new CancellationTokenSource();
        var detecting = dies ? DeadAsync(at!, begun, stop.Token) : Task.FromResult<double?>(null);
        // A silo that is asked for its own partitions before anybody has noticed would answer, and show nothing.
        await Task.WhenAll(customers().Select(c => DecidesAsync(c, at, begun)));
        var owned = (Clock.Now - begun) / 1000.0;
        // Those that had other partitions may be asked first: the death is noticed before or after.
        await Task.WhenAny(detecting, Task.Delay(dies && owned < 1 ? 5_000 : 500, CancellationToken.None));
        await stop.CancelAsync();
        return new Handover(fault, await detecting, owned, Math.Max(load, LoadNow()));
    }

    /// <summary>Of the last minute, by processor; 0 where the system does not tell.</summary>
    private static double LoadNow() => File.Exists("/proc/loadavg") ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) / Environment.ProcessorCount : 0;

    private async Task DecidesAsync(Contest contest, SiloPlace? at, long begun)
    {
        for (var n = 0; ; n++)
        {
            var urls = stage.Silos!.Running.Where(s => at is null || !s.Name.StartsWith(at.Name + ".", StringComparison.Ordinal)).Select(s => s.Url).ToArray();
            if (urls.Length > 0 && await stage.Callers.ProbeAsync(urls[n % urls.Length], contest) == 200) return;
            if (Clock.Now - begun > GiveUpMs) throw new ViolationException($"liveness: two minutes long nobody decides for {contest.Customer}; see {stage.Folder}/service.log.");
            await Task.Delay(100);
        }
    }

    /// <summary>Seconds until the row of the process that ran at a place says that it is dead.</summary>
    private async Task<double?> DeadAsync(SiloPlace place, long begun, CancellationToken stop)
    {
        var generation = await stage.Postgres.GenerationAsync(place);
        while (!stop.IsCancellationRequested)
        {
            if (await stage.Postgres.StatusAsync(place, generation) == DeadStatus) return (Clock.Now - begun) / 1000.0;
            await Task.Delay(100, CancellationToken.None);
        }

        return null;
    }
}
