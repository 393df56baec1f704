using ExposureMonitor.Domain;
using Xunit;
using static ExposureMonitor.Domain.Tests.Desk;

namespace ExposureMonitor.Domain.Tests;

/// <summary>What screens say of a whole book: held orders that are alike, and the grade of a row.</summary>
public sealed class WallScreens
{
    private readonly Desk _desk = new(limit: 1_000, riskFollows: false);

    [Fact]
    public void Held_orders_count_by_what_they_wait_for_and_by_the_first_rule_that_still_holds_them()
    {
        Assert.Empty(_desk.Book.HeldKinds(0, int.MaxValue));
        _desk.Order("O1", 1_500);
        var first = _desk.Now;
        _desk.Order("O2", 1_700);
        var second = _desk.Now;
        _desk.Order("O3", 100);
        _desk.Tell(new ForceHold { OrderId = "O3", Actor = "ann", Reason = "call them" });
        Assert.Equal([new HeldKind(OrderState.OnHold, "030", 2, first), new HeldKind(OrderState.OnHold, "FORCED", 1, _desk.Detail.Holds.Find(h => h.OrderId == "O3")!.CreatedAt)], _desk.Book.HeldKinds(0, int.MaxValue));
        // One of two waits for somebody else now; the age is that of the hold, and not of what it waits for.
        _desk.Tell(new RequestRelease { OrderId = "O2", Reason = "r", Actor = "ann" });
        Assert.Contains(new HeldKind(OrderState.OnHold, "030", 1, first), _desk.Book.HeldKinds(0, int.MaxValue));
        Assert.Contains(new HeldKind(OrderState.PendingApproval, "030", 1, second), _desk.Book.HeldKinds(0, int.MaxValue));
        // Parts of the book add up, and what was released is gone.
        Assert.Empty(_desk.Book.HeldKinds(1, int.MaxValue));
        _desk.Tell(new ApproveRelease { OrderId = "O2", Actor = "bob", Authority = -1 });
        Assert.DoesNotContain(_desk.Book.HeldKinds(0, int.MaxValue), k => k.State == OrderState.PendingApproval);
    }

    [Fact]
    public void The_grade_of_a_row_is_a_persons_while_it_serves_and_else_the_one_that_was_kept()
    {
        Assert.Equal("", CreditGrade.NameOf(_desk.Figures.Grade));
        _desk.Book.KeepScore(0, 8_900);
        Assert.Equal("A", CreditGrade.NameOf(_desk.Figures.Grade));
        _desk.Tell(new RatingOverridden { Grade = "D", By = "ann", ApprovedBy = ["bob"], StaleAt = On("2026-03-04") });
        Assert.Equal("D", CreditGrade.NameOf(_desk.Figures.Grade));
        _desk.Days("2026-03-03", "2026-03-04");
        Assert.Equal("A", CreditGrade.NameOf(_desk.Figures.Grade));
        // A grade that is none of ours is no class.
        _desk.Tell(new RatingOverridden { Grade = "Baa1", By = "ann", ApprovedBy = ["bob"], StaleAt = On("2026-05-01") });
        Assert.Equal("A", CreditGrade.NameOf(_desk.Figures.Grade));
    }

    [Fact]
    public void Who_belongs_to_whom_is_told_again_only_when_it_has_changed()
    {
        var house = new Book(Book.House, Eur, eventClock: true, partitions: 4);
        house.Tree.Place("A", "TOP", depthMax: 5);
        long seen = -1;
        Assert.Equal([KeyValuePair.Create("A", "TOP")], house.ParentsSince(ref seen)!);
        Assert.Null(house.ParentsSince(ref seen));
        // What changes nothing is no change, and a refusal neither.
        house.Tree.Place("A", "TOP", depthMax: 5);
        house.Tree.Place("TOP", "A", depthMax: 5);
        Assert.Null(house.ParentsSince(ref seen));
        house.Tree.Place("A", "", depthMax: 5);
        Assert.Empty(house.ParentsSince(ref seen)!);
    }
}
