using System.Text;

namespace ExposureMonitor.Ingest;

/// <summary>A reading of a ledger that was not told in full, and what was guessed: for figures only, an import guesses nothing.</summary>
/// <param name="Format">With a column for every field that was told or found.</param>
/// <param name="Remarks">Each guess in words.</param>
/// <param name="Currency">The currency of all rows where no column has one and none was told; "" otherwise.</param>
/// <param name="Unread">Columns that no field reads, such as days late that a source system worked out afterwards.</param>
public sealed record LedgerReading(FileFormat Format, IReadOnlyList<string> Remarks, string Currency, IReadOnlyList<string> Unread);

/// <summary>Finds out how a ledger is written from its header and its first rows.</summary>
public static class LedgerGuess
{
    /// <summary>Rows that are looked at.</summary>
    private const int RowsMost = 3_000;

    /// <summary>Lines that may stand before a header, such as a title or a spreadsheet's <c>sep=;</c>.</summary>
    private const int PreambleMost = 12;

    private static readonly string[] NothingWords = ["nat", "nan", "null", "none", "n/a", "na", "-", "0000-00-00", "00.00.0000", "0", "0.0", "00000000", "\\n", "open", "unpaid", "offen", "1900-01-01", "9999-12-31", "99991231", "31.12.9999", "12/31/9999", "31/12/9999"];

    /// <summary>Reads the beginning of a file.</summary>
    /// <param name="file">The file; it is read from where it stands, and not closed.</param>
    /// <param name="told">What the user told; it wins over every guess.</param>
    /// <param name="isTold">Which of its parts were told: <c>delimiter</c>, <c>dates</c>, <c>numbers</c>, <c>encoding</c>.</param>
    /// <exception cref="InvalidDataException">A field that is needed was neither told nor found, a told column holds something else, or no form of dates fits.</exception>
    public static LedgerReading Read(Stream file, FileFormat told, IReadOnlySet<string> isTold)
    {
        using var content = new PlainContent(file);
        var buffer = new byte[2 * 1024 * 1024];
        int length = 0, count;
        while (length < buffer.Length && (count = content.Read(buffer.AsSpan(length))) > 0) length += count;
        var end = length < buffer.Length ? length : Array.LastIndexOf(buffer, (byte)'\n', length - 1) + 1;
        var beginning = buffer.AsSpan(0, end > 0 ? end : length).ToArray();
        List<string> remarks = [];
        var format = told with { Nothing = NothingWords, Rounds = true };
        if (!isTold.Contains("encoding")) format = format with { Encoding = EncodingOf(beginning, format.Encoding, remarks) };
        var lines = FirstLines(beginning, format.Encoding);
        if (!isTold.Contains("delimiter")) format = format with { Delimiter = DelimiterOf(lines, remarks) };
        format = format with { Preamble = PreambleOf(lines, format.Delimiter, remarks) };
        using var rows = new DelimitedRows(new MemoryStream(beginning), format with { Columns = new Dictionary<string, string>() });
        var sample = rows.Read().Where(r => r.Fault.Length == 0).Take(RowsMost).Select(r => r.Values).ToList();
        format = LedgerColumns.Find(rows.Header, sample, format, remarks);
        int At(string field) => format.Columns.TryGetValue(field, out var column) ? Array.IndexOf(rows.Header, column) : -1;
        if (!isTold.Contains("dates")) format = format with { Dates = LedgerForms.Dates(rows.Header, sample, At("issued"), At("due"), At("settled"), format, remarks) };
        LedgerForms.CheckDates(rows.Header, sample, At("issued"), At("due"), At("settled"), format, remarks);
        var currency = "";
        format = LedgerForms.Numbers(rows.Header, sample, At("amount"), format, isTold.Contains("numbers"), remarks, ref currency);
        var read = new HashSet<string>(format.Columns.Values, StringComparer.Ordinal);
        var unread = rows.Header.Where(h => h.Length > 0 && !read.Contains(h)).ToList();
        if (unread.Count > 0) remarks.Add($"Columns that are not read: {string.Join(", ", unread.Take(40).Select(c => DecodeFault.Plain(c, 60)))}.");
        return new LedgerReading(format, remarks, format.Columns.ContainsKey("currency") ? "" : currency.Length > 0 ? currency : "USD", unread);
    }

    /// <summary>What is no UTF-8 was written by an older program: by a Chinese one when it then reads as Chinese, else by a western one.</summary>
    private static string EncodingOf(byte[] beginning, string told, List<string> remarks)
    {
        if (told != "utf-8" || beginning is [0xff, 0xfe, ..] or [0xfe, 0xff, ..]) return told;
        try
        {
            // A character may be cut at the end.
            var whole = beginning.Length;
            while (whole > 0 && whole > beginning.Length - 4 && beginning[whole - 1] >= 0x80) whole--;
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(beginning, 0, whole);
            return told;
        }
        catch (DecoderFallbackException)
        {
            Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
            var text = Encoding.GetEncoding("gb18030").GetString(beginning.AsSpan(0, Math.Min(beginning.Length, 4096)));
            var guess = LedgerColumns.ChineseWords.Any(word => text.Contains(word, StringComparison.Ordinal)) ? "gb18030" : "windows-1252";
            remarks.Add($"Encoding guessed: {guess}, since the file is no UTF-8. Tell --encoding when names look wrong.");
            return guess;
        }
    }

    private static string[] FirstLines(byte[] beginning, string encoding)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        Encoding known;
        try
        {
            known = Encoding.GetEncoding(encoding);
        }
        catch (ArgumentException)
        {
            throw new InvalidDataException($"No encoding is called '{encoding}'.");
        }

        using var reader = new StreamReader(new MemoryStream(beginning, 0, Math.Min(beginning.Length, 64 * 1024)), known, detectEncodingFromByteOrderMarks: true);
        return [.. reader.ReadToEnd().Split('\n').Select(line => line.Trim('\r', '\ufeff')).Where(line => line.Trim().Length > 0).Take(60)];
    }

    /// <summary>The sign that stands most evenly in the lines; in a tie the one that stands most often in the first.</summary>
    private static string DelimiterOf(string[] lines, List<string> remarks)
    {
        if (lines.Length > 0 && lines[0].StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && lines[0].Length >= 5)
        {
            remarks.Add($"Delimiter as the first line says: {lines[0][4..5]}");
            return lines[0][4..5];
        }

        var best = ((string[])[",", ";", "\t", "|"]).MaxBy(d =>
        {
            var counts = lines.Select(l => Outside(l, d[0])).Where(n => n > 0).ToList();
            if (counts.Count == 0) return 0.0;
            // As many in the most usual line, times how usual that is: a decimal comma stands here and there, a delimiter everywhere.
            var usual = counts.GroupBy(n => n).MaxBy(g => g.Count())!;
            return usual.Count() / (double)lines.Length * Math.Min(usual.Key, 60) + usual.Count() / (double)lines.Length * 10;
        })!;
        if (best != ",") remarks.Add($"Delimiter guessed: {(best == "\t" ? "tab" : best)}");
        return best;
    }

    /// <summary>How often a sign stands outside of quotes.</summary>
    private static int Outside(string line, char sign)
    {
        var (count, isQuoted) = (0, false);
        foreach (var c in line)
        {
            if (c == '"') isQuoted = !isQuoted;
            else if (c == sign && !isQuoted) count++;
        }

        return count;
    }

    /// <summary>How many columns of a line hold anything.</summary>
    private static int Filled(string line, char sign)
    {
        var (count, isQuoted, isFilled) = (0, false, false);
        foreach (var c in line)
        {
            if (c == '"') isQuoted = !isQuoted;
            else if (c == sign && !isQuoted) isFilled = false;
            else if (!isFilled && !char.IsWhiteSpace(c)) (isFilled, count) = (true, count + 1);
        }

        return count;
    }

    /// <summary>Lines of a title have fewer columns than the rows below; or as many, when a spreadsheet filled them up, of which hardly one holds anything.</summary>
    private static int PreambleOf(string[] lines, string delimiter, List<string> remarks)
    {
        var counts = lines.Select(l => Outside(l, delimiter[0])).ToArray();
        if (counts.Length < 2) return 0;
        var usual = counts.Skip(Math.Min(PreambleMost, counts.Length / 2)).GroupBy(n => n).MaxBy(g => g.Count())!.Key;
        var at = Array.FindIndex(counts, n => n >= usual - 1 && n > 0);
        var named = Array.FindIndex(lines, Math.Max(0, at), line => Outside(line, delimiter[0]) >= usual - 1 && Filled(line, delimiter[0]) * 2 > usual);
        if (at >= 0 && named <= PreambleMost) at = Math.Max(at, named);
        if (at <= 0 || at > PreambleMost || usual < 3) return 0;
        remarks.Add($"Lines left out before the header: {at}, beginning with '{DecodeFault.Plain(lines[0], 60)}'.");
        return at;
    }
}
