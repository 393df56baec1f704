using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Simulation;

/// <summary>
/// What must hold at the end of a life: the journal has what the client heard, once; dead letters are those that were meant;
/// the naive desk agrees with every entry; the book equals the documents.
/// </summary>
internal sealed class Proofs(SimulatedJournal journal, Swarm swarm, Situations met)
{
    private readonly List<(Fact Fact, string Dead)> _meant = [];
    private readonly List<Fact> _conflicts = [];
    private readonly List<(Fact Fact, Answer Answer)> _heard = [];
    private readonly Dictionary<long, (CheckDecided? Told, string Row)> _decided = [];
    private readonly Dictionary<string, long> _limits = [];

    /// <summary>The policy has steps of EW-01 by grade.</summary>
    internal bool ByGrade { get; init; }

    internal void Expect(Fact fact, string dead) => _meant.Add((fact, dead));

    internal void ExpectConflict(Fact fact) => _conflicts.Add(fact);

    internal void Acknowledged(Fact fact, Answer answer) => _heard.Add((fact, answer));

    internal void Decided(long key, CheckDecided? told, JournalRow row) => _decided[key] = (told, System.Text.Encoding.UTF8.GetString(row.Body.Span));

    internal long LimitOf(string customer) => _limits.GetValueOrDefault(customer);

    internal void Limit(string customer, long amount) => _limits[customer] = amount;

    /// <summary>A decision as its row tells it.</summary>
    internal static DecisionTold DecisionOf(JournalRow row)
    {
        using var json = JsonDocument.Parse(row.Json());
        string Text(string name) => json.RootElement.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
        var expires = Text("expiresAt");
        return new DecisionTold(row.Customer, Text("orderId"), Text("decision").StartsWith("Approved", StringComparison.Ordinal), Text("reservationId"),
            expires.Length == 0 ? 0 : Instant.From(DateTimeOffset.Parse(expires, System.Globalization.CultureInfo.InvariantCulture)).Micros, Text("excuse"));
    }

    /// <summary>The journal of one partition, entry by entry, with what was told about each.</summary>
    internal IEnumerable<EntryTold> Walk(int partition)
    {
        var rows = journal.AllRows.Where(r => r.Partition == partition).ToLookup(r => (r.Seq, r.Index));
        foreach (var stored in journal.AllFrames(partition))
        {
            var entries = FrameCodec.Read(stored.Payload).Entries;
            for (var index = 0; index < entries.Count; index++)
            {
                var told = new EntryTold(new EntryPosition(partition, stored.Seq, index), entries[index].Fact, entries[index].Outcome, [], [], []);
                foreach (var row in rows[(stored.Seq, index)].OrderBy(r => r.Ordinal))
                {
                    if (row.Table == RowTable.Hold) told.Holds.Add(HoldOf(row));
                    if (row is { Table: RowTable.Decision, Kind: "credit.check.decided.v1" }) told.Decisions.Add(DecisionOf(row));
                    if (row is { Table: RowTable.Decision, Kind: "credit.reservation.expired.v1" }) told.Ended.Add((row.Customer, row.Subject));
                }

                yield return told;
            }
        }
    }

    /// <summary>Is told each entry as it is walked: for whoever looks into a failing seed.</summary>
    internal Action<string>? Tell { get; init; }

    private static string Line(EntryTold e) =>
        $"{e.At} {e.Outcome} {e.Fact.Arrival} {FactCatalogue.WireTypeOf(e.Fact)} {e.Fact.Customer} {System.Text.Encoding.UTF8.GetString(JsonFieldWriter.ToBytes(e.Fact))}"
        + string.Concat(e.Decisions.Select(d => $"\n    decided {d.OrderId} approved {d.Approved} {d.Excuse} {d.ReservationId}"))
        + string.Concat(e.Holds.Select(h => $"\n    {h.OrderId} {h.Step} by '{h.Actor}' {h.Reasons}"))
        + string.Concat(e.Ended.Select(r => $"\n    ended {r.Reservation} of {r.Customer}"));

    private static HoldTold HoldOf(JournalRow row)
    {
        using var json = JsonDocument.Parse(row.Json());
        var actor = json.RootElement.TryGetProperty("actor", out var a) ? a.GetString() ?? "" : "";
        var byReturn = json.RootElement.TryGetProperty("reasons", out var reasons) && reasons.EnumerateArray().Any(r => r.GetProperty("rule").GetString() == "PAYMENT_RETURNED");
        return new HoldTold(row.Customer, row.Subject, row.Kind, actor, byReturn, reasons.ValueKind == JsonValueKind.Array ? reasons.GetRawText() : "");
    }

    /// <summary>All proofs over the journal; the desks that walked it stand in <paramref name="desks"/>.</summary>
    internal string? Check(out List<NaiveDesk> desks)
    {
        desks = [];
        var entries = new Dictionary<EntryPosition, EntryTold>();
        var byEvent = new Dictionary<string, List<EntryTold>>();
        for (var partition = Book.House; partition < swarm.Partitions; partition++)
        {
            var desk = new NaiveDesk(Story.Eur, swarm.Horizon, swarm.AtLimitHolds, met, ByGrade);
            foreach (var entry in Walk(partition))
            {
                entries[entry.At] = entry;
                if (!byEvent.TryGetValue(entry.Fact.EventId, out var same)) byEvent[entry.Fact.EventId] = same = [];
                same.Add(entry);
                Tell?.Invoke(Line(entry));
                if (partition != Book.House && desk.Take(entry) is { } wrong) return wrong;
                if (entry is { Outcome: OutcomeKind.Applied, Fact: DeliveryPosted } && entry.Fact.Position.IsPartition(out _)) met.Note(Situation.DeliveryFollowedThePayer);
            }

            if (partition != Book.House) desks.Add(desk);
        }

        return Heard(entries) ?? Once(byEvent) ?? DeadLetters(desks) ?? Decisions();
    }

    /// <summary>No acknowledged answer is lost or changed.</summary>
    private string? Heard(Dictionary<EntryPosition, EntryTold> entries)
    {
        foreach (var (fact, answer) in _heard)
        {
            if (answer.At == default) continue;
            if (!entries.TryGetValue(answer.At, out var entry)) return $"{fact.EventId} was answered at {answer.At}; the journal has no such entry";
            if (entry.Outcome != answer.Outcome.Kind || (fact is not HouseFact && entry.Fact.EventId != fact.EventId)) return $"{fact.EventId} was answered {answer.Outcome.Kind} at {answer.At}; the journal says {entry.Outcome} of {entry.Fact.EventId}";
        }

        return null;
    }

    /// <summary>Every record that was meant to apply did so once.</summary>
    private string? Once(Dictionary<string, List<EntryTold>> byEvent)
    {
        foreach (var (fact, dead) in _meant)
        {
            if (dead.Length > 0) continue;
            var effective = byEvent.GetValueOrDefault(fact.EventId, []).Count(e => e.Outcome is OutcomeKind.Applied or OutcomeKind.Parked or OutcomeKind.Superseded);
            if (effective != 1) return $"{fact.GetType().Name} {fact.EventId} took effect {effective} times";
        }

        return null;
    }

    /// <summary>One dead letter for each record that cannot apply, with its reason, and none for any other.</summary>
    private string? DeadLetters(List<NaiveDesk> desks)
    {
        var expected = new SortedDictionary<string, int>(StringComparer.Ordinal);
        void Add(string id, string reason) => expected[$"{id} {reason}"] = expected.GetValueOrDefault($"{id} {reason}") + 1;
        var lapsed = desks.SelectMany(d => d.Lapsed).Select(f => f.EventId).ToHashSet();
        foreach (var (fact, dead) in _meant)
            if (dead.Length > 0 && (dead != "NO_PREDECESSOR" || lapsed.Remove(fact.EventId))) Add(fact.EventId, dead);
        foreach (var id in lapsed)
        {
            // Its predecessor was never told, or came too late.
            Add(id, "NO_PREDECESSOR");
        }

        if (expected.Keys.Any(k => k.EndsWith("NO_PREDECESSOR", StringComparison.Ordinal))) met.Note(Situation.ParkedTooLong);
        if (expected.Keys.Any(k => k.EndsWith("COMMIT_REJECTED", StringComparison.Ordinal))) met.Note(Situation.CommitRejected);
        foreach (var conflict in _conflicts) Add(conflict.EventId, "CONFLICT");
        var actual = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var row in journal.AllRows.Where(r => r.Table == RowTable.DeadLetter)) actual[$"{row.Subject} {row.Kind}"] = actual.GetValueOrDefault($"{row.Subject} {row.Kind}") + 1;
        foreach (var key in expected.Keys.Union(actual.Keys))
            if (expected.GetValueOrDefault(key) != actual.GetValueOrDefault(key)) return $"dead letter '{key}': {actual.GetValueOrDefault(key)} stand there, {expected.GetValueOrDefault(key)} were meant; {_meant.Find(m => key.StartsWith(m.Fact.EventId + " ", StringComparison.Ordinal)).Fact}";
        return null;
    }

    /// <summary>One decision per key, as it was told.</summary>
    private string? Decisions()
    {
        foreach (var (key, (told, row)) in _decided)
        {
            var rows = journal.AllRows.Where(r => r.Table == RowTable.Decision && r.Key == key).ToList();
            if (rows.Count != 1) return $"a key has {rows.Count} decisions";
            if (System.Text.Encoding.UTF8.GetString(rows[0].Body.Span) != row) return "a decision changed after it was told";
            if (told is not null && (told.ReservationId != DecisionOf(rows[0]).ReservationId || told.Decision.ToString().StartsWith("Approved", StringComparison.Ordinal) != DecisionOf(rows[0]).Approved))
                return "the answer to a check differs from its row";
        }

        return null;
    }

    /// <summary>The published row of every customer against the naive desk: every component, ageing, gross, limit, holds, signals.</summary>
    internal string? Account(NaiveDesk desk, string customer, in AccountFigures f, AccountDetail detail)
    {
        var a = desk.Accounts[customer];
        var sums = a.Book.Sums(desk.Today, desk.Horizon, a.Held);
        long In(Func<NaiveSums, long> part) => (long)sums.Aggregate(System.Numerics.BigInteger.Zero, (sum, s) => sum + desk.Convert(part(s.Value), Currency.Parse(s.Key), a.Currency));
        var reserved = a.Reservations.GroupBy(r => r.Currency).Aggregate(System.Numerics.BigInteger.Zero, (sum, g) => sum + desk.Convert(g.Sum(r => r.Amount), g.Key, a.Currency));
        foreach (var (name, book, documents) in (ReadOnlySpan<(string, long, long)>)
            [("orders inside", f.OrdersInside, In(s => s.Inside)), ("orders outside", f.OrdersOutside, In(s => s.Outside)), ("held", f.Held, Held(desk, a)),
             ("delivered", f.Delivered, In(s => s.Delivered)), ("billed", f.Billed, In(s => s.Billed)), ("receivables", f.Receivables, In(s => s.Receivables)),
             ("acceptances", f.Acceptances, In(s => s.Acceptances)), ("payments at risk", f.PaymentsAtRisk, In(s => s.AtRisk)), ("unapplied", f.Unapplied, In(s => s.Unapplied)),
             ("external", f.External, In(s => s.External)), ("reserved", f.Reserved, (long)reserved), ("not due", f.NotDue, In(s => s.Aged[0])), ("1 to 30 days", f.Late30, In(s => s.Aged[1])),
             ("31 to 60 days", f.Late60, In(s => s.Aged[2])), ("61 to 90 days", f.Late90, In(s => s.Aged[3])), ("91 to 180 days", f.Late180, In(s => s.Aged[4])),
             ("above 180 days", f.LateMore, In(s => s.Aged[5])), ("gross", f.Gross, (long)System.Numerics.BigInteger.Max(0, desk.Exposure(a, a.Held).Sum)), ("limit", f.Limit, a.LimitKind == LimitKind.Amount ? a.Limit : 0)])
            if (book != documents) return $"customer {customer}, {name}: the book says {book} {a.Currency.Code}, the documents {documents}";
        var orders = string.Join(",", detail.Orders.Where(o => o.Undelivered > 0).Select(o => $"{o.OrderId}={o.Undelivered}"));
        var naive = string.Join(",", a.Book.Orders().Where(o => o.Undelivered > 0).OrderBy(o => o.Id, StringComparer.Ordinal).Select(o => $"{o.Id}={o.Undelivered}"));
        if (orders != naive) return $"customer {customer}, open orders: the book has {orders}, the documents {naive}";
        var raised = string.Join(" ", journal.AllRows.Where(r => r.Table == RowTable.Signal && r.Customer == customer && r.Kind == SignalChanged.Raised && r.Subject.Contains("/EW-01/", StringComparison.Ordinal))
            .Select(r => new EntryPosition(r.Partition, r.Seq, r.Index)));
        var crossed = string.Join(" ", a.Crossings);
        // In another currency the haircut grows with the age of a rate, on days that wake no account: when that is told is not compared.
        if (raised != crossed) return $"customer {customer}: EW-01 was raised at {raised}, the ladder was crossed at {crossed}";
        return null;
    }

    private static long Held(NaiveDesk desk, NaiveAccount a)
    {
        // Held inside and outside the horizon are two sums, each converted once.
        System.Numerics.BigInteger sum = 0;
        foreach (var group in a.Book.Orders().Where(o => a.Held.Contains(o.Id)).GroupBy(o => (o.Currency, Inside: o.ShipOn <= desk.Today + desk.Horizon)))
            sum += desk.Convert(group.Sum(o => o.Undelivered), group.Key.Currency, a.Currency);
        return (long)sum;
    }
}
