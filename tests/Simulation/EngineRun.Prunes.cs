using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Simulation;

/// <summary>Pruning while no process runs, at places that nobody chose: it must change no answer.</summary>
internal sealed partial class EngineRun
{
    private readonly Dice _prunes;

    /// <summary>How many restarts find the journal pruned; none in half of the seeds.</summary>
    private readonly int _prunePercent;

    private bool _rowsSpoiled;

    private async Task PruneAsync()
    {
        var cuts = new SortedDictionary<int, long>();
        foreach (var head in await _journal.HeadsAsync(CancellationToken.None))
        {
            var stood = (await _journal.BaseAsync(head.Partition, CancellationToken.None))?.Seq ?? 0;
            cuts[head.Partition] = stood + _prunes.Below((int)(head.Seq - stood) + 1);
        }

        // A partition that died before it took what the house told still needs the house's frame.
        if (await Pruner.NotTakenAsync(_journal, _journal.Database, cuts[Book.House], CancellationToken.None) is not null)
            cuts[Book.House] = (await _journal.BaseAsync(Book.House, CancellationToken.None))?.Seq ?? 0;

        var plan = new PruningPlan(202601, [new JournalRange(202601, Book.House, 1, 1, 1, 1)], [], cuts, null, true);
        var pruner = new Pruner(_journal, _journal, _journal.Database, _clock);
        try
        {
            var (seal, _) = await pruner.WriteAsync(plan, null, _ => { }, CancellationToken.None);
            await pruner.SealAsync(seal, CancellationToken.None);
            await pruner.DropAsync(plan, _ => { }, CancellationToken.None);
            _met.Note(Situation.Pruned);
            if (seal.Number > 1) _met.Note(Situation.PrunedAgain);
        }
        catch (JournalBrokenException refused) when (_rowsSpoiled && (refused.Message.Contains("the row of", StringComparison.Ordinal) || refused.Message.Contains("the snapshot", StringComparison.Ordinal)))
        {
            // Account rows that nobody has put right yet: nothing is pruned over them.
            _met.Note(Situation.PruningRefused);
        }
        catch (JournalUnavailableException)
        {
            _met.Note(Situation.PruningCrashed);
        }
    }
}
