namespace ExposureMonitor.Alerts;

/// <summary>What messages and routes say of a customer beyond his id.</summary>
/// <param name="Group">The customer at the top of the group that he belongs to; his own id without one.</param>
/// <param name="Desk">The desk that looks after him: his credit segment.</param>
public sealed record CustomerCard(string Name, string Group, string Desk, string Country, string Controller);

/// <summary>Looks customers up; those that nobody knows are left out.</summary>
public interface ICustomerCards
{
    /// <exception cref="Engine.JournalUnavailableException">The database does not answer.</exception>
    ValueTask<IReadOnlyDictionary<string, CustomerCard>> CardsAsync(IReadOnlyCollection<string> customers, CancellationToken cancel);
}
