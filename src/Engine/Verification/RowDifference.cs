using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>For people: in what an account row that differs from the fold of its journal differs, and what was expected.</summary>
internal static class RowDifference
{
    /// <summary>Reads the row again, since a proof keeps hashes only; "" when the row cannot be read any more.</summary>
    /// <param name="fold">The book at the sequence of the row.</param>
    internal static async Task<string> OfAsync(IJournalReader reader, DatabaseInfo database, Book fold, int slot, CancellationToken cancel)
    {
        await foreach (var row in reader.AccountStatesAsync(fold.Partition, cancel))
            if (row.Slot == slot) return Of(row, database, fold);
        return "";
    }

    private static string Of(AccountRow row, DatabaseInfo database, Book fold)
    {
        var (alone, state) = (Partition.NewBook(fold.Partition, database), new ByteBuffer());
        fold.WriteState(state);
        alone.ReadState(state.Written.ToArray());
        try
        {
            var slot = alone.ReadAccount(row.State);
            var (found, expected) = (alone.Figures(slot).Gross, fold.Figures(row.Slot).Gross);
            var figures = found == expected ? "" : $"; its gross exposure is {found}, the journal makes it {expected}";
            return (alone.Unbalanced(slot) is { } why ? $"; in it {why}" : "") + figures;
        }
        catch (Exception cut) when (cut is InvalidDataException or OverflowException or ArgumentException or IndexOutOfRangeException)
        {
            return $"; it cannot be read: {cut.Message}";
        }
    }
}
