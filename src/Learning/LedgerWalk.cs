using System.Runtime.InteropServices;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Learning;

/// <summary>
/// Walks facts in the order of their days. Each invoice becomes a <see cref="Case"/> with the factors of that morning: all
/// invoices of a day are looked at before any fact of the day is taken in, so that nothing of the same day, and nothing later, is known.
/// </summary>
public sealed class LedgerWalk
{
    private readonly Dictionary<string, WalkedPayer> _payers = new(StringComparer.Ordinal);
    private readonly List<Fact> _day = [];
    private readonly List<Case> _cases = [];
    private readonly List<OpenDebt> _open = [];
    private List<Case>? _valid;
    private int _today;

    /// <summary>The portfolio as it stands after the last finished day.</summary>
    public PortfolioFigures Book { get; } = new();

    /// <summary>All invoices so far, in the order of their issue; without those that were cancelled, or settled by credit notes alone: nobody paid them, early or late.</summary>
    public IReadOnlyList<Case> Cases => _valid ??= _cases.Exists(c => c.IsVoid) ? _cases.FindAll(c => !c.IsVoid) : _cases;

    /// <summary>The last day of which a fact was taken.</summary>
    public int Today => _today;

    /// <summary>Figures of a customer, or <c>null</c>.</summary>
    public PaymentFigures? FiguresOf(string customer) => _payers.GetValueOrDefault(customer)?.Figures;

    /// <summary>Open invoices of a customer with what is left of them.</summary>
    internal IEnumerable<(Case Told, Currency Currency, long Left)> OpenOf(string customer) =>
        _payers.TryGetValue(customer, out var payer) ? payer.Open.Values.Select(item => (item.Told!, item.Invoice!.Currency, item.Left)) : [];

    /// <summary>Takes a fact that was known on the day of its time; days must not go back.</summary>
    public void Take(Fact fact) => Take(fact, fact.Time.UtcDate.DayNumber);

    /// <summary>Takes a fact on the day (number) from which it was known; days must not go back.</summary>
    public void Take(Fact fact, int day)
    {
        if (day < _today) throw new ArgumentException($"A fact of {DateOnly.FromDayNumber(day):yyyy-MM-dd} comes after one of {DateOnly.FromDayNumber(_today):yyyy-MM-dd}.", nameof(fact));
        if (day > _today) EndDay();
        _today = day;
        _day.Add(fact);
    }

    /// <summary>Whether a walk reads facts of this kind at all; whoever collects facts for one may leave the others out.</summary>
    public static bool Reads(Fact fact) => fact is InvoicePosted or InvoiceCancelled or PaymentAllocated or PaymentDeallocated or PaymentReturned
        or AcceptanceDishonoured or AcceptanceHonoured or AcceptanceTransferred or CreditNoteIssued or WriteOffPosted or WriteOffReversed or CustomerOpened or CustomerChanged;

    /// <summary>No more facts: the last day ends too.</summary>
    public void EndDay()
    {
        foreach (var fact in _day) if (fact is InvoicePosted invoice) Look(invoice);
        foreach (var fact in _day) Apply(fact);
        _day.Clear();
        _valid = null;
    }

    private void Look(InvoicePosted fact)
    {
        var payer = PayerOf(fact.Customer);
        var invoice = new InvoiceAtIssue(fact.Customer, fact.InvoiceId, fact.Currency, fact.Amount, fact.IssuedOn, fact.DueOn, fact.Terms, payer.Country);
        _open.Clear();
        foreach (var item in payer.Open.Values) _open.Add(new OpenDebt(item.Told!.IssuedOn, item.Told.DueOn, item.Left));
        var factors = new int[PaymentFactors.Count];
        PaymentFactors.Compute(payer.Figures, Book, invoice, CollectionsMarshal.AsSpan(_open), factors);
        var told = new Case
        {
            Customer = fact.Customer, Document = fact.InvoiceId, IssuedOn = fact.IssuedOn, DueOn = fact.DueOn, Amount = fact.Amount, Factors = factors,
            History = HistoryOf(payer.Figures), Usual = UsualOf(payer.Figures, Book), PlainShare = (Plain(payer.Figures.All, 5), Plain(payer.Figures.All, 15)),
        };
        _cases.Add(told);
        payer.Waiting.Enqueue((told, invoice));
    }

    private void Apply(Fact fact)
    {
        var payer = PayerOf(fact.Customer);
        switch (fact)
        {
            case CustomerOpened opened:
                payer.Country = opened.Profile.Country;
                break;
            case CustomerChanged { Profile.Country.Length: > 0 } changed:
                payer.Country = changed.Profile.Country;
                break;
            case InvoicePosted posted:
                var (told, invoice) = payer.Waiting.Dequeue();
                var item = payer.ItemOf(posted.InvoiceId);
                // The same id again is the same invoice.
                told.IsVoid = item.Told is not null;
                if (told.IsVoid) break;
                item.Post(told, invoice);
                payer.Figures.Issue(posted.IssuedOn);
                Book.Issue(posted.DueOn);
                Review(payer, posted.InvoiceId, item);
                break;
            case InvoiceCancelled cancelled:
                payer.ItemOf(cancelled.InvoiceId).IsCancelled = true;
                Review(payer, cancelled.InvoiceId, payer.ItemOf(cancelled.InvoiceId));
                break;
            case PaymentAllocated or PaymentDeallocated or PaymentReturned or AcceptanceDishonoured or AcceptanceHonoured or AcceptanceTransferred or CreditNoteIssued:
                foreach (var (id, touched) in payer.Match(fact)) Review(payer, id, touched);
                break;
            case WriteOffPosted given:
                foreach (var part in given.Items) GiveUp(payer, part, +1, given.Reason);
                break;
            case WriteOffReversed back:
                foreach (var part in back.Items) GiveUp(payer, part, -1, WriteOffReason.None);
                break;
            default:
                break;
        }
    }

    private void GiveUp(WalkedPayer payer, WriteOffItem part, int sign, WriteOffReason reason)
    {
        var item = payer.ItemOf(part.ItemId);
        item.WrittenOff = Math.Max(0, item.WrittenOff + sign * part.Amount);
        // A rest that is not worth the asking is no debt that was lost.
        item.IsLost = item.WrittenOff > 0 && (sign < 0 ? item.IsLost : item.IsLost || reason is WriteOffReason.BadDebt or WriteOffReason.None);
        Review(payer, part.ItemId, item);
    }

    /// <summary>What the item does to the figures follows from how it stands now.</summary>
    private void Review(WalkedPayer payer, string id, WalkedItem item)
    {
        var settled = item.Review();
        if (item.Told is null) return;
        if (item.Left > 0) payer.Open[id] = item;
        else payer.Open.Remove(id);
        if (settled == item.Counted) return;
        if (item.Counted is { } before)
        {
            payer.Figures.Unsettle(before);
            Book.Unsettle(before, item.Invoice!.Traits);
        }

        if (settled is { } now)
        {
            payer.Figures.Settle(now);
            Book.Settle(now, item.Invoice!.Traits);
        }

        item.Counted = settled;
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

    private WalkedPayer PayerOf(string customer)
    {
        if (!_payers.TryGetValue(customer, out var payer)) _payers.Add(customer, payer = new WalkedPayer());
        return payer;
    }
}
