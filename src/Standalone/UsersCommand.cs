using System.CommandLine;
using ExposureMonitor.Api;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary>
/// <c>exposure users</c>: people who sign in to the console, for whoever owns the machine. At a running service an administrator asks and a second person
/// agrees; here the owner decides, and the audit trail says so.
/// </summary>
internal static class UsersCommand
{
    internal static Command Build() => new("users", "People who sign in to the console: create, password.") { Create(), Password() };

    private static Command Create()
    {
        var (database, json, offline) = (Common.Database(), Common.Json(), Common.Offline());
        var subject = new Argument<string>("name") { Description = "Name of the person; the audit trail has it." };
        var roles = new Option<string[]>("--role") { Description = "One or more of " + string.Join(", ", KeyRing.Single) + ".", Required = true, AllowMultipleArgumentsPerToken = true };
        var authority = new Option<long>("--authority") { Description = "Largest amount that an Approver may approve, minor units of the base currency; -1 without ceiling." };
        var segments = new Option<string[]>("--segment") { Description = "Segments that the person sees; all without.", AllowMultipleArgumentsPerToken = true };
        var command = new Command("create", "Makes a person and prints the first password, once; it is changed at the first sign-in.") { subject, roles, authority, segments, database, offline, json }.Examples(
            "exposure users create nora --role Approver --authority 5000000 --db data/exposure.db --offline     # the service is stopped");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var sum = Roles.None;
            foreach (var told in parsed.GetValue(roles)!)
                sum |= Enum.TryParse<Roles>(told, ignoreCase: true, out var one) && KeyRing.Single.Contains(one) && one != Roles.Service
                    ? one
                    : throw new ArgumentException($"--role: '{told}' is none of {string.Join(", ", KeyRing.Single.Where(r => r != Roles.Service))}.");
            var journal = await OpenAsync(parsed.GetValue(database)!, parsed.GetValue(offline), cancel);
            await using var engine = new ExposureEngine(journal);
            await engine.StartAsync(cancel);
            var name = parsed.GetValue(subject)!;
            var password = await new SignIn(journal, new KeyRing(engine)).CreateAtConsoleAsync(new KeyWish(name, sum, parsed.GetValue(authority), parsed.GetValue(segments) ?? []), null, cancel);
            Tell(parsed.GetValue(json), name, password);
            return 0;
        }));
        return command;
    }

    private static Command Password()
    {
        var (database, json, offline) = (Common.Database(), Common.Json(), Common.Offline());
        var subject = new Argument<string>("name") { Description = "Name of the person." };
        var command = new Command("password", "Gives somebody a new first password, prints it once, and ends the person's sessions.") { subject, database, offline, json }.Examples(
            "exposure users password root --db data/exposure.db --offline     # the service is stopped");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var journal = await OpenAsync(parsed.GetValue(database)!, parsed.GetValue(offline), cancel);
            await using var engine = new ExposureEngine(journal);
            await engine.StartAsync(cancel);
            var keys = new KeyRing(engine);
            await keys.RefreshAsync(cancel);
            var name = parsed.GetValue(subject)!;
            if (keys.Person(name) is null) throw new InvalidOperationException($"Nobody called '{name}' signs in; `exposure users create` makes somebody.");
            var password = SignIn.DrawPassword();
            await new SignIn(journal, keys).SetAsync(name, password, mustChange: true, cancel);
            Tell(parsed.GetValue(json), name, password);
            return 0;
        }));
        return command;
    }

    private static async Task<IStoredJournal> OpenAsync(string database, bool offline, CancellationToken cancel)
    {
        var address = Common.Address(database);
        return await JournalFactory.ExistsAsync(address, cancel) ? await JournalFactory.OpenWriterAsync(address, offline, cancel) : throw new InvalidOperationException($"No database at '{database}': `exposure serve` makes one.");
    }

    private static void Tell(bool json, string name, string password) => Common.Print(json, new { name, password }, () =>
    {
        Console.WriteLine(password);
        Console.WriteLine($"Shown once; {name} changes it at the first sign-in.");
    });
}
