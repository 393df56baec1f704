using System.Globalization;
using System.Text;
using ExposureMonitor.Domain;
using ExposureMonitor.Ingest;
using Microsoft.Playwright;
using Xunit;

namespace ExposureMonitor.Console.Tests;

/// <summary>
/// One picture per screen, theme and language, for a person to look at: tools miss what a canvas paints. Made by <c>./test pictures FOLDER</c>;
/// the ones of the documentation are among them. Their short form, with every test, takes the main screens and looks whether they are painted.
/// </summary>
[Collection(InBrowser.Name)]
public sealed class Pictures(Browser browser)
{
    private static readonly string[] Names =
        ["Nordwind Logistics GmbH", "Alpina Foods SA", "远东贸易有限公司", "Kestrel Metals Ltd", "Baltic Paper S.A.", "华泰钢铁有限公司", "Meridian Textiles SA", "Falke Metals GmbH", "Lumen Foods Ltd", "海源食品有限公司", "Harbour Logistics Ltd", "Granit Metals GmbH"];

    private static string? Folder { get; } = Environment.GetEnvironmentVariable("EXPOSURE_PICTURES") is { Length: > 0 } told ? told : null;

    [BrowserFact]
    public async Task One_per_screen_theme_and_language()
    {
        if (Folder is null)
        {
            await MainScreensAsync();
            return;
        }

        Directory.CreateDirectory(Folder!);
        await using var house = await BookAsync();
        await Scorecards.InForceAsync(browser, house);
        var held = (await house.GetAsync("/holds?limit=1")).GetProperty("holds")[0];
        var (customer, order) = (held.GetProperty("customer").GetString(), held.GetProperty("orderId").GetString());
        var entry = (await house.GetAsync($"/customers/{customer}/history?limit=5")).GetProperty("entries")[0].GetProperty("entry").GetString();
        var warning = (await house.GetAsync("/warnings")).GetProperty("warnings")[0].GetProperty("id").GetString();
        (string Name, string Path)[] screens =
        [
            ("board", "/board"), ("board-preview", "/board?preview=" + customer), ("board-movers", "/board?aside=movers"), ("board-concentration", "/board?aside=concentration"), ("limits-ending", "/limits?tab=ending&days=90"), ("limits-unreviewed", "/limits?tab=unreviewed"), ("limits-underinsured", "/limits?tab=underinsured"), ("board-empty", "/board?q=ZZZ&band=over"), ("customer", "/customers/" + customer), ("customer-part", $"/customers/{customer}?part=receivables"), ("customer-items", $"/customers/{customer}?tab=items"),
            ("customer-events", $"/customers/{customer}?tab=events"), ("customer-signals", $"/customers/{customer}?tab=signals"), ("customer-score", $"/customers/{customer}?tab=score"), ("customer-history", $"/customers/{customer}?tab=history"), ("customer-what-if", $"/customers/{customer}?tab=whatIf"), ("customer-past", $"/customers/{customer}?asof={DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss'Z'}"), ("event", $"/customers/{customer}/events/{entry}"),
            ("group", "/groups/HOLDING"), ("holds", "/holds"), ("hold", $"/holds/{customer}/{order}"), ("hold-propose", $"/holds/{customer}/{order}?do=propose"), ("holds-decided", "/holds?tab=decided"), ("alerts", "/alerts"), ("alerts-deliveries", "/alerts?tab=deliveries"), ("alerts-notices", "/alerts?tab=notices"), ("alerts-silences", "/alerts?tab=silences"), ("alerts-noise", "/alerts?tab=noise"), ("alert", "/alerts/" + Uri.EscapeDataString(warning!)), ("limits", "/limits"), ("policy", "/policy"), ("health", "/health"), ("dead-letters", "/health/dead-letters"), ("audit", "/audit"), ("views", "/views"), ("settings", "/settings"),
        ];
        foreach (var (lang, dark) in new[] { ("en", false), ("en", true), ("zh", false), ("zh", true) })
        {
            await using var nobody = await Visit.OpenAsync(browser, house, null, "/board", lang, dark);
            await nobody.At("name").WaitForAsync();
            await SaveAsync(nobody, "sign-in", lang, dark);
            await using var visit = await Visit.OpenAsync(browser, house, "max", "/board", lang, dark);
            await using var vera = await Visit.OpenAsync(browser, house, "vera", "/board", lang, dark);
            foreach (var (name, path) in screens)
            {
                var who = name == "audit" ? vera : visit;
                await Screens.OpenAsync(who, path);
                if (name == "customer-score") await who.Page.Locator("[data-testid^=explain-]").First.ClickAsync();
                if (name.StartsWith("board", StringComparison.Ordinal)) await who.LiveAsync();
                // Charts are drawn a moment after their figures came.
                await who.Page.WaitForTimeoutAsync(500);
                await SaveAsync(who, name, lang, dark);
            }

            await using var petra = await Visit.OpenAsync(browser, house, "petra", "/policy", lang, dark);
            await petra.At("draft").FillAsync("signal.01.step1 = 5000\nsignal.01.step2 = 6000\nsignal.01.step3 = 8500\nrule.7 = 3\nrule.7.shareBp = 8000");
            await petra.At("try").ClickAsync();
            await petra.At("back-test").WaitForAsync();
            await petra.At("trial").EvaluateAsync("e => e.scrollIntoView()");
            await SaveAsync(petra, "policy-trial", lang, dark);
            visit.NoComplaints();
        }
    }

    private async Task MainScreensAsync()
    {
        await using var house = await Screens.BookAsync();
        foreach (var (lang, dark) in new[] { ("en", false), ("zh", true) })
        {
            await using var visit = await Visit.LiveAsync(browser, house, "max", "/board", lang, dark);
            foreach (var path in new[] { "/board", "/customers/ACME", "/holds/ACME/O1" })
            {
                await Screens.OpenAsync(visit, path);
                var picture = await visit.Page.ScreenshotAsync();
                // A page that is blank, or of one colour, is a few kilobytes.
                Assert.True(picture.Length > 30_000, $"{path} {lang}: {picture.Length} bytes");
                Assert.Equal(dark ? "dark" : "light", await visit.Page.Locator("html").GetAttributeAsync("data-theme"));
            }

            visit.NoComplaints();
        }
    }

    private static Task SaveAsync(Visit visit, string name, string lang, bool dark) =>
        visit.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder!, $"{name}-{lang}-{(dark ? "dark" : "light")}.png") });

    /// <summary>Two months of generated trade of sixty customers, with names, and a few who have turned bad.</summary>
    private static async Task<House> BookAsync()
    {
        var house = await House.OpenAsync(tellsPeople: true);
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var decoder = new EventDecoder();
        var slices = new Generator(new GeneratorOptions { Prefix = "C", Customers = 60, Days = 60, Start = today.AddDays(-59) }).Run().Where(e => e.At <= DateTimeOffset.UtcNow).Chunk(500).ToList();
        foreach (var (slice, n) in slices.Select((s, n) => (s, n)))
        {
            await house.Engine.SubmitBatchAsync([.. slice.Select(e => decoder.Decode(Encoding.UTF8.GetBytes(e.Json), default))]);
            // What the service remembers from here on is what rows and movers are compared with.
            if (n != slices.Count * 2 / 3) continue;
            await house.StopAsync();
            await house.StartAsync();
        }

        await house.CustomerAsync("HOLDING", 900_000_00, name: "Nordwind Holding GmbH");
        for (var i = 1; i <= 60; i++)
        {
            var id = i.ToString("'C'000000", CultureInfo.InvariantCulture);
            await house.TellAsync("customer.changed", id, new { version = 2, name = Names[i % Names.Length], controller = i % 3 == 0 ? "max" : "alice" });
            if (i <= 5) await house.TellAsync("customer.reparented", id, new { version = 3, parentId = "HOLDING", effectiveOn = House.Today });
            if (i % 9 == 0) await house.InvoiceAsync(id, "OLD-" + id, 12_345_67, -40 - i);
            if (i % 13 == 0) await house.PaymentAsync(id, "PAY-" + id, 2_500_00);
        }

        return house;
    }
}
