namespace ExposureMonitor.Domain;

/// <summary>What stands on an invoice on the morning of its issue, and nothing that comes later.</summary>
/// <param name="Customer">Who owes it.</param>
/// <param name="Document">Its id; only the number range is read.</param>
/// <param name="Currency">Of the amount.</param>
/// <param name="Amount">Minor units.</param>
/// <param name="IssuedOn">Day number.</param>
/// <param name="DueOn">Day number.</param>
/// <param name="Terms">Key of the terms; "" when it names none.</param>
/// <param name="Country">Of the customer; "" when unknown.</param>
public sealed record InvoiceAtIssue(string Customer, string Document, Currency Currency, long Amount, int IssuedOn, int DueOn, string Terms, string Country)
{
    private string[]? _traits;

    /// <summary>See <see cref="SettledItem.SizeOf"/>.</summary>
    public int Size => SettledItem.SizeOf(Amount);

    /// <summary>Days from issue to due date.</summary>
    public int TermDays => Math.Clamp(DueOn - IssuedOn, -1, 400);

    /// <summary>
    /// What it has in common with invoices of other customers, in the order of <see cref="TraitNames"/>: what the portfolio keeps shares of.
    /// </summary>
    public IReadOnlyList<string> Traits => _traits ??=
    [
        "currency:" + Currency.Code, "range:" + RangeOf(Document), "customers:" + RangeOf(Customer), "country:" + Country,
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"days:{TermDays}"), "terms:" + Terms,
    ];

    /// <summary>Names of the traits.</summary>
    public static IReadOnlyList<string> TraitNames { get; } = ["currency", "range", "customers", "country", "days", "terms"];

    /// <summary>
    /// The number range of an id: its length and what stands in front. Houses give branches, kinds of documents and
    /// countries ranges of their own.
    /// </summary>
    public static string RangeOf(string id) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Math.Min(id.Length, 20)}.{id.AsSpan(0, Math.Min(3, id.Length))}");
}

/// <summary>An item that was open on a morning.</summary>
/// <param name="IssuedOn">Day number.</param>
/// <param name="DueOn">Day number.</param>
/// <param name="Amount">What is open, minor units.</param>
public readonly record struct OpenDebt(int IssuedOn, int DueOn, long Amount);
