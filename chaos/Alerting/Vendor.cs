namespace ExposureMonitor.Chaos.Alerting;

/// <summary>Who receives messages.</summary>
internal enum Vendor
{
    Slack, Teams, DingTalk, Feishu, WeCom, Webhook, Mail,
}

/// <summary>What a server does to a request instead of what its vendor would do.</summary>
internal enum Trouble
{
    None,

    /// <summary>Answers nothing until the caller gives up; the message was not shown.</summary>
    Hang,

    /// <summary>The message is shown; then it answers nothing.</summary>
    HangAfter,

    /// <summary>The connection ends before the message is shown.</summary>
    Cut,

    /// <summary>The message is shown; then the connection ends.</summary>
    CutAfter,

    /// <summary>A captive page with status 200; the message was not shown.</summary>
    Garbage,

    /// <summary>The message is shown, and the answer is no sentence of the vendor's.</summary>
    GarbageAfter,

    /// <summary>An error of the server; the message was not shown.</summary>
    Error,

    /// <summary>The message is shown, and an error of the server is answered.</summary>
    ErrorAfter,

    /// <summary>429, or the vendor's own word for it.</summary>
    TooFast,
}

/// <summary>A line of a server's own log: what came, when, and what it did.</summary>
/// <param name="Id">The message's own id; "" when none was found.</param>
/// <param name="Shown">People see it.</param>
/// <param name="Proved">The caller can know that they do.</param>
/// <param name="Repeat">It says of itself that it may be a repetition.</param>
internal sealed record LogLine(Vendor Vendor, DateTime At, string Id, bool Shown, bool Proved, bool Repeat, Trouble Trouble, string Answer, string Body);
