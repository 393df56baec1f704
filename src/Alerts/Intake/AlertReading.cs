using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>What a row of the outbox means for people.</summary>
/// <param name="Alert">As the row tells it; of an end only what the end says.</param>
/// <param name="Transition">What of it is to be told.</param>
public sealed record AlertChange(Alert Alert, string Transition)
{
    /// <summary>It ends whatever is open of this rule at the customer, since the row does not know the id; "" when it does.</summary>
    public string EndsRule { get; init; } = "";
}

/// <summary>Reads rows of the outbox as alerts. Pure; the same row gives the same.</summary>
public static class AlertReading
{
    private const string LimitDecided = "credit.check.decided.v1", RiskState = "credit.risk-state.changed.v1", Held = "credit.order.held.v1",
        Released = "credit.order.released.v1", Rejected = "credit.order.rejected.v1", Raised = "credit.signal.raised.v1", Resolved = "credit.signal.resolved.v1",
        Retracted = "credit.signal.retracted.v1";

    /// <summary>What the row tells people; <c>null</c> when it tells them nothing.</summary>
    public static AlertChange? Read(OutboxRow row, CustomerCard? card)
    {
        if (row.IsDeadLetter) return Once(row, Rules.DeadLetter, Severity.Low, card, new Alert { Id = "", Rule = "", Reasons = [row.Kind] });
        using var json = JsonDocument.Parse(row.Row.Json());
        var data = json.RootElement;
        return row.Kind switch
        {
            Raised or Resolved or Retracted => Signal(row, data, card),
            Held => Hold(row, data, card),
            Released or Rejected => EndOfHold(row, data),
            RiskState => Stop(row, data, card),
            LimitDecided when Text(data, "decision") == "Refused" => Once(row, Rules.Refusal, Severity.Low, card, Order(data)),
            _ => null,
        };
    }

    private static AlertChange Signal(OutboxRow row, JsonElement data, CustomerCard? card)
    {
        var indicator = Text(data, "indicator");
        var alert = new Alert
        {
            Id = Text(data, "signalId"), Rule = indicator, Customer = row.Customer, Severity = SeverityOf(Text(data, "severity")), Step = (int)Number(data, "step"), About = Text(data, "about"),
            RaisedAt = row.At, ChangedAt = row.At, Currency = Text(data, "currency"), Exposure = Text(data, "currency").Length > 0 ? Amount(data, "exposure") ?? 0 : null,
            Limit = Text(data, "limitKind") == "Amount" ? Amount(data, "limit") ?? 0 : null, Value = Amount(data, "value") ?? 0, Threshold = Amount(data, "threshold") ?? 0,
            Clears = Text(data, "clears"), PolicyVersion = Number(data, "version"), Cause = data.TryGetProperty("eventIds", out var ids) && ids.GetArrayLength() > 0 ? ids[0].GetString() ?? "" : "",
            Entry = row.Entry.ToString(), Transitions = Flag(data, "flapping") ? (int)Number(data, "transitions") : 0,
            State = row.Kind switch { Resolved => AlertState.Resolved, Retracted => AlertState.Retracted, _ => indicator == Rules.RulesChanged ? AlertState.Told : AlertState.Firing },
        };
        if (indicator == "EW-01" && card?.Rearm is { } rearm && rearm.PolicyVersion == alert.PolicyVersion && alert.Threshold > rearm.Bp) alert = alert with { ClearsAtBp = (int)alert.Threshold - rearm.Bp };
        if (SignalUnits.Of(indicator) == "minor") alert = alert with { MeasuredIn = indicator switch { "EW-23" => card?.BaseCurrency ?? "", "EW-30" or "EW-37" => alert.Currency, _ => "" } };
        if (Number(data, "baselineCount") is > 0 and var count && Amount(data, "baselineMedian") is { } median && median != 0) alert = alert with { Usual = new UsualFigure(median, (int)count) };
        // A digest measures nothing, and an end measures something else.
        if (alert.State == AlertState.Firing && alert.Transitions == 0) alert = alert with { RaisedValue = alert.Value };
        alert = WithLabels(alert, card, StepText(alert));
        return new AlertChange(alert, row.Kind switch
        {
            Resolved => Transition.Resolved,
            Retracted => Transition.Retracted,
            _ => alert.Transitions > 0 ? Transition.Digest(alert.Entry) : Transition.Raised,
        });
    }

    private static AlertChange Hold(OutboxRow row, JsonElement data, CustomerCard? card)
    {
        var alert = Order(data) with
        {
            Id = Text(data, "holdId"), Rule = Rules.Hold, Customer = row.Customer, Severity = Severity.Medium, RaisedAt = row.At, ChangedAt = row.At, Entry = row.Entry.ToString(), State = AlertState.Firing,
        };
        return new AlertChange(WithLabels(alert, card, ""), Transition.Raised);
    }

    private static AlertChange EndOfHold(OutboxRow row, JsonElement data) => new(Order(data) with
    {
        Id = Text(data, "holdId"), Rule = Rules.Hold, Customer = row.Customer, ChangedAt = row.At, RaisedAt = row.At, Entry = row.Entry.ToString(), State = AlertState.Resolved,
        Clears = row.Kind == Released ? "released" : "rejected",
    }, Transition.Resolved);

    /// <summary>A stop is an alert that lasts; any other change of the risk state can only be its end.</summary>
    private static AlertChange? Stop(OutboxRow row, JsonElement data, CustomerCard? card)
    {
        var (before, after) = (Text(data, "before"), Text(data, "after"));
        if (before == after || (before != "Stopped" && after != "Stopped")) return null;
        var alert = new Alert
        {
            Id = $"{row.Customer}/{Rules.Stop}//1/{row.Entry}", Rule = Rules.Stop, Customer = row.Customer, Severity = Severity.Critical, RaisedAt = row.At, ChangedAt = row.At,
            Entry = row.Entry.ToString(), Actor = Text(data, "actor"), Reasons = Text(data, "reason") is { Length: > 0 } reason ? [reason] : [],
            State = after == "Stopped" ? AlertState.Firing : AlertState.Resolved,
        };
        return after == "Stopped" ? new AlertChange(WithLabels(alert, card, ""), Transition.Raised) : new AlertChange(alert, Transition.Resolved) { EndsRule = Rules.Stop };
    }

    /// <summary>Something that happened once and has no end.</summary>
    private static AlertChange Once(OutboxRow row, string rule, Severity severity, CustomerCard? card, Alert about) => new(WithLabels(about with
    {
        Id = $"{rule}/{row.Id}", Rule = rule, Customer = row.Customer, Severity = severity, State = AlertState.Told, RaisedAt = row.At, ChangedAt = row.At, Entry = row.Entry.ToString(),
    }, card, ""), Transition.Raised);

    private static Alert Order(JsonElement data)
    {
        var figures = data.TryGetProperty("figures", out var told) ? told : default;
        var known = figures.ValueKind == JsonValueKind.Object;
        return new Alert
        {
            Id = "", Rule = "", About = Text(data, "orderId"), Amount = Amount(data, "amount"), AmountCurrency = Text(data, "currency"), Actor = Text(data, "actor"),
            Currency = known && Text(figures, "currency") is { Length: > 0 } own ? own : Text(data, "currency"),
            Exposure = known ? Amount(figures, "gross") : null, Limit = known && Text(figures, "limitKind") == "Amount" ? Amount(figures, "limit") ?? 0 : null,
            PolicyVersion = known ? Number(figures, "policyVersion") : 0,
            Reasons = data.TryGetProperty("reasons", out var reasons) && reasons.ValueKind == JsonValueKind.Array ? [.. reasons.EnumerateArray().Select(r => Text(r, "rule")).Where(c => c.Length > 0)] : [],
        };
    }

    private static Alert WithLabels(Alert alert, CustomerCard? card, string step) => alert with
    {
        Name = card?.Name ?? "",
        Labels = new Labels(
        [
            new("alertname", alert.Rule), new("severity", Severities.Name(alert.Severity)), new("step", step), new("customer", alert.Customer), new("about", alert.About),
            new("customerGroup", card?.Group is { Length: > 0 } group ? group : alert.Customer), new("desk", card?.Desk ?? ""), new("country", card?.Country ?? ""), new("controller", card?.Controller ?? ""),
        ]),
    };

    /// <summary>The step by its threshold, as people speak of it: percent of the utilisation, else as it is measured.</summary>
    private static string StepText(Alert alert) => alert.Step == 0 ? "" : (alert.Rule == "EW-01" ? alert.Threshold / 100 : alert.Threshold).ToString(CultureInfo.InvariantCulture);

    private static Severity SeverityOf(string name) => Enum.TryParse<Severity>(name, out var severity) ? severity : Severity.Medium;

    private static string Text(JsonElement data, string name) => data.TryGetProperty(name, out var told) && told.ValueKind == JsonValueKind.String ? told.GetString()! : "";

    private static bool Flag(JsonElement data, string name) => data.TryGetProperty(name, out var told) && told.ValueKind == JsonValueKind.True;

    private static long Number(JsonElement data, string name) => data.TryGetProperty(name, out var told) && told.ValueKind == JsonValueKind.Number && told.TryGetInt64(out var number) ? number : 0;

    /// <summary>Amounts come as strings of digits.</summary>
    private static long? Amount(JsonElement data, string name) =>
        data.TryGetProperty(name, out var told) && long.TryParse(told.ValueKind == JsonValueKind.String ? told.GetString() : told.GetRawText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var amount) ? amount : null;
}
