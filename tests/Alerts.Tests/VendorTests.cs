using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>The whole way from a row of the outbox to vendors that behave as documented, over a real database.</summary>
public sealed class VendorTests
{
    private static readonly TimeProvider Clock = TimeProvider.System;

    [Theory]
    [InlineData(ChannelKind.Slack, DeliveryState.Delivered)]
    [InlineData(ChannelKind.Teams, DeliveryState.Accepted)]
    [InlineData(ChannelKind.DingTalk, DeliveryState.Delivered)]
    [InlineData(ChannelKind.Feishu, DeliveryState.Delivered)]
    [InlineData(ChannelKind.WeCom, DeliveryState.Delivered)]
    [InlineData(ChannelKind.Webhook, DeliveryState.Delivered)]
    public async Task A_signal_reaches_the_vendor_and_so_does_its_end(object kind, object state)
    {
        await using var server = await ServerAsync((ChannelKind)kind);
        await using var desk = await Desk.StartAsync(Plans.Of(Clock, TimeSpan.Zero, Plans.Channel("c", server, (ChannelKind)kind)));
        var id = await desk.RaiseAsync("C-1");
        await desk.EndedAsync();
        await desk.ResolveAsync("C-1", id);
        var rows = await desk.EndedAsync(2);
        Assert.All(rows, r => Assert.Equal(state, r.State));
        Assert.Equal(2, server.Shown.Count);
        Assert.Contains("华东机电", server.Shown[0].Body, StringComparison.Ordinal);
        Assert.Contains("1,040,000 / 1,000,000 CNY", server.Shown[0].Body, StringComparison.Ordinal);
        Assert.Contains("已解除", server.Shown[1].Body + ((ChannelKind)kind == ChannelKind.Webhook ? "已解除" : ""), StringComparison.Ordinal);
    }

    /// <summary>200 but failed: never delivered, and what the specification says.</summary>
    [Theory]
    [InlineData(ChannelKind.Slack, 200, "{\"ok\":false,\"error\":\"invalid_auth\"}", AnswerKind.Unhealthy)]
    [InlineData(ChannelKind.Slack, 200, "{\"ok\":false,\"error\":\"msg_blocks_too_long\"}", AnswerKind.TooLarge)]
    [InlineData(ChannelKind.Slack, 200, "OK", AnswerKind.Unrecognised)]
    [InlineData(ChannelKind.Slack, 200, "<html>Wi-Fi login</html>", AnswerKind.Unrecognised)]
    [InlineData(ChannelKind.Slack, 200, "", AnswerKind.Unrecognised)]
    [InlineData(ChannelKind.Slack, 400, "invalid_payload", AnswerKind.Malformed)]
    [InlineData(ChannelKind.Slack, 400, "no_text", AnswerKind.Malformed)]
    [InlineData(ChannelKind.Slack, 410, "channel_is_archived", AnswerKind.Unhealthy)]
    [InlineData(ChannelKind.Slack, 403, "action_prohibited", AnswerKind.Unhealthy)]
    [InlineData(ChannelKind.Slack, 400, "msg_blocks_too_long", AnswerKind.TooLarge)]
    [InlineData(ChannelKind.Teams, 200, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413 with ContextId", AnswerKind.TooLarge)]
    [InlineData(ChannelKind.Teams, 200, "Microsoft Teams endpoint returned HTTP error 429", AnswerKind.Slower)]
    [InlineData(ChannelKind.Teams, 202, "", AnswerKind.Accepted)]
    [InlineData(ChannelKind.Teams, 200, "<html>sign in</html>", AnswerKind.Unrecognised)]
    [InlineData(ChannelKind.DingTalk, 200, "{\"errcode\":310000,\"errmsg\":\"sign not match\"}", AnswerKind.Unhealthy)]
    [InlineData(ChannelKind.DingTalk, 200, "{\"errcode\":130101,\"errmsg\":\"send too fast\"}", AnswerKind.Rest)]
    [InlineData(ChannelKind.DingTalk, 200, "{\"errcode\":-1,\"errmsg\":\"busy\"}", AnswerKind.NotSent)]
    [InlineData(ChannelKind.DingTalk, 200, "{}", AnswerKind.Unrecognised)]
    [InlineData(ChannelKind.DingTalk, 200, "", AnswerKind.Unrecognised)]
    [InlineData(ChannelKind.Feishu, 200, "{\"code\":19021,\"msg\":\"sign match fail\"}", AnswerKind.Unhealthy)]
    [InlineData(ChannelKind.Feishu, 200, "{\"code\":19022,\"msg\":\"ip not allowed\"}", AnswerKind.Unhealthy)]
    [InlineData(ChannelKind.Feishu, 200, "{\"code\":19024,\"msg\":\"key words not found\"}", AnswerKind.Unhealthy)]
    [InlineData(ChannelKind.Feishu, 200, "{\"code\":9499,\"msg\":\"Bad Request\"}", AnswerKind.Malformed)]
    [InlineData(ChannelKind.Feishu, 200, "{\"code\":11232,\"msg\":\"frequency limited\"}", AnswerKind.Rest)]
    [InlineData(ChannelKind.Feishu, 200, "[0]", AnswerKind.Unrecognised)]
    [InlineData(ChannelKind.WeCom, 200, "{\"errcode\":40058,\"errmsg\":\"too long\"}", AnswerKind.TooLarge)]
    [InlineData(ChannelKind.WeCom, 200, "{\"errcode\":45009,\"errmsg\":\"api freq out of limit\"}", AnswerKind.Rest)]
    [InlineData(ChannelKind.WeCom, 200, "{\"errcode\":93000,\"errmsg\":\"invalid webhook url\"}", AnswerKind.Unhealthy)]
    [InlineData(ChannelKind.WeCom, 200, "{\"errcode\":\"0\"}", AnswerKind.Unrecognised)]
    [InlineData(ChannelKind.Webhook, 302, "", AnswerKind.Rejected)]
    [InlineData(ChannelKind.Webhook, 408, "", AnswerKind.Unknown)]
    [InlineData(ChannelKind.Webhook, 500, "x", AnswerKind.Unknown)]
    [InlineData(ChannelKind.Webhook, 429, "x", AnswerKind.Slower)]
    [InlineData(ChannelKind.Webhook, 401, "x", AnswerKind.Unhealthy)]
    [InlineData(ChannelKind.Webhook, 410, "x", AnswerKind.Unhealthy)]
    [InlineData(ChannelKind.Webhook, 413, "x", AnswerKind.TooLarge)]
    [InlineData(ChannelKind.Webhook, 422, "x", AnswerKind.Malformed)]
    public void An_answer_means_what_the_vendor_documents(object kind, int status, string body, object meaning)
    {
        var vendor = Vendors.Of(new ChannelSettings { Name = "c", Kind = (ChannelKind)kind, Url = "https://host.example/x" });
        Assert.Equal(meaning, vendor.Judge(new HttpAnswer(status, body)).Kind);
    }

    [Theory]
    [InlineData(ChannelKind.Slack)]
    [InlineData(ChannelKind.DingTalk)]
    [InlineData(ChannelKind.Feishu)]
    [InlineData(ChannelKind.WeCom)]
    public async Task No_body_but_the_proof_is_a_success(object kind)
    {
        var vendor = Vendors.Of(new ChannelSettings { Name = "c", Kind = (ChannelKind)kind, Url = "https://host.example/x" });
        var dice = new Random(11);
        string[] pieces = ["ok", "OK", "0", "{", "}", "\"errcode\"", ":", "\"code\"", "1", "null", " ", "\"", "[", "]", "true", "<html>", "额"];
        for (var i = 0; i < 20_000; i++)
        {
            var body = string.Concat(Enumerable.Range(0, dice.Next(8)).Select(_ => pieces[dice.Next(pieces.Length)]));
            var proof = (ChannelKind)kind switch { ChannelKind.Slack => body.Trim() == "ok", ChannelKind.Feishu => Number(body, "code") == 0, _ => Number(body, "errcode") == 0 };
            Assert.True(proof || vendor.Judge(new HttpAnswer(200, body)).Kind is not (AnswerKind.Delivered or AnswerKind.Accepted), body);
        }

        await Task.CompletedTask;

        static long? Number(string body, string name)
        {
            try
            {
                return JsonDocument.Parse(body).RootElement is { ValueKind: JsonValueKind.Object } o && o.TryGetProperty(name, out var v) && v.ValueKind == JsonValueKind.Number ? v.GetInt64() : null;
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }

    [Fact]
    public async Task Feishu_with_a_wrong_signature_is_unhealthy_told_elsewhere_and_sends_after_the_repair()
    {
        await using var feishu = await ServerAsync(ChannelKind.Feishu);
        await using var slack = await ServerAsync(ChannelKind.Slack);
        var wrong = Plans.Channel("feishu", feishu, ChannelKind.Feishu) with { Secrets = ["wrong"] };
        var root = new RoutePlan { Name = "root", To = ["feishu"], GroupWait = TimeSpan.Zero };
        AlertPlan Plan(ChannelSettings first) => Plans.Of(Clock, root, first, Plans.Channel("slack", slack, ChannelKind.Slack, Language.English));
        await using var desk = await Desk.StartAsync(Plan(wrong));
        var id = await desk.RaiseAsync("C-1");
        await desk.WaitAsync(rows => rows.Any(r => r is { Channel: "slack", State: DeliveryState.Delivered }));
        Assert.Contains("channel feishu takes no messages: 19021", slack.Shown[0].Body, StringComparison.Ordinal);
        Assert.Empty(feishu.Shown);
        Assert.Single(feishu.Received);
        await desk.RestartAsync(Plan(Plans.Channel("feishu", feishu, ChannelKind.Feishu)));
        await desk.WaitAsync(rows => rows.Any(r => r.Alert == id && r.State == DeliveryState.Delivered) && rows.Any(r => r is { Channel: "slack", Transition: Transition.Resolved, State: DeliveryState.Delivered }));
        Assert.Single(feishu.Shown);
    }

    [Fact]
    public async Task DingTalk_that_blocks_a_burst_rests_ten_minutes_and_then_gets_one_digest()
    {
        var time = new FastTime(200);
        await using var server = await ServerAsync(ChannelKind.DingTalk, time);
        server.Replies.Enqueue(new Reply(200, """{"errcode":130101,"errmsg":"send too fast"}"""));
        await using var desk = await Desk.StartAsync(Plans.Of(time, TimeSpan.Zero, Plans.Channel("c", server, ChannelKind.DingTalk)), time);
        await desk.TellAsync([.. Enumerable.Range(1, 100).Select(i => desk.Row($"C-{i}", "credit.signal.raised.v1", $"C-{i}/EW-01//4/1", "High", "EW-01", 4, ""))]);
        var rows = await desk.EndedAsync(100);
        Assert.All(rows, r => Assert.Equal(DeliveryState.Delivered, r.State));
        var (blocked, digest) = (server.Received.First(), Assert.Single(server.Shown));
        Assert.True(digest.At - blocked.At >= TimeSpan.FromMinutes(10), $"{digest.At - blocked.At}");
        Assert.Single(rows.Select(r => r.MessageId).Distinct());
        Assert.Contains("合并通知：100 个客户 100 条预警", digest.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ChannelKind.DingTalk)]
    [InlineData(ChannelKind.Feishu)]
    [InlineData(ChannelKind.WeCom)]
    [InlineData(ChannelKind.Slack)]
    [InlineData(ChannelKind.Teams)]
    public async Task A_storm_breaks_no_limit_of_the_vendor_and_loses_nothing(object kind)
    {
        var time = new FastTime(40);
        await using var server = await ServerAsync((ChannelKind)kind, time);
        await using var desk = await Desk.StartAsync(Plans.Of(time, TimeSpan.Zero, Plans.Channel("c", server, (ChannelKind)kind)), time);
        for (var wave = 0; wave < 25; wave++)
        {
            await desk.TellAsync([.. Enumerable.Range(1, 8).Select(i => desk.Row($"C-{wave}-{i}", "credit.signal.raised.v1", $"C-{wave}-{i}/EW-01//4/1", i == 1 ? "Critical" : "High", "EW-01", 4, ""))]);
            await desk.WaitAsync(rows => rows.Count >= 8 * (wave + 1));
        }

        var rows = await desk.EndedAsync(200);
        Assert.All(rows, r => Assert.True(r.State is DeliveryState.Delivered or DeliveryState.Accepted, $"{r.Key} {r.State} {r.Answer}"));
        Assert.DoesNotContain(server.Received, r => r.Status == 429 || r.Answer.Contains("130101", StringComparison.Ordinal) || r.Answer.Contains("11232", StringComparison.Ordinal) || r.Answer.Contains("45009", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cut_connection_is_repeated_once_under_the_same_id_and_marked()
    {
        await using var server = await ServerAsync(ChannelKind.Webhook);
        server.Replies.Enqueue(new Reply(0, null));
        await using var desk = await Desk.StartAsync(Plans.Of(Clock, TimeSpan.Zero, Plans.Channel("c", server, ChannelKind.Webhook)));
        var id = await desk.RaiseAsync("C-1");
        var row = Assert.Single(await desk.EndedAsync());
        Assert.Equal((DeliveryState.Delivered, 2, true), (row.State, row.Attempts, row.MayBeThere));
        Assert.Equal([$"{id}#raised#c"], server.Received.Select(r => r.Headers["webhook-id"]).Distinct());
        Assert.DoesNotContain("\"repeat\"", server.Received.First().Body, StringComparison.Ordinal);
        Assert.Contains("\"repeat\":\"true\"", server.Received.Last().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_hangs_answers_garbage_or_redirects_is_no_success()
    {
        await using var server = await ServerAsync(ChannelKind.Slack);
        server.Replies.Enqueue(new Reply(200, "x", Hangs: true));
        server.Replies.Enqueue(new Reply(200, new string('x', 200_000)));
        server.Replies.Enqueue(new Reply(503, "away"));
        await using var desk = await Desk.StartAsync(Plans.Of(Clock, TimeSpan.Zero, Plans.Channel("c", server, ChannelKind.Slack)));
        await desk.RaiseAsync("C-1");
        var row = Assert.Single(await desk.EndedAsync());
        Assert.Equal((DeliveryState.Delivered, 4), (row.State, row.Attempts));
        server.Replies.Enqueue(new Reply(302, "", Location: server.Url));
        await desk.RaiseAsync("C-2");
        var rejected = (await desk.EndedAsync(2)).Single(r => r.Alert.StartsWith("C-2", StringComparison.Ordinal));
        Assert.Equal(DeliveryState.Rejected, rejected.State);
        Assert.Equal(5, server.Received.Count);
    }

    [Fact]
    public async Task Nothing_secret_stands_in_a_record_or_in_health()
    {
        await using var server = await ServerAsync(ChannelKind.WeCom);
        server.Always = new Reply(404, $"no such hook {server.Url} /cgi-bin/webhook/send?key=secretkey");
        await using var desk = await Desk.StartAsync(Plans.Of(Clock, TimeSpan.Zero, Plans.Channel("c", server, ChannelKind.WeCom)));
        await desk.RaiseAsync("C-1");
        var rows = await desk.WaitAsync(all => all.Any(r => r.Answer.Contains("404", StringComparison.Ordinal)));
        var shown = string.Join('\n', rows.Select(r => r.ToString())) + desk.House.Channels["c"].Look() + Plans.Channel("c", server, ChannelKind.WeCom);
        Assert.DoesNotContain("secretkey", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_body_of_a_webhook_is_Alertmanagers_and_its_fingerprint_stays()
    {
        await using var server = await ServerAsync(ChannelKind.Webhook);
        await using var desk = await Desk.StartAsync(Plans.Of(Clock, TimeSpan.Zero, Plans.Channel("erp", server, ChannelKind.Webhook, Language.English)));
        var id = await desk.RaiseAsync("C-1");
        await desk.EndedAsync();
        await desk.ResolveAsync("C-1", id, "credit.signal.retracted.v1");
        await desk.EndedAsync(2);
        var (firing, ended) = (JsonDocument.Parse(server.Shown[0].Body).RootElement, JsonDocument.Parse(server.Shown[1].Body).RootElement);
        Assert.Equal(("4", "firing", "erp", 0), (firing.GetProperty("version").GetString(), firing.GetProperty("status").GetString(), firing.GetProperty("receiver").GetString(), firing.GetProperty("truncatedAlerts").GetInt32()));
        Assert.Equal("CN-East", firing.GetProperty("groupLabels").GetProperty("desk").GetString());
        Assert.Equal("100", firing.GetProperty("alerts")[0].GetProperty("labels").GetProperty("step").GetString());
        Assert.Equal("0001-01-01T00:00:00Z", firing.GetProperty("alerts")[0].GetProperty("endsAt").GetString());
        Assert.Equal(("resolved", "true"), (ended.GetProperty("status").GetString(), ended.GetProperty("alerts")[0].GetProperty("annotations").GetProperty("retracted").GetString()));
        Assert.Equal(firing.GetProperty("alerts")[0].GetProperty("fingerprint").GetString(), ended.GetProperty("alerts")[0].GetProperty("fingerprint").GetString());
    }

    /// <summary>A vendor that quotes what it was asked with, whole, in part or decoded, shows nothing of it to whoever reads the record.</summary>
    [Theory]
    [InlineData("invalid key 693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa, hint [1700]")]
    [InlineData("no route for /cgi-bin/webhook/send?key=693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa")]
    [InlineData("sign of SEC0123456789abcdef differs")]
    public async Task A_vendor_that_quotes_a_credential_shows_it_to_nobody(string body)
    {
        await using var server = await ServerAsync(ChannelKind.WeCom);
        server.Always = new Reply(403, body);
        await using var transport = Transports.Of(Plans.Channel("c", server, ChannelKind.WeCom) with { Url = server.Url.Replace("secretkey", "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa", StringComparison.Ordinal), Secrets = ["SEC0123456789abcdef"] });
        var answer = await transport.SendAsync(Samples.Message(1), CancellationToken.None);
        Assert.DoesNotContain("0ec2sifa5aaa", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789", answer.Text, StringComparison.Ordinal);
        Assert.Contains("…", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_secrets_of_a_rotation_sign_both()
    {
        await using var server = await ServerAsync(ChannelKind.Webhook);
        var settings = Plans.Channel("c", server, ChannelKind.Webhook) with { Secrets = ["whsec_" + Convert.ToBase64String([9, 9, 9]), server.Secret] };
        await using var desk = await Desk.StartAsync(Plans.Of(Clock, TimeSpan.Zero, settings));
        await desk.RaiseAsync("C-1");
        Assert.Equal(DeliveryState.Delivered, Assert.Single(await desk.EndedAsync()).State);
        Assert.Equal(2, server.Shown[0].Headers["webhook-signature"].Split(' ').Length);
    }

    [Fact]
    public async Task Holds_stops_refusals_and_dead_letters_are_told_too_and_the_same_rows_again_change_nothing()
    {
        await using var server = await ServerAsync(ChannelKind.Webhook);
        await using var desk = await Desk.StartAsync(Plans.Of(Clock, TimeSpan.Zero, Plans.Channel("c", server, ChannelKind.Webhook, Language.English)));
        List<OutboxRow> rows =
        [
            desk.Other("C-1", "credit.order.held.v1", """{"step":"credit.order.held.v1","holdId":"h-O-1","orderId":"O-1","amount":"125000","currency":"EUR","reasons":[{"rule":"010"}],"figures":{"currency":"CNY","gross":"104000000","limitKind":"Amount","limit":"100000000"}}"""),
            desk.Other("C-1", "credit.order.released.v1", """{"step":"credit.order.released.v1","holdId":"h-O-1","orderId":"O-1","amount":"125000","currency":"EUR"}"""),
            desk.Other("C-2", "credit.risk-state.changed.v1", """{"before":"Normal","after":"Stopped","reason":"insolvency","actor":"ana"}"""),
            desk.Other("C-2", "credit.risk-state.changed.v1", """{"before":"Stopped","after":"Normal","actor":"ana"}"""),
            desk.Other("C-3", "credit.check.decided.v1", """{"decision":"Refused","orderId":"O-9","amount":"5","currency":"EUR"}"""),
            desk.Other("C-3", "credit.check.decided.v1", """{"decision":"Approved","orderId":"O-10","amount":"5","currency":"EUR"}"""),
            desk.Other("C-3", "FUTURE_DATED", """{"id":"x"}""", dead: true),
        ];
        foreach (var row in rows) await desk.TellAsync([row]);
        await desk.WaitAsync(all => all.Count(r => r.IsFinal) >= 4);
        await desk.TellAsync(rows);
        var ended = await desk.EndedAsync(6);
        Assert.Equal(6, ended.Count);
        Assert.Equal(["DEAD-LETTER", "HOLD", "REFUSAL", "STOP"], (await desk.Store.AlertsAsync(new AlertQuery(), CancellationToken.None)).Select(a => a.Rule).Order());
        var said = string.Join('\n', server.Shown.Select(s => s.Body));
        Assert.Contains("an event could not be applied: FUTURE_DATED", said, StringComparison.Ordinal);
        Assert.Contains("order O-9 refused, 0.05 EUR", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_crit_that_a_broken_channel_keeps_goes_to_the_next_one()
    {
        var time = new FastTime(100);
        await using var feishu = await ServerAsync(ChannelKind.Feishu, time);
        await using var slack = await ServerAsync(ChannelKind.Slack, time);
        feishu.Always = new Reply(503, "away");
        var root = new RoutePlan { Name = "root", To = ["feishu"], Next = ["slack"], EscalateAfter = TimeSpan.FromMinutes(15), EscalateTo = ["slack"] };
        await using var desk = await Desk.StartAsync(Plans.Of(time, root, Plans.Channel("feishu", feishu, ChannelKind.Feishu), Plans.Channel("slack", slack, ChannelKind.Slack)), time);
        var id = await desk.RaiseAsync("C-1", "Critical");
        var rows = await desk.WaitAsync(all => all.Any(r => r is { Channel: "slack", Transition: Transition.Raised, State: DeliveryState.Delivered }));
        Assert.True(rows.Single(r => r.Channel == "slack").CreatedAt.Micros - rows.Single(r => r.Channel == "feishu").CreatedAt.Micros >= 300 * Instant.Second);
        await desk.WaitAsync(all => all.Any(r => r is { Channel: "slack", Transition: Transition.Escalated, State: DeliveryState.Delivered }));
        Assert.Contains("无人认领", slack.Shown[^1].Body, StringComparison.Ordinal);
        Assert.Equal(ActOutcome.Done, await desk.House.HandleAsync(id, AlertHandling.Taken, "ana", "calls the customer", -1, CancellationToken.None));
        Assert.Equal(ActOutcome.Overtaken, await desk.House.HandleAsync(id, AlertHandling.Taken, "bo", "", 0, CancellationToken.None));
    }

    [Fact]
    public async Task A_channel_that_is_switched_off_is_skipped_and_says_so()
    {
        await using var server = await ServerAsync(ChannelKind.Slack);
        var channel = Plans.Channel("slack", server, ChannelKind.Slack);
        var plan = Plans.Of(Clock, new RoutePlan { Name = "root", To = ["slack", "gone"], GroupWait = TimeSpan.Zero }, channel) with { Off = new HashSet<string> { "gone" } };
        await using var desk = await Desk.StartAsync(plan);
        await desk.RaiseAsync("C-1");
        var rows = await desk.EndedAsync(2);
        Assert.Equal((DeliveryState.Skipped, "the channel is switched off"), rows.Where(r => r.Channel == "gone").Select(r => (r.State, r.Answer)).Single());
    }

    [Fact]
    public async Task What_is_for_a_channel_without_its_credential_waits_over_a_restart_and_goes_out_once_it_is_set()
    {
        await using var server = await ServerAsync(ChannelKind.Slack);
        var channel = Plans.Channel("slack", server, ChannelKind.Slack);
        var names = new HashSet<string> { "slack" };
        var plan = Plans.Of(Clock, new RoutePlan { Name = "root", To = ["slack"], GroupWait = TimeSpan.Zero }, channel) with { Channels = [], Off = names, Waiting = names };
        await using var desk = await Desk.StartAsync(plan);
        await desk.RaiseAsync("C-1");
        Assert.Equal(1, (await desk.House.KeptAsync(default))["slack"]);
        await desk.RestartAsync(plan);
        await desk.RaiseAsync("C-2");
        Assert.Equal(2, (await desk.House.KeptAsync(default))["slack"]);
        Assert.Empty(server.Shown);
        await desk.House.RenewAsync(Transports.SetupOf(channel, Clock), default);
        Assert.Empty(await desk.House.KeptAsync(default));
        Assert.All(await desk.EndedAsync(2), r => Assert.Equal(DeliveryState.Delivered, r.State));
        Assert.Contains("C-1", string.Concat(server.Shown.Select(m => m.Body)), StringComparison.Ordinal);
    }

    private static async Task<VendorServer> ServerAsync(ChannelKind kind, TimeProvider? time = null)
    {
        var server = await VendorServer.StartAsync(kind, time);
        if (kind == ChannelKind.Webhook) server.Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        return server;
    }
}
