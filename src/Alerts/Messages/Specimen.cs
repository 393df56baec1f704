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

    private static readonly (string Name, long Exposure, long Limit, long Was)[] Customers = [("华东机电", 104_000_000, 100_000_000, 9_800), ("宁波精密铸造", 63_180_000, 60_000_000, 9_640), ("苏州恒力纺织", 40_500_000, 40_000_000, 9_910)];

    /// <summary>Customers that do not exist, over their limits.</summary>
    public static OutMessage Sample(string channel, Instant now, int count = 1) => Of([.. Enumerable.Range(0, count).Select(i => (Signal($"C030{4660 + i}", Customers[i % Customers.Length], now), Transition.Raised))], channel, now);

    /// <summary>The request that a channel would make, as text: signatures and addresses are left out.</summary>
    public static string Rendered(ChannelSettings settings, OutMessage message, Instant now)
    {
        if (settings.Kind != ChannelKind.Email) return System.Text.Encoding.UTF8.GetString(Vendors.Of(settings with { Secrets = [], Url = "https://hidden.example/" }).Draft(message, now).Body);
        using var mail = new MailTransport(settings, new Standing(now)).Compose(message, settings.Mail!, 0);
        return $"Subject: {mail.Subject}\n\n{mail.TextBody!.ReplaceLineEndings("\n")}";
    }

    /// <summary>The HTML part of a mail.</summary>
    public static string RenderedHtml(ChannelSettings settings, OutMessage message, Instant now)
    {
        using var mail = new MailTransport(settings, new Standing(now)).Compose(message, settings.Mail!, 0);
        return mail.HtmlBody!;
    }

    /// <summary>A reminder, or a statement of account, to a customer that does not exist.</summary>
    public static Letter SampleLetter(LetterKind kind, Language language)
    {
        var on = new DateOnly(2026, 3, 1).DayNumber;
        return kind == LetterKind.Dunning
            ? new Letter
            {
                Id = "DUN-EUR-9f2c1a7b00d4e6f1", Kind = kind, Customer = "C0304660", Language = language, Currency = "EUR", On = on, Level = 4, Regime = nameof(InterestRegime.EuDirective),
                Lines = [new LetterLine("RE-2026-0117", "", on - 70, on - 40, 40, 1_000_000, 600_000, 6_674, 4_000), new LetterLine("RE-2026-0131", "", on - 40, on - 10, 10, 250_000, 250_000, 695, 4_000)],
            }
            : new Letter
            {
                Id = "STM-EUR-51d0c3ab77e2904c", Kind = kind, Customer = "C0304660", Language = language, Currency = "EUR", On = on, From = on - 28, To = on - 1, Opening = 1_000_000, Closing = 850_000,
                Lines = [new LetterLine("RE-2026-0131", nameof(LedgerKind.Invoice), on - 20, on + 10, 0, 250_000, 250_000, 0, 0), new LetterLine("P-77", nameof(LedgerKind.Payment), on - 15, 0, 0, -400_000, -400_000, 0, 0)],
                OpenItems = [new LetterLine("RE-2026-0117", "", on - 70, on - 40, 39, 1_000_000, 600_000, 0, 0), new LetterLine("RE-2026-0131", "", on - 20, on + 10, 0, 250_000, 250_000, 0, 0)], Ageing = [250_000, 0, 600_000, 0, 0, 0],
            };
    }

    /// <summary>A clock that stands.</summary>
    private sealed class Standing(Instant now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now.ToDateTimeOffset();
    }

    private static Alert Signal(string customer, (string Name, long Exposure, long Limit, long Was) of, Instant now) => new()
    {
        Id = $"{customer}/EW-01//4/1", Rule = "EW-01", Customer = customer, Name = of.Name, Severity = Severity.High, Step = 4, State = AlertState.Firing, RaisedAt = now, ChangedAt = now, Currency = "CNY", Exposure = of.Exposure,
        Limit = of.Limit, Value = of.Exposure * 10_000 / of.Limit, Was = of.Was, Threshold = 10_000, ClearsAtBp = 9_500, OnHold = ["SO-240817"], PolicyVersion = 12, Clears = "utilisation at or below the step less the re-arm",
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
