namespace ExposureMonitor.Domain;

/// <summary>Documents: found by id, opened, and kept in the lists of their account.</summary>
public sealed partial class Book
{
    internal int FindOrder(int account, string id)
    {
        var hash = DocumentIndex.Hash(account, DocumentKind.Order, id);
        for (var probe = -1; Index.Next(hash, ref probe) is var slot && slot != 0;)
            if (Orders[slot].Account == account && Texts.Holds(Orders[slot].Id, id)) return slot;
        return 0;
    }

    internal int FindDelivery(int account, string id)
    {
        var hash = DocumentIndex.Hash(account, DocumentKind.Delivery, id);
        for (var probe = -1; Index.Next(hash, ref probe) is var slot && slot != 0;)
            if (Deliveries[slot].Account == account && Texts.Holds(Deliveries[slot].Id, id)) return slot;
        return 0;
    }

    internal int FindItem(int account, string id)
    {
        var hash = DocumentIndex.Hash(account, DocumentKind.Item, id);
        for (var probe = -1; Index.Next(hash, ref probe) is var slot && slot != 0;)
            if (Items[slot].Account == account && Texts.Holds(Items[slot].Id, id)) return slot;
        return 0;
    }

    internal int FindSource(int account, string id)
    {
        var hash = DocumentIndex.Hash(account, DocumentKind.Source, id);
        for (var probe = -1; Index.Next(hash, ref probe) is var slot && slot != 0;)
            if (Sources[slot].Account == account && Texts.Holds(Sources[slot].Id, id)) return slot;
        return 0;
    }

    internal int FindAllocation(int account, string id)
    {
        var hash = DocumentIndex.Hash(account, DocumentKind.Allocation, id);
        for (var probe = -1; Index.Next(hash, ref probe) is var slot && slot != 0;)
            if (Allocations[slot].Account == account && Texts.Holds(Allocations[slot].Id, id)) return slot;
        return 0;
    }

    internal int FindMovement(int account, MovementKind kind, string id)
    {
        var hash = DocumentIndex.Hash(account, DocumentKind.Movement, id);
        for (var probe = -1; Index.Next(hash, ref probe) is var slot && slot != 0;)
        {
            ref var movement = ref Movements[slot];
            if (movement.Account == account && movement.Kind == kind && Texts.Holds(movement.Id, id)) return slot;
        }

        return 0;
    }

    internal int OpenOrder(int account, string id, Currency currency)
    {
        var slot = Orders.Take();
        ref var order = ref Orders[slot];
        (order.Account, order.Id, order.Currency, order.Priority) = (account, Texts.Add(id), currency, 5);
        Index.Add(DocumentIndex.Hash(account, DocumentKind.Order, id), slot);
        Account(account).Orders.Append(Orders, slot);
        return slot;
    }

    internal int OpenDelivery(int account, string id, Currency currency)
    {
        var slot = Deliveries.Take();
        ref var delivery = ref Deliveries[slot];
        (delivery.Account, delivery.Id, delivery.Currency) = (account, Texts.Add(id), currency);
        Index.Add(DocumentIndex.Hash(account, DocumentKind.Delivery, id), slot);
        Account(account).Deliveries.Append(Deliveries, slot);
        return slot;
    }

    internal int OpenItem(int account, string id, Currency currency, ItemKind kind)
    {
        var slot = Items.Take();
        ref var item = ref Items[slot];
        (item.Account, item.Id, item.Currency, item.Kind) = (account, Texts.Add(id), currency, kind);
        if (kind != ItemKind.SourceDebit) Index.Add(DocumentIndex.Hash(account, DocumentKind.Item, id), slot);
        Account(account).Items.Append(Items, slot);
        return slot;
    }

    internal int OpenSource(int account, string id, Currency currency, SourceKind kind)
    {
        var slot = Sources.Take();
        ref var source = ref Sources[slot];
        (source.Account, source.Id, source.Currency, source.Kind) = (account, Texts.Add(id), currency, kind);
        Index.Add(DocumentIndex.Hash(account, DocumentKind.Source, id), slot);
        Account(account).Sources.Append(Sources, slot);
        return slot;
    }

    /// <summary>Opens an allocation or a write-off; an implied one has the id "" and is not found by id.</summary>
    internal int OpenAllocation(int account, string id)
    {
        var slot = Allocations.Take();
        ref var allocation = ref Allocations[slot];
        (allocation.Account, allocation.Id) = (account, Texts.Add(id));
        if (id.Length > 0) Index.Add(DocumentIndex.Hash(account, DocumentKind.Allocation, id), slot);
        Account(account).Allocations.Append(Allocations, slot);
        return slot;
    }

    internal int OpenMovement(int account, MovementKind kind, string id, ulong content)
    {
        var slot = Movements.Take();
        ref var movement = ref Movements[slot];
        (movement.Account, movement.Id, movement.Kind, movement.Content) = (account, Texts.Add(id), kind, content);
        movement.TouchedOn = Today;
        Index.Add(DocumentIndex.Hash(account, DocumentKind.Movement, id), slot);
        Account(account).Movements.Append(Movements, slot);
        return slot;
    }
}
