namespace ExposureMonitor.Domain;

/// <summary>A slice of the group's headroom as its parent booked it: what the child holds never exceeds it.</summary>
internal sealed class LeaseGiven
{
    internal string Child = "";

    /// <summary>Its place among all children, in the order in which they became known.</summary>
    internal int Place;

    /// <summary>What the lender's index has counted of it.</summary>
    internal LeaseCount Counted;

    // The child's state, as it was last told.
    internal long Number, Returned, Forced, Want, WantNumber, Least, Use, Answered, AsOfSeq;
    internal int AsOfPartition, ShareBp;
    internal ReleaseKey Key;
    internal bool Leaving, Outside;

    // The parent's state.
    internal long OwnNumber, Granted, Reach;

    /// <summary>Number of the want that was refused; 0 when none stands.</summary>
    internal long Refused;

    /// <summary>Number of the recall under which the child gives back at once; 0 for none. And the number of the last one.</summary>
    internal long Recall, LastRecall;

    internal LimitKind KindTold;
    internal long LimitTold;
    internal Currency CurrencyTold;

    /// <summary>What the child has to be told: the lender says what; never left behind an entry.</summary>
    internal LeaseWord Word;

    internal long Slice => Granted + Forced - Returned;

    internal bool Asks => !Leaving && !Outside && Want > Slice;

    internal bool IsRefused => Refused != 0 && Refused == WantNumber;

    /// <summary>Was told to give back, and has not answered since.</summary>
    internal bool IsAwaited => Recall > Answered && Slice > 0;

    /// <summary>Takes the child's word, in whatever order and however often it comes; returns the word that is owed to it now.</summary>
    internal LeaseWord Take(LeaseReport f)
    {
        var slice = Slice;
#if SEEDED_BUGS
        if (SeededBug.Is("24")) f.Returned = Returned;
#endif
        (Returned, Forced) = (Math.Max(Returned, f.Returned), Math.Max(Forced, f.Forced));
        if (f.Version <= Number) return LeaseWord.None;
        // The first word is answered with limit and currency; so is a question. Whoever gives back when nobody is short
        // has not heard that the recall is over.
        var owed = Number == 0 || f.Confirm || (Slice < slice && Recall > 0) ? LeaseWord.Told : LeaseWord.None;
        (Number, Want, WantNumber, Least, Key, Use) = (f.Version, f.Want, f.WantNumber, f.Least, ReleaseKey.Of(f), f.Use);
        (Answered, Leaving, Outside, ShareBp) = (Math.Max(Answered, f.Answered), f.Leaving, f.OutsideGroup, f.ShareBp);
        (AsOfPartition, AsOfSeq) = (f.AsOfPartition, f.AsOfSeq);
        // Words that crossed: a want that was refused is an order that waits, whether the child knows it yet or not.
        if (IsRefused && Want > 0 && (Least == 0 || Least > Want)) Least = Want;
        if (Want == 0 && Least == 0) (Refused, Reach) = (0, 0);
        return owed;
    }

    internal LeaseStatement Say(string parent)
    {
        LeaseStatement statement = Word switch
        {
            LeaseWord.Granted => new LeaseGranted(),
            LeaseWord.Recalled => new LeaseRecalled(),
            LeaseWord.Refused => new LeaseRefused(),
            _ => new LeaseTold(),
        };
        Word = LeaseWord.None;
        (statement.Parent, statement.Version, statement.Granted, statement.Recall) = (parent, ++OwnNumber, Granted, Recall);
        (statement.LimitKind, statement.Limit, statement.Currency) = (KindTold, LimitTold, CurrencyTold);
        (statement.Refused, statement.Reach, statement.Seen) = (Refused, Reach, Number);
        return statement;
    }

    internal void State(StateStream s)
    {
        s.Do(ref Child);
        s.Do(ref Number);
        s.Do(ref Returned);
        s.Do(ref Forced);
        s.Do(ref Want);
        s.Do(ref WantNumber);
        s.Do(ref Least);
        s.Do(ref Use);
        s.Do(ref Answered);
        s.Do(ref AsOfPartition);
        s.Do(ref AsOfSeq);
        s.Do(ref ShareBp);
        s.Key(ref Key);
        s.Do(ref Leaving);
        s.Do(ref Outside);
        s.Do(ref OwnNumber);
        s.Do(ref Granted);
        s.Do(ref Reach);
        s.Do(ref Refused);
        s.Do(ref Recall);
        s.Do(ref LastRecall);
        s.Choice(ref KindTold);
        s.Do(ref LimitTold);
        s.Do(ref CurrencyTold);
    }
}
