using System.Text.Json;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Alerts;

/// <summary>What a letter to a customer is.</summary>
public enum LetterKind : byte
{
    /// <summary>A statement of account of one period in one currency.</summary>
    Statement = 1,

    /// <summary>A reminder of some level, with the items that it speaks of.</summary>
    Dunning,
}

/// <summary>A line of a letter: an item that is open, or a movement of the period. Amounts in minor units of the letter's currency.</summary>
/// <param name="What">Of a statement the kind of the movement; "" in a reminder.</param>
/// <param name="Open">What of it is open; of a movement what it adds to the debt.</param>
/// <param name="Interest">Late interest up to the day of the letter; 0 where none is asked.</param>
public sealed record LetterLine(string DocumentId, string What, int IssuedOn, int DueOn, int DaysPastDue, long Amount, long Open, long Interest, long FixedSum);

/// <summary>
/// A letter to a customer as one person drafts it and another one approves it: figures only. Name and address of the reader are no part of it, so
/// that it can stand in the journal; whoever sends it looks them up.
/// </summary>
public sealed record Letter
{
    /// <summary>Of the reminder or the statement; the same on every attempt.</summary>
    public required string Id { get; init; }

    public required LetterKind Kind { get; init; }

    public required string Customer { get; init; }

    public required Language Language { get; init; }

    public required string Currency { get; init; }

    /// <summary>Day of the letter, day number.</summary>
    public required int On { get; init; }

    /// <summary>Of a reminder: the level of the ladder.</summary>
    public int Level { get; init; }

    /// <summary>Of a statement: its first and last day.</summary>
    public int From { get; init; }

    /// <inheritdoc cref="From"/>
    public int To { get; init; }

    public long Opening { get; init; }

    public long Closing { get; init; }

    /// <summary>Movements of a statement; items of a reminder.</summary>
    public IReadOnlyList<LetterLine> Lines { get; init; } = [];

    /// <summary>Open items of a statement.</summary>
    public IReadOnlyList<LetterLine> OpenItems { get; init; } = [];

    /// <summary>By bucket: not due, 1–30, 31–60, 61–90, 91–180, more than 180 days.</summary>
    public IReadOnlyList<long> Ageing { get; init; } = [];

    /// <summary>By which regime interest is asked; "" where none is.</summary>
    public string Regime { get; init; } = "";

    /// <summary>What the letter asks for: open amounts, interest, fixed sums.</summary>
    public long Total => Kind == LetterKind.Statement ? Closing : Lines.Sum(l => l.Open + l.Interest + l.FixedSum);

    /// <summary>As it stands in the journal.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, AlertJson.Default.Letter);

    /// <summary>A letter that was written by <see cref="ToJson"/>.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static Letter Parse(string json) => JsonSerializer.Deserialize(json, AlertJson.Default.Letter) ?? throw new JsonException("The letter is empty.");
}

/// <summary>Who reads a customer's letters.</summary>
/// <param name="Email">One address.</param>
public sealed record LetterContact(string Email, string Name, Language Language);
