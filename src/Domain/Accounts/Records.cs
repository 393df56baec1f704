using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ExposureMonitor.Domain;

/// <summary>The sums that a ledger keeps per currency, in minor units.</summary>
internal enum Part
{
    OrdersInside, OrdersOutside, HeldInside, HeldOutside, Delivered, Billed, Receivables, Acceptances, PaymentsAtRisk,
    Unapplied, Reserved, External,

    /// <summary>The part of <see cref="Unapplied"/> whose document counts as P or N itself.</summary>
    Backed,

    /// <summary>First of the six ageing buckets of receivables: not due, 1–30, 31–60, 61–90, 91–180, above 180.</summary>
    Aged,
    Count = Aged + 6,
}

/// <summary>One value per <see cref="Part"/>.</summary>
[InlineArray((int)Part.Count)]
internal struct Sums
{
    private long _first;
}

/// <summary>A document in the list of its account.</summary>
internal interface IDocumentRecord
{
    /// <summary>The document of the same kind that came after it; 0 for the last.</summary>
    int Next { get; set; }
}

/// <summary>The documents of one kind of one customer, in the order of the journal.</summary>
internal struct DocumentList
{
    internal int First, Last;

    internal readonly bool IsEmpty => First == 0;

    internal void Append<T>(Slab<T> slab, int slot) where T : struct, IDocumentRecord
    {
        slab[slot].Next = 0;
        if (Last == 0) First = slot;
        else slab[Last].Next = slot;
        Last = slot;
    }

    /// <summary>Takes out what leaves: each document is told to <paramref name="leave"/> before its slot is given back.</summary>
    internal void Filter<T>(Slab<T> slab, Func<int, bool> leaves, Action<int> leave) where T : struct, IDocumentRecord
    {
        var kept = default(DocumentList);
        for (int at = First, next; at != 0; at = next)
        {
            next = slab[at].Next;
            if (leaves(at))
            {
                leave(at);
                slab.Free(at);
            }
            else
            {
                kept.Append(slab, at);
            }
        }

        this = kept;
    }
}

/// <summary>
/// The hot record of a customer. What few customers have stands in <see cref="Rare"/>. Fields stand by their width, the widest first, so that
/// nothing lies empty between them.
/// </summary>
internal struct AccountRecord
{
    internal Int128 SettledAmount, SettledAmountDays, SettledAmountLateDays, SettledAmountIndex;

    internal long LimitAmount;

    /// <summary>Grows with every decision about the limit.</summary>
    internal long LimitVersion;

    /// <summary>Who raised the limit last (a number of the table of names, <see cref="LimitRaisedBy"/>), and when: for the conflict of duty.</summary>
    internal Instant LimitRaisedAt;

    /// <summary>When the usual terms were set, and by which event (a text, <see cref="TermsSetBy"/>): the later wins, then the higher id.</summary>
    internal Instant TermsSetAt;

    /// <summary>Content of the fact that opened the customer.</summary>
    internal ulong OpenedContent;

    /// <summary>Σ of all amounts ever booked, so that no later sum can overflow.</summary>
    internal long Magnitude;

    /// <summary>The account's newest entry, so that its history can be walked backwards.</summary>
    internal long LastSeq;
    internal long SettledDays, SettledLateDays;

    internal int Id;
    internal int Folded;
    internal int Ledger;
    internal DocumentList Orders, Deliveries, Items, Sources, Allocations, Movements;
    internal int OpenOrder, OpenItem;

    /// <summary>First of the orders that ship, at least in part, behind the horizon.</summary>
    internal int OutsideOrder;

    /// <summary>First day on which time alone changes a figure.</summary>
    internal int WakeOn;

    /// <summary>Day on which closed documents are looked for again; 0 while the account has none at all.</summary>
    internal int LookOn;

    /// <summary>First day of the limit, when its schedule is one step without an end; any other schedule stands in <see cref="Rare"/>.</summary>
    internal int LimitFrom;
    internal int TermsSetBy, LastIndex;
    internal int OpenOrders, OpenItems, HeldOrders, SettledItems;

    internal Currency LimitCurrency;
    internal short LimitRaisedBy, TermsRank, DiscountRank, NetDays;
    internal short Segment, Country, Controller, Industry, Tier, Terms, Status;
    internal LimitKind LimitKind;
    internal AccountFlags Flags;
    internal RiskState RiskState;
}

[Flags]
internal enum AccountFlags : byte
{
    None = 0,
    Provisional = 1,
    Closed = 2,
    CheckExempt = 4,
    PrepayOnly = 8,
    Breached = 16,
    PrepayTerms = 32,
}

/// <summary>How much risk a customer means at present (credit.md 19.4).</summary>
public enum RiskState : byte
{
    Normal, Watch, Warning, Restricted, Stopped,
}

/// <summary>Sums of one customer in one currency; the widest field first, as in <see cref="AccountRecord"/>.</summary>
internal struct LedgerRecord
{
    /// <summary>Σ open × due day of the items that are past due, so that their delay needs no walk.</summary>
    internal Int128 OverdueDue;
    internal Sums Sums;
    internal int Next;

    /// <summary>Root of the open items by due date.</summary>
    internal int Root;

    /// <summary>Due date of the first item of the tree, while there is one. Nearly always today lies before it, and the tree need not be asked.</summary>
    internal int FirstDue;

    /// <summary>Value that entered and left by name, or 0 while nothing did.</summary>
    internal int Flows;
    internal Currency Currency;
}

/// <summary>Where an order stands in the hold machine.</summary>
public enum OrderState : byte
{
    /// <summary>Only later documents are known yet.</summary>
    Unknown,
    Accepted,
    OnHold,
    ReadyToRelease,
    PendingApproval,
    Rejected,
}

/// <summary>The status field of an order, set by the highest version.</summary>
public enum OrderStatus : byte
{
    Open, Cancelled, Closed,

    /// <summary>Another payer has the rest.</summary>
    Transferred,
}

[StructLayout(LayoutKind.Auto)]
internal struct OrderRecord : IDocumentRecord
{
    internal int Account, Id, Next, OpenPrevious, OpenNext, OutsidePrevious, OutsideNext;
    /// <summary>Business day of the last change.</summary>
    internal int TouchedOn;
    internal ulong Content;
    internal Currency Currency;
    internal OrderState State;
    internal OrderStatus Status;
    internal byte Priority;
    internal bool Placed, Listed, ListedOutside;
    internal short Terms, DiscountRank;
    internal long Ordered, Delivered, DeliveryOpen, InvoicedDirectly;

    /// <summary>Value that was handed over under other payers.</summary>
    internal long Elsewhere;
    internal long StatusVersion, TermsVersion;
    internal int OrderedOn, ShipOn, PromisedOn;

    /// <summary>Latest final delivery, and latest reversal or re-opening; final counts while it is the later.</summary>
    internal Instant FinalAt, ReopenedAt;
    internal Instant AcceptedAt, GraceUntil;
    internal long ValueCap;
    internal int EnteredHorizonOn;
    internal Instant PlacedAt;

    /// <summary>A passed check serves the next checkpoints until here, up to this value.</summary>
    internal Instant CheckedUntil;
    internal long CheckedValue;

    /// <summary>Accepted because cleared cash that names it covered it all.</summary>
    internal bool IsPrepaid;

    /// <summary>One bit per class of reasons that the last release let pass.</summary>
    internal short ReleasedClasses;

    int IDocumentRecord.Next
    {
        readonly get => Next;
        set => Next = value;
    }
}

[StructLayout(LayoutKind.Auto)]
internal struct DeliveryRecord : IDocumentRecord
{
    internal int Account, Id, Next, Order;
    /// <summary>Business day of the last change.</summary>
    internal int TouchedOn;
    internal ulong Content;
    internal Currency Currency;
    internal bool Posted;
    internal int ShippedOn;
    internal long Amount, Reversed, Returned, Handed;

    /// <summary>Day on which an invoice named the delivery before it came; longest delay of the buyer's items on the day of the goods.</summary>
    internal int LinkedOn, LateAtDelivery;

    int IDocumentRecord.Next
    {
        readonly get => Next;
        set => Next = value;
    }
}

/// <summary>What an invoice takes over from a delivery or an order.</summary>
internal struct LinkRecord
{
    internal int Next, Delivery, Order;
    internal long Amount;
}

internal enum SourceKind : byte
{
    Payment, CreditNote, Acceptance,
}

[StructLayout(LayoutKind.Auto)]
internal struct SourceRecord : IDocumentRecord
{
    internal int Account, Id, Next, OpenPrevious, OpenNext;
    /// <summary>Business day of the last change.</summary>
    internal int TouchedOn;
    internal ulong Content;
    internal Currency Currency;
    internal SourceKind Kind;

    /// <summary>Cleared: the money is safe. Void: returned or dishonoured. Left: honoured, or passed on without recourse.</summary>
    internal bool Cleared, Void, Left, Dishonoured, HadExplicit;
    internal int OwnDate;

    /// <summary>Own date of what made it void.</summary>
    internal int VoidOn;
    internal long Amount, Allocated, Refunded;
    internal int FirstAllocation, DebitItem, ImpliedAllocation;

    /// <summary>Text of the order that the payment names, or 0.</summary>
    internal int NamedOrder;

    int IDocumentRecord.Next
    {
        readonly get => Next;
        set => Next = value;
    }
}

[StructLayout(LayoutKind.Auto)]
internal struct AllocationRecord : IDocumentRecord
{
    internal int Account, Id, Next, Source, NextOfSource, FirstPart;
    internal ulong Content;
    internal bool Undone, WriteOff, Implied;
    internal int On;

    int IDocumentRecord.Next
    {
        readonly get => Next;
        set => Next = value;
    }
}

internal struct PartRecord
{
    internal int Allocation, Item, NextOfAllocation, NextOfItem;
    internal long Amount, FromAmount, Discount;
}

/// <summary>Identity of a fact that changes a document and is none itself: reversal, return, refund, dispute.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct MovementRecord : IDocumentRecord
{
    internal int Account, Id, Next, OpenPrevious, OpenNext;
    /// <summary>Business day of the last change.</summary>
    internal int TouchedOn;
    internal ulong Content;
    internal MovementKind Kind;
    internal int Target;
    internal long Amount;
    internal bool Ended;

    int IDocumentRecord.Next
    {
        readonly get => Next;
        set => Next = value;
    }
}

internal enum MovementKind : byte
{
    Reversal = 1, Return, Refund, Dispute, Note,
}
