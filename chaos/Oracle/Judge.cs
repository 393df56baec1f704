using System.Globalization;
using System.Text.Json;

namespace ExposureMonitor.Chaos;

/// <summary>
/// The oracle: compares what the product says with what must be true, after everything has come to rest. It knows the
/// producer's log, the places that the broker named, and the callers' history; it shares no code with the product.
/// </summary>
internal sealed class Judge(Expected expected, bool sendsOnce)
{
    private readonly Dictionary<(string Topic, int Partition, long Offset), (string Reason, string Id)> _places = [];
    private readonly HashSet<(string Topic, int Partition, long Offset)> _dead = [];
    private readonly HashSet<string> _rows = new(StringComparer.Ordinal);
    private readonly HashSet<string> _signals = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<int>> _raised = new(StringComparer.Ordinal);
    private readonly HashSet<(string Id, string Reason)> _poison = [];

    /// <summary>Sums of a run, for the report.</summary>
    internal Tally Tally { get; } = new();

    /// <summary>Every customer has exactly what the log says, by component.</summary>
    internal async Task ExposureAsync(Answers answers)
    {
        var seen = 0;
        await foreach (var row in answers.PagesAsync("portfolio", "customers"))
        {
            var customer = row.GetProperty("customer").GetString()!;
            if (!expected.Customers.TryGetValue(customer, out var index)) throw new ViolationException($"exposure: a customer '{customer}' of whom nobody told.");
            seen++;
            if (customer[0] == 'D') continue;
            var told = row.GetProperty("components");
            var has = new Components
            {
                Orders = Of(told, "openOrders") + Of(told, "ordersBeyondHorizon"), Delivered = Of(told, "delivered"), Receivables = Of(told, "receivables"),
                Unapplied = Of(told, "unapplied"), AtRisk = Of(told, "paymentsAtRisk"),
            };
            ref readonly var must = ref expected.Of(index);
            if (!has.Equals(must)) throw new ViolationException($"exposure: {customer} has {has}; told were {must}.");
            foreach (var none in (ReadOnlySpan<string>)["held", "billed", "acceptances", "reserved", "external"])
                if (Of(told, none) is var some and not 0) throw new ViolationException($"exposure: {customer} has {none} {some}; told was nothing of the kind.");
        }

        if (seen != expected.Customers.Count) throw new ViolationException($"exposure: {seen} customers, told were {expected.Customers.Count}.");
        Tally.CustomersCompared += seen;
    }

    /// <summary>Takes the places that the broker named for records that must become dead letters.</summary>
    internal void ReadPlaces(string path)
    {
        foreach (var line in File.ReadLines(path))
        {
            var f = line.Split('\t');
            _places.Add((f[1], int.Parse(f[2], CultureInfo.InvariantCulture), long.Parse(f[3], CultureInfo.InvariantCulture)), (f[4], f[5]));
            _poison.Add((f[5], f[4]));
        }
    }

    /// <summary>Every record that cannot be applied is one dead letter, with its reason and its place, and nothing else is one.</summary>
    internal async Task DeadLettersAsync(Answers answers)
    {
        await foreach (var row in answers.PagesAsync("dead-letters", "rows"))
        {
            var (reason, stream) = (row.GetProperty("reasonCode").GetString()!, row.TryGetProperty("stream", out var s) ? s.GetString()! : "");
            var place = PlaceOf(stream, row.TryGetProperty("offset", out var o) ? o.GetInt64() : -1);
            // Newest first: what was seen in an earlier period is followed by such alone.
            if (!_rows.Add(row.GetProperty("id").GetString()!)) break;
            if (!_dead.Add(place)) throw new ViolationException($"dead letters: {place} stands there twice.");
            if (!_places.Remove(place, out var must))
            {
                // A producer without idempotence may have sent it twice, and heard of one of the two.
                var id = row.TryGetProperty("eventId", out var e) ? e.GetString()! : "";
                if (sendsOnce || (id.Length > 0 && !_poison.Contains((id, reason)))) throw new ViolationException($"dead letters: {place} with {reason}, event '{id}', for a record that nobody sent as such.");
                Tally.DoubledByProducer++;
                continue;
            }

            if (must.Reason != reason) throw new ViolationException($"dead letters: {place} has the reason {reason}, must have {must.Reason} (event {must.Id}).");
            Tally.DeadLetters[reason] = Tally.DeadLetters.GetValueOrDefault(reason) + 1;
        }

        if (_places.Count > 0)
        {
            var (place, must) = _places.First();
            throw new ViolationException($"dead letters: {_places.Count} are missing, the first {place}, which must have {must.Reason} (event {must.Id}).");
        }
    }

    /// <summary>A stream is named <c>kafka:topic:topic id:partition</c>.</summary>
    private static (string, int, long) PlaceOf(string stream, long offset) =>
        stream.Split(':') is ["kafka", var topic, _, var partition] ? (topic, int.Parse(partition, CultureInfo.InvariantCulture), offset) : (stream, -1, offset);

    /// <summary>Each crossing of EW-01 by a customer who was fed in order has one signal, of its step; no others are told.</summary>
    internal async Task SignalsAsync(Answers answers)
    {
        await foreach (var row in answers.PagesAsync("signals?kind=credit.signal.raised.v1", "rows"))
        {
            if (!_signals.Add(row.GetProperty("id").GetString()!)) break;
            var customer = row.GetProperty("customer").GetString()!;
            if (customer[0] != 'S' || row.GetProperty("indicator").GetString() != "EW-01") continue;
            if (!_raised.TryGetValue(customer, out var steps)) _raised[customer] = steps = [];
            steps.Add(row.GetProperty("step").GetInt32());
        }

        foreach (var (customer, climber) in expected.Climbers)
        {
            var told = _raised.GetValueOrDefault(customer, []);
            told.Sort();
            if (!told.SequenceEqual(climber.Crossed))
                throw new ViolationException($"signals: {customer} crossed the steps [{string.Join(' ', climber.Crossed)}] of EW-01 (gross {climber.Gross}, limit {climber.Limit}); told were [{string.Join(' ', told)}].");
        }

        Tally.Crossings = expected.Climbers.Values.Sum(c => c.Crossed.Count);
    }

    /// <summary>
    /// Decisions are those that were asked for, each once; what was answered stands; and in the order of the journal each is
    /// approved exactly when the headroom that those before it left is enough.
    /// </summary>
    internal async Task DecisionsAsync(Answers answers, string history, IReadOnlyDictionary<string, Contest> contests)
    {
        var calls = History.Read(history);
        Tally.Asked += calls.Count;
        foreach (var group in calls.Values.GroupBy(c => c.Customer))
        {
            var contest = contests[group.Key];
            var rows = new List<(long Seq, int Index, JsonElement Row)>();
            await foreach (var row in answers.PagesAsync($"decisions?customer={contest.Customer}", "rows"))
            {
                var id = row.GetProperty("id").GetString()!.Split('-');
                rows.Add((long.Parse(id[1], CultureInfo.InvariantCulture), int.Parse(id[2], CultureInfo.InvariantCulture), row));
            }

            rows.Sort((a, b) => (a.Seq, a.Index).CompareTo((b.Seq, b.Index)));
            await RaceAsync(answers, contest, calls, rows);
            foreach (var call in group) Answered(call);
        }
    }

    private async Task RaceAsync(Answers answers, Contest contest, Dictionary<string, Call> calls, List<(long Seq, int Index, JsonElement Row)> rows)
    {
        long reserved = 0;
        foreach (var (seq, _, row) in rows)
        {
            var key = row.GetProperty("key").GetString()!;
            if (!calls.TryGetValue(key, out var call) || call.Customer != contest.Customer) throw new ViolationException($"decisions: {contest.Customer} has a decision under the key '{key}', which nobody asked.");
            if (call.Decision is not null) throw new ViolationException($"decisions: the key {key} of {contest.Customer} was decided twice.");
            var isApproved = row.GetProperty("decision").GetString()!.StartsWith("Approved", StringComparison.Ordinal);
            (call.Decision, call.DecidedAt) = (row.GetProperty("decision").GetString(), seq);
            if (Of(row, "amount") != contest.Amount) throw new ViolationException($"decisions: {key} was decided over {Of(row, "amount")}; asked was {contest.Amount}.");
            var figures = row.GetProperty("figures");
            if (Of(figures, "gross") != reserved || Of(figures, "limit") != contest.Limit)
                throw new ViolationException($"decisions: {key} was decided on gross {Of(figures, "gross")} and limit {Of(figures, "limit")}; before it {reserved} of {contest.Limit} were used.");
            var fits = reserved + contest.Amount <= contest.Limit;
            if (isApproved && !fits) throw new ViolationException($"decisions: {key} was approved over {contest.Amount} with {reserved} of {contest.Limit} used: beyond the limit of {contest.Customer}.");
            if (!isApproved && fits) throw new ViolationException($"decisions: {key} was not approved over {contest.Amount} with {reserved} of {contest.Limit} used.");
            if (!isApproved) continue;
            reserved += contest.Amount;
            Tally.Approvals++;
        }

        Tally.Decisions += rows.Count;
        if (rows.Count * contest.Amount >= contest.Limit) Tally.ContestsFilled++;
        var account = await answers.GetAsync($"customers/{contest.Customer}");
        if (Of(account.GetProperty("components"), "reserved") is var has && has != reserved)
            throw new ViolationException($"decisions: {contest.Customer} has {has} reserved; approved were {reserved}.");
    }

    private void Answered(Call call)
    {
        foreach (var status in call.Others)
            if (status != 409) throw new ViolationException($"decisions: {call.Key} with another amount was answered {status}, must be 409.");
        if (call.Status == 0)
        {
            if (call.Decision is null) Tally.UnknownWithout++;
            else Tally.UnknownWith++;
            return;
        }

        if (call.Status != 200) throw new ViolationException($"decisions: {call.Key} of {call.Customer} was answered {call.Status}.");
        foreach (var answer in call.Answers)
        {
            if (answer != call.Answers[0]) throw new ViolationException($"decisions: {call.Key} was answered '{call.Answers[0]}' and then '{answer}'.");
            var words = answer.Split(' ');
            if (call.Decision is null) throw new ViolationException($"decisions: {call.Key} of {call.Customer} was answered {answer}; there is no such decision.");
            var seq = words[1][(words[1].IndexOf('-', StringComparison.Ordinal) + 1)..];
            if (words[0] != call.Decision || long.Parse(seq, CultureInfo.InvariantCulture) != call.DecidedAt)
                throw new ViolationException($"decisions: {call.Key} was answered {answer}; the journal has {call.Decision} at {call.DecidedAt}.");
        }

        Tally.Acknowledged++;
    }

    private static long Of(JsonElement row, string name) => row.TryGetProperty(name, out var told) ? long.Parse(told.GetString()!, CultureInfo.InvariantCulture) : 0;
}
