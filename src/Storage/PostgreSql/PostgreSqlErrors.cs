using System.Globalization;
using ExposureMonitor.Engine;
using Npgsql;

namespace ExposureMonitor.Storage;

/// <summary>What an error of the server means for a commit. Pure.</summary>
internal static class PostgreSqlErrors
{
    /// <summary>Raised by the function <c>fence</c>.</summary>
    public const string FenceMissed = "EM001";

    /// <summary>Raised by the function <c>snapshot_guard</c>.</summary>
    public const string SnapshotFenced = "EM002";

    /// <summary>
    /// The server answered with an error, so the transaction is gone, unless it was ending the session: then the error
    /// may have come after the commit ("the transaction has already committed locally").
    /// </summary>
    public static CommitStatus Sort(PostgresException e) => e.SqlState switch
    {
        FenceMissed => CommitStatus.Fenced,
        PostgresErrorCodes.UniqueViolation when IsJournal(e) => CommitStatus.Fenced,
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
            => CommitStatus.Unknown,
        _ when e.SqlState.StartsWith("08", StringComparison.Ordinal) || e.InvariantSeverity is "FATAL" or "PANIC"
            => CommitStatus.Unknown,

        // The range of a month is missing: no matter of the row's content.
        PostgresErrorCodes.CheckViolation when IsJournal(e) => CommitStatus.RolledBack,
        _ when IsContent(e.SqlState) => CommitStatus.Refused,
        _ => CommitStatus.RolledBack,
    };

    /// <summary>Data exceptions, constraint violations and limits of the program: the same row fails again.</summary>
    public static bool IsContent(string sqlState) =>
        sqlState.StartsWith("22", StringComparison.Ordinal)
        || sqlState.StartsWith("23", StringComparison.Ordinal)
        || sqlState.StartsWith("54", StringComparison.Ordinal);

    /// <summary>Items of the message that <c>fence</c> raises: "fenced: " and "id,epoch,seq,hash is equal" joined by ";".</summary>
    public static IReadOnlyList<FenceMiss> Missed(string message) => [.. message[(message.IndexOf(':', StringComparison.Ordinal) + 1)..]
        .Split(';', StringSplitOptions.RemoveEmptyEntries)
        .Select(static item => item.Split(','))
        .Select(static f => new FenceMiss(int.Parse(f[0], CultureInfo.InvariantCulture),
            long.Parse(f[1], CultureInfo.InvariantCulture), long.Parse(f[2], CultureInfo.InvariantCulture), f[3] == "1"))];

    public static string Describe(PostgresException e) =>
        $"PostgreSQL {e.SqlState}{(e.TableName is { } table ? $" on {table}" : "")}: {e.MessageText}";

    /// <summary>The journal or one of its ranges (journal_202601), not journal_period.</summary>
    private static bool IsJournal(PostgresException e) =>
        e.TableName is { } table && (table == "journal"
            || (table.StartsWith("journal_", StringComparison.Ordinal) && char.IsAsciiDigit(table[^1])));
}
