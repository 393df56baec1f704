using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>
/// Inserts rows of one table. What a row has in common with the one before (place of the frame, moment, kind) stays bound:
/// a commit brings thousands.
/// </summary>
internal sealed class SqliteRowInsert(SqliteStatement statement) : IDisposable
{
    private readonly long[] _numbers = new long[11];
    private string? _kind;
    private bool _bound;

    internal void Run(JournalRow row)
    {
        Number(1, row.Partition);
        Number(2, row.Seq);
        Number(3, row.Index);
        Number(4, row.Ordinal);
        statement.Bind(5, row.Customer);
        statement.Bind(6, row.Subject);
        if (_kind is null || _kind != row.Kind) statement.Bind(7, _kind = row.Kind);
        Number(8, row.At);
        Number(9, row.Key);
        Number(10, row.GoesOut ? 1 : 0);
        _bound = true;
        statement.Bind(11, row.Body.Span);
        statement.Step();
    }

    private void Number(int at, long value)
    {
        if (_bound && _numbers[at] == value) return;
        statement.Bind(at, value);
        _numbers[at] = value;
    }

    public void Dispose() => statement.Dispose();
}
