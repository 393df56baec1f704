using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>Customers as the engine has them: names beside the journal, segment and controller from the committed rows, the group from the house's book.</summary>
public sealed class EngineCards(ExposureEngine engine) : ICustomerCards
{
    /// <summary>How old a copy of another owner's rows may be.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyDictionary<string, CustomerCard>> CardsAsync(IReadOnlyCollection<string> customers, CancellationToken cancel)
    {
        var cards = new Dictionary<string, CustomerCard>(StringComparer.Ordinal);
        if (customers.Count == 0) return cards;
        try
        {
            // Those of other owners are copied first.
            if (customers.Any(c => !engine.Owns(engine.PartitionOf(c)))) await engine.MirrorAsync(Fresh, cancel);
            var names = await engine.Reader.PartyNamesAsync(customers, cancel);
            var (policy, groups) = await engine.ReadAsync(Book.House, book => (book.Context.Policy, customers.ToDictionary(c => c, book.TopOf, StringComparer.Ordinal)), cancel);
            foreach (var customer in customers)
            {
                var known = engine.TryGetRow(customer, out var row);
                cards[customer] = new CustomerCard(names.GetValueOrDefault(customer, ""), groups[customer], known ? row.Segment : "", known ? row.Country : "", known ? row.Controller : "")
                {
                    BaseCurrency = engine.Database.BaseCurrency, Rearm = known ? ((int)policy.For(row.Segment)[Parameter.Signal01Rearm], policy.Version) : null,
                };
            }

            return cards;
        }
        catch (EngineUnavailableException moving)
        {
            // A partition is on its way, or ownership is not confirmed at this moment: the pump sends the same rows again.
            throw new JournalUnavailableException(moving.Message, moving);
        }
    }
}
