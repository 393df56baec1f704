using System.Globalization;

namespace ExposureMonitor.Domain;

/// <summary>What happens when a step fails; the worst reaction of all steps wins.</summary>
public enum Reaction : byte
{
    Off, Ignore, Warn, Hold, Refuse,
}

/// <summary>
/// Every number and rule of the desk that is not a law: an immutable version. The defaults are those of credit.md.
/// Parameters are set by name, for all customers (<c>horizonDays</c>) or for one segment
/// (<c>segment/RETAIL/horizonDays</c>).
/// </summary>
public sealed class Policy
{
    private static readonly (string Name, long Default, long Least, long Most)[] Known =
    [
        ("horizonDays", 60, 0, 999),
        ("heldCounts", 0, 0, 1),
        ("atLimitHolds", 0, 0, 1),
        ("ceilingBp", 10_000, 1, 100_000),
        ("fxHaircutBp", 500, 0, 10_000),
        ("fxStaleDays", 3, 0, 3650),
        ("fxDeadDays", 10, 0, 3650),
        ("step.010", (long)Reaction.Off, 0, 4),
        ("step.020", (long)Reaction.Warn, 0, 4),
        ("step.030", (long)Reaction.Hold, 0, 4),
        ("step.100", (long)Reaction.Hold, 0, 4),
        ("step.110", (long)Reaction.Hold, 0, 4),
        ("step.OV", (long)Reaction.Warn, 0, 4),
        ("step.120", (long)Reaction.Warn, 0, 4),
        ("maxDocumentBp", 2_500, 0, 100_000),
        ("maxDocumentAmount", 0, 0, long.MaxValue),
        ("dunningLevel", 2, 0, 99),
        ("oldestDays", 30, 0, 9999),
        ("oldestMinimum", 10_000, 0, long.MaxValue),
        ("overdueShareDays", 10, 0, 9999),
        ("overdueShareBp", 2_000, 0, 10_000),
        ("paymentIndexFloor", 5_000, 0, 10_000),
        ("portfolioIndex", 8_000, 0, 10_000),
        ("noLimit", (long)Reaction.Hold, 0, 4),
        ("segmentDefaultLimit", -1, -1, long.MaxValue),
        ("limitExpiryGraceDays", 14, 0, 3650),
        ("rule.1", (long)Reaction.Off, 0, 4),
        ("rule.1.days", 30, 0, 9999),
        ("rule.2", (long)Reaction.Hold, 0, 4),
        ("rule.3", (long)Reaction.Hold, 0, 4),
        ("rule.4", (long)Reaction.Off, 0, 4),
        ("rule.4.days", 0, 0, 9999),
        ("rule.5", (long)Reaction.Off, 0, 4),
        ("rule.5.amount", 0, 0, long.MaxValue),
        ("rule.5.shareBp", 8_000, 0, 100_000),
        ("rule.6", (long)Reaction.Off, 0, 4),
        ("rule.6.amount", 0, 0, long.MaxValue),
        ("rule.7", (long)Reaction.Off, 0, 4),
        ("rule.7.shareBp", 9_000, 0, 100_000),
        ("rule.8", (long)Reaction.Off, 0, 4),
        ("rule.9", (long)Reaction.Off, 0, 4),
        ("reservationMinutes", 30, 1, 43_200),
        ("graceDays", 5, 0, 365),
        ("deviationBp", 1_000, 0, 100_000),
        ("dwellSeconds", 60, 0, 86_400),
        ("releaseAutomatically", 1, 0, 1),
        ("releaseStrict", 0, 0, 1),
        ("recheckOnCut", 0, 0, 1),
        ("approvalDays", 3, 1, 60),
        ("twoApproversAbove", 100_000_000, -1, long.MaxValue),
        ("limitRaiseFactor", 3, 1, 1000),
        ("limitAbsoluteCap", -1, -1, long.MaxValue),
        ("acknowledgeMinutes", 5, 1, 10_000),
        ("parkDays", 7, 1, 365),
        ("futureMinutes", 5, 0, 10_000),
        ("documentAmountMax", 1_000_000_000_000_000, 1, 1_000_000_000_000_000),
        ("tooOldDays", 400, 1, 400),
        ("closedKeepDays", 120, 1, 3650),
    ];

    private readonly Dictionary<string, long> _values;
    private readonly Dictionary<string, Policy> _segments = new(StringComparer.Ordinal);

    private Policy(string id, long version, Dictionary<string, long> values)
    {
        Id = id;
        Version = version;
        _values = values;
        HorizonDays = (int)this["horizonDays"];
        HeldCounts = this["heldCounts"] == 1;
        AtLimitHolds = this["atLimitHolds"] == 1;
        CeilingBp = this["ceilingBp"];
    }

    /// <summary>The policy of a new database: the defaults of the specification.</summary>
    public static Policy Default { get; } = new("default", 1, []);

    public string Id { get; }

    public long Version { get; }

    /// <summary>Orders that ship later than so many days ahead do not count.</summary>
    public int HorizonDays { get; }

    /// <summary>True: held orders count in the exposure; false: they are statistical.</summary>
    public bool HeldCounts { get; }

    /// <summary>True: exactly at the limit holds.</summary>
    public bool AtLimitHolds { get; }

    public long CeilingBp { get; }

    /// <summary>Names, defaults and bounds of all parameters.</summary>
    public static IEnumerable<(string Name, long Default, long Least, long Most)> Parameters => Known;

    /// <summary>The value of a parameter, or its default.</summary>
    public long this[string name]
    {
        get
        {
            if (_values.TryGetValue(name, out var value)) return value;
            foreach (var known in Known)
                if (known.Name == name) return known.Default;
            throw new ArgumentException($"'{name}' is no parameter of a policy.", nameof(name));
        }
    }

    public Reaction ReactionOf(string name) => (Reaction)this[name];

    /// <summary>The policy as a segment sees it.</summary>
    public Policy For(string segment) => _segments.GetValueOrDefault(segment, this);

    /// <summary>A new version; an unknown name or a value out of bounds is named in <paramref name="error"/>.</summary>
    public static Policy? Create(string id, long version, IReadOnlyList<PolicyParameter> parameters, out string error)
    {
        var all = new Dictionary<string, long>(StringComparer.Ordinal);
        var bySegment = new SortedDictionary<string, Dictionary<string, long>>(StringComparer.Ordinal);
        error = "";
        foreach (var parameter in parameters)
        {
            var path = parameter.Name.Split('/');
            var name = path[^1];
            var known = Array.FindIndex(Known, k => k.Name == name);
            if (known < 0 || path.Length is not (1 or 3) || (path.Length == 3 && path[0] != "segment"))
                error = $"'{parameter.Name}' is no parameter of a policy.";
            else if (!long.TryParse(parameter.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                || value < Known[known].Least || value > Known[known].Most)
                error = $"'{parameter.Name}' must be a whole number from {Known[known].Least} to {Known[known].Most}.";
            else if (path.Length == 1)
                all[name] = value;
            else if (bySegment.TryGetValue(path[1], out var values))
                values[name] = value;
            else
                bySegment[path[1]] = new Dictionary<string, long>(StringComparer.Ordinal) { [name] = value };
            if (error.Length > 0) return null;
        }

        var policy = new Policy(id, version, all);
        foreach (var (segment, values) in bySegment)
        {
            var merged = new Dictionary<string, long>(all, StringComparer.Ordinal);
            foreach (var (name, value) in values) merged[name] = value;
            policy._segments[segment] = new Policy(id, version, merged);
        }

        return policy;
    }

    /// <summary>All values that differ from the defaults, by name, as they were activated.</summary>
    public IReadOnlyList<PolicyParameter> ToParameters()
    {
        var list = new List<PolicyParameter>();
        foreach (var (name, value) in _values.OrderBy(p => p.Key, StringComparer.Ordinal)) list.Add(new() { Name = name, Value = Text(value) });
        foreach (var (segment, policy) in _segments.OrderBy(p => p.Key, StringComparer.Ordinal))
            foreach (var (name, value) in policy._values.OrderBy(p => p.Key, StringComparer.Ordinal))
                if (!_values.TryGetValue(name, out var common) || common != value)
                    list.Add(new() { Name = $"segment/{segment}/{name}", Value = Text(value) });
        return list;
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
