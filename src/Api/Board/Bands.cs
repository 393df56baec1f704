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

    /// <summary>Who belongs to which group.</summary>
    internal CustomerGroups Groups { get; init; } = CustomerGroups.None;

    /// <summary>The group of a customer that a reader of some segments may be told of; "" for none.</summary>
    /// <param name="scope">Segments, with a line break between; "" for all.</param>
    internal string GroupOf(string customer, string scope, ExposureEngine engine) => Groups.TopOf(customer) is { Length: > 0 } top && IsInScope(top, scope, engine) ? top : "";

    /// <summary>Where the members of all groups are that a reader of some segments may be told of, each with who stands at its top.</summary>
    internal Dictionary<(int Partition, int Slot), string> GroupsByPlace(string scope, ExposureEngine engine) =>
        Groups.Tops.Where(top => IsInScope(top, scope, engine)).SelectMany(top => Places(Groups.MembersOf(top), engine).Select(place => (place, top))).ToDictionary(p => p.place, p => p.top);

    /// <summary>Where the rows of some customers are.</summary>
    internal static HashSet<(int Partition, int Slot)> Places(IEnumerable<string> customers, ExposureEngine engine)
    {
        var places = new HashSet<(int, int)>();
        foreach (var customer in customers)
            if (engine.Published[engine.PartitionOf(customer)].TryGet(customer, out var row)) places.Add((row.Partition, row.Figures.Slot));
        return places;
    }

    /// <summary>Whether a reader sees a customer: what lies above somebody who is hidden is not told either.</summary>
    internal static bool IsInScope(string customer, string scope, ExposureEngine engine) =>
        scope.Length == 0 || (engine.Published[engine.PartitionOf(customer)].TryGet(customer, out var row) && scope.Split('\n').Contains(row.Segment, StringComparer.Ordinal));

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

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly GroupsNow _groups = new(engine);
    private Task<Bands>? _read;
    private BandSteps _known;
    private long _at, _house;

    internal async Task<Bands> GetAsync(CancellationToken cancel)
    {
        Task<Bands> read;
        lock (_gate)
        {
            // What the house has just committed here is seen at once: a view that is opened behind it would stay as it was before until something else changes.
            var house = engine.Bell.Head(Book.House);
            if (_read is null || _read.IsFaulted || _read.IsCanceled || (_read.IsCompleted && (time.GetElapsedTime(_at) > Kept || house != _house)))
                (_house, _read, _at) = (house, ReadAsync(), time.GetTimestamp());
            read = _read;
        }

        // The sample is that of now: a view that was made with none, while a start took its first, would go on without it until something changes.
        return await read.WaitAsync(cancel) with { Morning = morning() };
    }

    /// <summary>Where the bands begin, as far as it is known within a moment: for whoever must have an answer while the engine has none.</summary>
    internal async Task<BandSteps> StepsAsync()
    {
        try
        {
            var now = (await GetAsync(CancellationToken.None).WaitAsync(Patience, time)).Steps;
            lock (_gate) return _known = now;
        }
        catch (Exception away) when (away is EngineUnavailableException or JournalUnavailableException or TimeoutException)
        {
            // What held last, and before anything was known only what is above its limit.
        }

        lock (_gate) return _known;
    }

    // The first partition that serves: what the house has told is the same in all of them.
    private async Task<Bands> ReadAsync()
    {
        var away = engine.NotServing;
        var bands = await engine.ReadAsync(Enumerable.Range(0, engine.Database.Partitions).FirstOrDefault(p => !away.Contains(p)), book => Bands.Of(book.Context));
        return bands with { Groups = await _groups.ReadAsync(CancellationToken.None) };
    }
}
