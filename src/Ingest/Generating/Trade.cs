namespace ExposureMonitor.Ingest;

/// <summary>How a generated customer behaves; follows from seed and number alone.</summary>
internal readonly record struct TradeCustomer(long Size, string Segment, string Country, int Controller, bool IsLate, int BadFrom, int SurgeAt, long Limit)
{
    private const int LatePercent = 8, BadPercent = 5, SurgePercent = 6;

    private static readonly string[] Segments = ["RETAIL", "INDUSTRY", "TRADE"], Countries = ["DE", "FR", "PL", "CN"];

    internal static TradeCustomer Of(GeneratorOptions options, int number)
    {
        var dice = Dice.Of(options.Seed, number, -1, 1);
        var isLate = dice.Next(100) < LatePercent;
        var badFrom = dice.Next(100) < BadPercent ? dice.Next(Math.Max(1, options.Days)) : int.MaxValue;
        var surge = dice.Next(100) < SurgePercent ? dice.Next(Math.Max(1, options.Days)) : -100;
        var size = 50_000L * (1 + dice.Next(40));
        // What is usually open, and then some: most customers fit, some are tight.
        var usual = Math.Max(4, options.OrdersPerHundredDays * 40 / 100);
        return new TradeCustomer(size, Segments[dice.Next(3)], Countries[dice.Next(4)], 1 + dice.Next(3), isLate, badFrom, surge, size * usual * (90 + dice.Next(110)) / 100);
    }

    /// <summary>Orders four times as often around a surge.</summary>
    internal bool OrdersOn(GeneratorOptions options, int number, int day) =>
        Dice.Of(options.Seed, number, day, 2).Next(100) < options.OrdersPerHundredDays * (Math.Abs(day - SurgeAt) < 5 ? 4 : 1);

    /// <summary>
    /// Days late of a payment. Over the whole book the quantiles at 1/5/25/50/75/95/99 % are −19/−7/−3/0/2/10/50 days:
    /// chronic late payers take more of the upper end, all others less of it, and the mixture keeps the quantiles.
    /// </summary>
    internal static int Delay(ref Dice dice, bool isLate)
    {
        const int whole = 10_000;
        var point = dice.Next(whole);
        if (isLate) point = Math.Max(point, dice.Next(whole));
        else
            while (dice.Next(whole) < (long)point * 2 * LatePercent / 100) point = dice.Next(whole);
        for (var i = 1; i < Delays.Length; i++)
        {
            if (point >= Delays[i].Share) continue;
            var (from, days) = Delays[i - 1];
            return days + (Delays[i].Days - days) * (point - from) / (Delays[i].Share - from);
        }

        return Delays[^1].Days;
    }

    private static readonly (int Share, int Days)[] Delays = [(0, -30), (100, -19), (500, -7), (2_500, -3), (5_000, 0), (7_500, 2), (9_500, 10), (9_900, 50), (10_000, 120)];
}

/// <summary>Events of an order's life, in the order in which they usually come.</summary>
internal enum TradeStep : byte
{
    Opened, Limited, Placed, Delivered, Invoiced, Paid, Allocated, PaidRest, AllocatedRest, Returned, Cleared,
}

/// <summary>An order with all that becomes of it; follows from seed, customer and day alone, so nothing of it has to be kept.</summary>
internal sealed class TradeOrder
{
    private const int Minute = 60, Hour = 3_600, Day = 86_400;

    private readonly (long At, TradeStep Step)[] _steps;

    private TradeOrder(List<(long At, TradeStep Step)> steps)
    {
        steps.Sort((a, b) => a.At != b.At ? a.At.CompareTo(b.At) : ((int)a.Step).CompareTo((int)b.Step));
        _steps = [.. steps];
    }

    internal long Amount { get; private init; }

    internal long FirstPart { get; private init; }

    /// <summary>Days after the first day of the book.</summary>
    internal int ShipOn { get; private init; }

    internal int IssuedOn { get; private init; }

    internal int DueOn { get; private init; }

    internal int Priority { get; private init; }

    internal bool IsCleared { get; private init; }

    internal int Steps => _steps.Length;

    /// <summary>Seconds after the first day of the book.</summary>
    internal (long At, TradeStep Step) this[int index] => _steps[index];

    internal static TradeOrder Of(GeneratorOptions options, in TradeCustomer customer, int number, int day)
    {
        var dice = Dice.Of(options.Seed, number, day, 3);
        var placed = (long)day * Day + 6 * Hour + dice.Next(600) * Minute;
        var ship = placed + (1 + dice.Next(10)) * Day;
        var issued = ship + dice.Next(3) * Day;
        var due = issued + 30 * Day;
        var amount = customer.Size / 2 + dice.Next((int)customer.Size);
        // One invoice in fifty overtakes its delivery.
        var steps = new List<(long, TradeStep)>(8) { (placed, TradeStep.Placed), (ship, TradeStep.Delivered), (dice.Next(50) == 0 ? ship - 2 * Hour : issued, TradeStep.Invoiced) };
        var (first, isCleared) = (amount, dice.Next(10) > 0);
        var isBad = day >= customer.BadFrom;
        var paysNever = isBad && dice.Next(3) > 0;
        var paid = Math.Max(due + TradeCustomer.Delay(ref dice, customer.IsLate) * (long)Day, issued + Hour);
        if (!paysNever)
        {
            // One payment in twenty is a part; two thirds of the rests come later.
            if (dice.Next(20) == 0) first = amount / 2 + 1;
            steps.Add((paid, TradeStep.Paid));
            steps.Add((paid + 5 * Minute, TradeStep.Allocated));
            if (first < amount && dice.Next(3) > 0)
            {
                steps.Add((paid + 14 * Day, TradeStep.PaidRest));
                steps.Add((paid + 14 * Day + 5 * Minute, TradeStep.AllocatedRest));
            }

            if (dice.Next(100) == 0) steps.Add((paid + 3 * Day, TradeStep.Returned));
            else if (!isCleared) steps.Add((paid + 2 * Day, TradeStep.Cleared));
        }

        return new TradeOrder(steps)
        {
            Amount = amount, FirstPart = first, ShipOn = (int)(ship / Day), IssuedOn = (int)(issued / Day), DueOn = (int)(due / Day), Priority = 1 + dice.Next(9), IsCleared = isCleared,
        };
    }
}
