using System.Text.Json;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ExposureMonitor.Console.Tests;

/// <summary>All screens: readable for everybody, in both languages, down to the event, and nothing for whom it is not.</summary>
[Collection(InBrowser.Name)]
public sealed class Screens(Browser browser)
{
    internal static readonly string[] Paths =
        ["/board", "/board?preview=ACME", "/board?aside=movers", "/board?aside=concentration", "/limits?tab=ending", "/limits?tab=unreviewed", "/limits?tab=underinsured", "/health/dead-letters?tab=settled", "/customers/ACME", "/customers/ACME?tab=items", "/customers/ACME?tab=orders", "/customers/ACME?tab=events", "/customers/ACME?tab=signals", "/customers/ACME?tab=score", "/customers/ACME?tab=history", "/customers/ACME?tab=whatIf", "/groups/ACME", "/holds", "/holds/ACME/O1", "/holds?tab=decided", "/alerts", "/alerts?tab=notices", "/alerts?tab=deliveries", "/alerts?tab=silences", "/alerts?tab=noise", "/limits", "/policy", "/health", "/health/dead-letters", "/audit", "/views", "/settings", "/nowhere"];

    /// <summary>Words that are the same in every language: names, codes, units.</summary>
    private static readonly string[] Allowed = ["ExposureMonitor", "TEST", "English", "CSV", "Ctrl", "Enter", "EUR", "UTC", "Kafka", "HTTP", "JSON"];

    /// <summary>Check 13, the part that a machine can look at.</summary>
    [BrowserFact]
    public async Task Axe_finds_nothing_on_any_screen_in_light_dark_and_Chinese()
    {
        await using var house = await BookAsync();
        var axe = await File.ReadAllTextAsync(Path.Combine(House.Root, "src", "Console", "node_modules", "axe-core", "axe.min.js"));
        foreach (var (lang, dark, who) in new[] { ("en", false, "vera"), ("zh", true, "max") })
        {
            await using var visit = await Visit.OpenAsync(browser, house, who, "/board", lang, dark);
            foreach (var path in Paths)
            {
                await OpenAsync(visit, path);
                await visit.Page.EvaluateAsync(axe);
                var found = await visit.Page.EvaluateAsync<JsonElement>("async () => (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })).violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + n.failureSummary).join(' | '))");
                Assert.True(found.GetArrayLength() == 0, $"{path} {lang}: {found}");
            }

            visit.NoComplaints();
        }
    }

    /// <summary>Check 12.</summary>
    [BrowserFact]
    public async Task Every_screen_speaks_Chinese_and_switching_back_keeps_the_place()
    {
        await using var house = await BookAsync();
        await using var visit = await Visit.OpenAsync(browser, house, "max", "/board", "zh");
        foreach (var path in Paths)
        {
            await OpenAsync(visit, path);
            await Expect(visit.Page.Locator("html")).ToHaveAttributeAsync("lang", "zh-CN");
            // Heads, buttons and tabs are words of ours; data, codes and what is marked as another language are not.
            var labels = await visit.Page.EvaluateAsync<string[]>("""
                () => [...document.querySelectorAll("h1,h2,h3,th[scope=col],button,nav a,label,dt,caption,legend,summary,.tile-label,option")]
                  .filter((e) => !e.closest("[lang=en],pre,code,kbd,[data-testid=row]") && e.offsetParent !== null)
                  .map((e) => [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent).join(" ").trim()).filter(Boolean)
                """);
            foreach (var label in labels)
            {
                var rest = Allowed.Aggregate(label, (text, word) => text.Replace(word, "", StringComparison.Ordinal));
                var isOurs = rest.Any(c => c >= 0x4E00) || !System.Text.RegularExpressions.Regex.IsMatch(rest, "[a-z]{3}");
                Assert.True(isOurs || label.Contains("ACME", StringComparison.Ordinal) || IsData(label), $"{path}: '{label}'");
                Assert.DoesNotContain("undefined", label, StringComparison.Ordinal);
            }
        }

        // A box for a missing glyph is as wide as that of the replacement character.
        var boxes = await visit.Page.EvaluateAsync<bool>("() => { const c = document.createElement('canvas').getContext('2d'); c.font = '40px system-ui, \"Noto Sans CJK SC\"'; const w = (t) => c.measureText(t).width; return ['额', '度', '敞'].every((g) => w(g) > 0 && w(g) !== w('\\uFFFF')); }");
        Assert.True(boxes);
        await OpenAsync(visit, "/customers/ACME?tab=items");
        await visit.At("switch-language").ClickAsync();
        await Expect(visit.Page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        Assert.EndsWith("/customers/ACME?tab=items", visit.Page.Url, StringComparison.Ordinal);

        static bool IsData(string label) => label is "alice" or "desk" or "mail" or "EAST" or "WEST" or "TRADE" or "Name of ACME" || label.Contains('/', StringComparison.Ordinal) || label.StartsWith("Name of", StringComparison.Ordinal) || label.StartsWith("payment", StringComparison.Ordinal) || label.StartsWith("invoice", StringComparison.Ordinal);
    }

    /// <summary>Check 13, the keyboard: focus stays where it is through every tick, and the way from search to a proposal needs no mouse.</summary>
    [BrowserFact]
    public async Task The_keyboard_suffices_and_focus_survives_ticks()
    {
        await using var house = await BookAsync();
        await using var visit = await Visit.LiveAsync(browser, house, "alice", reducedMotion: true);
        await Expect(visit.At("row").First).ToBeVisibleAsync();
        await visit.Page.Keyboard.PressAsync("j");
        var focused = await FocusAsync(visit);
        for (var i = 1; i <= 20; i++)
        {
            await house.InvoiceAsync("ACME", "T" + i, 100);
            await Visit.ShowsAsync(visit.Exposure("ACME"), 85_000 + i * 100);
        }

        Assert.Equal(focused, await FocusAsync(visit));
        Assert.Equal("none", await visit.Page.EvaluateAsync<string>("() => getComputedStyle(document.querySelector('.flash-a, .flash-b')).animationName"));
        await visit.Page.Keyboard.PressAsync("/");
        await visit.Page.Keyboard.TypeAsync("name of ac");
        await visit.At("hit").First.WaitForAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.At("customer")).ToHaveAttributeAsync("data-id", "ACME");
        await visit.Page.EvaluateAsync("() => document.activeElement.blur()");
        await visit.Page.Keyboard.PressAsync("g");
        await visit.Page.Keyboard.PressAsync("h");
        await visit.At("hold").First.WaitForAsync();
        await visit.Page.Keyboard.PressAsync("j");
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.At("steps").WaitForAsync();
        await visit.Page.Keyboard.PressAsync("r");
        await Expect(visit.At("reason-code")).ToBeFocusedAsync();
        await visit.Page.Keyboard.PressAsync("ArrowDown");
        await visit.Page.Keyboard.PressAsync("ArrowDown");
        await visit.Page.Keyboard.PressAsync("Tab");
        await visit.Page.Keyboard.TypeAsync("They promised it for Friday.");
        await visit.Page.Keyboard.PressAsync("Control+Enter");
        await visit.At("done").WaitForAsync();

        static Task<string> FocusAsync(Visit v) => v.Page.EvaluateAsync<string>("() => document.activeElement.tagName + document.activeElement.dataset.id");
    }

    /// <summary>Check 17.</summary>
    [BrowserFact]
    public async Task From_the_tile_down_to_the_event()
    {
        await using var house = await BookAsync();
        await using var visit = await Visit.LiveAsync(browser, house, "alice");
        await visit.At("tile-gross").ClickAsync();
        await visit.Page.Locator("tr[data-id='ACME'] a").First.ClickAsync();
        await visit.At("bar-receivables").ClickAsync();
        await visit.Page.Locator("tr[data-id='I1'] [data-testid=document]").ClickAsync();
        await visit.At("event-link").First.ClickAsync();
        await visit.At("event-page").WaitForAsync();
        await Expect(visit.Page.Locator("pre")).ToContainTextAsync("I1");
        await Expect(visit.At("event-source")).ToHaveTextAsync("test");
        await Expect(visit.At("event-entry")).ToContainTextAsync("-");
    }

    /// <summary>Check 14.</summary>
    [BrowserFact]
    public async Task The_file_is_the_view()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("C1", 1_000_00, "EAST", "=HYPERLINK(\"http://x\")");
        await house.CustomerAsync("C2", 2_000_00, "EAST", "@SUM");
        await house.CustomerAsync("C3", 3_000_00, "WEST", "远东贸易");
        await house.CustomerAsync("C4", 4_000_00, "EAST", "远东贸易");
        await house.InvoiceAsync("C4", "I", 100_05);
        await using var visit = await Visit.LiveAsync(browser, house, "alice", "/board?seg=EAST&sort=-limit&cols=band,customer,name,limit,exposure");
        await Expect(visit.At("row")).ToHaveCountAsync(3);
        var shown = await visit.At("row").EvaluateAllAsync<string[]>("rows => rows.map(r => r.dataset.id)");
        var download = await visit.Page.RunAndWaitForDownloadAsync(() => visit.At("export").ClickAsync());
        Assert.StartsWith("board_", download.SuggestedFilename, StringComparison.Ordinal);
        await using var stream = await download.CreateReadStreamAsync();
        using var reader = new StreamReader(stream);
        var text = await reader.ReadToEndAsync();
        var lines = text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("Band,Customer,Name,Currency,Credit limit,Credit exposure", lines[0].TrimStart('\uFEFF'));
        Assert.Equal(shown, lines.Skip(1).Select(l => l.Split(',')[1]));
        Assert.Contains("within limit,C4,远东贸易,EUR,4000.00,100.05", lines);
        Assert.Contains("within limit,C2,'@SUM,EUR,2000.00,0.00", lines);
        Assert.Contains("within limit,C1,\"'=HYPERLINK(\"\"http://x\"\")\",EUR,1000.00,0.00", lines);
        await using var vera = await Visit.OpenAsync(browser, house, "vera", "/audit?kind=export.note");
        await Expect(vera.At("audit")).ToContainTextAsync("alice");
        var trail = await vera.Page.RunAndWaitForDownloadAsync(() => vera.At("export").ClickAsync());
        using var trailReader = new StreamReader(await trail.CreateReadStreamAsync());
        var trailLines = (await trailReader.ReadToEndAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("Time,Person,Command,Customer,Outcome,Reason,Journal entry,Fields", trailLines[0].TrimStart('\uFEFF'));
        Assert.Contains("alice,export.note,", Assert.Single(trailLines.Skip(1)), StringComparison.Ordinal);
    }

    /// <summary>Check 20.</summary>
    [BrowserFact]
    public async Task What_is_not_for_a_person_is_not_there()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("MINE", 1_000_00, "EAST");
        await house.CustomerAsync("OTHER", 1_000_00, "WEST");
        await house.OrderAsync("OTHER", "O1", 5_000_00);
        await using var eve = await Visit.LiveAsync(browser, house, "eve");
        await Expect(eve.At("row")).ToHaveCountAsync(1);
        var (hidden, unknown) = (await AnswerAsync(eve, "OTHER"), await AnswerAsync(eve, "NOBODY"));
        Assert.Equal(unknown.Replace("NOBODY", "OTHER", StringComparison.Ordinal), hidden);
        await eve.Page.GotoAsync("/customers/OTHER");
        await eve.At("missing").WaitForAsync();
        var stream = await eve.Page.EvaluateAsync<string>("async () => { const gone = new AbortController(); const r = await fetch('/api/v1/live?subs=board,holds', { signal: gone.signal }); const reader = r.body.getReader(); let text = ''; while (!text.includes('holds')) text += new TextDecoder().decode((await reader.read()).value); gone.abort(); return text; }");
        Assert.Contains("MINE", stream, StringComparison.Ordinal);
        Assert.DoesNotContain("OTHER", stream, StringComparison.Ordinal);
        // At 200 % a page of 1280 has 640 to stand in.
        await using var narrow = await Visit.OpenAsync(browser, house, "alice", "/holds/OTHER/O1", width: 640, dark: true);
        await narrow.At("steps").WaitForAsync();
        Assert.True(await narrow.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"));

        static Task<string> AnswerAsync(Visit v, string id) => v.Page.EvaluateAsync<string>("async (id) => { const r = await fetch('/api/v1/customers/' + id); const b = await r.json(); return r.status + b.code + b.detail; }", id);
    }

    /// <summary>Check 11.</summary>
    [BrowserFact]
    public async Task A_link_from_a_chat_leads_through_the_sign_in_and_acts_only_when_somebody_clicks()
    {
        await using var house = await BookAsync();
        var alert = (await house.GetAsync("/warnings")).GetProperty("warnings").EnumerateArray().First().GetProperty("id").GetString()!;
        await using var visit = await Visit.OpenAsync(browser, house, null, $"/alerts/{Uri.EscapeDataString(alert)}?do=take");
        await visit.SignInAsync("alice");
        await visit.At("alert-panel").WaitForAsync();
        await Expect(visit.At("take")).ToBeFocusedAsync();
        Assert.False((await MarkAsync()).TryGetProperty("mark", out _));
        await visit.At("take").ClickAsync();
        await Expect(visit.At("taken-by")).ToHaveTextAsync("alice");
        Assert.Equal("alice", (await MarkAsync()).GetProperty("mark").GetProperty("takenBy").GetString());

        async Task<JsonElement> MarkAsync() => (await house.GetAsync("/warnings")).GetProperty("warnings").EnumerateArray().Single(a => a.GetProperty("id").GetString() == alert);
    }

    internal static async Task OpenAsync(Visit visit, string path)
    {
        await visit.Page.GotoAsync(path);
        await visit.Page.Locator("main h1").First.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
        await Expect(visit.Page.Locator("main [aria-busy=true]")).ToHaveCountAsync(0);
    }

    /// <summary>A small book with something on every screen.</summary>
    internal static async Task<House> BookAsync()
    {
        var house = await House.OpenAsync(tellsPeople: true);
        await house.CustomerAsync("ACME", 1_000_00, "EAST");
        await house.InvoiceAsync("ACME", "I1", 700_00, -40);
        await house.InvoiceAsync("ACME", "I2", 200_00);
        await house.PaymentAsync("ACME", "P1", 50_00);
        await house.OrderAsync("ACME", "O1", 300_00);
        await house.CustomerAsync("BETA", 5_000_00, "WEST");
        await house.InvoiceAsync("BETA", "I3", 4_200_00);
        await house.CustomerAsync("GAMMA", 0, "WEST");
        await house.InvoiceAsync("GAMMA", "I4", 10_00);
        return house;
    }
}
