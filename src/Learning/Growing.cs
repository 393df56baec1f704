namespace ExposureMonitor.Learning;

/// <summary>How trees are grown. The defaults were chosen on generated books and are not tuned to one ledger (docs/scoring.md).</summary>
internal sealed record Growing
{
    internal int TreesMost { get; init; } = 500;

    internal int Leaves { get; init; } = 12;

    internal int LeafLeast { get; init; } = 40;

    internal double Rate { get; init; } = 0.06;

    /// <summary>Penalty on large leaves, in units of the second derivative.</summary>
    internal double Shrink { get; init; } = 10;

    /// <summary>Share of factors that a tree may ask for; and below, of cases that it is grown from.</summary>
    internal double Factors { get; init; } = 0.4;

    internal double Cases { get; init; } = 0.7;

    /// <summary>Trees without a better loss on the latest cases before growing ends.</summary>
    internal int Patience { get; init; } = 40;

    /// <summary>Boosters that are averaged; every other one starts from a plain logistic regression.</summary>
    internal int Members { get; init; } = 2;

    internal ulong Seed { get; init; } = 20_201;
}

/// <summary>Dice that fall the same way everywhere (splitmix64).</summary>
internal struct Dice(ulong seed)
{
    private ulong _state = seed;

    internal ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    internal double Share() => (Next() >> 11) * (1.0 / (1UL << 53));

    internal int Below(int most) => (int)(Next() % (ulong)most);
}
