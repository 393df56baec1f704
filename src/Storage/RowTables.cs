using System.Globalization;
using System.Text;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>The tables of <see cref="RowTable"/>: one shape, one order, the same names in both databases.</summary>
internal static class RowTables
{
    /// <summary>Columns in the order in which every statement lists them.</summary>
    public const string Columns = "partition, seq, idx, ordinal, customer, subject, kind, at, key, goes_out, body";

    private const int LimitMax = 1000;

    public static IReadOnlyList<RowTable> All { get; } = Enum.GetValues<RowTable>();

    /// <summary>Tables that are written; the outbox is a view of their rows.</summary>
    public static IReadOnlyList<RowTable> Written { get; } = [.. All.Where(t => t != RowTable.Outbox)];

    /// <summary>Name in SQL. Never made from outside text, which is why statements may be composed from it.</summary>
    public static string Name(RowTable table) => table switch
    {
        RowTable.Decision => "decision",
        RowTable.Hold => "hold",
        RowTable.Signal => "signal",
        RowTable.LimitChange => "limit_change",
        RowTable.Audit => "audit",
        RowTable.Outbox => "outbox",
        RowTable.DeadLetter => "dead_letter",
        _ => throw new InvalidOperationException($"There is no table {table}."),
    };

    /// <summary>
    /// The statement of a query and its parameters in order. Both databases understand it: row values compare in the
    /// order of the columns, and the index <c>…_in_order</c> (or <c>…_by_customer</c>, <c>…_by_subject</c>) delivers it
    /// without a sort. Parameters are $1, $2, ….
    /// </summary>
    public static (string Sql, IReadOnlyList<object> Parameters) Select(RowQuery query)
    {
        if (query.Limit is < 1 or > LimitMax)
            throw new InvalidOperationException($"A page holds 1 to {LimitMax} rows, not {query.Limit}.");
        var parameters = new List<object>();
        var conditions = new List<string>();
        string Next(object value)
        {
            parameters.Add(value);
            return "$" + parameters.Count.ToString(CultureInfo.InvariantCulture);
        }

        // The second half repeats the predicate of the partial index, which neither planner can derive from a parameter.
        if (query.Customer is { } customer)
            conditions.Add(customer.Length == 0 ? "customer = ''" : $"customer = {Next(customer)} AND customer <> ''");
        if (query.Subject is { } subject)
            conditions.Add(subject.Length == 0 ? "subject = ''" : $"subject = {Next(subject)} AND subject <> ''");
        if (query.Kind is { } kind) conditions.Add($"kind = {Next(kind)}");
        if (query.Partition is { } partition) conditions.Add($"partition = {Next(partition)}");
        if (query.After is { } after)
        {
            conditions.Add($"(at, partition, seq, idx, ordinal) {(query.NewestFirst ? "<" : ">")} ({Next(after.At)}, "
                + $"{Next(after.Partition)}, {Next(after.Seq)}, {Next(after.Index)}, {Next(after.Ordinal)})");
        }

        var direction = query.NewestFirst ? "DESC" : "ASC";
        var sql = new StringBuilder($"SELECT {Columns} FROM {Name(query.Table)}");
        if (conditions.Count > 0) sql.Append(" WHERE ").AppendJoin(" AND ", conditions);
        sql.Append(CultureInfo.InvariantCulture,
            $" ORDER BY at {direction}, partition {direction}, seq {direction}, idx {direction}, ordinal {direction}");
        sql.Append(" LIMIT ").Append(Next(query.Limit));
        return (sql.ToString(), parameters);
    }
}
