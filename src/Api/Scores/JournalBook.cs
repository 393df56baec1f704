using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Learning;

namespace ExposureMonitor.Api;

/// <summary>A book has more invoices than whoever asked wants to hold.</summary>
public sealed class BookTooLargeException(int most) : Exception($"The book has more than {most} invoices.");

/// <summary>What a reader must know of a score, as he reads it.</summary>
/// <param name="Chinese">The same in Chinese.</param>
public sealed record ScoreRemark(string Text, string Chinese);

/// <summary>The book of a journal, walked to its end, with the facts by which scores are explained.</summary>
public sealed class JournalBook
{
    private readonly IReadOnlyList<KnownFact> _facts;

    private JournalBook(LedgerWalk walk, IReadOnlyList<KnownFact> facts, IReadOnlyList<ScoreRemark> remarks)
    {
        (Walk, _facts, Remarks) = (walk, facts, remarks);
        Scores = new CustomerScores(walk);
    }

    public LedgerWalk Walk { get; }

    public CustomerScores Scores { get; }

    /// <summary>What a reader must know of the facts: which were loaded as a past, and what was pruned.</summary>
    public IReadOnlyList<ScoreRemark> Remarks { get; }

    /// <summary>Reads the whole journal as of one moment: no lock, no write, beside a service or without one.</summary>
    /// <param name="reader">The journal.</param>
    /// <param name="partitions">How many there are.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <param name="invoicesMost">More are not held in memory.</param>
    /// <param name="until">Day number: what was known later is not looked at, as if the book ended there.</param>
    /// <exception cref="BookTooLargeException">There are more invoices.</exception>
    /// <exception cref="JournalBrokenException">A frame is damaged.</exception>
    public static async Task<JournalBook> ReadAsync(IJournalReader reader, int partitions, CancellationToken cancel, int invoicesMost = int.MaxValue, int until = int.MaxValue)
    {
        var invoices = 0;
        var history = await BookHistory.ReadAsync(reader, partitions, fact =>
        {
            if (fact is InvoicePosted && ++invoices > invoicesMost) throw new BookTooLargeException(invoicesMost);
            return LedgerWalk.Reads(fact);
        }, cancel);
        var walk = new LedgerWalk();
        IReadOnlyList<KnownFact> facts = until == int.MaxValue ? history.Facts : [.. history.Facts.TakeWhile(f => f.KnownOn <= until)];
        foreach (var known in facts)
        {
            cancel.ThrowIfCancellationRequested();
            walk.Take(known.Fact, known.KnownOn);
        }

        walk.EndDay();
        List<ScoreRemark> remarks = [];
        if (history.Loaded > 0)
            remarks.Add(new($"{history.Loaded} of {history.Facts.Count} facts arrived more than {BookHistory.LatenessDays} days after their time: they were loaded as a past, and count as known from their own time.",
                $"{history.Facts.Count} 条事实中有 {history.Loaded} 条在发生 {BookHistory.LatenessDays} 天以后才到达：按历史数据导入，视为在发生当时即已知悉。"));
        if (history.Pruned.Count > 0)
            remarks.Add(new($"The journal of {history.Pruned.Count} of {partitions} partitions was pruned, the latest up to {history.Pruned.Max(p => p.UpTo).UtcDate:yyyy-MM-dd}: what was before is gone and was not learned from.",
                $"{partitions} 个分区中有 {history.Pruned.Count} 个的流水日志已清理，最近清理到 {history.Pruned.Max(p => p.UpTo).UtcDate:yyyy-MM-dd}：此前的数据已不存在，未用于学习。"));
        if (until != int.MaxValue)
            remarks.Add(new($"As of the end of {DateOnly.FromDayNumber(until):yyyy-MM-dd}: nothing that became known later is looked at.", $"截至 {DateOnly.FromDayNumber(until):yyyy-MM-dd} 日终：此后才知悉的一概不看。"));
        return new JournalBook(walk, facts, remarks);
    }

    /// <summary>By invoice of a customer: the entry that posted it, and the last one that paid for it.</summary>
    internal Dictionary<string, (KnownFact? Posted, KnownFact? Paid)> EventsOf(string customer)
    {
        var events = new Dictionary<string, (KnownFact? Posted, KnownFact? Paid)>(StringComparer.Ordinal);
        foreach (var known in _facts)
        {
            if (known.Fact.Customer != customer) continue;
            if (known.Fact is InvoicePosted posted) events[posted.InvoiceId] = (known, events.GetValueOrDefault(posted.InvoiceId).Paid);
            if (known.Fact is not PaymentAllocated allocated) continue;
            foreach (var item in allocated.Items) events[item.ItemId] = (events.GetValueOrDefault(item.ItemId).Posted, known);
        }

        return events;
    }
}
