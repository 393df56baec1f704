using ExposureMonitor.Domain;
using FsCheck;
using FsCheck.Fluent;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests.Laws;

/// <summary>One thing that is done, as numbers: the kind, which document, how much, and a choice.</summary>
public readonly record struct Deed(int Kind, int Which, int Amount, int Choice)
{
    /// <summary>Lists of deeds that get shorter when they fail.</summary>
    internal static Arbitrary<List<Deed>> Histories(int kinds) =>
        Arb.From(Gen.Choose(10, 80).SelectMany(n =>
            Gen.Zip(Gen.Choose(0, kinds - 1), Gen.Choose(0, 1_000_000)).Select(d => new Deed(d.Item1, d.Item2 % 7, d.Item2 / 7 % 11, d.Item2 / 77 % 12)).ListOf(n)), Shorter);

    private static readonly int Times = int.TryParse(Environment.GetEnvironmentVariable("EXPOSURE_LAWS"), out var told) ? told : 1;

    /// <summary>Tries a law on so many made-up histories.</summary>
    internal static void ForAll(int cases, int kinds, Action<List<Deed>> law, Action tell)
    {
        Prop.ForAll(Histories(kinds), deeds =>
        {
            try
            {
                law(deeds);
            }
            catch (Xunit.Sdk.XunitException broken)
            {
                // FsCheck cuts long lists; here the whole history stands.
                throw new Xunit.Sdk.XunitException($"[{string.Join(", ", deeds.Select(d => $"new({d.Kind}, {d.Which}, {d.Amount}, {d.Choice})"))}]\n{broken.Message}");
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(cases * Times));
        tell();
    }

    private static IEnumerable<List<Deed>> Shorter(List<Deed> deeds)
    {
        if (deeds.Count > 3)
        {
            yield return deeds[..(deeds.Count / 2)];
            yield return deeds[(deeds.Count / 2)..];
        }

        for (var i = 0; i < deeds.Count; i++) yield return [.. deeds[..i], .. deeds[(i + 1)..]];
    }
}

/// <summary>
/// Turns deeds into the facts of one customer's trade. What a fact means follows from the deeds alone, never from the book:
/// so the same facts can be told in any order. Amounts lean to edges: one, the limit and its neighbours.
/// </summary>
internal sealed class Narrator(int today)
{
    internal const long Limit = 1_000;

    /// <summary>Kinds of deeds that are facts; what people and time do comes behind.</summary>
    internal const int Facts = 30;

    private static readonly long[] Amounts = [1, 100, 300, 400, 500, 700, 999, 1_000, 1_001, 1_500, 40];
    private readonly List<(string Id, long Amount)> _orders = [], _deliveries = [], _items = [], _sources = [];
    private readonly List<string> _allocations = [], _writeOffs = [], _disputes = [], _plans = [];
    private int _number;

    internal int Today { get; set; } = today;

    /// <summary>The fact of a deed, or <c>null</c> when there is nothing yet that it could be about.</summary>
    internal Fact? FactOf(Deed deed)
    {
        _number++;
        return FactOf(deed, Meant(deed));
    }

    private Fact? FactOf(Deed deed, Fact? fact)
    {
        if (fact is null) return null;
        (fact.Customer, fact.Source, fact.EventId) = (Customer, "n", $"n{_number:0000}-{deed.Kind}");
        fact.Time = Instant.From(DateOnly.FromDayNumber(Today)).Plus(8 * 3600 * Instant.Second + _number * Instant.Second);
        return fact;
    }

    private Fact? Meant(Deed d)
    {
        var amount = Amounts[d.Amount];
        switch (d.Kind)
        {
            case 0 or 1:
                Open(_orders, "O", amount, out var placed);
                return new OrderPlaced { OrderId = placed, Amount = amount, Currency = Eur, OrderedOn = Today, ShipOn = Today + d.Choice * 8, Priority = 1 + d.Which };
            case 2 when Any(_orders, d, out var order):
                return new OrderChanged { OrderId = order.Id, Version = _number, Amount = amount, Currency = Eur, ShipOn = Today + d.Choice * 8, Priority = 1 + d.Which };
            case 3 when Any(_orders, d, out var order):
                return d.Choice % 2 == 0 ? new OrderCancelled { OrderId = order.Id, Version = _number } : new OrderClosed { OrderId = order.Id, Version = _number };
            case 4 when Any(_orders, d, out var order):
                return new OrderReopened { OrderId = order.Id, Version = _number, Amount = amount, Currency = Eur, ShipOn = Today };
            case 5 or 6 when Any(_orders, d, out var order):
                Open(_deliveries, "D", amount = d.Choice < 4 ? order.Amount : Math.Max(1, order.Amount / 2), out var delivered);
                return new DeliveryPosted { DeliveryId = delivered, OrderId = d.Choice == 11 ? "" : order.Id, Amount = amount, Currency = Eur, ShippedOn = Today, Final = d.Choice == 5 };
            case 7 when Any(_deliveries, d, out var delivery):
                return new DeliveryReversed { ReversalId = "V" + _number, DeliveryId = delivery.Id, Amount = Math.Max(1, delivery.Amount / (1 + d.Choice % 2)), Currency = Eur };
            case 8 when Any(_deliveries, d, out var delivery):
                return new ReturnReceived { ReturnId = "R" + _number, DeliveryId = delivery.Id, Amount = Math.Max(1, delivery.Amount / 3), Currency = Eur, ReceivedOn = Today, InvoiceId = d.Choice == 0 ? "I1" : "" };
            case 9 or 10 when Any(_deliveries, d, out var delivery):
                return Posted(d, delivery.Amount + d.Choice % 3 - 1, new InvoiceLink { DeliveryId = delivery.Id, Amount = delivery.Amount });
            case 11 when Any(_orders, d, out var order):
                return Posted(d, amount, new InvoiceLink { OrderId = order.Id, Amount = Math.Max(1, order.Amount / 2) });
            case 12:
                return Posted(d, amount, null);
            case 13 when Any(_deliveries, d, out var delivery):
                Open(_items, "I", delivery.Amount, out var billed);
                return new InvoiceBilled { InvoiceId = billed, Amount = delivery.Amount, Currency = Eur, Links = [new InvoiceLink { DeliveryId = delivery.Id, Amount = delivery.Amount }] };
            case 14 when Any(_items, d, out var item):
                return new InvoiceCancelled { InvoiceId = item.Id, Restores = item.Amount % 3 == 0 ? Restores.Nothing : Restores.Delivery };
            case 15 when Any(_items, d, out var item):
                return new InvoiceDueDateChanged { InvoiceId = item.Id, DueOn = Today - 40 + d.Choice * 7, Kind = d.Choice % 2 == 0 ? DueDateKind.Extension : DueDateKind.Correction };
            case 16 or 17:
                // Cash that names an order, mostly as much as the order is worth.
                var names = d.Choice is 6 or 7 && Any(_orders, d, out var named) ? named : default;
                Open(_sources, "P", amount = d.Choice == 6 && names.Amount > 0 ? names.Amount : amount, out var paid);
                return new PaymentReceived { PaymentId = paid, Amount = amount, Currency = Eur, ValueOn = Today - d.Choice, Cleared = d.Choice % 2 == 0, OrderId = names.Id ?? "" };
            case 18 when Any(_items, d, out var item):
                Open(_sources, "K", amount, out var note);
                return new CreditNoteIssued { CreditNoteId = note, Amount = amount, Currency = Eur, IssuedOn = Today, InvoiceId = d.Choice % 3 == 0 ? "" : item.Id };
            case 19:
                Open(_sources, "N", amount, out var taken);
                return new AcceptanceReceived { AcceptanceId = taken, Amount = amount, Currency = Eur, Kind = AcceptanceKind.BankAcceptance, ReceivedOn = Today, MaturesOn = Today + 90 };
            case 20 or 21 when Any(_items, d, out var item) && Any(_sources, d, out var source):
                _allocations.Add("A" + _number);
                return new PaymentAllocated
                {
                    AllocationId = "A" + _number, FromId = source.Id, AllocatedOn = Today - d.Choice,
                    Items = [new AllocationItem { ItemId = item.Id, Amount = d.Amount % 2 == 0 ? item.Amount : Math.Max(1, source.Amount / 2), DiscountTaken = d.Choice % 4 == 0 ? 2 : 0 }],
                };
            case 22 when _allocations.Count > 0:
                return new PaymentDeallocated { AllocationId = _allocations[d.Which % _allocations.Count] };
            case 23 when Any(_sources, d, out var source):
                return SourceDeed(d, source);
            case 24 when Any(_sources, d, out var source):
                return new PaymentRefunded { RefundId = "F" + _number, FromId = source.Id, Amount = Math.Max(1, source.Amount / 2), Currency = Eur };
            case 25 when Any(_items, d, out var item):
                _writeOffs.Add("W" + _number);
                return new WriteOffPosted { WriteOffId = "W" + _number, Items = [new WriteOffItem { ItemId = item.Id, Amount = Math.Max(1, item.Amount / 2) }] };
            case 26 when _writeOffs.Count > 0:
                return new WriteOffReversed { WriteOffId = _writeOffs[d.Which % _writeOffs.Count] };
            case 27 when Any(_items, d, out var item):
                _disputes.Add("X" + _number);
                return new DisputeOpened { DisputeId = "X" + _number, ItemId = item.Id, Amount = Math.Max(1, item.Amount / 2), Currency = Eur, OpenedOn = Today - d.Choice };
            case 28 when d.Choice < 6 && _disputes.Count > 0:
                return new DisputeClosed { DisputeId = _disputes[d.Which % _disputes.Count], Outcome = DisputeOutcome.Invalid, ClosedOn = Today };
            case 28:
                return new ExternalExposureReported { System = "s" + d.Which % 2, Amount = amount, Currency = Eur, AsOn = Today - d.Choice };
            case 29 when d.Choice < 8 && Any(_items, d, out var item):
                _plans.Add("L" + _number);
                return new PlanAgreed
                {
                    PlanId = "L" + _number, Items = [item.Id], Currency = Eur, CrossDefault = d.Which == 0,
                    Instalments = [new Instalment { DueOn = Today - 8 + d.Choice * 2, Amount = Math.Max(1, item.Amount / 2) }, new Instalment { DueOn = Today + 20, Amount = Math.Max(1, item.Amount / 2) }],
                };
            case 29 when _plans.Count > 0:
                return new PlanEnded { PlanId = _plans[d.Which % _plans.Count], Outcome = (PlanOutcome)(1 + d.Choice % 3) };
            default:
                return null;
        }
    }

    /// <summary>One of the last payments comes back.</summary>
    internal Fact? Bounced(Deed d) => FactOf(d, Any(_sources.FindAll(s => s.Id[0] == 'P'), d, out var payment) ? new PaymentReturned { PaymentId = payment.Id, ReturnedOn = 1 } : null);

    private InvoicePosted Posted(Deed d, long amount, InvoiceLink? link)
    {
        Open(_items, "I", Math.Max(1, amount), out var id);
        return new InvoicePosted { InvoiceId = id, Amount = Math.Max(1, amount), Currency = Eur, IssuedOn = Today - d.Choice, DueOn = Today - 45 + d.Choice * 8, Links = link is null ? [] : [link] };
    }

    private static Fact SourceDeed(Deed d, (string Id, long Amount) source) => (source.Id[0], d.Choice % 3) switch
    {
        ('N', 0) => new AcceptanceHonoured { AcceptanceId = source.Id, PaidOn = 1 },
        ('N', 1) => new AcceptanceDishonoured { AcceptanceId = source.Id, On = 1 },
        ('N', _) => new AcceptanceTransferred { AcceptanceId = source.Id, How = TransferHow.Endorsed, Recourse = d.Which % 2 == 0 },
        (_, 0) => new PaymentReturned { PaymentId = source.Id, ReturnedOn = 1 },
        _ => new PaymentCleared { PaymentId = source.Id, ClearedOn = 1 },
    };

    private void Open(List<(string, long)> documents, string kind, long amount, out string id) => documents.Add((id = kind + _number, amount));

    private static bool Any(List<(string Id, long Amount)> documents, Deed d, out (string Id, long Amount) found)
    {
        found = documents.Count == 0 ? default : documents[(documents.Count - 1 - d.Which % Math.Min(4, documents.Count) + documents.Count) % documents.Count];
        return documents.Count > 0;
    }
}
