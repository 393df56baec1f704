using ExposureMonitor.Domain;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests.Catalogue;

/// <summary>EW-01 Four fifths of a limit are not yet used up; seven tenths are the first step.</summary>
internal sealed class UtilisationScene() : Scene(1_000_000)
{
    internal override void Fires() => Use(720_000);

    internal override void Ends() => Use(600_000);
}

/// <summary>EW-02 A day above the limit without a break.</summary>
internal sealed class OverLimitScene() : Scene(1_000_000)
{
    internal override void Fires()
    {
        Use(1_000_001);
        Desk.Wait(86_401);
    }

    internal override void Ends() => Use(900_000);
}

/// <summary>EW-03 An order that does not fit and is let through with a warning, until it is cancelled; EW-04 one that is larger than a quarter of the limit.</summary>
internal sealed class OrderScene(long amount) : Scene(1_000_000, rules: [("step.030", 2)])
{
    private string _order = "";
    private long _version;

    internal override void Fires() => Desk.Order(_order = Next("O"), amount, Tale.Text(Today + 5));

    /// <summary>Another day of shipment: the order is checked again, and fails again.</summary>
    internal override void Touch() =>
        Desk.Tell(new OrderChanged { OrderId = _order, Version = ++_version, Amount = amount + _version, Currency = Eur, ShipOn = Today + 5 + (int)_version });

    internal override void Ends() => Desk.Tell(new OrderCancelled { OrderId = _order, Version = ++_version });
}

/// <summary>EW-05, 06 and 10 An invoice so many days past due, until it is paid.</summary>
internal sealed class OverdueScene(int days) : Scene
{
    private string _invoice = "";

    internal override void Fires() => _invoice = Owe(-days, issued: -60);

    internal override void Ends() => Pay(_invoice);
}

/// <summary>EW-07 More than a tenth of the limit overdue while more than seven tenths are used.</summary>
internal sealed class OverdueAndUsedScene() : Scene(1_000_000)
{
    internal override void Before() => Owe(-1, 120_000);

    internal override void Fires() => Use(700_000);

    internal override void Ends() => Use(100_000);
}

/// <summary>EW-08 A reminder of level three for an open invoice.</summary>
internal sealed class DunningScene : Scene
{
    private string _invoice = "";

    internal override void Fires()
    {
        _invoice = Owe(10);
        Desk.Tell(new DunningSent { DunningId = Next("D"), Items = [_invoice], Level = 3, SentOn = Today });
    }

    internal override void Ends() => Pay(_invoice);
}

/// <summary>EW-09 A sixth of the balance moves into a worse bucket of the ageing.</summary>
internal sealed class MigrationScene : Scene
{
    private string _invoice = "";

    internal override void Before() => Owe(300, 85_000);

    internal override void Fires()
    {
        _invoice = Owe(-29, 17_000, issued: -90);
        Skip(2);
    }

    internal override void Ends() => Pay(_invoice, 17_000);
}

/// <summary>EW-11 A limit that ends in less than thirty days, until it is prolonged.</summary>
internal sealed class LimitEndScene() : Scene(1_000_000)
{
    internal override void Fires() => Desk.Tell(new LimitSet
    {
        Version = Desk.Detail.LimitVersion + 1, Currency = Eur, Steps = [new LimitStep { From = 1, To = Today + 20, Kind = LimitKind.Amount, Amount = 1_000_000 }],
    });

    internal override void Ends()
    {
        Desk.Limit(1_000_000);
        Desk.Wait(61);
    }
}

/// <summary>EW-12 A temporary limit ends in two days and is in use.</summary>
internal sealed class TemporaryScene() : Scene(1_000_000)
{
    internal override void Before() => Desk.Tell(new TemporaryLimitGranted { TemporaryId = "T", Amount = 2_000_000, Currency = Eur, From = Desk.Now, To = Desk.Now.Plus(2 * Instant.Day) });

    internal override void Fires() => Use(1_200_000);

    internal override void Ends() => Use(900_000);
}

/// <summary>EW-13 An order behind the horizon that will not fit when it enters.</summary>
internal sealed class HorizonScene() : Scene(1_000_000)
{
    private string _order = "";

    internal override void Before() => Use(950_000);

    internal override void Fires() => Desk.Order(_order = Next("O"), 100_000, Tale.Text(Today + 65));

    internal override void Ends()
    {
        Desk.Tell(new OrderCancelled { OrderId = _order, Version = 1 });
        Desk.Wait(61);
    }
}

/// <summary>EW-14 Fifteen points lost within a month, until a month passes without a fall.</summary>
internal sealed class ScoreScene : Scene
{
    private int _score = 9_500;

    private void Scored(int score)
    {
        Desk.Book.KeepScore(0, score);
        Skip(1);
    }

    internal override void Before() => Scored(_score);

    internal override void Fires() => Scored(_score -= 1_500);

    internal override void Ends() => Skip(31);
}

/// <summary>EW-15 An agency rates two notches lower, until it rates higher again.</summary>
internal sealed class RatingScene : Scene
{
    private void Rate(string value)
    {
        Skip(1);
        Desk.Tell(new RatingReceived { Agency = "SP", Scale = "long", Value = value, RatedOn = Today });
        Desk.Wait(61);
    }

    internal override void Before() => Rate("BBB+");

    internal override void Fires() => Rate("BB-");

    internal override void Ends() => Rate("BBB");
}

/// <summary>EW-16 A statement leaves the safe zone, until one is back in it.</summary>
internal sealed class AltmanScene : Scene
{
    private int _end = On("2023-12-31");

    private void File(long sales)
    {
        Desk.Tell(new FinancialStatementFiled
        {
            PeriodEnd = _end, Currency = Eur, Manufacturer = true, TotalAssets = 300, CurrentAssets = 150, CurrentLiabilities = 75, TotalLiabilities = 150, RetainedEarnings = 90, Ebit = 30, Sales = sales, BookEquity = 150,
        });
        _end += 182;
        Desk.Wait(61);
    }

    internal override void Before() => File(900);

    internal override void Fires() => File(300);

    internal override void Ends() => File(900);
}

/// <summary>EW-17 The insurer cuts the cover, and gives it back.</summary>
internal sealed class CoverScene : Scene
{
    private long _version;

    private void Insured(CoverTermsFact f, long amount)
    {
        (f.CoverId, f.Version, f.Kind, f.Provider, f.Amount, f.Currency, f.InsuredBp, f.From, f.To, f.Use) =
            ("K", ++_version, CoverKind.Insurance, "insurer", amount, Eur, 9_000, On("2026-01-01"), On("2029-12-31"), CoverUse.ReducesRisk);
        Desk.Tell(f);
    }

    internal override void Before() => Insured(new CoverGranted(), 100_000);

    internal override void Fires() => Insured(new CoverChanged(), 60_000);

    internal override void Ends() => Insured(new CoverChanged(), 100_000);
}

/// <summary>EW-18 The day after the review was due, until it is done.</summary>
internal sealed class ReviewScene : Scene
{
    private void Reviewed(int next) => Desk.Tell(new ReviewCompleted { ReviewedOn = Today, NextOn = Today + next, By = "kim" });

    internal override void Before() => Reviewed(3);

    internal override void Fires() => Skip(4);

    internal override void Ends()
    {
        Reviewed(3);
        Desk.Wait(61);
    }
}
