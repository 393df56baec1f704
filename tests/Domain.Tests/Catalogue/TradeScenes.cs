using ExposureMonitor.Domain;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests.Catalogue;

/// <summary>EW-23 A week of orders three times the usual one and a tenth of the limit.</summary>
internal class SurgeScene() : Scene(10_000_000)
{
    internal override void Before()
    {
        for (var week = 0; week < 26; week++)
        {
            Order(900_000 + week % 3 * 50_000);
            Skip(7);
        }
    }

    internal override void Fires() => Order(3_000_000);

    internal override void Ends() => Skip(8);
}

/// <summary>EW-24 Such a week while an invoice is more than fifteen days late, until it is paid.</summary>
internal sealed class SurgeWhileLateScene : SurgeScene
{
    private string _invoice = "";

    internal override void Fires()
    {
        _invoice = Owe(-16);
        Order(3_000_000);
    }

    internal override void Ends()
    {
        Pay(_invoice);
        // The lateness ends a dwell later, and what is made of it a dwell behind that.
        Desk.Wait(61);
    }
}

/// <summary>EW-25 Who orders weekly is silent, until he ordered twice as usual.</summary>
internal sealed class SilenceScene : Scene
{
    internal override void Before()
    {
        for (var i = 0; i < 40; i++)
        {
            Order(1_000);
            Skip(7);
        }
    }

    internal override void Fires() => SkipUntil("EW-25", 30);

    internal override void Ends()
    {
        Order(1_000);
        Skip(7);
        Order(1_000);
        Desk.Wait(61);
    }
}

/// <summary>EW-27 A tenth of all receivables is one customer's.</summary>
internal sealed class ConcentrationScene : Scene
{
    private int _day;

    private void Measured(long receivables)
    {
        Desk.Tell(new PortfolioMeasured { AsOn = ++_day, Receivables = receivables, OverdueShareBp = 5_000 });
        while (Desk.Book.SweepPending) Desk.Tell(new SweepDue { FromSlot = Desk.Book.SweepFrom });
        Desk.Wait(61);
    }

    internal override void Before() => Owe(200, 100_000);

    internal override void Fires() => Measured(1_000_000);

    internal override void Ends() => Measured(1_500_000);
}

/// <summary>EW-30 A rate alone lifts the exposure over seven tenths of the limit.</summary>
internal sealed class RateScene() : Scene(100_000)
{
    private static readonly Currency Dollar = Currency.Parse("USD");

    private void Rate(string rate)
    {
        Skip(1);
        Desk.Rate("USD", rate, Tale.Text(Today));
        while (Desk.Book.SweepPending) Desk.Tell(new SweepDue { FromSlot = Desk.Book.SweepFrom });
    }

    private void Owed(long dollars)
    {
        Desk.Tell(new ExternalExposureReported { System = "erp", Amount = dollars, Currency = Dollar, AsOn = Today });
        Desk.Wait(61);
    }

    internal override void Before()
    {
        Rate("1");
        Owed(65_000);
    }

    internal override void Fires() => Rate("1.04");

    internal override void Ends() => Owed(10_000);

    internal override void FiresAgain()
    {
        Rate("1.05");
        Rate("1.15");
    }
}

/// <summary>EW-36 Utilisation grows so fast that the limit is reached within a week.</summary>
internal sealed class TrendScene() : Scene(1_000_000)
{
    internal override void Before()
    {
        Use(100_000);
        Skip(16);
    }

    internal override void Fires()
    {
        for (var i = 1; i <= 14; i++)
        {
            Skip(1);
            Use(100_000 + i * 58_000);
        }

        Skip(1);
    }

    internal override void Ends()
    {
        Use(100_000);
        Skip(16);
    }
}

/// <summary>EW-37 The balance stays above half of its average for thirteen weeks, and old debt is not paid.</summary>
internal sealed class NeverClearsScene : Scene
{
    private string _invoice = "";

    internal override void Before() => Skip(1);

    internal override void Fires()
    {
        _invoice = Owe(30, issued: 0);
        SkipUntil("EW-37", 120);
    }

    internal override void Ends()
    {
        Pay(_invoice);
        Skip(8);
    }
}

/// <summary>EW-38 Three orders in a week that end just below the limit.</summary>
internal sealed class HugScene() : Scene(1_000_000, rules: [("step.020", 0)])
{
    internal override void Fires()
    {
        for (var i = 0; i < 3; i++) Order(980_000);
    }

    internal override void Ends() => Skip(15);
}

/// <summary>EW-40 Half of what is invoiced in a quarter is credited back.</summary>
internal sealed class CreditNoteScene : Scene
{
    internal override void Before()
    {
        for (var i = 0; i < 24; i++)
        {
            Owe(300, 100_000, issued: 0);
            Skip(15);
        }
    }

    internal override void Fires()
    {
        Owe(60, 100_000, issued: 0);
        Desk.Tell(new CreditNoteIssued { CreditNoteId = Next("C"), Amount = 250_000, Currency = Eur, IssuedOn = Today, Reason = "goodwill" });
    }

    internal override void Ends() => Skip(95);
}

/// <summary>EW-41 A customer of yesterday orders nine tenths of the limit and has paid nothing; the first payment ends it for good.</summary>
internal sealed class BurstScene() : Scene(100_000, since: 1)
{
    internal override bool IsOnce => true;

    internal override void Fires() => Desk.Order(Next("O"), 90_000, Tale.Text(Today + 5));

    internal override void Ends()
    {
        Desk.Pay(Next("P"), 90_000);
        Desk.Wait(61);
    }
}
