using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>
/// Where the bands begin, and what amounts are worth in the base currency.
/// </summary>
internal sealed record Bands(BandSteps Steps, Currency BaseCurrency, PartitionContext Context)
{
    /// <summary>Parts of a unit in which rates are counted: ranking needs no more.</summary>
    private const long Unit = 1_000_000_000;

    private readonly Dictionary<Currency, long> _worth = [];

    /// <summary>What the rows said this morning; <c>null</c> until the first sample was taken.</summary>
    internal Movers.Sample? Morning { get; init; }

    /// <summary>Whether a row uses more of its limit than this morning; who came since has risen from nothing, and of what is not known nothing is said.</summary>
    internal bool HasRisen(in PublishedGlance g, PublishedRows rows)
    {
        if (g.LimitKind != LimitKind.Amount || Morning?.Parts.GetValueOrDefault(rows) is not { } past || past.Numbering != rows.Numbering) return false;
        var isNew = g.Slot >= past.Gross.Length || past.Currency[g.Slot] == Currency.None;
        return isNew ? past.IsOwn && g.UtilisationBp > 0 : past.UtilisationBp[g.Slot] >= 0 && g.UtilisationBp > past.UtilisationBp[g.Slot];
    }

    internal static Bands Of(PartitionContext context)
    {
        var bands = new Bands(BandSteps.Of(context.Policy), context.BaseCurrency, context);
        foreach (var rate in context.Rates)
            if (context.Convert(Unit, rate.From, context.BaseCurrency) is { } worth && worth > 0 && worth < long.MaxValue) bands._worth[rate.From] = (long)worth;
        return bands;
    }

    internal Band Of(in PublishedGlance g) => Steps.Of(g.LimitKind, g.Breached, g.UtilisationBp);

    internal Band Of(in AccountFigures f) => Steps.Of(f);

    /// <summary>An amount in the base currency for ranking; without a rate it ranks as it is.</summary>
    internal long Rank(long amount, Currency currency) => currency == BaseCurrency || !_worth.TryGetValue(currency, out var worth)
        ? amount
        : (long)Int128.Clamp((Int128)amount * worth / Unit, long.MinValue, long.MaxValue);
}

/// <summary>The bands in force: read in the loop now and then, since the house changes them seldom.</summary>
internal sealed class BandsInForce(ExposureEngine engine, TimeProvider time, Func<Movers.Sample?> morning)
{
    /// <summary>A change of the rules is seen after this time.</summary>
    internal static readonly TimeSpan Kept = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private Task<Bands>? _read;
    private long _at;

    internal async Task<Bands> GetAsync(CancellationToken cancel)
    {
        Task<Bands> read;
        lock (_gate)
        {
            if (_read is null || _read.IsFaulted || _read.IsCanceled || (_read.IsCompleted && time.GetElapsedTime(_at) > Kept))
                (_read, _at) = (ReadAsync(), time.GetTimestamp());
            read = _read;
        }

        // The sample is that of now: a view that was made with none, while a start took its first, would go on without it until something changes.
        return await read.WaitAsync(cancel) with { Morning = morning() };
    }

    // The first partition that serves: what the house has told is the same in all of them.
    private async Task<Bands> ReadAsync()
    {
        var away = engine.NotServing;
        return await engine.ReadAsync(Enumerable.Range(0, engine.Database.Partitions).FirstOrDefault(p => !away.Contains(p)), book => Bands.Of(book.Context));
    }
}
