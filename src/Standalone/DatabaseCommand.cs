using System.CommandLine;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure database</c>: what the owner of a PostgreSQL database does before a service with fewer rights runs on it.</summary>
internal static class DatabaseCommand
{
    internal static Command Build() => new("database", "A PostgreSQL database: create, migrate, grant.") { Prepare() };

    private static Command Prepare()
    {
        var (database, json, clock, currency, partitions) = (Common.Database(), Common.Json(), Common.Clock(), Common.BaseCurrency(), Common.Partitions());
        var writer = new Option<string?>("--writer") { Description = "Role of the service: appends and moves the fence, changes nothing that was written, owns nothing." };
        var reader = new Option<string?>("--reader") { Description = "Role of reports, verify and show: reads." };
        var command = new Command("prepare", "As the owner: creates the tables or brings them to this release, and grants the rights of the service's role. Run it again after each upgrade.")
        {
            database, writer, reader, clock, currency, partitions, json,
        }.Examples("exposure database prepare --db postgres://owner@db/exposure --writer exposure_service --reader exposure_reports");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var address = Common.Address(parsed.GetValue(database)!);
            if (!address.StartsWith("sqlite:", StringComparison.OrdinalIgnoreCase))
                await (await Common.OpenOrCreateAsync(address, parsed.GetValue(clock) ?? "wall", parsed.GetValue(currency)!, parsed.GetValue(partitions), serve: false, cancel)).DisposeAsync();
            await JournalFactory.PrepareAsync(address, parsed.GetValue(writer), parsed.GetValue(reader), cancel);
            await using var stored = await Common.ReaderAsync(address, cancel);
            var info = stored.Database;
            Common.Print(parsed.GetValue(json), new { info.EnvironmentId, info.BaseCurrency, info.Partitions, info.ClockMode, writer = parsed.GetValue(writer), reader = parsed.GetValue(reader) }, () =>
                Console.WriteLine($"ready: {info.Partitions} partitions, base currency {info.BaseCurrency}, clock {info.ClockMode}"
                    + (parsed.GetValue(writer) is { } w ? $"; {w} writes" : "") + (parsed.GetValue(reader) is { } r ? $"; {r} reads" : "")));
            return 0;
        }));
        return command;
    }
}
