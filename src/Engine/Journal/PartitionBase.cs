using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ExposureMonitor.Engine;

/// <summary>
/// A partition as it stood behind one frame, written before frames up to there are pruned, and never changed: the past
/// begins here. With the bases of all other partitions it makes a base, which counts only when it is sealed.
/// </summary>
public sealed record PartitionBase
{
    /// <summary>Number of the base: 1 for the first of a database.</summary>
    public required long Number { get; init; }

    public required int Partition { get; init; }

    /// <summary>The last frame that is inside; 0 for a partition that had none.</summary>
    public required long Seq { get; init; }

    /// <summary>Epoch of that frame.</summary>
    public required long Epoch { get; init; }

    /// <summary>Hash of that frame: the first kept frame names it as the one before. Zeros before the first frame.</summary>
    public required byte[] HeadHash { get; init; }

    /// <summary>Stream time behind that frame, microseconds since 1970: the past before is not known any more.</summary>
    public required long At { get; init; }

    /// <summary>In which frame each account changed last, and the partition state: as in <see cref="PartitionStateRow"/>.</summary>
    public required ReadOnlyMemory<byte> State { get; init; }

    /// <summary>The window of event ids, whose entries may lie in frames that go.</summary>
    public required ReadOnlyMemory<byte> Window { get; init; }

    /// <summary>What a proof remembers at this place: keys, grace, signals, closed documents, what the house told.</summary>
    public required ReadOnlyMemory<byte> Proof { get; init; }

    /// <summary>SHA-256 over the rows and messages of the partition up to here, which stay when their frames go.</summary>
    public required byte[] RowsDigest { get; init; }

    /// <summary>Number of accounts.</summary>
    public required int Accounts { get; init; }

    /// <summary>SHA-256 over the accounts in the order of their slots (<see cref="AccountsDigest"/>).</summary>
    public required byte[] AccountsHash { get; init; }

    /// <summary>SHA-256 over all of the above and the digest of the partition in the base before.</summary>
    public required byte[] Digest { get; init; }

    /// <summary>The digest in the base before; zeros in the first.</summary>
    public required byte[] Previous { get; init; }

    /// <summary>What <see cref="Digest"/> has to be.</summary>
    public byte[] ComputeDigest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> numbers = stackalloc byte[40];
        BinaryPrimitives.WriteInt64BigEndian(numbers, Number);
        BinaryPrimitives.WriteInt32BigEndian(numbers[8..], Partition);
        BinaryPrimitives.WriteInt64BigEndian(numbers[12..], Seq);
        BinaryPrimitives.WriteInt64BigEndian(numbers[20..], Epoch);
        BinaryPrimitives.WriteInt64BigEndian(numbers[28..], At);
        BinaryPrimitives.WriteInt32BigEndian(numbers[36..], Accounts);
        hash.AppendData(numbers);
        foreach (var part in (ReadOnlySpan<byte[]>)[Previous, HeadHash, RowsDigest, AccountsHash, SHA256.HashData(State.Span), SHA256.HashData(Window.Span), SHA256.HashData(Proof.Span)])
            hash.AppendData(part);
        return hash.GetHashAndReset();
    }
}

/// <summary>An account of a base.</summary>
/// <param name="State">Canonical state, as in <see cref="AccountRow.State"/>.</param>
public sealed record BaseAccount(int Slot, string Customer, ReadOnlyMemory<byte> State);

/// <summary>What makes the bases of all partitions count: written last, in one transaction with nothing else.</summary>
/// <param name="Number">Number of the base.</param>
/// <param name="Before">Months of the journal before this one (<c>yyyymm</c>) may go.</param>
/// <param name="WrittenAt">When, microseconds since 1970 on the wall clock.</param>
/// <param name="Digest">SHA-256 over the digests of its partitions in id order, the house first; what an anchor holds of it.</param>
public sealed record BaseSeal(long Number, int Before, long WrittenAt, byte[] Digest)
{
    /// <summary>What <see cref="Digest"/> has to be.</summary>
    public static byte[] DigestOf(IEnumerable<PartitionBase> partitions)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var partition in partitions.OrderBy(p => p.Partition)) hash.AppendData(partition.Digest);
        return hash.GetHashAndReset();
    }
}

/// <summary>The digest over accounts, one by one.</summary>
public sealed class AccountsDigest : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Accounts so far.</summary>
    public int Count { get; private set; }

    /// <summary>Takes the next account.</summary>
    public void Add(BaseAccount account)
    {
        var customer = Encoding.UTF8.GetBytes(account.Customer);
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteInt32BigEndian(head, account.Slot);
        BinaryPrimitives.WriteInt32BigEndian(head[4..], customer.Length);
        BinaryPrimitives.WriteInt32BigEndian(head[8..], account.State.Length);
        _hash.AppendData(head);
        _hash.AppendData(customer);
        _hash.AppendData(account.State.Span);
        Count++;
    }

    /// <summary>The digest of all that was added.</summary>
    public byte[] End() => _hash.GetHashAndReset();

    public void Dispose() => _hash.Dispose();
}
