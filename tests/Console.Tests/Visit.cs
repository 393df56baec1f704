using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Playwright;
using Xunit;

namespace ExposureMonitor.Console.Tests;

/// <summary>A person at a browser of his own.</summary>
public sealed class Visit : IAsyncDisposable
{
    private readonly IBrowserContext _context;

    private Visit(IBrowserContext context, IPage page, House house) => (_context, Page, House) = (context, page, house);

    public IPage Page { get; }

    public House House { get; }

    /// <summary>What the console of the browser complained about; a test that expects nothing else ends with none.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    public static async Task<Visit> OpenAsync(Browser browser, House house, string? who, string path = "/board", string lang = "en", bool dark = false, int width = 1440, int height = 900, bool reducedMotion = false)
    {
        var context = await browser.Chromium.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = house.Address, Locale = lang == "zh" ? "zh-CN" : "en-GB", ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light, ViewportSize = new ViewportSize { Width = width, Height = height },
            ReducedMotion = reducedMotion ? ReducedMotion.Reduce : ReducedMotion.NoPreference, TimezoneId = "UTC",
        });
        context.SetDefaultTimeout(Browser.Patience);
        var page = await context.NewPageAsync();
        var visit = new Visit(context, page, house);
        page.Console += (_, message) =>
        {
            // The browser notes every answer that is an error; those are what some tests are about.
            if (message.Type is "error" or "warning" && !message.Text.Contains("Failed to load resource", StringComparison.Ordinal) && !message.Text.Contains("net::ERR", StringComparison.Ordinal)) visit.Complaints.Enqueue(message.Text);
        };
        page.PageError += (_, error) => visit.Complaints.Enqueue(error);
        await page.GotoAsync(path);
        if (who is not null) await visit.SignInAsync(who);
        return visit;
    }

    /// <summary>The same, once what the page shows is live.</summary>
    public static async Task<Visit> LiveAsync(Browser browser, House house, string who, string path = "/board", string lang = "en", bool dark = false, int width = 1440, int height = 900, bool reducedMotion = false)
    {
        var visit = await OpenAsync(browser, house, who, path, lang, dark, width, height, reducedMotion);
        await visit.LiveAsync();
        return visit;
    }

    public async Task SignInAsync(string who)
    {
        await Page.GetByTestId("name").FillAsync(who);
        await Page.GetByTestId("password").FillAsync(House.Password);
        await Page.GetByTestId("enter").ClickAsync();
        await Page.GetByTestId("user").WaitForAsync();
    }

    public ILocator At(string id) => Page.GetByTestId(id);

    public Task LiveAsync() => Assertions.Expect(At("live-word")).ToHaveAttributeAsync("data-live", "live");

    /// <summary>The figure of a customer's row on the board.</summary>
    public ILocator Exposure(string customer) => Page.Locator($"tr[data-id='{customer}'] [data-testid=exposure]");

    public async Task<long> ValueAsync(ILocator figure) => long.Parse((await figure.GetAttributeAsync("data-value"))!, CultureInfo.InvariantCulture);

    public static Task ShowsAsync(ILocator figure, long value, float patience = Browser.Patience) =>
        Assertions.Expect(figure).ToHaveAttributeAsync("data-value", value.ToString(CultureInfo.InvariantCulture), new LocatorAssertionsToHaveAttributeOptions { Timeout = patience });

    /// <summary>Fails when the browser complained, such as about something that the policy of the page forbids.</summary>
    public void NoComplaints() => Assert.Empty(Complaints);

    public async ValueTask DisposeAsync() => await _context.CloseAsync();
}
