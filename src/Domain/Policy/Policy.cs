using System.Globalization;

namespace ExposureMonitor.Domain;

/// <summary>What happens when a step fails; the worst reaction of all steps wins.</summary>
public enum Reaction : byte
{
    Off, Ignore, Warn, Hold, Refuse,
}

/// <summary>What a component means for the exposure; statistical is shown and not counted.</summary>
public enum ComponentUse : byte
{
    Counted, Statistical, Off,
}

/// <summary>
/// Every number and rule of the desk that is not a law: an immutable version. The defaults are those of credit.md.
/// Parameters are set by name, for all customers (<c>horizonDays</c>), for one segment
/// (<c>segment/RETAIL/horizonDays</c>), rules also for one customer (<c>customer/C-1/rule.1</c>), for a tier of customers
/// (<c>group/GOLD/rule.1</c>) or for a risk group (<c>risk/D/rule.1</c>). Ranks of terms codes are
/// <c>terms/N30/rank</c>, those that ask for the money first <c>terms/PIA/prepay</c>; a tier's ceiling and default limit <c>tier/GOLD/max</c> and <c>tier/GOLD/limit</c>;
/// the rank of an agency's rating <c>rating/BBB/rank</c>, higher is better; an emerging market <c>country/CN/emerging</c>;
/// points in the credit score <c>country/CN/points</c> and <c>industry/STEEL/points</c>; what a code of a reason is for
/// <c>reason/KEY_CUSTOMER/release</c>, <c>refusal</c> and <c>day</c>.
/// </summary>
public sealed class Policy
{
    private readonly long[] _values;
    private readonly PolicyScopes _scopes;
    private readonly SortedDictionary<string, long> _told;
    private readonly ulong _off;
    private Ladders? _ladders;
    private readonly Dictionary<string, Policy> _segments = new(StringComparer.Ordinal);

    private Policy(string id, long version, long[] values, PolicyScopes scopes, SortedDictionary<string, long> told)
    {
        (Id, Version, _values, _scopes, _told) = (id, version, values, scopes, told);
        HorizonDays = (int)values[(int)Parameter.HorizonDays];
        for (var i = 0; i < Components; i++)
        {
            if (UseOf(i) == ComponentUse.Counted) Counted |= 1 << i;
            if (UseOf(i) == ComponentUse.Off) Hidden |= 1 << i;
            HasCaps |= CapOf(i) >= 0;
        }

        for (var indicator = 1; indicator <= 42; indicator++)
            if (values[(int)Parameter.Signal01On + indicator - 1] == 0) _off |= 1UL << indicator;
    }

    /// <summary>Number of components, in the order O, D, B, R, N, P, U, H, V, X.</summary>
    internal const int Components = 10;

    /// <summary>The policy of a new database: the defaults of the specification.</summary>
    public static Policy Default { get; } = new("default", 1, ParameterTable.Defaults(), PolicyScopes.None, new(StringComparer.Ordinal));

    public string Id { get; }

    public long Version { get; }

    /// <summary>Orders that ship later than so many days ahead do not count.</summary>
    public int HorizonDays { get; }

    /// <summary>One bit per component that counts in the exposure, and per component that is not even shown.</summary>
    internal int Counted { get; }

    internal int Hidden { get; }

    internal bool HasCaps { get; }

    /// <summary>True while an indicator of the catalogue is judged, by its number.</summary>
    internal bool Judges(int indicator) => (_off & (1UL << indicator)) == 0;

    /// <summary>True while some indicator looks at habits: then they are kept.</summary>
    internal bool KeepsHabits => (_off & Habitual) != Habitual;

    /// <summary>EW-09, 14 to 18, 20 to 42: those behind the first thirteen, but for the group's.</summary>
    private const ulong Habitual = 1UL << 9 | 0b1_1111UL << 14 | 0x7F_FFFFUL << 20;

    /// <summary>The same by its name; what is none of the catalogue is always judged.</summary>
    internal bool Judges(string indicator) =>
        _off == 0 || indicator is not ['E', 'W', '-', var tens, var ones] || Judges((tens - '0') * 10 + ones - '0');

    /// <summary>Some segment sees other values.</summary>
    internal bool HasSegments { get; private set; }

    /// <summary>The steps of the indicators.</summary>
    internal Ladders Ladders => _ladders ??= new Ladders(this);

    /// <summary>Names, defaults and bounds of all parameters.</summary>
    public static IEnumerable<(string Name, long Default, long Least, long Most)> Parameters => ParameterTable.All;

    /// <summary>The value of a parameter, or its default.</summary>
    public long this[Parameter parameter] => _values[(int)parameter];

    /// <summary>The same as whole days, hours or minutes.</summary>
    internal int Int(Parameter parameter) => (int)_values[(int)parameter];

    internal bool Is(Parameter parameter) => _values[(int)parameter] != 0;

    public Reaction ReactionOf(Parameter parameter) => (Reaction)_values[(int)parameter];

    internal ComponentUse UseOf(int component) => (ComponentUse)_values[(int)Parameter.CountOpenOrders + component];

    internal long CapOf(int component) => _values[(int)Parameter.CapOpenOrders + component];

    /// <summary>The policy as a segment sees it.</summary>
    public Policy For(string segment) => _segments.Count == 0 ? this : _segments.GetValueOrDefault(segment, this);

    /// <summary>The most specific scope that has a rule: one customer, then a tier, then everybody of a risk group, then everybody.</summary>
    internal ScopedRule RuleOf(Parameter rule, string customer, string tier, string grade) => _scopes.Find(this, rule, customer, tier, grade);

    /// <summary>True when some rule stands for less than everybody.</summary>
    internal bool HasScopes => _scopes.HasRules;

    /// <summary>Rank of a terms code; <c>null</c> when the policy does not list it.</summary>
    internal int? RankOf(string terms) => _scopes.RankOf(terms);

    /// <summary>Rank of an agency's rating, higher is better; <c>null</c> when the policy does not list it.</summary>
    internal int? RankOfRating(string value) => _scopes.RankOfRating(value);

    /// <summary>True for a country that counts as an emerging market.</summary>
    internal bool IsEmerging(string country) => _scopes.IsEmerging(country);

    /// <summary>Points of a country and an industry in the credit score, 0 to 100; <c>null</c> where the policy tells neither.</summary>
    internal int? PointsOf(string country, string industry) => _scopes.PointsOf(country, industry);

    /// <summary>Codes that people give for what they do about held orders, in the order in which they are offered.</summary>
    public IReadOnlyList<ReasonCode> ReasonCodes => _scopes.Reasons;

    /// <summary>True for terms that ask for the money first.</summary>
    internal bool IsPrepay(string terms) => _scopes.IsPrepay(terms);

    /// <summary>True when some tier has a ceiling or a default limit.</summary>
    internal bool HasTiers => _scopes.HasTiers;

    /// <summary>Ceiling of a tier, minor units of the base currency; −1 without one.</summary>
    internal long TierMax(string tier) => _scopes.TierMax(tier);

    /// <summary>Limit of a customer of a tier for whom nobody decided one; −1 without one.</summary>
    internal long TierLimit(string tier) => _scopes.TierLimit(tier);

    /// <summary>A new version; an unknown name or a value out of bounds is named in <paramref name="error"/>.</summary>
    public static Policy? Create(string id, long version, IReadOnlyList<PolicyParameter> parameters, out string error)
    {
        var told = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var all = ParameterTable.Defaults();
        var bySegment = new SortedDictionary<string, List<(Parameter, long)>>(StringComparer.Ordinal);
        var scopes = new PolicyScopes();
        foreach (var parameter in parameters)
        {
            error = Take(parameter, all, bySegment, scopes, out var value);
            if (error.Length > 0) return null;
            told[parameter.Name] = value;
        }

        error = "";
        var policy = new Policy(id, version, all, scopes, told);
        foreach (var (segment, values) in bySegment)
        {
            var merged = (long[])all.Clone();
            foreach (var (parameter, value) in values) merged[(int)parameter] = value;
            policy.HasSegments = true;
            policy._segments[segment] = new Policy(id, version, merged, scopes, told);
        }

        return policy;
    }

    private static string Take(PolicyParameter told, long[] all, SortedDictionary<string, List<(Parameter, long)>> bySegment, PolicyScopes scopes, out long value)
    {
        var path = told.Name.Split('/');
        var unknown = $"'{told.Name}' is no parameter of a policy.";
        var isNumber = long.TryParse(told.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
        if (path.Length is not (1 or 3)) return unknown;
        if (path.Length == 3 && PolicyScopes.IsTable(path[0]))
        {
            if (!PolicyScopes.HasField(path[0], path[2])) return unknown;
            if (path[0] == "reason" && !ReasonCode.IsCode(path[1])) return $"'{told.Name}': a code has 1 to {ReasonCode.LengthMax} capital letters, digits and underscores.";
            var limit = PolicyScopes.MostOf(path[2]);
            if (!isNumber || value < 0 || value > limit) return $"'{told.Name}' must be a whole number from 0{(limit == long.MaxValue ? "" : $" to {limit}")}.";
            scopes.Set(path[0], path[1], path[2], value);
            return "";
        }

        if (ParameterTable.Find(path[^1]) is not { } parameter) return unknown;
        var (_, _, least, most) = ParameterTable.All[(int)parameter];
        if (parameter == Parameter.LockedRates && isNumber && value == 1) return $"'{told.Name}': items are valued at the latest rate; the rate of the document's date cannot be chosen.";
        if (!isNumber || value < least || value > most) return $"'{told.Name}' must be a whole number from {least} to {most}.";
        if (path.Length == 1)
        {
            all[(int)parameter] = value;
            return "";
        }

        if (path[0] == "segment")
        {
            if (!bySegment.TryGetValue(path[1], out var values)) bySegment[path[1]] = values = [];
            values.Add((parameter, value));
            return "";
        }

        if (path[0] is not ("customer" or "group" or "risk") || !PolicyScopes.IsRule(parameter)) return unknown;
        scopes.Set(path[0], path[1], parameter, value);
        return "";
    }

    /// <summary>All values that were told, by name, as they were activated.</summary>
    public IReadOnlyList<PolicyParameter> ToParameters()
    {
        var list = new List<PolicyParameter>();
        foreach (var (name, value) in _told) list.Add(new() { Name = name, Value = value.ToString(CultureInfo.InvariantCulture) });
        return list;
    }
}
