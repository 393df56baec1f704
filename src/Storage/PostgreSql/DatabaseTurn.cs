using ExposureMonitor.Domain;
using Npgsql;

namespace ExposureMonitor.Storage;

/// <summary>
/// One process after the other, among all that use a PostgreSQL database: whoever has the turn holds a lock on a session of its own, so that the turn ends with the process.
/// A courtesy that spares conflicts: nothing may depend on it, since whoever waits too long goes on without.
/// </summary>
public sealed class DatabaseTurn : IAsyncDisposable
{
    /// <summary>Beside the class of the owner's lock.</summary>
    private const int LockClass = 4920614;

    private readonly NpgsqlConnection? _session;

    private DatabaseTurn(NpgsqlConnection? session) => _session = session;

    /// <summary>False when somebody else has had it all the time, or the database did not answer.</summary>
    public bool IsTaken => _session is not null;

    /// <summary>Waits for the turn.</summary>
    /// <param name="connection">As Npgsql reads it.</param>
    /// <param name="about">What is done in turns; other names do not wait for each other.</param>
    /// <param name="patience">How long to wait at most.</param>
    public static async Task<DatabaseTurn> TakeAsync(string connection, string about, TimeSpan patience, CancellationToken cancel = default)
    {
        var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connection) { Pooling = false }.ConnectionString);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(patience);
        try
        {
            await session.OpenAsync(late.Token);
            await using var take = new NpgsqlCommand("SELECT pg_advisory_lock($1, $2)", session) { Parameters = { new() { Value = LockClass }, new() { Value = unchecked((int)Hashing.Text(about, 1)) } } };
            await take.ExecuteNonQueryAsync(late.Token);
            return new DatabaseTurn(session);
        }
        catch (Exception without) when (!cancel.IsCancellationRequested && without is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            await session.DisposeAsync();
            return new DatabaseTurn(null);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>The next one's turn.</summary>
    public ValueTask DisposeAsync() => _session?.DisposeAsync() ?? ValueTask.CompletedTask;
}
