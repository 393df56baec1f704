namespace ExposureMonitor.Learning;

/// <summary>
/// How far a ledger tells what became of its invoices. An extract may end before its payments do: of the invoices from a day on none is paid,
/// though payments of earlier ones go on. Those are not late, they are untold, and whoever took them for late would judge the extract and not the customers.
/// </summary>
/// <param name="AsOf">The day from which outcomes are seen: the one after the last payment, when invoices go on without any; else the one after the last fact.</param>
/// <param name="ToldUntil">Invoices issued from this day on are untold; <see cref="int.MaxValue"/> for none.</param>
/// <param name="Remarks">What a reader must know of it.</param>
public sealed record Outcomes(int AsOf, int ToldUntil, IReadOnlyList<string> Remarks)
{
    /// <summary>Fewer unpaid invoices in a row than this are no extract that ends early.</summary>
    private const int UntoldLeast = 50;

    /// <summary>Days past due after which an open invoice is told as old.</summary>
    private const int OldDays = 90;

    /// <summary>Finds out, and marks the cases that are untold.</summary>
    public static Outcomes Of(LedgerWalk walk)
    {
        var cases = walk.Cases;
        List<string> remarks = [];
        var lastPaid = cases.Count == 0 ? 0 : cases.Max(c => c.SettledOn);
        var asOf = walk.Today + 1;
        if (lastPaid > 0 && lastPaid + 1 < asOf)
        {
            asOf = lastPaid + 1;
            remarks.Add($"The last payment is of {DateOnly.FromDayNumber(lastPaid):yyyy-MM-dd}, the last invoice of {DateOnly.FromDayNumber(walk.Today):yyyy-MM-dd}: outcomes are seen as of the day after the last payment.");
        }

        var until = Cut(cases, asOf);
        var untold = 0;
        foreach (var told in cases)
        {
            told.IsUntold = told.IssuedOn >= until && told.SettledOn == 0;
            if (told.IsUntold) untold++;
        }

        if (untold > 0) remarks.Add($"Of the {untold} invoices issued from {DateOnly.FromDayNumber(until):yyyy-MM-dd} on hardly one is paid, though payments of earlier ones go on to {DateOnly.FromDayNumber(asOf - 1):yyyy-MM-dd}: their payments are not in the ledger, so they are neither fitted nor judged.");
        var (old, ripe) = (cases.Count(c => c.SettledOn == 0 && !c.IsUntold && c.DueOn + OldDays < asOf), cases.Count(c => !c.IsUntold && c.DueOn + OldDays < asOf));
        if (old > ripe * 0.05) remarks.Add($"{old} of the {ripe} invoices that were due more than {OldDays} days before {DateOnly.FromDayNumber(asOf):yyyy-MM-dd} are unpaid and count as late. If only their payments are missing in the ledger, leave those rows out.");
        return new Outcomes(asOf, until, remarks);
    }

    /// <summary>The day from which hardly an invoice is paid although its time is over, while most of those just before are.</summary>
    private static int Cut(IReadOnlyList<Case> cases, int asOf)
    {
        var ripe = cases.Where(c => c.DueOn + 15 < asOf).OrderBy(c => c.IssuedOn).ToList();
        var (paid, cut) = (0, -1);
        for (var i = ripe.Count - 1; i > 0; i--)
        {
            if (ripe[i].SettledOn > 0) paid++;
            var count = ripe.Count - i;
            if (paid * 100 <= count && count >= UntoldLeast && ripe[i - 1].IssuedOn < ripe[i].IssuedOn) cut = i;
        }

        if (cut < UntoldLeast) return int.MaxValue;
        var before = ripe.GetRange(Math.Max(0, cut - (ripe.Count - cut)), Math.Min(cut, ripe.Count - cut));
        return before.Count(c => c.SettledOn > 0) * 2 >= before.Count ? ripe[cut].IssuedOn : int.MaxValue;
    }
}
