using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>The figures of the portfolio: what they say, and that they say the same however the book is cut.</summary>
public sealed class PortfolioSurveys
{
    private static readonly int Start = On("2026-03-02");

    private static PortfolioMeasured Whole(Desk desk) => desk.Book.SurveyOf(0, int.MaxValue)!.Measured(desk.Book.Today)[^1];

    private static void Open(Desk desk, string customer, Currency? currency = null)
    {
        desk.Tell(new CustomerOpened { Customer = customer, Currency = currency ?? Eur });
        desk.Tell(new LimitSet { Customer = customer, Version = 1, Currency = currency ?? Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Unlimited }] });
    }

    private static void Owes(Desk desk, string customer, string invoice, long amount, int due, Currency? currency = null) =>
        desk.Tell(new InvoicePosted { Customer = customer, InvoiceId = invoice, Amount = amount, Currency = currency ?? Eur, IssuedOn = Math.Min(desk.Book.Today, due), DueOn = due });

    private static void Pays(Desk desk, string customer, string invoice, long amount)
    {
        desk.Tell(new PaymentReceived { Customer = customer, PaymentId = "P" + invoice, Amount = amount, Currency = Eur, ValueOn = desk.Book.Today, Cleared = true });
        desk.Tell(new PaymentAllocated { Customer = customer, AllocationId = "A" + invoice, FromId = "P" + invoice, AllocatedOn = desk.Book.Today, Items = [new AllocationItem { ItemId = invoice, Amount = amount }] });
    }

    [Fact]
    public void What_all_owe_and_what_nobody_covers_is_told_in_the_base_currency()
    {
        var desk = new Desk();
        var usd = Currency.Parse("USD");
        desk.Rate("USD", "0.5", "2026-03-02");
        Open(desk, "EUROS");
        Open(desk, "DOLLARS", currency: usd);
        while (desk.Book.SweepPending) desk.Tell(new SweepDue { FromSlot = desk.Book.SweepFrom });
        Owes(desk, "EUROS", "I1", 60_000, Start + 30);
        Owes(desk, "DOLLARS", "I2", 40_000, Start + 30, usd);
        desk.Tell(new OrderPlaced { Customer = "EUROS", OrderId = "O1", Amount = 10_000, Currency = Eur, OrderedOn = Start, ShipOn = Start });
        // 90 % of 60,000 are insured; the order is not, and what is covered too much for one stands for nobody else.
        desk.Tell(new CoverGranted { Customer = "EUROS", CoverId = "V1", Version = 1, Kind = CoverKind.Insurance, Use = CoverUse.ReducesRisk, Amount = 1_000_000, Currency = Eur, InsuredBp = 9_000, From = Start - 1 });
        var told = Whole(desk);
        Assert.Equal((80_000, 16_000 + 20_000), (told.Receivables, told.UncoveredEad));
        Assert.Equal((Start, "", "exposure", "portfolio:2026-03-02"), (told.AsOn, told.Segment, told.Source, told.EventId));
        Assert.Equal((0, 0, 0, 0L, 0L), (told.OverdueShareBp, told.LateSharePpm, told.PaymentIndex, told.WeeklyOrders, told.WeeklyOrdersMad));
    }

    [Fact]
    public void Overdue_share_is_rounded_so_that_a_lone_customer_is_not_later_than_himself()
    {
        var desk = new Desk();
        Owes(desk, Customer, "I1", 10_000, Start - 5);
        Owes(desk, Customer, "I2", 20_000, Start + 5);
        Assert.Equal(3_334, Whole(desk).OverdueShareBp);
        desk.Tell(Whole(desk));
        while (desk.Book.SweepPending) desk.Tell(new SweepDue { FromSlot = desk.Book.SweepFrom });
        // All receivables are his: the second step, and not the third, which is for who is later than the rest.
        Assert.Equal(Severity.Medium, Assert.Single(desk.Signals("EW-27")).Severity);
    }

    [Fact]
    public void Days_late_have_the_median_of_all_items_and_the_share_beyond_five_days()
    {
        var desk = new Desk();
        Open(desk, "OTHER");
        foreach (var (customer, late) in new[] { (Customer, -2), (Customer, 5), ("OTHER", 6), ("OTHER", 40) })
        {
            Owes(desk, customer, customer + late, 10_000, Start - late);
            Pays(desk, customer, customer + late, 10_000);
        }

        Owes(desk, "OTHER", "OPEN", 1, Start + 1);
        var told = Whole(desk);
        // Between 5 and 6 lies 5.5, half up.
        Assert.Equal((6, 500_000), (told.MedianDaysLate, told.LateSharePpm));
        Assert.Equal((int)Rounding.HalfUp(new[] { -2, 5, 6, 40 }.Sum(d => (long)PaymentIndex.Of(d)), 4), told.PaymentIndex);
    }

    [Fact]
    public void A_week_of_orders_is_the_median_of_the_weeks_in_which_somebody_ordered()
    {
        var desk = new Desk(day: "2026-01-05");
        var number = 0;
        foreach (var (day, amount) in new[] { ("2026-01-05", 60L), ("2026-01-07", 40L), ("2026-01-26", 110L), ("2026-02-02", 127L), ("2026-02-09", 5_000L) })
        {
            desk.Days(Tale.Text(desk.Book.Today + 1), day);
            desk.Tell(new OrderPlaced { OrderId = "O" + ++number, Amount = amount, Currency = Eur, OrderedOn = desk.Book.Today, ShipOn = desk.Book.Today + 1 });
        }

        // Weeks of 100, 110 and 127; the running one does not count yet, and those without an order are no weeks of anybody.
        var told = Whole(desk);
        Assert.Equal((110, 10), (told.WeeklyOrders, told.WeeklyOrdersMad));
    }

    [Fact]
    public void A_book_in_which_nobody_owes_anything_tells_nothing()
    {
        var desk = new Desk();
        Assert.Empty(desk.Book.SurveyOf(0, int.MaxValue)!.Measured(Start));
        Owes(desk, Customer, "I1", 1, Start + 1);
        Assert.Single(desk.Book.SurveyOf(0, int.MaxValue)!.Measured(Start));
    }

    [Fact]
    public void Nothing_is_said_while_accounts_stand_at_another_day()
    {
        var desk = new Desk();
        Owes(desk, Customer, "I1", 100, Start);
        desk.Tell(new DayStarted { Day = Start + 1, Time = desk.Now });
        Assert.Null(desk.Book.SurveyOf(0, int.MaxValue));
        desk.Tell(new SweepDue { FromSlot = 0 });
        Assert.Equal(10_000, Whole(desk).OverdueShareBp);
    }

    [Fact]
    public void A_small_segment_leans_on_the_whole_book_where_it_knows_too_little()
    {
        var (large, small) = (new PortfolioTally { Customers = 9, Receivables = 900 }, new PortfolioTally { Customers = 1, Receivables = 100, Balance = 100, Overdue = 50 });
        (large.DaysLate[4], small.DaysLate[90], large.Weeks[100], small.Weeks[7]) = (PortfolioTally.Least, PortfolioTally.Least - 1, 5, PortfolioTally.Least);
        var survey = new PortfolioSurvey { Segments = { ["L"] = large, ["S"] = small } };
        var told = survey.Measured(Start);
        Assert.Equal(["L", "S", ""], told.Select(t => t.Segment));
        // 30 items at 4 days, 29 at 90; weeks of its own.
        Assert.Equal((100, 5_000, 4, 7), (told[1].Receivables, told[1].OverdueShareBp, told[1].MedianDaysLate, told[1].WeeklyOrders));
        small.DaysLate[90]++;
        Assert.Equal(90, survey.Measured(Start)[1].MedianDaysLate);
        Assert.Equal(1_000, told[2].Receivables);
    }

    [Fact]
    public void The_largest_segments_have_figures_of_their_own_and_the_whole_comes_last()
    {
        var survey = new PortfolioSurvey();
        for (var i = 0; i < PortfolioSurvey.SegmentsMost + 3; i++) survey.Segments.Add($"S{i:00}", new PortfolioTally { Customers = i < 3 ? 1 : 2, Receivables = 1 });
        var told = survey.Measured(Start);
        Assert.Equal([.. Enumerable.Range(3, PortfolioSurvey.SegmentsMost).Select(i => $"S{i:00}"), ""], told.Select(t => t.Segment));
        Assert.Equal(PortfolioSurvey.SegmentsMost + 3, told[^1].Receivables);
        Assert.Equal(told.Count, told.Select(t => t.EventId).Distinct().Count());
    }

    [Theory]
    [InlineData(6_900, 7_000)]
    [InlineData(6_901, 0)]
    [InlineData(0, 7_000)]
    [InlineData(7_099, 0)]
    [InlineData(7_100, 7_000)]
    public void The_payment_index_is_told_when_it_has_moved_by_a_point(int standing, int told)
    {
        var survey = new PortfolioSurvey { Segments = { [""] = new PortfolioTally { Receivables = 1, SettledAmount = 10, SettledIndex = 70_000 } } };
        Assert.Equal(told, survey.Measured(Start, standing).Single().PaymentIndex);
    }

    [Fact]
    public void Bins_follow_one_another_and_are_at_most_a_sixty_fourth_wide()
    {
        var before = 0;
        for (long value = 1; value > 0 && value < long.MaxValue / 3; value = value < 1_000 ? value + 1 : value + value / 97)
        {
            var bin = PortfolioTally.BinOf(value);
            Assert.True(bin >= before, $"{value}");
            Assert.True(bin <= before + 1 || value > 1_000, $"{value} leaves a bin out");
            var off = Int128.Abs(PortfolioTally.MiddleOf(bin) - value);
            Assert.True(off * 128 <= value + 128, $"{value} is told as {PortfolioTally.MiddleOf(bin)}");
            if (value < 128) Assert.Equal((Int128)value, PortfolioTally.MiddleOf(bin));
            before = bin;
        }

        Assert.Equal(Bin(long.MaxValue), PortfolioTally.BinOf((long)PortfolioTally.MiddleOf(Bin(long.MaxValue))));

        static int Bin(long value) => PortfolioTally.BinOf(value);
    }

    /// <summary>One book, or any number of partitions, told the same story: the parts merged in any order tell the same facts, to the last byte.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void The_parts_of_a_book_say_together_what_the_whole_says(int seed)
    {
        var dice = new Random(seed);
        var whole = Tell(seed, 1, _ => 0);
        var expected = Bytes(whole[0].SurveyOf(0, int.MaxValue)!);
        Assert.True(expected.Count >= 3);
        foreach (var partitions in (int[])[2, 5, 9])
        {
            var home = new Dictionary<int, int>();
            var books = Tell(seed, partitions, customer => home.TryGetValue(customer, out var known) ? known : home[customer] = dice.Next(partitions));
            // Each partition in pages of any length, all pages in any order.
            var pages = new List<PortfolioSurvey>();
            foreach (var book in books)
            {
                for (var from = 0; from < book.AccountCount;)
                {
                    var to = from + dice.Next(1, 4);
                    pages.Add(book.SurveyOf(from, to)!);
                    from = to;
                }
            }

            var order = pages.ToArray();
            dice.Shuffle(order);
            var merged = new PortfolioSurvey();
            foreach (var page in order) merged.Add(page);
            Assert.Equal(expected, Bytes(merged));
        }
    }

    private static List<string> Bytes(PortfolioSurvey survey) => [.. survey.Measured(Start + 70).Select(fact =>
    {
        var buffer = new ByteBuffer();
        FactCodec.Write(fact, buffer);
        return Convert.ToHexString(buffer.Written);
    })];

    /// <summary>Seventy days of a dozen customers: orders, invoices, payments early and late, cover.</summary>
    private static List<Book> Tell(int seed, int partitions, Func<int, int> home)
    {
        var dice = new Random(seed);
        var books = Enumerable.Range(0, partitions).Select(p => new Book(p, Eur, eventClock: true, partitions)).ToList();
        long seq = 0;
        var number = 0;
        var open = new List<(int Customer, string Id, long Amount)>();
        for (var day = Start; day <= Start + 70; day++)
        {
            var now = Instant.From(DateOnly.FromDayNumber(day));
            foreach (var book in books)
            {
                Apply(book, new DayStarted { Day = day, Time = now });
                while (book.SweepPending) Apply(book, new SweepDue { FromSlot = book.SweepFrom, Time = now });
            }

            for (var deed = dice.Next(4); deed > 0; deed--)
            {
                var (customer, amount, id) = (dice.Next(12), (long)dice.Next(1, 90_000), (++number).ToString(System.Globalization.CultureInfo.InvariantCulture));
                switch (dice.Next(8))
                {
                    case < 4:
                        Say(customer, new InvoicePosted { InvoiceId = "I" + id, Amount = amount, Currency = Eur, IssuedOn = day, DueOn = day + dice.Next(-10, 30) });
                        open.Add((customer, "I" + id, amount));
                        break;
                    case < 6 when open.Count > 0:
                        var at = dice.Next(open.Count);
                        var item = open[at];
                        open.RemoveAt(at);
                        Say(item.Customer, new PaymentReceived { PaymentId = "P" + id, Amount = item.Amount, Currency = Eur, ValueOn = day, Cleared = true });
                        Say(item.Customer, new PaymentAllocated { AllocationId = "A" + id, FromId = "P" + id, AllocatedOn = day, Items = [new AllocationItem { ItemId = item.Id, Amount = item.Amount }] });
                        break;
                    case 7:
                        Say(customer, new CoverGranted { CoverId = "V" + id, Version = 1, Kind = CoverKind.Insurance, Use = CoverUse.ReducesRisk, Amount = amount, Currency = Eur, InsuredBp = 9_000, From = day });
                        break;
                    default:
                        Say(customer, new OrderPlaced { OrderId = "O" + id, Amount = amount, Currency = Eur, OrderedOn = day, ShipOn = day + 3 });
                        break;
                }

                void Say(int who, Fact fact)
                {
                    var book = books[home(who)];
                    fact.Customer = "C" + who;
                    if (book.FindSlot(fact.Customer) < 0) Apply(book, new CustomerOpened { Customer = fact.Customer, EventId = "c" + who, Source = "t", Currency = Eur, Profile = new CustomerProfile { Segment = (who % 3) switch { 0 => "", 1 => "EAST", _ => "WEST" } }, Time = now });
                    (fact.EventId, fact.Source, fact.Time) = ("e" + seq, "t", now.Plus(++seq));
                    Apply(book, fact);
                }
            }
        }

        return books;

        void Apply(Book book, Fact fact) => Assert.Equal(OutcomeKind.Applied, PartitionMachine.Apply(book, fact, new EntryPosition(book.Partition, ++seq, 0), new EffectBuffer()).Kind);
    }
}
