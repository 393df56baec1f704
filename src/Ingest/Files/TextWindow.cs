namespace ExposureMonitor.Ingest;

/// <summary>A row is longer than a row may be.</summary>
internal sealed class RowTooLongException() : Exception("The row is too long.");

/// <summary>
/// A text that is read from front to back and of which only a window stays in memory: what is read behind the last
/// <see cref="Keep"/> can be read again, what stands before it is gone. Places count characters from the beginning.
/// </summary>
/// <param name="source">The text.</param>
/// <param name="most">Characters that may stand behind <see cref="Keep"/>.</param>
internal sealed class TextWindow(TextReader source, int most) : TextReader
{
    private char[] _kept = new char[16 * 1024];
    private long _first, _mark, _at;
    private int _count;

    private long End => _first + _count;

    /// <summary>Lets go of everything before a place.</summary>
    internal void Keep(long from) => _mark = from;

    /// <summary>Goes on reading from a place that is kept.</summary>
    internal void Return(long to) => _at = to;

    /// <summary>What is in memory from a place on.</summary>
    internal ReadOnlySpan<char> Kept(long from) => _kept.AsSpan((int)(from - _first), (int)(End - from));

    /// <summary>The place behind the line that begins at a place, blank lines before it left out; what stands before it is let go.</summary>
    internal long AfterLine(long from)
    {
        for (var place = AfterBlankLines(from, out _); ; place++)
        {
            if (IsEnd(place)) return place;
            if (_kept[(int)(place - _first)] == '\n') return place + 1;
        }
    }

    /// <summary>The place of the first character from a place on that ends no line; what stands before it is let go.</summary>
    internal long AfterBlankLines(long from, out int lines)
    {
        lines = 0;
        for (var place = from; ; place++)
        {
            if (IsEnd(place)) return place;
            var c = _kept[(int)(place - _first)];
            if (c is not ('\r' or '\n')) return place;
            if (c == '\n') lines++;
        }
    }

    private bool IsEnd(long place)
    {
        if (place < End) return false;
        Keep(place);
        return !Fill();
    }

    public override int Peek() => _at < End || Fill() ? _kept[(int)(_at - _first)] : -1;

    public override int Read() => _at < End || Fill() ? _kept[(int)(_at++ - _first)] : -1;

    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    public override int Read(Span<char> buffer)
    {
        if (buffer.Length == 0 || (_at == End && !Fill())) return 0;
        var kept = Kept(_at);
        var given = kept[..Math.Min(kept.Length, buffer.Length)];
        given.CopyTo(buffer);
        _at += given.Length;
        return given.Length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) source.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>More text behind what is there; false at the end.</summary>
    /// <exception cref="RowTooLongException">More is kept than may be.</exception>
    private bool Fill()
    {
        var kept = (int)(End - _mark);
        // Little is moved often, much is moved never: a window that is half full gets twice the room.
        if (_count == _kept.Length && kept > _kept.Length / 2)
        {
            if (kept >= most) throw new RowTooLongException();
            Array.Resize(ref _kept, _kept.Length * 2);
        }

        if (_count == _kept.Length)
        {
            _kept.AsSpan(_count - kept, kept).CopyTo(_kept);
            (_first, _count) = (_mark, kept);
        }

        var read = source.Read(_kept, _count, _kept.Length - _count);
        _count += read;
        return read > 0;
    }
}
