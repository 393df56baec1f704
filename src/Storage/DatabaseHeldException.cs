namespace ExposureMonitor.Storage;

/// <summary>Another process owns the database; <see cref="Holder"/> says which.</summary>
public sealed class DatabaseHeldException : DatabaseRefusedException
{
    public DatabaseHeldException(string database, string holder)
        : base($"The database {database} is held by {holder}. Stop it first, or send the command to it (--url).") =>
        Holder = holder;

    /// <summary>Process id, start time and host as far as they are known.</summary>
    public string Holder { get; }
}
