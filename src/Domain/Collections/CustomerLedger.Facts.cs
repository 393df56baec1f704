namespace ExposureMonitor.Domain;

/// <summary>How facts become lines and items. The order of the facts does not matter: everything is looked at together.</summary>
public sealed partial class CustomerLedger
{
    /// <summary>The ledger of one customer.</summary>
    /// <param name="facts">What the journal has of him and has applied, or has parked for a predecessor that may have come since.</param>
    public static CustomerLedger Of(IReadOnlyList<Fact> facts)
    {
        var ledger = new CustomerLedger();
        var read = new Reading(facts);
        foreach (var fact in facts) ledger.Open(fact, read);
        foreach (var fact in facts) ledger.Move(fact, read);
        ledger.WriteOff(facts);
        ledger.Tell(facts);
        ledger._sources.UnionWith(read.Sources.Keys);
        ledger._lines.Sort(static (a, b) => a.On != b.On ? a.On.CompareTo(b.On) : a.Kind != b.Kind ? a.Kind.CompareTo(b.Kind) : string.CompareOrdinal(a.DocumentId, b.DocumentId));
        foreach (var item in ledger._items.Values) item.Reductions.Sort();
        return ledger;
    }

    /// <summary>What has to be known before the first fact is looked at.</summary>
    private sealed class Reading
    {
        internal Reading(IReadOnlyList<Fact> facts)
        {
            foreach (var fact in facts)
            {
                switch (fact)
                {
                    case PaymentReceived p: Sources[p.PaymentId] = p.Currency; break;
                    case CreditNoteIssued c: Sources[c.CreditNoteId] = c.Currency; break;
                    case AcceptanceReceived a: (Sources[a.AcceptanceId], Acceptances[a.AcceptanceId]) = (a.Currency, a); break;
                    case PaymentReturned r: Void.Add(r.PaymentId); break;
                    case PaymentDeallocated d: Undone.Add(d.AllocationId); break;
                    case InvoiceCancelled c: Cancelled.Add(c.InvoiceId); break;
                    case InvoiceBilled b: Billed.Add(b.InvoiceId); break;
                    case AcceptanceHonoured h: Left.Add(h.AcceptanceId); break;
                    case AcceptanceTransferred { Recourse: false } t: Left.Add(t.AcceptanceId); break;
                    case PaymentAllocated a: Allocated.Add(a.FromId); break;
                }
            }

            foreach (var fact in facts)
                if (fact is AcceptanceDishonoured d && !Left.Contains(d.AcceptanceId)) Void.Add(d.AcceptanceId);
        }

        internal Dictionary<string, Currency> Sources { get; } = new(StringComparer.Ordinal);

        internal Dictionary<string, AcceptanceReceived> Acceptances { get; } = new(StringComparer.Ordinal);

        /// <summary>Sources that bounced: what they paid is open again.</summary>
        internal HashSet<string> Void { get; } = new(StringComparer.Ordinal);

        /// <summary>An allocation to a cancelled item is void, whenever it arrived.</summary>
        internal HashSet<string> Cancelled { get; } = new(StringComparer.Ordinal);

        /// <summary>Invoices that are not posted yet can be paid already: what is allocated to them waits there.</summary>
        internal HashSet<string> Billed { get; } = new(StringComparer.Ordinal);

        internal HashSet<string> Undone { get; } = new(StringComparer.Ordinal);

        /// <summary>Acceptances that were paid or passed on without recourse: a dishonour moves nothing.</summary>
        internal HashSet<string> Left { get; } = new(StringComparer.Ordinal);

        /// <summary>Sources with an explicit allocation: the one that a credit note implies is gone.</summary>
        internal HashSet<string> Allocated { get; } = new(StringComparer.Ordinal);
    }

    private void Open(Fact fact, Reading read)
    {
        switch (fact)
        {
            case InvoicePosted f:
                _items.TryAdd(f.InvoiceId, new LedgerItem(f.InvoiceId, f.IssuedOn, f.DueOn, f.Amount, f.Currency));
                Add(f.IssuedOn, LedgerKind.Invoice, f.InvoiceId, f.Amount, f.Currency, f.DueOn);
                break;
            case InterestCharged f:
                _items.TryAdd(f.InterestId, new LedgerItem(f.InterestId, DayOf(f), f.DueOn, f.Amount, f.Currency));
                Add(DayOf(f), LedgerKind.Interest, f.InterestId, f.Amount, f.Currency, f.DueOn);
                break;
            case CreditNoteIssued f:
                Add(f.IssuedOn, LedgerKind.CreditNote, f.CreditNoteId, -f.Amount, f.Currency);
                break;
            case PaymentReceived f:
                Add(f.ValueOn, LedgerKind.Payment, f.PaymentId, -f.Amount, f.Currency);
                break;
            case AcceptanceReceived f:
                Add(f.ReceivedOn, LedgerKind.Acceptance, f.AcceptanceId, -f.Amount, f.Currency);
                break;
            case PaymentRefunded f:
                Add(DayOf(f), LedgerKind.Refund, f.RefundId, f.Amount, f.Currency);
                break;
            case AcceptanceDishonoured f when read.Acceptances.TryGetValue(f.AcceptanceId, out var acceptance) && !read.Left.Contains(f.AcceptanceId):
                Add(f.On, LedgerKind.AcceptanceDishonoured, f.AcceptanceId, acceptance.Amount, acceptance.Currency);
                break;
        }
    }

    private void Move(Fact fact, Reading read)
    {
        switch (fact)
        {
            case InvoiceCancelled f when _items.TryGetValue(f.InvoiceId, out var item) && item.CancelledOn == 0:
                item.CancelledOn = Math.Max(item.IssuedOn, DayOf(f));
                Add(item.CancelledOn, LedgerKind.InvoiceCancelled, f.InvoiceId, -item.Amount, item.Currency);
                break;
            case InvoiceDueDateChanged f when _items.TryGetValue(f.InvoiceId, out var item):
                item.DueOn = f.DueOn;
                if (f.Kind == DueDateKind.Correction) item.OriginalDueOn = f.DueOn;
                break;
            case PaymentReturned f when Line(LedgerKind.Payment, f.PaymentId) is { } payment:
                Add(f.ReturnedOn, LedgerKind.PaymentReturned, f.PaymentId, -payment.Amount, payment.Currency);
                break;
            case PaymentAllocated f when !read.Undone.Contains(f.AllocationId) && read.Sources.TryGetValue(f.FromId, out var currency):
                if (!read.Void.Contains(f.FromId)) Allocate(f, currency, read);
                break;
            // Without an explicit allocation the whole of a credit note is its invoice's.
            case CreditNoteIssued f when f.InvoiceId.Length > 0 && !read.Allocated.Contains(f.CreditNoteId) && !read.Cancelled.Contains(f.InvoiceId) && _items.TryGetValue(f.InvoiceId, out var item):
                item.Reductions.Add((f.IssuedOn, f.Amount));
                break;
            case DisputeOpened f when _items.TryGetValue(f.ItemId, out var item):
                item.Disputes.Add((f.OpenedOn, int.MaxValue, f.Amount));
                break;
            case DunningSent f:
                foreach (var id in f.Items)
                    if (_items.TryGetValue(id, out var dunned) && f.Level >= (dunned.DunnedLevel ?? int.MinValue)) (dunned.DunnedLevel, dunned.DunnedOn) = (f.Level, f.SentOn);
                break;
        }
    }

    /// <summary>An allocation waits as a whole while one of its items is unknown; one to a cancelled item, or from a source that bounced, is void.</summary>
    private void Allocate(PaymentAllocated f, Currency from, Reading read)
    {
        foreach (var part in f.Items)
            if (!_items.ContainsKey(part.ItemId) && !read.Billed.Contains(part.ItemId)) return;
        foreach (var part in f.Items)
        {
            if (read.Cancelled.Contains(part.ItemId)) continue;
            if (!_items.TryGetValue(part.ItemId, out var item))
            {
                if (part.DiscountTaken > 0) Add(f.AllocatedOn, LedgerKind.Discount, part.ItemId, -part.DiscountTaken, from);
                continue;
            }

            item.Reductions.Add((f.AllocatedOn, checked(part.Amount + part.DiscountTaken)));
            if (part.DiscountTaken > 0) Add(f.AllocatedOn, LedgerKind.Discount, item.ItemId, -part.DiscountTaken, item.Currency);
            if (item.Currency == from) continue;
            // Money of one currency has settled a debt of another: it leaves the one ledger and enters the other.
            Add(f.AllocatedOn, LedgerKind.Exchange, f.AllocationId, -part.Amount, item.Currency);
            Add(f.AllocatedOn, LedgerKind.Exchange, f.AllocationId, part.FromAmount == 0 ? part.Amount : part.FromAmount, from);
        }
    }

    /// <summary>Write-offs come last: no more is given up than is still open when everything else was taken off.</summary>
    private void WriteOff(IReadOnlyList<Fact> facts)
    {
        var posted = new Dictionary<string, IReadOnlyList<WriteOffItem>>(StringComparer.Ordinal);
        var given = new Dictionary<string, (long Asked, long Taken, long Room)>(StringComparer.Ordinal);
        var inTime = new List<Fact>();
        foreach (var fact in facts)
        {
            if (fact is WriteOffPosted first) posted[first.WriteOffId] = first.Items;
            if (fact is WriteOffPosted or WriteOffReversed) inTime.Add(fact);
        }

        // By their own time: the order of arrival says nothing.
        inTime.Sort(static (a, b) => a.Time != b.Time ? a.Time.CompareTo(b.Time) : string.CompareOrdinal(a.EventId, b.EventId));
        foreach (var fact in inTime)
        {
            if (fact is WriteOffPosted off)
            {
                foreach (var part in off.Items) Give(DayOf(off), LedgerKind.WriteOff, off.WriteOffId, part.ItemId, part.Amount);
            }
            else if (fact is WriteOffReversed back)
            {
                // One that names no items takes all of them back.
                foreach (var part in back.Items.Count > 0 ? back.Items : posted.GetValueOrDefault(back.WriteOffId) ?? []) Give(DayOf(back), LedgerKind.WriteOffReversed, back.WriteOffId, part.ItemId, -part.Amount);
            }
        }

        void Give(int day, LedgerKind kind, string document, string id, long asked)
        {
            if (!_items.TryGetValue(id, out var item)) return;
            if (!given.TryGetValue(id, out var sofar)) sofar = (0, 0, item.OpenAt(int.MaxValue));
            sofar.Asked += asked;
            var taken = Math.Min(Math.Max(0, sofar.Asked), sofar.Room);
            var more = taken - sofar.Taken;
            given[id] = (sofar.Asked, taken, sofar.Room);
            if (more == 0) return;
            item.Reductions.Add((day, more));
            Add(day, kind, document + "/" + id, -more, item.Currency);
        }
    }

    /// <summary>What was said: disputes that ended, promises, plans, statements and their answers.</summary>
    private void Tell(IReadOnlyList<Fact> facts)
    {
        var promises = new List<LedgerPromise>();
        var plans = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var statements = new List<(StatementSent, StatementAnswered?)>();
        foreach (var fact in facts)
        {
            switch (fact)
            {
                case DisputeClosed f: Close(facts, f); break;
                case PromiseMade f: promises.Add(new LedgerPromise(f.PromiseId, f.Amount, f.Currency, DayOf(f), f.PromisedOn, f.Items, f.MadeBy, IsWithdrawn: false)); break;
                case PlanAgreed f: plans[f.PlanId] = f.Items; break;
                case StatementSent f: statements.Add((f, null)); break;
            }
        }

        foreach (var fact in facts)
        {
            switch (fact)
            {
                case PromiseWithdrawn f when promises.FindIndex(p => p.PromiseId == f.PromiseId) is >= 0 and var at: promises[at] = promises[at] with { IsWithdrawn = true }; break;
                case PlanEnded f: plans.Remove(f.PlanId); break;
                case StatementAnswered f when statements.FindIndex(s => s.Item1.StatementId == f.StatementId) is >= 0 and var at: statements[at] = (statements[at].Item1, f); break;
            }
        }

        (Promised, Plans, Statements) = (promises, plans, statements);
    }

    /// <summary>A dispute ends with its day; one that was found wrong never was, so that interest runs back.</summary>
    private void Close(IReadOnlyList<Fact> facts, DisputeClosed closed)
    {
        foreach (var fact in facts)
        {
            if (fact is not DisputeOpened opened || opened.DisputeId != closed.DisputeId || !_items.TryGetValue(opened.ItemId, out var item)) continue;
            var at = item.Disputes.IndexOf((opened.OpenedOn, int.MaxValue, opened.Amount));
            if (at < 0) return;
            if (closed.Outcome == DisputeOutcome.Invalid) item.Disputes.RemoveAt(at);
            else item.Disputes[at] = (opened.OpenedOn, Math.Max(opened.OpenedOn, closed.ClosedOn), opened.Amount);
            return;
        }
    }

    private LedgerLine? Line(LedgerKind kind, string document)
    {
        foreach (var line in _lines)
            if (line.Kind == kind && line.DocumentId == document) return line;
        return null;
    }

    private void Add(int on, LedgerKind kind, string document, long amount, Currency currency, int dueOn = 0)
    {
        // The journal applies a document once; the same again is none of the facts.
        if (amount != 0) _lines.Add(new LedgerLine(on, kind, document, amount, currency, dueOn));
    }

    private static int DayOf(Fact fact) => fact.Time.UtcDate.DayNumber;
}
