using System.Globalization;
using System.Text;

namespace ExposureMonitor.Score;

/// <summary>
/// A made-up receivables ledger with known causes of lateness: customers of very different size, habits of payment (runs on
/// fixed weekdays or days of the month, fixed days after the issue), regimes that turn bad and some that recover, seasons, branches with
/// habits of their own, contested small invoices, batches, content that repeats, and rows that were not paid yet. Everything follows from the seed
/// and the knobs; knobs are varied so that nothing is fitted to one world.
/// </summary>
internal sealed class TradeBook
{
    internal int Seed { get; init; } = 1;

    internal int Customers { get; init; } = 1_000;

    internal int Invoices { get; init; } = 40_000;

    internal int Days { get; init; } = 450;

    /// <summary>How unequal customers are: 0 all alike, 1 and more a few hold half of the book.</summary>
    internal double Skew { get; init; } = 1.1;

    /// <summary>Share of customers that pay in runs.</summary>
    internal double Runs { get; init; } = 0.5;

    /// <summary>Noise of a single payment, days.</summary>
    internal double Noise { get; init; } = 2.5;

    /// <summary>Chance a month that a good customer turns bad.</summary>
    internal double Onset { get; init; } = 0.02;

    /// <summary>Share of invoices with trouble of their own (contested, lost), more often small ones.</summary>
    internal double Trouble { get; init; } = 0.04;

    /// <summary>Swing of the season, days.</summary>
    internal double Season { get; init; } = 2;

    /// <summary>Mean days from one move of a customer's habit to the next, to a delay of so many days; 0 where habits do not move.</summary>
    internal int Moves { get; init; }

    internal double Delay { get; init; }

    private sealed class Payer
    {
        internal string Id = "", Branch = "";
        internal double Weight, Habit, Size, Trouble;
        internal int Run, RunDay, Terms, AltTerms, Bad, Good;
        internal bool FromIssue;
        internal double BadDays, Moved;
        internal int MovesOn;
    }

    internal string Csv()
    {
        var dice = new Random(Seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - dice.NextDouble())) * Math.Cos(2 * Math.PI * dice.NextDouble());
        int[] terms = [10, 15, 30, 30, 30, 45, 60, 75];
        string[] branches = ["US01", "US02", "CA01", "DE01", "FR01"];
        var branchHabit = branches.Select(_ => Normal() * 2).ToArray();
        var payers = Enumerable.Range(0, Customers).Select(i =>
        {
            var branch = dice.Next(branches.Length);
            var kind = dice.NextDouble();
            var payer = new Payer
            {
                Id = branches[branch] + "-" + (1000 + i).ToString(CultureInfo.InvariantCulture), Branch = branches[branch],
                Weight = Math.Pow(i + 1.0, -Skew),
                // Most pay about the due date, some always late, a few early.
                Habit = branchHabit[branch] + (kind < 0.72 ? Normal() * 2 - 1 : kind < 0.92 ? 4 + Math.Abs(Normal()) * 5 : 15 + Math.Abs(Normal()) * 12),
                Size = 8 + Normal() * 1.3, Trouble = Trouble * Math.Exp(Normal() * 1.2), Terms = terms[dice.Next(terms.Length)], FromIssue = dice.NextDouble() < 0.15,
                Run = dice.NextDouble() < Runs ? 1 + dice.Next(3) : 0, RunDay = dice.Next(28),
                BadDays = 8 + Math.Abs(Normal()) * 20,
            };
            payer.AltTerms = dice.NextDouble() < 0.3 ? terms[dice.Next(terms.Length)] : payer.Terms;
            return payer;
        }).ToArray();
        foreach (var payer in payers)
        {
            payer.Bad = (int)(30 * Math.Log(1 - dice.NextDouble()) / Math.Log(1 - Onset));
            payer.Good = payer.Bad + (dice.NextDouble() < 0.5 ? 40 + dice.Next(120) : 10_000);
        }

        // Dice of their own: books whose habits do not move stay what they were.
        var moves = new Random(Seed * 31);
        var total = payers.Sum(p => p.Weight);
        var start = new DateOnly(2018, 12, 1).AddDays(dice.Next(300)).DayNumber;
        var csv = new StringBuilder("branch,customer,invoice,issued,due,settled,currency,amount,terms\n");
        var number = 1_900_000_000;
        for (var day = 0; day < Days; day++)
        {
            if ((start + day) % 7 >= 5) continue;
            foreach (var payer in payers)
            {
                if (Moves > 0 && day >= payer.MovesOn)
                {
                    payer.MovesOn = day + 1 - (int)(Moves * Math.Log(1 - moves.NextDouble()));
                    payer.Moved = -Delay * Math.Log(1 - moves.NextDouble());
                }

                var rate = Invoices * payer.Weight / total / (Days * 5.0 / 7);
                // Small customers order in batches.
                if (rate < 0.3 && dice.NextDouble() > 0.35) continue;
                var count = Poisson(dice, rate < 0.3 ? rate / 0.35 : rate);
                for (var i = 0; i < count; i++)
                {
                    var term = dice.NextDouble() < 0.85 ? payer.Terms : payer.AltTerms;
                    var amount = Math.Exp(payer.Size + Normal());
                    var issued = start + day;
                    var due = issued + term;
                    var shift = payer.Habit + Season * Math.Sin(2 * Math.PI * day / 365) + Normal() * Noise * (1 + Math.Max(0, payer.Habit) / 10);
                    shift += payer.Moved;
                    if (day >= payer.Bad && day < payer.Good) shift += payer.BadDays * Math.Min(1, (day - payer.Bad) / 30.0);
                    var small = amount < Math.Exp(payer.Size - 1);
                    if (dice.NextDouble() < payer.Trouble * (small ? 3 : 0.7)) shift += 10 + Math.Abs(Normal()) * 25;
                    var paid = (payer.FromIssue ? issued + payer.Terms : due) + (int)Math.Round(shift);
                    paid = NextRun(payer, Math.Max(paid, issued + 1));
                    number += 1 + dice.Next(3);
                    var settled = paid <= start + Days ? Date(paid) : "";
                    csv.Append(CultureInfo.InvariantCulture, $"{payer.Branch},{payer.Id},{number},{Date(issued)},{Date(due)},{settled},{(payer.Branch == "CA01" ? "CAD" : "USD")},{amount:0.00},N{term}\n");
                }
            }
        }

        return csv.ToString();
    }

    private static int NextRun(Payer payer, int day)
    {
        for (var ahead = 0; ahead < 31; ahead++)
        {
            var candidate = day + ahead;
            if (candidate % 7 >= 5) continue;
            var date = DateOnly.FromDayNumber(candidate);
            var pays = payer.Run switch
            {
                1 => candidate % 7 == payer.RunDay % 5,
                2 => date.Day % 14 == payer.RunDay % 14 || (date.Day - 1) % 14 == payer.RunDay % 14 && candidate % 7 == 0,
                3 => date.Day >= 28 || date.Day is 14 or 15,
                _ => true,
            };
            if (pays) return candidate;
        }

        return day;
    }

    private static string Date(int day) => DateOnly.FromDayNumber(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static int Poisson(Random dice, double rate)
    {
        var (limit, count, product) = (Math.Exp(-rate), 0, dice.NextDouble());
        while (product > limit && count < 400)
        {
            count++;
            product *= dice.NextDouble();
        }

        return count;
    }
}
