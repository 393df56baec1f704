using System.Globalization;

namespace ExposureMonitor.Engine;

/// <summary>What a pruning would drop and keep. Reads only.</summary>
/// <param name="Before">Months of the journal before this one go (<c>yyyymm</c>).</param>
/// <param name="Goes">Frames that go, by month and partition.</param>
/// <param name="Stays">Frames that stay.</param>
/// <param name="Cuts">The last frame of each partition that goes, or went before; 0 for one that keeps all.</param>
/// <param name="Sealed">The base that stands; <c>null</c> before the first pruning.</param>
/// <param name="NeedsBase">A new base has to be written: frames above the one that stands go.</param>
public sealed record PruningPlan(int Before, IReadOnlyList<JournalRange> Goes, IReadOnlyList<JournalRange> Stays, IReadOnlyDictionary<int, long> Cuts, BaseSeal? Sealed, bool NeedsBase)
{
    /// <summary>Months are the ranges: of the month in which a date lies, and of the newest month, nothing goes.</summary>
    /// <param name="ranges">What the journal holds.</param>
    public static async Task<PruningPlan> MakeAsync(IJournalReader reader, IReadOnlyList<JournalRange> ranges, DateOnly before, CancellationToken cancel)
    {
        var first = before.Year * 100 + before.Month;
        if (ranges.Count > 0) first = Math.Min(first, ranges.Max(r => r.Period));
        var seal = await reader.SealAsync(cancel);
        var (cuts, goes, needsBase) = (new SortedDictionary<int, long>(), new List<JournalRange>(), false);
        foreach (var head in await reader.HeadsAsync(cancel))
        {
            var stood = (await reader.BaseAsync(head.Partition, cancel))?.Seq ?? 0;
            var last = ranges.Where(r => r.Partition == head.Partition && r.Period < first).Select(r => r.LastSeq).DefaultIfEmpty(0).Max();
            cuts[head.Partition] = Math.Max(stood, last);
            needsBase |= last > stood;
        }

        // What a pruning that was interrupted left below the base goes as well.
        foreach (var range in ranges)
            if (range.LastSeq <= cuts[range.Partition]) goes.Add(range);
        return new PruningPlan(first, goes, [.. ranges.Except(goes)], cuts, seal, needsBase);
    }

    /// <summary>Months that go whole.</summary>
    public IEnumerable<int> Months => Goes.Select(r => r.Period).Distinct().Except(Stays.Select(r => r.Period)).Order();

    /// <summary>A month as people write it.</summary>
    public static string Month(int period) => string.Create(CultureInfo.InvariantCulture, $"{period / 100:0000}-{period % 100:00}");
}
