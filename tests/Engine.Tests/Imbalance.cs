using System.Data.Common;
using ExposureMonitor.Domain;
using ExposureMonitor.Storage;
using ExposureMonitor.Storage.Tests;
using Microsoft.Data.Sqlite;
using Npgsql;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>
/// An account row of a real database whose sums no longer follow from its documents, with a checksum that holds: the proof names partition,
/// customer and what was expected, a start does not believe the row, and where the journal cannot make the account anew nothing is decided.
/// And a row of an earlier release that kept less: right to a proof, and made anew by a start.
/// </summary>
public sealed class Imbalance(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    /// <summary>What the order is worth, and what the row says instead. Both take as many bytes.</summary>
    private const long Ordered = 25_000, Tampered = 24_000;

    private static readonly ToldClock Clock = new();

    private static int Today => DateOnly.FromDateTime(Clock.GetUtcNow().Date).DayNumber;

    private const string Why = "in it open orders stand at 24000 EUR, the documents add up to 25000; its gross exposure is 24000, the journal makes it 25000.";

    [Fact]
    public Task In_SQLite() => OnSqliteAsync(RunAsync);

    [PostgreSqlFact]
    public Task In_PostgreSQL() => OnPostgreSqlAsync(RunAsync);

    [Fact]
    public Task Row_of_an_earlier_release_in_SQLite() => OnSqliteAsync(EarlierAsync);

    [PostgreSqlFact]
    public Task Row_of_an_earlier_release_in_PostgreSQL() => OnPostgreSqlAsync(EarlierAsync);

    private static async Task OnSqliteAsync(Func<string, Func<DbConnection>, Task> run)
    {
        var folder = Directory.CreateTempSubdirectory("exposure-imbalance-").FullName;
        var file = Path.Combine(folder, "book.db");
        await run("sqlite:" + file, () => new SqliteConnection($"Data Source={file};Pooling=False"));
        Directory.Delete(folder, recursive: true);
    }

    private async Task OnPostgreSqlAsync(Func<string, Func<DbConnection>, Task> run)
    {
        var connection = await server.NewDatabaseAsync();
        await run(connection, () => new NpgsqlConnection(connection));
        NpgsqlConnection.ClearAllPools();
    }

    private static async Task RunAsync(string address, Func<DbConnection> connect)
    {
        await JournalFactory.CreateAsync(address, new DatabaseInfo("test", "EUR", 2, "wall", "UTC", false));
        string customer, neighbour;
        var partition = 1;
        await using (var engine = await StartAsync(address))
        {
            customer = Enumerable.Range(0, 100).Select(n => $"C{n}").First(c => engine.PartitionOf(c) == partition);
            neighbour = Enumerable.Range(0, 100).Select(n => $"C{n}").First(c => engine.PartitionOf(c) != partition);
            foreach (var id in new[] { customer, neighbour }) await engine.SubmitBatchAsync([Bench.Limit(id, 30_000), Order(id)]);
        }

        Assert.Null(await VerifyAsync(address));
        await TamperAsync(address, connect, partition, customer);
        Assert.Equal($"Partition {partition}, sequence {await SeqAsync(address, partition)}: the row of customer '{customer}' differs from the fold; {Why}", await VerifyAsync(address));

        // The start makes the account anew: a check of 5,001 would have passed by the row.
        await using (var engine = await StartAsync(address))
        {
            Assert.Equal(Verdict.Held, await CheckAsync(engine, customer, 5_001));
            Assert.Equal(Verdict.Approved, await CheckAsync(engine, customer, 4_000));
            Assert.Equal($"Partition {partition} was made anew from its journal, since its rows were not believed. The row of customer '{customer}' is out of balance: open orders stand at 24000 EUR, the documents add up to 25000.", Assert.Single(engine.Notices));
        }

        Assert.Null(await VerifyAsync(address));

        // The row is out of balance again, and the journal is damaged as well: nobody knows, so nobody decides.
        await TamperAsync(address, connect, partition, customer);
        await ExecuteAsync(connect, "DELETE FROM journal WHERE partition = @partition AND seq = 1", ("partition", partition));
        await using (var engine = await StartAsync(address))
        {
            var closed = await Assert.ThrowsAnyAsync<EngineUnavailableException>(() => CheckAsync(engine, customer, 1));
            Assert.Contains($"Partition {partition} is closed: The row of customer '{customer}' is out of balance: open orders stand at 24000 EUR, the documents add up to 25000. The journal cannot make it anew:", closed.Message, StringComparison.Ordinal);
            Assert.False(engine.IsReady);
            Assert.True(engine.NeedsPerson);
            Assert.Equal(Verdict.Approved, await CheckAsync(engine, neighbour, 1));
        }
    }

    private static async Task EarlierAsync(string address, Func<DbConnection> connect)
    {
        await JournalFactory.CreateAsync(address, new DatabaseInfo("test", "EUR", 2, "wall", "UTC", false));
        string filed;
        var partition = 1;
        await using (var engine = await StartAsync(address))
        {
            filed = Enumerable.Range(0, 100).Select(n => $"C{n}").First(c => engine.PartitionOf(c) == partition);
            await engine.SubmitBatchAsync([Bench.Limit(filed, 30_000), Order(filed), Statement(filed)]);
        }

        var whole = (await RowAsync(address, partition, filed)).State.ToArray();

        // An earlier release wrote the row: no damage to a proof, and less than the journal knows.
        await ChangeAsync(address, connect, partition, filed, AsBefore);
        Assert.NotEqual(whole, (await RowAsync(address, partition, filed)).State.ToArray());
        Assert.Null(await VerifyAsync(address));
        await using (var engine = await StartAsync(address))
            Assert.Equal($"Partition {partition} was made anew from its journal, since its rows were not believed. The row of customer '{filed}' is of an earlier release, which kept less.", Assert.Single(engine.Notices));

        // What the journal made of it is written, and read by the next start.
        Assert.Equal(whole, (await RowAsync(address, partition, filed)).State.ToArray());
        Assert.Null(await VerifyAsync(address));
        await using (var engine = await StartAsync(address)) Assert.Empty(engine.Notices);

        static byte[] AsBefore(Func<Book> empty, AccountRow row)
        {
            var (book, earlier) = (empty(), new ByteBuffer());
            book.WriteAccount(book.ReadAccount(row.State), earlier, format: 6);
            return earlier.Written.ToArray();
        }
    }

    private static async Task<AccountRow> RowAsync(string address, int partition, string customer)
    {
        await using var reader = await JournalFactory.OpenReaderAsync(address);
        await foreach (var stored in reader.AccountStatesAsync(partition, default))
            if (stored.Customer == customer) return stored;
        throw new InvalidOperationException($"'{customer}' has no row.");
    }

    /// <summary>Changes what the account's sum of open orders says.</summary>
    private static Task TamperAsync(string address, Func<DbConnection> connect, int partition, string customer) => ChangeAsync(address, connect, partition, customer, (empty, row) =>
    {
        var places = Enumerable.Range(0, row.State.Length).Where(at => row.State.Span[at..].StartsWith(Signed(Ordered)));
        return places.Select(at => (byte[])[.. row.State[..at].Span, .. Signed(Tampered), .. row.State[(at + Signed(Tampered).Length)..].Span]).Single(bytes =>
        {
            var book = empty();
            return book.Unbalanced(book.ReadAccount(bytes))?.StartsWith("open orders stand at 24000", StringComparison.Ordinal) == true;
        });
    });

    /// <summary>Puts another state into the row of a customer, with a checksum that holds.</summary>
    /// <param name="change">From what makes a book that knows the partition and no account yet, and from the row as it is.</param>
    private static async Task ChangeAsync(string address, Func<DbConnection> connect, int partition, string customer, Func<Func<Book>, AccountRow, byte[]> change)
    {
        await using var reader = await JournalFactory.OpenReaderAsync(address);
        var row = await RowAsync(address, partition, customer);
        AccountChanges.Read((await reader.StateAsync(partition, default))!.Bytes, out var known);
        var state = change(Empty, row);
        await ExecuteAsync(connect, "UPDATE account SET state = @state, checksum = @checksum WHERE partition = @partition AND slot = @slot",
            ("state", state), ("checksum", unchecked((long)Hashing.XxHash64(state))), ("partition", partition), ("slot", row.Slot));

        Book Empty()
        {
            var book = Partition.NewBook(partition, reader.Database);
            book.ReadState(known);
            return book;
        }
    }

    private static byte[] Signed(long value)
    {
        var buffer = new ByteBuffer();
        buffer.Signed(value);
        return buffer.Written.ToArray();
    }

    private static async Task ExecuteAsync(Func<DbConnection> connect, string sql, params (string Name, object Value)[] parameters)
    {
        await using var connection = connect();
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    private static async Task<ExposureEngine> StartAsync(string address)
    {
        var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(address, offline: true), Clock);
        await engine.StartAsync();
        await Bench.UntilAsync(() => engine.IsReady || engine.NeedsPerson, "every partition serves or is closed");
        return engine;
    }

    private static OrderPlaced Order(string customer) => new()
    {
        Customer = customer, EventId = "o" + customer, Source = "t", OrderId = "O1", Amount = Ordered, Currency = Bench.Eur, OrderedOn = Today, ShipOn = Today,
    };

    private static FinancialStatementFiled Statement(string customer) => new()
    {
        Customer = customer, EventId = "f" + customer, Source = "t", PeriodEnd = Today - 60, Currency = Bench.Eur, TotalAssets = 1_000, CurrentAssets = 500, CurrentLiabilities = 250, TotalLiabilities = 600, Sales = 2_000, NetIncome = 100,
    };

    private static async Task<Verdict> CheckAsync(ExposureEngine engine, string customer, long amount) =>
        (await engine.SubmitAsync(new CheckCredit { Customer = customer, Amount = amount, Currency = Bench.Eur, Actor = "desk", Key = $"{Guid.NewGuid():N}" })).Effects.OfType<CheckDecided>().Single().Decision;

    private static async Task<long> SeqAsync(string address, int partition)
    {
        await using var reader = await JournalFactory.OpenReaderAsync(address);
        await foreach (var row in reader.AccountStatesAsync(partition, default)) return row.AsOfSeq;
        return -1;
    }

    private static async Task<string?> VerifyAsync(string address)
    {
        await using var reader = await JournalFactory.OpenReaderAsync(address);
        return (await JournalVerifier.RunAsync(reader, reader.Database, CancellationToken.None)).Violation;
    }
}
