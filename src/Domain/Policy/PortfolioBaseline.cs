namespace ExposureMonitor.Domain;

/// <summary>Figures of the portfolio, or of one segment, as a daily fact told them: what a customer without a history of his own is compared with.</summary>
/// <param name="Segment">"" for the whole portfolio.</param>
/// <param name="AsOn">Day number of the measurement.</param>
/// <param name="Receivables">All receivables, minor units of the base currency.</param>
/// <param name="UncoveredEad">Exposure at default that no cover takes, minor units of the base currency.</param>
/// <param name="OverdueShareBp">Share of the receivables that is overdue, basis points.</param>
/// <param name="MedianDaysLate">Median of days late.</param>
/// <param name="WeeklyOrders">Median of the orders of a customer and week, minor units of the base currency; 0 when nobody measured it.</param>
/// <param name="WeeklyOrdersMad">Median absolute deviation of the same.</param>
public sealed record PortfolioBaseline(
    string Segment, int AsOn, long Receivables, long UncoveredEad, int OverdueShareBp, int MedianDaysLate, long WeeklyOrders, long WeeklyOrdersMad);
