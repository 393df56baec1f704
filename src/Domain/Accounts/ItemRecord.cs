using System.Runtime.InteropServices;

namespace ExposureMonitor.Domain;

internal enum ItemKind : byte
{
    Invoice, Interest, SourceDebit,
}

/// <summary>An invoice or another debit item. There are more of them than of anything else: what is true or false of one is a bit.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct ItemRecord : IDocumentRecord
{
    internal int Account, Id, Next, OpenPrevious, OpenNext;

    /// <summary>Business day of the last change.</summary>
    internal int TouchedOn;
    internal ulong PostedContent;
    internal Currency Currency;
    internal int IssuedOn, DueOn, OriginalDueOn;
    internal long Amount, Allocated;
    internal int FirstLink, FirstPart, Source;

    /// <summary>What most open items do not have; 0 without any of it.</summary>
    internal int Extra;

    /// <summary>Tree of open items by (due date, id): children, sum and maximum of what is open.</summary>
    internal int Left, Right;
    internal long TreeSum, TreeMax, InTree;

    /// <summary>Marks, a bit each; kind and bucket of ageing above them.</summary>
    private ushort _marks;

    private const int KindAt = 10, BucketAt = 12, KindBits = 3, BucketBits = 7;

    internal ItemKind Kind
    {
        readonly get => (ItemKind)(_marks >> KindAt & KindBits);
        set => _marks = (ushort)(_marks & ~(KindBits << KindAt) | (int)value << KindAt);
    }

    internal byte Bucket
    {
        readonly get => (byte)(_marks >> BucketAt & BucketBits);
        set => _marks = (ushort)(_marks & ~(BucketBits << BucketAt) | value << BucketAt);
    }

    internal bool Posted
    {
        readonly get => Has(0);
        set => Mark(0, value);
    }

    internal bool Billed
    {
        readonly get => Has(1);
        set => Mark(1, value);
    }

    internal bool Cancelled
    {
        readonly get => Has(2);
        set => Mark(2, value);
    }

    internal bool CancelReleasesLinks
    {
        readonly get => Has(3);
        set => Mark(3, value);
    }

    internal bool LinksOfPosted
    {
        readonly get => Has(4);
        set => Mark(4, value);
    }

    internal bool Rooted
    {
        readonly get => Has(5);
        set => Mark(5, value);
    }

    internal bool Settled
    {
        readonly get => Has(6);
        set => Mark(6, value);
    }

    internal bool Discountable
    {
        readonly get => Has(7);
        set => Mark(7, value);
    }

    /// <summary>Its payment changes in this entry; no state.</summary>
    internal bool Noted
    {
        readonly get => Has(8);
        set => Mark(8, value);
    }

    private readonly bool Has(int bit) => (_marks & 1 << bit) != 0;

    private void Mark(int bit, bool value) => _marks = (ushort)(value ? _marks | 1 << bit : _marks & ~(1 << bit));

    int IDocumentRecord.Next
    {
        readonly get => Next;
        set => Next = value;
    }
}

/// <summary>What most open items do not have, kept apart so that a million of them fit: billing, discount, disputes, dunning, settlement.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct ItemExtra
{
    internal ulong BilledContent;
    internal long BilledAmount, Discount, WrittenOff, Disputed;

    /// <summary>The part of <see cref="Disputed"/> that leaves the overdue steps; number of kept plans that have the item.</summary>
    internal long Contested;
    internal byte Plans, DunningLevel;
    internal Instant DueSetAt;

    /// <summary>Text of the event that set the due date; longest delay of the buyer's items when the goods of an unlinked invoice left.</summary>
    internal int DueSetBy, LateAtDelivery;

    /// <summary>Day of the last allocation, for days late.</summary>
    internal int LastPaidOn;

    /// <summary>What the settled item weighs in averages: its amount in the base currency at the rate of that day.</summary>
    internal long Weight;

    internal readonly bool IsEmpty => BilledContent == 0
        && (BilledAmount | Discount | WrittenOff | Disputed | Contested | DueSetAt.Micros | Weight) == 0
        && (Plans | DunningLevel | DueSetBy | LateAtDelivery | LastPaidOn) == 0;
}
