namespace ExposureMonitor.Domain;

/// <summary>
/// Which events take effect only when a second person agrees (reliability.md 11.2 and 11.3, credit.md 7.4): those that
/// carry authority and come from a source without the right, and those beyond the thresholds from any source.
/// </summary>
public static class SecondPerson
{
    /// <summary>True for events about limits, covers, overrides, policy and rates, and for customers who are to be exempt from checks.</summary>
    public static bool CarriesAuthority(Fact fact) => KindOf(fact) is not null;

    /// <summary>The kind of proposal that the event becomes, or <c>null</c> when it takes effect at once.</summary>
    /// <param name="book">The book of the customer, or of the house for facts without one; read only.</param>
    /// <param name="hasRight">The source may carry authority.</param>
    public static ProposalKind? Needed(Book book, Fact fact, bool hasRight)
    {
        if (KindOf(fact) is not { } kind) return null;
        if (!hasRight) return kind;
        return fact switch
        {
            PolicyActivated or RatingOverridden => kind,
            FxRatePublished rate => IsOddRate(book, rate) ? kind : null,
            LimitSet or TemporaryLimitGranted => IsLargeRaise(book, fact) ? kind : null,
            _ => null,
        };
    }

    private static ProposalKind? KindOf(Fact fact) => fact switch
    {
        PolicyActivated => ProposalKind.Policy,
        FxRatePublished => ProposalKind.Rate,
        LimitSet or LimitRemoved => ProposalKind.Limit,
        TemporaryLimitGranted => ProposalKind.TemporaryLimit,
        TemporaryLimitEnded => ProposalKind.TemporaryLimitEnd,
        SeasonalLimitSet or SeasonalLimitRemoved => ProposalKind.SeasonalLimit,
        CoverGranted or CoverChanged => ProposalKind.Cover,
        RatingOverridden => ProposalKind.GradeOverride,
        CustomerOpened { Profile.CheckExempt: YesNo.Yes } or CustomerChanged { Profile.CheckExempt: YesNo.Yes } => ProposalKind.Exemption,
        _ => null,
    };

    private static bool IsOddRate(Book book, FxRatePublished fact)
    {
        var (from, rate) = fact.From == book.BaseCurrency && fact.Rate.Trillionths > 0
            ? (fact.To, Rounding.HalfEven((Int128)FxRate.Scale * FxRate.Scale, fact.Rate.Trillionths))
            : (fact.From, fact.Rate.Trillionths);
        if (from == book.BaseCurrency || book.Context.RateOf(from) is not { } last) return false;
        return Int128.Abs(rate - last.Rate.Trillionths) * 10_000 > (Int128)last.Rate.Trillionths * book.Context.Policy[Parameter.FxOddBp];
    }

    /// <summary>Above three times what stands (a factor of the policy), above the absolute cap, or no ceiling where there was one.</summary>
    private static bool IsLargeRaise(Book book, Fact fact)
    {
        var policy = book.Context.Policy;
        // A limit that cannot be measured for want of a rate is for a person to judge.
        if (AuthorityNeeded.Of(book, fact) is not { } wanted) return true;
        if (policy[Parameter.LimitAbsoluteCap] is var cap and >= 0 && wanted > cap) return true;
        var slot = book.FindSlot(fact.Customer);
        if (slot < 0) return false;
        var limit = book.LimitDetail(slot);
        if (limit.Kind != LimitKind.Amount) return false;
        var most = limit.Steps.Where(s => s.Kind == LimitKind.Amount).Select(s => s.Amount).DefaultIfEmpty().Max();
        if (book.Context.Convert(most, limit.Currency, book.BaseCurrency) is not { } stands) return true;
        return wanted == Int128.MaxValue || wanted > stands * policy[Parameter.LimitRaiseFactor];
    }
}
