using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Files to facts: receivables ledgers, order lines and order-to-cash logs. Events enter in time order, and nothing is
/// known before its date: a payment of March is no part of an invoice of January.
/// </summary>
public static class Imports
{
    /// <summary>Fields of a ledger; those with a star are required. Without <c>due</c> the <c>terms</c> say how many days there are.</summary>
    public static IReadOnlyList<string> LedgerFields { get; } =
        ["customer*", "document*", "issued*", "due", "amount*", "currency", "settled", "paid", "open", "disputed", "country", "terms"];

    /// <summary>Fields of an order-to-cash log.</summary>
    public static IReadOnlyList<string> OrderLogFields { get; } = ["customer*", "key*", "date*", "activity*", "amount*", "shipOn", "country"];

    /// <summary>Fields of order lines; <c>amount</c>, or <c>quantity</c> and <c>price</c>.</summary>
    public static IReadOnlyList<string> OrderLineFields { get; } = ["customer*", "order*", "date*", "amount", "quantity", "price", "shipOn", "country"];

    /// <summary>One invoice or credit note per row, with the day on which it was settled.</summary>
    /// <param name="file">The file, plain or in gzip; read once, and never held in memory as a whole.</param>
    /// <param name="format">How it is written, and its columns.</param>
    /// <param name="currency">The currency of all rows; <c>null</c> reads it from the column.</param>
    /// <param name="unlimited">True: customers get a limit "unlimited" instead of none.</param>
    /// <exception cref="InvalidDataException">The file as a whole is not as told; rows are rejected one by one.</exception>
    /// <param name="drawnUp">The day (day number) on which the ledger was drawn up, for what was paid without a date; 0 for not told.</param>
    public static ImportPlan Ledger(Stream file, FileFormat format, Currency? currency, bool unlimited, int drawnUp = 0)
    {
        using var import = new LedgerImport(file, format, currency, unlimited ? NoLimit.Unlimited : NoLimit.Hold, drawnUp);
        return import.Run();
    }

    /// <summary>One activity per row of an order line: created, changed, goods issued, rejected; everything else is kept as a note.</summary>
    /// <inheritdoc cref="Ledger(Stream, FileFormat, Currency?, bool, int)"/>
    public static ImportPlan OrderLog(Stream file, FileFormat format, Currency currency, bool unlimited)
    {
        using var import = new OrderLogImport(file, format, currency, unlimited ? NoLimit.Unlimited : NoLimit.Hold);
        return import.Run();
    }

    /// <summary>One line of an order per row; the lines of an order are added up.</summary>
    /// <inheritdoc cref="Ledger(Stream, FileFormat, Currency?, bool, int)"/>
    public static ImportPlan OrderLines(Stream file, FileFormat format, Currency currency, bool unlimited)
    {
        using var import = new OrderLinesImport(file, format, currency, unlimited ? NoLimit.Unlimited : NoLimit.Hold);
        return import.Run();
    }

    /// <summary>Fields of a hierarchy of customers.</summary>
    public static IReadOnlyList<string> HierarchyFields { get; } = ["customer*", "parent", "share", "from*"];

    /// <summary>One customer per row with the parent that it has from a day on, and its share in percent; an empty parent takes it out of its group. Of two files the later day stands.</summary>
    /// <inheritdoc cref="Ledger(Stream, FileFormat, Currency?, bool, int)"/>
    public static ImportPlan Hierarchy(Stream file, FileFormat format)
    {
        using var import = new HierarchyImport(file, format);
        return import.Run();
    }

    /// <inheritdoc cref="Ledger(Stream, FileFormat, Currency?, bool, int)"/>
    public static ImportPlan Ledger(byte[] content, FileFormat format, Currency? currency, bool unlimited, int drawnUp = 0) =>
        Ledger(new MemoryStream(content), format, currency, unlimited, drawnUp);

    /// <inheritdoc cref="OrderLog(Stream, FileFormat, Currency, bool)"/>
    public static ImportPlan OrderLog(byte[] content, FileFormat format, Currency currency, bool unlimited) => OrderLog(new MemoryStream(content), format, currency, unlimited);

    /// <inheritdoc cref="OrderLines(Stream, FileFormat, Currency, bool)"/>
    public static ImportPlan OrderLines(byte[] content, FileFormat format, Currency currency, bool unlimited) => OrderLines(new MemoryStream(content), format, currency, unlimited);

    /// <summary>Throws when a required field has no column, or a column is told for a field that there is not: a misspelt one would be left out without a word.</summary>
    internal static void Require(FileFormat format, IReadOnlyList<string> fields)
    {
        foreach (var field in format.Columns.Keys)
            if (!fields.Any(known => known.TrimEnd('*') == field)) throw new InvalidDataException($"There is no field {DecodeFault.Quote(field)}; there are {string.Join(", ", fields)}.");
        foreach (var field in fields)
            if (field.EndsWith('*') && !format.Columns.ContainsKey(field.TrimEnd('*')) && !(format.NumbersRows && field == "document*"))
                throw new InvalidDataException($"No column is told for {field.TrimEnd('*')}.");
    }
}

/// <summary>What the importers share: the rows, the ids, the customer and the checks of single values.</summary>
internal abstract class FileImport : IDisposable
{
    private readonly int _customerAt, _countryAt;
    private readonly string[] _told;

    private protected FileImport(Stream file, FileFormat format, IReadOnlyList<string> fields, string kind, string currency, NoLimit noLimit, bool opens = true)
    {
        Imports.Require(format, fields);
        Format = format;
        Table = new DelimitedRows(file, format);
        Facts = new Timeline(noLimit, opens);
        _told = [kind, currency, noLimit.ToString()];
        (_customerAt, _countryAt) = (Table.IndexOf("customer"), Table.IndexOf("country"));
    }

    private protected FileFormat Format { get; }

    private protected DelimitedRows Table { get; }

    private protected Timeline Facts { get; }

    private protected FileIds Documents { get; } = new();

    private protected FileIds CustomerIds { get; } = new();

    /// <summary>Takes all rows and gives the plan.</summary>
    internal ImportPlan Run()
    {
        foreach (var row in Table.Read())
        {
            Facts.Plan.Rows++;
            if (row.Fault.Length > 0) Facts.Reject(row.Line, row.Raw, "BAD_ROW", row.Fault);
            else Take(row);
        }

        Complete();
        Facts.Plan.Source = Format.SourceOf(Table.Hash, _told);
        return Facts.Finish();
    }

    public void Dispose() => Table.Dispose();

    private protected abstract void Take(FileRow row);

    /// <summary>What can only be said when all rows are known.</summary>
    private protected virtual void Complete()
    {
    }

    private protected bool TryCustomer(FileRow row, Currency currency, out CustomerOfRow customer)
    {
        var name = Table.Get(row, _customerAt);
        customer = new CustomerOfRow(CustomerIds.Of(name), name, Table.Get(row, _countryAt), currency);
        return customer.Id.Length > 0 && !HasLostCharacters(name) || Refuse(row, name.Length == 0 ? "MISSING_FIELD" : "BAD_TEXT", "customer", name, "an id or a name");
    }

    private protected bool TryDocument(FileRow row, int at, string field, out string id)
    {
        var text = Table.Get(row, at);
        id = Documents.Of(text);
        return id.Length > 0 && !HasLostCharacters(text) || Refuse(row, text.Length == 0 ? "MISSING_FIELD" : "BAD_TEXT", field, text, "an id");
    }

    private protected bool TryCurrency(FileRow row, string field, out Currency currency)
    {
        var text = Table.Get(row, Table.IndexOf(field));
        return Currency.TryParse(text, out currency) || Refuse(row, "UNKNOWN_CURRENCY", field, text, "a code of ISO 4217");
    }

    private protected bool TryDay(FileRow row, int at, string field, out int day)
    {
        var text = Table.Get(row, at);
        day = Format.DayOf(text);
        return day > 0 || Refuse(row, text.Length == 0 ? "MISSING_FIELD" : "BAD_DATE", field, text, "a date as " + string.Join(" or ", Format.Dates));
    }

    private protected bool TryNumber(FileRow row, int at, string field, out ExactDecimal value)
    {
        var text = Table.Get(row, at);
        return Format.TryNumber(text, out value)
            || Refuse(row, text.Length == 0 ? "MISSING_FIELD" : "BAD_AMOUNT", field, text, "a decimal number");
    }

    private protected bool TryMinor(FileRow row, ExactDecimal value, string field, Currency currency, out long minor) =>
        (Format.Rounds ? value.Rounded(currency.Digits) : value).TryMinor(currency.Digits, out minor)
            || Refuse(row, "TOO_MANY_DIGITS", field, $"{value.Digits}e-{value.Scale}", $"at most {currency.Digits} digits behind the point for {currency}, and at most 10^15 minor units");

    /// <summary>Rejects a row; always false, to end a chain of checks.</summary>
    private protected bool Refuse(FileRow row, string reason, string field, string found, string expected)
    {
        Facts.Reject(row.Line, row.Raw, reason + " " + field, $"found {DecodeFault.Quote(found)}, expected {expected}");
        return false;
    }

    // U+FFFD stands where bytes did not fit the encoding: two different ids could look the same. A zero byte is no text.
    private static bool HasLostCharacters(string text) => text.AsSpan().ContainsAny('\ufffd', '\0');
}
