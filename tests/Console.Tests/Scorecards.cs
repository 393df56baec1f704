using System.Globalization;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ExposureMonitor.Console.Tests;

/// <summary>Scorecards at the desk: two people bring one into use, one takes it out, and the page of a customer says what it makes of his invoices.</summary>
[Collection(InBrowser.Name)]
public sealed class Scorecards(Browser browser)
{
    /// <summary>A card of two factors: short terms are worth so many hundredths of a point, and a large share paid late loses some.</summary>
    private static string Card(int worth) => ScorecardText.Write(new Scorecard
    {
        Target = "late5", Days = 5, Base = 55_000, Chances = [.. Enumerable.Range(0, 351).Select(n => 999_000 - n * 2_800)], Trees = [],
        Tables = [new ScoreTable(PaymentFactors.IndexOf("invoice.terms"), [30], [0, worth, -worth]), new ScoreTable(PaymentFactors.IndexOf("open.count"), [0], [0, 150, -250])],
    });

    private static FilePayload File(int worth) => new() { Name = "late5.scorecard", MimeType = "text/plain", Buffer = Encoding.UTF8.GetBytes(Card(worth)) };

    private static async Task<string> ProposeAsync(Visit visit, int worth, string use)
    {
        var before = await visit.At("scorecard").CountAsync();
        await visit.At("card-file").SetInputFilesAsync(File(worth));
        await visit.At("card-use").SelectOptionAsync(use);
        await visit.At("propose-card").ClickAsync();
        await Expect(visit.At("scorecard")).ToHaveCountAsync(before + 1);
        return (await visit.Page.Locator($"[data-testid=scorecard][data-state=Open][data-use={use}]").First.GetAttributeAsync("data-id"))!;
    }

    /// <summary>A card in use and its shadow, by two people.</summary>
    internal static async Task InForceAsync(Browser browser, House house)
    {
        await using var petra = await Visit.OpenAsync(browser, house, "petra", "/policy");
        await using var quinn = await Visit.OpenAsync(browser, house, "quinn", "/policy");
        await petra.LiveAsync();
        await quinn.LiveAsync();
        foreach (var (worth, use) in new[] { (3_000, "InUse"), (-1_000, "Shadow") })
        {
            var id = await ProposeAsync(petra, worth, use);
            await quinn.Page.ReloadAsync();
            await quinn.At("approve-" + id).ClickAsync();
            await Expect(Card(quinn, id)).ToHaveAttributeAsync("data-state", "Approved");
        }
    }

    private static ILocator Card(Visit visit, string id) => visit.Page.Locator($"[data-testid=scorecard][data-id='{id}']");

    /// <summary>The service says what a factor means in English; the console has the Chinese for each of them.</summary>
    [Fact]
    public void Every_factor_has_a_meaning_in_Chinese()
    {
        var told = System.IO.File.ReadAllText(Path.Combine(House.Root, "src", "Console", "src", "words", "factors.ts"));
        foreach (var factor in PaymentFactors.All) Assert.Contains($"\"{factor.Name}\": \"", told, StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task A_card_comes_into_use_by_two_people_and_leaves_by_one()
    {
        await using var house = await House.OpenAsync();
        await using var petra = await Visit.LiveAsync(browser, house, "petra", "/policy");
        await petra.At("no-card").WaitForAsync();
        // What is no card is refused, with the words of the service.
        await petra.At("card-file").SetInputFilesAsync(new FilePayload { Name = "late5.scorecard", MimeType = "text/plain", Buffer = "not a card"u8.ToArray() });
        await petra.At("propose-card").ClickAsync();
        await Expect(petra.At("scorecards").GetByTestId("failed")).ToHaveAttributeAsync("data-code", "BAD_CARD");
        var first = await ProposeAsync(petra, 3_000, "InUse");
        // She asked, so another person decides, and the page says so.
        await Expect(petra.At("approve-" + first)).ToHaveAttributeAsync("aria-disabled", "true");
        await Expect(Card(petra, first)).ToContainTextAsync("Your own request is decided by another person.");
        await Expect(petra.At("reject-" + first)).ToHaveCountAsync(0);
        // It stands among what waits for a second person, for whom it concerns; an approver of limits is not asked.
        await using var bob = await Visit.LiveAsync(browser, house, "bob", "/limits");
        await Expect(bob.Page.Locator($"[data-testid=proposal-row][data-id='{first}']")).ToContainTextAsync("Needs the role Policy approver.");
        await using var quinn = await Visit.LiveAsync(browser, house, "quinn", "/policy");
        // What is agreed to can be read before.
        await Card(quinn, first).GetByRole(AriaRole.Link).First.WaitForAsync();
        Assert.Equal(Card(3_000), await quinn.Page.EvaluateAsync<string>("async () => await (await fetch(document.querySelector('[data-testid=scorecard] a').href)).text()"));
        await quinn.At("approve-" + first).ClickAsync();
        await Expect(Card(quinn, first)).ToHaveAttributeAsync("data-state", "Approved");
        await Expect(Card(quinn, first)).ToContainTextAsync("in force · quinn");
        await Expect(quinn.At("no-card")).ToHaveCountAsync(0);
        // A shadow is turned down, and another one waits and is taken back by whoever asked.
        await petra.Page.ReloadAsync();
        await Expect(petra.At("scorecard")).ToHaveCountAsync(1);
        var shadow = await ProposeAsync(petra, -1_000, "Shadow");
        await quinn.Page.ReloadAsync();
        await quinn.At("reject-" + shadow).ClickAsync();
        await Expect(Card(quinn, shadow)).ToHaveCountAsync(0);
        await quinn.At("earlier-cards").ClickAsync();
        await Expect(Card(quinn, shadow)).ToContainTextAsync("turned down · quinn");
        await petra.Page.ReloadAsync();
        await Expect(petra.At("scorecard")).ToHaveCountAsync(1);
        var again = await ProposeAsync(petra, -1_500, "Shadow");
        await WithdrawAsync(petra, again, "Fitted on last year's ledger.");
        await Expect(Card(petra, again)).ToHaveCountAsync(0);
        // One person suffices to take a card out of force, with a reason that stays.
        await WithdrawAsync(quinn, first, "It calls half of the key customers late.");
        await Expect(Card(quinn, first)).ToHaveAttributeAsync("data-state", "Withdrawn");
        await Expect(Card(quinn, first)).ToContainTextAsync("It calls half of the key customers late.");
        await quinn.At("no-card").WaitForAsync();
        var states = (await house.GetAsync("/scorecards")).GetProperty("cards").EnumerateArray().ToDictionary(c => c.GetProperty("id").GetString()!, c => (c.GetProperty("state").GetString(), c.GetProperty("rejectedBy").GetString()));
        Assert.Equal((("Withdrawn", "quinn"), ("Rejected", "quinn"), ("Withdrawn", "petra")), (states[first], states[shadow], states[again]));
        // Who has no part in it sees the cards, and no way to end them.
        await using var alice = await Visit.OpenAsync(browser, house, "alice", "/policy");
        await alice.At("earlier-cards").ClickAsync();
        await Expect(alice.At("scorecard")).ToHaveCountAsync(3);
        await Expect(alice.At("propose-card")).ToHaveAttributeAsync("aria-disabled", "true");
        quinn.NoComplaints();
        petra.NoComplaints();

        static async Task WithdrawAsync(Visit visit, string id, string why)
        {
            await visit.At("withdraw-" + id).ClickAsync();
            await visit.At("withdraw-reason").FillAsync("too short");
            await Expect(visit.At("withdraw-now")).ToHaveAttributeAsync("aria-disabled", "true");
            await visit.At("withdraw-reason").FillAsync(why);
            await visit.At("withdraw-now").ClickAsync();
        }
    }

    [BrowserFact]
    public async Task The_page_of_a_customer_scores_each_open_invoice_and_says_why()
    {
        await using var house = await House.OpenAsync();
        await house.CustomerAsync("ACME", 10_000_00);
        await house.TellAsync("invoice.posted", "ACME", new { invoiceId = "LONG", amount = 500_00, currency = "EUR", issuedOn = House.Today, dueOn = House.Day(60) });
        await house.TellAsync("invoice.posted", "ACME", new { invoiceId = "SHORT", amount = 700_00, currency = "EUR", issuedOn = House.Today, dueOn = House.Day(20) });
        await using var alice = await Visit.OpenAsync(browser, house, "alice", "/customers/ACME?tab=score");
        // No card is in use: the own share stands for it, and it is said why.
        await Expect(alice.At("share").First).ToHaveAttributeAsync("data-why", "NO_CARD");
        await Expect(alice.At("share").First).ToContainTextAsync("no card is in use");
        await Expect(alice.At("score-row")).ToHaveCountAsync(2);
        await Expect(alice.At("chance")).ToHaveCountAsync(0);
        await InForceAsync(browser, house);
        // Reading may take a while: the page says that it goes on, and what it shows then is what the service answers.
        var gate = new TaskCompletionSource();
        await alice.Page.RouteAsync("**/customers/ACME/score", async route =>
        {
            await gate.Task;
            await route.ContinueAsync();
        });
        await alice.Page.ReloadAsync();
        await Expect(alice.At("score-reading")).ToContainTextAsync("Reading the journal of the whole book");
        gate.SetResult();
        var told = await house.GetAsync("/customers/ACME/score");
        foreach (var open in told.GetProperty("open").EnumerateArray())
        {
            var row = alice.Page.Locator($"[data-testid=score-row][data-id='{open.GetProperty("document").GetString()}']");
            await Expect(row.GetByTestId("chance")).ToHaveAttributeAsync("data-value", Chance(open, isShadow: false));
            await Expect(row.GetByTestId("shadow-chance")).ToHaveAttributeAsync("data-value", Chance(open, isShadow: true));
        }

        await alice.At("explain-LONG").ClickAsync();
        var card = told.GetProperty("open").EnumerateArray().Single(o => o.GetProperty("document").GetString() == "LONG").GetProperty("scores")[0];
        await Expect(alice.At("explained")).ToContainTextAsync((card.GetProperty("points").GetInt32() / 100.0).ToString("0.00", CultureInfo.InvariantCulture) + " points");
        var terms = alice.Page.Locator("[data-testid=factor][data-id='invoice.terms']").First;
        await Expect(terms).ToContainTextAsync("−30.00");
        await Expect(terms).ToContainTextAsync("60 days");
        // What everybody has and the points of the factors are the score.
        var points = await alice.At("explained").Locator("table").First.Locator("[data-testid=factor] td:first-child").AllInnerTextsAsync();
        Assert.Equal(card.GetProperty("points").GetInt32(), card.GetProperty("base").GetInt32() + points.Sum(p => (int)Math.Round(100 * double.Parse(p.Replace('−', '-'), CultureInfo.InvariantCulture))));
        // A fact leads to its event.
        await alice.At("explained").GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "LONG" }).ClickAsync();
        await alice.At("event-page").WaitForAsync();
        // In the other language, for somebody who only reads.
        await using var vera = await Visit.OpenAsync(browser, house, "vera", "/customers/ACME?tab=score", lang: "zh");
        await Expect(vera.At("score")).ToContainTextAsync("逾期概率");
        await vera.At("explain-LONG").ClickAsync();
        await Expect(vera.Page.Locator("[data-testid=factor][data-id='invoice.terms']").First).ToContainTextAsync("自开具至到期的天数");
        await Expect(vera.At("share").First).ToHaveAttributeAsync("data-why", "");
        alice.NoComplaints();
        // What goes wrong is said in words, where it was asked for.
        await house.StopAsync();
        await vera.At("score").GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "重新加载" }).ClickAsync();
        await Expect(vera.At("score-failed")).ToContainTextAsync("服务没有响应");
        await house.StartAsync();

        static string Chance(JsonElement open, bool isShadow) =>
            open.GetProperty("scores").EnumerateArray().Single(s => s.GetProperty("isShadow").GetBoolean() == isShadow).GetProperty("chancePpm").GetInt32().ToString(CultureInfo.InvariantCulture);
    }
}
