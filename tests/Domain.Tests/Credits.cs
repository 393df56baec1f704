using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>The weighted credit score of an account, and what its grade supports (credit.md 12 to 14, 16).</summary>
public sealed class Credits
{
    private readonly Desk _desk = new(limit: 1_000_000, day: "2026-03-02", since: On("2025-06-01"));

    private CreditStanding Credit => _desk.Book.CreditOf(0);

    private ScoreHabit Kept => _desk.Book.HabitsOf(0)!.Scores!;

    private void File(string end, long currentAssets = 900, long totalLiabilities = 1_200) => _desk.Tell(new FinancialStatementFiled
    {
        PeriodEnd = On(end), Currency = Eur, TotalAssets = 2_000, CurrentAssets = currentAssets, Inventory = 300, CurrentLiabilities = 600, TotalLiabilities = totalLiabilities, RetainedEarnings = 200, Ebit = 100, NetIncome = 60,
        Sales = 3_000, BookEquity = 800,
    });

    /// <summary>All but promises, of which nobody made any.</summary>
    private void Known()
    {
        _desk.Rules(("country/DE/points", 70), ("industry/STEEL/points", 80));
        _desk.Tell(new CustomerChanged { Version = 1, Profile = new CustomerProfile { Country = "DE", Industry = "STEEL" } });
        _desk.Invoice("I1", 600_000);
        _desk.Invoice("I2", 100_000, "2026-03-02");
        _desk.Pay("P", 100_000);
        _desk.Allocate("A", "P", "I2", 100_000);
        File("2025-12-31");
        _desk.Tell(new RatingReceived { Agency = "SP", Scale = "long", Value = "BBB", RatedOn = On("2026-02-01") });
        _desk.Tell(new RatingReceived { Agency = "numbers", Scale = "1 to 9", Value = "2", RatedOn = On("2026-02-01") });
        _desk.Days("2026-03-03", "2026-03-20");
    }

    [Fact]
    public void Row_37_weights_add_up_to_one_hundred_and_the_document_publishes_the_tables()
    {
        Assert.Equal(100, CreditTable.All.Sum(t => Policy.Default[t.Weight]));
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(folder!.FullName, "ExposureMonitor.sln"))) folder = folder.Parent;
        var lines = System.IO.File.ReadAllLines(Path.Combine(folder.FullName, "docs", "scoring.md"));
        foreach (var t in CreditTable.All)
            Assert.Contains($"| `{t.Name}` | {Policy.Default[t.Weight]} | {t.Unit} | {(t.Steps.Count == 0 ? "the value itself" : string.Join(", ", t.Steps.Select(s => $"from {s.From}: {s.Points}")))} |", lines);
    }

    [Fact]
    public void Score_is_worked_out_from_what_the_account_keeps()
    {
        Known();
        var credit = Credit;
        (string, int?)[] points =
        [
            ("paymentIndex 8000", 10_000), ("overdueRatio 0", 10_000), ("brokenPromises ", null), ("limitUse 6000", 8_500), ("relationship 292", 4_000), ("altmanZone 2", 5_000),
            ("liquidity 1500000", 8_000), ("leverage 600000", 6_000), ("externalRating 92", 8_000), ("sectorCountry 70", 7_000),
        ];
        Assert.Equal(points, credit.Factors.Select(f => ($"{f.Name} {f.Raw}", f.Points)));
        // 2,000 + 1,000 + 1,700 + 400 + 500 + 400 + 300 + 800 + 350 = 7,450, over the weight of 95 that has data.
        Assert.Equal((7_842, 9_500, "B"), (credit.Score.Score, credit.Score.ConfidenceBp, credit.Score.Grade));
        Assert.Equal(credit.Score.Score, credit.Score.Parts.Sum());
        Assert.Equal(("B", "B", ""), (credit.Grade!.Name, credit.ComputedGrade, credit.PersonGrade));
        // Twice the mean month of 700,000 a year; 1.5 % × 60 % of what is owed.
        Assert.Equal((700_000, 116_666, 600_000, 5_400), (credit.Sales, credit.EligibleLimit, credit.NetRisk, credit.ExpectedLoss));
        // Customer since 1 June: 293 days up to today. This month's 20 days have sold more than is owed.
        Assert.Equal((25_114, 25_114, 1_714), (credit.Dso, credit.BestDso, credit.CountBackDso));
        Assert.Equal((0, 0), (credit.OverdueBp, credit.Over90Bp));
        Assert.Equal(new FiledRatios(On("2025-12-31"), AltmanModel.General, AltmanZone.Grey, 2_346, 1_500_000, 1_000_000, 600_000, 20_000, false), credit.Ratios);
        Assert.Equal([On("2025-12-31"), On("2025-12-31"), On("2026-02-01")], credit.Factors.Where(f => f.Name is "altmanZone" or "leverage" or "externalRating").Select(f => f.AsOf));
    }

    [Fact]
    public void Standing_comes_back_from_the_bytes_of_the_account()
    {
        Known();
        var before = Credit;
        _desk.Restart();
        var after = Credit;
        Assert.Equal((before.Score.Score, before.Ratios, before.Dso, before.EligibleLimit), (after.Score.Score, after.Ratios, after.Dso, after.EligibleLimit));
        Assert.Equal(before.Factors, after.Factors);
    }

    /// <summary>A day began, and the sweep has not come to the account: whoever asks sees it as of that day, and the account stays as it is.</summary>
    [Fact]
    public void Standing_is_of_today_also_before_the_sweep()
    {
        Known();
        var morning = Instant.From(new DateOnly(2026, 4, 11));
        _desk.Tell(new DayStarted { Day = On("2026-04-11"), Time = morning });
        Assert.True(_desk.Book.SweepPending);
        var before = Credit;
        Assert.Equal((On("2026-04-11"), 10_000), (before.AsOf, before.OverdueBp));
        Assert.True(_desk.Book.SweepPending);
        while (_desk.Book.SweepPending) _desk.Tell(new SweepDue { FromSlot = _desk.Book.SweepFrom, Time = morning });
        Assert.Equal(before.Factors, Credit.Factors);
    }

    [Theory]
    [InlineData(500_000, "5000", 10_000)]
    [InlineData(500_100, "5001", 8_500)]
    [InlineData(1_000_100, "10001", 0)]
    public void Use_of_the_limit_is_the_mean_of_fifteen_day_ends(long open, string mean, int points)
    {
        _desk.Invoice("I1", open, "2026-06-01");
        _desk.Days("2026-03-03", "2026-03-16");
        Assert.Null(Credit.Factors[3].Points);
        _desk.Day("2026-03-17");
        Assert.Equal((mean, points), (Credit.Factors[3].Raw, Credit.Factors[3].Points));
    }

    [Fact]
    public void Without_data_there_is_no_score_and_what_is_stale_is_none()
    {
        var desk = new Desk();
        var nothing = desk.Book.CreditOf(0);
        Assert.Equal((null, 0, null, null, null), (nothing.Score.Score, nothing.Score.ConfidenceBp, nothing.Grade, nothing.EligibleLimit, nothing.ExpectedLoss));
        Assert.All(nothing.Factors, f => Assert.Null(f.Points));
        Known();
        File("2024-09-17");
        // 18 months behind the end of its period a statement says nothing any more; the newer one goes on.
        Assert.Equal(8_000, Credit.Factors[6].Points);
        Assert.False(Credit.Ratios!.IsStale);
        var old = new Desk(limit: 1_000_000, day: "2026-03-02");
        old.Tell(new FinancialStatementFiled { PeriodEnd = On("2024-08-31"), Currency = Eur, TotalAssets = 2_000, CurrentAssets = 900, CurrentLiabilities = 600, TotalLiabilities = 1_200, BookEquity = 800 });
        Assert.Equal((false, null), (old.Book.CreditOf(0).Ratios!.IsStale, old.Book.CreditOf(0).Ratios!.NetMargin));
        old.Days("2026-03-03", "2026-03-03");
        Assert.True(old.Book.CreditOf(0).Ratios!.IsStale);
        Assert.Null(old.Book.CreditOf(0).Factors[5].Points);
    }

    [Fact]
    public void Persons_grade_serves_until_it_is_stale_and_both_are_told()
    {
        Known();
        _desk.Tell(new RatingOverridden { Grade = "D", StaleAt = On("2026-03-25"), Reason = "lost their largest buyer", By = "anna", ApprovedBy = ["ben"] });
        Assert.Equal(("D", "B", "D", On("2026-03-25")), (Credit.Grade!.Name, Credit.ComputedGrade, Credit.PersonGrade, Credit.PersonUntil));
        Assert.Equal((29_166, 36_000), (Credit.EligibleLimit, Credit.ExpectedLoss));
        _desk.Days("2026-03-21", "2026-03-25");
        Assert.Equal(("B", "", 0), (Credit.Grade!.Name, Credit.PersonGrade, Credit.PersonUntil));
    }

    [Fact]
    public void Review_is_due_by_the_cycle_of_the_grade()
    {
        Known();
        Assert.Equal(0, Credit.Review.ByCycle);
        _desk.Tell(new ReviewCompleted { ReviewedOn = On("2026-03-20"), NextOn = On("2027-01-01"), EligibleMax = -1 });
        Assert.Equal(On("2026-09-20"), Credit.Review.ByCycle);
    }

    [Fact]
    public void Daily_score_follows_new_facts_and_its_fall_is_told()
    {
        _desk.Rules(("score.on", 1));
        _desk.Invoice("I1", 100_000, "2026-03-08");
        Assert.Null(_desk.Book.HabitsOf(0)?.Scores);
        _desk.Day("2026-03-03");
        // Nothing overdue 100 points, nine months of trade 40: both weigh 10. Little is known, but a first grade is no raise.
        Assert.Equal((7_000, "B"), (Kept.Computed, Kept.ComputedGrade));
        _desk.Days("2026-03-04", "2026-03-09");
        // All of it is overdue: 0 and 40.
        Assert.Equal((2_000, "E"), (Kept.Computed, Kept.ComputedGrade));
        Assert.Equal(Severity.High, _desk.Signals("EW-14").Single().Severity);
        Assert.Equal(2_000, _desk.Signals("EW-14").Single().Value);
        _desk.Restart();
        Assert.Equal((2_000, "E"), (Kept.Computed, Credit.ComputedGrade));
    }

    [Fact]
    public void Without_the_switch_no_score_is_kept_and_nothing_is_told()
    {
        _desk.Invoice("I1", 100_000, "2026-03-08");
        _desk.Days("2026-03-03", "2026-03-09");
        Assert.Null(_desk.Book.HabitsOf(0)?.Scores);
        Assert.Empty(_desk.Signals("EW-14"));
    }

    [Fact]
    public void Grade_rises_by_one_a_day_and_not_while_little_is_known()
    {
        _desk.Rules(("score.on", 1));
        _desk.Invoice("I1", 100_000, "2026-03-08");
        _desk.Days("2026-03-03", "2026-03-09");
        Assert.Equal("E", Kept.ComputedGrade);
        _desk.Pay("P", 100_000);
        _desk.Allocate("A", "P", "I1", 100_000);
        _desk.Day("2026-03-10");
        // One day late: index 79.33 alone, 79.83 with the book's, 80 points; confidence 40 %.
        Assert.Equal((7_500, "E"), (Kept.Computed, Kept.ComputedGrade));
        File("2025-12-31", currentAssets: 1_500, totalLiabilities: 700);
        _desk.Tell(new RatingReceived { Agency = "SP", Scale = "long", Value = "AA", RatedOn = On("2026-03-01") });
        List<string> grades = [];
        for (var day = 11; day <= 16; day++)
        {
            _desk.Day($"2026-03-{day}");
            grades.Add(Kept.ComputedGrade);
        }

        // 6,000 over the weight of 70: 85.71, and every day one grade of the way to A, with no other fact.
        Assert.Equal(["D", "C", "B", "A", "A", "A"], grades);
        Assert.Equal(8_571, Kept.Computed);
    }

    [Theory]
    [InlineData("D", 1, 1)]
    [InlineData("D", 0, 0)]
    [InlineData("C", 1, 0)]
    [InlineData("E", 1, 0)]
    [InlineData("Prime", 1, 0)]
    public void Steps_of_utilisation_are_those_of_the_grade(string grade, int byGrade, int fires)
    {
        _desk.Rules(("ladder.byGrade", byGrade));
        _desk.Invoice("I1", 620_000, "2026-06-01");
        Assert.Empty(_desk.Signals("EW-01"));
        _desk.Tell(new RatingOverridden { Grade = grade, StaleAt = On("2026-03-05"), Reason = "lost their largest buyer", By = "anna", ApprovedBy = ["ben"] });
        Assert.Equal(fires, _desk.Signals("EW-01").Count());
        if (fires == 0) return;
        Assert.Equal((Severity.Medium, 6_200, 6_000), (_desk.Signals("EW-01").Single().Severity, _desk.Signals("EW-01").Single().Value, _desk.Signals("EW-01").Single().Threshold));
        // Once the grade is stale, 62 % is below every step less its re-arm.
        _desk.Restart();
        _desk.Days("2026-03-03", "2026-03-05");
        _desk.Wait(61);
        Assert.Single(_desk.Signals("EW-01", SignalChanged.Resolved));
    }

    [Theory]
    [InlineData("ladder.C.step2", 7_000)]
    [InlineData("ladder.B.step3", 8_500)]
    public void Steps_of_a_grade_out_of_order_stand_against_a_draft(string name, int value)
    {
        PolicyParameter[] told = [new() { Name = name, Value = value.ToString(System.Globalization.CultureInfo.InvariantCulture) }];
        Assert.Contains(name, Assert.Single(PolicyDraft.Objections(told, Policy.Create("p", 2, told, out _)!, (_, _) => true)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("country/DE/points", 101)]
    [InlineData("industry/STEEL/points", 101)]
    [InlineData("industry/STEEL/emerging", 1)]
    [InlineData("score.on", 2)]
    public void Points_and_switch_have_bounds(string name, int value) =>
        Assert.Null(Policy.Create("p", 2, [new PolicyParameter { Name = name, Value = value.ToString(System.Globalization.CultureInfo.InvariantCulture) }], out _));
}
