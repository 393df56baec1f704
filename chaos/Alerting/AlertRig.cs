using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace ExposureMonitor.Chaos.Alerting;

/// <summary>What a run of the alerts reached and found.</summary>
internal sealed class AlertOutcome
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public string Verdict { get; set; } = "UNKNOWN";

    public string Why { get; set; } = "";

    public int Seed { get; set; }

    public double Minutes { get; set; }

    public string Store { get; set; } = "";

    public long Events { get; set; }

    public int Kills { get; set; }

    /// <summary>Signals of the burst: customers times moves.</summary>
    public int Burst { get; set; }

    public int Alerts { get; set; }

    public int Records { get; set; }

    public int Requests { get; set; }

    public int Shown { get; set; }

    public int Repeats { get; set; }

    public int Repairs { get; set; }

    public int LimitsBroken { get; set; }

    public SortedDictionary<string, int> States { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, string> Servers { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, int> Faults { get; } = new(StringComparer.Ordinal);

    internal string Json() => JsonSerializer.Serialize(this, Indented);

    internal string Markdown()
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
        Line($"# {Verdict}: alerts, seed {Seed}, {Minutes:0.0} minutes, {Store}");
        if (Why.Length > 0) Line($"\n{Why}");
        Line($"\n| | |\n|---|---:|");
        Line($"| events | {Events:N0} |");
        Line($"| kills of the service | {Kills} |");
        Line($"| signals from moves of one currency | {Burst:N0} |");
        Line($"| alerts; delivery records | {Alerts:N0}; {Records:N0} |");
        Line($"| requests at the servers; messages shown | {Requests:N0}; {Shown:N0} |");
        Line($"| shown again, under the same id and said so, where the outcome was unknown | {Repeats:N0} |");
        Line($"| channels repaired by a test | {Repairs} |");
        Line($"| limits of vendors broken | {LimitsBroken} |");
        foreach (var (state, count) in States) Line($"| records {state} | {count:N0} |");
        foreach (var (server, what) in Servers) Line($"| {server} | {what} |");
        Line($"\n| fault | times |\n|---|---:|");
        foreach (var (fault, times) in Faults) Line($"| {fault} | {times} |");
        return text.ToString();
    }
}

/// <summary>Builds the stage of a run of the alerts: servers, channels, the service.</summary>
internal static class AlertRig
{
    private static readonly Vendor[] OverHttp = [Vendor.Slack, Vendor.Teams, Vendor.DingTalk, Vendor.Feishu, Vendor.WeCom, Vendor.Webhook];

    internal static async Task<AlertOutcome> RunAsync(Options options, Action<string> say)
    {
        var folder = options.Folder.Length > 0 ? options.Folder : Directory.CreateTempSubdirectory("exposure-alerts-chaos-").FullName;
        Directory.CreateDirectory(folder);
        say(FormattableString.Invariant($"seed {options.Seed}, {options.Minutes} minutes, data in {folder}"));
        var clock = Stopwatch.StartNew();
        var outcome = new AlertOutcome { Seed = options.Seed, Store = "SQLite" };
        using (var log = new ServerLog(Path.Combine(folder, "servers.log")))
        {
            var servers = await StartAsync(log, TimeSpan.FromSeconds(25));
            var mail = new MailServer(log);
            List<IReceiver> receivers = [.. servers, mail];
            var channels = Path.Combine(folder, "channels.yaml");
            await File.WriteAllTextAsync(channels, AlertRoutes.Yaml(servers, mail.Port, withRoutes: true));
            var database = "sqlite:" + Path.Combine(folder, "book.db");
            await using (var service = new AlertService(options.ExecutableOr(AppContext.BaseDirectory), folder, database, channels))
            {
                using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave);
                using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave);
                void Leave(PosixSignalContext context)
                {
                    context.Cancel = true;
                    service.DisposeAsync().AsTask().Wait();
                    Environment.Exit(130);
                }

                try
                {
                    await service.StartAsync();
                    await new AlertRun(options, service, receivers, log, outcome, say).RunAsync();
                    await service.DisposeAsync();
                    var (code, told, errors) = await Shell.TryAsync(options.ExecutableOr(AppContext.BaseDirectory), "verify", "--db", database);
                    if (code != 0) throw new ViolationException($"verify: {told}{errors}");
                    (outcome.Verdict, outcome.Why) = !options.IsShort && (outcome.Kills < 10 || outcome.Repeats < 5 || outcome.Repairs < 3) ? ("UNKNOWN", "Not met: ten kills, five repetitions, three repairs.") : ("PASS", "");
                }
                catch (ViolationException broken)
                {
                    (outcome.Verdict, outcome.Why) = ("FAIL", broken.Message);
                }
                catch (Exception broken)
                {
                    (outcome.Verdict, outcome.Why) = ("UNKNOWN", $"The rig stopped: {broken}");
                }
            }

            foreach (var receiver in receivers) await receiver.DisposeAsync();
        }

        outcome.Minutes = clock.Elapsed.TotalMinutes;
        if (options.Report.Length > 0)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(options.Report)!);
            await File.WriteAllTextAsync(options.Report + ".json", outcome.Json());
            await File.WriteAllTextAsync(options.Report + ".md", outcome.Markdown());
        }

        say(outcome.Markdown());
        say(outcome.Verdict + (outcome.Why.Length > 0 ? ": " + outcome.Why : ""));
        if (outcome.Verdict != "PASS") say($"the data stays in {folder}");
        else if (options.Folder.Length == 0) Directory.Delete(folder, recursive: true);
        return outcome;
    }

    /// <summary>The servers alone, until somebody ends them: something to try a channel on.</summary>
    internal static async Task StandAsync(string folder, Action<string> say)
    {
        Directory.CreateDirectory(folder);
        using var log = new ServerLog(Path.Combine(folder, "servers.log"));
        var servers = await StartAsync(log, TimeSpan.FromMinutes(10));
        await using var mail = new MailServer(log);
        var channels = Path.Combine(folder, "channels.yaml");
        await File.WriteAllTextAsync(channels, AlertRoutes.Yaml(servers, mail.Port, withRoutes: false));
        foreach (var server in servers) say($"{server.Vendor,-9} {server.Url}{(server.Vendor is Vendor.DingTalk or Vendor.Feishu or Vendor.Webhook ? "   secret " + server.Secret : "")}");
        say(FormattableString.Invariant($"Mail      127.0.0.1:{mail.Port}"));
        say($"All of them as a file: {channels}; what they are sent: {folder}/servers.log. Ctrl-C ends them.");
        using var stop = new CancellationTokenSource();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }

        var until = new TaskCompletionSource();
        stop.Token.Register(() => until.TrySetResult());
        await until.Task;
        foreach (var server in servers) await server.DisposeAsync();
    }

    private static async Task<IReadOnlyList<VendorServer>> StartAsync(ServerLog log, TimeSpan rest)
    {
        var servers = new List<VendorServer>();
        foreach (var vendor in OverHttp) servers.Add(await VendorServer.StartAsync(vendor, log, rest));
        return servers;
    }
}
