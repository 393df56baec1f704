using ExposureMonitor.Engine;
using Npgsql;
using Xunit;
using static ExposureMonitor.Storage.Tests.Samples;

namespace ExposureMonitor.Storage.Tests;

/// <summary>One journal in two databases: partitions 0 and 2 and the house in the first, partition 1 in the second.</summary>
[Collection(PostgreSqlCollection.Name)]
public sealed class ShardedJournalTests(PostgreSqlServer server) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private string[] _databases = [];
    private IStoredJournal _journal = null!;

    public async Task InitializeAsync()
    {
        if (PostgreSqlServer.Missing is not null) return;
        _databases = [await server.NewDatabaseAsync(), await server.NewDatabaseAsync()];
        await JournalFactory.CreateAsync(JournalFactory.Together(_databases), Creation());
        _journal = await JournalFactory.OpenWriterAsync(JournalFactory.Together(_databases), offline: false);
    }

    public async Task DisposeAsync()
    {
        if (_journal is null) return;
        await _journal.DisposeAsync();
        foreach (var database in _databases) await server.DropDatabaseAsync(database);
    }

    [PostgreSqlFact]
    public async Task A_partition_is_written_in_its_database_and_nowhere_else()
    {
        var (zero, one) = (await OpenAsync(0), await OpenAsync(1));
        Assert.Equal(CommitStatus.Committed, (await _journal.CommitAsync([JournalConformance.Full(zero), JournalConformance.Full(one)], None)).Status);
        Assert.Equal([0, 1, 1, 0], (await _journal.Reader.HeadsAsync(None)).Select(h => h.Seq));
        Assert.Equal((1L, 0L), (await CountAsync(0, "journal WHERE partition = 0"), await CountAsync(0, "journal WHERE partition = 1")));
        Assert.Equal((0L, 1L), (await CountAsync(1, "journal WHERE partition = 0"), await CountAsync(1, "journal WHERE partition = 1")));
        // What stands beside the journal is in the first one.
        Assert.True(await _journal.PutNoteAsync(new DeskNote("setting", "a", 0, "{}"), None));
        Assert.Equal((1L, 0L), (await CountAsync(0, "desk_note"), await CountAsync(1, "desk_note")));
    }

    [PostgreSqlFact]
    public async Task When_one_database_refuses_the_other_has_committed_and_the_whole_is_unknown()
    {
        var (zero, one) = (await OpenAsync(0), await OpenAsync(1));
        // Somebody else took partition 1 over.
        await ExecuteAsync(1, "UPDATE partition SET epoch = epoch + 1 WHERE id = 1");
        var result = await _journal.CommitAsync([JournalConformance.Full(zero), JournalConformance.Full(one)], None);
        Assert.Equal(CommitStatus.Unknown, result.Status);
        Assert.Equal([0, 1, 0, 0], (await _journal.Reader.HeadsAsync(None)).Select(h => h.Seq));
        // Each partition is asked for itself: the one is there under its epoch, the other has another owner.
        Assert.Equal(1, (await _journal.OpenAsync(0, zero.Epoch, None))!.Seq);
        Assert.Null(await _journal.OpenAsync(1, one.Epoch, None));
    }

    [PostgreSqlFact]
    public async Task When_all_databases_are_fenced_each_partition_is_named()
    {
        var (zero, one) = (await OpenAsync(0), await OpenAsync(1));
        for (var i = 0; i < 2; i++) await ExecuteAsync(i, $"UPDATE partition SET epoch = epoch + 1 WHERE id = {i}");
        var result = await _journal.CommitAsync([JournalConformance.Full(zero), JournalConformance.Full(one)], None);
        Assert.Equal(CommitStatus.Fenced, result.Status);
        Assert.Equal([0, 1], result.Missed.Select(m => m.Partition).Order());
    }

    [PostgreSqlFact]
    public async Task Rows_and_names_of_both_are_one_list_in_the_order_of_rows_and_cursors_move_in_both()
    {
        var (zero, one) = (await OpenAsync(0), await OpenAsync(1));
        await _journal.CommitAsync([JournalConformance.Full(zero), JournalConformance.Full(one)], None);
        foreach (var newestFirst in (bool[])[true, false])
        {
            var query = new RowQuery { Table = RowTable.Decision, NewestFirst = newestFirst, Limit = 1_000 };
            var all = await _journal.Reader.RowsAsync(query, None);
            Assert.Equal([0, 1], all.Select(r => r.Partition).Distinct().Order());
            var places = all.Select(r => (r.At, r.Partition, r.Seq, r.Index, r.Ordinal)).ToList();
            Assert.Equal(newestFirst ? places.OrderDescending() : places.Order(), places);
            // Page by page it is the same list.
            var paged = new List<JournalRow>();
            for (var page = await _journal.Reader.RowsAsync(query with { Limit = 1 }, None); page.Count > 0;)
            {
                paged.AddRange(page);
                var last = page[^1];
                page = await _journal.Reader.RowsAsync(query with { Limit = 1, After = new RowCursor(last.At, last.Partition, last.Seq, last.Index, last.Ordinal) }, None);
            }

            Assert.Equal(places, paged.Select(r => (r.At, r.Partition, r.Seq, r.Index, r.Ordinal)));
            Assert.Equal(all.Count, await _journal.Reader.CountRowsAsync(RowTable.Decision, null, None));
        }

        await _journal.MoveCursorsAsync("kafka", new Dictionary<int, OutboxPlace> { [0] = OutboxPlace.EndOf(1), [1] = OutboxPlace.EndOf(1) }, None);
        Assert.Equal([0, 1], (await _journal.CursorsAsync("kafka", None)).Keys.Order());
    }

    [PostgreSqlFact]
    public async Task One_of_the_databases_alone_and_another_order_are_refused()
    {
        await _journal.DisposeAsync();
        var alone = await Assert.ThrowsAsync<DatabaseRefusedException>(() => JournalFactory.OpenServiceAsync(_databases[0], shared: true));
        Assert.Contains("is the 1. of 2 databases of a journal, and is named as the 1. of 1. Name all of them, in their order.", alone.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DatabaseRefusedException>(() => JournalFactory.OpenReaderAsync(_databases[1]));
        await Assert.ThrowsAsync<DatabaseRefusedException>(() => JournalFactory.OpenServiceAsync(JournalFactory.Together(_databases.Reverse()), shared: true));
        await Assert.ThrowsAsync<DatabaseRefusedException>(() => JournalFactory.OpenServiceAsync(JournalFactory.Together([_databases[0], _databases[0]]), shared: true));
        var other = await server.NewDatabaseAsync();
        await JournalFactory.CreateAsync(other, Creation());
        var whole = await Assert.ThrowsAsync<DatabaseRefusedException>(() => JournalFactory.OpenServiceAsync(JournalFactory.Together([_databases[0], other]), shared: true));
        Assert.Contains("holds a whole journal", whole.Message, StringComparison.Ordinal);
        await server.DropDatabaseAsync(other);
        Assert.True(await JournalFactory.ExistsAsync(JournalFactory.Together(_databases)));
        _journal = await JournalFactory.OpenServiceAsync(JournalFactory.Together(_databases), shared: true);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await _journal.BeginBaseAsync(None));
    }

    private async Task<PartitionHead> OpenAsync(int partition) => (await _journal.OpenAsync(partition, null, None))!;

    private async Task<long> CountAsync(int database, string from)
    {
        await using var connection = await ConnectAsync(database);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM " + from, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task ExecuteAsync(int database, string sql)
    {
        await using var connection = await ConnectAsync(database);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<NpgsqlConnection> ConnectAsync(int database)
    {
        var connection = new NpgsqlConnection(_databases[database]);
        await connection.OpenAsync();
        return connection;
    }
}
