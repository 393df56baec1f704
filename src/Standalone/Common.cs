using System.CommandLine;
using System.Text.Json;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Standalone;

/// <summary>Options and habits that all commands share. Exit codes: 0 done, 1 refused or wrong, 2 a proof failed, 3 books differ (reconcile), 130 interrupted.</summary>
internal static class Common
{
    internal static Option<string> Database() => new("--db")
    {
        Description = "The database: a path, sqlite:<path>, or postgres://user@host/name.", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("EXPOSURE_DB") ?? "data/exposure.db",
    };

    internal static Option<bool> Json() => new("--json") { Description = "Answer as JSON." };

    internal static Option<string> Clock() => new("--clock") { Description = "Clock of a new database: wall, or events for a time-ordered history." };

    internal static Option<string> BaseCurrency() => new("--base-currency") { Description = "Base currency of a new database.", DefaultValueFactory = _ => "EUR" };

    internal static Option<int> Partitions() => new("--partitions") { Description = "Partitions of a new database.", DefaultValueFactory = _ => 16 };

    internal static Option<bool> Offline() => new("--offline") { Description = "Write to a database that a service has run on: no service is meant to run now." };

    internal const int Interrupted = 130, Differ = 3;

    /// <summary>Runs a command; what a user can put right is told in one line.</summary>
    internal static async Task<int> RunAsync(Func<Task<int>> command, string? goOn = null)
    {
        try
        {
            return await command();
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("exposure: interrupted; what was committed stands." + (goOn is null ? "" : " " + goOn));
            return Interrupted;
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or InvalidDataException or IOException or ArgumentException
            or JournalUnavailableException or EngineUnavailableException or HttpRequestException or DatabaseHeldException or DatabaseRefusedException or KafkaRefusedException or UnauthorizedAccessException or FormatException)
        {
            // What .NET adds about its own parameters says nothing to a user.
            await Console.Error.WriteLineAsync("exposure: " + (wrong.Message.IndexOf(" (Parameter '", StringComparison.Ordinal) is var at and > 0 ? wrong.Message[..at] : wrong.Message));
            return 1;
        }
        catch (JournalBrokenException broken)
        {
            await Console.Error.WriteLineAsync("exposure: " + broken.Message);
            return 2;
        }
    }

    internal static void Print(bool json, object value, Action text)
    {
        if (json) Console.WriteLine(JsonSerializer.Serialize(value, JsonOptions));
        else text();
    }

    internal static JsonSerializerOptions JsonOptions { get; } = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Opens a database for writing, made first when it does not exist.</summary>
    internal static async Task<IStoredJournal> OpenOrCreateAsync(string told, string clock, string baseCurrency, int partitions, bool serve, CancellationToken cancel, bool offline = true)
    {
        var address = Address(told);
        if (!await JournalFactory.ExistsAsync(address, cancel))
        {
            if (clock is not ("wall" or "events")) throw new InvalidOperationException("A new database needs --clock wall or --clock events.");
            if (PathOf(told) is { } path && Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
            await JournalFactory.CreateAsync(address, new DatabaseInfo(Guid.NewGuid().ToString("N"), Domain.Currency.Parse(baseCurrency).Code, partitions, clock, "UTC", false), cancel);
        }

        var journal = serve ? await JournalFactory.OpenServiceAsync(address, cancel: cancel) : await JournalFactory.OpenWriterAsync(address, offline, cancel);
        foreach (var warning in journal.Warnings) await Console.Error.WriteLineAsync("exposure: " + warning);
        return journal;
    }

    /// <summary>A plain path means SQLite.</summary>
    internal static string Address(string told) => told.StartsWith("sqlite:", StringComparison.OrdinalIgnoreCase)
        || told.StartsWith("postgres", StringComparison.OrdinalIgnoreCase) || told.Contains('=', StringComparison.Ordinal) ? told : "sqlite:" + told;

    /// <summary>The file of a SQLite address, else <c>null</c>.</summary>
    internal static string? PathOf(string told) =>
        Address(told) is { } address && address.StartsWith("sqlite:", StringComparison.OrdinalIgnoreCase) ? Path.GetFullPath(address[7..].Split('?')[0]) : null;

    /// <summary>Opens for reading; runs beside a service, of which it sees one moment.</summary>
    internal static Task<IStoredReader> ReaderAsync(string told, CancellationToken cancel) => JournalFactory.OpenMomentAsync(Address(told), cancel);
}
