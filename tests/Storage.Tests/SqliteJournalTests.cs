using ExposureMonitor.Engine;
using Microsoft.Data.Sqlite;
using Xunit;
using static ExposureMonitor.Storage.Tests.Samples;

namespace ExposureMonitor.Storage.Tests;

public sealed class SqliteJournalTests : JournalConformance
{
    protected override Task<string> NewConnectionAsync() =>
        Task.FromResult($"sqlite:{Path.Combine(Directory.CreateTempSubdirectory("exposure-sqlite-").FullName, "credit.db")}");

    protected override Task DropAsync(string connection)
    {
        Directory.Delete(Path.GetDirectoryName(File(connection))!, recursive: true);
        return Task.CompletedTask;
    }

    protected override Task<IStoredJournal> OpenZombieAsync() =>
        Task.FromResult<IStoredJournal>(SqliteJournal.Open((SqliteAddress)DatabaseAddress.Parse(Connection), bypassLock: true));

    [Fact]
    public async Task Synchronous_below_full_is_refused()
    {
        await Journal.DisposeAsync();
        foreach (var level in new[] { "OFF", "normal" })
            await Assert.ThrowsAsync<DatabaseRefusedException>(() => JournalFactory.OpenWriterAsync($"{Connection}?synchronous={level}", false));
        await using var extra = await JournalFactory.OpenWriterAsync(Connection + "?synchronous=extra", false);
    }

    [Fact]
    public void The_writer_runs_in_wal_mode_with_full_flushes_and_without_memory_mapping()
    {
        using var connection = SqliteDatabase.OpenWriter(new SqliteAddress(File(Connection)));
        object? Pragma(string name)
        {
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA " + name;
            return command.ExecuteScalar();
        }

        Assert.Equal("wal", Pragma("journal_mode"));
        Assert.Equal(2L, Pragma("synchronous"));
        Assert.Equal(0L, Pragma("mmap_size"));
        Assert.Equal(0L, Pragma("wal_autocheckpoint"));
    }

    [Fact]
    public void A_reader_cannot_write()
    {
        using var connection = SqliteDatabase.OpenReader(new SqliteAddress(File(Connection)));
        Assert.Throws<SqliteException>(() => SqliteDatabase.Execute(connection, "UPDATE partition SET epoch = 9"));
    }

    [Theory]
    [InlineData("3.50.4", true)]
    [InlineData("3.51.2", true)]
    [InlineData("3.40.1", true)]
    [InlineData("3.44.6", false)]
    [InlineData("3.50.7", false)]
    [InlineData("3.51.3", false)]
    [InlineData("3.52.0", false)]
    public void A_library_with_the_wal_reset_race_is_warned_of(string version, bool warned) =>
        Assert.Equal(warned ? 1 : 0, SqliteDatabase.Warnings(version).Count);

    [Fact]
    public async Task A_busy_file_rolls_back_and_the_same_frame_commits_later()
    {
        var head = await OpenAsync(0);
        using (var other = SqliteDatabase.OpenWriter(new SqliteAddress(File(Connection))))
        {
            SqliteDatabase.Execute(other, "BEGIN IMMEDIATE");
            Assert.Equal(CommitStatus.RolledBack, (await CommitAsync(Full(head))).Status);
            SqliteDatabase.Execute(other, "ROLLBACK");
        }

        Assert.Equal(CommitStatus.Committed, (await CommitAsync(Full(head))).Status);
    }

    [Fact]
    public async Task A_copy_of_the_file_is_a_backup_once_the_journal_was_closed()
    {
        var head = await OpenAsync(0);
        Assert.Equal(CommitStatus.Committed, (await CommitAsync(Full(head))).Status);
        // A connection that has read stays for the next read: it may not write, and so not be the last that closes.
        Assert.Contains(await Journal.Reader.HeadsAsync(default), h => h.Seq == head.Seq + 1);
        await Journal.DisposeAsync();
        Assert.False(System.IO.File.Exists(File(Connection) + "-wal"));
        var copy = Path.Combine(Path.GetDirectoryName(File(Connection))!, "copy.db");
        System.IO.File.Copy(File(Connection), copy);
        await using var reader = SqliteReader.Open(new SqliteAddress(copy));
        Assert.Contains(await reader.HeadsAsync(default), h => h.Seq == head.Seq + 1);
    }

    [Fact]
    public async Task A_full_disk_rolls_back_and_the_connection_is_replaced()
    {
        var head = await OpenAsync(0);
        var writer = SqliteDatabase.OpenWriter(new SqliteAddress(File(Connection)));
        using (var limited = new SqliteWriter(writer))
        {
            // The library's own limit of pages answers as a full disk does.
            SqliteDatabase.Execute(writer, "PRAGMA max_page_count = 1");
            var result = limited.Commit([Frame(head, new byte[1 << 20])]);
            Assert.Equal(CommitStatus.RolledBack, result.Status);
            Assert.True(limited.IsBroken);
        }

        await AssertEmptyAsync();
    }

    [Fact]
    public async Task The_log_is_checkpointed_between_groups()
    {
        var head = await OpenAsync(0);
        for (var i = 0; i < 40; i++)
        {
            var frame = Frame(head, new byte[1 << 20]);
            Assert.Equal(CommitStatus.Committed, (await CommitAsync(frame)).Status);
            head = After(head, frame);
        }

        // 40 MiB went through it; steps of about 4 MiB keep it far below that.
        Assert.InRange(new FileInfo(File(Connection) + "-wal").Length, 1, 12 << 20);
    }

    [Fact]
    public async Task A_file_that_is_no_database_of_ours_is_refused()
    {
        await Assert.ThrowsAsync<DatabaseRefusedException>(() => JournalFactory.OpenWriterAsync(Connection + ".missing", false));
        var foreign = File(Connection) + ".foreign.db";
        using (var connection = new SqliteConnection($"Data Source={foreign};Pooling=false"))
        {
            connection.Open();
            SqliteDatabase.Execute(connection, "CREATE TABLE t (x)");
        }

        Assert.False(await JournalFactory.ExistsAsync("sqlite:" + foreign));
        await Assert.ThrowsAsync<DatabaseRefusedException>(() => JournalFactory.OpenWriterAsync("sqlite:" + foreign, false));
        await Assert.ThrowsAsync<DatabaseRefusedException>(() => JournalFactory.OpenReaderAsync("sqlite:" + foreign));
    }

    protected override Task RunAsync(string sql)
    {
        using var connection = SqliteDatabase.OpenWriter(new SqliteAddress(File(Connection)));
        SqliteDatabase.Execute(connection, sql);
        return Task.CompletedTask;
    }

    private static string File(string connection) => connection["sqlite:".Length..];
}
