using System.Diagnostics;
using System.Text.Json;

namespace ExposureMonitor.Chaos.Alerting;

/// <summary>Tells people while everything that tells or hears is broken again and again, and then asks the servers' own logs.</summary>
internal sealed class AlertRun(Options options, AlertService service, IReadOnlyList<IReceiver> receivers, ServerLog log, AlertOutcome outcome, Action<string> say)
{
    private const int RestMsMax = 360_000;

    private readonly Random _dice = new(options.Seed);
    private readonly List<(DateTime From, DateTime To, string What)> _faults = [];

    internal async Task RunAsync()
    {
        using var load = new AlertLoad(service, options.Seed, options.Burst, options.AlertRate);
        await load.PrepareAsync(CancellationToken.None);
        say(FormattableString.Invariant($"{options.Burst} customers stand a little below a step"));
        var (clock, span) = (Stopwatch.StartNew(), TimeSpan.FromMinutes(options.Minutes));
        using var stop = new CancellationTokenSource();
        var loading = load.RunAsync(stop.Token);
        // The rate moves up, down, and up again, each time under faults. A step is armed again a minute after it was left: a short run has one move.
        var moves = new Queue<(double At, bool Up)>(options.Minutes < 10 ? [(0.1, true)] : [(0.1, true), (0.4, false), (0.7, true)]);
        var spoken = TimeSpan.Zero;
        while (clock.Elapsed < span)
        {
            if (loading.IsFaulted) await loading;
            if (moves.TryPeek(out var move) && clock.Elapsed > span * move.At)
            {
                moves.Dequeue();
                say(FormattableString.Invariant($"{clock.Elapsed:mm\\:ss} the rate moves {(move.Up ? "up" : "down")}"));
                await (move.Up ? load.UpAsync(stop.Token) : load.DownAsync(stop.Token));
            }

            await FaultAsync();
            if (clock.Elapsed - spoken < TimeSpan.FromMinutes(1)) continue;
            spoken = clock.Elapsed;
            var (cpu, megabytes) = service.Used();
            say(FormattableString.Invariant($"{clock.Elapsed:mm\\:ss} {load.Told} events, {log.Lines.Count} requests at the servers, {service.Kills.Count} kills, {outcome.Faults.Values.Sum()} faults; this process {cpu:0.0} s of CPU, {megabytes:0} MB"));
        }

        await stop.CancelAsync();
        await loading;
        foreach (var receiver in receivers)
        {
            receiver.Troubles.Clear();
            receiver.Troubles.ClockOff = default;
        }

        await JudgeAsync(load);
    }

    /// <summary>One thing goes wrong, for a while, and ends.</summary>
    private async Task FaultAsync()
    {
        var dice = _dice.Next(100);
        if (dice < 30)
        {
            Count("service killed");
            await service.KillAsync();
            // Sometimes it is killed again while it begins.
            if (_dice.Next(4) == 0) await Task.Delay(_dice.Next(1_500));
            await service.StartAsync();
            if (_dice.Next(5) == 0)
            {
                Count("service killed");
                await Task.Delay(_dice.Next(400));
                await service.KillAsync();
                await service.StartAsync();
            }
        }
        else if (dice < 75)
        {
            var some = receivers.OrderBy(_ => _dice.Next()).Take(1 + _dice.Next(3)).ToList();
            var kinds = Enum.GetValues<Trouble>().Where(t => t != Trouble.None).OrderBy(_ => _dice.Next()).Take(1 + _dice.Next(4)).ToArray();
            foreach (var receiver in some) receiver.Troubles.Set(_dice.Next(), 30 + _dice.Next(71), kinds);
            foreach (var kind in kinds) Count("server: " + kind);
            await SpanAsync(5, 25, $"{string.Join(", ", some.Select(r => r.Vendor))}: {string.Join(", ", kinds)}");
            foreach (var receiver in some) receiver.Troubles.Clear();
        }
        else if (dice < 92)
        {
            // Most clocks are a little off; some are off by more than a signature bears, and the channel refuses it.
            var far = _dice.Next(3) == 0;
            var some = receivers.Where(r => !far || r.Vendor is Vendor.DingTalk or Vendor.Feishu or Vendor.Webhook).OrderBy(_ => _dice.Next()).Take(1 + _dice.Next(2)).ToList();
            Count(far ? "clock hours off" : "clock a little off");
            foreach (var receiver in some) receiver.Troubles.ClockOff = far ? TimeSpan.FromHours(_dice.Next(2) == 0 ? 3 : -3) : TimeSpan.FromSeconds(_dice.Next(-110, 110));
            await SpanAsync(5, 20, "clocks");
            foreach (var receiver in some) receiver.Troubles.ClockOff = default;
        }
        else await SpanAsync(5, 10, "calm");

        await RepairAsync();
    }

    private async Task SpanAsync(int least, int most, string what)
    {
        var from = DateTime.UtcNow;
        await Task.Delay(TimeSpan.FromSeconds(least + (_dice.NextDouble() * (most - least)) * Math.Min(1, options.Minutes / 2)));
        _faults.Add((from, DateTime.UtcNow, what));
    }

    /// <summary>What became unhealthy is repaired as a person would: by a test that arrives.</summary>
    private async Task RepairAsync()
    {
        using var http = service.Client("admin");
        try
        {
            var told = await GetAsync(http, "channels");
            foreach (var channel in told.GetProperty("channels").EnumerateArray().Where(c => c.GetProperty("health").GetString() == "Failed"))
            {
                using var reply = await http.PostAsync($"channels/{channel.GetProperty("name").GetString()}/test", null);
                outcome.Repairs++;
            }
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException or JsonException or TaskCanceledException)
        {
            // The next one finds the same.
        }
    }

    private async Task JudgeAsync(AlertLoad load)
    {
        say("everything comes to rest");
        using var http = service.Client("analyst");
        for (var (limit, calm) = (Clock.Now + RestMsMax, 0); calm < 3;)
        {
            await Task.Delay(2_000);
            await RepairAsync();
            var open = (await GetAsync(http, "deliveries?state=Pending&limit=1")).GetProperty("deliveries").GetArrayLength() + (await GetAsync(http, "deliveries?state=Sent&limit=1")).GetProperty("deliveries").GetArrayLength();
            calm = open == 0 ? calm + 1 : 0;
            if (Clock.Now <= limit) continue;
            var left = (await GetAsync(http, "deliveries?state=Pending&limit=3")).GetProperty("deliveries");
            throw new ViolationException($"liveness: deliveries do not end within six minutes of calm, such as {left}; channels {await GetAsync(http, "channels")}");
        }

        var (alerts, records, lines) = await ReadAsync(http);
        var judge = new AlertJudge(alerts, records, lines, service.Kills);
        (outcome.Events, outcome.Alerts, outcome.Records, outcome.Requests, outcome.Shown) = (load.Told, alerts.Count, records.Count, lines.Count, lines.Count(l => l.Shown));
        outcome.Kills = service.Kills.Count;
        outcome.Burst = options.Burst * load.Ups;
        foreach (var state in records.GroupBy(r => r.State)) outcome.States[state.Key] = state.Count();
        foreach (var vendor in lines.GroupBy(l => l.Vendor)) outcome.Servers[vendor.Key.ToString()] = $"{vendor.Count()} requests, {vendor.Count(l => l.Shown)} shown, {vendor.Count(l => l.Shown && !l.Proved)} of them unacknowledged";
        judge.Complete(load.Holds, load.Climbed, Enumerable.Range(0, options.Burst).Select(AlertLoad.BurstCustomer), load.Ups);
        judge.True();
        judge.Repeated();
        judge.Carried();
        outcome.Repeats = judge.Repeats;
        outcome.LimitsBroken = receivers.Sum(r => r.LimitsBroken);
        if (outcome.LimitsBroken > 0) throw new ViolationException($"limits: {string.Join(", ", receivers.Where(r => r.LimitsBroken > 0).Select(r => $"{r.Vendor} {r.LimitsBroken}"))} requests were too fast or too large.");
    }

    /// <summary>What the service says and what the servers wrote, of one moment: what the clock tells meanwhile (an alert that is over after its calm) makes them be read again.</summary>
    private async Task<(List<Told> Alerts, List<Record> Records, IReadOnlyList<LogLine> Lines)> ReadAsync(HttpClient http)
    {
        for (var tries = 1; ; tries++)
        {
            var lines = log.Lines;
            var alerts = new List<Told>();
            await foreach (var a in AllAsync(http, "alerts")) alerts.Add(new Told(Text(a, "id"), Text(a, "rule"), Text(a, "severity"), Text(a, "state"), Text(a, "customer"), Text(a, "about")));
            var records = new List<Record>();
            await foreach (var d in AllAsync(http, "deliveries")) records.Add(new Record(Text(d, "alert"), Text(d, "transition"), Text(d, "channel"), Text(d, "state"), Text(d, "messageId"), Text(d, "answer"), Text(d, "mutedBy"), d.GetProperty("attempts").GetInt32()));
            var isCalm = log.Lines.Count == lines.Count && !records.Exists(r => r.State is "Pending" or "Sent");
            if (isCalm || tries == 20) return (alerts, records, lines);
            say("something was told meanwhile: read again");
            await Task.Delay(2_000);
        }
    }

    private static async Task<JsonElement> GetAsync(HttpClient http, string what)
    {
        using var reply = await http.GetAsync(what);
        using var json = JsonDocument.Parse(await reply.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
        return json.RootElement.Clone();
    }

    private static async IAsyncEnumerable<JsonElement> AllAsync(HttpClient http, string what)
    {
        for (var cursor = ""; ;)
        {
            var page = await GetAsync(http, $"{what}?limit=500{(cursor.Length > 0 ? "&cursor=" + Uri.EscapeDataString(cursor) : "")}");
            foreach (var one in page.GetProperty(what).EnumerateArray()) yield return one;
            if (!page.TryGetProperty("cursor", out var next) || next.ValueKind != JsonValueKind.String) yield break;
            cursor = next.GetString()!;
        }
    }

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out var told) && told.ValueKind == JsonValueKind.String ? told.GetString()! : "";

    private void Count(string fault) => outcome.Faults[fault] = outcome.Faults.GetValueOrDefault(fault) + 1;
}
