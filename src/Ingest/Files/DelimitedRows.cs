using System.Globalization;
using System.IO.Compression;
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
/// otherwise swallow the rest of the file.
/// </summary>
internal sealed class DelimitedRows
{
    private const int FieldMax = 64 * 1024;
    private const long TextMax = 1L << 30;

    private readonly string _text;
    private readonly FileFormat _format;

    // Text behind a closing quote. On one line it is only sloppy; over several lines the quote belongs to another row.
    private bool _hasStrayQuote;

    /// <summary>Takes a whole file; gzip is told by its first bytes.</summary>
    /// <exception cref="InvalidDataException">No header, a mapped column that is not in it, an unknown encoding, or a text beyond 1 GiB.</exception>
    internal DelimitedRows(byte[] content, FileFormat format)
    {
        _format = format;
        Content = Plain(content);
        using var reader = new StreamReader(new MemoryStream(Content), EncodingOf(format.Encoding), detectEncodingFromByteOrderMarks: true);
        _text = reader.ReadToEnd();
        using var parser = ParserFrom(0);
        if (!parser.Read()) throw new InvalidDataException("The file is empty: a header with the names of the columns is expected.");
        Header = parser.Record!;
        foreach (var (field, column) in format.Columns)
            if (!Header.Contains(column, StringComparer.Ordinal))
                throw new InvalidDataException($"The column '{column}' for {field} is not in the header: {string.Join(", ", Header)}.");
    }

    /// <summary>The content without compression.</summary>
    internal byte[] Content { get; }

    internal string[] Header { get; }

    /// <summary>Place of a mapped field in a row, or −1.</summary>
    internal int IndexOf(string field) => _format.Columns.TryGetValue(field, out var column) ? Array.IndexOf(Header, column) : -1;

    /// <summary>A value of a row; "" for a field without a column.</summary>
    internal string Get(in FileRow row, int index) => index < 0 ? "" : row.Values[index];

    /// <summary>All rows below the header, blank lines left out.</summary>
    internal IEnumerable<FileRow> Read()
    {
        var (start, lineBase, isHeader) = (0, 0, true);
        while (start < _text.Length)
        {
            using var parser = ParserFrom(start);
            var (recordStart, lines, isBroken) = (start, 0, false);
            while (!isBroken && TryRead(parser, out var isTooLong))
            {
                var record = isTooLong ? null : parser.Record!;
                var spans = parser.RawRow - lines > 1;
                if (isHeader)
                {
                    isHeader = false;
                }
                else if (record is not null && !(spans && _hasStrayQuote) && Fits(record, out var values))
                {
                    var first = FirstLine(recordStart, out var blanks);
                    var raw = parser.RawRecord.TrimEnd('\r', '\n');
                    yield return new FileRow(lineBase + lines + 1 + blanks, spans ? raw : first, "", values);
                }
                else
                {
                    var first = FirstLine(recordStart, out var blanks);
                    var fault = record is null ? "a field is too long"
                        : spans && _hasStrayQuote ? "a quote that is not closed on its line"
                        : $"{record.Length} columns instead of {Header.Length}";
                    yield return new FileRow(lineBase + lines + 1 + blanks, first, fault, []);
                    isBroken = spans || isTooLong;
                    if (isBroken)
                    {
                        lineBase += lines + 1 + blanks;
                        start = AfterFirstLine(recordStart);
                    }
                }

                if (isBroken) break;
                recordStart = start + (int)parser.CharCount;
                lines = parser.RawRow;
            }

            if (!isBroken) yield break;
        }
    }

    private bool TryRead(CsvParser parser, out bool isTooLong)
    {
        isTooLong = _hasStrayQuote = false;
        try
        {
            return parser.Read();
        }
        catch (MaxFieldSizeException)
        {
            return isTooLong = true;
        }
    }

    /// <summary>As many values as the header has columns; empty ones behind them are a delimiter too many, which is harmless.</summary>
    private bool Fits(string[] record, out string[] values)
    {
        values = record;
        return record.Length >= Header.Length && record.AsSpan(Header.Length).IndexOfAnyExcept("") < 0;
    }

    private string FirstLine(int start, out int blanks)
    {
        blanks = 0;
        while (start < _text.Length && _text[start] is '\r' or '\n')
            if (_text[start++] == '\n') blanks++;
        var end = _text.IndexOf('\n', start);
        var line = end < 0 ? _text.AsSpan(start) : _text.AsSpan(start, end - start);
        return new string(line[..Math.Min(line.Length, 2000)].TrimEnd('\r'));
    }

    private int AfterFirstLine(int start)
    {
        while (start < _text.Length && _text[start] is '\r' or '\n') start++;
        var end = _text.IndexOf('\n', start);
        return end < 0 ? _text.Length : end + 1;
    }

    private CsvParser ParserFrom(int start) => new(new TextSlice(_text, start), new CsvConfiguration(CultureInfo.InvariantCulture)
    {
        Delimiter = _format.Delimiter, BadDataFound = _ => _hasStrayQuote = true, MissingFieldFound = null, TrimOptions = TrimOptions.Trim, MaxFieldSize = FieldMax,
    });

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

    private static byte[] Plain(byte[] content)
    {
        if (content is not [0x1f, 0x8b, ..]) return content;
        using var gzip = new GZipStream(new MemoryStream(content), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        var buffer = new byte[81_920];
        for (int read; (read = gzip.Read(buffer)) > 0;)
        {
            plain.Write(buffer, 0, read);
            if (plain.Length > TextMax) throw new InvalidDataException("The file holds more than 1 GiB: split it.");
        }

        return plain.ToArray();
    }

    /// <summary>A text from some place on, without a copy of it.</summary>
    private sealed class TextSlice(string text, int at) : TextReader
    {
        public override int Peek() => at < text.Length ? text[at] : -1;

        public override int Read() => at < text.Length ? text[at++] : -1;

        public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

        public override int Read(Span<char> buffer)
        {
            var count = Math.Min(buffer.Length, text.Length - at);
            text.AsSpan(at, count).CopyTo(buffer);
            at += count;
            return count;
        }
    }
}
