namespace ExposureMonitor.Ingest;

/// <summary>A file of CloudEvents, one per line, plain or in gzip, read in bounded memory. Blank lines are none.</summary>
public static class EventFile
{
    /// <summary>The source of its events, which follows from the content, and how many records it has.</summary>
    /// <exception cref="InvalidDataException">The gzip is damaged or cut off.</exception>
    public static (string Source, int Records) Measure(Stream file)
    {
        using var content = new PlainContent(file);
        var count = Lines(content).Count();
        return (new FileFormat().SourceOf(content.Hash, []), count);
    }

    /// <summary>The records in the order of the file. Of one that is longer than a record may be only so much is kept that it shows.</summary>
    /// <inheritdoc cref="Measure"/>
    public static IEnumerable<byte[]> Read(Stream file)
    {
        using var content = new PlainContent(file);
        foreach (var record in Lines(content)) yield return record;
    }

    private static IEnumerable<byte[]> Lines(PlainContent content)
    {
        const int KeptMost = EventDecoder.RecordMax + 1;
        var buffer = new byte[64 * 1024];
        using var line = new MemoryStream();
        var isFirst = true;
        for (int read; (read = content.Read(buffer)) > 0;)
        {
            var from = 0;
            if (isFirst && buffer.AsSpan(0, read).StartsWith(System.Text.Encoding.UTF8.Preamble)) from = 3;
            isFirst = false;
            while (from < read)
            {
                var end = buffer.AsSpan(from, read - from).IndexOf((byte)'\n');
                var length = end < 0 ? read - from : end;
                line.Write(buffer, from, (int)Math.Min(length, KeptMost - line.Length));
                from += length + (end < 0 ? 0 : 1);
                if (end < 0) continue;
                if (Trimmed(line) is { Length: > 0 } record) yield return record;
                line.SetLength(0);
            }
        }

        if (Trimmed(line) is { Length: > 0 } last) yield return last;
    }

    private static byte[] Trimmed(MemoryStream line) => line.GetBuffer().AsSpan(0, (int)line.Length).TrimEnd(" \t\r"u8).ToArray();
}
