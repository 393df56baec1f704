using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>What ends or is due by itself is found before it does, and no longer once it is over, withdrawn or kept.</summary>
public sealed class Endings
{
    private static List<(EndingKind, string, int, long)> Of(Desk desk, int days) =>
        [.. desk.Book.EndingsOf(0, int.MaxValue, desk.Book.Today + days).Select(e => (e.Kind, e.Id, e.On - desk.Book.Today, e.Amount))];

    [Fact]
    public void Everything_that_ends_is_found_from_today_up_to_the_day()
    {
        var desk = new Desk();
        var today = desk.Book.Today;
        desk.Tell(new LimitSet { Version = 2, Currency = Desk.Eur, Steps = [new LimitStep { From = today, To = today + 10, Kind = LimitKind.Amount, Amount = 5_000 }, new LimitStep { From = today + 11, To = today + 20, Kind = LimitKind.Amount, Amount = 3_000 }] });
        desk.Tell(new TemporaryLimitGranted { TemporaryId = "T1", Amount = 9_000, Currency = Desk.Eur, From = desk.Now, To = Instant.From(DateOnly.FromDayNumber(today + 5)) });
        desk.Tell(new CoverGranted { CoverId = "V1", Version = 1, Kind = CoverKind.Insurance, Use = CoverUse.RaisesLimit, Amount = 7_000, Currency = Desk.Eur, From = today, To = today + 30 });
        desk.Tell(new PromiseMade { PromiseId = "P1", Amount = 400, Currency = Desk.Eur, PromisedOn = today + 3 });
        desk.Tell(new PromiseMade { PromiseId = "P2", Amount = 500, Currency = Desk.Eur, PromisedOn = today + 4 });
        desk.Tell(new PromiseWithdrawn { PromiseId = "P2" });

        // The first step of a schedule is no end: another one follows. A temporary limit up to a midnight serves the day before.
        Assert.Equal([(EndingKind.Limit, "", 20, 3_000), (EndingKind.TemporaryLimit, "T1", 4, 9_000), (EndingKind.Cover, "V1", 30, 7_000), (EndingKind.Promise, "P1", 3, 400)], Of(desk, 30));
        Assert.Equal([(EndingKind.TemporaryLimit, "T1", 4, 9_000), (EndingKind.Promise, "P1", 3, 400)], Of(desk, 19));
        Assert.Empty(desk.Book.EndingsOf(1, int.MaxValue, today + 90));
    }

    [Fact]
    public void A_promise_that_was_kept_and_a_limit_without_an_end_are_no_endings()
    {
        var desk = new Desk(limit: 1_000);
        var today = desk.Book.Today;
        desk.Tell(new InvoicePosted { InvoiceId = "I1", Amount = 400, Currency = Desk.Eur, IssuedOn = today, DueOn = today });
        desk.Tell(new PromiseMade { PromiseId = "P1", Amount = 400, Currency = Desk.Eur, PromisedOn = today + 3 });
        Assert.Equal([(EndingKind.Promise, "P1", 3, 400)], Of(desk, 90));
        desk.Tell(new PaymentReceived { PaymentId = "M1", Amount = 400, Currency = Desk.Eur, ValueOn = today, Cleared = true });
        desk.Tell(new PaymentAllocated { AllocationId = "A1", FromId = "M1", AllocatedOn = today, Items = [new AllocationItem { ItemId = "I1", Amount = 400 }] });
        Assert.Empty(Of(desk, 90));
    }
}
