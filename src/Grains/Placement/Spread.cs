using System.Buffers.Binary;
using System.Text;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Grains;

/// <summary>
/// Which silo owns which partition, from the names of the silos alone: every silo works out the same. Each has the same number of partitions,
/// or one more; when a silo comes or goes, few others move, because each partition keeps its order of preference (rendezvous hashing).
/// </summary>
public static class Spread
{
    /// <summary>By partition + 1 (the house first), the index of its silo; empty without silos.</summary>
    /// <param name="partitions">Partitions that own customers; the house comes on top.</param>
    /// <param name="silos">Names, each once, in any order.</param>
    public static int[] Over(int partitions, IReadOnlyList<string> silos)
    {
        if (silos.Count == 0) return [];
        var count = partitions + 1;
        var (least, more) = (count / silos.Count, count % silos.Count);
        var wishes = new List<(ulong Score, int Partition, int Silo)>(count * silos.Count);
        for (var silo = 0; silo < silos.Count; silo++)
            for (var partition = 0; partition < count; partition++) wishes.Add((Score(silos[silo], partition), partition, silo));
        // The strongest wish first; names decide between equals, so that the order of the list never does.
        wishes.Sort((a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Partition != b.Partition ? a.Partition.CompareTo(b.Partition) : string.CompareOrdinal(silos[a.Silo], silos[b.Silo]));
        var (owners, loads) = (new int[count], new int[silos.Count]);
        Array.Fill(owners, -1);
        foreach (var (_, partition, silo) in wishes)
        {
            if (owners[partition] >= 0 || loads[silo] > least || (loads[silo] == least && more == 0)) continue;
            if (loads[silo]++ == least) more--;
            owners[partition] = silo;
        }

        return owners;
    }

    private static ulong Score(string silo, int partition)
    {
        Span<byte> bytes = stackalloc byte[4 + Encoding.UTF8.GetMaxByteCount(Math.Min(silo.Length, 200))];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, partition);
        var length = Encoding.UTF8.GetBytes(silo.AsSpan(0, Math.Min(silo.Length, 200)), bytes[4..]);
        return Hashing.XxHash64(bytes[..(4 + length)]);
    }
}
