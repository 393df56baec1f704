using ExposureMonitor.Domain;
using Xunit;
using Xunit.Abstractions;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests.Laws;

/// <summary>The laws of approvals, holds and releases, asked of the published figures, never of the code that decided.</summary>
public sealed class DecisionLaws(ITestOutputHelper output)
{
    private const int Horizon = 60;

    private static readonly int[] Scarce = [0, 0, 0, 1, 1, 2, 3, 5, 12, 16, Narrator.Facts, Narrator.Facts + 1, Narrator.Facts + 8, 16, 16];

    private readonly Met _met = new();

    private void ForAll(int cases, Action<List<Deed>> law) => Deed.ForAll(cases, Life.Kinds, law, () => output.WriteLine(_met.ToString()));

    /// <summary>S(h): the exposure, also below zero.</summary>
    private static long SumOf(AccountFigures f) => f.Gross - f.CreditBalance;

    [Fact]
    public void No_approval_that_the_limit_steps_forbid_without_an_excuse_that_is_true()
    {
        ForAll(500, deeds =>
        {
            var witness = new Witness(_met);
            var life = new Life { Before = witness.Before, After = witness.After };
            witness.Desk = life.Desk;
            deeds.ForEach(life.Do);
        });
        _met.AtLeast(20, "check approved", "order approved", "released by rule", "Reserved", "Unlimited", "beyond the horizon");
        _met.AtLeast(3, "exactly at the limit", "Grace", "by the limit that is good once", "Prepaid");
    }

    /// <summary>Histories that failed once.</summary>
    [Fact]
    public void A_grace_that_was_passed_by_stays_true()
    {
        var witness = new Witness(_met);
        var life = new Life { Before = witness.Before, After = witness.After };
        witness.Desk = life.Desk;
        List<Deed> deeds =
        [
            new(1, 5, 0, 0), new(33, 3, 7, 1), new(1, 0, 6, 3), new(4, 3, 6, 8), new(7, 0, 4, 3), new(13, 0, 3, 8), new(8, 2, 5, 10), new(19, 5, 0, 7), new(5, 1, 7, 11),
            new(8, 6, 3, 1), new(1, 2, 3, 2), new(39, 0, 4, 8), new(12, 4, 0, 1), new(42, 1, 7, 1), new(18, 6, 3, 6), new(40, 6, 5, 1), new(28, 6, 4, 9), new(4, 4, 7, 10),
        ];
        deeds.ForEach(life.Do);
    }

    [Fact]
    public void A_check_is_good_for_five_days_from_its_own_moment()
    {
        var witness = new Witness(_met);
        var life = new Life { Before = witness.Before, After = witness.After };
        witness.Desk = life.Desk;
        List<Deed> deeds = [new(30, 3, 3, 1), new(1, 1, 2, 2), new(2, 4, 6, 4), new(28, 1, 3, 7), new(30, 1, 3, 2), new(40, 4, 2, 0)];
        deeds.ForEach(life.Do);
    }

    [Fact]
    public void An_order_of_a_later_moment_than_the_check_behind_it_is_good_for_longer()
    {
        var witness = new Witness(_met);
        var life = new Life { Before = witness.Before, After = witness.After };
        witness.Desk = life.Desk;
        List<Deed> deeds = [new(30, 0, 1, 3), new(0, 3, 7, 11), new(40, 1, 0, 7), new(11, 6, 8, 4), new(30, 1, 5, 4), new(40, 4, 8, 6)];
        deeds.ForEach(life.Do);
    }

    [Fact]
    public void A_clock_that_a_late_report_has_set_does_not_go_back_for_the_order_behind_it()
    {
        var witness = new Witness(_met);
        var life = new Life { Before = witness.Before, After = witness.After };
        witness.Desk = life.Desk;
        List<Deed> deeds = [new(33, 3, 1, 1), new(28, 5, 4, 7), new(39, 0, 10, 3), new(30, 1, 5, 7), new(31, 5, 8, 2), new(32, 2, 3, 4), new(42, 4, 1, 2), new(40, 4, 2, 11)];
        deeds.ForEach(life.Do);
    }

    /// <summary>Remembers what an excuse may name, and what stood before each entry.</summary>
    private sealed class Witness(Met met)
    {
        private readonly Dictionary<string, string> _named = [];
        private readonly Dictionary<string, (Instant Until, long Value)> _released = [], _passed = [];
        private AccountFigures _before;
        private AccountDetail _detail = new();
        private long _once;
        private Instant _clock;

        internal Desk Desk { get; set; } = null!;

        internal void Before(Fact fact)
        {
            (_before, _detail, _once) = (Desk.Figures, Desk.Detail, Once());
            // The clock of events is the latest moment that any fact has told, and never goes back.
            foreach (var moment in (Instant[])[fact.Time, Desk.Now]) if (moment > _clock) _clock = moment;
            if (fact is PaymentReceived { OrderId.Length: > 0 } named) _named[named.PaymentId] = named.OrderId;
        }

        /// <summary>The largest limit that is good for one approval.</summary>
        private long Once() => Desk.Book.LimitDetail(0).Temporary.Where(t => t is { Once: true, Consumed: false, Ended: false }).Select(t => t.Amount).DefaultIfEmpty().Max();

        internal void After(Fact fact, Outcome outcome, IReadOnlyList<Effect> effects)
        {
            if (fact is TemporaryLimitGranted { Once: true } granted) _once = Math.Max(_once, granted.Amount);
            foreach (var effect in effects)
            {
                if (effect is HoldChanged { Step: HoldChanged.Released } released) _released[released.OrderId] = (released.ValidUntil, released.ValueCap);
                if (effect is not CheckDecided { Decision: Verdict.Approved or Verdict.ApprovedWithWarnings } approved) continue;
                if (approved.Excuse != "Grace") Assert.DoesNotContain(approved.Reasons, r => r.Reaction >= Reaction.Hold);
                if (approved.Excuse.Length > 0) Excused(fact, approved);
                if (approved is { OrderId.Length: > 0, Excuse: not "Grace" } && fact is not CheckCredit { Checkpoint: Checkpoint.Accept }) Remember(approved);
                if (fact is CheckCredit { Checkpoint: Checkpoint.Accept } check) Question(check, approved);
            }

            if (fact is not CheckCredit { Checkpoint: Checkpoint.Accept }) Orders(effects);
        }

        /// <summary>At the prefix just before it, the question fits.</summary>
        private void Question(CheckCredit check, CheckDecided approved)
        {
            met.Note("check approved");
            if (approved.Excuse == "Unlimited") return;
            var doc = check.ShipOn <= Desk.Book.Today + Horizon ? check.Amount : 0;
            met.Note("beyond the horizon", doc == 0);
            Fits(Math.Max(0, SumOf(_before) + doc), _before.Limit);
        }

        /// <summary>Behind the last approval or release of an entry that names no excuse, everything fits.</summary>
        private void Orders(IReadOnlyList<Effect> effects)
        {
            var last = effects.LastOrDefault(e => e is CheckDecided { Decision: Verdict.Approved or Verdict.ApprovedWithWarnings, OrderId.Length: > 0 }
                or HoldChanged { Step: HoldChanged.Released });
            if (last is CheckDecided { Excuse: "" })
            {
                met.Note("order approved");
                Fits(Desk.Figures.Gross, Desk.Figures.Limit);
            }

            if (last is not HoldChanged { Approver: "", Reserved: 0 } released || _named.ContainsValue(released.OrderId) || Desk.Figures.LimitKind == LimitKind.Unlimited) return;
            met.Note("released by rule");
            Fits(Desk.Figures.Gross, Desk.Figures.Limit);
        }

        private void Fits(long after, long limit)
        {
            met.Note("exactly at the limit", after == limit);
            met.Note("by the limit that is good once", after > limit);
            Assert.True(after <= Math.Max(limit, _once), $"{after} was approved under a limit of {limit}, {_once} once");
        }

        private void Remember(CheckDecided approved) =>
            _passed[approved.OrderId] = (_clock.Plus(5 * Instant.Day), Desk.Detail.Orders.Find(o => o.OrderId == approved.OrderId) is { } o ? o.Undelivered + o.Delivered : 0);

        private void Excused(Fact fact, CheckDecided approved)
        {
            met.Note(approved.Excuse);
            switch (approved.Excuse)
            {
                case "Unlimited":
                    Assert.Equal(LimitKind.Unlimited, Desk.Figures.LimitKind);
                    break;
                case "Reserved":
                    var named = fact is OrderPlaced placed ? placed.ReservationId : "";
                    Assert.Contains(_detail.Reservations, r => (r.OrderId == approved.OrderId || r.ReservationId == named) && r.Amount >= approved.Amount);
                    break;
                case "Prepaid":
                    var ids = _named.Where(n => n.Value == approved.OrderId).Select(n => n.Key).ToHashSet();
                    Assert.True(Desk.Detail.Credits.Where(c => ids.Contains(c.Id) && c is { Cleared: true, Returned: false }).Sum(c => c.Unallocated) >= approved.Amount, "cash in hand does not cover it");
                    break;
                case "Grace":
                    bool IsGood(Dictionary<string, (Instant Until, long Value)> told) => told.TryGetValue(approved.OrderId, out var good) && _clock < good.Until && approved.Amount <= good.Value;
                    Assert.True(IsGood(_released) || IsGood(_passed), $"no release and no passed check of {approved.OrderId} is good");
                    break;
                default:
                    Assert.Fail($"nobody knows the excuse '{approved.Excuse}'");
                    break;
            }
        }
    }

    [Fact]
    public void Every_hold_has_a_reason_that_stands_and_nobody_who_is_cured_is_left_on_hold()
    {
        ForAll(400, deeds =>
        {
            Desk? desk = null;
            var life = new Life
            {
                After = (_, outcome, _) =>
                {
                    // A minute that is over is told by a timer; between two facts it may still be due.
                    if (outcome.Kind != OutcomeKind.Applied || desk!.Book.NextDeadline <= desk.Now || desk.Book.SweepPending) return;
                    foreach (var hold in desk.Detail.Holds)
                    {
                        Assert.NotEmpty(hold.Reasons);
                        _met.Note("held");
                        _met.Note("forced", hold.Forced);
                        _met.Note("by a returned payment", hold.Reasons.Any(r => r.Rule == "PAYMENT_RETURNED"));
                        var stands = hold.Forced || hold.Reasons.Any(r => r.StillValid);
                        var dwells = hold.Reasons.Any(r => !r.StillValid && r.Rule is "110" or "PLAN_BROKEN" && r.CuredAt.Plus(60 * Instant.Second) > desk.Now);
                        _met.Note("dwells", !stands && dwells);
                        Assert.True(stands || dwells, $"{hold.OrderId} is held for nothing: {string.Join(", ", hold.Reasons.Select(r => r.Rule))}");
                    }
                },
            };
            desk = life.Desk;
            deeds.ForEach(life.Do);
        });
        _met.AtLeast(20, "held", "forced");
        _met.AtLeast(3, "by a returned payment", "dwells");
    }

    [Fact]
    public void Cured_holds_are_released_in_the_stated_order_and_only_who_does_not_fit_is_passed_over()
    {
        ForAll(500, deeds =>
        {
            var (desk, placed, once, before) = ((Desk?)null, new List<string>(), false, new AccountDetail());
            var life = new Life
            {
                Before = fact =>
                {
                    if (fact is OrderPlaced order) placed.Add(order.OrderId);
                    (before, once) = (desk!.Detail, desk.Book.LimitDetail(0).Temporary.Any(t => t is { Once: true, Consumed: false }));
                },
                After = (fact, _, effects) =>
                {
                    var released = effects.OfType<HoldChanged>().Where(h => h is { Step: HoldChanged.Released, Approver: "" }).ToList();
                    if (released.Count == 0 || fact is SweepDue || released.Exists(r => r.Reserved > 0)) return;
                    var orders = desk!.Detail.Orders.ToDictionary(o => o.OrderId);
                    (int, int, int) Turn(string id) => (orders[id].Priority, orders[id].ShipOn, placed.IndexOf(id));
                    var turns = released.Where(r => orders.ContainsKey(r.OrderId)).Select(r => Turn(r.OrderId)).ToList();
                    _met.Note("several released", turns.Count > 1);
                    Assert.Equal(turns.Order(), turns);
                    if (once || effects.Any(e => e is CheckDecided)) return;
                    foreach (var hold in desk.Detail.Holds.Where(h => !h.Forced && h.Reasons.TrueForAll(r => r.Rule == "030")))
                    {
                        var behind = released.Where(r => orders.ContainsKey(r.OrderId) && Turn(r.OrderId).CompareTo(Turn(hold.OrderId)) > 0 && Inside(r.OrderId)).Sum(r => r.Amount);
                        if (behind == 0) continue;
                        _met.Note("passed over");
                        var atItsTurn = SumOf(desk.Figures) - behind + (Inside(hold.OrderId) ? hold.Amount : 0);
                        Assert.True(Math.Max(0, atItsTurn) > desk.Figures.Limit, $"{hold.OrderId} of {hold.Amount} fitted at its turn");
                    }

                    bool Inside(string id) => orders[id].ShipOn <= desk.Book.Today + Horizon;
                },
            };
            desk = life.Desk;
            // Orders that wait, and what frees headroom for some of them.
            foreach (var deed in deeds)
            {
                var kind = Scarce[deed.Kind % Scarce.Length];
                life.Do(deed with { Kind = kind, Choice = kind == 16 ? 8 : deed.Choice });
            }
        });
        _met.AtLeast(20, "several released", "passed over");
    }
}

/// <summary>What lists of reasons are asked.</summary>
file static class Reasons
{
    internal static bool TrueForAll(this IReadOnlyList<HoldReason> reasons, Func<HoldReason, bool> holds) => reasons.All(holds);
}
