using System.Globalization;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>Letters of the file: reminders and late interest.</summary>
public sealed partial class ChannelsFile
{
    private CollectionRules ReadCollections(YamlSection root)
    {
        var ladder = DunningLadder.Default;
        if (root.Has("dunning"))
        {
            var levels = root.Sections("dunning").Select(ReadLevel).ToList();
            if (DunningLadder.Create(levels, out var wrong) is { } own) ladder = own;
            else root.Fault("dunning", wrong);
        }

        return new CollectionRules(ladder, root.Section("interest") is { } interest ? ReadInterest(interest) : null);
    }

    private static DunningLevel ReadLevel(YamlSection section)
    {
        var level = new DunningLevel(Whole(section, "level", 0), section.Choice("from", DunningBasis.DueDate, required: false, ("due_date", DunningBasis.DueDate), ("end_of_month", DunningBasis.DueDateEndOfMonth), ("previous", DunningBasis.PreviousReminder)),
            Whole(section, "days", 0), section.Choice("how", "email", required: false, ("email", "email"), ("call", "call"), ("visit", "visit"), ("legal", "legal")), section.Text("text") ?? "");
        section.End();
        return level;
    }

    private static InterestRules ReadInterest(YamlSection section)
    {
        var regime = section.Choice("regime", InterestRegime.Contract, required: true, ("eu", InterestRegime.EuDirective), ("uk", InterestRegime.Uk1998), ("cn_sme", InterestRegime.CnSme), ("contract", InterestRegime.Contract));
        var references = new List<ReferenceRate>();
        if (section.Section("references") is { } dated)
        {
            foreach (var day in dated.Keys.ToList())
            {
                if (!DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var from)) dated.Fault(day, "expected a date such as 2026-01-01");
                else references.Add(new ReferenceRate(from.DayNumber, Percent(dated, day, 0) ?? 0));
            }
        }

        var rules = new InterestRules
        {
            Regime = regime, References = references, MarginBp = Percent(section, "margin", 800) ?? 800, AgreedBp = Percent(section, "agreed", null) ?? -1, AgreedDailyPpm = DailyPpm(section), DayBase = section.Number("day_base", 365, 360, 365),
            GraceDays = section.Number("grace_days", 0, 0, 3_650), LeastAmount = section.Number("least", 0, 0, int.MaxValue), FixedSum = section.Number("fixed_sum", 4_000, 4_000, int.MaxValue), DaysWithoutDate = section.Number("days_without_date", 30, 1, 365),
            Rounding = section.Choice("rounding", InterestRounding.AtEnd, required: false, ("at_end", InterestRounding.AtEnd), ("daily", InterestRounding.DailyToPenny)),
        };
        if (rules.DayBase is not (360 or 365)) section.Fault("day_base", "expected 360 or 365");
        if (regime is InterestRegime.EuDirective or InterestRegime.Uk1998)
        {
            if (references.Count == 0) section.Fault("references", "is missing: the central bank's rate with the day from which it holds");
            if (rules.MarginBp < 800) section.Fault("margin", "the law asks for 8 points at least");
        }

        if (regime == InterestRegime.Contract && rules is { AgreedBp: < 0, AgreedDailyPpm: < 0 }) section.Fault("agreed", "a contract needs an agreed rate: agreed (percent a year) or agreed_daily (percent a day)");
        if (regime == InterestRegime.CnSme && (rules.AgreedBp >= 0 || rules.AgreedDailyPpm >= 0) && references.Count == 0) section.Fault("references", "is missing: the one-year LPR, below which nothing can be agreed");
        section.End();
        return rules;
    }

    private static int? Percent(YamlSection section, string key, int? otherwise) => Scaled(section, key, 100, "a share in percent such as 2.15") ?? otherwise;

    private static int DailyPpm(YamlSection section) => Scaled(section, "agreed_daily", 10_000, "a share in percent a day such as 0.05") ?? -1;

    /// <summary>A decimal number times a scale, exactly; <c>null</c> when it is not told.</summary>
    private static int? Scaled(YamlSection section, string key, int scale, string expected)
    {
        if (section.Text(key) is not { } text) return null;
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var told) && Math.Abs(told) <= 1_000 && told * scale == decimal.Truncate(told * scale)) return (int)(told * scale);
        return section.Fault<int?>(key, $"'{text}': expected {expected}", null);
    }

    private static int Whole(YamlSection section, string key, int otherwise)
    {
        if (section.Text(key, required: true) is not { } text) return otherwise;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) <= 10_000 ? number : section.Fault(key, $"'{text}': expected a whole number of days or a level", otherwise);
    }
}
