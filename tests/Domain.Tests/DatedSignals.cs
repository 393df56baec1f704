using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>
/// The indicators that are judged by business dates, each as a tale of the trade: it fires once, whatever the order of arrival
/// within the lateness window, and is taken back by a fact that shows that it was not so.
/// </summary>
public sealed class DatedSignals
{
    private const int Base = 400;

    /// <summary>Indicators whose standing signals do not depend on the order of arrival (credit.md row 50).</summary>
    private static bool Judged(string indicator) => indicator is "EW-05" or "EW-06" or "EW-10" or "EW-11" or "EW-16" or "EW-17" or "EW-18" or "EW-20" or "EW-21" or "EW-22"
        or "EW-26" or "EW-29" or "EW-31" or "EW-32" or "EW-34" or "EW-39" or "EW-40" or "EW-41" or "EW-42" || indicator == "EW-23";

    public static TheoryData<string, Severity> Indicators => new()
    {
        { "EW-05", Severity.Medium }, { "EW-06", Severity.Medium }, { "EW-10", Severity.Medium }, { "EW-11", Severity.Low }, { "EW-16", Severity.Medium }, { "EW-17", Severity.High }, { "EW-18", Severity.Low }, { "EW-20", Severity.Medium }, { "EW-21", Severity.Medium }, { "EW-22", Severity.Low },
        { "EW-23", Severity.Medium }, { "EW-26", Severity.Medium }, { "EW-29", Severity.Medium }, { "EW-31", Severity.High }, { "EW-32", Severity.Medium }, { "EW-34", Severity.Medium },
        { "EW-39", Severity.Low }, { "EW-40", Severity.Low }, { "EW-41", Severity.High }, { "EW-42", Severity.Medium },
    };

    [Theory]
    [MemberData(nameof(Indicators))]
    public void Tale_fires_once_with_its_severity_and_a_reason(string indicator, Severity severity)
    {
        var desk = TaleOf(indicator).Told(days: DaysOf(indicator), restart: true);
        var told = Assert.Single(desk.Signals(indicator));
        Assert.Equal(severity, told.Severity);
        Assert.NotEqual("", told.Clears);
        Assert.Contains(desk.Detail.Signals, s => s.Indicator == indicator);
    }

    [Theory]
    [MemberData(nameof(Indicators))]
    public void Any_order_of_arrival_within_the_window_leaves_the_same_signals(string indicator, Severity severity)
    {
        Assert.True(severity > 0);
        var expected = Tale.Standing(TaleOf(indicator).Told(days: DaysOf(indicator)), Judged);
        Assert.Contains(expected, s => s.StartsWith(indicator, StringComparison.Ordinal));
        for (var seed = 1; seed <= 12; seed++) Assert.Equal(expected, Tale.Standing(TaleOf(indicator).Told(seed, DaysOf(indicator)), Judged));
    }

    [Theory]
    [MemberData(nameof(Indicators))]
    public void Late_fact_that_makes_it_false_takes_it_back(string indicator, Severity severity)
    {
        Assert.True(severity > 0);
        var desk = TaleOf(indicator).Told(withLate: true);
        var raised = desk.Signals(indicator).First();
        Assert.Equal(raised.SignalId, Assert.Single(desk.Signals(indicator, SignalChanged.Retracted)).SignalId);
        Assert.DoesNotContain(desk.Detail.Signals, s => s.Indicator == indicator);
    }

    [Theory]
    [MemberData(nameof(Indicators))]
    public void Switched_off_it_is_silent(string indicator, Severity severity)
    {
        Assert.True(severity > 0);
        Assert.Empty(TaleOf(indicator, ("signal." + indicator[3..] + ".on", 0)).Told().Signals(indicator));
    }

    /// <summary>A surge of seven days is over when the lateness window is, too.</summary>
    private static int DaysOf(string indicator) => indicator == "EW-23" ? 6 : 9;

    private static Tale TaleOf(string indicator, params (string, long)[] rules)
    {
        var tale = new Tale { Rules = rules, Limit = indicator is "EW-23" ? 10_000_000 : indicator is "EW-41" ? 100_000 : 1_000_000_000, Since = indicator is "EW-41" ? Tale.Start : 0 };
        switch (indicator)
        {
            case "EW-05":
                Unpaid(tale, fires: 22, paid: 20);
                break;
            case "EW-06":
                Unpaid(tale, fires: 17, paid: 15);
                break;
            case "EW-10":
                Unpaid(tale, fires: 37, paid: 34);
                break;
            case "EW-11":
                tale.On(0, () => Ending(2, to: 20));
                // It was prolonged before anybody was warned; the word came later.
                tale.Late(0, 3, () => Ending(3, to: 400));
                break;
            case "EW-16":
                Filed(tale, 0, "2024-12-31", sales: 900);
                Filed(tale, 20, "2025-12-31", sales: 300);
                // The half-year statement, known late, was in the grey zone already.
                tale.Late(19, 22, () => Statement("2025-06-30", 310));
                break;
            case "EW-17":
                tale.On(0, () => Cover("K1", to: 40));
                tale.On(14, () => new PaymentReceived { PaymentId = "x", Amount = 1, Currency = Desk.Eur, ValueOn = Tale.Start + 14, Cleared = true });
                tale.Late(9, 14, () => Cover("K2", to: 400));
                break;
            case "EW-18":
                tale.On(0, () => new ReviewCompleted { ReviewedOn = Tale.Start, NextOn = Tale.Start + 10, By = "kim" });
                tale.On(14, () => new PaymentReceived { PaymentId = "x", Amount = 1, Currency = Desk.Eur, ValueOn = Tale.Start + 14, Cleared = true });
                tale.Late(9, 14, () => new ReviewCompleted { ReviewedOn = Tale.Start + 9, NextOn = Tale.Start + 200, By = "kim" });
                break;
            case "EW-20":
                Payments(tale, [2, 4, 3, 5, 3, 4, 2, 3, 4, 3, 7, 14, 21, 30, 45]);
                tale.Late(15 * 5 + Base, 15 * 5 + Base + 2, () => new PaymentDeallocated { AllocationId = tale.LastAllocation, Reason = "wrong customer" });
                break;
            case "EW-21":
                Payments(tale, [2, 1, 3, 2, 3, 7, 7, 7]);
                tale.Late(8 * 5 + Base, 8 * 5 + Base + 2, () => new PaymentDeallocated { AllocationId = tale.LastAllocation, Reason = "wrong customer" });
                break;
            case "EW-22":
                foreach (var (id, day) in (ReadOnlySpan<(string, int)>)[("S1", 0), ("S2", 30)])
                {
                    var (statement, on) = (id, day);
                    tale.On(on, () => new StatementSent { StatementId = statement, PeriodFrom = Tale.Start, PeriodTo = Tale.Start + on, Closing = 1_000, Currency = Desk.Eur });
                }

                tale.On(62, () => new PaymentReceived { PaymentId = "x", Amount = 1, Currency = Desk.Eur, ValueOn = Tale.Start + 62, Cleared = true });
                tale.Late(58, 62, () => new StatementAnswered { StatementId = "S2", Answer = StatementAnswer.Agreed });
                break;
            case "EW-23":
                for (var week = 0; week < 25; week++) tale.Order(week * 7, week < 13 ? 100_000 : 900_000);
                tale.Order(182, 1_200_000);
                // An order of the empty week before makes half of all weeks large.
                tale.Late(176, 183, () => new OrderPlaced { OrderId = "late", Amount = 900_000, Currency = Desk.Eur, OrderedOn = Tale.Start + 176, ShipOn = Tale.Start + 190 });
                break;
            case "EW-26":
                for (var i = 0; i < 12; i++) tale.Settled(Base + i * 5, 0);
                for (var i = 12; i < 16; i++)
                {
                    var invoice = tale.Invoice(Base + i * 5 - 30, Base + i * 5);
                    tale.Pay(invoice, Base + i * 5, 20_000);
                }

                tale.Late(Base + 75, Base + 77, () => new PaymentDeallocated { AllocationId = tale.LastAllocation, Reason = "wrong customer" });
                break;
            case "EW-29":
                for (var i = 0; i < 13; i++)
                {
                    var invoice = tale.Invoice(Base + i * 5 - 10, Base + i * 5 + 20, discountBp: 300);
                    tale.Pay(invoice, Base + i * 5, i < 10 ? 48_500 : 50_000, i < 10 ? 1_500 : 0);
                }

                tale.Late(Base + 60, Base + 62, () => new PaymentDeallocated { AllocationId = tale.LastAllocation, Reason = "wrong customer" });
                break;
            case "EW-31":
                tale.On(0, () => new AcceptanceReceived { AcceptanceId = "N", Amount = 9_000, Currency = Desk.Eur, Kind = AcceptanceKind.BankAcceptance, Drawee = "bank", ReceivedOn = Tale.Start, MaturesOn = Tale.Start + 20 });
                tale.On(20, () => new AcceptanceDishonoured { AcceptanceId = "N", On = Tale.Start + 20, Reason = "no funds" });
                tale.Late(20, 22, () => new AcceptanceHonoured { AcceptanceId = "N", PaidOn = Tale.Start + 20 });
                break;
            case "EW-32":
                var promised = tale.Invoice(0, 5);
                tale.On(10, () => new PromiseMade { PromiseId = "W", Amount = 50_000, Currency = Desk.Eur, PromisedOn = Tale.Start + 15, Items = [promised], MadeBy = "lee" });
                tale.On(21, () => new PaymentReceived { PaymentId = "x", Amount = 1, Currency = Desk.Eur, ValueOn = Tale.Start + 21, Cleared = true });
                tale.Late(16, 21, () => new PaymentReceived { PaymentId = "P", Amount = 50_000, Currency = Desk.Eur, ValueOn = Tale.Start + 16, Cleared = true });
                tale.Late(16, 21, () => new PaymentAllocated { AllocationId = "A", FromId = "P", AllocatedOn = Tale.Start + 16, Items = [new AllocationItem { ItemId = promised, Amount = 50_000 }] });
                break;
            case "EW-34":
                for (var i = 0; i < 20; i++) tale.Invoice(i * 15, i * 15 + 100);
                tale.On(30, () => Disputed("D0", "I1", 30));
                tale.On(Base, () => Disputed("D1", "I19", Base - 1_000));
                var (a, b) = (tale.Invoice(Base, Base + 60), tale.Invoice(Base + 1, Base + 60));
                tale.On(Base + 5, () => Disputed("D2", a, Base + 5));
                tale.On(Base + 6, () => Disputed("D3", b, Base + 6));
                for (var i = 0; i < 30; i++)
                {
                    var number = i;
                    tale.Late(Base + 4, Base + 8, () => new InvoicePosted { InvoiceId = "L" + number, Amount = 1_000, Currency = Desk.Eur, IssuedOn = Tale.Start + Base + 4, DueOn = Tale.Start + Base + 60 });
                }

                break;
            case "EW-39":
                for (var i = 0; i < 30; i++) tale.Settled(Base + i * 4, 3 + i % 3);
                for (var i = 30; i < 40; i++) tale.Settled(Base + i * 4, i == 39 ? 14 : 3 + i % 3);
                tale.Late(Base + 39 * 4, Base + 39 * 4 + 2, () => new PaymentDeallocated { AllocationId = tale.LastAllocation, Reason = "wrong customer" });
                break;
            case "EW-40":
                for (var i = 0; i < 24; i++) tale.Invoice(i * 15, i * 15 + 90, 100_000);
                tale.Invoice(Base, Base + 60, 100_000);
                tale.On(Base + 5, () => new CreditNoteIssued { CreditNoteId = "C", Amount = 50_000, Currency = Desk.Eur, IssuedOn = Tale.Start + Base + 5, Reason = "goodwill" });
                tale.Late(Base + 4, Base + 8, () => new InvoicePosted { InvoiceId = "L", Amount = 900_000, Currency = Desk.Eur, IssuedOn = Tale.Start + Base + 4, DueOn = Tale.Start + Base + 60 });
                break;
            case "EW-41":
                tale.On(3, () => new OrderPlaced { OrderId = "O", Amount = 90_000, Currency = Desk.Eur, OrderedOn = Tale.Start + 3, ShipOn = Tale.Start + 9 });
                tale.Late(2, 5, () => new PaymentReceived { PaymentId = "P", Amount = 100, Currency = Desk.Eur, ValueOn = Tale.Start + 2, Cleared = true });
                break;
            default:
                tale.On(0, () => new ExternalSignalReceived { SignalId = "court", Kind = ExternalSignalKind.Lawsuit, Severity = Severity.Medium, Amount = 100, Currency = Desk.Eur, HappenedOn = Tale.Start });
                tale.Late(-1, 2, () => Statement("2025-12-31", 900));
                break;
        }

        return tale;
    }

    /// <summary>An invoice that was due on the fifth day stays open; that it was paid before anybody was told is known later.</summary>
    private static void Unpaid(Tale tale, int fires, int paid)
    {
        var invoice = tale.Invoice(0, 5);
        tale.On(fires, () => new PaymentReceived { PaymentId = "x", Amount = 1, Currency = Desk.Eur, ValueOn = Tale.Start + fires, Cleared = true });
        tale.Late(paid, fires, () => new PaymentReceived { PaymentId = "P", Amount = 50_000, Currency = Desk.Eur, ValueOn = Tale.Start + paid, Cleared = true });
        tale.Late(paid, fires, () => new PaymentAllocated { AllocationId = "A", FromId = "P", AllocatedOn = Tale.Start + paid, Items = [new AllocationItem { ItemId = invoice, Amount = 50_000 }] });
    }

    private static LimitSet Ending(long version, int to) => new()
    {
        Version = version, Currency = Desk.Eur, Steps = [new LimitStep { From = 1, To = Tale.Start + to, Kind = LimitKind.Amount, Amount = 1_000_000_000 }],
    };

    private static void Payments(Tale tale, int[] late)
    {
        for (var i = 0; i < late.Length; i++) tale.Settled(Base + (i + 1) * 5, late[i]);
    }

    private static void Filed(Tale tale, int day, string periodEnd, long sales) => tale.On(day, () => Statement(periodEnd, sales));

    /// <summary>A manufacturer whose sales alone move Z′ between the zones.</summary>
    private static FinancialStatementFiled Statement(string periodEnd, long sales) => new()
    {
        PeriodEnd = Desk.On(periodEnd), Currency = Desk.Eur, Manufacturer = true, TotalAssets = 300, CurrentAssets = 150, Inventory = 20, CurrentLiabilities = 75, TotalLiabilities = 150,
        RetainedEarnings = 90, Ebit = 30, NetIncome = 10, Sales = sales, BookEquity = 1_000,
    };

    private static CoverGranted Cover(string id, int to) => new()
    {
        CoverId = id, Version = 1, Kind = CoverKind.Insurance, Provider = "insurer", Amount = 100_000, Currency = Desk.Eur, InsuredBp = 9_000, From = Tale.Start - 100, To = Tale.Start + to, Use = CoverUse.ReducesRisk,
    };

    private static DisputeOpened Disputed(string id, string item, int day) => new()
    {
        DisputeId = id, ItemId = item, Amount = 10, Currency = Desk.Eur, Reason = "price", OpenedOn = Tale.Start + day,
    };
}
