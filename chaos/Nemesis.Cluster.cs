namespace ExposureMonitor.Chaos;

/// <summary>What is done to a cluster. Faults of the wire, the database and the broker are those of the single service, for one silo at a time.</summary>
internal sealed partial class Nemesis
{
    private static readonly Fault[] OfCluster =
    [
        Fault.SiloKill, Fault.SiloKill, Fault.SiloKill, Fault.SiloZombie, Fault.SiloZombie, Fault.SiloCut, Fault.SiloCut, Fault.SiloAway, Fault.AllSilosKill, Fault.RollingRestart, Fault.Scale, Fault.TwoClusters,
        Fault.DatabaseCrash, Fault.SessionsEnded, Fault.BackendKilled, Fault.SlowWire, Fault.CutWire, Fault.BlackHole, Fault.AnswersLost, Fault.RequestsLost, Fault.HalfOpen, Fault.BrokerKill,
    ];

    private readonly Ownership _ownership = new(stage, watched);

    /// <summary>How long partitions went without an owner.</summary>
    internal List<Handover> Handovers { get; } = [];

    /// <summary>Partitions that others had taken from a silo that then woke up, or was heard again.</summary>
    internal int TakenFromStale { get; private set; }

    private Fault DrawOfCluster()
    {
        var fault = OfCluster[dice.Next(OfCluster.Length)];
        return fault == Fault.BrokerKill && !stage.Kafka.IsOurs ? Fault.SiloKill : fault == Fault.SiloCut && stage.Network is null ? Fault.SiloAway : fault;
    }

    /// <summary>False for what is done to any service.</summary>
    private async Task<bool> DoToClusterAsync(Silos silos, Fault fault)
    {
        switch (fault)
        {
            case Fault.SiloKill or Fault.Kill:
                for (var i = dice.Next(3); i >= 0; i--) await KillSiloAsync(silos, silos.AnyPlace(dice));
                await silos.StartAllAsync();
                return true;
            case Fault.SiloZombie or Fault.Pause or Fault.Zombie:
                await SleepSiloAsync(silos, silos.AnyPlace(dice));
                return true;
            case Fault.SiloCut when stage.Network is { } network:
                await CutSiloAsync(silos, silos.AnyPlace(dice), network);
                return true;
            case Fault.SiloAway or Fault.SiloCut:
                // Away from the database and not from the others: it may decide nothing, and they go on.
                var cut = silos.Any(dice).Proxy;
                cut.Set(Wire.BlackHole);
                await WaitAsync(4_000, 15_000);
                cut.CutAll();
                cut.Set(Wire.Whole);
                Count("silo cut from the database");
                return true;
            case Fault.AllSilosKill:
                foreach (var place in silos.Places.Where(silos.IsRunning).ToArray()) silos.At(place).Signal(Shell.Kill);
                foreach (var place in silos.Places.Where(silos.IsRunning).ToArray())
                {
                    await silos.At(place).KillAsync();
                    Died("service killed");
                    silos.Retire(place);
                }

                Count("all silos killed at once");
                await WaitAsync(0, 2_000);
                var back = _ownership.WatchAsync(Fault.AllSilosKill, null, dies: false);
                await silos.StartAllAsync();
                Note(await back);
                return true;
            case Fault.RollingRestart or Fault.Terminate:
                foreach (var place in silos.Places.ToArray())
                {
                    if (!silos.IsRunning(place)) continue;
                    await LeaveAsync(silos, place, Fault.RollingRestart);
                    silos.Turn(place);
                    await silos.StartAsync(place);
                }

                Count("rolling restarts");
                if (silos.HasReleases) Count("rolling restarts into the other release");
                return true;
            case Fault.Scale:
                // To one, to all, to all but one, and back.
                foreach (var place in silos.Places.Where(silos.IsRunning).Skip(1).ToArray()) await LeaveAsync(silos, place, Fault.Scale);
                await WaitAsync(2_000, 5_000);
                await silos.StartAllAsync();
                Note(await _ownership.WatchAsync(Fault.Scale, null, dies: false));
                await WaitAsync(2_000, 5_000);
                if (silos.Running.Count > 1) await LeaveAsync(silos, silos.AnyPlace(dice), Fault.Scale);
                await WaitAsync(1_000, 3_000);
                await silos.StartAllAsync();
                Count("scaled to one, three, two and three");
                return true;
            case Fault.TwoClusters:
                await TwoClustersAsync(silos);
                return true;
            default:
                return false;
        }
    }

    private async Task KillSiloAsync(Silos silos, SiloPlace place)
    {
        await WaitAsync(0, 1_000);
        var others = silos.Running.Count > 1;
        var watching = others ? _ownership.WatchAsync(Fault.SiloKill, place, dies: true) : null;
        await silos.At(place).KillAsync();
        Died("service killed");
        silos.Retire(place);
        // Mostly the others have to notice; sometimes it is back before they do, which is how its death is noticed then.
        if (dice.Next(4) > 0 && others) Note(await watching!);
        else
        {
            await silos.StartAsync(place);
            if (watching is not null) Note(await watching);
        }
    }

    private async Task LeaveAsync(Silos silos, SiloPlace place, Fault fault)
    {
        if (!await silos.At(place).EndAsync(TimeSpan.FromSeconds(60))) Count("terminated too slowly");
        Count("terminated");
        silos.Retire(place);
        // Whatever it had is elsewhere by now, or soon.
        if (silos.Running.Count > 0) Note(await _ownership.WatchAsync(fault, place, dies: false));
    }

    /// <summary>
    /// A silo sleeps past its own death: the others take its partitions, and when it wakes up it may write nothing of theirs. Mostly a commit of it is on the
    /// wire meanwhile, and arrives when the others have gone on: the fence alone keeps that one out.
    /// </summary>
    private async Task SleepSiloAsync(Silos silos, SiloPlace place)
    {
        var (asleep, before, owned) = (silos.At(place), FencedWrites(), await stage.Postgres.EpochsAsync());
        var onTheWire = dice.Next(4) > 0;
        if (onTheWire)
        {
            asleep.Proxy.Set(Wire.BlackHole);
            await WaitAsync(300, 800);
        }

        asleep.Signal(Shell.Stop);
        var begun = Clock.Now;
        var others = silos.Running.Count > 1;
        if (others) Note(await _ownership.WatchAsync(Fault.SiloZombie, place, dies: true));
        while (Clock.Now - begun < sleepSeconds * 1000L) await Task.Delay(200);
        var taken = await TakenAsync(owned);
        if (onTheWire) asleep.Proxy.Set(Wire.Whole);
        if (dice.Next(2) == 0) await WaitAsync(0, 1_000);
        asleep.Signal(Shell.Continue);
        Zombies++;
        // It finds out that it was declared dead, and ends; or it was not, and goes on.
        await WaitAsync(4_000, 8_000);
        await WroteNothingAsync(asleep.Name, taken);
        if (FencedWrites() > before) ZombiesFenced++;
        Count("silo put to sleep");
        await silos.ReviveAsync();
    }

    /// <summary>A silo and the others do not hear each other; the database hears all of them.</summary>
    private async Task CutSiloAsync(Silos silos, SiloPlace place, SiloNetwork network)
    {
        var (before, owned, name) = (FencedWrites(), await stage.Postgres.EpochsAsync(), silos.At(place).Name);
        await network.UnplugAsync(place.Number);
        try
        {
            // Which of the two sides is declared dead the membership decides; all are asked.
            Note(await _ownership.WatchAsync(Fault.SiloCut, null, dies: false));
            await WaitAsync(8_000, 25_000);
            await silos.ReviveAsync();
        }
        finally
        {
            await network.PlugInAsync(place.Number);
        }

        var taken = await TakenAsync(owned);
        await WaitAsync(2_000, 4_000);
        await WroteNothingAsync(name, taken);
        CutsWithTakeover += taken.Count > 0 ? 1 : 0;
        if (FencedWrites() > before) CutsFenced++;
        Count("silo cut from the other silos");
    }

    /// <summary>
    /// A silo of another cluster on the same database: every partition is activated there, too, as if a directory had lied. Each side believes that it owns everything;
    /// who writes the fence decides, commit by commit.
    /// </summary>
    private async Task TwoClustersAsync(Silos silos)
    {
        var (before, owned) = (FencedWrites(), await stage.Postgres.EpochsAsync());
        using var stranger = silos.StartStranger();
        // Nobody promises that one serves: while two clusters take partitions from each other on a slow machine it may find none.
        var served = await Clock.EndsAsync(stranger.Serves, 60_000);
        silos.Tell(stranger.Url);
        await WaitAsync(5_000, 12_000);
        await stranger.KillAsync();
        Died("stranger killed");
        silos.Tell();
        var taken = await TakenAsync(owned);
        Note(await _ownership.WatchAsync(Fault.TwoClusters, null, dies: false));
        await WroteNothingAsync(stranger.Name, taken);
        if (!served)
        {
            Count("second cluster that did not serve");
            return;
        }

        TwiceActivated++;
        if (FencedWrites() > before) TwiceFenced++;
        Count("every partition activated twice");
    }

    /// <summary>Partitions with a later epoch than before, and where they stand.</summary>
    private async Task<Dictionary<int, (long Epoch, long Seq)>> TakenAsync(Dictionary<int, (long Epoch, long Seq)> before) =>
        (await stage.Postgres.EpochsAsync()).Where(p => p.Value.Epoch > before[p.Key].Epoch).ToDictionary();

    /// <summary>Nothing was written under an older epoch to partitions that somebody has taken.</summary>
    private async Task WroteNothingAsync(string name, Dictionary<int, (long Epoch, long Seq)> taken)
    {
        TakenFromStale += taken.Count;
        foreach (var (partition, (epoch, seq)) in taken)
            if (await stage.Postgres.StaleFramesAsync(partition, epoch, seq) is var frames and > 0)
                throw new ViolationException($"fence: after partition {partition} was taken over under epoch {epoch} at {seq}, {frames} frames of an older epoch were written ({name}).");
    }

    private void Note(Handover handover)
    {
        Handovers.Add(handover);
        Told?.Invoke(handover);
    }

    /// <summary>Hears of each hand-over.</summary>
    internal Action<Handover>? Told { get; init; }

    /// <summary>Cuts after which the others had gone on, and those with writes that the fence refused; likewise of partitions that were activated twice.</summary>
    internal int CutsWithTakeover { get; private set; }

    internal int CutsFenced { get; private set; }

    internal int TwiceActivated { get; private set; }

    internal int TwiceFenced { get; private set; }
}
