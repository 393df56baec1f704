using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// I13: of every pair of parent and child the two sides agree, what is on its way counted: granted at the parent is held by the child
/// or in flight, and what the child forced or gave back is booked or in flight. And nothing is granted out of an empty pool.
/// </summary>
internal sealed class LeaseProof(IJournalReader reader)
{
    private const int Page = 1_000;

    private readonly Dictionary<(string Parent, string Child), Totals> _lent = [], _held = [];
    private readonly Dictionary<(int Sender, int Receiver), (long Sent, long Taken)> _wires = [];

    private readonly record struct Totals(long Granted, long Forced, long Returned)
    {
        internal Totals With(Totals other) => new(Math.Max(Granted, other.Granted), Math.Max(Forced, other.Forced), Math.Max(Returned, other.Returned));
    }

    /// <summary>No grant leaves a parent that has nothing left to lend.</summary>
    internal static string? Entry(EntryPosition at, Book book, IReadOnlyList<Effect> effects)
    {
        for (var i = 0; i < effects.Count; i++)
        {
            if (effects[i] is not MessageSent { Fact: LeaseGranted granted }) continue;
            if (book.FindSlot(granted.Parent) is var slot && slot >= 0 && book.PoolOf(slot) is >= 0) continue;
            return $"Entry {at}, customer '{granted.Parent}': a slice was granted out of a pool below 0.";
        }

        return null;
    }

    /// <summary>Notes the pairs of a partition that was replayed to its end.</summary>
    internal void End(Book book)
    {
        foreach (var (receiver, sent) in book.Sent) _wires[(book.Partition, receiver)] = (sent, _wires.GetValueOrDefault((book.Partition, receiver)).Taken);
        for (var sender = Book.House; sender < book.Partitions; sender++)
            if (book.TakenFrom(sender) is > 0 and var taken) _wires[(sender, book.Partition)] = (_wires.GetValueOrDefault((sender, book.Partition)).Sent, taken);
        for (var slot = 0; slot < book.AccountCount; slot++)
        {
            if (book.GroupOf(slot) is not { } group) continue;
            var customer = book.CustomerAt(slot);
            foreach (var slice in group.Slices) _held[(slice.Parent, customer)] = new Totals(slice.Granted, slice.Forced, slice.Returned);
            foreach (var member in group.Members) _lent[(customer, member.Customer)] = new Totals(member.Granted, member.Forced, member.Returned);
        }
    }

    /// <summary>After all partitions: what was sent and not taken is added to what its receiver holds; then both sides are equal.</summary>
    internal async ValueTask<string?> EndAsync(CancellationToken cancel)
    {
        if (_lent.Count == 0 && _held.Count == 0) return null;
        foreach (var ((sender, receiver), (sent, taken)) in _wires)
        {
            for (var after = taken; after < sent;)
            {
                var page = await reader.MessagesAsync(sender, receiver, after, Page, cancel);
                if (page.Count == 0) break;
                foreach (var row in page) Add(Messages.FactOf(row));
                after = page[^1].Number;
            }
        }

        foreach (var pair in _lent.Keys.Union(_held.Keys).OrderBy(p => p.Parent, StringComparer.Ordinal).ThenBy(p => p.Child, StringComparer.Ordinal))
        {
            var (lent, held) = (_lent.GetValueOrDefault(pair), _held.GetValueOrDefault(pair));
            if (lent != held)
                return $"Customer '{pair.Parent}': of '{pair.Child}' it booked {lent.Granted} granted, {lent.Forced} forced and {lent.Returned} returned; the other side has {held.Granted}, {held.Forced} and {held.Returned}, what is on its way counted.";
        }

        return null;
    }

    private void Add(Fact fact)
    {
        if (fact is LeaseStatement s) Raise(_held, (s.Parent, s.Customer), new Totals(s.Granted, 0, 0));
        if (fact is LeaseReport r) Raise(_lent, (r.Customer, r.Child), new Totals(0, r.Forced, r.Returned));

        static void Raise(Dictionary<(string, string), Totals> pairs, (string, string) pair, Totals told) => pairs[pair] = pairs.GetValueOrDefault(pair).With(told);
    }
}
