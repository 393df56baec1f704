using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ExposureMonitor.Engine;

/// <summary>Why an anchor was written.</summary>
public enum AnchorReason
{
    /// <summary>A service began; the heads are those that it found.</summary>
    Start,

    /// <summary>The interval passed and something had moved.</summary>
    Interval,

    /// <summary>The service ended.</summary>
    Stop,

    /// <summary>A base was written, before frames were pruned.</summary>
    Base,

    /// <summary>Somebody accepted a database that was behind its anchors; what they said before counts no longer.</summary>
    Restored,
}

/// <summary>The newest frame of a partition as an anchor holds it.</summary>
/// <param name="Partition">Id of the partition; −1 is the house.</param>
/// <param name="Hash">SHA-256 of the frame, as in <see cref="PartitionHead.HeadHash"/>.</param>
public sealed record AnchoredHead(int Partition, long Epoch, long Seq, byte[] Hash);

/// <summary>The newest base as an anchor holds it.</summary>
/// <param name="Digest">As in <see cref="BaseSeal.Digest"/>.</param>
public sealed record AnchoredBase(long Number, byte[] Digest);

/// <summary>
/// What stood in the journal at a moment, kept outside of the database: a chain of hashes alone cannot show that its tail
/// was cut. Written as a line of JSON, a tab and the signature of the JSON.
/// </summary>
/// <param name="Environment">The database that it is of (<see cref="DatabaseInfo.EnvironmentId"/>).</param>
/// <param name="Number">From 1, without gaps.</param>
/// <param name="Previous">SHA-256 of the line before; zeros for the first.</param>
/// <param name="IsWhole">The heads are those of all partitions, not only of those that moved.</param>
/// <param name="Base">Where the past begins, in anchors that are whole; <c>null</c> when nothing was pruned.</param>
public sealed record Anchor(string Environment, long Number, DateTimeOffset At, AnchorReason Reason, byte[] Previous, bool IsWhole,
    IReadOnlyList<AnchoredHead> Heads, AnchoredBase? Base = null)
{
    private const int Format = 1;

    /// <summary>The line of the anchor, signed with ECDSA over SHA-256; without its end.</summary>
    public string ToLine(ECDsa key)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("environment", Environment);
            json.WriteNumber("number", Number);
            json.WriteString("at", At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("reason", NameOf(Reason));
            json.WriteString("previous", Convert.ToHexStringLower(Previous));
            json.WriteBoolean("whole", IsWhole);
            json.WriteStartArray("heads");
            foreach (var head in Heads)
            {
                json.WriteStartArray();
                json.WriteNumberValue(head.Partition);
                json.WriteNumberValue(head.Epoch);
                json.WriteNumberValue(head.Seq);
                json.WriteStringValue(Convert.ToHexStringLower(head.Hash));
                json.WriteEndArray();
            }

            json.WriteEndArray();
            if (Base is not null)
            {
                json.WriteStartObject("base");
                json.WriteNumber("number", Base.Number);
                json.WriteString("digest", Convert.ToHexStringLower(Base.Digest));
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        var text = buffer.ToArray();
        return Encoding.UTF8.GetString(text) + "\t" + Convert.ToBase64String(key.SignData(text, HashAlgorithmName.SHA256));
    }

    /// <summary>Reads a line back; with a key its signature is checked too.</summary>
    /// <exception cref="InvalidDataException">It is no anchor, or was not signed with that key.</exception>
    public static Anchor Parse(string line, ECDsa? publicKey)
    {
        var tab = line.IndexOf('\t', StringComparison.Ordinal);
        if (tab < 0) throw new InvalidDataException("the line has no signature");
        try
        {
            if (publicKey?.VerifyData(Encoding.UTF8.GetBytes(line[..tab]), Convert.FromBase64String(line[(tab + 1)..]), HashAlgorithmName.SHA256) == false)
                throw new InvalidDataException("its signature is not that of the key");
            using var document = JsonDocument.Parse(line[..tab]);
            var root = document.RootElement;
            if (root.GetProperty("format").GetInt32() is var format && format != Format)
                throw new InvalidDataException($"format {format} is unknown to this version");
            return new Anchor(root.GetProperty("environment").GetString()!, root.GetProperty("number").GetInt64(),
                DateTimeOffset.Parse(root.GetProperty("at").GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                ReasonOf(root.GetProperty("reason").GetString()!), Convert.FromHexString(root.GetProperty("previous").GetString()!),
                root.GetProperty("whole").GetBoolean(),
                [.. root.GetProperty("heads").EnumerateArray().Select(h => new AnchoredHead(h[0].GetInt32(), h[1].GetInt64(), h[2].GetInt64(),
                    Convert.FromHexString(h[3].GetString()!)))],
                root.TryGetProperty("base", out var told) ? new AnchoredBase(told.GetProperty("number").GetInt64(), Convert.FromHexString(told.GetProperty("digest").GetString()!)) : null);
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new InvalidDataException($"it is no anchor: {wrong.Message}", wrong);
        }
    }

    /// <summary>What the next anchor holds of this line.</summary>
    public static byte[] HashOf(string line) => SHA256.HashData(Encoding.UTF8.GetBytes(line));

    private static string NameOf(AnchorReason reason) => reason switch
    {
        AnchorReason.Start => "start",
        AnchorReason.Interval => "interval",
        AnchorReason.Stop => "stop",
        AnchorReason.Base => "base",
        _ => "restored",
    };

    private static AnchorReason ReasonOf(string name) => name switch
    {
        "start" => AnchorReason.Start,
        "interval" => AnchorReason.Interval,
        "stop" => AnchorReason.Stop,
        "base" => AnchorReason.Base,
        "restored" => AnchorReason.Restored,
        _ => throw new FormatException($"the reason '{name}' is unknown"),
    };
}
