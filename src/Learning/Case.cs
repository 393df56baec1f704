using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>One invoice with what was known on the morning of its issue, and what became of it.</summary>
public sealed class Case
{
    public required string Customer { get; init; }

    public required string Document { get; init; }

    public required int IssuedOn { get; init; }

    public required int DueOn { get; init; }

    public required long Amount { get; init; }

    /// <summary>Day of the payment that settled it; 0 while it is open.</summary>
    public int SettledOn { get; internal set; }

    /// <summary>What became of it is not in the ledger (<see cref="Outcomes"/>).</summary>
    internal bool IsUntold { get; set; }

    /// <summary>Cancelled, or settled by credit notes alone: nobody paid it, early or late, and it is no case.</summary>
    internal bool IsVoid { get; set; }

    /// <summary>Values of <see cref="PaymentFactors.All"/>.</summary>
    public required int[] Factors { get; init; }

    /// <summary>Settled items that were known, and how many of the last 20 of them were later than 0, 5 and 15 days.</summary>
    public required (int Known, int Late0, int Late5, int Late15) History { get; init; }

    /// <summary>Days late that were usual (median of the last 20, leaning on the book), in days; mean distance from it in hundredths.</summary>
    public required (int Median, int Spread) Usual { get; init; }

    /// <summary>Late shares before the invoice without the weight of the portfolio, ppm, for more than 5 and 15 days.</summary>
    public required (int Above5, int Above15) PlainShare { get; init; }

    /// <summary>
    /// Whether it was paid more than so many days late: <c>null</c> when <paramref name="on"/>, the day from which one looks, is too early
    /// to tell, of paid and unpaid ones alike. A payment counts from the day after it cleared.
    /// </summary>
    public bool? Late(int days, int on) => IsUntold || DueOn + days >= on ? null : SettledOn == 0 || SettledOn >= on || SettledOn - DueOn > days;

    /// <summary>At least 5 known payments, and none of the last 20 later than so many days: lateness would be an onset.</summary>
    public bool IsOnset(int days) => History.Known >= 5 && days switch { 0 => History.Late0, 5 => History.Late5, _ => History.Late15 } == 0;

    /// <summary>By day of issue, then by document; cases that stand so already are not sorted again.</summary>
    internal static List<Case> InOrder(IEnumerable<Case> cases)
    {
        var list = cases.ToList();
        for (var i = 1; i < list.Count; i++)
            if (Compare(list[i - 1], list[i]) > 0) return [.. list.OrderBy(c => c.IssuedOn).ThenBy(c => c.Document, StringComparer.Ordinal)];
        return list;
    }

    private static int Compare(Case one, Case two) => one.IssuedOn != two.IssuedOn ? one.IssuedOn.CompareTo(two.IssuedOn) : string.CompareOrdinal(one.Document, two.Document);
}
