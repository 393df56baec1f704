using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>What ranking, filtering and counting need of a row: numbers only, so that a million rows cost no text.</summary>
/// <param name="Partition">Where the row is; with <see cref="Slot"/> its place.</param>
public struct PublishedGlance(int partition)
{
    public readonly int Partition = partition;
    public int Slot;

    /// <summary>Numbers of words: the same word has another number in another partition. <see cref="PublishedRows.Words"/> has them.</summary>
    public short Segment, Country, Controller;
    public Currency Currency;
    public LimitKind LimitKind;
    public RiskState RiskState;
    public bool Breached, Provisional, RateMissing;

    /// <summary>As <see cref="AccountFigures.Grade"/>.</summary>
    public byte Grade;

    /// <summary>Basis points; −1 when the limit has no utilisation.</summary>
    public int UtilisationBp;
    public int OpenOrders, HeldOrders, OldestDays;

    /// <summary>Minor units of the currency of the limit.</summary>
    public long Gross, NetRisk, Limit, Available, Receivables, Overdue, Late30, Late60, Late90, LateMore, Held, Unapplied;
}

/// <summary>Looks at every row of a scan; a struct, so that the call costs nothing.</summary>
public interface IGlanceVisitor
{
    /// <summary>The rows of another partition follow.</summary>
    void Begin(PublishedRows rows);

    /// <summary>One row, whole.</summary>
    void Visit(in PublishedGlance row);
}
