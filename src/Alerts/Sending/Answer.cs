namespace ExposureMonitor.Alerts;

/// <summary>What an answer of a channel means for what was sent.</summary>
public enum AnswerKind
{
    /// <summary>Proved: the channel has the message.</summary>
    Delivered,

    /// <summary>The channel took it and may fail with it later.</summary>
    Accepted,

    /// <summary>Nobody knows: no answer, an answer that was cut, or an error of the server. It is sent again under its id.</summary>
    Unknown,

    /// <summary>It has certainly not arrived, as when no connection came about. It is sent again.</summary>
    NotSent,

    /// <summary>Too fast: it was not taken, and the whole channel waits.</summary>
    Slower,

    /// <summary>Too fast, and the channel rests; what waits is merged.</summary>
    Rest,

    /// <summary>Signature, key, address or right is wrong: no repetition helps, a person has to.</summary>
    Unhealthy,

    /// <summary>Too large: once more in the smallest form, then given up.</summary>
    TooLarge,

    /// <summary>The vendor says that the message is no message: our mistake.</summary>
    Malformed,

    /// <summary>This message will not be taken, as when it was sent to another place or the recipient does not exist.</summary>
    Rejected,

    /// <summary>A success by its status with a body that proves nothing. Sent again; the same a few times is unhealthy.</summary>
    Unrecognised,
}

/// <summary>An answer, understood.</summary>
/// <param name="Text">In a few words, for the delivery record; holds no address and no secret.</param>
/// <param name="Wait">How long the channel asks to be left alone; <c>null</c> when it did not say.</param>
/// <param name="ClockOffBy">How far the host's clock is off from the channel's, when it told its own.</param>
public sealed record Answer(AnswerKind Kind, string Text, TimeSpan? Wait = null, TimeSpan? ClockOffBy = null);
