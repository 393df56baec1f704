using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>Messages that are made to be looked at: a test of a channel, a preview of a signal.</summary>
public static class Specimen
{
    /// <summary>The message of a test. Every test has an id of its own.</summary>
    public static OutMessage Test(string channel, Instant now)
    {
        var alert = new Alert
        {
            Id = $"{Rules.Test}/{channel}/{now.Micros}", Rule = Rules.Test, Severity = Severity.Info, State = AlertState.Told, RaisedAt = now, ChangedAt = now,
            Labels = new Labels([new("alertname", Rules.Test), new("severity", Severities.Name(Severity.Info))]),
        };
        return Of([(alert, Transition.Raised)], channel, now);
    }

    /// <summary>A signal as the outbox tells it, as the message that a channel would get; <c>null</c> when the row tells people nothing.</summary>
    public static OutMessage? Of(IReadOnlyList<OutboxRow> rows, IReadOnlyDictionary<string, CustomerCard> cards, string channel, Instant now)
    {
        var told = rows.Select(r => AlertReading.Read(r, cards.GetValueOrDefault(r.Customer))).OfType<AlertChange>().Select(c => (c.Alert, c.Transition)).ToList();
        return told.Count == 0 ? null : Of(told, channel, now);
    }

    /// <summary>A customer that does not exist, over his limit.</summary>
    public static OutMessage Sample(string channel, Instant now, int count = 1) => Of([.. Enumerable.Range(0, count).Select(i => (Signal($"C030{4660 + i}", now), Transition.Raised))], channel, now);

    /// <summary>The request that a channel would make, as text: signatures and addresses are left out.</summary>
    public static string Rendered(ChannelSettings settings, OutMessage message, Instant now)
    {
        if (settings.Kind != ChannelKind.Email) return System.Text.Encoding.UTF8.GetString(Vendors.Of(settings with { Secrets = [], Url = "https://hidden.example/" }).Draft(message, now).Body);
        using var mail = new MailTransport(settings, new Standing(now)).Compose(message, settings.Mail!, 0);
        return $"Subject: {mail.Subject}\n\n{mail.TextBody!.ReplaceLineEndings("\n")}";
    }

    /// <summary>A clock that stands.</summary>
    private sealed class Standing(Instant now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now.ToDateTimeOffset();
    }

    private static Alert Signal(string customer, Instant now) => new()
    {
        Id = $"{customer}/EW-01//4/1", Rule = "EW-01", Customer = customer, Name = "华东机电", Severity = Severity.High, Step = 4, State = AlertState.Firing, RaisedAt = now, ChangedAt = now, Currency = "CNY", Exposure = 104_000_000,
        Limit = 100_000_000, Value = 10_400, Threshold = 10_000, PolicyVersion = 12, Clears = "utilisation at or below the step less the re-arm",
        Labels = new Labels([new("alertname", "EW-01"), new("step", "100"), new("customer", customer), new("customerGroup", "G17"), new("desk", "CN-East"), new("severity", "HIGH")]),
    };

    private static OutMessage Of(IReadOnlyList<(Alert Alert, string Transition)> told, string channel, Instant now)
    {
        var plan = new RoutePlan { Name = "preview", To = [channel] };
        var items = OutMessage.Ordered(told.Select(t => new DeliveryItem(
            new DeliveryRow { Alert = t.Alert.Id, Transition = t.Transition, Channel = channel, Route = plan.Name, Severity = t.Alert.Severity, State = DeliveryState.Sent, CreatedAt = now, ChangedAt = now, FirstSentAt = now, Attempts = 1 }, t.Alert, plan)));
        return new OutMessage { Id = OutMessage.IdOf(items), Items = items, Shape = items.Count == 1 ? MessageShape.Single : MessageShape.Group, FirstSentAt = now };
    }
}
