using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ExposureMonitor.Engine;

/// <summary>A line as it stands in a place.</summary>
/// <param name="Where">File and line number, for people.</param>
internal sealed record StoredAnchor(string Where, string Line, Anchor Anchor);

/// <summary>
/// A directory that keeps anchors: a file a day, only ever appended to. Best on another machine or a store that can be
/// written once. While it cannot be written its lines wait in memory.
/// </summary>
internal sealed class AnchorPlace
{
    private const string Prefix = "anchors-", Suffix = ".jsonl";

    /// <summary>Ends a line that a crash cut short, so that it is never read as the beginning of the next.</summary>
    private const string Torn = " (cut short)";

    private readonly Queue<(DateTimeOffset At, string Line)> _waiting = new();

    internal AnchorPlace(string directory) => Directory = Path.GetFullPath(directory);

    internal string Directory { get; }

    /// <summary>Lines that could not be written yet.</summary>
    internal int Waiting => _waiting.Count;

    /// <summary>Why the last write failed; <c>null</c> when all is written.</summary>
    internal string? Problem { get; private set; }

    /// <summary>Appends a line, behind those that wait; what fails waits.</summary>
    internal void Append(DateTimeOffset at, string line)
    {
        _waiting.Enqueue((at, line));
        Retry();
    }

    /// <summary>Tries again to write what waits.</summary>
    internal void Retry()
    {
        if (_waiting.Count == 0) return;
        try
        {
            System.IO.Directory.CreateDirectory(Directory);
            while (_waiting.TryPeek(out var next))
            {
                AppendTo(FileOf(next.At), next.Line);
                _waiting.Dequeue();
            }

            Problem = null;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            Problem = failed.Message;
        }
    }

    /// <summary>Every anchor of the place, oldest first. A line that a crash cut short at the end of its file is passed over.</summary>
    /// <exception cref="InvalidDataException">A line is no anchor, with file, line number and cause.</exception>
    internal IEnumerable<StoredAnchor> Read(ECDsa? publicKey, bool newestFileOnly = false)
    {
        if (!System.IO.Directory.Exists(Directory)) yield break;
        var files = System.IO.Directory.GetFiles(Directory, Prefix + "*" + Suffix).Order(StringComparer.Ordinal).ToList();
        foreach (var file in newestFileOnly ? files.TakeLast(1) : files)
        {
            var lines = File.ReadAllText(file).Split('\n');
            for (var i = 0; i < lines.Length; i++)
            {
                if (lines[i].Length == 0) continue;
                var where = string.Create(CultureInfo.InvariantCulture, $"{file}, line {i + 1}");
                Anchor anchor;
                try
                {
                    anchor = Anchor.Parse(lines[i], publicKey);
                }
                catch (InvalidDataException) when (i == lines.Length - 1 || lines[i].EndsWith(Torn, StringComparison.Ordinal))
                {
                    continue;
                }
                catch (InvalidDataException wrong)
                {
                    throw new InvalidDataException($"{where}: {wrong.Message}.", wrong);
                }

                yield return new StoredAnchor(where, lines[i], anchor);
            }
        }
    }

    private string FileOf(DateTimeOffset at) =>
        Path.Combine(Directory, Prefix + at.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture) + Suffix);

    private static void AppendTo(string file, string line)
    {
        using var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var torn = false;
        if (stream.Length > 0)
        {
            stream.Seek(-1, SeekOrigin.End);
            torn = stream.ReadByte() != '\n';
        }

        stream.Seek(0, SeekOrigin.End);
        stream.Write(Encoding.UTF8.GetBytes((torn ? Torn + "\n" : "") + line + "\n"));
        stream.Flush(flushToDisk: true);
    }
}
