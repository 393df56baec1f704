namespace ExposureMonitor.Domain;

/// <summary>
/// The smoothed days late behind every item of a long trail, and how many of its items had a discount on offer: with it an event of a
/// customer who settles thousands of invoices in two weeks costs no more than that of others. It is no part of the state: it is made
/// anew from the trail when somebody asks.
/// </summary>
internal sealed class LongTrail
{
    /// <summary>Up to so many items the trail itself is walked, which costs less than this to keep.</summary>
    internal const int Least = 64;

    private int[] _behind;

    internal LongTrail(in Trail trail, int smoothed, int folded)
    {
        _behind = new int[trail.Count + trail.Count / 4];
        for (var i = 0; i < trail.Count; i++)
        {
            _behind[i] = smoothed = PaymentHabit.Smooth(smoothed, folded + i, trail[i].Late);
            if (IsDiscountable(trail[i])) Discountable++;
        }
    }

    /// <summary>Items of the trail that had a discount on offer.</summary>
    internal int Discountable { get; private set; }

    internal int Bytes => 32 + Memory.BytesOf(_behind);

    /// <summary>Smoothed days late behind an item, in hundredths.</summary>
    internal int this[int index] => _behind[index];

    /// <summary>An item stands in the trail that was not there before.</summary>
    internal void Added(in Trail trail, int at, int smoothed, int folded)
    {
        Memory.Fit(ref _behind!, trail.Count);
        Array.Copy(_behind, at, _behind, at + 1, trail.Count - 1 - at);
        if (IsDiscountable(trail[at])) Discountable++;
        // What an average was before fades: most times a hundred items behind it are as they were.
        _behind[at] = PaymentHabit.Smooth(at == 0 ? smoothed : _behind[at - 1], folded + at, trail[at].Late);
        Follow(trail, at + 1, smoothed, folded);
    }

    /// <summary>An item stood in the trail that is not there any more.</summary>
    internal void Removed(in Trail trail, int at, in Observation gone, int smoothed, int folded)
    {
        Array.Copy(_behind, at + 1, _behind, at, trail.Count - at);
        if (IsDiscountable(gone)) Discountable--;
        Follow(trail, at, smoothed, folded);
    }

    /// <summary>The oldest of the trail are about to leave it; what was smoothed behind the others holds.</summary>
    internal void Taken(in Trail trail, int count)
    {
        for (var i = 0; i < count; i++) Discountable -= IsDiscountable(trail[i]) ? 1 : 0;
        Array.Copy(_behind, count, _behind, 0, trail.Count - count);
    }

    /// <summary>Smooths from an item on, until one is as it was: then all behind it are.</summary>
    internal void Follow(in Trail trail, int from, int smoothed, int folded)
    {
        for (var i = from; i < trail.Count; i++)
        {
            var value = PaymentHabit.Smooth(i == 0 ? smoothed : _behind[i - 1], folded + i, trail[i].Late);
            if (value == _behind[i]) return;
            _behind[i] = value;
        }
    }

    private static bool IsDiscountable(in Observation seen) => (seen.Marks & ObservationMarks.Discountable) != 0;
}
