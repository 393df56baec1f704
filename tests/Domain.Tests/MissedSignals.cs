using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>
/// What a late fact shows to have been missed (credit.md 19.1): the condition held on a day that is over and does not hold any more. It is noted once, with the day,
/// and told to nobody; whether it was known in time, it would have been told.
/// </summary>
public sealed class MissedSignals
{
    private const int Base = 400;

    public static TheoryData<string> Indicators => [.. DatedSignals.Indicators.AsEnumerable<object[]>().Select(i => (string)i[0])];

    [Theory]
    [MemberData(nameof(Indicators))]
    public void What_was_so_on_a_day_that_is_over_is_noted_once_and_not_sent(string indicator)
    {
        var tale = TaleOf(indicator);
        var (desk, known) = (tale.Told(withLate: true), Tale.Start + tale.LateOn);
        var note = Assert.Single(Notes(desk, indicator));
        Assert.False(note.GoesOut);
        Assert.InRange(note.Value, known - 7, known - 1);
        Assert.Equal(desk.History.OfType<SignalChanged>().Where(s => s.Indicator == indicator).Select(s => s.State).Distinct(), [SignalChanged.LateCorrection]);
        Assert.DoesNotContain(desk.Detail.Signals, s => s.Indicator == indicator);
    }

    [Theory]
    [MemberData(nameof(Indicators))]
    public void Known_in_time_it_is_told(string indicator)
    {
        var desk = TaleOf(indicator).Told(withLate: true, inTime: true);
        Assert.NotEmpty(desk.Signals(indicator));
        Assert.Empty(Notes(desk, indicator));
    }

    [Theory]
    [MemberData(nameof(Indicators))]
    public void Switched_off_nothing_is_missed(string indicator) => Assert.Empty(Notes(TaleOf(indicator, ("signal." + indicator[3..] + ".on", 0)).Told(withLate: true), indicator));

    [Theory]
    [MemberData(nameof(Indicators))]
    public void Further_late_facts_note_nothing_again(string indicator)
    {
        var tale = TaleOf(indicator);
        var day = tale.LateOn;
        tale.Late(day - 1, day, () => new PaymentReceived { PaymentId = "more", Amount = 1, Currency = Desk.Eur, ValueOn = Tale.Start + day - 1 });
        tale.Late(day - 3, day, () => new DunningSent { DunningId = "D", Level = 1, SentOn = Tale.Start + day - 3 });
        Assert.Single(Notes(tale.Told(withLate: true), indicator));
    }

    [Fact]
    public void A_late_payment_that_frees_what_waited_for_it_notes_nothing_again()
    {
        var tale = TaleOf("EW-10");
        var day = tale.LateOn;
        var other = tale.Invoice(45, 80);
        tale.On(50, () => new PaymentAllocated { AllocationId = "waits", FromId = "Q", AllocatedOn = Tale.Start + 50, Items = [new AllocationItem { ItemId = other, Amount = 50_000 }] });
        tale.Late(day - 5, day, () => new PaymentReceived { PaymentId = "Q", Amount = 50_000, Currency = Desk.Eur, ValueOn = Tale.Start + day - 5, Cleared = true });
        // EW-10 sets nothing off, so that money that came later hides nothing of what was noted before.
        Assert.Single(Notes(tale.Told(withLate: true), "EW-10"));
    }

    [Fact]
    public void What_was_told_at_the_time_is_not_noted_when_a_late_fact_says_so_again()
    {
        var tale = new Tale();
        var invoice = tale.Invoice(0, 5);
        tale.Pay(invoice, 30);
        tale.Pay("small", 30, 20_000);
        tale.Late(20, 31, () => new InvoicePosted { InvoiceId = "small", Amount = 20_000, Currency = Desk.Eur, IssuedOn = Tale.Start, DueOn = Tale.Start + 5 });
        var desk = tale.Told(withLate: true);
        Assert.Single(desk.Signals("EW-05"), s => s.Step == 1);
        Assert.Empty(Notes(desk, "EW-05"));
    }

    [Fact]
    public void What_stands_today_is_told_and_not_noted()
    {
        var tale = new Tale();
        tale.On(30, () => new PaymentReceived { PaymentId = "x", Amount = 1, Currency = Desk.Eur, ValueOn = Tale.Start + 30, Cleared = true });
        tale.Late(0, 31, () => new InvoicePosted { InvoiceId = "I", Amount = 50_000, Currency = Desk.Eur, IssuedOn = Tale.Start, DueOn = Tale.Start + 5 });
        var desk = tale.Told(withLate: true);
        Assert.Equal([1, 2], desk.Signals("EW-05").Select(s => s.Step));
        Assert.Empty(Notes(desk, "EW-05"));
    }

    [Fact]
    public void What_is_older_than_the_lateness_window_is_not_judged_again()
    {
        var tale = TaleOf("EW-29", ("signal.latenessDays", 2));
        Assert.Empty(Notes(tale.Told(withLate: true), "EW-29"));
    }

    private static IEnumerable<SignalChanged> Notes(Desk desk, string indicator) => desk.Signals(indicator, SignalChanged.LateCorrection);

    private static Tale TaleOf(string indicator, params (string, long)[] rules)
    {
        if (indicator == "EW-31") rules = [("signal.31.days", 3), .. rules];
        if (indicator == "EW-32") rules = [("signal.32.days", 3), .. rules];
        var tale = new Tale { Rules = rules, Limit = indicator is "EW-23" ? 10_000_000 : indicator is "EW-41" ? 100_000 : 1_000_000_000, Since = indicator is "EW-41" ? Tale.Start : 0 };
        switch (indicator)
        {
            case "EW-05" or "EW-06" or "EW-10":
                // Paid yesterday; that there was an invoice, forty days past due, is known only today.
                tale.On(50, () => new PaymentReceived { PaymentId = "P", Amount = 50_000, Currency = Desk.Eur, ValueOn = Tale.Start + 50, Cleared = true });
                tale.On(50, () => new PaymentAllocated { AllocationId = "A", FromId = "P", AllocatedOn = Tale.Start + 50, Items = [new AllocationItem { ItemId = "I", Amount = 50_000 }] });
                tale.Late(0, 51, () => new InvoicePosted { InvoiceId = "I", Amount = 50_000, Currency = Desk.Eur, IssuedOn = Tale.Start, DueOn = Tale.Start + 10 });
                break;
            case "EW-11":
                tale.On(4, () => Ending(3, to: 400));
                tale.Late(2, 5, () => Ending(2, to: 20));
                break;
            case "EW-16":
                tale.On(0, () => Statement("2024-12-31", sales: 900));
                tale.On(20, () => Statement("2025-12-31", sales: 900));
                tale.Late(18, 22, () => Statement("2025-06-30", sales: 300));
                break;
            case "EW-17":
                tale.On(0, () => Cover("K2", from: 12, to: 400));
                tale.On(14, () => new PaymentReceived { PaymentId = "x", Amount = 1, Currency = Desk.Eur, ValueOn = Tale.Start + 14, Cleared = true });
                tale.Late(8, 14, () => Cover("K1", from: -100, to: 20));
                break;
            case "EW-18":
                tale.On(13, () => new ReviewCompleted { ReviewedOn = Tale.Start + 13, NextOn = Tale.Start + 200, By = "kim" });
                tale.Late(9, 14, () => new ReviewCompleted { ReviewedOn = Tale.Start + 9, NextOn = Tale.Start + 10, By = "kim" });
                break;
            case "EW-20":
                for (var i = 0; i < 12; i++) tale.Settled(Base + i * 5, 3);
                LatePayment(tale, Base + 70, 100, Base + 73);
                for (var i = 0; i < 5; i++) tale.Settled(Base + 71, -29, terms: 60);
                tale.On(Base + 72, () => new PaymentReceived { PaymentId = "x", Amount = 1, Currency = Desk.Eur, ValueOn = Tale.Start + Base + 72, Cleared = true });
                break;
            case "EW-21":
                foreach (var (day, late) in (ReadOnlySpan<(int, int)>)[(0, 0), (10, 7), (20, 7)]) tale.Settled(Base + day, late);
                LatePayment(tale, Base + 30, 7, Base + 33);
                for (var i = 0; i < 2; i++) tale.Settled(Base + 31 + i, 0);
                break;
            case "EW-22":
                // Answered in the end; that there was a second statement is known last.
                tale.On(0, () => Sent("S1", 0));
                tale.On(61, () => new StatementAnswered { StatementId = "S2", Answer = StatementAnswer.Agreed });
                tale.Late(30, 62, () => Sent("S2", 30));
                break;
            case "EW-23":
                for (var week = 0; week < 25; week++) tale.Order(week * 7, 100_000);
                tale.Late(176, 183, () => new OrderPlaced { OrderId = "late", Amount = 1_200_000, Currency = Desk.Eur, OrderedOn = Tale.Start + 176, ShipOn = Tale.Start + 190 });
                break;
            case "EW-26":
                for (var i = 0; i < 12; i++) tale.Settled(Base + i * 5, 0);
                for (var i = 12; i < 15; i++) tale.Pay(tale.Invoice(Base + i * 5 - 30, Base + i * 5), Base + i * 5, 20_000);
                tale.Pay(tale.Invoice(Base + 45, Base + 75), Base + 75, 20_000, isLate: Base + 78);
                for (var i = 0; i < 9; i++) tale.Settled(Base + 76, 0);
                break;
            case "EW-29":
                for (var i = 0; i < 12; i++) Discounted(tale, Base + i * 5, i < 10);
                Discounted(tale, Base + 60, takes: false, isLate: Base + 63);
                Discounted(tale, Base + 61, takes: true);
                Discounted(tale, Base + 62, takes: true);
                break;
            case "EW-31":
                tale.On(0, () => new PaymentReceived { PaymentId = "P", Amount = 9_000, Currency = Desk.Eur, ValueOn = Tale.Start });
                tale.Late(20, 25, () => new PaymentReturned { PaymentId = "P", ReturnedOn = Tale.Start + 20, Reason = "no funds" });
                break;
            case "EW-32":
                var promised = tale.Invoice(0, 5);
                tale.On(22, () => new PaymentReceived { PaymentId = "x", Amount = 1, Currency = Desk.Eur, ValueOn = Tale.Start + 22, Cleared = true });
                tale.Late(10, 23, () => new PromiseMade { PromiseId = "W", Amount = 50_000, Currency = Desk.Eur, PromisedOn = Tale.Start + 15, Items = [promised], MadeBy = "lee" });
                break;
            case "EW-34":
                for (var i = 0; i < 20; i++) tale.Invoice(i * 15, i * 15 + 100);
                tale.On(30, () => Disputed("D0", "I1", 30));
                var (a, b) = (tale.Invoice(Base, Base + 60), tale.Invoice(Base + 1, Base + 60));
                tale.On(Base + 4, () => Disputed("D1", a, Base + 4));
                tale.Late(Base + 5, Base + 8, () => Disputed("D2", b, Base + 5));
                for (var i = 0; i < 60; i++) tale.Invoice(Base + 6, Base + 60, 1_000);
                break;
            case "EW-39":
                for (var i = 0; i < 39; i++) tale.Settled(Base + i * 4, 3 + i % 3);
                LatePayment(tale, Base + 39 * 4, 14, Base + 39 * 4 + 3);
                for (var i = 0; i < 10; i++) tale.Settled(Base + 39 * 4 + 1, 3 + i % 3);
                break;
            case "EW-40":
                for (var i = 0; i < 24; i++) tale.Invoice(i * 15, i * 15 + 90, 100_000);
                tale.Invoice(Base, Base + 60, 100_000);
                tale.Late(Base + 5, Base + 8, () => new CreditNoteIssued { CreditNoteId = "C", Amount = 50_000, Currency = Desk.Eur, IssuedOn = Tale.Start + Base + 5, Reason = "goodwill" });
                tale.Invoice(Base + 6, Base + 60, 2_000_000);
                break;
            case "EW-41":
                tale.On(4, () => new PaymentReceived { PaymentId = "P", Amount = 100, Currency = Desk.Eur, ValueOn = Tale.Start + 4, Cleared = true });
                tale.Late(3, 6, () => new OrderPlaced { OrderId = "O", Amount = 90_000, Currency = Desk.Eur, OrderedOn = Tale.Start + 3, ShipOn = Tale.Start + 9 });
                break;
            default:
                // A lawsuit that is small beside the net assets of the statement two days later.
                tale.On(12, () => Statement("2025-12-31", sales: 900));
                tale.Late(10, 14, () => new ExternalSignalReceived { SignalId = "court", Kind = ExternalSignalKind.Lawsuit, Severity = Severity.Medium, Amount = 100, Currency = Desk.Eur, HappenedOn = Tale.Start + 10 });
                break;
        }

        return tale;
    }

    /// <summary>An invoice that is settled so many days late, which is known days after.</summary>
    private static void LatePayment(Tale tale, int paid, int late, int known) => tale.Pay(tale.Invoice(paid - late - 30, paid - late), paid, isLate: known);

    private static void Discounted(Tale tale, int paid, bool takes, int isLate = 0) =>
        tale.Pay(tale.Invoice(paid - 10, paid + 20, discountBp: 300), paid, takes ? 48_500 : 50_000, takes ? 1_500 : 0, isLate);

    private static LimitSet Ending(long version, int to) => new()
    {
        Version = version, Currency = Desk.Eur, Steps = [new LimitStep { From = 1, To = Tale.Start + to, Kind = LimitKind.Amount, Amount = 1_000_000_000 }],
    };

    private static FinancialStatementFiled Statement(string periodEnd, long sales) => new()
    {
        PeriodEnd = Desk.On(periodEnd), Currency = Desk.Eur, Manufacturer = true, TotalAssets = 300, CurrentAssets = 150, Inventory = 20, CurrentLiabilities = 75, TotalLiabilities = 150,
        RetainedEarnings = 90, Ebit = 30, NetIncome = 10, Sales = sales, BookEquity = 1_000,
    };

    private static CoverGranted Cover(string id, int from, int to) => new()
    {
        CoverId = id, Version = 1, Kind = CoverKind.Insurance, Provider = "insurer", Amount = 100_000, Currency = Desk.Eur, InsuredBp = 9_000, From = Tale.Start + from, To = Tale.Start + to, Use = CoverUse.ReducesRisk,
    };

    private static StatementSent Sent(string id, int day) =>
        new() { StatementId = id, PeriodFrom = Tale.Start, PeriodTo = Tale.Start + day, Closing = 1_000, Currency = Desk.Eur };

    private static DisputeOpened Disputed(string id, string item, int day) => new()
    {
        DisputeId = id, ItemId = item, Amount = 10, Currency = Desk.Eur, Reason = "price", OpenedOn = Tale.Start + day,
    };
}
