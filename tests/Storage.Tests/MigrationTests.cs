using ExposureMonitor.Engine;
using Microsoft.Data.Sqlite;
using Npgsql;
using Xunit;
using static ExposureMonitor.Storage.Tests.Samples;

namespace ExposureMonitor.Storage.Tests;

/// <summary>The schema from empty and from the version before, with data in it.</summary>
[Collection(PostgreSqlCollection.Name)]
public sealed class MigrationTests(PostgreSqlServer server) : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("exposure-migrations-").FullName;

    private SqliteAddress Sqlite => new(Path.Combine(directory, "credit.db"));

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public void Every_step_has_a_text_a_check_and_a_number_without_a_gap(string dialect)
    {
        var steps = Migration.All(dialect);
        Assert.Equal(["0001-initial", "0002-rows-by-customer-and-subject", "0003-closed-documents", "0004-rows-written-once", "0005-decision-pages", "0006-outbox-cursors-and-feed-marks", "0007-bases", "0008-alerts", "0009-orleans", "0010-desk-notes", "0011-shards", "0012-quick-compression", "0013-useful-or-noise", "0014-event-windows"], steps.Select(s => s.Name));
        Assert.All(steps, s => Assert.Contains("SELECT", s.Check, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sqlite_comes_from_the_version_before_with_its_data()
    {
        using (var old = SqliteDatabase.OpenWriter(Sqlite, create: true))
        {
            SqliteDatabase.Migrate(old, "old", upTo: 3);
            SqliteDatabase.InsertCreation(old, Creation());
            using var writer = new SqliteWriter(old);
            Commit(writer.Open(0, null)!, frame => writer.Commit([frame]));
            SqliteDatabase.Execute(old, OldRows);
        }

        var connection = "sqlite:" + Sqlite.File;
        await Assert.ThrowsAsync<DatabaseRefusedException>(() => JournalFactory.OpenReaderAsync(connection));
        await AssertMigratedAsync(connection);
    }

    [PostgreSqlFact]
    public async Task PostgreSql_comes_from_the_version_before_with_its_data()
    {
        var connection = await server.NewDatabaseAsync();
        var address = (PostgreSqlAddress)DatabaseAddress.Parse(connection);
        await using (var source = PostgreSqlDatabase.WriterSource(address))
        await using (var old = await PostgreSqlDatabase.OpenWriterAsync(source, address, CancellationToken.None))
        {
            await PostgreSqlDatabase.MigrateAsync(old, address, CancellationToken.None, upTo: 3);
            await PostgreSqlDatabase.InsertCreationAsync(old, Creation(), CancellationToken.None);
            await PostgreSqlDatabase.ExecuteAsync(old, "SELECT make_journal_period(202601)", CancellationToken.None);
            await PostgreSqlDatabase.ExecuteAsync(old, "UPDATE partition SET epoch = 1 WHERE id = 0", CancellationToken.None);
            await using var batch = PostgreSqlBatches.Commit(old, [FirstFrame(new PartitionHead(0, 1, 0, new byte[32], 0))]);
            await batch.ExecuteNonQueryAsync();
            await PostgreSqlDatabase.ExecuteAsync(old, OldRows, CancellationToken.None);
        }

        await Assert.ThrowsAsync<DatabaseRefusedException>(() => JournalFactory.OpenReaderAsync(connection));
        await AssertMigratedAsync(connection);
        await server.DropDatabaseAsync(connection);
    }

    [Fact]
    public async Task A_sqlite_database_of_a_newer_release_or_with_rewritten_steps_is_refused()
    {
        var connection = "sqlite:" + Sqlite.File;
        await JournalFactory.CreateAsync(connection, Creation());
        var next = Migration.All("sqlite").Count + 1;
        Change($"INSERT INTO schema_migration VALUES ({next}, '{next:0000}-from-the-future', 'x', '')");
        await AssertRefusedAsync(connection, "newer release");
        // A step that only adds lets the release before stay, and come back.
        Change($"UPDATE schema_migration SET name = '{next:0000}-adds-something' WHERE version = {next}");
        await (await JournalFactory.OpenReaderAsync(connection)).DisposeAsync();
        await (await JournalFactory.OpenWriterAsync(connection, offline: true)).DisposeAsync();
        Change($"INSERT INTO schema_migration VALUES ({next + 1}, '{next + 1:0000}-takes-away', 'x', '')");
        await AssertRefusedAsync(connection, "takes-away");
        Change($"DELETE FROM schema_migration WHERE version > {next}");
        Change($"DELETE FROM schema_migration WHERE version = {next}; UPDATE schema_migration SET checksum = 'x' WHERE version = 1");
        await AssertRefusedAsync(connection, "another 0001-initial");

        void Change(string sql)
        {
            using var raw = new SqliteConnection($"Data Source={Sqlite.File};Pooling=false");
            raw.Open();
            SqliteDatabase.Execute(raw, sql);
        }
    }

    [PostgreSqlFact]
    public async Task A_postgresql_database_of_a_newer_release_is_refused()
    {
        var connection = await server.NewDatabaseAsync();
        await JournalFactory.CreateAsync(connection, Creation());
        await using (var raw = new NpgsqlConnection(connection + ";Pooling=false"))
        {
            await raw.OpenAsync();
            var next = Migration.All("postgres").Count + 1;
            await PostgreSqlDatabase.ExecuteAsync(
                raw, $"INSERT INTO schema_migration (version, name, checksum) VALUES ({next}, '{next:0000}-from-the-future', 'x')", CancellationToken.None);
        }

        await AssertRefusedAsync(connection, "newer release");
        await server.DropDatabaseAsync(connection);
    }

    [Fact]
    public void A_check_that_finds_something_missing_is_text_that_names_it()
    {
        using var connection = SqliteDatabase.OpenWriter(Sqlite, create: true);
        using var command = connection.CreateCommand();
        command.CommandText = Migration.All("sqlite")[1].Check;
        Assert.Equal("index decision_by_customer is missing", command.ExecuteScalar());
    }

    /// <summary>The page of a customer comes from the index of the second step, in order, without a sort.</summary>
    [Fact]
    public async Task Sqlite_lists_the_rows_of_a_customer_by_its_index()
    {
        await JournalFactory.CreateAsync("sqlite:" + Sqlite.File, Creation());
        using var connection = SqliteDatabase.OpenReader(Sqlite);
        using var command = connection.CreateCommand();
        var (sql, parameters) = RowTables.Select(new RowQuery { Table = RowTable.Hold, Customer = "C", After = new RowCursor(1, 1, 1, 1, 1) });
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
        for (var i = 0; i < parameters.Count; i++) command.Parameters.AddWithValue($"${i + 1}", parameters[i]);
        using var plan = command.ExecuteReader();
        Assert.True(plan.Read());
        Assert.Contains("USING INDEX hold_by_customer", plan.GetString(3), StringComparison.Ordinal);
        Assert.False(plan.Read());
    }

    /// <summary>As the release before wrote them: what goes out a second time, under the next number.</summary>
    private const string OldRows = """
        INSERT INTO hold (partition, seq, idx, ordinal, customer, subject, kind, at, key, body)
        VALUES (0, 1, 0, 0, 'C-1', 'O-1', 'hold.judged', 10, 0, '{"held": "北京"}');
        INSERT INTO decision (partition, seq, idx, ordinal, customer, subject, kind, at, key, body)
        VALUES (0, 1, 1, 0, 'C-1', 'O-1', 'credit.check.decided.v1', 11, 3, '{"n": 1}');
        INSERT INTO signal (partition, seq, idx, ordinal, customer, subject, kind, at, key, body)
        VALUES (0, 1, 1, 2, 'C-1', 'EW-01', 'raised', 11, 0, '{"n": 2}');
        INSERT INTO outbox (partition, seq, idx, ordinal, customer, subject, kind, at, key, body)
        VALUES (0, 1, 1, 1, 'C-1', 'O-1', 'credit.check.decided.v1', 11, 0, '{"n": 1}'), (0, 1, 1, 3, 'C-1', 'EW-01', 'raised', 11, 0, '{"n": 2}');
        """;

    private static FrameCommit FirstFrame(PartitionHead head)
    {
        var frame = Frame(head);
        return frame with { Parties = [("C-1", "one")] };
    }

    private static void Commit(PartitionHead head, Func<FrameCommit, CommitResult> commit) =>
        Assert.Equal(CommitStatus.Committed, commit(FirstFrame(head)).Status);

    private static async Task AssertMigratedAsync(string connection)
    {
        await using var journal = await JournalFactory.OpenWriterAsync(connection, offline: false);
        Assert.Equal(Creation(), journal.Database);
        var frame = Assert.Single(await journal.Reader.FramesAsync(0, 0, 9, CancellationToken.None).AllAsync());
        Assert.Equal("frame 0/1"u8.ToArray(), frame.Payload);
        var hold = Assert.Single(await journal.Reader.RowsAsync(new RowQuery { Table = RowTable.Hold, Customer = "C-1" }, CancellationToken.None));
        Assert.Equal("""{"held": "北京"}"""u8.ToArray(), hold.Json().ToArray());
        Assert.False(hold.GoesOut);
        Assert.True((await journal.Reader.DecisionByKeyAsync(3, CancellationToken.None))!.GoesOut);
        var told = await journal.Reader.RowsInOrderAsync(RowTable.Outbox, 0, 0, CancellationToken.None).AllAsync();
        Assert.Equal([(0, "O-1"), (2, "EW-01")], told.Select(r => (r.Ordinal, r.Subject)));
        Assert.Equal(["""{"n": 1}""", """{"n": 2}"""], told.Select(r => System.Text.Encoding.UTF8.GetString(r.Json().Span)));
        Assert.Equal("one", await journal.Reader.PartyNameAsync("C-1", CancellationToken.None));
        var head = (await journal.OpenAsync(0, 1, CancellationToken.None))!;
        Assert.Empty(await journal.Reader.ClosedAsync(0, CancellationToken.None).AllAsync());
        var next = Frame(head) with { Closed = [new ClosedDocument(7, 9, 739_000)] };
        Assert.Equal(CommitStatus.Committed, (await journal.CommitAsync([next], CancellationToken.None)).Status);
        Assert.Single(await journal.Reader.ClosedAsync(0, CancellationToken.None).AllAsync());
    }

    private static async Task AssertRefusedAsync(string connection, string because)
    {
        foreach (var open in new Func<Task>[]
        {
            () => JournalFactory.OpenWriterAsync(connection, offline: true), () => JournalFactory.OpenReaderAsync(connection),
        })
        {
            var e = await Assert.ThrowsAsync<DatabaseRefusedException>(open);
            Assert.Contains(because, e.Message, StringComparison.Ordinal);
        }
    }
}
