namespace ExposureMonitor.Domain;

/// <summary>
/// The published row of one account: its figures in the currency of its limit, minor units. A value without
/// references, copied when a frame is sealed and read by everybody after the commit.
/// </summary>
public struct AccountFigures
{
    public int Slot;
    public Currency Currency;
    public LimitKind LimitKind;
    public RiskState RiskState;
    public bool Provisional, Breached, LimitExpired, RateMissing;
    public short Segment, Country, Controller;
    public long OrdersInside, OrdersOutside, Held, Delivered, Billed, Receivables, Acceptances, PaymentsAtRisk, Unapplied,
        Reserved, External;

    /// <summary>Gross(h), and the same for all orders.</summary>
    public long Gross, GrossStatic, NetRisk, CreditBalance;
    public long Limit, Available;

    /// <summary>Basis points; −1 when the limit has no utilisation.</summary>
    public int UtilisationBp;

    /// <summary>Net risk over the limit before any cover, so that one cover counts once; basis points, −1 without.</summary>
    public int NetUtilisationBp;

    /// <summary>Receivables by days past due: not due, 1–30, 31–60, 61–90, 91–180, above 180.</summary>
    public long NotDue, Late30, Late60, Late90, Late180, LateMore;
    public int OpenOrders, OpenItems, HeldOrders, OldestDays;

    /// <summary>
    /// Days late weighted by value, in thousandths: signed, and with early payments as 0. Open overdue items count with
    /// their days so far, else who never pays would look perfect; 0 without any item.
    /// </summary>
    public int DaysLate, DaysLateClipped;

    /// <summary>Rank of the credit grade that is known without computing it: a person's while it serves, else the one that was kept at the start of a day; 5 is A, 1 is E, 0 none.</summary>
    public byte Grade;

    /// <summary>Sequence that the row includes.</summary>
    public long AsOf;

    /// <summary>Receivables past their due date.</summary>
    public readonly long Overdue => Late30 + Late60 + Late90 + Late180 + LateMore;
}

/// <summary>Figures and lists for readers.</summary>
public sealed partial class Book
{
    /// <summary>The figures of an account as it stands.</summary>
    public AccountFigures Figures(int slot)
    {
        ref var account = ref Account(slot);
        var exposure = Exposure.Of(this, slot, Context, account.LimitCurrency);
        var limit = EffectiveLimit.Of(this, slot, Context, StreamTime);
        var figures = new AccountFigures
        {
            Slot = slot, Currency = account.LimitCurrency, LimitKind = limit.Kind, Limit = limit.Amount, LimitExpired = limit.Expired,
            RiskState = account.RiskState, Provisional = (account.Flags & AccountFlags.Provisional) != 0,
            RateMissing = exposure.Missing.IsKnown, Segment = account.Segment, Country = account.Country, Controller = account.Controller,
            OrdersInside = Rounding.Pin(exposure.OrdersInside), OrdersOutside = Rounding.Pin(exposure.OrdersOutside),
            Held = Rounding.Pin(exposure.HeldInside + exposure.HeldOutside), Delivered = Rounding.Pin(exposure.Delivered),
            Billed = Rounding.Pin(exposure.Billed), Receivables = Rounding.Pin(exposure.Receivables),
            Acceptances = Rounding.Pin(exposure.Acceptances), PaymentsAtRisk = Rounding.Pin(exposure.PaymentsAtRisk),
            Unapplied = Rounding.Pin(exposure.Unapplied), Reserved = Rounding.Pin(exposure.Reserved),
            External = Rounding.Pin(exposure.External), Gross = Rounding.Pin(exposure.Gross),
            GrossStatic = Rounding.Pin(Int128.Max(0, exposure.StaticSum)),
            NetRisk = Rounding.Pin(Int128.Max(0, exposure.Gross - Covers.Total(this, slot, Context, exposure))),
            CreditBalance = Rounding.Pin(exposure.CreditBalance), UtilisationBp = -1, NetUtilisationBp = -1,
            OpenOrders = account.OpenOrders, OpenItems = account.OpenItems, HeldOrders = account.HeldOrders, Grade = GradeRankOf(slot),
        };
        if (limit.Kind == LimitKind.Amount)
        {
            // Headroom and utilisation use the figure of the check: with the haircut for other currencies.
            figures.Available = Rounding.Pin(limit.Amount - exposure.CheckGross);
            figures.Breached = exposure.CheckGross > limit.Amount;
            figures.UtilisationBp = ShareOf(exposure.CheckGross, limit.Amount);
            var bare = RareOf(slot) is { Covers.Count: > 0 } ? EffectiveLimit.Of(this, slot, Context, StreamTime, withCovers: false).Amount : limit.Amount;
            figures.NetUtilisationBp = ShareOf(figures.NetRisk, bare);
        }

        Age(slot, ref figures);
        Delay(slot, ref figures);
        return figures;
    }

    /// <summary>Basis points, half up; of a limit of 0 anything is more than can be said.</summary>
    private static int ShareOf(Int128 used, long limit) =>
        limit > 0 ? (int)Int128.Min(int.MaxValue, Rounding.HalfUp(Rounding.Times(used, 10_000), limit)) : used > 0 ? int.MaxValue : 0;

    private void Delay(int slot, ref AccountFigures figures)
    {
        ref var account = ref Account(slot);
        var (weight, days, late) = (account.SettledAmount, account.SettledAmountDays, account.SettledAmountLateDays);
        for (var ledger = account.Ledger; ledger != 0; ledger = Ledgers[ledger].Next)
        {
            ref var record = ref Ledgers[ledger];
            Int128 overdue = 0;
            for (var bucket = 1; bucket < 6; bucket++) overdue += record.Sums[(int)Part.Aged + bucket];
            var inBase = Context.Convert(overdue, record.Currency, BaseCurrency) ?? overdue;
            var sofar = Context.Convert(overdue * Today - record.OverdueDue, record.Currency, BaseCurrency) ?? overdue * Today - record.OverdueDue;
            (weight, days, late) = (weight + inBase, days + sofar, late + sofar);
        }

        if (weight <= 0) return;
        figures.DaysLate = (int)Int128.Clamp(Rounding.HalfUp(days * 1_000, weight), int.MinValue, int.MaxValue);
        figures.DaysLateClipped = (int)Int128.Clamp(Rounding.HalfUp(late * 1_000, weight), int.MinValue, int.MaxValue);
    }

    private void Age(int slot, ref AccountFigures figures)
    {
        Span<Int128> aged = stackalloc Int128[6];
        var tree = new ItemTree(Items, Texts);
        for (var ledger = Account(slot).Ledger; ledger != 0; ledger = Ledgers[ledger].Next)
        {
            ref var record = ref Ledgers[ledger];
            for (var bucket = 0; bucket < 6; bucket++)
                aged[bucket] += Context.Convert(record.Sums[(int)Part.Aged + bucket], record.Currency, figures.Currency) ?? 0;
            if (record.Root != 0 && record.FirstDue < Today && tree.OldestDue(record.Root, 0, 1) is { } due) figures.OldestDays = Math.Max(figures.OldestDays, Today - due);
        }

        (figures.NotDue, figures.Late30, figures.Late60) = (Rounding.Pin(aged[0]), Rounding.Pin(aged[1]), Rounding.Pin(aged[2]));
        (figures.Late90, figures.Late180, figures.LateMore) = (Rounding.Pin(aged[3]), Rounding.Pin(aged[4]), Rounding.Pin(aged[5]));
    }

    /// <summary>Until when, and up to which value, the last passed check of an order serves its next checkpoints; default without one.</summary>
    public (Instant Until, long Value) CheckedOf(int slot, string orderId) =>
        FindOrder(slot, orderId) is not 0 and var order ? (Orders[order].CheckedUntil, Orders[order].CheckedValue) : default;

    /// <summary>A word of the partition's master data: segment, country, controller of <see cref="AccountFigures"/>.</summary>
    public string NameOf(short number) => Names.Get(number);

    /// <summary>The held orders of an account.</summary>
    public List<HoldLine> HoldsOf(int slot)
    {
        var lines = new List<HoldLine>();
        if (RareOf(slot) is not { } rare) return lines;
        foreach (var hold in rare.Holds)
        {
            ref var o = ref Orders[hold.Order];
            lines.Add(new HoldLine(hold.Id, Texts.Get(o.Id), Undelivered(o), o.Currency.Code, o.State, hold.Forced, hold.CreatedAt,
                hold.RequestedBy, hold.RequestReason, hold.Needs, hold.Escalated, o.TermsVersion, [.. hold.Reasons.Select(r => r.Copy())], hold.RequestedBy.Length > 0 ? hold.LapsesAt : default, o.ShipOn));
        }

        return lines;
    }

    /// <summary>The account in all its documents, for screens and for comparison in tests.</summary>
    public AccountDetail Detail(int slot)
    {
        var detail = new AccountDetail { Customer = CustomerAt(slot), LimitVersion = Account(slot).LimitVersion, NewestSeq = Account(slot).LastSeq, NewestIndex = Account(slot).LastIndex };
        for (var order = Account(slot).OpenOrder; order != 0; order = Orders[order].OpenNext)
        {
            ref var o = ref Orders[order];
            detail.Orders.Add(new OrderLine(Texts.Get(o.Id), o.Currency.Code, o.Ordered, o.Delivered, Undelivered(o), DeliveredOf(o),
                o.State, o.Status, o.ShipOn, o.Priority, o.TermsVersion));
        }

        for (var item = Account(slot).OpenItem; item != 0; item = Items[item].OpenNext)
        {
            ref var n = ref Items[item];
            detail.Items.Add(new ItemLine(Texts.Get(n.Id), n.Currency.Code, n.Amount, OpenOf(n), n.IssuedOn, n.DueOn, ExtraOf(n).Disputed, Today - n.DueOn, BucketSince(n)));
        }

        for (var source = Account(slot).Sources.First; source != 0; source = Sources[source].Next)
        {
            ref var n = ref Sources[source];
            if (UnallocatedOf(n) != 0 || (n.Kind != SourceKind.CreditNote && !n.Cleared && !n.Void && !n.Left))
                detail.Credits.Add(new CreditLine(Texts.Get(n.Id), n.Kind.ToString(), n.Currency.Code, n.Amount, UnallocatedOf(n), n.Cleared, n.Void));
        }

        if (RareOf(slot) is { } rare)
        {
            foreach (var r in rare.Reservations) detail.Reservations.Add(new ReservationLine(r.Id, r.OrderId, r.Amount, r.Currency.Code, r.ExpiresAt));
            foreach (var r in rare.LimitRequests) detail.LimitRequests.Add(new LimitRequestLine(r.Id, r.Kind, r.Amount, r.Currency.Code, r.Actor, r.Reason, r.LapsesAt));
            foreach (var s in rare.Signals)
                if (s.Firing) detail.Signals.Add(new SignalLine(s.Indicator, s.Subject, s.Step, s.Severity, s.IdAt(detail.Customer), s.RaisedAt, s.RaisedOn));
            foreach (var p in rare.Parked) detail.Parked.Add(new ParkedLine(FactCatalogue.WireTypeOf(p.Fact), p.Fact.EventId, $"{p.WaitsFor} '{p.WaitsForId}'", p.Until));
        }

        detail.Holds.AddRange(HoldsOf(slot));
        detail.Residues.AddRange(Residues(slot));
        detail.Marks.AddRange(Marks(slot));
        detail.Orders.Sort((a, b) => string.CompareOrdinal(a.OrderId, b.OrderId));
        detail.Items.Sort((a, b) => a.DueOn != b.DueOn ? a.DueOn.CompareTo(b.DueOn) : string.CompareOrdinal(a.ItemId, b.ItemId));
        return detail;
    }
}

/// <summary>An account with its open documents.</summary>
public sealed class AccountDetail
{
    public string Customer { get; init; } = "";

    public long LimitVersion { get; init; }

    /// <summary>Sequence of the frame with the customer's newest entry, from which each entry points to the one before; 0 for a customer without any.</summary>
    public long NewestSeq { get; init; }

    /// <summary>Index of that entry in its frame.</summary>
    public int NewestIndex { get; init; }

    public List<OrderLine> Orders { get; } = [];

    public List<ItemLine> Items { get; } = [];

    public List<CreditLine> Credits { get; } = [];

    public List<HoldLine> Holds { get; } = [];

    public List<ReservationLine> Reservations { get; } = [];

    public List<LimitRequestLine> LimitRequests { get; } = [];

    public List<SignalLine> Signals { get; } = [];

    public List<ParkedLine> Parked { get; } = [];

    /// <summary>By which names value entered and left.</summary>
    public List<ResidueLine> Residues { get; } = [];

    /// <summary>What is odd about the documents.</summary>
    public List<MarkLine> Marks { get; } = [];
}

/// <summary>An open order; amounts in minor units of its currency.</summary>
public sealed record OrderLine(string OrderId, string Currency, long Ordered, long Delivered, long Undelivered, long DeliveredNotInvoiced,
    OrderState State, OrderStatus Status, int ShipOn, int Priority, long Version);

/// <summary>An open item; dates as day numbers.</summary>
/// <param name="BucketSince">Day on which it moved into its bucket of the ageing; of one that is not due the day of the document.</param>
public sealed record ItemLine(string ItemId, string Currency, long Amount, long Open, int IssuedOn, int DueOn, long Disputed, int DaysPastDue, int BucketSince);

/// <summary>Money or a credit that is not matched, or not safe yet.</summary>
public sealed record CreditLine(string Id, string Kind, string Currency, long Amount, long Unallocated, bool Cleared, bool Returned);

/// <summary>A held order with its reasons.</summary>
/// <param name="LapsesAt">When a proposal to release it lapses; default without one.</param>
/// <param name="ShipOn">Day number on which the order ships; 0 without one.</param>
public sealed record HoldLine(string HoldId, string OrderId, long Amount, string Currency, OrderState State, bool Forced, Instant CreatedAt,
    string RequestedBy, string RequestReason, long Needs, bool Escalated, long OrderVersion, IReadOnlyList<HoldReason> Reasons, Instant LapsesAt = default, int ShipOn = 0);

/// <summary>Headroom that is kept.</summary>
public sealed record ReservationLine(string ReservationId, string OrderId, long Amount, string Currency, Instant ExpiresAt);

/// <summary>A limit that somebody asked for.</summary>
public sealed record LimitRequestLine(string RequestId, LimitKind Kind, long Amount, string Currency, string Actor, string Reason, Instant LapsesAt);

/// <summary>A firing signal.</summary>
/// <param name="Indicator">Its number in the catalogue.</param>
/// <param name="About">What it is about; "" for the customer.</param>
/// <param name="Step">The step that stands.</param>
/// <param name="Severity">Of that step.</param>
/// <param name="SignalId">Under which it was told.</param>
/// <param name="RaisedAt">The entry at which it crossed last.</param>
/// <param name="RaisedOn">The business day of that crossing.</param>
public sealed record SignalLine(string Indicator, string About, int Step, Severity Severity, string SignalId, string RaisedAt, int RaisedOn);

/// <summary>A fact that waits for its predecessor.</summary>
public sealed record ParkedLine(string Type, string EventId, string WaitsFor, Instant Until);
