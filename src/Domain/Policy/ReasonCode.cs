namespace ExposureMonitor.Domain;

/// <summary>Why a person releases or refuses a held order, as it can be counted: a code of the policy.</summary>
/// <param name="Code">Capital letters, digits and underscores, at most 40; it begins the reason that the journal keeps.</param>
/// <param name="ForRelease">A release may be proposed for it.</param>
/// <param name="ForRefusal">A proposal may be turned down, or an order rejected, for it.</param>
/// <param name="AsksForDay">Whoever gives it says on which day the money should come.</param>
public sealed record ReasonCode(string Code, bool ForRelease, bool ForRefusal, bool AsksForDay)
{
    /// <summary>Longest code.</summary>
    public const int LengthMax = 40;

    /// <summary>Those of a policy that tells none, in the order in which they are offered.</summary>
    internal static IReadOnlyList<ReasonCode> Defaults { get; } =
    [
        new("PAYMENT_IN_TRANSIT", true, false, true), new("PAYMENT_PROMISED", true, false, false), new("DISPUTE_OF_OURS", true, false, false), new("COVERED_OTHERWISE", true, false, false),
        new("SMALL_AMOUNT", true, false, false), new("KEY_CUSTOMER", true, false, false), new("NO_PAYMENT", false, true, false), new("RISK_TOO_HIGH", false, true, false),
        new("LIMIT_EXHAUSTED", false, true, false), new("CUSTOMER_CANCELS", false, true, false), new("DATA_WRONG", true, true, false), new("OTHER", true, true, false),
    ];

    internal static bool IsCode(string text)
    {
        if (text.Length is 0 or > LengthMax) return false;
        foreach (var c in text) if (c is not ((>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_')) return false;
        return true;
    }

    /// <summary>The same with one of its fields as a policy tells it.</summary>
    internal ReasonCode With(string field, bool value) => field switch
    {
        "release" => this with { ForRelease = value },
        "refusal" => this with { ForRefusal = value },
        _ => this with { AsksForDay = value },
    };
}
