using System.Threading.Channels;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Grains;

/// <summary>Who watches which customer in this silo: one reader of the live feed for all of them, so that only watchers are told.</summary>
public sealed class CustomerWatchers(SiloEngine silo) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<CustomerWatch>> _watches = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private Task? _running;

    /// <summary>Begins to watch a customer; disposing it ends that.</summary>
    internal CustomerWatch Watch(string customer)
    {
        var watch = new CustomerWatch(this, customer);
        lock (_gate)
        {
            if (!_watches.TryGetValue(customer, out var some)) _watches[customer] = some = [];
            some.Add(watch);
            _running ??= Task.Run(RunAsync);
        }

        return watch;
    }

    internal void End(CustomerWatch watch)
    {
        lock (_gate)
            if (_watches.TryGetValue(watch.Customer, out var some) && some.Remove(watch) && some.Count == 0) _watches.Remove(watch.Customer);
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                // A reader that was dropped for being slow has missed something: everybody looks again.
                var changes = silo.Engine.Live.Subscribe(null, _stop.Token);
                lock (_gate)
                    foreach (var watch in _watches.Values.SelectMany(w => w)) watch.Tell();
                await foreach (var change in changes.ReadAllAsync(_stop.Token))
                    lock (_gate)
                        if (_watches.Count > 0)
                            foreach (var customer in change.Customers)
                                if (_watches.TryGetValue(customer, out var some)) some.ForEach(w => w.Tell());
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_running is not null) await _running;
        lock (_gate)
            foreach (var watch in _watches.Values.SelectMany(w => w)) watch.End();
        _stop.Dispose();
    }
}

/// <summary>One who watches a customer: changes that come while he is busy are one.</summary>
internal sealed class CustomerWatch(CustomerWatchers watchers, string customer) : IDisposable
{
    /// <summary>A watcher looks again after so long, so that it notices when the partition has left.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    internal string Customer => customer;

    internal void Tell() => _changed.Writer.TryWrite(true);

    internal void End() => _changed.Writer.TryComplete();

    /// <summary>Waits for the next change, or a while; false when the silo stops.</summary>
    internal async Task<bool> ChangedAsync(CancellationToken cancel)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        soon.CancelAfter(LookEvery);
        try
        {
            if (!await _changed.Reader.WaitToReadAsync(soon.Token)) return false;
            _changed.Reader.TryRead(out _);
            return true;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return true;
        }
    }

    public void Dispose() => watchers.End(this);
}
