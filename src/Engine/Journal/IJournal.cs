namespace ExposureMonitor.Engine;

/// <summary>
/// The seam to durable storage: epochs, sequences, frames, positions and rows; nothing of a driver shows through.
/// One instance per process and database. One caller at a time for opening and committing; a snapshot may be written beside
/// a commit, and <see cref="IJournalReader"/> is safe from any thread.
/// </summary>
/// <remarks>
/// Errors sort by cause: a refusal or a fence miss is a value of <see cref="CommitResult"/>; broken I/O outside of a
/// commit throws <see cref="JournalUnavailableException"/>; misuse throws <see cref="InvalidOperationException"/>.
/// </remarks>
public interface IJournal : IAsyncDisposable
{
    /// <summary>What the database was created with.</summary>
    DatabaseInfo Database { get; }

    /// <summary>
    /// Takes a partition over: bumps its epoch, commits, and only then reads. With <paramref name="expectedEpoch"/>
    /// (after an unknown commit) the bump happens only if that epoch still stands.
    /// </summary>
    /// <returns>The head, or <c>null</c> when <paramref name="expectedEpoch"/> no longer stands: somebody else owns it.</returns>
    ValueTask<PartitionHead?> OpenAsync(int partition, long? expectedEpoch, CancellationToken cancel);

    /// <summary>
    /// Commits frames of one or more partitions with their rows in ONE transaction whose last statement is the fence.
    /// </summary>
    ValueTask<CommitResult> CommitAsync(IReadOnlyList<FrameCommit> frames, CancellationToken cancel);

    /// <summary>
    /// Writes account rows, and partition state when given, under the fence: nothing is written unless the epoch is
    /// still <paramref name="epoch"/> and every as-of sequence is at most <c>partition.seq</c>. False when fenced.
    /// </summary>
    ValueTask<bool> SaveSnapshotAsync(int partition, long epoch, IReadOnlyList<AccountRow> accounts, PartitionStateRow? state, CancellationToken cancel);

    /// <summary>
    /// Whether the lock of the database names this process as the only owner; a lock that was lost with its connection is
    /// taken again first. Where several processes share the database it names nobody, and the answer is no.
    /// </summary>
    ValueTask<bool> OwnsAsync(CancellationToken cancel);

    /// <summary>Reads from any thread, for what decides: recovery, keys, closed documents, messages.</summary>
    IJournalReader Reader { get; }

    /// <summary>
    /// Reads for people: lists, histories, the past. Where sessions are counted they are others than those of
    /// <see cref="Reader"/>, so that no report takes the place of a decision.
    /// </summary>
    IJournalReader Reports => Reader;
}

/// <summary>Reads that never change anything and never bump an epoch. Safe from any thread.</summary>
public interface IJournalReader
{
    /// <summary>Heads of all partitions, in id order; the house is partition −1 and comes first.</summary>
    ValueTask<IReadOnlyList<PartitionHead>> HeadsAsync(CancellationToken cancel);

    /// <summary>The newest partition state, or <c>null</c> before the first snapshot.</summary>
    ValueTask<PartitionStateRow?> StateAsync(int partition, CancellationToken cancel);

    /// <summary>Streams the account rows of a partition in slot order.</summary>
    IAsyncEnumerable<AccountRow> AccountsAsync(int partition, CancellationToken cancel);

    /// <summary>The same for recovery, which needs no report: a reader may leave it empty, and most of the bytes on the disk.</summary>
    IAsyncEnumerable<AccountRow> AccountStatesAsync(int partition, CancellationToken cancel) => AccountsAsync(partition, cancel);

    /// <summary>Streams the frames with <c>seq &gt; after</c> and <c>seq ≤ upTo</c> in sequence.</summary>
    IAsyncEnumerable<StoredFrame> FramesAsync(int partition, long after, long upTo, CancellationToken cancel);

    /// <summary>The partition in the newest sealed base, where its history begins; <c>null</c> when nothing was ever pruned.</summary>
    ValueTask<PartitionBase?> BaseAsync(int partition, CancellationToken cancel);

    /// <summary>Streams the accounts of a partition in a base, in slot order.</summary>
    IAsyncEnumerable<BaseAccount> BaseAccountsAsync(long number, int partition, CancellationToken cancel);

    /// <summary>The seal of the newest base; <c>null</c> when there is none.</summary>
    ValueTask<BaseSeal?> SealAsync(CancellationToken cancel);

    /// <summary>Rows of a table, newest first or oldest first, filtered and paged by position.</summary>
    ValueTask<IReadOnlyList<JournalRow>> RowsAsync(RowQuery query, CancellationToken cancel);

    /// <summary>Streams the rows of a table and partition with <c>seq &gt; after</c>, in the order of (sequence, index, ordinal).</summary>
    IAsyncEnumerable<JournalRow> RowsInOrderAsync(RowTable table, int partition, long after, CancellationToken cancel);

    /// <summary>Streams the identities of a partition's closed documents, by day and then in the order of their commits.</summary>
    IAsyncEnumerable<ClosedDocument> ClosedAsync(int partition, CancellationToken cancel);

    /// <summary>Those closed documents of a partition whose id hash is asked for; of two with one id the later one.</summary>
    ValueTask<IReadOnlyList<ClosedDocument>> FindClosedAsync(int partition, IReadOnlySet<ulong> ids, CancellationToken cancel);

    /// <summary>The decision that a caller's idempotency key made, or <c>null</c>. <see cref="JournalRow.Key"/> is (caller, customer, key) hashed.</summary>
    ValueTask<JournalRow?> DecisionByKeyAsync(long keyHash, CancellationToken cancel);

    /// <summary>Number of rows in a table of a partition, or of all partitions with <c>null</c>.</summary>
    ValueTask<long> CountRowsAsync(RowTable table, int? partition, CancellationToken cancel);

    /// <summary>Messages from a sender to a receiver with a number above <paramref name="after"/>, in order.</summary>
    ValueTask<IReadOnlyList<MessageRow>> MessagesAsync(int sender, int receiver, long after, int limit, CancellationToken cancel);

    /// <summary>Messages of many pairs behind a number each, of each pair in order and at most so many.</summary>
    async ValueTask<IReadOnlyList<MessageRow>> MessagesBehindAsync(IReadOnlyList<MessagePair> pairs, int limit, CancellationToken cancel)
    {
        var all = new List<MessageRow>();
        foreach (var (sender, receiver, after) in pairs) all.AddRange(await MessagesAsync(sender, receiver, after, limit, cancel));
        return all;
    }

    /// <summary>Name of a party (customers' names live here, never in frames), or <c>null</c>.</summary>
    ValueTask<string?> PartyNameAsync(string customer, CancellationToken cancel);

    /// <summary>Parties whose name contains a text, by customer; a reader that has none finds none.</summary>
    ValueTask<IReadOnlyDictionary<string, string>> FindPartiesAsync(string text, int limit, CancellationToken cancel) =>
        new(new Dictionary<string, string>());

    /// <summary>Names of many parties at once; customers without a name are left out.</summary>
    ValueTask<IReadOnlyDictionary<string, string>> PartyNamesAsync(IReadOnlyCollection<string> customers, CancellationToken cancel);
}

/// <summary>What a database was created with; it never changes afterwards, but for <see cref="WasServed"/>.</summary>
/// <param name="EnvironmentId">Random id of the installation, so that two environments are never mixed up.</param>
/// <param name="BaseCurrency">ISO 4217 code.</param>
/// <param name="Partitions">Number of partitions that own customers; the house comes on top.</param>
/// <param name="ClockMode"><c>wall</c> or <c>events</c>, as created; the switch to wall is journaled.</param>
/// <param name="TimeZone">IANA time zone of the credit control.</param>
/// <param name="WasServed">A service has run on it before: offline commands then need <c>--offline</c>.</param>
public sealed record DatabaseInfo(string EnvironmentId, string BaseCurrency, int Partitions, string ClockMode, string TimeZone, bool WasServed);

/// <summary>The row of the fence.</summary>
/// <param name="HeadHash">SHA-256 of the newest frame, 32 bytes; zeros before the first.</param>
/// <param name="SnapshotSeq">Recovery starts here; 0 before the first snapshot.</param>
public sealed record PartitionHead(int Partition, long Epoch, long Seq, byte[] HeadHash, long SnapshotSeq);

/// <summary>One frame to commit, with the rows of its transaction.</summary>
public sealed record FrameCommit
{
    public required int Partition { get; init; }

    public required long Epoch { get; init; }

    /// <summary>The sequence that this frame gets; the fence demands that <c>partition.seq</c> is one less.</summary>
    public required long Seq { get; init; }

    /// <summary>Hash of the frame before; the fence compares it.</summary>
    public required byte[] PreviousHash { get; init; }

    /// <summary>SHA-256 of this frame.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>Month of the newest arrival in the frame as <c>yyyymm</c>; never falls within a partition.</summary>
    public required int Period { get; init; }

    public required ReadOnlyMemory<byte> Payload { get; init; }

    public required uint Crc { get; init; }

    public IReadOnlyList<JournalRow> Rows { get; init; } = [];

    public IReadOnlyList<MessageRow> Messages { get; init; } = [];

    /// <summary>Names that became known: (customer, name).</summary>
    public IReadOnlyList<(string Customer, string Name)> Parties { get; init; } = [];

    /// <summary>Documents that left the memory.</summary>
    public IReadOnlyList<ClosedDocument> Closed { get; init; } = [];

    /// <summary>Closed documents of days before this one (day number) are forgotten; 0 forgets none.</summary>
    public int ForgetClosedBefore { get; init; }
}

/// <summary>What became of a commit.</summary>
public enum CommitStatus
{
    /// <summary>Durable.</summary>
    Committed,

    /// <summary>The database answered with an error and rolled back; the same frames may be sent again.</summary>
    RolledBack,

    /// <summary>The database refused the content of a row (constraint, encoding): sending it again cannot help.</summary>
    Refused,

    /// <summary>At least one fence missed; <see cref="CommitResult.Missed"/> says which and why.</summary>
    Fenced,

    /// <summary>The connection broke; it may or may not have committed. Reopen.</summary>
    Unknown,
}

/// <summary>Why the fence of a partition missed.</summary>
/// <param name="EpochNow">Epoch in the database: higher than ours means another owner.</param>
/// <param name="SeqNow">Sequence in the database.</param>
/// <param name="HashEqual">The head hash is still ours.</param>
public sealed record FenceMiss(int Partition, long EpochNow, long SeqNow, bool HashEqual);

/// <summary>Outcome of a commit; a value, never an exception.</summary>
public sealed record CommitResult(CommitStatus Status, IReadOnlyList<FenceMiss> Missed, string? Detail = null)
{
    public static CommitResult Committed { get; } = new(CommitStatus.Committed, []);
}

/// <summary>A frame as it stands in the journal.</summary>
public sealed record StoredFrame(int Partition, long Seq, long Epoch, int Period, byte[] Payload, uint Crc);

/// <summary>A message from one partition to another, numbered per pair.</summary>
public sealed record MessageRow(int Sender, int Receiver, long Number, byte[] Body);

/// <summary>A pair of partitions, and the newest message that the receiver has taken.</summary>
public readonly record struct MessagePair(int Sender, int Receiver, long After);

/// <summary>Which rows, in which order, from where.</summary>
public sealed record RowQuery
{
    public required RowTable Table { get; init; }

    public string? Customer { get; init; }

    public string? Subject { get; init; }

    public string? Kind { get; init; }

    /// <summary>One partition, or all with <c>null</c>.</summary>
    public int? Partition { get; init; }

    /// <summary>Rows strictly behind this position in the chosen order (order: at, partition, seq, index, ordinal).</summary>
    public RowCursor? After { get; init; }

    public bool NewestFirst { get; init; } = true;

    /// <summary>At most 1,000.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>Place of a row in the total order of its table.</summary>
public readonly record struct RowCursor(long At, int Partition, long Seq, int Index, int Ordinal);

/// <summary>Snapshot and report of one account.</summary>
public sealed record AccountRow
{
    public required int Partition { get; init; }

    public required int Slot { get; init; }

    public required string Customer { get; init; }

    public required long Epoch { get; init; }

    /// <summary>Every entry of the account up to this sequence is inside.</summary>
    public required long AsOfSeq { get; init; }

    /// <summary>Canonical state of the account.</summary>
    public required ReadOnlyMemory<byte> State { get; init; }

    /// <summary>XXH64 of <see cref="State"/>.</summary>
    public required ulong Checksum { get; init; }

    /// <summary>Figures for reports and outside tools as JSON: exposure by component, limit, utilisation, overdue, risk state.</summary>
    public required string Report { get; init; }
}

/// <summary>What follows from entries and is no account: today, rates, policies, slots, positions.</summary>
/// <param name="SnapshotSeq">Moves <c>partition.snapshot_seq</c>, in the same transaction, when <paramref name="MovesSnapshot"/>.</param>
public sealed record PartitionStateRow(long SnapshotSeq, ReadOnlyMemory<byte> Bytes, bool MovesSnapshot = true)
{
    /// <summary>The window of event ids as of the state, behind its checksum; empty where a release before wrote none.</summary>
    public ReadOnlyMemory<byte> EventWindow { get; init; }
}

/// <summary>The database cannot be reached or does not answer; nothing was changed by the call.</summary>
public sealed class JournalUnavailableException : Exception
{
    public JournalUnavailableException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    public JournalUnavailableException() : this("The journal cannot be reached.")
    {
    }

    public JournalUnavailableException(string message) : this(message, null)
    {
    }
}
