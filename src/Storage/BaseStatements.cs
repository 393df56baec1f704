using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>Statements that write a base and let frames go. Both databases understand them.</summary>
internal static class BaseStatements
{
    /// <summary>Rows of one transaction when something is let go in steps.</summary>
    public const int Step = 512;

    public const string Account = "INSERT INTO base_account (number, partition, slot, customer, state) VALUES ($1, $2, $3, $4, $5)";

    public const string Partition = """
        INSERT INTO base_partition (number, partition, seq, epoch, head_hash, at, state, event_ids, proof, rows_digest, accounts, accounts_hash, digest, previous)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        """;

    public const string Seal = "INSERT INTO journal_base (number, before, written_at, digest) VALUES ($1, $2, $3, $4)";

    /// <summary>What a killed process left of a base that it never sealed.</summary>
    public const string ForgetPartitions = "DELETE FROM base_partition WHERE number > coalesce((SELECT max(number) FROM journal_base), 0)";

    /// <summary>Some accounts of bases that are not the newest sealed one: of older ones, or ($1) of one that was never sealed.</summary>
    public static string ForgetAccounts(bool unsealed) => $"""
        DELETE FROM base_account WHERE (number, partition, slot) IN
          (SELECT number, partition, slot FROM base_account WHERE number {(unsealed ? ">" : "<")} coalesce((SELECT max(number) FROM journal_base), 0) LIMIT {Step})
        """;

    /// <summary>The first frame of a partition that no sealed base holds, if its month ($1) is to go: months never fall along a partition.</summary>
    public const string AboveBase = """
        SELECT p.id, j.seq FROM partition p
        LEFT JOIN base_partition b ON b.partition = p.id AND b.number = (SELECT max(number) FROM journal_base)
        JOIN journal j ON j.partition = p.id AND j.seq = (SELECT min(seq) FROM journal WHERE partition = p.id AND seq > coalesce(b.seq, 0))
        WHERE j.period <= $1 LIMIT 1
        """;

    /// <summary>The same for a range that goes with its table, which looks at every partition in it.</summary>
    public const string AboveBaseInRange = """
        SELECT j.partition, j.seq FROM (SELECT partition, max(seq) AS seq FROM journal WHERE period = $1 GROUP BY partition) j
        LEFT JOIN base_partition b ON b.partition = j.partition AND b.number = (SELECT max(number) FROM journal_base)
        WHERE j.seq > coalesce(b.seq, 0) LIMIT 1
        """;

    public static object[] Values(PartitionBase p) =>
        [p.Number, p.Partition, p.Seq, p.Epoch, p.HeadHash, p.At, p.State.ToArray(), p.Window.ToArray(), p.Proof.ToArray(), p.RowsDigest, p.Accounts, p.AccountsHash, p.Digest, p.Previous];

    public static InvalidOperationException NotBelow(int period, int partition, long seq) =>
        new($"The month {period} is not dropped: frame {seq} of partition {partition} lies above the base.");
}
