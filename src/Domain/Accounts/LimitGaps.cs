namespace ExposureMonitor.Domain;

/// <summary>What is missing behind a limit that serves.</summary>
public enum LimitGapKind : byte
{
    /// <summary>Nobody has reviewed the customer for twelve months.</summary>
    Unreviewed = 1,

    /// <summary>The insurer stands for less than the limit.</summary>
    Underinsured,
}

/// <summary>A limit behind which something is missing; amounts are minor units of <paramref name="Currency"/>.</summary>
/// <param name="Limit">What serves now, after all rules; 0 for one without a ceiling.</param>
/// <param name="Insured">What insurers stand for if goods leave today.</param>
/// <param name="ReviewedOn">Day number of the last review; 0 before the first.</param>
/// <param name="Rank">The most at stake stands first: the exposure, or the part of the limit that nobody insures, in the base currency.</param>
public sealed record LimitGapLine(string Customer, LimitKind Kind, long Limit, long Insured, long Gross, string Currency, int ReviewedOn, Int128 Rank)
{
    /// <summary>The order in which lines are shown; ids break ties.</summary>
    public static IComparer<LimitGapLine> InFront { get; } = Comparer<LimitGapLine>.Create((a, b) => a.Rank != b.Rank ? b.Rank.CompareTo(a.Rank) : string.CompareOrdinal(a.Customer, b.Customer));
}

/// <summary>Limits behind which something is missing.</summary>
public sealed partial class Book
{
    /// <summary>Months after which a limit wants to be looked at again, whatever the grade (the shipped view of the desk).</summary>
    public const int ReviewMonths = 12;

    /// <summary>
    /// The limits with a gap among the accounts from a slot to behind another one: how many, and those of them that stand before a line that is
    /// known already. A list as long as the book is so never made: whoever walks on says what is the last that he still shows.
    /// </summary>
    /// <param name="segments">Only these; all when empty.</param>
    /// <param name="last">The last line that is shown; <c>null</c> while there is room.</param>
    public (int Count, List<LimitGapLine> Lines) LimitGapsOf(int from, int end, LimitGapKind kind, IReadOnlyCollection<string> segments, LimitGapLine? last)
    {
        var (count, lines) = (0, new List<LimitGapLine>());
        var cutoff = DateOnly.FromDayNumber(Today).AddMonths(-ReviewMonths).DayNumber;
        for (var slot = Math.Max(0, from); slot < Math.Min(end, AccountCount); slot++)
        {
            if (segments.Count > 0 && !segments.Contains(Names.Get(Account(slot).Segment))) continue;
            if ((kind == LimitGapKind.Unreviewed ? Unreviewed(slot, cutoff) : Underinsured(slot)) is not { } line) continue;
            count++;
            if (last is null || LimitGapLine.InFront.Compare(line, last) < 0) lines.Add(line);
        }

        return (count, lines);
    }

    /// <summary>Whose limit serves though the last review, or without one the first trade, is as old as the cutoff. Who came later has had no year to be reviewed in.</summary>
    private LimitGapLine? Unreviewed(int slot, int cutoff)
    {
        var reviewed = RareOf(slot)?.ReviewedOn ?? 0;
        if ((reviewed != 0 ? reviewed : HabitsOf(slot)?.Since ?? 0) > cutoff || Serving(slot) is not { } limit) return null;
        var gross = GrossOf(slot);
        return LineOf(slot, limit, InsuredOf(slot), gross, InBase(slot, gross));
    }

    /// <summary>Whose insurer stands for less than the limit, if only because the cover has ended or was stopped. Who never was insured has no insured limit.</summary>
    private LimitGapLine? Underinsured(int slot)
    {
        if (RareOf(slot) is not { Covers.Count: > 0 } rare || !rare.Covers.Any(c => c.Kind == CoverKind.Insurance && c.From <= Today) || Serving(slot) is not { } limit) return null;
        var insured = InsuredOf(slot);
        if (limit.Kind == LimitKind.Amount && insured >= limit.Amount) return null;
        // A limit without a ceiling leaves more open than any amount does.
        return LineOf(slot, limit, insured, GrossOf(slot), limit.Kind == LimitKind.Unlimited ? Int128.MaxValue : InBase(slot, limit.Amount - insured));
    }

    /// <summary>The limit by which the customer may owe something; <c>null</c> without one, for one of 0 and for a closed customer.</summary>
    private EffectiveLimit? Serving(int slot)
    {
        if ((Account(slot).Flags & AccountFlags.Closed) != 0) return null;
        var limit = EffectiveLimit.Of(this, slot, Context, StreamTime);
        return limit.Kind == LimitKind.Unlimited || limit is { Kind: LimitKind.Amount, Amount: > 0 } ? limit : null;
    }

    private Int128 InsuredOf(int slot)
    {
        Int128 insured = 0;
        if (RareOf(slot) is not { Covers.Count: > 0 } rare) return insured;
        foreach (var cover in rare.Covers)
            if (cover.Kind == CoverKind.Insurance && Covers.TakesDeliveries(cover, Today)) insured += Context.Convert(cover.Amount, cover.Currency, Account(slot).LimitCurrency) ?? 0;
        return insured;
    }

    private Int128 GrossOf(int slot) => Exposure.Of(this, slot, Context, Account(slot).LimitCurrency).Gross;

    /// <summary>For ranking; without a rate an amount ranks as it is.</summary>
    private Int128 InBase(int slot, Int128 amount) => Context.Convert(amount, Account(slot).LimitCurrency, BaseCurrency) ?? amount;

    private LimitGapLine LineOf(int slot, EffectiveLimit limit, Int128 insured, Int128 gross, Int128 rank) => new(CustomerAt(slot), limit.Kind, limit.Kind == LimitKind.Amount ? limit.Amount : 0,
        Rounding.Pin(insured), Rounding.Pin(gross), Account(slot).LimitCurrency.Code, RareOf(slot)?.ReviewedOn ?? 0, rank);
}
