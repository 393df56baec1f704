using System.Globalization;

namespace ExposureMonitor.Alerts;

/// <summary>Routes and inhibitions of the file.</summary>
public sealed partial class ChannelsFile
{
    private const int DepthMax = 10;

    /// <summary>Without routes: what is MED or worse goes to every channel, LOW once a day, INFO stays in the console.</summary>
    private Route ReadRoutes(YamlSection root)
    {
        if (root.Section("route") is { } section) return ReadRoute(section, "root", null, 0);
        List<string> all = [.. _channels.Select(c => c.Name)];
        var plan = new RoutePlan { Name = "root", To = all, TimeZone = _zone };
        return new Route(plan, [], false,
        [
            new Route(plan with { Name = "root/info", To = [] }, [LabelMatcher.Equal("severity", "INFO")], false, []),
            new Route(plan with { Name = "root/low", DailyAt = new TimeOnly(8, 0) }, [LabelMatcher.Equal("severity", "LOW")], false, []),
        ]);
    }

    private Route ReadRoute(YamlSection section, string path, RoutePlan? parent, int depth)
    {
        var plan = parent ?? new RoutePlan { Name = path, TimeZone = _zone };
        plan = plan with
        {
            Name = path, To = Known(section, "to", plan.To), Next = Known(section, "next", plan.Next), NextAfter = section.Span("next_after", plan.NextAfter), GroupBy = section.Texts("group_by", plan.GroupBy),
            GroupWait = section.Span("group_wait", plan.GroupWait), GroupInterval = section.Span("group_interval", plan.GroupInterval), RepeatInterval = section.Span("repeat_interval", plan.RepeatInterval),
            EscalateAfter = section.Has("escalate_after") ? section.Span("escalate_after", TimeSpan.FromMinutes(15)) : plan.EscalateAfter, EscalateTo = Known(section, "escalate_to", plan.EscalateTo), DailyAt = DailyOf(section, plan.DailyAt),
        };
        // What a route inherits is told where it stands, once.
        var hasIntervals = parent is null || section.Has("group_interval") || section.Has("repeat_interval");
        if (hasIntervals && plan.GroupInterval > TimeSpan.Zero && plan.RepeatInterval.Ticks % plan.GroupInterval.Ticks != 0) section.Fault("repeat_interval", $"expected a multiple of group_interval ({plan.GroupInterval})");
        if (hasIntervals && plan.RepeatInterval < TimeSpan.FromMinutes(1)) section.Fault("repeat_interval", "expected 1m or more");
        if (plan.EscalateAfter is not null && plan.EscalateTo.Count == 0) section.Fault("escalate_after", "escalate_to does not say to whom");
        var (matchers, on) = (MatchersOf(section, "match"), section.Flag("continue", false));
        if (parent is null && matchers.Count > 0) section.Fault("match", "the first route takes everything");
        var children = new List<Route>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (child, index) in section.Sections("routes").Select((c, i) => (c, i + 1)))
        {
            if (depth >= DepthMax)
            {
                section.Fault("routes", $"at most {DepthMax} levels");
                break;
            }

            var name = child.Text("name") ?? index.ToString(CultureInfo.InvariantCulture);
            if (!names.Add(name)) child.Fault("name", $"'{name}' stands here twice");
            children.Add(ReadRoute(child, $"{path}/{name}", plan, depth + 1));
        }

        if (parent is null) section.Text("name");
        section.End();
        return new Route(plan, matchers, on, children);
    }

    private Heartbeat? ReadHeartbeat(YamlSection root)
    {
        if (root.Section("heartbeat") is not { } section) return null;
        var beat = new Heartbeat(Known(section, "to", []), section.Span("every", TimeSpan.FromMinutes(5)));
        if (beat.To.Count == 0) section.Fault("to", "is missing: who waits for the sign of life");
        if (beat.Every < TimeSpan.FromMinutes(1)) section.Fault("every", "expected 1m or more");
        section.End();
        return beat;
    }

    private IReadOnlyList<string> Known(YamlSection section, string key, IReadOnlyList<string> otherwise)
    {
        var names = section.Texts(key, otherwise);
        if (section.Has(key))
        {
            foreach (var name in names)
                if (_channels.TrueForAll(c => c.Name != name) && !_off.Contains(name)) section.Fault(key, $"there is no channel '{name}'");
        }

        return names;
    }

    private static TimeOnly? DailyOf(YamlSection section, TimeOnly? otherwise)
    {
        if (section.Text("daily_at") is not { } text) return otherwise;
        return TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : section.Fault<TimeOnly?>("daily_at", $"'{text}': expected a time of the day such as \"08:00\"", null);
    }

    private static List<LabelMatcher> MatchersOf(YamlSection section, string key)
    {
        var matchers = new List<LabelMatcher>();
        foreach (var text in section.Texts(key, []))
        {
            try
            {
                matchers.Add(LabelMatcher.Parse(text));
            }
            catch (FormatException wrong)
            {
                section.Fault(key, wrong.Message);
            }
        }

        return matchers;
    }

    /// <summary>Those of the file take the place of the usual ones.</summary>
    private static IReadOnlyList<InhibitRule> ReadInhibits(YamlSection root)
    {
        if (!root.Has("inhibit")) return InhibitRule.Defaults;
        var rules = new List<InhibitRule>();
        foreach (var section in root.Sections("inhibit"))
        {
            var rule = new InhibitRule(section.Text("name", required: true) ?? "", MatchersOf(section, "source"), MatchersOf(section, "target"), section.Texts("equal", []));
            if (rule.Source.Count == 0) section.Fault("source", "is missing: everything would mute");
            if (rule.Target.Count == 0) section.Fault("target", "is missing: everything would be muted");
            section.End();
            rules.Add(rule);
        }

        return rules;
    }
}
