using System.Data;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Npgsql;

namespace ExposureMonitor.Storage;

/// <summary>
/// What the alerts keep, on a session of their own that never stands in front of a commit. Its commits are flushed: a
/// message whose claim a power cut takes back would go again in other company, under another id.
/// </summary>
internal sealed partial class PostgreSqlJournal
{
    private readonly SemaphoreSlim alerting = new(1, 1);
    private NpgsqlConnection? alerts;

    public async ValueTask<IReadOnlyDictionary<int, long>> BeginAsync(IReadOnlyList<PartitionHead> heads, CancellationToken cancel)
    {
        await AlertAsync(AlertStatements.Begin(heads), guarded: false, cancel);
        return await reader.AlertsSinceAsync(cancel);
    }

    public async ValueTask TakeInAsync(AlertIntake intake, CancellationToken cancel) => await AlertAsync(AlertStatements.TakeIn(intake), guarded: false, cancel);

    public ValueTask<ChannelHold> OpenChannelAsync(string channel, CancellationToken cancel) => OnAlertsAsync(async connection =>
    {
        await using var command = PostgreSqlDatabase.Command(connection, AlertStatements.OpenChannel, channel, Array.Empty<byte>());
        await using var row = await command.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        return new ChannelHold(channel, row.GetInt64(0), row.GetFieldValue<byte[]>(1));
    }, cancel);

    public ValueTask<bool> WriteAsync(ChannelWrite write, CancellationToken cancel) => AlertAsync(AlertStatements.Write(write), guarded: true, cancel);

    public ValueTask<bool> HandleAsync(AlertRow row, AlertNote note, CancellationToken cancel) => AlertAsync(AlertStatements.Handle(row, note), guarded: true, cancel);

    public ValueTask<bool> SaveSilenceAsync(SilenceRow row, CancellationToken cancel) => AlertAsync(AlertStatements.Save(row), guarded: true, cancel);

    public async ValueTask<int> PurgeAsync(Instant before, int most, CancellationToken cancel)
    {
        var old = await reports.OldAlertsAsync(before, most, cancel);
        await AlertAsync(AlertStatements.Purge(old), guarded: false, cancel);
        return old.Count;
    }

    public ValueTask<IReadOnlyList<string>> OpenChannelsAsync(CancellationToken cancel) => reader.OpenChannelsAsync(cancel);

    public ValueTask<IReadOnlyList<DeliveryRow>> OpenDeliveriesAsync(string channel, long after, int limit, CancellationToken cancel) => reader.OpenDeliveriesAsync(channel, after, limit, cancel);

    public ValueTask<IReadOnlyList<DeliveryRow>> StandingDeliveriesAsync(string channel, CancellationToken cancel) => reader.StandingDeliveriesAsync(channel, cancel);

    public ValueTask<IReadOnlyList<DeliveryRow>> DeliveriesOfAsync(IReadOnlyCollection<string> alerts, CancellationToken cancel) => reader.DeliveriesOfAsync(alerts, cancel);

    public ValueTask<IReadOnlyList<DeliveryRow>> DeliveriesAsync(DeliveryQuery query, CancellationToken cancel) => reports.DeliveriesAsync(query, cancel);

    public ValueTask<IReadOnlyList<AlertRow>> AlertsAsync(IReadOnlyCollection<string> ids, CancellationToken cancel) => reader.AlertsAsync(ids, cancel);

    public ValueTask<IReadOnlyList<AlertRow>> AlertsAsync(AlertQuery query, CancellationToken cancel) => reports.AlertsAsync(query, cancel);

    public ValueTask<IReadOnlyList<AlertTally>> TalliesAsync(Instant from, CancellationToken cancel) => reports.TalliesAsync(from, cancel);

    public ValueTask<IReadOnlyList<AlertNote>> NotesAsync(string alert, CancellationToken cancel) => reports.NotesAsync(alert, cancel);

    public ValueTask<IReadOnlyList<SilenceRow>> SilencesAsync(Instant endingAfter, CancellationToken cancel) => reader.SilencesAsync(endingAfter, cancel);

    /// <summary>All statements in one transaction; guarded ones only if the first of them changes a row.</summary>
    private ValueTask<bool> AlertAsync(IReadOnlyList<(string Sql, object[] Values)> statements, bool guarded, CancellationToken cancel) => OnAlertsAsync(async connection =>
    {
        if (statements.Count == 0) return true;
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (guarded)
        {
            await using var guard = PostgreSqlDatabase.Command(connection, statements[0].Sql, statements[0].Values);
            if (await guard.ExecuteNonQueryAsync(cancel) == 0) return false;
        }

        foreach (var chunk in statements.Skip(guarded ? 1 : 0).Chunk(1_000))
        {
            await using var batch = new NpgsqlBatch(connection);
            foreach (var (sql, values) in chunk)
            {
                var command = new NpgsqlBatchCommand(sql);
                foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
                batch.BatchCommands.Add(command);
            }

            await batch.ExecuteNonQueryAsync(cancel);
        }

        await transaction.CommitAsync(cancel);
        return true;
    }, cancel);

    private async ValueTask<T> OnAlertsAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancel)
    {
        await alerting.WaitAsync(cancel);
        try
        {
            if (alerts?.State != ConnectionState.Open)
            {
                if (alerts is not null) await alerts.DisposeAsync();
                alerts = await PostgreSqlDatabase.OpenWriterAsync(source, address, cancel);
            }

            return await work(alerts);
        }
        catch (Exception e) when (IsDriver(e))
        {
            throw PostgreSqlDatabase.Unavailable(address, e);
        }
        finally
        {
            alerting.Release();
        }
    }
}
