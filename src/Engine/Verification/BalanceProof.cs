using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// I5: what came into an account minus what went out equals what stands there. Summing an account looks at all of its documents,
/// so a large one is summed again only after a share of them has been touched, and all once more at the end: the proof is
/// whole, its cost does not grow with the accounts, and what it finds lies between two places that it names.
/// </summary>
/// <param name="sum">Sums the account of a slot: what is out of balance, and how many documents that took.</param>
/// <param name="nameOf">The customer of a slot.</param>
internal sealed class BalanceProof(Func<int, (string? Why, int Documents)> sum, Func<int, string> nameOf)
{
    /// <summary>Documents that a touch may cost on average.</summary>
    private const int DocumentsEach = 16;

    private readonly Dictionary<int, State> _accounts = [];

    private record struct State(int TouchesLeft, EntryPosition Summed, bool IsOpen);

    /// <summary>After an entry was applied that touched these slots.</summary>
    internal string? Entry(EntryPosition at, IEnumerable<int> touched)
    {
        foreach (var slot in touched)
        {
            var state = _accounts.GetValueOrDefault(slot);
            if (state.TouchesLeft > 0) _accounts[slot] = state with { TouchesLeft = state.TouchesLeft - 1, IsOpen = true };
            else if (Sum(slot, at, state) is { } wrong) return wrong;
        }

        return null;
    }

    /// <summary>After the last entry: whoever was touched since his last sum.</summary>
    internal string? End()
    {
        foreach (var (slot, state) in _accounts.Where(a => a.Value.IsOpen).ToList())
            if (Sum(slot, null, state) is { } wrong) return wrong;
        return null;
    }

    private string? Sum(int slot, EntryPosition? at, State state)
    {
        var (why, documents) = sum(slot);
        if (why is not null)
        {
            var since = state.IsOpen ? $" (it balanced at {state.Summed})" : "";
            return at is { } here ? $"Entry {here}, customer '{nameOf(slot)}': {why}{since}" : $"Customer '{nameOf(slot)}', at the end: {why}{since}";
        }

        _accounts[slot] = new State(documents / DocumentsEach, at ?? state.Summed, false);
        return null;
    }
}
