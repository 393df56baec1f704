namespace ExposureMonitor.Alerts;

/// <summary>What messages and routes say of a customer beyond his id.</summary>
/// <param name="Group">The customer at the top of the group that he belongs to; his own id without one.</param>
/// <param name="Desk">The desk that looks after him: his credit segment.</param>
public sealed record CustomerCard(string Name, string Group, string Desk, string Country, string Controller)
{
    /// <summary>Currency of the books; "" when nobody knows.</summary>
    public string BaseCurrency { get; init; } = "";

    /// <summary>How far below its step the utilisation has to fall to clear it, basis points, and the version of the policy that says so; <c>null</c> when nobody knows.</summary>
    public (int Bp, long PolicyVersion)? Rearm { get; init; }
}

/// <summary>Looks customers up; those that nobody knows are left out.</summary>
public interface ICustomerCards
{
    /// <exception cref="Engine.JournalUnavailableException">The database does not answer.</exception>
    ValueTask<IReadOnlyDictionary<string, CustomerCard>> CardsAsync(IReadOnlyCollection<string> customers, CancellationToken cancel);
}
