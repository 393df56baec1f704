using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Storage;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>Frames that the machine of an earlier version wrote, stored when it was the newest: each is replayed under the rules that it names.</summary>
public sealed class EarlierRules
{
    private static readonly DatabaseInfo Database = new("test", "EUR", 2, "wall", "UTC", false);

    private readonly List<StoredFrame> _stored =
    [
        .. File.ReadLines(PathOf("journal-machine-1.txt")).Where(l => !l.StartsWith('#')).Select(l => l.Split(' '))
            .Select(p => new StoredFrame(Whole(p[0]), Whole(p[1]), Whole(p[2]), Whole(p[3]), Convert.FromBase64String(p[5]), uint.Parse(p[4], CultureInfo.InvariantCulture))),
    ];

    [Fact]
    public void A_journal_of_the_first_version_replays_to_the_effects_of_then()
    {
        Assert.All(_stored, f => Assert.Equal(1, FrameCodec.ReadHead(f.Payload).MachineVersion));
        var told = Signals();
        // A rate moved the exposure, haircut included, by 68.25: told in minor units against a share.
        Assert.Equal((6_825, 500, 0), Assert.Single(told.Where(s => s is { Indicator: "EW-30", State: SignalChanged.Raised }).Select(s => (s.Value, s.Threshold, s.Moved))));
        // Each late invoice noted the same debt again, and a statement that came late was noted by nothing.
        Assert.Equal(["EW-05", "EW-06", "EW-05", "EW-06"], told.Where(s => s.State == SignalChanged.LateCorrection).Select(s => s.Indicator));
    }

    [Fact]
    public void The_same_facts_under_the_rules_of_today_say_other_things_and_leave_the_same_account()
    {
        var (then, now) = (Partition.NewBook(0, Database), Partition.NewBook(0, Database));
        var told = new List<SignalChanged>();
        foreach (var stored in _stored.Where(f => f.Partition == 0))
        {
            var frame = FrameCodec.Read(stored.Payload);
            var again = FrameCodec.Read(stored.Payload);
            then.GoBy(frame.MachineVersion);
            for (var i = 0; i < frame.Entries.Count; i++)
            {
                var (at, effects) = (new EntryPosition(0, stored.Seq, i), new EffectBuffer());
                PartitionMachine.Apply(then, again.Entries[i].Fact, at, new EffectBuffer());
                PartitionMachine.Apply(now, frame.Entries[i].Fact, at, effects);
                told.AddRange(effects.Effects.OfType<SignalChanged>());
            }
        }

        // The step of 70 % was crossed.
        Assert.Equal((7_507, 7_000, 6_825), Assert.Single(told.Where(s => s is { Indicator: "EW-30", State: SignalChanged.Raised }).Select(s => (s.Value, s.Threshold, s.Moved))));
        Assert.Equal(["EW-05", "EW-06", "EW-22"], told.Where(s => s.State == SignalChanged.LateCorrection).Select(s => s.Indicator).Order(StringComparer.Ordinal));
        Assert.Equal((1, PartitionMachine.Version), (then.Rules, now.Rules));
        then.GoBy(PartitionMachine.Version);
        Assert.Equal(Bytes(then), Bytes(now));
    }

    [Fact]
    public void A_state_of_the_first_rules_is_written_as_the_release_before_reads_it_and_one_of_later_rules_names_them()
    {
        var book = Partition.NewBook(0, Database);
        Assert.Equal((9, PartitionMachine.Version), Again(book));
        book.GoBy(1);
        Assert.Equal((8, 1), Again(book));

        static (int Format, int Rules) Again(Book book)
        {
            var bytes = new ByteBuffer();
            book.WriteState(bytes);
            var again = Partition.NewBook(0, Database);
            again.ReadState(bytes.Written.ToArray());
            return (Book.FormatOf(bytes.Written), again.Rules);
        }
    }

    [Fact]
    public async Task A_release_goes_on_by_the_rules_of_the_journal_until_somebody_raises_them_and_what_was_decided_stands()
    {
        await using var bench = await Bench.CreateAsync();
        await WriteAsync(bench);
        await bench.OpenAsync();
        Assert.Equal([1, 1, 1], Rules(bench));
        Assert.Contains("goes by rules 1", Assert.Single(bench.Engine.Notices), StringComparison.Ordinal);
        await bench.Engine.SubmitAsync(bench.Order(bench.CustomerIn(0), "O-then"));
        // The release before may go on from here.
        Assert.All(await FramesAsync(bench), f => Assert.Equal(1, f.MachineVersion));

        await bench.CloseAsync();
        bench.RaisesRules = true;
        await bench.OpenAsync();
        Assert.Equal([2, 2, 2], Rules(bench));
        Assert.Empty(bench.Engine.Notices);
        await bench.Engine.SubmitAsync(bench.Order(bench.CustomerIn(0), "O-now"));
        await bench.CloseAsync();

        // Once told they stay, from the rows as from the journal alone.
        bench.RaisesRules = false;
        await bench.OpenAsync();
        Assert.Equal([2, 2, 2], Rules(bench));
        await bench.Engine.SubmitAsync(bench.Order(bench.CustomerIn(0), "O-later"));
        await bench.CloseAsync();
        Assert.Null(await bench.VerifyAsync());
        foreach (var partition in (await FramesAsync(bench)).GroupBy(f => f.Partition))
        {
            var raised = partition.Where(f => f.Frame.Entries.Any(e => e.Fact is RulesRaised)).ToList();
            Assert.Equal((2, true), (Assert.Single(raised).MachineVersion, raised[0].Frame.Entries[0].Fact is RulesRaised { Version: 2 }));
            Assert.Equal(partition.Select(f => f.Seq < raised[0].Seq ? 1 : 2), partition.Select(f => f.MachineVersion));
        }
    }

    /// <summary>The stored journal as a database, written again under its rules: frames and rows are to the byte what they were.</summary>
    private async Task WriteAsync(Bench bench)
    {
        await using var journal = await JournalFactory.OpenWriterAsync(bench.Address, offline: true);
        var rows = new List<string>();
        foreach (var stored in _stored.GroupBy(f => f.Partition))
        {
            var partition = new Partition(stored.Key, Database) { Epoch = (await journal.OpenAsync(stored.Key, null, default))!.Epoch };
            partition.Book.GoBy(1);
            foreach (var frame in stored)
            {
                foreach (var entry in FrameCodec.Read(frame.Payload).Entries) partition.Apply(entry.Fact, keepsDecision: true);
                var written = partition.Seal();
                Assert.Equal(Convert.ToHexString(frame.Payload), Convert.ToHexString(written.Commit.Payload.Span));
                rows.AddRange(written.Commit.Rows.Select(r => $"{r.Partition} {r.Seq} {r.Index} {r.Ordinal} {r.Table} {r.Kind} {Convert.ToBase64String(r.Body.ToArray())}"));
                Assert.Equal(CommitStatus.Committed, (await journal.CommitAsync([written.Commit], default)).Status);
            }
        }

        Assert.Equal(File.ReadLines(PathOf("rows-machine-1.txt")).Where(l => !l.StartsWith('#')), rows);
    }

    private static IEnumerable<int?> Rules(Bench bench) => Enumerable.Range(Book.House, 3).Select(bench.Engine.RulesOf);

    private static async Task<List<(int Partition, long Seq, int MachineVersion, Frame Frame)>> FramesAsync(Bench bench)
    {
        await using var reader = await JournalFactory.OpenReaderAsync(bench.Address);
        var frames = new List<(int, long, int, Frame)>();
        for (var partition = Book.House; partition < Database.Partitions; partition++)
            await foreach (var stored in reader.FramesAsync(partition, 0, long.MaxValue, default))
                frames.Add((partition, stored.Seq, FrameCodec.ReadHead(stored.Payload).MachineVersion, FrameCodec.Read(stored.Payload)));
        return frames;
    }

    [Fact]
    public void A_frame_of_rules_that_are_not_known_yet_opens_no_partition()
    {
        var later = _stored[0].Payload.ToArray();
        // The header begins with format and version, a byte each.
        later[1] = (byte)(PartitionMachine.Version + 1);
        Assert.Contains("is unknown to this process", Assert.Throws<InvalidDataException>(() => FrameCodec.ReadHead(later)).Message, StringComparison.Ordinal);
    }

    private List<SignalChanged> Signals()
    {
        var told = new List<SignalChanged>();
        foreach (var partition in _stored.GroupBy(f => f.Partition))
        {
            var replay = new Replay(Partition.NewBook(partition.Key, Database), partition.Key) { Applied = (_, _, _, effects) => told.AddRange(effects.OfType<SignalChanged>()) };
            foreach (var frame in partition) replay.Apply(frame);
        }

        return told;
    }

    private static byte[] Bytes(Book book)
    {
        var bytes = new ByteBuffer();
        book.WriteState(bytes);
        for (var slot = 0; slot < book.AccountCount; slot++) book.WriteAccount(slot, bytes);
        return bytes.Written.ToArray();
    }

    private static int Whole(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    private static string PathOf(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "ExposureMonitor.sln"))) folder = folder.Parent;
        return Path.Combine(folder.FullName, "tests", "Engine.Tests", "Stored", name);
    }
}
