namespace ExposureMonitor.Storage;

/// <summary>
/// A database that must not be opened this way: unsafe settings, a schema of another release, a missing or second
/// creation, a file on a network share. The message says what is wrong and what to do; trying again cannot help.
/// </summary>
public class DatabaseRefusedException : InvalidOperationException
{
    public DatabaseRefusedException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
