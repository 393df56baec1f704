using System.Net;
using System.Net.Sockets;
using ExposureMonitor.Storage;
using ExposureMonitor.Storage.Tests;
using Npgsql;
using Orleans.Runtime;
using Xunit;

namespace ExposureMonitor.Silo.Tests;

/// <summary>How silos join: in turn, and not among those that died with everybody else.</summary>
public sealed class JoiningTests(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    private const int Active = 3, Dead = 6;

    [PostgreSqlFact]
    public async Task Who_gives_no_sign_of_life_and_listens_no_more_is_dead_before_anybody_joins()
    {
        await using var cluster = await SiloCluster.StartAsync(server, 1);
        using var slow = new TcpListener(IPAddress.Loopback, 0);
        slow.Start();
        // One has died; one is asleep: it gives no sign of life, and its port is open; the third one lives.
        var (gone, asleep) = (FreePort.Next(), ((IPEndPoint)slow.LocalEndpoint).Port);
        foreach (var port in (int[])[gone, asleep])
            await ExecuteAsync(cluster, $"INSERT INTO orleansmembershiptable (deploymentid, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime) VALUES ('test', '127.0.0.1', {port}, 7, 'other-{port}', 'h', {Active}, 0, now() - interval '1 minute', now() - interval '1 minute')");
        var said = new List<string>();
        var met = new Dictionary<int, int>();
        var joining = new Joining(new SiloOptions { Journal = cluster.Connection, Orleans = cluster.Connection, ClusterId = "test", SiloName = "new", SiloPort = 1, Advertised = IPAddress.Loopback }, cluster.Silos[0].Members, new Local(), TimeSpan.FromSeconds(3), said.Add);
        await joining.InTurnAsync(async () =>
        {
            foreach (var port in (int[])[gone, asleep, cluster.Silos[0].Port]) met[port] = (int)(await ExecuteAsync(cluster, $"SELECT status FROM orleansmembershiptable WHERE port = {port}"))!;
        }, CancellationToken.None);
        Assert.Equal((Dead, Active, Active), (met[gone], met[asleep], met[cluster.Silos[0].Port]));
        Assert.StartsWith($"other-{gone} at ", Assert.Single(said), StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task One_joins_at_a_time_and_who_waits_too_long_goes_on_without()
    {
        var connection = await server.NewDatabaseAsync();
        await using (var first = await DatabaseTurn.TakeAsync(connection, "join a", TimeSpan.FromMinutes(1)))
        {
            Assert.True(first.IsTaken);
            await using var other = await DatabaseTurn.TakeAsync(connection, "join b", TimeSpan.FromMinutes(1));
            Assert.True(other.IsTaken);
            await using var late = await DatabaseTurn.TakeAsync(connection, "join a", TimeSpan.FromMilliseconds(200));
            Assert.False(late.IsTaken);
        }

        await using (var next = await DatabaseTurn.TakeAsync(connection, "join a", TimeSpan.FromMinutes(1))) Assert.True(next.IsTaken);
        await server.DropDatabaseAsync(connection);
    }

    private static async Task<object?> ExecuteAsync(SiloCluster cluster, string sql)
    {
        await using var session = new NpgsqlConnection(cluster.Connection);
        await session.OpenAsync();
        await using var command = new NpgsqlCommand(sql, session);
        return await command.ExecuteScalarAsync();
    }

    private sealed class Local : ILocalSiloDetails
    {
        public string Name => "new";

        public string ClusterId => "test";

        public string DnsHostName => "h";

        public SiloAddress SiloAddress { get; } = SiloAddress.New(IPAddress.Loopback, 1, 9);

        public SiloAddress GatewayAddress => SiloAddress;
    }
}
