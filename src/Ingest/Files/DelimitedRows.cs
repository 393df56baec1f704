using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace ExposureMonitor.Ingest;

/// <summary>One row of a file.</summary>
/// <param name="Line">Physical line on which it begins, from 1.</param>
/// <param name="Raw">Its text.</param>
/// <param name="Fault">Why it is no row of the table; then it has no fields.</param>
internal readonly record struct FileRow(int Line, string Raw, string Fault, string[] Values);

/// <summary>
/// The rows of a delimited text. A row that is broken costs one physical line: a quote that is never closed would
/// otherwise swallow the rest of the file. The file is read once and never stands in memory as a whole.
/// </summary>
internal sealed class DelimitedRows : IDisposable
{
    private const int FieldMax = 64 * 1024;
    private const int RowMax = 1024 * 1024;

    private readonly PlainContent _content;
    private readonly TextWindow _text;
    private readonly FileFormat _format;

    // Text behind a closing quote. On one line it is only sloppy; over several lines the quote belongs to another row.
    private bool _hasStrayQuote;

    /// <summary>Where the header stands, and how many lines stand before it.</summary>
    private readonly long _begin;
    private readonly int _preamble;

    /// <summary>Reads the header; gzip is told by its first bytes.</summary>
    /// <exception cref="InvalidDataException">No header, a mapped column that is not in it or twice, an unknown encoding, or a delimiter that is none.</exception>
    internal DelimitedRows(Stream file, FileFormat format)
    {
        _format = format;
        format.Validate();
        var encoding = EncodingOf(format.Encoding);
        _content = new PlainContent(file);
        _text = new TextWindow(new StreamReader(_content, encoding, detectEncodingFromByteOrderMarks: true, bufferSize: 64 * 1024), RowMax);
        for (var i = 0; i < format.Preamble; i++)
        {
            _begin = _text.AfterLine(_text.AfterBlankLines(_begin, out var blanks));
            _preamble += blanks + 1;
        }

        using var parser = ParserFrom(_begin);
        if (!TryRead(parser, out var fault)) throw new InvalidDataException("The file is empty: a header with the names of the columns is expected.");
        if (fault.Length > 0) throw new InvalidDataException($"The header is no row of names of columns: {fault}.");
        Header = parser.Record!;
        foreach (var (field, column) in format.Columns)
        {
            var count = Header.Count(name => name == column);
            if (count == 0) throw new InvalidDataException($"The column '{column}' for {field} is not in the header: {Shown(Header)}.");
            if (count > 1) throw new InvalidDataException($"The column '{column}' for {field} stands {count} times in the header: {Shown(Header)}.");
        }
    }

    /// <summary>The hash of the content without compression, when all rows are read.</summary>
    internal IncrementalHash Hash => _content.Hash;

    internal string[] Header { get; }

    /// <summary>Place of a mapped field in a row, or −1.</summary>
    internal int IndexOf(string field) => _format.Columns.TryGetValue(field, out var column) ? Array.IndexOf(Header, column) : -1;

    /// <summary>A value of a row; "" for a field without a column.</summary>
    internal string Get(in FileRow row, int index) => index < 0 ? "" : row.Values[index];

    /// <summary>All rows below the header, blank lines left out; to be read once.</summary>
    internal IEnumerable<FileRow> Read()
    {
        var (start, lineBase, isHeader, isBroken) = (_begin, _preamble, true, true);
        while (isBroken)
        {
            using var parser = ParserFrom(start);
            var (recordStart, lines) = (start, 0);
            isBroken = false;
            while (!isBroken && TryRead(parser, out var fault))
            {
                var record = fault.Length > 0 ? null : parser.Record!;
                var spans = parser.RawRow - lines > 1;
                if (isHeader)
                {
                    isHeader = false;
                }
                else if (record is not null && !(spans && (_hasStrayQuote || HasSwallowedRow(record))) && Fits(record, out var values))
                {
                    var first = FirstLine(recordStart, out var blanks);
                    var raw = parser.RawRecord.TrimEnd('\r', '\n');
                    yield return new FileRow(lineBase + lines + 1 + blanks, spans ? raw : first, "", values);
                }
                else
                {
                    var first = FirstLine(recordStart, out var blanks);
                    var wrong = record is null ? fault
                        : spans && (_hasStrayQuote || HasSwallowedRow(record)) ? "a quote that is not closed on its line"
                        : $"{record.Length} columns instead of {Header.Length}";
                    // More blank lines than a row may have characters are no row either.
                    if (first.Length > 0) yield return new FileRow(lineBase + lines + 1 + blanks, first, wrong, []);
                    isBroken = spans || record is null;
                    if (isBroken)
                    {
                        start = first.Length > 0 ? _text.AfterLine(recordStart) : _text.AfterBlankLines(recordStart, out blanks);
                        lineBase += lines + blanks + (first.Length > 0 ? 1 : 0);
                    }
                }

                if (isBroken) break;
                recordStart = start + parser.CharCount;
                lines = parser.RawRow;
                _text.Keep(recordStart);
            }
        }
    }

    public void Dispose()
    {
        _text.Dispose();
        _content.Dispose();
    }

    /// <summary>The next record, or why it is none; false at the end.</summary>
    private bool TryRead(CsvParser parser, out string fault)
    {
        (fault, _hasStrayQuote) = ("", false);
        try
        {
            return parser.Read();
        }
        catch (MaxFieldSizeException)
        {
            fault = $"a field of more than {FieldMax} characters, or a quote that is never closed";
        }
        catch (RowTooLongException)
        {
            fault = $"a row of more than {RowMax} characters";
        }

        return true;
    }

    /// <summary>
    /// True when a value over several lines is another row: in a column that is read it holds a delimiter, in one that is
    /// not it holds a line with as many delimiters as a row has. A quote that is never closed looks well formed when the
    /// next one closes it, and the rows between would vanish without a word.
    /// </summary>
    private bool HasSwallowedRow(string[] record)
    {
        for (var i = 0; i < record.Length; i++)
        {
            if (!record[i].Contains('\n', StringComparison.Ordinal)) continue;
            if (i < Header.Length && _format.Columns.Values.Contains(Header[i], StringComparer.Ordinal) && record[i].Contains(_format.Delimiter, StringComparison.Ordinal)) return true;
            foreach (var line in record[i].AsSpan().EnumerateLines())
                if (line.Count(_format.Delimiter) >= Math.Max(1, Header.Length - 1)) return true;
        }

        return false;
    }

    /// <summary>As many values as the header has columns; empty ones behind them are a delimiter too many, which is harmless.</summary>
    private bool Fits(string[] record, out string[] values)
    {
        values = record;
        return record.Length >= Header.Length && record.AsSpan(Header.Length).IndexOfAnyExcept("") < 0;
    }

    private string FirstLine(long start, out int blanks)
    {
        blanks = 0;
        var text = _text.Kept(start);
        var at = 0;
        while (at < text.Length && text[at] is '\r' or '\n')
            if (text[at++] == '\n') blanks++;
        var end = text[at..].IndexOf('\n');
        var line = end < 0 ? text[at..] : text.Slice(at, end);
        return new string(line[..Math.Min(line.Length, 2000)].TrimEnd('\r'));
    }

    private CsvParser ParserFrom(long start)
    {
        _text.Return(start);
        _text.Keep(start);
        return new CsvParser(_text, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = _format.Delimiter, BadDataFound = _ => _hasStrayQuote = true, MissingFieldFound = null, TrimOptions = TrimOptions.Trim, MaxFieldSize = FieldMax,
        }, leaveOpen: true);
    }

    private static string Shown(string[] header) => string.Join(", ", header.Take(50).Select(name => DecodeFault.Plain(name, 60))) + (header.Length > 50 ? ", …" : "");

    private static Encoding EncodingOf(string name)
    {
        try
        {
            Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
            return Encoding.GetEncoding(name);
        }
        catch (ArgumentException)
        {
            throw new InvalidDataException($"No encoding is called '{name}'.");
        }
    }
}
