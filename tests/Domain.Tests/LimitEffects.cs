using Xunit;

namespace ExposureMonitor.Domain.Tests;

/// <summary>Whoever asks for a limit sees what the machine would do with it, and the machine has done nothing.</summary>
public sealed class LimitEffects
{
    private static LimitEffect Of(Desk desk, long amount, LimitKind kind = LimitKind.Amount) => desk.Book.EffectOfLimit(desk.Book.FindSlot(Desk.Customer), kind, amount);

    [Fact]
    public void A_limit_frees_the_orders_that_it_would_free_when_it_is_set()
    {
        var desk = new Desk(limit: 1_000, riskFollows: false);
        desk.Order("O1", 600);
        desk.Order("O2", 700);
        desk.Order("O3", 5_000);
        var (before, hash) = (desk.Figures, desk.Detail.Holds.Count);
        var effect = Of(desk, 1_500);
        Assert.Equal(("", "O2", 1, 1_500L, 1_300L, 8_667), (effect.Reason, string.Join(' ', effect.Frees.Select(f => f.OrderId)), effect.Stays, effect.Limit, effect.Gross, effect.UtilisationBp));
        Assert.Equal(["O2", "O3"], Of(desk, 0, LimitKind.Unlimited).Frees.Select(f => f.OrderId).Order());
        Assert.Equal((0, 2, -1), (Of(desk, 1_000).Frees.Count, Of(desk, 1_000).Stays, Of(desk, 0, LimitKind.Unlimited).UtilisationBp));
        // Nothing has happened, and what was told comes true.
        Assert.Equal((before.Limit, before.Gross, hash), (desk.Figures.Limit, desk.Figures.Gross, desk.Detail.Holds.Count));
        desk.Limit(1_500);
        Assert.Equal("O3", Assert.Single(desk.Detail.Holds).OrderId);
        Assert.Equal((effect.Limit, effect.Gross, effect.UtilisationBp), (desk.Figures.Limit, desk.Figures.Gross, desk.Figures.UtilisationBp));
    }

    [Fact]
    public void A_limit_that_would_be_refused_says_why_and_one_that_other_rules_cap_says_what_would_serve()
    {
        var desk = new Desk(limit: 1_000);
        Assert.Equal(("AMOUNT_TOO_LARGE", 1_000L), (Of(desk, long.MaxValue).Reason, Of(desk, long.MaxValue).Limit));
        desk.Tell(new ReviewCompleted { ReviewedOn = desk.Book.Today, EligibleMax = 1_200, By = "ann", Outcome = "as it was" });
        Assert.Equal(1_200, Of(desk, 5_000).Limit);
    }
}
