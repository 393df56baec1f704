using System.Numerics;
using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Collection effectiveness and turnover: kept by the account as facts come, and equal to the formula over all documents.</summary>
public sealed class CollectionFigures
{
    private static CreditStanding Of(Desk desk) => desk.Book.CreditOf(desk.Book.FindSlot(Customer));

    private static void Pays(Desk desk, string invoice, long amount)
    {
        desk.Pay("P" + invoice + desk.Book.Today, amount);
        desk.Allocate("A" + invoice + desk.Book.Today, "P" + invoice + desk.Book.Today, invoice, amount);
    }

    [Fact]
    public void What_was_collected_of_what_could_be_and_how_often_receivables_turned_over()
    {
        var desk = new Desk(day: "2025-02-10");
        desk.Invoice("OLD", 60_000, "2025-06-30");
        desk.Days("2025-02-11", "2025-08-31");
        Pays(desk, "OLD", 30_000);
        desk.Invoice("NEW", 90_000, "2026-03-31");
        desk.Days("2025-09-01", "2026-02-10");
        // Twelve months from March on; February ended with 60,000. Collected 30,000 of the 60,000 overdue, and 90,000 are not due.
        Assert.Equal((60_000 + 90_000 - 120_000) * 10_000 / (60_000 + 90_000 - 90_000), Of(desk).Cei);
        Assert.Equal(90_000 * 200 / (60_000 + 120_000), Of(desk).Turnover);
    }

    [Fact]
    public void Who_came_within_the_year_began_with_nothing_and_without_anything_owed_nothing_can_be_told()
    {
        var desk = new Desk(day: "2026-01-05");
        Assert.Equal((null, null), (Of(desk).Cei, Of(desk).Turnover));
        desk.Invoice("I", 10_000, "2026-01-10");
        desk.Days("2026-01-06", "2026-01-20");
        Assert.Equal((0, 200), (Of(desk).Cei, Of(desk).Turnover));
        Pays(desk, "I", 10_000);
        Assert.Equal((10_000, null), (Of(desk).Cei, Of(desk).Turnover));
    }

    [Fact]
    public void Months_of_silence_end_as_the_last_fact_left_them()
    {
        var desk = new Desk(day: "2024-01-10");
        desk.Invoice("I", 10_000, "2034-01-10");
        desk.Days("2024-01-11", "2024-01-12");
        // No deadline, no other fact: the account is looked at again two years later.
        desk.Days("2024-01-13", "2026-03-05");
        Pays(desk, "I", 4_000);
        var use = desk.Book.HabitsOf(0)!.Use;
        foreach (var month in new[] { "2025-03-01", "2025-08-01", "2026-02-01" }) Assert.Equal(10_000, use.OwedAt(Periods.MonthOf(On(month))));
        Assert.Null(use.OwedAt(Periods.MonthOf(On("2025-02-01"))));
        Assert.Equal(0, use.OwedAt(Periods.MonthOf(On("2023-12-01"))));
        Assert.Equal(4_000 * 10_000 / 4_000, Of(desk).Cei);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 7)]
    [InlineData(4, 0)]
    [InlineData(5, 11)]
    [InlineData(6, 0)]
    [InlineData(7, 3)]
    [InlineData(8, 0)]
    public void The_account_says_what_the_formula_over_all_documents_says(int seed, int restartEach)
    {
        var dice = new Random(seed);
        var desk = new Desk(day: "2024-11-20") { RestartEach = restartEach };
        var usd = Currency.Parse("USD");
        desk.Rate("USD", "0.5", "2024-11-20");
        var invoices = new List<(string Id, int Issued, int Due, long Amount, bool IsUsd, List<(int On, long Amount)> Paid)>();
        var ends = new SortedDictionary<int, BigInteger>();
        var compared = 0;
        var first = desk.Book.Today;
        for (var day = first; day < first + 560; day++)
        {
            if (day > first) desk.Days(Tale.Text(day), Tale.Text(day));
            if (dice.Next(3 + seed) == 0)
            {
                // Even amounts of a currency at one half, so that no conversion rounds.
                var invoice = ("I" + day, Issued: day, Due: day + dice.Next(5, 90), Amount: 2L * dice.Next(1, 50_000), IsUsd: dice.Next(3) == 0, new List<(int, long)>());
                invoices.Add(invoice);
                desk.Tell(new InvoicePosted { InvoiceId = "I" + day, Amount = invoice.Amount, Currency = invoice.IsUsd ? usd : Eur, IssuedOn = day, DueOn = invoice.Due });
            }

            if (dice.Next(4) == 0 && invoices.FindAll(i => Open(i) > 0) is { Count: > 0 } open)
            {
                var one = open[dice.Next(open.Count)];
                var amount = dice.Next(2) == 0 ? Open(one) : Math.Max(2, Open(one) / 4 * 2);
                one.Paid.Add((day, amount));
                desk.Tell(new PaymentReceived { PaymentId = $"P{day}", Amount = amount, Currency = one.IsUsd ? usd : Eur, ValueOn = day, Cleared = true });
                desk.Tell(new PaymentAllocated { AllocationId = $"A{day}", FromId = $"P{day}", AllocatedOn = day, Items = [new AllocationItem { ItemId = one.Id, Amount = amount }] });
            }

            var date = DateOnly.FromDayNumber(day);
            ends[date.Year * 12 + date.Month - 1] = invoices.Aggregate(BigInteger.Zero, (sum, i) => sum + InBase(i, Open(i)));
            if (dice.Next(20) != 0 || invoices.Count == 0) continue;
            var month = date.Year * 12 + date.Month - 1;
            var sales = invoices.Where(i => MonthOf(i.Issued) >= month - 11).Aggregate(BigInteger.Zero, (sum, i) => sum + InBase(i, i.Amount));
            var (opening, closing, notDue) = (ends.GetValueOrDefault(month - 12), ends[month], invoices.Where(i => i.Due >= day).Aggregate(BigInteger.Zero, (sum, i) => sum + InBase(i, Open(i))));
            Assert.Equal(Ratio((opening + sales - closing) * 10_000, opening + sales - notDue), Of(desk).Cei);
            Assert.Equal(Ratio(sales * 200, opening + closing), Of(desk).Turnover);
            compared++;
        }

        Assert.True(compared > 10, $"{compared}");

        static long Open((string, int, int, long Amount, bool, List<(int, long Amount)> Paid) i) => i.Amount - i.Paid.Sum(p => p.Amount);
        static BigInteger InBase((string, int, int, long, bool IsUsd, List<(int, long)>) i, long amount) => i.IsUsd ? amount / 2 : amount;
        static int MonthOf(int day) => DateOnly.FromDayNumber(day) is var d ? d.Year * 12 + d.Month - 1 : 0;

        // Half up, by hand.
        static long? Ratio(BigInteger value, BigInteger divisor)
        {
            if (divisor <= 0) return null;
            var twice = 2 * value + divisor;
            var quotient = BigInteger.DivRem(twice, 2 * divisor, out var rest);
            return (long)(rest < 0 ? quotient - 1 : quotient);
        }
    }
}
