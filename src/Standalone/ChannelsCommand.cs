using System.CommandLine;
using System.Globalization;
using System.Text;
using ExposureMonitor.Alerts;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure channels</c>: looks at a file of channels and routes, tries a channel, shows messages, checks captured webhooks, seals credentials.</summary>
internal static class ChannelsCommand
{
    internal static Command Build() => new("channels", "Slack, Teams, DingTalk, Feishu, WeCom, webhooks, e-mail: who is told of what.") { Check(), Test(), Preview(), Verify(), Key(), Seal(), NoiseCommand.Build() };

    /// <summary>The option of <c>serve</c>.</summary>
    internal static Option<FileInfo?> File() => new("--channels") { Description = "A YAML file of channels and routes (docs/channels.md): tells people of signals, holds and stops." };

    /// <summary>Reads a file that has to be right.</summary>
    internal static ChannelsFile Load(FileInfo told, ISecretSource? secrets = null)
    {
        var file = Read(told, secrets);
        Refuse(told, file);
        return file;
    }

    /// <exception cref="InvalidOperationException">The file has faults.</exception>
    internal static void Refuse(FileInfo told, ChannelsFile file)
    {
        if (file.Faults.Count > 0) throw new InvalidOperationException($"{told.Name}: {string.Join($"\n{told.Name}: ", file.Faults)}");
    }

    internal static ChannelsFile Read(FileInfo told, ISecretSource? secrets = null)
    {
        if (!told.Exists) throw new ArgumentException($"--channels: no file '{told.FullName}'.");
        return ChannelsFile.Read(System.IO.File.ReadAllText(told.FullName), secrets ?? new ProcessSecrets());
    }

    private static Option<FileInfo> Told() => new("--channels") { Description = "The YAML file.", DefaultValueFactory = _ => new FileInfo("channels.yaml") };

    private static ChannelSettings ChannelOf(ChannelsFile file, string name) => file.Channels.FirstOrDefault(c => c.Name == name) ?? throw new ArgumentException(
        file.Waiting.Contains(name) ? $"Channel '{name}' waits for a credential that is set over the API (POST /channels/{name}/credentials); test it there, by POST /channels/{name}/test."
        : file.Off.Contains(name) ? $"Channel '{name}' is switched off (enabled: false)."
        : file.Channels.Count == 0 ? $"There is no channel '{name}', and no other one that is switched on."
        : $"There is no channel '{name}'; expected {string.Join(", ", file.Channels.Select(c => c.Name))}.");

    private static Command Check()
    {
        var (told, json) = (Told(), Common.Json());
        var command = new Command("check", "Says what is wrong with a file, by line and key; exit code 1 when it must not be used.") { told, json }.Examples("exposure channels check --channels channels.yaml");
        command.SetAction((parsed, _) => Common.RunAsync(() =>
        {
            var file = Read(parsed.GetValue(told)!);
            Common.Print(parsed.GetValue(json), new
            {
                channels = file.Channels.Where(c => c.Kind != default).Select(c => new { c.Name, kind = c.Kind.ToString(), language = c.Language.ToString(), address = ChannelSettings.Masked(c.Url) }), off = file.Off, routes = file.Routes.Plans.Select(p => new { p.Name, p.To }),
                faults = file.Faults.Select(f => new { f.Line, f.Key, f.Text }), warnings = file.Warnings.Select(f => new { f.Line, f.Key, f.Text }),
            }, () =>
            {
                foreach (var channel in file.Channels.Where(c => c.Kind != default)) Console.WriteLine($"channel {channel} {(channel.Language == Language.Chinese ? "zh" : "en")}");
                foreach (var off in file.Off) Console.WriteLine($"channel {off} {(file.Waiting.Contains(off) ? "waits for its credential" : "is switched off")}");
                foreach (var plan in file.Routes.Plans) Console.WriteLine($"route {plan.Name}: {(plan.To.Count == 0 ? "console only" : string.Join(", ", plan.To))}{(plan.DailyAt is { } at ? $", daily at {at:HH\\:mm}" : "")}");
                foreach (var warning in file.Warnings) Console.WriteLine("warning: " + warning);
                foreach (var fault in file.Faults) Console.WriteLine("wrong: " + fault);
                if (file.Faults.Count == 0) Console.WriteLine("The file is right.");
            });
            return Task.FromResult(file.Faults.Count == 0 ? 0 : 1);
        }));
        return command;
    }

    private static Command Test()
    {
        var (told, json) = (Told(), Common.Json());
        var name = new Argument<string>("name") { Description = "The channel." };
        var command = new Command("test", "Sends one test message and says what came of it.") { name, told, json }.Examples("exposure channels test desk");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var settings = ChannelOf(Load(parsed.GetValue(told)!), parsed.GetValue(name)!);
            var message = Specimen.Test(settings.Name, Now());
            await using var transport = Transports.Of(settings);
            var answer = await transport.SendAsync(message, cancel);
            var arrived = answer.Kind is AnswerKind.Delivered or AnswerKind.Accepted;
            Common.Print(parsed.GetValue(json), new { channel = settings.Name, outcome = answer.Kind.ToString(), answer = answer.Text, message.Id },
                () => Console.WriteLine($"{(arrived ? answer.Kind == AnswerKind.Accepted ? "Accepted; whether it is shown only Teams knows" : "Delivered" : $"Not delivered ({answer.Kind})")}: {answer.Text}\nmessage {message.Id}"));
            return arrived ? 0 : 1;
        }));
        return command;
    }

    private static Command Preview()
    {
        var (told, database) = (Told(), Common.Database());
        var name = new Argument<string>("name") { Description = "The channel." };
        var customer = new Option<string?>("--customer") { Description = "His newest signal in the database; without it a made-up one." };
        var count = new Option<int>("--count") { Description = "So many made-up signals in one message.", DefaultValueFactory = _ => 1 };
        var command = new Command("preview", "Shows what a channel would be sent, without sending it.") { name, told, database, customer, count }.Examples("exposure channels preview desk", "exposure channels preview desk --customer C-1001 --db data/exposure.db");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var settings = ChannelOf(Load(parsed.GetValue(told)!), parsed.GetValue(name)!);
            if (parsed.GetValue(count) is < 1 or > 5_000) throw new ArgumentException("--count: expected 1 to 5000.");
            var message = parsed.GetValue(customer) is { } who ? await RealAsync(parsed.GetValue(database)!, who, settings.Name, cancel) : Specimen.Sample(settings.Name, Now(), parsed.GetValue(count));
            Console.WriteLine(Specimen.Rendered(settings, message, Now()));
            return 0;
        }));
        return command;
    }

    private static async Task<OutMessage> RealAsync(string database, string customer, string channel, CancellationToken cancel)
    {
        await using var reader = await Common.ReaderAsync(database, cancel);
        var rows = await reader.RowsAsync(new RowQuery { Table = RowTable.Signal, Customer = customer, Limit = 10 }, cancel);
        if (rows.FirstOrDefault(r => r.GoesOut) is not { } row) throw new ArgumentException($"Customer '{customer}' has no signal in that database.");
        var told = new OutboxRow { Row = row, IsDeadLetter = false };
        var card = new CustomerCard(await reader.PartyNameAsync(customer, cancel) ?? "", customer, "", "", "");
        return Specimen.Of([told], new Dictionary<string, CustomerCard> { [customer] = card }, channel, Now()) ?? throw new ArgumentException("That signal tells people nothing.");
    }

    private static Command Verify()
    {
        var id = new Option<string>("--id") { Description = "Header webhook-id.", Required = true };
        var timestamp = new Option<string>("--timestamp") { Description = "Header webhook-timestamp.", Required = true };
        var signature = new Option<string>("--signature") { Description = "Header webhook-signature.", Required = true };
        var body = new Option<FileInfo>("--body") { Description = "The body as it came, byte for byte.", Required = true };
        var old = new Option<bool>("--any-age") { Description = "A captured request may be older than five minutes." };
        var command = new Command("verify", "Checks a captured webhook as its receiver has to. The secret stands in the environment variable EXPOSURE_WEBHOOK_SECRET.") { id, timestamp, signature, body, old }.Examples(
            "EXPOSURE_WEBHOOK_SECRET=whsec_... exposure channels verify --id msg_1 --timestamp 1614265330 --signature v1,g0hM... --body request.json");
        command.SetAction((parsed, _) => Common.RunAsync(() =>
        {
            var secret = Environment.GetEnvironmentVariable("EXPOSURE_WEBHOOK_SECRET") ?? throw new ArgumentException("The environment variable EXPOSURE_WEBHOOK_SECRET is not set.");
            if (!parsed.GetValue(body)!.Exists) throw new ArgumentException($"--body: no file '{parsed.GetValue(body)!.FullName}'.");
            var now = parsed.GetValue(old) && long.TryParse(parsed.GetValue(timestamp), NumberStyles.None, CultureInfo.InvariantCulture, out var then) ? then : Now().Micros / Instant.Second;
            var found = WebhookVerifier.Check([secret], parsed.GetValue(id)!, parsed.GetValue(timestamp)!, parsed.GetValue(signature)!, System.IO.File.ReadAllBytes(parsed.GetValue(body)!.FullName), now);
            Console.WriteLine(found switch
            {
                WebhookCheck.Valid => "Valid.", WebhookCheck.TooOld => "The signature is right, and the request is more than five minutes off (--any-age).",
                WebhookCheck.Incomplete => "A header is missing or is no number.", _ => "Wrong: another secret, or the body was changed.",
            });
            return Task.FromResult(found == WebhookCheck.Valid ? 0 : 1);
        }));
        return command;
    }

    private static Command Key()
    {
        var command = new Command("key", $"Makes a key for sealed credentials; keep it in the environment variable {SealedSecrets.KeyVariable}, apart from the file.").Examples("exposure channels key");
        command.SetAction((_, _) => Common.RunAsync(() =>
        {
            Console.WriteLine(SealedSecrets.NewKey());
            return Task.FromResult(0);
        }));
        return command;
    }

    private static Command Seal()
    {
        var place = new Argument<string>("place") { Description = "Where it is to stand, such as channels.desk.url." };
        var command = new Command("seal", "Reads a credential from the standard input and prints what to write into the file instead.") { place }.Examples("exposure channels seal channels.desk.url < url.txt");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var key = Environment.GetEnvironmentVariable(SealedSecrets.KeyVariable) ?? throw new ArgumentException($"The environment variable {SealedSecrets.KeyVariable} is not set (exposure channels key makes one).");
            using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
            var text = (await input.ReadToEndAsync(cancel)).Trim();
            if (text.Length == 0) throw new ArgumentException("Nothing came from the standard input.");
            Console.WriteLine(SealedSecrets.Seal(text, key, parsed.GetValue(place)!));
            return 0;
        }));
        return command;
    }

    private static Instant Now() => Instant.From(TimeProvider.System.GetUtcNow());
}
