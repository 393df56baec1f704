using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>How a desk collects: its ladder of reminders, and by which regime it asks for interest.</summary>
/// <param name="Interest"><c>null</c>: no interest is asked for.</param>
public sealed record CollectionRules(DunningLadder Ladder, InterestRules? Interest)
{
    public static CollectionRules Default { get; } = new(DunningLadder.Default, null);
}
