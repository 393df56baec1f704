using System.Text;

namespace ExposureMonitor.Simulation;

/// <summary>What must really happen somewhere in a set of runs; a set that never met one of them proved nothing about it.</summary>
public enum Situation
{
    CommitCrashedBefore, CommitCrashedAfter, UnknownHadCommitted, UnknownHadNotCommitted, RolledBack, TakenOver, ZombieFenced, RowRefused,
    SnapshotCrashed, RestartClean, RestartAfterCrash, RowsLost, RowsStale, RowsCorrupt, SnapshotNeverEnded, CommitHeldWhileMoreCame,
    ToldTwice, SameDocumentOtherId, SameIdOtherContent, SameDocumentOtherContent, RedeliveredByPosition, Late, Reordered, ParkedThenApplied, ParkedTooLong,
    AmountTooLarge, WrongCurrency, FutureDated, BadLink, NoCustomer, Undecodable, CommitRejected,
    CheckApproved, CheckHeld, CheckRefusedUnknownCustomer, CheckAskedAgain, OrderApproved, StillHeld, ReleasedByCure, ReservationConsumed, ReservationExpired,
    LimitCut, LimitRaised, LimitStepCrossed, GradeStepCrossed, GlobalHold, RatePublished, OtherCurrency, DayStarted, SeveralDays, ClockOfEvents, WallClock,
    PayerChanged, PayerChangedAcrossPartitions, DeliveryFollowedThePayer, PaymentReturned, AcceptanceDishonoured, AllocationUndone, WriteOff,
    PlanAgreed, PlanBroken, PlanMended, HeldForPlan,
    QuietPeriod, Pruned, PrunedAgain, PruningCrashed, PruningRefused,
}

/// <summary>Counts of situations over one run or many.</summary>
internal sealed class Situations
{
    private readonly long[] _counts = new long[Enum.GetValues<Situation>().Length];

    internal long this[Situation situation] => Interlocked.Read(ref _counts[(int)situation]);

    internal void Note(Situation situation) => Interlocked.Increment(ref _counts[(int)situation]);

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, long> _signals = new(StringComparer.Ordinal);

    internal void NoteSignal(string indicator) => _signals.AddOrUpdate(indicator, 1, static (_, count) => count + 1);

    /// <summary>Indicators of the catalogue that were never raised.</summary>
    internal IReadOnlyList<string> Silent() => [.. Enumerable.Range(1, 42).Select(n => $"EW-{n:00}").Where(i => !_signals.ContainsKey(i) && !Signalled.Untold.Contains(i))];

    internal void Add(Situations other)
    {
        foreach (var (indicator, count) in other._signals) _signals.AddOrUpdate(indicator, count, (_, known) => known + count);
        for (var i = 0; i < _counts.Length; i++) Interlocked.Add(ref _counts[i], other._counts[i]);
    }

    /// <summary>Situations that never happened.</summary>
    internal IReadOnlyList<Situation> Missing() => [.. Enum.GetValues<Situation>().Where(s => this[s] == 0)];

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var situation in Enum.GetValues<Situation>()) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{situation,-32}{this[situation],12}\n");
        text.AppendJoin(' ', _signals.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}×{s.Value}"));
        return text.ToString();
    }
}
