using System.Text.Json;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>
/// Any receiver: signed by Standard Webhooks, with the body of Alertmanager version 4, so that receivers of the one and of the other work. What
/// was told before and still fires is among the alerts, as there.
/// </summary>
internal sealed class Webhook(ChannelSettings settings) : IVendor
{
    /// <summary>Bytes of a body beside its alerts: keys of the group, common labels, addresses.</summary>
    private const int Around = 8_192;

    private readonly Words _words = new(settings.Language);

    public HttpDraft Draft(OutMessage message, Instant now)
    {
        var all = message.Items.Count + (message.Minimal ? 0 : message.Standing.Count);
        var most = Math.Min(message.Minimal ? 10 : all, Carried(message));
        var body = Vendors.Fit(most, settings.BytesMax, k => Body(message, k, all));
        var seconds = now.Micros / Instant.Second;
        List<(string, string)> headers = [("webhook-id", message.Id), ("webhook-timestamp", Escapes.Digits(seconds))];
        // Two secrets during a rotation: a receiver that knows either of them finds its signature.
        if (settings.Secrets.Count > 0) headers.Add(("webhook-signature", string.Join(' ', settings.Secrets.Select(s => Signing.StandardWebhooks(s, message.Id, seconds, body)))));
        return new HttpDraft(new Uri(settings.Url), body, headers);
    }

    public Answer Judge(HttpAnswer answer) => Vendors.ByStatus(answer) ?? new Answer(AnswerKind.Delivered, $"{answer.Status}");

    /// <summary>
    /// How many alerts go into a body, by the size of each as a repetition has it: what goes again under its id, from another process as well, carries the same ones.
    /// What stands around them is not counted and has a room of its own.
    /// </summary>
    private int Carried(OutMessage message)
    {
        var (repetition, left, kept) = (message with { IsRepeat = true }, settings.BytesMax - Math.Min(Around, settings.BytesMax / 4), 0);
        foreach (var (alert, item) in message.Items.Select(i => (i.Alert, (DeliveryItem?)i)).Concat(message.Standing.Select(a => (a, (DeliveryItem?)null))))
        {
            left -= Vendors.Json(json =>
            {
                json.WriteStartArray("alerts");
                One(json, alert, item, repetition);
                json.WriteEndArray();
            }).Length;
            if (left < 0) break;
            kept++;
        }

        return Math.Max(1, kept);
    }

    private byte[] Body(OutMessage message, int kept, int all) => Vendors.Json(json =>
    {
        var first = message.Items[0].Alert.Labels;
        var common = new Labels(first.All.Where(l => message.Items.All(i => i.Alert.Labels[l.Key] == l.Value)));
        var group = common.Only([.. message.Items[0].Route.GroupBy]);
        json.WriteString("version", "4");
        json.WriteString("groupKey", message.GroupKey.Length > 0 ? message.GroupKey : $"{message.Shape}:{group}");
        json.WriteNumber("truncatedAlerts", all - kept);
        json.WriteString("status", message.Items.Any(i => !i.IsEnd) || message.Standing.Count > 0 ? "firing" : "resolved");
        json.WriteString("receiver", settings.Name);
        Write(json, "groupLabels", group);
        Write(json, "commonLabels", common);
        json.WriteStartObject("commonAnnotations");
        json.WriteEndObject();
        json.WriteString("externalURL", settings.Links.Base?.AbsoluteUri ?? "");
        json.WriteStartArray("alerts");
        foreach (var item in message.Items.Take(kept)) One(json, item.Alert, item, message);
        foreach (var alert in message.Standing.Take(Math.Max(0, kept - message.Items.Count))) One(json, alert, null, message);
        json.WriteEndArray();
    });

    private void One(Utf8JsonWriter json, Alert alert, DeliveryItem? item, OutMessage message)
    {
        var ended = item?.IsEnd ?? false;
        json.WriteStartObject();
        json.WriteString("status", ended ? "resolved" : "firing");
        Write(json, "labels", alert.Labels);
        json.WriteStartObject("annotations");
        json.WriteString("summary", Escapes.OneLine(_words.Title(alert)));
        if (item is not null) json.WriteString("description", Escapes.OneLine(_words.Head(item)));
        if (alert.Clears.Length > 0) json.WriteString("clears", Escapes.OneLine(_words.Clears(alert)));
        json.WriteString("signalId", alert.Id);
        if (item is not null) json.WriteString("transition", item.Row.Transition);
        if (alert.State == Engine.AlertState.Retracted) json.WriteString("retracted", "true");
        if (message.IsRepeat) json.WriteString("repeat", "true");
        json.WriteEndObject();
        json.WriteString("startsAt", Moment(alert.RaisedAt));
        json.WriteString("endsAt", ended ? Moment(alert.ChangedAt) : "0001-01-01T00:00:00Z");
        json.WriteString("generatorURL", settings.Links.OfAlert(alert) ?? "");
        json.WriteString("fingerprint", alert.Labels.Fingerprint());
        json.WriteEndObject();
    }

    private static string Moment(Instant at) => at.ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static void Write(Utf8JsonWriter json, string name, Labels labels)
    {
        json.WriteStartObject(name);
        foreach (var (label, value) in labels.All) json.WriteString(label, value);
        json.WriteEndObject();
    }
}
