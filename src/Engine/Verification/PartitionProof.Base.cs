using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>A proof that begins at a base, and one that ends at the place of the next.</summary>
internal sealed partial class PartitionProof
{
    private readonly PartitionBase? _from;

    /// <summary>When the accounts of the base changed last.</summary>
    private readonly AccountChanges? _older;

    /// <summary>Begins at the partition's base, or at its first frame.</summary>
    /// <exception cref="JournalBrokenException">The base is not what its digests say.</exception>
    internal static async Task<PartitionProof> StartAsync(IJournalReader reader, DatabaseInfo database, PartitionHead head, VerificationTotals total, MessageProof messages, LeaseProof leases,
        IEnumerable<(AnchoredHead Head, Anchor Anchor)> anchored, CancellationToken cancel)
    {
        var from = await BaseReading.FindAsync(reader, head, cancel);
        if (from is null) return new PartitionProof(reader, database, head, total, messages, leases, anchored, null, Partition.NewBook(head.Partition, database), null);
        var (book, changes) = await BaseReading.BookAsync(reader, database, from, cancel);
        return new PartitionProof(reader, database, head, total, messages, leases, anchored, from, book, changes);
    }

    /// <summary>Everything that frames up to a sequence prove: what has to hold before a base is written there.</summary>
    internal async Task<string?> RunUpToAsync(long seq, CancellationToken cancel) =>
        await BeginAsync(cancel) ?? await FramesAsync(seq, cancel) ?? _balances.End()
        ?? (Math.Max(0, _replay.Seq) == seq ? null : $"Partition {_head.Partition}: the frames end at {Math.Max(0, _replay.Seq)}, before {seq}.");

    /// <summary>The partition where the proof stands, as a base keeps it; its accounts go to <paramref name="write"/>, some at a time.</summary>
    /// <param name="houseSeq">Where the base of the house stands.</param>
    internal async Task<PartitionBase> ToBaseAsync(long number, long houseSeq, Func<IReadOnlyList<BaseAccount>, Task> write, CancellationToken cancel)
    {
        const int Chunk = 1_000;
        using var digest = new AccountsDigest();
        var accounts = new List<BaseAccount>(Chunk);
        for (var slot = 0; slot < _book.AccountCount; slot++)
        {
            _buffer.Clear();
            _book.WriteAccount(slot, _buffer);
            var account = new BaseAccount(slot, _book.CustomerAt(slot), _buffer.Written.ToArray());
            digest.Add(account);
            accounts.Add(account);
            if (accounts.Count < Chunk && slot + 1 < _book.AccountCount) continue;
            await write(accounts);
            accounts.Clear();
        }

        var changes = new AccountChanges();
        for (var slot = 0; slot < _book.AccountCount; slot++) changes.Note(slot, slot < _changed.Count ? _changed[slot] : 0);
        var (state, window, proof) = (new ByteBuffer(), new ByteBuffer(), new ByteBuffer());
        changes.Write(state);
        _book.WriteState(state);
        _book.WriteWindow(window);
        await WriteProofAsync(proof, houseSeq, cancel);
        var made = new PartitionBase
        {
            Number = number, Partition = _head.Partition, Seq = Math.Max(0, _replay.Seq), Epoch = _replay.Epoch, HeadHash = _replay.Hash, At = _book.StreamTime.Micros,
            State = state.Written.ToArray(), Window = window.Written.ToArray(), Proof = proof.Written.ToArray(),
            RowsDigest = await BaseReading.RowsDigestAsync(_reader, _head.Partition, Math.Max(0, _replay.Seq), _book.Sent, cancel),
            Accounts = digest.Count, AccountsHash = digest.End(), Previous = _from?.Digest ?? new byte[32], Digest = [],
        };
        return made with { Digest = made.ComputeDigest() };
    }

    /// <summary>Takes up what was proved before the frames of the base went, and proves what is left of it.</summary>
    private async Task<string?> BeginAsync(CancellationToken cancel)
    {
        if (_from is not { } from) return null;
        if (_anchors.Begin(from, out var pruned) is { } other) return other;
        _total.PrunedAnchors += pruned;
        _total.PrunedFrames += from.Seq;
        _replay.Begin(from);
        for (var slot = 0; slot < _book.AccountCount; slot++)
        {
            if (_book.Unbalanced(slot, out _) is { } why) return $"{BaseReading.Name(from)}, customer '{_book.CustomerAt(slot)}': {why}";
            _changed.Add(_older!.At(slot));
        }

        foreach (var (stream, offset) in _book.Positions) _positions[stream] = offset;
        _rows.Begin(from.Seq);
        _messages.Begin(_book);
        try
        {
            ReadProof(from.Proof.Span);
        }
        catch (Exception cut) when (cut is InvalidDataException or OverflowException or ArgumentException)
        {
            return $"{BaseReading.Name(from)}: {cut.Message}";
        }

        var digest = await BaseReading.RowsDigestAsync(_reader, _head.Partition, from.Seq, _book.Sent, cancel);
        return digest.AsSpan().SequenceEqual(from.RowsDigest) ? null
            : $"{BaseReading.Name(from)}: the rows or messages of entries up to there are other ones than when their frames were pruned.";
    }

    private async Task WriteProofAsync(ByteBuffer to, long houseSeq, CancellationToken cancel)
    {
        _decisions.Write(to);
        _closed.Write(to);
        to.Signed(houseSeq);
        var told = await _house.RestAsync(houseSeq, cancel);
        to.Varint((ulong)told.Count);
        foreach (var (place, content) in told)
        {
            to.Signed(place.Seq);
            to.Signed(place.Index);
            to.Fixed64(content);
        }
    }

    private void ReadProof(ReadOnlySpan<byte> from)
    {
        var reader = new ByteReader(from);
        _decisions.Read(ref reader);
        _closed.Read(ref reader);
        var houseSeq = reader.Signed();
        var told = new List<((long Seq, int Index) Place, ulong Content)>();
        for (var left = reader.Int(); left > 0; left--) told.Add(((reader.Signed(), checked((int)reader.Signed())), reader.Fixed64()));
        _house.Begin((_book.HouseSeq, _book.HouseIndex), houseSeq, told);
        if (reader.Remaining > 0) throw new InvalidDataException("Bytes follow what the proof remembers.");
    }

    /// <summary>A row that was written before the base, of an account that has not changed since: it says what the base says.</summary>
    private string? Older(AccountRow row)
    {
        var where = $"Partition {_head.Partition}, sequence {row.AsOfSeq}: the row of customer '{row.Customer}'";
        if (Hashing.XxHash64(row.State.Span) != row.Checksum) return $"{where} fails its checksum.";
        if (row.Slot >= _book.AccountCount || _book.CustomerAt(row.Slot) != row.Customer) return $"{where} stands in slot {row.Slot}, which is not his.";
        // A row that is behind is none that recovery reads: it begins at the base then.
        if (_older!.At(row.Slot) > row.AsOfSeq) return null;
        _buffer.Clear();
        // In the format of the row: an earlier release may have written it.
        if (Book.FormatOf(row.State.Span) is > 0 and var format) _book.WriteAccount(row.Slot, _buffer, format);
        if (!_buffer.Written.IsEmpty && Book.IsUnchanged(row.State.Span, _buffer.Written)) return null;
        _differing = row.Slot;
        return $"{where} differs from base {_from!.Number}";
    }
}
