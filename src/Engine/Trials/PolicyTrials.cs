using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// Tries a draft of a policy on books that are rebuilt from the journal: nothing of it reaches a partition that serves, and nothing is
/// written. One partition is in memory at a time.
/// </summary>
public static class PolicyTrials
{
    /// <summary>What the draft would do to the book as the journal has it now.</summary>
    public static async Task<BookTrial> TodayAsync(IJournalReader reader, DatabaseInfo database, Policy draft, CancellationToken cancel)
    {
        var trial = new BookTrial();
        for (var partition = 0; partition < database.Partitions; partition++) trial.Take(await AsOf.NowAsync(reader, database, partition, cancel), draft);
        return trial;
    }

    /// <summary>What the draft would have done since a moment, beside what happened.</summary>
    /// <param name="from">Arrival of the first entry of the window.</param>
    /// <param name="until">Its end; what stands on hold then has stood until then.</param>
    /// <exception cref="PrunedException">The window begins before the journal does.</exception>
    public static async Task<BackTest> BackAsync(IJournalReader reader, DatabaseInfo database, Policy draft, Instant from, Instant until, CancellationToken cancel)
    {
        var test = new BackTest(draft);
        for (var partition = 0; partition < database.Partitions; partition++)
        {
            var head = (await reader.HeadsAsync(cancel)).First(h => h.Partition == partition);
            var begins = await BaseReading.FindAsync(reader, head, cancel);
            BaseReading.DemandReached(begins, new PastBound(from, long.MaxValue));
            var book = begins is null ? Partition.NewBook(partition, database) : (await BaseReading.BookAsync(reader, database, begins, cancel)).Book;
            var (effects, isBegun) = (new EffectBuffer(), false);
            await foreach (var stored in reader.FramesAsync(partition, begins?.Seq ?? 0, head.Seq, cancel))
            {
                var (frame, again) = (Replay.Read(partition, stored), (Frame?)null);
                if (!isBegun) book.GoBy(frame.MachineVersion);
                for (var index = 0; index < frame.Entries.Count; index++)
                {
                    var (entry, at) = (frame.Entries[index], new EntryPosition(partition, stored.Seq, index));
                    if (!isBegun && entry.Fact.Arrival < from)
                    {
                        effects.Clear();
                        PartitionMachine.Apply(book, entry.Fact, at, effects);
                        continue;
                    }

                    if (!isBegun) test.Begin(book, from);
                    isBegun = true;
                    again ??= Replay.Read(partition, stored);
                    test.Take(entry.Fact, again.Entries[index].Fact, entry.Outcome, at);
                }
            }

            // A partition in which nothing happened since has its holds all the same.
            if (!isBegun) test.Begin(book, from);
            test.End(until);
        }

        test.Compare();
        return test;
    }
}
