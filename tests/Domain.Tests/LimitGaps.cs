using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Limits that nobody has looked at for a year, and limits above what the insurer stands for.</summary>
public sealed class LimitGaps
{
    private static List<string> Of(Desk desk, LimitGapKind kind, params string[] segments) => [.. Lines(desk, kind, segments).Select(l => l.Customer)];

    /// <summary>In their order, as whoever shows them merges the parts.</summary>
    private static List<LimitGapLine> Lines(Desk desk, LimitGapKind kind, params string[] segments)
    {
        var (count, lines) = desk.Book.LimitGapsOf(0, int.MaxValue, kind, segments, null);
        Assert.Equal(count, lines.Count);
        lines.Sort(LimitGapLine.InFront);
        return lines;
    }

    private static void Open(Desk desk, string customer, LimitKind kind = LimitKind.Amount, long amount = 1_000, string since = "2020-01-01", Currency? currency = null, string segment = "")
    {
        desk.Tell(new CustomerOpened { Customer = customer, Currency = currency ?? Desk.Eur, CustomerSince = Desk.On(since), Profile = new CustomerProfile { Segment = segment } });
        desk.Tell(new LimitSet { Customer = customer, Version = 1, Currency = currency ?? Desk.Eur, Steps = [new LimitStep { From = 1, Kind = kind, Amount = amount }] });
    }

    private static Outcome Review(Desk desk, string customer, string on) => desk.Tell(new ReviewCompleted { Customer = customer, ReviewedOn = Desk.On(on), By = "ann", Outcome = "as it was" });

    private static void Insure(Desk desk, string customer, long amount, string id = "V1", Currency? currency = null, CoverKind kind = CoverKind.Insurance, int from = 0, int to = 0) => desk.Tell(new CoverGranted
    {
        Customer = customer, CoverId = id, Version = 1, Kind = kind, Use = CoverUse.ReducesRisk, Amount = amount, Currency = currency ?? Desk.Eur, InsuredBp = 9_000, From = from == 0 ? Desk.On("2026-01-01") : from, To = to,
    });

    [Fact]
    public void A_limit_wants_a_review_on_the_day_on_which_the_last_one_is_twelve_months_old()
    {
        var desk = new Desk(limit: 0);
        Open(desk, "A-day");
        Open(desk, "B-day");
        Review(desk, "A-day", "2025-03-02");
        Review(desk, "B-day", "2025-03-03");
        Assert.Equal(["A-day"], Of(desk, LimitGapKind.Unreviewed));
        Assert.Equal(Desk.On("2025-03-02"), Assert.Single(Lines(desk, LimitGapKind.Unreviewed)).ReviewedOn);
        desk.Day("2026-03-03");
        Assert.Equal(["A-day", "B-day"], Of(desk, LimitGapKind.Unreviewed));
        Review(desk, "A-day", "2026-03-03");
        Assert.Equal(["B-day"], Of(desk, LimitGapKind.Unreviewed));
    }

    [Fact]
    public void Who_was_never_reviewed_counts_from_the_first_trade_and_without_a_limit_nobody_counts()
    {
        var desk = new Desk(limit: 0);
        Open(desk, "NEW", since: "2025-03-03");
        Open(desk, "OLD", since: "2025-03-02");
        Open(desk, "FREE", LimitKind.Unlimited);
        Open(desk, "NOTHING", amount: 0);
        Open(desk, "NOTSET", LimitKind.NotSet);
        Open(desk, "CLOSED");
        desk.Tell(new CustomerClosed { Customer = "CLOSED", Version = 2 });
        Assert.Equal(["FREE", "OLD"], Of(desk, LimitGapKind.Unreviewed));
    }

    [Fact]
    public void The_most_at_stake_stands_first_in_the_base_currency()
    {
        var desk = new Desk(limit: 0);
        var usd = Currency.Parse("USD");
        desk.Rate("USD", "0.5", "2026-03-02");
        Open(desk, "DOLLARS", currency: usd);
        Open(desk, "EUROS");
        Open(desk, "BOTH");
        foreach (var (customer, currency, amount) in new[] { ("DOLLARS", usd, 500L), ("EUROS", Desk.Eur, 300L), ("BOTH", Desk.Eur, 250L) })
            desk.Tell(new InvoicePosted { Customer = customer, InvoiceId = "I1", Amount = amount, Currency = currency, IssuedOn = desk.Book.Today, DueOn = desk.Book.Today + 30 });
        // 500 dollars are 250 euros: as much as BOTH owes, and then the id decides.
        Assert.Equal([("EUROS", 300), ("BOTH", 250), ("DOLLARS", 250)], Lines(desk, LimitGapKind.Unreviewed).Select(l => (l.Customer, (int)l.Rank)));
        Assert.Equal((500, "USD"), Lines(desk, LimitGapKind.Unreviewed).Where(l => l.Customer == "DOLLARS").Select(l => (l.Gross, l.Currency)).Single());
    }

    [Fact]
    public void An_insured_limit_below_the_limit_is_found_and_what_ended_or_was_stopped_insures_nothing_more()
    {
        var desk = new Desk(limit: 0);
        foreach (var customer in new[] { "EQUAL", "LESS", "NONE", "GUARANTEE", "STOPPED", "ENDED", "LATER" }) Open(desk, customer);
        Open(desk, "FREE", LimitKind.Unlimited);
        Insure(desk, "EQUAL", 600);
        Insure(desk, "EQUAL", 400, "V2");
        Insure(desk, "LESS", 999);
        Insure(desk, "GUARANTEE", 1, kind: CoverKind.BankGuarantee);
        Insure(desk, "STOPPED", 5_000);
        desk.Tell(new CoverStopped { Customer = "STOPPED", CoverId = "V1", Version = 2, StoppedOn = Desk.On("2026-03-03") });
        Insure(desk, "ENDED", 5_000, to: Desk.On("2026-03-02"));
        Insure(desk, "LATER", 1, from: Desk.On("2026-03-03"));
        Insure(desk, "FREE", 9_000);
        Assert.Equal([("FREE", 0L, 9_000L), ("LESS", 1_000, 999)], Lines(desk, LimitGapKind.Underinsured).Select(l => (l.Customer, l.Limit, l.Insured)));
        desk.Day("2026-03-03");
        Assert.Equal([("FREE", 9_000L), ("ENDED", 0), ("STOPPED", 0), ("LATER", 1), ("LESS", 999)], Lines(desk, LimitGapKind.Underinsured).Select(l => (l.Customer, l.Insured)));
        // The limit as it serves is compared: a temporary one for a while, a cut at once.
        desk.Tell(new LimitSet { Customer = "LESS", Version = 2, Currency = Desk.Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = 999 }] });
        Assert.DoesNotContain("LESS", Of(desk, LimitGapKind.Underinsured));
        desk.Tell(new TemporaryLimitGranted { Customer = "EQUAL", TemporaryId = "T1", Amount = 1_001, Currency = Desk.Eur, From = desk.Now, To = desk.Now.Plus(5 * Instant.Second) });
        Assert.Contains("EQUAL", Of(desk, LimitGapKind.Underinsured));
    }

    [Fact]
    public void Insured_amounts_count_in_the_currency_of_the_limit()
    {
        var desk = new Desk(limit: 0);
        var usd = Currency.Parse("USD");
        desk.Rate("USD", "0.5", "2026-03-02");
        Open(desk, "C");
        Insure(desk, "C", 1_998, currency: usd);
        Assert.Equal(999, Assert.Single(Lines(desk, LimitGapKind.Underinsured)).Insured);
        desk.Tell(new CoverChanged { Customer = "C", CoverId = "V1", Version = 2, Kind = CoverKind.Insurance, Use = CoverUse.ReducesRisk, Amount = 2_000, Currency = usd, InsuredBp = 9_000, From = Desk.On("2026-01-01") });
        Assert.Empty(Lines(desk, LimitGapKind.Underinsured));
    }

    [Fact]
    public void A_walk_counts_all_of_its_segments_and_tells_only_what_stands_before_the_last_line_shown()
    {
        var desk = new Desk(limit: 0);
        for (var i = 1; i <= 9; i++)
        {
            Open(desk, "C" + i, segment: i % 3 == 0 ? "EAST" : "WEST");
            desk.Tell(new InvoicePosted { Customer = "C" + i, InvoiceId = "I1", Amount = 100 * i, Currency = Desk.Eur, IssuedOn = desk.Book.Today, DueOn = desk.Book.Today + 30 });
        }

        Assert.Equal(["C9", "C6", "C3"], Of(desk, LimitGapKind.Unreviewed, "EAST"));
        Assert.Equal(9, Of(desk, LimitGapKind.Unreviewed, "EAST", "WEST").Count);
        var last = Lines(desk, LimitGapKind.Unreviewed)[3];
        Assert.Equal("C6", last.Customer);
        var (count, lines) = desk.Book.LimitGapsOf(0, int.MaxValue, LimitGapKind.Unreviewed, [], last);
        Assert.Equal((9, "C7 C8 C9"), (count, string.Join(' ', lines.Select(l => l.Customer))));
        // In parts as well as at once: the first account is the desk's own, of limit 0.
        Assert.Equal([2, 3, 3, 1], new[] { 0, 3, 6, 9 }.Select(from => desk.Book.LimitGapsOf(from, from + 3, LimitGapKind.Unreviewed, [], null).Count));
    }
}
