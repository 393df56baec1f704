namespace ExposureMonitor.Domain;

/// <summary>Invoices, interest, write-offs, disputes: B and R.</summary>
internal sealed partial class AccountWork
{
    private Outcome Bill(InvoiceBilled f)
    {
        var slot = book.FindItem(Slot, f.InvoiceId);
        if (slot != 0 && book.Items[slot].Billed) return Graded(book.ExtraOf(book.Items[slot]).BilledContent, f.InvoiceId);
        if (slot != 0 && book.Items[slot].Currency != f.Currency) return CurrencyDiffers(f.InvoiceId, book.Items[slot].Currency, f.Currency);
        if (Refuses(f.Amount, out var refusal) || RefusesLinks(f.Links, f.Currency, out refusal)) return refusal;

        Weigh(f.Amount);
        if (slot == 0) slot = OpenInvoice(f.InvoiceId, f.Currency);
        book.CountItem(slot, -1, Context);
        ref var item = ref book.Items[slot];
        item.Billed = true;
        ref var extra = ref book.ExtraFor(slot);
        (extra.BilledAmount, extra.BilledContent) = (f.Amount, Content);
        book.CountItem(slot, +1, Context);
        if (!item.LinksOfPosted && !item.CancelReleasesLinks) TakeLinks(slot, f.Links);
        JoinWaitingCredits(slot, f.InvoiceId);
        return Outcome.Applied;
    }

    private Outcome Post(InvoicePosted f)
    {
        var slot = book.FindItem(Slot, f.InvoiceId);
        if (slot != 0 && book.Items[slot].Posted) return Graded(book.Items[slot].PostedContent, f.InvoiceId);
        if (slot != 0 && book.Items[slot].Currency != f.Currency) return CurrencyDiffers(f.InvoiceId, book.Items[slot].Currency, f.Currency);
        if (Refuses(f.Amount, out var refusal) || RefusesLinks(f.Links, f.Currency, out refusal)) return refusal;

        Weigh(f.Amount);
        if (slot == 0) slot = OpenInvoice(f.InvoiceId, f.Currency);
        NoteItem(slot);
        book.CountItem(slot, -1, Context);
        ref var item = ref book.Items[slot];
        item.Discountable = f.DiscountBp > 0;
        SeeInvoice(f);
        (item.Posted, item.Amount, item.PostedContent, item.IssuedOn) = (true, f.Amount, Content, f.IssuedOn);
        item.OriginalDueOn = f.DueOn;
        if (LatestOn(f.IssuedOn) is var late and > 0) book.ExtraFor(slot).LateAtDelivery = late;
        if (book.ExtraOf(item).DueSetAt.Micros == 0) item.DueOn = RolledOf(f.DueOn);
        if (item.DueOn != item.OriginalDueOn) book.RareFor(Slot).HasOddItems = true;
        book.CountItem(slot, +1, Context);
        Settle(slot);
        if (f.Links.Count > 0)
        {
            // The links of the posting replace those of the billing.
            DropLinks(slot);
            item.LinksOfPosted = true;
            if (!item.CancelReleasesLinks) TakeLinks(slot, f.Links);
            CheckReturned();
        }

        JoinWaitingCredits(slot, f.InvoiceId);
        return Outcome.Applied;
    }

    /// <summary>A due date on a free day moves to the next business day, if the policy says so; the original stands for provisions.</summary>
    private int RolledOf(int dueOn) => Policy.Is(Parameter.RollDueDates) && !Context.Calendar.IsBusinessDay(dueOn) ? Context.Calendar.After(dueOn, 1) : dueOn;

    private int OpenInvoice(string id, Currency currency) => book.OpenItem(Slot, id, currency, ItemKind.Invoice);

    private Outcome CancelInvoice(InvoiceCancelled f)
    {
        var slot = book.FindItem(Slot, f.InvoiceId);
        if (slot == 0) return Park(DocumentKind.Item, f.InvoiceId);
        ref var item = ref book.Items[slot];
        if (item.Cancelled) return Outcome.Superseded;
        NoteItem(slot);
        UnseeInvoice(item);
        // What was allocated to the invoice is void from here on, whenever it arrives.
        for (var part = item.FirstPart; part != 0; part = book.Parts[part].NextOfItem)
            if (IsLive(book.Parts[part].Allocation)) CountPart(part, -1);
        book.CountItem(slot, -1, Context);
        item.Cancelled = true;
        item.CancelReleasesLinks = f.Restores == Restores.Delivery;
        book.CountItem(slot, +1, Context);
        Settle(slot);
        if (item.CancelReleasesLinks) DropLinks(slot);
        CheckReturned();
        return Outcome.Applied;
    }

    private Outcome ChangeDueDate(InvoiceDueDateChanged f)
    {
        var slot = book.FindItem(Slot, f.InvoiceId);
        if (slot == 0) return Park(DocumentKind.Item, f.InvoiceId);
        ref var item = ref book.Items[slot];
        var (setAt, setBy) = (book.ExtraOf(item).DueSetAt, book.ExtraOf(item).DueSetBy);
        if (f.Time < setAt || (f.Time == setAt && string.CompareOrdinal(f.EventId, book.Texts.Get(setBy)) <= 0)) return Outcome.Superseded;
        NoteItem(slot);
        if (f.Kind == DueDateKind.Extension && f.DueOn > item.DueOn) AskForTime(f.Time.UtcDate.DayNumber);
        if (item.Settled) Observe(item, -1);
        item.Settled = false;
        book.CountItem(slot, -1, Context);
        item.DueOn = RolledOf(f.DueOn);
        book.Texts.Free(setBy);
        ref var extra = ref book.ExtraFor(slot);
        (extra.DueSetAt, extra.DueSetBy) = (f.Time, book.Texts.Add(f.EventId));
        book.RareFor(Slot).HasOddItems = true;
        if (f.Kind == DueDateKind.Correction) item.OriginalDueOn = f.DueOn;
        book.CountItem(slot, +1, Context);
        Settle(slot);
        return Outcome.Applied;
    }

    private Outcome ChargeInterest(InterestCharged f)
    {
        var slot = book.FindItem(Slot, f.InterestId);
        if (slot != 0) return Graded(book.Items[slot].PostedContent, f.InterestId);
        if (Refuses(f.Amount, out var refusal)) return refusal;
        Weigh(f.Amount);
        slot = book.OpenItem(Slot, f.InterestId, f.Currency, ItemKind.Interest);
        ref var item = ref book.Items[slot];
        (item.Posted, item.Amount, item.PostedContent) = (true, f.Amount, Content);
        item.IssuedOn = item.DueOn = item.OriginalDueOn = f.DueOn;
        book.CountItem(slot, +1, Context);
        JoinWaitingCredits(slot, f.InterestId);
        return Outcome.Applied;
    }

    private bool RefusesLinks(IReadOnlyList<InvoiceLink> links, Currency currency, out Outcome refusal)
    {
        refusal = default;
        foreach (var link in links)
        {
            if (link.DeliveryId.Length > 0 == link.OrderId.Length > 0)
                refusal = Outcome.Refused("BAD_LINK", "A link names either a delivery or an order.");
            else if (link.Amount > Policy[Parameter.DocumentAmountMax])
                refusal = Outcome.Refused("AMOUNT_TOO_LARGE", $"A link says {link.Amount}.");
            else if (book.FindDelivery(Slot, link.DeliveryId) is var delivery && delivery != 0 && book.Deliveries[delivery].Currency != currency)
                refusal = CurrencyDiffers(link.DeliveryId, book.Deliveries[delivery].Currency, currency);
            else if (book.FindOrder(Slot, link.OrderId) is var order && order != 0 && book.Orders[order].Currency != currency)
                refusal = CurrencyDiffers(link.OrderId, book.Orders[order].Currency, currency);
            if (refusal.Kind != default) return true;
        }

        return false;
    }

    private void TakeLinks(int item, IReadOnlyList<InvoiceLink> links)
    {
        book.FlowItem(item, -1);
        foreach (var told in links)
        {
            Weigh(told.Amount);
            var slot = book.Links.Take();
            ref var link = ref book.Links[slot];
            link.Amount = told.Amount;
            var currency = book.Items[item].Currency;
            if (told.DeliveryId.Length > 0)
            {
                link.Delivery = book.FindDelivery(Slot, told.DeliveryId);
                if (link.Delivery == 0) link.Delivery = book.OpenDelivery(Slot, told.DeliveryId, currency);
                ref var named = ref book.Deliveries[link.Delivery];
                if (!named.Posted && named.LinkedOn == 0) named.LinkedOn = Context.Today;
            }
            else
            {
                link.Order = book.FindOrder(Slot, told.OrderId);
                if (link.Order == 0) link.Order = book.OpenOrder(Slot, told.OrderId, currency);
            }

            // Links keep the order in which the invoice names them.
            if (book.Items[item].FirstLink == 0)
            {
                book.Items[item].FirstLink = slot;
            }
            else
            {
                var last = book.Items[item].FirstLink;
                while (book.Links[last].Next != 0) last = book.Links[last].Next;
                book.Links[last].Next = slot;
            }

            CountLink(link, +1);
        }

        book.FlowItem(item, +1);
    }

    private void DropLinks(int item)
    {
        book.FlowItem(item, -1);
        _returned.Clear();
        for (var slot = book.Items[item].FirstLink; slot != 0;)
        {
            if (book.Links[slot].Order is var order and not 0) _returned.Add((order, book.Undelivered(book.Orders[order])));
            CountLink(book.Links[slot], -1);
            var next = book.Links[slot].Next;
            book.Links.Free(slot);
            slot = next;
        }

        book.Items[item].FirstLink = 0;
        book.FlowItem(item, +1);
    }

    /// <summary>Orders whose invoice gave them back, and what was undelivered of each before.</summary>
    private readonly List<(int Order, long Before)> _returned = [];

    /// <summary>What an invoice gives back to an order is open again: no path that adds to it passes the check by.</summary>
    private void CheckReturned()
    {
        foreach (var (order, before) in _returned)
            if (book.Undelivered(book.Orders[order]) > before && book.Orders[order].State == OrderState.Accepted) CheckOrder(order, "", isNew: false);
        _returned.Clear();
    }

    private void CountLink(in LinkRecord link, int sign)
    {
        var amount = sign * link.Amount;
        if (link.Delivery != 0)
        {
            ChangeDelivery(link.Delivery, returned: 0, handed: amount);
            return;
        }

        var wasHeld = Book.IsHeld(book.Orders[link.Order]);
        book.CountOrder(link.Order, -1, Context);
        book.Orders[link.Order].InvoicedDirectly += amount;
        book.CountOrder(link.Order, +1, Context);
        if (sign > 0) Overtake(link.Order, wasHeld);
    }

    private Outcome WriteOff(WriteOffPosted f)
    {
        var known = book.FindAllocation(Slot, f.WriteOffId);
        if (known != 0) return Graded(book.Allocations[known].Content, f.WriteOffId);
        Int128 total = 0;
        foreach (var told in f.Items)
        {
            if (book.FindItem(Slot, told.ItemId) == 0) return Park(DocumentKind.Item, told.ItemId);
            total += told.Amount;
        }

        if (Refuses(Rounding.Pin(total), out var refusal)) return refusal;
        Weigh((long)total);
        var slot = book.OpenAllocation(Slot, f.WriteOffId);
        (book.Allocations[slot].Content, book.Allocations[slot].WriteOff) = (Content, true);
        foreach (var told in f.Items) AddPart(slot, book.FindItem(Slot, told.ItemId), told.Amount, 0, 0);
        CountParts(slot, +1);
        return Outcome.Applied;
    }

    private Outcome UndoWriteOff(WriteOffReversed f)
    {
        var slot = book.FindAllocation(Slot, f.WriteOffId);
        if (slot == 0) return Park(DocumentKind.Allocation, f.WriteOffId);
        if (book.Allocations[slot].Undone) return Outcome.Superseded;
        CountParts(slot, -1);
        book.Allocations[slot].Undone = true;
        return Outcome.Applied;
    }

    private Outcome OpenDispute(DisputeOpened f)
    {
        var known = book.FindMovement(Slot, MovementKind.Dispute, f.DisputeId);
        if (known != 0) return Graded(book.Movements[known].Content, f.DisputeId);
        var item = book.FindItem(Slot, f.ItemId);
        if (item == 0) return Park(DocumentKind.Item, f.ItemId);
        if (book.Items[item].Currency != f.Currency) return CurrencyDiffers(f.ItemId, book.Items[item].Currency, f.Currency);
        if (Refuses(f.Amount, out var refusal)) return refusal;
        Weigh(f.Amount);
        var slot = book.OpenMovement(Slot, MovementKind.Dispute, f.DisputeId, Content);
        (book.Movements[slot].Target, book.Movements[slot].Amount) = (item, f.Amount);
        SeeDispute(f, item, +1);
        // A contested part stays in exposure, ageing and provision; the overdue steps leave it out for a while only.
        var until = f.OpenedOn + Policy.Int(Parameter.DisputeDays) + 1;
        var isFresh = Context.Today < until;
        Contest(item, f.Amount, isFresh ? f.Amount : 0);
        if (!isFresh) return Outcome.Applied;
        Few.Add(ref book.RareFor(Slot).Disputes, new DisputeState { Id = f.DisputeId, Item = item, Until = until, Amount = f.Amount });
        book.Wake(Slot, until);
        return Outcome.Applied;
    }

    private Outcome CloseDispute(DisputeClosed f)
    {
        var slot = book.FindMovement(Slot, MovementKind.Dispute, f.DisputeId);
        if (slot == 0) return Park(DocumentKind.Movement, f.DisputeId);
        ref var dispute = ref book.Movements[slot];
        if (dispute.Ended) return Outcome.Superseded;
        dispute.Ended = true;
        var left = book.RareOf(Slot)?.Disputes.RemoveAll(d => d.Id == f.DisputeId) > 0;
        Contest(dispute.Target, -dispute.Amount, left ? -dispute.Amount : 0);
        return Outcome.Applied;
    }

    private void Contest(int item, long disputed, long contested)
    {
        book.RareFor(Slot).HasOddItems = true;
        book.CountItem(item, -1, Context);
        book.ExtraFor(item).Disputed += disputed;
        book.ExtraFor(item).Contested += contested;
        book.CountItem(item, +1, Context);
    }

    /// <summary>Disputes that are too old return to the overdue steps.</summary>
    private void EndContests()
    {
        if (book.RareOf(Slot) is not { Disputes.Count: > 0 } rare) return;
        for (var i = rare.Disputes.Count - 1; i >= 0; i--)
        {
            var dispute = rare.Disputes[i];
            if (dispute.Until > Context.Today)
            {
                book.Wake(Slot, dispute.Until);
                continue;
            }

            Contest(dispute.Item, 0, -dispute.Amount);
            rare.Disputes.RemoveAt(i);
        }
    }

    private Outcome Pause(MoratoriumSet f)
    {
        if (f.To < f.From) return Outcome.Refused("BAD_PERIOD", "A pause ends on its first day or later.");
        var rare = book.RareFor(Slot);
        if (!rare.PauseSet.Takes(f)) return Outcome.Superseded;
        (rare.PauseFrom, rare.PauseTo) = (f.From, f.To);
        WakeAhead(f.From);
        WakeAhead(f.To + 1);
        return Outcome.Applied;
    }

    private Outcome Dun(DunningSent f)
    {
        foreach (var id in f.Items)
            if (book.FindItem(Slot, id) == 0) return Park(DocumentKind.Item, id);
        var outcome = Record(f);
        if (outcome.Kind != OutcomeKind.Applied) return outcome;
        book.RareFor(Slot).Dunned = true;
        foreach (var id in f.Items)
        {
            ref var extra = ref book.ExtraFor(book.FindItem(Slot, id));
            extra.DunningLevel = (byte)Math.Max(extra.DunningLevel, f.Level);
        }

        return outcome;
    }

    /// <summary>One observation of days late per settled item; undone when the item opens again.</summary>
    private void Settle(int slot)
    {
        ref var item = ref book.Items[slot];
        if (item.Kind == ItemKind.SourceDebit) return;
        var settled = item.Posted && !item.Cancelled && item.Allocated + book.ExtraOf(item).Discount >= item.Amount;
        if (item.Settled) Observe(item, -1);
        item.Settled = settled && CountsForIndex(item);
        if (!item.Settled) return;
        ref var extra = ref book.ExtraFor(slot);
        extra.LastPaidOn = 0;
        for (var part = item.FirstPart; part != 0; part = book.Parts[part].NextOfItem)
        {
            ref var allocation = ref book.Allocations[book.Parts[part].Allocation];
            if (!allocation.WriteOff && IsLive(book.Parts[part].Allocation)) extra.LastPaidOn = Math.Max(extra.LastPaidOn, allocation.On);
        }

        extra.Weight = Rounding.Pin(Context.Convert(item.Amount, item.Currency, Context.BaseCurrency) ?? item.Amount);
        Observe(item, +1);
    }

    /// <summary>Documents below an amount say nothing about how somebody pays.</summary>
    private bool CountsForIndex(in ItemRecord item) =>
        Policy[Parameter.PaymentIndexMinimum] is var least && (least == 0 || item.Amount >= LeastIn(least, item.Currency));

    private void Observe(in ItemRecord item, int sign)
    {
        ref var account = ref Account;
        ref readonly var extra = ref book.ExtraOf(item);
        var late = extra.LastPaidOn - item.DueOn;
        account.SettledItems += sign;
        account.SettledDays += sign * (extra.LastPaidOn - item.IssuedOn);
        account.SettledLateDays += sign * late;
        account.SettledAmount += sign * (Int128)extra.Weight;
        account.SettledAmountDays += sign * (Int128)extra.Weight * late;
        account.SettledAmountLateDays += sign * (Int128)extra.Weight * Math.Max(0, late);
        account.SettledAmountIndex += sign * (Int128)extra.Weight * PaymentIndex.Of(late);
    }
}
