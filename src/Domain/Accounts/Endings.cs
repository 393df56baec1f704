namespace ExposureMonitor.Domain;

/// <summary>What of a customer comes to an end by itself.</summary>
public enum EndingKind : byte
{
    /// <summary>The schedule of the limit: behind its last day there is none.</summary>
    Limit = 1,

    TemporaryLimit,

    Cover,

    /// <summary>A promise to pay whose money has not come.</summary>
    Promise,

    /// <summary>The next credit review.</summary>
    Review,
}

/// <summary>Something of a customer that ends, or is due, by itself.</summary>
/// <param name="Id">As the fact named it; "" for the limit and the review.</param>
/// <param name="On">Its last day, as a day number: on which a limit or a cover still serves, on which a promise or a review is due.</param>
/// <param name="Amount">Minor units of <paramref name="Currency"/>; 0 for a review and for a limit without a ceiling.</param>
public sealed record EndingLine(string Customer, EndingKind Kind, string Id, int On, long Amount, string Currency);

/// <summary>What ends soon.</summary>
public sealed partial class Book
{
    /// <summary>What of the accounts from a slot to behind another one ends from today to a day; in the order of slots.</summary>
    public List<EndingLine> EndingsOf(int from, int end, int until)
    {
        var lines = new List<EndingLine>();
        for (var slot = Math.Max(0, from); slot < Math.Min(end, AccountCount); slot++)
        {
            if (RareOf(slot) is { } rare) AddRare(lines, slot, rare, until);
            if (HabitsOf(slot)?.Outside is not { } outside) continue;
            foreach (var promise in outside.Promises)
                if (promise.PromisedOn != 0 && IsWithin(promise.PromisedOn, until) && Promises.StateOf(promise.Amount, promise.PromisedOn, PaidFor(slot, promise), promise.WithdrawnOn != 0, Today) == PromiseState.Open)
                    lines.Add(new EndingLine(CustomerAt(slot), EndingKind.Promise, promise.Id, promise.PromisedOn, promise.Amount, promise.Currency.Code));
        }

        return lines;
    }

    private void AddRare(List<EndingLine> lines, int slot, Rare rare, int until)
    {
        var currency = Account(slot).LimitCurrency.Code;
        if (EndOfLimit(slot) is var last && IsWithin(last, until))
            lines.Add(new EndingLine(CustomerAt(slot), EndingKind.Limit, "", last, rare.Steps.Where(s => s.To == last).Max(s => s.Kind == LimitKind.Amount ? s.Amount : 0), currency));
        foreach (var temporary in rare.Temporary)
            // It ends at a moment: the day before is the last one when that is a midnight.
            if (temporary is { Ended: false, Consumed: false } && temporary.To > StreamTime && IsWithin(temporary.To.Plus(-1).UtcDate.DayNumber, until))
                lines.Add(new EndingLine(CustomerAt(slot), EndingKind.TemporaryLimit, temporary.Id, temporary.To.Plus(-1).UtcDate.DayNumber, temporary.Amount, temporary.Currency.Code));
        foreach (var cover in rare.Covers)
            if (Covers.InForce(cover, Today) && cover.EndedOn == 0 && IsWithin(Covers.LastDay(cover), until))
                lines.Add(new EndingLine(CustomerAt(slot), EndingKind.Cover, cover.Id, Covers.LastDay(cover), cover.Amount, cover.Currency.Code));
        if (rare.NextReviewOn != 0 && IsWithin(rare.NextReviewOn, until)) lines.Add(new EndingLine(CustomerAt(slot), EndingKind.Review, "", rare.NextReviewOn, 0, currency));
    }

    private bool IsWithin(int day, int until) => day >= Today && day <= until;

    /// <summary>The last day of the schedule of a limit; 0 for none and for one without an end.</summary>
    internal int EndOfLimit(int slot)
    {
        if (RareOf(slot) is not { Steps.Count: > 0 } rare) return 0;
        var end = 0;
        foreach (var step in rare.Steps)
        {
            if (step.To == 0) return 0;
            end = Math.Max(end, step.To);
        }

        return end;
    }

    /// <summary>What was allocated to the items of a promise from the day on which it was made to its last day of patience; to any item when it names none.</summary>
    internal Int128 PaidFor(int slot, PromisedState promise)
    {
        Int128 paid = 0;
        var last = promise.PromisedOn + Promises.GraceDays;
        if (promise.Items.Count > 0)
        {
            foreach (var id in promise.Items)
                if (FindItem(slot, id) is not 0 and var item) Add(item);
        }
        else
        {
            for (var item = Account(slot).Items.First; item != 0; item = Items[item].Next) Add(item);
        }

        return paid;

        void Add(int item)
        {
            if (Items[item].Currency != promise.Currency) return;
            for (var part = Items[item].FirstPart; part != 0; part = Parts[part].NextOfItem)
            {
                ref var allocation = ref Allocations[Parts[part].Allocation];
                if (allocation.WriteOff || allocation.On < promise.MadeOn || allocation.On > last || !IsLive(Parts[part].Allocation)) continue;
                paid += (Int128)Parts[part].Amount + Parts[part].Discount;
            }
        }
    }

    /// <summary>True while an allocation stands: neither undone nor of a source that was void from its start.</summary>
    internal bool IsLive(int allocation)
    {
        ref var record = ref Allocations[allocation];
        return !record.Undone && (record.Source == 0 || !Sources[record.Source].Void);
    }
}
