using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Whoever asks why an order is held sees every step in the order of evaluation, and what became of it.</summary>
public sealed class CheckSteps
{
    private static (CheckStepState, CheckStepReason) Of(Desk desk, string rule, string order = "O1") => Steps(desk, order).Where(s => s.Rule == rule).Select(s => (s.State, s.Why)).Single();

    private static List<CheckStepLine> Steps(Desk desk, string order = "O1") => desk.Book.CheckStepsOf(desk.Book.FindSlot(Desk.Customer), order);

    [Fact]
    public void What_fails_passes_and_is_switched_off_stands_in_the_order_in_which_the_machine_asks()
    {
        var desk = new Desk(limit: 1_000_000, riskFollows: false);
        desk.Order("O2", 10);
        desk.Invoice("I1", 100_000, dueOn: "2025-11-01");
        desk.Order("O1", 2_000_000);
        var steps = Steps(desk);
        Assert.Equal((CheckStepState.Failed, CheckStepReason.None), Of(desk, "030"));
        Assert.Equal((CheckStepState.Skipped, CheckStepReason.Off), Of(desk, "010"));
        Assert.Equal((CheckStepState.Failed, CheckStepReason.None), Of(desk, "110"));
        Assert.Equal((CheckStepState.Passed, CheckStepReason.None), Of(desk, "100"));
        // Reasons come in the order of the steps: what is told first was asked first.
        var rules = steps.Select(s => s.Rule).ToList();
        Assert.Equal(desk.Reasons("O1").Order(Comparer<string>.Create((a, b) => rules.IndexOf(a).CompareTo(rules.IndexOf(b)))), desk.Reasons("O1"));
        Assert.Equal(rules.Count, rules.Distinct().Count());
        Assert.Empty(Steps(desk, "O2"));
        Assert.Empty(Steps(desk, "O9"));
    }

    [Fact]
    public void Without_an_amount_nothing_is_compared_with_one()
    {
        var desk = new Desk(limit: 1_000);
        desk.Tell(new LimitRemoved { Version = 9 });
        desk.Order("O1", 10);
        Assert.Equal((CheckStepState.Failed, CheckStepReason.None), Of(desk, "NO_LIMIT"));
        Assert.Equal((CheckStepState.Skipped, CheckStepReason.NoAmount), Of(desk, "030"));
        Assert.Equal((CheckStepState.Skipped, CheckStepReason.NoAmount), Of(desk, "GROUP_LIMIT"));
    }

    [Fact]
    public void An_exclusion_stands_at_the_step_that_it_switches_off_and_a_rule_of_one_customer_counts_for_him()
    {
        var desk = new Desk(limit: 1_000, riskFollows: false);
        desk.Rules(("rule.6", 0), ("customer/C-1/rule.6", 3), ("rule.8", 3));
        desk.Order("O1", 2_000);
        Assert.Equal((CheckStepState.Passed, CheckStepReason.None), Of(desk, "R8"));
        Assert.NotEqual(CheckStepReason.Off, Of(desk, "R6").Item2);
        desk.Tell(new SetExclusion { Customer = Desk.Customer, ExclusionId = "x", Kind = ExclusionKind.TermsRank, OrderId = "O1", Value = 5, Owner = "ann", EndsOn = desk.Book.Today, Reason = "agreed", Actor = "ann", ApprovedBy = "bob" });
        Assert.Equal((CheckStepState.Skipped, CheckStepReason.Excluded), Of(desk, "R8"));
        desk.Order("O3", 3_000);
        Assert.Equal((CheckStepState.Passed, CheckStepReason.None), Of(desk, "R8", "O3"));
    }

    [Fact]
    public void What_a_person_or_a_returned_payment_holds_is_told_as_well()
    {
        var desk = new Desk(limit: 1_000);
        desk.Order("O1", 10);
        desk.Tell(new ForceHold { Customer = Desk.Customer, OrderId = "O1", Reason = "wait", Actor = "ann" });
        Assert.Equal(("FORCED", CheckStepState.Failed), (Steps(desk)[0].Rule, Steps(desk)[0].State));
    }
}
