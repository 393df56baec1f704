using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Learning;

namespace ExposureMonitor.Api;

/// <summary>A fact behind a score.</summary>
/// <param name="Entry">Its place in the journal.</param>
/// <param name="Document">The invoice that it is named for.</param>
public sealed record FactLine(string Entry, string Type, string Id, string Source, string Time, string Document);

/// <summary>The facts behind the score of an invoice: as it was posted, the payments known then, and what was open then.</summary>
public sealed record ScoreFacts(IReadOnlyList<FactLine> Invoice, IReadOnlyList<FactLine> Payments, IReadOnlyList<FactLine> Open);

/// <summary>A score with everything that explains it: what the API, the command line and a person read is made here.</summary>
public sealed class ExplainedScore
{
    private readonly Dictionary<string, (KnownFact? Posted, KnownFact? Paid)> _events;
    private readonly Func<string, NoCard?> _whyNone;

    /// <param name="book">The book.</param>
    /// <param name="customer">Whose score it is.</param>
    /// <param name="cards">What to score with.</param>
    /// <param name="whyNone">Why a target has no card in use; <c>null</c> when it has one.</param>
    /// <param name="ofCards">What a reader must know of the cards; <c>null</c> for nothing.</param>
    public ExplainedScore(JournalBook book, string customer, IReadOnlyList<CardAtHand> cards, Func<string, NoCard?> whyNone, ScoreRemark? ofCards = null)
    {
        (Score, _events, _whyNone) = (book.Scores.Of(customer, cards), book.EventsOf(customer), whyNone);
        List<ScoreRemark> remarks = [];
        if (!Score.HasInvoices) remarks.Add(new("No invoice of this customer yet: the share of the book stands for it.", "该客户还没有发票：以全部客户的逾期比例代替。"));
        remarks.AddRange(book.Remarks);
        if (ofCards is not null) remarks.Add(ofCards);
        Remarks = remarks;
    }

    /// <summary>Of which moment the cards of a past score are.</summary>
    public static ScoreRemark CardsOf(Instant at) => new($"The cards are those that were in force at {at}.", $"使用 {at} 时有效的评分卡。");

    public CustomerScore Score { get; }

    public IReadOnlyList<ScoreRemark> Remarks { get; }

    /// <summary>Why the shrunk share serves for invoices that are issued now; <c>null</c> when a card does.</summary>
    public NoCard? WhyNone(ShrunkShare share) => _whyNone(share.Target);

    /// <summary>The facts of an open invoice.</summary>
    public ScoreFacts FactsOf(InvoiceScore of) => new(Lines([of.Document], paid: false), Lines(of.Payments, paid: true), Lines(of.OpenThen, paid: false));

    /// <summary>Everything, as it goes out; amounts as digits.</summary>
    /// <param name="readAt">When the journal was read; <c>null</c> where that is now.</param>
    public object ToJson(Instant? readAt = null) => new
    {
        Score.Customer, Score.AsOf, readAt = readAt?.ToString(), Score.Paid,
        shares = Score.Shares.Select(s => new { s.Days, s.Late, s.BookPpm, s.Ppm, s.IsClean, s.Target, serves = WhyNone(s) is not null, whyCode = WhyNone(s)?.Code, why = WhyNone(s)?.Words }),
        open = Score.Open.Select(o => new
        {
            o.Document, currency = o.Currency.Code, o.IssuedOn, o.DueOn, left = o.Left.ToString(CultureInfo.InvariantCulture),
            expected = new { o.Expected.On, o.Expected.From, o.Expected.Until, claimedPpm = (int)Math.Round(o.Expected.Claimed * 1_000_000), o.Expected.FirstOn, o.Expected.IsRenewed, o.Expected.IsOver },
            scores = o.Scores.Select(s => new
            {
                s.Target, s.Version, s.IsShadow, s.Points, s.ChancePpm, s.Base,
                factors = s.Factors.Select(f => new { f.Factor, f.Meaning, f.Unit, f.Value, f.Points, madeOf = f.MadeOf.ToString() }),
            }),
            facts = FactsOf(o),
        }),
        remarks = Remarks.Select(r => r.Text), remarksZh = Remarks.Select(r => r.Chinese),
    };

    private List<FactLine> Lines(IReadOnlyList<string> documents, bool paid)
    {
        List<FactLine> lines = [];
        foreach (var document in documents)
        {
            if ((paid ? _events.GetValueOrDefault(document).Paid : _events.GetValueOrDefault(document).Posted) is not { } known) continue;
            lines.Add(new FactLine(known.At.ToString(), FactCatalogue.WireTypeOf(known.Fact), known.Fact.EventId, known.Fact.Source, known.Fact.Time.ToString(), document));
        }

        return lines;
    }
}
