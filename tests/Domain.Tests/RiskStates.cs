using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>What the signals mean together (credit.md 19.4) and what follows: mark, task, held orders, forced holds; and the three colours.</summary>
public sealed class RiskStates
{
    private readonly Desk _desk = new(limit: 1_000_000, day: "2026-03-02");

    private int Today => _desk.Book.Today;

    private RiskState State => _desk.Figures.RiskState;

    private IEnumerable<RiskStateChanged> Changes => _desk.History.OfType<RiskStateChanged>();

    private void Hear(string id, Severity severity, ExternalSignalKind kind = ExternalSignalKind.Tax) =>
        _desk.Tell(new ExternalSignalReceived { SignalId = id, Kind = kind, Severity = severity, HappenedOn = Today });

    private void Close(string id) => _desk.Tell(new CloseSignal { Indicator = "EW-42", About = id, Reason = "settled", Actor = "kim" });

    [Fact]
    public void Low_changes_nothing_one_medium_is_watched_and_a_third_within_fourteen_days_warns()
    {
        _desk.Tell(new ReviewCompleted { ReviewedOn = Today, NextOn = Today - 1, By = "kim" });
        Assert.Equal((1, RiskState.Normal), (_desk.Signals("EW-18").Count(), State));
        Hear("N1", Severity.Medium);
        Assert.Equal(RiskState.Watch, State);
        Hear("N2", Severity.Medium);
        Assert.Equal(RiskState.Watch, State);
        Close("N1");
        _desk.Days("2026-03-03", "2026-03-15");
        Hear("N3", Severity.Medium);
        Assert.Equal((RiskState.Watch, RiskState.Warning, "3 MED in 14 days"), (Changes.Last().Before, Changes.Last().After, Changes.Last().Reason));
        Assert.Equal("Warning", Assert.Single(_desk.History.OfType<AuditNoted>(), n => n.Act == "task.opened").About);
    }

    [Fact]
    public void Third_medium_a_day_later_does_not_warn()
    {
        foreach (var id in (string[])["N1", "N2"]) Hear(id, Severity.Medium);
        _desk.Days("2026-03-03", "2026-03-16");
        Hear("N3", Severity.Medium);
        Assert.Equal(RiskState.Watch, State);
    }

    [Fact]
    public void High_warns_but_an_order_that_would_breach_does_not()
    {
        _desk.Order("O1", 2_000_000);
        Assert.Equal(Severity.High, _desk.Signals("EW-03").Single().Severity);
        Assert.Equal((RiskState.Watch, "EW-04"), (State, Changes.Last().Reason));
        Hear("N", Severity.High);
        Assert.Equal((RiskState.Warning, "EW-42 N"), (State, Changes.Last().Reason));
    }

    [Fact]
    public void Critical_restricts_and_new_orders_are_held_until_the_state_is_down_again()
    {
        _desk.Order("before", 1_000);
        Hear("N", Severity.Critical);
        Assert.Equal(RiskState.Restricted, State);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("before"));
        _desk.Order("O1", 1_000);
        Assert.Equal(["RISK_STATE"], _desk.Reasons("O1"));
        Close("N");
        _desk.Wait(7 * 86_400 - 60);
        Assert.Equal((RiskState.Restricted, OrderState.OnHold), (State, _desk.StateOf("O1")));
        _desk.Restart();
        _desk.Wait(120);
        Assert.Equal(RiskState.Warning, State);
        _desk.Wait(120);
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        _desk.Wait(7 * 86_400);
        Assert.Equal(RiskState.Watch, State);
        _desk.Wait(7 * 86_400);
        Assert.Equal([RiskState.Restricted, RiskState.Warning, RiskState.Watch, RiskState.Normal], Changes.Select(c => c.After));
    }

    [Fact]
    public void Cause_that_comes_back_within_the_days_starts_them_again()
    {
        Hear("N1", Severity.High);
        Close("N1");
        _desk.Wait(6 * 86_400);
        Hear("N2", Severity.High);
        Close("N2");
        _desk.Wait(6 * 86_400);
        Assert.Equal(RiskState.Warning, State);
        _desk.Wait(86_400 + 60);
        Assert.Equal(RiskState.Watch, State);
    }

    [Fact]
    public void Critical_utilisation_alone_restricts_nobody()
    {
        _desk.Tell(new ExternalExposureReported { System = "erp", Amount = 1_200_000, Currency = Eur, AsOn = Today });
        Assert.Equal((Severity.Critical, RiskState.Warning), (_desk.Signals("EW-01").Single().Severity, State));
    }

    [Fact]
    public void Returned_payment_restricts_only_who_is_late_as_well()
    {
        _desk.Pay("P", 5, cleared: false);
        _desk.Tell(new PaymentReturned { PaymentId = "P", ReturnedOn = Today, Reason = "no funds" });
        Assert.Equal(RiskState.Warning, State);
        _desk.Tell(new InvoicePosted { InvoiceId = "I", Amount = 50_000, Currency = Eur, IssuedOn = Today - 60, DueOn = Today - 31 });
        Assert.Equal((RiskState.Restricted, "EW-31"), (State, Changes.Last().Reason));
    }

    /// <summary>Those that weigh more with who is late, and some that do not.</summary>
    public static TheoryData<string, RiskState> High => new()
    {
        { "EW-16", RiskState.Restricted }, { "EW-17", RiskState.Restricted }, { "EW-20", RiskState.Restricted }, { "EW-24", RiskState.Restricted }, { "EW-31", RiskState.Restricted },
        { "EW-32", RiskState.Restricted }, { "EW-41", RiskState.Restricted }, { "EW-02", RiskState.Warning }, { "EW-08", RiskState.Warning }, { "EW-12", RiskState.Warning },
    };

    [Theory]
    [MemberData(nameof(High))]
    public void High_signal_restricts_who_is_more_than_thirty_days_late_where_the_table_says_so(string indicator, RiskState expected)
    {
        foreach (var days in (int[])[30, 31])
        {
            Catalogue.Scene scene = indicator switch { "EW-16" => new Distress(), "EW-20" => new MuchSlower(), "EW-32" => new TwicePromised(), _ => Catalogue.Scenes.Of(indicator) };
            scene.Open(riskFollows: true);
            scene.Fires();
            Assert.Contains(scene.Desk.Signals(indicator), s => s.Severity == Severity.High);
            Assert.Equal(RiskState.Warning, scene.Desk.Figures.RiskState);
            scene.Desk.Tell(new InvoicePosted { InvoiceId = "late", Amount = 50_000, Currency = Eur, IssuedOn = scene.Today - 60, DueOn = scene.Today - days });
            Assert.Equal(days == 30 ? RiskState.Warning : expected, scene.Desk.Figures.RiskState);
        }
    }

    private sealed class Distress : Catalogue.Scene
    {
        private void File(string end, long sales) => Desk.Tell(new FinancialStatementFiled
        {
            PeriodEnd = On(end), Currency = Eur, Manufacturer = true, TotalAssets = 300, CurrentAssets = 150, CurrentLiabilities = 75, TotalLiabilities = 150, RetainedEarnings = 90, Ebit = 30, Sales = sales, BookEquity = 150,
        });

        internal override void Before() => File("2024-12-31", 900);

        internal override void Fires() => File("2025-12-31", 10);

        internal override void Ends() => File("2026-01-31", 900);
    }

    private sealed class MuchSlower : Catalogue.Scene
    {
        internal override void Before() => Settled(24, _ => 2);

        internal override void Fires() => Settled(14, _ => 30);

        internal override void Ends() => Settled(12, _ => 2);
    }

    private sealed class TwicePromised : Catalogue.Scene
    {
        internal override void Before() => Owe(-1);

        internal override void Fires()
        {
            for (var i = 0; i < 2; i++)
            {
                Desk.Tell(new PromiseMade { PromiseId = Next("W"), Amount = 50_000, Currency = Eur, PromisedOn = Today + 1, MadeBy = "lee" });
                Skip(4);
            }
        }

        internal override void Ends() => Skip(61);
    }

    [Fact]
    public void Insolvency_stops_all_that_is_undelivered_and_two_persons_start_it_again_after_the_signal_is_closed()
    {
        _desk.Order("O1", 1_000);
        Hear("court", Severity.Low, ExternalSignalKind.Insolvency);
        Assert.Equal((RiskState.Stopped, OrderState.OnHold), (State, _desk.StateOf("O1")));
        Assert.True(_desk.History.OfType<HoldChanged>().Last().Forced);
        Outcome Lift() => _desk.Tell(new LiftStop { Actor = "kim", ApprovedBy = "lee", Authority = -1, Reason = "withdrawn" });
        Assert.Equal("SIGNAL_STANDS", Lift().Reason);
        Close("court");
        _desk.Wait(30 * 86_400);
        Assert.Equal(RiskState.Stopped, State);
        Assert.Equal(OutcomeKind.Applied, Lift().Kind);
        Assert.Equal(RiskState.Normal, State);
    }

    [Fact]
    public void Switched_off_the_state_is_a_persons_alone()
    {
        var desk = new Desk(limit: 1_000_000, riskFollows: false);
        desk.Tell(new ExternalSignalReceived { SignalId = "N", Kind = ExternalSignalKind.Insolvency, Severity = Severity.Critical, HappenedOn = desk.Book.Today });
        Assert.Equal(RiskState.Normal, desk.Figures.RiskState);
        Assert.Empty(desk.History.OfType<RiskStateChanged>());
    }

    [Fact]
    public void Indicator_may_be_off_for_one_segment_only()
    {
        _desk.Rules(("segment/RETAIL/signal.42.on", 0));
        Hear("N1", Severity.Medium);
        Assert.Single(_desk.Signals("EW-42"));
        _desk.Tell(new CustomerChanged { Version = 1, Profile = new CustomerProfile { Segment = "RETAIL" } });
        _desk.Wait(61);
        Assert.Single(_desk.Signals("EW-42", SignalChanged.Resolved));
        Hear("N2", Severity.Medium);
        Assert.Single(_desk.Signals("EW-42"));
    }

    [Fact]
    public void Three_colours_and_prompts_before_the_due_date()
    {
        _desk.Rules(("colours.on", 1));
        _desk.Invoice("I", 50_000, "2026-04-01");
        Assert.Equal(["2026-04-01"], _desk.Signals("CN-02").Select(s => s.About));
        _desk.Days("2026-03-03", "2026-04-03");
        Assert.Equal([30, 15, 7], _desk.Signals("CN-02").Select(s => s.Threshold));
        Assert.All(_desk.Signals("CN-02"), s => Assert.Equal(Severity.Info, s.Severity));
        Assert.Equal(3, _desk.Signals("CN-02", SignalChanged.Resolved).Count());
        Assert.Empty(_desk.Signals("CN-01"));
        _desk.Day("2026-04-04");
        Assert.Equal((Severity.Medium, 3, RiskState.Watch), (_desk.Signals("CN-01").Last().Severity, _desk.Signals("CN-01").Last().Value, State));
        _desk.Days("2026-04-05", "2026-04-08");
        Assert.Equal((Severity.High, 7, RiskState.Restricted), (_desk.Signals("CN-01").Last().Severity, _desk.Signals("CN-01").Last().Value, State));
        _desk.Order("O", 100);
        Assert.Equal(["RISK_STATE"], _desk.Reasons("O"));
        _desk.Days("2026-04-09", "2026-04-16");
        Assert.Equal(Severity.Critical, _desk.Signals("CN-01").Last().Severity);
        _desk.Pay("P", 50_000);
        _desk.Allocate("A", "P", "I", 50_000);
        _desk.Wait(61);
        Assert.Equal(3, _desk.Signals("CN-01", SignalChanged.Resolved).Count());
    }
}
