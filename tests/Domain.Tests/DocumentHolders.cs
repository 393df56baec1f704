using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>A number leads to the customers who have a document of it.</summary>
public sealed class DocumentHolders
{
    [Fact]
    public void Orders_and_invoices_of_a_number_are_found_with_their_customers()
    {
        var desk = new Desk();
        foreach (var customer in new[] { "A", "B" })
        {
            desk.Tell(new OrderPlaced { Customer = customer, OrderId = "N-1", Amount = 10, Currency = Desk.Eur, OrderedOn = desk.Book.Today, ShipOn = desk.Book.Today });
            desk.Tell(new InvoicePosted { Customer = customer, InvoiceId = "I-" + customer, Amount = 10, Currency = Desk.Eur, IssuedOn = desk.Book.Today, DueOn = desk.Book.Today });
        }

        desk.Tell(new InvoicePosted { Customer = "B", InvoiceId = "N-1", Amount = 10, Currency = Desk.Eur, IssuedOn = desk.Book.Today, DueOn = desk.Book.Today });
        // A delivery names its order before that is placed: it is no order yet.
        desk.Tell(new DeliveryPosted { Customer = "A", DeliveryId = "D1", OrderId = "N-2", Amount = 5, Currency = Desk.Eur, ShippedOn = desk.Book.Today });
        Assert.Equal([("A", true), ("B", true), ("B", false)], desk.Book.HoldersOf("N-1", 0, int.MaxValue).Select(d => (d.Customer, d.IsOrder)));
        Assert.Equal([("B", true), ("B", false)], desk.Book.HoldersOf("N-1", desk.Book.FindSlot("B"), int.MaxValue).Select(d => (d.Customer, d.IsOrder)));
        Assert.Equal("A", Assert.Single(desk.Book.HoldersOf("I-A", 0, int.MaxValue)).Customer);
        Assert.Empty(desk.Book.HoldersOf("N-2", 0, int.MaxValue));
        Assert.Empty(desk.Book.HoldersOf("n-1", 0, int.MaxValue));
    }
}
