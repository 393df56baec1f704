using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>
/// An order gets another payer: the undelivered rest moves by a message, is checked at the new payer as placed, and the
/// old one counts it until the receipt (credit.md 4.2).
/// </summary>
public sealed class PayerChanges
{
    private const string Other = "C-2";
    private readonly Desk _desk = new(limit: 100_000_00);
    private readonly Queue<MessageSent> _wire = new();

    public PayerChanges() => Tell(new CustomerOpened { Customer = Other, Currency = Desk.Eur }, new LimitSet
    {
        Customer = Other, Version = 1, Currency = Desk.Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = 50_000_00 }],
    });

    [Fact]
    public void The_rest_moves_and_is_never_uncounted()
    {
        Place("O-1", 30_000_00);
        Tell(new DeliveryPosted { DeliveryId = "D-1", OrderId = "O-1", Amount = 10_000_00, Currency = Desk.Eur, ShippedOn = _desk.Book.Today });
        Change("O-1", Other, 1);
        Assert.Equal((20_000_00, 10_000_00), (Orders(Desk.Customer), Figures(Desk.Customer).Delivered));
        Assert.Equal(0, Orders(Other));

        Pass();
        Assert.Equal((20_000_00, 20_000_00), (Orders(Desk.Customer), Orders(Other)));

        Pass();
        Assert.Equal((0, 10_000_00), (Orders(Desk.Customer), Figures(Desk.Customer).Delivered));
        Assert.Equal(20_000_00, Orders(Other));
        Assert.Empty(_wire);
    }

    [Fact]
    public void An_order_on_its_way_stays_counted_when_it_enters_the_horizon()
    {
        Place("O-1", 30_000_00);
        Tell(new OrderChanged { OrderId = "O-1", Version = 1, Amount = 30_000_00, Currency = Desk.Eur, ShipOn = _desk.Book.Today + 61 });
        Change("O-1", Other, 1);
        Assert.Equal((0, 30_000_00), (Figures(Desk.Customer).Gross, Figures(Desk.Customer).OrdersOutside));
        _desk.Day("2026-03-03");
        Assert.Equal((30_000_00, 0), (Figures(Desk.Customer).Gross, Figures(Desk.Customer).Held));
        PassAll();
        Assert.Equal((0, 30_000_00), (Figures(Desk.Customer).Gross, Figures(Other).Gross));
    }

    [Fact]
    public void What_was_kept_for_an_order_ends_when_another_payer_has_it()
    {
        // It is held at 150,000 of a limit of 100,000, and keeps what was reserved for it.
        _desk.Tell(new CheckCredit { OrderId = "O-1", Amount = 40_000_00, Currency = Desk.Eur, Actor = "svc" });
        Place("O-1", 150_000_00);
        Assert.Equal((OrderState.OnHold, 40_000_00), (_desk.StateOf("O-1"), Figures(Desk.Customer).Reserved));
        Change("O-1", Other, 1);
        Assert.Equal(40_000_00, Figures(Desk.Customer).Reserved);
        PassAll();
        Assert.Equal((0, 0, 150_000_00), (Figures(Desk.Customer).Gross, Figures(Desk.Customer).Reserved, Figures(Other).Held));
    }

    [Fact]
    public void Later_facts_follow_the_order()
    {
        Place("O-1", 30_000_00);
        Change("O-1", Other, 1);
        PassAll();
        Tell(new DeliveryPosted { DeliveryId = "D-1", OrderId = "O-1", Amount = 12_000_00, Currency = Desk.Eur, ShippedOn = _desk.Book.Today });
        PassAll();
        Assert.Equal((0, 12_000_00), (Figures(Desk.Customer).Delivered, Figures(Other).Delivered));
        Assert.Equal(18_000_00, Orders(Other));

        Tell(new OrderCancelled { OrderId = "O-1", Version = 1 });
        PassAll();
        Assert.Equal(0, Orders(Other));
    }

    [Fact]
    public void An_order_comes_back_with_what_others_delivered()
    {
        Place("O-1", 30_000_00);
        Tell(new DeliveryPosted { DeliveryId = "D-1", OrderId = "O-1", Amount = 5_000_00, Currency = Desk.Eur, ShippedOn = _desk.Book.Today });
        Change("O-1", Other, 1);
        PassAll();
        Tell(new DeliveryPosted { DeliveryId = "D-2", OrderId = "O-1", Amount = 10_000_00, Currency = Desk.Eur, ShippedOn = _desk.Book.Today });
        PassAll();
        Change("O-1", Desk.Customer, 2);
        PassAll();
        Assert.Equal((15_000_00, 0), (Orders(Desk.Customer), Orders(Other)));
        Assert.Equal((5_000_00, 10_000_00), (Figures(Desk.Customer).Delivered, Figures(Other).Delivered));
    }

    [Fact]
    public void The_new_payer_is_checked_as_if_it_were_placed()
    {
        Place("O-1", 60_000_00);
        Change("O-1", Other, 1);
        PassAll();
        var order = Assert.Single(Detail(Other).Orders);
        Assert.Equal((OrderState.OnHold, 60_000_00), (order.State, order.Undelivered));
        Assert.Equal(0, Orders(Desk.Customer) + Figures(Desk.Customer).Held);
    }

    [Fact]
    public void A_held_order_is_not_released_while_it_leaves()
    {
        Place("O-1", 120_000_00);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O-1"));
        Change("O-1", Other, 1);
        _desk.Limit(200_000_00);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O-1"));
        PassAll();
        Assert.Empty(Detail(Desk.Customer).Holds);
        Assert.Equal(OrderState.OnHold, Assert.Single(Detail(Other).Orders).State);
    }

    [Fact]
    public void An_order_that_the_new_payer_cannot_take_stays()
    {
        Tell(new OrderPlaced { Customer = Other, OrderId = "O-1", Amount = 1_00, Currency = Desk.Eur, OrderedOn = _desk.Book.Today });
        Place("O-1", 30_000_00);
        Change("O-1", Other, 1);
        PassAll();
        Assert.Equal((30_000_00, 1_00), (Orders(Desk.Customer), Orders(Other)));
        Tell(new DeliveryPosted { DeliveryId = "D-1", OrderId = "O-1", Amount = 5_000_00, Currency = Desk.Eur, ShippedOn = _desk.Book.Today });
        Assert.Empty(_wire);
        Assert.Equal(5_000_00, Figures(Desk.Customer).Delivered);
    }

    [Fact]
    public void Repeated_and_older_changes_do_nothing()
    {
        Place("O-1", 30_000_00);
        Assert.Equal(OutcomeKind.Applied, Change("O-1", Other, 2).Kind);
        Assert.Equal(OutcomeKind.Superseded, Change("O-1", "C-3", 1).Kind);
        Assert.Single(_wire);
        PassAll();
        Assert.Equal(30_000_00, Orders(Other));
    }

    private Outcome Change(string order, string payer, long version) =>
        Tell(new OrderPayerChanged { OrderId = order, NewPayer = payer, Version = version });

    private void Place(string order, long amount) =>
        Tell(new OrderPlaced { OrderId = order, Amount = amount, Currency = Desk.Eur, OrderedOn = _desk.Book.Today, ShipOn = Desk.On("2026-03-10") });

    private Outcome Tell(params Fact[] facts)
    {
        Outcome last = default;
        foreach (var fact in facts)
        {
            last = _desk.Tell(fact);
            foreach (var sent in _desk.Effects.Effects.OfType<MessageSent>()) _wire.Enqueue(sent);
            _desk.Restart();
        }

        return last;
    }

    /// <summary>Takes what is on the wire now, not what that sends.</summary>
    private void Pass()
    {
        for (var count = _wire.Count; count > 0; count--)
        {
            var sent = _wire.Dequeue();
            var bytes = new ByteBuffer();
            FactCodec.Write(sent.Fact, bytes);
            new FactCodec().Read(bytes.Written.ToArray(), out var fact);
            (fact.Customer, fact.EventId, fact.Position) = (sent.To, "", new SourcePosition(SourcePosition.OfPartition(0), sent.Number));
            Tell(fact);
        }
    }

    private void PassAll()
    {
        while (_wire.Count > 0) Pass();
    }

    private long Orders(string customer) => Figures(customer).OrdersInside + Figures(customer).OrdersOutside;

    private AccountFigures Figures(string customer) => _desk.Book.Figures(_desk.Book.FindSlot(customer));

    private AccountDetail Detail(string customer) => _desk.Book.Detail(_desk.Book.FindSlot(customer));
}
