using ExposureMonitor.Domain;
using Xunit;
using Xunit.Abstractions;

namespace ExposureMonitor.Domain.Tests.Laws;

/// <summary>
/// The whole catalogue over made-up years of trade: crashes, duplicates and shuffles lose no signal and make none, and every id is the same at
/// each replay. <c>EXPOSURE_LAWS=20</c> tries twenty times as many.
/// </summary>
public sealed class CatalogueLaws(ITestOutputHelper output)
{
    private static readonly int Cases = 12 * (int.TryParse(Environment.GetEnvironmentVariable("EXPOSURE_LAWS"), out var times) ? times : 1);

    [Fact]
    public void Crashes_and_duplicates_lose_no_signal_and_make_none()
    {
        var met = new Met();
        for (var seed = 1; seed <= Cases; seed++)
        {
            var (straight, again) = (new Trade(seed), new Trade(seed));
            straight.Run(crashes: false);
            again.Run(crashes: true);
            var told = Told(straight.Desk);
            Assert.Equal(told, Told(again.Desk));
            Assert.Equal(straight.Desk.Figures.RiskState, again.Desk.Figures.RiskState);
            var standing = new HashSet<string>();
            foreach (var signal in straight.Desk.History.OfType<SignalChanged>().Where(s => !s.Flapping && s.State != SignalChanged.LateCorrection && s.Indicator != "RULES"))
            {
                met.Note(signal.Indicator);
                // Raised once; what ends was raised; what flaps ends under the id of its digest.
                if (signal.State == SignalChanged.Raised) Assert.True(standing.Add(signal.SignalId), signal.SignalId);
                else met.Note("ended", standing.Contains(signal.SignalId));
            }

            foreach (var change in straight.Desk.History.OfType<RiskStateChanged>()) met.Note(change.After.ToString());
        }

        output.WriteLine(met.ToString());
        met.AtLeast(1, "EW-05", "EW-08", "EW-09", "EW-15", "EW-20", "EW-21", "EW-23", "EW-31", "EW-32", "EW-33", "EW-34", "EW-35", "EW-42", "Warning", "Restricted", "ended");
    }

    [Fact]
    public void Any_order_of_arrival_within_the_window_leaves_the_same_dated_signals()
    {
        var met = new Met();
        for (var seed = 1; seed <= 4 * Cases; seed++)
        {
            var (tale, last) = TaleOf(seed);
            var expected = Tale.Standing(tale.Told(), IsDated);
            foreach (var signal in expected) met.Note(signal[..5]);
            for (var shuffle = 1; shuffle <= 2; shuffle++)
            {
                var found = Tale.Standing(tale.Told(seed * 100 + shuffle), IsDated);
                Assert.True(expected.SequenceEqual(found), $"seed {seed}, shuffle {shuffle}, {last} days: {string.Join(", ", expected)} / {string.Join(", ", found)}");
            }
        }

        output.WriteLine(met.ToString());
        met.AtLeast(1, "EW-20", "EW-21", "EW-26", "EW-29", "EW-31", "EW-34", "EW-40");
    }

    private static bool IsDated(string indicator) => indicator is "EW-20" or "EW-21" or "EW-26" or "EW-29" or "EW-31" or "EW-34" or "EW-39" or "EW-40";

    /// <summary>Two years of invoices, paid as the dice say, with what may go wrong.</summary>
    private static (Tale Tale, int Days) TaleOf(int seed)
    {
        var (tale, dice, day) = (new Tale(), new Random(seed), 60);
        var (habit, count) = (dice.Next(8), 30 + dice.Next(30));
        for (var i = 0; i < count; i++)
        {
            day += 1 + dice.Next(6);
            var isLast = i > count - 8;
            var late = habit + dice.Next(4) + (isLast && dice.Next(2) == 0 ? dice.Next(40) : 0);
            var invoice = tale.Invoice(day - late - 30, day - late, discountBp: habit < 4 ? 200 : 0);
            var takes = habit < 4 && !(isLast && seed % 2 == 0);
            var on = day;
            if (isLast && seed % 3 == 0) tale.Pay(invoice, on, 20_000);
            else tale.Pay(invoice, on, takes ? 49_000 : 50_000, takes ? 1_000 : 0);
            var (paid, id) = (tale.LastAllocation, i);
            switch (dice.Next(isLast ? 8 : 60))
            {
                case 0:
                    tale.On(on + 1, () => new PaymentDeallocated { AllocationId = paid, Reason = "wrong customer" });
                    break;
                case 1:
                    tale.On(on + 2, () => new PaymentReturned { PaymentId = "P" + paid[1..], ReturnedOn = Tale.Start + on + 2, Reason = "no funds" });
                    break;
                case 2:
                    tale.On(on, () => new DisputeOpened { DisputeId = "X" + id, ItemId = invoice, Amount = 10, Currency = Desk.Eur, Reason = "price", OpenedOn = Tale.Start + on });
                    break;
                case 3:
                    tale.On(on, () => new CreditNoteIssued { CreditNoteId = "C" + id, Amount = 90_000, Currency = Desk.Eur, IssuedOn = Tale.Start + on, Reason = "goodwill" });
                    break;
            }
        }

        return (tale, day);
    }

    private static List<string> Told(Desk desk) =>
        [.. desk.History.OfType<SignalChanged>().Select(s => $"{s.State} {s.SignalId} {s.Severity} {s.Value} {s.BaselineCount} {s.BaselineMedian} {s.BaselineMad}")];

    /// <summary>A customer over a year, by a seed.</summary>
    private sealed class Trade(int seed)
    {
        private readonly Random _dice = new(seed);
        private readonly List<(string Item, int Due)> _open = [];
        private readonly List<string> _payments = [];
        private int _number;

        internal Desk Desk { get; } = new(limit: 5_000_000, day: "2026-01-05", since: Desk.On("2026-01-01"));

        internal void Run(bool crashes)
        {
            var start = Desk.Book.Today;
            for (var day = start + 1; day < start + 380; day++)
            {
                Desk.Day(Tale.Text(day));
                for (var deeds = _dice.Next(4); deeds > 0; deeds--)
                {
                    var facts = Deed(day, day > start + 250);
                    foreach (var fact in facts)
                    {
                        Desk.Tell(fact);
                        if (!crashes) continue;
                        // The same event again, and a crash: neither leaves a trace.
                        var again = Desk.History.Count;
                        if (fact is not Command) Desk.Tell(fact);
                        Assert.Equal(again, Desk.History.Count);
                    }
                }

                if (crashes && day % 17 == 0) Desk.Restart();
                Desk.Wait(3_600);
            }
        }

        private List<Fact> Deed(int day, bool trouble)
        {
            var id = ++_number;
            switch (_dice.Next(trouble ? 14 : 8))
            {
                case 0 or 1 or 2:
                    return [new OrderPlaced { OrderId = "O" + id, Amount = 1_000 + _dice.Next(9) * 1_000 + (trouble ? _dice.Next(3) * 700_000 : 0), Currency = Desk.Eur, OrderedOn = day, ShipOn = day + 5 }];
                case 3 or 4:
                    _open.Add(("I" + id, day + 30));
                    return [new InvoicePosted { InvoiceId = "I" + id, Amount = 60_000, Currency = Desk.Eur, IssuedOn = day, DueOn = day + 30, DiscountBp = 200, DiscountOn = day + 10 }];
                case 5 or 6 or 7:
                    return Pay(day, id, trouble ? 25 : 0);
                case 8 when _payments.Count > 0:
                    var payment = _payments[_dice.Next(_payments.Count)];
                    return [new PaymentReturned { PaymentId = payment, ReturnedOn = day - _dice.Next(4), Reason = "no funds" }];
                case 9 when _open.Count > 0:
                    return [new DisputeOpened { DisputeId = "X" + id, ItemId = _open[0].Item, Amount = 100, Currency = Desk.Eur, Reason = "price", OpenedOn = day }];
                case 10 when _open.Count > 0:
                    return [new PromiseMade { PromiseId = "W" + id, Amount = 60_000, Currency = Desk.Eur, PromisedOn = day + 3, Items = [_open[0].Item], MadeBy = "lee" },
                        new DunningSent { DunningId = "D" + id, Items = [_open[0].Item], Level = 1 + _dice.Next(4), SentOn = day }];
                case 11:
                    return [new RatingReceived { Agency = "SP", Value = _dice.Next(2) == 0 ? "BBB" : "BB", RatedOn = day }];
                case 12:
                    return [new ExternalSignalReceived { SignalId = "N" + id, Kind = _dice.Next(2) == 0 ? ExternalSignalKind.TermsRequest : ExternalSignalKind.Tax, Severity = Severity.Medium, HappenedOn = day }];
                case 13:
                    return [new CreditNoteIssued { CreditNoteId = "C" + id, Amount = 5_000, Currency = Desk.Eur, IssuedOn = day, Reason = "goodwill" }];
                default:
                    return [];
            }
        }

        private List<Fact> Pay(int day, int id, int late)
        {
            var at = _open.FindIndex(o => o.Due + late <= day);
            if (at < 0) return [];
            var item = _open[at].Item;
            _open.RemoveAt(at);
            _payments.Add("P" + id);
            return [new PaymentReceived { PaymentId = "P" + id, Amount = 60_000, Currency = Desk.Eur, ValueOn = day, Method = PaymentMethod.Transfer, PayerAccount = "A" + _dice.Next(2), Cleared = _dice.Next(2) == 0 },
                new PaymentAllocated { AllocationId = "A" + id, FromId = "P" + id, AllocatedOn = day, Items = [new AllocationItem { ItemId = item, Amount = 60_000 }] }];
        }
    }
}
