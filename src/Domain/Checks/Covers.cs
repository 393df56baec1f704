namespace ExposureMonitor.Domain;

/// <summary>
/// Cover: what pays if the buyer does not (credit.md section 11). Most certain first; inside one cover the oldest due
/// items come first and carry the deductible; a later cover sees only what is left of an item, so that none is ever
/// covered twice. Only customers with cover pay for the walk over their items.
/// </summary>
internal static class Covers
{
    /// <summary>Days before its end until which a bank guarantee can still be claimed, where the fact says none.</summary>
    private const int ClaimLagDefault = 15;

    private static readonly CoverKind[] MostCertainFirst = [CoverKind.Deposit, CoverKind.BankGuarantee, CoverKind.Insurance, CoverKind.ParentGuarantee];

    /// <summary>A part of the exposure that a cover may stand for.</summary>
    private struct Coverable
    {
        internal int DueOn, DeliveredOn, TermsDays, LateAtDelivery;
        internal Int128 Left, Disputed;

        /// <summary>What covers stand for; and whether it is a receivable, which has a due date.</summary>
        internal Int128 Covered;
        internal bool Owed;

        /// <summary>Delivered or invoiced: guarantees stand for it. Insurable: the day of its delivery is known.</summary>
        internal bool Shipped, Insurable;
    }

    /// <summary>The last day on which a cover can be claimed; 0 without an end.</summary>
    internal static int LastDay(CoverState cover) => cover.To == 0 || cover.Kind != CoverKind.BankGuarantee
        ? cover.To
        : cover.To - (cover.ClaimLagDays == 0 ? ClaimLagDefault : cover.ClaimLagDays);

    /// <summary>True while the instrument is in force on a day; what an insurance by delivery covered stays covered.</summary>
    internal static bool InForce(CoverState cover, int today)
    {
        if (today < cover.From || (cover.EndedOn != 0 && today >= cover.EndedOn)) return false;
        return cover.To == 0 || today <= LastDay(cover) || cover is { Kind: CoverKind.Insurance, Basis: CoverBasis.Delivery };
    }

    /// <summary>True while a cover raises the limit: no longer than goods that leave now would be covered.</summary>
    internal static bool Raises(CoverState cover, int today) => cover.Use == CoverUse.RaisesLimit && TakesDeliveries(cover, today);

    /// <summary>True while goods that leave now would be covered.</summary>
    internal static bool TakesDeliveries(CoverState cover, int today) => InForce(cover, today)
        && (cover.To == 0 || today <= LastDay(cover)) && (cover.StoppedOn == 0 || today < cover.StoppedOn);

    /// <summary>Cover of an account in a currency.</summary>
    internal static Int128 Total(Book book, int slot, PartitionContext context, in Exposure exposure) => Total(book, slot, context, exposure, []);

    /// <summary>The same, and how much of it stands for receivables of each bucket of the ageing, as far as it can be put down to single items.</summary>
    /// <param name="buckets">Six sums to add to; none where nobody asks.</param>
    internal static Int128 Total(Book book, int slot, PartitionContext context, in Exposure exposure, Span<Int128> buckets)
    {
        if (book.RareOf(slot) is not { Covers.Count: > 0 } rare) return 0;
        List<Coverable>? items = null;
        Int128 total = 0;
        var unapplied = exposure.Unapplied;
        foreach (var kind in MostCertainFirst)
        {
            foreach (var cover in rare.Covers)
            {
                if (cover.Kind != kind || cover.Use != CoverUse.ReducesRisk || !InForce(cover, context.Today)) continue;
                if (context.Convert(cover.Amount, cover.Currency, exposure.Currency) is not { } value
                    || context.Convert(cover.Deductible, cover.Currency, exposure.Currency) is not { } deductible) continue;
                total += Take(cover, items ??= ItemsOf(book, slot, context, exposure), ref unapplied, value, deductible);
            }
        }

        if (buckets.Length == 0 || items is null) return total;
        foreach (var item in items)
            if (item.Owed) buckets[Book.BucketOf(context.Today - item.DueOn)] += item.Covered;
        return total;
    }

    /// <summary><c>max(0, share × min(value, Σ eligible) − deductible)</c>, rounded down, and taken off the items.</summary>
    private static Int128 Take(CoverState cover, List<Coverable> items, ref Int128 unapplied, Int128 value, Int128 deductible)
    {
        var share = ShareOf(cover);
        Int128 eligible = 0;
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];
            var part = EligibleOf(cover, item);
            // What is paid already and only not matched yet needs no cover: it is set off against the oldest first.
            var setOff = Int128.Min(part, unapplied);
            unapplied -= setOff;
            item.Left -= setOff;
            items[i] = item;
            eligible += part - setOff;
        }

        var total = Int128.Max(0, Rounding.Down(Int128.Min(value, eligible) * share, 10_000) - deductible);
        var (rest, room) = (total, Int128.Min(value, eligible));
        for (var i = 0; i < items.Count && rest > 0; i++)
        {
            var item = items[i];
            var basis = Int128.Min(EligibleOf(cover, item), room);
            room -= basis;
            var gross = Rounding.Down(basis * share, 10_000);
            var carried = Int128.Min(gross, deductible);
            deductible -= carried;
            var taken = Int128.Min(rest, gross - carried);
            rest -= taken;
            item.Left -= taken;
            item.Covered += taken;
            items[i] = item;
        }

        return total;
    }

    /// <summary>
    /// A guarantee of the parent is worth what its grade says; without a grade nothing, unless the fact states a share.
    /// </summary>
    private static int ShareOf(CoverState cover) => cover.Kind switch
    {
        CoverKind.Insurance => cover.InsuredBp,
        CoverKind.ParentGuarantee => cover.ParentGrade switch { "A" => 10_000, "B" => 8_000, "C" => 5_000, "" => cover.InsuredBp, _ => 0 },
        _ => 10_000,
    };

    private static Int128 EligibleOf(CoverState cover, in Coverable item)
    {
        if (cover.Kind == CoverKind.Deposit) return item.Left;
        if (!item.Shipped) return 0;
        if (cover.Kind == CoverKind.ParentGuarantee) return item.Left;
        var undisputed = Int128.Max(0, item.Left - item.Disputed);
        if (cover.Kind == CoverKind.BankGuarantee) return undisputed;
        if (!item.Insurable || item.DeliveredOn < cover.From || (cover.To != 0 && item.DeliveredOn > cover.To)) return 0;
        if (cover.StoppedOn != 0 && item.DeliveredOn >= cover.StoppedOn) return 0;
        if (cover.MaxTermsDays > 0 && item.TermsDays > cover.MaxTermsDays) return 0;
        return cover.MepDays > 0 && item.LateAtDelivery > cover.MepDays ? 0 : undisputed;
    }

    /// <summary>What counts in the exposure, oldest due first; what has no due date comes behind.</summary>
    private static List<Coverable> ItemsOf(Book book, int slot, PartitionContext context, in Exposure exposure)
    {
        var list = new List<Coverable>();
        for (var at = book.Account(slot).OpenItem; at != 0; at = book.Items[at].OpenNext)
        {
            ref var item = ref book.Items[at];
            if (context.Convert(book.OpenOf(item), item.Currency, exposure.Currency) is not { } open) continue;
            var (deliveredOn, late) = DeliveryOf(book, item);
            list.Add(new Coverable
            {
                DueOn = item.DueOn, Left = open, Disputed = context.Convert(book.ExtraOf(item).Disputed, item.Currency, exposure.Currency) ?? open,
                DeliveredOn = deliveredOn, LateAtDelivery = late, TermsDays = item.DueOn - item.IssuedOn, Shipped = true, Insurable = true, Owed = true,
            });
        }

        var delivered = exposure.Delivered;
        for (var at = book.Account(slot).Deliveries.First; at != 0 && delivered > 0; at = book.Deliveries[at].Next)
        {
            ref var delivery = ref book.Deliveries[at];
            if (Book.OpenOf(delivery) is var held && held == 0 || context.Convert(held, delivery.Currency, exposure.Currency) is not { } open) continue;
            open = Int128.Min(open, delivered);
            delivered -= open;
            list.Add(new Coverable
            {
                DueOn = int.MaxValue - 2, Left = open, DeliveredOn = delivery.ShippedOn, LateAtDelivery = delivery.LateAtDelivery, Shipped = true, Insurable = true,
            });
        }

        var invoiced = exposure.Billed + exposure.Acceptances + exposure.PaymentsAtRisk;
        if (invoiced > 0) list.Add(new Coverable { DueOn = int.MaxValue - 1, Left = invoiced, Shipped = true });
        var ahead = exposure.OrdersInside + exposure.Reserved + exposure.External;
        if (ahead > 0) list.Add(new Coverable { DueOn = int.MaxValue, Left = ahead });
        // Equal due dates: the earlier delivery first; a stable order comes from the amounts.
        list.Sort(static (a, b) => a.DueOn != b.DueOn ? a.DueOn.CompareTo(b.DueOn) : a.DeliveredOn != b.DeliveredOn ? a.DeliveredOn.CompareTo(b.DeliveredOn)
            : a.Left != b.Left ? a.Left.CompareTo(b.Left) : a.Disputed.CompareTo(b.Disputed));
        return list;
    }

    /// <summary>The day of the goods: of the delivery that the invoice takes over, else its own; and how late the buyer was then.</summary>
    private static (int On, int Late) DeliveryOf(Book book, in ItemRecord item)
    {
        for (var link = item.FirstLink; link != 0; link = book.Links[link].Next)
            if (book.Links[link].Delivery is var at && at != 0 && book.Deliveries[at].Posted)
                return (book.Deliveries[at].ShippedOn, book.Deliveries[at].LateAtDelivery);
        return (item.IssuedOn, book.ExtraOf(item).LateAtDelivery);
    }
}
