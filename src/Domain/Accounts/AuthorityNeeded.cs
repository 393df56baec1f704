namespace ExposureMonitor.Domain;

/// <summary>How much authority a person needs to let a fact about a limit take effect.</summary>
public static class AuthorityNeeded
{
    /// <summary>
    /// The limit that the fact would make, in minor units of the base currency; 0 for facts that grant nothing,
    /// <see cref="Int128.MaxValue"/> without a ceiling, and <c>null</c> when a rate is missing.
    /// </summary>
    public static Int128? Of(Book book, Fact fact) => fact switch
    {
        TemporaryLimitGranted f => InBase(book, f.Amount, f.Currency),
        LimitSet f => f.Steps.Any(s => s.Kind == LimitKind.Unlimited)
            ? Int128.MaxValue
            : InBase(book, f.Steps.Select(s => s.Kind == LimitKind.Amount ? s.Amount : 0).DefaultIfEmpty().Max(), f.Currency),
        SeasonalLimitSet f => OfSeason(book, f),
        CoverGranted { Use: CoverUse.RaisesLimit } f => InBase(book, f.Amount, f.Currency),
        CustomerOpened { Profile.CheckExempt: YesNo.Yes } or CustomerChanged { Profile.CheckExempt: YesNo.Yes } => Int128.MaxValue,
        LiftForcedHold f => OfHolds(book, f, hold => hold.OrderId == f.OrderId),
        LiftStop f => OfHolds(book, f, _ => true),
        _ => 0,
    };

    private static Int128? OfHolds(Book book, Command command, Func<HoldLine, bool> takes)
    {
        var slot = book.FindSlot(command.Customer);
        if (slot < 0) return 0;
        Int128 sum = 0;
        foreach (var hold in book.Detail(slot).Holds.Where(takes))
        {
            if (InBase(book, hold.Amount, Currency.Parse(hold.Currency)) is not { } value) return null;
            sum += value;
        }

        return sum;
    }

    private static Int128? OfSeason(Book book, SeasonalLimitSet fact)
    {
        var slot = book.FindSlot(fact.Customer);
        if (slot < 0) return 0;
        var limit = book.LimitDetail(slot);
        var most = limit.Steps.Select(s => s.Kind == LimitKind.Amount ? s.Amount : 0).DefaultIfEmpty().Max();
        return InBase(book, Rounding.Down((Int128)most * (10_000 + fact.UpliftBp), 10_000), limit.Currency);
    }

    private static Int128? InBase(Book book, Int128 amount, Currency currency) => book.Context.Convert(amount, currency, book.BaseCurrency);
}
