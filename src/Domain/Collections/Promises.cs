namespace ExposureMonitor.Domain;

/// <summary>What became of a promise to pay.</summary>
public enum PromiseState : byte
{
    /// <summary>Its day, and the days of patience behind it, are not over.</summary>
    Open = 1,

    Kept,

    Broken,

    Withdrawn,
}

/// <summary>When a promise counts as kept (credit.md 15).</summary>
public static class Promises
{
    /// <summary>Share of the amount that has to be there, basis points.</summary>
    public const int KeptBp = 9_500;

    /// <summary>Days of patience behind the promised day.</summary>
    public const int GraceDays = 2;

    /// <summary>The state of a promise by the end of a day.</summary>
    /// <param name="allocated">What was allocated to its items from the day on which it was made to its last day of patience, minor units.</param>
    public static PromiseState StateOf(long amount, int promisedOn, Int128 allocated, bool isWithdrawn, int today)
    {
        if (allocated * 10_000 >= (Int128)amount * KeptBp) return PromiseState.Kept;
        if (isWithdrawn) return PromiseState.Withdrawn;
        return today > promisedOn + GraceDays ? PromiseState.Broken : PromiseState.Open;
    }
}
