using ExposureMonitor.Domain;
using FsCheck;
using FsCheck.Fluent;
using Xunit;
using Xunit.Abstractions;

namespace ExposureMonitor.Domain.Tests;

/// <summary>The small structures behind the pattern indicators are exact, do not depend on the order of what they take, and stay small.</summary>
public sealed class PatternStructures(ITestOutputHelper output)
{
    private static readonly int Day0 = Desk.On("2026-01-05");

    [Fact]
    public void Median_and_deviation_are_those_of_the_sorted_values()
    {
        Prop.ForAll<int[]>(values =>
        {
            if (values.Length == 0) return;
            var bins = new int[LateDays.Bins];
            var days = values.Select(v => Math.Clamp(v, LateDays.First, LateDays.Last)).ToArray();
            foreach (var day in days) bins[LateDays.BinOf(day)]++;
            var (median2, mad4) = LateDays.Middle(bins, days.Length);
            Assert.Equal(Twice([.. days]), median2);
            // Deviations doubled are whole numbers; twice their median is four times the MAD.
            Assert.Equal(Twice([.. days.Select(d => Math.Abs(2 * d - median2))]), mad4);
        }).QuickCheckThrowOnFailure();

        static int Twice(int[] values)
        {
            Array.Sort(values);
            return values[(values.Length - 1) / 2] + values[values.Length / 2];
        }
    }

    [Fact]
    public void Payments_in_any_order_give_the_same_bytes()
    {
        Prop.ForAll<(byte Day, sbyte Late)[], int>((seen, seed) =>
        {
            var told = seen.Select((s, i) => new Observation { On = Day0 + s.Day % 14, IssuedOn = Day0 - i, Id = (ulong)i + 1, Late = s.Late, Days = (short)(s.Late + 30) }).ToArray();
            var (straight, shuffled, dice) = (new PaymentHabit(), new PaymentHabit(), new Random(seed));
            foreach (var one in told)
            {
                straight.See(one);
                straight.SeeFirst(one);
            }

            foreach (var one in told.OrderBy(_ => dice.Next()))
            {
                shuffled.See(one);
                shuffled.SeeFirst(one);
                // What is taken back leaves no trace.
                var wrong = one with { Id = one.Id + 1_000_000, On = one.On + 1, Late = 99 };
                shuffled.See(wrong);
                shuffled.Unsee(wrong);
            }

            straight.FoldBefore(Day0 + 7);
            shuffled.FoldBefore(Day0 + 7);
            Assert.Equal(Bytes(straight.State), Bytes(shuffled.State));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Folding_changes_no_figure()
    {
        Prop.ForAll<sbyte[]>(late =>
        {
            var (kept, folded) = (new PaymentHabit(), new PaymentHabit());
            for (var i = 0; i < late.Length; i++)
            {
                var one = new Observation { On = Day0 + i, IssuedOn = Day0 + i - 30, Id = (ulong)i + 1, Late = late[i], Days = (short)(late[i] + 30) };
                kept.See(one);
                folded.See(one);
                folded.FoldBefore(Day0 + i - 14);
            }

            var day = Day0 + late.Length;
            Assert.Equal(kept.SmoothedUpTo(day), folded.SmoothedUpTo(day));
            Assert.Equal(kept.BaselineUpTo(day), folded.BaselineUpTo(day));
            Assert.Equal(kept.SpreadUpTo(day), folded.SpreadUpTo(day));
            Assert.True(folded.Settled.Count <= PaymentHabit.Settlements + 15);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Of_a_long_trail_every_figure_is_that_of_a_walk()
    {
        Prop.ForAll<(byte Day, sbyte Late, byte Act)[], int>((seen, seed) =>
        {
            var dice = new Random(seed);
            // Half of the customers pay as evenly as a clock: there two averages may stay apart for ever.
            var isEven = (seed & 1) == 0;
            var told = Enumerable.Range(0, 300).Select(i => i < seen.Length ? seen[i] : ((byte)dice.Next(256), (sbyte)dice.Next(-20, 40), (byte)dice.Next(256))).Select((s, i) => new Observation
            {
                On = Day0 + s.Item1 % 14, IssuedOn = Day0 - dice.Next(40), Id = (ulong)i + 1, Late = isEven && i % 50 != 0 ? (short)3 : s.Item2, Days = 30,
                Marks = s.Item3 % 32 == 0 ? ObservationMarks.Discountable : 0,
            }).ToArray();
            var asked = new PaymentHabit();
            foreach (var one in told)
            {
                asked.See(one);
                if (dice.Next(4) == 0) asked.Unsee(told[dice.Next(told.Length)]);
                if (dice.Next(40) == 0) asked.FoldBefore(Day0 + dice.Next(10));
                // What is read has made nothing of its trail yet, and does so at the question.
                var read = new PaymentHabit();
                read.State(new StateStream(Bytes(asked.State)));
                var day = Day0 + dice.Next(-1, 15);
                Assert.Equal(Walk(read, day), asked.SmoothedUpTo(day));
                Assert.Equal(read.SmoothedUpTo(day), asked.SmoothedUpTo(day));
                Assert.Equal(read.DiscountsUpTo(day), asked.DiscountsUpTo(day));
                Assert.Equal(Enumerable.Range(0, read.Settled.UpTo(day)).Count(i => (read.Settled[i].Marks & ObservationMarks.Discountable) != 0) is var all and < 13 ? Math.Max(0, all - 3) : 10, asked.DiscountsUpTo(day).Before);
                Assert.Equal(read.RunUpTo(day, 3) is var (late, onTime) ? (Math.Min(late, 3), Math.Min(onTime, 3)) : default, asked.RunUpTo(day, 3, 3));
            }
        }).QuickCheckThrowOnFailure();

        static (int, int) Walk(PaymentHabit habit, int day)
        {
            var (value, count) = (habit.Smoothed, habit.Folded);
            for (var i = 0; i < habit.Settled.Count && habit.Settled[i].On <= day; i++) value = PaymentHabit.Smooth(value, count++, habit.Settled[i].Late);
            return (value, count);
        }
    }

    [Fact]
    public void Days_and_weeks_and_months_commute_and_come_back_from_bytes()
    {
        Prop.ForAll<(byte Day, ushort Value)[], int>((seen, seed) =>
        {
            var (straight, shuffled, dice) = (new OrderHabit(), new OrderHabit(), new Random(seed));
            foreach (var (day, value) in seen) straight.See(Day0 + day % 60, value + 1);
            foreach (var (day, value) in seen.OrderBy(_ => dice.Next())) shuffled.See(Day0 + day % 60, value + 1);
            for (var day = Day0; day < Day0 + 70; day += 7) Assert.Equal(straight.BaselineBefore(day), shuffled.BaselineBefore(day));
            straight.FoldBefore(Day0 + 45);
            shuffled.FoldBefore(Day0 + 45);
            var bytes = Bytes(straight.State);
            Assert.Equal(bytes, Bytes(shuffled.State));
            var read = new OrderHabit();
            read.State(new StateStream(bytes));
            Assert.Equal(bytes, Bytes(read.State));
            Assert.Equal(straight.LongGap(Day0 + 70), read.LongGap(Day0 + 70));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Sum_of_a_series_is_the_sum_of_its_days()
    {
        Prop.ForAll<(byte Day, sbyte Count, short Value)[], byte, byte>((seen, from, length) =>
        {
            var (series, days) = (new DaySeries(), new SortedDictionary<int, (int Count, long Value)>());
            foreach (var (day, count, value) in seen)
            {
                var known = days.GetValueOrDefault(day);
                if (known.Count == 0 && count <= 0) continue;
                series.Add(day, count, value);
                days[day] = (known.Count + count, known.Value + value);
                if (days[day].Count <= 0) days.Remove(day);
            }

            var inside = days.Where(d => d.Key >= from && d.Key <= from + length).ToList();
            Assert.Equal((inside.Sum(d => d.Value.Count), (Int128)inside.Sum(d => d.Value.Value)), series.Between(from, from + length));
            Assert.Equal(days.Keys.Where(d => d <= from).LastOrDefault(), series.LastUpTo(from));
            Assert.Equal(days.Keys.FirstOrDefault(d => d > from), series.FirstAfter(from));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Row_33_to_34_altman_and_its_cut_offs()
    {
        long[] x = [250_000, 300_000, 120_000, 1_100_000, 1_500_000];
        Assert.Equal([(3_276, AltmanZone.Safe), (2_765, AltmanZone.Grey), (4_579, AltmanZone.Safe), (7_829, AltmanZone.Safe)],
            new[] { AltmanModel.Listed, AltmanModel.Private, AltmanModel.General, AltmanModel.Emerging }.Select(m => (AltmanScore.Of(m, x).Thousandths, AltmanScore.Of(m, x).Zone)));
        foreach (var (model, distress, safe, start) in ((AltmanModel, int, int, long)[])[(AltmanModel.Listed, 181, 299, 0), (AltmanModel.Private, 123, 290, 0), (AltmanModel.General, 110, 260, 0), (AltmanModel.Emerging, 435, 585, 3_250)])
        {
            AltmanZone Zone(int hundredths, bool up)
            {
                // All of Z comes from equity over liabilities, rounded to the side that the mark is on.
                var weight = model switch { AltmanModel.Listed => 600, AltmanModel.Private => 420, _ => 1_050 };
                var above = hundredths * 10L - start;
                return AltmanScore.Of(model, [0, 0, 0, (above * 1_000_000 + (up ? weight - 1 : 0)) / weight, 0]).Zone;
            }

            Assert.Equal([AltmanZone.Distress, AltmanZone.Grey, AltmanZone.Grey, AltmanZone.Safe], new[] { Zone(distress - 1, false), Zone(distress, true), Zone(safe, false), Zone(safe + 1, true) });
        }
    }

    [Fact]
    public void Missing_input_gives_no_z_and_equity_counts_at_most_tenfold()
    {
        var f = new FinancialStatementFiled { Currency = Desk.Eur, TotalAssets = 100, TotalLiabilities = 10, BookEquity = 5_000, Listed = true, Manufacturer = true };
        Assert.Equal(AltmanModel.None, AltmanScore.Of(f).Model);
        f.Listed = false;
        Assert.Equal((AltmanModel.Private, 4_200), (AltmanScore.Of(f).Model, AltmanScore.Of(f).Thousandths));
        f.TotalLiabilities = 0;
        Assert.Equal(AltmanModel.None, AltmanScore.Of(f).Model);
        f.TotalLiabilities = 10;
        f.Manufacturer = false;
        Assert.Equal(AltmanModel.Emerging, AltmanScore.Of(f, emerging: true).Model);
    }

    [Theory]
    [InlineData(5, 5_500)]
    [InlineData(1, 7_500)]
    public void Bytes_per_customer_do_not_grow_with_the_history(int everyDays, int most)
    {
        var sizes = new List<int>();
        foreach (var years in (int[])[1, 2, 4])
        {
            var tale = new Tale();
            for (var day = 0; day < years * 365; day += everyDays)
            {
                tale.Order(day, 10_000);
                tale.Settled(60 + day, day % 7);
            }

            var desk = tale.Told();
            sizes.Add(desk.Book.HabitsOf(0)!.Bytes);
        }

        output.WriteLine($"bytes of the habits of a customer with {365 / everyDays} invoices and orders a year, after 1, 2 and 4 years: {string.Join(", ", sizes)}");
        Assert.True(sizes[2] <= sizes[1] + 300 && sizes[2] < most, string.Join(", ", sizes));
    }

    [Fact]
    public void Bytes_of_the_habits_are_those_that_the_memory_gave()
    {
        var habits = new Habits();
        Check(habits);
        for (var i = 0; i < 5; i++) habits.TradeFor().SeeInvoice(Day0 + 20 * i, 100, +1);
        Check(habits);
        habits.UseFor().Look(Day0, 5_000, 100, 100);
        Check(habits);
        habits.Use.Look(Day0 + 3, 5_000, 100, 100);
        Check(habits);
        habits.Use.Look(Day0 + 70, 5_000, 100, 100);
        Check(habits);
        habits.Trade.SeeCredit(Day0, 10);
        Check(habits);
        habits.Trade.SeeDispute(Day0 + 40, isLate: true, +1);
        Check(habits);
        var paid = new Observation { On = Day0, IssuedOn = Day0 - 30, Id = 7, Late = 3, Days = 33 };
        (habits.Payments = new PaymentHabit()).See(paid);
        habits.Payments.SeeFirst(paid);
        Check(habits);
        habits.Orders = new OrderHabit();
        for (var i = 0; i < 9; i++) habits.Orders.See(Day0 + 4 * i, 100);
        habits.Orders.FoldBefore(Day0 + 20);
        Check(habits);
        habits.Scores = new ScoreHabit { Computed = 5_000, ComputedGrade = "B" };
        Check(habits);
        var outside = habits.Outside = new OutsideHabit();
        Check(habits);
        outside.Hugs.Add(Day0, 1, 0);
        Few.Add(ref outside.Accounts, 9UL);
        Few.Add(ref outside.Ratings, new RatingState { Agency = "agency", Value = "BB" });
        Check(habits);
        Few.Add(ref outside.Filed, new FiledState { PeriodEnd = Day0 });
        Check(habits);
        Few.Add(ref outside.Statements, new StatementState { Id = "S1" });
        Check(habits);
        Few.Add(ref outside.News, new NewsState { Id = "N1" });
        Check(habits);
        Few.Add(ref outside.Promises, new PromisedState { Id = "P1", Items = ["I1"] });
        Check(habits);
        Few.Add(ref outside.Ways, new WayState { Way = "ACCOUNT" });
        Check(habits);
        Few.Add(ref outside.Rounds, new RoundState { Payment = "P2" });
        Check(habits);

        // What is read takes just what it must, so that all that was allocated is what stands. The least of some readings: the first makes what all
        // share, and a collection beside one counts the rest of a page as given.
        static void Check(Habits habits)
        {
            var bytes = Bytes(s => habits.State(s, 8));
            var (said, given) = (0, long.MaxValue);
            for (var i = 0; i < 8; i++)
            {
                var stream = new StateStream(bytes);
                var before = GC.GetAllocatedBytesForCurrentThread();
                var read = new Habits();
                read.State(stream, 8);
                given = Math.Min(given, GC.GetAllocatedBytesForCurrentThread() - before);
                said = read.Bytes;
            }

            Assert.Equal(given, said);
        }
    }

    private static byte[] Bytes(Action<StateStream> state)
    {
        var buffer = new ByteBuffer();
        state(new StateStream(buffer));
        return buffer.Written.ToArray();
    }
}
