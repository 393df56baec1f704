using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>A book has more balances by company than whoever asked wants to hold.</summary>
public sealed class TooManyBalancesException(int most) : Exception($"The book has more than {most} balances of customers by company.");

/// <summary>The receivables of a book by company as of one moment, made of the journal alone.</summary>
public sealed class ReceivablesByCompany
{
    private readonly PartitionContext _rates;

    private ReceivablesByCompany(PartitionContext rates) => _rates = rates;

    /// <summary>What each customer owes each company.</summary>
    public List<CompanyBalance> Balances { get; } = [];

    /// <inheritdoc cref="CompanySplit.Untold"/>
    public int Untold { get; private set; }

    /// <inheritdoc cref="CompanySplit.Unbalanced"/>
    public string? Unbalanced { get; private set; }

    /// <summary>Up to when the latest pruning let facts go; <c>null</c> when all are there.</summary>
    public Instant? PrunedUpTo { get; private set; }

    /// <summary>An amount in the base currency at the rates of that moment; <c>null</c> without a rate.</summary>
    public Int128? InBase(Int128 minor, Currency currency) => _rates.Convert(minor, currency, _rates.BaseCurrency);

    /// <summary>Reads the journal: no lock, no write, beside a service or without one. One partition is held at a time.</summary>
    /// <param name="reader">The journal.</param>
    /// <param name="database">What it is.</param>
    /// <param name="until">A past moment, or <see cref="AsOf.Now"/>.</param>
    /// <param name="only">One partition; <c>null</c> for all.</param>
    /// <param name="most">More balances are not held in memory.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <exception cref="PrunedException">The moment lies before what was pruned.</exception>
    /// <exception cref="JournalBrokenException">A frame is damaged.</exception>
    /// <exception cref="TooManyBalancesException">There are more balances.</exception>
    public static async Task<ReceivablesByCompany> ReadAsync(IJournalReader reader, DatabaseInfo database, PastBound until, CancellationToken cancel, int? only = null, int most = int.MaxValue)
    {
        ReceivablesByCompany? read = null;
        for (var partition = only ?? 0; partition <= (only ?? database.Partitions - 1); partition++)
        {
            var book = until == AsOf.Now ? await AsOf.NowAsync(reader, database, partition, cancel) : await AsOf.BookAsync(reader, database, partition, until, cancel);
            var split = new CompanySplit(book);
            // Later entries than the book's name companies of later documents: they find nothing that is open.
            await foreach (var stored in reader.FramesAsync(partition, (await reader.BaseAsync(partition, cancel))?.Seq ?? 0, until.Seq, cancel))
            {
                foreach (var entry in Replay.Read(partition, stored).Entries)
                {
                    if (entry.Customer.Length == 0 || entry.Fact.Arrival > until.At) continue;
                    entry.Fact.Customer = entry.Customer;
                    split.Take(entry.Fact, entry.Outcome);
                }
            }

            read ??= new ReceivablesByCompany(book.Context);
            read.Balances.AddRange(split.Balances());
            (read.Untold, read.Unbalanced) = (read.Untold + split.Untold, read.Unbalanced ?? split.Unbalanced);
            if (split.Untold > 0 && await reader.BaseAsync(partition, cancel) is { } from && !(read.PrunedUpTo >= new Instant(from.At))) read.PrunedUpTo = new Instant(from.At);
            if (read.Balances.Count > most) throw new TooManyBalancesException(most);
        }

        return read ?? throw new ArgumentException($"There is no partition {only}; there are {database.Partitions}.", nameof(only));
    }
}
