namespace ExposureMonitor.Api;

/// <summary>What a person or a system may do. A person may hold several, never both sides of one decision.</summary>
[Flags]
public enum Roles
{
    None = 0,
    Viewer = 1,
    Analyst = 2,
    Approver = 4,
    PolicyOwner = 8,
    PolicyApprover = 16,
    Admin = 32,
    Auditor = 64,
    Service = 128,

    /// <summary>May read the board, accounts and their history.</summary>
    Readers = Viewer | Analyst | Approver | PolicyOwner | PolicyApprover | Auditor | Service,

    /// <summary>May ask what a check would say.</summary>
    Askers = Analyst | Approver | PolicyOwner | PolicyApprover | Service,

    /// <summary>May request what another person decides, and may stop things.</summary>
    Desk = Analyst | Approver,
}

/// <summary>Who is calling.</summary>
/// <param name="Subject">The person or system; two keys of one person share it.</param>
/// <param name="Authority">Largest amount that the person may approve, minor units of the base currency; −1 without ceiling, 0 none.</param>
/// <param name="Segments">Segments that the caller sees; empty for all.</param>
public sealed record Caller(string Subject, Roles Roles, long Authority, IReadOnlyList<string> Segments);
