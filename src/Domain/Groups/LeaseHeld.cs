namespace ExposureMonitor.Domain;

/// <summary>What a message of a pair is about: the kind of fact that it becomes.</summary>
internal enum LeaseWord : byte
{
    None, Reported, Asked, Returned, Forced, Told, Refused, Recalled, Granted,
}

/// <summary>
/// A slice of a group's headroom as its child holds it: slice = granted + forced − returned (credit.md 9.2). A pair is kept
/// for good, also with a former parent: what he still sends comes back at once.
/// </summary>
internal sealed class LeaseHeld
{
    internal string Parent = "";

    /// <summary>The child has another parent, or none, and the move is done: everything goes back.</summary>
    internal bool Former;

    // The parent's state, as it was last told.
    internal long Number, Granted, Limit, Recall, Refused, ReachTold, SeenByParent;
    internal LimitKind LimitKind;
    internal Currency Currency;

    /// <summary>What was granted since the present want was stated. It is kept, also in a recall: a return that crosses it would take it away again.</summary>
    internal long Earned;

    // The child's state.
    internal long OwnNumber, Returned, Forced, Want, WantNumber, Least, UseTold, Answered;
    internal ReleaseKey Key;
    internal bool LeavingTold;

    /// <summary>Number of the state that the new parent has to confirm before former ones get their slices back; 0 while none is on its way.</summary>
    internal long ConfirmIn;

    /// <summary>Refusals of wants up to this number are over: no order waits for what they refused.</summary>
    internal long DroppedWant;

    /// <summary>Since when the slice is more than twice the use; and when a changed use is told at the latest.</summary>
    internal Instant SurplusSince, ReportBy;

    internal long Slice => Granted + Forced - Returned;

    /// <summary>The parent has spoken: limit and currency are known.</summary>
    internal bool IsTold => Number > 0;

    internal bool Binds => LimitKind == LimitKind.Amount;

    /// <summary>The largest slice that can be had, after a refusal that still stands; −1 while nothing was refused.</summary>
    internal long Reach => Refused > DroppedWant ? Math.Max(ReachTold, 0) : -1;

    /// <summary>Takes the parent's word, in whatever order and however often it comes.</summary>
    internal void Take(LeaseStatement f)
    {
        if (f.Granted > Granted)
        {
            if (Want > 0) Earned += f.Granted - Granted;
            Granted = f.Granted;
        }

        if (f.Version <= Number) return;
        (Number, LimitKind, Limit, Currency, Recall, Refused, ReachTold, SeenByParent) = (f.Version, f.LimitKind, f.Limit, f.Currency, f.Recall, f.Refused, f.Reach, f.Seen);
    }

    /// <summary>
    /// Brings the pair in line with what the child uses and wants now: books forced value, gives back what is too much.
    /// Returns what the parent has to be told.
    /// </summary>
    internal LeaseWord Keep(in LeaseNeeds needs)
    {
        if (!IsTold) return OwnNumber == 0 ? LeaseWord.Asked : LeaseWord.None;
        var word = needs.Confirm ? LeaseWord.Reported : LeaseWord.None;
        if (Former != LeavingTold) word = Former ? LeaseWord.Returned : LeaseWord.Asked;
        if (needs.Want != Want || (needs.Want > 0 && needs.Key != Key))
        {
            // That a want was met the parent knows already.
            if (needs.Want > 0 || Want > Slice) word = LeaseWord.Asked;
            (Want, Key, WantNumber, Earned) = (needs.Want, needs.Want > 0 ? needs.Key : default, WantNumber + 1, 0);
        }

        if (needs.Least != Least)
        {
            Least = needs.Least;
            word = LeaseWord.Asked;
        }

        if (Least == 0 && Refused > DroppedWant && Want == 0) DroppedWant = WantNumber;
        // A recall is answered once all those below have answered theirs.
        if (Recall > Answered && needs.IsCollected)
        {
            Answered = Recall;
            if (word == LeaseWord.None) word = LeaseWord.Reported;
        }

        if (Binds && !Former && needs.Use > Slice)
        {
            Forced += needs.Use - Slice;
            word = LeaseWord.Forced;
        }

        var keep = Kept(needs);
        if (Slice > keep)
        {
            Returned += Slice - keep;
            SurplusSince = default;
            if (word != LeaseWord.Asked) word = LeaseWord.Returned;
        }

        if (word != LeaseWord.None || needs.Use == UseTold) ReportBy = default;
        else if (ReportBy.Micros == 0) ReportBy = needs.Now.Plus(needs.ReportMicros);
        else if (needs.Now >= ReportBy) word = LeaseWord.Reported;
        return word;
    }

    /// <summary>The slice that stays: in a recall what is used, else all but a surplus that has lasted.</summary>
    private long Kept(in LeaseNeeds needs)
    {
        if (Former || !Binds) return 0;
        if (needs.IsOutside) return needs.Use;
        // While it is refused nothing is kept for it.
        if (Recall > 0) return Want > 0 && (Reach < 0 || Want <= Reach) ? Math.Min(Slice, needs.Use + Earned) : needs.Use;
        if (Slice <= 2 * (Int128)needs.Use)
        {
            SurplusSince = default;
            return Slice;
        }

        if (SurplusSince.Micros == 0) SurplusSince = needs.Now;
        return needs.Now >= SurplusSince.Plus(needs.SurplusMicros) ? 2 * needs.Use : Slice;
    }

    /// <summary>The whole state of the pair as a message; a new number each time.</summary>
    internal LeaseReport Say(LeaseWord word, string child, in LeaseNeeds needs, EntryPosition asOf)
    {
        LeaseReport report = word switch
        {
            LeaseWord.Forced => new LeaseForced(),
            LeaseWord.Returned => new LeaseReturned(),
            LeaseWord.Reported => new LeaseReported(),
            _ => new LeaseAsked(),
        };
        (LeavingTold, UseTold, ReportBy) = (Former, needs.Use, default);
        (report.Child, report.Version, report.Returned, report.Forced) = (child, ++OwnNumber, Returned, Forced);
        (report.Want, report.WantNumber, report.Least, report.Use) = (Want, WantNumber, Least, needs.Use);
        (report.IsCheck, report.KeyFirst, report.KeySecond, report.KeyAt, report.KeyId) = (Key.IsCheck, Key.First, Key.Second, Key.At, Key.Id ?? "");
        (report.AsOfPartition, report.AsOfSeq, report.Answered) = (Math.Max(0, asOf.Partition), asOf.Seq, Answered);
        (report.Leaving, report.Confirm, report.ShareBp, report.OutsideGroup) = (Former, needs.Confirm, needs.ShareBp, needs.IsOutside);
        return report;
    }

    /// <summary>The next moment at which time alone moves the pair; <c>default</c> for none.</summary>
    internal Instant Deadline(long surplusMicros)
    {
        var surplus = SurplusSince.Micros == 0 ? default : SurplusSince.Plus(surplusMicros);
        if (ReportBy.Micros == 0) return surplus;
        return surplus.Micros == 0 || ReportBy < surplus ? ReportBy : surplus;
    }

    internal void State(StateStream s)
    {
        s.Do(ref Parent);
        s.Do(ref Former);
        s.Do(ref Number);
        s.Do(ref Granted);
        s.Do(ref Limit);
        s.Do(ref Refused);
        s.Do(ref ReachTold);
        s.Do(ref SeenByParent);
        s.Choice(ref LimitKind);
        s.Do(ref Currency);
        s.Do(ref Recall);
        s.Do(ref OwnNumber);
        s.Do(ref Returned);
        s.Do(ref Forced);
        s.Do(ref Want);
        s.Do(ref WantNumber);
        s.Do(ref Least);
        s.Do(ref UseTold);
        s.Do(ref Answered);
        s.Do(ref Earned);
        s.Key(ref Key);
        s.Do(ref LeavingTold);
        s.Do(ref ConfirmIn);
        s.Do(ref DroppedWant);
        s.Do(ref SurplusSince);
        s.Do(ref ReportBy);
    }
}

/// <summary>What a child uses and wants, for one pair, in the group's currency.</summary>
internal readonly record struct LeaseNeeds
{
    internal required long Use { get; init; }

    /// <summary>The slice that its next order, or check, needs; 0 for none.</summary>
    internal long Want { get; init; }

    internal ReleaseKey Key { get; init; }

    /// <summary>The least slice that would do for an order that was refused; 0 without one.</summary>
    internal long Least { get; init; }

    internal bool IsOutside { get; init; }

    internal bool Confirm { get; init; }

    /// <summary>No child of the child's own still owes an answer to a recall.</summary>
    internal bool IsCollected { get; init; }

    internal int ShareBp { get; init; }

    internal required Instant Now { get; init; }

    /// <summary>How long a surplus lasts before it goes back, and a changed use before it is told.</summary>
    internal required long SurplusMicros { get; init; }

    internal required long ReportMicros { get; init; }
}
