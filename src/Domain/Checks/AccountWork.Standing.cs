namespace ExposureMonitor.Domain;

/// <summary>What all orders of an account are judged by: measured once for a pass.</summary>
internal struct Standing
{
    internal EffectiveLimit Limit;
    internal Exposure Exposure;

    /// <summary>Days past due of the oldest item of the minimum, and of the oldest of any size; the pause is taken out.</summary>
    internal long Oldest, OldestOfAny;

    /// <summary>Overdue by more than the days of step OV, all that is overdue, and all debit items; in the limit's currency.</summary>
    internal Int128 OverdueByMore, Overdue, Balance;

    internal long Dunning, Index;
}

/// <summary>The figures that steps, rules and indicators share.</summary>
internal sealed partial class AccountWork
{
    private Standing Stand()
    {
        var policy = Policy;
        var standing = new Standing
        {
            Limit = EffectiveLimit.Of(book, Slot, Context, Now),
            Exposure = Exposure.Of(book, Slot, Context, Account.LimitCurrency),
            Dunning = HighestDunning(),
            Index = IndexOf(),
        };
        (standing.Oldest, standing.OverdueByMore, standing.Balance) = Overdue(policy[Parameter.OldestMinimum], policy.Int(Parameter.OverdueShareDays));
        (standing.OldestOfAny, standing.Overdue, _) = Overdue(0, 0);
        return standing;
    }

    /// <summary>As much of it as the indicators ask for.</summary>
    private Standing StandForSignals()
    {
        var standing = new Standing { Limit = EffectiveLimit.Of(book, Slot, Context, Now), Exposure = _isMeasured ? _measured : Exposure.Of(book, Slot, Context, Account.LimitCurrency) };
        _isMeasured = false;
        (standing.OldestOfAny, standing.Overdue, _) = Overdue(0, 0);
        return standing;
    }

    /// <summary>
    /// Days past due of the oldest item, what is overdue by more than so many days, and the balance: over all
    /// currencies, each set off within itself, contested parts and items of a kept plan left out. A minimum amount is
    /// judged after the set-off.
    /// </summary>
    private (long Oldest, Int128 Overdue, Int128 Balance) Overdue(long minimum, int days)
    {
        long oldest = 0;
        Int128 overdue = 0, balance = 0;
        var tree = new ItemTree(book.Items, book.Texts);
        var before = OverdueBefore(days);
        for (var ledger = Account.Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
        {
            ref var record = ref book.Ledgers[ledger];
            if (record.Root == 0) continue;
            var currency = record.Currency;
            balance += Context.Convert(tree.Total(record.Root), currency, Account.LimitCurrency) ?? 0;
            // Without anything past due there is nothing to set off.
            if (!HasOverdue(record)) continue;
            var unapplied = Math.Max(0, record.Sums[(int)Part.Unapplied] - NamedIn(currency));
            if (tree.OldestDue(record.Root, unapplied, LeastIn(minimum, currency)) is { } due) oldest = Math.Max(oldest, DaysLate(due));
            var late = Math.Max(0, tree.DueBefore(record.Root, before) - unapplied);
            overdue += Context.Convert(late, currency, Account.LimitCurrency) ?? 0;
        }

        return (oldest, overdue, balance);
    }

    private static bool HasOverdue(in LedgerRecord ledger)
    {
        for (var bucket = 1; bucket < 6; bucket++)
            if (ledger.Sums[(int)Part.Aged + bucket] != 0) return true;
        return false;
    }

    /// <summary>A least amount of the policy is a figure of the base currency; without a rate it is taken as it stands.</summary>
    private long LeastIn(long minimum, Currency currency) =>
        Math.Max(1, minimum == 0 ? 0 : Rounding.Pin(Context.Convert(minimum, Context.BaseCurrency, currency) ?? minimum));

    /// <summary>Days past due for holds: those inside a pause do not count, also when it was told later. Below 0 before the due date.</summary>
    private int DaysLate(int dueOn)
    {
        var late = Context.Today - dueOn;
        return late <= 0 ? late : late - PausedAfter(dueOn);
    }

    /// <summary>Days of the pause behind a day, up to today.</summary>
    private int PausedAfter(int day)
    {
        if (book.RareOf(Slot) is not { PauseFrom: not 0 } rare) return 0;
        var from = Math.Max(day + 1, rare.PauseFrom);
        var to = Math.Min(Context.Today, rare.PauseTo);
        return Math.Max(0, to - from + 1);
    }

    /// <summary>The first due date that is not overdue by more than so many days; a pause moves it back.</summary>
    private int OverdueBefore(int days)
    {
        var day = Context.Today - days;
        while (true)
        {
            var moved = Context.Today - days - PausedAfter(day - 1);
            if (moved >= day) return day;
            day = moved;
        }
    }

    private int HighestDunning()
    {
        if (book.RareOf(Slot) is not { Dunned: true }) return 0;
        var level = 0;
        for (var item = Account.OpenItem; item != 0; item = book.Items[item].OpenNext)
            if (book.DunnableOf(book.Items[item]) > 0) level = Math.Max(level, book.ExtraOf(book.Items[item]).DunningLevel);
        return level;
    }

    /// <summary>(n × own + 3 × portfolio) ÷ (n + 3), in hundredths.</summary>
    private long IndexOf()
    {
        ref var account = ref Account;
        if (account.SettledAmount <= 0) return Context.PortfolioIndex;
        var own = Rounding.HalfUp(account.SettledAmountIndex, account.SettledAmount);
        return (long)Rounding.HalfUp(account.SettledItems * own + 3 * Context.PortfolioIndex, account.SettledItems + 3);
    }
}
