using System.Globalization;
using System.Text.Json;

namespace ExposureMonitor.Chaos.Alerting;

/// <summary>One record of what became of a message, as the API tells it.</summary>
internal sealed record Record(string Alert, string Transition, string Channel, string State, string MessageId, string Answer, string MutedBy, int Attempts);

/// <summary>An alert, as the API tells it.</summary>
internal sealed record Told(string Id, string Rule, string Severity, string State, string Customer, string About);

/// <summary>Holds what the API says of deliveries against what the servers wrote down themselves.</summary>
internal sealed class AlertJudge(IReadOnlyList<Told> alerts, IReadOnlyList<Record> records, IReadOnlyList<LogLine> log, IReadOnlyList<Kill> kills)
{
    private readonly Dictionary<string, Told> _alerts = alerts.ToDictionary(a => a.Id, StringComparer.Ordinal);

    /// <summary>Messages that a server has shown more than once.</summary>
    internal int Repeats { get; private set; }

    /// <summary>Every expected alert is there, and each has the records that its route asks for.</summary>
    internal void Complete(IReadOnlyDictionary<string, string> holds, IReadOnlyDictionary<string, string> climbed, IEnumerable<string> burst, int ups)
    {
        var held = alerts.Where(a => a.Rule == "HOLD").GroupBy(a => a.About, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        foreach (var order in holds.Keys)
            if (held.GetValueOrDefault(order) != 1) throw new ViolationException($"lost: order {order} is on hold and has {held.GetValueOrDefault(order)} alerts.");
        if (held.Keys.FirstOrDefault(o => !holds.ContainsKey(o)) is { } unknown) throw new ViolationException($"invented: an alert speaks of order {unknown}, which nobody placed.");
        var ladder = alerts.Where(a => a.Rule == "EW-01" && a.Severity is not ("INFO" or "LOW")).ToLookup(a => a.Customer, StringComparer.Ordinal);
        foreach (var (customer, severity) in climbed)
        {
            if (ladder[customer].ToList() is not [var one]) throw new ViolationException($"lost: customer {customer} has climbed once and has {ladder[customer].Count()} alerts.");
            if (one.Severity != severity) throw new ViolationException($"wrong: {one.Id} is {one.Severity}, expected {severity}.");
        }

        foreach (var customer in burst)
            if (ladder[customer].Count() != ups) throw new ViolationException($"lost: customer {customer} has crossed {ups} times with the rate and has {ladder[customer].Count()} alerts.");
        var raised = records.Where(r => r.Transition == "raised").Select(r => (r.Alert, r.Channel)).ToHashSet();
        foreach (var alert in alerts)
        {
            // What a channel tells of itself goes to the others.
            if (alert.Rule == "CHANNEL" && AlertRoutes.Of(alert.Rule, alert.Severity).Any(c => raised.Contains((alert.Id, c)))) continue;
            foreach (var channel in AlertRoutes.Of(alert.Rule, alert.Severity))
                if (!raised.Contains((alert.Id, channel))) throw new ViolationException($"lost: {alert.Id} ({alert.Severity}) has no record at {channel}.");
        }
    }

    /// <summary>Every record ended as the servers' logs, or the alert itself, say.</summary>
    internal void True()
    {
        var shown = log.Where(l => l.Shown).GroupBy(l => (AlertRoutes.ChannelOf(l.Vendor), l.Id)).ToDictionary(g => g.Key, g => g.ToList());
        foreach (var record in records)
        {
            var name = $"{record.Alert}#{record.Transition}#{record.Channel}";
            switch (record.State)
            {
                case "Delivered" or "Accepted":
                    if (!shown.TryGetValue((record.Channel, record.MessageId), out var lines)) throw new ViolationException($"untrue: {name} is {record.State} with {record.MessageId}, of which the server knows nothing.");
                    if (!lines.Exists(l => l.Proved)) throw new ViolationException($"untrue: {name} is {record.State}, and the server has never said so ({lines[^1].Answer}).");
                    if (record.State == "Accepted" != (record.Channel == "teams")) throw new ViolationException($"untrue: {name} is {record.State}.");
                    break;
                case "Skipped":
                    if (!_alerts.TryGetValue(record.Alert, out var alert) || alert.State is "Firing" or "Told") throw new ViolationException($"untrue: {name} is Skipped ({record.Answer}), and its cause lasts.");
                    break;
                case "Suppressed":
                    if (record.MutedBy.Length == 0) throw new ViolationException($"untrue: {name} is Suppressed by nobody.");
                    break;
                default: throw new ViolationException($"lost: {name} ended as {record.State}: {record.Answer} ({record.Attempts} attempts).");
            }
        }

        var told = records.Where(r => r.MessageId.Length > 0).Select(r => (r.Channel, r.MessageId)).ToHashSet();
        foreach (var key in shown.Keys)
            if (!key.Id.StartsWith("TEST/", StringComparison.Ordinal) && !told.Contains(key)) throw new ViolationException($"untrue: the server of {key.Item1} has shown {(key.Id.Length > 0 ? key.Id : "a message without an id")}, of which there is no record.");
    }

    /// <summary>Twice only where nobody could know, under one id, and the later one says so.</summary>
    internal void Repeated()
    {
        foreach (var again in log.Where(l => l.Shown).GroupBy(l => (l.Vendor, l.Id)))
        {
            var lines = again.OrderBy(l => l.At).ToList();
            for (var i = 1; i < lines.Count; i++)
            {
                var (before, after) = (lines[i - 1], lines[i]);
                Repeats++;
                var killed = kills.Any(k => before.At < k.ServedAgain && k.At < after.At);
                if (before.Proved && !killed) throw new ViolationException($"repeated: {again.Key.Vendor} has {again.Key.Id} twice ({before.At:HH:mm:ss.fff}, {after.At:HH:mm:ss.fff}), and the first was acknowledged.");
                if (!after.Repeat) throw new ViolationException($"repeated: {again.Key.Vendor} has {again.Key.Id} twice, and the second does not say so.");
            }
        }
    }

    /// <summary>The webhook's bodies carry exactly the alerts whose records name them, and no end comes before its beginning.</summary>
    internal void Carried()
    {
        var carried = new Dictionary<string, (HashSet<string> Alerts, int Left, DateTime At)>(StringComparer.Ordinal);
        foreach (var line in log.Where(l => l is { Vendor: Vendor.Webhook, Shown: true } && !l.Id.StartsWith("TEST/", StringComparison.Ordinal)))
        {
            using var json = JsonDocument.Parse(line.Body);
            var these = json.RootElement.GetProperty("alerts").EnumerateArray().Select(a => a.GetProperty("annotations")).Where(a => a.TryGetProperty("transition", out _)).Select(a => $"{a.GetProperty("signalId").GetString()}#{a.GetProperty("transition").GetString()}").ToHashSet(StringComparer.Ordinal);
            var left = json.RootElement.GetProperty("truncatedAlerts").GetInt32();
            if (carried.TryGetValue(line.Id, out var known))
            {
                if (!known.Alerts.SetEquals(these)) throw new ViolationException($"untrue: {line.Id} came twice with other alerts.");
                continue;
            }

            carried[line.Id] = (these, left, line.At);
        }

        var begun = new Dictionary<string, DateTime>(StringComparer.Ordinal);
        foreach (var record in records.Where(r => r is { Channel: "erp", State: "Delivered" }))
        {
            var (these, left, at) = carried[record.MessageId];
            if (left == 0 && !these.Contains($"{record.Alert}#{record.Transition}")) throw new ViolationException($"untrue: {record.MessageId} does not carry {record.Alert} {record.Transition}.");
            if (record.Transition == "raised") begun[record.Alert] = at;
        }

        foreach (var record in records.Where(r => r is { Channel: "erp", State: "Delivered", Transition: "resolved" or "retracted" }))
            if (begun.TryGetValue(record.Alert, out var raisedAt) && carried[record.MessageId].At < raisedAt) throw new ViolationException(string.Create(CultureInfo.InvariantCulture, $"order: the end of {record.Alert} came before its beginning."));
    }
}
