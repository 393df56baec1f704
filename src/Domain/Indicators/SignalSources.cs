namespace ExposureMonitor.Domain;

/// <summary>An event that made a signal.</summary>
/// <param name="At">Its entry in the journal.</param>
/// <param name="EventId">As its source named it.</param>
/// <param name="Source">Who told it.</param>
/// <param name="Type">Wire type, such as <c>credit.invoice.posted.v1</c>.</param>
/// <param name="Time">When it happened, by its source.</param>
/// <param name="Document">The document that it is about; "" without one.</param>
public sealed record SourceEvent(EntryPosition At, string EventId, string Source, string Type, Instant Time, string Document);

/// <summary>
/// Finds the events that made a signal among the entries of its customer, told in the order of the journal up to the one at which it was raised. It is
/// asked for on demand and no part of the state: which facts an indicator reads, how far back, and for what document, is what credit.md 19.2 and 19.3 say.
/// </summary>
/// <param name="indicator">Its number in the catalogue.</param>
/// <param name="about">What the signal is about; "" for the customer.</param>
/// <param name="raisedOn">Business day on which it was raised.</param>
public sealed class SignalSources(string indicator, string about, int raisedOn)
{
    /// <summary>Events that are told of one signal (credit.md 19.1).</summary>
    public const int Most = 10;

    private readonly List<(SourceEvent Event, int On)> _found = [];

    /// <summary>Open invoices, for indicators that speak of what is not paid: what is left of each.</summary>
    private readonly Dictionary<string, (SourceEvent Event, int DueOn, int IssuedOn, Int128 Open)> _items = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PaymentAllocated> _allocations = new(StringComparer.Ordinal);

    /// <summary>Takes an applied entry in.</summary>
    /// <param name="fact">Its fact, with the customer's own date.</param>
    /// <param name="at">Its entry.</param>
    public void Take(Fact fact, EntryPosition at)
    {
        ArgumentNullException.ThrowIfNull(fact);
        if (ReadsItems) TakeItem(fact, at);
        if (!Reads(fact)) return;
        var on = DateOf(fact);
        if (on > raisedOn || on <= raisedOn - DaysBack) return;
        _found.Add((EventOf(fact, at), on));
        // Only the newest are told; what is older than them need not be kept.
        if (_found.Count > 4 * Most) _found.RemoveRange(0, _found.Count - 2 * Most);
    }

    /// <summary>At most ten, in the order of the journal.</summary>
    public IReadOnlyList<SourceEvent> Events()
    {
        var told = new List<(SourceEvent Event, int On)>(_found);
        if (ReadsItems)
        {
            foreach (var (_, item) in _items)
                if (item.Open > 0 && IsPartOf(item.DueOn, item.IssuedOn)) told.Add((item.Event, item.DueOn));
            // The oldest debt is what it is about.
            told.Sort(static (a, b) => a.On != b.On ? a.On.CompareTo(b.On) : (a.Event.At.Seq, a.Event.At.Index).CompareTo((b.Event.At.Seq, b.Event.At.Index)));
            if (told.Count > Most) told.RemoveRange(Most, told.Count - Most);
        }

        told.Sort(static (a, b) => (a.Event.At.Seq, a.Event.At.Index).CompareTo((b.Event.At.Seq, b.Event.At.Index)));
        var first = Math.Max(0, told.Count - Count);
        return [.. told.Skip(first).Select(t => t.Event)];
    }

    /// <summary>How many events make one signal.</summary>
    private int Count => indicator switch
    {
        "EW-15" or "EW-16" => 2,
        "EW-18" => 1,
        "EW-21" => 3,
        _ => Most,
    };

    /// <summary>So many days before the signal still belong to it.</summary>
    private int DaysBack => indicator switch
    {
        "EW-14" => 31,
        "EW-23" or "EW-24" or "EW-38" => 7,
        "EW-28" => 64,
        "EW-31" or "EW-33" or "EW-40" => 90,
        "EW-32" => 90,
        "EW-34" => 30,
        "EW-36" => 15,
        _ => int.MaxValue / 2,
    };

    private bool ReadsItems => indicator is "EW-05" or "EW-06" or "EW-07" or "EW-09" or "EW-10" or "EW-24" or "EW-27" or "EW-37" or "CN-01" or "CN-02";

    private bool IsPartOf(int dueOn, int issuedOn) => indicator switch
    {
        "EW-27" => true,
        "EW-37" => issuedOn < raisedOn,
        "CN-02" => true,
        _ => dueOn < raisedOn,
    };

    private bool Reads(Fact fact) => indicator switch
    {
        "EW-01" or "EW-02" or "EW-36" => IsExposure(fact),
        "EW-03" or "EW-04" or "OVERTAKEN" => fact is OrderPlaced or OrderChanged or OrderReopened && DocumentOf(fact) == about,
        "EW-07" => fact is OrderPlaced or LimitSet or ExternalExposureReported,
        "EW-08" => fact is DunningSent,
        "EW-11" => fact is LimitSet or LimitRemoved,
        "EW-12" => fact is TemporaryLimitGranted or LimitSet || IsExposure(fact),
        "EW-13" => fact is OrderPlaced or OrderChanged or LimitSet,
        "EW-14" => fact is RatingOverridden,
        "EW-15" => fact is RatingReceived f && (f.Agency == about || f.Agency.StartsWith(about, StringComparison.Ordinal)),
        "EW-16" => fact is FinancialStatementFiled,
        "EW-17" => fact is CoverTermsFact terms ? terms.CoverId == about : fact is CoverStopped stop ? stop.CoverId == about : fact is CoverEnded end ? end.CoverId == about
            : fact is ExternalSignalReceived { Kind: ExternalSignalKind.InsurerCut },
        "EW-18" => fact is ReviewCompleted,
        "EW-19" => fact is OrderPlaced or LimitSet or CustomerReparented or InvoicePosted,
        "EW-20" or "EW-21" or "EW-26" or "EW-29" or "EW-39" => fact is PaymentAllocated,
        "EW-22" => fact is StatementSent or StatementAnswered,
        "EW-23" or "EW-24" or "EW-25" or "EW-38" or "EW-41" => fact is OrderPlaced,
        "EW-28" => fact is PaymentReceived,
        "EW-30" => IsExposure(fact),
        "EW-31" => fact is PaymentReturned or AcceptanceDishonoured,
        "EW-32" => fact is PromiseMade or PlanAgreed,
        "EW-33" => fact is OrderPlaced { Terms.Length: > 0 } or InvoiceDueDateChanged { Kind: DueDateKind.Extension } or ExternalSignalReceived { Kind: ExternalSignalKind.TermsRequest },
        "EW-34" => fact is DisputeOpened,
        "EW-35" => fact is PaymentReceived or AcceptanceReceived,
        "EW-40" => fact is CreditNoteIssued,
        "EW-42" => fact is ExternalSignalReceived news && news.SignalId == about,
        _ => false,
    };

    private static bool IsExposure(Fact fact) => fact is OrderPlaced or OrderChanged or DeliveryPosted or InvoiceBilled or InvoicePosted or PaymentReceived or PaymentReturned or AcceptanceReceived
        or ExternalExposureReported or LimitSet or LimitRemoved or TemporaryLimitGranted or TemporaryLimitEnded or OrderCancelled or PaymentAllocated or CreditNoteIssued;

    private void TakeItem(Fact fact, EntryPosition at)
    {
        switch (fact)
        {
            case InvoicePosted f:
                _items[f.InvoiceId] = (EventOf(f, at), f.DueOn, f.IssuedOn, f.Amount);
                break;
            case InvoiceDueDateChanged f when _items.TryGetValue(f.InvoiceId, out var item):
                // By its original date what was put off is as late as before (EW-10).
                if (indicator != "EW-10" || f.Kind == DueDateKind.Correction) _items[f.InvoiceId] = item with { DueOn = f.DueOn };
                break;
            case InvoiceCancelled f:
                _items.Remove(f.InvoiceId);
                break;
            case PaymentAllocated f:
                _allocations[f.AllocationId] = f;
                Allocated(f, -1);
                break;
            case PaymentDeallocated f when _allocations.Remove(f.AllocationId, out var undone):
                Allocated(undone, +1);
                break;
            case WriteOffPosted f:
                foreach (var part in f.Items)
                    if (_items.TryGetValue(part.ItemId, out var given)) _items[part.ItemId] = given with { Open = given.Open - part.Amount };
                break;
        }
    }

    private void Allocated(PaymentAllocated f, int sign)
    {
        foreach (var part in f.Items)
            if (_items.TryGetValue(part.ItemId, out var item)) _items[part.ItemId] = item with { Open = item.Open + sign * ((Int128)part.Amount + part.DiscountTaken) };
    }

    private static string DocumentOf(Fact fact) => fact is OrderTermsFact order ? order.OrderId : fact.Document;

    private static int DateOf(Fact fact) => fact.OwnDate > 0 ? fact.OwnDate : fact.Time.UtcDate.DayNumber;

    private static SourceEvent EventOf(Fact fact, EntryPosition at) => new(at, fact.EventId, fact.Source, FactCatalogue.WireTypeOf(fact), fact.Time, fact.Document);
}

/// <summary>Units of the figures of a signal.</summary>
public static class SignalUnits
{
    /// <summary>Unit of a signal that was told with this amount (<see cref="SignalChanged.Moved"/>): EW-30 of the first rules had none, and told the amount as its value.</summary>
    public static string Of(string indicator, long moved) => indicator == "EW-30" && moved == 0 ? "minor" : Of(indicator);

    /// <summary>Unit of observed value and threshold: <c>bp</c>, <c>days</c>, <c>daysHundredths</c>, <c>minor</c> (of the base currency, or of the limit's), <c>count</c>, <c>level</c>, <c>points</c>, <c>thousandths</c>.</summary>
    public static string Of(string indicator) => indicator switch
    {
        "EW-01" or "EW-06" or "EW-09" or "EW-19" or "EW-26" or "EW-27" or "EW-30" or "EW-40" or "EW-41" => "bp",
        "EW-05" or "EW-10" or "EW-11" or "EW-17" or "EW-18" or "EW-24" or "EW-25" or "EW-36" or "CN-01" or "CN-02" => "days",
        "EW-20" => "daysHundredths",
        "EW-22" or "EW-23" or "EW-37" or "EW-42" => "minor",
        "EW-08" => "level",
        "EW-14" => "points",
        "EW-16" => "thousandths",
        _ => "count",
    };
}
