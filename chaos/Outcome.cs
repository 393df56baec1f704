namespace ExposureMonitor.Chaos;

/// <summary>What a run reached and found.</summary>
internal sealed class Outcome
{
    public string Verdict { get; set; } = "UNKNOWN";

    /// <summary>The promise that was broken, or why the verdict is no pass.</summary>
    public string Why { get; set; } = "";

    public int Seed { get; set; }

    public string Commit { get; set; } = "";

    public double Minutes { get; set; }

    public string Broker { get; set; } = "";

    public bool IsIdempotentProducer { get; set; }

    public int Periods { get; set; }

    public long Events { get; set; }

    public Dictionary<string, long> Verdicts { get; set; } = [];

    public int Kills { get; set; }

    public SortedDictionary<string, int> Faults { get; set; } = [];

    /// <summary>Processes that woke up beside a new owner.</summary>
    public int Zombies { get; set; }

    /// <summary>Two owners at once, of whom the fence refused at least one write.</summary>
    public int OwnersFenced { get; set; }

    /// <summary>Commits that the fence refused, by the database's own log.</summary>
    public int FencedWrites { get; set; }

    public int RefusedByZombies { get; set; }

    /// <summary>Of a cluster: partitions that others had taken from silos that slept or were cut off; none of those wrote to them afterwards, or the run fails.</summary>
    public int TakenFromStale { get; set; }

    /// <summary>Cuts between silos after which partitions had moved, and those with writes that the fence refused.</summary>
    public Pair Cuts { get; set; } = new(0, 0);

    /// <summary>Times that every partition was activated by two clusters, and those with writes that the fence refused.</summary>
    public Pair TwiceActivated { get; set; } = new(0, 0);

    /// <summary>Silos that ended by themselves, as one does that was declared dead.</summary>
    public int SilosThatEnded { get; set; }

    public string Network { get; set; } = "";

    /// <summary>Databases that held the journal.</summary>
    public int Databases { get; set; } = 1;

    internal IReadOnlyList<Handover> Handovers { get; set; } = [];

    /// <summary>What took longer than promised.</summary>
    public IReadOnlyList<string> Late => [.. Handovers.Select(h => h.Late).Where(l => l.Length > 0)];

    /// <summary>Wires that ended while the database owed an answer: commits whose outcome the service could not know.</summary>
    public int DoubtfulWires { get; set; }

    public int Retried { get; set; }

    public int Verifications { get; set; }

    public Tally Tally { get; set; } = new();

    public long Absorbed => Verdicts.GetValueOrDefault(Intent.Same);

    public long DeadLetters => Tally.DeadLetters.Values.Sum();

    /// <summary>Rule of three: with no failure in so many kills, their rate is below this at 95 %.</summary>
    public double BoundPerKill => Kills == 0 ? 1 : 3.0 / Kills;

    internal List<(Fault Fault, double Seconds)> Recoveries { get; } = [];

    internal bool VerifiedLast { get; set; }

    internal string Last { get; set; } = "";

    /// <summary>Situations that a run must have met before its silence means anything.</summary>
    internal IEnumerable<string> Missing(bool brokerIsOurs)
    {
        if (Network.Length > 0)
        {
            (string What, long Count, long Least)[] ofCluster =
            [
                ("kills of silos", Faults.GetValueOrDefault("service killed"), 5), ("all silos killed at once", Faults.GetValueOrDefault("all silos killed at once"), 1),
                ("silos that woke up past their death", Zombies, 2), ("of these with writes refused by the fence", OwnersFenced, 1), ("partitions taken from stale silos", TakenFromStale, 5),
                ("cuts between silos", Faults.GetValueOrDefault("silo cut from the other silos"), 1), ("rolling restarts", Faults.GetValueOrDefault("rolling restarts"), 1),
                ("scaled", Faults.GetValueOrDefault("scaled to one, three, two and three"), 1), ("partitions activated twice, with writes refused", TwiceActivated.Fenced, 1),
                ("repetitions absorbed", Absorbed, 1_000), ("approvals", Tally.Approvals, 500), ("races to the last headroom", Tally.ContestsFilled, 10), ("requests repeated under their key", Retried, 10),
            ];
            foreach (var (what, count, wanted) in ofCluster)
                if (count < wanted) yield return $"{what}: {count} of at least {wanted}";
            yield break;
        }

        (string What, long Count, long Least)[] least =
        [
            ("kills of the service", Faults.GetValueOrDefault("service killed"), 10), ("processes that woke up beside a new owner", Zombies, 2), ("stale owners refused by the fence", OwnersFenced, 1),
            ("database crashes", Faults.GetValueOrDefault("database crashed") + Faults.GetValueOrDefault("backend killed"), 2), ("wires that ended with an answer owed", DoubtfulWires, 5),
            ("repetitions absorbed", Absorbed, 1_000), ("contradictions", Tally.DeadLetters.GetValueOrDefault("CONFLICT"), 50), ("reasons of dead letters", Tally.DeadLetters.Count, 20),
            ("approvals", Tally.Approvals, 500), ("races to the last headroom", Tally.ContestsFilled, 10), ("crossings of EW-01", Tally.Crossings, 50), ("requests repeated under their key", Retried, 10),
            ("messages that went out again", Tally.ToldAgain, 1),
            ("broker kills", brokerIsOurs ? Faults.GetValueOrDefault("broker killed") : 1, 1),
        ];
        foreach (var (what, count, wanted) in least)
            if (count < wanted) yield return $"{what}: {count} of at least {wanted}";
    }
}

/// <summary>How often something happened, and how often of these the fence refused a write.</summary>
internal sealed record Pair(int Times, int Fenced);
