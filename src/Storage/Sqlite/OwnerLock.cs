using System.Diagnostics;
using System.Globalization;

namespace ExposureMonitor.Storage;

/// <summary>
/// One owner per SQLite file: a lock of the operating system on <c>file.db.lock</c>. It ends with the process, however
/// that ends, so a stale file means nothing.
/// </summary>
/// <remarks>
/// Implementation note: the holder's name stands in a second file, <c>file.db.lock.holder</c>. The locked file itself
/// cannot be read by others while it is held (Windows forbids it, .NET elsewhere honours the same lock for reading).
/// </remarks>
internal sealed class OwnerLock : IDisposable
{
    private readonly FileStream file;

    private OwnerLock(FileStream file) => this.file = file;

    /// <summary>Takes the lock or throws <see cref="DatabaseHeldException"/> that names the holder.</summary>
    public static OwnerLock Take(string database)
    {
        var path = database + ".lock";
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new DatabaseHeldException(database, Holder(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseRefusedException($"The lock file {path} cannot be opened: {e.Message}", e);
        }

        using var self = Process.GetCurrentProcess();
        var line = string.Create(CultureInfo.InvariantCulture,
            $"process {self.Id} on {Environment.MachineName}, started {self.StartTime.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ}");
        File.WriteAllText(path + ".holder", line);
        return new OwnerLock(file);
    }

    /// <summary>Releases the lock. The files stay: removing one would race with a new owner.</summary>
    public void Dispose() => file.Dispose();

    private static string Holder(string path)
    {
        try
        {
            var holder = File.ReadAllText(path + ".holder").Trim();
            return holder.Length > 0 ? holder : "a process that has not yet said its name";
        }
        catch (IOException)
        {
            return "a process that has not yet said its name";
        }
    }
}
