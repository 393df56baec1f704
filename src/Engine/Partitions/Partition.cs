using System.Text.Json;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>
/// One partition in memory: its book, the frame that is being filled, and what the journal knows of it. Touched by the
/// engine's loop only.
/// </summary>
internal sealed class Partition(int id, DatabaseInfo database)
{
    private readonly ByteBuffer _entries = new();
    private readonly ByteBuffer _scratch = new();
    private readonly EffectBuffer _effects = new();
    private readonly List<JournalRow> _rows = [];
    private readonly List<MessageRow> _messages = [];
    private readonly List<(string, string)> _parties = [];
    private readonly SortedDictionary<string, long> _moved = new(StringComparer.Ordinal);
    private readonly HashSet<int> _touched = [];
    private ulong _digest;
    private Instant _newest;

    internal int Id { get; } = id;

    internal Book Book { get; private set; } = NewBook(id, database);

    internal long Epoch { get; private set; }

    internal long Seq { get; private set; }

    internal byte[] HeadHash { get; private set; } = new byte[32];

    /// <summary>Entries in the frame that is being filled.</summary>
    internal int Filled { get; private set; }

    /// <summary>When each account changed, and which rows are behind.</summary>
    internal AccountChanges Changes { get; private set; } = new();

    internal long EntriesSinceSnapshot { get; set; }

    internal static Book NewBook(int id, DatabaseInfo database) =>
        new(id, Currency.Parse(database.BaseCurrency), database.ClockMode == "events", database.Partitions);

    internal void Restore(Recovered recovered, PartitionHead head)
    {
        (Book, Changes, EntriesSinceSnapshot) = (recovered.Book, recovered.Changes, recovered.Entries);
        (Epoch, Seq, HeadHash) = (head.Epoch, head.Seq, head.HeadHash);
        Discard();
    }

    /// <summary>Applies a fact and adds its entry to the frame.</summary>
    internal (Outcome Outcome, EntryPosition At, Effect[] Effects) Apply(Fact fact)
    {
        var at = new EntryPosition(Id, Seq + 1, Filled);
        _effects.Clear();
        var outcome = PartitionMachine.Apply(Book, fact, at, _effects);
        var content = fact.ContentHash(_scratch);
        var slot = fact.Customer.Length == 0 ? -1 : Book.FindSlot(fact.Customer);
        var back = Book.Previous;
        FrameCodec.WriteEntry(_entries, slot, fact.Customer, fact, content, back, outcome);
        if (fact.Position.IsKnown) _moved[fact.Position.Stream!] = fact.Position.Offset;
        if (fact.Arrival > _newest) _newest = fact.Arrival;
        _digest = Digest(_digest, _effects.Effects, _scratch);
        Rows.Add(_rows, _parties, at, fact, outcome, _effects.Effects, Book);
        foreach (var effect in _effects.Effects)
            if (effect is MessageSent sent) _messages.Add(Messages.RowOf(Id, sent, fact));
        _touched.UnionWith(Book.Touched);
        _touched.UnionWith(Book.Shown);
        Changes.Note(Book.Touched, Seq + 1);
        Filled++;
        EntriesSinceSnapshot++;
        return (outcome, at, [.. _effects.Effects]);
    }

    /// <summary>Digest of the effects of a frame so far and those of one more entry.</summary>
    internal static ulong Digest(ulong digest, IReadOnlyList<Effect> effects, ByteBuffer scratch)
    {
        if (effects.Count == 0) return digest;
        scratch.Clear();
        var writer = new BinaryFieldWriter(scratch);
        foreach (var effect in effects)
        {
            scratch.Text(effect.Kind);
            writer.Write(effect);
        }

        return Hashing.XxHash64(scratch.Written, digest);
    }

    /// <summary>Seals the frame; the fence demands the head that it was built on.</summary>
    internal FrameCommit Seal()
    {
        var buffer = new ByteBuffer();
        FrameCodec.WriteHeader(buffer, HeadHash, _moved, _messages, _digest, Filled);
        buffer.Raw(_entries.Written);
        var payload = buffer.Written.ToArray();
        var date = _newest.UtcDate;
        return new FrameCommit
        {
            Partition = Id, Epoch = Epoch, Seq = Seq + 1, PreviousHash = HeadHash,
            Hash = FrameCodec.Hash(Id, Seq + 1, Epoch, payload), Period = date.Year * 100 + date.Month,
            Payload = payload, Crc = FrameCodec.Crc(payload), Rows = [.. _rows], Messages = [.. _messages], Parties = [.. _parties],
        };
    }

    /// <summary>The frame is durable: the head moves, and the touched rows may be published.</summary>
    internal int[] Committed(FrameCommit frame)
    {
        (Seq, HeadHash) = (frame.Seq, frame.Hash);
        int[] touched = [.. _touched];
        Discard();
        return touched;
    }

    /// <summary>Customers that the frame being filled touches; the house has none.</summary>
    internal string[] TouchedCustomers() => [.. _touched.Select(Book.CustomerAt)];

    private void Discard()
    {
        _entries.Clear();
        _rows.Clear();
        _messages.Clear();
        _parties.Clear();
        _moved.Clear();
        _touched.Clear();
        (_digest, Filled) = (0, 0);
    }
}

/// <summary>The rows that people and auditors look for, made of the effects of an entry.</summary>
internal static class Rows
{
    internal static void Add(List<JournalRow> rows, List<(string, string)> parties, EntryPosition at, Fact fact, Outcome outcome,
        IReadOnlyList<Effect> effects, Book book)
    {
        var ordinal = 0;
        foreach (var effect in effects)
        {
            if (effect is MessageSent or DocumentClosed) continue;
            if (effect is PartyNamed named)
            {
                parties.Add((fact.Customer, named.Name));
                continue;
            }

            var customer = effect.Customer;
            var body = JsonFieldWriter.ToBytes(effect, json =>
            {
                json.WriteString("id", $"{at}-{ordinal}");
                json.WriteString("type", effect.Kind);
                json.WriteString("customer", customer);
                json.WriteString("at", book.StreamTime.ToString());
            });
            var key = effect is CheckDecided { Key.Length: > 0 } decided ? IdempotencyKey.Hash(decided.Actor, fact.Customer, decided.Key) : 0;
            rows.Add(Row(TableOf(effect.Table), effect.Subject, effect.Kind, body, key));
            if (effect.GoesOut) rows.Add(Row(RowTable.Outbox, effect.Subject, effect.Kind, body, 0));

            JournalRow Row(RowTable table, string subject, string kind, byte[] json, long keyHash) => new()
            {
                Table = table, Partition = at.Partition, Seq = at.Seq, Index = at.Index, Ordinal = ordinal++, Customer = customer,
                Subject = subject, Kind = kind, At = book.StreamTime.Micros, Key = keyHash, Body = json,
            };
        }

        if (fact is Command command) rows.Add(AuditRow(at, command, outcome, book, ordinal));
        else if (outcome.IsDead) rows.Add(DeadLetter(at, fact, outcome, book, ordinal));
    }

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
