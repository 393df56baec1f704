using ExposureMonitor.Ingest;

namespace ExposureMonitor.Standalone;

/// <summary>A file that tells how far it is read, and whose reading ends when it is interrupted.</summary>
internal sealed class ToldStream(Stream file, Action<long> tell, CancellationToken cancel) : ForwardStream
{
    private long _read;

    /// <summary>Reads a file with a bar, which shows bytes of the file as it lies there.</summary>
    internal static async Task<T> ReadAsync<T>(FileInfo file, string what, bool json, Func<Stream, T> read, CancellationToken cancel)
    {
        if (Directory.Exists(file.FullName)) throw new InvalidDataException($"'{file}' is a folder: a file is expected.");
        if (!file.Exists) throw new InvalidDataException($"There is no file '{file}'.");
        T result = default!;
        // A pipe has no length.
        await Progress.RunAsync(json, what, file.Length, tell => Task.Run(
            () =>
            {
                using var content = new ToldStream(file.OpenRead(), tell, cancel);
                result = read(content);
            },
            cancel));
        return result;
    }

    public override int Read(Span<byte> buffer)
    {
        cancel.ThrowIfCancellationRequested();
        var count = file.Read(buffer);
        tell(_read += count);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) file.Dispose();
        base.Dispose(disposing);
    }
}
