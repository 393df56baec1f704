using ExposureMonitor.Engine;

namespace ExposureMonitor.Simulation;

/// <summary>What happens to a database while no process runs: rows lost, old, cut; the tail gone.</summary>
internal sealed partial class SimulatedJournal
{
    /// <summary>Every row of every table, in the order of the commits.</summary>
    internal IReadOnlyList<JournalRow> AllRows => _rows;

    /// <summary>All frames of a partition, those that were pruned too.</summary>
    internal IReadOnlyList<StoredFrame> AllFrames(int partition) => [.. _gone.GetValueOrDefault(partition) ?? [], .. _frames[partition]];

    /// <summary>Remembers the rows as they stand, for a later <see cref="Spoil"/> to bring them back.</summary>
    internal void KeepOldRows()
    {
        lock (_gate)
            foreach (var (key, row) in _accounts) _older.TryAdd(key, row);
    }

    /// <summary>Spoils one account row; false when there is none that it could spoil.</summary>
    internal bool Spoil(Spoil how, Dice dice)
    {
        lock (_gate)
        {
            var keys = _accounts.Where(a => CanSpoil(how, a.Key, a.Value)).Select(a => a.Key).Order().ToList();
            if (keys.Count == 0) return false;
            var key = keys[dice.Below(keys.Count)];
            var row = _accounts[key];
            switch (how)
            {
                case Simulation.Spoil.Lost:
                    _accounts.Remove(key);
                    return true;
                case Simulation.Spoil.Stale:
                    _accounts[key] = _older[key];
                    return true;
                case Simulation.Spoil.Corrupt:
                    var bytes = row.State.ToArray();
                    bytes[dice.Below(bytes.Length)] ^= (byte)(1 << dice.Below(8));
                    _accounts[key] = row with { State = bytes };
                    return true;
                case Simulation.Spoil.NeverEnded:
                    // The newest rows stand there, the state that belongs to them was never written.
                    _states[row.Partition] = _olderStates[row.Partition];
                    _heads[row.Partition] = _heads[row.Partition] with { SnapshotSeq = _olderStates[row.Partition].SnapshotSeq };
                    return true;
                default:
                    _accounts[key] = row with { AsOfSeq = _heads[row.Partition].Seq + 1 };
                    return true;
            }
        }
    }

    private bool CanSpoil(Spoil how, (int, string) key, AccountRow row) => how switch
    {
        Simulation.Spoil.Stale => _older.TryGetValue(key, out var old) && old.AsOfSeq < row.AsOfSeq,
        Simulation.Spoil.NeverEnded => _olderStates.TryGetValue(row.Partition, out var state) && state.SnapshotSeq < row.AsOfSeq,
        _ => true,
    };

    /// <summary>A shorter history that is whole in itself: only what was told outside can show the loss.</summary>
    private void CutTail()
    {
        _spoiled = true;
        foreach (var (partition, frames) in _frames)
        {
            if (frames.Count < 2) continue;
            var last = frames[^1];
            frames.RemoveAt(frames.Count - 1);
            _rows.RemoveAll(r => r.Partition == partition && r.Seq == last.Seq);
            _messages.RemoveAll(m => m.Sender == partition);
            _accounts.Clear();
            _states.Clear();
            var now = frames[^1];
            _heads[partition] = _heads[partition] with { Seq = now.Seq, HeadHash = FrameCodec.Hash(partition, now.Seq, now.Epoch, now.Payload), SnapshotSeq = 0 };
        }

        foreach (var key in _decisions.Where(d => !_rows.Contains(d.Value)).Select(d => d.Key).ToList()) _decisions.Remove(key);
    }
}
