using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Simulation;

/// <summary>What became of a seed.</summary>
/// <param name="Violation">The first thing that was wrong; <c>null</c> when everything held.</param>
/// <param name="Trace">Hash over every commit with its fate and every answer: two runs of a seed agree in it.</param>
internal sealed record RunResult(string? Violation, ulong Trace, Situations Met, int Facts, int Commits);

/// <summary>
/// One seeded life of an engine: a story told by a client that asks again until it hears an answer, over a journal that
/// fails by the dice, through crashes, takeovers and restarts. Ends with every proof of <see cref="Proofs"/>.
/// </summary>
internal sealed partial class EngineRun
{
    private readonly Dice _dice;
    private readonly Swarm _swarm;
    private readonly Situations _met = new();
    private readonly Story _story;
    private readonly SimulatedJournal _journal;
    private readonly SimulatedClock _clock;
    private readonly Pump _pump;
    private readonly Defect _defect;
    private readonly List<Planned> _told = [];
    private readonly Proofs _proofs;
    private readonly Dictionary<string, long> _limitVersions = [];
    private readonly List<(string Customer, string Id, Currency Currency)> _reservations = [];
    private readonly HashSet<string> _reservedOrders = [];
    private ExposureEngine? _engine;
    private ulong _trace = 17;
    private int _segment, _number;
    private bool _globalHold;

    /// <summary>Steps of EW-01 by grade, and what persons say of customers then.</summary>
    private readonly Dice _grades;
    private readonly bool _byGrade;

    private EngineRun(ulong seed, Defect defect, Pump pump, int factsMax, Action<string>? tell)
    {
        (_dice, _pump, _defect) = (new Dice(seed), pump, defect);
        _swarm = new Swarm(_dice);
        _prunes = new Dice(seed ^ 0x70_72_75_6e_65);
        _prunePercent = _prunes.Below(2) * (1 + _prunes.Below(100));
        _story = new Story(_dice, _swarm, _met, factsMax);
        _clock = new SimulatedClock(pump);
        _journal = new SimulatedJournal(new DatabaseInfo("sim", "EUR", _swarm.Partitions, _swarm.EventClock ? "events" : "wall", "UTC", true), _dice, _swarm, _met, defect) { PruningDice = _prunes };
        // Drawn apart, so that half of the seeds live as they did before there were steps by grade.
        _grades = new Dice(seed ^ 0x67_72_61_64_65);
        // Built-in defects are looked for in few lives, which stay as they were.
        _byGrade = _grades.Below(2) == 0 && defect == Defect.None;
        _proofs = new Proofs(_journal, _swarm, _met) { Tell = tell, ByGrade = _byGrade };
    }

    /// <summary>Runs a seed on a thread of its own; a bound on the facts makes a failing history shorter.</summary>
    internal static RunResult Run(ulong seed, Defect defect = Defect.None, int factsMax = int.MaxValue, Action<string>? tell = null)
    {
        using var pump = new Pump();
        var run = new EngineRun(seed, defect, pump, factsMax, tell);
        string? violation;
        try
        {
            violation = pump.Run(run.LiveAsync);
        }
        catch (Exception broken) when (broken is JournalBrokenException or TimeoutException or EngineUnavailableException or InvalidOperationException)
        {
            violation = broken.GetType().Name + ": " + broken.Message;
        }

        run._met.Note(run._swarm.EventClock ? Situation.ClockOfEvents : Situation.WallClock);
        if (run._swarm.FaultPercent == 0) run._met.Note(Situation.QuietPeriod);
        return new RunResult(violation, Hashing.Text(run._journal.Trace.ToString(System.Globalization.CultureInfo.InvariantCulture), run._trace), run._met, run._told.Count, run._journal.Commits);
    }

    private async Task<string?> LiveAsync()
    {
        if (await OpeningsAsync() is { } early) return early;
        var next = 0;
        for (_segment = 0; _segment < _swarm.Segments; _segment++)
        {
            await DayAsync(Story.DayOf(_segment));
            while (next < _story.Told.Count && _story.Told[next].Segment == _segment)
            {
                var size = 1 + _dice.Below(4);
                var burst = new List<Planned>();
                while (burst.Count < size && next < _story.Told.Count && _story.Told[next].Segment == _segment) burst.Add(_story.Told[next++]);
                Prepare(burst);
                if (await TellAsync(burst) is { } wrong) return wrong;
                if (await BetweenAsync(next) is { } unfair) return unfair;
            }
        }

        if (_globalHold) await SwitchAsync(false);
        if (_swarm.LongEnd) await DayAsync(Story.DayOf(_swarm.Segments) + 10);
        return await EndAsync();
    }

    /// <summary>What a client does between two bursts, by the dice.</summary>
    private async Task<string?> BetweenAsync(int next)
    {
        if (Happens(_swarm.AgainPercent) && await AgainAsync() is { } twice) return twice;
        if (Happens(_swarm.ConflictPercent) && await ConflictAsync() is { } conflict) return conflict;
        if (Happens(_swarm.CheckPercent) && await CheckAsync(next) is { } unfair) return unfair;
        if (Happens(_swarm.LimitPercent)) await LimitAsync($"C{_dice.Below(_swarm.Customers)}");
        if (Happens(_swarm.HousePercent)) await HouseAsync();
        if (_byGrade && _grades.Below(5) == 0) await GradeAsync($"C{_grades.Below(_swarm.Customers)}");
        if (!_swarm.EventClock && _dice.Below(6) == 0) await WaitAsync(TimeSpan.FromMinutes(1 + _dice.Below(50)));
        if (Happens(_swarm.ZombiePercent) && await ZombieAsync() is { } haunted) return haunted;
        if (Happens(_swarm.RestartPercent)) await RestartAsync();
        return null;
    }

    private bool Happens(int percent) => _dice.Below(100) < percent;

    private async Task<string?> OpeningsAsync()
    {
        await DayAsync(Story.DayOf(0));
        var policy = new PolicyActivated
        {
            PolicyId = "sim", Version = 2, EventId = "policy", Source = "sim",
            Parameters = [new() { Name = "horizonDays", Value = Text(_swarm.Horizon) }, new() { Name = "atLimitHolds", Value = _swarm.AtLimitHolds ? "1" : "0" }, new() { Name = "signal.flaps", Value = "100" }, new() { Name = "dwellSeconds", Value = "0" },
                new() { Name = "ladder.byGrade", Value = _byGrade ? "1" : "0" },
                // The oracle knows the limit steps and not what signals mean together; all signals are judged all the same.
                new() { Name = "risk.on", Value = "0" },
                // Amounts are small here; reminders and disputes hold nothing that the oracle would have to know.
                new() { Name = "signal.05.minimum", Value = "1" }, new() { Name = "step.100", Value = "0" }],
        };
        await UntilAnsweredAsync(policy);
        await RateAsync();
        for (var c = 0; c < _swarm.Customers; c++)
        {
            if (_dice.Below(4) > 0)
                await UntilAnsweredAsync(new CustomerOpened { Customer = $"C{c}", EventId = $"open{c}", Source = "sim", Currency = _story.CurrencyOf($"C{c}"), CustomerSince = Story.DayOf(0) - 30 * c });
            if (_dice.Below(8) > 0) await LimitAsync($"C{c}");
            if (_byGrade && _grades.Below(2) == 0) await GradeAsync($"C{c}");
        }

        return null;
    }

    private static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Some orders name headroom that was kept before; some records meet a database that refuses their content.</summary>
    private void Prepare(List<Planned> burst)
    {
        foreach (var planned in burst)
        {
            if (planned.Fact is OrderPlaced order && planned.Dead.Length == 0 && _dice.Below(3) == 0 && !_reservedOrders.Contains(order.OrderId))
            {
                var at = _reservations.FindIndex(r => r.Customer == order.Customer && r.Currency == order.Currency);
                if (at >= 0)
                {
                    order.ReservationId = _reservations[at].Id;
                    _reservations.RemoveAt(at);
                }
            }

            if (planned is { Dead: "", Fact: InterestCharged or ExternalExposureReported } && Happens(_swarm.RefusedRowPercent))
            {
                planned.Fact.Position = new SourcePosition("file:rows", ++_number);
                _journal.Refuses.Add(planned.Fact.EventId);
            }
        }
    }

    /// <summary>Tells records until each is answered; what was not answered is told again to the next engine.</summary>
    private async Task<string?> TellAsync(List<Planned> burst)
    {
        var open = burst.ToList();
        var batch = _dice.Below(3) == 0;
        while (open.Count > 0)
        {
            var engine = await EngineAsync();
            var slow = open.Count > 1 && Happens(_swarm.SlowPercent);
            var tasks = new List<(List<Planned> Records, Task<IReadOnlyList<Answer>> Answers)>();
            var gate = slow ? _journal.HoldNext() : null;
            if (batch) tasks.Add((open, engine.SubmitBatchAsync([.. open.Select(p => Copy(p.Fact))])));
            else
                foreach (var planned in open)
                {
                    // The rest comes while the commit of the first is on its way.
                    if (gate is not null && tasks.Count == 1) await Task.WhenAny(gate.Entered, tasks[0].Answers);
                    tasks.Add(([planned], engine.SubmitBatchAsync([Copy(planned.Fact)])));
                }

            if (gate is not null) await Task.WhenAny([gate.Entered, .. tasks.Select(t => t.Answers)]);
            gate?.Release();
            open = [];
            foreach (var (records, told) in tasks)
            {
                try
                {
                    foreach (var (planned, answer) in records.Zip(await told))
                        if (Heard(planned, answer) is { } wrong) return wrong;
                }
                catch (EngineUnavailableException)
                {
                    open.AddRange(records);
                }
            }

            if (open.Count > 0) await KillAsync();
            if (open.Count > 0 && _defect == Defect.MovesPositions)
                foreach (var planned in open)
                    if (planned.Fact.Position.IsKnown) planned.Fact.Position = new SourcePosition(planned.Fact.Position.Stream, planned.Fact.Position.Offset + 1_000);
        }

        return null;
    }

    private string? Heard(Planned planned, Answer answer)
    {
        _told.Add(planned);
        Note(planned.Fact, answer);
        var expected = _journal.Refuses.Contains(planned.Fact.EventId) ? "COMMIT_REJECTED" : planned.Dead;
        _proofs.Expect(planned.Fact, expected);
        _proofs.Acknowledged(planned.Fact, answer);
        if (answer.Outcome.Kind is OutcomeKind.Duplicate or OutcomeKind.Parked) return null;
        if (answer.Outcome.IsDead ? answer.Outcome.Reason != expected : expected.Length > 0 && expected is not "CURRENCY_MISMATCH")
            return $"{planned.Fact.GetType().Name} {planned.Fact.EventId} was {answer.Outcome.Kind} {answer.Outcome.Reason} {answer.Outcome.Detail}, expected '{expected}'";
        return null;
    }

    private void Note(Fact fact, Answer answer) =>
        _trace = Hashing.Text($"{fact.EventId} {answer.Outcome.Kind} {answer.Outcome.Reason} {answer.At} {answer.Effects.Count}", _trace);

    private async Task<Answer> UntilAnsweredAsync(Fact fact)
    {
        while (true)
        {
            var engine = await EngineAsync();
            try
            {
                var answer = await engine.SubmitAsync(Copy(fact));
                Note(fact, answer);
                if (fact.EventId.Length > 0) _proofs.Acknowledged(fact, answer);
                return answer;
            }
            catch (EngineUnavailableException)
            {
                await KillAsync();
            }
        }
    }

    private async Task<ExposureEngine> EngineAsync()
    {
        var why = "";
        for (var tries = 0; _engine is null; tries++)
        {
            if (tries > 50) throw new TimeoutException("No engine starts: " + why);
            var engine = new ExposureEngine(_journal, _clock, _pump);
            try
            {
                _engine = engine;
                await engine.StartAsync();
                if (engine.IsReady || engine.Failure is not { } closed) continue;
                why = closed;
                await KillAsync();
            }
            catch (EngineUnavailableException unavailable)
            {
                why = unavailable.Message;
                await KillAsync();
            }
        }

        return _engine;
    }

    /// <summary>The process dies: nothing is written, nothing said.</summary>
    private Task KillAsync()
    {
        _engine = null;
        _clock.Forget();
        _met.Note(Situation.RestartAfterCrash);
        return Task.CompletedTask;
    }

    private static Fact Copy(Fact fact)
    {
        var buffer = new ByteBuffer();
        FactCodec.Write(fact, buffer);
        new FactCodec().Read(buffer.Written.ToArray(), out var copy);
        copy.Customer = fact.Customer;
        return copy;
    }
}
