namespace ExposureMonitor.Domain;

/// <summary>An item of a customer's ledger with what happened to it; dates as day numbers.</summary>
public sealed class LedgerItem
{
    internal LedgerItem(string itemId, int issuedOn, int dueOn, long amount, Currency currency) =>
        (ItemId, IssuedOn, DueOn, OriginalDueOn, Amount, Currency) = (itemId, issuedOn, dueOn, dueOn, amount, currency);

    public string ItemId { get; }

    public int IssuedOn { get; }

    /// <summary>The due date as it stands.</summary>
    public int DueOn { get; internal set; }

    /// <summary>As it was at first: what an extension moves does not count for it.</summary>
    public int OriginalDueOn { get; internal set; }

    public long Amount { get; }

    public Currency Currency { get; }

    /// <summary>Day of its cancellation; 0 when it stands.</summary>
    public int CancelledOn { get; internal set; }

    /// <summary>The highest level of dunning that went out; <c>null</c> before the first.</summary>
    public int? DunnedLevel { get; internal set; }

    public int DunnedOn { get; internal set; }

    /// <summary>What was taken off, by day: allocations with their discounts, write-offs.</summary>
    internal List<(int On, long Amount)> Reductions { get; } = [];

    /// <summary>Contested amounts with their spans; an open one ends at <see cref="int.MaxValue"/>. One that was found wrong is no span.</summary>
    internal List<(int From, int To, long Amount)> Disputes { get; } = [];

    /// <summary>What was open at the end of a day; never below zero.</summary>
    public long OpenAt(int day)
    {
        if (IssuedOn > day || (CancelledOn != 0 && CancelledOn <= day)) return 0;
        var open = Amount;
        foreach (var (on, amount) in Reductions)
            if (on <= day) open -= amount;
        return Math.Max(0, open);
    }

    /// <summary>What of it is contested on a day.</summary>
    public long ContestedAt(int day)
    {
        long contested = 0;
        foreach (var (from, to, amount) in Disputes)
            if (from <= day && day <= to) contested += amount;
        return Math.Min(contested, OpenAt(day));
    }

    /// <summary>What bears interest, from day to day: open and not contested. A payment counts from the day after its value date.</summary>
    public IReadOnlyList<OpenFrom> Bearing(int upTo)
    {
        var days = new SortedSet<int> { IssuedOn };
        foreach (var (on, _) in Reductions) days.Add(on + 1);
        foreach (var (from, to, _) in Disputes)
        {
            days.Add(from);
            if (to != int.MaxValue) days.Add(to + 1);
        }

        if (CancelledOn != 0) days.Add(CancelledOn);
        var bearing = new List<OpenFrom>(days.Count);
        foreach (var day in days)
        {
            if (day > upTo) break;
            // At the beginning of the day, as far as payments are concerned; disputes and cancellations count from their own day.
            var open = CancelledOn != 0 && CancelledOn <= day ? 0 : Math.Max(0, OpenAt(Math.Max(IssuedOn, day - 1)) - ContestedAt(day));
            bearing.Add(new OpenFrom(day, open));
        }

        return bearing;
    }
}

/// <summary>
/// A customer's ledger as statements and letters need it, made of the facts that the journal has of him: lines that add up to what he owes, and his items
/// with what was taken off them on which day. It moves no value and decides nothing: the account does. What both say of today must agree, and
/// whoever sends a statement compares them first.
/// </summary>
public sealed partial class CustomerLedger
{
    private readonly List<LedgerLine> _lines = [];
    private readonly Dictionary<string, LedgerItem> _items = new(StringComparer.Ordinal);

    /// <summary>Payments, credit notes and acceptances: what one of them is asked above its amount stands among the account's items.</summary>
    private readonly HashSet<string> _sources = new(StringComparer.Ordinal);

    /// <summary>By day, then document.</summary>
    public IReadOnlyList<LedgerLine> Lines => _lines;

    /// <summary>All items, those that are settled included.</summary>
    public IReadOnlyCollection<LedgerItem> Items => _items.Values;

    /// <summary>One item; <c>null</c> when there is none.</summary>
    public LedgerItem? Item(string id) => _items.GetValueOrDefault(id);

    /// <summary>Promises with what became of them, oldest first.</summary>
    public IReadOnlyList<LedgerPromise> Promised { get; private set; } = [];

    /// <summary>Items of plans that are agreed and not ended, by plan.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Plans { get; private set; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Statements that went out, newest last, with the answer to each.</summary>
    public IReadOnlyList<(StatementSent Statement, StatementAnswered? Answer)> Statements { get; private set; } = [];

    /// <summary>What he owes in a currency by the end of a day; below zero when he has money with us.</summary>
    public long BalanceAt(Currency currency, int day)
    {
        long balance = 0;
        foreach (var line in _lines)
            if (line.Currency == currency && line.On <= day) balance = checked(balance + line.Amount);
        return balance;
    }

    /// <summary>What the account says of the same: open items less what is matched to nothing, and less what was allocated to items above their amounts.</summary>
    public long OwedBy(AccountDetail account, Currency currency)
    {
        long owed = 0;
        foreach (var item in account.Items)
            if (item.Currency == currency.Code) owed += item.Open;
        foreach (var credit in account.Credits)
            if (credit.Currency == currency.Code) owed -= credit.Unallocated;
        foreach (var mark in account.Marks)
            if (mark.Mark == "OverAllocated" && mark.Currency == currency.Code && !_sources.Contains(mark.Document)) owed -= mark.Amount;
        return owed;
    }

    /// <summary>The item is promised by a promise that is still open on a day.</summary>
    public bool IsPromised(string itemId, int day)
    {
        foreach (var promise in Promised)
            if (promise.MadeOn <= day && (promise.Items.Count == 0 || promise.Items.Contains(itemId)) && promise.StateAt(this, day) == PromiseState.Open) return true;
        return false;
    }

    /// <summary>The item stands in a plan that was not ended.</summary>
    public bool IsPlanned(string itemId)
    {
        foreach (var items in Plans.Values)
            if (items.Contains(itemId)) return true;
        return false;
    }
}

/// <summary>A promise with its dates.</summary>
public sealed record LedgerPromise(string PromiseId, long Amount, Currency Currency, int MadeOn, int PromisedOn, IReadOnlyList<string> Items, string MadeBy, bool IsWithdrawn)
{
    /// <summary>What was allocated under it, and what that makes of it by the end of a day.</summary>
    public PromiseState StateAt(CustomerLedger ledger, int day)
    {
        Int128 allocated = 0;
        foreach (var item in ledger.Items)
        {
            if (item.Currency != Currency || (Items.Count > 0 && !Items.Contains(item.ItemId))) continue;
            foreach (var (on, amount) in item.Reductions)
                if (on >= MadeOn && on <= Math.Min(day, PromisedOn + Promises.GraceDays)) allocated += amount;
        }

        return Promises.StateOf(Amount, PromisedOn, allocated, IsWithdrawn, day);
    }
}
