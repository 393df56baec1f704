namespace ExposureMonitor.Chaos;

/// <summary>What is done to the product and its neighbours.</summary>
internal enum Fault
{
    Quiet,
    Kill,
    Terminate,
    Pause,
    Zombie,
    TwoOwners,
    DatabaseCrash,
    SessionsEnded,
    BackendKilled,
    SlowWire,
    CutWire,
    BlackHole,
    AnswersLost,
    RequestsLost,
    HalfOpen,
    KillInBlackHole,
    BrokerKill,

    // Of a cluster alone.
    SiloKill,
    SiloZombie,
    SiloCut,
    SiloAway,
    AllSilosKill,
    RollingRestart,
    Scale,
    TwoClusters,
}

/// <summary>Draws faults from the seed, does them, and heals what it did.</summary>
/// <param name="watched">A customer of each partition, of whom decisions are asked to see who owns it.</param>
/// <param name="sleepSeconds">How long a silo sleeps.</param>
internal sealed partial class Nemesis(Stage stage, Random dice, Func<Uri, string, Task<int?>> probe, Func<IReadOnlyList<Contest>> watched, int sleepSeconds)
{
    /// <summary>How many of each were done; a kill counts each process that died.</summary>
    internal SortedDictionary<string, int> Done { get; } = new(StringComparer.Ordinal);

    /// <summary>Processes that were killed, of any kind.</summary>
    internal int Kills { get; private set; }

    /// <summary>Processes that woke up after another had taken over, and those whose stale writes the fence refused.</summary>
    internal int Zombies { get; private set; }

    internal int ZombiesFenced { get; private set; }

    /// <summary>Requests for a decision that a process without the database refused.</summary>
    internal int RefusedByZombies { get; private set; }

    private int _drawn;

    internal Fault Draw(IReadOnlyList<Fault> only)
    {
        // Those that were asked for come once in their order, so that a short run on a slow machine does not draw one of them alone.
        if (only.Count > 0) return _drawn < only.Count ? only[_drawn++] : only[dice.Next(only.Count)];
        // A quarter of the time nothing happens, so that recovery from the last is seen to its end.
        if (dice.Next(4) == 0) return Fault.Quiet;
        if (stage.Silos is not null) return DrawOfCluster();
        // Two in five are kills: they are cheap, and what they hit is mostly luck.
        var fault = dice.Next(5) < 2 ? Fault.Kill : (Fault)(1 + dice.Next((int)Fault.BrokerKill));
        return fault == Fault.BrokerKill && !stage.Kafka.IsOurs ? Fault.Kill : fault;
    }

    internal async Task DoAsync(Fault fault)
    {
        if (stage.Silos is { } silos)
        {
            // What follows strikes one of the silos.
            stage.Service = silos.Any(dice);
            if (await DoToClusterAsync(silos, fault)) return;
        }

        switch (fault)
        {
            case Fault.Quiet: break;
            case Fault.Kill: await KillAsync(1 + dice.Next(10)); break;
            case Fault.Terminate:
                if (!await stage.Service.EndAsync(TimeSpan.FromSeconds(30))) Count("terminated too slowly");
                Count("terminated");
                stage.Retire(stage.Service);
                await stage.ServeAsync();
                break;
            case Fault.Pause:
                stage.Service.Signal(Shell.Stop);
                await WaitAsync(1_000, 9_000);
                stage.Service.Signal(Shell.Continue);
                Count("paused");
                break;
            case Fault.Zombie: await ZombieAsync(); break;
            case Fault.TwoOwners: await TwoOwnersAsync(); break;
            case Fault.DatabaseCrash:
                for (var i = dice.Next(2); i >= 0; i--)
                {
                    await stage.Postgres.CrashAsync();
                    Died("database crashed");
                    await WaitAsync(0, 1_500);
                }

                break;
            case Fault.SessionsEnded:
                for (var i = dice.Next(4); i >= 0; i--)
                {
                    if (await stage.Postgres.EndSessionsAsync(stage.Service.Name, 1 + dice.Next(3)) is var ended and > 0) Count("sessions ended", ended);
                    await WaitAsync(0, 1_000);
                }

                break;
            case Fault.BackendKilled:
                if (await stage.Postgres.KillBackendAsync(stage.Service.Name)) Died("backend killed");
                await stage.Postgres.IsUpAsync();
                break;
            case Fault.BrokerKill:
                await stage.Kafka.KillAsync();
                Died("broker killed");
                await WaitAsync(0, 5_000);
                await stage.Kafka.ComeBackAsync();
                break;
            default: await WireAsync(fault); break;
        }
    }

    private async Task WireAsync(Fault fault)
    {
        var proxy = stage.Service.Proxy;
        switch (fault)
        {
            case Fault.SlowWire:
                proxy.Set(Wire.Slow, 5 + dice.Next(250));
                await WaitAsync(2_000, 6_000);
                break;
            case Fault.CutWire:
                for (var i = dice.Next(5); i >= 0; i--)
                {
                    await WaitAsync(0, 700);
                    proxy.CutAll();
                }

                break;
            case Fault.HalfOpen:
                proxy.HalfOpen();
                await WaitAsync(500, 5_000);
                proxy.CutAll();
                break;
            case Fault.BlackHole:
                proxy.Set(Wire.BlackHole);
                await WaitAsync(500, 7_000);
                if (dice.Next(2) == 0) proxy.CutAll();
                break;
            case Fault.KillInBlackHole:
                // With answers still arriving, one more commit is sent, and lost: whoever speaks before COMMIT has spoken.
                proxy.Set(dice.Next(2) == 0 ? Wire.BlackHole : Wire.RequestsLost, onlyOldest: dice.Next(4) > 0);
                await WaitAsync(100, 1_500);
                await KillAsync(1, atOnce: true);
                break;
            default:
                proxy.Set(fault == Fault.AnswersLost ? Wire.AnswersLost : Wire.RequestsLost, onlyOldest: dice.Next(2) == 0);
                await WaitAsync(50, 1_200);
                proxy.CutAll();
                break;
        }

        proxy.Set(Wire.Whole);
        if (fault != Fault.KillInBlackHole) Count("wire: " + fault);
    }

    private async Task KillAsync(int times, bool atOnce = false)
    {
        for (var i = 1; ; i++)
        {
            if (!atOnce) await WaitAsync(0, 1_200);
            await stage.Service.KillAsync();
            Died("service killed");
            stage.Retire(stage.Service);
            if (i == times) break;
            // The next one dies while it starts, recovers, or serves again.
            stage.Service = stage.Start();
            stage.Callers.Ask(stage.Service.Url);
            await WaitAsync(0, 2_500);
        }

        await stage.ServeAsync();
    }

    /// <summary>A process sleeps, its sessions are ended as keep-alives would, another takes over: when the first wakes up it may approve nothing.</summary>
    private async Task ZombieAsync()
    {
        var zombie = stage.Service;
        zombie.Signal(Shell.Stop);
        await stage.Postgres.EndSessionsAsync(zombie.Name, 100);
        var next = await ServingBesideAsync(zombie);
        stage.Callers.Ask(next.Url, zombie.Url);
        await WaitAsync(3_000, 12_000);
        zombie.Signal(Shell.Continue);
        Zombies++;
        for (var i = 0; i < 12; i++)
        {
            if (await probe(zombie.Url, next.Name) == 200) throw new ViolationException($"fence: {zombie.Name} approved or refused an order after {next.Name} had taken the database over.");
            RefusedByZombies++;
            await Task.Delay(200);
        }

        stage.Callers.Ask(next.Url);
        await zombie.KillAsync();
        stage.Retire(zombie);
        Died("zombie killed");
        stage.Service = next;
    }

    /// <summary>The lock lies, so that two processes believe they own everything: the one that slept writes under its old epoch, and the fence alone is left.</summary>
    private async Task TwoOwnersAsync()
    {
        var (first, before) = (stage.Service, FencedWrites());
        first.Signal(Shell.Stop);
        await stage.Postgres.LieAsync(true);
        var second = await ServingBesideAsync(first);
        stage.Callers.Ask(second.Url, first.Url);
        await WaitAsync(500, 6_000);
        first.Signal(Shell.Continue);
        Zombies++;
        await WaitAsync(2_000, 5_000);
        await stage.Postgres.LieAsync(false);
        var (survivor, other) = dice.Next(2) == 0 ? (first, second) : (second, first);
        await other.KillAsync();
        stage.Retire(other);
        Died("owner killed");
        stage.Service = survivor;
        stage.Callers.Ask(survivor.Url);
        if (FencedWrites() > before) ZombiesFenced++;
    }

    /// <summary>Another process takes over while the first sleeps, whoever else may have woken it up.</summary>
    private async Task<ServiceProcess> ServingBesideAsync(ServiceProcess asleep)
    {
        var starting = stage.ServingAsync();
        for (; !starting.IsCompleted; await Task.WhenAny(starting, Task.Delay(100))) asleep.Signal(Shell.Stop);
        return await starting;
    }

    private int FencedWrites()
    {
        stage.Postgres.ReadLog();
        return stage.Postgres.Fenced.Values.Sum();
    }

    private Task WaitAsync(int least, int most) => Task.Delay(least + dice.Next(most - least + 1));

    private void Died(string what)
    {
        Kills++;
        Count(what);
    }

    private void Count(string what, int times = 1) => Done[what] = Done.GetValueOrDefault(what) + times;
}
