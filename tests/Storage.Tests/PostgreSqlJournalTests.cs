using ExposureMonitor.Engine;
using Npgsql;
using Xunit;
using static ExposureMonitor.Storage.Tests.Samples;

namespace ExposureMonitor.Storage.Tests;

[Collection(PostgreSqlCollection.Name)]
public sealed class PostgreSqlJournalTests(PostgreSqlServer server) : JournalConformance
{
    protected override Task<string> NewConnectionAsync() => server.NewDatabaseAsync();

    protected override Task DropAsync(string connection) => server.DropDatabaseAsync(connection);

    protected override async Task<IStoredJournal> OpenZombieAsync() =>
        await PostgreSqlJournal.OpenAsync(Address, PostgreSqlOwnership.Bypassed, None);

    [PostgreSqlFact]
    public async Task A_session_that_dies_in_the_middle_leaves_the_outcome_unknown_and_reopening_settles_it()
    {
        var head = await OpenAsync(0);
        var frame = Full(head);
        await using (var blocker = await ConnectAsync())
        await using (var transaction = await blocker.BeginTransactionAsync())
        {
            // Holds the fence row, so that the batch waits at its last statement; the session is ended there.
            await PostgreSqlDatabase.ExecuteAsync(blocker, "SELECT 1 FROM partition WHERE id = 0 FOR UPDATE", None);
            var session = ((PostgreSqlJournal)Journal).CommitterSession!.Value;
            var commit = CommitAsync(frame).AsTask();
            await WaitUntilBlockedAsync(session);
            await server.AdministrateAsync($"SELECT pg_terminate_backend({session})");
            Assert.Equal(CommitStatus.Unknown, (await commit).Status);
        }

        var again = await Journal.OpenAsync(0, head.Epoch, None);
        Assert.Equal((head.Epoch + 1, 0L), (again!.Epoch, again.Seq));
        await AssertEmptyAsync();
        Assert.Equal(CommitStatus.Committed, (await CommitAsync(Full(again))).Status);
        Assert.Null(await Journal.OpenAsync(0, head.Epoch, None));
    }

    [PostgreSqlFact]
    public async Task An_open_that_is_blocked_ends_the_session_that_blocks_it()
    {
        await using var paused = await ConnectAsync();
        await using var transaction = await paused.BeginTransactionAsync();
        await PostgreSqlDatabase.ExecuteAsync(paused, "SELECT 1 FROM partition WHERE id = 0 FOR KEY SHARE", None);
        Assert.Equal(1, (await OpenAsync(0)).Epoch);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => PostgreSqlDatabase.ExecuteAsync(paused, "SELECT 1", None));
    }

    [PostgreSqlFact]
    public async Task A_snapshot_does_not_stall_a_commit()
    {
        var head = await OpenAsync(0);
        await using var snapshot = await ConnectAsync();
        await using var transaction = await snapshot.BeginTransactionAsync();
        await PostgreSqlDatabase.ExecuteAsync(snapshot, "SELECT snapshot_guard(0, $1, 0)", None, head.Epoch);
        Assert.Equal(CommitStatus.Committed, (await CommitAsync(Full(head))).Status);
    }

    [PostgreSqlFact]
    public async Task A_timeout_that_the_server_answers_is_rolled_back_and_the_same_frame_commits_later()
    {
        var head = await OpenAsync(0);
        var frame = Full(head);
        await using (var blocker = await ConnectAsync())
        await using (var transaction = await blocker.BeginTransactionAsync())
        {
            await PostgreSqlDatabase.ExecuteAsync(blocker, "SELECT 1 FROM partition WHERE id = 0 FOR UPDATE", None);
            var session = ((PostgreSqlJournal)Journal).CommitterSession!.Value;
            var commit = CommitAsync(frame).AsTask();
            await WaitUntilBlockedAsync(session);
            await server.AdministrateAsync($"SELECT pg_cancel_backend({session})");
            Assert.Equal(CommitStatus.RolledBack, (await commit).Status);
        }

        await AssertEmptyAsync();
        Assert.Equal(CommitStatus.Committed, (await CommitAsync(frame)).Status);
    }

    [PostgreSqlFact]
    public async Task Unsafe_settings_are_refused()
    {
        await Journal.DisposeAsync();
        var builder = new NpgsqlConnectionStringBuilder(Connection) { Options = "-c synchronous_commit=off" };
        var e = await Assert.ThrowsAsync<DatabaseRefusedException>(() => JournalFactory.OpenWriterAsync(builder.ConnectionString, false));
        Assert.Contains("synchronous_commit", e.Message, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task Services_may_share_the_database_but_a_command_may_not_join_them()
    {
        await Journal.DisposeAsync();
        await using var one = await JournalFactory.OpenServiceAsync(Connection, shared: true);
        await using var two = await JournalFactory.OpenServiceAsync(Connection, shared: true);
        await Assert.ThrowsAsync<DatabaseHeldException>(() => JournalFactory.OpenWriterAsync(Connection, offline: true));
    }

    [PostgreSqlFact]
    public async Task The_range_after_a_new_month_is_made_ahead()
    {
        await CommitAsync(Frame(await OpenAsync(0), period: 202612));
        await using var connection = await ConnectAsync();
        Assert.Equal("journal_202612,journal_202701", await PostgreSqlDatabase.ScalarAsync(connection, """
            SELECT string_agg(inhrelid::regclass::text, ',' ORDER BY inhrelid::regclass::text) FROM pg_inherits
            WHERE inhparent = 'journal'::regclass
            """, None));
        Assert.Equal("e", (await PostgreSqlDatabase.ScalarAsync(connection, """
            SELECT attstorage::text FROM pg_attribute WHERE attrelid = 'journal_202701'::regclass AND attname = 'payload'
            """, None)));
    }

    [PostgreSqlFact]
    public async Task A_server_that_is_not_there_is_unavailable()
    {
        var builder = new NpgsqlConnectionStringBuilder(Connection) { Port = 1 };
        await Assert.ThrowsAsync<JournalUnavailableException>(() => JournalFactory.OpenReaderAsync(builder.ConnectionString));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => JournalFactory.OpenWriterAsync(builder.ConnectionString, false));
    }

    protected override async Task RunAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await PostgreSqlDatabase.ExecuteAsync(connection, sql, None);
    }

    private PostgreSqlAddress Address => (PostgreSqlAddress)DatabaseAddress.Parse(Connection);

    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(Connection + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Asks the server until the session waits for a lock; gives up after many answers, not after a time.</summary>
    private async Task WaitUntilBlockedAsync(int session)
    {
        for (var i = 0; i < 20_000; i++)
        {
            if (await server.AdministrateAsync($"SELECT cardinality(pg_blocking_pids({session})) > 0") is true) return;
        }

        Assert.Fail("The commit never reached its fence.");
    }
}
