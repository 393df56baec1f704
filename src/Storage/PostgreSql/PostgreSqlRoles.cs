using Npgsql;

namespace ExposureMonitor.Storage;

/// <summary>
/// Rights of the roles beside the owner. A service appends and moves the fence; what was written once (journal, decisions,
/// holds, signals, limits, audit, dead letters) it can neither change nor delete, and it cannot change the schema.
/// </summary>
internal static class PostgreSqlRoles
{
    /// <summary>Each with %I for the schema and %2$I for the role. INSERT comes by table, so that the fence gets no new rows.</summary>
    private static readonly string[] Writing =
    [
        "GRANT USAGE ON SCHEMA %I TO %2$I",
        "REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM %2$I",
        "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA %I TO %2$I",
        "REVOKE INSERT ON schema_migration, database_info, database_shard, partition, journal_period, journal_base, base_partition, base_account, orleansquery FROM %2$I",
        "GRANT UPDATE ON partition, account, partition_state, outbox_cursor, feed_mark, alert, delivery, alert_channel, silence, desk_note TO %2$I",
        "GRANT UPDATE (name) ON party TO %2$I",
        "GRANT UPDATE (was_served) ON database_info TO %2$I",
        "GRANT DELETE ON partition_state, closed_document, feed_mark, desk_note, alert, alert_note, delivery TO %2$I",

        // What the silos of a cluster write of themselves.
        "GRANT UPDATE, DELETE ON orleansmembershipversiontable, orleansmembershiptable, orleansreminderstable, orleansstorage TO %2$I",

        // Makes tables, which only the owner may: it runs with the owner's rights, on this schema alone.
        "ALTER FUNCTION make_journal_period(int) SECURITY DEFINER SET search_path = %I, pg_temp",
        "REVOKE ALL ON FUNCTION make_journal_period(int) FROM PUBLIC",
        "GRANT EXECUTE ON FUNCTION make_journal_period(int) TO %2$I",
    ];

    private static readonly string[] Reading =
    [
        "GRANT USAGE ON SCHEMA %I TO %2$I",
        "REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM %2$I",
        "GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %2$I",

        // Hashes of passwords and sessions are nothing that a report needs.
        "REVOKE SELECT ON desk_note FROM %2$I",
    ];

    /// <exception cref="DatabaseRefusedException">A role does not exist, or is the owner, or this session may not grant.</exception>
    public static async Task GrantAsync(PostgreSqlAddress address, string? writer, string? reader, CancellationToken cancel)
    {
        await using var source = PostgreSqlDatabase.WriterSource(address);
        await using var connection = await PostgreSqlDatabase.OpenWriterAsync(source, address, cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (writer is not null) await GrantAsync(connection, address, writer, Writing, cancel);
        if (reader is not null) await GrantAsync(connection, address, reader, Reading, cancel);
        await transaction.CommitAsync(cancel);
    }

    private static async Task GrantAsync(NpgsqlConnection connection, PostgreSqlAddress address, string role, string[] statements, CancellationToken cancel)
    {
        if (await PostgreSqlDatabase.ScalarAsync(connection, "SELECT 1 FROM pg_roles WHERE rolname = $1", cancel, role) is null)
            throw new DatabaseRefusedException($"{address.Display} has no role {role}. Make it first: CREATE ROLE {role} LOGIN PASSWORD '…'");
        if (await PostgreSqlDatabase.ScalarAsync(connection, """
                SELECT 1 FROM pg_class c, pg_roles r WHERE c.oid = 'partition'::regclass AND r.rolname = $1 AND (r.rolsuper OR pg_has_role(r.oid, c.relowner, 'USAGE'))
                """, cancel, role) is not null)
            throw new DatabaseRefusedException($"Role {role} is a superuser or owns the tables: no grant would bind it. Name another one.");
        try
        {
            foreach (var statement in statements)
            {
                var sql = (string)(await PostgreSqlDatabase.ScalarAsync(connection, "SELECT format($1, current_schema(), $2::text)", cancel, statement, role))!;
                await PostgreSqlDatabase.ExecuteAsync(connection, sql, cancel);
            }
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new DatabaseRefusedException($"Rights on {address.Display} are granted by the owner of its tables; use that role's address. {e.MessageText}");
        }
    }
}
