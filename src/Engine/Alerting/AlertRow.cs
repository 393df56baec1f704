using ExposureMonitor.Domain;

namespace ExposureMonitor.Engine;

/// <summary>How the matter stands that an alert tells of.</summary>
public enum AlertState : byte
{
    /// <summary>The cause lasts.</summary>
    Firing = 1,

    /// <summary>The cause is gone.</summary>
    Resolved,

    /// <summary>A late fact has shown that the cause never was.</summary>
    Retracted,

    /// <summary>It told of a single event and has no end.</summary>
    Told,
}

/// <summary>What people have done about an alert.</summary>
public enum AlertHandling : byte
{
    /// <summary>Nobody has looked at it.</summary>
    New,

    /// <summary>Somebody looks after it: it is neither repeated nor escalated.</summary>
    Taken,

    /// <summary>Somebody has put it away with a note, whatever the cause does.</summary>
    Closed,
}

/// <summary>An alert as it is kept: what is looked for in columns, the rest as a body.</summary>
public sealed record AlertRow
{
    /// <summary>The id of the signal, hold or notice; the same for all that is told of it.</summary>
    public required string Id { get; init; }

    /// <summary>The customer, or "" when it concerns none.</summary>
    public required string Customer { get; init; }

    /// <summary>Number of the indicator, or another name such as <c>HOLD</c>.</summary>
    public required string Rule { get; init; }

    public required Severity Severity { get; init; }

    public required AlertState State { get; init; }

    /// <summary>Stream time at which the cause began.</summary>
    public required Instant RaisedAt { get; init; }

    /// <summary>Stream time of the newest change of the cause.</summary>
    public required Instant ChangedAt { get; init; }

    /// <summary>Partition and place of the newest row of the outbox behind it; partition −2 for what the alerts themselves tell.</summary>
    public required int Partition { get; init; }

    /// <inheritdoc cref="Partition"/>
    public required OutboxPlace Place { get; init; }

    /// <summary>Everything else, JSON in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    public AlertHandling Handling { get; init; }

    /// <summary>Who has taken or closed it; "" while nobody has.</summary>
    public string HandledBy { get; init; } = "";

    /// <summary>When; default while nobody has.</summary>
    public Instant HandledAt { get; init; }

    /// <summary>What somebody thought of it, the last who said so.</summary>
    public AlertTag Tag { get; init; }

    /// <summary>Counts what people did, so that two of them at once are told apart.</summary>
    public long Version { get; init; }
}

/// <summary>One thing that a person did about an alert, and why. Never changed.</summary>
public sealed record AlertNote(string Alert, Instant At, string Actor, string Act, string Text);

/// <summary>What became of the alerts of one rule.</summary>
/// <param name="Rule">As in <see cref="AlertRow.Rule"/>.</param>
/// <param name="Told">All of them.</param>
/// <param name="Handled">Those that somebody took or closed.</param>
/// <param name="Useful">Those that were found useful.</param>
/// <param name="Noise">Those that were found to be noise.</param>
public sealed record AlertTally(string Rule, long Told, long Handled, long Useful, long Noise);

/// <summary>Which alerts a list shows; newest cause first.</summary>
public sealed record AlertQuery
{
    public string? Customer { get; init; }

    public string? Rule { get; init; }

    public AlertState? State { get; init; }

    public AlertHandling? Handling { get; init; }

    /// <summary>Only what is no signal of an indicator: holds, stops, refusals, dead letters, letters, and what the alerts tell of themselves.</summary>
    public bool NoticesOnly { get; init; }

    /// <summary>Only those that somebody found useful or noise.</summary>
    public bool TaggedOnly { get; init; }

    /// <summary>Causes that began then or later.</summary>
    public Instant From { get; init; }

    /// <summary>Not below this one.</summary>
    public Severity SeverityMin { get; init; } = Severity.Info;

    /// <summary>Behind this one: (raised, id) of the last row of the page before.</summary>
    public (Instant RaisedAt, string Id)? After { get; init; }

    public int Limit { get; init; } = 100;
}
