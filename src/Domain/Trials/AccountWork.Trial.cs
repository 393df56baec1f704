namespace ExposureMonitor.Domain;

/// <summary>An open order as a check would judge it.</summary>
/// <param name="IsHeld">It stands on hold, whatever the check would say.</param>
/// <param name="IsForced">A person holds it: no rule lets it go.</param>
/// <param name="Holds">The check would hold it.</param>
/// <param name="Amount">What is not delivered, minor units of its currency.</param>
/// <param name="Rules">The steps and rules that would hold it, in the order of evaluation.</param>
internal readonly record struct JudgedOrder(string OrderId, long Amount, Currency Currency, bool IsHeld, bool IsForced, bool Holds, string Rules);

/// <summary>Judges without deciding, for trials of a policy.</summary>
internal sealed partial class AccountWork
{
    internal JudgedOrder JudgeNow(int slot)
    {
        var judgement = Judge(SubjectOf(slot, isNew: false));
        ref var order = ref book.Orders[slot];
        var rules = judgement.Holds ? string.Join(' ', judgement.Reasons.Where(r => r.Reaction >= Reaction.Hold).Select(r => r.Rule)) : "";
        return new JudgedOrder(IdText(order.Id), book.Undelivered(order), order.Currency, Book.IsHeld(order), HoldOf(slot) is { Forced: true }, judgement.Holds, rules);
    }
}
