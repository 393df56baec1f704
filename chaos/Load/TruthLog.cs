using System.Text;

namespace ExposureMonitor.Chaos;

/// <summary>Lines that are on the disk before what they tell of is done. One file for each period, so that the oracle reads what is new.</summary>
internal sealed class TruthLog(string folder, string name) : IDisposable
{
    private readonly Lock _gate = new();
    private FileStream? _file;
    private int _part = -1;

    /// <summary>Begins the next file; returns the path of the one that is complete, or <c>null</c>.</summary>
    internal string? Turn()
    {
        lock (_gate)
        {
            var complete = _file?.Name;
            _file?.Flush(flushToDisk: true);
            _file?.Dispose();
            _file = new FileStream(Path.Combine(folder, $"{name}-{++_part:D4}.log"), FileMode.CreateNew, FileAccess.Write, FileShare.Read, 1 << 16);
            return complete;
        }
    }

    /// <summary>Writes, and returns when the disk has it.</summary>
    internal void Write(string lines)
    {
        lock (_gate)
        {
            _file!.Write(Encoding.UTF8.GetBytes(lines));
            _file.Flush(flushToDisk: true);
        }
    }

    /// <summary>Writes what came back: it needs no flush, since it only ever narrows down what is possible.</summary>
    internal void Note(string lines)
    {
        lock (_gate) _file!.Write(Encoding.UTF8.GetBytes(lines));
    }

    public void Dispose() => _file?.Dispose();
}
