using ExposureMonitor.Domain;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests.Catalogue;

/// <summary>EW-20 Who paid after two days pays after fifteen, and after two again.</summary>
internal sealed class SlowerScene : Scene
{
    internal override void Before() => Settled(20, _ => 2);

    internal override void Fires() => Settled(7, _ => 15);

    internal override void Ends() => Settled(12, _ => 2);
}

/// <summary>EW-21 Three invoices in a row a week late, then two on time.</summary>
internal sealed class LateInARowScene : Scene
{
    internal override void Before() => Settled(3, _ => 0);

    internal override void Fires() => Settled(3, _ => 7);

    internal override void Ends() => Settled(2, _ => 0);
}

/// <summary>EW-22 The customer's books differ by a twentieth, until he agrees.</summary>
internal sealed class StatementScene : Scene
{
    private string _statement = "";

    internal override void Fires()
    {
        _statement = Next("S");
        Desk.Tell(new StatementSent { StatementId = _statement, PeriodFrom = 1, PeriodTo = 2, Closing = 10_000, Currency = Eur });
        Desk.Tell(new StatementAnswered { StatementId = _statement, Answer = StatementAnswer.Differences, Differences = [new StatementDifference { DocId = "I", Ours = 1_000, Theirs = 500 }] });
    }

    internal override void Ends()
    {
        Desk.Tell(new StatementAnswered { StatementId = _statement, Answer = StatementAnswer.Agreed });
        Desk.Wait(61);
    }
}

/// <summary>EW-26 Invoices that were paid in one sum are paid in parts.</summary>
internal sealed class PartPaymentScene : Scene
{
    private void Parts(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Skip(2);
            Pay(Owe(20), 20_000);
        }
    }

    internal override void Before() => Settled(12, _ => 0, every: 2);

    internal override void Fires() => Parts(4);

    internal override void Ends() => Settled(60, _ => 0, every: 2);
}

/// <summary>EW-28 Two payments of whole thousands that fit no debt, and sixty calm days.</summary>
internal sealed class RoundSumScene : Scene
{
    internal override void Fires()
    {
        Desk.Pay(Next("R"), 500_000);
        Desk.Pay(Next("R"), 800_000);
        Skip(4);
    }

    internal override void Ends() => Skip(61);
}

/// <summary>EW-29 Who took every discount takes none of three, then two again.</summary>
internal sealed class DiscountScene : Scene
{
    private void Discounted(int count, bool taken)
    {
        for (var i = 0; i < count; i++)
        {
            Skip(1);
            Pay(Owe(20, issued: -5, discountBp: 300), taken ? 48_500 : 50_000, taken ? 1_500 : 0);
        }
    }

    internal override void Before() => Discounted(10, taken: true);

    internal override void Fires() => Discounted(3, taken: false);

    internal override void Ends() => Discounted(2, taken: true);

    internal override void FiresAgain()
    {
        Discounted(10, taken: true);
        Fires();
    }
}

/// <summary>EW-31 A payment comes back, and ninety calm days.</summary>
internal sealed class ReturnedScene : Scene
{
    internal override void Fires()
    {
        var payment = Next("P");
        Desk.Pay(payment, 70_001, cleared: false);
        Desk.Tell(new PaymentReturned { PaymentId = payment, ReturnedOn = Today, Reason = "no funds" });
    }

    internal override void Ends() => Skip(91);
}

/// <summary>EW-32 A promise is two days over, and sixty calm days.</summary>
internal sealed class PromiseScene : Scene
{
    internal override void Before() => Owe(-1);

    internal override void Fires()
    {
        Desk.Tell(new PromiseMade { PromiseId = Next("W"), Amount = 50_000, Currency = Eur, PromisedOn = Today + 1, MadeBy = "lee" });
        Skip(4);
    }

    internal override void Ends() => Skip(61);
}

/// <summary>EW-33 An order on longer terms than agreed, and ninety calm days.</summary>
internal sealed class LongerTermsScene() : Scene(rules: [("terms/N30/rank", 30), ("terms/N90/rank", 90)])
{
    internal override void Before() => Desk.Tell(new TermsAssigned { Terms = "N30", NetDays = 30, Kind = TermsKind.Net, Rank = 30 });

    internal override void Fires() => Order(100, "N90");

    internal override void Ends() => Skip(91);
}

/// <summary>EW-34 An invoice is contested after it was due, and a month without any.</summary>
internal sealed class DisputeScene : Scene
{
    internal override void Fires() => Desk.Tell(new DisputeOpened { DisputeId = Next("D"), ItemId = Owe(-3), Amount = 10, Currency = Eur, Reason = "price", OpenedOn = Today });

    internal override void Ends() => Skip(31);
}

/// <summary>EW-35 A transfer from an account that never paid before, until somebody acknowledges it.</summary>
internal sealed class OtherWayScene : Scene
{
    private void Paid(string account) => Desk.Tell(new PaymentReceived { PaymentId = Next("P"), Amount = 77, Currency = Eur, ValueOn = Today, Cleared = true, Method = PaymentMethod.Transfer, PayerAccount = account });

    internal override void Before() => Paid("DE1");

    internal override void Fires() => Paid(Next("DE"));

    internal override void Ends() => Desk.Tell(new CloseSignal { Indicator = "EW-35", About = "ACCOUNT", Reason = "bank changed", Actor = "kim" });
}

/// <summary>EW-39 Who paid like a clock pays now at once, now late.</summary>
internal sealed class ErraticScene : Scene
{
    internal override void Before() => Settled(40, i => i % 3, every: 2);

    internal override void Fires() => Settled(10, i => i % 2 * 9, every: 2);

    internal override void Ends() => Settled(12, i => i % 3, every: 2);

    internal override void FiresAgain()
    {
        Before();
        Fires();
    }
}

/// <summary>EW-42 News of a tax case, until a person closes it.</summary>
internal sealed class NewsScene : Scene
{
    private string _news = "";

    internal override void Fires() => Desk.Tell(new ExternalSignalReceived { SignalId = _news = Next("N"), Kind = ExternalSignalKind.Tax, Severity = Severity.Medium, HappenedOn = Today });

    internal override void Ends() => Desk.Tell(new CloseSignal { Indicator = "EW-42", About = _news, Reason = "settled", Actor = "kim" });
}
