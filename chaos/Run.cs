using System.Globalization;
using System.Text.Json;

namespace ExposureMonitor.Chaos;

/// <summary>One run: periods of faults, each followed by rest and judgement.</summary>
internal sealed class Run
{
    private const int ContestsEach = 40, ClimbersEach = 60, LagSecondsMax = 120;

    private readonly Options _options;
    private readonly Stage _stage;
    private readonly Random _dice;
    private readonly Nemesis _nemesis;
    private readonly Expected _expected = new();
    private readonly Judge _judge;
    private readonly Outgoing _outgoing;
    private readonly Action<string> _say;
    private readonly string[] _marks;
    private readonly Dictionary<string, Contest> _contests = new(StringComparer.Ordinal);

    /// <summary>By partition, the customer who was opened last: when he has his limit, the topic of reference was read as far.</summary>
    private readonly Dictionary<int, string> _newest = [];
    private List<Contest> _race = [];
    private List<Intent> _climbs = [];
    private Contest _probe = null!;
    private Contest[] _watched = [];
    private long _marked;
    private int _prepared;

    internal Run(Options options, Stage stage, Action<string> say)
    {
        (_options, _stage, _say, _dice) = (options, stage, say, new Random(options.Seed * 7919 + 1));
        _nemesis = new Nemesis(stage, new Random(options.Seed), (url, _) => stage.Callers.ProbeAsync(url, _probe), () => _watched, options.Sleep)
        {
            Told = h => Tell($"{h.Fault}: noticed after {h.Detected:0.0} s, every partition decides after {h.Owned:0.0} s, load {h.Load:0.0} a processor"),
        };
        _judge = new Judge(_expected, stage.Feeder.IsIdempotent);
        _outgoing = new Outgoing(_judge.Tally);
        // One customer for each partition, whose figures say how far it has come.
        _marks = [.. Enumerable.Range(0, options.Partitions).Select(p => Enumerable.Range(0, 100_000).Select(i => $"M{i}").First(m => Murmur.PartitionOf(m, options.Partitions) == p))];
    }

    internal Outcome Outcome { get; } = new();

    /// <exception cref="ViolationException">A promise was broken.</exception>
    internal async Task RunAsync()
    {
        var begun = Environment.TickCount64;
        Found();
        Prepare();
        _say(FormattableString.Invariant($"{_options.Customers} customers have their limits after {await LagAsync("the first records"):0.0} s"));
        await RestAsync(begun);
        while (!IsOver(begun)) await PeriodAsync(begun);
        if (!Outcome.VerifiedLast) await VerifyAsync();
        Fill();
    }

    private bool IsOver(long begun)
    {
        var isOut = Environment.TickCount64 - begun >= _options.Minutes * 60_000;
        return isOut || (_stage.Feeder.Sent >= _options.Events && _nemesis.Kills >= _options.Kills);
    }

    private void Found()
    {
        foreach (var mark in _marks) Open(mark, -1);
        for (var i = 0; i < _options.Customers; i++) Open(Trade.NameOf(i), -1);
    }

    private void Open(string customer, long limit)
    {
        _stage.Feeder.Ask(_stage.Feeder.Beside.Open(customer, limit));
        _newest[Murmur.PartitionOf(customer, _options.Partitions)] = customer;
    }

    /// <summary>Customers of the next period: they have their limits before anybody asks or climbs.</summary>
    private void Prepare()
    {
        var (trade, n) = (_stage.Feeder.Beside, ++_prepared);
        _race = [];
        for (var i = 0; i < ContestsEach; i++)
        {
            var amount = 100 + _dice.Next(900);
            var places = 5 + _dice.Next(50);
            // A last piece of headroom that nobody can use.
            var contest = new Contest(string.Create(CultureInfo.InvariantCulture, $"D{n}-{i}"), amount * (long)places + _dice.Next(amount), amount, places + 10 + _dice.Next(60));
            _race.Add(contest);
        }

        _probe = new Contest($"D{n}-probe", 1_000_000, 1, 0);
        _watched = _stage.Silos is null ? [] : [.. Enumerable.Range(0, _options.Partitions).Select(p => new Contest(Enumerable.Range(0, 100_000)
            .Select(i => string.Create(CultureInfo.InvariantCulture, $"D{n}-w{i}")).First(c => Murmur.PartitionOf(c, _options.Partitions) == p), 1_000_000, 1, 0))];
        foreach (var contest in _race.Append(_probe).Concat(_watched))
        {
            _contests[contest.Customer] = contest;
            Open(contest.Customer, contest.Limit);
        }

        var climbs = new List<List<Intent>>();
        for (var i = 0; i < ClimbersEach; i++)
        {
            var customer = string.Create(CultureInfo.InvariantCulture, $"S{n}-{i}");
            Open(customer, 1_000_000);
            var (gross, most, steps) = (0L, 600_000 + _dice.Next(700_000), new List<Intent>());
            while (gross < most)
            {
                var amount = 20_000 + _dice.Next(130_000);
                gross += amount;
                steps.Add(trade.Climb(customer, steps.Count, amount));
                if (_dice.Next(4) == 0) steps.Add(steps[^1] with { Verdict = Intent.Same });
            }

            climbs.Add(steps);
        }

        // All of them side by side, each in its order.
        _climbs = [.. Enumerable.Range(0, climbs.Max(c => c.Count)).SelectMany(step => climbs.Where(c => c.Count > step).Select(c => c[step]))];
    }

    private async Task PeriodAsync(long begun)
    {
        var (habits, race, climbs) = (Habits.Draw(_dice), _race, _climbs);
        var ends = Environment.TickCount64 + _options.Period * 1000L;
        _stage.Callers.Begin(race);
        var (probe, watched) = (_probe, _watched);
        Prepare();
        var (nextProbe, nextWatched) = (_probe, _watched);
        (_probe, _watched) = (probe, watched);
        _stage.Feeder.Flow(habits);
        using var stop = new CancellationTokenSource();
        var climbing = ClimbAsync(climbs, Math.Max(1, _options.Period * 3), stop.Token);
        while (Environment.TickCount64 < ends && !IsOver(begun)) await FaultAsync();
        await stop.CancelAsync();
        await climbing;
        (_probe, _watched) = (nextProbe, nextWatched);
        await RestAsync(begun);
    }

    private async Task FaultAsync()
    {
        var fault = _nemesis.Draw(_options.Faults);
        if (fault == Fault.Quiet)
        {
            await Task.Delay(2_000 + _dice.Next(4_000));
            return;
        }

        Outcome.Last = fault.ToString();
        Tell($"{fault}");
        await _nemesis.DoAsync(fault);
        Tell($"{fault} is over");
        var seconds = await LagAsync(fault.ToString());
        Outcome.Recoveries.Add((fault, seconds));
        Tell($"caught up after {seconds:0.0} s");
        await Task.Delay(_dice.Next(3_000));
    }

    /// <summary>What was done when, beside what the service said.</summary>
    private void Tell(FormattableString what) => File.AppendAllText(Path.Combine(_stage.Folder, "nemesis.log"), FormattableString.Invariant($"{DateTime.UtcNow:HH:mm:ss.fff} ") + FormattableString.Invariant(what) + "\n");

    private async Task ClimbAsync(List<Intent> climbs, int pieces, CancellationToken stop)
    {
        foreach (var piece in climbs.Chunk(climbs.Count / pieces + 1))
        {
            _stage.Feeder.Ask(piece);
            if (!stop.IsCancellationRequested) await Task.Delay(300, CancellationToken.None);
        }
    }

    /// <summary>Sends a mark through every partition and waits until all are seen; seconds that it took.</summary>
    private async Task<double> LagAsync(string after)
    {
        var begun = Clock.Now;
        var number = ++_marked;
        foreach (var mark in _marks) _stage.Feeder.Ask(_stage.Feeder.Beside.Mark(mark, number));
        if (_stage.Silos is { } places) await places.ReviveAsync();
        using var answers = _stage.Ask();
        List<(string Customer, Func<JsonElement, bool> IsThere)> awaited = [.. _marks.Select(m => (m, (Func<JsonElement, bool>)(row => HasTaken(row, number))))];
        awaited.AddRange(_newest.Values.Select(c => (c, (Func<JsonElement, bool>)(row => row.GetProperty("limitKind").GetString() != "NotSet"))));
        _newest.Clear();
        var looks = 0;
        foreach (var (customer, isThere) in awaited)
        {
            while (await answers.TryAsync("customers/" + customer) is not { } row || !isThere(row))
            {
                if (Clock.Now - begun > LagSecondsMax * 1000) throw new ViolationException($"liveness: {LagSecondsMax} seconds after {after} the partition of {customer} has not caught up; see {_stage.Folder}/service.log.");
                if (_stage.Silos is { } silos) await silos.ReviveAsync();
                else if (_stage.Service.HasEnded) throw new ViolationException($"liveness: the service ended by itself after {after}; see {_stage.Folder}/service.log.");
                if (++looks % 20 == 0 && await answers.HasGivenUpAsync()) throw new ViolationException($"liveness: after {after} the service says that it needs a person; see {_stage.Folder}/service.log.");
                await Task.Delay(50);
            }
        }

        return (Clock.Now - begun) / 1000.0;
    }

    private static bool HasTaken(JsonElement row, long number)
    {
        var parts = row.GetProperty("components");
        long Of(string name) => long.Parse(parts.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
        return Of("openOrders") + Of("ordersBeyondHorizon") >= number && Of("receivables") >= number;
    }

    /// <summary>Everything comes to rest; then the oracle reads what was told and compares.</summary>
    private async Task RestAsync(long begun)
    {
        await _stage.Feeder.EbbAsync(TimeSpan.FromMinutes(2));
        if (!await _stage.Callers.EndAsync(TimeSpan.FromSeconds(60))) throw new ViolationException("liveness: a request for a decision is not answered, a minute after the last fault.");
        await LagAsync("the period");
        await _stage.Feeder.EbbAsync(TimeSpan.FromMinutes(1));
        var (truth, places, calls) = (_stage.Truth.Turn()!, _stage.Places.Turn()!, _stage.Calls.Turn()!);
        _expected.Read(truth);
        _judge.ReadPlaces(places);
        using (var answers = _stage.Ask())
        {
            await _judge.ExposureAsync(answers);
            await _judge.DeadLettersAsync(answers);
            await _judge.SignalsAsync(answers);
            await _judge.DecisionsAsync(answers, calls, _contests);
        }

        await ToldAsync();

        Outcome.Periods++;
        Outcome.VerifiedLast = false;
        // A proof from the first frame on costs more each time: after the periods 1, 2, 4, 8, ... and at the end.
        if (int.PopCount(Outcome.Periods) == 1) await VerifyAsync();
        foreach (var path in (ReadOnlySpan<string>)[truth, places, calls]) File.Delete(path);
        Fill();
        _say(string.Create(CultureInfo.InvariantCulture, $"{TimeSpan.FromMilliseconds(Environment.TickCount64 - begun):mm\\:ss} period {Outcome.Periods}: {Outcome.Events} events, {Outcome.Kills} kills, {_judge.Tally.Decisions} decisions, {Outcome.DeadLetters} dead letters: as the oracle says"));
    }

    /// <summary>The topics that go out have what the API shows, as soon as the last of it was sent.</summary>
    private async Task ToldAsync()
    {
        using var answers = _stage.AskAsAuditor();
        var begun = Clock.Now;
        while (true)
        {
            _stage.Told.ReadOn(_outgoing.Take);
            await answers.ShowAllAsync(_outgoing);
            if (_outgoing.Match() == 0) return;
            if (Clock.Now - begun > LagSecondsMax * 1000) throw new ViolationException($"outgoing: {LagSecondsMax} seconds after everything came to rest {_outgoing.Missing()}; see {_stage.Folder}/service.log.");
            await Task.Delay(250);
        }
    }

    private async Task VerifyAsync()
    {
        var (code, output, errors) = await _stage.TryProductAsync("verify", "--db", _stage.Postgres.Direct, "--json");
        // A machine that stands still for a while proves nothing, either way: the proof is asked for again.
        for (var again = 0; again < 5 && code is not (0 or 2); again++)
        {
            await Task.Delay(5_000);
            (code, output, errors) = await _stage.TryProductAsync("verify", "--db", _stage.Postgres.Direct, "--json");
        }

        if (code == 2) throw new ViolationException("verify: " + output + errors);
        if (code != 0) throw new RigException($"verify ended with {code}: {errors}{output}");
        if (await _stage.Postgres.AstrayAsync() is var astray and > 0) throw new ViolationException($"databases: {astray} frames stand in another database than that of their partition.");
        Outcome.Verifications++;
        Outcome.VerifiedLast = true;
    }

    /// <summary>What was reached so far.</summary>
    internal void Fill()
    {
        _stage.Postgres.ReadLog();
        Outcome.Events = _expected.Records;
        Outcome.Verdicts = _expected.Verdicts;
        Outcome.Kills = _nemesis.Kills;
        Outcome.Faults = _nemesis.Done;
        Outcome.Zombies = _nemesis.Zombies;
        Outcome.OwnersFenced = _nemesis.ZombiesFenced;
        Outcome.RefusedByZombies = _nemesis.RefusedByZombies;
        Outcome.TakenFromStale = _nemesis.TakenFromStale;
        Outcome.Cuts = new Pair(_nemesis.CutsWithTakeover, _nemesis.CutsFenced);
        Outcome.TwiceActivated = new Pair(_nemesis.TwiceActivated, _nemesis.TwiceFenced);
        Outcome.Handovers = _nemesis.Handovers;
        Outcome.Network = _stage.Silos is null ? "" : _stage.Network is null ? "all silos in one: they cannot be cut from each other" : "a network namespace for each silo";
        Outcome.Databases = _stage.Postgres.Databases;
        Outcome.SilosThatEnded = _stage.Silos?.EndedThemselves ?? 0;
        Outcome.FencedWrites = _stage.Postgres.Fenced.Values.Sum();
        Outcome.DoubtfulWires = _stage.Doubtful + _stage.Service.Proxy.Doubtful;
        Outcome.Retried = _stage.Callers.Retried;
        Outcome.IsIdempotentProducer = _stage.Feeder.IsIdempotent;
        Outcome.Broker = _stage.Kafka.IsOurs ? "Apache Kafka of the rig's own" : "the broker at EXPOSURE_KAFKA: not killed";
        Outcome.Tally = _judge.Tally;
    }
}
