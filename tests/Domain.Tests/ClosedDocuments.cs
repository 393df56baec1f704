using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>What is settled leaves the memory after its days, and is still told from what is new.</summary>
public sealed class ClosedDocuments
{
    private readonly Desk _desk = new();

    [Fact]
    public void Settled_chain_leaves_as_a_whole_after_its_days_and_leaves_its_identities()
    {
        Chain(_desk, "1");
        Assert.Equal(0, _desk.Figures.Gross);
        _desk.Day("2026-06-29");
        Assert.Empty(Closed);
        _desk.Day("2026-06-30");
        Assert.Equal(
        [
            DocumentIdentity.Of(Of(new PaymentAllocated { AllocationId = "A1" })), DocumentIdentity.Of(Of(new InvoicePosted { InvoiceId = "I1" })),
            DocumentIdentity.Of(Of(new PaymentReceived { PaymentId = "P1" })), DocumentIdentity.Of(Of(new DeliveryPosted { DeliveryId = "D1" })),
            DocumentIdentity.Of(Of(new OrderPlaced { OrderId = "O1" })),
        ], Closed.Select(c => c.IdHash));
        Assert.Empty(_desk.Detail.Orders);
        Assert.Empty(_desk.Detail.Items);
        Assert.Null(_desk.Book.Unbalanced(0));
        _desk.Restart();
    }

    [Fact]
    public void One_open_cent_keeps_everything_that_hangs_together_with_it()
    {
        _desk.Order("O1", 10_000);
        _desk.Deliver("D1", "O1", 10_000);
        _desk.Invoice("I1", 10_000, "2026-04-01", Desk.OfDelivery("D1", 10_000));
        _desk.Pay("P1", 9_999);
        _desk.Allocate("A1", "P1", "I1", 9_999);
        _desk.Day("2026-12-31");
        Assert.Empty(Closed);
        Assert.Equal(1, _desk.Figures.Gross);
        _desk.Pay("P2", 1);
        _desk.Allocate("A2", "P2", "I1", 1);
        _desk.Day("2027-06-30");
        Assert.Equal(7, Closed.Count);
    }

    [Fact]
    public void Uncleared_money_and_an_open_dispute_of_something_unpaid_keep_their_documents()
    {
        _desk.Invoice("I1", 500);
        _desk.Pay("P1", 500, cleared: false);
        _desk.Allocate("A1", "P1", "I1", 500);
        _desk.Day("2027-01-01");
        Assert.Empty(Closed);
        _desk.Tell(new PaymentReturned { PaymentId = "P1", ReturnedOn = _desk.Book.Today });
        Assert.Equal(500, _desk.Figures.Receivables);
    }

    [Theory]
    [InlineData(10_000, OutcomeKind.Duplicate)]
    [InlineData(10_001, OutcomeKind.ConflictingDuplicate)]
    public void Document_that_was_closed_and_comes_again_counts_nothing(long amount, OutcomeKind expected)
    {
        var placed = Chain(_desk, "1");
        _desk.Day("2026-06-30");
        var content = Closed.Single(c => c.IdHash == DocumentIdentity.Of(placed)).Content32;
        var again = new OrderPlaced
        {
            OrderId = "O1", Amount = amount, Currency = Desk.Eur, OrderedOn = placed.OrderedOn, ShipOn = placed.ShipOn,
            KnownClosed = DocumentIdentity.Known(content),
        };
        Assert.Equal(expected, _desk.Tell(again).Kind);
        Assert.Equal(0, _desk.Figures.Gross);
    }

    [Fact]
    public void Memory_of_closed_documents_serves_new_ones()
    {
        for (var round = 0; round < 6; round++)
        {
            for (var n = 0; n < 50; n++) Chain(_desk, $"{round}-{n:d2}");
            _desk.Day(DateOnly.FromDayNumber(_desk.Book.Today + 130).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
            _desk.Day(DateOnly.FromDayNumber(_desk.Book.Today + 1).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        }

        Assert.Equal(6 * 50 * 5, Closed.Count);
        Assert.Equal(50, _desk.Book.Orders.Highest);
        Assert.Equal(0, _desk.Book.Orders.Count + _desk.Book.Items.Count + _desk.Book.Sources.Count + _desk.Book.Parts.Count + _desk.Book.Links.Count);
        // The customer alone is left.
        Assert.Equal(1, _desk.Book.Index.Count);
    }

    [Fact]
    public void Document_older_than_its_identity_is_kept_waits_for_a_person()
    {
        var old = _desk.Tell(new InvoicePosted { InvoiceId = "I-OLD", Amount = 700, Currency = Desk.Eur, IssuedOn = Desk.On("2025-01-25"), DueOn = Desk.On("2025-02-25") });
        Assert.Equal((OutcomeKind.Parked, "TOO_OLD"), (old.Kind, old.Reason));
        Assert.Equal(0, _desk.Figures.Receivables);
        var entry = _desk.LastEntry.ToString();
        Assert.Equal("SELF_APPROVAL", _desk.Tell(new AdmitDocument { Entry = entry, Actor = "ann", ApprovedBy = "ann" }).Reason);
        Assert.Equal("NOT_WAITING", _desk.Tell(new AdmitDocument { Entry = "0-9-9", Actor = "ann", ApprovedBy = "bob" }).Reason);
        Assert.Equal(OutcomeKind.Applied, _desk.Tell(new AdmitDocument { Entry = entry, Actor = "ann", ApprovedBy = "bob" }).Kind);
        Assert.Equal(700, _desk.Figures.Receivables);
    }

    [Fact]
    public void Nobody_admits_it_so_it_becomes_a_dead_letter()
    {
        _desk.Tell(new InvoicePosted { InvoiceId = "I-OLD", Amount = 700, Currency = Desk.Eur, IssuedOn = Desk.On("2025-01-25"), DueOn = Desk.On("2025-02-25") });
        _desk.Wait(8 * 86_400);
        Assert.Equal("TOO_OLD", Assert.Single(_desk.History.OfType<ParkedFactLapsed>()).Reason);
    }

    [Fact]
    public void Opening_load_and_import_tell_whole_histories()
    {
        Assert.Equal(OutcomeKind.Applied, _desk.Tell(Old("I1", "erp", position: new SourcePosition(SourcePosition.OfFile("abc"), 7))).Kind);
        Assert.Equal(OutcomeKind.Parked, _desk.Tell(Old("I2", "erp")).Kind);
        _desk.Tell(new SwitchOpeningLoad { LoadSource = "erp", Open = true, Actor = "ann", Customer = "" });
        Assert.Equal(OutcomeKind.Applied, _desk.Tell(Old("I3", "erp")).Kind);
        Assert.Equal(OutcomeKind.Parked, _desk.Tell(Old("I4", "other")).Kind);
        _desk.Tell(new SwitchOpeningLoad { LoadSource = "erp", Open = false, Actor = "ann", Customer = "" });
        Assert.Equal(OutcomeKind.Parked, _desk.Tell(Old("I5", "erp")).Kind);
    }

    private List<DocumentClosed> Closed => [.. _desk.History.OfType<DocumentClosed>()];

    private static InvoicePosted Old(string id, string source, SourcePosition position = default) => new()
    {
        InvoiceId = id, Source = source, Position = position, Amount = 700, Currency = Desk.Eur, IssuedOn = Desk.On("2025-01-25"), DueOn = Desk.On("2025-02-25"),
    };

    private static T Of<T>(T fact) where T : Fact
    {
        fact.Customer = Desk.Customer;
        return fact;
    }

    private static OrderPlaced Chain(Desk desk, string n)
    {
        var placed = new OrderPlaced { OrderId = "O" + n, Amount = 10_000, Currency = Desk.Eur, OrderedOn = desk.Book.Today, ShipOn = desk.Book.Today + 3 };
        Assert.Equal(OutcomeKind.Applied, desk.Tell(placed).Kind);
        desk.Deliver("D" + n, "O" + n, 10_000);
        desk.Invoice("I" + n, 10_000, "2026-04-01", Desk.OfDelivery("D" + n, 10_000));
        desk.Pay("P" + n, 10_000);
        Assert.Equal(OutcomeKind.Applied, desk.Allocate("A" + n, "P" + n, "I" + n, 10_000).Kind);
        return placed;
    }
}
