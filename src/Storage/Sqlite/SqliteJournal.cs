using ExposureMonitor.Engine;
using Microsoft.Data.Sqlite;

namespace ExposureMonitor.Storage;

/// <summary>
/// The journal on SQLite: one file, write-ahead log, a flush per commit. Exactly one connection writes and checkpoints;
/// readers have their own, query-only.
/// </summary>
public sealed class SqliteJournal : IJournal
{
    private const int PrimaryKey = 1555, Unique = 2067;

    private readonly SqliteConnection _writer;
    private readonly FileStream? _lock;
    private readonly SemaphoreSlim _one = new(1);
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private readonly SqliteReader _reader;

    private SqliteJournal(SqliteConnection writer, FileStream? held, DatabaseInfo database, string path)
    {
        (_writer, _lock, Database) = (writer, held, database);
        _reader = new SqliteReader(path);
    }

    /// <inheritdoc/>
    public DatabaseInfo Database { get; }

    /// <inheritdoc/>
    public IJournalReader Reader => _reader;

    /// <summary>Opens for writing and takes the lock file, so that one process owns the database.</summary>
    /// <exception cref="InvalidOperationException">Another process holds it; the message names the holder.</exception>
    internal static SqliteJournal Open(string path, bool takeLock = true)
    {
        var held = takeLock ? Hold(path) : null;
        try
        {
            var writer = Connect(path, SqliteOpenMode.ReadWrite);
            SqliteSchema.Migrate(writer);
            return new SqliteJournal(writer, held, SqliteReader.InfoOf(writer), path);
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    internal static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        SqliteSchema.Run(connection, "PRAGMA busy_timeout=5000; PRAGMA mmap_size=0; PRAGMA foreign_keys=OFF");
        if (mode == SqliteOpenMode.ReadOnly)
        {
            SqliteSchema.Run(connection, "PRAGMA query_only=1");
            return connection;
        }

        // FULL: a flush per commit. NORMAL keeps the file sound but may lose the last commits.
        SqliteSchema.Run(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000");
        return connection;
    }

    /// <inheritdoc/>
    public async ValueTask<PartitionHead?> OpenAsync(int partition, long? expectedEpoch, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            using var transaction = _writer.BeginTransaction(deferred: false);
            var bump = Command("UPDATE partition SET epoch = epoch + 1 WHERE id = $id AND ($epoch IS NULL OR epoch = $epoch)", transaction,
                ("$id", partition), ("$epoch", (object?)expectedEpoch ?? DBNull.Value));
            if (bump.ExecuteNonQuery() != 1)
            {
                if (expectedEpoch is null) throw new InvalidOperationException($"The database has no partition {partition}.");
                return null;
            }

            transaction.Commit();
            return ReadHead(partition);
        }
        catch (SqliteException broken)
        {
            throw new JournalUnavailableException(broken.Message, broken);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<CommitResult> CommitAsync(IReadOnlyList<FrameCommit> frames, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            return Commit(frames);
        }
        finally
        {
            _one.Release();
        }
    }

    private CommitResult Commit(IReadOnlyList<FrameCommit> frames)
    {
        var atJournal = false;
        SqliteTransaction? transaction = null;
        try
        {
            transaction = _writer.BeginTransaction(deferred: false);
            foreach (var frame in frames)
            {
                atJournal = true;
                Command("INSERT INTO journal (partition, seq, period, epoch, payload, crc) VALUES ($p, $s, $period, $e, $payload, $crc)", transaction,
                    ("$p", frame.Partition), ("$s", frame.Seq), ("$period", frame.Period), ("$e", frame.Epoch),
                    ("$payload", Bytes(frame.Payload)), ("$crc", (long)frame.Crc)).ExecuteNonQuery();
                atJournal = false;
                foreach (var row in frame.Rows) Insert(row, transaction);
                foreach (var message in frame.Messages)
                    Command("INSERT INTO message VALUES ($s, $r, $n, $b)", transaction,
                        ("$s", message.Sender), ("$r", message.Receiver), ("$n", message.Number), ("$b", message.Body)).ExecuteNonQuery();
                foreach (var (customer, name) in frame.Parties)
                    Command("INSERT INTO party VALUES ($c, $n) ON CONFLICT (customer) DO UPDATE SET name = excluded.name", transaction,
                        ("$c", customer), ("$n", name)).ExecuteNonQuery();
            }

            // The fence is last: whoever comes second finds another epoch, sequence or hash, and nothing of it stays.
            var missed = new List<int>();
            foreach (var frame in frames.OrderBy(f => f.Partition))
            {
                var moved = Command("UPDATE partition SET seq = $next, head_hash = $hash WHERE id = $p AND epoch = $e AND seq = $s AND head_hash = $previous", transaction,
                    ("$next", frame.Seq), ("$hash", frame.Hash), ("$p", frame.Partition), ("$e", frame.Epoch), ("$s", frame.Seq - 1), ("$previous", frame.PreviousHash));
                if (moved.ExecuteNonQuery() != 1) missed.Add(frame.Partition);
            }

            if (missed.Count == 0)
            {
                transaction.Commit();
                return CommitResult.Committed;
            }

            transaction.Rollback();
            return Fenced(frames, missed);
        }
        catch (SqliteException error)
        {
            RollBack(transaction);
            if (error.SqliteErrorCode == 19)
                return atJournal && error.SqliteExtendedErrorCode is PrimaryKey or Unique
                    ? Fenced(frames, [.. frames.Select(f => f.Partition)])
                    : new CommitResult(CommitStatus.Refused, [], error.Message);
            // 5 busy, 6 locked, 9 interrupted, 10 I/O, 13 full: SQLite rolled back and says so.
            return error.SqliteErrorCode is 5 or 6 or 9 or 10 or 13
                ? new CommitResult(CommitStatus.RolledBack, [], error.Message)
                : new CommitResult(CommitStatus.Unknown, [], error.Message);
        }
        finally
        {
            transaction?.Dispose();
        }
    }

    private static void RollBack(SqliteTransaction? transaction)
    {
        try
        {
            transaction?.Rollback();
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself; a second time is an error without meaning.
        }
    }

    private CommitResult Fenced(IReadOnlyList<FrameCommit> frames, List<int> missed)
    {
        var misses = new List<FenceMiss>();
        foreach (var frame in frames)
        {
            if (!missed.Contains(frame.Partition) || ReadHead(frame.Partition) is not { } head) continue;
            var equal = head.HeadHash.AsSpan().SequenceEqual(frame.PreviousHash);
            if (head.Epoch != frame.Epoch || head.Seq != frame.Seq - 1 || !equal) misses.Add(new FenceMiss(frame.Partition, head.Epoch, head.Seq, equal));
        }

        return new CommitResult(CommitStatus.Fenced, misses);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> SaveSnapshotAsync(int partition, long epoch, IReadOnlyList<AccountRow> accounts, PartitionStateRow? state, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            using var transaction = _writer.BeginTransaction(deferred: false);
            var highest = accounts.Count == 0 ? 0 : accounts.Max(a => a.AsOfSeq);
            if (state is not null) highest = Math.Max(highest, state.SnapshotSeq);
            if (ReadHead(partition, transaction) is not { } head || head.Epoch != epoch || head.Seq < highest) return false;
            foreach (var a in accounts)
                Command("""
                    INSERT INTO account VALUES ($p, $slot, $c, $e, $seq, $state, $sum, $report)
                    ON CONFLICT (partition, slot) DO UPDATE SET epoch = excluded.epoch, as_of_seq = excluded.as_of_seq, state = excluded.state,
                      checksum = excluded.checksum, report = excluded.report WHERE excluded.as_of_seq > account.as_of_seq
                    """, transaction, ("$p", partition), ("$slot", a.Slot), ("$c", a.Customer), ("$e", a.Epoch), ("$seq", a.AsOfSeq),
                    ("$state", Bytes(a.State)), ("$sum", unchecked((long)a.Checksum)), ("$report", a.Report)).ExecuteNonQuery();
            if (state is not null)
            {
                Command("INSERT INTO partition_state VALUES ($p, $s, $b) ON CONFLICT (partition) DO UPDATE SET seq = excluded.seq, bytes = excluded.bytes", transaction,
                    ("$p", partition), ("$s", state.SnapshotSeq), ("$b", Bytes(state.Bytes))).ExecuteNonQuery();
                if (state.MovesSnapshot)
                    Command("UPDATE partition SET snapshot_seq = $s WHERE id = $p", transaction, ("$s", state.SnapshotSeq), ("$p", partition)).ExecuteNonQuery();
            }

            transaction.Commit();
            return true;
        }
        catch (SqliteException broken)
        {
            throw new JournalUnavailableException(broken.Message, broken);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var command in _commands.Values) await command.DisposeAsync();
        await _writer.DisposeAsync();
        if (_lock is not null) await _lock.DisposeAsync();
        _one.Dispose();
    }

    private void Insert(JournalRow row, SqliteTransaction transaction)
    {
        var table = SqliteSchema.RowTables[(int)row.Table];
        Command($"INSERT INTO {table} VALUES ($p, $s, $i, $o, $c, $subject, $kind, $at, $key, $body)", transaction,
            ("$p", row.Partition), ("$s", row.Seq), ("$i", row.Index), ("$o", row.Ordinal), ("$c", row.Customer), ("$subject", row.Subject),
            ("$kind", row.Kind), ("$at", row.At), ("$key", row.Key), ("$body", Bytes(row.Body))).ExecuteNonQuery();
    }

    private PartitionHead? ReadHead(int partition, SqliteTransaction? transaction = null)
    {
        using var reader = Command("SELECT epoch, seq, head_hash, snapshot_seq FROM partition WHERE id = $p", transaction, ("$p", partition)).ExecuteReader();
        return reader.Read() ? new PartitionHead(partition, reader.GetInt64(0), reader.GetInt64(1), (byte[])reader[2], reader.GetInt64(3)) : null;
    }

    /// <summary>A prepared command, made once per text; the texts are constants of this class.</summary>
    private SqliteCommand Command(string sql, SqliteTransaction? transaction, params ReadOnlySpan<(string Name, object Value)> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = _writer.CreateCommand();
#pragma warning disable CA2100
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value);
            _commands.Add(sql, command);
        }

        foreach (var (name, value) in values) command.Parameters[name].Value = value;
        command.Transaction = transaction;
        return command;
    }

    private static byte[] Bytes(ReadOnlyMemory<byte> memory) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(memory, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : memory.ToArray();

    private static FileStream Hold(string path)
    {
        var name = path + ".lock";
        try
        {
            var file = new FileStream(name, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            file.SetLength(0);
            file.Write(System.Text.Encoding.UTF8.GetBytes($"process {Environment.ProcessId} since {DateTime.UtcNow:O}"));
            file.Flush();
            return file;
        }
        catch (IOException)
        {
            throw new InvalidOperationException($"'{path}' is in use by {Holder(name)}; stop it first, or use --url to talk to it.");
        }
    }

    private static string Holder(string name)
    {
        try
        {
            using var reader = new StreamReader(new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return reader.ReadToEnd();
        }
        catch (IOException)
        {
            return "another process";
        }
    }
}
