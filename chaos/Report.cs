using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ExposureMonitor.Chaos;

/// <summary>The result as JSON for machines and Markdown for people.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    internal static string Json(Outcome outcome)
    {
        var body = JsonSerializer.SerializeToNode(outcome, Indented)!.AsObject();
        body["secondsToLag0"] = JsonSerializer.SerializeToNode(Recoveries(outcome).ToDictionary(r => r.Fault, r => new { r.Count, r.P50, r.P95, r.Most }), Indented);
        return body.ToJsonString(Indented);
    }

    internal static string Markdown(Outcome o)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
        Line($"# {o.Verdict}: seed {o.Seed}, commit {o.Commit}, {o.Minutes:0.0} minutes");
        if (o.Why.Length > 0) Line($"\n{o.Why}");
        Line($"\n| | |\n|---|---:|");
        Line($"| broker | {o.Broker} |");
        Line($"| periods judged, verified from the first frame | {o.Periods}, {o.Verifications} |");
        Line($"| events | {o.Events:N0} |");
        Line($"| repetitions absorbed | {o.Absorbed:N0} |");
        Line($"| dead letters, of {o.Tally.DeadLetters.Count} reasons | {o.DeadLetters:N0} |");
        Line($"| kills | {o.Kills} |");
        Line($"| processes that woke up beside a new owner | {o.Zombies} |");
        Line($"| two owners at once, with writes refused by the fence | {o.OwnersFenced} |");
        Line($"| writes refused by the fence (the database's log) | {o.FencedWrites} |");
        if (o.Network.Length > 0)
        {
            Line($"| network of the silos | {o.Network} |");
            Line($"| databases of the journal, each frame in that of its partition | {o.Databases} |");
            Line($"| silos that ended by themselves and were started again | {o.SilosThatEnded} |");
            Line($"| cuts between silos that moved partitions, with writes refused by the fence | {o.Cuts.Times}, {o.Cuts.Fenced} |");
            Line($"| every partition activated by two clusters, with writes refused by the fence | {o.TwiceActivated.Times}, {o.TwiceActivated.Fenced} |");
            Line($"| partitions taken from stale silos, frames that those wrote afterwards | {o.TakenFromStale}, 0 |");
            Line($"| hand-overs that took longer than promised | {o.Late.Count} of {o.Handovers.Count} |");
        }

        Line($"| requests that a process without its database refused | {o.RefusedByZombies} |");
        Line($"| wires that ended while the database owed an answer | {o.DoubtfulWires} |");
        Line($"| decisions asked, acknowledged, approved | {o.Tally.Asked:N0}, {o.Tally.Acknowledged:N0}, {o.Tally.Approvals:N0} |");
        Line($"| unheard decisions that stood, that did not | {o.Tally.UnknownWith}, {o.Tally.UnknownWithout} |");
        Line($"| requests repeated under their key | {o.Retried:N0} |");
        Line($"| races to the last headroom | {o.Tally.ContestsFilled} |");
        Line($"| crossings of EW-01 compared | {o.Tally.Crossings:N0} |");
        foreach (var (topic, told) in o.Tally.Told) Line($"| told on `{topic}`, each once | {told:N0} |");
        Line($"| told again, the same byte for byte | {o.Tally.ToldAgain:N0} |");
        Line($"| violations | {(o.Verdict == "FAIL" ? 1 : 0)} |");
        Line($"| bound on failures per kill (3/n) | {o.BoundPerKill:P2} |");
        Line($"\n| fault | times |\n|---|---:|");
        foreach (var (fault, times) in o.Faults) Line($"| {fault} | {times} |");
        if (o.Handovers.Count > 0)
        {
            Line($"\n| seconds until every partition decides again | times | p50 | p95 | most |\n|---|---:|---:|---:|---:|");
            foreach (var (what, count, p50, p95, most) in Handovers(o)) Line($"| {what} | {count} | {p50:0.0} | {p95:0.0} | {most:0.0} |");
            foreach (var late in o.Late) Line($"\nLate: {late}.");
            Line($"\nLoad by processor meanwhile: {o.Handovers.Min(h => h.Load):0.0} to {o.Handovers.Max(h => h.Load):0.0}. All silos at once, with the load of each: {string.Join("; ", o.Handovers.Where(h => h.Fault == Fault.AllSilosKill).Select(Told))}.");
        }

        Line($"\n| seconds to lag 0 after | times | p50 | p95 | most |\n|---|---:|---:|---:|---:|");
        foreach (var (fault, count, p50, p95, most) in Recoveries(o)) Line($"| {fault} | {count} | {p50:0.0} | {p95:0.0} | {most:0.0} |");
        Line($"\n| dead letter | times |\n|---|---:|");
        foreach (var (reason, times) in o.Tally.DeadLetters) Line($"| {reason} | {times:N0} |");
        return text.ToString();
    }

    private static string Told(Handover h) => string.Create(CultureInfo.InvariantCulture, $"{h.Owned:0.0} s at {h.Load:0.0}{(h.IsJudged ? "" : ", not judged")}");

    private static IEnumerable<(string What, int Count, double P50, double P95, double Most)> Handovers(Outcome o)
    {
        foreach (var group in o.Handovers.GroupBy(h => h.Fault).OrderBy(g => g.Key.ToString(), StringComparer.Ordinal))
        {
            yield return Of($"{group.Key}", [.. group.Select(h => h.Owned).Order()]);
            if (group.Where(h => h.Detected is not null).ToList() is not { Count: > 0 } noticed) continue;
            yield return Of($"{group.Key}: of these until the death was noticed", [.. noticed.Select(h => h.Detected!.Value).Order()]);
            yield return Of($"{group.Key}: and from there", [.. noticed.Select(h => h.Back!.Value).Order()]);
        }
    }

    private static IEnumerable<(string Fault, int Count, double P50, double P95, double Most)> Recoveries(Outcome o)
    {
        foreach (var group in o.Recoveries.GroupBy(r => r.Fault).OrderBy(g => g.Key.ToString(), StringComparer.Ordinal))
            yield return Of(group.Key.ToString(), [.. group.Select(r => r.Seconds).Order()]);
        if (o.Recoveries.Count > 0) yield return Of("any", [.. o.Recoveries.Select(r => r.Seconds).Order()]);
    }

    private static (string, int, double, double, double) Of(string name, double[] sorted) =>
        (name, sorted.Length, sorted[(sorted.Length - 1) / 2], sorted[(int)Math.Ceiling((sorted.Length - 1) * 0.95)], sorted[^1]);
}
