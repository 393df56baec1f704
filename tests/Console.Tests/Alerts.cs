using System.Collections.Concurrent;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ExposureMonitor.Console.Tests;

/// <summary>One screen for what fires, what was told outside, and who looks after it.</summary>
[Collection(InBrowser.Name)]
public sealed class Alerts(Browser browser)
{
    [BrowserFact]
    public async Task What_is_taken_rests_or_is_closed_is_said_of_the_alert_that_went_out()
    {
        await using var house = await House.OpenAsync(tellsPeople: true);
        await house.CustomerAsync("ACME", 1_000_00, "EAST");
        await house.InvoiceAsync("ACME", "I1", 1_200_00);
        await house.CustomerAsync("BETA", 1_000_00, "WEST");
        await house.InvoiceAsync("BETA", "I2", 850_00);
        await house.OrderAsync("ACME", "O1", 50_00);
        await using var alice = await Visit.OpenAsync(browser, house, "alice", "/alerts");
        await using var max = await Visit.OpenAsync(browser, house, "max", "/alerts");
        await alice.LiveAsync();
        await max.LiveAsync();
        // Filters stand in the address, and say what they leave out.
        var all = await alice.At("alert").CountAsync();
        await alice.At("filter-sev").SelectOptionAsync("High");
        await Expect(alice.Page.Locator("[data-testid=alert][data-id^='BETA']")).ToHaveCountAsync(0);
        Assert.True(await alice.At("alert").CountAsync() < all);
        Assert.Contains("sev=High", alice.Page.Url, StringComparison.Ordinal);
        await alice.Page.GoBackAsync();
        var alert = alice.Page.Locator("[data-testid=alert][data-id^='ACME'][data-indicator='EW-01']").First;
        var id = await alert.GetAttributeAsync("data-id");
        // The alert has gone out: the log says where, when and how often it was tried.
        while (!(await house.GetAsync("/deliveries?alert=" + Uri.EscapeDataString(id!))).ToString().Contains("Delivered", StringComparison.Ordinal)) await alice.Page.WaitForTimeoutAsync(50);
        // Nobody has taken it: how long that may go on stands in the list.
        await Expect(alert.GetByTestId("left")).ToHaveTextAsync("1 h left");
        await alert.ClickAsync();
        await alice.At("alert-panel").WaitForAsync();
        await Expect(alice.At("alert-panel").GetByTestId("left")).ToHaveTextAsync("1 h left");
        await Expect(alice.At("delivery").First).ToHaveAttributeAsync("data-state", "Delivered");
        await alice.At("take").ClickAsync();
        await Expect(alice.At("taken-by")).ToHaveTextAsync("alice");
        await Expect(alert.GetByTestId("left")).ToHaveCountAsync(0);
        // One truth: the list of alerts and the other person's screen say the same.
        var told = (await house.GetAsync("/alerts?id=" + Uri.EscapeDataString(id!))).GetProperty("alerts")[0];
        Assert.Equal(("Taken", "alice"), (told.GetProperty("handling").GetString(), told.GetProperty("handledBy").GetString()));
        await Expect(max.Page.Locator($"[data-testid=alert][data-id='{id}']")).ToContainTextAsync("alice");
        await max.Page.Locator($"[data-testid=alert][data-id='{id}']").ClickAsync();
        await max.At("take").ClickAsync();
        await Expect(max.Page.Locator(".failed")).ToContainTextAsync("alice");
        // It rests for an hour.
        await alice.Page.Keyboard.PressAsync("s");
        await alice.At("rest-hour").ClickAsync();
        await Expect(alice.At("alert-panel").Locator(".tag").First).ToContainTextAsync("snoozed until");
        // Or until the customer uses five points less, which the desk sees with the figure.
        await Expect(alice.At("rest-hour")).ToHaveCountAsync(0);
        await alice.Page.Keyboard.PressAsync("s");
        await alice.At("rest-better").ClickAsync();
        await Expect(alice.At("alert-panel").Locator(".tag").First).ToContainTextAsync("snoozed until 115.0 % or less");
        // It is silenced, and the silence stands in its list with who and why, until somebody ends it.
        await alice.At("silence").ClickAsync();
        await alice.At("silence-why").FillAsync("known to the desk");
        await alice.At("silence-now").ClickAsync();
        await alice.Page.GotoAsync("/alerts?tab=silences");
        await Expect(alice.At("silence-row").Filter(new LocatorFilterOptions { HasText = "known to the desk" })).ToContainTextAsync("alice");
        while (await alice.At("end-silence").CountAsync() is > 0 and var left)
        {
            await alice.At("end-silence").First.ClickAsync();
            await Expect(alice.At("end-silence")).ToHaveCountAsync(left - 1);
        }

        // It is closed with a note.
        await alice.Page.GotoAsync("/alerts/" + Uri.EscapeDataString(id!));
        await alice.LiveAsync();
        await alice.At("resolve").ClickAsync();
        await alice.At("note").FillAsync("Settled by phone with their bank.");
        await alice.At("resolve-now").ClickAsync();
        await Expect(alice.At("alert-panel").Locator(".tag").First).ToContainTextAsync("closed by alice");
        Assert.Equal("Closed", (await house.GetAsync("/alerts?id=" + Uri.EscapeDataString(id!))).GetProperty("alerts")[0].GetProperty("handling").GetString());
        // Held orders are told as well, and the log has the way of every message.
        await alice.Page.GotoAsync("/alerts?tab=notices");
        await Expect(alice.At("notice").First).ToContainTextAsync("ACME");
        await alice.Page.GotoAsync("/alerts?tab=deliveries");
        await Expect(alice.At("channels")).ToContainTextAsync("desk");
        await alice.At("delivery").First.WaitForAsync();
        alice.NoComplaints();
        max.NoComplaints();
    }

    /// <summary>Whoever looked at an alert says whether it was worth the time; the others see it at once, and the share of noise counts it.</summary>
    [BrowserFact]
    public async Task Useful_or_noise_is_said_of_an_alert_and_seen_by_the_others()
    {
        await using var house = await House.OpenAsync(tellsPeople: true);
        await house.CustomerAsync("ACME", 1_000_00);
        await house.InvoiceAsync("ACME", "I1", 1_200_00);
        await using var alice = await Visit.OpenAsync(browser, house, "alice", "/alerts");
        await using var max = await Visit.OpenAsync(browser, house, "max", "/alerts");
        await alice.LiveAsync();
        await max.LiveAsync();
        var (hers, his) = (alice.Page.Locator("[data-testid=alert][data-indicator='EW-01']"), max.Page.Locator("[data-testid=alert][data-indicator='EW-01']"));
        var id = (await hers.GetAttributeAsync("data-id"))!;
        while ((await house.GetAsync("/alerts?id=" + Uri.EscapeDataString(id))).GetProperty("alerts").GetArrayLength() == 0) await alice.Page.WaitForTimeoutAsync(50);
        await Expect(his.GetByTestId("tag")).ToHaveTextAsync("–");
        await hers.ClickAsync();
        await his.ClickAsync();
        await Expect(max.At("verdict")).ToHaveAttributeAsync("data-tag", "");
        // By the keyboard; the other person sees it in the list and in the detail, with who said so.
        await alice.Page.Keyboard.PressAsync("n");
        await Expect(his.GetByTestId("tag")).ToHaveTextAsync("noise");
        await Expect(max.At("tag-noise")).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(max.At("alert-panel")).ToContainTextAsync("alice: noise");
        // He thinks otherwise; hers follows, and a second press takes it back.
        await max.At("tag-useful").ClickAsync();
        await Expect(alice.At("verdict")).ToHaveAttributeAsync("data-tag", "useful");
        await Expect(alice.At("alert-panel")).ToContainTextAsync("max: useful");
        await alice.Page.Keyboard.PressAsync("u");
        await Expect(max.At("verdict")).ToHaveAttributeAsync("data-tag", "");
        Assert.Equal(0, await NoiseAsync());
        // The way to another screen says nothing about an alert: the second key of a jump is none of this page.
        var said = new ConcurrentQueue<string>();
        alice.Page.Request += (_, request) =>
        {
            if (request.Method == "POST") said.Enqueue(request.Url);
        };
        await alice.Page.Keyboard.PressAsync("g");
        await alice.Page.Keyboard.PressAsync("u");
        await alice.At("forbidden").WaitForAsync();
        Assert.Empty(said);
        // It is closed and tagged in one go.
        await alice.Page.GotoAsync("/alerts/" + Uri.EscapeDataString(id));
        await alice.LiveAsync();
        await alice.At("resolve").ClickAsync();
        await alice.At("note").FillAsync("The parent company pays tomorrow.");
        await alice.At("tag-noise").ClickAsync();
        await Expect(max.At("verdict")).ToHaveAttributeAsync("data-tag", "");
        await alice.At("resolve-now").ClickAsync();
        await Expect(max.At("alert-panel")).ToContainTextAsync("alice: closed it, noise");
        await Expect(max.At("verdict")).ToHaveAttributeAsync("data-tag", "noise");
        Assert.Equal(1, await NoiseAsync());
        // What it is good for: the share of noise of each rule stands beside.
        await max.Page.GotoAsync("/alerts?tab=noise");
        await Expect(max.Page.Locator("[data-testid=noise-rule][data-id='EW-01']")).ToContainTextAsync("100.0 %");
        // The list tells them apart, and the address keeps which.
        await max.Page.GotoAsync("/alerts?tab=all");
        await max.At("filter-tag").SelectOptionAsync("noise");
        await Expect(max.At("alert")).ToHaveCountAsync(1);
        Assert.Contains("tag=noise", max.Page.Url, StringComparison.Ordinal);
        await max.Page.ReloadAsync();
        await Expect(max.At("alert")).ToHaveAttributeAsync("data-id", id);
        // Who only reads sees what was said, and says nothing.
        await using var vera = await Visit.OpenAsync(browser, house, "vera", "/alerts/" + Uri.EscapeDataString(id), lang: "zh");
        await Expect(vera.At("tag-noise")).ToHaveTextAsync("噪声");
        await Expect(vera.At("tag-useful")).ToHaveAttributeAsync("aria-disabled", "true");
        await vera.Page.Keyboard.PressAsync("u");
        await vera.At("tag-useful").ClickAsync(new LocatorClickOptions { Force = true });
        await Expect(vera.At("verdict")).ToHaveAttributeAsync("data-tag", "noise");
        Assert.Equal(1, await NoiseAsync());
        alice.NoComplaints();
        max.NoComplaints();
        vera.NoComplaints();

        async Task<int> NoiseAsync() => (await house.GetAsync("/alert-tags")).GetProperty("rules").EnumerateArray().Where(r => r.GetProperty("rule").GetString() == "EW-01").Sum(r => r.GetProperty("noise").GetInt32());
    }

    /// <summary>Where no alerts go out the mark of the desk says it.</summary>
    [BrowserFact]
    public async Task Without_channels_the_desk_says_useful_or_noise_all_the_same()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_00);
        await house.InvoiceAsync("ACME", "I1", 1_200_00);
        await using var alice = await Visit.OpenAsync(browser, house, "alice", "/alerts");
        await using var max = await Visit.LiveAsync(browser, house, "max", "/alerts");
        var his = max.Page.Locator("[data-testid=alert][data-indicator='EW-01']");
        await Expect(his.GetByTestId("tag")).ToHaveTextAsync("–");
        await alice.Page.Locator("[data-testid=alert][data-indicator='EW-01']").ClickAsync();
        await alice.At("tag-useful").ClickAsync();
        await Expect(his.GetByTestId("tag")).ToHaveTextAsync("useful");
        Assert.Equal(1, (await house.GetAsync("/alert-tags")).GetProperty("rules").EnumerateArray().Single(r => r.GetProperty("rule").GetString() == "EW-01").GetProperty("useful").GetInt32());
        alice.NoComplaints();
    }

    /// <summary>Twenty are closed as noise at once, one was useful: the page says which threshold would have told them apart, and changes nothing.</summary>
    [BrowserFact]
    public async Task What_was_noise_proposes_a_threshold()
    {
        await using var house = await House.OpenAsync();
        for (var i = 1; i <= 21; i++)
        {
            await house.CustomerAsync($"C{i:00}", 1_000_00);
            await house.InvoiceAsync($"C{i:00}", $"I{i}", i == 21 ? 880_00 : 820_00);
        }

        var ids = (await house.GetAsync("/warnings")).GetProperty("warnings").EnumerateArray().Where(w => w.GetProperty("indicator").GetString() == "EW-01").Select(w => w.GetProperty("id").GetString()!).ToList();
        var noise = ids.Where(id => !id.StartsWith("C21", StringComparison.Ordinal)).ToList();
        Assert.Equal(20, noise.Count);
        await using var alice = await Visit.LiveAsync(browser, house, "alice", "/alerts?tab=all&sel=" + Uri.EscapeDataString(string.Join(',', noise)));
        await alice.At("bulk-resolve").ClickAsync();
        await alice.At("bulk-note").FillAsync("Season begins, as every year.");
        await alice.At("alert-bulk").GetByTestId("tag-noise").ClickAsync();
        await alice.At("bulk-resolve-now").ClickAsync();
        await Expect(alice.At("bulk-results").Locator("li[data-done=true]")).ToHaveCountAsync(20);
        await alice.Page.GotoAsync("/alerts/" + Uri.EscapeDataString(ids.Except(noise).Single()));
        await alice.At("tag-useful").ClickAsync();
        await Expect(alice.At("tag-useful")).ToHaveAttributeAsync("aria-pressed", "true");
        await alice.Page.GotoAsync("/alerts?tab=noise");
        var proposed = alice.At("noise-proposal");
        await Expect(proposed).ToHaveCountAsync(1);
        await Expect(proposed).ToContainTextAsync("= 8800");
        await Expect(proposed).ToContainTextAsync("20 of 20");
        await Expect(proposed).ToContainTextAsync("0 of 1");
        Assert.Equal(1, (await house.GetAsync("/policy")).GetProperty("version").GetInt32());
        alice.NoComplaints();
    }

    [BrowserFact]
    public async Task Without_channels_the_page_says_how_to_have_some()
    {
        await using var house = await House.OpenAsync();
        await using var alice = await Visit.OpenAsync(browser, house, "alice", "/alerts?tab=deliveries");
        await Expect(alice.At("empty")).ToContainTextAsync("--channels");
    }
}
