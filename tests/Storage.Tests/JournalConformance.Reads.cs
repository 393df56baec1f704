using ExposureMonitor.Engine;
using Xunit;
using static ExposureMonitor.Storage.Tests.Samples;

namespace ExposureMonitor.Storage.Tests;

/// <summary>What every journal reads back: rows, messages, parties, frames, snapshots.</summary>
public abstract partial class JournalConformance
{
    [StoreFact]
    public async Task Rows_are_filtered_and_paged_in_both_directions()
    {
        var rows = await CommitRowsAsync();
        foreach (var newestFirst in new[] { false, true })
        {
            var expected = newestFirst ? rows.AsEnumerable().Reverse().ToList() : rows;
            var query = new RowQuery { Table = RowTable.Hold, NewestFirst = newestFirst, Limit = 3 };
            var read = new List<JournalRow>();
            for (RowCursor? after = null; ;)
            {
                var page = await Journal.Reader.RowsAsync(query with { After = after }, None);
                read.AddRange(page);
                if (page.Count < 3) break;
                after = Cursor(page[^1]);
            }

            Assert.Equal(expected.Select(Cursor), read.Select(Cursor));
            for (var i = 0; i < read.Count; i++) Assert.Equal(Text(expected[i]), Text(read[i]));
        }
    }

    [StoreFact]
    public async Task Rows_are_found_by_customer_subject_kind_and_partition()
    {
        var rows = await CommitRowsAsync();
        foreach (var (query, wanted) in new (RowQuery, Func<JournalRow, bool>)[]
        {
            (new() { Table = RowTable.Hold, Customer = "C-1" }, r => r.Customer == "C-1"),
            (new() { Table = RowTable.Hold, Customer = "" }, r => r.Customer.Length == 0),
            (new() { Table = RowTable.Hold, Subject = "O-2" }, r => r.Subject == "O-2"),
            (new() { Table = RowTable.Hold, Subject = "" }, r => r.Subject.Length == 0),
            (new() { Table = RowTable.Hold, Kind = "released", Partition = 1 }, r => r.Kind == "released" && r.Partition == 1),
            (new() { Table = RowTable.Hold, Customer = "C-1", Subject = "O-2", Kind = "held" },
                r => r is { Customer: "C-1", Subject: "O-2", Kind: "held" }),
            (new() { Table = RowTable.Hold, Customer = "c-1" }, _ => false),
            (new() { Table = RowTable.Signal }, _ => false),
        })
        {
            var read = await Journal.Reader.RowsAsync(query with { NewestFirst = false, Limit = 1000 }, None);
            Assert.Equal(rows.Where(wanted).Select(Cursor), read.Select(Cursor));
        }

        Assert.Equal(rows.Count(r => r.Partition == 1), await Journal.Reader.CountRowsAsync(RowTable.Hold, 1, None));
        Assert.Equal(rows.Count, await Journal.Reader.CountRowsAsync(RowTable.Hold, null, None));
        foreach (var limit in new[] { 0, 1001 })
            await Assert.ThrowsAsync<InvalidOperationException>(
                async () => await Journal.Reader.RowsAsync(new RowQuery { Table = RowTable.Hold, Limit = limit }, None));
    }

    [StoreFact]
    public async Task A_decision_is_found_by_its_key()
    {
        var frame = Frame(await OpenAsync(0));
        await CommitAsync(frame with
        {
            Rows = [Row(frame, RowTable.Decision, 0, 10, key: long.MinValue), Row(frame, RowTable.Decision, 1, 11), Row(frame, RowTable.Decision, 2, 12, key: 5)],
        });
        var found = await Journal.Reader.DecisionByKeyAsync(long.MinValue, None);
        Assert.Equal((0, long.MinValue), (found!.Index, found.Key));
        Assert.Equal(2, (await Journal.Reader.DecisionByKeyAsync(5, None))!.Index);
        Assert.Null(await Journal.Reader.DecisionByKeyAsync(6, None));
        Assert.Null(await Journal.Reader.DecisionByKeyAsync(0, None));
    }

    [StoreFact]
    public async Task Messages_of_a_pair_come_in_order_behind_a_number()
    {
        var frame = Frame(await OpenAsync(0));
        await CommitAsync(frame with
        {
            Messages = [new(0, 1, 2, [2]), new(0, 2, 1, [9]), new(0, 1, 1, [1]), new(0, 1, 3, [3])],
        });
        var read = await Journal.Reader.MessagesAsync(0, 1, 1, 10, None);
        Assert.Equal([(2L, (byte)2), (3L, (byte)3)], read.Select(m => (m.Number, m.Body[0])));
        Assert.Equal(1, Assert.Single(await Journal.Reader.MessagesAsync(0, 1, 0, 1, None)).Number);
        Assert.Empty(await Journal.Reader.MessagesAsync(1, 0, 0, 10, None));
        Assert.Empty(await Journal.Reader.MessagesAsync(0, 1, 0, 0, None));
    }

    [StoreFact]
    public async Task The_newest_name_of_a_party_stands()
    {
        var head = await OpenAsync(0);
        var frame = Frame(head);
        await CommitAsync(frame with { Parties = [("C-1", "old"), ("C-2", "O'Brien \"& Co\" 上海"), ("C-1", "newer")] });
        await CommitAsync(Frame(After(head, frame)) with { Parties = [("C-1", "newest")] });
        Assert.Equal("newest", await Journal.Reader.PartyNameAsync("C-1", None));
        var names = await Journal.Reader.PartyNamesAsync(["C-1", "C-2", "C-3"], None);
        Assert.Equal(["newest", "O'Brien \"& Co\" 上海"], names.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Value));
        Assert.Empty(await Journal.Reader.PartyNamesAsync([], None));
    }

    [StoreFact]
    public async Task Chinese_names_are_found_by_the_first_letters_of_their_pinyin()
    {
        var head = await OpenAsync(0);
        (string Customer, string Name)[] parties = [("C-1", "中国银行上海分行"), ("C-2", "远东贸易有限公司"), ("C-3", "重庆ABC龙湖铝业"), ("C-4", "Zagyhx GmbH"), ("C-5", "任丘市森林木业")];
        await CommitAsync(Frame(head) with { Parties = parties });
        Assert.Equal(["C-1"], await FoundAsync("zgyhsh"));
        Assert.Equal(["C-2"], await FoundAsync("YDmy"));
        Assert.Equal(["C-2"], await FoundAsync("yxgs"));
        Assert.Equal(["C-3"], await FoundAsync("cqabclh"));
        Assert.Equal(["C-3"], await FoundAsync("zqabclhly"));
        Assert.Equal(["C-5"], await FoundAsync("rqssl"));
        // A part of the name comes first, and finds no others by chance.
        Assert.Equal(["C-4"], await FoundAsync("gyhx"));
        Assert.Equal(["C-3"], await FoundAsync("龙湖"));
        Assert.Empty(await FoundAsync("mydy"));
        // One letter is a part of a name, nothing else.
        Assert.Equal(["C-4"], await FoundAsync("z"));

        async Task<IEnumerable<string>> FoundAsync(string text) => (await Journal.Reader.FindPartiesAsync(text, 20, None)).Keys.Order(StringComparer.Ordinal);
    }

    [StoreFact]
    public async Task Frames_come_back_in_sequence_over_periods_and_only_those_in_the_range()
    {
        var head = await OpenAsync(0);
        var sent = new List<FrameCommit>();
        for (var i = 0; i < 150; i++)
        {
            // Three months, the turn of a year among them; more than one chunk in each.
            var frame = Frame(head, [(byte)i, 0, 255], i < 70 ? 202511 : i < 140 ? 202512 : 202601);
            Assert.Equal(CommitStatus.Committed, (await CommitAsync(frame)).Status);
            sent.Add(frame);
            head = After(head, frame);
        }

        foreach (var (after, upTo) in new[] { (0L, 150L), (0, long.MaxValue), (69, 71), (64, 128), (149, 150), (150, 150), (5, 5) })
        {
            var read = await Journal.Reader.FramesAsync(0, after, upTo, None).AllAsync();
            var expected = sent.Where(f => f.Seq > after && f.Seq <= upTo).ToArray();
            Assert.Equal(expected.Select(f => (f.Seq, f.Epoch, f.Period, f.Crc)), read.Select(f => (f.Seq, f.Epoch, f.Period, f.Crc)));
            Assert.All(expected.Zip(read), pair => Assert.Equal(pair.First.Payload.ToArray(), pair.Second.Payload));
        }

        Assert.Empty(await Journal.Reader.FramesAsync(1, 0, long.MaxValue, None).AllAsync());
    }

    [StoreFact]
    public async Task Accounts_stream_in_slot_order_and_an_older_one_never_replaces_a_newer()
    {
        var head = await CommitSeveralAsync(3);
        Assert.True(await Journal.SaveSnapshotAsync(0, head.Epoch, [Account(head, 7, 2), Account(head, 1, 2), Account(head, 30, 3)], null, None));
        Assert.True(await Journal.SaveSnapshotAsync(0, head.Epoch, [Account(head, 7, 1, 9), Account(head, 1, 3, 8)], null, None));
        var read = await Journal.Reader.AccountsAsync(0, None).AllAsync();
        Assert.Equal([(1, 3L, (byte)8), (7, 2, 1), (30, 3, 1)], read.Select(a => (a.Slot, a.AsOfSeq, a.State.Span[0])));
        var expected = Account(head, 30, 3);
        Assert.Equal((expected.Customer, expected.Checksum, expected.Report, expected.Epoch),
            (read[2].Customer, read[2].Checksum, read[2].Report, read[2].Epoch));
        Assert.Empty(await Journal.Reader.AccountsAsync(1, None).AllAsync());
    }

    [StoreFact]
    public async Task Many_accounts_stream_completely()
    {
        var head = await CommitSeveralAsync(1);
        await Journal.SaveSnapshotAsync(0, head.Epoch, [.. Enumerable.Range(0, 4001).Select(slot => Account(head, slot, 1))], null, None);
        Assert.Equal(Enumerable.Range(0, 4001), (await Journal.Reader.AccountsAsync(0, None).AllAsync()).Select(a => a.Slot));
    }

    [StoreFact]
    public async Task A_snapshot_under_a_stale_epoch_or_ahead_of_the_journal_is_refused_as_a_whole()
    {
        var stale = await CommitSeveralAsync(2);
        var head = await OpenAsync(0);
        Assert.False(await Journal.SaveSnapshotAsync(0, stale.Epoch, [Account(head, 0, 1)], new PartitionStateRow(1, new byte[] { 1 }), None));
        Assert.False(await Journal.SaveSnapshotAsync(0, head.Epoch, [Account(head, 0, 1), Account(head, 1, 3)], null, None));
        Assert.False(await Journal.SaveSnapshotAsync(0, head.Epoch, [Account(head, 0, 1)], new PartitionStateRow(3, new byte[] { 1 }), None));
        Assert.Empty(await Journal.Reader.AccountsAsync(0, None).AllAsync());
        Assert.Null(await Journal.Reader.StateAsync(0, None));
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await Journal.SaveSnapshotAsync(0, head.Epoch, [Account(head, 0, 1) with { Report = "{no json" }], null, None));
        Assert.True(await Journal.SaveSnapshotAsync(0, head.Epoch, [Account(head, 0, 1)], null, None));
    }

    [StoreFact]
    public async Task The_snapshot_moves_only_when_told_and_never_back()
    {
        var head = await CommitSeveralAsync(4);
        async Task SaveAsync(long seq, bool moves) => Assert.True(await Journal.SaveSnapshotAsync(
            0, head.Epoch, [], new PartitionStateRow(seq, new byte[] { (byte)seq }, moves) { EventWindow = new byte[] { 7, (byte)seq } }, None));
        async Task AssertAsync(long snapshot)
        {
            Assert.Equal(snapshot, (await HeadAsync(0)).SnapshotSeq);
            var state = await Journal.Reader.StateAsync(0, None);
            Assert.Equal(snapshot == 0 ? null : $"{snapshot} {snapshot} 7{snapshot}", state is null ? null : $"{state.SnapshotSeq} {state.Bytes.Span[0]} {string.Concat(state.EventWindow.ToArray())}");
        }

        await SaveAsync(1, moves: false);
        await AssertAsync(0); // accounts up to 1 may still be missing: recovery must not start there
        await SaveAsync(2, moves: true);
        await AssertAsync(2);
        await SaveAsync(3, moves: false);
        await AssertAsync(2);
        await SaveAsync(1, moves: true);
        await AssertAsync(2);
        await SaveAsync(4, moves: true);
        await AssertAsync(4);
        Assert.Equal(4, (await OpenAsync(0)).SnapshotSeq);
    }

    [StoreFact]
    public async Task Readers_of_another_process_need_no_lock_and_change_nothing()
    {
        var head = await OpenAsync(0);
        await using var reader = await JournalFactory.OpenReaderAsync(Connection);
        await CommitAsync(Full(head));
        Assert.Equal(Creation(), reader.Database);
        Assert.Equal((head.Epoch, 1L), (await reader.HeadsAsync(None)).Where(h => h.Partition == 0).Select(h => (h.Epoch, h.Seq)).Single());
        Assert.Equal(1, await reader.CountRowsAsync(RowTable.Audit, null, None));
    }

    [StoreFact]
    public async Task A_second_owner_is_refused_and_told_who_holds_the_database()
    {
        var e = await Assert.ThrowsAsync<DatabaseHeldException>(() => JournalFactory.OpenWriterAsync(Connection, offline: true));
        Assert.Contains(Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), e.Holder, StringComparison.Ordinal);
        await Journal.DisposeAsync();
        await using var next = await JournalFactory.OpenWriterAsync(Connection, offline: false);
        Assert.NotNull(await next.OpenAsync(0, null, None));
    }

    [StoreFact]
    public async Task A_database_that_was_served_opens_for_a_command_only_offline()
    {
        await Journal.DisposeAsync();
        await using (var service = await JournalFactory.OpenServiceAsync(Connection)) Assert.True(service.Database.WasServed);
        await Assert.ThrowsAsync<DatabaseRefusedException>(() => JournalFactory.OpenWriterAsync(Connection, offline: false));
        await using (var command = await JournalFactory.OpenWriterAsync(Connection, offline: true)) Assert.True(command.Database.WasServed);
        await using var again = await JournalFactory.OpenServiceAsync(Connection);
    }

    private static RowCursor Cursor(JournalRow row) => new(row.At, row.Partition, row.Seq, row.Index, row.Ordinal);

    /// <summary>Every field as text, the body by its bytes.</summary>
    private static string Text(JournalRow row) =>
        $"{row.Table} {Cursor(row)} {row.Customer}|{row.Subject}|{row.Kind}|{row.Key}|{Convert.ToHexString(row.Body.Span)}";

    /// <summary>Holds of two partitions with equal instants, so that every part of the order decides somewhere; oldest first.</summary>
    private async Task<List<JournalRow>> CommitRowsAsync()
    {
        var rows = new List<JournalRow>();
        foreach (var partition in new[] { 1, 0 })
        {
            var head = await OpenAsync(partition);
            for (var n = 0; n < 3; n++)
            {
                var frame = Frame(head);
                var own = new List<JournalRow>();
                for (var i = 0; i < 4; i++)
                {
                    var row = Row(frame, RowTable.Hold, i / 2, 100 + n / 2, i == 3 ? "" : $"C-{i % 2}", i == 2 ? "" : $"O-{n}", i % 2 == 0 ? "held" : "released");
                    own.Add(row with { Ordinal = i % 2 });
                }

                Assert.Equal(CommitStatus.Committed, (await CommitAsync(frame with { Rows = own })).Status);
                rows.AddRange(own);
                head = After(head, frame);
            }
        }

        return [.. rows.OrderBy(r => r.At).ThenBy(r => r.Partition).ThenBy(r => r.Seq).ThenBy(r => r.Index).ThenBy(r => r.Ordinal)];
    }

    private async Task<PartitionHead> CommitSeveralAsync(int frames)
    {
        var head = await OpenAsync(0);
        for (var i = 0; i < frames; i++)
        {
            var frame = Frame(head);
            Assert.Equal(CommitStatus.Committed, (await CommitAsync(frame)).Status);
            head = After(head, frame);
        }

        return head;
    }
}
