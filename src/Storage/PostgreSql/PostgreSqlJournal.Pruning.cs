using System.Globalization;
using ExposureMonitor.Engine;
using Npgsql;

namespace ExposureMonitor.Storage;

/// <summary>
/// Bases, and ranges that go, on the connection that carries the owner's lock: whoever lost it prunes nothing. A range goes
/// whole, with its table, in one transaction.
/// </summary>
internal sealed partial class PostgreSqlJournal
{
    public async ValueTask<long> BeginBaseAsync(CancellationToken cancel)
    {
        await PruningAsync(async connection =>
        {
            if (!await PostgreSqlDatabase.OwnsSchemaAsync(connection, cancel))
                throw new DatabaseRefusedException($"This role may not prune {address.Display}: ranges are dropped by the owner of the tables. Use that role's address.");
            await PostgreSqlDatabase.ExecuteAsync(connection, BaseStatements.ForgetPartitions, cancel);
            return 0L;
        }, cancel);
        await StepsAsync(BaseStatements.ForgetAccounts(unsealed: true), cancel);
        return ((await reader.SealAsync(cancel))?.Number ?? 0) + 1;
    }

    public async ValueTask WriteBaseAsync(long number, int partition, IReadOnlyList<BaseAccount> accounts, CancellationToken cancel) => await PruningAsync(async connection =>
    {
        await PostgreSqlDatabase.ExecuteAsync(connection, """
            INSERT INTO base_account (number, partition, slot, customer, state) SELECT $1, $2, u.slot, u.customer, u.state FROM unnest($3, $4, $5) AS u(slot, customer, state)
            """, cancel, number, partition, accounts.Select(a => a.Slot).ToArray(), accounts.Select(a => a.Customer).ToArray(), accounts.Select(a => a.State.ToArray()).ToArray());
        return 0L;
    }, cancel);

    public async ValueTask WriteBaseAsync(PartitionBase partition, CancellationToken cancel) => await PruningAsync(async connection =>
    {
        await PostgreSqlDatabase.ExecuteAsync(connection, BaseStatements.Partition, cancel, BaseStatements.Values(partition));
        return 0L;
    }, cancel);

    public async ValueTask SealBaseAsync(BaseSeal seal, CancellationToken cancel) => await PruningAsync(async connection =>
    {
        await PostgreSqlDatabase.ExecuteAsync(connection, BaseStatements.Seal, cancel, seal.Number, seal.Before, seal.WrittenAt, seal.Digest);
        return 0L;
    }, cancel);

    public ValueTask<PartitionBase?> FindBaseAsync(long number, int partition, CancellationToken cancel) => reader.FindBaseAsync(number, partition, cancel);

    public ValueTask<IReadOnlyList<JournalRange>> RangesAsync(CancellationToken cancel) => reports.RangesAsync(cancel);

    public async ValueTask DropRangeAsync(int period, Action<long> tell, CancellationToken cancel)
    {
        if ((await reports.AboveBaseAsync(period, BaseStatements.AboveBaseInRange, cancel)) is { } above) throw BaseStatements.NotBelow(period, above.Partition, above.Seq);
        var frames = (await reports.RangesAsync(cancel)).Where(r => r.Period == period).Sum(r => r.Frames);
        await PruningAsync(async connection =>
        {
            var range = string.Create(CultureInfo.InvariantCulture, $"journal_{period}");
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            if (await PostgreSqlDatabase.ScalarAsync(connection, "SELECT to_regclass($1)::text", cancel, range) is string)
                await PostgreSqlDatabase.ExecuteAsync(connection, $"ALTER TABLE journal DETACH PARTITION {range}; DROP TABLE {range}", cancel);
            await PostgreSqlDatabase.ExecuteAsync(connection, "DELETE FROM journal_period WHERE period = $1", cancel, period);
            await transaction.CommitAsync(cancel);
            periods.Remove(period);
            return 0L;
        }, cancel);
        tell(frames);
    }

    public ValueTask<long> DropOlderBasesAsync(CancellationToken cancel) => StepsAsync(BaseStatements.ForgetAccounts(unsealed: false), cancel);

    private async ValueTask<long> StepsAsync(string sql, CancellationToken cancel)
    {
        for (var all = 0L; ;)
        {
            var changed = await PruningAsync(async connection =>
            {
                await using var command = PostgreSqlDatabase.Command(connection, sql);
                return (long)await command.ExecuteNonQueryAsync(cancel);
            }, cancel);
            if (changed == 0) return all;
            all += changed;
        }
    }

    private async ValueTask<long> PruningAsync(Func<NpgsqlConnection, Task<long>> work, CancellationToken cancel)
    {
        await committing.WaitAsync(cancel);
        try
        {
            return await work(await CommitterAsync(cancel));
        }
        catch (Exception e) when (IsDriver(e))
        {
            await DiscardIfBrokenAsync(e);
            throw PostgreSqlDatabase.Unavailable(address, e);
        }
        finally
        {
            committing.Release();
        }
    }
}
