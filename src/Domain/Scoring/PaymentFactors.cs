namespace ExposureMonitor.Domain;

/// <summary>What a score looks at: one integer each, made of what was known on the morning of the issue.</summary>
public static partial class PaymentFactors
{
    /// <summary>A factor that cannot be told: no history, or nothing open.</summary>
    public const int Missing = int.MinValue;

    /// <summary>All factors, in the order of their numbers. A scorecard names them, so that an order of another version is found out.</summary>
    public static IReadOnlyList<Factor> All { get; } =
    [
        new("history.count", "items", "settled items so far"),
        new("history.late0", "ppm", "share of all items paid late"),
        new("history.late5", "ppm", "share of all items paid more than 5 days late"),
        new("history.late15", "ppm", "share of all items paid more than 15 days late"),
        new("history.meanLate", "cd", "mean days late, all history"),
        new("history.meanToPay", "cd", "mean days from issue to payment, all history"),
        new("known.late5", "ppm", "share more than 5 days late, with items that are open and later than that"),
        new("known.late15", "ppm", "share more than 15 days late, with items that are open and later than that"),
        new("recent.count", "items", "settled in the last 28 to 56 days"),
        new("recent.late5", "ppm", "share more than 5 days late in the last 28 to 56 days, leaning on all history"),
        new("recent.late15", "ppm", "share more than 15 days late in the last 28 to 56 days, leaning on all history"),
        new("recent.meanLate", "cd", "mean days late in the last 28 to 56 days, leaning on all history"),
        new("half.late5", "ppm", "share more than 5 days late in the last 140 to 168 days, leaning on all history"),
        new("half.meanLate", "cd", "mean days late in the last 140 to 168 days, leaning on all history"),
        new("recent.drift", "cd", "mean days late of the last 28 to 56 days less that of all history"),
        new("last.late", "days", "days late of the last payment"),
        new("last3.meanLate", "cd", "mean days late of the last 3 items"),
        new("last10.late0", "items", "late ones among the last 10"),
        new("last10.late5", "items", "more than 5 days late among the last 10"),
        new("last40.late5", "ppm", "share more than 5 days late among the last 40"),
        new("last40.late15", "ppm", "share more than 15 days late among the last 40"),
        new("last40.median", "days", "median days late of the last 40"),
        new("last40.p80", "days", "days late that 80 % of the last 40 keep"),
        new("last40.p20", "days", "days late that 20 % of the last 40 keep"),
        new("last40.most", "days", "most days late among the last 40"),
        new("last40.spread", "cd", "mean distance of the last 40 from their median"),
        new("last40.ewma", "cd", "weighted mean days late, half-life 5 items"),
        new("last40.trend", "cd", "weighted mean less median"),
        new("since.payment", "days", "days since the last payment"),
        new("since.late5", "days", "days since the last payment that was more than 5 days late"),
        new("since.late5Items", "items", "items since the last one that was more than 5 days late, of the last 40"),
        new("since.issue", "days", "days since the last issue before today"),
        new("since.first", "days", "days since the first issue"),
        new("since.paymentRatio", "pct", "days since the last payment against the usual distance of payment days"),
        new("open.count", "items", "open items"),
        new("open.late", "items", "open items past their due date"),
        new("open.late5", "items", "open items more than 5 days past their due date"),
        new("open.late15", "items", "open items more than 15 days past their due date"),
        new("open.lateShare", "ppm", "share of open items past their due date"),
        new("open.late5Share", "ppm", "share of open items more than 5 days past their due date"),
        new("open.lateValue", "ppm", "share of the open value past its due date"),
        new("open.oldest", "days", "days past due of the oldest open item; negative when none is due"),
        new("open.skipped", "items", "open items that were due before others that are paid"),
        new("open.load", "pct", "open items against the settled items of the last 28 to 56 days"),
        new("invoice.size", "16ths", "size of the invoice"),
        new("invoice.sizeAgainst", "16ths", "its size less the customer's mean size"),
        new("invoice.sizeRank", "pct", "share of the last 40 that were smaller"),
        new("invoice.alike", "cd", "mean days late of items of about this size among the last 40"),
        new("invoice.sizeLate5", "ppm", "share more than 5 days late among own items of this class of size"),
        new("invoice.terms", "days", "days from issue to due date"),
        new("invoice.termsAgainst", "days", "its terms less the usual ones of the last 40"),
        new("invoice.termsLate5", "ppm", "share more than 5 days late among own items under these terms"),
        new("invoice.termsMean", "cd", "mean days late of own items under these terms"),
        new("invoice.expectedLate", "days", "usual days to pay (median of 40) less the terms of this invoice"),
        new("invoice.expectedLate80", "days", "days to pay that 80 % of the last 40 keep, less the terms of this invoice"),
        new("due.weekday", "0–6", "weekday of the due date, 0 is Monday"),
        new("due.day", "1–31", "day of the month of the due date"),
        new("due.weekdayMean", "cd", "mean days late of own items due on this weekday"),
        new("due.weekdayLate5", "ppm", "share more than 5 days late of own items due on this weekday"),
        new("due.tenthMean", "cd", "mean days late of own items due in this third of a month"),
        new("due.tenthLate5", "ppm", "share more than 5 days late of own items due in this third of a month"),
        new("due.runWeekday", "cd", "expected days from the due date to the customer's next usual weekday of payment"),
        new("due.runDay", "cd", "expected days from the due date to the customer's next usual day of the month for payment"),
        new("due.yearEnd", "days", "distance of the due date from the turn of the year, at most 60"),
        new("issue.weekday", "0–6", "weekday of the issue, 0 is Monday"),
        new("issue.day", "1–31", "day of the month of the issue"),
        new("issue.month30", "items", "items issued in the 30 days before"),
        new("issue.burst", "pct", "items issued in the 30 days before against the usual number"),
        new("book.late5", "ppm", "share of the whole book more than 5 days late, of what became known in the last 28 days"),
        new("book.late15", "ppm", "share of the whole book more than 15 days late, of what became known in the last 28 days"),
        new("book.late0", "ppm", "share of the whole book late, of what became known in the last 14 days"),
        new("book.drift5", "ppm", "book.late5 less the share of all history"),
        new("book.weekday", "ppm", "share more than 5 days late in the book, due on this weekday"),
        new("book.day", "ppm", "share more than 5 days late in the book, due on this day of the month"),
        new("book.size", "ppm", "share more than 5 days late in the book, in this class of size"),
        new("trait.currency", "ppm", "share more than 5 days late in the book, in this currency"),
        new("trait.range", "ppm", "share more than 5 days late in the book, in this number range of documents"),
        new("trait.customers", "ppm", "share more than 5 days late in the book, in this number range of customers"),
        new("trait.country", "ppm", "share more than 5 days late in the book, in this country"),
        new("trait.days", "ppm", "share more than 5 days late in the book, under so many days of terms"),
        new("trait.terms", "ppm", "share more than 5 days late in the book, under this key of terms"),
        new("trait.range15", "ppm", "share more than 15 days late in the book, in this number range of documents"),
        new("trait.terms15", "ppm", "share more than 15 days late in the book, under this key of terms"),
        new("fresh.late5", "ppm", "share of own items not paid within 5 days, of those for which the 5 days ended in the last 60 days, paid or not"),
        new("fresh.late15", "ppm", "share of own items not paid within 15 days, of those for which the 15 days ended in the last 60 days, paid or not"),
        new("alike.late5", "ppm", "share more than 5 days late among the last 40, the more the like this invoice in terms, due weekday, size and part of the month"),
        new("alike.meanLate", "cd", "mean days late among the last 40, the more the like this invoice"),
        new("open.unusual", "items", "open items longer past due than 80 % of the last 40 ever were"),
        new("open.unheard", "items", "open items longer past due than any of the last 40 ever was"),
        new("open.oldestAgainst", "days", "days past due of the oldest open item less what 80 % of the last 40 keep"),
        new("open.dueSincePayment", "items", "open items that fell due after the last payment"),
        new("open.sizeAgainst", "16ths", "size of all that is open less the customer's mean size of an invoice"),
        new("open.share", "16ths", "size of the invoice less that of all that is open"),
        new("run.late0", "items", "late items in a row, to the last one"),
        new("run.late5", "items", "items more than 5 days late in a row, to the last one"),
        new("last5.step", "cd", "mean days late of the last 5 items less that of the others of the last 40"),
    ];

    /// <summary>How many there are.</summary>
    public static int Count => All.Count;

    /// <summary>Number of a factor by its name; −1 for none.</summary>
    public static int IndexOf(string name)
    {
        for (var i = 0; i < All.Count; i++) if (All[i].Name == name) return i;
        return -1;
    }
}

/// <summary>One thing that a score looks at.</summary>
/// <param name="Name">Such as <c>history.late5</c>.</param>
/// <param name="Unit"><c>ppm</c>, <c>cd</c> (hundredths of a day), <c>days</c>, <c>items</c>, <c>pct</c>, <c>16ths</c> of a doubling, or a range.</param>
/// <param name="Meaning">In words.</param>
public sealed record Factor(string Name, string Unit, string Meaning);
