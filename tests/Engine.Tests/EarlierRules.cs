using System.Globalization;
using ExposureMonitor.Domain;
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
            for (var i = 0; i < frame.Entries.Count; i++)
            {
                var (at, effects) = (new EntryPosition(0, stored.Seq, i), new EffectBuffer());
                PartitionMachine.Apply(then, again.Entries[i].Fact, at, new EffectBuffer(), frame.MachineVersion);
                PartitionMachine.Apply(now, frame.Entries[i].Fact, at, effects);
                told.AddRange(effects.Effects.OfType<SignalChanged>());
            }
        }

        // The step of 70 % was crossed.
        Assert.Equal((7_507, 7_000, 6_825), Assert.Single(told.Where(s => s is { Indicator: "EW-30", State: SignalChanged.Raised }).Select(s => (s.Value, s.Threshold, s.Moved))));
        Assert.Equal(["EW-05", "EW-06", "EW-22"], told.Where(s => s.State == SignalChanged.LateCorrection).Select(s => s.Indicator).Order(StringComparer.Ordinal));
        Assert.Equal(Bytes(then), Bytes(now));
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
