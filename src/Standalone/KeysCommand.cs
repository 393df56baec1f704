using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Api;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure keys</c>: API keys. At a running service a second person agrees; at the machine itself its owner decides, and the audit trail says so.</summary>
internal static class KeysCommand
{
    internal static Command Build() => new("keys", "API keys: create, list, end.") { Create(), List(), End() };

    private static Command Create()
    {
        var (database, json, url, environment, offline) = (Common.Database(), Common.Json(), Remote.Url(), Remote.KeyEnvironment(), Common.Offline());
        var subject = new Argument<string>("subject") { Description = "The person or system; two keys of one person share it." };
        var roles = new Option<string[]>("--role") { Description = "One or more of " + string.Join(", ", KeyRing.Single) + ".", Required = true, AllowMultipleArgumentsPerToken = true };
        var authority = new Option<long>("--authority") { Description = "Largest amount that an Approver may approve, minor units of the base currency; -1 without ceiling." };
        var segments = new Option<string[]>("--segment") { Description = "Segments that the key sees; all without.", AllowMultipleArgumentsPerToken = true };
        var carries = new Option<bool>("--may-carry-authority") { Description = "A Service whose limits, covers and rates take effect without a second person." };
        var days = new Option<int>("--days") { Description = "Days until it expires; 0 for never." };
        var command = new Command("create", "Makes a key and prints it, once. With --url it waits for a second person; without, it lives at once.")
        {
            subject, roles, authority, segments, carries, days, database, offline, url, environment, json,
        }.Examples(
            "EXPOSURE_KEY=$ADMIN exposure keys create nora --role Viewer --url http://localhost:8480",
            "exposure keys create admin2 --role Admin --db data/exposure.db --offline     # the service is stopped");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var sum = Roles.None;
            foreach (var told in parsed.GetValue(roles)!)
                sum |= Enum.TryParse<Roles>(told, ignoreCase: true, out var one) && KeyRing.Single.Contains(one)
                    ? one
                    : throw new ArgumentException($"--role: '{told}' is none of {string.Join(", ", KeyRing.Single)}.");
            DateTimeOffset? expires = parsed.GetValue(days) is var life and > 0 ? DateTimeOffset.UtcNow.AddDays(life) : null;
            var asJson = parsed.GetValue(json);
            if (parsed.GetValue(url) is { } service)
            {
                using var remote = Remote.Open(service, parsed.GetValue(environment));
                var body = JsonSerializer.Serialize(new
                {
                    subject = parsed.GetValue(subject), roles = KeyRing.Single.Where(r => (sum & r) != 0).Select(r => r.ToString()), segments = parsed.GetValue(segments) ?? [],
                    authority = parsed.GetValue(authority).ToString(CultureInfo.InvariantCulture), expiresAt = expires, mayCarryAuthority = parsed.GetValue(carries),
                });
                var told = await remote.PostAsync("/keys", body, cancel);
                Common.Print(asJson, told, () =>
                {
                    Console.WriteLine(told.GetProperty("key").GetString());
                    Console.WriteLine($"Shown once. It opens nothing until a second person agrees: exposure proposals approve {told.GetProperty("proposal").GetProperty("id").GetString()} --url {service}");
                });
                return 0;
            }

            await using var engine = await OpenAsync(parsed.GetValue(database)!, parsed.GetValue(offline), cancel);
            var wish = new KeyWish(parsed.GetValue(subject)!, sum, parsed.GetValue(authority), parsed.GetValue(segments) ?? [], parsed.GetValue(carries), expires is { } end ? Instant.From(end) : default);
            var (key, stored) = await new KeyRing(engine).CreateAtConsoleAsync(wish, AtConsole(), cancel);
            Common.Print(asJson, new { key, stored.Prefix, stored.Subject, roles = stored.Roles.ToString() }, () =>
            {
                Console.WriteLine(key);
                Console.WriteLine($"Shown once. Prefix {stored.Prefix}, subject {stored.Subject}, roles {stored.Roles}.");
            });
            return 0;
        }));
        return command;
    }

    private static Command List()
    {
        var (database, json) = (Common.Database(), Common.Json());
        var command = new Command("list", "Lists keys without their text; runs beside a service.") { database, json }.Examples("exposure keys list --db data/exposure.db");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            await using var reader = await Common.ReaderAsync(parsed.GetValue(database)!, cancel);
            var house = await AsOf.BookAsync(reader, reader.Database, Book.House, AsOf.Now, cancel);
            var keys = house.Desk.Keys.OrderBy(k => k.Subject, StringComparer.Ordinal).ThenBy(k => k.CreatedAt).ToList();
            Common.Print(parsed.GetValue(json), keys.Select(k => new
            {
                k.Prefix, k.Subject, roles = k.Roles.ToString(), k.Authority, k.Segments, k.MayCarryAuthority, state = k.State.ToString(), createdAt = k.CreatedAt.ToString(), k.CreatedBy, k.ApprovedBy,
                expiresAt = k.ExpiresAt.Micros == 0 ? null : k.ExpiresAt.ToString(),
            }), () =>
            {
                foreach (var k in keys)
                    Console.WriteLine($"{k.Prefix}  {k.State,-8} {k.Subject,-16} {k.Roles}{(k.ExpiresAt.Micros > 0 ? $", until {k.ExpiresAt.ToDateTimeOffset():u}" : "")}{(k.MayCarryAuthority ? ", may carry authority" : "")}");
                if (keys.Count == 0) Console.WriteLine("No keys: `exposure serve` makes the first ones.");
            });
            return 0;
        }));
        return command;
    }

    private static Command End()
    {
        var (database, json, url, environment, offline) = (Common.Database(), Common.Json(), Remote.Url(), Remote.KeyEnvironment(), Common.Offline());
        var prefix = new Argument<string>("prefix") { Description = "The first characters of the key, as `keys list` shows them." };
        var command = new Command("end", "Ends a key for good.") { prefix, database, offline, url, environment, json }.Examples("EXPOSURE_KEY=$ADMIN exposure keys end em_1a2b3c4d --url http://localhost:8480");
        command.Aliases.Add("revoke");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var told = parsed.GetValue(prefix)!;
            if (parsed.GetValue(url) is { } service)
            {
                using var remote = Remote.Open(service, parsed.GetValue(environment));
                await remote.DeleteAsync("/keys/" + Uri.EscapeDataString(told), cancel);
            }
            else
            {
                await using var engine = await OpenAsync(parsed.GetValue(database)!, parsed.GetValue(offline), cancel);
                var outcome = await new KeyRing(engine).EndAsync(told, AtConsole(), "", cancel);
                if (outcome.Kind != OutcomeKind.Applied) throw new InvalidOperationException($"No living key begins with '{told}'.");
            }

            Common.Print(parsed.GetValue(json), new { prefix = told, state = "Ended" }, () => Console.WriteLine($"{told} is ended."));
            return 0;
        }));
        return command;
    }

    private static async Task<ExposureEngine> OpenAsync(string database, bool offline, CancellationToken cancel)
    {
        var address = Common.Address(database);
        if (!await JournalFactory.ExistsAsync(address, cancel)) throw new InvalidOperationException($"No database at '{database}': `exposure serve` makes one.");
        var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(address, offline, cancel));
        await engine.StartAsync(cancel);
        return engine;
    }

    /// <summary>Who sits at the machine, for the audit trail.</summary>
    private static string AtConsole() => "console:" + Environment.UserName;
}
