using System.Collections;
using System.Text;

namespace ExposureMonitor.Ingest;

/// <summary>
/// Rows of a report in the order in which they came, in bounded memory: the first ones stand in memory, the others in a
/// file that is deleted with the report. Not safe for two threads; what is read is what had come when the reading began.
/// </summary>
public sealed class RowCollection<T> : IReadOnlyCollection<T>, IDisposable
{
    /// <summary>Rows that are held in memory.</summary>
    internal const int MemoryMost = 50_000;

    private readonly List<T> _rows = [];
    private readonly Action<BinaryWriter, T> _write;
    private readonly Func<BinaryReader, T> _read;
    private readonly int _most;
    private FileStream? _file;
    private BinaryWriter? _writer;

    internal RowCollection(Action<BinaryWriter, T> write, Func<BinaryReader, T> read, int most = MemoryMost) => (_write, _read, _most) = (write, read, most);

    /// <inheritdoc/>
    public int Count { get; private set; }

    internal void Add(T row)
    {
        Count++;
        if (_rows.Count < _most)
        {
            _rows.Add(row);
            return;
        }

        _file ??= new FileStream(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose);
        _writer ??= new BinaryWriter(_file, Encoding.UTF8, leaveOpen: true);
        _write(_writer, row);
    }

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator()
    {
        foreach (var row in _rows) yield return row;
        if (_file is null) yield break;
        _writer!.Flush();
        _file.Position = 0;
        using var reader = new BinaryReader(_file, Encoding.UTF8, leaveOpen: true);
        for (var left = Count - _rows.Count; left > 0; left--) yield return _read(reader);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer?.Dispose();
        _file?.Dispose();
        (_writer, _file) = (null, null);
    }
}
