namespace ExposureMonitor.Domain;

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
