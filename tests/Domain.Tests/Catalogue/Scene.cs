using ExposureMonitor.Domain;

namespace ExposureMonitor.Domain.Tests.Catalogue;

/// <summary>
/// One indicator of the catalogue in the words of the trade: what makes it fire, what ends it, and what makes it fire again. Told to one customer, day by
/// day, so that every proof of an indicator reads the same story.
/// </summary>
internal abstract class Scene(long limit = 1_000_000_000, int since = 0, params (string, long)[] rules)
{
    private int _number;

    internal Desk Desk { get; private set; } = new();

    internal int Today => Desk.Book.Today;

    /// <summary>What went before: the habits that the indicator compares with.</summary>
    internal virtual void Before()
    {
    }

    internal abstract void Fires();

    internal abstract void Ends();

    /// <summary>The same, or what is the same under another id.</summary>
    internal virtual void FiresAgain() => Fires();

    /// <summary>True when it can fire once in the life of a customer.</summary>
    internal virtual bool IsOnce => false;

    /// <param name="restartEach">Writes the book and reads it back behind every so many facts; 0 never.</param>
    internal void Open(int restartEach = 0, bool riskFollows = false)
    {
        // Holds are not the subject; an order that is cancelled at once would be judged by them.
        Desk = new Desk(limit, since: since == 0 ? 0 : Desk.On("2026-03-02") + since - 1, riskFollows: riskFollows) { RestartEach = restartEach };
        Desk.Rules(rules);
        Before();
    }

    /// <summary>A fact that concerns no indicator, and for which all of them are judged.</summary>
    internal virtual void Touch() => Desk.Tell(new ExternalExposureReported { System = "none", Amount = 0, Currency = Desk.Eur, AsOn = Today });

    protected string Next(string prefix) => prefix + ++_number;

    protected void Skip(int days)
    {
        for (var i = 0; i < days; i++)
        {
            Desk.Day(Tale.Text(Today + 1));
            Desk.Wait(120);
        }
    }

    /// <summary>Day by day until the indicator is raised, so many at most.</summary>
    protected void SkipUntil(string indicator, int most)
    {
        var before = Desk.Signals(indicator).Count();
        for (var i = 0; i < most && Desk.Signals(indicator).Count() == before; i++) Skip(1);
    }

    protected void Use(long amount)
    {
        Desk.Tell(new ExternalExposureReported { System = "erp", Amount = amount, Currency = Desk.Eur, AsOn = Today });
        Desk.Wait(61);
    }

    /// <summary>An order that is told and cancelled, so that it crowds no limit.</summary>
    protected void Order(long amount, string terms = "")
    {
        var id = Next("O");
        Desk.Tell(new OrderPlaced { OrderId = id, Amount = amount, Currency = Desk.Eur, OrderedOn = Today, ShipOn = Today + 5, Terms = terms });
        Desk.Tell(new OrderCancelled { OrderId = id, Version = 1 });
    }

    /// <summary>An invoice that is due so many days from today.</summary>
    protected string Owe(int due, long amount = 50_000, int issued = -40, int discountBp = 0)
    {
        var id = Next("I");
        Desk.Tell(new InvoicePosted
        {
            InvoiceId = id, Amount = amount, Currency = Desk.Eur, IssuedOn = Today + issued, DueOn = Today + due, DiscountBp = discountBp, DiscountOn = discountBp == 0 ? 0 : Today + 10,
        });
        return id;
    }

    protected void Pay(string invoice, long amount = 50_000, long discount = 0)
    {
        var id = Next("P");
        Desk.Tell(new PaymentReceived { PaymentId = id, Amount = amount, Currency = Desk.Eur, ValueOn = Today, Cleared = true });
        Desk.Tell(new PaymentAllocated { AllocationId = Next("A"), FromId = id, AllocatedOn = Today, Items = [new AllocationItem { ItemId = invoice, Amount = amount, DiscountTaken = discount }] });
        Desk.Wait(61);
    }

    /// <summary>So many invoices, each settled on a day of its own and so many days late.</summary>
    protected void Settled(int count, Func<int, int> late, int every = 5)
    {
        for (var i = 0; i < count; i++)
        {
            Skip(every);
            Pay(Owe(-late(i), issued: -late(i) - 30));
        }
    }
}
