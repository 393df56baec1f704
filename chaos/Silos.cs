namespace ExposureMonitor.Chaos;

/// <summary>The silos of a cluster: a process for each place, started again by the rig as their keeper would.</summary>
internal sealed class Silos : IDisposable
{
    private readonly Stage _stage;
    private readonly Options _options;
    private readonly string _folder;
    private readonly List<SiloPlace> _places;
    private readonly Dictionary<string, ServiceProcess> _running = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _releases = new(StringComparer.Ordinal);
    private int _started;

    internal Silos(Stage stage, Options options, string folder)
    {
        (_stage, _options, _folder) = (stage, options, folder);
        _places = [.. Enumerable.Range(0, options.Silos).Select(i => new SiloPlace(i, $"silo-{i}", FreePort.Next(), FreePort.Next()))];
        if (stage.Network is { } network)
            _places = [.. _places.Select(p => p with { SiloAddress = network.SiloAddress(p.Number), ApiAddress = network.ApiAddress(p.Number), Outside = network.Outside, Inside = network.Inside(p.Number) })];
    }

    /// <summary>Two releases take part.</summary>
    internal bool HasReleases => _options.SiloBefore.Length > 0;

    /// <summary>From its next start on a place runs the other release.</summary>
    internal void Turn(SiloPlace place)
    {
        if (HasReleases) _releases[place.Name] = ReleaseOf(place) == _options.SiloBefore ? _options.SiloExecutable : _options.SiloBefore;
    }

    private string ReleaseOf(SiloPlace place) => _releases.GetValueOrDefault(place.Name, HasReleases ? _options.SiloBefore : _options.SiloExecutable);

    /// <summary>Silos that ended by themselves, such as one that the others had declared dead.</summary>
    internal int EndedThemselves { get; private set; }

    internal IReadOnlyList<SiloPlace> Places => _places;

    internal IReadOnlyCollection<ServiceProcess> Running => _running.Values;

    internal ServiceProcess Any(Random dice) => _running.Values.ElementAt(dice.Next(_running.Count));

    internal SiloPlace AnyPlace(Random dice) => _places.Where(p => _running.ContainsKey(p.Name)).ElementAt(dice.Next(_running.Count));

    internal ServiceProcess At(SiloPlace place) => _running[place.Name];

    internal bool IsRunning(SiloPlace place) => _running.ContainsKey(place.Name);

    internal async Task StartAllAsync()
    {
        var started = _places.Where(p => !_running.ContainsKey(p.Name)).Select(Start).ToList();
        foreach (var silo in started) await ServesAsync(silo);
        Tell();
    }

    internal async Task StartAsync(SiloPlace place)
    {
        await ServesAsync(Start(place));
        Tell();
    }

    /// <summary>Forgets a process that has ended.</summary>
    internal void Retire(SiloPlace place)
    {
        if (!_running.Remove(place.Name, out var gone)) return;
        _stage.Retire(gone);
        Tell();
    }

    /// <summary>Starts those again that ended by themselves.</summary>
    internal async Task ReviveAsync()
    {
        foreach (var place in _places.ToArray())
        {
            if (!_running.TryGetValue(place.Name, out var silo) || !silo.HasEnded) continue;
            EndedThemselves++;
            Retire(place);
            await StartAsync(place);
        }
    }

    /// <summary>Callers ask all that run, and so does the judge one of them.</summary>
    internal void Tell(params Uri[] others)
    {
        if (_running.Count == 0) return;
        if (!_running.ContainsValue(_stage.Service)) _stage.Service = _running.Values.First();
        _stage.Callers?.Ask([.. _running.Values.Select(s => s.Url), .. others]);
    }

    /// <summary>A silo that knows nothing of the others, on their database; it lives where the rig does.</summary>
    internal ServiceProcess StartStranger() => StartAt(new SiloPlace(0, "stranger", FreePort.Next(), FreePort.Next()) { Cluster = "strangers", Outside = _stage.Network?.Outside ?? System.Net.IPAddress.Loopback });

    private ServiceProcess Start(SiloPlace place) => _running[place.Name] = StartAt(place);

    private ServiceProcess StartAt(SiloPlace place) =>
        ServiceProcess.StartSilo(ReleaseOf(place), _folder, $"{place.Name}.{++_started}", place, _stage.Postgres.Port, _stage.Kafka.Bootstrap, _options.Seed + _started, _options.Databases);

    private async Task ServesAsync(ServiceProcess silo)
    {
        // Three of them start at once, on a machine that may have other work: how long that takes is told (Handover), and here only whether it happens at all.
        if (!await Clock.EndsAsync(silo.Serves, 300_000)) throw new ViolationException($"liveness: {silo.Name} does not serve within five minutes; see {_folder}/service.log.");
        // One that gave up because something was away is started again with the next look.
        await silo.Serves;
    }

    public void Dispose()
    {
        foreach (var silo in _running.Values) silo.Dispose();
        _running.Clear();
    }
}
