namespace ExposureMonitor.Domain;

/// <summary>A draft of a policy in a book that nobody owns: a copy that was built to look at.</summary>
public sealed partial class Book
{
    /// <summary>Versions of the policy that were activated ahead of their time, the earliest first.</summary>
    public IReadOnlyList<PolicyActivated> AheadOfTime => Pending;

    /// <summary>The same book again, byte for byte, but for the window of event ids: a copy takes nothing in that was taken before.</summary>
    public Book Copy()
    {
        var (copy, buffer) = (new Book(Partition, BaseCurrency, EventClock, Partitions), new ByteBuffer());
        WriteState(buffer);
        copy.ReadState(buffer.Written.ToArray());
        for (var slot = 0; slot < AccountCount; slot++)
        {
            buffer.Clear();
            WriteAccount(slot, buffer);
            copy.ReadAccount(buffer.Written.ToArray());
        }

        copy.EndRecovery();
        return copy;
    }

    /// <summary>Folds what is pending, then lets a draft stand in place of the policy, for every account at once; versions that wait for their time are forgotten.</summary>
    /// <param name="bringUp">Told of each account and the effects that the draft had on it; the buffer is used again.</param>
    internal void TakeDraft(Policy draft, Action<int, EffectBuffer> bringUp)
    {
        var effects = new EffectBuffer();
        Pending.Clear();
        Push(Context with { Policy = draft });
        for (var slot = 0; slot < AccountCount; slot++)
        {
            TouchNone();
            effects.Clear();
            BringUp(slot, effects);
            bringUp(slot, effects);
        }

        TouchNone();
        Contexts.RemoveRange(0, Contexts.Count - 1);
        SweepFrom = AccountCount;
    }

    /// <summary>Folds what every account has still to fold; nothing that comes of it is told.</summary>
    internal void Settle()
    {
        var effects = new EffectBuffer();
        for (var slot = 0; slot < AccountCount && Contexts.Count > 1; slot++)
        {
            TouchNone();
            effects.Clear();
            BringUp(slot, effects);
        }

        TouchNone();
        Contexts.RemoveRange(0, Contexts.Count - 1);
        SweepFrom = AccountCount;
    }

    /// <summary>Open orders of an account that are in the books, as a check would judge them now: nothing is decided by it.</summary>
    internal void JudgeOpenOrders(int slot, List<JudgedOrder> to)
    {
        Work.Begin(slot, Context, Entry, StreamTime, new EffectBuffer());
        for (var order = Account(slot).OpenOrder; order != 0; order = Orders[order].OpenNext)
            if (Orders[order].Status == OrderStatus.Open && Orders[order].State is not (OrderState.Unknown or OrderState.Rejected) && Undelivered(Orders[order]) > 0)
                to.Add(Work.JudgeNow(order));
    }

    /// <summary>Currency of an item; <c>null</c> when the account has none of that id.</summary>
    internal Currency? CurrencyOf(int slot, string itemId) => FindItem(slot, itemId) is not 0 and var item ? Items[item].Currency : null;
}
