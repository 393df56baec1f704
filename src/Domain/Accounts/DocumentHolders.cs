namespace ExposureMonitor.Domain;

/// <summary>A customer who has an order or an invoice of a number.</summary>
/// <param name="IsOrder">False for an invoice.</param>
public sealed record DocumentHolder(string Customer, string Document, bool IsOrder);

/// <summary>Whose document it is: numbers belong to their customers, so that nobody knows without looking at all of them.</summary>
public sealed partial class Book
{
    /// <summary>The accounts from a slot to behind another one that have an order or an invoice of this number; one that is closed and settled has left the book.</summary>
    public List<DocumentHolder> HoldersOf(string document, int from, int end)
    {
        var found = new List<DocumentHolder>();
        for (var slot = Math.Max(0, from); slot < Math.Min(end, AccountCount); slot++)
        {
            if (FindOrder(slot, document) is var order && order != 0 && Orders[order].Placed) found.Add(new DocumentHolder(CustomerAt(slot), document, IsOrder: true));
            if (FindItem(slot, document) != 0) found.Add(new DocumentHolder(CustomerAt(slot), document, IsOrder: false));
        }

        return found;
    }
}
