namespace ExposureMonitor.Domain;

/// <summary>Settled items counted by how late they were: all that a share with shrinkage needs.</summary>
public struct LateTally
{
    /// <summary>Settled items; those later than 0, 5 and 15 days; the sum of their days late.</summary>
    public int Count, Above0, Above5, Above15, Days;

    internal void Add(int daysLate, int sign)
    {
        Count += sign;
        Days += sign * daysLate;
        if (daysLate > 0) Above0 += sign;
        if (daysLate > 5) Above5 += sign;
        if (daysLate > 15) Above15 += sign;
    }

    internal void Add(in LateTally other)
    {
        Count += other.Count;
        Days += other.Days;
        Above0 += other.Above0;
        Above5 += other.Above5;
        Above15 += other.Above15;
    }

    /// <summary>(hits + weight × prior) ÷ (count + weight), in parts per million (credit.md section 20).</summary>
    public static int Shrunk(long hits, long count, long weight, int priorPpm) =>
        (int)Rounding.HalfUp((Int128)hits * 1_000_000 + (Int128)weight * priorPpm, count + weight);

    /// <summary>Mean days late that leans on <paramref name="prior"/> (hundredths of a day), in hundredths of a day.</summary>
    public readonly int MeanDays(long weight, int prior) => (int)Rounding.HalfUp((Int128)Days * 100 + (Int128)weight * prior, Count + weight);

    internal void Stream(StateStream s)
    {
        s.Do(ref Count);
        s.Do(ref Above0);
        s.Do(ref Above5);
        s.Do(ref Above15);
        s.Do(ref Days);
    }
}
