using System.Runtime.InteropServices;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>
/// Walks facts in the order of their days. Each invoice becomes a <see cref="Case"/> with the factors of that morning: all
/// invoices of a day are looked at before any fact of the day is taken in, so that nothing of the same day, and nothing later, is known.
/// </summary>
public sealed class LedgerWalk
{
    private readonly Dictionary<string, Payer> _payers = new(StringComparer.Ordinal);
    private readonly List<Fact> _day = [];
    private readonly List<Case> _cases = [];
    private readonly List<OpenDebt> _open = [];
    private int _today;

    /// <summary>The portfolio as it stands after the last finished day.</summary>
    public PortfolioFigures Book { get; } = new();

    /// <summary>All invoices so far, in the order of their issue.</summary>
    public IReadOnlyList<Case> Cases => _cases;

    /// <summary>The last day of which a fact was taken.</summary>
    public int Today => _today;

    /// <summary>Figures of a customer, or <c>null</c>.</summary>
    public PaymentFigures? FiguresOf(string customer) => _payers.GetValueOrDefault(customer)?.Figures;

    /// <summary>Takes facts; days must not go back.</summary>
    public void Take(Fact fact)
    {
        var day = fact.Time.UtcDate.DayNumber;
        if (day < _today) throw new ArgumentException($"A fact of {fact.Time.UtcDate:yyyy-MM-dd} comes after one of {DateOnly.FromDayNumber(_today):yyyy-MM-dd}.", nameof(fact));
        if (day > _today) EndDay();
        _today = day;
        _day.Add(fact);
    }

    /// <summary>No more facts: the last day ends too.</summary>
    public void EndDay()
    {
        foreach (var fact in _day) if (fact is InvoicePosted invoice) Look(invoice);
        foreach (var fact in _day) Apply(fact);
        _day.Clear();
    }

    private void Look(InvoicePosted fact)
    {
        var payer = PayerOf(fact.Customer);
        var invoice = new InvoiceAtIssue(fact.Customer, fact.InvoiceId, fact.Currency, fact.Amount, fact.IssuedOn, fact.DueOn, fact.Terms, payer.Country);
        _open.Clear();
        foreach (var item in payer.Open.Values) _open.Add(new OpenDebt(item.Case.IssuedOn, item.Case.DueOn, item.Left));
        var factors = new int[PaymentFactors.Count];
        PaymentFactors.Compute(payer.Figures, Book, invoice, CollectionsMarshal.AsSpan(_open), factors);
        var told = new Case
        {
            Customer = fact.Customer, Document = fact.InvoiceId, IssuedOn = fact.IssuedOn, DueOn = fact.DueOn, Amount = fact.Amount, Factors = factors,
            History = HistoryOf(payer.Figures), Usual = UsualOf(payer.Figures, Book), PlainShare = (Plain(payer.Figures.All, 5), Plain(payer.Figures.All, 15)),
        };
        _cases.Add(told);
        payer.Waiting.Enqueue(new OpenItem(told, invoice) { Left = fact.Amount });
    }

    private void Apply(Fact fact)
    {
        switch (fact)
        {
            case CustomerOpened opened:
                PayerOf(opened.Customer).Country = opened.Profile.Country;
                break;
            case InvoicePosted posted:
                var payer = PayerOf(posted.Customer);
                var item = payer.Waiting.Dequeue();
                payer.Open[posted.InvoiceId] = item;
                payer.Figures.Issue(posted.IssuedOn);
                Book.Issue(posted.DueOn);
                break;
            case PaymentAllocated allocated:
                foreach (var part in allocated.Items) Settle(PayerOf(allocated.Customer), part, allocated.AllocatedOn);
                break;
            default:
                break;
        }
    }

    private void Settle(Payer payer, AllocationItem part, int day)
    {
        if (!payer.Open.TryGetValue(part.ItemId, out var item)) return;
        item.Left -= part.Amount + part.DiscountTaken;
        if (item.Left > 0) return;
        payer.Open.Remove(part.ItemId);
        item.Case.SettledOn = day;
        var settled = new SettledItem(item.Case.IssuedOn, item.Case.DueOn, day, item.Invoice.Size);
        payer.Figures.Settle(settled);
        Book.Settle(settled, item.Invoice.Traits);
    }

    private static int Plain(in LateTally all, int days) => all.Count == 0 ? 0 : (int)((long)PaymentFactors.AboveOf(all, days) * 1_000_000 / all.Count);

    private static (int Known, int Late0, int Late5, int Late15) HistoryOf(PaymentFigures figures)
    {
        var ring = figures.Ring;
        int late0 = 0, late5 = 0, late15 = 0;
        foreach (var item in ring[^Math.Min(20, ring.Length)..])
        {
            if (item.DaysLate > 0) late0++;
            if (item.DaysLate > 5) late5++;
            if (item.DaysLate > 15) late15++;
        }

        return (figures.All.Count, late0, late5, late15);
    }

    /// <summary>Median of the last 20, among which the book's mean stands three times: it counts until history outweighs it.</summary>
    private static (int Median, int Spread) UsualOf(PaymentFigures figures, PortfolioFigures book)
    {
        var prior = book.All.Count == 0 ? 0 : (int)Rounding.HalfUp(book.All.Days, book.All.Count);
        var last = figures.Ring[^Math.Min(20, figures.Ring.Length)..];
        var late = new int[last.Length + Math.Max(0, 3 - last.Length)];
        for (var i = 0; i < last.Length; i++) late[i] = last[i].DaysLate;
        for (var i = last.Length; i < late.Length; i++) late[i] = prior;
        Array.Sort(late);
        var median = PaymentFactors.MedianOf(late);
        var spread = 0;
        foreach (var days in late) spread += Math.Abs(days - median);
        return (median, spread * 100 / late.Length);
    }

    private Payer PayerOf(string customer)
    {
        if (!_payers.TryGetValue(customer, out var payer)) _payers.Add(customer, payer = new Payer());
        return payer;
    }

    private sealed class Payer
    {
        internal PaymentFigures Figures { get; } = new();

        /// <summary>By document, in the order of their issue as long as none was removed; the figures do not depend on it.</summary>
        internal Dictionary<string, OpenItem> Open { get; } = new(StringComparer.Ordinal);

        /// <summary>Invoices of today between the look and the taking in.</summary>
        internal Queue<OpenItem> Waiting { get; } = new();

        internal string Country { get; set; } = "";
    }

    private sealed class OpenItem(Case told, InvoiceAtIssue invoice)
    {
        internal Case Case => told;

        internal InvoiceAtIssue Invoice => invoice;

        internal long Left { get; set; }
    }
}
