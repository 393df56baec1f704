using System.CommandLine;
using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Ingest;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary>How a ledger is told to the commands that only look at it: as to <c>import ledger</c>, and what is not told is guessed and said.</summary>
internal sealed class LedgerOptions
{
    private readonly Argument<FileInfo> _file = new("file") { Description = "The ledger; gzip is recognised." };
    private readonly Option<FileInfo> _mapping = new("--mapping") { Description = "JSON file with any of delimiter, encoding, dates, thousands, decimal, yes, no, columns; flags win." };
    private readonly Option<string[]> _map = new("--map") { Description = $"field=column, once per field. Fields: {string.Join(", ", Imports.LedgerFields)} (* is required). Common names are found without.", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string> _delimiter = new("--delimiter") { Description = "Between columns. Default: what the header shows." };
    private readonly Option<string> _encoding = new("--encoding") { Description = "Such as utf-8 (default), iso-8859-1, windows-1252." };
    private readonly Option<string[]> _dates = new("--date-format") { Description = "Such as yyyy-MM-dd, M/d/yyyy or epoch-ms; may be given several times. Default: what fits.", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string> _thousands = new("--thousands") { Description = "Separator of thousands. Default: what fits." };
    private readonly Option<string> _point = new("--decimal") { Description = "Decimal separator. Default: what fits." };
    private readonly Option<string> _currency = new("--currency") { Description = "Currency of a file that has no column for it." };
    private readonly Option<string> _drawnUp = new("--drawn-up") { Description = "The day on which it was drawn up (yyyy-MM-dd); what is paid without a date was paid by then." };

    private readonly Option<int?> _netDays = new("--net-days") { Description = "Days from issue to due date, where no column has the due date and none the terms." };

    /// <param name="command">The command.</param>
    /// <param name="isOptional">The command can do without a file.</param>
    internal void AddTo(Command command, bool isOptional = false)
    {
        if (isOptional) _file.Arity = ArgumentArity.ZeroOrOne;
        command.Arguments.Add(_file);
        foreach (var option in (Option[])[_mapping, _map, _delimiter, _encoding, _dates, _thousands, _point, _currency, _drawnUp, _netDays]) command.Options.Add(option);
    }

    /// <summary>Whether a file was told.</summary>
    internal bool IsTold(ParseResult parsed) => parsed.GetValue(_file) is not null;

    internal static int Day(string option, string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
        ? date.DayNumber : throw new ArgumentException($"{option}: '{text}' is no date as yyyy-MM-dd.");

    internal async Task<ReadLedger> ReadAsync(ParseResult parsed, bool quiet, CancellationToken cancel)
    {
        var file = parsed.GetValue(_file)!;
        if (!file.Exists) throw new InvalidDataException($"There is no file '{file}'.");
        var isTold = new HashSet<string>(StringComparer.Ordinal);
        var format = new FileFormat();
        if (parsed.GetValue(_mapping) is { } mapping)
        {
            if (!mapping.Exists) throw new ArgumentException($"--mapping: there is no file '{mapping}'.");
            format = FileFormat.FromJson(await File.ReadAllTextAsync(mapping.FullName, cancel));
            var plain = new FileFormat();
            if (format.Delimiter != plain.Delimiter) isTold.Add("delimiter");
            if (!format.Dates.SequenceEqual(plain.Dates)) isTold.Add("dates");
            if (format.Decimal != plain.Decimal || format.Thousands.Length > 0) isTold.Add("numbers");
        }

        if (parsed.GetValue(_delimiter) is { } delimiter && isTold.Add("delimiter") | true) format = format with { Delimiter = delimiter == "\\t" ? "\t" : delimiter };
        if (parsed.GetValue(_encoding) is { } encoding && isTold.Add("encoding") | true) format = format with { Encoding = encoding };
        if (parsed.GetValue(_dates) is { Length: > 0 } dates && isTold.Add("dates") | true) format = format with { Dates = dates };
        if (parsed.GetValue(_point) is { } point && isTold.Add("numbers") | true) format = format with { Decimal = point };
        if (parsed.GetValue(_thousands) is { } thousands && isTold.Add("numbers") | true) format = format with { Thousands = thousands };
        if (parsed.GetValue(_netDays) is { } days) format = format with { NetDays = days is >= 0 and <= 400 ? days : throw new ArgumentException("--net-days: 0 to 400.") };
        if (parsed.GetValue(_map) is { Length: > 0 } pairs)
        {
            var columns = new Dictionary<string, string>(format.Columns, StringComparer.Ordinal);
            foreach (var (field, column) in FileFormat.ParseColumns(pairs, Imports.LedgerFields)) columns[field] = column;
            format = format with { Columns = columns };
        }

        LedgerReading reading;
        await using (var beginning = file.OpenRead()) reading = LedgerGuess.Read(beginning, format, isTold);
        Currency? single = parsed.GetValue(_currency) is { } code ? Currency.Parse(code) : reading.Currency.Length > 0 ? Currency.Parse(reading.Currency) : null;
        List<string> remarks = [.. reading.Remarks];
        if (parsed.GetValue(_currency) is null && single is not null) remarks.Add($"No currency was told: {single} is taken for all rows; scores read amounts only against each other.");
        // With one currency for all rows the column is not needed, and an odd code in it costs no row.
        var read = reading.Format;
        if (parsed.GetValue(_currency) is not null && !format.Columns.ContainsKey("currency")) read = read with { Columns = read.Columns.Where(c => c.Key != "currency").ToDictionary(c => c.Key, c => c.Value) };
        var drawnUp = parsed.GetValue(_drawnUp) is { } day ? Day("--drawn-up", day) : 0;
        var plan = await ToldStream.ReadAsync(file, $"read {file.Name}, bytes", quiet, content => Imports.Ledger(content, read, read.Columns.ContainsKey("currency") ? null : single, unlimited: true, drawnUp), cancel);
        return new ReadLedger(file, plan, remarks, single ?? Currency.Parse("USD"), read.Columns, reading.Unread);
    }
}

/// <summary>A ledger that was read, with what was guessed.</summary>
internal sealed class ReadLedger(FileInfo file, ImportPlan plan, IReadOnlyList<string> remarks, Currency baseCurrency, IReadOnlyDictionary<string, string> columns, IReadOnlyList<string> unread) : IDisposable
{
    internal FileInfo File => file;

    internal ImportPlan Plan => plan;

    internal IReadOnlyList<string> Remarks => [.. remarks, .. MostRejected()];

    internal IReadOnlyDictionary<string, string> Columns => columns;

    internal IReadOnlyList<string> Unread => unread;

    internal Currency BaseCurrency => baseCurrency;

    /// <summary>More rows were rejected than a few bad ones: that is a wrong mapping.</summary>
    private IEnumerable<string> MostRejected() => plan.Rejected.Count * 10 > plan.Rows
        ? [$"{plan.Rejected.Count} of {plan.Rows} rows were rejected: check what was taken for what. {FirstRejections()}"] : [];

    internal string FirstRejections() => string.Join(" ", plan.Rejected.Take(3).Select(r => $"Line {r.Line}: {r.Reason}: {r.Detail}."));

    internal async Task KeepRejectedAsync(string path, CancellationToken cancel)
    {
        if (plan.Rejected.Count == 0)
        {
            System.IO.File.Delete(path);
            return;
        }

        await using var writer = new StreamWriter(path);
        await writer.WriteLineAsync("line,reason,found,row".AsMemory(), cancel);
        foreach (var row in plan.Rejected) await writer.WriteLineAsync(string.Join(',', row.Line.ToString(CultureInfo.InvariantCulture), Quoted(row.Reason), Quoted(row.Detail), Quoted(row.Raw)).AsMemory(), cancel);
    }

    public void Dispose() => plan.Dispose();

    private static string Quoted(string text) => '"' + text.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
}
