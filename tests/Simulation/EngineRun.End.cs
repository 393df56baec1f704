using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Simulation;

/// <summary>The faults are over: the run must converge, agree with the oracle, and come back from a restart without saying anything new.</summary>
internal sealed partial class EngineRun
{
    private async Task<string?> EndAsync()
    {
        _journal.Faulty = false;
        await QuietAsync();
        if (_proofs.Check(out var desks) is { } wrong) return wrong;
        if (await CompareAsync(desks) is { } differs) return differs;
        var before = await CountsAsync();
        await StopAsync();
        await QuietAsync();
        if (await CompareAsync(desks) is { } afterwards) return "after a restart: " + afterwards;
        if (await CountsAsync() is var after && after != before) return $"a restart added rows: {before} became {after}";
        await StopAsync();
        return (await JournalVerifier.RunAsync(_journal, _journal.Database, CancellationToken.None)).Violation;
    }

    private async Task<string?> CompareAsync(List<NaiveDesk> desks)
    {
        var engine = await EngineAsync();
        var undelivered = new Dictionary<string, long>();
        for (var partition = 0; partition < desks.Count; partition++)
        {
            var desk = desks[partition];
            foreach (var (customer, account) in desk.Accounts)
            {
                if (!engine.TryGetRow(customer, out var row)) return $"customer {customer} is not there";
                var detail = await engine.ReadAsync(partition, book => book.Detail(book.FindSlot(customer)));
                foreach (var order in detail.Orders) undelivered[order.OrderId] = undelivered.GetValueOrDefault(order.OrderId) + order.Undelivered;
                if (_proofs.Account(desk, customer, row.Figures, detail) is { } differs) return differs;
                if (Signalled.Check(_journal.AllRows, customer, detail, _met) is { } signalled) return signalled;
            }

            var accounts = await engine.ReadAsync(partition, book => book.AccountCount);
            if (accounts != desk.Accounts.Count) return $"partition {partition} has {accounts} accounts, {desk.Accounts.Count} were told of";
        }

        return Moved(undelivered);
    }

    /// <summary>An order that changed its payer is owed once, by whomever: what was ordered less what was delivered anywhere.</summary>
    private string? Moved(Dictionary<string, long> undelivered)
    {
        var facts = _told.Select(p => p.Fact).ToList();
        foreach (var change in facts.OfType<OrderPayerChanged>())
        {
            if (facts.OfType<OrderPlaced>().FirstOrDefault(o => o.OrderId == change.OrderId) is not { } placed) continue;
            var ordered = facts.OfType<OrderChanged>().Where(c => c.OrderId == change.OrderId && c.Currency == placed.Currency).MaxBy(c => c.Version)?.Amount ?? placed.Amount;
            var open = Math.Max(0, ordered - facts.OfType<DeliveryPosted>().Where(d => d.OrderId == change.OrderId).Sum(d => d.Amount));
            var actual = undelivered.GetValueOrDefault(change.OrderId);
            if (actual != open) return $"order {change.OrderId}, which changed its payer: {actual} are open over all customers, {open} were ordered and not delivered";
        }

        return null;
    }

    private async Task<string> CountsAsync()
    {
        var counts = new List<long>();
        foreach (var table in Enum.GetValues<RowTable>()) counts.Add(await _journal.CountRowsAsync(table, null, CancellationToken.None));
        return string.Join(",", counts);
    }

    /// <summary>Waits until every message between partitions was taken.</summary>
    private async Task QuietAsync()
    {
        for (var open = 1L; open > 0;)
        {
            open = 0;
            for (var sender = 0; sender < _swarm.Partitions; sender++)
            {
                var from = sender;
                foreach (var (receiver, last) in await ReadAsync(sender, book => book.Sent.ToArray()))
                    open += last - await ReadAsync(receiver, book => book.TakenFrom(from));
            }
        }
    }
}
