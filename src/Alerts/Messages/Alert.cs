using System.Text.Json.Serialization;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Alerts;

/// <summary>
/// What people are told of: a signal, a hold, a stop, a refusal, a record that could not be applied, or a channel that is down. Its figures
/// are those of the evaluation that made it, never of a later question.
/// </summary>
public sealed record Alert
{
    /// <summary>The same from its raising to its end.</summary>
    public required string Id { get; init; }

    /// <summary>Number of the indicator, or one of <see cref="Rules"/>.</summary>
    public required string Rule { get; init; }

    public string Customer { get; init; } = "";

    /// <summary>Name of the customer; "" when none is known.</summary>
    public string Name { get; init; } = "";

    public Severity Severity { get; init; } = Severity.Medium;

    public AlertState State { get; init; } = AlertState.Firing;

    public Instant RaisedAt { get; init; }

    public Instant ChangedAt { get; init; }

    /// <summary>Number of the step of the ladder; 0 without one.</summary>
    public int Step { get; init; }

    /// <summary>The order, cover or channel that it speaks of; "" for the customer.</summary>
    public string About { get; init; } = "";

    public string Currency { get; init; } = "";

    /// <summary>Gross exposure, minor units; <c>null</c> when it is not told.</summary>
    public long? Exposure { get; init; }

    /// <summary>Effective limit, minor units; <c>null</c> without an amount.</summary>
    public long? Limit { get; init; }

    /// <summary>Of an order, minor units of <see cref="AmountCurrency"/>; <c>null</c> without one.</summary>
    public long? Amount { get; init; }

    public string AmountCurrency { get; init; } = "";

    /// <summary>What the indicator measured, in its own unit.</summary>
    public long Value { get; init; }

    /// <summary>The same when it was raised, whatever came behind; <c>null</c> where no indicator measured.</summary>
    public long? RaisedValue { get; init; }

    /// <summary>Of one that has ended, the figures with which it was raised: what is told of its raising says what was true then. <c>null</c> while it lasts.</summary>
    public RaisedFigures? AtRaising { get; init; }

    /// <summary>The threshold that was crossed, in the same unit.</summary>
    public long Threshold { get; init; }

    /// <summary>Currency of value and threshold where they are amounts; "" where they are none, or nobody knows.</summary>
    public string MeasuredIn { get; init; } = "";

    /// <summary>What is usual for the customer, in the unit of the value, and of how many observations; <c>null</c> where nothing is compared with it.</summary>
    public UsualFigure? Usual { get; init; }

    /// <summary>Of the utilisation: what was told of it before, basis points; <c>null</c> when nothing was.</summary>
    public long? Was { get; init; }

    /// <summary>Orders of the customer that were on hold when it was raised; the first few.</summary>
    public IReadOnlyList<string> OnHold { get; init; } = [];

    /// <summary>What would clear it.</summary>
    public string Clears { get; init; } = "";

    /// <summary>The utilisation at or below which it clears, basis points; <c>null</c> where it is no utilisation, or the policy has changed since.</summary>
    public int? ClearsAtBp { get; init; }

    /// <summary>Version of the policy that judged.</summary>
    public long PolicyVersion { get; init; }

    /// <summary>Codes and words of the reasons of a hold, a refusal or a failure.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>The event that caused it; alerts of many customers with the same cause are told together.</summary>
    public string Cause { get; init; } = "";

    /// <summary>It crosses to and fro: one digest a day, with so many transitions.</summary>
    public int Transitions { get; init; }

    /// <summary>Who acted, when a person did; "" otherwise.</summary>
    public string Actor { get; init; } = "";

    /// <summary>The letter that it is; <c>null</c> for what is told to the own house.</summary>
    public Letter? Letter { get; init; }

    /// <summary>Who reads the letter.</summary>
    public LetterContact? Contact { get; init; }

    /// <summary>The entry of the journal that caused its newest change.</summary>
    public string Entry { get; init; } = "";

    /// <summary>Labels for routes, silences and inhibitions; kept from the raising on.</summary>
    [JsonIgnore]
    public Labels Labels { get; init; }

    /// <summary>The same for the body that is stored.</summary>
    [JsonInclude]
    [JsonPropertyName("labels")]
    internal Dictionary<string, string> LabelTexts
    {
        get => Labels.All.ToDictionary(l => l.Key, l => l.Value, StringComparer.Ordinal);
        init => Labels = new Labels(value);
    }

    /// <summary>Its cause lasts, or it has none that could end.</summary>
    [JsonIgnore]
    public bool IsOpen => State is AlertState.Firing or AlertState.Told;

    /// <summary>As it was raised, whatever has come about since.</summary>
    internal Alert AsRaised() => State is not (AlertState.Resolved or AlertState.Retracted) ? this : AtRaising is not { } then ? this with { State = AlertState.Firing } : this with
    {
        State = AlertState.Firing, ChangedAt = then.ChangedAt, Currency = then.Currency, Exposure = then.Exposure, Limit = then.Limit, Value = then.Value, Was = then.Was, Clears = then.Clears,
        Entry = then.Entry, Actor = then.Actor, Transitions = then.Transitions, AtRaising = null,
    };

    /// <summary>With an end, which keeps what the beginning said: names, labels, severity.</summary>
    internal Alert Ended(Alert end) => this with
    {
        AtRaising = AtRaising ?? new RaisedFigures(ChangedAt, Currency, Exposure, Limit, Value, Was, Clears, Entry, Actor, Transitions),
        State = end.State, ChangedAt = end.ChangedAt, Exposure = end.Exposure ?? Exposure, Limit = end.Limit ?? Limit, Currency = end.Currency.Length > 0 ? end.Currency : Currency,
        Value = end.Value, Clears = end.Clears, Entry = end.Entry, Actor = end.Actor, Transitions = 0,
    };
}

/// <summary>What is usual for a customer.</summary>
/// <param name="Count">Observations that it is the median of.</param>
public sealed record UsualFigure(long Median, int Count);

/// <summary>What of an alert its end replaces; the members are those of <see cref="Alert"/>.</summary>
public sealed record RaisedFigures(Instant ChangedAt, string Currency, long? Exposure, long? Limit, long Value, long? Was, string Clears, string Entry, string Actor, int Transitions);

/// <summary>Names of what is told beside the indicators.</summary>
public static class Rules
{
    /// <summary>An order on hold; it ends with the hold.</summary>
    public const string Hold = "HOLD";

    /// <summary>A customer whom a person, or the law, has stopped.</summary>
    public const string Stop = "STOP";

    /// <summary>A check that refused.</summary>
    public const string Refusal = "REFUSAL";

    /// <summary>A record that could not be applied.</summary>
    public const string DeadLetter = "DEAD-LETTER";

    /// <summary>What is true already under a new version of the rules.</summary>
    public const string RulesChanged = "RULES";

    /// <summary>A channel that takes no messages, or a message that was given up.</summary>
    public const string Channel = "CHANNEL";

    /// <summary>A feed that gives no sign of life.</summary>
    public const string Feed = "FEED";

    /// <summary>The house's own sign of life.</summary>
    public const string Heartbeat = "HEARTBEAT";

    /// <summary>A statement of account to a customer.</summary>
    public const string Statement = "STATEMENT";

    /// <summary>A reminder to a customer.</summary>
    public const string Dunning = "DUNNING";

    /// <summary>A test that a person asked for.</summary>
    public const string Test = "TEST";
}

/// <summary>Names of severities on the wire and in labels.</summary>
public static class Severities
{
    /// <summary>INFO, LOW, MED, HIGH or CRIT.</summary>
    public static string Name(Severity severity) => severity switch
    {
        Severity.Info => "INFO",
        Severity.Low => "LOW",
        Severity.Medium => "MED",
        Severity.High => "HIGH",
        _ => "CRIT",
    };

    /// <summary>The severity of a name.</summary>
    public static bool TryParse(string name, out Severity severity)
    {
        severity = name switch { "INFO" => Severity.Info, "LOW" => Severity.Low, "MED" => Severity.Medium, "HIGH" => Severity.High, "CRIT" => Severity.Critical, _ => default };
        return severity != default;
    }
}

/// <summary>Names of what of an alert is told. They are part of the idempotency key and never change.</summary>
public static class Transition
{
    public const string Raised = "raised", Resolved = "resolved", Retracted = "retracted", Escalated = "escalated";

    private const string RepeatedPrefix = "repeated-", OverPrefix = "over-", BetterPrefix = "better-", QuietPrefix = "quiet-", DigestPrefix = "digest-";

    /// <summary>It still stands after so many repeat intervals.</summary>
    public static string Repeated(int number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{RepeatedPrefix}{number}");

    /// <summary>What muted it is over, and it still stands.</summary>
    public static string Over(string mutedBy) => OverPrefix + mutedBy;

    /// <summary>What muted it waited for the utilisation to get better, which it did, to so many basis points; it still stands.</summary>
    public static string Better(string mutedBy, int reachedBp) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{BetterPrefix}{reachedBp}-{mutedBy}");

    /// <summary>It was told before, and rests from now on: nothing is sent, the record says so.</summary>
    public static string Quiet(string mutedBy) => QuietPrefix + mutedBy;

    /// <summary>The digest of one day of a signal that flaps; each has an entry of its own.</summary>
    public static string Digest(string entry) => DigestPrefix + entry;

    /// <summary>It says that the cause is gone.</summary>
    public static bool IsEnd(string transition) => transition is Resolved or Retracted;

    public static bool IsRepeat(string transition) => transition.StartsWith(RepeatedPrefix, StringComparison.Ordinal);

    /// <summary>What muted it is over, for whichever reason.</summary>
    public static bool IsOver(string transition) => transition.StartsWith(OverPrefix, StringComparison.Ordinal) || ReachedBpOf(transition) is not null;

    /// <summary>The utilisation that a silence waited for, basis points; <c>null</c> for any other transition.</summary>
    public static int? ReachedBpOf(string transition) =>
        transition.StartsWith(BetterPrefix, StringComparison.Ordinal) && transition.IndexOf('-', BetterPrefix.Length) is > 0 and var end
        && int.TryParse(transition.AsSpan(BetterPrefix.Length, end - BetterPrefix.Length), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var bp) ? bp : null;

    /// <summary>How often it was repeated; 0 for any other transition.</summary>
    public static int RepeatOf(string transition) =>
        IsRepeat(transition) && int.TryParse(transition.AsSpan(RepeatedPrefix.Length), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var n) ? n : 0;
}
