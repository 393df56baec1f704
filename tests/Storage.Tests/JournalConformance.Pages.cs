using System.Text;
using ExposureMonitor.Engine;
using Xunit;
using static ExposureMonitor.Storage.Tests.Samples;

namespace ExposureMonitor.Storage.Tests;

/// <summary>Decisions in pages and in rows read as one table.</summary>
public abstract partial class JournalConformance
{
    [StoreFact]
    public async Task Decisions_in_pages_and_rows_come_back_as_one_table_in_every_order()
    {
        var rows = await CommitDecisionsAsync();
        foreach (var newestFirst in new[] { true, false })
        foreach (var query in new RowQuery[]
        {
            new() { Table = RowTable.Decision }, new() { Table = RowTable.Outbox }, new() { Table = RowTable.Decision, Customer = "C-1" },
            new() { Table = RowTable.Decision, Customer = "" }, new() { Table = RowTable.Decision, Subject = "O-3" },
            new() { Table = RowTable.Decision, Subject = "" }, new() { Table = RowTable.Decision, Subject = "nobody's" },
            new() { Table = RowTable.Decision, Partition = 1 }, new() { Table = RowTable.Outbox, Partition = 2, Customer = "C-2" },
            new() { Table = RowTable.Decision, Customer = "C-1", Subject = "O-3", Kind = "credit.check.decided.v1" },
        })
        {
            var expected = rows.Where(r => (query.Table == RowTable.Decision || r.GoesOut) && (query.Customer ?? r.Customer) == r.Customer
                && (query.Subject ?? r.Subject) == r.Subject && (query.Kind ?? r.Kind) == r.Kind && (query.Partition ?? r.Partition) == r.Partition).OrderBy(Time).ToList();
            if (newestFirst) expected.Reverse();
            foreach (var limit in new[] { 7, 1_000 })
            {
                var found = new List<JournalRow>();
                for (RowCursor? after = null; ;)
                {
                    var page = await Journal.Reader.RowsAsync(query with { NewestFirst = newestFirst, Limit = limit, After = after }, None);
                    found.AddRange(page);
                    if (page.Count < limit) break;
                    after = new RowCursor(page[^1].At, page[^1].Partition, page[^1].Seq, page[^1].Index, page[^1].Ordinal);
                }

                AssertSame(expected, found, query.Table);
            }
        }

        Assert.Equal(rows.Count, await Journal.Reader.CountRowsAsync(RowTable.Decision, null, None));
        Assert.Equal(rows.Count(r => r.Partition == 1 && r.GoesOut), await Journal.Reader.CountRowsAsync(RowTable.Outbox, 1, None));
    }

    [StoreFact]
    public async Task Decisions_in_pages_and_rows_stream_in_the_order_of_their_entries()
    {
        var rows = await CommitDecisionsAsync();
        foreach (var table in new[] { RowTable.Decision, RowTable.Outbox })
        foreach (var after in new[] { 0, 3, 99 })
        {
            var expected = rows.Where(r => r.Partition == 1 && r.Seq > after && (table == RowTable.Decision || r.GoesOut))
                .OrderBy(r => (r.Seq, r.Index, r.Ordinal)).ToList();
            AssertSame(expected, await Journal.Reader.RowsInOrderAsync(table, 1, after, None).AllAsync(), table);
        }
    }

    [StoreFact]
    public async Task A_decision_that_no_page_can_hold_is_refused_and_nothing_is_kept()
    {
        var frame = Frame(await OpenAsync(0));
        var row = Row(frame, RowTable.Decision, 0, 1);
        foreach (var bad in new[]
        {
            row with { Customer = new string('c', 513) }, row with { Subject = new string('ü', 513) }, row with { Kind = new string('k', 257) },
            row with { Customer = "\uD800" }, row with { Index = -1 },
        })
        {
            Assert.Equal(CommitStatus.Refused, (await CommitAsync(frame with { Rows = [bad] })).Status);
            await AssertEmptyAsync();
        }

        Assert.Equal(CommitStatus.Refused, (await CommitAsync(frame with { Rows = [row, row with { Index = 1 }, row] })).Status);
        var longest = row with { Customer = new string('c', 512), Subject = new string('ü', 512), Kind = new string('k', 256), Body = new byte[] { 1, 2 } };
        Assert.Equal(CommitStatus.Committed, (await CommitAsync(frame with { Rows = [longest] })).Status);
        AssertSame([longest], await Journal.Reader.RowsAsync(new RowQuery { Table = RowTable.Decision, Customer = longest.Customer }, None), RowTable.Decision);
    }

    private static (long, int, long, int, int) Time(JournalRow r) => (r.At, r.Partition, r.Seq, r.Index, r.Ordinal);

    private static void AssertSame(IReadOnlyList<JournalRow> expected, IReadOnlyList<JournalRow> found, RowTable table)
    {
        Assert.Equal(expected.Select(r => Line(r, table)), found.Select(r => Line(r, r.Table)));

        static string Line(JournalRow r, RowTable table) =>
            $"{table} {Time(r)} {r.Customer} {r.Subject} {r.Kind} {r.Key} {r.GoesOut} {Convert.ToHexString(r.Body.Span)}";
    }

    /// <summary>Frames of two partitions, some without a decision, with decisions of events and of keys, other rows between them.</summary>
    private async Task<List<JournalRow>> CommitDecisionsAsync()
    {
        var (all, dice) = (new List<JournalRow>(), new Random(5));
        foreach (var partition in new[] { 1, 2 })
        {
            var head = await OpenAsync(partition);
            for (var (n, at) = (0, 100L); n < 12; n++)
            {
                var (frame, rows) = (Frame(head), new List<JournalRow>());
                for (var i = 0; i < n * 3 % 8; i++)
                {
                    at += dice.Next(3);
                    rows.Add(Row(frame, RowTable.Decision, i / 2, at, dice.Next(5) is var c and > 0 ? $"C-{c}" : "", dice.Next(5) is var o and > 0 ? $"O-{o}" : "",
                        dice.Next(3) switch { 0 => "credit.check.decided.v1", 1 => "credit.reservation.expired.v1", _ => "other" },
                        dice.Next(3) == 0 ? partition * 1_000 + n * 10 + i + 1 : 0) with
                    {
                        Ordinal = i % 2 * 2, GoesOut = dice.Next(2) == 0, Body = Encoding.UTF8.GetBytes($"{{{n} {i} \0"),
                    });
                }

                if (n % 4 == 1) rows.Add(Row(frame, RowTable.Signal, 9, at) with { GoesOut = false });
                Assert.Equal(CommitStatus.Committed, (await CommitAsync(frame with { Rows = rows })).Status);
                head = After(head, frame);
                all.AddRange(rows.Where(r => r.Table == RowTable.Decision));
            }
        }

        return all;
    }
}
