using System.Globalization;
using System.Text;
using ExposureMonitor.Engine;
using Xunit;
using static ExposureMonitor.Storage.Tests.Samples;

namespace ExposureMonitor.Storage.Tests;

/// <summary>
/// The same random commits, stale attempts, snapshots and reopenings on both databases end with the same outcomes and the
/// same content, which is that of a model in memory.
/// </summary>
[Collection(PostgreSqlCollection.Name)]
public sealed class SameContentTests(PostgreSqlServer server)
{
    private const int Steps = 120, Partitions = 3;

    [PostgreSqlFact]
    public async Task Random_commits_and_reopenings_end_with_the_same_content_on_both_databases()
    {
        foreach (var seed in new[] { 1, 20_260_101, int.MaxValue })
        {
            var sqlite = await OnSqliteAsync(seed);
            var connection = await server.NewDatabaseAsync();
            Assert.True(sqlite == await RunAsync(connection, seed), $"seed {seed}");
            await server.DropDatabaseAsync(connection);
        }
    }

    [Fact]
    public async Task The_same_seed_ends_with_the_same_content() => Assert.Equal(await OnSqliteAsync(7), await OnSqliteAsync(7));

    private static async Task<string> OnSqliteAsync(int seed)
    {
        var directory = Directory.CreateTempSubdirectory("exposure-same-").FullName;
        try
        {
            return await RunAsync($"sqlite:{Path.Combine(directory, "credit.db")}", seed);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Runs the steps of a seed; returns every outcome and, at the end, everything that can be read.</summary>
    private static async Task<string> RunAsync(string connection, int seed)
    {
        var random = new Random(seed);
        var trace = new StringBuilder();
        await JournalFactory.CreateAsync(connection, Creation(Partitions));
        var journal = await JournalFactory.OpenWriterAsync(connection, offline: true);
        var heads = new Dictionary<int, PartitionHead>(); // the model: what must stand
        var stale = new List<PartitionHead>();
        try
        {
            for (var id = -1; id < Partitions; id++) heads[id] = (await journal.OpenAsync(id, null, default))!;
            for (var step = 0; step < Steps; step++)
            {
                switch (random.Next(10))
                {
                    case 0: // another process takes everything over
                        await journal.DisposeAsync();
                        journal = await JournalFactory.OpenWriterAsync(connection, offline: true);
                        break;
                    case 1:
                        var id = random.Next(-1, Partitions);
                        stale.Add(heads[id]);
                        var expected = random.Next(2) == 0 ? heads[id].Epoch : (long?)null;
                        var head = (await journal.OpenAsync(id, expected, default))!;
                        Assert.Equal((heads[id].Epoch + 1, heads[id].Seq), (head.Epoch, head.Seq));
                        Assert.Equal(heads[id].HeadHash, head.HeadHash);
                        heads[id] = head;
                        break;
                    case 2:
                        await SnapshotAsync(journal, heads, random, trace);
                        break;
                    case 3 when stale.Count > 0: // a zombie's frame among good ones
                        var zombie = stale[random.Next(stale.Count)];
                        var mixed = Pick(heads, random).Where(h => h.Partition != zombie.Partition).Append(zombie);
                        var fenced = await journal.CommitAsync([.. mixed.Select(h => Fill(h, random))], default);
                        Assert.Equal(CommitStatus.Fenced, fenced.Status);
                        trace.AppendJoin(';', fenced.Missed).AppendLine();
                        break;
                    default:
                        var frames = Pick(heads, random).Select(h => Fill(h, random)).ToArray();
                        Assert.Equal(CommitStatus.Committed, (await journal.CommitAsync(frames, default)).Status);
                        foreach (var frame in frames) heads[frame.Partition] = After(heads[frame.Partition], frame);
                        break;
                }
            }

            foreach (var head in await journal.Reader.HeadsAsync(default))
            {
                Assert.Equal((heads[head.Partition].Epoch, heads[head.Partition].Seq), (head.Epoch, head.Seq));
                Assert.Equal(heads[head.Partition].HeadHash, head.HeadHash);
            }

            await AppendContentAsync(journal.Reader, trace);
            return trace.ToString();
        }
        finally
        {
            await journal.DisposeAsync();
        }
    }

    private static async Task SnapshotAsync(
        IStoredJournal journal, Dictionary<int, PartitionHead> heads, Random random, StringBuilder trace)
    {
        var head = heads[random.Next(-1, Partitions)];
        var asOf = Math.Max(0, head.Seq + random.Next(-3, 2)); // sometimes ahead of the journal
        var accounts = Enumerable.Range(random.Next(5), random.Next(6)).Select(slot => Account(head, slot, asOf, (byte)random.Next(256)));
        var state = random.Next(2) == 0 ? null : new PartitionStateRow(asOf, new byte[] { (byte)asOf, 1 }, random.Next(2) == 0) { EventWindow = new byte[random.Next(3)] };
        var all = accounts.ToArray();
        var saved = await journal.SaveSnapshotAsync(head.Partition, head.Epoch + (random.Next(6) == 0 ? -1 : 0), all, state, default);
        trace.AppendLine(CultureInfo.InvariantCulture, $"snapshot {saved}");
    }

    private static PartitionHead[] Pick(Dictionary<int, PartitionHead> heads, Random random)
    {
        var some = heads.Values.OrderBy(h => h.Partition).Where(_ => random.Next(2) == 0).ToArray();
        return some.Length > 0 ? some : [heads[0]];
    }

    private static FrameCommit Fill(PartitionHead head, Random random)
    {
        var payload = new byte[random.Next(2000)];
        random.NextBytes(payload);
        var frame = Frame(head, payload, 202600 + 1 + (int)Math.Min(11, head.Seq / 8));
        var rows = Enumerable.Range(0, random.Next(5)).Select(i => Row(frame, RowTables.Written[random.Next(RowTables.Written.Count)], i,
            head.Seq * 50 + i + random.Next(2), $"C-{random.Next(4)}", $"O-{random.Next(9)}", random.Next(2) == 0 ? "a" : "b", random.Next(3)) with { GoesOut = random.Next(2) == 0 });
        return frame with
        {
            Rows = [.. rows],
            Messages = random.Next(3) == 0 ? [new MessageRow(head.Partition, random.Next(Partitions), frame.Seq, payload)] : [],
            Parties = random.Next(3) == 0 ? [($"C-{random.Next(4)}", $"name {random.Next(99)} Größe")] : [],
        };
    }

    private static async Task AppendContentAsync(IJournalReader reader, StringBuilder text)
    {
        for (var id = -1; id < Partitions; id++)
        {
            await foreach (var f in reader.FramesAsync(id, 0, long.MaxValue, default))
                Line($"{f.Partition}/{f.Seq} {f.Epoch} {f.Period} {f.Crc} {Convert.ToHexString(f.Payload)}");
            await foreach (var a in reader.AccountsAsync(id, default))
                Line($"{a.Partition}/{a.Slot} {a.Customer} {a.Epoch} {a.AsOfSeq} {a.Checksum} {a.Report} {Convert.ToHexString(a.State.Span)}");
            if (await reader.StateAsync(id, default) is { } state) Line($"{state.SnapshotSeq} {Convert.ToHexString(state.Bytes.Span)} {Convert.ToHexString(state.EventWindow.Span)}");
            for (var receiver = 0; receiver < Partitions; receiver++)
            {
                foreach (var m in await reader.MessagesAsync(id, receiver, 0, 1000, default))
                    Line($"{m.Sender}>{m.Receiver} {m.Number} {Convert.ToHexString(m.Body)}");
            }
        }

        foreach (var table in RowTables.All)
        {
            foreach (var r in await reader.RowsAsync(new RowQuery { Table = table, Limit = 1000 }, default))
                Line($"{r.Table} {r.Partition}/{r.Seq}/{r.Index}/{r.Ordinal} {r.Customer} {r.Subject} {r.Kind} {r.At} {r.Key} {r.GoesOut} {Encoding.UTF8.GetString(r.Body.Span)}");
        }

        foreach (var (customer, name) in (await reader.PartyNamesAsync(["C-0", "C-1", "C-2", "C-3"], default)).OrderBy(p => p.Key, StringComparer.Ordinal))
            Line($"{customer} {name}");

        void Line(FormattableString line) => text.AppendLine(FormattableString.Invariant(line));
    }
}
