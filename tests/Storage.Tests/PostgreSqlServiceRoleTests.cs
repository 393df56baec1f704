using ExposureMonitor.Engine;
using Npgsql;
using Xunit;
using static ExposureMonitor.Storage.Tests.Samples;

namespace ExposureMonitor.Storage.Tests;

/// <summary>The same journal with the rights of a service only: all that it does it may, and nothing that it must not.</summary>
[Collection(PostgreSqlCollection.Name)]
public sealed class PostgreSqlServiceRoleTests(PostgreSqlServer server) : JournalConformance
{
    private readonly string role = $"service_{Guid.NewGuid():N}", reports = $"reports_{Guid.NewGuid():N}";
    private string owner = "";

    protected override Task<string> NewConnectionAsync() => server.NewDatabaseAsync();

    protected override async Task<string> ServiceConnectionAsync(string owner)
    {
        this.owner = owner;
        foreach (var name in (string[])[role, reports]) await server.AdministrateAsync($"CREATE ROLE {name} LOGIN PASSWORD 'only-for-tests'");
        await JournalFactory.PrepareAsync(owner, role, reports, None);
        return As(role);
    }

    protected override async Task DropAsync(string connection)
    {
        await server.DropDatabaseAsync(owner);
        foreach (var name in (string[])[role, reports]) await server.AdministrateAsync($"DROP ROLE {name}");
    }

    protected override async Task<IStoredJournal> OpenZombieAsync() =>
        await PostgreSqlJournal.OpenAsync((PostgreSqlAddress)DatabaseAddress.Parse(Connection), PostgreSqlOwnership.Bypassed, None);

    protected override string OwnerConnection => owner;

    protected override async Task RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(owner);
        await connection.OpenAsync();
        await PostgreSqlDatabase.ExecuteAsync(connection, sql, None);
    }

    [PostgreSqlFact]
    public async Task A_service_does_not_prune()
    {
        var refused = await Assert.ThrowsAsync<DatabaseRefusedException>(async () => await Journal.BeginBaseAsync(None));
        Assert.Contains("the owner of the tables", refused.Message, StringComparison.Ordinal);
    }

    [PostgreSqlTheory]
    [InlineData("INSERT INTO journal_base VALUES (1, 202601, 0, decode(repeat('00', 32), 'hex'))")]
    [InlineData("INSERT INTO base_account VALUES (1, 0, 0, 'C', '')")]
    [InlineData("DELETE FROM base_partition")]
    [InlineData("DROP TABLE base_account")]
    [InlineData("DELETE FROM journal_period")]
    [InlineData("UPDATE journal SET payload = ''")]
    [InlineData("DELETE FROM journal")]
    [InlineData("UPDATE audit SET body = '{}'")]
    [InlineData("DELETE FROM audit")]
    [InlineData("UPDATE decision SET kind = 'Approved'")]
    [InlineData("DELETE FROM hold")]
    [InlineData("DELETE FROM signal")]
    [InlineData("UPDATE limit_change SET at = 0")]
    [InlineData("DELETE FROM dead_letter")]
    [InlineData("INSERT INTO partition VALUES (77, 0, 0, decode(repeat('00', 32), 'hex'), 0)")]
    [InlineData("UPDATE database_info SET base_currency = 'USD'")]
    [InlineData("TRUNCATE journal")]
    [InlineData("DROP TABLE audit")]
    [InlineData("ALTER TABLE decision DISABLE TRIGGER ALL")]
    [InlineData("CREATE TABLE mine (id int)")]
    public async Task What_was_written_once_stays_as_it_is(string sql)
    {
        await using var connection = new NpgsqlConnection(Connection);
        await connection.OpenAsync();
        var refused = await Assert.ThrowsAsync<PostgresException>(() => PostgreSqlDatabase.ExecuteAsync(connection, sql, None));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [PostgreSqlFact]
    public async Task A_reader_reads_and_writes_nothing()
    {
        var head = await OpenAsync(0);
        Assert.Equal(CommitStatus.Committed, (await CommitAsync(Full(head))).Status);
        await using var reader = await JournalFactory.OpenReaderAsync(As(reports));
        Assert.Equal(1, (await reader.HeadsAsync(None))[1].Seq);
        await using var connection = new NpgsqlConnection(As(reports));
        await connection.OpenAsync();
        await Assert.ThrowsAsync<PostgresException>(() => PostgreSqlDatabase.ExecuteAsync(connection, "INSERT INTO journal_period VALUES (1)", None));
        await Assert.ThrowsAsync<PostgresException>(() => PostgreSqlDatabase.ExecuteAsync(connection, "UPDATE partition SET epoch = 9", None));
    }

    [PostgreSqlFact]
    public async Task A_schema_that_is_behind_is_refused_with_the_command_that_brings_it_up()
    {
        await Journal.DisposeAsync();
        await using (var connection = new NpgsqlConnection(owner))
        {
            await connection.OpenAsync();
            await PostgreSqlDatabase.ExecuteAsync(connection, "DELETE FROM schema_migration WHERE version = (SELECT max(version) FROM schema_migration)", None);
        }

        var refused = await Assert.ThrowsAsync<DatabaseRefusedException>(() => JournalFactory.OpenServiceAsync(Connection));
        Assert.Contains("exposure database prepare", refused.Message, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task A_role_that_is_not_there_or_that_no_grant_binds_is_refused_by_name()
    {
        await Journal.DisposeAsync();
        var missing = await Assert.ThrowsAsync<DatabaseRefusedException>(() => JournalFactory.PrepareAsync(owner, "nobody_here", null, None));
        Assert.Contains("CREATE ROLE nobody_here", missing.Message, StringComparison.Ordinal);
        var mighty = new NpgsqlConnectionStringBuilder(owner).Username!;
        Assert.Contains("no grant would bind it", (await Assert.ThrowsAsync<DatabaseRefusedException>(() => JournalFactory.PrepareAsync(owner, mighty, null, None))).Message, StringComparison.Ordinal);
        Assert.Contains("owner of its tables", (await Assert.ThrowsAsync<DatabaseRefusedException>(() => JournalFactory.PrepareAsync(Connection, reports, null, None))).Message, StringComparison.Ordinal);
    }

    private string As(string name) => new NpgsqlConnectionStringBuilder(owner) { Username = name, Password = "only-for-tests" }.ConnectionString;
}
