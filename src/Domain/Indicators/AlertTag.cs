namespace ExposureMonitor.Domain;

/// <summary>What somebody thought of an alert when he had looked at it (credit.md 19.1).</summary>
public enum AlertTag : byte
{
    /// <summary>Nobody has said anything.</summary>
    None,

    /// <summary>It was worth the time.</summary>
    Useful,

    /// <summary>It was not.</summary>
    Noise,
}
