namespace ExposureMonitor.Domain;

/// <summary>By what a parent lends, at one moment; in the group's currency.</summary>
internal readonly record struct LendingTerms
{
    /// <summary>False while no limit of an amount stands, here or above: then nothing is lent, and nothing is held for it.</summary>
    internal required bool Binds { get; init; }

    /// <summary>What may be used now: the own limit, and no more than the slice that was lent from above.</summary>
    internal required long Capacity { get; init; }

    /// <summary>The own limit alone, as far as those above may lend; the same as <see cref="Capacity"/> at the top.</summary>
    internal required long CapacityMost { get; init; }

    /// <summary>What those above can lend at most, once they refused; −1 while they did not, or there is nobody above.</summary>
    internal long CapacityAbove { get; init; }

    /// <summary>The limit that children are told: the least of the own one and those above.</summary>
    internal required long LimitTold { get; init; }

    internal required LimitKind KindTold { get; init; }

    internal required Currency Currency { get; init; }

    /// <summary>The parent's own exposure.</summary>
    internal required long OwnUse { get; init; }

    /// <summary>The own use with the parent's first held order that lacks headroom; 0 for none.</summary>
    internal long OwnWant { get; init; }

    /// <summary>The least own use with one of its orders that were refused; 0 without one.</summary>
    internal long OwnLeast { get; init; }

    internal ReleaseKey OwnKey { get; init; }

    /// <summary>Those above are short: nothing that is not used stays below.</summary>
    internal bool RecallAbove { get; init; }

    internal required Instant Now { get; init; }

    /// <summary>How long a member may take to answer a recall.</summary>
    internal required long AnswerMicros { get; init; }

    internal required int SlackDivisor { get; init; }
}

/// <summary>
/// The parent's side of all its pairs: who is lent how much, in which order, and when a want is refused (credit.md 9.2).
/// Knows amounts and keys only. What has to be told to a child is marked at its pair.
/// </summary>
internal sealed class Lender
{
    private readonly List<LeaseGiven> _children = [], _granted = [], _owed = [], _some = [];
    private readonly LeaseIndex _index = new();

    /// <summary>Limit and currency that all children but the last ones were told; unset after the state was read.</summary>
    private (LimitKind Kind, long Limit, Currency Currency, int Children) _told;

    /// <summary>What the parent's own first order takes in this settlement: nobody behind it is promised that.</summary>
    private Int128 _taken;

    internal IReadOnlyList<LeaseGiven> Children => _children;

    /// <summary>Currency of all slices; it follows the limit while nothing was ever lent.</summary>
    internal Currency Currency;

    /// <summary>Somebody is short: what is not used comes back.</summary>
    internal bool Recalling;

    /// <summary>The want that is collected for: the child ("" for none, the parent's own id for itself), its number, and until when.</summary>
    internal string CollectsFor = "";
    internal long CollectsWant;
    internal Instant CollectsUntil;

    /// <summary>The largest own use that could be had when an order of the parent itself was refused; −1 while none is.</summary>
    internal long OwnReach = -1;

    /// <summary>What those above are asked for: the capacity that the first want needs, and the least that would do for a refused one.</summary>
    internal long Need, NeedLeast;
    internal ReleaseKey NeedKey;

    /// <summary>Takes the word of a child, which may be a new one.</summary>
    internal void Take(LeaseReport f)
    {
        var child = _index.Find(f.Child);
        if (child is null)
        {
            child = new LeaseGiven { Child = f.Child, Place = _children.Count };
            _children.Add(child);
            _index.Add(child);
        }

        Owe(child, child.Take(f));
        _index.Note(child);
    }

    /// <summary>Sum of all slices, those in flight included.</summary>
    internal Int128 Lent => _index.Lent;

    /// <summary>What the children use, as they last said.</summary>
    internal Int128 Used => _index.Use;

    /// <summary>No child ever had a slice.</summary>
    internal bool NeverLent => _index.EverLent == 0;

    /// <summary>Members that share the limit, the parent included.</summary>
    internal int Members => 1 + _index.Members;

    /// <summary>What children wait for whose turn comes before a key: nobody may take it from them.</summary>
    internal Int128 KeptBefore(ReleaseKey key) => _index.Wants.OpenBefore(key);

    /// <summary>Takes what is owed to children, in the order in which they became known; each is told once.</summary>
    internal IReadOnlyList<LeaseGiven> TakeOwed()
    {
        _some.Clear();
        _some.AddRange(_owed);
        _owed.Clear();
        if (_some.Count > 1) _some.Sort(static (a, b) => a.Place.CompareTo(b.Place));
        return _some;
    }

    private void Owe(LeaseGiven child, LeaseWord word)
    {
        if (word <= child.Word) return;
        if (child.Word == LeaseWord.None) _owed.Add(child);
        child.Word = word;
    }

    /// <summary>Grants, collects and refuses what can be settled now. True when the parent's own first order fits.</summary>
    internal bool Settle(string self, in LendingTerms t)
    {
        (Need, NeedLeast, NeedKey, _taken) = (0, 0, default, 0);
        var ownFits = false;
        if (t.Binds)
        {
            var pool = (Int128)t.Capacity - t.OwnUse - Lent;
            _granted.Clear();
            var isShort = ServeWants(self, t, ref pool, ref ownFits);
            var (stands, lifted) = LiftRefusals(t, pool);
            // A want whose refusal is over is collected for again, and told what can be had now.
            if (lifted) isShort = ServeWants(self, t with { OwnWant = ownFits ? 0 : t.OwnWant }, ref pool, ref ownFits);
            // While anybody is short nobody keeps what he does not use, but for the one that is collected for.
            if (isShort || stands || t.RecallAbove) Recall(CollectsFor.Length > 0 ? _index.Find(CollectsFor) : null);
            else EndRecall(t, pool);
        }
        else
        {
            (Recalling, CollectsFor, OwnReach) = (false, "", -1);
            foreach (var child in Some(_index.Refused))
            {
                (child.Refused, child.Reach) = (0, 0);
                if (child.Word == LeaseWord.None) _owed.Add(child);
                child.Word = LeaseWord.Told;
                _index.Note(child);
            }
        }

        if (!Recalling)
        {
            foreach (var child in _owed)
            {
                child.Recall = 0;
                _index.Note(child);
            }
        }

        TellTerms(t);
        return ownFits;
    }

    /// <summary>A copy, since what is done to each changes the collection.</summary>
    private List<LeaseGiven> Some(IReadOnlyCollection<LeaseGiven> children)
    {
        _some.Clear();
        _some.AddRange(children);
        return _some;
    }

    /// <summary>Limit and currency go to all when they have changed, else to those who joined since.</summary>
    private void TellTerms(in LendingTerms t)
    {
        var isNew = (_told.Kind, _told.Limit, _told.Currency) != (t.KindTold, t.LimitTold, t.Currency);
        for (var place = isNew ? 0 : _told.Children; place < _children.Count; place++)
        {
            var child = _children[place];
            if (child.KindTold == t.KindTold && child.LimitTold == t.LimitTold && child.CurrencyTold == t.Currency) continue;
            (child.KindTold, child.LimitTold, child.CurrencyTold) = (t.KindTold, t.LimitTold, t.Currency);
            if (!child.Leaving) Owe(child, LeaseWord.Told);
        }

        _told = (t.KindTold, t.LimitTold, t.Currency, _children.Count);
    }

    /// <summary>All wants in release order, each met in whole or not at all; true while somebody is short.</summary>
    private bool ServeWants(string self, in LendingTerms t, ref Int128 pool, ref bool ownFits)
    {
        var isOwnTurn = t.OwnWant > 0;
        if (!isOwnTurn && t.OwnLeast == 0) OwnReach = -1;
        var isShort = false;
        LeaseGiven? last = null;
        while (true)
        {
            // Those who were refused and still do not fit are passed over unseen.
            var child = _index.Wants.Next(last, pool);
            var key = child?.Key ?? default;
            if (isOwnTurn && (child is null || t.OwnKey.CompareTo(key) <= 0)) (child, key, isOwnTurn) = (null, t.OwnKey, false);
            else if (child is null) break;
            else last = child;
            var missing = child is null ? (Int128)t.OwnWant - t.OwnUse : (Int128)child.Want - child.Slice;
            var (id, number) = child is null ? (self, t.OwnWant) : (child.Child, child.WantNumber);
            if (pool >= missing)
            {
                if (CollectsFor == id) CollectsFor = "";
                pool -= missing;
                if (child is null) (ownFits, _taken) = (true, missing);
                else Grant(child, missing);
                continue;
            }

            isShort = true;
            if (child is null ? IsOwnRefused(t) : child.IsRefused) continue;
            if (CollectsFor != id || CollectsWant != number) (CollectsFor, CollectsWant, CollectsUntil) = (id, number, t.Now.Plus(t.AnswerMicros));
            Recall(child);
            var isOver = t.Now >= CollectsUntil;
            // Nobody behind the one that is collected for is served.
            if (!isOver && _index.IsAwaited(child)) break;

            var needed = t.OwnUse + _taken + Lent + missing;
            if (needed <= t.CapacityMost && t.Capacity < t.CapacityMost && (t.CapacityAbove < 0 || needed <= t.CapacityAbove))
            {
                // Those above may lend more. A parent that does not answer keeps this one waiting, and nobody behind it.
                if (Need == 0) (Need, NeedKey) = (Rounding.Pin(needed), key);
                if (!isOver) break;
                continue;
            }

            Refuse(child, t);
        }

        if (CollectsFor.Length > 0 && !IsWanted(self, t)) CollectsFor = "";
        return isShort || !_index.Wants.IsEmpty;
    }

    private bool IsWanted(string self, in LendingTerms t) => CollectsFor == self ? t.OwnWant > 0 && !IsOwnRefused(t) : _index.Find(CollectsFor) is { Asks: true, IsRefused: false };

    private bool IsOwnRefused(in LendingTerms t) => OwnReach >= 0 && t.OwnWant > OwnReach;

    private void Grant(LeaseGiven child, Int128 amount)
    {
        // A refusal of another want stands: what this one takes was counted in its reach.
        if (child.IsRefused) (child.Refused, child.Reach) = (0, 0);
        child.Granted += (long)amount;
        Owe(child, LeaseWord.Granted);
        _granted.Add(child);
        _index.Note(child);
    }

    /// <summary>The most that can be used while those above have refused, or are not asked for more.</summary>
    private static long Reachable(in LendingTerms t) => t.CapacityAbove >= 0 ? Math.Min(t.CapacityMost, Math.Max(t.Capacity, t.CapacityAbove)) : t.Capacity;

    private void Refuse(LeaseGiven? child, in LendingTerms t)
    {
        CollectsFor = "";
        // What the parent's own limit forbids is out of reach whatever those above would lend.
        var most = t.CapacityAbove < 0 && t.Capacity < t.CapacityMost ? t.CapacityMost : Reachable(t);
        var room = (Int128)most - t.OwnUse - _taken - Lent;
        if (child is null)
        {
            OwnReach = Rounding.Pin(Int128.Max(0, t.OwnUse + room));
            return;
        }

        (child.Refused, child.Reach) = (child.WantNumber, Rounding.Pin(child.Slice + room));
        // The child will say so itself; until then its want is the least that we know of.
        if (child.Least == 0 || child.Least > child.Want) child.Least = child.Want;
        Owe(child, LeaseWord.Refused);
        _index.Note(child);
    }

    private void Recall(LeaseGiven? except)
    {
        Recalling = true;
        foreach (var child in Some(_index.Recallable))
        {
            if (child == except) continue;
            child.Recall = ++child.LastRecall;
            Owe(child, LeaseWord.Recalled);
            _index.Note(child);
        }
    }

    /// <summary>A refusal is over once the pool could do for the least of the orders that were refused.</summary>
    private (bool Stands, bool Lifted) LiftRefusals(in LendingTerms t, Int128 pool)
    {
        var (stands, lifted) = (OwnReach >= 0 && t.OwnLeast > 0, false);
        var above = t.CapacityAbove < 0 ? t.CapacityMost : Reachable(t);
        var most = Int128.Max(pool, (Int128)above - t.OwnUse - _taken - Lent);
        if (stands)
        {
            if (t.OwnUse + most >= t.OwnLeast && t.OwnLeast > OwnReach) (OwnReach, lifted) = (-1, true);
            else NeedLeast = Rounding.Pin(Lent + t.OwnLeast);
        }

        stands |= _index.HasWaiting(out _);
        while (_index.NextToLift(most) is >= 0 and var place)
        {
            var child = _children[place];
            (child.Refused, child.Reach, lifted) = (0, 0, true);
            Owe(child, LeaseWord.Told);
            _index.Note(child);
        }

        if (!_index.HasWaiting(out var gap)) return (stands, lifted);
        var least = Rounding.Pin(t.OwnUse + _taken + Lent + gap);
        if (NeedLeast == 0 || least < NeedLeast) NeedLeast = least;
        return (stands, lifted);
    }

    /// <summary>
    /// Nobody is short. Those who were granted something get a reserve on top; the end of the recall goes with the next word to
    /// each child, since until then it only gives back more.
    /// </summary>
    private void EndRecall(in LendingTerms t, Int128 pool)
    {
        Recalling = false;
        if (t.SlackDivisor == 0) return;
        var reserve = (Int128)t.Capacity / ((Int128)t.SlackDivisor * Members);
        foreach (var child in _granted)
        {
            var slack = Int128.Min(reserve, pool);
            if (slack <= 0) return;
            child.Granted += (long)slack;
            pool -= slack;
            _index.Note(child);
        }
    }

    /// <summary>A child still owes its answer to a recall.</summary>
    internal bool IsAwaiting => _index.IsAwaited(null);

    /// <summary>The end of the wait for a member that does not answer; <c>default</c> for none.</summary>
    internal Instant Deadline => CollectsFor.Length > 0 ? CollectsUntil : default;

    internal void State(StateStream s)
    {
        s.List(_children, child => child.State(s));
        if (s.Reading) Count();
        s.Do(ref Currency);
        s.Do(ref Recalling);
        s.Do(ref CollectsFor);
        s.Do(ref CollectsWant);
        s.Do(ref CollectsUntil);
        s.Do(ref OwnReach);
        s.Do(ref Need);
        s.Do(ref NeedLeast);
        s.Key(ref NeedKey);
    }

    /// <summary>Sums and orders follow from the children.</summary>
    private void Count()
    {
        for (var place = 0; place < _children.Count; place++)
        {
            _children[place].Place = place;
            _index.Add(_children[place]);
        }
    }
}
