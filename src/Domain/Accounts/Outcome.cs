namespace ExposureMonitor.Domain;

/// <summary>What became of a fact, in order of precedence.</summary>
public enum OutcomeKind : byte
{
    Undecodable = 1,
    Duplicate = 2,
    ConflictingDuplicate = 3,
    Refused = 4,
    Parked = 5,
    Superseded = 6,
    Applied = 7,
}

/// <summary>An outcome with its reason; a value, never an exception.</summary>
/// <param name="Reason">Reason code in capitals, such as <c>NO_PREDECESSOR</c>; "" for what needs none.</param>
/// <param name="Detail">What was wrong, where, and what was expected, in plain words; "" when the code says it all.</param>
public readonly record struct Outcome(OutcomeKind Kind, string Reason = "", string Detail = "")
{
    public static Outcome Applied { get; } = new(OutcomeKind.Applied);

    public static Outcome Superseded { get; } = new(OutcomeKind.Superseded);

    public static Outcome Duplicate { get; } = new(OutcomeKind.Duplicate);

    public static Outcome Conflict(string detail) => new(OutcomeKind.ConflictingDuplicate, "CONFLICT", detail);

    public static Outcome Refused(string reason, string detail) => new(OutcomeKind.Refused, reason, detail);

    public static Outcome Parked(string waitsFor) => new(OutcomeKind.Parked, "NO_PREDECESSOR", waitsFor);

    /// <summary>True when a dead letter stands for the record.</summary>
    public bool IsDead => Kind is OutcomeKind.Undecodable or OutcomeKind.ConflictingDuplicate or OutcomeKind.Refused;
}
