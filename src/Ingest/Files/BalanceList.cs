using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>
/// A list of balances out of the seller's own books: customer, company, currency and amount a row. A row that cannot be read makes the list unusable: who
/// is not on it counts as owing nothing, so that a row left out would look like a difference.
/// </summary>
public sealed class BalanceList
{
    /// <summary>Wrong rows that are told; more are counted.</summary>
    internal const int WrongShown = 20;

    private BalanceList(IReadOnlyList<ListedBalance> balances, int unnamed) => (Balances, Unnamed) = (balances, unnamed);

    /// <summary>Fields of a list; those with a star are required.</summary>
    public static IReadOnlyList<string> Fields { get; } = ["customer*", "company", "currency", "amount*"];

    /// <summary>Each customer, company and currency once, in the order of the file.</summary>
    public IReadOnlyList<ListedBalance> Balances { get; }

    /// <summary>Rows that name no company of their own.</summary>
    public int Unnamed { get; }

    /// <summary>Reads a list. A field without a told column is the column of its name.</summary>
    /// <param name="open">Opens the file, plain or in gzip, from its beginning; asked for the header, and for the rows.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="currency">The currency of all rows; <c>null</c> reads it from the column.</param>
    /// <param name="company">The company of rows that name none.</param>
    /// <exception cref="InvalidDataException">What is wrong, with line and column; nothing of it is taken.</exception>
    public static BalanceList Read(Func<Stream> open, FileFormat format, Currency? currency, string company)
    {
        format = WithColumns(open, format, currency is null);
        using var import = new Rows(open(), format, currency, company);
        using var plan = import.Run();
        if (plan.Rejected.Count == 0) return new BalanceList(import.Balances, import.Unnamed);
        var told = plan.Rejected.Take(WrongShown).Select(row => $"line {row.Line}{ColumnOf(row, format, import.Header)}: {row.Detail}").ToList();
        if (plan.Rejected.Count > WrongShown) told.Add($"and {plan.Rejected.Count - WrongShown} more rows");
        throw new InvalidDataException($"{plan.Rejected.Count} of {plan.Rows} rows of the list cannot be read, so nothing is compared. {string.Join("; ", told)}.");
    }

    /// <summary>The same of a body, written as <c>FileFormat</c> begins: commas, a point, UTF-8, columns by their own names.</summary>
    public static IReadOnlyList<ListedBalance> ReadBody(byte[] content, string company) => Read(() => new MemoryStream(content), new FileFormat(), null, company).Balances;

    private static string ColumnOf(RejectedRow row, FileFormat format, string[] header) =>
        row.Reason.IndexOf(' ', StringComparison.Ordinal) is var at and > 0 && format.Columns.TryGetValue(row.Reason[(at + 1)..], out var column)
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $", column {Array.IndexOf(header, column) + 1} ({DecodeFault.Plain(column, 60)})") : "";

    private static FileFormat WithColumns(Func<Stream> open, FileFormat format, bool needsCurrency)
    {
        string[] header;
        using (var table = new DelimitedRows(open(), format)) header = table.Header;
        var columns = new Dictionary<string, string>(format.Columns, StringComparer.Ordinal);
        foreach (var field in Fields.Select(f => f.TrimEnd('*')))
            if (!columns.ContainsKey(field) && header.Contains(field, StringComparer.Ordinal) && (field != "currency" || needsCurrency)) columns[field] = field;
        foreach (var field in (string[])["customer", .. needsCurrency ? ["currency"] : Array.Empty<string>(), "amount"])
            if (!columns.ContainsKey(field)) throw new InvalidDataException($"The list has no column '{field}', and none is told for it; its header is {string.Join(", ", header.Take(40).Select(name => DecodeFault.Plain(name, 60)))}.");
        return format with { Columns = columns };
    }

    /// <summary>The rows, read as an import reads them: so a customer has the same id.</summary>
    private sealed class Rows(Stream file, FileFormat format, Currency? currency, string company) : FileImport(file, format, Fields, "balances", currency?.Code ?? "", NoLimit.Hold, opens: false)
    {
        private const int CompanyLengthMax = 64;

        private readonly Dictionary<(string Customer, string Company, Currency Currency), int> _lines = [];

        internal List<ListedBalance> Balances { get; } = [];

        internal int Unnamed { get; private set; }

        internal string[] Header => Table.Header;

        private protected override void Take(FileRow row)
        {
            var of = currency ?? default;
            if (!TryCustomer(row, of, out var customer) || (currency is null && !TryCurrency(row, "currency", out of))) return;
            var named = Table.Get(row, Table.IndexOf("company"));
            if (named.Length > CompanyLengthMax)
            {
                Refuse(row, "BAD_TEXT", "company", named, $"at most {CompanyLengthMax} characters");
                return;
            }

            if (named.Length == 0) (Unnamed, named) = (Unnamed + 1, company);
            if (!TryNumber(row, Table.IndexOf("amount"), "amount", out var value) || !TryMinor(row, value, "amount", of, out var amount)) return;
            if (!_lines.TryAdd((customer.Id, named, of), row.Line))
            {
                Refuse(row, "SECOND_BALANCE", "customer", customer.Name, $"each customer, company and currency once; line {_lines[(customer.Id, named, of)]} has the same");
                return;
            }

            Balances.Add(new ListedBalance(customer.Id, named, of, amount));
        }
    }
}
