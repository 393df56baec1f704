using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>
/// Alerts that somebody does not want to hear of, with a reason and an end. It is judged on every send. It does not hide a
/// worsening: of an indicator of a customer it mutes the step and severity that it met first, and nothing worse.
/// </summary>
public sealed record Silence
{
    /// <summary>The longest that a silence lasts whose end is that the alert is resolved.</summary>
    public static readonly TimeSpan LongestUntilResolved = TimeSpan.FromDays(30);

    /// <summary>Indicators of customers whose worst state a silence remembers; beyond that it mutes no further ones.</summary>
    public const int MetMax = 20_000;

    public required string Id { get; init; }

    /// <summary>All have to be met; at least one of them.</summary>
    [JsonIgnore]
    public IReadOnlyList<LabelMatcher> Matchers { get; init; } = [];

    /// <summary>The same as texts.</summary>
    [JsonPropertyName("matchers")]
    public IReadOnlyList<string> MatcherTexts
    {
        get => [.. Matchers.Select(m => m.ToString())];
        init => Matchers = [.. value.Select(LabelMatcher.Parse)];
    }

    public Instant StartsAt { get; init; }

    /// <summary>It mutes nothing from this moment on.</summary>
    public required Instant EndsAt { get; init; }

    /// <summary>It ends for an indicator of a customer when that is resolved; <see cref="EndsAt"/> is the latest end.</summary>
    public bool UntilResolved { get; init; }

    /// <summary>It ends when the customer's utilisation is at or below this, basis points; <see cref="EndsAt"/> is the latest end. <c>null</c> when it waits for no figure.</summary>
    public int? BetterAtBp { get; init; }

    /// <summary>The utilisation at which it ended for being better, basis points; <c>null</c> for any other end.</summary>
    public int? ReachedBp { get; init; }

    /// <summary>The one customer that it is about; "" when it names none.</summary>
    [JsonIgnore]
    public string Customer => Matchers.FirstOrDefault(m => m.IsEqual && m.Name == "customer")?.Value ?? "";

    public required string Creator { get; init; }

    public required string Comment { get; init; }

    /// <summary>What it met, by customer, indicator and subject: the worst that it mutes, or that it is over for it.</summary>
    public ImmutableDictionary<string, SilencedWorst> Met { get; init; } = ImmutableDictionary<string, SilencedWorst>.Empty;

    /// <summary>It is in force.</summary>
    public bool IsActive(Instant now) => StartsAt <= now && now < EndsAt;

    /// <summary>Whether it mutes an alert, as far as it has met its indicator.</summary>
    public bool Mutes(Alert alert, Instant now)
    {
        if (!IsActive(now) || !LabelMatcher.All(Matchers, alert.Labels)) return false;
        return !Met.TryGetValue(KeyOf(alert), out var worst) ? Met.Count < MetMax : !worst.IsOver && worst.Covers(alert);
    }

    /// <summary>
    /// The same silence after it has seen an alert: what it meets for the first time it remembers, what is worse ends it there, and so
    /// does a resolution where it lasts until then. The same object when nothing is new.
    /// </summary>
    public Silence See(Alert alert, Instant now)
    {
        if (!IsActive(now) || !LabelMatcher.All(Matchers, alert.Labels)) return this;
        var key = KeyOf(alert);
        var known = Met.TryGetValue(key, out var worst);
        if (known && worst!.IsOver) return this;
        if (!alert.IsOpen) return known && UntilResolved && alert.Step >= worst!.Step ? With(key, worst with { IsOver = true }) : this;
        if (!known) return Met.Count < MetMax ? With(key, new SilencedWorst(alert.Step, alert.Severity)) : this;
        return worst!.Covers(alert) ? this : With(key, worst with { IsOver = true });
    }

    private Silence With(string key, SilencedWorst worst) => this with { Met = Met.SetItem(key, worst) };

    private static string KeyOf(Alert alert) => $"{alert.Customer}/{alert.Rule}/{alert.About}";
}

/// <summary>The worst of an indicator of a customer that a silence mutes.</summary>
/// <param name="IsOver">Something worse came, or the end that it waited for.</param>
public sealed record SilencedWorst(int Step, Severity Severity, bool IsOver = false)
{
    /// <summary>The alert is no worse.</summary>
    public bool Covers(Alert alert) => alert.Step <= Step && alert.Severity <= Severity;
}
