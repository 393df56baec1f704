using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// The newest committed rows that go out, kept in memory: a pump that is close behind takes them from here, and the database
/// need not be asked for what was written a moment ago. It only saves reads: whoever is further behind, or asks for frames of
/// another owner, reads the journal.
/// </summary>
public sealed class OutboxTail
{
    /// <summary>Bytes of bodies for all partitions together; what is more is let go, oldest first.</summary>
    private const int BytesMax = 16 << 20, BytesLeast = 64 << 10;

    private readonly Frames[] _partitions;
    private readonly int _most;
    private volatile bool _isRead;

    /// <param name="partitions">Partitions that own customers; the house comes on top.</param>
    public OutboxTail(int partitions)
    {
        _partitions = [.. Enumerable.Range(0, partitions + 1).Select(_ => new Frames())];
        _most = Math.Max(BytesLeast, BytesMax / _partitions.Length);
    }

    /// <summary>The same; from now on somebody reads. Before, nothing is kept.</summary>
    public OutboxTail Begin()
    {
        _isRead = true;
        return this;
    }

    /// <summary>A frame is committed.</summary>
    internal void Add(FrameCommit frame)
    {
        if (!_isRead) return;
        var frames = _partitions[frame.Partition - Book.House];
        List<OutboxRow>? rows = null;
        var bytes = 0;
        foreach (var row in frame.Rows)
        {
            var isDead = row.Table == RowTable.DeadLetter;
            if (!isDead && !row.GoesOut) continue;
            (rows ??= []).Add(new OutboxRow { Row = row, IsDeadLetter = isDead });
            bytes += row.Body.Length;
        }

        lock (frames) frames.Add(frame.Seq, rows, bytes, _most);
    }

    /// <summary>The rows of a partition's frames behind one sequence up to another, in their order.</summary>
    /// <returns>False when not all of these frames are here.</returns>
    internal bool TryRead(int partition, long behind, long upTo, out List<OutboxRow> rows)
    {
        rows = [];
        var frames = _partitions[partition - Book.House];
        lock (frames) return frames.TryRead(behind, upTo, rows);
    }

    /// <summary>Frames of one partition without a gap.</summary>
    private sealed class Frames
    {
        private readonly Queue<(long Seq, List<OutboxRow> Rows, int Bytes)> _frames = new();
        private long _behind, _head;
        private int _bytes;

        internal void Add(long seq, List<OutboxRow>? rows, int bytes, int most)
        {
            if (seq != _head + 1 || _head == 0)
            {
                // Another owner went on in between, or it is the first.
                _frames.Clear();
                (_behind, _bytes) = (seq - 1, 0);
            }

            _head = seq;
            if (rows is null) return;
            _frames.Enqueue((seq, rows, bytes));
            _bytes += bytes;
            while (_bytes > most)
            {
                var gone = _frames.Dequeue();
                _bytes -= gone.Bytes;
                _behind = gone.Seq;
            }
        }

        internal bool TryRead(long behind, long upTo, List<OutboxRow> rows)
        {
            if (_head == 0 || behind < _behind || upTo > _head) return false;
            foreach (var frame in _frames)
                if (frame.Seq > behind && frame.Seq <= upTo) rows.AddRange(frame.Rows);
            return true;
        }
    }
}
