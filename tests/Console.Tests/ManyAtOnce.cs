using System.Text.Json;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ExposureMonitor.Console.Tests;

/// <summary>One word about all that match, also beyond the rows that a page has loaded: the count is said, the service says which they are, and what comes later joins nothing.</summary>
[Collection(InBrowser.Name)]
public sealed class ManyAtOnce(Browser browser)
{
    [BrowserFact]
    public async Task All_held_orders_that_match_are_proposed_in_words_of_two_hundred()
    {
        const int orders = 203;
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 100_00);
        await house.CustomerAsync("LATE", 100_00_00);
        await house.InvoiceAsync("LATE", "I1", 100_00, dueIn: -60);
        await house.OrderAsync("LATE", "OTHER-RULE", 10_00);
        for (var i = 0; i < orders; i++) await house.OrderAsync("ACME", $"O{i:000}", 500_00 + i);
        await using var alice = await Visit.LiveAsync(browser, house, "alice", "/holds");
        await Expect(alice.At("hold")).ToHaveCountAsync(200);
        // Orders that no rule has in common take no common reason: the filter by rule makes them.
        await alice.At("filter-rule").SelectOptionAsync("030");
        await alice.At("select-all").ClickAsync();
        Assert.Contains("rule=030", alice.Page.Url, StringComparison.Ordinal);
        Assert.Contains("sel=all", alice.Page.Url, StringComparison.Ordinal);
        await Expect(alice.At("bulk-count")).ToHaveAttributeAsync("data-value", "200");
        await Expect(alice.At("bulk-first")).ToHaveAttributeAsync("data-value", orders.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await Expect(alice.Page.Locator("tr.selected")).Not.ToHaveCountAsync(0);
        // The address keeps it.
        await alice.Page.ReloadAsync();
        await Expect(alice.At("bulk-count")).ToHaveAttributeAsync("data-value", "200");
        await alice.LiveAsync();
        await ProposeAsync();
        await Expect(alice.At("bulk-results").Locator("[data-status='200']")).ToHaveCountAsync(200);
        // What is left is another word.
        await Expect(alice.At("bulk")).ToHaveCountAsync(0);
        Assert.DoesNotContain("sel=", alice.Page.Url, StringComparison.Ordinal);
        await Expect(alice.At("hold")).ToHaveCountAsync(3);
        await alice.At("select-all").ClickAsync();
        await Expect(alice.At("bulk-count")).ToHaveAttributeAsync("data-value", "3");
        await Expect(alice.At("bulk-first")).ToHaveCountAsync(0);
        // Without one of them it is a list again.
        await alice.At("hold").First.Locator("input").UncheckAsync();
        await Expect(alice.At("bulk-count")).ToHaveAttributeAsync("data-value", "2");
        await ProposeAsync();
        await Expect(alice.At("bulk-results").Locator("[data-status='200']")).ToHaveCountAsync(2);
        Assert.Equal(orders - 1, (await house.GetAsync("/holds/matching?state=confirm")).GetProperty("total").GetInt32());
        Assert.Equal("OnHold", (await house.GetAsync("/customers/LATE/holds/OTHER-RULE")).GetProperty("state").GetString());
        alice.NoComplaints();

        async Task ProposeAsync()
        {
            await alice.At("bulk-code").SelectOptionAsync("KEY_CUSTOMER");
            await alice.At("bulk-text").FillAsync("All of them are well known to us.");
            await alice.At("bulk-submit").ClickAsync();
        }
    }

    /// <summary>The queue ends where its last order is, and an order has its page whichever rows are in sight.</summary>
    [BrowserFact]
    public async Task Every_held_order_is_reached_by_pages_and_by_its_address()
    {
        const int orders = 203;
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 100_00);
        for (var i = 0; i < orders; i++) await house.OrderAsync("ACME", $"O{i:000}", 500_00 + i);
        await using var alice = await Visit.LiveAsync(browser, house, "alice", "/holds");
        await Expect(alice.At("hold")).ToHaveCountAsync(200);
        await Expect(alice.At("count-holds")).ToHaveTextAsync("203");
        await alice.At("next-page").ClickAsync();
        await Expect(alice.At("hold")).ToHaveCountAsync(3);
        // The smallest come last.
        Assert.Equal(["O002", "O001", "O000"], await alice.At("hold").EvaluateAllAsync<string[]>("rows => rows.map(r => r.dataset.order)"));
        await Expect(alice.At("page")).ToHaveTextAsync("Page 2 of 2");
        Assert.Contains("page=2", alice.Page.Url, StringComparison.Ordinal);
        // A link to an order of the last page opens it beside the first one, ready to be decided.
        await alice.Page.GotoAsync("/holds/ACME/O000");
        await Expect(alice.At("hold")).ToHaveCountAsync(200);
        await Visit.ShowsAsync(alice.At("hold-amount"), 500_00);
        await Expect(alice.At("propose")).Not.ToHaveAttributeAsync("aria-disabled", "true");
        await Expect(alice.At("no-hold")).ToHaveCountAsync(0);
        // One that ships before all others pushes the last row of the page to the next one: it is as held as before, and nobody strikes it out.
        await alice.Page.GotoAsync("/holds");
        await Expect(alice.At("hold")).ToHaveCountAsync(200);
        await house.TellAsync("order.placed", "ACME", new { orderId = "SOON", amount = 500_00, currency = "EUR", orderedOn = House.Today, shipOn = House.Day(1) });
        await Expect(alice.At("news")).ToBeVisibleAsync();
        await alice.At("news").ClickAsync();
        await Expect(alice.At("hold").First).ToHaveAttributeAsync("data-order", "SOON");
        await Expect(alice.Page.Locator("tr.struck")).ToHaveCountAsync(0);
        alice.NoComplaints();
    }

    [BrowserFact]
    public async Task All_alerts_that_match_are_those_of_the_moment_in_which_somebody_said_so()
    {
        await using var house = await House.OpenAsync();
        foreach (var i in new[] { 1, 2, 3 })
        {
            await house.CustomerAsync("C" + i, 100_00);
            await house.InvoiceAsync("C" + i, "I1", 130_00);
        }

        await using var visit = await Visit.LiveAsync(browser, house, "alice", "/alerts?rule=EW-01");
        await Expect(visit.At("alert")).ToHaveCountAsync(3);
        await visit.At("select-all").ClickAsync();
        await Expect(visit.At("alert-bulk")).ToContainTextAsync("3 selected");
        await house.CustomerAsync("C4", 100_00);
        await house.InvoiceAsync("C4", "I1", 130_00);
        await Expect(visit.At("alert")).ToHaveCountAsync(4);
        await Expect(visit.At("alert-bulk")).ToContainTextAsync("3 selected");
        await visit.At("bulk-take").ClickAsync();
        await Expect(visit.At("bulk-results").Locator("[data-done='true']")).ToHaveCountAsync(3);
        Assert.Equal(["C4"], await visit.At("alert").EvaluateAllAsync<string[]>("rows => rows.filter(r => !r.innerText.includes('alice')).map(r => /C[0-9]/.exec(r.innerText)[0])"));
        visit.NoComplaints();
    }

    /// <summary>Every list leaves as it is shown, under the rights of whoever asks.</summary>
    [BrowserFact]
    public async Task Each_list_has_a_file_with_the_filter_of_the_page()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 100_00, name: "=cmd|'/c calc'!A1");
        await house.OrderAsync("ACME", "O1", 500_00);
        await house.InvoiceAsync("ACME", "I1", 130_00);
        await using var alice = await Visit.OpenAsync(browser, house, "alice", "/holds?rule=030", lang: "zh");
        await Expect(alice.At("hold")).ToHaveCountAsync(1);
        foreach (var (path, name, head) in new[]
        {
            ("/holds?rule=030", "holds_", "订单,客户,名称,"), ("/holds?tab=decided", "decided-holds_", "时间,订单,"), ("/alerts?rule=EW-01", "warnings_", "严重程度,预警信号,"), ("/limits", "limit-changes_", "时间,客户,步骤,"),
            ("/limits?tab=ending&days=60", "endings_", "最后一天,"), ("/limits?tab=unreviewed", "limit-gaps_", "客户,名称,最近复审,"), ("/health/dead-letters?tab=settled", "dead-letters_", "原因,说明,"),
        })
        {
            await alice.Page.GotoAsync(path);
            var download = await alice.Page.RunAndWaitForDownloadAsync(() => alice.At("export").ClickAsync());
            Assert.StartsWith(name, download.SuggestedFilename, StringComparison.Ordinal);
            using var reader = new StreamReader(await download.CreateReadStreamAsync());
            var lines = (await reader.ReadToEndAsync()).TrimStart('\uFEFF').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
            Assert.StartsWith(head, lines[0], StringComparison.Ordinal);
            if (name is "holds_" or "warnings_") Assert.Contains(",'=cmd|'/c calc'!A1,", Assert.Single(lines.Skip(1)), StringComparison.Ordinal);
        }

        alice.NoComplaints();
    }

    /// <summary>What a colleague links to: one request, what it would mean, and what became of it.</summary>
    [BrowserFact]
    public async Task A_limit_request_has_an_address_of_its_own()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 100_00);
        await house.InvoiceAsync("ACME", "I1", 50_00);
        await house.OrderAsync("ACME", "O1", 100_00);
        await using var alice = await Visit.LiveAsync(browser, house, "alice", "/customers/ACME");
        await alice.At("request-limit").ClickAsync();
        await alice.At("limit-amount").FillAsync("200");
        await alice.At("limit-reason").FillAsync("They have grown and pay on time.");
        await alice.At("limit-submit").ClickAsync();
        await Expect(alice.Page.GetByText("Asked; another person decides.")).ToBeVisibleAsync();
        await alice.Page.GotoAsync("/limits");
        await alice.At("request-link").ClickAsync();
        await Expect(alice.At("limit-request")).ToHaveCountAsync(1);
        Assert.Matches("/limits/requests/lr-[0-9-]+$", alice.Page.Url);
        await Expect(alice.At("effect")).ToHaveTextAsync("50.0 % → 75.0 %");
        await Expect(alice.At("frees")).ToHaveAttributeAsync("data-value", "1");
        await using var bob = await Visit.LiveAsync(browser, house, "bob", new Uri(alice.Page.Url).PathAndQuery);
        await bob.At("limit-request").Locator("[data-testid^='approve-']").ClickAsync();
        // It is decided: the same address says what became of it.
        await Expect(bob.At("limit-request")).ToHaveCountAsync(0);
        await Expect(bob.At("limit-changes")).ToContainTextAsync("alice → bob");
        await bob.Page.GotoAsync("/limits/requests/lr-9-9-9");
        await Expect(bob.At("missing")).ToBeVisibleAsync();
        alice.NoComplaints();
    }
}
