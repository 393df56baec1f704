using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ExposureMonitor.Console.Tests;

/// <summary>What turns out to have been otherwise, what a rule would do, and what was known then.</summary>
[Collection(InBrowser.Name)]
public sealed class PastAndPolicy(Browser browser)
{
    /// <summary>Check 18.</summary>
    [BrowserFact]
    public async Task A_late_event_takes_an_alert_back_and_no_second_one_appears()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_000_00);
        await house.InvoiceAsync("ACME", "I1", 5_000_00, -20);
        await using var visit = await Visit.LiveAsync(browser, house, "alice", "/alerts?tab=all");
        var row = visit.Page.Locator("[data-testid=alert][data-indicator='EW-05']");
        await Expect(row).ToHaveCountAsync(1);
        await Expect(row).ToHaveAttributeAsync("data-state", "credit.signal.raised.v1");
        var id = await row.GetAttributeAsync("data-id");
        // The money had come ten days ago, and the bank tells of it only now.
        await house.TellAsync("payment.received", "ACME", new { paymentId = "P1", amount = 5_000_00, currency = "EUR", valueOn = House.Day(-10), cleared = true });
        await house.TellAsync("payment.allocated", "ACME", new { allocationId = "A1", fromId = "P1", allocatedOn = House.Day(-10), items = new[] { new { itemId = "I1", amount = 5_000_00 } } });
        await Expect(row).ToHaveAttributeAsync("data-state", "credit.signal.retracted.v1");
        await Expect(row).ToHaveCountAsync(1);
        Assert.Equal(id, await row.GetAttributeAsync("data-id"));
        await row.ClickAsync();
        await Expect(visit.At("retracted")).ToBeVisibleAsync();
        // The text says which event it was, and leads to it.
        await visit.At("retracted").GetByRole(AriaRole.Link).ClickAsync();
        await visit.At("event-page").WaitForAsync();
        await Expect(visit.Page.Locator("pre")).ToContainTextAsync("P1");
        var signals = (await house.GetAsync("/signals?customer=ACME&limit=100")).GetProperty("rows").EnumerateArray().Where(s => s.GetProperty("indicator").GetString() == "EW-05").Select(s => s.GetProperty("state").GetString()).ToList();
        Assert.Equal(["credit.signal.retracted.v1", "credit.signal.raised.v1"], signals);
        visit.NoComplaints();
    }

    /// <summary>Check 19: what was simulated is what happens, and a page of the past shows what was recorded then.</summary>
    [BrowserFact]
    public async Task A_policy_does_what_its_trial_said_and_the_past_stays_as_it_was()
    {
        await using var house = await House.OpenAsync();
        for (var i = 1; i <= 12; i++)
        {
            var id = await house.CustomerAsync($"C{i:00}", 1_000_00, i % 2 == 0 ? "EAST" : "WEST");
            await house.InvoiceAsync(id, $"I{i}", i * 90_00);
        }

        await house.OrderAsync("C11", "O1", 50_00);
        var then = DateTimeOffset.UtcNow;
        await using var petra = await Visit.LiveAsync(browser, house, "petra", "/policy");
        // Out of order: the trial says so, and the proposal is refused.
        // A parameter is found by its name, says what it means and how far it may go, and comes into the draft once.
        await petra.At("find-parameter").FillAsync("graceDays");
        await Expect(petra.At("found-parameter")).ToContainTextAsync("from 0 to 365");
        await petra.At("add-parameter").ClickAsync();
        await petra.At("add-parameter").ClickAsync();
        await Expect(petra.At("draft")).ToHaveValueAsync(new Regex(@"^graceDays = \d+$"));
        await petra.At("draft").FillAsync("signal.01.step2 = 5000");
        await petra.At("try").ClickAsync();
        await Expect(petra.At("objections")).ToContainTextAsync("signal.01.step2");
        await petra.At("propose-policy").ClickAsync();
        await Expect(petra.At("failed").Last).ToHaveAttributeAsync("data-code", "POLICY_OBJECTIONS");
        await petra.At("draft").FillAsync("signal.01.step1 = 3000\nsignal.01.step2 = 5000\nsignal.01.step3 = 8500\nceilingBp = 11000");
        await petra.At("try").ClickAsync();
        await Expect(petra.At("objections")).ToHaveCountAsync(0);
        await petra.At("back-test").WaitForAsync();
        var (before, told) = (await BandsAsync(petra, "trial-before"), await BandsAsync(petra, "trial-after"));
        Assert.Equal(await CountsAsync(house), before);
        Assert.NotEqual(before, told);
        Assert.Equal(12, told.Sum(b => b.Value));
        await Expect(petra.At("would-free")).ToHaveAttributeAsync("data-value", "1");
        await petra.At("propose-policy").ClickAsync();
        var proposed = petra.Page.Locator("[data-testid=proposal-row][data-state=Open]");
        await Expect(proposed).ToHaveCountAsync(1);
        var id19 = await proposed.GetAttributeAsync("data-id");
        await Expect(petra.At("approve-" + id19)).ToHaveAttributeAsync("aria-disabled", "true");
        Assert.Equal(before, await CountsAsync(house));
        // The second person compares, tries, and approves.
        await using var quinn = await Visit.OpenAsync(browser, house, "quinn", "/policy");
        await quinn.At("look-" + id19).ClickAsync();
        await Expect(quinn.At("compared").First.Locator("tbody tr")).ToHaveCountAsync(4);
        await quinn.At("policy-draft").GetByTestId("try").ClickAsync();
        await quinn.At("trial-bands").WaitForAsync();
        Assert.Equal(told, await BandsAsync(quinn, "trial-after"));
        await quinn.LiveAsync();
        await quinn.At("approve-" + id19).ClickAsync();
        await Expect(quinn.At("policy-version")).ToHaveAttributeAsync("data-value", "2");
        await quinn.Page.GotoAsync("/board");
        await quinn.LiveAsync();
        foreach (var (band, count) in told) await Expect(quinn.At("band-" + Names[band])).ToHaveAttributeAsync("data-count", count.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(told, await CountsAsync(house));
        // What was known then, after more has happened.
        await house.InvoiceAsync("C03", "late", 400_00);
        await using var alice = await Visit.OpenAsync(browser, house, "alice", "/customers/C03");
        await Visit.ShowsAsync(alice.At("gross"), 670_00);
        await alice.Page.GotoAsync("/customers/C03?asof=" + then.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        await Expect(alice.At("past")).ToBeVisibleAsync();
        await Visit.ShowsAsync(alice.At("gross"), 270_00);
        await Expect(alice.Page.Locator("main .decision, main button.primary")).ToHaveCountAsync(0);
        quinn.NoComplaints();
        petra.NoComplaints();
    }

    /// <summary>A version that starts later waits in sight, and nothing moves before its time.</summary>
    [BrowserFact]
    public async Task A_policy_starts_at_its_time()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("C1", 1_000_00);
        await house.InvoiceAsync("C1", "I1", 750_00);
        await using var petra = await Visit.OpenAsync(browser, house, "petra", "/policy");
        await petra.At("draft").FillAsync("signal.01.step1 = 3000\nsignal.01.step2 = 5000");
        await petra.At("policy-start").FillAsync(DateTime.UtcNow.AddDays(1).ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture));
        await petra.LiveAsync();
        await petra.At("propose-policy").ClickAsync();
        var row = petra.At("proposal-row").First;
        await row.WaitForAsync();
        var id = await row.GetAttributeAsync("data-id");
        await using var quinn = await Visit.LiveAsync(browser, house, "quinn", "/policy/" + id);
        await quinn.At("approve-" + id).ClickAsync();
        await Expect(quinn.At("policy-waiting")).ToBeVisibleAsync();
        await Expect(quinn.At("policy-version")).ToHaveAttributeAsync("data-value", "1");
        Assert.Equal(1, (await CountsAsync(house))[1]);
    }

    private static readonly string[] Names = ["none", "within", "watch", "critical", "over", "breach"];

    private static async Task<SortedDictionary<int, int>> BandsAsync(Visit visit, string column)
    {
        var rows = await visit.Page.Locator("[data-testid=trial-band]").EvaluateAllAsync<string[]>($"rows => rows.map(r => r.dataset.id + ' ' + r.querySelector('[data-testid={column}]').dataset.value)");
        return new(rows.Select(r => r.Split(' ')).ToDictionary(r => int.Parse(r[0], CultureInfo.InvariantCulture), r => int.Parse(r[1], CultureInfo.InvariantCulture)));
    }

    /// <summary>Customers by band as the API counts them.</summary>
    private static async Task<SortedDictionary<int, int>> CountsAsync(House house)
    {
        var counts = new SortedDictionary<int, int>();
        for (var band = 0; band < Names.Length; band++) counts[band] = (await house.GetAsync("/board?size=1&band=" + Names[band])).GetProperty("total").GetInt32();
        return counts;
    }
}
