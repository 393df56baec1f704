namespace ExposureMonitor.Domain;

/// <summary>
/// Closed documents leave the memory (architecture, third net of identity): what counts nothing any more, and hangs
/// together with nothing that does, is kept for the days of the policy and then remembered by its identity alone.
/// </summary>
internal sealed partial class AccountWork
{
    /// <summary>An account is looked through once in so many days, however busy it is.</summary>
    private const int LookEveryDays = 7;

    private ClosedGroups? _groups;

    /// <summary>Plans the next look; an account that had no documents gets its first.</summary>
    private void PlanLook()
    {
        ref var account = ref Account;
        if (account.LookOn != 0 || Context.Today == 0 || HasNoDocuments(account)) return;
        account.LookOn = Context.Today + Policy.Int(Parameter.ClosedKeepDays);
        book.Wake(Slot, account.LookOn);
    }

    /// <summary>Lets the closed groups go whose time has come.</summary>
    private void CloseDocuments()
    {
        ref var account = ref Account;
        if (account.LookOn == 0 || Context.Today < account.LookOn) return;
        var keep = Policy.Int(Parameter.ClosedKeepDays);
        var groups = _groups ??= new ClosedGroups(book);
        groups.Sort(Slot, Context.Today, keep);
        account.Movements.Filter(book.Movements, groups.Leaves(DocumentKind.Movement), CloseMovement);
        account.Allocations.Filter(book.Allocations, groups.Leaves(DocumentKind.Allocation), CloseAllocation);
        account.Items.Filter(book.Items, groups.Leaves(DocumentKind.Item), CloseItem);
        account.Sources.Filter(book.Sources, groups.Leaves(DocumentKind.Source), CloseSource);
        account.Deliveries.Filter(book.Deliveries, groups.Leaves(DocumentKind.Delivery), CloseDelivery);
        account.Orders.Filter(book.Orders, groups.Leaves(DocumentKind.Order), CloseOrder);
        var isEmpty = HasNoDocuments(account);
        account.LookOn = isEmpty ? 0 : Math.Max(Context.Today + LookEveryDays, Math.Min(groups.NextDay, Context.Today + keep));
        if (!isEmpty) book.Wake(Slot, account.LookOn);
    }

    private static bool HasNoDocuments(in AccountRecord a) =>
        a.Orders.IsEmpty && a.Deliveries.IsEmpty && a.Items.IsEmpty && a.Sources.IsEmpty && a.Allocations.IsEmpty && a.Movements.IsEmpty;

    private void CloseOrder(int slot)
    {
        ref var order = ref book.Orders[slot];
        TellClosed(ClosedKind.Order, order.Id, order.Content, order.TouchedOn, order.OrderedOn);
        if (book.RareOf(Slot) is { } rare) ForgetOrder(rare, slot);
        Forget(DocumentKind.Order, order.Id, slot);
    }

    private static void ForgetOrder(Rare rare, int order)
    {
        rare.Schedules.RemoveAll(s => s.Order == order);
        rare.Released.RemoveAll(r => r.Order == order);
    }

    /// <summary>All items of a plan leave together, and the plan with them.</summary>
    private void ForgetItem(Rare rare, int item)
    {
        rare.Disputes.RemoveAll(d => d.Item == item);
        if (rare.Plans.Count == 0) return;
        var id = book.Texts.Get(book.Items[item].Id);
        rare.Plans.RemoveAll(p => p.Items.Contains(id));
    }

    private void CloseDelivery(int slot)
    {
        ref var delivery = ref book.Deliveries[slot];
        TellClosed(ClosedKind.Delivery, delivery.Id, delivery.Content, delivery.TouchedOn, delivery.ShippedOn);
        Forget(DocumentKind.Delivery, delivery.Id, slot);
    }

    private void CloseItem(int slot)
    {
        ref var item = ref book.Items[slot];
        for (int link = item.FirstLink, next; link != 0; link = next)
        {
            next = book.Links[link].Next;
            book.Links.Free(link);
        }

        if (book.RareOf(Slot) is { } rare) ForgetItem(rare, slot);
        if (item.Kind == ItemKind.SourceDebit)
        {
            // It has no identity of its own: it belongs to its source.
            book.Texts.Free(item.Id);
            CloseExtra(item.Extra);
            return;
        }

        if (item.Billed) TellClosed(ClosedKind.Billing, item.Id, book.ExtraOf(item).BilledContent, item.TouchedOn, item.IssuedOn);
        if (item.Posted) TellClosed(ClosedKind.Item, item.Id, item.PostedContent, item.TouchedOn, item.IssuedOn);
        Forget(DocumentKind.Item, item.Id, slot);
        CloseExtra(item.Extra);
    }

    private void CloseExtra(int extra)
    {
        if (extra == 0) return;
        book.Texts.Free(book.Extras[extra].DueSetBy);
        book.Extras.Free(extra);
    }

    private void CloseSource(int slot)
    {
        ref var source = ref book.Sources[slot];
        TellClosed(ClosedKind.Source, source.Id, source.Content, source.TouchedOn, source.OwnDate);
        if (source.NamedOrder != 0) book.RareFor(Slot).NamedSources.Remove(slot);
        book.Texts.Free(source.NamedOrder);
        Forget(DocumentKind.Source, source.Id, slot);
    }

    private void CloseAllocation(int slot)
    {
        ref var allocation = ref book.Allocations[slot];
        for (int part = allocation.FirstPart, next; part != 0; part = next)
        {
            next = book.Parts[part].NextOfAllocation;
            book.Parts.Free(part);
        }

        // The link that a credit note implies has no id.
        if (allocation.Id == 0) return;
        TellClosed(ClosedKind.Allocation, allocation.Id, allocation.Content, Context.Today, allocation.On);
        Forget(DocumentKind.Allocation, allocation.Id, slot);
    }

    private void CloseMovement(int slot)
    {
        ref var movement = ref book.Movements[slot];
        var kind = movement.Kind switch
        {
            MovementKind.Reversal => ClosedKind.Reversal,
            MovementKind.Return => ClosedKind.Return,
            MovementKind.Refund => ClosedKind.Refund,
            MovementKind.Dispute => ClosedKind.Dispute,
            _ => ClosedKind.Note,
        };
        TellClosed(kind, movement.Id, movement.Content, movement.TouchedOn, 0);
        Forget(DocumentKind.Movement, movement.Id, slot);
    }

    private void TellClosed(ClosedKind kind, int id, ulong content, int touchedOn, int ownDate) => Say(new DocumentClosed
    {
        IdHash = DocumentIdentity.Of(book.CustomerAt(Slot), kind, book.Texts.Get(id)), Content32 = (uint)(content & uint.MaxValue),
        Day = Math.Max(touchedOn, ownDate),
    });

    private void Forget(DocumentKind kind, int id, int slot)
    {
        book.Index.Remove(DocumentIndex.Hash(Slot, kind, book.Texts.Get(id)), slot);
        book.Texts.Free(id);
    }

    /// <summary>A document that has left the memory comes again: a quiet duplicate, or a conflict.</summary>
    private Outcome GradedClosed(Fact fact) => (uint)(fact.KnownClosed & uint.MaxValue) == (uint)(Content & uint.MaxValue)
        ? Outcome.Duplicate
        : Outcome.Conflict($"'{fact.Document}' was closed with other content.");

    /// <summary>
    /// True for a document so old that its identity may be forgotten: a person decides. An import tells whole histories,
    /// and so does a source while its opening load is open.
    /// </summary>
    private bool IsTooOld(Fact fact)
    {
        if (!fact.Creates || Context.Today == 0) return false;
        var ownDate = fact.OwnDate != 0 ? fact.OwnDate : fact.Time.UtcDate.DayNumber;
        return ownDate < Context.Today - Policy[Parameter.TooOldDays] && DocumentIdentity.Of(fact) != 0 && !fact.Position.IsFile && !Context.OpeningLoads.Contains(fact.Source);
    }

    private Outcome Admit(AdmitDocument f)
    {
        if (f.ApprovedBy.Length == 0 || f.ApprovedBy == f.Actor) return Outcome.Refused("SELF_APPROVAL", "An admission needs a second person.");
        var parked = book.RareOf(Slot)?.Parked;
        var at = parked?.FindIndex(p => p.WaitsFor == DocumentKind.Admission && p.Entry.ToString() == f.Entry) ?? -1;
        if (at < 0) return Outcome.Refused("NOT_WAITING", $"No document of entry '{f.Entry}' waits for admission.");
        var admitted = parked![at];
        parked.RemoveAt(at);
        (_fact, Content) = (admitted.Fact, admitted.Content);
        return Follows(admitted.Fact) ? Outcome.Applied : Dispatch(admitted.Fact);
    }
}
