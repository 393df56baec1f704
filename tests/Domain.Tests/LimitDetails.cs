using Xunit;

namespace ExposureMonitor.Domain.Tests;

public sealed class LimitDetails
{
    [Fact]
    public void Limit_is_shown_with_what_it_is_made_of()
    {
        var desk = new Desk(limit: 1_000);
        desk.Tell(new TemporaryLimitGranted { TemporaryId = "T1", Amount = 1_500, Currency = Desk.Eur, From = desk.Now, To = desk.Now.Plus(Instant.Day) });
        desk.Tell(new SeasonalLimitSet { SeasonId = "S1", FromMonthDay = 1101, ToMonthDay = 1231, UpliftBp = 2_000 });
        desk.Tell(new RequestLimit { Kind = LimitKind.Amount, Amount = 2_000, Version = desk.Detail.LimitVersion, Actor = "anna", Reason = "grows" });

        var limit = desk.Book.LimitDetail(desk.Book.FindSlot(Desk.Customer));

        Assert.Equal((desk.Detail.LimitVersion, LimitKind.Amount, 1_500, Desk.Eur), (limit.Version, limit.Kind, limit.Effective, limit.Currency));
        Assert.Equal(1_000, Assert.Single(limit.Steps).Amount);
        Assert.Equal("T1", Assert.Single(limit.Temporary).TemporaryId);
        Assert.Equal(2_000, Assert.Single(limit.Seasons).UpliftBp);
        Assert.Equal("anna", Assert.Single(limit.Requests).Actor);
    }
}

public sealed class AuthorityNeededs
{
    [Fact]
    public void A_season_needs_authority_for_the_raised_limit()
    {
        var desk = new Desk(limit: 1_001);
        Assert.Equal(1_201, AuthorityNeeded.Of(desk.Book, new SeasonalLimitSet { Customer = Desk.Customer, SeasonId = "S", UpliftBp = 2_000 }));
    }

    [Fact]
    public void An_unlimited_step_needs_authority_without_ceiling_and_a_missing_rate_is_no_zero()
    {
        var desk = new Desk(limit: 1);
        Assert.Equal(Int128.MaxValue, AuthorityNeeded.Of(desk.Book, new LimitSet { Customer = Desk.Customer, Currency = Desk.Eur, Steps = [new LimitStep { Kind = LimitKind.Unlimited }] }));
        Assert.Null(AuthorityNeeded.Of(desk.Book, new TemporaryLimitGranted { Customer = Desk.Customer, TemporaryId = "T", Amount = 5, Currency = Currency.Parse("JPY") }));
        Assert.Equal(5, AuthorityNeeded.Of(desk.Book, new TemporaryLimitGranted { Customer = Desk.Customer, TemporaryId = "T", Amount = 5, Currency = Desk.Eur }));
    }
}
