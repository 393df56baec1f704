using System.Globalization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;

namespace ExposureMonitor.Api;

/// <summary>Which customers a board shows, and in which order. Equal filters of equal scope are one view, and cost one computation.</summary>
internal sealed record BoardFilter
{
    internal static readonly (string, string)[] Query =
    [
        ("sort", "gross, limit, utilisation, over, overdue, days, receivables, available, held, grade (the worst first when descending) or customer."), ("order", "asc or desc; desc without, asc for customer."),
        ("segment", "Only these segments, with commas between."), ("country", "Only these countries."), ("controller", "Only these controllers; me stands for the caller."),
        ("group", "Only the members of these groups, each named by the customer at its top."), ("grade", "Only these risk classes: A to E, or none."),
        ("band", "Only these bands: none, within, watch, critical, over, breach."), ("breached", "true: only above the limit."),
        ("held", "true: only with held orders."), ("overdueDays", "Only whose oldest open item is overdue by more days."), ("unapplied", "true: only with money that is not applied."),
        ("rising", "true: only whose utilisation is above that of the start of the business day, as far as this service remembers it."),
        ("minUtilisation", "Only from this utilisation on, in basis points."), ("search", "Only customers whose id contains this."),
    ];

    private static readonly string[] Sorts = ["gross", "limit", "utilisation", "over", "overdue", "days", "receivables", "available", "held", "grade", "customer"];

    /// <summary>By rank.</summary>
    private static readonly string[] GradeNames = ["none", .. CreditGrade.All.Reverse().Select(g => g.Name)];

    private static readonly string[] BandNames = ["none", "within", "watch", "critical", "over", "breach"];

    public string Sort { get; internal init; } = "gross";

    public bool Ascending { get; internal init; }

    /// <summary>Words with a line break between; "" for all.</summary>
    public string Segment { get; private init; } = "";

    public string Country { get; private init; } = "";

    public string Controller { get; private init; } = "";

    public string Search { get; internal init; } = "";

    /// <summary>Customers at the top of their groups.</summary>
    public string Group { get; private init; } = "";

    /// <summary>A bit per rank of a grade; 0 for all.</summary>
    public int GradeSet { get; private init; }

    /// <summary>A bit per band; 0 for all.</summary>
    public int BandSet { get; internal init; }

    public bool Breached { get; internal init; }

    public bool Held { get; internal init; }

    public bool Unapplied { get; internal init; }

    /// <summary>Only whose utilisation has risen since this morning.</summary>
    public bool Rising { get; internal init; }

    /// <summary>−1 for any.</summary>
    public int OverdueDays { get; internal init; } = -1;

    public int MinUtilisation { get; private init; } = int.MinValue;

    /// <summary>Segments of the caller, sorted; "" for all.</summary>
    public string Scope { get; private init; } = "";

    /// <summary>The whole book.</summary>
    internal static BoardFilter Everything { get; } = new();

    /// <summary>All that a caller sees.</summary>
    internal static BoardFilter Of(Caller caller) => new() { Scope = ScopeOf(caller) };

    private static string ScopeOf(Caller caller) => string.Join('\n', caller.Segments.Order(StringComparer.Ordinal));

    internal static string NameOf(Band band) => BandNames[(int)band];

    internal static bool TryRead(IQueryCollection query, Caller caller, out BoardFilter filter, out IResult? wrong)
    {
        (filter, wrong) = (new BoardFilter(), null);
        var sort = query["sort"].ToString() is { Length: > 0 } told ? told : "gross";
        var order = query["order"].ToString();
        var (least, overdue, bands, grades) = (int.MinValue, -1, 0, 0);
        foreach (var name in List(query["grade"]))
            if (Array.IndexOf(GradeNames, name) is var rank and >= 0) grades |= 1 << rank;
            else wrong ??= Problems.Of(400, "BAD_FILTER", "?grade=: expected some of " + string.Join(", ", GradeNames) + ".");
        foreach (var name in List(query["band"]))
            if (Array.IndexOf(BandNames, name) is var band and >= 0) bands |= 1 << band;
            else wrong ??= Problems.Of(400, "BAD_FILTER", "?band=: expected some of " + string.Join(", ", BandNames) + ".");
        if (!Sorts.Contains(sort)) wrong = Problems.Of(400, "BAD_SORT", "?sort=: expected one of " + string.Join(", ", Sorts) + ".");
        else if (order is not ("" or "asc" or "desc")) wrong = Problems.Of(400, "BAD_SORT", "?order=: expected asc or desc.");
        else if (query["minUtilisation"].ToString() is { Length: > 0 } from && !int.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out least))
            wrong = Problems.Of(400, "BAD_FILTER", "?minUtilisation=: expected basis points as a whole number, such as 8000.");
        else if (query["overdueDays"].ToString() is { Length: > 0 } days && (!int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out overdue) || overdue > 9_999))
            wrong = Problems.Of(400, "BAD_FILTER", "?overdueDays=: expected days as a whole number, such as 30.");
        foreach (var flag in (ReadOnlySpan<string>)["breached", "held", "unapplied", "rising"])
            if (query[flag].ToString() is not ("" or "true" or "false")) wrong ??= Problems.Of(400, "BAD_FILTER", $"?{flag}=: expected true or false.");
        if (wrong is not null) return false;
        filter = new BoardFilter
        {
            Sort = sort, Ascending = order == "asc" || (order.Length == 0 && sort == "customer"), Segment = Joined(query["segment"]), Country = Joined(query["country"]),
            Controller = string.Join('\n', List(query["controller"]).Select(c => c == "me" ? caller.Subject : c).Order(StringComparer.Ordinal)), Search = query["search"].ToString(),
            Group = Joined(query["group"]), GradeSet = grades, BandSet = bands, Breached = query["breached"] == "true", Held = query["held"] == "true", Unapplied = query["unapplied"] == "true", Rising = query["rising"] == "true",
            OverdueDays = overdue, MinUtilisation = least, Scope = ScopeOf(caller),
        };
        return true;
    }

    /// <summary>The rows of the board in its order, all of them.</summary>
    internal List<PublishedRow> Rows(ExposureEngine engine, Bands bands) => Rows(BoardScan.Run(engine, this, bands, int.MaxValue).InOrder());

    /// <summary>The rows that a scan has chosen, as they stand now.</summary>
    internal static List<PublishedRow> Rows(List<RankedRow> chosen)
    {
        var rows = new List<PublishedRow>(chosen.Count);
        foreach (var one in chosen)
            if (one.Rows.TryGetAt(one.Slot, out var row)) rows.Add(row);
        return rows;
    }

    internal bool Takes(in PublishedGlance g, Bands bands, Words words, PublishedRows rows) => words.Take(g)
        && (GradeSet == 0 || (GradeSet & (1 << g.Grade)) != 0) && (BandSet == 0 || (BandSet & (1 << (int)bands.Of(g))) != 0) && (!Breached || g.Breached) && (!Held || g.HeldOrders > 0)
        && (OverdueDays < 0 || g.OldestDays > OverdueDays) && (!Unapplied || g.Unapplied > 0) && (MinUtilisation == int.MinValue || g.UtilisationBp >= MinUtilisation)
        && (!Rising || bands.HasRisen(g, rows))
        && (Search.Length == 0 || rows.CustomerAt(g.Slot).Contains(Search, StringComparison.OrdinalIgnoreCase));

    internal long KeyOf(in PublishedGlance g, Bands bands) => Sort switch
    {
        "gross" => bands.Rank(g.Gross, g.Currency),
        "limit" => g.LimitKind == LimitKind.Amount ? bands.Rank(g.Limit, g.Currency) : g.LimitKind == LimitKind.Unlimited ? long.MaxValue : -1,
        "utilisation" => g.UtilisationBp,
        "over" => g.Breached ? bands.Rank(-Math.Min(0, g.Available), g.Currency) : -1,
        "overdue" => bands.Rank(g.Overdue, g.Currency),
        "days" => g.OldestDays,
        "receivables" => bands.Rank(g.Receivables, g.Currency),
        "available" => bands.Rank(g.Available, g.Currency),
        "held" => bands.Rank(g.Held, g.Currency),
        // Nobody with a grade comes last in either order.
        "grade" => g.Grade == 0 ? (Ascending ? long.MaxValue : long.MinValue) : -g.Grade,
        _ => 0,
    };

    private static string[] List(Microsoft.Extensions.Primitives.StringValues told) => told.ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Joined(Microsoft.Extensions.Primitives.StringValues told) => string.Join('\n', List(told).Order(StringComparer.Ordinal));

    /// <summary>The words of a filter as the numbers that the rows of a partition name them by.</summary>
    internal sealed class Words(BoardFilter filter, Bands bands, ExposureEngine engine)
    {
        private readonly HashSet<(int Partition, int Slot)>? _members = filter.Group.Length == 0 ? null : Bands.Places(filter.Group.Split('\n').Where(top => Bands.IsInScope(top, filter.Scope, engine)).SelectMany(bands.Groups.MembersOf), engine);

        private readonly string[]? _scope = Split(filter.Scope), _segments = Split(filter.Segment), _countries = Split(filter.Country), _controllers = Split(filter.Controller);
        private bool[]? _inScope, _inSegment, _inCountry, _inController;

        internal void Begin(PublishedRows rows)
        {
            var words = rows.Words;
            (_inScope, _inSegment, _inCountry, _inController) = (In(words, _scope), In(words, _segments), In(words, _countries), In(words, _controllers));
        }

        internal bool Take(in PublishedGlance g) => (_members is null || _members.Contains((g.Partition, g.Slot))) && Has(_inScope, g.Segment) && Has(_inSegment, g.Segment) && Has(_inCountry, g.Country) && Has(_inController, g.Controller);

        // A word that a row brought while the scan ran is not among those it began with: the next scan sees the row.
        private static bool Has(bool[]? wanted, short word) => wanted is null || (word < wanted.Length && wanted[word]);

        private static bool[]? In(IReadOnlyList<string> words, string[]? wanted) => wanted is null ? null : [.. words.Select(wanted.Contains)];

        private static string[]? Split(string told) => told.Length == 0 ? null : told.Split('\n');
    }
}
