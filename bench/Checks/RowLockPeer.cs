using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using ExposureMonitor.Bench;
using Npgsql;
using NpgsqlTypes;

/// <summary>The plain way on PostgreSQL: a function that locks the customer's row, decides, reserves, and keeps the decision.</summary>
internal static class RowLockPeer
{
    internal const int Connections = 8;

    private const string Schema = """
        CREATE TABLE customer (id int PRIMARY KEY, credit bigint NOT NULL, exposure bigint NOT NULL DEFAULT 0, reserved bigint NOT NULL DEFAULT 0) WITH (fillfactor = 70);
        CREATE TABLE decision (key text PRIMARY KEY, customer int NOT NULL, amount bigint NOT NULL, approved boolean NOT NULL, exposure bigint NOT NULL, reserved bigint NOT NULL, at timestamptz NOT NULL DEFAULT now());
        CREATE FUNCTION decide(k text, c int, a bigint) RETURNS boolean LANGUAGE plpgsql AS $body$
        DECLARE r customer%ROWTYPE; yes boolean;
        BEGIN
          SELECT * INTO r FROM customer WHERE id = c FOR UPDATE;
          SELECT approved INTO yes FROM decision WHERE key = k;
          IF FOUND THEN RETURN yes; END IF;
          yes := r.exposure + r.reserved + a <= r.credit;
          IF yes THEN UPDATE customer SET reserved = reserved + a WHERE id = c; END IF;
          INSERT INTO decision VALUES (k, c, a, yes, r.exposure, r.reserved);
          RETURN yes;
        END $body$;
        """;

    private static Channel<NpgsqlCommand> _free = null!;
    private static long _approved;

    internal static async Task OpenLoopAsync(ChecksRun run)
    {
        await StartAsync(run);
        await ChecksRun.LoopAsync(run.Rate, ChecksRun.WarmUp, n => CheckAsync(run.CustomerOf(n), "w" + n));
        var begun = Stopwatch.GetTimestamp();
        var latencies = await ChecksRun.LoopAsync(run.Rate, run.Seconds, n => CheckAsync(run.CustomerOf(n), "k" + n));
        ChecksRun.Tell(latencies, begun, latencies.Length, Volatile.Read(ref _approved));
    }

    internal static async Task ClosedLoopAsync(ChecksRun run)
    {
        await StartAsync(run);
        await ChecksRun.CallAsync(Connections, ChecksRun.WarmUp, (caller, n) => CheckAsync(run.CustomerOf(n), $"w{caller}-{n}"));
        var begun = Stopwatch.GetTimestamp();
        var latencies = await ChecksRun.CallAsync(Connections, run.Seconds, (caller, n) => CheckAsync(run.CustomerOf(n), $"k{caller}-{n}"));
        ChecksRun.Tell(latencies, begun, latencies.Length, Volatile.Read(ref _approved));
    }

    internal static async Task VerifyAsync(string address, long approved)
    {
        await using var connection = new NpgsqlConnection(address);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT (SELECT sum(reserved) FROM customer)::bigint, (SELECT sum(amount) FROM decision WHERE approved)::bigint", connection);
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        if (row.GetInt64(0) != approved || row.GetInt64(1) != approved)
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{row.GetInt64(0)} are reserved, {approved} were promised: no figure is printed."));
    }

    private static async Task StartAsync(ChecksRun run)
    {
        _free = Channel.CreateUnbounded<NpgsqlCommand>();
        for (var i = 0; i < Connections; i++)
        {
            var connection = new NpgsqlConnection(run.Address);
            await connection.OpenAsync();
            if (i == 0)
            {
                await using var create = new NpgsqlCommand(Schema, connection);
                await create.ExecuteNonQueryAsync();
                await using var fill = new NpgsqlCommand($"INSERT INTO customer (id, credit) SELECT i, {Workload.Limit} FROM generate_series(0, {run.Customers - 1}) i", connection);
                await fill.ExecuteNonQueryAsync();
            }

            var command = new NpgsqlCommand("SELECT decide($1, $2, $3)", connection);
            foreach (var type in (NpgsqlDbType[])[NpgsqlDbType.Text, NpgsqlDbType.Integer, NpgsqlDbType.Bigint]) command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type });
            await command.PrepareAsync();
            await _free.Writer.WriteAsync(command);
        }
    }

    private static async Task CheckAsync(int customer, string key)
    {
        var command = await _free.Reader.ReadAsync().ConfigureAwait(false);
        (command.Parameters[0].Value, command.Parameters[1].Value, command.Parameters[2].Value) = (key, customer, ChecksRun.Amount);
        if (await command.ExecuteScalarAsync().ConfigureAwait(false) is true) Interlocked.Add(ref _approved, ChecksRun.Amount);
        await _free.Writer.WriteAsync(command).ConfigureAwait(false);
    }
}
