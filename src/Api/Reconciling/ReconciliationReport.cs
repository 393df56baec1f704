using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>A reconciliation with what a reader must know of it; the same over the API and from the command line.</summary>
public sealed class ReconciliationReport
{
    private readonly Reconciliation _compared;

    private ReconciliationReport(Reconciliation compared) => _compared = compared;

    /// <summary>The moment of the book, RFC 3339, or its position in the journal.</summary>
    public required string AsOf { get; init; }

    /// <summary>Open documents whose company is gone with pruned entries.</summary>
    public required int Untold { get; init; }

    /// <summary>Up to when entries were pruned, where that leaves documents without a company; <c>null</c> otherwise.</summary>
    public required Instant? PrunedUpTo { get; init; }

    /// <summary>Rows of the list that were compared, and those that were left out, since the book of one partition has no such customer.</summary>
    public required (int Compared, int LeftOut) Rows { get; init; }

    /// <summary>It is of some customers only: what is known of the whole list is not told with it.</summary>
    public bool IsPart { get; private init; }

    public Reconciliation Compared => _compared;

    /// <summary>Both sides say the same of everybody.</summary>
    public bool Agrees => _compared.Differences.Count == 0;

    /// <summary>Compares the book of a journal with a list.</summary>
    /// <param name="read">The book.</param>
    /// <param name="asOf">The moment of the book, RFC 3339, or its position in the journal.</param>
    /// <param name="theirs">The list.</param>
    /// <param name="company">The company of documents that name none.</param>
    /// <param name="isCompared">Customers that the book can have; <c>null</c> for all.</param>
    /// <exception cref="InvalidDataException">By company the receivables do not add up to the accounts: no figure is told.</exception>
    public static ReconciliationReport Of(ReceivablesByCompany read, string asOf, IReadOnlyList<ListedBalance> theirs, string company = "", Func<string, bool>? isCompared = null)
    {
        if (read.Unbalanced is { } flaw) throw new InvalidDataException($"The receivables by company do not add up to the book, so nothing is compared. {flaw}.");
        IReadOnlyList<ListedBalance> compared = isCompared is null ? theirs : [.. theirs.Where(b => isCompared(b.Customer))];
        var ours = company.Length == 0 ? read.Balances : read.Balances.Select(b => b.Company.Length > 0 ? b : b with { Company = company });
        return new ReconciliationReport(Reconciliation.Of(ours, compared, read.InBase))
        {
            AsOf = asOf, Untold = read.Untold, PrunedUpTo = read.PrunedUpTo, Rows = (compared.Count, theirs.Count - compared.Count),
        };
    }

    /// <summary>The same for some customers only.</summary>
    public ReconciliationReport For(Func<string, bool> customers) => new(_compared.For(customers)) { AsOf = AsOf, Untold = Untold, PrunedUpTo = PrunedUpTo, Rows = Rows, IsPart = true };

    /// <summary>A past moment, as people tell it for the books of others: a day is meant to its end, in UTC; <c>null</c> when it is neither day nor instant.</summary>
    public static PastBound? Until(string at) => DateOnly.TryParseExact(at, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < DateOnly.MaxValue
        ? new PastBound(new Instant(Instant.From(day.AddDays(1)).Micros - 1), long.MaxValue) : Engine.AsOf.Until(at, null);

    /// <summary>As JSON, amounts as digits of minor units.</summary>
    /// <param name="most">Differences that are told.</param>
    /// <param name="nameOf">Names of customers; <c>null</c> for none.</param>
    public object ToJson(int most = int.MaxValue, Func<string, string?>? nameOf = null) => new
    {
        asOf = AsOf, agrees = Agrees, balances = _compared.Balances.Count, differing = _compared.Differences.Count, onlyOurs = _compared.OneSided.Ours, onlyTheirs = _compared.OneSided.Theirs,
        rows = IsPart ? (int?)null : Rows.Compared, rowsLeftOut = IsPart ? (int?)null : Rows.LeftOut, documentsWithoutCompany = IsPart ? (int?)null : Untold, prunedUpTo = PrunedUpTo?.ToString(),
        totals = _compared.Totals.Select(t => new
        {
            company = t.Company, currency = t.Currency.Code, ours = Digits(t.Ours), theirs = Digits(t.Theirs), difference = Digits(t.Difference), unapplied = Digits(t.Unapplied), balances = t.Balances, differing = t.Differing,
        }),
        differences = _compared.Differences.Take(most).Select(d => new
        {
            customer = d.Balance.Customer, name = nameOf?.Invoke(d.Balance.Customer), company = d.Balance.Company, currency = d.Balance.Currency.Code, ours = Digits(d.Balance.Ours), theirs = Digits(d.Balance.Theirs), difference = Digits(d.Balance.Difference),
            unapplied = Digits(d.Balance.Unapplied), differenceInAll = Digits(d.InAll), side = SideOf(d.Balance),
        }),
    };

    /// <summary>The differences as a table for spreadsheets, amounts as decimals of their currency.</summary>
    public IEnumerable<string> Csv()
    {
        yield return "\ufeff" + Api.Csv.Line(["customer", "company", "currency", "ours", "theirs", "difference", "unapplied", "difference over all companies", "on"]);
        foreach (var (b, inAll) in _compared.Differences)
            yield return Api.Csv.Line([Api.Csv.Text(b.Customer), Api.Csv.Text(b.Company), b.Currency.Code, .. new[] { b.Ours, b.Theirs, b.Difference, b.Unapplied, inAll }.Select(amount => Api.Csv.Amount(amount, b.Currency)), SideOf(b)]);
    }

    /// <summary>Who names the balance: <c>both</c>, the <c>book</c> or the <c>list</c> alone.</summary>
    public static string SideOf(ReconciledBalance balance) => balance.IsTheirs ? balance.IsOurs ? "both" : "list" : "book";

    private static string Digits(Int128 amount) => amount.ToString(CultureInfo.InvariantCulture);
}
