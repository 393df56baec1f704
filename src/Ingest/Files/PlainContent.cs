using System.IO.Compression;
using System.Security.Cryptography;

namespace ExposureMonitor.Ingest;

/// <summary>The content of a file without compression, read once from front to back; gzip is told by its first bytes.</summary>
public sealed class PlainContent : ForwardStream
{
    private readonly Stream _plain;

    // Without it the reader of .NET takes a gzip that was cut off for a short one, and half a ledger would look like a whole one.
    static PlainContent() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);

    /// <param name="file">The file; disposed with the content.</param>
    public PlainContent(Stream file)
    {
        var first = new byte[2];
        var count = file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
        var whole = new Rest(first, count, file);
        _plain = count == 2 && first is [0x1f, 0x8b] ? new GZipStream(whole, CompressionMode.Decompress) : whole;
    }

    /// <summary>The hash of what has been read; of the whole content when all has.</summary>
    internal IncrementalHash Hash { get; } = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <exception cref="InvalidDataException">The gzip is damaged, or ends before its end.</exception>
    public override int Read(Span<byte> buffer)
    {
        try
        {
            // At least as much as a byte order mark has: whoever looks for one looks at the first piece only.
            var read = _plain.ReadAtLeast(buffer, Math.Min(buffer.Length, 4), throwOnEndOfStream: false);
            Hash.AppendData(buffer[..read]);
            return read;
        }
        catch (InvalidDataException damaged)
        {
            throw new InvalidDataException("The gzip is damaged or cut off: nothing of it is taken.", damaged);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _plain.Dispose();
            Hash.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>A stream whose first bytes were looked at already: a pipe cannot go back.</summary>
    private sealed class Rest(byte[] first, int count, Stream rest) : ForwardStream
    {
        private int _given;

        public override int Read(Span<byte> buffer)
        {
            if (_given >= count || buffer.Length == 0) return rest.Read(buffer);
            var given = Math.Min(buffer.Length, count - _given);
            first.AsSpan(_given, given).CopyTo(buffer);
            _given += given;
            return given;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) rest.Dispose();
            base.Dispose(disposing);
        }
    }
}
