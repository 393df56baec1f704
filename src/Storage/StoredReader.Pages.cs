using System.Data.Common;
using System.Runtime.CompilerServices;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>Decisions stand in pages, one a frame, and those with an idempotency key in rows: read together, in one order.</summary>
internal abstract partial class StoredReader
{
    private const int ChunkPages = 32, ChunkKeys = 512, FirstPages = 2;

    /// <summary>The order of a table's rows in time.</summary>
    private static readonly Comparer<JournalRow> InTime = Comparer<JournalRow>.Create(static (a, b) =>
        (a.At, a.Partition, a.Seq, a.Index, a.Ordinal).CompareTo((b.At, b.Partition, b.Seq, b.Index, b.Ordinal)));

    private static readonly Comparer<JournalRow> NewestFirst = Comparer<JournalRow>.Create(static (a, b) => InTime.Compare(b, a));

    private static bool HasPages(RowTable table) => table is RowTable.Decision or RowTable.Outbox;

    /// <summary>Merges the rows of a table with those of its pages, up to the limit of the query.</summary>
    private async ValueTask<IReadOnlyList<JournalRow>> WithPagesAsync(RowQuery query, IReadOnlyList<JournalRow> rows, CancellationToken cancel)
    {
        var streams = new List<IAsyncEnumerator<JournalRow>> { Stream(rows).GetAsyncEnumerator(cancel) };
        for (var id = query.Partition ?? -1; id <= (query.Partition ?? Database.Partitions - 1); id++)
            streams.Add(PagedAsync(query, id, cancel).GetAsyncEnumerator(cancel));
        try
        {
            var next = new PriorityQueue<IAsyncEnumerator<JournalRow>, JournalRow>(query.NewestFirst ? NewestFirst : InTime);
            foreach (var stream in streams)
                if (await stream.MoveNextAsync()) next.Enqueue(stream, stream.Current);
            var merged = new List<JournalRow>();
            while (merged.Count < query.Limit && next.TryDequeue(out var stream, out var row))
            {
                merged.Add(row);
                if (await stream.MoveNextAsync()) next.Enqueue(stream, stream.Current);
            }

            return merged;
        }
        finally
        {
            foreach (var stream in streams) await stream.DisposeAsync();
        }
    }

    /// <summary>Decisions of one partition's pages that a query asks for, in its order.</summary>
    private async IAsyncEnumerable<JournalRow> PagedAsync(RowQuery query, int partition, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var page in PagesAsync(query, partition, cancel))
        {
            if (!query.NewestFirst)
            {
                foreach (var row in page)
                    if (IsAsked(query, row)) yield return row;
                continue;
            }

            for (var i = page.Count - 1; i >= 0; i--)
                if (IsAsked(query, page[i])) yield return page[i];
        }
    }

    private static bool IsAsked(RowQuery query, JournalRow row) => (query.Customer is null || query.Customer == row.Customer)
        && (query.Subject is null || query.Subject == row.Subject) && (query.Kind is null || query.Kind == row.Kind)
        && (query.After is not { } after || IsBehind(after, row, query.NewestFirst));

    private static bool IsBehind(RowCursor after, JournalRow row, bool newestFirst)
    {
        var order = (row.At, row.Partition, row.Seq, row.Index, row.Ordinal).CompareTo((after.At, after.Partition, after.Seq, after.Index, after.Ordinal));
        return newestFirst ? order < 0 : order > 0;
    }

    /// <summary>
    /// The pages that may hold what is asked for, from the cursor on. Along a partition time never falls, so that the order of
    /// the pages is that of their rows. Who asks for a customer or an order reads the keys of the pages, and only those
    /// pages that have them.
    /// </summary>
    private async IAsyncEnumerable<List<JournalRow>> PagesAsync(RowQuery query, int partition, [EnumeratorCancellation] CancellationToken cancel)
    {
        uint? customer = string.IsNullOrEmpty(query.Customer) ? null : DecisionPage.CustomerKey(query.Customer);
        uint? subject = string.IsNullOrEmpty(query.Subject) ? null : DecisionPage.SubjectKey(query.Subject);
        var isKeyed = customer is not null || subject is not null;
        var (at, seq) = await StartAsync(query, partition, cancel);
        var (compare, direction) = query.NewestFirst ? ("<", "DESC") : (">", "ASC");
        for (var chunk = isKeyed ? ChunkKeys : FirstPages; ; chunk = isKeyed ? chunk : ChunkPages)
        {
            var pages = await QueryAsync($"""
                SELECT seq, first_at, {(isKeyed ? "keys" : "body")} FROM decision_page
                WHERE partition = $1 AND (first_at, seq) {compare} ($2, $3) ORDER BY first_at {direction}, seq {direction} LIMIT $4
                """, static r => (Seq: r.GetInt64(0), At: r.GetInt64(1), Bytes: r.GetFieldValue<byte[]>(2)), cancel, partition, at, seq, chunk);
            foreach (var page in pages)
            {
                if (isKeyed && ((customer is { } c && !DecisionPage.MayHold(page.Bytes, c)) || (subject is { } s && !DecisionPage.MayHold(page.Bytes, s)))) continue;
                var body = isKeyed ? await BodyAsync(partition, page.Seq, cancel) : page.Bytes;
                yield return DecisionPage.Unpack(query.Table, partition, page.Seq, body);
            }

            if (pages.Count < chunk) yield break;
            (seq, at) = (pages[^1].Seq, pages[^1].At);
        }
    }

    /// <summary>The place in front of the first page that may hold a row behind the cursor.</summary>
    private async ValueTask<(long At, long Seq)> StartAsync(RowQuery query, int partition, CancellationToken cancel)
    {
        if (query.NewestFirst) return (query.After?.At ?? long.MaxValue, long.MaxValue);
        if (query.After is not { } after) return (long.MinValue, 0);
        // The last page that begins before the cursor may reach beyond it.
        var before = await QueryAsync("""
            SELECT first_at, seq FROM decision_page WHERE partition = $1 AND first_at < $2 ORDER BY first_at DESC, seq DESC LIMIT 1
            """, static r => (At: r.GetInt64(0), Seq: r.GetInt64(1)), cancel, partition, after.At);
        return before.Count > 0 ? (before[0].At, before[0].Seq - 1) : (long.MinValue, 0);
    }

    private async ValueTask<byte[]> BodyAsync(int partition, long seq, CancellationToken cancel) => (await QueryAsync(
        "SELECT body FROM decision_page WHERE partition = $1 AND seq = $2", static r => r.GetFieldValue<byte[]>(0), cancel, partition, seq))[0];

    /// <summary>Rows of a table and of its pages in the order of (sequence, index, ordinal).</summary>
    private async IAsyncEnumerable<JournalRow> MergedInOrderAsync(RowTable table, int partition, long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var rows = UnpagedInOrderAsync(table, partition, after, cancel).GetAsyncEnumerator(cancel);
        var row = await rows.MoveNextAsync() ? rows.Current : null;
        await foreach (var paged in PagedInOrderAsync(table, partition, after, cancel))
        {
            for (; row is not null && (row.Seq, row.Index, row.Ordinal).CompareTo((paged.Seq, paged.Index, paged.Ordinal)) < 0; row = await rows.MoveNextAsync() ? rows.Current : null)
                yield return row;
            yield return paged;
        }

        for (; row is not null; row = await rows.MoveNextAsync() ? rows.Current : null) yield return row;
    }

    private async IAsyncEnumerable<JournalRow> PagedInOrderAsync(RowTable table, int partition, long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        var outgoing = table == RowTable.Outbox ? "AND outgoing > 0" : "";
        for (var chunk = FirstPages; ; chunk = ChunkPages)
        {
            var pages = await QueryAsync($"""
                SELECT seq, body FROM decision_page WHERE partition = $1 AND seq > $2 {outgoing} ORDER BY seq LIMIT $3
                """, static r => (Seq: r.GetInt64(0), Body: r.GetFieldValue<byte[]>(1)), cancel, partition, after, chunk);
            foreach (var page in pages)
            {
                foreach (var row in DecisionPage.Unpack(table, partition, page.Seq, page.Body)) yield return row;
            }

            if (pages.Count < chunk) yield break;
            after = pages[^1].Seq;
        }
    }

    private async ValueTask<long> CountPagedAsync(RowTable table, int? partition, CancellationToken cancel)
    {
        var sql = $"SELECT coalesce(sum({(table == RowTable.Outbox ? "outgoing" : "decisions")}), 0) FROM decision_page";
        var sums = partition is { } id
            ? await QueryAsync(sql + " WHERE partition = $1", static r => r.GetInt64(0), cancel, id)
            : await QueryAsync(sql, static r => r.GetInt64(0), cancel);
        return sums[0];
    }

    private static async IAsyncEnumerable<JournalRow> Stream(IReadOnlyList<JournalRow> rows)
    {
        await ValueTask.CompletedTask;
        foreach (var row in rows) yield return row;
    }
}
