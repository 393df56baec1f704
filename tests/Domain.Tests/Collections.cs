using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Late interest, dunning, promises and statements: the figures of credit.md 15 and 18.</summary>
public sealed class Collections
{
    private static readonly Currency Euro = CurrencyOf("EUR");

    private static int Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture).DayNumber;

    private static Currency CurrencyOf(string code) => Currency.TryParse(code, out var known) ? known : throw new ArgumentException(code);

    /// <summary>Row 42: £1,000 at 8.5 %.</summary>
    [Theory]
    [InlineData(365, InterestRounding.AtEnd, 8_500)]
    [InlineData(1, InterestRounding.AtEnd, 23)]
    [InlineData(1, InterestRounding.DailyToPenny, 23)]
    [InlineData(50, InterestRounding.DailyToPenny, 1_150)]
    [InlineData(50, InterestRounding.AtEnd, 1_164)]
    public void Row_42_published_british_examples(int days, InterestRounding rounding, long expected)
    {
        var due = Day("2025-01-31");
        var rules = new InterestRules { Regime = InterestRegime.Uk1998, References = [new(Day("2024-12-31"), 50)], Rounding = rounding };
        Assert.Equal(expected, LateInterest.Of(rules, new LateDebt(due - 30, due, 0, 100_000, [new(due - 30, 100_000)]), due + days).Interest);
    }

    /// <summary>Row 43.</summary>
    [Theory]
    [InlineData(99_999, 4_000)]
    [InlineData(100_000, 7_000)]
    [InlineData(999_999, 7_000)]
    [InlineData(1_000_000, 10_000)]
    public void Row_43_british_fixed_sums(long debt, long expected)
    {
        var rules = new InterestRules { Regime = InterestRegime.Uk1998, References = [new(Day("2024-12-31"), 475)] };
        Assert.Equal(expected, LateInterest.Of(rules, new LateDebt(1, Day("2025-02-01"), 0, debt, [new(1, debt)]), Day("2025-02-02")).FixedSum);
        Assert.Equal(0, LateInterest.Of(rules, new LateDebt(1, Day("2025-02-01"), 0, debt, [new(1, debt)]), Day("2025-02-01")).Total);
    }

    /// <summary>Row 44: a part payment in between; the value date of a payment is the last day that bears interest on it.</summary>
    [Fact]
    public void Row_44_european_interest_over_a_part_payment()
    {
        var rules = new InterestRules { Regime = InterestRegime.EuDirective, References = [new(Day("2026-01-01"), 215)] };
        var debt = new LateDebt(Day("2026-01-01"), Day("2026-01-31"), 0, 1_000_000, [new(Day("2026-01-01"), 1_000_000), new(Day("2026-03-03"), 600_000)]);
        var due = LateInterest.Of(rules, debt, Day("2026-04-01"));
        Assert.Equal((13_348, 4_000), (due.Interest, due.FixedSum));
        Assert.Equal([(Day("2026-02-01"), Day("2026-03-02"), 1_000_000L), (Day("2026-03-03"), Day("2026-04-01"), 600_000L)], due.Spans.Select(s => (s.From, s.To, s.Open)));
        Assert.All(due.Spans, s => Assert.Equal("10.15 %", s.RateText));
    }

    /// <summary>Row 45: nothing agreed, 0.05 % a day.</summary>
    [Fact]
    public void Row_45_chinese_interest_without_an_agreement()
    {
        var due = Day("2026-01-31");
        var debt = new LateDebt(due - 30, due, 0, 1_000_000, [new(due - 30, 1_000_000)]);
        Assert.Equal(15_000, LateInterest.Of(new InterestRules { Regime = InterestRegime.CnSme }, debt, due + 30).Interest);
        // What was agreed below the LPR of the day of signing is lifted to it.
        var low = new InterestRules { Regime = InterestRegime.CnSme, AgreedBp = 100, References = [new(Day("2025-01-01"), 310), new(Day("2026-01-01"), 300)] };
        Assert.Equal("3.1 %", LateInterest.Of(low, debt with { SignedOn = Day("2025-06-01") }, due + 30).Spans.Single().RateText);
        Assert.Equal("3 %", LateInterest.Of(low, debt, due + 30).Spans.Single().RateText);
        Assert.Equal("0.02 % a day", LateInterest.Of(low with { AgreedBp = -1, AgreedDailyPpm = 200 }, debt, due + 30).Spans.Single().RateText);
    }

    [Fact]
    public void British_rate_is_fixed_when_interest_begins_and_the_european_one_moves_with_the_half_year()
    {
        ReferenceRate[] rates = [new(Day("2024-12-31"), 475), new(Day("2025-06-30"), 425), new(Day("2025-07-01"), 200)];
        var debt = new LateDebt(Day("2025-04-01"), Day("2025-05-31"), 0, 100_000, [new(Day("2025-04-01"), 100_000)]);
        Assert.Equal(["12.75 %"], LateInterest.Of(new InterestRules { Regime = InterestRegime.Uk1998, References = rates }, debt, Day("2025-08-01")).Spans.Select(s => s.RateText));
        var eu = LateInterest.Of(new InterestRules { Regime = InterestRegime.EuDirective, References = [new(Day("2025-01-01"), 315), new(Day("2025-07-01"), 215)] }, debt, Day("2025-08-01"));
        Assert.Equal([(Day("2025-06-30"), "11.15 %"), (Day("2025-08-01"), "10.15 %")], eu.Spans.Select(s => (s.To, s.RateText)));
    }

    [Fact]
    public void Contract_has_grace_a_least_amount_and_a_year_of_360_days()
    {
        var rules = new InterestRules { Regime = InterestRegime.Contract, AgreedBp = 900, DayBase = 360, GraceDays = 5, LeastAmount = 1_000 };
        var debt = new LateDebt(1, 1_000, 0, 1_000_000, [new(1, 1_000_000)]);
        Assert.Equal(0, LateInterest.Of(rules, debt, 1_005).Interest);
        // 3 days of 250.00 each stay below the least amount of 10.00 only when they are below it.
        Assert.Equal(0, LateInterest.Of(rules, debt with { Open = [new(1, 1_000)] }, 1_008).Interest);
        Assert.Equal(750, LateInterest.Of(rules with { LeastAmount = 0 }, debt, 1_008).Interest);
        Assert.Equal(2_500, LateInterest.Of(rules, debt, 1_015).Interest);
    }

    [Fact]
    public void Rate_that_is_not_known_gives_no_figure()
    {
        var due = LateInterest.Of(new InterestRules { Regime = InterestRegime.EuDirective, References = [new(Day("2026-01-01"), 215)] }, new LateDebt(1, Day("2025-10-01"), 0, 100, [new(1, 100)]), Day("2026-02-01"));
        Assert.Equal((0, Day("2025-10-02")), (due.Total, due.Missing));
    }

    [Theory]
    [InlineData(-8, null)]
    [InlineData(-7, -1)]
    [InlineData(0, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    [InlineData(7, 2)]
    [InlineData(45, 4)]
    [InlineData(200, 6)]
    public void Highest_level_that_is_reached_is_the_one(int pastDue, int? level) =>
        Assert.Equal(level, DunningLadder.Default.LevelOf(Item(1_000), 1_000 + pastDue, "")?.Level);

    [Fact]
    public void Grade_makes_it_softer_or_skips_a_level_and_what_went_out_does_not_go_out_again()
    {
        Assert.Equal(1, DunningLadder.Default.LevelOf(Item(1_000), 1_007, "A")?.Level);
        Assert.Equal(3, DunningLadder.Default.LevelOf(Item(1_000), 1_007, "D")?.Level);
        Assert.Null(DunningLadder.Default.LevelOf(Item(1_000), 1_000 - 7, "B"));
        Assert.Null(DunningLadder.Default.LevelOf(Item(1_000) with { SentLevel = 2, SentOn = 1_007 }, 1_010, ""));
        Assert.Equal(3, DunningLadder.Default.LevelOf(Item(1_000) with { SentLevel = 2, SentOn = 1_007 }, 1_015, "")?.Level);
    }

    [Fact]
    public void Contested_promised_planned_and_settled_items_are_left_alone()
    {
        foreach (var left in (DunningItem[])[Item(1) with { IsDisputed = true }, Item(1) with { IsPromised = true }, Item(1) with { IsPlanned = true }, Item(1) with { Open = 0 }]) Assert.Null(DunningLadder.Default.LevelOf(left, 100, ""));
    }

    [Fact]
    public void Levels_of_a_desk_count_from_the_reminder_before_or_the_end_of_the_month()
    {
        Assert.Null(DunningLadder.Create([new(1, DunningBasis.PreviousReminder, 5, "email", "")], out var error));
        Assert.Contains("first level", error, StringComparison.Ordinal);
        Assert.Null(DunningLadder.Create([new(2, DunningBasis.DueDate, 5, "email", ""), new(1, DunningBasis.DueDate, 9, "email", "")], out _));
        var ladder = DunningLadder.Create([new(1, DunningBasis.DueDateEndOfMonth, 2, "email", ""), new(2, DunningBasis.PreviousReminder, 10, "email", "")], out _)!;
        var item = Item(Day("2026-02-03"));
        Assert.Null(ladder.LevelOf(item, Day("2026-03-01"), ""));
        Assert.Equal(1, ladder.LevelOf(item, Day("2026-03-02"), "")?.Level);
        var sent = item with { SentLevel = 1, SentOn = Day("2026-03-05") };
        Assert.Null(ladder.LevelOf(sent, Day("2026-03-14"), ""));
        Assert.Equal(2, ladder.LevelOf(sent, Day("2026-03-15"), "")?.Level);
    }

    [Theory]
    [InlineData(9_499, 12, PromiseState.Open)]
    [InlineData(9_499, 13, PromiseState.Broken)]
    [InlineData(9_500, 12, PromiseState.Kept)]
    public void Promise_is_kept_with_95_percent_by_two_days_later(long allocated, int today, PromiseState expected) =>
        Assert.Equal(expected, Promises.StateOf(10_000, 10, allocated, isWithdrawn: false, today));

    private static DunningItem Item(int dueOn) => new("I-1", 10_000, dueOn, null, 0, false, false, false);

    [Fact]
    public void Statement_of_one_period_opens_where_the_one_before_closed()
    {
        var ledger = CustomerLedger.Of(
        [
            Invoice("I-1", 100_000, "2026-01-10", "2026-02-09"), Invoice("I-2", 50_000, "2026-02-03", "2026-03-05"), Payment("P-1", 60_000, "2026-02-10"),
            new PaymentAllocated { AllocationId = "A-1", FromId = "P-1", AllocatedOn = Day("2026-02-10"), Items = [new() { ItemId = "I-1", Amount = 59_000, DiscountTaken = 1_000 }] },
            new CreditNoteIssued { CreditNoteId = "C-1", Amount = 5_000, Currency = Euro, IssuedOn = Day("2026-02-20"), InvoiceId = "I-2" },
        ]);
        var january = AccountStatement.Of(ledger, Euro, Day("2026-01-01"), Day("2026-01-31"));
        var february = AccountStatement.Of(ledger, Euro, Day("2026-02-01"), Day("2026-02-28"));
        Assert.Equal((0, 100_000), (january.Opening, january.Closing));
        Assert.Equal((100_000, 84_000), (february.Opening, february.Closing));
        Assert.Equal(february.Closing, february.Opening + february.Lines.Sum(l => l.Amount));
        Assert.Equal((50_000, 60_000), (february.Billed, february.Received));
        Assert.Equal([("I-1", 40_000L), ("I-2", 45_000L)], february.Items.Select(i => (i.ItemId, i.Open)));
        Assert.Equal([45_000L, 40_000L, 0, 0, 0, 0], february.Ageing);
        // What is open is not yet what is owed: 1,000 of the payment is matched to nothing.
        Assert.Equal(84_000, february.Items.Sum(i => i.Open) - 1_000);
    }

    [Fact]
    public void Returned_payment_opens_again_and_an_undone_allocation_too()
    {
        Fact[] facts =
        [
            Invoice("I-1", 100_000, "2026-01-10", "2026-02-09"), Payment("P-1", 100_000, "2026-02-10"),
            new PaymentAllocated { AllocationId = "A-1", FromId = "P-1", AllocatedOn = Day("2026-02-10"), Items = [new() { ItemId = "I-1", Amount = 100_000 }] },
            new PaymentReturned { PaymentId = "P-1", ReturnedOn = Day("2026-02-14") },
        ];
        // In whatever order the facts came.
        foreach (var order in (Fact[][])[facts, [.. facts.Reverse()]])
        {
            var ledger = CustomerLedger.Of(order);
            Assert.Equal((0, 100_000), (ledger.BalanceAt(Euro, Day("2026-02-13")), ledger.BalanceAt(Euro, Day("2026-02-14"))));
            Assert.Equal(100_000, ledger.Item("I-1")!.OpenAt(Day("2026-02-20")));
        }
    }

    [Fact]
    public void Interest_leaves_a_dispute_out_until_it_is_found_to_be_wrong()
    {
        List<Fact> facts = [Invoice("I-1", 100_000, "2026-01-01", "2026-01-31"), new DisputeOpened { DisputeId = "D-1", ItemId = "I-1", Amount = 40_000, Currency = Euro, OpenedOn = Day("2026-02-11") }];
        long Bears() => CustomerLedger.Of(facts).Item("I-1")!.Bearing(Day("2026-03-31")).Last(o => o.From <= Day("2026-02-15")).Amount;
        Assert.Equal(60_000, Bears());
        facts.Add(new DisputeClosed { DisputeId = "D-1", Outcome = DisputeOutcome.Invalid, ClosedOn = Day("2026-02-20") });
        Assert.Equal(100_000, Bears());
    }

    [Fact]
    public void Ledgers_match_by_number_then_by_amount_and_date_and_the_rest_is_told_from_both_sides()
    {
        LedgerLine[] ours = [new(100, LedgerKind.Invoice, "RE-2026/17", 10_000, Euro), new(101, LedgerKind.Invoice, "RE-18", 20_000, Euro), new(102, LedgerKind.Payment, "P-9", -5_000, Euro), new(103, LedgerKind.Invoice, "RE-19", 7_000, Euro)];
        TheirLine[] theirs = [new("re 2026 17", 90, 10_000, Euro), new("RE-18", 101, 19_000, Euro), new("bank 4711", 107, -5_000, Euro), new("X-1", 103, 3_000, Euro)];
        var found = LedgerMatch.Compare(ours, theirs);
        Assert.Equal((2, StatementAnswer.Differences), (found.Matched, found.Answer));
        Assert.Equal([("RE-18", 20_000L, 19_000L), ("RE-19", 7_000L, 0L), ("X-1", 0L, 3_000L)], found.Differences.Select(d => (d.DocId, d.Ours, d.Theirs)));
        Assert.Equal(StatementAnswer.Agreed, LedgerMatch.Compare(ours[..1], theirs[..1]).Answer);
    }

    private static InvoicePosted Invoice(string id, long amount, string issued, string due) => new() { InvoiceId = id, Amount = amount, Currency = Euro, IssuedOn = Day(issued), DueOn = Day(due) };

    private static PaymentReceived Payment(string id, long amount, string on) => new() { PaymentId = id, Amount = amount, Currency = Euro, ValueOn = Day(on) };
}
