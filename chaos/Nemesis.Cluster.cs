namespace ExposureMonitor.Chaos;

/// <summary>What is done to a cluster. Faults of the wire, the database and the broker are those of the single service, for one silo at a time.</summary>
internal sealed partial class Nemesis
{
    private static readonly Fault[] OfCluster =
    [
        Fault.SiloKill, Fault.SiloKill, Fault.SiloKill, Fault.SiloZombie, Fault.SiloCut, Fault.AllSilosKill, Fault.RollingRestart, Fault.Scale,
        Fault.DatabaseCrash, Fault.SessionsEnded, Fault.BackendKilled, Fault.SlowWire, Fault.CutWire, Fault.BlackHole, Fault.AnswersLost, Fault.RequestsLost, Fault.HalfOpen, Fault.BrokerKill,
    ];

    private Fault DrawOfCluster()
    {
        var fault = OfCluster[dice.Next(OfCluster.Length)];
        return fault == Fault.BrokerKill && !stage.Kafka.IsOurs ? Fault.SiloKill : fault;
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
                await SleepSiloAsync(silos, silos.At(silos.AnyPlace(dice)));
                return true;
            case Fault.SiloCut:
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
                foreach (var place in silos.Places.Where(silos.IsRunning).ToArray()) await KillSiloAsync(silos, place);
                await silos.StartAllAsync();
                return true;
            case Fault.RollingRestart or Fault.Terminate:
                foreach (var place in silos.Places.ToArray())
                {
                    if (!silos.IsRunning(place)) continue;
                    await LeaveAsync(silos, place);
                    await silos.StartAsync(place);
                }

                Count("rolling restarts");
                return true;
            case Fault.Scale:
                // To one, to all, to all but one, and back.
                foreach (var place in silos.Places.Where(silos.IsRunning).Skip(1).ToArray()) await LeaveAsync(silos, place);
                await WaitAsync(2_000, 5_000);
                await silos.StartAllAsync();
                await WaitAsync(2_000, 5_000);
                if (silos.Running.Count > 1) await LeaveAsync(silos, silos.AnyPlace(dice));
                await WaitAsync(1_000, 3_000);
                await silos.StartAllAsync();
                Count("scaled");
                return true;
            default:
                return false;
        }
    }

    private async Task KillSiloAsync(Silos silos, SiloPlace place)
    {
        await WaitAsync(0, 1_000);
        await silos.At(place).KillAsync();
        Died("service killed");
        silos.Retire(place);
        // Mostly the others have to notice; sometimes it is back before they do.
        if (dice.Next(4) > 0 && silos.Running.Count > 0) await WaitAsync(0, 6_000);
        else await silos.StartAsync(place);
    }

    private async Task LeaveAsync(Silos silos, SiloPlace place)
    {
        if (!await silos.At(place).EndAsync(TimeSpan.FromSeconds(60))) Count("terminated too slowly");
        Count("terminated");
        silos.Retire(place);
    }

    /// <summary>A silo sleeps past its own death: the others take its partitions, and when it wakes up it may approve nothing of theirs.</summary>
    private async Task SleepSiloAsync(Silos silos, ServiceProcess asleep)
    {
        var before = FencedWrites();
        asleep.Signal(Shell.Stop);
        await WaitAsync(6_000, 60_000);
        asleep.Signal(Shell.Continue);
        Zombies++;
        // It finds out that it was declared dead, and ends; or it was not, and goes on.
        await WaitAsync(4_000, 8_000);
        if (FencedWrites() > before) ZombiesFenced++;
        await silos.ReviveAsync();
    }
}
