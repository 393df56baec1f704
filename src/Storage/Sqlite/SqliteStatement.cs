using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ExposureMonitor.Storage;

/// <summary>
/// A prepared statement of the writer, bound and stepped without the driver's command: a commit runs thousands, and the
/// command costs more than the row. For statements inside of a transaction that holds the write lock, so that none is ever
/// busy; <c>BEGIN</c> and <c>COMMIT</c>, which may have to wait, stay commands of the driver.
/// </summary>
internal sealed class SqliteStatement(SqliteConnection connection, string sql) : IDisposable
{
    private readonly sqlite3 _database = connection.Handle!;

    /// <summary>Prepared when it first runs: a database of an older version may lack the table of a later one.</summary>
    private sqlite3_stmt? _statement;

    /// <summary>Runs it with the parameters $1, $2, …; returns the number of rows that changed.</summary>
    /// <exception cref="SqliteException">SQLite refuses.</exception>
    internal int Run(params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++) Bind(i + 1, values[i]);
        Step();
        return raw.sqlite3_changes(_database);
    }

    /// <summary>Runs it with what is bound; bound values stay for the next time.</summary>
    /// <exception cref="SqliteException">SQLite refuses.</exception>
    internal void Step()
    {
        var code = raw.sqlite3_step(Prepared);
        // The error stands in the database only until the next call: it is raised before the statement is reset.
        try
        {
            if (code is not (raw.SQLITE_DONE or raw.SQLITE_ROW)) SqliteException.ThrowExceptionForRC(code, _database);
        }
        finally
        {
            raw.sqlite3_reset(Prepared);
        }
    }

    public void Dispose() => _statement?.Dispose();

    internal void Bind(int at, long number) => Demand(raw.sqlite3_bind_int64(Prepared, at, number));

    internal void Bind(int at, string text) => Demand(BindText(at, text));

    internal void Bind(int at, ReadOnlySpan<byte> bytes) => Demand(BindBlob(at, bytes));

    private void Bind(int at, object value)
    {
        switch (value)
        {
            case int number: Bind(at, (long)number); break;
            case long number: Bind(at, number); break;
            case string text: Bind(at, text); break;
            case byte[] bytes: Bind(at, bytes.AsSpan()); break;
            case ReadOnlyMemory<byte> bytes: Bind(at, bytes.Span); break;
            default: throw new ArgumentException($"A {value.GetType().Name} cannot be bound.", nameof(value));
        }
    }

    private sqlite3_stmt Prepared => _statement ?? Prepare();

    private sqlite3_stmt Prepare()
    {
        // $3 is a name to SQLite, numbered by where it stands first; ?3 is the third parameter.
        Demand(raw.sqlite3_prepare_v2(_database, sql.Replace('$', '?'), out var prepared));
        return _statement = prepared;
    }

    private int BindText(int at, string text)
    {
        const int Short = 256;
        // An empty span would be NULL.
        if (text.Length is 0 or > Short) return raw.sqlite3_bind_text(Prepared, at, text);
        Span<byte> bytes = stackalloc byte[3 * Short];
        return raw.sqlite3_bind_text(Prepared, at, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    private int BindBlob(int at, ReadOnlySpan<byte> bytes) => bytes.IsEmpty
        ? raw.sqlite3_bind_zeroblob(Prepared, at, 0)
        : raw.sqlite3_bind_blob(Prepared, at, bytes);

    private void Demand(int code)
    {
        if (code != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(code, _database);
    }
}
