using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>Letters to customers: they go out as alerts do, through the same records, claims, repetitions and answers.</summary>
public sealed partial class AlertHouse
{
    /// <summary>The channel that carries letters; <c>null</c> when none was named, or the one that was is switched off.</summary>
    public string? LetterChannel => _plan.Letters is { } named && _on.Contains(named) ? named : null;

    /// <summary>How the desk collects.</summary>
    public CollectionRules Collections => _plan.Collections;

    /// <summary>
    /// Hands an approved letter over. The same letter again changes nothing: its id is that of the alert, and a record is unique by it.
    /// </summary>
    /// <returns>False when no channel carries letters.</returns>
    public async Task<bool> PostAsync(Letter letter, LetterContact contact, string name, string approvedBy, CancellationToken cancel)
    {
        if (LetterChannel is not { } channel) return false;
        var now = _time.Now();
        var rule = letter.Kind == LetterKind.Statement ? Rules.Statement : Rules.Dunning;
        var alert = new Alert
        {
            Id = letter.Id, Rule = rule, Customer = letter.Customer, Name = name, Severity = Severity.Info, State = AlertState.Told, RaisedAt = now, ChangedAt = now, Currency = letter.Currency,
            Amount = letter.Total, AmountCurrency = letter.Currency, Step = Math.Max(0, letter.Level), About = letter.Id, Actor = approvedBy, Letter = letter, Contact = contact,
            Labels = new Labels([new("alertname", rule), new("severity", Severities.Name(Severity.Info)), new("customer", letter.Customer), new("about", letter.Id)]),
        };
        await _store.TakeInAsync(new AlertIntake
        {
            Alerts = [AlertJson.RowOf(alert, OwnPartition, new OutboxPlace(now.Micros, 0, 0))], Deliveries = [Delivery(alert, Transition.Raised, channel, RouteTree.ForLetters.Name, now)],
        }, cancel);
        Ring(channel);
        return true;
    }
}
