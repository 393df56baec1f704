using ExposureMonitor.Alerts;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Standalone;

/// <summary>The alerts beside an engine: the pump of the outbox, the house that makes messages of it, its channels.</summary>
internal sealed class AlertServices : IAsyncDisposable
{
    private readonly OutboxPump _pump;

    private AlertServices(OutboxPump pump, AlertHouse house) => (_pump, House) = (pump, house);

    internal AlertHouse House { get; }

    /// <param name="add">Hears what can be asked how it does.</param>
    internal static async Task<AlertServices> StartAsync(ExposureEngine engine, IStoredJournal journal, ChannelsFile file, Action<IServiceState> add, CancellationToken cancel)
    {
        var heads = await engine.Reader.HeadsAsync(cancel);
        var house = await AlertHouse.StartAsync(file.Plan(), journal, new EngineCards(engine), heads, cancel: cancel);
        try
        {
            // The pump owns the house from here on, and ends it.
            var pump = await OutboxPump.StartAsync(new JournalOutbox(engine.Reader), heads, journal, house, engine.Bell, new OutboxPumpOptions { Pause = TimeSpan.FromMilliseconds(10) }, cancel: cancel);
            add(pump);
            foreach (var channel in house.Channels.Values) add(channel);
            return new AlertServices(pump, house);
        }
        catch
        {
            await house.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _pump.DisposeAsync();

    /// <summary>Customers as the engine has them.</summary>
    private sealed class EngineCards(ExposureEngine engine) : ICustomerCards
    {
        public async ValueTask<IReadOnlyDictionary<string, CustomerCard>> CardsAsync(IReadOnlyCollection<string> customers, CancellationToken cancel)
        {
            var cards = new Dictionary<string, CustomerCard>(StringComparer.Ordinal);
            if (customers.Count == 0) return cards;
            var names = await engine.Reader.PartyNamesAsync(customers, cancel);
            foreach (var customer in customers)
            {
                var known = engine.TryGetRow(customer, out var row);
                cards[customer] = new CustomerCard(names.GetValueOrDefault(customer, ""), customer, known ? row.Segment : "", known ? row.Country : "", known ? row.Controller : "");
            }

            return cards;
        }
    }
}
