using System.Globalization;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ExposureMonitor.Console.Tests;

/// <summary>What the desk looks at besides its queues: who moved, what ends, dead letters that are left, whether the record is whole.</summary>
[Collection(InBrowser.Name)]
public sealed class DeskScreens(Browser browser)
{
    [BrowserFact]
    public async Task Movers_and_concentration_stand_beside_the_board_under_its_filter()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("SMALL", 1_000_00, "EAST");
        await house.CustomerAsync("LARGE", 100_000_00, "EAST");
        await house.CustomerAsync("OTHER", 100_000_00, "WEST");
        await house.InvoiceAsync("SMALL", "I1", 900_00);
        await house.InvoiceAsync("LARGE", "I2", 3_000_00);
        await house.InvoiceAsync("OTHER", "I3", 9_000_00);
        await using var visit = await Visit.LiveAsync(browser, house, "alice", "/board?seg=EAST");
        await visit.At("aside-movers").ClickAsync();
        await Expect(visit.At("mover")).ToHaveCountAsync(2);
        Assert.Equal(["LARGE", "SMALL"], await OrderAsync("mover"));
        await Expect(visit.At("mover").First).ToHaveAttributeAsync("data-value", "300000");
        await Expect(visit.At("mover").First).ToContainTextAsync("▲ +3,000.00");
        // Which figure moved stands in the address, and Back undoes it.
        await visit.At("mover-figure").SelectOptionAsync("utilisation");
        await Expect(visit.At("mover").First).ToHaveAttributeAsync("data-id", "SMALL");
        Assert.Contains("figure=utilisation", visit.Page.Url, StringComparison.Ordinal);
        await visit.Page.GoBackAsync();
        await Expect(visit.At("mover").First).ToHaveAttributeAsync("data-id", "LARGE");
        await visit.At("mover-span").SelectOptionAsync("24h");
        Assert.Contains("span=24h", visit.Page.Url, StringComparison.Ordinal);
        await Expect(visit.At("mover").First).ToHaveAttributeAsync("data-id", "LARGE");
        // The list follows by itself.
        await house.InvoiceAsync("SMALL", "I4", 5_000_00);
        await Expect(visit.At("mover").First).ToHaveAttributeAsync("data-id", "SMALL");
        await visit.At("aside-concentration").ClickAsync();
        await Expect(visit.At("concentration-sum")).ToHaveAttributeAsync("data-value", "890000");
        await Expect(visit.At("top").First).ToHaveAttributeAsync("data-value", "890000");
        await Expect(visit.At("largest").Locator("tbody tr").First).ToContainTextAsync("SMALL");
        await visit.Page.ReloadAsync();
        await Expect(visit.At("aside")).ToHaveAttributeAsync("data-aside", "concentration");
        // A preview takes the place, and gives it back.
        await visit.At("row").First.ClickAsync();
        await visit.At("preview").WaitForAsync();
        await Expect(visit.At("aside")).ToHaveCountAsync(0);
        await visit.Page.Keyboard.PressAsync("Escape");
        await visit.At("aside").WaitForAsync();
        visit.NoComplaints();

        Task<string[]> OrderAsync(string testid) => visit.At(testid).EvaluateAllAsync<string[]>("rows => rows.map(r => r.dataset.id)");
    }

    /// <summary>Who decides about a limit sees what it would mean before he agrees.</summary>
    [BrowserFact]
    public async Task A_request_for_a_limit_says_what_it_would_mean()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_00);
        await house.InvoiceAsync("ACME", "I1", 1_150_00);
        await house.OrderAsync("ACME", "O1", 300_00);
        await house.OrderAsync("ACME", "O2", 9_000_00);
        await using var alice = await Visit.LiveAsync(browser, house, "alice", "/customers/ACME");
        await alice.At("request-limit").ClickAsync();
        await alice.At("limit-amount").FillAsync("2000");
        await alice.At("limit-reason").FillAsync("They pay before the due date.");
        await Expect(alice.At("limit-effect")).ToContainTextAsync("72.5 %");
        await Expect(alice.At("limit-effect").GetByTestId("frees")).ToContainTextAsync("frees 1 held order; 1 stays O1");
        await alice.At("limit-submit").ClickAsync();
        await alice.Page.Locator(".done").WaitForAsync();
        await using var bob = await Visit.LiveAsync(browser, house, "bob", "/limits");
        await Expect(bob.At("effect")).ToHaveTextAsync("115.0 % → 72.5 %");
        await Expect(bob.At("frees")).ToHaveAttributeAsync("data-value", "1");
        await bob.At("limit-request").GetByRole(AriaRole.Button).First.ClickAsync();
        await Expect(bob.At("limit-request")).ToHaveCountAsync(0);
        Assert.Equal("200000", (await house.GetAsync("/customers/ACME")).GetProperty("limit").GetString());
        bob.NoComplaints();
    }

    /// <summary>What happened to a customer stands over his exposure, in the chart and as a table; his signals say how far they are and what made them.</summary>
    [BrowserFact]
    public async Task The_page_of_a_customer_marks_what_happened_and_says_why_a_signal_fires()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_00);
        await house.OrderAsync("ACME", "O1", 300_00);
        await house.InvoiceAsync("ACME", "I1", 850_00);
        await house.OrderAsync("ACME", "O2", 400_00);
        await house.PaymentAsync("ACME", "P1", 100_00);
        await using var alice = await Visit.OpenAsync(browser, house, "alice", "/customers/ACME");
        await alice.At("timeline").WaitForAsync();
        // Of the chart a person sees shapes; what they mean stands below, and the same as a table.
        await Expect(alice.At("timeline")).ToContainTextAsync("▼ order held");
        await alice.At("timeline-figures").ClickAsync();
        foreach (var kind in new[] { "held", "limit", "alert", "payment" }) await alice.Page.Locator($"[data-testid=timeline-row][data-kind={kind}]").First.WaitForAsync();
        await alice.At("tab-signals").ClickAsync();
        var signal = alice.Page.Locator("[data-testid=signal][data-indicator='EW-01']");
        await Expect(signal).ToContainTextAsync("115.0 %");
        await Expect(signal).ToContainTextAsync("110.0 %");
        await signal.GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "I1" }).ClickAsync();
        await Expect(alice.Page.Locator("pre")).ToContainTextAsync("I1");
        await alice.Page.GoBackAsync();
        await signal.GetByRole(AriaRole.Link).First.ClickAsync();
        await Expect(alice.At("alert-panel")).ToContainTextAsync("ACME");
        alice.NoComplaints();
    }

    [BrowserFact]
    public async Task A_row_of_the_board_shows_its_way_and_when_it_changed()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_00);
        await house.CustomerAsync("STILL", 1_000_00);
        await house.InvoiceAsync("ACME", "I1", 100_00);
        await using var visit = await Visit.LiveAsync(browser, house, "alice", "/board?cols=band,customer,exposure,trend,age");
        await Visit.ShowsAsync(visit.Exposure("ACME"), 100_00);
        await house.InvoiceAsync("ACME", "I2", 50_00);
        await Visit.ShowsAsync(visit.Exposure("ACME"), 150_00);
        var row = visit.Page.Locator("tr[data-id='ACME']");
        // The line says in words what it shows.
        await Expect(row.GetByTestId("line")).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("^Exposure from (0|100)\\.00 to 150\\.00 since "));
        await Expect(row.GetByTestId("age")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator("tr[data-id='STILL']").GetByTestId("age")).ToHaveCountAsync(0);
        // A picture is no column of a file.
        await Expect(visit.At("export")).ToHaveAttributeAsync("href", new System.Text.RegularExpressions.Regex("columns=band%2Ccustomer%2Cgross&"));
        visit.NoComplaints();
    }

    [BrowserFact]
    public async Task The_page_of_health_leads_to_the_dashboard_with_its_hour()
    {
        await using var house = await House.OpenAsync();
        await using var visit = await Visit.OpenAsync(browser, house, "alice", "/health");
        await Expect(visit.At("grafana")).ToHaveAttributeAsync("href", House.Grafana + "?from=now-1h&to=now");
        // The inside of the cluster is for administrators: nobody else is told where it can be seen.
        await Expect(visit.At("orleans")).ToHaveCountAsync(0);
        Assert.Equal("", await visit.Page.EvaluateAsync<string>("async () => (await (await fetch('/api/v1/session')).json()).orleans"));
        await using var root = await Visit.OpenAsync(browser, house, "root", "/health");
        await Expect(root.At("orleans")).ToHaveAttributeAsync("href", House.Orleans);
        visit.NoComplaints();
        root.NoComplaints();
    }

    [BrowserFact]
    public async Task What_ends_soon_is_a_tile_and_the_list_that_it_opens()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ENDS", 0);
        await house.TellAsync("limit.set", "ENDS", new { version = 1, currency = "EUR", steps = new[] { new { from = "2020-01-01", to = House.Day(12), kind = "Amount", amount = 500_00 } } });
        await house.CustomerAsync("LATER", 0);
        await house.TellAsync("limit.set", "LATER", new { version = 1, currency = "EUR", steps = new[] { new { from = "2020-01-01", to = House.Day(70), kind = "Amount", amount = 600_00 } } });
        await house.TellAsync("promise.made", "ENDS", new { promiseId = "P1", amount = 70_00, currency = "EUR", promisedOn = House.Day(3) });
        await using var visit = await Visit.LiveAsync(browser, house, "alice");
        var tile = visit.At("tile-ending");
        await Expect(tile.Locator(".tile-figure")).ToHaveAttributeAsync("data-value", "1");
        await Expect(tile).ToContainTextAsync("1 promises");
        await tile.ClickAsync();
        await Expect(visit.At("ending")).ToHaveCountAsync(2);
        await Expect(visit.At("ending").First).ToContainTextAsync("Promise to pay");
        await visit.At("ending-Limit").ClickAsync();
        await Expect(visit.At("ending")).ToHaveCountAsync(1);
        await Expect(visit.At("ending").First).ToContainTextAsync("ENDS");
        await Expect(visit.At("ending").First.Locator("td").Nth(1)).ToHaveTextAsync("12");
        await visit.At("ending-days").SelectOptionAsync("90");
        await Expect(visit.At("ending")).ToHaveCountAsync(2);
        Assert.EndsWith("/limits?tab=ending&kind=Limit&days=90", visit.Page.Url, StringComparison.Ordinal);
        visit.NoComplaints();
    }

    [BrowserFact]
    public async Task Limits_without_a_review_and_above_the_insured_limit_are_views_with_their_count()
    {
        await using var house = await House.OpenAsync();
        foreach (var (customer, limit, owed) in new[] { ("OLD", 500_00, 100_00), ("NEVER", 700_00, 300_00), ("SEEN", 900_00, 800_00) })
        {
            await house.CustomerAsync(customer, limit);
            await house.InvoiceAsync(customer, "I1", owed);
        }

        await house.TellAsync("review.completed", "OLD", new { reviewedOn = "2024-02-29", by = "ann", outcome = "as it was" });
        await house.TellAsync("review.completed", "SEEN", new { reviewedOn = House.Day(-10), by = "ann", outcome = "as it was" });
        await house.TellAsync("cover.granted", "SEEN", new { coverId = "V1", version = 1, kind = "Insurance", provider = "Insurer", amount = 650_00, currency = "EUR", insuredBp = 9_000, from = House.Day(-10), use = "ReducesRisk" });
        await using var visit = await Visit.OpenAsync(browser, house, "alice", "/limits");
        await Expect(visit.At("view-unreviewed")).ToHaveTextAsync("Not reviewed for 12 months (2)");
        await Expect(visit.At("view-underinsured")).ToHaveTextAsync("Insured limit below the credit limit (1)");
        await visit.At("view-unreviewed").ClickAsync();
        await Expect(visit.At("gap")).ToHaveCountAsync(2);
        await Expect(visit.At("gap").First).ToContainTextAsync("NEVER");
        await Expect(visit.At("gap").First.Locator("td").Nth(1)).ToHaveTextAsync("never");
        await Expect(visit.At("gap").Nth(1).Locator("td").Nth(1)).ToHaveTextAsync("29 Feb 2024");
        await visit.At("view-underinsured").ClickAsync();
        await Expect(visit.At("gap")).ToHaveCountAsync(1);
        Assert.EndsWith("/limits?tab=underinsured", visit.Page.Url, StringComparison.Ordinal);
        await Expect(visit.At("gap").Locator("[data-value]").Nth(1)).ToHaveAttributeAsync("data-value", "65000");
        await Expect(visit.At("gap").Locator("[data-value]").Nth(2)).ToHaveAttributeAsync("data-value", "25000");
        // Back undoes one step, and the address is the view, in the other language as well.
        await visit.Page.GoBackAsync();
        await Expect(visit.At("gap")).ToHaveCountAsync(2);
        await visit.Page.GotoAsync("/limits?tab=underinsured&lang=zh");
        await Expect(visit.At("gap")).ToContainTextAsync("SEEN");
        await Expect(visit.At("view-underinsured")).ToHaveTextAsync("保险限额低于信用额度 (1)");
        await Expect(visit.At("view-underinsured")).ToHaveAttributeAsync("aria-current", "page");
        visit.NoComplaints();
    }

    [BrowserFact]
    public async Task A_dead_letter_is_left_for_good_by_two_people_and_then_counts_no_more()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_00);
        var entry = await house.RefusedAsync("invoice.posted", "ACME", new { invoiceId = "I1", amount = "many" });
        await using var alice = await Visit.LiveAsync(browser, house, "alice", "/health/dead-letters");
        await alice.Page.Locator($"[data-testid=dead-letter][data-id='{entry}']").ClickAsync();
        await alice.At("dead-panel").WaitForAsync();
        await alice.At("discard").ClickAsync();
        await Expect(alice.At("discard-reason")).ToBeFocusedAsync();
        // Without a reason nothing goes.
        await Expect(alice.At("discard")).ToHaveAttributeAsync("aria-disabled", "true");
        await alice.At("discard-reason").FillAsync("A test record of the supplier.");
        await alice.At("discard").ClickAsync();
        await alice.At("discard-told").WaitForAsync();
        await Expect(alice.At("dead-panel")).ToContainTextAsync("asked by alice");
        await using var bob = await Visit.LiveAsync(browser, house, "bob", "/limits");
        var proposal = bob.At("proposal-row").Filter(new LocatorFilterOptions { HasText = "Discard of a dead letter" });
        await Expect(proposal).ToContainTextAsync("A test record of the supplier.");
        await proposal.Locator("[data-testid^=approve-]").ClickAsync();
        await Expect(proposal).ToHaveCountAsync(0);
        await alice.Page.GotoAsync("/health/dead-letters");
        await alice.At("empty").Or(alice.Page.Locator(".empty")).First.WaitForAsync();
        await alice.At("tab-settled").ClickAsync();
        await Expect(alice.At("settled")).ToContainTextAsync("discarded · alice, bob");
        await alice.Page.GotoAsync("/health");
        await Expect(alice.At("dead-count")).ToHaveAttributeAsync("data-value", "0");
        alice.NoComplaints();
        bob.NoComplaints();
    }

    [BrowserFact]
    public async Task The_audit_page_says_how_far_the_chain_was_verified()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_00);
        await using var vera = await Visit.OpenAsync(browser, house, "vera", "/audit");
        var chain = vera.At("chain");
        await chain.WaitForAsync();
        var (proved, behind) = (long.Parse((await chain.GetAttributeAsync("data-value"))!, CultureInfo.InvariantCulture), long.Parse((await chain.GetAttributeAsync("data-behind"))!, CultureInfo.InvariantCulture));
        Assert.True(proved >= 0 && behind >= 0 && proved + behind > 0);
        await Expect(chain).ToContainTextAsync("Verified up to frame");
        await chain.Locator("summary").ClickAsync();
        await Expect(vera.At("anchor")).ToContainTextAsync("--anchors");
        // The house and four partitions.
        await Expect(vera.At("chain-parts").Locator("tbody tr")).ToHaveCountAsync(5);
        vera.NoComplaints();
    }

    [BrowserFact]
    public async Task An_alert_rests_until_the_morning_of_a_day_by_the_clock_of_the_desk()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_00);
        await house.InvoiceAsync("ACME", "I1", 1_200_00);
        await using var alice = await Visit.LiveAsync(browser, house, "alice", "/alerts");
        await alice.At("alert").First.ClickAsync();
        var today = DateTime.UtcNow.Date;
        await RestAsync("rest-tomorrow", today.AddDays(1));
        await RestAsync("rest-monday", today.AddDays(((int)DayOfWeek.Monday - (int)today.DayOfWeek + 6) % 7 + 1));
        await alice.Page.Keyboard.PressAsync("s");
        await alice.At("rest-day").FillAsync(today.AddDays(40).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        await Expect(alice.At("rest-set")).ToHaveAttributeAsync("aria-disabled", "true");
        await alice.At("rest-day").FillAsync(today.AddDays(9).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        await alice.At("rest-set").ClickAsync();
        await SaysAsync(today.AddDays(9));
        alice.NoComplaints();

        async Task RestAsync(string button, DateTime day)
        {
            await alice.Page.Keyboard.PressAsync("s");
            await alice.At(button).ClickAsync();
            await SaysAsync(day);
        }

        Task SaysAsync(DateTime day) => Expect(alice.At("alert-panel").Locator(".tag").First).ToContainTextAsync(day.ToString("dd MMM yyyy", CultureInfo.InvariantCulture) + ", 09:00");
    }

    [BrowserFact]
    public async Task Several_alerts_are_taken_at_once_and_what_is_left_out_is_said_before()
    {
        await using var house = await House.OpenAsync();
        foreach (var customer in new[] { "ONE", "TWO", "SIX" })
        {
            await house.CustomerAsync(customer, 1_000_00);
            await house.InvoiceAsync(customer, "I" + customer, 1_200_00);
        }

        await using var max = await Visit.LiveAsync(browser, house, "max", "/alerts?rule=EW-01&customer=SIX");
        await max.At("alert").First.ClickAsync();
        await max.At("take").ClickAsync();
        await Expect(max.At("taken-by")).ToHaveTextAsync("max");
        await using var alice = await Visit.LiveAsync(browser, house, "alice", "/alerts?rule=EW-01");
        await Expect(alice.At("alert")).ToHaveCountAsync(3);
        await Expect(alice.Page.Locator("[data-testid=alert][data-id^=SIX]")).ToContainTextAsync("max");
        // By the keyboard: down to each, and x.
        foreach (var _ in new int[3])
        {
            await alice.Page.Keyboard.PressAsync("j");
            await alice.Page.Keyboard.PressAsync("x");
        }

        await Expect(alice.At("alert-bulk")).ToContainTextAsync("3 selected");
        await Expect(alice.At("bulk-mixed")).ToHaveTextAsync("It is done for 2. 1 stay with max.");
        await alice.At("bulk-take").ClickAsync();
        await Expect(alice.At("bulk-results").Locator("[data-done=true]")).ToHaveCountAsync(2);
        await Expect(alice.Page.Locator("[data-testid=alert][data-id^=ONE]")).ToContainTextAsync("alice");
        await Expect(alice.Page.Locator("[data-testid=alert][data-id^=SIX]")).ToContainTextAsync("max");
        // Without a note nothing is closed.
        await alice.At("bulk-resolve").ClickAsync();
        await Expect(alice.At("bulk-resolve-now")).ToHaveAttributeAsync("aria-disabled", "true");
        await alice.At("bulk-note").FillAsync("Both pay on Friday, says their bank.");
        await alice.At("bulk-resolve-now").ClickAsync();
        await Expect(alice.At("alert")).ToHaveCountAsync(1);
        alice.NoComplaints();
    }

    [BrowserFact]
    public async Task The_browser_tells_of_new_warnings_only_when_somebody_has_switched_it_on()
    {
        await using var house = await House.OpenAsync();
        foreach (var customer in new[] { "OLD", "QUIET", "LOUD" }) await house.CustomerAsync(customer, 1_000_00);
        await house.InvoiceAsync("OLD", "I1", 1_200_00);
        await using var alice = await Visit.LiveAsync(browser, house, "alice", "/settings");
        // The page of the test stands in for the desktop.
        await alice.Page.EvaluateAsync("() => { window.told = []; window.Notification = class { static permission = 'granted'; static requestPermission() { return Promise.resolve('granted'); } constructor(title, more) { window.told.push(title + ' | ' + more.body); } close() {} }; }");
        await house.InvoiceAsync("QUIET", "I2", 1_200_00);
        var firing = (await house.GetAsync("/warnings")).GetProperty("warnings").EnumerateArray().Count(w => w.GetProperty("state").GetString() == "credit.signal.raised.v1");
        await Expect(alice.At("count-alerts")).ToHaveTextAsync(firing.ToString(CultureInfo.InvariantCulture));
        // Elsewhere than on the page of the alerts a tab has their count only; from here on it hears all of them.
        await alice.Page.RunAndWaitForResponseAsync(() => alice.At("notices").SelectOptionAsync("High"), told => told.Url.Contains("/live?subs=alerts%2C", StringComparison.Ordinal));
        await Expect(alice.At("sound")).Not.ToBeCheckedAsync();
        // Nothing of what fired before, and the next one once.
        await house.InvoiceAsync("LOUD", "I3", 1_200_00);
        await alice.Page.WaitForFunctionAsync("() => window.told.length > 0");
        Assert.All(await alice.Page.EvaluateAsync<string[]>("() => window.told"), told => Assert.StartsWith("LOUD Name of LOUD | ", told, StringComparison.Ordinal));
        alice.NoComplaints();
    }

    [BrowserFact]
    public async Task A_Chinese_name_is_found_by_the_first_letters_of_its_pinyin()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("C0304660", 1_000_00, name: "远东贸易有限公司");
        await house.CustomerAsync("C0304661", 1_000_00, name: "华泰钢铁有限公司");
        await using var alice = await Visit.LiveAsync(browser, house, "alice", lang: "zh");
        await alice.Page.Keyboard.PressAsync("/");
        await alice.Page.Keyboard.TypeAsync("ydmy");
        await Expect(alice.At("hit")).ToHaveCountAsync(1);
        await Expect(alice.At("hit").First).ToContainTextAsync("远东贸易有限公司");
        await alice.Page.Keyboard.PressAsync("Enter");
        await Expect(alice.At("customer")).ToHaveAttributeAsync("data-id", "C0304660");
        alice.NoComplaints();
    }
}
