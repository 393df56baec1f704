using System.Text.Json;
using ExposureMonitor.Domain;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ExposureMonitor.Console.Tests;

/// <summary>The page of a group: the way to it, its limit and use, the tree with the slice of each, live, in both languages.</summary>
[Collection(InBrowser.Name)]
public sealed class GroupScreens(Browser browser)
{
    [BrowserFact]
    public async Task From_a_member_the_way_leads_to_its_group_and_down_the_tree()
    {
        await using var house = await GroupAsync();
        await using var visit = await Visit.OpenAsync(browser, house, "alice", "/customers/LEAF");
        await visit.At("to-group").ClickAsync();
        await Expect(visit.At("group")).ToHaveAttributeAsync("data-id", "MIDDLE");
        await Expect(visit.At("group-path")).ToContainTextAsync("Name of HOLDING");
        await Expect(visit.At("group-slices")).ToContainTextAsync("HOLDING");
        await visit.At("group-path").GetByRole(AriaRole.Link, new() { Name = "Name of HOLDING" }).ClickAsync();
        await Expect(visit.At("group")).ToHaveAttributeAsync("data-id", "HOLDING");
        await Visit.ShowsAsync(visit.At("group-limit"), 10_000_00);
        await Expect(Rows(visit)).ToHaveCountAsync(2);
        await visit.At("open-MIDDLE").ClickAsync();
        await Expect(Rows(visit)).ToHaveCountAsync(3);
        await Expect(visit.Page.Locator("tr[data-id=LEAF]")).ToHaveAttributeAsync("data-level", "2");

        // What a member is invoiced above its slice counts in the group at once, without anybody reloading.
        await house.InvoiceAsync("SIDE", "I1", 3_000_00);
        await Visit.ShowsAsync(visit.At("group-use"), 3_000_00);
        await Visit.ShowsAsync(visit.At("group-pool"), 7_000_00);
        await Visit.ShowsAsync(visit.Page.Locator("tr[data-id=SIDE] [data-value]").Nth(0), 3_000_00);
        var told = await house.GetAsync("/customers/HOLDING/group");
        var side = told.GetProperty("members").EnumerateArray().Single(m => m.GetProperty("customer").GetString() == "SIDE");
        await Expect(visit.Page.Locator("tr[data-id=SIDE] td").Last).ToHaveTextAsync($"{side.GetProperty("asOf").GetProperty("partition")}-{side.GetProperty("asOf").GetProperty("seq")}");
        await Expect(visit.At("group-as-of")).ToHaveTextAsync($"{told.GetProperty("asOf").GetProperty("partition")}-{told.GetProperty("asOf").GetProperty("seq")}");
        Assert.True(told.GetProperty("asOf").GetProperty("seq").GetInt64() > 0);
        await visit.At("group-customer").ClickAsync();
        await Expect(visit.At("to-own-group")).ToHaveTextAsync("group with 2 members");
        visit.NoComplaints();
    }

    [BrowserFact]
    public async Task The_page_is_readable_for_everybody_speaks_Chinese_and_shows_nobody_who_is_not_seen()
    {
        await using var house = await GroupAsync();
        var axe = await File.ReadAllTextAsync(Path.Combine(House.Root, "src", "Console", "node_modules", "axe-core", "axe.min.js"));
        foreach (var (lang, dark) in new[] { ("en", false), ("zh", true) })
        {
            await using var visit = await Visit.OpenAsync(browser, house, "max", "/board", lang, dark);
            await Screens.OpenAsync(visit, "/groups/HOLDING");
            await visit.At("open-MIDDLE").ClickAsync();
            await Expect(Rows(visit)).ToHaveCountAsync(3);
            if (Environment.GetEnvironmentVariable("EXPOSURE_PICTURES") is { Length: > 0 } folder) await visit.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"group-{lang}.png") });
            await visit.Page.EvaluateAsync(axe);
            var found = await visit.Page.EvaluateAsync<JsonElement>("async () => (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })).violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + n.failureSummary).join(' | '))");
            Assert.True(found.GetArrayLength() == 0, $"{lang}: {found}");
            if (lang == "zh") await Expect(visit.At("group")).ToContainTextAsync("集团额度");
            visit.NoComplaints();
        }

        await using var eve = await Visit.OpenAsync(browser, house, "eve", "/groups/MIDDLE");
        // She sees the segment EAST: of the group's members none, and nothing above it.
        await Expect(eve.At("not-listed")).ToContainTextAsync("1");
        await Expect(eve.At("group-path")).ToHaveCountAsync(0);
        Assert.DoesNotContain("LEAF", await eve.At("group").InnerTextAsync(), StringComparison.Ordinal);
        await eve.Page.GotoAsync("/groups/HOLDING");
        await eve.At("missing").WaitForAsync();
    }

    [BrowserFact]
    public async Task The_board_has_groups_and_risk_classes_as_columns_filters_and_shares()
    {
        await using var house = await GroupAsync();
        await house.CustomerAsync("ALONE", 1_000_00, "WEST");
        await house.InvoiceAsync("SIDE", "I1", 300_00);
        await house.InvoiceAsync("ALONE", "I1", 100_00);
        await GradeAsync(house, "SIDE", "D");
        await using var visit = await Visit.LiveAsync(browser, house, "max", "/board?cols=band,customer,group,grade,exposure");
        var side = visit.Page.Locator("[data-testid=row][data-id=SIDE]");
        await Expect(side.Locator("[data-column=group]")).ToHaveTextAsync("HOLDING");
        await Expect(side.Locator("[data-column=grade]")).ToHaveTextAsync("D");
        await Expect(visit.Page.Locator("[data-testid=row][data-id=ALONE] [data-column=group]")).ToHaveTextAsync("");
        // The filter, its address, and the tiles above ask the same.
        await visit.At("filter-group").SelectOptionAsync("HOLDING");
        await Expect(visit.At("total")).ToHaveAttributeAsync("data-value", "4");
        Assert.Contains("group=HOLDING", visit.Page.Url, StringComparison.Ordinal);
        await visit.At("filter-grade").SelectOptionAsync("D");
        await Expect(visit.At("row")).ToHaveCountAsync(1);
        await Expect(visit.At("row")).ToHaveAttributeAsync("data-id", "SIDE");
        // What leaves nothing names each filter with its own way out.
        await visit.At("filter-grade").SelectOptionAsync("A");
        await visit.At("empty").GetByRole(AriaRole.Button, new() { Name = "Risk class: A" }).ClickAsync();
        await Expect(visit.At("total")).ToHaveAttributeAsync("data-value", "4");
        await visit.At("filter-group").SelectOptionAsync("");
        await visit.At("sort-grade").ClickAsync();
        await Expect(visit.At("row").First).ToHaveAttributeAsync("data-id", "SIDE");
        // A customer that gets a class while somebody looks shows it.
        await GradeAsync(house, "ALONE", "B");
        await Expect(visit.Page.Locator("[data-testid=row][data-id=ALONE] [data-column=grade]")).ToHaveTextAsync("B");
        await visit.At("aside-concentration").ClickAsync();
        await Expect(visit.At("group-share")).ToHaveAttributeAsync("data-value", "30000");
        await visit.At("group-share").GetByRole(AriaRole.Link).ClickAsync();
        await Expect(visit.At("total")).ToHaveAttributeAsync("data-value", "4");
        visit.NoComplaints();
        // Nobody is told of a group whose top he does not see.
        await using var eve = await Visit.LiveAsync(browser, house, "eve", "/board?cols=band,customer,group");
        await Expect(eve.At("row")).ToHaveAttributeAsync("data-id", "MIDDLE");
        await Expect(eve.At("row").Locator("[data-column=group]")).ToHaveTextAsync("");
        await Expect(eve.At("filter-group")).ToHaveCountAsync(0);
    }

    /// <summary>As two people have agreed on it.</summary>
    private static Task GradeAsync(House house, string customer, string grade) => house.Engine.SubmitAsync(new RatingOverridden
    {
        Customer = customer, EventId = house.New("g"), Source = "test", Time = Instant.From(DateTimeOffset.UtcNow), Grade = grade, By = "alice", ApprovedBy = ["bob"],
    });

    private static ILocator Rows(Visit visit) => visit.At("group-tree").Locator("tbody tr");

    /// <summary>HOLDING with the members SIDE and MIDDLE, and LEAF below MIDDLE.</summary>
    private static async Task<House> GroupAsync()
    {
        var house = await House.OpenAsync();
        await house.CustomerAsync("HOLDING", 10_000_00, "WEST");
        await house.CustomerAsync("MIDDLE", 0, "EAST");
        foreach (var member in new[] { "SIDE", "LEAF" }) await house.CustomerAsync(member, 0, "WEST");
        foreach (var (child, parent) in new[] { ("MIDDLE", "HOLDING"), ("SIDE", "HOLDING"), ("LEAF", "MIDDLE") })
        {
            await house.TellAsync("customer.reparented", child, new { version = 1, parentId = parent, effectiveOn = House.Today });
            while ((await house.GetAsync($"/customers/{child}/group")).GetProperty("slices") is var slices && (slices.GetArrayLength() == 0 || slices[0].GetProperty("limit").ValueKind == JsonValueKind.Null)) await Task.Yield();
        }

        return house;
    }
}
