using System.Runtime.CompilerServices;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Grains;

/// <summary>
/// A customer beside its partition: a handle to the published row, read in place, and the door to the endpoints for everything that changes
/// something. It holds no figures of its own, so that a million idle customers cost nothing and none can be wrong.
/// </summary>
[GrainType("customer"), BesidePartition, Reentrant, Immovable, CollectionAgeLimit(Minutes = 2)]
internal sealed class CustomerGrain(SiloEngine silo, ClusterMap map, GrainOwners owners, CustomerWatchers watchers) : Grain, ICustomerGrain
{
    private string Customer => this.GetPrimaryKeyString();

    private int Partition => map.PartitionOf(Customer);

    public Task<FiguresReply> FiguresAsync(RowPlace seen)
    {
        try
        {
            if (!IsHere()) return Task.FromResult(new FiguresReply(Answered.Elsewhere, null));
            if (!silo.Engine.TryGetRow(Customer, out var row)) return Task.FromResult(new FiguresReply(Answered.Yes, null));
            // Older than what the caller has seen: this owner has not read all of it yet.
            return Task.FromResult(row.Figures.AsOf < seen.Seq ? new FiguresReply(Answered.Unavailable, null) : new FiguresReply(Answered.Yes, Of(row)));
        }
        catch (EngineUnavailableException away)
        {
            return Task.FromResult(new FiguresReply(Replies.Of(away), null));
        }
    }

    public async IAsyncEnumerable<CustomerFigures> Watch([EnumeratorCancellation] CancellationToken cancel = default)
    {
        using var watch = watchers.Watch(Customer);
        for (long told = -1; IsHere();)
        {
            if (silo.Engine.TryGetRow(Customer, out var row) && row.Figures.AsOf > told)
            {
                told = row.Figures.AsOf;
                yield return Of(row);
            }

            if (!await watch.ChangedAsync(cancel)) yield break;
        }
    }

    public async Task<CallReply> CallAsync(Call call)
    {
        var reply = await silo.CallAsync(Partition, call);
        if (reply.Answered != Answered.Elsewhere) return reply;
        // Once: the partition knows where it lives; the next call to this customer is placed anew.
        IsHere();
        return await owners.CallAsync(Partition, call, CancellationToken.None);
    }

    /// <summary>A customer whose partition has left goes, too.</summary>
    private bool IsHere()
    {
        if (silo.Engine.Owns(Partition)) return true;
        DeactivateOnIdle();
        return false;
    }

    private static CustomerFigures Of(in PublishedRow row)
    {
        var f = row.Figures;
        return new CustomerFigures(row.Customer, new RowPlace(f.AsOf), f.Currency.Code, (int)f.LimitKind, f.Limit, f.Available, f.Gross, f.NetRisk, (int)f.RiskState, f.UtilisationBp,
            f.Breached, f.HeldOrders, f.Overdue, f.Reserved);
    }
}
