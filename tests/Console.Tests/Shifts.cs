using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ExposureMonitor.Console.Tests;

/// <summary>
/// What arrives changes figures and moves nothing: while nobody touches the page, the browser itself finds no element that jumped. The pages
/// are watched by its own measure of layout shift, of which every entry without an input counts, however small.
/// </summary>
[Collection(InBrowser.Name)]
public sealed class Shifts(Browser browser)
{
    /// <summary>Figures that gain digits, customers that overtake each other, one that is new, a first held order and warning.</summary>
    [BrowserFact]
    public async Task Nothing_jumps_on_the_board()
    {
        await using var house = await House.OpenAsync();
        for (var i = 1; i <= 9; i++) await house.InvoiceAsync(await house.CustomerAsync($"C{i}", 10_000_00, i % 2 == 0 ? "EAST" : "WEST"), $"I{i}", i * 9_99);
        await using var visit = await Visit.LiveAsync(browser, house, "alice");
        await Expect(visit.At("row")).ToHaveCountAsync(9);
        await Expect(visit.At("tile-gross").Locator("[data-count='9']")).ToBeVisibleAsync();
        await WatchAsync(visit);
        await house.InvoiceAsync("C1", "I1b", 1_234_56);
        await Visit.ShowsAsync(visit.Exposure("C1"), 1_244_55);
        await Expect(visit.At("row").First).ToHaveAttributeAsync("data-id", "C1");
        await house.InvoiceAsync("C2", "I2b", 12_345_67, -40);
        await Visit.ShowsAsync(visit.Exposure("C2"), 12_365_65);
        await house.OrderAsync("C3", "O3", 50_000_00);
        await Expect(visit.At("count-holds")).ToHaveTextAsync("1");
        await house.CustomerAsync("NEW", 100_00);
        await house.InvoiceAsync("NEW", "IN", 500_00);
        await Visit.ShowsAsync(visit.Exposure("NEW"), 500_00);
        await Expect(visit.At("row").First).ToHaveAttributeAsync("data-id", "NEW");
        await StillAsync(visit);
        // Under the pointer the order waits, and the word for that pushes nothing aside.
        await visit.Page.Locator("tr[data-id='C4']").HoverAsync();
        await house.InvoiceAsync("C9", "I9b", 90_000_00);
        await Expect(visit.At("order-changed")).ToBeVisibleAsync();
        await StillAsync(visit);
        visit.NoComplaints();
    }

    /// <summary>The figures of the customer move, other orders are held and cured, somebody else looks at this one, and at last it is cured itself.</summary>
    [BrowserFact]
    public async Task Nothing_jumps_in_the_queue_with_an_order_open()
    {
        await using var house = await House.OpenAsync();
        foreach (var (id, order) in new[] { ("ACME", "O1"), ("BETA", "O2"), ("GAMMA", "O3") })
        {
            await house.CustomerAsync(id, 1_000_00);
            await house.InvoiceAsync(id, "I-" + id, 900_00);
            await house.OrderAsync(id, order, 500_00);
        }

        // Who may not decide holds no order, so that the next one who opens it does.
        await using var visit = await Visit.LiveAsync(browser, house, "vera", "/holds/ACME/O1");
        await Expect(visit.At("hold")).ToHaveCountAsync(3);
        await Visit.ShowsAsync(visit.At("now-gross"), 900_00);
        await visit.At("checks").WaitForAsync();
        await visit.At("steps").Locator("li").First.WaitForAsync();
        await WatchAsync(visit);
        await house.InvoiceAsync("ACME", "I-late", 12_345_67, -9);
        await Visit.ShowsAsync(visit.At("now-gross"), 13_245_67);
        await house.OrderAsync("GAMMA", "O9", 7_000_00);
        await Expect(visit.At("news")).ToBeVisibleAsync();
        await using var max = await Visit.OpenAsync(browser, house, "max", "/holds/ACME/O1");
        await Expect(visit.At("taken")).ToContainTextAsync("max");
        await house.PaymentAsync("BETA", "PAY-1", 900_00);
        var cured = visit.Page.Locator("tr[data-order='O2']");
        await Expect(cured.GetByTestId("gone")).ToContainTextAsync("released by rule");
        await Expect(cured).ToHaveCountAsync(0, new LocatorAssertionsToHaveCountOptions { Timeout = 15_000 });
        await StillAsync(visit);
        await house.PaymentAsync("ACME", "PAY-2", 13_245_67);
        await Expect(visit.At("no-hold")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator("tr[data-order='O1'].struck")).ToBeVisibleAsync();
        await StillAsync(visit);
        visit.NoComplaints();
    }

    /// <summary>Every part of the exposure comes to stand for the first time, and the first items, ages and decisions with it.</summary>
    [BrowserFact]
    public async Task Nothing_jumps_on_the_page_of_a_customer()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 10_000_00);
        await using var visit = await Visit.LiveAsync(browser, house, "alice", "/customers/ACME");
        await Visit.ShowsAsync(visit.At("gross"), 0);
        await visit.At("no-timeline").WaitForAsync();
        await WatchAsync(visit);
        await house.InvoiceAsync("ACME", "I1", 9_99);
        await Visit.ShowsAsync(visit.At("gross"), 9_99);
        foreach (var i in new[] { 1, 2 })
        {
            await house.OrderAsync("ACME", "O" + i, 1_000_00);
            await Visit.ShowsAsync(visit.At("gross"), 9_99 + i * 1_000_00);
        }

        await house.InvoiceAsync("ACME", "I2", 1_500_00, -40);
        await Visit.ShowsAsync(visit.At("gross"), 3_509_99);
        await house.PaymentAsync("ACME", "P1", 250_00);
        await Visit.ShowsAsync(visit.At("gross"), 3_259_99);
        await house.OrderAsync("ACME", "O3", 90_000_00);
        await Expect(visit.At("count-holds")).ToHaveTextAsync("1");
        await house.InvoiceAsync("ACME", "I3", 20_000_00);
        await Visit.ShowsAsync(visit.At("gross"), 23_259_99);
        await StillAsync(visit);
        // In the list of events what is new waits above it, and comes when it is asked for.
        await visit.Page.GotoAsync("/customers/ACME?tab=events");
        await visit.LiveAsync();
        await visit.At("event").First.WaitForAsync();
        var before = await visit.At("event").CountAsync();
        await WatchAsync(visit);
        await house.InvoiceAsync("ACME", "I4", 5_00);
        await Expect(visit.At("newer-events")).ToHaveAttributeAsync("data-value", "1");
        await StillAsync(visit);
        await visit.At("newer-events").ClickAsync();
        await Expect(visit.At("event")).ToHaveCountAsync(before + 1);
        visit.NoComplaints();
    }

    /// <summary>From here on the page notes every shift that follows no input, with what moved from where to where.</summary>
    private static async Task WatchAsync(Visit visit)
    {
        await visit.Page.Mouse.MoveAsync(5, 5);
        await visit.Page.EvaluateAsync("""
            () => {
              const named = (n) => !n ? "?" : n.nodeType === 3 ? "'" + n.data.slice(0, 30) + "' in " + named(n.parentElement) : n.tagName.toLowerCase() + (n.className && n.className.baseVal === undefined ? "." + n.className.replaceAll(" ", ".") : "") + (n.dataset?.testid ? "#" + n.dataset.testid : "");
              const box = (r) => [r.x, r.y, r.width, r.height].map(Math.round).join(" ");
              window.shifts = [];
              window.note = (entries) => { for (const e of entries) if (!e.hadRecentInput) window.shifts.push(e.value.toFixed(6) + ": " + e.sources.map((s) => named(s.node) + " " + box(s.previousRect) + " -> " + box(s.currentRect)).join("; ")); };
              window.shiftWatch = new PerformanceObserver((list) => window.note(list.getEntries()));
              window.shiftWatch.observe({ type: "layout-shift", buffered: false });
            }
            """);
    }

    /// <summary>Nothing moved since the watch began; what was drawn last is in it.</summary>
    private static async Task StillAsync(Visit visit)
    {
        var moved = await visit.Page.EvaluateAsync<string[]>("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => { window.note(window.shiftWatch.takeRecords()); done(window.shifts); }, 0))))");
        Assert.True(moved.Length == 0, string.Join("\n", moved));
    }
}
