using Npgsql;

namespace ExposureMonitor.Chaos;

/// <summary>What the database says of a cluster.</summary>
internal sealed partial class PostgreSqlServer
{
    /// <summary>By partition: the epoch, and the newest sequence.</summary>
    internal Task<Dictionary<int, (long Epoch, long Seq)>> EpochsAsync() => AgainAsync(async () =>
    {
        var epochs = new Dictionary<int, (long, long)>();
        for (var i = 0; i < Databases; i++)
        {
            await using var connection = await OpenAsync(i);
            await using var command = new NpgsqlCommand("SELECT id, epoch, seq FROM partition", connection);
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
                if (HomeOf(rows.GetInt32(0)) == i) epochs[rows.GetInt32(0)] = (rows.GetInt64(1), rows.GetInt64(2));
        }

        return epochs;
    });

    /// <summary>The database that a partition is to stand in.</summary>
    private int HomeOf(int partition) => partition < 0 ? 0 : partition % Databases;

    private async Task<NpgsqlConnection> OpenAsync(int database)
    {
        var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={Port};Username=exposure;Database={NameOf(database)};Application Name=nemesis;Pooling=false;Timeout=5");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Frames of partitions that stand in another database than theirs: there must be none.</summary>
    internal Task<long> AstrayAsync() => AgainAsync(async () =>
    {
        var astray = 0L;
        for (var i = 0; i < Databases; i++)
        {
            await using var connection = await OpenAsync(i);
            await using var command = new NpgsqlCommand("SELECT count(*) FROM journal WHERE greatest(partition, 0) % $1 <> $2", connection);
            command.Parameters.AddWithValue(Databases);
            command.Parameters.AddWithValue(i);
            astray += (long)(await command.ExecuteScalarAsync())!;
        }

        return astray;
    });

    /// <summary>Frames that were written behind a sequence under an older epoch: there must be none.</summary>
    internal Task<long> StaleFramesAsync(int partition, long epoch, long behind) => AgainAsync(async () =>
    {
        await using var connection = await OpenAsync(HomeOf(partition));
        await using var command = new NpgsqlCommand("SELECT count(*) FROM journal WHERE partition = $1 AND seq > $3 AND epoch < $2", connection);
        command.Parameters.AddWithValue(partition);
        command.Parameters.AddWithValue(epoch);
        command.Parameters.AddWithValue(behind);
        return (long)(await command.ExecuteScalarAsync())!;
    });

    /// <summary>The generation of the process that joined last at a place; −1 for none.</summary>
    internal Task<int> GenerationAsync(SiloPlace place) =>
        NumberAsync("SELECT coalesce(max(generation), -1) FROM orleansmembershiptable WHERE deploymentid = $1 AND siloname = $2", place.Cluster, place.Name);

    /// <summary>The status of a process in the membership; −1 when it is not there, or the database does not answer now.</summary>
    internal async Task<int> StatusAsync(SiloPlace place, int generation)
    {
        try
        {
            return await NumberAsync("SELECT coalesce(max(status), -1) FROM orleansmembershiptable WHERE deploymentid = $1 AND siloname = $2 AND generation = $3", place.Cluster, place.Name, generation);
        }
        catch (Exception away) when (away is NpgsqlException or InvalidOperationException or TimeoutException)
        {
            return -1;
        }
    }

    private Task<int> NumberAsync(string sql, params object[] parameters) => AgainAsync(async () =>
    {
        await using var connection = await _admin.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters) command.Parameters.AddWithValue(parameter);
        return (int)(await command.ExecuteScalarAsync())!;
    });
}
