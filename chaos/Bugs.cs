namespace ExposureMonitor.Chaos;

/// <summary>Bugs of reliability that are built in on purpose: a rig that does not find them proves nothing when it finds none.</summary>
internal static class Bugs
{
    private const int Rate = 2_000;

    /// <summary>By their number, what they are, the records a second and the faults under which they show.</summary>
    internal static readonly (string Number, string What, int Rate, Fault[] Faults)[] All =
    [
        // So few that the new owner has not written everywhere when the old one wakes up: else the sequence tells them apart, too.
        ("1", "epoch not compared", 20, [Fault.TwoOwners]),
        ("4", "fence miss raises nothing, rows commit", Rate, [Fault.TwoOwners]),
        ("6", "positions from the fetch, not from the slice", Rate, [Fault.DatabaseCrash, Fault.BlackHole]),
        ("7", "event-id check off", Rate, [Fault.Quiet, Fault.Kill]),
        ("9", "event-id window evicts early", Rate, [Fault.Quiet, Fault.Kill]),
        ("10", "answer before COMMIT", Rate, [Fault.KillInBlackHole]),
        ("11", "unknown commit taken as success", Rate, [Fault.RequestsLost, Fault.CutWire]),
        ("12", "unknown commit applied again on old memory", Rate, [Fault.AnswersLost]),
        ("13", "unknown commit sent again without reopening", Rate, [Fault.AnswersLost]),
        ("15", "transient error made a dead letter", Rate, [Fault.DatabaseCrash, Fault.BlackHole]),
        ("16", "parse error swallowed", Rate, [Fault.Quiet, Fault.Kill]),
        ("D12", "synchronous_commit off", Rate, [Fault.DatabaseCrash]),
        ("O1", "the cursor of what goes out moves before the acknowledgement", Rate, [Fault.Kill]),
        ("I7", "an idempotency key older than the process is not looked up", Rate, [Fault.Kill]),
    ];

    /// <summary>Each in turn, for some minutes at most.</summary>
    internal static async Task<int> RunAsync(Options options)
    {
        var (run, missed) = (0, 0);
        foreach (var (number, what, rate, faults) in All)
        {
            if (options.Bug is { } only && only != number) continue;
            var folder = Directory.CreateTempSubdirectory("exposure-bug-").FullName;
            var outcome = await Rig.RunAsync(options.ForBug(number, rate, faults, folder), _ => { });
            Directory.Delete(folder, recursive: true);
            run++;
            if (outcome.Verdict != "FAIL") missed++;
            Console.WriteLine(FormattableString.Invariant($"{(outcome.Verdict == "FAIL" ? "found " : "MISSED")} bug {number,-3} {what}, in {outcome.Minutes:0.0} minutes: {outcome.Why}"));
        }

        Console.WriteLine(missed == 0 ? $"{run} of {run} found" : $"{missed} of {run} not found: the rig is red");
        return missed == 0 ? 0 : 1;
    }
}
