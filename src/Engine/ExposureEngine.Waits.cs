using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// Checks that are short of their group's headroom: the entry that asked is committed without an answer, and the answer comes with a
/// later entry, at the latest when the account's own timer ends the wait.
/// </summary>
public sealed partial class ExposureEngine
{
    /// <summary>Longer than the machine lets a check wait: behind it the partition has moved or closed, and the caller asks again.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(15);

    /// <summary>Who waits, by the entry that asked, and since when (a timestamp).</summary>
    private readonly Dictionary<string, (Work Work, long Since)> _waits = new(StringComparer.Ordinal);

    /// <summary>Answers of the frames that were just committed; whoever asked in the same commit finds his here.</summary>
    private readonly Dictionary<string, CheckDecided> _late = new(StringComparer.Ordinal);

    private ITimer? _waitTimer;

    private void AnswerLate(CheckDecided late)
    {
        if (_waits.Remove(late.Asked, out var wait)) Complete(wait.Work, late);
        else _late[late.Asked] = late;
    }

    private static void Complete(Work work, CheckDecided late)
    {
        work.Answers[0] = work.Answers[0] with { Effects = [late, .. work.Answers[0].Effects] };
        work.Done.TrySetResult(work.Answers);
    }

    /// <summary>True for a check that was taken and not decided; its caller hears of it later, or has just been told.</summary>
    private bool WaitsForGroup(Work work)
    {
        if (work.Facts is not [CheckCredit check] || work.Answers[0] is not { Outcome.Kind: OutcomeKind.Applied } answer) return false;
        foreach (var effect in answer.Effects)
            if (effect is CheckDecided decided && (decided.Asked.Length == 0 || (check.Key.Length > 0 && (decided.Key, decided.Actor) == (check.Key, check.Actor)))) return false;
        var asked = answer.At.ToString();
        if (_late.Remove(asked, out var late))
        {
            Complete(work, late);
            return true;
        }

        // The book may be ahead: the answer may stand in a frame that is not committed yet. A repetition that ends the wait answers both.
        _waits[asked] = (work, _time.GetTimestamp());
        WakeForWait(_partitions[answer.At.Partition]);
        return true;
    }

    /// <summary>The loop is woken at the end of the wait, not with the next tick.</summary>
    private void WakeForWait(Partition partition)
    {
        var due = partition.Book.NextDeadline.Micros - Instant.From(_time.GetUtcNow()).Micros;
        if (due <= 0 || due > 60 * Instant.Second) due = TickEvery.Ticks / 10;
        _waitTimer ??= _time.CreateTimer(_ => Tick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _waitTimer.Change(TimeSpan.FromMicroseconds(due + 1_000), Timeout.InfiniteTimeSpan);
    }

    private void LookAtWaits()
    {
        List<string>? over = null;
        foreach (var (asked, wait) in _waits)
            if (wait.Work.Done.Task.IsCompleted || _time.GetElapsedTime(wait.Since) > WaitMax) (over ??= []).Add(asked);
        foreach (var asked in over ?? [])
        {
            _waits.Remove(asked, out var wait);
            wait.Work.Fail(new EngineUnavailableException("The check was taken and is not decided yet; ask again with the same key."));
        }
    }

    private void FailWaits(Exception why)
    {
        foreach (var (_, wait) in _waits) wait.Work.Fail(why);
        _waits.Clear();
        _late.Clear();
    }
}
