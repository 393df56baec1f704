namespace ExposureMonitor.Domain;

/// <summary>Money and credits: U, P, N, and their allocation to items.</summary>
internal sealed partial class AccountWork
{
    private Outcome Receive(PaymentReceived f)
    {
        var known = book.FindSource(Slot, f.PaymentId);
        if (known != 0) return Graded(book.Sources[known].Content, f.PaymentId);
        if (Refuses(f.Amount, out var refusal)) return refusal;
        var slot = OpenSource(f.PaymentId, f.Amount, f.Currency, f.ValueOn, SourceKind.Payment, f.Cleared);
        SeePayment(f);
        if (f.OrderId.Length == 0) return Outcome.Applied;
        book.Sources[slot].NamedOrder = book.Texts.Add(f.OrderId);
        Few.Add(ref book.RareFor(Slot).NamedSources, slot);
        return Outcome.Applied;
    }

    private Outcome Credit(CreditNoteIssued f)
    {
        var known = book.FindSource(Slot, f.CreditNoteId);
        if (known != 0) return Graded(book.Sources[known].Content, f.CreditNoteId);
        if (Refuses(f.Amount, out var refusal)) return refusal;
        var item = f.InvoiceId.Length == 0 ? 0 : book.FindItem(Slot, f.InvoiceId);
        if (item != 0 && book.Items[item].Currency != f.Currency) return CurrencyDiffers(f.InvoiceId, book.Items[item].Currency, f.Currency);
        var slot = OpenSource(f.CreditNoteId, f.Amount, f.Currency, f.IssuedOn, SourceKind.CreditNote, cleared: true);
        SeeCredit(f);
        if (item != 0) Imply(slot, item);
        else if (f.InvoiceId.Length > 0) Few.Add(ref book.RareFor(Slot).WaitingCredits, new WaitingCredit { Source = slot, ItemId = f.InvoiceId });
        return Outcome.Applied;
    }

    private Outcome Accept(AcceptanceReceived f)
    {
        var known = book.FindSource(Slot, f.AcceptanceId);
        if (known != 0) return Graded(book.Sources[known].Content, f.AcceptanceId);
        if (Refuses(f.Amount, out var refusal)) return refusal;
        OpenSource(f.AcceptanceId, f.Amount, f.Currency, f.ReceivedOn, SourceKind.Acceptance, cleared: false);
        SeeWay(f.Kind == AcceptanceKind.PostDatedCheque ? "CHEQUE" : "ACCEPTANCE", f.ReceivedOn);
        return Outcome.Applied;
    }

    private int OpenSource(string id, long amount, Currency currency, int ownDate, SourceKind kind, bool cleared)
    {
        Weigh(amount);
        var slot = book.OpenSource(Slot, id, currency, kind);
        ref var source = ref book.Sources[slot];
        (source.Content, source.Amount, source.OwnDate, source.Cleared) = (Content, amount, ownDate, cleared);
        book.CountSource(slot, +1, Context);
        return slot;
    }

    private Outcome Clear(PaymentCleared f)
    {
        var slot = book.FindSource(Slot, f.PaymentId);
        if (slot == 0) return Park(DocumentKind.Source, f.PaymentId);
        ref var source = ref book.Sources[slot];
        if (source.Cleared || source.Void) return Outcome.Superseded;
        book.CountSource(slot, -1, Context);
        source.Cleared = true;
        SeeCleared(f.ClearedOn);
        book.CountSource(slot, +1, Context);
        return Outcome.Applied;
    }

    private Outcome Return(PaymentReturned f)
    {
        var slot = book.FindSource(Slot, f.PaymentId);
        if (slot == 0) return Park(DocumentKind.Source, f.PaymentId);
        if (book.Sources[slot].Void) return Outcome.Superseded;
        SetVoid(slot, isVoid: true);
        SeeReturned(slot, f.ReturnedOn);
        HoldWhatItReleased(f.PaymentId);
        CheckPrepaid(slot);
        return Outcome.Applied;
    }

    private Outcome Leave(string id, bool recourse)
    {
        var slot = book.FindSource(Slot, id);
        if (slot == 0) return Park(DocumentKind.Source, id);
        ref var source = ref book.Sources[slot];
        if (recourse) return Outcome.Applied;
        if (source.Left) return Outcome.Superseded;
        book.CountSource(slot, -1, Context);
        source.Left = true;
        book.CountSource(slot, +1, Context);
        // It has left: a dishonour that was told before moves nothing any more.
        if (!source.Void) return Outcome.Applied;
        SetVoid(slot, isVoid: false);
        UnseeReturned(slot);
        return Outcome.Applied;
    }

    private Outcome Dishonour(AcceptanceDishonoured f)
    {
        var slot = book.FindSource(Slot, f.AcceptanceId);
        if (slot == 0) return Park(DocumentKind.Source, f.AcceptanceId);
        ref var source = ref book.Sources[slot];
        if (source.Dishonoured) return Outcome.Superseded;
        source.Dishonoured = true;
        if (source.Left) return Outcome.Applied;
        SetVoid(slot, isVoid: true);
        SeeReturned(slot, f.On);
        HoldWhatItReleased(f.AcceptanceId);
        return Outcome.Applied;
    }

    private Outcome Refund(PaymentRefunded f)
    {
        var slot = book.FindSource(Slot, f.FromId);
        if (slot == 0) return Park(DocumentKind.Source, f.FromId);
        var known = book.FindMovement(Slot, MovementKind.Refund, f.RefundId);
        if (known != 0) return Graded(book.Movements[known].Content, f.RefundId);
        if (book.Sources[slot].Currency != f.Currency) return CurrencyDiffers(f.FromId, book.Sources[slot].Currency, f.Currency);
        if (Refuses(f.Amount, out var refusal)) return refusal;
        Weigh(f.Amount);
        book.OpenMovement(Slot, MovementKind.Refund, f.RefundId, Content);
        book.CountSource(slot, -1, Context);
        book.Sources[slot].Refunded += f.Amount;
        book.CountSource(slot, +1, Context);
        CheckPrepaid(slot);
        return Outcome.Applied;
    }

    private Outcome Allocate(PaymentAllocated f)
    {
        var known = book.FindAllocation(Slot, f.AllocationId);
        if (known != 0) return Graded(book.Allocations[known].Content, f.AllocationId);
        var source = book.FindSource(Slot, f.FromId);
        if (source == 0) return Park(DocumentKind.Source, f.FromId);
        Int128 total = 0;
        foreach (var told in f.Items)
        {
            var item = book.FindItem(Slot, told.ItemId);
            if (item == 0) return Park(DocumentKind.Item, told.ItemId);
            if (told.FromAmount == 0 && book.Items[item].Currency != book.Sources[source].Currency)
                return Outcome.Refused("FROM_AMOUNT_MISSING", $"'{told.ItemId}' is in {book.Items[item].Currency}, '{f.FromId}' in {book.Sources[source].Currency}.");
            total += (Int128)told.Amount + told.DiscountTaken + told.FromAmount;
        }

        if (Refuses(Rounding.Pin(total), out var refusal)) return refusal;
        Weigh((long)total);
        DropImplied(source);
        var slot = book.OpenAllocation(Slot, f.AllocationId);
        (book.Allocations[slot].Content, book.Allocations[slot].On) = (Content, f.AllocatedOn);
        JoinSource(slot, source);
        foreach (var told in f.Items)
            AddPart(slot, book.FindItem(Slot, told.ItemId), told.Amount, told.FromAmount == 0 ? told.Amount : told.FromAmount, told.DiscountTaken);
        if (!book.Sources[source].Void) CountParts(slot, +1);
        CheckPrepaid(source);
        return Outcome.Applied;
    }

    private Outcome Deallocate(PaymentDeallocated f)
    {
        var slot = book.FindAllocation(Slot, f.AllocationId);
        if (slot == 0) return Park(DocumentKind.Allocation, f.AllocationId);
        if (book.Allocations[slot].Undone) return Outcome.Superseded;
        Undo(slot);
        return Outcome.Applied;
    }

    /// <summary>First it counts no more, then its items are looked at: what settled them is asked of the allocations that count.</summary>
    private void Undo(int allocation)
    {
        NoteItems(allocation);
        var wasLive = IsLive(allocation);
        book.Allocations[allocation].Undone = true;
        if (wasLive) CountParts(allocation, -1);
    }

    /// <summary>A source that bounced takes all its allocations back; one that left after all gives them again.</summary>
    private void SetVoid(int source, bool isVoid)
    {
        for (var at = book.Sources[source].FirstAllocation; at != 0; at = book.Allocations[at].NextOfSource) NoteItems(at);
        if (isVoid) CountAllocationsOf(source, -1);
        book.CountSource(source, -1, Context);
        book.Sources[source].Void = isVoid;
        book.CountSource(source, +1, Context);
        if (!isVoid) CountAllocationsOf(source, +1);
        else SettleItemsOf(source);
    }

    /// <summary>Items that other money settles, too: the day on which they were settled is no longer that of the money that bounced.</summary>
    private void SettleItemsOf(int source)
    {
        for (var slot = book.Sources[source].FirstAllocation; slot != 0; slot = book.Allocations[slot].NextOfSource)
            for (var part = book.Allocations[slot].FirstPart; part != 0; part = book.Parts[part].NextOfAllocation) Settle(book.Parts[part].Item);
    }

    private void CountAllocationsOf(int source, int sign)
    {
        for (var slot = book.Sources[source].FirstAllocation; slot != 0; slot = book.Allocations[slot].NextOfSource)
            if (!book.Allocations[slot].Undone) CountParts(slot, sign);
    }

    /// <summary>True while an allocation counts: not undone, its source not returned.</summary>
    private bool IsLive(int allocation) => book.IsLive(allocation);

    private void CountParts(int allocation, int sign)
    {
        for (var part = book.Allocations[allocation].FirstPart; part != 0; part = book.Parts[part].NextOfAllocation)
            if (!book.Items[book.Parts[part].Item].Cancelled) CountPart(part, sign);
    }

    private void CountPart(int slot, int sign)
    {
        ref var part = ref book.Parts[slot];
        ref var allocation = ref book.Allocations[part.Allocation];
        ref var item = ref book.Items[part.Item];
        book.CountItem(part.Item, -1, Context);
        if (allocation.WriteOff)
        {
            book.ExtraFor(part.Item).WrittenOff += sign * part.Amount;
        }
        else
        {
            item.Allocated += sign * part.Amount;
            if (part.Discount != 0) book.ExtraFor(part.Item).Discount += sign * part.Discount;
        }

        book.CountItem(part.Item, +1, Context);
        if (allocation.Source == 0) return;
        book.CountSource(allocation.Source, -1, Context);
        book.Sources[allocation.Source].Allocated += sign * part.FromAmount;
        book.CountSource(allocation.Source, +1, Context);
        Settle(part.Item);
    }

    private void AddPart(int allocation, int item, long amount, long from, long discount)
    {
        NoteItem(item);
        var slot = book.Parts.Take();
        ref var part = ref book.Parts[slot];
        (part.Allocation, part.Item, part.Amount, part.FromAmount, part.Discount) = (allocation, item, amount, from, discount);
        part.NextOfItem = book.Items[item].FirstPart;
        book.Items[item].FirstPart = slot;
        ref var first = ref book.Allocations[allocation].FirstPart;
        if (first == 0)
        {
            first = slot;
            return;
        }

        var last = first;
        while (book.Parts[last].NextOfAllocation != 0) last = book.Parts[last].NextOfAllocation;
        book.Parts[last].NextOfAllocation = slot;
    }

    private void JoinSource(int allocation, int source)
    {
        book.Allocations[allocation].Source = source;
        book.Allocations[allocation].NextOfSource = book.Sources[source].FirstAllocation;
        book.Sources[source].FirstAllocation = allocation;
    }

    /// <summary>A credit note that names an invoice is allocated to it in whole, until an explicit allocation says otherwise.</summary>
    private void Imply(int source, int item)
    {
        ref var record = ref book.Sources[source];
        if (record.HadExplicit || record.ImpliedAllocation != 0) return;
        var slot = book.OpenAllocation(Slot, "");
        (book.Allocations[slot].Implied, book.Allocations[slot].On) = (true, record.OwnDate);
        JoinSource(slot, source);
        record.ImpliedAllocation = slot;
        AddPart(slot, item, record.Amount, record.Amount, 0);
        if (!record.Void) CountParts(slot, +1);
    }

    private void DropImplied(int source)
    {
        ref var record = ref book.Sources[source];
        record.HadExplicit = true;
        if (record.ImpliedAllocation == 0 || book.Allocations[record.ImpliedAllocation].Undone) return;
        Undo(record.ImpliedAllocation);
    }

    private void JoinWaitingCredits(int item, string itemId)
    {
        if (book.RareOf(Slot) is not { WaitingCredits.Count: > 0 } rare) return;
        for (var i = 0; i < rare.WaitingCredits.Count; i++)
        {
            if (rare.WaitingCredits[i].ItemId != itemId) continue;
            var source = rare.WaitingCredits[i].Source;
            rare.WaitingCredits.RemoveAt(i--);
            if (book.Sources[source].Currency == book.Items[item].Currency) Imply(source, item);
        }
    }
}
