using System.Globalization;
using System.Security.Cryptography;

namespace ExposureMonitor.Engine;

/// <summary>
/// Writes the heads of all partitions to places outside of the database: when a service begins and ends, and every minute
/// in which something moved. Before anything is decided it compares the newest anchor with the database, so that a restored
/// backup, or a failover that lost commits, is seen and not served.
/// </summary>
public sealed class AnchorKeeper : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly IJournalReader _reader;
    private readonly string _environment;
    private readonly IReadOnlyList<AnchorPlace> _places;
    private readonly ECDsa _key;
    private readonly TimeProvider _time;
    private readonly Action<string> _tell;
    private readonly CancellationTokenSource _ending = new();
    private readonly Dictionary<int, AnchoredHead> _written = [];
    private Task _writing = Task.CompletedTask;
    private byte[] _previous = new byte[32];
    private long _number;
    private DateTimeOffset _last;
    private string? _told;

    private AnchorKeeper(IJournalReader reader, string environment, IReadOnlyList<AnchorPlace> places, ECDsa key, TimeProvider time, Action<string> tell)
    {
        (_reader, _environment, _places, _key, _time, _tell) = (reader, environment, places, key, time, tell);
    }

    /// <summary>Number of the newest anchor.</summary>
    public long Number => _number;

    /// <summary>When the newest anchor was written; the default before the first.</summary>
    public DateTimeOffset At => _last;

    /// <summary>Places that the keeper writes to.</summary>
    public int Places => _places.Count;

    /// <summary>What keeps anchors from being written, place by place; <c>null</c> when all is well. Nothing else waits for it.</summary>
    public string? Problem => _places.Any(p => p.Problem is not null)
        ? string.Join("; ", _places.Where(p => p.Problem is not null).Select(p => $"{p.Directory}: {p.Problem} ({p.Waiting} anchors wait)")) : null;

    /// <summary>Compares the newest anchors with the database, writes the first of this service, and goes on every minute.</summary>
    /// <param name="reader">Reads beside the service; stays open until the keeper has ended.</param>
    /// <param name="directories">At least one; two that do not fail together are better.</param>
    /// <param name="key">The private key: signs, and checks what is there.</param>
    /// <param name="acceptRestored">Somebody knows that the database is behind its anchors, and wants it served all the same.</param>
    /// <param name="tell">Hears in a line what an operator should know.</param>
    /// <exception cref="HistoryCutException">The database lacks or contradicts what was anchored.</exception>
    /// <exception cref="InvalidDataException">A place holds something that is no anchor of this database and key.</exception>
    public static async Task<AnchorKeeper> StartAsync(IJournalReader reader, DatabaseInfo database, IReadOnlyList<string> directories, ECDsa key,
        bool acceptRestored, TimeProvider time, Action<string> tell, CancellationToken cancel)
    {
        var keeper = new AnchorKeeper(reader, database.EnvironmentId, [.. directories.Select(d => new AnchorPlace(d))], key, time, tell);
        var behind = await keeper.CompareAsync(cancel);
        if (behind is not null && !acceptRestored) throw new HistoryCutException(behind);
        if (behind is not null) tell("accepted: " + behind);
        await keeper.WriteAsync(behind is null ? AnchorReason.Start : AnchorReason.Restored, cancel);
        keeper._writing = keeper.RunAsync(keeper._ending.Token);
        return keeper;
    }

    /// <summary>Writes the last anchor and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _writing;
        await WriteAsync(AnchorReason.Stop, CancellationToken.None);
        _ending.Dispose();
    }

    /// <summary>Anchors a base that was just sealed, and ends: no service runs meanwhile.</summary>
    /// <returns>The number of the anchor.</returns>
    /// <exception cref="HistoryCutException">The database lacks or contradicts what was anchored.</exception>
    /// <exception cref="IOException">A place could not be written.</exception>
    public static async Task<long> AnchorBaseAsync(IJournalReader reader, DatabaseInfo database, IReadOnlyList<string> directories, ECDsa key, TimeProvider time, CancellationToken cancel)
    {
        var keeper = new AnchorKeeper(reader, database.EnvironmentId, [.. directories.Select(d => new AnchorPlace(d))], key, time, static _ => { });
        if (await keeper.CompareAsync(cancel) is { } behind) throw new HistoryCutException(behind);
        await keeper.WriteAsync(AnchorReason.Base, cancel);
        keeper._ending.Dispose();
        return keeper.Problem is { } problem ? throw new IOException($"The base is not anchored: {problem}") : keeper.Number;
    }

    private async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel)) await WriteAsync(AnchorReason.Interval, cancel);
        }
        catch (OperationCanceledException)
        {
            // The end of the service writes the last one.
        }
    }

    /// <summary>Writes an anchor when something moved; the first of a service and of a day in any case, and then of all partitions.</summary>
    internal async Task WriteAsync(AnchorReason reason, CancellationToken cancel)
    {
        IReadOnlyList<PartitionHead> heads;
        BaseSeal? seal;
        try
        {
            heads = await _reader.HeadsAsync(cancel);
            seal = await _reader.SealAsync(cancel);
        }
        catch (JournalUnavailableException away)
        {
            // The next one covers what this one would have.
            Warn($"no anchor was written: {away.Message}");
            return;
        }

        var now = _time.GetUtcNow();
        var whole = reason is AnchorReason.Start or AnchorReason.Restored or AnchorReason.Base || now.UtcDateTime.Date != _last.UtcDateTime.Date;
        var moved = heads.Select(h => new AnchoredHead(h.Partition, h.Epoch, h.Seq, h.HeadHash)).Where(h => whole || !IsWritten(h)).ToList();
        if (moved.Count > 0)
        {
            var line = new Anchor(_environment, ++_number, now, reason, _previous, whole, moved, whole && seal is not null ? new AnchoredBase(seal.Number, seal.Digest) : null).ToLine(_key);
            (_previous, _last) = (Anchor.HashOf(line), now);
            foreach (var head in moved) _written[head.Partition] = head;
            foreach (var place in _places) place.Append(now, line);
        }

        foreach (var place in _places) place.Retry();
        Instruments.AnchorsWaiting = _places.Sum(p => (long)p.Waiting);
        if (Problem is { } problem) Warn(problem);
        else _told = null;
    }

    private bool IsWritten(AnchoredHead head) => _written.TryGetValue(head.Partition, out var known) && known.Seq == head.Seq && known.Epoch == head.Epoch;

    /// <summary>Each cause once, not every minute.</summary>
    private void Warn(string problem)
    {
        if (_told is not null) return;
        _told = problem;
        _tell("anchors: " + problem);
    }

    /// <summary>What the database lacks of the newest anchors, or <c>null</c>; also where the chain goes on, and what a place missed.</summary>
    private async Task<string?> CompareAsync(CancellationToken cancel)
    {
        var known = _places.Select(p => AnchorHistory.ReadNewest(p, _environment, _key)).ToList();
        var newest = known.MaxBy(h => h.Newest?.Number ?? 0)!;
        if (newest.Newest is not { } last) return null;
        (_number, _previous, _last) = (last.Number, newest.NewestHash, last.At);
        var lines = _places[known.IndexOf(newest)].Read(publicKey: null, newestFileOnly: true).ToList();
        for (var i = 0; i < _places.Count; i++)
            foreach (var missed in lines.Where(l => known[i].Newest is { } its && l.Anchor.Number > its.Number)) _places[i].Append(missed.Anchor.At, missed.Line);

        var heads = (await _reader.HeadsAsync(cancel)).ToDictionary(h => h.Partition);
        foreach (var partition in newest.Partitions)
        {
            var (head, anchor) = newest.HeadsOf(partition).Last();
            if (head.Seq == 0) continue;
            var at = string.Create(CultureInfo.InvariantCulture, $"anchor {anchor.Number} of {anchor.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z has sequence {head.Seq} of partition {partition}");
            if (!heads.TryGetValue(partition, out var now)) return $"{at}; the database has no such partition.";
            if (now.Seq < head.Seq) return $"{at}; the database ends at {now.Seq}. Commits were lost: it was restored, or failed over to a replica that was behind.";
            if (!await HasAsync(now, head, cancel)) return $"{at}; the database has another frame there. Its history was rewritten.";
        }

        return null;
    }

    private async Task<bool> HasAsync(PartitionHead now, AnchoredHead anchored, CancellationToken cancel)
    {
        if (now.Seq == anchored.Seq) return now.HeadHash.AsSpan().SequenceEqual(anchored.Hash);
        // Of a frame below the base nothing is left to compare; the base names the hash of its own.
        if (await _reader.BaseAsync(anchored.Partition, cancel) is { } from && anchored.Seq <= from.Seq)
            return anchored.Seq < from.Seq || from.HeadHash.AsSpan().SequenceEqual(anchored.Hash);
        await foreach (var frame in _reader.FramesAsync(anchored.Partition, anchored.Seq - 1, anchored.Seq, cancel))
            return FrameCodec.Hash(frame.Partition, frame.Seq, frame.Epoch, frame.Payload).AsSpan().SequenceEqual(anchored.Hash);
        return false;
    }
}

/// <summary>The database lacks or contradicts what was anchored outside of it.</summary>
public sealed class HistoryCutException : Exception
{
    public HistoryCutException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    public HistoryCutException() : this("The database is behind its anchors.")
    {
    }

    public HistoryCutException(string message) : this(message, null)
    {
    }
}
