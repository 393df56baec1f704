using System.Text.Json;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>What people think of alerts: the tag on an alert or a warning, the share of noise by rule, and the thresholds that are proposed from it.</summary>
public sealed class UsefulOrNoise
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Tags_are_one_truth_on_both_pages_and_count_by_rule(bool tells)
    {
        var service = new Service { TellsPeople = tells };
        await service.InitializeAsync();
        try
        {
            var (left, right) = (await UsedAsync(service, 750), await UsedAsync(service, 760));
            if (tells)
                foreach (var id in new[] { left, right })
                    while ((await service.GetAsync("Viewer", "/alerts?id=" + Uri.EscapeDataString(id))).Json.GetProperty("alerts").GetArrayLength() == 0) await Task.Yield();
            Assert.Equal(200, (await service.PostAsync("Analyst", $"/warnings/{Uri.EscapeDataString(left)}/tag", new { tag = "noise" })).Code);
            // Whoever closes it says it with the same hand.
            Assert.Equal("useful", (await service.PostAsync("Analyst", $"/warnings/{Uri.EscapeDataString(right)}/resolve", new { note = "called them, they pay", tag = "useful" })).Json.GetProperty("tag").GetString());
            Assert.Equal((1, 1, 1, 5_000), await RuleAsync(service, "EW-01", 2));
            var warnings = (await service.GetAsync("Viewer", "/warnings")).Json.GetProperty("warnings").EnumerateArray().ToDictionary(w => w.GetProperty("id").GetString()!, w => w.GetProperty("mark"));
            Assert.Equal(("noise", "useful"), (warnings[left].GetProperty("tag").GetString(), warnings[right].GetProperty("tag").GetString()));
            if (tells) Assert.Equal("useful", (await service.GetAsync("Viewer", "/alerts?tagged=true&id=" + Uri.EscapeDataString(right))).Json.GetProperty("alerts")[0].GetProperty("tag").GetString());
            // Somebody thinks again.
            Assert.Equal(200, (await service.PostAsync("Analyst", $"/warnings/{Uri.EscapeDataString(left)}/tag", new { tag = "none" })).Code);
            Assert.Equal((1, 1, 0, 0), await RuleAsync(service, "EW-01", 2));
            foreach (var wrong in new object[] { new { tag = "nonsense" }, new { }, new { tag = "" } })
                Assert.Equal("BAD_TAG", (await service.PostAsync("Analyst", $"/warnings/{Uri.EscapeDataString(left)}/tag", wrong)).Problem);
            Assert.Equal("BAD_FROM", (await service.GetAsync("Viewer", "/alert-tags?from=yesterday")).Problem);
            Assert.Equal(0, (await service.GetAsync("Viewer", "/alert-tags?from=2999-01-01T00:00:00Z")).Json.GetProperty("rules").GetArrayLength());
            service.Key("east", Domain.Roles.Viewer, 0, "EAST");
            Assert.Equal(403, (await service.GetAsync("east", "/alert-tags")).Code);
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public async Task Threshold_is_proposed_by_the_values_at_which_alerts_were_raised()
    {
        var service = new Service { TellsPeople = true };
        await service.InitializeAsync();
        try
        {
            var (noise, useful) = (new List<string>(), new List<string>());
            for (var n = 0; n < 16; n++) noise.Add(await UsedAsync(service, 701 + n));
            for (var n = 0; n < 6; n++) useful.Add(await UsedAsync(service, 760 + n));
            foreach (var (ids, tag) in new[] { (noise, "noise"), (useful, "useful") })
                foreach (var id in ids)
                    while ((await service.PostAsync("Analyst", "/alert-acts", new { alert = id, act = "tag", tag })).Code == 404) await Task.Yield();
            Assert.Equal("BAD_TAG", (await service.PostAsync("Analyst", "/alert-acts", new { alert = noise[0], act = "tag" })).Problem);
            Assert.Equal(200, (await service.PostAsync("Analyst", "/alert-acts", new { alert = noise[0], act = "take", tag = "noise", note = "again" })).Code);
            Assert.Equal(["noise", "taken, noise"], (await service.GetAsync("Viewer", "/alert-notes?alert=" + Uri.EscapeDataString(noise[0]))).Json.GetProperty("notes").EnumerateArray().Select(n => n.GetProperty("act").GetString()));
            var told = (await service.GetAsync("Viewer", "/alert-tags")).Json;
            var proposal = Assert.Single(told.GetProperty("proposals").EnumerateArray());
            Assert.Equal(("EW-01", "signal.01.step1", "7000", "7600", 16, 16, 6, 0), (proposal.GetProperty("rule").GetString(), proposal.GetProperty("parameter").GetString(), proposal.GetProperty("stands").GetString(),
                proposal.GetProperty("proposed").GetString(), proposal.GetProperty("noise").GetInt32(), proposal.GetProperty("noiseSpared").GetInt32(), proposal.GetProperty("useful").GetInt32(), proposal.GetProperty("usefulLost").GetInt32()));
            Assert.Equal((1, 6, 16, 7_272), await RuleAsync(service, "EW-01", 22));
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    /// <summary>A customer who uses so many thousandths of the limit, and the warning of it.</summary>
    private static async Task<string> UsedAsync(Service service, long thousandths)
    {
        var customer = await service.CustomerAsync(limit: 100_000);
        await service.TellAsync("invoice.posted", customer, new { invoiceId = service.New("I"), amount = thousandths * 100, currency = "EUR", issuedOn = Service.Today, dueOn = Service.Today });
        return (await service.GetAsync("Viewer", "/signals?customer=" + customer)).Json.GetProperty("rows").EnumerateArray().First(s => s.GetProperty("indicator").GetString() == "EW-01").GetProperty("signalId").GetString()!;
    }

    /// <summary>Handled, useful, noise and the share of noise of a rule of which so many were told.</summary>
    private static async Task<(int Handled, int Useful, int Noise, int NoiseBp)> RuleAsync(Service service, string rule, int told)
    {
        var of = (await service.GetAsync("Viewer", "/alert-tags")).Json.GetProperty("rules").EnumerateArray().Single(r => r.GetProperty("rule").GetString() == rule);
        Assert.Equal(told, of.GetProperty("told").GetInt32());
        return (of.GetProperty("handled").GetInt32(), of.GetProperty("useful").GetInt32(), of.GetProperty("noise").GetInt32(), of.GetProperty("noiseBp").GetInt32());
    }
}
