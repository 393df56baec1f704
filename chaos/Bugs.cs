namespace ExposureMonitor.Chaos;

/// <summary>Bugs of reliability that are built in on purpose: a rig that does not find them proves nothing when it finds none.</summary>
internal static class Bugs
{
    /// <summary>By their number, what they are, and the faults under which they show.</summary>
    internal static readonly (string Number, string What, Fault[] Faults)[] All =
    [
        ("1", "epoch not compared", [Fault.TwoOwners]),
        ("4", "fence miss raises nothing, rows commit", [Fault.TwoOwners]),
        ("6", "positions from the fetch, not from the slice", [Fault.DatabaseCrash, Fault.BlackHole]),
        ("7", "event-id check off", [Fault.Quiet, Fault.Kill]),
        ("9", "event-id window evicts early", [Fault.Quiet, Fault.Kill]),
        ("10", "answer before COMMIT", [Fault.KillInBlackHole]),
        ("11", "unknown commit taken as success", [Fault.RequestsLost, Fault.CutWire]),
        ("12", "unknown commit applied again on old memory", [Fault.AnswersLost]),
        ("13", "unknown commit sent again without reopening", [Fault.AnswersLost]),
        ("15", "transient error made a dead letter", [Fault.DatabaseCrash, Fault.BlackHole]),
        ("16", "parse error swallowed", [Fault.Quiet, Fault.Kill]),
        ("D12", "synchronous_commit off", [Fault.DatabaseCrash]),
        ("O1", "the cursor of what goes out moves before the acknowledgement", [Fault.Kill]),
        ("I7", "an idempotency key older than the process is not looked up", [Fault.Kill]),
    ];

    /// <summary>Each in turn, for some minutes at most.</summary>
    internal static async Task<int> RunAsync(Options options)
    {
        var (run, missed) = (0, 0);
        foreach (var (number, what, faults) in All)
        {
            if (options.Bug is { } only && only != number) continue;
            var folder = Directory.CreateTempSubdirectory("exposure-bug-").FullName;
            var outcome = await Rig.RunAsync(options.ForBug(number, faults, folder), _ => { });
            Directory.Delete(folder, recursive: true);
            run++;
            if (outcome.Verdict != "FAIL") missed++;
            Console.WriteLine(FormattableString.Invariant($"{(outcome.Verdict == "FAIL" ? "found " : "MISSED")} bug {number,-3} {what}, in {outcome.Minutes:0.0} minutes: {outcome.Why}"));
        }

        Console.WriteLine(missed == 0 ? $"{run} of {run} found" : $"{missed} of {run} not found: the rig is red");
        return missed == 0 ? 0 : 1;
    }
}
