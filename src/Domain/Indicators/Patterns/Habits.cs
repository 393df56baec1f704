namespace ExposureMonitor.Domain;

/// <summary>
/// What the pattern indicators remember of one customer; each part is made when it is first needed. Constant in the customer's
/// history: rings, sums by day, week and month, and the facts that the lateness window may still change.
/// </summary>
internal sealed class Habits
{
    internal PaymentHabit? Payments;
    internal OrderHabit? Orders;
    internal OutsideHabit? Outside;
    internal ScoreHabit? Scores;

    /// <summary>What nearly every customer has stands in place.</summary>
    internal TradeHabit Trade;
    internal UseHabit Use;

    /// <summary>False while nothing was taken into it, whatever its figures say.</summary>
    internal bool HasTrade, HasUse;

    /// <summary>Day up to which <see cref="Stood"/> says what stood: the last that no fact can change any more.</summary>
    internal int StoodOn;

    /// <summary>Step of each indicator of <see cref="Dated"/> at the end of that day, four bits each.</summary>
    internal uint Stood;

    /// <summary>First day on which the customer traded; day of the first payment that cleared; 0 before.</summary>
    internal int Since, FirstPaidOn;

    /// <summary>
    /// Step of each dated indicator as of the last look, and at the end of the day before it. They are state: limits, rates and the portfolio take part in a
    /// look, and what changes there between two looks must not be judged earlier because a service was started again.
    /// </summary>
    internal uint Now, Before;

    /// <summary>The day of <see cref="Now"/>, and the last on which an order was judged for silence.</summary>
    internal int LookedOn, SilenceOn;

    /// <summary>What changed since the last look, and the earliest date of it.</summary>
    internal HabitParts Changed = HabitParts.All;
    internal int ChangedFrom;

    internal void Mark(HabitParts change, int day)
    {
        Changed |= change;
        ChangedFrom = Math.Min(ChangedFrom, day);
    }

    private const int ObjectBytes = 176;

    /// <summary>Bytes of memory that the customer's habits take, to the byte: objects, arrays with the places that wait, texts.</summary>
    internal int Bytes => ObjectBytes + (Payments?.Bytes ?? 0) + (Orders?.Bytes ?? 0) + Trade.Bytes + Use.Bytes + (Outside?.Bytes ?? 0) + (Scores?.Bytes ?? 0);

    /// <summary>To take something into it.</summary>
    internal ref TradeHabit TradeFor()
    {
        HasTrade = true;
        return ref Trade;
    }

    /// <summary>To take something into it.</summary>
    internal ref UseHabit UseFor()
    {
        HasUse = true;
        return ref Use;
    }

    internal static int StepIn(uint steps, Dated indicator) => (int)(steps >> (4 * (int)indicator)) & 15;

    internal static uint With(uint steps, Dated indicator, int step) => (steps & ~(15u << (4 * (int)indicator))) | ((uint)step << (4 * (int)indicator));

    /// <param name="s">Where they go, or come from.</param>
    /// <param name="format">Of the account; rows of format 5 know no scores, and no last look.</param>
    internal void State(StateStream s, int format)
    {
        s.Do(ref StoodOn);
        Steps(s, ref Stood);
        s.Do(ref Since);
        s.Do(ref FirstPaidOn);
        if (Has(s, Payments is not null)) (Payments ??= new()).State(s);
        if (Has(s, Orders is not null)) (Orders ??= new()).State(s);
        s.Do(ref HasTrade);
        if (HasTrade) Trade.State(s);
        s.Do(ref HasUse);
        if (HasUse) Use.State(s, format);
        if (Has(s, Outside is not null)) (Outside ??= new()).State(s, format);
        if (format < 6) return;
        if (Has(s, Scores is not null)) (Scores ??= new()).State(s);
        Steps(s, ref Now);
        Steps(s, ref Before);
        s.Do(ref LookedOn);
        s.Do(ref SilenceOn);
        s.Do(ref ChangedFrom);
        var changed = (byte)Changed;
        s.Do(ref changed);
        Changed = (HabitParts)changed;
    }

    private static void Steps(StateStream s, ref uint steps)
    {
        long wide = steps;
        s.Do(ref wide);
        steps = checked((uint)wide);
    }

    private static bool Has(StateStream s, bool has)
    {
        s.Do(ref has);
        return has;
    }
}

/// <summary>Indicators that fire at one mark and are armed again at another, both judged by business dates.</summary>
internal enum Dated
{
    SlowerPayment, LateInARow, OrderSurge, PartPayments, LostDiscount, DisputeSpike, ErraticTiming, CreditNotes, Count,
}

/// <summary>Parts of the habits, as flags.</summary>
[Flags]
internal enum HabitParts : byte
{
    None = 0, Payments = 1, Orders = 2, Trade = 4, All = 7,
}
