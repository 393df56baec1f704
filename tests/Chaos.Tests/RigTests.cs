using System.Net;
using System.Net.Sockets;
using Xunit;

namespace ExposureMonitor.Chaos.Tests;

/// <summary>The rig in its short form, so that it does not rot; the long form is <c>chaos/run</c>.</summary>
public sealed class RigTests
{
    [RigFact]
    public async Task Five_kills_among_twenty_thousand_events_lose_and_double_nothing()
    {
        var options = Options.Parse([
            "--short", "--minutes", "2", "--events", "20000", "--kills", "5", "--seed", "5", "--customers", "40", "--rate", "1500", "--period", "30", "--callers", "6",
            "--faults", "Kill,DatabaseCrash,AnswersLost,Zombie,TwoOwners", "--executable", Product(),
        ]);
        var outcome = await Rig.RunAsync(options, Console.WriteLine);
        Assert.Equal(("PASS", ""), (outcome.Verdict, outcome.Why));
        Assert.True(outcome.Events >= 20_000, $"{outcome.Events} events");
        Assert.True(outcome.Kills > 0 && outcome.Tally.Approvals > 0 && outcome.DeadLetters > 0 && outcome.Absorbed > 0, $"{outcome.Kills} kills, {outcome.Tally.Approvals} approvals, {outcome.DeadLetters} dead letters, {outcome.Absorbed} repetitions");
    }

    [Fact]
    public async Task People_are_told_once_while_the_service_is_killed_and_the_servers_break()
    {
        var options = Options.Parse(["--alerts", "--short", "--minutes", "0.5", "--seed", "12", "--burst", "500", "--executable", Product()]);
        var outcome = await Alerting.AlertRig.RunAsync(options, Console.WriteLine);
        Assert.Equal(("PASS", ""), (outcome.Verdict, outcome.Why));
        Assert.True(outcome is { Kills: > 0, Burst: 500, Shown: > 0 } && outcome.Records > 500, "kills, a burst, messages");
    }

    [Fact]
    public void A_judge_of_the_alerts_finds_what_is_untrue()
    {
        var at = DateTime.UtcNow;
        Alerting.Told[] alerts = [new("h-1", "HOLD", "MED", "Firing", "C-1", "O-1")];
        Alerting.Record Row(string state, string id, string channel = "slack") => new("h-1", "raised", channel, state, id, "", "", 1);
        Alerting.LogLine Line(string id, bool shown = true, bool proved = true, bool repeat = false, double seconds = 0) => new(Alerting.Vendor.Slack, at.AddSeconds(seconds), id, shown, proved, repeat, Alerting.Trouble.None, "", "{}");
        string Found(Alerting.Record[] records, Alerting.LogLine[] log, params Alerting.Kill[] kills)
        {
            try
            {
                var judge = new Alerting.AlertJudge(alerts, records, log, kills);
                judge.True();
                judge.Repeated();
                return "";
            }
            catch (ViolationException violation)
            {
                return violation.Message;
            }
        }

        Assert.Equal("", Found([Row("Delivered", "m-1")], [Line("m-1")]));
        Assert.Contains("the server knows nothing", Found([Row("Delivered", "m-1")], []), StringComparison.Ordinal);
        Assert.Contains("never said so", Found([Row("Delivered", "m-1")], [Line("m-1", proved: false)]), StringComparison.Ordinal);
        Assert.Contains("no record", Found([Row("Delivered", "m-1")], [Line("m-1"), Line("m-2")]), StringComparison.Ordinal);
        Assert.Contains("ended as Pending", Found([Row("Pending", "")], []), StringComparison.Ordinal);
        Assert.Contains("its cause lasts", Found([Row("Skipped", "")], []), StringComparison.Ordinal);
        Assert.Contains("was acknowledged", Found([Row("Delivered", "m-1")], [Line("m-1"), Line("m-1", repeat: true, seconds: 9)]), StringComparison.Ordinal);
        Alerting.LogLine[] twice = [Line("m-1"), Line("m-1", repeat: true, seconds: 9)];
        Alerting.Kill Kill(double from, double to) => new(at.AddSeconds(from), at.AddSeconds(to));
        Assert.Equal("", Found([Row("Delivered", "m-1")], twice, Kill(1, 3)));

        // A slow server shows what the dead process sent before the next one serves; what the next one sent is its own.
        Assert.Equal("", Found([Row("Delivered", "m-1")], twice, Kill(-1, 3)));
        Assert.Contains("was acknowledged", Found([Row("Delivered", "m-1")], twice, Kill(-3, -1)), StringComparison.Ordinal);
        Assert.Contains("was acknowledged", Found([Row("Delivered", "m-1")], twice, Kill(10, 12)), StringComparison.Ordinal);
        Assert.Contains("does not say so", Found([Row("Delivered", "m-1")], [Line("m-1", proved: false), Line("m-1", seconds: 9)]), StringComparison.Ordinal);
        var judged = Assert.Throws<ViolationException>(() => new Alerting.AlertJudge(alerts, [Row("Delivered", "m-1")], [Line("m-1")], []).Complete(new Dictionary<string, string> { ["O-1"] = "C-1" }, new Dictionary<string, string>(), [], 0));
        Assert.Contains("no record at teams", judged.Message, StringComparison.Ordinal);
    }

    [ClusterRigFact]
    public async Task Three_silos_that_are_killed_put_to_sleep_and_restarted_lose_and_double_nothing()
    {
        var options = Options.Parse([
            "--short", "--minutes", "3", "--events", "10000", "--kills", "4", "--seed", "11", "--customers", "40", "--rate", "500", "--period", "40", "--callers", "6", "--silos", "3",
            "--faults", "SiloKill,SiloZombie,SiloCut,TwoClusters,AllSilosKill,RollingRestart", "--sleep", "10", "--executable", Product(), "--silo-executable", Product("Silo", "exposure-silo"),
        ]);
        var outcome = await Rig.RunAsync(options, Console.WriteLine);
        Assert.Equal(("PASS", ""), (outcome.Verdict, outcome.Why));
        Assert.True(outcome.Kills > 0 && outcome.Tally.Approvals > 0 && outcome.Events > 1_000, $"{outcome.Kills} kills, {outcome.Tally.Approvals} approvals, {outcome.Events} events");
    }

    [Fact]
    public async Task A_wire_that_swallows_answers_lets_requests_through()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        using var proxy = new TcpProxy(((IPEndPoint)server.LocalEndpoint).Port, seed: 1);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, proxy.Port);
        using var other = await server.AcceptTcpClientAsync();
        await SayAsync(client, 1);
        Assert.Equal(1, await HearAsync(other));
        await SayAsync(other, 2);
        Assert.Equal(2, await HearAsync(client));

        proxy.Set(Wire.AnswersLost);
        await SayAsync(client, 3);
        Assert.Equal(3, await HearAsync(other));
        await SayAsync(other, 4);
        await SayAsync(client, 5);
        Assert.Equal(5, await HearAsync(other));
        proxy.CutAll();
        Assert.Equal(-1, await HearAsync(client));
        Assert.Equal(1, proxy.Doubtful);
    }

    private static async Task SayAsync(TcpClient to, byte what) => await to.GetStream().WriteAsync(new[] { what });

    /// <summary>The next byte; −1 when the other side ended.</summary>
    private static async Task<int> HearAsync(TcpClient from)
    {
        var one = new byte[1];
        try
        {
            return await from.GetStream().ReadAsync(one) == 0 ? -1 : one[0];
        }
        catch (IOException)
        {
            return -1;
        }
    }

    /// <summary>The product in the configuration in which this test was built.</summary>
    internal static string Product(string project = "Standalone", string name = "exposure")
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(here.Parent!.Parent!.FullName, project, here.Name, name);
    }
}

/// <summary>A test that needs the cluster edition as well.</summary>
public sealed class ClusterRigFactAttribute : FactAttribute
{
    public ClusterRigFactAttribute()
    {
        Skip = new RigFactAttribute().Skip;
        if (!File.Exists(RigTests.Product("Silo", "exposure-silo"))) Skip ??= "The cluster edition is left out of this build.";
    }
}

/// <summary>A test that needs Apache Kafka and PostgreSQL; skipped, with the reason, where one is missing.</summary>
public sealed class RigFactAttribute : FactAttribute
{
    public RigFactAttribute()
    {
        if (!KafkaServer.IsThere) Skip = "No Kafka: neither EXPOSURE_KAFKA nor KAFKA_HOME names one.";
        else if (!PostgreSqlServer.IsThere) Skip = "No PostgreSQL below /usr/lib/postgresql.";
    }
}
