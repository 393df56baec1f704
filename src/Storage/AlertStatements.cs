using System.Data.Common;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>Statements of the alerts, which both databases understand, and how their rows are read.</summary>
internal static class AlertStatements
{
    public const string AlertColumns = "id, customer, rule, severity, state, raised_at, changed_at, partition, seq, idx, ordinal, body, handling, handled_by, handled_at, version, tag";

    public const string DeliveryColumns = "d.alert, d.transition, d.channel, d.route, d.severity, d.state, d.created_at, d.changed_at, d.first_sent_at, d.attempts, d.message_id, d.may_be_there, d.answer, d.muted_by, d.number";

    public const string OpenChannel = """
        INSERT INTO alert_channel (name, epoch, memory) VALUES ($1, 1, $2)
        ON CONFLICT (name) DO UPDATE SET epoch = alert_channel.epoch + 1 RETURNING epoch, memory
        """;

    private const string PutDelivery = """
        INSERT INTO delivery (alert, transition, channel, route, severity, state, created_at, changed_at, first_sent_at, attempts, message_id, may_be_there, answer, muted_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (alert, transition, channel) DO
        """;

    /// <summary>A row that is there already stays as it is: what came a second time has been told.</summary>
    private const string NewDelivery = PutDelivery + " NOTHING";

    /// <summary>A row in a final state is never changed again, whoever asks for it.</summary>
    private const string ChangedDelivery = PutDelivery + """
         UPDATE SET state = excluded.state, changed_at = excluded.changed_at, first_sent_at = excluded.first_sent_at, attempts = excluded.attempts,
          message_id = excluded.message_id, may_be_there = excluded.may_be_there, answer = excluded.answer, muted_by = excluded.muted_by
        WHERE delivery.state <= 2
        """;

    /// <summary>An older row of the outbox changes nothing; what people did stays whatever comes, and so does the beginning.</summary>
    private const string PutAlert = """
        INSERT INTO alert (id, customer, rule, severity, state, raised_at, changed_at, partition, seq, idx, ordinal, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (id) DO UPDATE SET severity = excluded.severity, state = excluded.state, changed_at = excluded.changed_at, partition = excluded.partition,
          seq = excluded.seq, idx = excluded.idx, ordinal = excluded.ordinal, body = excluded.body
        WHERE (alert.seq, alert.idx, alert.ordinal) < (excluded.seq, excluded.idx, excluded.ordinal)
        """;

    public static IReadOnlyList<(string Sql, object[] Values)> Begin(IReadOnlyList<PartitionHead> heads) =>
    [
        .. heads.OrderBy(h => h.Partition).Select(h => ("INSERT INTO alert_since (partition, seq) VALUES ($1, $2) ON CONFLICT (partition) DO NOTHING", (object[])[h.Partition, h.Seq])),
    ];

    public static IReadOnlyList<(string Sql, object[] Values)> TakeIn(AlertIntake intake) =>
    [
        // In one order, so that two intakes never wait for one another crosswise.
        .. intake.Alerts.OrderBy(a => a.Id, StringComparer.Ordinal).Select(a => (PutAlert, (object[])
        [
            a.Id, a.Customer, a.Rule, (int)a.Severity, (int)a.State, a.RaisedAt.Micros, a.ChangedAt.Micros, a.Partition, a.Place.Seq, a.Place.Index, a.Place.Ordinal, a.Body.ToArray(),
        ])),
        .. intake.Deliveries.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => (NewDelivery, Values(d))),
        .. intake.Reader is { } reader ? NoteStatements.Move(reader, intake.Places) : [],
    ];

    /// <summary>By rule, of causes from $1 on. Rows from there on are read, in no order; reports only.</summary>
    public const string Tallies = """
        SELECT rule, COUNT(*), SUM(CASE WHEN handling <> 0 THEN 1 ELSE 0 END), SUM(CASE WHEN tag = 1 THEN 1 ELSE 0 END), SUM(CASE WHEN tag = 2 THEN 1 ELSE 0 END)
        FROM alert WHERE raised_at >= $1 GROUP BY rule ORDER BY rule
        """;

    /// <summary>Alerts that may go: $1 the moment, $2 how many.</summary>
    public const string Old = """
        SELECT a.id FROM alert a WHERE a.state <> 1 AND a.changed_at < $1
        AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.alert = a.id AND d.state <= 2) ORDER BY a.raised_at LIMIT $2
        """;

    /// <summary>An alert that has fired again meanwhile, or of which something is told anew, stays.</summary>
    public static IReadOnlyList<(string Sql, object[] Values)> Purge(IReadOnlyList<string> alerts) =>
    [
        .. alerts.SelectMany(id => ((string, object[])[])
        [
            ("DELETE FROM alert WHERE id = $1 AND state <> 1 AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.alert = $1 AND d.state <= 2)", [id]),
            ("DELETE FROM delivery WHERE alert = $1 AND NOT EXISTS (SELECT 1 FROM alert a WHERE a.id = $1)", [id]),
            ("DELETE FROM alert_note WHERE alert = $1 AND NOT EXISTS (SELECT 1 FROM alert a WHERE a.id = $1)", [id]),
        ]),
    ];

    /// <summary>The first statement changes a row only while the epoch stands.</summary>
    public static IReadOnlyList<(string Sql, object[] Values)> Write(ChannelWrite write) =>
    [
        ("UPDATE alert_channel SET memory = $3 WHERE name = $1 AND epoch = $2", [write.Channel, write.Epoch, write.Memory.ToArray()]),
        .. write.Rows.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => (ChangedDelivery, Values(d))),
    ];

    /// <summary>The first statement changes a row only while its version is the one that was seen.</summary>
    public static IReadOnlyList<(string Sql, object[] Values)> Handle(AlertRow row, AlertNote note) =>
    [
        ("UPDATE alert SET handling = $3, handled_by = $4, handled_at = $5, tag = $6, version = version + 1 WHERE id = $1 AND version = $2", [row.Id, row.Version, (int)row.Handling, row.HandledBy, row.HandledAt.Micros, (int)row.Tag]),
        ("INSERT INTO alert_note (alert, at, actor, act, text) VALUES ($1, $2, $3, $4, $5)", [note.Alert, note.At.Micros, note.Actor, note.Act, note.Text]),
    ];

    /// <summary>The first statement changes a row only when the version is the next one.</summary>
    public static IReadOnlyList<(string Sql, object[] Values)> Save(SilenceRow row) =>
    [
        row.Version == 1
            ? ("INSERT INTO silence (id, created_at, ends_at, body, version) VALUES ($1, $2, $3, $4, 1) ON CONFLICT (id) DO NOTHING", [row.Id, row.CreatedAt.Micros, row.EndsAt.Micros, row.Body.ToArray()])
            : ("UPDATE silence SET ends_at = $2, body = $3, version = $4 WHERE id = $1 AND version = $4 - 1", [row.Id, row.EndsAt.Micros, row.Body.ToArray(), row.Version]),
    ];

    public static AlertRow Alert(DbDataReader r) => new()
    {
        Id = r.GetString(0), Customer = r.GetString(1), Rule = r.GetString(2), Severity = (Severity)r.GetInt32(3), State = (AlertState)r.GetInt32(4), RaisedAt = new Instant(r.GetInt64(5)),
        ChangedAt = new Instant(r.GetInt64(6)), Partition = r.GetInt32(7), Place = new OutboxPlace(r.GetInt64(8), r.GetInt32(9), r.GetInt32(10)), Body = r.GetFieldValue<byte[]>(11),
        Handling = (AlertHandling)r.GetInt32(12), HandledBy = r.GetString(13), HandledAt = new Instant(r.GetInt64(14)), Version = r.GetInt64(15),
        Tag = (AlertTag)r.GetInt32(16),
    };

    public static DeliveryRow Delivery(DbDataReader r) => new()
    {
        Alert = r.GetString(0), Transition = r.GetString(1), Channel = r.GetString(2), Route = r.GetString(3), Severity = (Severity)r.GetInt32(4), State = (DeliveryState)r.GetInt32(5),
        CreatedAt = new Instant(r.GetInt64(6)), ChangedAt = new Instant(r.GetInt64(7)), FirstSentAt = new Instant(r.GetInt64(8)), Attempts = r.GetInt32(9), MessageId = r.GetString(10),
        MayBeThere = r.GetInt32(11) != 0, Answer = r.GetString(12), By = r.GetString(13), Number = r.GetInt64(14),
    };

    private static object[] Values(DeliveryRow d) =>
    [
        d.Alert, d.Transition, d.Channel, d.Route, (int)d.Severity, (int)d.State, d.CreatedAt.Micros, d.ChangedAt.Micros, d.FirstSentAt.Micros, d.Attempts, d.MessageId, d.MayBeThere ? 1 : 0,
        d.Answer, d.By,
    ];
}
