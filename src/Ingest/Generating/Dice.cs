namespace ExposureMonitor.Ingest;

/// <summary>SplitMix64: the same numbers on every machine and in every version.</summary>
internal struct Dice(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Dice of their own for one thing, so that it can be thrown again without what came before.</summary>
    internal static Dice Of(ulong seed, int customer, int day, int salt)
    {
        unchecked
        {
            var dice = new Dice(seed ^ ((ulong)(uint)customer * 0xD6E8FEB86659FD93) ^ ((ulong)(uint)day * 0xA0761D6478BD642F) ^ ((ulong)(uint)salt << 56));
            dice.Next(2);
            return dice;
        }
    }

    /// <summary>A number from 0 to one below.</summary>
    internal int Next(int below)
    {
        unchecked
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (int)((z ^ (z >> 31)) % (ulong)below);
        }
    }
}
