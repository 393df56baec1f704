namespace ExposureMonitor.Simulation;

/// <summary>
/// The configuration that a seed draws first: which faults there are at all, and how often. Two seeds differ in kind, not only
/// in timing; a quarter of them know no fault of the journal, so that ordinary work is exercised, too.
/// </summary>
internal sealed class Swarm
{
    internal Swarm(Dice dice)
    {
        Partitions = 1 + dice.Below(4);
        Customers = 2 + dice.Below(3);
        EventClock = dice.Below(2) == 0;
        FaultPercent = dice.Below(4) == 0 ? 0 : 2 + dice.Below(28);
        Fates = Some(dice, 6);
        SlowPercent = Percent(dice, 30);
        SnapshotCrashPercent = Percent(dice, 30);
        AgainPercent = Percent(dice, 50);
        ConflictPercent = Percent(dice, 10);
        PoisonPercent = Percent(dice, 20);
        ReorderPercent = Percent(dice, 40);
        LatePercent = Percent(dice, 15);
        CheckPercent = Percent(dice, 40);
        RestartPercent = Percent(dice, 12);
        ZombiePercent = Percent(dice, 6);
        SpoilPercent = Percent(dice, 50);
        LimitPercent = Percent(dice, 15);
        HousePercent = Percent(dice, 10);
        RefusedRowPercent = Percent(dice, 4);
        PayerPercent = Percent(dice, 30);
        SecondCurrency = dice.Below(2) == 0;
        AtLimitHolds = dice.Below(4) == 0;
        Horizon = dice.Below(3) == 0 ? 20 + dice.Below(60) : 60;
        Segments = 1 + dice.Below(4);
        LongEnd = dice.Below(2) == 0;
        PlanPercent = Percent(dice, 30);
        HabitPercent = Percent(dice, 100);
    }

    internal int Partitions { get; }

    internal int Customers { get; }

    internal bool EventClock { get; }

    internal int FaultPercent { get; }

    /// <summary>Which fates of a commit this seed knows.</summary>
    internal IReadOnlyList<Fate> Fates { get; }

    internal int SlowPercent { get; }

    internal int SnapshotCrashPercent { get; }

    internal int AgainPercent { get; }

    internal int ConflictPercent { get; }

    internal int PoisonPercent { get; }

    internal int ReorderPercent { get; }

    internal int LatePercent { get; }

    internal int CheckPercent { get; }

    internal int RestartPercent { get; }

    internal int ZombiePercent { get; }

    internal int SpoilPercent { get; }

    internal int LimitPercent { get; }

    internal int HousePercent { get; }

    internal int RefusedRowPercent { get; }

    internal int PayerPercent { get; }

    internal int PlanPercent { get; }

    /// <summary>How often a stretch tells what the indicators of habit speak of.</summary>
    internal int HabitPercent { get; }

    internal bool SecondCurrency { get; }

    internal bool AtLimitHolds { get; }

    internal int Horizon { get; }

    /// <summary>Stretches of the story; days pass between them.</summary>
    internal int Segments { get; }

    /// <summary>The run ends ten days later, so that what waits for nothing has lapsed.</summary>
    internal bool LongEnd { get; }

    /// <summary>A knob is off in half of the seeds.</summary>
    private static int Percent(Dice dice, int most)
    {
        var on = dice.Below(2);
        var drawn = 1 + dice.Below(most);
        return on * drawn;
    }

    private static List<Fate> Some(Dice dice, int kinds)
    {
        var fates = new List<Fate>();
        for (var kind = 1; kind <= kinds; kind++)
            if (dice.Below(2) == 0) fates.Add((Fate)kind);
        if (fates.Count == 0) fates.Add((Fate)(1 + dice.Below(kinds)));
        return fates;
    }
}
