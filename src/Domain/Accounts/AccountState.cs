namespace ExposureMonitor.Domain;

/// <summary>One account on its way into bytes, or back.</summary>
internal sealed class AccountState(Book book, int slot, StateStream s)
{
    private readonly AccountNumbers _numbers = book.Numbers.Clear();
    private int _format;

    /// <summary>True while the bytes hold what the pattern indicators remember, and the risk state its causes.</summary>
    internal bool HasHabits => _format >= 5;

    internal void Run(int format)
    {
        var read = s.Count(format);
        if (read < Book.OldestFormat || read > format) throw new InvalidDataException($"Account format {read} is unknown to this version.");
        _format = read;
        ref var a = ref book.Account(slot);
        Text(ref a.Id);
        s.Do(ref a.Folded);
        s.Do(ref a.WakeOn);
        s.Do(ref a.LookOn);
        s.Choice(ref a.LimitKind);
        s.Do(ref a.LimitAmount);
        s.Do(ref a.LimitVersion);
        s.Do(ref a.LimitRaisedAt);
        Name(ref a.LimitRaisedBy);
        s.Do(ref a.LimitFrom);
        s.Do(ref a.OpenedContent);
        s.Do(ref a.LimitCurrency);
        s.Flags(ref a.Flags);
        s.Choice(ref a.RiskState);
        Name(ref a.Segment);
        Name(ref a.Country);
        Name(ref a.Controller);
        Name(ref a.Industry);
        Name(ref a.Tier);
        Name(ref a.Terms);
        s.Do(ref a.TermsSetAt);
        Text(ref a.TermsSetBy);
        s.Do(ref a.TermsRank);
        s.Do(ref a.DiscountRank);
        s.Do(ref a.NetDays);
        Name(ref a.Status);
        s.Do(ref a.Magnitude);
        s.Do(ref a.LastSeq);
        s.Do(ref a.LastIndex);
        s.Do(ref a.HeldOrders);
        s.Do(ref a.SettledItems);
        s.Do(ref a.SettledDays);
        s.Do(ref a.SettledLateDays);
        s.Do(ref a.SettledAmount);
        s.Do(ref a.SettledAmountDays);
        s.Do(ref a.SettledAmountLateDays);
        s.Do(ref a.SettledAmountIndex);
        Ledgers();
        Orders();
        Deliveries();
        Items();
        Sources();
        Allocations();
        Movements();
        var hasRare = book.RareOf(slot) is not null;
        s.Do(ref hasRare);
        if (hasRare) new RareStateStream(s, this).Run(book.RareFor(slot));
        var hasHabits = HasHabits && book.HabitsOf(slot) is not null;
        if (HasHabits) s.Do(ref hasHabits);
        if (hasHabits) book.HabitsFor(slot).State(s, _format);
        var deadline = book.DeadlineAt(slot);
        s.Do(ref deadline);
        Group();
        if (!s.Reading) return;
        book.Relist(slot);
        book.RestoreDeadline(slot, deadline);
    }

    /// <summary>What an account without a group, and a row of before there were groups, does not have.</summary>
    private void Group()
    {
        if (s.Reading ? s.AtEnd : book.RareOf(slot)?.Group is null) return;
        (book.RareFor(slot).Group ??= new GroupState()).State(s);
    }

    internal void Order(ref int reference) => Reference(ref reference, _numbers.Orders);

    internal void Item(ref int reference) => Reference(ref reference, _numbers.Items);

    internal void Source(ref int reference) => Reference(ref reference, _numbers.Sources);

    private void Reference(ref int reference, DocumentNumbers documents)
    {
        var number = s.Reading ? 0 : documents.NumberOf(reference);
        s.Do(ref number);
        if (s.Reading) reference = documents.SlotOf(number);
    }

    private void Text(ref int reference)
    {
        var text = s.Reading ? "" : book.Texts.Get(reference);
        s.Do(ref text);
        if (s.Reading) reference = book.Texts.Add(text);
    }

    /// <summary>A word stands in the row itself: the table of words may be older than the row.</summary>
    private void Name(ref short number)
    {
        var name = s.Reading ? "" : book.Names.Get(number);
        s.Do(ref name);
        if (s.Reading) number = book.Names.Of(name);
    }

    private void Ledgers()
    {
        var count = 0;
        for (var l = book.Account(slot).Ledger; l != 0; l = book.Ledgers[l].Next) count++;
        count = s.Count(count);
        var at = book.Account(slot).Ledger;
        for (var i = 0; i < count; i++)
        {
            var currency = s.Reading ? default : book.Ledgers[at].Currency;
            s.Do(ref currency);
            if (s.Reading) at = book.LedgerOf(slot, currency);
            for (var part = 0; part < (int)Part.Count; part++) s.Do(ref book.Ledgers[at].Sums[part]);
            s.Do(ref book.Ledgers[at].OverdueDue);
            Flows(at);
            at = s.Reading ? 0 : book.Ledgers[at].Next;
        }
    }

    /// <summary>Names in their order, so that the bytes do not depend on which flow came first.</summary>
    private void Flows(int ledger)
    {
        for (var name = (Flow)0; name < Flow.Count; name++)
        {
            var amount = s.Reading ? 0 : book.FlowOf(book.Ledgers[ledger], name);
            s.Do(ref amount);
            if (s.Reading) book.Move(ledger, name, amount);
        }
    }

    private void Orders()
    {
        var list = book.Account(slot).Orders;
        var count = 0;
        for (var o = list.First; o != 0; o = book.Orders[o].Next) count++;
        count = s.Count(count);
        var at = list.First;
        for (var i = 0; i < count; i++)
        {
            var (id, currency) = s.Reading ? ("", default) : (book.Texts.Get(book.Orders[at].Id), book.Orders[at].Currency);
            s.Do(ref id);
            s.Do(ref currency);
            if (s.Reading) at = book.OpenOrder(slot, id, currency);
            _numbers.Orders.Add(at, s.Reading);
            ref var o = ref book.Orders[at];
            s.Do(ref o.TouchedOn);
            s.Do(ref o.Content);
            s.Choice(ref o.State);
            s.Choice(ref o.Status);
            s.Do(ref o.Priority);
            s.Do(ref o.Placed);
            Name(ref o.Terms);
            s.Do(ref o.DiscountRank);
            s.Do(ref o.Ordered);
            s.Do(ref o.Delivered);
            s.Do(ref o.DeliveryOpen);
            s.Do(ref o.InvoicedDirectly);
            s.Do(ref o.Elsewhere);
            s.Do(ref o.StatusVersion);
            s.Do(ref o.TermsVersion);
            s.Do(ref o.OrderedOn);
            s.Do(ref o.ShipOn);
            s.Do(ref o.PromisedOn);
            s.Do(ref o.FinalAt);
            s.Do(ref o.ReopenedAt);
            s.Do(ref o.AcceptedAt);
            s.Do(ref o.GraceUntil);
            s.Do(ref o.ValueCap);
            s.Do(ref o.EnteredHorizonOn);
            s.Do(ref o.PlacedAt);
            s.Do(ref o.CheckedUntil);
            s.Do(ref o.CheckedValue);
            s.Do(ref o.IsPrepaid);
            s.Do(ref o.ReleasedClasses);
            at = s.Reading ? 0 : o.Next;
        }
    }

    private void Deliveries()
    {
        var count = 0;
        for (var d = book.Account(slot).Deliveries.First; d != 0; d = book.Deliveries[d].Next) count++;
        count = s.Count(count);
        var at = book.Account(slot).Deliveries.First;
        for (var i = 0; i < count; i++)
        {
            var (id, currency) = s.Reading ? ("", default) : (book.Texts.Get(book.Deliveries[at].Id), book.Deliveries[at].Currency);
            s.Do(ref id);
            s.Do(ref currency);
            if (s.Reading) at = book.OpenDelivery(slot, id, currency);
            _numbers.Deliveries.Add(at, s.Reading);
            ref var d = ref book.Deliveries[at];
            Order(ref d.Order);
            s.Do(ref d.TouchedOn);
            s.Do(ref d.Content);
            s.Do(ref d.Posted);
            s.Do(ref d.ShippedOn);
            s.Do(ref d.Amount);
            s.Do(ref d.Reversed);
            s.Do(ref d.Returned);
            s.Do(ref d.Handed);
            s.Do(ref d.LinkedOn);
            s.Do(ref d.LateAtDelivery);
            at = s.Reading ? 0 : d.Next;
        }
    }

    private void Items()
    {
        var count = 0;
        for (var n = book.Account(slot).Items.First; n != 0; n = book.Items[n].Next) count++;
        count = s.Count(count);
        var at = book.Account(slot).Items.First;
        for (var i = 0; i < count; i++)
        {
            var (id, currency, kind) = s.Reading ? ("", default, default) : (book.Texts.Get(book.Items[at].Id), book.Items[at].Currency, book.Items[at].Kind);
            s.Do(ref id);
            s.Do(ref currency);
            s.Choice(ref kind);
            if (s.Reading) at = book.OpenItem(slot, id, currency, kind);
            _numbers.Items.Add(at, s.Reading);
            ref var n = ref book.Items[at];
            s.Do(ref n.TouchedOn);
            s.Do(ref n.PostedContent);
            n.Posted = s.Flag(n.Posted);
            n.Billed = s.Flag(n.Billed);
            n.Cancelled = s.Flag(n.Cancelled);
            n.CancelReleasesLinks = s.Flag(n.CancelReleasesLinks);
            n.LinksOfPosted = s.Flag(n.LinksOfPosted);
            n.Bucket = Bucket(n.Bucket);
            s.Do(ref n.IssuedOn);
            s.Do(ref n.DueOn);
            s.Do(ref n.OriginalDueOn);
            s.Do(ref n.Amount);
            s.Do(ref n.Allocated);
            n.Settled = s.Flag(n.Settled);
            if (HasHabits) n.Discountable = s.Flag(n.Discountable);
            Extra(at);
            Links(at);
            at = s.Reading ? 0 : n.Next;
        }
    }

    /// <exception cref="InvalidDataException">The bytes name a bucket of ageing that there is none of.</exception>
    private byte Bucket(byte bucket)
    {
        s.Do(ref bucket);
        return bucket < Part.Count - Part.Aged ? bucket : throw new InvalidDataException($"Bucket {bucket} of ageing is unknown.");
    }

    private void Extra(int item)
    {
        var has = !book.ExtraOf(book.Items[item]).IsEmpty;
        s.Do(ref has);
        if (!has) return;
        ref var e = ref book.ExtraFor(item);
        s.Do(ref e.BilledContent);
        s.Do(ref e.BilledAmount);
        s.Do(ref e.Discount);
        s.Do(ref e.WrittenOff);
        s.Do(ref e.Disputed);
        s.Do(ref e.Contested);
        s.Do(ref e.Plans);
        s.Do(ref e.DunningLevel);
        s.Do(ref e.DueSetAt);
        Text(ref e.DueSetBy);
        s.Do(ref e.LateAtDelivery);
        s.Do(ref e.LastPaidOn);
        s.Do(ref e.Weight);
    }

    private void Links(int item)
    {
        var count = 0;
        for (var l = book.Items[item].FirstLink; l != 0; l = book.Links[l].Next) count++;
        count = s.Count(count);
        int at = book.Items[item].FirstLink, last = 0;
        for (var i = 0; i < count; i++)
        {
            if (s.Reading)
            {
                at = book.Links.Take();
                if (last == 0) book.Items[item].FirstLink = at;
                else book.Links[last].Next = at;
                last = at;
            }

            Reference(ref book.Links[at].Delivery, _numbers.Deliveries);
            Order(ref book.Links[at].Order);
            s.Do(ref book.Links[at].Amount);
            at = s.Reading ? 0 : book.Links[at].Next;
        }
    }

    private void Sources()
    {
        var count = 0;
        for (var n = book.Account(slot).Sources.First; n != 0; n = book.Sources[n].Next) count++;
        count = s.Count(count);
        var at = book.Account(slot).Sources.First;
        for (var i = 0; i < count; i++)
        {
            var (id, currency, kind) = s.Reading ? ("", default, default) : (book.Texts.Get(book.Sources[at].Id), book.Sources[at].Currency, book.Sources[at].Kind);
            s.Do(ref id);
            s.Do(ref currency);
            s.Choice(ref kind);
            if (s.Reading) at = book.OpenSource(slot, id, currency, kind);
            _numbers.Sources.Add(at, s.Reading);
            ref var n = ref book.Sources[at];
            s.Do(ref n.TouchedOn);
            s.Do(ref n.Content);
            s.Do(ref n.Cleared);
            s.Do(ref n.Void);
            s.Do(ref n.Left);
            s.Do(ref n.Dishonoured);
            s.Do(ref n.HadExplicit);
            if (HasHabits) s.Do(ref n.VoidOn);
            s.Do(ref n.OwnDate);
            s.Do(ref n.Amount);
            s.Do(ref n.Allocated);
            s.Do(ref n.Refunded);
            Text(ref n.NamedOrder);
            Reference(ref n.DebitItem, _numbers.Items);
            if (s.Reading && n.DebitItem != 0) book.Items[n.DebitItem].Source = at;
            at = s.Reading ? 0 : n.Next;
        }
    }

    private void Allocations()
    {
        var count = 0;
        for (var n = book.Account(slot).Allocations.First; n != 0; n = book.Allocations[n].Next) count++;
        count = s.Count(count);
        var at = book.Account(slot).Allocations.First;
        for (var i = 0; i < count; i++)
        {
            var id = s.Reading ? "" : book.Texts.Get(book.Allocations[at].Id);
            s.Do(ref id);
            if (s.Reading) at = book.OpenAllocation(slot, id);
            _numbers.Allocations.Add(at, s.Reading);
            ref var n = ref book.Allocations[at];
            s.Do(ref n.Content);
            s.Do(ref n.Undone);
            s.Do(ref n.WriteOff);
            s.Do(ref n.Implied);
            s.Do(ref n.On);
            Source(ref n.Source);
            if (s.Reading && n.Source != 0)
            {
                n.NextOfSource = book.Sources[n.Source].FirstAllocation;
                book.Sources[n.Source].FirstAllocation = at;
                if (n.Implied) book.Sources[n.Source].ImpliedAllocation = at;
            }

            Parts(at);
            at = s.Reading ? 0 : n.Next;
        }
    }

    private void Parts(int allocation)
    {
        var count = 0;
        for (var p = book.Allocations[allocation].FirstPart; p != 0; p = book.Parts[p].NextOfAllocation) count++;
        count = s.Count(count);
        int at = book.Allocations[allocation].FirstPart, last = 0;
        for (var i = 0; i < count; i++)
        {
            if (s.Reading)
            {
                at = book.Parts.Take();
                if (last == 0) book.Allocations[allocation].FirstPart = at;
                else book.Parts[last].NextOfAllocation = at;
                last = at;
            }

            ref var p = ref book.Parts[at];
            p.Allocation = allocation;
            Reference(ref p.Item, _numbers.Items);
            s.Do(ref p.Amount);
            s.Do(ref p.FromAmount);
            s.Do(ref p.Discount);
            if (s.Reading)
            {
                p.NextOfItem = book.Items[p.Item].FirstPart;
                book.Items[p.Item].FirstPart = at;
            }

            at = s.Reading ? 0 : p.NextOfAllocation;
        }
    }

    private void Movements()
    {
        var count = 0;
        for (var n = book.Account(slot).Movements.First; n != 0; n = book.Movements[n].Next) count++;
        count = s.Count(count);
        var at = book.Account(slot).Movements.First;
        for (var i = 0; i < count; i++)
        {
            var (id, kind, content) = s.Reading ? ("", default, 0UL) : (book.Texts.Get(book.Movements[at].Id), book.Movements[at].Kind, book.Movements[at].Content);
            s.Do(ref id);
            var number = (byte)kind;
            s.Do(ref number);
            s.Do(ref content);
            if (s.Reading) at = book.OpenMovement(slot, (MovementKind)number, id, content);
            ref var n = ref book.Movements[at];
            s.Do(ref n.TouchedOn);
            s.Do(ref n.Amount);
            s.Do(ref n.Ended);
            if (n.Kind == MovementKind.Dispute) Reference(ref n.Target, _numbers.Items);
            at = s.Reading ? 0 : n.Next;
        }
    }
}
