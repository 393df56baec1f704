using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Engine.Tests;

/// <summary>
/// I9 against journals that violate it: what the entries did is told otherwise to the proof, or an entry did not do what it
/// had to. Told as it was, every one of them holds.
/// </summary>
public sealed class ReleaseProofs
{
    private static readonly Currency Eur = Currency.Parse("EUR");
    private static readonly int Today = new DateOnly(2026, 3, 2).DayNumber;

    private readonly Book _book = new(0, Eur, eventClock: true);
    private readonly ReleaseProof _proof;
    private long _seq;
    private Instant _now = Instant.From(new DateOnly(2026, 3, 2));

    public ReleaseProofs()
    {
        _proof = new ReleaseProof(_book);
        Tell(new DayStarted { Day = Today });
        Tell(new CustomerOpened { Currency = Eur });
        Limit(1_000);
    }

    /// <summary>Applies a fact and asks the proof about it, with its effects or with others.</summary>
    private string? Tell(Fact fact, Func<List<Effect>, List<Effect>>? told = null, OutcomeKind? outcome = null)
    {
        (fact.Customer, fact.Time) = (fact is PartitionFact or HouseFact ? "" : "C", _now = _now.Plus(Instant.Second));
        if (fact is not Command and not PartitionFact) fact.EventId = "e" + _seq;
        var (at, effects) = (new EntryPosition(0, ++_seq, 0), new EffectBuffer());
        var entry = new Entry(0, fact.Customer, fact, 0, (0, 0), OutcomeKind.Applied, "", false);
        _proof.Before(entry);
        var real = PartitionMachine.Apply(_book, fact, at, effects);
        List<Effect> all = [.. effects.Effects];
        return _proof.After(at, entry with { Outcome = outcome ?? real.Kind }, told is null ? all : told(all));
    }

    private void Limit(long amount) => Assert.Null(Tell(new LimitSet { Version = _seq, Currency = Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = amount }] }));

    private void Order(string id, long amount, int priority) =>
        Assert.Null(Tell(new OrderPlaced { OrderId = id, Amount = amount, Currency = Eur, OrderedOn = Today, ShipOn = Today, Priority = priority }));

    private static PaymentReceived Payment(string id, long amount) => new() { PaymentId = id, Amount = amount, Currency = Eur, ValueOn = Today, Cleared = true };

    private void Owe(string id, long amount, int late) =>
        Assert.Null(Tell(new InvoicePosted { InvoiceId = id, Amount = amount, Currency = Eur, IssuedOn = Today - 60, DueOn = Today - late }));

    private static List<Effect> Swapped(List<Effect> effects)
    {
        var at = effects.Select((e, i) => (e, i)).Where(x => x.e is HoldChanged { Step: HoldChanged.Released }).Select(x => x.i).ToList();
        (effects[at[0]], effects[at[1]]) = (effects[at[1]], effects[at[0]]);
        return effects;
    }

    private static Func<List<Effect>, List<Effect>> Release(Action<HoldChanged> change) => effects =>
    {
        foreach (var released in effects.OfType<HoldChanged>().Where(h => h.Step == HoldChanged.Released)) change(released);
        return effects;
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Releases_of_one_pass_come_in_the_stated_order(bool violated)
    {
        Owe("I", 1_000, late: 0);
        Order("second", 200, priority: 2);
        Order("first", 300, priority: 1);
        var wrong = Tell(Payment("P", 600), violated ? Swapped : null);
        Assert.Equal(violated ? "Entry 0-7-0, customer 'C': order 'first' was released behind 'second', whose turn came later." : null, wrong);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nobody_who_fits_at_his_turn_is_passed_over(bool violated)
    {
        Owe("I", 1_000, late: 0);
        Order("A", 300, priority: 5);
        Order("B", 300, priority: 9);
        Assert.Null(Tell(Payment("P", 400)));
        Assert.Equal(["B"], ReleaseTurns.OnHold(_book, 0));
        // B becomes the first of all; had A been let through only now, B would have stood before it.
        var wrong = Tell(new OrderChanged { OrderId = "B", Version = 1, Amount = 300, Currency = Eur, ShipOn = Today, Priority = 1 }, effects =>
            violated ? [.. effects, new HoldChanged { Customer = "C", Step = HoldChanged.Released, OrderId = "A", Amount = 300, Currency = "EUR", Actor = "rule" }] : effects);
        Assert.Equal(violated, wrong?.Contains("order 'B' was cured and fitted at its turn; 'A' was let through before it", StringComparison.Ordinal) ?? false);
    }

    [Theory]
    [InlineData(OutcomeKind.Refused, false)]
    [InlineData(OutcomeKind.Applied, true)]
    public void Nobody_who_is_cured_and_fits_is_left_on_hold(OutcomeKind outcome, bool violated)
    {
        Limit(1_000_000);
        Owe("I", 20_000, late: 60);
        Order("A", 300, priority: 5);
        Assert.Null(Tell(Payment("P", 20_000)));
        Assert.Equal(["A"], ReleaseTurns.OnHold(_book, 0));
        // The minute of its dwell is over, and an entry that had to run the pass did not.
        _now = _now.Plus(61 * Instant.Second);
        var wrong = Tell(new RejectRelease { OrderId = "A", Actor = "ann" }, outcome: outcome);
        Assert.Equal(violated ? "order 'A' is cured and fits, and was left on hold." : null, wrong?[(wrong.IndexOf(':', StringComparison.Ordinal) + 2)..]);
    }

    [Fact]
    public void Rule_releases_no_order_whose_reason_holds_has_not_dwelt_or_that_a_person_holds()
    {
        Limit(1_000_000);
        Owe("I", 20_000, late: 60);
        Order("A", 300, priority: 5);
        Tell(Payment("P", 20_000));
        _now = _now.Plus(61 * Instant.Second);
        Assert.Null(Tell(new TimerDue { DueAt = _book.NextDeadline }, Release(r => r.Reasons[0].CuredAt = _now.Plus(-61 * Instant.Second))));
        AssertWrong("although reason 110 holds", r => r.Reasons[0].StillValid = true);
        AssertWrong("before reason 110 had been cured for its dwell", r => r.Reasons[0].CuredAt = _now);
        AssertWrong("was held by a person and released by a rule", r => r.Forced = true);
        AssertWrong("was released by 'bot' alone", r => r.Actor = "bot");
    }

    private void AssertWrong(string what, Action<HoldChanged> change)
    {
        var told = new HoldChanged { Customer = "C", Step = HoldChanged.Released, OrderId = "A", Amount = 300, Currency = "EUR", Actor = "rule", Reasons = [new HoldReason { Rule = "110", StillValid = false }] };
        change(told);
        Assert.Contains(what, Tell(Payment("Q" + _seq, 1), effects => [.. effects, told]), StringComparison.Ordinal);
    }

    [Fact]
    public void Person_releases_with_another_person_the_authority_and_in_the_own_name()
    {
        Order("A", 5_000, priority: 5);
        Ask();
        Assert.Null(Approve(null));
        Order("B", 5_000, priority: 5);
        Ask("B");
        Assert.Contains("on the request of 'bob'", Approve(r => r.Actor = "bob", "B"), StringComparison.Ordinal);
        Order("D", 5_000, priority: 5);
        Ask("D");
        Assert.Contains("in the name of 'eve'", Approve(r => r.Approver = "eve", "D"), StringComparison.Ordinal);
        Order("E", 5_000, priority: 5);
        Ask("E");
        Assert.Contains("whose authority is 5000", Approve(r => r.Amount = 5_001, "E"), StringComparison.Ordinal);
        Order("F", 5_000, priority: 5);
        Ask("F");
        Assert.Contains("by 'bob' alone", Approve(r => r.Amount = 100_000_001, "F", authority: -1), StringComparison.Ordinal);
        Assert.Contains("in the name of 'bob'", Tell(Payment("P", 1), effects => [.. effects, new HoldChanged { Customer = "C", Step = HoldChanged.Released, OrderId = "A", Amount = 1, Currency = "EUR", Actor = "ann", Approver = "bob" }]), StringComparison.Ordinal);
    }

    private void Ask(string order = "A") => Assert.Null(Tell(new RequestRelease { OrderId = order, Reason = "r", Actor = "ann" }));

    private string? Approve(Action<HoldChanged>? change, string order = "A", long authority = 5_000) =>
        Tell(new ApproveRelease { OrderId = order, Actor = "bob", Authority = authority }, change is null ? null : Release(change));
}
