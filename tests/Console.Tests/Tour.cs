using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ExposureMonitor.Console.Tests;

/// <summary>The five minutes at the desk of the README, step by step, over the demo as <c>./run</c> starts it.</summary>
[Collection(InBrowser.Name)]
public sealed class Tour(Browser browser)
{
    [BrowserFact]
    public async Task Everything_that_the_tour_says_happens()
    {
        using var demo = await Demo.StartAsync();
        await using var aliceAt = await DeskAsync(demo);
        var alice = await SignInAsync(aliceAt, demo, "alice");
        // 1. The board lives: about every second something changes and flashes; p pauses it and counts what is newer.
        await Expect(alice.GetByTestId("row").First).ToBeVisibleAsync();
        await Expect(alice.Locator(".flash-a").First).ToBeVisibleAsync();
        await alice.Keyboard.PressAsync("p");
        await Expect(alice.GetByTestId("pause")).ToHaveAttributeAsync("aria-pressed", "true");
        await alice.WaitForFunctionAsync("() => Number(document.querySelector('[data-testid=newer]').dataset.value) > 0");
        await alice.Keyboard.PressAsync("p");
        // 2. A customer turns bad: an invoice overdue by more than thirty days turns up, and the tile counts exactly what its list has.
        var tile = alice.GetByTestId("tile-overdue30").Locator(".tile-figure[data-count]");
        await Expect(tile).Not.ToHaveAttributeAsync("data-count", "0", new LocatorAssertionsToHaveAttributeOptions { Timeout = 60_000 });
        await alice.GetByTestId("tile-overdue30").ClickAsync();
        await alice.GetByTestId("row").First.WaitForAsync();
        await alice.WaitForFunctionAsync("() => document.querySelector('[data-testid=tile-overdue30] .tile-figure').dataset.count === document.querySelector('[data-testid=total]').dataset.value");
        await alice.GetByTestId("row").First.ClickAsync();
        await alice.Locator(".panel svg").First.WaitForAsync();
        await alice.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Open customer" }).ClickAsync();
        // 3. The bar, its items, an item, its event.
        await alice.GetByTestId("bar-receivables").ClickAsync();
        await alice.GetByTestId("part-items").WaitForAsync();
        await alice.GetByTestId("document").First.ClickAsync();
        await alice.GetByTestId("event-link").First.ClickAsync();
        await alice.GetByTestId("event-page").WaitForAsync();
        await Expect(alice.GetByTestId("event-source")).Not.ToBeEmptyAsync();
        await Expect(alice.GetByTestId("event-entry")).ToContainTextAsync("-");
        // 4. The hold queue: an order L-H… of the customer that turned bad; its release is proposed, and not confirmed by the same person.
        await alice.Keyboard.PressAsync("g");
        await alice.Keyboard.PressAsync("h");
        var held = alice.Locator("[data-testid=hold][data-order^='L-H']").First;
        // What is new waits above the list until somebody asks for it.
        while (await held.CountAsync() == 0)
        {
            await held.Or(alice.GetByTestId("news")).First.WaitForAsync(new LocatorWaitForOptions { Timeout = 90_000 });
            if (await alice.GetByTestId("news").CountAsync() > 0) await alice.GetByTestId("news").ClickAsync();
        }

        var order = await held.GetAttributeAsync("data-order");
        await held.ClickAsync();
        await alice.GetByTestId("steps").WaitForAsync();
        await alice.Keyboard.PressAsync("r");
        await alice.GetByTestId("reason-code").SelectOptionAsync("PAYMENT_PROMISED");
        await alice.GetByTestId("reason-text").FillAsync("They promised it for Friday, in writing.");
        await alice.Keyboard.PressAsync("Control+Enter");
        await alice.GetByTestId("done").WaitForAsync();
        await Expect(alice.GetByTestId("confirm")).ToHaveAttributeAsync("aria-disabled", "true");
        // 5. Bob finds it under To confirm, with the reason and the figures then and now, and confirms it: alice sees his name.
        await using var bobAt = await DeskAsync(demo);
        var bob = await SignInAsync(bobAt, demo, "bob");
        await alice.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Close" }).First.ClickAsync();
        await alice.GetByTestId("tab-all").ClickAsync();
        await bob.GotoAsync("/holds?tab=confirm");
        await bob.Locator($"[data-testid=hold][data-order='{order}']").ClickAsync();
        await Expect(bob.GetByTestId("proposal")).ToContainTextAsync("They promised it for Friday");
        await bob.GetByTestId("compare").WaitForAsync();
        await bob.GetByTestId("confirm").ClickAsync();
        await bob.GetByTestId("submit").ClickAsync();
        await Expect(alice.Locator($"[data-testid=hold][data-order='{order}'] [data-testid=gone]")).ToContainTextAsync("bob");
        // 6. Another one is left alone: the customer pays, and a rule releases it.
        var cured = alice.Locator("[data-testid=hold][data-order^='L-H'] [data-testid=gone]", new PageLocatorOptions { HasText = "released by rule" });
        var begun = Stopwatch.GetTimestamp();
        while (await cured.CountAsync() == 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(150), "no order was released by rule: " + string.Join(" | ", await alice.GetByTestId("hold").AllInnerTextsAsync()));
            await cured.Or(alice.GetByTestId("news")).First.WaitForAsync(new LocatorWaitForOptions { Timeout = 150_000 });
            if (await cured.CountAsync() == 0 && await alice.GetByTestId("news").CountAsync() > 0) await alice.GetByTestId("news").ClickAsync();
        }

        // 7. Language and theme keep the place; vera reads who did what.
        await alice.GetByTestId("switch-language").ClickAsync();
        await Expect(alice.Locator("html")).ToHaveAttributeAsync("lang", "zh-CN");
        Assert.Contains("/holds?tab=all", alice.Url, StringComparison.Ordinal);
        await alice.GetByTestId("switch-theme").ClickAsync();
        await Expect(alice.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await using var veraAt = await DeskAsync(demo);
        var vera = await SignInAsync(veraAt, demo, "vera");
        await vera.GotoAsync("/audit");
        await Expect(vera.GetByTestId("audit")).ToContainTextAsync("bob");
        await Expect(vera.GetByTestId("audit")).ToContainTextAsync("alice");
        // 8. Petra tries a rule on today's book and on the past.
        await using var petraAt = await DeskAsync(demo);
        var petra = await SignInAsync(petraAt, demo, "petra");
        await petra.GotoAsync("/policy");
        await petra.GetByTestId("draft").FillAsync("rule.7 = 3\nrule.7.shareBp = 7000");
        await petra.GetByTestId("try").ClickAsync();
        await petra.GetByTestId("back-test").WaitForAsync(new LocatorWaitForOptions { Timeout = 60_000 });
        Assert.NotEqual("0", await petra.GetByTestId("would-hold").GetAttributeAsync("data-value"));
    }

    private async Task<IBrowserContext> DeskAsync(Demo demo)
    {
        var context = await browser.Chromium.NewContextAsync(new BrowserNewContextOptions { BaseURL = demo.Address, Locale = "en-GB", ColorScheme = ColorScheme.Light, ViewportSize = new ViewportSize { Width = 1440, Height = 900 }, TimezoneId = "UTC" });
        context.SetDefaultTimeout(Browser.Patience);
        return context;
    }

    private static async Task<IPage> SignInAsync(IBrowserContext context, Demo demo, string who)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync("/");
        await page.GetByTestId("name").FillAsync(who);
        await page.GetByTestId("password").FillAsync(demo.Passwords[who]);
        await page.GetByTestId("enter").ClickAsync();
        await page.GetByTestId("user").WaitForAsync();
        return page;
    }

    /// <summary>The service of the demo as a process of its own, over a new database.</summary>
    private sealed class Demo : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("exposure-tour").FullName;
        private Process _process = null!;

        public string Address { get; private set; } = "";

        public Dictionary<string, string> Passwords { get; private set; } = [];

        public static async Task<Demo> StartAsync()
        {
            var demo = new Demo();
            var built = Path.Combine(House.Root, "artifacts", "bin", "Standalone", new DirectoryInfo(AppContext.BaseDirectory).Name, "exposure");
            demo._process = Process.Start(new ProcessStartInfo(built, ["serve", "--db", Path.Combine(demo._folder, "book.db"), "--port", "0", "--demo", "--json"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = demo._process.StandardError.ReadToEndAsync();
            var line = await demo._process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("serve said nothing: " + await errors);
            _ = demo._process.StandardOutput.ReadToEndAsync();
            using var told = JsonDocument.Parse(line);
            // One name for the host: a cookie of localhost is none of 127.0.0.1.
            demo.Address = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{new Uri(told.RootElement.GetProperty("url").GetString()!).Port}");
            demo.Passwords = told.RootElement.GetProperty("passwords").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
            return demo;
        }

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
            Directory.Delete(_folder, recursive: true);
        }
    }
}
