using ExposureMonitor.Domain;
using Xunit;
using Xunit.Abstractions;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests.Laws;

/// <summary>
/// The laws of an account, as properties over made-up histories; each counts the situations that it met. A failure prints its
/// seed and the shortest history that still fails. <c>EXPOSURE_LAWS=20</c> tries twenty times as many.
/// </summary>
public sealed class AccountLaws(ITestOutputHelper output)
{
    private readonly Met _met = new();

    private void ForAll(int cases, int kinds, Action<List<Deed>> law) => Deed.ForAll(cases, kinds, law, () => output.WriteLine(_met.ToString()));

    [Fact]
    public void Hand_over_conserves_value_and_every_change_of_it_has_a_name()
    {
        ForAll(400, Life.Kinds, deeds =>
        {
            var (desk, total, names) = ((Desk?)null, 0L, new Dictionary<string, long>());
            var life = new Life(limit: null)
            {
                After = (_, _, _) =>
                {
                    Assert.Null(desk!.Book.Unbalanced(0));
                    var (f, told) = (desk.Figures, desk.Detail.Residues.ToDictionary(r => r.Name.ToString(), r => r.Amount));
                    var now = f.OrdersInside + f.OrdersOutside + f.Held + f.Delivered + f.Billed + f.Receivables + f.Acceptances + f.PaymentsAtRisk + f.Reserved + f.External - f.Unapplied;
                    Assert.Equal(now - total, told.Values.Sum() - names.Values.Sum());
                    foreach (var name in told.Keys) _met.Note(name);
                    _met.Note("negative", now < 0);
                    (total, names) = (now, told);
                    long[] components = [f.OrdersInside, f.OrdersOutside, f.Held, f.Delivered, f.Billed, f.Receivables, f.Acceptances, f.PaymentsAtRisk, f.Unapplied, f.Reserved, f.External];
                    Assert.DoesNotContain(components, c => c < 0);
                },
            };
            desk = life.Desk;
            deeds.ForEach(life.Do);
        });
        _met.AtLeast(20, "OverDelivery", "ShortClose", "PriceDifference", "DiscountTaken", "WrittenOff", "Returned", "Cancelled", "Refunded", "Paid", "Credited", "negative");
    }

    [Fact]
    public void No_path_that_adds_to_an_accepted_order_passes_the_check_by()
    {
        ForAll(400, Life.Kinds, deeds =>
        {
            var (desk, before) = ((Desk?)null, new Dictionary<string, long>());
            var life = new Life
            {
                Before = _ => before = desk!.Detail.Orders.ToDictionary(o => o.OrderId, o => o.Undelivered),
                After = (fact, _, effects) =>
                {
                    foreach (var order in desk!.Detail.Orders)
                    {
                        if (order.State != OrderState.Accepted || order.Undelivered <= before.GetValueOrDefault(order.OrderId)) continue;
                        Assert.Contains(effects, e => e is CheckDecided { Decision: Verdict.Approved or Verdict.ApprovedWithWarnings } decided && decided.OrderId == order.OrderId
                            || e is HoldChanged { Step: HoldChanged.Released } released && released.OrderId == order.OrderId);
                        _met.Note("grew by " + fact.GetType().Name);
                    }
                },
            };
            desk = life.Desk;
            deeds.ForEach(life.Do);
        });
        _met.AtLeast(20, "grew by OrderPlaced", "grew by OrderChanged");
        _met.AtLeast(3, "grew by OrderReopened", "grew by DeliveryReversed", "grew by InvoiceCancelled");
    }

    [Fact]
    public void Applying_any_prefix_twice_is_applying_it_once()
    {
        ForAll(300, Narrator.Facts + 1, deeds =>
        {
            var told = Told(deeds, out var cut);
            var desk = new Desk();
            foreach (var fact in Shuffled(told, cut)) _met.Note(desk.Tell(Copy(fact)).Kind.ToString());
            var once = Shape(desk);
            foreach (var fact in Shuffled(told, cut).Take(cut))
            {
                // Once by the window of event ids, once by the documents themselves.
                Assert.Equal(OutcomeKind.Duplicate, desk.Tell(Copy(fact)).Kind);
                var other = Copy(fact);
                other.EventId += "~";
                var again = desk.Tell(other).Kind;
                Assert.NotEqual(OutcomeKind.ConflictingDuplicate, again);
                _met.Note("again " + again);
            }

            Assert.Equal(once, Shape(desk));
        });
        _met.AtLeast(20, "Applied", "Parked", "again Duplicate", "again Superseded");
    }

    [Fact]
    public void Any_permitted_order_of_arrival_ends_equal()
    {
        ForAll(1_000, Narrator.Facts, deeds =>
        {
            var told = Told(deeds, out var seed);
            var (straight, shuffled, parked) = (new Desk(), new Desk(), 0);
            foreach (var fact in told) straight.Tell(Copy(fact));
            var order = Shuffled(told, seed);
            for (var i = 0; i < order.Count; i++)
            {
                if (shuffled.Tell(Copy(order[i])).Kind == OutcomeKind.Parked) parked++;
                if (i == order.Count / 2) shuffled.Restart();
            }

            _met.Note("waited", parked > 0);
            _met.Note("plan broken", straight.History.OfType<AuditNoted>().Any(n => n.Act == "plan.broken"));
            foreach (var mark in straight.Detail.Marks) _met.Note(mark.Mark);
            Assert.Equal(Shape(straight), Shape(shuffled));
        });
        _met.AtLeast(20, "waited", "plan broken", "OverAllocated", "HandedExcess");
    }

    [Fact]
    public void Rebuilt_from_zero_equals_snapshot_plus_tail_at_any_cut()
    {
        ForAll(300, Life.Kinds, deeds =>
        {
            var cut = deeds.Count == 0 ? 0 : deeds.Sum(d => d.Choice + d.Amount) % deeds.Count;
            var (straight, resumed) = (new Life(), new Life());
            for (var i = 0; i < deeds.Count; i++)
            {
                straight.Do(deeds[i]);
                resumed.Do(deeds[i]);
                if (i == cut) resumed.Desk.Restart();
            }

            _met.Note("held at the end", straight.Desk.Detail.Holds.Count > 0);
            _met.Note("reserved at the end", straight.Desk.Detail.Reservations.Count > 0);
            _met.Note("signals at the end", straight.Desk.Detail.Signals.Count > 0);
            Assert.Equal(Bytes(straight.Desk), Bytes(resumed.Desk));
            Assert.Equal(straight.Desk.History.Select(e => e.Kind), resumed.Desk.History.Select(e => e.Kind));
        });
        _met.AtLeast(20, "held at the end", "reserved at the end", "signals at the end");
    }

    [Fact]
    public void Buyer_and_company_are_labels_of_documents_the_payer_owes_it_all()
    {
        ForAll(200, Narrator.Facts + 1, deeds =>
        {
            var (plain, labelled, n) = (new Desk(limit: Narrator.Limit), new Desk(limit: Narrator.Limit), 0);
            foreach (var fact in Told(deeds, out _))
            {
                plain.Tell(Copy(fact));
                var other = Copy(fact);
                other.Company = "company-" + n++ % 3;
                if (other is OrderPlaced order) order.BuyerId = "buyer-" + n % 4;
                labelled.Tell(other);
            }

            _met.Note("held", plain.Detail.Holds.Count > 0);
            Assert.Equal(Shape(plain), Shape(labelled));
            Assert.Equal(plain.Figures, labelled.Figures);
            Assert.Equal(1, labelled.Book.AccountCount);
        });
        _met.AtLeast(20, "held");
    }

    [Fact]
    public void Ageing_buckets_are_the_open_items_by_their_days_and_add_up_to_the_receivables()
    {
        ForAll(400, Life.Kinds, deeds =>
        {
            Desk? desk = null;
            var life = new Life(limit: null)
            {
                After = (_, _, _) =>
                {
                    // Accounts that the sweep has not reached stand as of the day before.
                    if (desk!.Book.SweepPending) return;
                    var f = desk.Figures;
                    long[] buckets = [f.NotDue, f.Late30, f.Late60, f.Late90, f.Late180, f.LateMore], expected = new long[6];
                    foreach (var item in desk.Detail.Items)
                        expected[item.DaysPastDue <= 0 ? 0 : item.DaysPastDue <= 30 ? 1 : item.DaysPastDue <= 60 ? 2 : item.DaysPastDue <= 90 ? 3 : item.DaysPastDue <= 180 ? 4 : 5] += item.Open;
                    Assert.Equal(expected, buckets);
                    Assert.Equal(f.Receivables, buckets.Sum());
                    for (var i = 0; i < 6; i++) _met.Note("bucket " + i, buckets[i] > 0);
                },
            };
            desk = life.Desk;
            deeds.ForEach(life.Do);
        });
        _met.AtLeast(20, "bucket 0", "bucket 1", "bucket 2", "bucket 3");
    }

    [Fact]
    public void First_due_date_that_is_kept_is_that_of_the_first_open_item()
    {
        ForAll(400, Life.Kinds, deeds =>
        {
            Desk? desk = null;
            var life = new Life(limit: null)
            {
                After = (_, _, _) =>
                {
                    var book = desk!.Book;
                    for (var ledger = book.AccountCount == 0 ? 0 : book.Account(0).Ledger; ledger != 0; ledger = book.Ledgers[ledger].Next)
                    {
                        var currency = book.Ledgers[ledger].Currency.Code;
                        var due = desk.Detail.Items.Where(i => i.Currency == currency && i.Open > 0).Select(i => i.DueOn).Order().ToList();
                        Assert.Equal(due.Count == 0 ? null : due[0], book.FirstDueAfter(ledger, int.MinValue));
                        for (var i = 0; i < due.Count; i++) Assert.Equal(due.Where(d => d > due[i]).Select(d => (int?)d).FirstOrDefault(), book.FirstDueAfter(ledger, due[i]));
                        _met.Note("several", due.Count > 1);
                        _met.Note("past", due.Count > 0 && due[0] < book.Today);
                    }
                },
            };
            desk = life.Desk;
            deeds.ForEach(life.Do);
        });
        _met.AtLeast(20, "several", "past");
    }

    /// <summary>The facts of the deeds; a number that follows from them stands for a seed.</summary>
    private static List<Fact> Told(List<Deed> deeds, out int number)
    {
        var narrator = new Narrator(On("2026-03-02"));
        number = deeds.Count == 0 ? 0 : deeds.Sum(d => d.Which + 3 * d.Choice) % (deeds.Count + 1);
        return [.. deeds.Select(d => d.Kind < Narrator.Facts ? narrator.FactOf(d) : null).OfType<Fact>()];
    }

    private static List<Fact> Shuffled(List<Fact> facts, int seed)
    {
        var (list, state) = (facts.ToList(), unchecked((uint)seed * 2_654_435_761 + 1));
        for (var i = list.Count - 1; i > 0; i--)
        {
            state = unchecked(state * 1_664_525 + 1_013_904_223);
            var j = (int)(state % (uint)(i + 1));
            (list[i], list[j]) = (list[j], list[i]);
        }

        return list;
    }

    private static Fact Copy(Fact fact)
    {
        var buffer = new ByteBuffer();
        FactCodec.Write(fact, buffer);
        new FactCodec().Read(buffer.Written.ToArray(), out var copy);
        copy.Customer = fact.Customer;
        return copy;
    }

    private static byte[] Bytes(Desk desk)
    {
        var buffer = new ByteBuffer();
        desk.Book.WriteState(buffer);
        desk.Book.WriteAccount(0, buffer);
        return buffer.Written.ToArray();
    }

    /// <summary>What must not depend on the order of arrival: all components, O and H per order, every open item, each name of value.</summary>
    private static string Shape(Desk desk)
    {
        var (f, d) = (desk.Figures, desk.Detail);
        return string.Join('\n',
        [
            $"O+H {f.OrdersInside + f.OrdersOutside + f.Held} D {f.Delivered} B {f.Billed} R {f.Receivables} N {f.Acceptances} P {f.PaymentsAtRisk} U {f.Unapplied} V {f.Reserved} X {f.External}",
            $"oldest {f.OldestDays} late {f.DaysLate} {f.DaysLateClipped} items {f.OpenItems}",
            .. d.Orders.Select(o => $"{o.OrderId} {o.Ordered} {o.Delivered} {o.Undelivered} {o.DeliveredNotInvoiced} {o.ShipOn} {o.Version}"),
            .. d.Items.Select(i => $"{i.ItemId} {i.Open} {i.DueOn} {i.Disputed}"),
            .. d.Credits.Select(c => $"{c.Id} {c.Unallocated} {c.Cleared} {c.Returned}").Order(StringComparer.Ordinal),
            .. d.Residues.Select(r => $"{r.Name} {r.Amount}").Order(StringComparer.Ordinal),
            .. d.Marks.Where(m => m.Mark != "UNLINKED").Select(m => $"{m.Mark} {m.Document} {m.Amount}").Order(StringComparer.Ordinal),
        ]);
    }
}
