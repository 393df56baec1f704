using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Storage;

/// <summary>Reads of what the alerts keep; see <see cref="IAlertStore"/>.</summary>
internal abstract partial class StoredReader
{
    public async ValueTask<IReadOnlyDictionary<int, long>> AlertsSinceAsync(CancellationToken cancel)
    {
        var rows = await QueryAsync("SELECT partition, seq FROM alert_since", static r => (Partition: r.GetInt32(0), Seq: r.GetInt64(1)), cancel);
        return rows.ToDictionary(r => r.Partition, r => r.Seq);
    }

    public ValueTask<IReadOnlyList<string>> OldAlertsAsync(Instant before, int most, CancellationToken cancel) => QueryAsync(AlertStatements.Old, static r => r.GetString(0), cancel, before.Micros, most);

    public ValueTask<IReadOnlyList<string>> OpenChannelsAsync(CancellationToken cancel) =>
        QueryAsync("SELECT DISTINCT channel FROM delivery WHERE state <= 2 ORDER BY channel", static r => r.GetString(0), cancel);

    public ValueTask<IReadOnlyList<DeliveryRow>> OpenDeliveriesAsync(string channel, long after, int limit, CancellationToken cancel) => QueryAsync(
        $"SELECT {AlertStatements.DeliveryColumns} FROM delivery d WHERE d.channel = $1 AND d.state <= 2 AND d.number > $2 ORDER BY d.number LIMIT $3", AlertStatements.Delivery, cancel, channel, after, limit);

    /// <summary>
    /// From the alerts that fire, of which there are few, to their deliveries by the key. An alert that has ended counts as long as its end
    /// waits: whether it is told there depends on what was told before.
    /// </summary>
    /// <remarks>The channel is no index of the inner row on purpose: a planner that takes it reads all deliveries of the channel for each that is open.</remarks>
    public ValueTask<IReadOnlyList<DeliveryRow>> StandingDeliveriesAsync(string channel, CancellationToken cancel) => QueryAsync($"""
        SELECT {AlertStatements.DeliveryColumns} FROM alert a JOIN delivery d ON d.alert = a.id WHERE a.state = 1 AND d.channel = $1 AND d.state >= 3
        UNION SELECT {AlertStatements.DeliveryColumns} FROM delivery o JOIN delivery d ON d.alert = o.alert AND d.channel || '' = o.channel
        WHERE o.channel = $1 AND o.state <= 2 AND d.state >= 3 ORDER BY 15
        """, AlertStatements.Delivery, cancel, channel);

    public ValueTask<IReadOnlyList<DeliveryRow>> DeliveriesOfAsync(IReadOnlyCollection<string> alerts, CancellationToken cancel) => QueryAsync(
        $"SELECT {AlertStatements.DeliveryColumns} FROM delivery d WHERE d.alert {InList} ORDER BY d.number", AlertStatements.Delivery, cancel, ListOf(alerts));

    public ValueTask<IReadOnlyList<DeliveryRow>> DeliveriesAsync(DeliveryQuery query, CancellationToken cancel)
    {
        var (where, values) = (new List<string>(), new List<object>());
        if (query.Alert is { } alert) Add("d.alert = ", alert);
        if (query.Channel is { } channel) Add("d.channel = ", channel);
        if (query.State is { } state) Add("d.state = ", (int)state);
        if (query.Before > 0) Add("d.number < ", query.Before);
        values.Add(query.Limit);
        return QueryAsync($"SELECT {AlertStatements.DeliveryColumns} FROM delivery d{Where(where)} ORDER BY d.number DESC LIMIT ${values.Count}", AlertStatements.Delivery, cancel, [.. values]);

        void Add(string condition, object value)
        {
            values.Add(value);
            where.Add($"{condition}${values.Count}");
        }
    }

    public async ValueTask<IReadOnlyList<AlertRow>> AlertsAsync(IReadOnlyCollection<string> ids, CancellationToken cancel) =>
        ids.Count == 0 ? [] : await QueryAsync($"SELECT {AlertStatements.AlertColumns} FROM alert WHERE id {InList}", AlertStatements.Alert, cancel, ListOf(ids));

    public ValueTask<IReadOnlyList<AlertRow>> AlertsAsync(AlertQuery query, CancellationToken cancel)
    {
        var (where, values) = (new List<string>(), new List<object>());
        if (query.Customer is { } customer) Add("customer = $", customer);
        if (query.Rule is { } rule) Add("rule = $", rule);
        if (query.State is { } state) Add("state = $", (int)state);
        if (query.Handling is { } handling) Add("handling = $", (int)handling);
        if (query.TaggedOnly) where.Add("tag <> 0");
        if (query.NoticesOnly) where.Add("rule NOT LIKE 'EW-%' AND rule NOT LIKE 'CN-%'");
        if (query.From.Micros > 0) Add("raised_at >= $", query.From.Micros);
        if (query.SeverityMin > Severity.Info) Add("severity >= $", (int)query.SeverityMin);
        if (query.After is { } after)
        {
            values.Add(after.RaisedAt.Micros);
            values.Add(after.Id);
            where.Add($"(raised_at, id) < (${values.Count - 1}, ${values.Count})");
        }

        values.Add(query.Limit);
        return QueryAsync($"SELECT {AlertStatements.AlertColumns} FROM alert{Where(where)} ORDER BY raised_at DESC, id DESC LIMIT ${values.Count}", AlertStatements.Alert, cancel, [.. values]);

        void Add(string condition, object value)
        {
            values.Add(value);
            where.Add($"{condition}{values.Count}");
        }
    }

    public ValueTask<IReadOnlyList<AlertTally>> TalliesAsync(Instant from, CancellationToken cancel) => QueryAsync(
        AlertStatements.Tallies, static r => new AlertTally(r.GetString(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4)), cancel, from.Micros);

    public ValueTask<IReadOnlyList<AlertNote>> NotesAsync(string alert, CancellationToken cancel) => QueryAsync(
        "SELECT alert, at, actor, act, text FROM alert_note WHERE alert = $1 ORDER BY number", static r => new AlertNote(r.GetString(0), new Instant(r.GetInt64(1)), r.GetString(2), r.GetString(3), r.GetString(4)), cancel, alert);

    public ValueTask<IReadOnlyList<SilenceRow>> SilencesAsync(Instant endingAfter, CancellationToken cancel) => QueryAsync(
        "SELECT id, created_at, ends_at, body, version FROM silence WHERE ends_at > $1 ORDER BY created_at, id",
        static r => new SilenceRow(r.GetString(0), new Instant(r.GetInt64(1)), new Instant(r.GetInt64(2)), r.GetFieldValue<byte[]>(3), r.GetInt64(4)), cancel, endingAfter.Micros);

    /// <summary>"is one of the list in $1", and the list as one parameter: neither database has a maximum for it.</summary>
    protected abstract string InList { get; }

    /// <inheritdoc cref="InList"/>
    protected abstract object ListOf(IReadOnlyCollection<string> texts);

    private static string Where(List<string> conditions) => conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", conditions);
}
