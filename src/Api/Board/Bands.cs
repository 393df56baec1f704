using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>Where a customer stands against his limit; the order is that of getting worse.</summary>
public enum Band : byte
{
    /// <summary>Nobody has decided a limit.</summary>
    NoLimit,
    Within,
    Watch,
    Critical,

    /// <summary>Above the limit.</summary>
    Over,

    /// <summary>Far above it.</summary>
    Breach,
}

/// <summary>
/// Where the bands begin, in basis points, and what amounts are worth in the base currency. Bands are the upper four steps of
/// indicator EW-01 in everybody's policy, so that a colour and a signal never disagree; <see cref="Band.Over"/> is what the
/// credit check calls breached.
/// </summary>
internal sealed record Bands(int Watch, int Critical, int Breach, Currency BaseCurrency, PartitionContext Context)
{
    /// <summary>Parts of a unit in which rates are counted: ranking needs no more.</summary>
    private const long Unit = 1_000_000_000;

    private readonly Dictionary<Currency, long> _worth = [];

    internal static Bands Of(PartitionContext context)
    {
        var policy = context.Policy;
        var bands = new Bands((int)policy[Parameter.Signal01Step2], (int)policy[Parameter.Signal01Step3], (int)policy[Parameter.Signal01Step5], context.BaseCurrency, context);
        foreach (var rate in context.Rates)
            if (context.Convert(Unit, rate.From, context.BaseCurrency) is { } worth && worth > 0 && worth < long.MaxValue) bands._worth[rate.From] = (long)worth;
        return bands;
    }

    internal Band Of(in PublishedGlance g) => Of(g.LimitKind, g.Breached, g.UtilisationBp);

    internal Band Of(in AccountFigures f) => Of(f.LimitKind, f.Breached, f.UtilisationBp);

    private Band Of(LimitKind kind, bool breached, int utilisationBp) => kind switch
    {
        LimitKind.NotSet => Band.NoLimit,
        LimitKind.Unlimited => Band.Within,
        _ when breached => Breach > 0 && utilisationBp >= Breach ? Band.Breach : Band.Over,
        _ when Critical > 0 && utilisationBp >= Critical => Band.Critical,
        _ when Watch > 0 && utilisationBp >= Watch => Band.Watch,
        _ => Band.Within,
    };

    /// <summary>An amount in the base currency for ranking; without a rate it ranks as it is.</summary>
    internal long Rank(long amount, Currency currency) => currency == BaseCurrency || !_worth.TryGetValue(currency, out var worth)
        ? amount
        : (long)Int128.Clamp((Int128)amount * worth / Unit, long.MinValue, long.MaxValue);
}

/// <summary>The bands in force: read in the loop now and then, since the house changes them seldom.</summary>
internal sealed class BandsInForce(ExposureEngine engine, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private Task<Bands>? _read;
    private long _at;

    internal Task<Bands> GetAsync(CancellationToken cancel)
    {
        lock (_gate)
        {
            if (_read is null || _read.IsFaulted || _read.IsCanceled || (_read.IsCompleted && time.GetElapsedTime(_at) > Kept))
                (_read, _at) = (ReadAsync(), time.GetTimestamp());
            return _read.WaitAsync(cancel);
        }
    }

    // The first partition that serves: what the house has told is the same in all of them.
    private Task<Bands> ReadAsync()
    {
        var away = engine.NotServing;
        return engine.ReadAsync(Enumerable.Range(0, engine.Database.Partitions).FirstOrDefault(p => !away.Contains(p)), book => Bands.Of(book.Context));
    }
}
