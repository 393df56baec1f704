using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>How a customer pays, and will pay, as the past of the book tells it.</summary>
/// <param name="Customer">Whom it is about.</param>
/// <param name="AsOf">The day after the last fact of the book; <c>null</c> when it has none.</param>
/// <param name="Paid">Invoices of the customer that were paid.</param>
/// <param name="Shares">The late-payment score without a card (credit.md section 20), for more than 5 and 15 days.</param>
/// <param name="Open">Open invoices, the earliest due date first.</param>
/// <param name="HasInvoices">False for a customer who was never invoiced: the shares are those of the book.</param>
public sealed record CustomerScore(string Customer, DateOnly? AsOf, int Paid, IReadOnlyList<ShrunkShare> Shares, IReadOnlyList<InvoiceScore> Open, bool HasInvoices);

/// <summary>A card to score with.</summary>
/// <param name="Version">Its version (<see cref="ScorecardText.VersionOf"/>).</param>
/// <param name="IsShadow">It scores beside the one in use, and nothing follows from what it says.</param>
public sealed record CardAtHand(Scorecard Card, string Version, bool IsShadow);

/// <summary>(late + 3 × share of the book) ÷ (paid + 3).</summary>
/// <param name="Days">Late is more than so many days.</param>
/// <param name="Late">Paid invoices that were.</param>
/// <param name="BookPpm">Share of the whole book.</param>
/// <param name="Ppm">The score.</param>
/// <param name="IsClean">At least five are paid and none of the last 20 was that late: lateness would be an onset.</param>
public sealed record ShrunkShare(int Days, int Late, int BookPpm, int Ppm, bool IsClean)
{
    /// <summary>What a card would have to score for an invoice that is issued now.</summary>
    public string Target => Scorecard.TargetOf(Days, IsClean);
}

/// <summary>An open invoice.</summary>
/// <param name="Document">Its id.</param>
/// <param name="Left">Minor units that are open.</param>
/// <param name="Expected">When it should be paid.</param>
/// <param name="Scores">One for each card, the one for a clean past where the past is clean; those in use before the shadows.</param>
/// <param name="Payments">Invoices whose payment was known on the morning of the issue, the latest first; at most ten.</param>
/// <param name="OpenThen">Invoices that were open then, the earliest due date first; at most ten.</param>
public sealed record InvoiceScore(string Document, Currency Currency, DateOnly IssuedOn, DateOnly DueOn, long Left, ExpectedPayment Expected, IReadOnlyList<CardScore> Scores, IReadOnlyList<string> Payments, IReadOnlyList<string> OpenThen);

/// <summary>The forecast of a day of payment: of what was known on the morning of the issue, and once that day is over of how long the invoice has waited since.</summary>
/// <param name="On">The day.</param>
/// <param name="From">Beginning of the interval, of which days that are over are no part; <c>null</c> where the book has too few paid invoices for one.</param>
/// <param name="Until">Its end.</param>
/// <param name="Claimed">Share of payments that the interval should hold.</param>
/// <param name="FirstOn">The day that was foretold on the morning of the issue.</param>
/// <param name="IsRenewed">That day is over, and another took its place.</param>
/// <param name="IsOver">That day is over, and too few ever waited as long for another to be told.</param>
public sealed record ExpectedPayment(DateOnly On, DateOnly? From, DateOnly? Until, double Claimed, DateOnly FirstOn, bool IsRenewed, bool IsOver);

/// <summary>What a card says of an invoice: base and shares of the factors sum to the points exactly.</summary>
/// <param name="Points">Hundredths: the higher, the better.</param>
/// <param name="ChancePpm">Of being late.</param>
/// <param name="Factors">Those that moved it, the strongest first.</param>
public sealed record CardScore(string Target, string Version, bool IsShadow, int Points, int ChancePpm, int Base, IReadOnlyList<FactorShare> Factors);

/// <summary>Points that one factor gave or took.</summary>
/// <param name="Value">In the unit of the factor; <c>null</c> when it could not be told.</param>
/// <param name="MadeOf">Which facts it is made of.</param>
public sealed record FactorShare(string Factor, string Meaning, string Unit, int? Value, int Points, FactorSource MadeOf);

/// <summary>Which facts a factor is made of.</summary>
public enum FactorSource
{
    /// <summary>The customer's invoices before, and how they were paid.</summary>
    Payments,

    /// <summary>The invoices that were open then.</summary>
    Open,

    /// <summary>The invoice itself.</summary>
    Invoice,

    /// <summary>All customers of the book.</summary>
    Book,
}

/// <summary>Explains scores from a walk over the whole book.</summary>
/// <param name="walk">The book, walked to its end.</param>
public sealed class CustomerScores(LedgerWalk walk)
{
    private const int EventsMost = 10;

    // Fitted on the whole book, and the same for each of its customers.
    private readonly Lazy<PaymentDates?> _dates = new(() => PaymentDates.Fit(walk.Cases, walk.Today + 1));

    /// <summary>The day after the last fact of the book; <c>null</c> when it has none.</summary>
    public DateOnly? AsOf => walk.Today == 0 ? null : DateOnly.FromDayNumber(walk.Today + 1);

    /// <summary>Explains the open invoices of a customer. Safe to ask from several threads.</summary>
    /// <param name="customer">Whose they are.</param>
    /// <param name="cards">None leaves the shrunk share.</param>
    public CustomerScore Of(string customer, IReadOnlyList<CardAtHand> cards)
    {
        var asOf = walk.Today + 1;
        var own = walk.Cases.Where(c => c.Customer == customer).ToList();
        var figures = walk.FiguresOf(customer) ?? new PaymentFigures();
        // The history of a case of tomorrow would be that of the figures now.
        var last = figures.Ring[^Math.Min(20, figures.Ring.Length)..];
        List<ShrunkShare> shares = [];
        foreach (var days in (int[])[5, 15])
        {
            var isClean = figures.All.Count >= 5;
            foreach (var item in last) isClean &= item.DaysLate <= days;
            var all = walk.Book.All;
            shares.Add(new ShrunkShare(days, PaymentFactors.AboveOf(figures.All, days), LateTally.Shrunk(PaymentFactors.AboveOf(all, days), all.Count, 2, 200_000), PaymentFactors.ShrunkShare(figures.All, all, days), isClean));
        }

        return new CustomerScore(customer, AsOf, figures.All.Count, shares,
            [.. walk.OpenOf(customer).OrderBy(o => o.Told.DueOn).ThenBy(o => o.Told.Document, StringComparer.Ordinal).Select(o => InvoiceOf(o.Told, o.Currency, o.Left, own, _dates.Value, cards, asOf))], own.Count > 0);
    }

    private static InvoiceScore InvoiceOf(Case told, Currency currency, long left, List<Case> own, PaymentDates? dates, IReadOnlyList<CardAtHand> cards, int asOf)
    {
        var others = own.Where(c => c != told && c.IssuedOn < told.IssuedOn).ToList();
        var payments = others.Where(c => c.SettledOn > 0 && c.SettledOn < told.IssuedOn).OrderByDescending(c => c.SettledOn).ThenBy(c => c.Document, StringComparer.Ordinal);
        var open = others.Where(c => c.SettledOn == 0 || c.SettledOn >= told.IssuedOn).OrderBy(c => c.DueOn).ThenBy(c => c.Document, StringComparer.Ordinal);
        return new InvoiceScore(told.Document, currency, DateOnly.FromDayNumber(told.IssuedOn), DateOnly.FromDayNumber(told.DueOn), left, Expected(told, dates, asOf),
            [.. cards.Where(c => c.Card.Target == Scorecard.TargetOf(c.Card.Days, told.IsOnset(c.Card.Days))).OrderBy(c => c.IsShadow).Select(c => ScoreOf(told, c))],
            [.. payments.Take(EventsMost).Select(c => c.Document)], [.. open.Take(EventsMost).Select(c => c.Document)]);
    }

    private static ExpectedPayment Expected(Case told, PaymentDates? dates, int asOf)
    {
        DateOnly On(int days) => DateOnly.FromDayNumber(told.DueOn + days);
        var waited = asOf - told.DueOn;
        if (dates is null) return new ExpectedPayment(On(told.Usual.Median), null, null, 0, On(told.Usual.Median), false, told.Usual.Median < waited);
        var (days, low, high) = dates.Of(told);
        // While the day is ahead, so is at least half of what was foretold: without the days that are over the interval claims no less.
        if (days >= waited) return new ExpectedPayment(On(days), On(Math.Max(low, waited)), On(high), PaymentDates.Claimed, On(days), false, false);
        return dates.Renewed(told, asOf) is var (again, from, until)
            ? new ExpectedPayment(On(again), On(from), On(until), PaymentDates.Claimed, On(days), true, false)
            : new ExpectedPayment(On(days), On(low), On(high), PaymentDates.Claimed, On(days), false, true);
    }

    private static CardScore ScoreOf(Case told, CardAtHand at)
    {
        var card = at.Card;
        var shares = new int[PaymentFactors.Count];
        var points = card.Explain(told.Factors, shares);
        var moved = Enumerable.Range(0, shares.Length).Where(f => shares[f] != 0).OrderByDescending(f => Math.Abs(shares[f])).ThenBy(f => f).Select(f =>
        {
            var factor = PaymentFactors.All[f];
            return new FactorShare(factor.Name, factor.Meaning, factor.Unit, told.Factors[f] == PaymentFactors.Missing ? null : told.Factors[f], shares[f], SourceOf(factor.Name));
        });
        return new CardScore(card.Target, at.Version, at.IsShadow, points, card.Chance(points), card.Base, [.. moved]);
    }

    private static FactorSource SourceOf(string factor) => factor switch
    {
        "invoice.size" or "invoice.terms" or "due.weekday" or "due.day" or "due.yearEnd" or "issue.weekday" or "issue.day" => FactorSource.Invoice,
        _ when factor.StartsWith("open.", StringComparison.Ordinal) || factor.StartsWith("fresh.", StringComparison.Ordinal) || factor.StartsWith("known.", StringComparison.Ordinal) => FactorSource.Open,
        _ when factor.StartsWith("book.", StringComparison.Ordinal) || factor.StartsWith("trait.", StringComparison.Ordinal) => FactorSource.Book,
        _ => FactorSource.Payments,
    };
}
