namespace ExposureMonitor.Domain;

/// <summary>A line of the customer's own ledger, as he uploaded it: what he owes by it, minor units.</summary>
/// <param name="On">Day number.</param>
public sealed record TheirLine(string DocumentId, int On, long Amount, Currency Currency);

/// <summary>What a comparison of two ledgers found.</summary>
/// <param name="Matched">Lines that both have with the same amount.</param>
/// <param name="Differences">Documents on which the amounts differ, and what only one side has (0 on the other).</param>
public sealed record LedgerComparison(int Matched, IReadOnlyList<StatementDifference> Differences)
{
    /// <summary>The answer that follows.</summary>
    public StatementAnswer Answer => Differences.Count == 0 ? StatementAnswer.Agreed : StatementAnswer.Differences;
}

/// <summary>
/// Compares the lines of a statement with the customer's own ledger (credit.md 15): lines match on the document number, then on amount, currency
/// and a date within a few days; the rest is listed from both sides.
/// </summary>
public static class LedgerMatch
{
    /// <summary>Days by which two dates of one document may differ.</summary>
    public const int DaysApart = 5;

    /// <summary>Compares. Each line of theirs is used once.</summary>
    public static LedgerComparison Compare(IReadOnlyList<LedgerLine> ours, IReadOnlyList<TheirLine> theirs)
    {
        var used = new bool[theirs.Count];
        var matched = 0;
        var differences = new List<StatementDifference>();
        var open = new List<LedgerLine>();
        foreach (var line in ours)
        {
            var at = Find(theirs, used, t => t.Currency == line.Currency && Same(t.DocumentId, line.DocumentId) && Sign(t.Amount) == Sign(line.Amount));
            if (at < 0) open.Add(line);
            else
            {
                used[at] = true;
                if (theirs[at].Amount == line.Amount) matched++;
                else differences.Add(Differ(line.DocumentId, line.Amount, theirs[at].Amount));
            }
        }

        foreach (var line in open)
        {
            var at = Find(theirs, used, t => t.Currency == line.Currency && t.Amount == line.Amount && Math.Abs(t.On - line.On) <= DaysApart);
            if (at < 0) differences.Add(Differ(line.DocumentId, line.Amount, 0));
            else
            {
                used[at] = true;
                matched++;
            }
        }

        for (var i = 0; i < theirs.Count; i++)
            if (!used[i]) differences.Add(Differ(theirs[i].DocumentId, 0, theirs[i].Amount));
        return new LedgerComparison(matched, differences);
    }

    /// <summary>An answer carries amounts without a sign.</summary>
    private static StatementDifference Differ(string document, long ours, long theirs) => new() { DocId = document, Ours = Math.Abs(ours), Theirs = Math.Abs(theirs) };

    private static int Find(IReadOnlyList<TheirLine> theirs, bool[] used, Func<TheirLine, bool> fits)
    {
        for (var i = 0; i < theirs.Count; i++)
            if (!used[i] && fits(theirs[i])) return i;
        return -1;
    }

    private static int Sign(long amount) => Math.Sign(amount);

    /// <summary>Numbers are written with and without blanks, dashes and capitals.</summary>
    private static bool Same(string a, string b)
    {
        int i = 0, j = 0;
        while (true)
        {
            while (i < a.Length && !char.IsAsciiLetterOrDigit(a[i])) i++;
            while (j < b.Length && !char.IsAsciiLetterOrDigit(b[j])) j++;
            if (i == a.Length || j == b.Length) return i == a.Length && j == b.Length;
            if (char.ToUpperInvariant(a[i++]) != char.ToUpperInvariant(b[j++])) return false;
        }
    }
}
