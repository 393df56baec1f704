using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;
using Xunit;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace ExposureMonitor.Console.Tests;

/// <summary>The board in a real browser: live, honest, and still under the pointer.</summary>
[Collection(InBrowser.Name)]
public sealed class Boards(Browser browser, ITestOutputHelper log)
{
    /// <summary>Check 2, in its short form.</summary>
    [BrowserFact]
    public async Task An_event_is_painted_soon_after_it_was_posted()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_000_00);
        await using var board = await Visit.OpenAsync(browser, house, "alice");
        await using var page = await Visit.OpenAsync(browser, house, "alice", "/customers/ACME");
        await board.LiveAsync();
        await Visit.ShowsAsync(board.Exposure("ACME"), 0);
        await Visit.ShowsAsync(page.At("gross"), 0);
        var (onBoard, onPage) = (new List<double>(), new List<double>());
        for (var i = 1; i <= 20; i++)
        {
            // The wait is armed before the event is posted, in both pages at once.
            var painted = new[] { Painted(board, "tr[data-id='ACME'] [data-testid=exposure]", i * 100), Painted(page, "[data-testid=gross]", i * 100) };
            var begun = Stopwatch.GetTimestamp();
            await house.InvoiceAsync("ACME", "I" + i, 100);
            onPage.Add((await painted[1] - begun) / (double)Stopwatch.Frequency * 1_000);
            onBoard.Add((await painted[0] - begun) / (double)Stopwatch.Frequency * 1_000);
        }

        log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| event posted to row painted, board, 20 times | p50 {Median(onBoard):0} ms, max {onBoard.Max():0} ms | 400 ms, 1,500 ms; 188 to 193 ms, 236 ms |"));
        log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| event posted to figure painted, customer | p50 {Median(onPage):0} ms, max {onPage.Max():0} ms | 200 ms; 44 to 54 ms, 156 ms |"));
        // The bounds of the specification; on a machine that others use as well they hold with room.
        Assert.True(Median(onBoard) < 400 && onBoard.Max() < 1_500, $"board p50 {Median(onBoard):0} ms, max {onBoard.Max():0} ms");
        Assert.True(Median(onPage) < 200, $"customer page p50 {Median(onPage):0} ms");
        board.NoComplaints();
        page.NoComplaints();
    }

    /// <summary>Check 3: tile = list = API = sum of a walk; a bar = the sum of its items.</summary>
    [BrowserFact]
    public async Task Figures_agree_wherever_they_stand()
    {
        await using var house = await House.OpenAsync();
        for (var i = 1; i <= 20; i++)
        {
            var id = await house.CustomerAsync($"C{i:00}", 10_000_00 + i * 7);
            await house.InvoiceAsync(id, $"I{i}a", 4_000_00 + i * 13);
            await house.InvoiceAsync(id, $"I{i}b", i * 500_03, -5);
            await house.OrderAsync(id, $"O{i}", 100_01 + i);
            if (i % 4 == 0) await house.PaymentAsync(id, $"P{i}", 37_77 + i);
        }

        await using var visit = await Visit.LiveAsync(browser, house, "alice");
        await Expect(visit.At("total")).ToHaveAttributeAsync("data-value", "20");
        foreach (var tile in new[] { "gross", "over", "overdue30", "held", "unapplied" })
        {
            await visit.Page.GotoAsync("/board");
            var figure = visit.At("tile-" + tile).Locator(".tile-figure[data-count]");
            await figure.WaitForAsync();
            var (told, customers) = (await visit.ValueAsync(figure), int.Parse((await figure.GetAttributeAsync("data-count"))!, CultureInfo.InvariantCulture));
            await visit.At("tile-" + tile).ClickAsync();
            await Expect(visit.At("total")).ToHaveAttributeAsync("data-value", customers.ToString(CultureInfo.InvariantCulture));
            await Expect(visit.At("row")).ToHaveCountAsync(customers);
            var query = tile switch { "over" => "band=over,breach", "overdue30" => "overdueDays=30", "held" => "held=true", "unapplied" => "unapplied=true", _ => "sort=gross" };
            var list = await house.GetAsync("/board?size=500&" + query);
            Assert.Equal(customers, list.GetProperty("total").GetInt32());
            if (customers == 0) continue;
            var name = tile is "over" ? "over" : tile;
            Assert.Equal(told, long.Parse(list.GetProperty("sums")[0].GetProperty(name).GetString()!, CultureInfo.InvariantCulture));
            var rows = list.GetProperty("rows").EnumerateArray().ToList();
            if (tile == "gross") Assert.Equal(told, rows.Sum(r => long.Parse(r.GetProperty("e").GetString()!, CultureInfo.InvariantCulture)));
            if (tile == "over") Assert.Equal(told, rows.Sum(r => -long.Parse(r.GetProperty("a").GetString()!, CultureInfo.InvariantCulture)));
        }

        for (var i = 1; i <= 20; i++)
        {
            await visit.Page.GotoAsync($"/customers/C{i:00}");
            // A bar that is not there, or of which nothing opens, is a part that is nothing.
            await visit.At("bar-receivables").WaitForAsync();
            foreach (var part in new[] { "receivables", "openOrders", "unapplied" })
            {
                if (await visit.At("bar-" + part).CountAsync() == 0) continue;
                await visit.At("bar-" + part).ClickAsync();
                var items = visit.Page.Locator($"[data-testid=part-items][data-part={part}]");
                await items.WaitForAsync();
                var bar = visit.At("part-" + part);
                Assert.Equal(await bar.GetAttributeAsync("data-value"), await items.GetAttributeAsync("data-sum"));
                var lines = await visit.At("part-amount").EvaluateAllAsync<string[]>("all => all.map(e => e.dataset.value)");
                Assert.Equal(await visit.ValueAsync(bar), lines.Sum(l => long.Parse(l, CultureInfo.InvariantCulture)));
            }
        }
    }

    /// <summary>Check 4.</summary>
    [BrowserFact]
    public async Task Paused_nothing_moves_and_resumed_the_newest_stands_at_once()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_000_00);
        await using var visit = await Visit.LiveAsync(browser, house, "alice");
        await Visit.ShowsAsync(visit.Exposure("ACME"), 0);
        await visit.Page.Keyboard.PressAsync("p");
        await Expect(visit.At("pause")).ToHaveAttributeAsync("aria-pressed", "true");
        var before = await visit.At("board").InnerTextAsync();
        for (var i = 1; i <= 5; i++)
        {
            await house.InvoiceAsync("ACME", "I" + i, 1_000);
            await visit.Page.WaitForFunctionAsync($"() => Number(document.querySelector('[data-testid=newer]').dataset.value) >= {i}");
        }

        Assert.Equal(before, await visit.At("board").InnerTextAsync());
        // Every value that the figure ever has from here on is noted by the page itself: a replay would show more than one.
        await visit.Page.EvaluateAsync("""
            () => {
              const row = document.querySelector("tr[data-id='ACME']");
              window.seen = [];
              new MutationObserver(() => window.seen.push(row.querySelector("[data-testid=exposure]").dataset.value)).observe(row, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-value"] });
            }
            """);
        await visit.Page.Keyboard.PressAsync("p");
        await Visit.ShowsAsync(visit.Exposure("ACME"), 5_000);
        Assert.Equal(["5000"], (await visit.Page.EvaluateAsync<string[]>("() => [...new Set(window.seen)]")));
    }

    /// <summary>Check 5.</summary>
    [BrowserFact]
    public async Task Nothing_moves_under_the_pointer()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("AAA", 1_000_00);
        await house.CustomerAsync("BBB", 1_000_00);
        await house.CustomerAsync("CCC", 1_000_00);
        await house.InvoiceAsync("AAA", "IA", 500_00);
        await house.InvoiceAsync("BBB", "IB", 300_00);
        await using var visit = await Visit.LiveAsync(browser, house, "alice");
        await Expect(visit.At("row").First).ToHaveAttributeAsync("data-id", "AAA");
        var second = visit.Page.Locator("tr[data-id='BBB']");
        await second.HoverAsync();
        await house.InvoiceAsync("BBB", "IB2", 600_00);
        await Visit.ShowsAsync(visit.Exposure("BBB"), 900_00);
        await Expect(visit.At("order-changed")).ToBeVisibleAsync();
        Assert.Equal(["AAA", "BBB", "CCC"], await OrderAsync(visit));
        await second.GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "BBB" }).ClickAsync();
        await Expect(visit.At("customer")).ToHaveAttributeAsync("data-id", "BBB");
        await visit.Page.GoBackAsync();
        // Away from the table the order is taken over by itself.
        await visit.Page.Mouse.MoveAsync(5, 5);
        await Expect(visit.At("row").First).ToHaveAttributeAsync("data-id", "BBB");
    }

    /// <summary>Check 6.</summary>
    [BrowserFact]
    public async Task The_address_is_the_view()
    {
        await using var house = await House.OpenAsync();
        for (var i = 1; i <= 6; i++)
        {
            var id = await house.CustomerAsync($"C{i}", 1_000_00, i % 2 == 0 ? "EAST" : "WEST");
            await house.InvoiceAsync(id, $"I{i}", i * 200_00, -40);
        }

        await using var visit = await Visit.LiveAsync(browser, house, "alice");
        await visit.At("filter-segment").SelectOptionAsync("EAST");
        await visit.At("filter-overdue").SelectOptionAsync("30");
        await visit.At("band-breach").ClickAsync();
        await visit.At("sort-exp").ClickAsync();
        await visit.At("columns").ClickAsync();
        await visit.At("column-owner").UncheckAsync();
        await visit.At("columns").ClickAsync();
        await visit.At("switch-language").ClickAsync();
        await visit.Page.Locator("tr[data-id='C6'] input").CheckAsync();
        await Expect(visit.At("row")).ToHaveCountAsync(1);
        Assert.Contains("seg=EAST", visit.Page.Url, StringComparison.Ordinal);
        var (address, before) = (visit.Page.Url, await StateAsync(visit));
        await visit.Page.ReloadAsync();
        Assert.Equal(before, await StateAsync(visit));
        await using var other = await Visit.OpenAsync(browser, house, "bob", new Uri(address).PathAndQuery, "zh");
        Assert.Equal(before, await StateAsync(other));
        await visit.Page.GoBackAsync();
        await Expect(visit.Page.Locator("th[data-column=owner]")).ToHaveCountAsync(1);
        await visit.Page.GoBackAsync();
        await Expect(visit.Page.Locator("th[data-column=utilisation]")).ToHaveAttributeAsync("aria-sort", "descending");

        static async Task<string> StateAsync(Visit v)
        {
            await v.At("row").First.WaitForAsync();
            return string.Join('|', await OrderAsync(v)) + await v.Page.EvaluateAsync<string>("() => [document.documentElement.lang, ...[...document.querySelectorAll('th[data-column]')].map(h => h.dataset.column + (h.getAttribute('aria-sort') ?? '')), document.querySelectorAll('tr.selected').length].join(' ')");
        }
    }

    /// <summary>Check 10: the server stops, and separately the network is gone.</summary>
    [BrowserFact]
    public async Task What_is_old_says_so_and_comes_back_by_itself()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 1_000_00);
        await house.OrderAsync("ACME", "O1", 5_000_00);
        await using var visit = await Visit.LiveAsync(browser, house, "alice", "/holds/ACME/O1");
        await Expect(visit.At("propose")).ToHaveAttributeAsync("aria-disabled", "false");
        await house.StopAsync();
        await Expect(visit.At("banner")).ToHaveAttributeAsync("data-live", "disconnected");
        await Expect(visit.At("propose")).ToHaveAttributeAsync("aria-disabled", "true");
        await Expect(visit.Page.Locator("html")).ToHaveAttributeAsync("data-live", "disconnected");
        await house.StartAsync();
        await visit.LiveAsync();
        await Expect(visit.At("propose")).ToHaveAttributeAsync("aria-disabled", "false");
        await house.OrderAsync("ACME", "O2", 2_000_00);
        await visit.Page.Context.SetOfflineAsync(true);
        await Expect(visit.At("banner")).ToBeVisibleAsync();
        await visit.Page.Context.SetOfflineAsync(false);
        await visit.LiveAsync();
        await visit.Page.GotoAsync("/holds?tab=all");
        await Expect(visit.At("hold")).ToHaveCountAsync(2);
    }

    private static async Task<string[]> OrderAsync(Visit visit) => await visit.At("row").EvaluateAllAsync<string[]>("rows => rows.map(r => r.dataset.id)");

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>When the page has painted a figure: the observer runs in it, and a frame has gone to the screen since.</summary>
    private static async Task<long> Painted(Visit visit, string selector, long value)
    {
        await visit.Page.EvaluateAsync("""
            ([selector, value]) => new Promise((done) => {
              const shows = () => document.querySelector(selector)?.dataset.value === value && (requestAnimationFrame(() => setTimeout(done, 0)), true);
              if (shows()) return;
              const watch = new MutationObserver(() => shows() && watch.disconnect());
              watch.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-value"] });
            })
            """, new[] { selector, value.ToString(CultureInfo.InvariantCulture) });
        return Stopwatch.GetTimestamp();
    }
}
