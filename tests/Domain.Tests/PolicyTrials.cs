using System.Globalization;
using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Drafts of a policy: what they would do today, what they would have done, and what stands against them.</summary>
public sealed class PolicyTrials
{
    private readonly Desk _desk = new(limit: 1_000);

    private static Policy Draft(params (string Name, long Value)[] told) => Policy.Create("p", long.MaxValue, Parameters(told), out _)!;

    private static List<PolicyParameter> Parameters(params (string Name, long Value)[] told) => [.. told.Select(t => new PolicyParameter { Name = t.Name, Value = t.Value.ToString(CultureInfo.InvariantCulture) })];

    private BookTrial Today(params (string Name, long Value)[] told)
    {
        var trial = new BookTrial();
        trial.Take(_desk.Book.Copy(), Draft(told));
        return trial;
    }

    [Fact]
    public void Copy_is_the_same_byte_for_byte()
    {
        _desk.Invoice("I1", 400);
        _desk.Order("O1", 900);
        var (before, after) = (new ByteBuffer(), new ByteBuffer());
        _desk.Book.WriteState(before);
        _desk.Book.WriteAccount(0, before);
        var copy = _desk.Book.Copy();
        copy.WriteState(after);
        copy.WriteAccount(0, after);
        Assert.Equal(before.Written.ToArray(), after.Written.ToArray());
        Assert.Equal(_desk.Book.NextDeadline, copy.NextDeadline);
    }

    [Fact]
    public void Moves_between_bands_are_those_that_the_approved_draft_makes()
    {
        _desk.Invoice("I1", 750);
        (string, long)[] draft = [("signal.01.step1", 4_000), ("signal.01.step2", 5_000), ("signal.01.step3", 7_000)];
        var trial = Today(draft);
        Assert.Equal((1, 0, 1), (trial.Before(Band.Within), trial.After(Band.Within), trial.After(Band.Critical)));
        Assert.Equal((1, 0), (trial.Moved(Band.Within, Band.Critical), trial.Moved(Band.Critical, Band.Critical)));
        Assert.Equal(1, trial.Customers);
        Assert.NotEqual(0, trial.SignalsRaised);
        Assert.Equal(Band.Within, BandSteps.Of(_desk.Book.Context.Policy).Of(_desk.Figures));
        _desk.Rules(draft);
        while (_desk.Book.SweepPending) _desk.Tell(new SweepDue { FromSlot = _desk.Book.SweepFrom });
        Assert.Equal(Band.Critical, BandSteps.Of(_desk.Book.Context.Policy).Of(_desk.Figures));
    }

    [Fact]
    public void Accepted_orders_that_a_check_would_hold_are_counted_and_stay_as_they_are()
    {
        _desk.Order("O1", 700);
        var trial = Today(("rule.7", 3), ("rule.7.shareBp", 5_000));
        var order = Assert.Single(trial.WouldHold.Largest);
        Assert.Equal(("O1", 700L), (order.OrderId, order.Amount));
        Assert.Contains("R7", order.Rules.Split(' '));
        Assert.Equal((1, 0, 0), (trial.WouldHold.Count, trial.WouldFree.Count, trial.ReleasedAtOnce));
        Assert.Equal(OrderState.Accepted, _desk.StateOf("O1"));
        Assert.Equal(0, Today().WouldHold.Count);
    }

    [Fact]
    public void Held_orders_that_a_draft_frees_are_named_and_those_that_a_person_holds_are_not()
    {
        _desk.Order("O1", 1_100);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O1"));
        var trial = Today(("ceilingBp", 12_000));
        var order = Assert.Single(trial.WouldFree.Largest);
        Assert.Equal(("O1", "030"), (order.OrderId, order.Rules));
        Assert.Equal(1, trial.ReleasedAtOnce);
        Assert.Equal(OrderState.OnHold, _desk.StateOf("O1"));
        _desk.Tell(new ForceHold { OrderId = "O1", Reason = "fraud", Actor = "ann" });
        Assert.Equal(0, Today(("ceilingBp", 12_000)).WouldFree.Count);
    }

    [Fact]
    public void Back_test_tells_which_holds_a_draft_would_have_added_and_what_would_not_have_been_lost()
    {
        var test = new BackTest(Draft(("rule.6", 3), ("rule.6.amount", 500)));
        var (from, start) = (_desk.Now, _desk.Book.Copy());
        test.Begin(start, from);
        var at = 1_000L;
        Tell(new OrderPlaced { OrderId = "O1", Amount = 600, Currency = Eur, OrderedOn = _desk.Book.Today, ShipOn = On("2026-03-10") });
        Tell(new OrderPlaced { OrderId = "O2", Amount = 100, Currency = Eur, OrderedOn = _desk.Book.Today, ShipOn = On("2026-03-10") });
        Tell(new DeliveryPosted { DeliveryId = "D1", OrderId = "O1", Amount = 600, Currency = Eur, ShippedOn = _desk.Book.Today });
        Tell(new InvoicePosted { InvoiceId = "I1", Amount = 600, Currency = Eur, IssuedOn = _desk.Book.Today, DueOn = On("2026-04-01"), Links = [OfDelivery("D1", 600)] });
        Tell(new WriteOffPosted { WriteOffId = "W1", Items = [new WriteOffItem { ItemId = "I1", Amount = 250 }] });
        test.End(_desk.Now.Plus(3_600 * Instant.Second));
        test.Compare();
        Assert.Equal((0, 1), (test.Real.Held.Count, test.Drafted.Held.Count));
        Assert.Equal("O1", Assert.Single(test.Added.Largest).OrderId);
        Assert.Equal((0, (Int128)600), (test.Removed.Count, test.Drafted.Held.InBase));
        Assert.Equal(((Int128)250, (Int128)250), (test.WrittenOff, test.WriteOffsAvoided));
        Assert.True(test.Drafted.MicrosOnHold > 0 && test.Real.MicrosOnHold == 0);
        // The desk's own book has heard of nothing.
        Assert.Empty(_desk.Detail.Orders);

        void Tell(Fact fact)
        {
            (fact.Customer, fact.EventId, fact.Time) = (Customer, "t" + at, _desk.Now.Plus((at - 999) * Instant.Second));
            fact.Arrival = fact.Time;
            test.Take(fact, fact, OutcomeKind.Applied, new EntryPosition(0, ++at, 0));
        }
    }

    [Fact]
    public void Back_test_of_the_policy_in_force_differs_in_nothing()
    {
        _desk.Order("before", 1_500);
        var test = new BackTest(Draft());
        test.Begin(_desk.Book.Copy(), _desk.Now);
        var order = new OrderPlaced { Customer = Customer, EventId = "t", OrderId = "O1", Amount = 1_600, Currency = Eur, OrderedOn = _desk.Book.Today, ShipOn = On("2026-03-10"), Time = _desk.Now };
        order.Arrival = order.Time;
        test.Take(order, order, OutcomeKind.Applied, new EntryPosition(0, 1_000, 0));
        test.End(_desk.Now.Plus(60 * Instant.Second));
        test.Compare();
        Assert.Equal((2, 2, 0, 0), (test.Real.Held.Count, test.Drafted.Held.Count, test.Added.Count, test.Removed.Count));
        Assert.Equal(test.Real.MicrosOnHold, test.Drafted.MicrosOnHold);
        Assert.Equal(test.Real.SignalsRaised, test.Drafted.SignalsRaised);
    }

    [Fact]
    public void A_policy_says_which_reasons_there_are()
    {
        var house = Policy.Create("house", 2, Parameters(("reason/KEY_CUSTOMER/release", 0), ("reason/PAYMENT_IN_TRANSIT/day", 0), ("reason/PRICE_DISPUTE/release", 1), ("reason/PRICE_DISPUTE/day", 1)), out _)!;
        Assert.Equal(new ReasonCode("PRICE_DISPUTE", true, false, true), house.ReasonCodes[^1]);
        Assert.Equal(Policy.Default.ReasonCodes.Count + 1, house.ReasonCodes.Count);
        Assert.DoesNotContain(house.ReasonCodes, r => r is { Code: "KEY_CUSTOMER", ForRelease: true } or { Code: "PAYMENT_IN_TRANSIT", AsksForDay: true });
        // It comes back from the values that stand in the state.
        Assert.Equal(house.ReasonCodes, Policy.Create("house", 2, house.ToParameters(), out _)!.ReasonCodes);
        foreach (var (name, value, told) in new[] { ("reason/price dispute/release", 1L, "capital letters"), ("reason/X/why", 1L, "no parameter"), ("reason/X/release", 2L, "from 0 to 1") })
        {
            Assert.Null(Policy.Create("house", 2, Parameters((name, value)), out var error));
            Assert.Contains(told, error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Thresholds_out_of_order_overlaps_and_scopes_of_nobody_stand_against_a_draft()
    {
        Against("'signal.01.step2' is 6000", ("signal.01.step2", 6_000));
        Against("'signal.05.days' is 40", ("signal.05.days", 40));
        Against("'signal.11.days2' is 60", ("signal.11.days2", 60));
        Against("told twice", ("graceDays", 3), ("graceDays", 4));
        Against("'segment/MOON': there is no customer of this segment", ("segment/MOON/graceDays", 3));
        Against("'customer/X': there is no customer of this id", ("customer/X/rule.1", 3));
        Against("above the ceiling of its tier", ("tier/GOLD/max", 5), ("tier/GOLD/limit", 6));
        Against("segment EAST: 'signal.10.days' is 95", ("segment/EAST/signal.10.days", 95));
        Against("No code of a reason is left for a refusal", [.. new[] { "NO_PAYMENT", "RISK_TOO_HIGH", "LIMIT_EXHAUSTED", "CUSTOMER_CANCELS", "DATA_WRONG", "OTHER" }.Select(c => ($"reason/{c}/refusal", 0L))]);
        Against("No code of a reason is left for a release", [.. Policy.Default.ReasonCodes.Select(c => ($"reason/{c.Code}/release", 0L))]);
        Against("'reason/NO_PAYMENT/day'", ("reason/NO_PAYMENT/day", 1));
        Assert.Empty(PolicyDraft.Objections(Parameters(("signal.01.step1", 0), ("graceDays", 3), ("segment/EAST/graceDays", 1)), Draft(("signal.01.step1", 0), ("graceDays", 3), ("segment/EAST/graceDays", 1)), (_, name) => name == "EAST"));

        static void Against(string told, params (string, long)[] parameters) =>
            Assert.Contains(PolicyDraft.Objections(Parameters(parameters), Draft(parameters), (_, name) => name == "EAST"), o => o.Contains(told, StringComparison.Ordinal));
    }
}
