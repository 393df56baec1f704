namespace ExposureMonitor.Storage;

/// <summary>How a process owns a PostgreSQL database: by an advisory lock on its committer connection.</summary>
internal enum PostgreSqlOwnership
{
    /// <summary>Standalone edition and command line: nobody else commits.</summary>
    Exclusive,

    /// <summary>Silos: several services, but no command beside them.</summary>
    Shared,

    /// <summary>For tests of the fence: a second owner, as a lost connection or a restored backup would allow it.</summary>
    Bypassed,
}
