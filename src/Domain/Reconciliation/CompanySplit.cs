namespace ExposureMonitor.Domain;

/// <summary>What a customer owes one company of the seller in one currency, minor units.</summary>
/// <param name="Company">The seller's legal entity; "" where no document names one.</param>
/// <param name="Open">Open receivables.</param>
/// <param name="Unapplied">Money and credits that are matched to nothing, at the company that took them.</param>
public readonly record struct CompanyBalance(string Customer, string Company, Currency Currency, long Open, long Unapplied);

/// <summary>
/// The receivables of a book by company. An account does not keep the company of its documents: what is open is taken from the account itself, document by
/// document, and the company from the fact that made the document. So every rule of matching, undoing, cancelling and writing off is the account's own, and
/// the parts of a customer add up to what he owes. First the book, then <see cref="Take"/> for its facts in their order, then <see cref="Balances"/>.
/// </summary>
public sealed class CompanySplit
{
    /// <summary>Label of a document whose fact was not seen, and of one whose fact names no company.</summary>
    private const int Unseen = 0, Unnamed = 1;

    private readonly Book _book;
    private readonly Dictionary<ulong, int> _labels = [];
    private readonly List<string> _companies = ["", ""];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal) { [""] = Unnamed };
    private readonly List<(Currency Currency, int Label, Int128 Open, Int128 Unapplied)> _parts = [];

    /// <param name="book">The accounts as of one moment; it is only read, and must not change meanwhile.</param>
    public CompanySplit(Book book)
    {
        _book = book;
        for (var slot = 0; slot < book.AccountCount; slot++)
            Visit(slot, static (split, kind, id, customer, _, _, _) => split._labels.TryAdd(DocumentIdentity.Of(customer, kind, id), Unseen));
    }

    /// <summary>Documents with something open of which no fact was seen: it was pruned. They stand under the company "".</summary>
    public int Untold { get; private set; }

    /// <summary>The first customer whose parts do not add up to what his account says, and by how much; <c>null</c> when all do. With it no figure is to be told.</summary>
    public string? Unbalanced { get; private set; }

    /// <summary>Takes the company of a document from the fact that made it.</summary>
    /// <param name="fact">With its customer.</param>
    /// <param name="outcome">What became of it: only what was applied, or waited and may have been since, made a document.</param>
    public void Take(Fact fact, OutcomeKind outcome)
    {
        if (outcome is not (OutcomeKind.Applied or OutcomeKind.Parked)) return;
        var kind = fact switch
        {
            InvoicePosted or InvoiceBilled or InterestCharged => ClosedKind.Item,
            PaymentReceived or CreditNoteIssued or AcceptanceReceived => ClosedKind.Source,
            _ => default,
        };
        if (kind == default || DocumentIdentity.Of(fact.Customer, kind, fact.Document) is var identity && !_labels.TryGetValue(identity, out var known)) return;
        // The posting decides; what was billed before it, or waited, speaks where it is silent.
        if (known > Unnamed && (fact is InvoiceBilled || outcome == OutcomeKind.Parked)) return;
        if (fact.Company.Length > 0 || known == Unseen) _labels[identity] = NumberOf(fact.Company);
    }

    /// <summary>What each customer owes each company, customers in the order of the book; once.</summary>
    public List<CompanyBalance> Balances()
    {
        var balances = new List<CompanyBalance>();
        for (var slot = 0; slot < _book.AccountCount; slot++)
        {
            _parts.Clear();
            Visit(slot, static (split, kind, id, customer, currency, open, unapplied) => split.Add(currency, split._labels[DocumentIdentity.Of(customer, kind, id)], open, unapplied));
            Unbalanced ??= Compare(slot);
            foreach (var (currency, label, open, unapplied) in _parts)
                balances.Add(new CompanyBalance(_book.CustomerAt(slot), _companies[label], currency, Rounding.Pin(open), Rounding.Pin(unapplied)));
        }

        return balances;
    }

    private delegate void Visitor(CompanySplit split, ClosedKind kind, string id, string customer, Currency currency, long open, long unapplied);

    /// <summary>Shows every document of an account that counts in its receivables or in its unapplied money.</summary>
    private void Visit(int slot, Visitor visitor)
    {
        var customer = _book.CustomerAt(slot);
        for (var i = _book.Account(slot).Items.First; i != 0; i = _book.Items[i].Next)
        {
            ref var item = ref _book.Items[i];
            var (open, above) = (_book.OpenOf(item), _book.AskedAbove(item));
            // What a source is asked above its amount is owed where the source stands.
            if (open != 0 || above != 0) visitor(this, item.Kind == ItemKind.SourceDebit ? ClosedKind.Source : ClosedKind.Item, _book.Texts.Get(item.Id), customer, item.Currency, open, above);
        }

        for (var s = _book.Account(slot).Sources.First; s != 0; s = _book.Sources[s].Next)
        {
            ref var source = ref _book.Sources[s];
            if (Book.UnallocatedOf(source) is not 0 and var left) visitor(this, ClosedKind.Source, _book.Texts.Get(source.Id), customer, source.Currency, 0, left);
        }
    }

    private void Add(Currency currency, int label, long open, long unapplied)
    {
        if (label == Unseen) (Untold, label) = (Untold + 1, Unnamed);
        for (var i = 0; i < _parts.Count; i++)
        {
            if (_parts[i].Currency != currency || _parts[i].Label != label) continue;
            _parts[i] = (currency, label, _parts[i].Open + open, _parts[i].Unapplied + unapplied);
            return;
        }

        _parts.Add((currency, label, open, unapplied));
    }

    /// <summary>The parts against the account's own sums, in every currency that either has.</summary>
    private string? Compare(int slot)
    {
        for (var l = _book.Account(slot).Ledger; l != 0; l = _book.Ledgers[l].Next)
        {
            ref var ledger = ref _book.Ledgers[l];
            var (open, unapplied) = (ledger.Sums[(int)Part.Receivables], ledger.Sums[(int)Part.Unapplied]);
            var (sum, left) = SumOf(ledger.Currency);
            if (sum != open) return $"{_book.CustomerAt(slot)}: receivables stand at {open} {ledger.Currency}, by company they add up to {sum}";
            if (left != unapplied) return $"{_book.CustomerAt(slot)}: unapplied money stands at {unapplied} {ledger.Currency}, by company it adds up to {left}";
        }

        return null;
    }

    private (Int128 Open, Int128 Unapplied) SumOf(Currency currency)
    {
        (Int128 Open, Int128 Unapplied) sum = default;
        foreach (var part in _parts)
            if (part.Currency == currency) sum = (sum.Open + part.Open, sum.Unapplied + part.Unapplied);
        return sum;
    }

    private int NumberOf(string company)
    {
        if (_numbers.TryGetValue(company, out var number)) return number;
        _numbers.Add(company, _companies.Count);
        _companies.Add(company);
        return _companies.Count - 1;
    }
}
