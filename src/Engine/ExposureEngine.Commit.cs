using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>Sealing, sending, and what follows from each outcome of a commit.</summary>
public sealed partial class ExposureEngine
{
    private const int CommitTriesMax = 8;

    /// <summary>Bytes of frames from which they are packed and sent beside the loop.</summary>
    private const int PackedAside = 64 << 10;

    private readonly Tally _tally;

    /// <summary>Seals what is filled and sends it; from here on the other group fills.</summary>
    private void Send()
    {
        var (group, filled) = (_filling, Filled);
        Seal(group);
        (_filling, _inFlight) = (_inFlight, group);
#if SEEDED_BUGS
        if (SeededBug.Is("10")) foreach (var (work, _, end) in group.Works.Where(w => w.End == w.Work.Facts.Count)) work.Done.TrySetResult(work.Answers);
#endif
        if (group.Frames.Count == 0) Answer(group);
        else Send(group);
        // Beside the commit, and before anything else is applied.
        CaptureSnapshot(filled);
    }

    private void Send(CommitGroup group)
    {
        _committing = CommitAsync([.. group.Frames.Select(f => f.Commit)], group.Tries++);
        WakeAfter(_committing);
    }

    private async Task<CommitResult> CommitAsync(IReadOnlyList<FrameCommit> frames, int tries)
    {
        if (tries > 0) await Task.Delay(Backoff(tries), _time);
        var begun = _sentAt = _time.GetTimestamp();
        // Packing a large group takes longer than a change of threads, and the loop has the next one to fill.
        if (MayGoSideBySide && frames.Sum(f => (long)f.Payload.Length) > PackedAside) await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        // What ends in another exception is as little known as what the database did not answer.
        var outcome = CommitStatus.Unknown;
        try
        {
            var result = await _journal.CommitAsync(frames, CancellationToken.None);
            outcome = result.Status;
            return result;
        }
        catch (JournalUnavailableException away)
        {
            return new CommitResult(CommitStatus.Unknown, [], away.Message);
        }
        finally
        {
            var took = _time.GetElapsedTime(begun);
            Instruments.Commit.Record(took.TotalSeconds, new KeyValuePair<string, object?>("outcome", Tally.WordOf(outcome)));
            CommitTimes.Add(took);
        }
    }

    /// <summary>Doubling, with up to half of it at random, so that many processes do not come back at the same instant.</summary>
    private static TimeSpan Backoff(int tries)
    {
        var most = Math.Min(250, 10 << Math.Min(tries, 5));
        return TimeSpan.FromMilliseconds(most - Random.Shared.Next(most / 2));
    }

    private async Task FinishAsync(CancellationToken cancel)
    {
        var (group, result) = (_inFlight, await _committing!);
        _committing = null;
        switch (result.Status)
        {
            case CommitStatus.Committed:
                Settle(group.Frames);
                Answer(group);
                break;
#if SEEDED_BUGS
            case CommitStatus.Unknown when SeededBug.Is("11"):
                Settle(group.Frames);
                Answer(group);
                break;
            case CommitStatus.Unknown when SeededBug.Is("13"):
                Send(group);
                break;
#endif
            case CommitStatus.RolledBack when group.Tries < CommitTriesMax:
                // Memory stays; the same frames again.
                Send(group);
                break;
            case CommitStatus.Unknown:
                await ResolveAsync(group, group.Frames, result.Detail, cancel);
                break;
            case CommitStatus.Fenced:
                await FencedAsync(group, result, cancel);
                break;
            case CommitStatus.Refused:
                await RefusedAsync(group, result, cancel);
                break;
            default:
                await OutageAsync(result.Detail ?? "the database does not commit", cancel);
                break;
        }
    }

    /// <summary>
    /// The wire broke in the commit: every partition is opened again, and its head says whether its frame is there. If
    /// it is not, the head is still the one that the frame was decided on, and the same frame goes out under the new epoch.
    /// </summary>
    private async Task ResolveAsync(CommitGroup group, IReadOnlyList<SealedFrame> doubtful, string? detail, CancellationToken cancel)
    {
        try
        {
            List<SealedFrame> durable = [];
            foreach (var frame in doubtful.ToArray())
            {
                switch (await ReopenAsync(frame.Partition, frame, cancel))
                {
#if SEEDED_BUGS
                    case Reopened.After when SeededBug.Is("12"):
                        frame.Partition.SealAgain(frame);
                        break;
#endif
                    case Reopened.After:
                        durable.Add(frame);
                        group.Frames.Remove(frame);
                        break;
                    case Reopened.Before:
                        frame.Partition.SealAgain(frame);
                        break;
                    case Reopened.Moved:
                        group.Frames.Remove(frame);
                        await DecideAgainAsync(frame.Partition, group, cancel);
                        break;
                    default:
                        group.Frames.Remove(frame);
                        FailTouching(frame.Partition, group);
                        break;
                }
            }

            Settle(durable);
        }
        catch (JournalUnavailableException away)
        {
            await OutageAsync(detail ?? away.Message, cancel);
            return;
        }

        await ProceedAsync(group, detail, cancel);
    }

    /// <summary>
    /// A fence missed. A higher epoch means another owner: the partition is ours again only if the lock says so and the
    /// head is what we left. Anything else means that history changed behind us: closed, and nothing is guessed. The
    /// innocent partitions send their frames again, byte for byte.
    /// </summary>
    private async Task FencedAsync(CommitGroup group, CommitResult result, CancellationToken cancel)
    {
        var guilty = new List<SealedFrame>();
        foreach (var miss in result.Missed)
        {
            if (group.Frames.Find(f => f.Partition.Id == miss.Partition) is not { } frame) continue;
            if (miss.EpochNow > frame.Commit.Epoch)
            {
                guilty.Add(frame);
                continue;
            }

            Close(frame.Partition, $"fenced: the database has epoch {miss.EpochNow}, sequence {miss.SeqNow} and {(miss.HashEqual ? "our" : "another")} head; "
                + $"this process sent epoch {frame.Commit.Epoch}, sequence {frame.Commit.Seq}. History changed behind us");
            group.Frames.Remove(frame);
            FailTouching(frame.Partition, group);
        }

        await ResolveAsync(group, guilty, result.Detail, cancel);
    }

    private async Task ProceedAsync(CommitGroup group, string? detail, CancellationToken cancel)
    {
        if (group.Frames.Count == 0) Answer(group);
        else if (group.Tries < CommitTriesMax) Send(group);
        else await OutageAsync(detail ?? "the database does not commit", cancel);
    }

    /// <summary>
    /// The database refuses a content. The frames go alone: what is refused then is the partition whose record it is, and
    /// its facts are decided again one by one, until the one is found that becomes a dead letter.
    /// </summary>
    private async Task RefusedAsync(CommitGroup group, CommitResult result, CancellationToken cancel)
    {
        try
        {
            var single = group.Frames.Count == 1;
            foreach (var frame in group.Frames.ToArray())
            {
                var alone = single ? result : await CommitAsync([frame.Commit], 0);
                if (alone.Status is not (CommitStatus.Committed or CommitStatus.Refused))
                {
                    await OutageAsync(alone.Detail ?? "the database does not commit", cancel);
                    return;
                }

                group.Frames.Remove(frame);
                if (alone.Status == CommitStatus.Committed) Settle([frame]);
                else await IsolateAsync(frame.Partition, group, alone.Detail, cancel);
            }
        }
        catch (JournalUnavailableException away)
        {
            await OutageAsync(away.Message, cancel);
            return;
        }

        Answer(group);
    }

    /// <summary>The frames are durable: positions move, rows are shown, messages and the house's entries go on their way.</summary>
    private void Settle(IReadOnlyList<SealedFrame> frames)
    {
        if (frames.Count > 0) Confirmed(_sentAt);
        foreach (var frame in frames)
        {
            var partition = frame.Partition;
            _placesMoved |= frame.House != partition.JournaledHouse;
            partition.Committed(frame);
            Tail.Add(frame.Commit);
            Bell.Ring(partition.Id, frame.Commit.Seq);
            foreach (var message in frame.Commit.Messages) _inbox.Enqueue(message);
            _broadcast.AddRange(frame.Told);
            foreach (var late in frame.Late) AnswerLate(late);
            if (partition.Id == Book.House)
            {
                _toldUpTo = frame.Commit.Seq;
                if (frame.Told.Count > 0) _others?.HouseTold();
                continue;
            }

            var published = _published[partition.Id];
            published.Publish(partition.Book, frame.Rows, frame.Commit.Seq);
            if (frame.Rows.Count > 0) Live.Tell(partition.Id, frame.Commit.Seq, published.CustomersOf(frame.Rows), [], HasSignals(frame.Commit.Rows));
            partition.GiveBack(frame.Rows);
        }
    }

    /// <summary>Answers everybody whose last fact is committed.</summary>
    private void Answer(CommitGroup group)
    {
        foreach (var (work, from, end) in group.Works)
        {
            if (work.Done.Task.IsCompleted) continue;
            if (work.Day > 0 && Behind(work.Day) is { } behind)
            {
                // A partition was read back and has lost the day with what was not committed: whoever feeds begins it again.
                work.Fail(Closed(behind.Id));
                continue;
            }

            for (var i = from; i < end; i++) _tally.Note(work.Facts[i], work.Answers[i]);
            work.Settled += end - from;
            if (work.Settled < work.Facts.Count) continue;
            if (work.Told.Seq > 0) _telling.Add(work);
            else if (!WaitsForGroup(work)) work.Done.TrySetResult(work.Answers);
        }

        _late.Clear();
        _tally.Tell();
        foreach (var read in group.Reads) read.Done.TrySetResult([]);
        group.Clear();
        SettleTelling();
    }

    private static bool HasSignals(IReadOnlyList<JournalRow> rows)
    {
        for (var i = 0; i < rows.Count; i++)
            if (rows[i].Table == RowTable.Signal) return true;
        return false;
    }
}
