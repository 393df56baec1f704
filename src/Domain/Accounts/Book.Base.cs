namespace ExposureMonitor.Domain;

/// <summary>What a base keeps beside accounts and partition state: the window of event ids, whose entries may be pruned.</summary>
public sealed partial class Book
{
    /// <summary>Writes the window of event ids, oldest first: identity and content of each.</summary>
    public void WriteWindow(ByteBuffer to) => Window.Write(to);

    /// <summary>Reads the window back into a book that has none.</summary>
    /// <exception cref="InvalidDataException">The bytes are cut, or more than a window.</exception>
    public void ReadWindow(ReadOnlySpan<byte> from) => Window.Read(from);

    /// <summary>
    /// True when two states of an account say the same, though the older one may not know versions of the context that it
    /// has folded since: folding them changed nothing else, and moves no row.
    /// </summary>
    /// <exception cref="InvalidDataException">One of them is cut.</exception>
    public static bool IsUnchanged(ReadOnlySpan<byte> older, ReadOnlySpan<byte> newer)
    {
        var a = new ByteReader(older);
        var b = new ByteReader(newer);
        if (a.Signed() != b.Signed() || !a.Block().SequenceEqual(b.Block()) || a.Signed() > b.Signed()) return false;
        return older[^a.Remaining..].SequenceEqual(newer[^b.Remaining..]);
    }
}
