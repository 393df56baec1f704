namespace ExposureMonitor.Domain;

/// <summary>A line of the seller's own books: what a customer owes one of his companies by them, minor units. Below zero where he has money there.</summary>
public readonly record struct ListedBalance(string Customer, string Company, Currency Currency, long Amount);

/// <summary>One customer at one company in one currency, on both sides; minor units.</summary>
/// <param name="Ours">Open receivables of the book; 0 where it has none.</param>
/// <param name="Theirs">What the list says; 0 where it does not name him.</param>
/// <param name="Unapplied">Our money that is matched to nothing: a list of net balances has it taken off.</param>
/// <param name="IsOurs">The book has such a balance.</param>
/// <param name="IsTheirs">The list has such a line.</param>
public sealed record ReconciledBalance(string Customer, string Company, Currency Currency, long Ours, long Theirs, long Unapplied, bool IsOurs, bool IsTheirs)
{
    /// <summary>Ours less theirs.</summary>
    public Int128 Difference => (Int128)Ours - Theirs;
}

/// <summary>A balance that differs.</summary>
/// <param name="InAll">Ours less theirs of the same customer and currency over all companies: 0 where only the company differs.</param>
public sealed record BalanceDifference(ReconciledBalance Balance, Int128 InAll);

/// <summary>A company in one currency, minor units.</summary>
/// <param name="Balances">Customers that either side names.</param>
/// <param name="Differing">Of them those that differ.</param>
public sealed record CompanyTotal(string Company, Currency Currency, Int128 Ours, Int128 Theirs, Int128 Unapplied, int Balances, int Differing)
{
    /// <summary>Ours less theirs.</summary>
    public Int128 Difference => Ours - Theirs;
}

/// <summary>Our receivables against the seller's own books. Whoever one side does not name counts there as zero, and it is said.</summary>
public sealed class Reconciliation
{
    private readonly Func<Int128, Currency, Int128?> _inBase;

    private Reconciliation(List<ReconciledBalance> balances, Func<Int128, Currency, Int128?> inBase)
    {
        (Balances, _inBase) = (balances, inBase);
        Totals = TotalsOf(balances);
        Differences = DifferencesOf(balances, inBase);
    }

    /// <summary>All balances, by customer, company, currency.</summary>
    public IReadOnlyList<ReconciledBalance> Balances { get; }

    /// <summary>By company and currency.</summary>
    public IReadOnlyList<CompanyTotal> Totals { get; }

    /// <summary>What differs, the largest in the base currency first; what has no rate stands before the others.</summary>
    public IReadOnlyList<BalanceDifference> Differences { get; }

    /// <summary>Balances that only the book has, and that only the list has, zeros left out.</summary>
    public (int Ours, int Theirs) OneSided { get; private init; }

    /// <summary>Compares.</summary>
    /// <param name="ours">Of the book; a customer and company may come more than once, and are added up.</param>
    /// <param name="theirs">Of the list, each customer, company and currency once.</param>
    /// <param name="inBase">An amount in the base currency, to sort by; <c>null</c> without a rate.</param>
    public static Reconciliation Of(IEnumerable<CompanyBalance> ours, IEnumerable<ListedBalance> theirs, Func<Int128, Currency, Int128?> inBase)
    {
        var rows = new Dictionary<(string Customer, string Company, Currency Currency), ReconciledBalance>();
        foreach (var b in ours)
        {
            var known = rows.GetValueOrDefault((b.Customer, b.Company, b.Currency)) ?? new ReconciledBalance(b.Customer, b.Company, b.Currency, 0, 0, 0, false, false);
            rows[(b.Customer, b.Company, b.Currency)] = known with { Ours = checked(known.Ours + b.Open), Unapplied = checked(known.Unapplied + b.Unapplied), IsOurs = true };
        }

        foreach (var b in theirs)
        {
            var known = rows.GetValueOrDefault((b.Customer, b.Company, b.Currency)) ?? new ReconciledBalance(b.Customer, b.Company, b.Currency, 0, 0, 0, false, false);
            if (known.IsTheirs) throw new ArgumentException($"{b.Customer}, company '{b.Company}', {b.Currency}: a second line of the list.", nameof(theirs));
            rows[(b.Customer, b.Company, b.Currency)] = known with { Theirs = b.Amount, IsTheirs = true };
        }

        return Made([.. rows.Values], inBase);
    }

    /// <summary>The same for some customers only.</summary>
    public Reconciliation For(Func<string, bool> customers) => Made([.. Balances.Where(b => customers(b.Customer))], _inBase);

    private static Reconciliation Made(List<ReconciledBalance> balances, Func<Int128, Currency, Int128?> inBase)
    {
        balances.Sort(static (a, b) => Order(a, b));
        return new Reconciliation(balances, inBase)
        {
            OneSided = (balances.Count(b => b is { IsTheirs: false, Ours: not 0 }), balances.Count(b => b is { IsOurs: false, Theirs: not 0 })),
        };
    }

    private static int Order(ReconciledBalance a, ReconciledBalance b) => string.CompareOrdinal(a.Customer, b.Customer) is not 0 and var customer ? customer
        : string.CompareOrdinal(a.Company, b.Company) is not 0 and var company ? company : string.CompareOrdinal(a.Currency.Code, b.Currency.Code);

    private static List<CompanyTotal> TotalsOf(List<ReconciledBalance> balances)
    {
        var totals = new Dictionary<(string Company, Currency Currency), CompanyTotal>();
        foreach (var b in balances)
        {
            var sofar = totals.GetValueOrDefault((b.Company, b.Currency)) ?? new CompanyTotal(b.Company, b.Currency, 0, 0, 0, 0, 0);
            totals[(b.Company, b.Currency)] = sofar with
            {
                Ours = sofar.Ours + b.Ours, Theirs = sofar.Theirs + b.Theirs, Unapplied = sofar.Unapplied + b.Unapplied, Balances = sofar.Balances + 1, Differing = sofar.Differing + (b.Difference == 0 ? 0 : 1),
            };
        }

        return [.. totals.Values.OrderBy(t => t.Company, StringComparer.Ordinal).ThenBy(t => t.Currency.Code, StringComparer.Ordinal)];
    }

    private static List<BalanceDifference> DifferencesOf(List<ReconciledBalance> balances, Func<Int128, Currency, Int128?> inBase)
    {
        var inAll = new Dictionary<(string Customer, Currency Currency), Int128>();
        foreach (var b in balances) inAll[(b.Customer, b.Currency)] = inAll.GetValueOrDefault((b.Customer, b.Currency)) + b.Difference;
        // Without a rate nobody can say that it is small.
        return [.. balances.Where(b => b.Difference != 0).Select(b => (Balance: b, Size: inBase(Int128.Abs(b.Difference), b.Currency)))
            .OrderByDescending(b => b.Size ?? Int128.MaxValue).ThenByDescending(b => Int128.Abs(b.Balance.Difference))
            .Select(b => new BalanceDifference(b.Balance, inAll[(b.Balance.Customer, b.Balance.Currency)]))];
    }
}
