using System.Text.Json;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ExposureMonitor.Console.Tests;

/// <summary>What somebody at the desk wants to know before he decides: who turns bad, which limit counts, every step of the check, what was paid, where a number belongs.</summary>
[Collection(InBrowser.Name)]
public sealed class DeskWork(Browser browser)
{
    /// <summary>The view that ships: critical, and higher than this morning. A service that was started again takes its own start for the morning.</summary>
    [BrowserFact]
    public async Task Turning_bad_is_who_is_critical_and_has_risen()
    {
        await using var house = await House.OpenAsync();
        foreach (var (customer, owed) in new[] { ("STILL", 95_00), ("RISES", 91_00), ("LOW", 10_00), ("FALLS", 98_00) })
        {
            await house.CustomerAsync(customer, 100_00);
            await house.InvoiceAsync(customer, "I1", owed);
        }

        await house.StopAsync();
        await house.StartAsync();
        while ((await house.GetAsync("/board/movers")).GetProperty("since").ValueKind == JsonValueKind.Null) await Task.Yield();
        await house.InvoiceAsync("RISES", "I2", 3_00);
        await house.InvoiceAsync("LOW", "I2", 20_00);
        await house.PaymentAsync("FALLS", "P1", 4_00);
        await using var visit = await Visit.OpenAsync(browser, house, "alice", "/views");
        await visit.At("shipped-view").Nth(1).ClickAsync();
        await Expect(visit.At("row")).ToHaveCountAsync(1);
        await Expect(visit.At("row")).ToHaveAttributeAsync("data-id", "RISES");
        Assert.EndsWith("/board?band=critical&rising=1", visit.Page.Url, StringComparison.Ordinal);
        await visit.At("filter-rising").UncheckAsync();
        await Expect(visit.At("row")).ToHaveCountAsync(3);
        visit.NoComplaints();
    }

    [BrowserFact]
    public async Task The_limit_in_force_stands_beside_the_permanent_one_and_cover_leads_down_to_the_net_risk()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_00);
        await house.CustomerAsync("PLAIN", 1_000_00);
        await house.TellAsync("temporary-limit.granted", "ACME", new { temporaryId = "T1", amount = 1_500_00, currency = "EUR", from = DateTimeOffset.UtcNow.AddHours(-1), to = DateTimeOffset.UtcNow.AddDays(5), once = false, reason = "season", approvedBy = new[] { "bob" } });
        await house.TellAsync("cover.granted", "ACME", new { coverId = "V1", version = 1, kind = "Insurance", provider = "Insurer", amount = 500_00, currency = "EUR", insuredBp = 9_000, from = House.Day(-10), use = "ReducesRisk" });
        await house.InvoiceAsync("ACME", "RE-1", 800_00);
        await house.TellAsync("promise.made", "ACME", new { promiseId = "P1", amount = 800_00, currency = "EUR", promisedOn = House.Day(3), items = new[] { "RE-1" } });
        await using var visit = await Visit.LiveAsync(browser, house, "alice", "/customers/ACME");
        await Visit.ShowsAsync(visit.At("limit-now"), 1_500_00);
        await Visit.ShowsAsync(visit.At("permanent"), 1_000_00);
        await Visit.ShowsAsync(visit.At("beside-cover"), 450_00);
        await Visit.ShowsAsync(visit.At("beside-net"), 350_00);
        await Expect(visit.At("as-of")).ToBeVisibleAsync();
        // Where the bands begin is marked beside the limit.
        Assert.Equal(["8000", "9000", "11000"], await visit.Page.Locator("dl.facts [data-at]").EvaluateAllAsync<string[]>("marks => marks.map(m => m.dataset.at)"));
        await visit.At("tab-items").ClickAsync();
        await Expect(visit.At("promise")).ToHaveAttributeAsync("data-state", "Open");
        await visit.Page.GotoAsync("/customers/PLAIN");
        await Visit.ShowsAsync(visit.At("limit-now"), 1_000_00);
        await Expect(visit.At("permanent")).ToHaveCountAsync(0);
        visit.NoComplaints();
    }

    [BrowserFact]
    public async Task The_queue_is_by_ship_date_amount_and_age_and_a_range_is_selected_by_the_keyboard()
    {
        await using var house = await House.OpenAsync();
        foreach (var (order, ships, amount) in new[] { ("O1", 9, 500_00), ("O2", 2, 300_00), ("O3", 2, 900_00), ("O4", 5, 20_000_00) })
        {
            await house.CustomerAsync("C" + order, 100_00);
            await house.TellAsync("order.placed", "C" + order, new { orderId = order, amount, currency = "EUR", orderedOn = House.Today, shipOn = House.Day(ships) });
        }

        await using var alice = await Visit.LiveAsync(browser, house, "alice", "/holds");
        await Expect(alice.At("hold")).ToHaveCountAsync(4);
        Assert.Equal(["O3", "O2", "O4", "O1"], await alice.At("hold").EvaluateAllAsync<string[]>("rows => rows.map(r => r.dataset.order)"));
        foreach (var key in new[] { "j", "x", "j", "j", "Shift+X" }) await alice.Page.Keyboard.PressAsync(key);
        await Expect(alice.At("bulk")).ToContainTextAsync("3 orders");
        Assert.Equal(["O3", "O2", "O4"], await alice.Page.Locator("tr.selected").EvaluateAllAsync<string[]>("rows => rows.map(r => r.dataset.order)"));
        await alice.At("bulk-code").SelectOptionAsync("SMALL_AMOUNT");
        await alice.At("bulk-text").FillAsync("All of them are well known to us.");
        await alice.At("bulk-submit").ClickAsync();
        await Expect(alice.At("bulk-results").Locator("[data-status='200']")).ToHaveCountAsync(3);
        // Bob decides up to 10,000.00: what he will be refused is said before, with the reason.
        await using var bob = await Visit.LiveAsync(browser, house, "bob", "/holds?tab=confirm");
        await Expect(bob.At("hold")).ToHaveCountAsync(3);
        foreach (var key in new[] { "j", "x", "j", "j", "Shift+X" }) await bob.Page.Keyboard.PressAsync(key);
        await Expect(bob.At("bulk-refused")).ToHaveAttributeAsync("data-value", "1");
        await Expect(bob.At("left").First).ToContainTextAsync(" left");
        await bob.At("bulk-figures").ClickAsync();
        await Expect(bob.At("bulk")).ToContainTextAsync("authority");
        alice.NoComplaints();
        bob.NoComplaints();
    }

    [BrowserFact]
    public async Task A_range_of_customers_is_selected_on_the_board()
    {
        await using var house = await House.OpenAsync();
        foreach (var i in new[] { 1, 2, 3, 4 })
        {
            await house.CustomerAsync("C" + i, 100_00);
            await house.InvoiceAsync("C" + i, "I1", 90_00 - i);
        }

        await using var visit = await Visit.LiveAsync(browser, house, "alice");
        await Expect(visit.At("row")).ToHaveCountAsync(4);
        foreach (var key in new[] { "j", "j", "x", "j", "j", "Shift+X" }) await visit.Page.Keyboard.PressAsync(key);
        await Expect(visit.At("selection")).ToContainTextAsync("3 selected");
        Assert.EndsWith("sel=C2,C3,C4", visit.Page.Url, StringComparison.Ordinal);
        visit.NoComplaints();
    }

    [BrowserFact]
    public async Task A_range_of_alerts_is_selected_and_taken_at_once()
    {
        await using var house = await House.OpenAsync();
        foreach (var i in new[] { 1, 2, 3, 4, 5 })
        {
            await house.CustomerAsync("C" + i, 100_00);
            await house.InvoiceAsync("C" + i, "I1", 130_00);
        }

        await using var visit = await Visit.LiveAsync(browser, house, "alice", "/alerts?rule=EW-01");
        await Expect(visit.At("alert")).ToHaveCountAsync(5);
        var shown = await visit.At("alert").EvaluateAllAsync<string[]>("rows => rows.map(r => r.dataset.id)");
        // From the last one that was picked, in the order that is shown, whichever way; what was picked before stays.
        foreach (var key in new[] { "j", "j", "j", "j", "x", "k", "k", "Shift+X" }) await visit.Page.Keyboard.PressAsync(key);
        await Expect(visit.At("alert-bulk")).ToContainTextAsync("3 selected");
        Assert.Equal(shown[1..4], await SelectedAsync());
        Assert.Equal(shown[1..4].Order(StringComparer.Ordinal), Uri.UnescapeDataString(visit.Page.Url.Split("sel=")[1].Split('&')[0]).Split(',').Order(StringComparer.Ordinal));
        // The address keeps it.
        await visit.Page.ReloadAsync();
        await Expect(visit.At("alert-bulk")).ToContainTextAsync("3 selected");
        await visit.LiveAsync();
        await visit.At("bulk-take").ClickAsync();
        await Expect(visit.At("bulk-results").Locator("[data-done='true']")).ToHaveCountAsync(3);
        var marks = await visit.At("alert").EvaluateAllAsync<string[]>("rows => rows.filter(r => r.innerText.includes('alice')).map(r => r.dataset.id)");
        Assert.Equal(shown[1..4], marks);
        visit.NoComplaints();

        Task<string[]> SelectedAsync() => visit.At("alert").EvaluateAllAsync<string[]>("rows => rows.filter(r => r.querySelector('input').checked).map(r => r.dataset.id)");
    }

    /// <summary>A value says which way it went since it was raised the time before, in the list, beside it and on the customer's page.</summary>
    [BrowserFact]
    public async Task A_signal_that_grows_worse_says_from_where()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 100_00);
        await house.InvoiceAsync("ACME", "I1", 85_00);
        await using var visit = await Visit.LiveAsync(browser, house, "alice", "/alerts?rule=EW-01");
        await Expect(visit.At("alert")).ToHaveCountAsync(1);
        await Expect(visit.At("signal-trend")).ToHaveCountAsync(0);
        await house.InvoiceAsync("ACME", "I2", 40_00);
        await Expect(visit.At("signal-trend")).ToHaveTextAsync("▲ from 85.0 %");
        await Expect(visit.At("signal-trend")).ToHaveAttributeAsync("data-value", "4000");
        await visit.At("alert").First.ClickAsync();
        await Expect(visit.At("alert-panel").GetByTestId("signal-trend")).ToHaveTextAsync("▲ from 85.0 %");
        await Expect(visit.At("first-seen")).ToHaveAttributeAsync("data-value", "2");
        await visit.Page.GotoAsync("/customers/ACME?tab=signals");
        await Expect(visit.Page.Locator("[data-testid=signal][data-indicator='EW-01']").GetByTestId("signal-trend")).ToHaveTextAsync("▲ from 85.0 %");
        visit.NoComplaints();
    }

    [BrowserFact]
    public async Task A_held_order_shows_every_step_and_what_was_paid_and_a_number_leads_to_its_document()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_00);
        await house.InvoiceAsync("ACME", "RE-2026-7", 900_00);
        await house.PaymentAsync("ACME", "PAY-1", 100_00);
        await house.OrderAsync("ACME", "O1", 500_00);
        await using var visit = await Visit.LiveAsync(browser, house, "alice", "/holds/ACME/O1");
        await visit.At("all-steps").Locator("summary").ClickAsync();
        await Expect(visit.At("all-steps").Locator("[data-rule='030']")).ToHaveAttributeAsync("data-state", "Failed");
        await Expect(visit.At("all-steps").Locator("[data-rule='010']")).ToContainTextAsync("skipped, switched off by the policy");
        await Expect(visit.At("all-steps").Locator("[data-rule='110']")).ToContainTextAsync("passed");
        await visit.At("payments").Locator("summary").ClickAsync();
        await Expect(visit.At("payments").Locator("li")).ToHaveCountAsync(1);
        await Visit.ShowsAsync(visit.At("payments").GetByTestId("paid"), 100_00);
        await visit.At("search").FillAsync("RE-2026-7");
        await Expect(visit.At("hit")).ToContainTextAsync("Invoice · ACME");
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.At("event")).ToHaveCountAsync(1);
        Assert.EndsWith("/customers/ACME?tab=events&document=RE-2026-7", visit.Page.Url, StringComparison.Ordinal);
        // The event says what it moved.
        await visit.At("event-link").ClickAsync();
        await visit.At("moved").Locator("summary").ClickAsync();
        await Expect(visit.At("moved-row")).ToHaveCountAsync(2);
        await Expect(visit.At("moved-row").First).ToContainTextAsync("Receivables");
        await Visit.ShowsAsync(visit.At("moved-by").First, 900_00);
        visit.NoComplaints();
    }

    [BrowserFact]
    public async Task Health_tells_how_a_list_of_the_erp_is_given_and_then_which_customers_differ()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_00, name: "Acme Metals");
        await house.TellAsync("invoice.posted", "ACME", new { invoiceId = "I1", amount = 300_00, currency = "EUR", issuedOn = House.Today, dueOn = House.Day(30), company = "DE01" });
        await using var visit = await Visit.OpenAsync(browser, house, "root", "/health");
        await Expect(visit.At("reconciliation")).ToHaveAttributeAsync("data-state", "None");
        await Expect(visit.At("reconciliation")).ToContainTextAsync("PUT /api/v1/reconciliation");
        Assert.Equal(202, await visit.Page.EvaluateAsync<int>("""
            async () => {
              const me = await (await fetch('/api/v1/session')).json();
              const body = 'customer,company,currency,amount\nACME,DE01,EUR,250.00\nGONE,FR02,EUR,1\n';
              return (await fetch('/api/v1/reconciliation', { method: 'PUT', headers: { 'X-Csrf-Token': me.csrf, 'Content-Type': 'text/csv' }, body })).status;
            }
            """));
        await Expect(visit.At("company")).ToHaveCountAsync(2);
        await Expect(visit.At("differs")).ToHaveCountAsync(2);
        await Expect(visit.At("differs").First.Locator("[data-value='5000']")).ToBeVisibleAsync();
        await Expect(visit.At("differs").First).ToContainTextAsync("Acme Metals");
        await Expect(visit.At("differs").Last).ToContainTextAsync("only in the ERP");
        await using var chinese = await Visit.OpenAsync(browser, house, "alice", "/health?lang=zh");
        await Expect(chinese.At("differs").First).ToBeVisibleAsync();
        foreach (var word in (string[])["对账", "公司主体", "差异"]) await Expect(chinese.Page.Locator("main")).ToContainTextAsync(word);
        await visit.At("differs").First.Locator("a").ClickAsync();
        await Expect(visit.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/customers/ACME$"));
        visit.NoComplaints();
        chinese.NoComplaints();
    }

    [BrowserFact]
    public async Task Health_tells_each_partition_and_the_address_keeps_that_it_does()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_00);
        await using var visit = await Visit.OpenAsync(browser, house, "root", "/health");
        await visit.At("partitions").Locator("summary").ClickAsync();
        await Expect(visit.At("partition")).ToHaveCountAsync(5);
        await Expect(visit.At("partition").First).ToContainTextAsync("this process");
        await Expect(visit.At("commit-times")).ToContainTextAsync("(99 %)");
        Assert.EndsWith("/health?parts=1", visit.Page.Url, StringComparison.Ordinal);
        await visit.Page.ReloadAsync();
        await Expect(visit.At("partition")).ToHaveCountAsync(5);
        // What came of each source, and what became of it.
        await house.TellAsync("customer.opened", "OTHER", new { currency = "EUR" });
        await house.RefusedAsync("invoice.posted", "ACME", new { invoiceId = "I1", amount = "x" });
        await Expect(visit.Page.Locator("[data-testid=source][data-id=http]").GetByTestId("source-undecodable")).ToHaveAttributeAsync("data-value", "1");
        // The first line is the answer: what is at fault, down to the topic.
        await Expect(visit.At("culprit")).ToHaveCountAsync(0);
        await visit.Page.RouteAsync("**/health", route => route.Request.ResourceType == "document" ? route.ContinueAsync() : route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "application/json",
            Body = """{"health":"waiting","engine":{"health":"running"},"services":[{"name":"outbox","health":"running","parts":[]},{"name":"feed kafka","health":"waiting","reason":"","parts":[{"name":"credit.orders","health":"waiting","reason":"stale since 10:02"}]}]}""",
        }));
        await Expect(visit.At("culprit")).ToHaveTextAsync("feed kafka · credit.orders: stale since 10:02");
        // A partition that is read back says how far that has come.
        await Expect(visit.At("recovery")).ToHaveCountAsync(0);
        await visit.Page.RouteAsync("**/api/v1/partitions", route => route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "application/json",
            Body = """{"queued":0,"commitP50Micros":null,"commitP99Micros":null,"partitions":[{"partition":0,"isHere":true,"serves":false,"why":"The partition is starting.","epoch":3,"head":900,"shown":null,"recovery":{"accounts":1200,"accountsAll":5000,"frames":0,"framesAll":40}}]}""",
        }));
        await Expect(visit.At("recovery")).ToHaveTextAsync("1,200 of 5,000 customers, 0 of 40 frames");
        visit.NoComplaints();
    }

    /// <summary>What was overdue when an order was held stands in no record of the hold: the journal has it, for whoever asks.</summary>
    [BrowserFact]
    public async Task What_was_overdue_at_the_check_stands_beside_what_is_overdue_now()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_00);
        await house.InvoiceAsync("ACME", "I1", 100_00, dueIn: -60);
        await house.OrderAsync("ACME", "O1", 5_000_00);
        await house.InvoiceAsync("ACME", "I2", 70_00, dueIn: -40);
        await using var visit = await Visit.LiveAsync(browser, house, "alice", "/holds/ACME/O1");
        await visit.At("ask-then").ClickAsync();
        await Visit.ShowsAsync(visit.At("then-overdue"), 100_00);
        await Expect(visit.At("compare")).ToContainTextAsync("170.00");
        visit.NoComplaints();
    }

    [BrowserFact]
    public async Task The_limits_say_who_decides_about_what()
    {
        await using var house = await House.OpenAsync();
        await using var bob = await Visit.OpenAsync(browser, house, "bob", "/limits");
        await bob.At("matrix").Locator("summary").ClickAsync();
        await Expect(bob.At("matrix")).ToContainTextAsync("at most 3 times the present one");
        await Expect(bob.At("matrix")).ToContainTextAsync("Your own authority: EUR 10,000.00");
        await Expect(bob.Page.Locator("[data-testid=deciders][data-id=Policy]")).ToContainTextAsync("Policy approver");
        await Expect(bob.Page.Locator("[data-testid=deciders][data-id=Key]")).ToContainTextAsync("Approver, Administrator");
        bob.NoComplaints();
    }

    /// <summary>The service answers, and says that it can decide nothing now: that is no broken line.</summary>
    [BrowserFact]
    public async Task A_journal_out_of_reach_is_said_and_decisions_wait()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 100_00);
        await house.OrderAsync("ACME", "O1", 500_00);
        await using var visit = await Visit.LiveAsync(browser, house, "alice", "/holds/ACME/O1");
        await Expect(visit.At("propose")).ToHaveAttributeAsync("aria-disabled", "false");
        await visit.Page.RouteAsync("**/api/v1/live?*", route => route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/event-stream", Body = "event: notice\ndata: {\"kind\":\"partition\"}\n\n" }));
        await visit.Page.EvaluateAsync("() => dispatchEvent(new Event('online'))");
        await Expect(visit.At("banner")).ToContainTextAsync("Holds stay, nothing is lost.");
        await Expect(visit.At("propose")).ToHaveAttributeAsync("aria-disabled", "true");
        await Expect(visit.At("hold")).ToHaveCountAsync(1);
        await visit.Page.UnrouteAsync("**/api/v1/live?*");
        await visit.LiveAsync();
        await Expect(visit.At("banner")).ToHaveCountAsync(0);
        await Expect(visit.At("propose")).ToHaveAttributeAsync("aria-disabled", "false");
    }

    /// <summary>While a partition is read back, rows of its customers are hatched, and totals say that they are no less than that.</summary>
    [BrowserFact]
    public async Task Totals_of_a_part_of_the_book_say_that_they_are_at_least_that()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 100_00);
        await house.InvoiceAsync("ACME", "I1", 50_00);
        var partition = (await house.GetAsync("/board")).GetProperty("rows")[0].GetProperty("p").GetInt32();
        await using var visit = await Visit.LiveAsync(browser, house, "alice");
        await Expect(visit.Page.Locator(".tile-figure").First).ToHaveTextAsync("EUR 50");
        await visit.Page.RouteAsync("**/api/v1/live?*", route => route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/event-stream", Body = "event: beat\ndata: {\"lagMs\":0,\"seq\":1,\"notServing\":[" + partition.ToString(System.Globalization.CultureInfo.InvariantCulture) + "],\"notCurrentBp\":310}\n\n" }));
        await visit.Page.EvaluateAsync("() => dispatchEvent(new Event('online'))");
        await Expect(visit.Page.Locator(".tile-figure").First).ToHaveTextAsync("≥ EUR 50");
        await Expect(visit.At("total")).ToContainTextAsync("≥ 1");
        await Expect(visit.At("row")).ToHaveClassAsync(new System.Text.RegularExpressions.Regex("hatched"));
        await visit.Page.UnrouteAsync("**/api/v1/live?*");
        await visit.LiveAsync();
        await Expect(visit.Page.Locator(".tile-figure").First).ToHaveTextAsync("EUR 50");
        await Expect(visit.At("row")).Not.ToHaveClassAsync(new System.Text.RegularExpressions.Regex("hatched"));
    }
}
