namespace ExposureMonitor.Domain;

/// <summary>What another limit would mean for a customer, orders that it frees included.</summary>
/// <param name="Reason">Why the limit would be refused; "" when it would not.</param>
/// <param name="Limit">What would serve then, after all rules, in minor units of the limit's currency; 0 unless <paramref name="Kind"/> is an amount.</param>
/// <param name="UtilisationBp">Basis points; −1 when the limit has no utilisation.</param>
/// <param name="Frees">Held orders that would be released by rule.</param>
/// <param name="Stays">Held orders that would stay.</param>
public sealed record LimitEffect(string Reason, LimitKind Kind, long Limit, long Gross, int UtilisationBp, IReadOnlyList<HoldLine> Frees, int Stays);

/// <summary>A limit tried out: the machine takes it in, in a book of its own.</summary>
public sealed partial class Book
{
    /// <summary>What would follow at once if a limit were set from today on; nothing does.</summary>
    public LimitEffect EffectOfLimit(int slot, LimitKind kind, long amount)
    {
        var (scratch, alone) = ScratchOf(slot);
        var before = scratch.Detail(alone).Holds;
        var (version, rare) = (scratch.Account(alone).LimitVersion, scratch.RareOf(alone));
        var fact = new LimitSet
        {
            Customer = CustomerAt(slot), EventId = "tried", Time = StreamTime, Arrival = StreamTime, Version = version + 1, Currency = Account(slot).LimitCurrency,
            Mandatory = rare is { Mandatory: true }, OutsideGroup = rare is { OutsideGroup: true }, Steps = [new LimitStep { From = Today, Kind = kind, Amount = amount }],
        };
        var outcome = PartitionMachine.Apply(scratch, fact, new EntryPosition(Partition, scratch.Account(alone).LastSeq + 1, 0), new EffectBuffer());
        var (figures, after) = (scratch.Figures(alone), scratch.Detail(alone).Holds.Select(h => h.OrderId).ToHashSet(StringComparer.Ordinal));
        return new LimitEffect(outcome.Kind == OutcomeKind.Applied ? "" : outcome.Reason, figures.LimitKind, figures.Limit, figures.Gross, figures.UtilisationBp, [.. before.Where(h => !after.Contains(h.OrderId))], after.Count);
    }
}
