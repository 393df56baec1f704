namespace ExposureMonitor.Domain;

/// <summary>Held orders that are alike.</summary>
/// <param name="State">What they wait for.</param>
/// <param name="Rule">The first reason that still holds; the first one when none does, and <c>FORCED</c> for what a person stopped without one.</param>
/// <param name="Oldest">When the oldest of them was stopped.</param>
public sealed record HeldKind(OrderState State, string Rule, int Count, Instant Oldest);

/// <summary>Which orders are on hold.</summary>
public sealed partial class Book
{
    /// <summary>Held orders of the accounts from a slot to behind another one, by state and rule.</summary>
    public List<HeldKind> HeldKinds(int from, int end)
    {
        var kinds = new Dictionary<(OrderState State, string Rule), (int Count, Instant Oldest)>();
        for (var slot = Math.Max(0, from); slot < Math.Min(end, AccountCount); slot++)
        {
            if (Account(slot).HeldOrders == 0 || RareOf(slot) is not { } rare) continue;
            foreach (var hold in rare.Holds)
            {
                var kind = (Orders[hold.Order].State, RuleOf(hold));
                var (count, oldest) = kinds.GetValueOrDefault(kind, (0, hold.CreatedAt));
                kinds[kind] = (count + 1, hold.CreatedAt < oldest ? hold.CreatedAt : oldest);
            }
        }

        return [.. kinds.OrderBy(k => k.Key.State).ThenBy(k => k.Key.Rule, StringComparer.Ordinal).Select(k => new HeldKind(k.Key.State, k.Key.Rule, k.Value.Count, k.Value.Oldest))];
    }

    private static string RuleOf(HoldState hold) => (hold.Reasons.Find(r => r.StillValid) ?? hold.Reasons.FirstOrDefault())?.Rule ?? "FORCED";
}
