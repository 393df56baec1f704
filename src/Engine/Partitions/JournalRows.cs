using System.Text.Json;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>The rows that people and auditors look for, made of the effects of an entry.</summary>
internal static class Rows
{
    internal static void Add(List<JournalRow> rows, List<(string, string)> parties, EntryPosition at, Fact fact, Outcome outcome,
        IReadOnlyList<Effect> effects, EffectBytes bytes, Book book)
    {
        var ordinal = 0;
        for (var i = 0; i < effects.Count; i++)
        {
            var effect = effects[i];
            if (effect is MessageSent or DocumentClosed) continue;
            if (effect is PartyNamed named)
            {
                parties.Add((fact.Customer, named.Name));
                continue;
            }

            var table = TableOf(effect.Table);
            rows.Add(new JournalRow
            {
                Table = table, Partition = at.Partition, Seq = at.Seq, Index = at.Index, Ordinal = ordinal, Customer = effect.Customer,
                Subject = effect.Subject, Kind = effect.Kind, At = book.StreamTime.Micros, GoesOut = effect.GoesOut,
                Key = effect is CheckDecided { Key.Length: > 0 } decided ? IdempotencyKey.Hash(decided.Actor, decided.Customer, decided.Key) : 0,
                Body = JournalRow.IsBinary(table) ? bytes.FieldsOf(i) : JsonOf(effect, at, ordinal, book.StreamTime),
            });
            // What goes out counts for two: the numbers of earlier databases, whose outbox held a copy.
            ordinal += effect.GoesOut ? 2 : 1;
        }

        if (fact is Command command) rows.Add(AuditRow(at, command, outcome, book, ordinal));
        else if (outcome.IsDead) rows.Add(DeadLetter(at, fact, outcome, book, ordinal));
    }

    /// <summary>What happened as JSON, behind where and when.</summary>
    internal static byte[] JsonOf(Effect effect, EntryPosition at, int ordinal, Instant time) => JsonFieldWriter.ToBytes(effect, json =>
    {
        json.WriteString("id", $"{at}-{ordinal}");
        json.WriteString("type", effect.Kind);
        json.WriteString("customer", effect.Customer);
        json.WriteString("at", time.ToString());
    });

    private static RowTable TableOf(EffectTable table) => table switch
    {
        EffectTable.Decision => RowTable.Decision,
        EffectTable.Hold => RowTable.Hold,
        EffectTable.Signal => RowTable.Signal,
        EffectTable.LimitChange => RowTable.LimitChange,
        EffectTable.DeadLetter => RowTable.DeadLetter,
        _ => RowTable.Audit,
    };

    private static JournalRow AuditRow(EntryPosition at, Command command, Outcome outcome, Book book, int ordinal) => new()
    {
        Table = RowTable.Audit, Partition = at.Partition, Seq = at.Seq, Index = at.Index, Ordinal = ordinal, Customer = command.Customer,
        Subject = command.Actor, Kind = FactCatalogue.WireTypeOf(command), At = book.StreamTime.Micros,
        Body = JsonFieldWriter.ToBytes(command, json => Head(json, at, command, outcome)),
    };

    private static JournalRow DeadLetter(EntryPosition at, Fact fact, Outcome outcome, Book book, int ordinal) => new()
    {
        Table = RowTable.DeadLetter, Partition = at.Partition, Seq = at.Seq, Index = at.Index, Ordinal = ordinal, Customer = fact.Customer,
        Subject = fact.EventId, Kind = outcome.Reason, At = book.StreamTime.Micros,
        Body = JsonFieldWriter.ToBytes(fact, json => Head(json, at, fact, outcome)),
    };

    private static void Head(Utf8JsonWriter json, EntryPosition at, Fact fact, Outcome outcome)
    {
        json.WriteString("id", at.ToString());
        json.WriteString("type", FactCatalogue.WireTypeOf(fact));
        json.WriteString("customer", fact.Customer);
        json.WriteString("outcome", outcome.Kind.ToString());
        if (outcome.Reason.Length > 0) json.WriteString("reasonCode", outcome.Reason);
        if (outcome.Detail.Length > 0) json.WriteString("outcomeDetail", outcome.Detail);
        if (fact.EventId.Length > 0) json.WriteString("eventId", fact.EventId);
        if (fact.Source.Length > 0) json.WriteString("source", fact.Source);
        if (fact.Time.Micros != 0) json.WriteString("time", fact.Time.ToString());
        if (fact.Position.IsKnown)
        {
            json.WriteString("stream", fact.Position.Stream);
            json.WriteNumber("offset", fact.Position.Offset);
        }
    }
}
