using System.CommandLine;
using ExposureMonitor.Api;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure keys</c>: API keys of the installation, in the file of their owner. A running service takes changes over within a second.</summary>
internal static class KeysCommand
{
    internal static Command Build() => new("keys", "API keys: create, list, revoke.") { Create(), List(), Revoke() };

    private static Command Create()
    {
        var (database, file, json) = (Common.Database(), Common.KeyFile(), Common.Json());
        var subject = new Argument<string>("subject") { Description = "The person or system; two keys of one person share it." };
        var roles = new Option<string[]>("--role") { Description = "One or more of " + string.Join(", ", KeyRing.Single) + ".", Required = true, AllowMultipleArgumentsPerToken = true };
        var authority = new Option<long>("--authority") { Description = "Largest amount that an Approver may approve, minor units of the base currency; -1 without ceiling." };
        var segments = new Option<string[]>("--segment") { Description = "Segments that the key sees; all without.", AllowMultipleArgumentsPerToken = true };
        var days = new Option<int>("--days") { Description = "Days until it expires; 0 for never." };
        var command = new Command("create", "Makes a key and prints it, once.") { subject, roles, authority, segments, days, database, file, json };
        command.SetAction((parsed, _) => Common.RunAsync(() =>
        {
            var sum = Roles.None;
            foreach (var told in parsed.GetValue(roles)!)
                sum |= Enum.TryParse<Roles>(told, ignoreCase: true, out var one) && KeyRing.Single.Contains(one)
                    ? one
                    : throw new InvalidOperationException($"--role: '{told}' is none of {string.Join(", ", KeyRing.Single)}.");
            DateTimeOffset? expires = parsed.GetValue(days) is var life and > 0 ? DateTimeOffset.UtcNow.AddDays(life) : null;
            var (key, stored) = RingOf(parsed.GetValue(database)!, parsed.GetValue(file)).Create(parsed.GetValue(subject)!, sum, parsed.GetValue(authority), parsed.GetValue(segments) ?? [], expires, "command line");
            Common.Print(parsed.GetValue(json), new { key, stored.Prefix, stored.Subject, roles = stored.Roles.ToString(), stored.ExpiresAt }, () =>
            {
                Console.WriteLine(key);
                Console.WriteLine($"Shown once. Prefix {stored.Prefix}, subject {stored.Subject}, roles {stored.Roles}.");
            });
            return Task.FromResult(0);
        }));
        return command;
    }

    private static Command List()
    {
        var (database, file, json) = (Common.Database(), Common.KeyFile(), Common.Json());
        var command = new Command("list", "Lists keys without their text.") { database, file, json };
        command.SetAction((parsed, _) => Common.RunAsync(() =>
        {
            var keys = RingOf(parsed.GetValue(database)!, parsed.GetValue(file)).List();
            Common.Print(parsed.GetValue(json), keys.Select(k => new { k.Prefix, k.Subject, roles = k.Roles.ToString(), k.Authority, segments = k.Segments ?? [], k.CreatedAt, k.ExpiresAt, k.RevokedAt }), () =>
            {
                foreach (var k in keys)
                    Console.WriteLine($"{k.Prefix}  {k.Subject,-16} {k.Roles,-24} {(k.RevokedAt is { } ended ? $"revoked {ended:u}" : k.ExpiresAt is { } end ? $"until {end:u}" : "")}");
            });
            return Task.FromResult(0);
        }));
        return command;
    }

    private static Command Revoke()
    {
        var (database, file) = (Common.Database(), Common.KeyFile());
        var prefix = new Argument<string>("prefix") { Description = "The first characters of the key, as `keys list` shows them." };
        var command = new Command("revoke", "Ends a key for good.") { prefix, database, file };
        command.SetAction((parsed, _) => Common.RunAsync(() => RingOf(parsed.GetValue(database)!, parsed.GetValue(file)).Revoke(parsed.GetValue(prefix)!)
            ? Task.FromResult(0)
            : throw new InvalidOperationException($"No living key begins with '{parsed.GetValue(prefix)}'.")));
        return command;
    }

    private static KeyRing RingOf(string database, string? file)
    {
        var path = file ?? Common.KeysOf(database);
        return File.Exists(path) ? KeyRing.Open(path) : throw new InvalidOperationException($"No keys at '{path}': `exposure serve` makes the first ones; --db or --keys says where.");
    }
}
