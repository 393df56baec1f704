using System.Security.Cryptography;
using System.Text;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage.Tests;

/// <summary>Frames and rows as the engine would send them.</summary>
internal static class Samples
{
    public static DatabaseInfo Creation(int partitions = 3) => new("env-1", "EUR", partitions, "wall", "Europe/Berlin", false);

    /// <summary>The frame after a head; its hash follows from what it holds and from its predecessor.</summary>
    public static FrameCommit Frame(PartitionHead head, byte[]? payload = null, int period = 202601)
    {
        payload ??= Encoding.UTF8.GetBytes($"frame {head.Partition}/{head.Seq + 1}");
        return new FrameCommit
        {
            Partition = head.Partition,
            Epoch = head.Epoch,
            Seq = head.Seq + 1,
            PreviousHash = head.HeadHash,
            Hash = SHA256.HashData([.. head.HeadHash, .. payload]),
            Period = period,
            Payload = payload,
            Crc = 0xFFFF_FFF0u + (uint)(payload.Length % 16),
        };
    }

    public static PartitionHead After(PartitionHead head, FrameCommit frame) => head with { Seq = frame.Seq, HeadHash = frame.Hash };

    public static JournalRow Row(
        FrameCommit frame, RowTable table, int index, long at, string customer = "C-1", string subject = "O-1", string kind = "made",
        long key = 0, string? body = null) => new()
        {
            Table = table,
            Partition = frame.Partition,
            Seq = frame.Seq,
            Index = index,
            Ordinal = 0,
            Customer = customer,
            Subject = subject,
            Kind = kind,
            At = at,
            Key = key,
            Body = Encoding.UTF8.GetBytes(body ?? $$"""{"n": {{index}},  "name":"Müller 北京"}"""),
        };

    public static AccountRow Account(PartitionHead head, int slot, long asOf, byte fill = 1) => new()
    {
        Partition = head.Partition,
        Slot = slot,
        Customer = $"C-{slot}",
        Epoch = head.Epoch,
        AsOfSeq = asOf,
        State = Enumerable.Repeat(fill, 40).ToArray(),
        Checksum = ulong.MaxValue - (ulong)slot,
        Report = $$"""{"exposure":{{fill}}}""",
    };

    public static async Task<List<T>> AllAsync<T>(this IAsyncEnumerable<T> stream)
    {
        var all = new List<T>();
        await foreach (var item in stream) all.Add(item);
        return all;
    }
}
