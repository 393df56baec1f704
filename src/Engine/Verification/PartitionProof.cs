using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>The proofs of one partition, frame by frame.</summary>
internal sealed partial class PartitionProof : IAsyncDisposable
{
    private readonly IJournalReader _reader;
    private readonly DatabaseInfo _database;
    private readonly PartitionHead _head;
    private readonly VerificationTotals _total;
    private readonly MessageProof _messages;
    private readonly LeaseProof _leases;
    private readonly Book _book;
    private readonly Replay _replay;
    private readonly RowProof _rows;
    private readonly ClosedProof _closed;
    private readonly DecisionProof _decisions;
    private readonly ReleaseProof _releases;
    private readonly HouseProof _house;
    private readonly AnchorProof _anchors;
    private readonly BalanceProof _balances;
    private readonly Dictionary<string, long> _positions = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _movedHere = new(StringComparer.Ordinal);
    private readonly List<long> _changed = [];
    private readonly ByteBuffer _buffer = new();

    /// <summary>Account rows by the frame that they stand behind: only their hashes, so that memory does not hold them all.</summary>
    private readonly Dictionary<long, List<RowDigest>> _accounts = [];
    private AccountChanges? _changes;
    private long _snapshotSeq;
    private string? _violation;

    /// <summary>The slot of a row that differs from the fold: why is looked up once the partition has its violation.</summary>
    private int? _differing;

    private PartitionProof(IJournalReader reader, DatabaseInfo database, PartitionHead head, VerificationTotals total, MessageProof messages, LeaseProof leases,
        IEnumerable<(AnchoredHead Head, Anchor Anchor)> anchored, PartitionBase? from, Book book, AccountChanges? changes)
    {
        (_reader, _database, _head, _total, _messages, _leases, _from, _book, _older) = (reader, database, head, total, messages, leases, from, book, changes);
        _rows = new RowProof(reader, head.Partition);
        _closed = new ClosedProof(head.Partition);
        _decisions = new DecisionProof(_book, total);
        _releases = new ReleaseProof(_book);
        _house = new HouseProof(reader, head.Partition);
        _anchors = new AnchorProof(head.Partition, anchored);
        _balances = new BalanceProof(slot => (_book.Unbalanced(slot, out var documents), documents), _book.CustomerAt);
        _replay = new Replay(_book, head.Partition)
        {
            Applying = (at, entry) =>
            {
                _decisions.Before(at, entry);
                _releases.Before(entry);
            },
            Applied = Look,
            Touched = Changed,
        };
    }

    private readonly record struct RowDigest(int Slot, string Customer, ulong State, int Format, ulong Report, bool ChecksumHolds);

    /// <summary>The first violation of the partition, or <c>null</c>.</summary>
    internal async Task<string?> RunAsync(CancellationToken cancel)
    {
        if (await BeginAsync(cancel) is { } begin) return begin;
        if (await SnapshotAsync(cancel) is { } snapshot) return await ExplainedAsync(snapshot, cancel);
        if (_from is { } from && (Accounts(from.Seq) ?? State(from.Seq)) is { } row) return await ExplainedAsync(row, cancel);
        if (await FramesAsync(long.MaxValue, cancel) is { } frame) return frame;
        _leases.End(_book);
        return _anchors.End(_replay.Seq) ?? _balances.End() ?? Head() ?? await _rows.EndAsync(cancel) ?? await _closed.EndAsync(_reader, cancel);
    }

    /// <summary>A row that differs from the fold, with what differs.</summary>
    private async Task<string> ExplainedAsync(string violation, CancellationToken cancel) =>
        _differing is { } slot ? $"{violation}{await RowDifference.OfAsync(_reader, _database, _book, slot, cancel)}." : violation;

    private async Task<string?> FramesAsync(long upTo, CancellationToken cancel)
    {
        await foreach (var stored in _reader.FramesAsync(_head.Partition, _from?.Seq ?? 0, upTo, cancel))
        {
            _rows.Begin();
            _replay.Apply(stored);
            _total.Frames++;
            _violation ??= _anchors.Frame(stored.Seq, _replay.Hash) ?? Moved(stored) ?? await _house.EndFrameAsync(cancel) ?? await _rows.EndFrameAsync(stored.Seq, cancel) ?? await _messages.EndFrameAsync(cancel) ?? Accounts(stored.Seq) ?? State(stored.Seq);
            if (_violation is not null) return await ExplainedAsync(_violation, cancel);
        }

        _total.Entries += _replay.Entries;
        _total.Rows += _rows.Count;
        return null;
    }

    private void Changed(int slot)
    {
        while (_changed.Count <= slot) _changed.Add(0);
        _changed[slot] = _replay.Seq;
    }

    private void Look(EntryPosition at, Entry entry, Outcome outcome, IReadOnlyList<Effect> effects)
    {
        if (_violation is not null) return;
        _rows.Entry(at, entry.Fact, outcome, effects, _book);
        _house.Entry(at, entry.Fact);
        _violation = Position(at, entry) ?? _decisions.After(at, entry, effects) ?? _releases.After(at, entry, effects) ?? _balances.Entry(at, _book.Touched) ?? _messages.Entry(at, entry.Fact, effects) ?? LeaseProof.Entry(at, _book, effects);
        _closed.Entry(entry.Fact, outcome, effects, _book.EventClock);
    }

    /// <summary>I1: of each stream an offset is taken once, and never backwards.</summary>
    private string? Position(EntryPosition at, Entry entry)
    {
        if (!entry.Fact.Position.IsKnown) return null;
        var (stream, offset) = (entry.Fact.Position.Stream!, entry.Fact.Position.Offset);
        _movedHere[stream] = offset;
        var last = _positions.TryGetValue(stream, out var known) ? known : long.MinValue;
        if (offset > last) _positions[stream] = offset;
        else if (entry.Outcome != OutcomeKind.Duplicate) return $"Entry {at}, customer '{entry.Customer}': offset {offset} of '{stream}' was taken before.";
        return null;
    }

    /// <summary>I1: the positions that a frame says it moved are those of its entries, all of them and no others.</summary>
    private string? Moved(StoredFrame stored)
    {
        var told = FrameCodec.Read(stored.Payload).Moved;
        foreach (var (stream, offset) in told)
        {
            if (!_movedHere.Remove(stream, out var last) || last != offset)
                return $"Partition {_head.Partition}, frame {stored.Seq}: the position of '{stream}' is {offset}, no entry came so far.";
            if (_book.Positions.GetValueOrDefault(stream) != _positions[stream])
                return $"Partition {_head.Partition}, frame {stored.Seq}: the position of '{stream}' is {_book.Positions.GetValueOrDefault(stream)}, the entries came to {_positions[stream]}.";
        }

        if (_movedHere.Count == 0) return null;
        var (missing, came) = _movedHere.First();
        return $"Partition {_head.Partition}, frame {stored.Seq}: its entries came to {came} of '{missing}', which it does not say.";
    }

    private async Task<string?> SnapshotAsync(CancellationToken cancel)
    {
        var state = await _reader.StateAsync(_head.Partition, cancel);
        if (state is not null && (state.SnapshotSeq > _head.Seq || state.SnapshotSeq != _head.SnapshotSeq))
            return $"Partition {_head.Partition}: the snapshot says {state.SnapshotSeq}, the head {_head.SnapshotSeq}.";
        var accounts = 0;
        if (state is not null)
        {
            _snapshotSeq = state.SnapshotSeq;
            _changes = AccountChanges.Read(state.Bytes, out var rest);
            (_stateHash, _stateFormat) = (Hashing.XxHash64(rest.Span), Book.FormatOf(rest.Span));
            accounts = _changes.Accounts;
        }

        var next = 0;
        await foreach (var row in _reader.AccountsAsync(_head.Partition, cancel))
        {
            _total.Accounts++;
            if (row.AsOfSeq > _head.Seq) return $"Partition {_head.Partition}: the row of customer '{row.Customer}' is of sequence {row.AsOfSeq}, the journal ends at {_head.Seq}.";
            if (row.Slot < accounts && row.Slot != next) return $"Partition {_head.Partition}: the row of slot {next} is missing.";
            next = row.Slot + 1;
            if (_changes is not null && row.Slot < accounts && !_changes.Holds(row.Slot, row.AsOfSeq))
                return $"Partition {_head.Partition}, sequence {row.AsOfSeq}: the row of customer '{row.Customer}' is behind what the snapshot of {_snapshotSeq} needs.";
            if (_from is not null && row.AsOfSeq < _from.Seq)
            {
                if (Older(row) is { } wrong) return wrong;
                continue;
            }

            if (!_accounts.TryGetValue(row.AsOfSeq, out var due)) _accounts[row.AsOfSeq] = due = [];
            var hash = Hashing.XxHash64(row.State.Span);
            due.Add(new RowDigest(row.Slot, row.Customer, hash, Book.FormatOf(row.State.Span), Hashing.Text(row.Report, 0), hash == row.Checksum));
        }

        return next < accounts ? $"Partition {_head.Partition}: the row of slot {next} is missing." : null;
    }

    private ulong _stateHash;
    private int _stateFormat;

    /// <summary>I3: a row holds the fold at its sequence, byte for byte (compared by hash), and its report follows from it.</summary>
    private string? Accounts(long seq)
    {
        if (!_accounts.Remove(seq, out var due)) return null;
        foreach (var row in due)
        {
            var where = $"Partition {_head.Partition}, sequence {seq}: the row of customer '{row.Customer}'";
            if (!row.ChecksumHolds) return $"{where} fails its checksum.";
            if (row.Slot >= _book.AccountCount || _book.CustomerAt(row.Slot) != row.Customer) return $"{where} stands in slot {row.Slot}, which is not his.";
            _buffer.Clear();
            // In the format of the row: what an earlier release wrote is right for as long as nobody writes it anew.
            if (row.Format > 0) _book.WriteAccount(row.Slot, _buffer, row.Format);
            if (Hashing.XxHash64(_buffer.Written) != row.State)
            {
                _differing = row.Slot;
                return $"{where} differs from the fold";
            }

            if (Hashing.Text(AccountReport.Of(_book.Figures(row.Slot), _book.Today), 0) != row.Report) return $"{where} reports other figures than its state holds.";
        }

        return null;
    }

    /// <summary>The partition state of the snapshot is the fold at its sequence, and knows each account's last change.</summary>
    private string? State(long seq)
    {
        if (_changes is null || seq != _snapshotSeq) return null;
        _buffer.Clear();
        if (_stateFormat > 0) _book.WriteState(_buffer, _stateFormat);
        if (Hashing.XxHash64(_buffer.Written) != _stateHash) return $"Partition {_head.Partition}, sequence {seq}: the partition state differs from the fold.";
        if (_changes.Accounts != _book.AccountCount) return $"Partition {_head.Partition}, sequence {seq}: the snapshot knows {_changes.Accounts} accounts, the fold {_book.AccountCount}.";
        for (var slot = 0; slot < _changed.Count; slot++)
            if (_changed[slot] > 0 && _changes.Holds(slot, _changed[slot] - 1)) return $"Partition {_head.Partition}, sequence {seq}: customer '{_book.CustomerAt(slot)}' changed in {_changed[slot]}, the snapshot says before.";
        return null;
    }

    private string? Head()
    {
        if (Math.Max(0, _replay.Seq) != _head.Seq) return $"Partition {_head.Partition}: the frames end at {Math.Max(0, _replay.Seq)}, the head says {_head.Seq}.";
        if (_head.Seq > 0 && !_replay.Hash.AsSpan().SequenceEqual(_head.HeadHash)) return $"Partition {_head.Partition}: the head hash differs from the newest frame.";
        return _accounts.Count > 0 ? $"Partition {_head.Partition}: account rows stand behind frames that are not there." : null;
    }

    public async ValueTask DisposeAsync()
    {
        await _rows.DisposeAsync();
        await _house.DisposeAsync();
    }
}
