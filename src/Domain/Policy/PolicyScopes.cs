namespace ExposureMonitor.Domain;

/// <summary>For whom a blocking rule was written; a more specific level beats a wider one (credit.md section 6).</summary>
internal enum RuleLevel : byte
{
    All, Group, Table, Order,
}

/// <summary>A blocking rule as it stands for one customer.</summary>
internal readonly struct ScopedRule(Policy policy, IReadOnlyDictionary<Parameter, long>? values, RuleLevel level, Parameter rule)
{
    internal RuleLevel Level => level;

    internal Reaction Reaction => (Reaction)this[rule];

    /// <summary>A number of the rule; what the scope does not say is taken from the rule for everybody.</summary>
    internal long this[Parameter parameter] => values is not null && values.TryGetValue(parameter, out var value) ? value : policy[parameter];
}

/// <summary>What a policy says for less than everybody, and its tables of terms and tiers.</summary>
internal sealed class PolicyScopes
{
    private readonly Dictionary<(string Scope, string Key), Dictionary<Parameter, long>> _rules = [];
    private readonly Dictionary<string, int> _ranks = new(StringComparer.Ordinal);
    private readonly HashSet<string> _prepay = new(StringComparer.Ordinal), _emerging = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Table, string Key), int> _points = [];
    private List<ReasonCode>? _reasons;
    private readonly Dictionary<string, int> _ratings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Max, long Limit)> _tiers = new(StringComparer.Ordinal);

    internal static PolicyScopes None { get; } = new();

    internal bool HasRules => _rules.Count > 0;

    internal bool HasTiers => _tiers.Count > 0;

    /// <summary>Codes of reasons: those of everybody as the policy changes them, and the house's own behind them.</summary>
    internal IReadOnlyList<ReasonCode> Reasons => _reasons ?? ReasonCode.Defaults;

    /// <summary>Rules 1 to 9 may be written for one customer, a tier or a risk group.</summary>
    internal static bool IsRule(Parameter parameter) => parameter is >= Parameter.Rule1 and <= Parameter.Rule9;

    /// <summary>True for a table that hangs on no parameter: terms, tiers, ratings, countries, industries, codes of reasons.</summary>
    internal static bool IsTable(string name) => name is "terms" or "tier" or "rating" or "country" or "industry" or "reason";

    internal static bool HasField(string table, string field) => table switch
    {
        "terms" => field is "rank" or "prepay",
        "rating" => field is "rank",
        "country" => field is "emerging" or "points",
        "industry" => field is "points",
        "reason" => field is "release" or "refusal" or "day",
        _ => field is "max" or "limit",
    };

    /// <summary>The largest value of a field.</summary>
    internal static long MostOf(string field) => field switch { "points" => 100, "release" or "refusal" or "day" => 1, _ => long.MaxValue };

    internal void Set(string scope, string key, Parameter parameter, long value)
    {
        if (!_rules.TryGetValue((scope, key), out var values)) _rules[(scope, key)] = values = [];
        values[parameter] = value;
    }

    internal void Set(string table, string key, string field, long value)
    {
        if (field == "points")
        {
            _points[(table, key)] = (int)value;
            return;
        }

        if (table == "reason")
        {
            _reasons ??= [.. ReasonCode.Defaults];
            var at = _reasons.FindIndex(r => r.Code == key);
            if (at < 0) _reasons.Add(new ReasonCode(key, false, false, false).With(field, value != 0));
            else _reasons[at] = _reasons[at].With(field, value != 0);
            return;
        }

        if (table == "country")
        {
            if (value != 0) _emerging.Add(key);
            return;
        }

        if (table == "rating")
        {
            _ratings[key] = (int)Math.Min(value, int.MaxValue);
            return;
        }

        if (table == "terms" && field == "prepay")
        {
            if (value != 0) _prepay.Add(key);
            return;
        }

        if (table == "terms")
        {
            _ranks[key] = (int)Math.Min(value, int.MaxValue);
            return;
        }

        var known = _tiers.TryGetValue(key, out var tier) ? tier : (Max: -1, Limit: -1);
        _tiers[key] = field == "max" ? known with { Max = value } : known with { Limit = value };
    }

    internal int? RankOf(string terms) => _ranks.TryGetValue(terms, out var rank) ? rank : null;

    internal bool IsEmerging(string country) => _emerging.Count > 0 && _emerging.Contains(country);

    /// <summary>The fewer of the points of a country and an industry; <c>null</c> where neither has any.</summary>
    internal int? PointsOf(string country, string industry)
    {
        if (_points.Count == 0) return null;
        int? least = _points.TryGetValue(("country", country), out var points) ? points : null;
        return _points.TryGetValue(("industry", industry), out points) && (least is null || points < least) ? points : least;
    }

    internal int? RankOfRating(string value) => _ratings.TryGetValue(value, out var rank) ? rank : null;

    internal bool IsPrepay(string terms) => _prepay.Count > 0 && _prepay.Contains(terms);

    internal long TierMax(string tier) => _tiers.Count > 0 && _tiers.TryGetValue(tier, out var known) ? known.Max : -1;

    internal long TierLimit(string tier) => _tiers.Count > 0 && _tiers.TryGetValue(tier, out var known) ? known.Limit : -1;

    internal ScopedRule Find(Policy policy, Parameter rule, string customer, string tier, string grade)
    {
        if (_rules.Count > 0)
        {
            if (Has("customer", customer, rule, out var values)) return new ScopedRule(policy, values, RuleLevel.Table, rule);
            if (Has("group", tier, rule, out values)) return new ScopedRule(policy, values, RuleLevel.Group, rule);
            if (Has("risk", grade, rule, out values)) return new ScopedRule(policy, values, RuleLevel.All, rule);
        }

        return new ScopedRule(policy, null, RuleLevel.All, rule);
    }

    private bool Has(string scope, string key, Parameter rule, out Dictionary<Parameter, long>? values) =>
        _rules.TryGetValue((scope, key), out values) && values.ContainsKey(rule);
}
