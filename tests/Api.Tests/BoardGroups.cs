using System.Globalization;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>The board by customer group and by risk class: rows, filters, order, sums, files, and whom a caller does not see.</summary>
public sealed class BoardGroups(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task Members_of_a_group_are_found_by_who_stands_at_its_top_and_add_up()
    {
        var top = await service.CustomerAsync(limit: 10_000_00, segment: "GROUPED");
        var (middle, single) = (await ChildAsync(top, "GROUPED"), await service.CustomerAsync(segment: "GROUPED"));
        var leaf = await ChildAsync(middle, "ELSEWHERE");
        foreach (var customer in new[] { top, leaf, single }) await InvoiceAsync(customer, 100_00);

        var board = (await service.GetAsync("Viewer", $"/board?group={top}&sort=customer")).Json;
        Assert.Equal(new[] { leaf, middle, top }.Order(StringComparer.Ordinal), board.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("id").GetString()!));
        Assert.All(board.GetProperty("rows").EnumerateArray(), r => Assert.Equal(top, r.GetProperty("x").GetString()));
        Assert.Equal("20000", board.GetProperty("sums")[0].GetProperty("gross").GetString());
        Assert.DoesNotContain("\"x\"", (await service.GetAsync("Viewer", $"/board?search={single}")).Body, StringComparison.Ordinal);
        Assert.Contains(top, (await service.GetAsync("Viewer", "/board/words")).Json.GetProperty("groups").EnumerateArray().Select(g => g.GetString()));
        Assert.DoesNotContain(middle, (await service.GetAsync("Viewer", "/board/words")).Json.GetProperty("groups").EnumerateArray().Select(g => g.GetString()));
        // Tiles, concentration, sums and files ask the same question.
        Assert.Equal(3, (await service.GetAsync("Viewer", $"/board/tiles?group={top}")).Json.GetProperty("tiles")[0].GetProperty("count").GetInt32());
        var shares = (await service.GetAsync("Viewer", "/board/concentration?segment=GROUPED,ELSEWHERE")).Json.GetProperty("groups");
        var share = Assert.Single(shares.EnumerateArray());
        Assert.Equal((top, 3, "20000", 6_666), (share.GetProperty("group").GetString(), share.GetProperty("customers").GetInt32(), share.GetProperty("gross").GetString(), share.GetProperty("shareBp").GetInt32()));
        Assert.Contains((await service.GetAsync("Viewer", "/portfolio/aggregates?by=group")).Json.GetProperty("groups").EnumerateArray(), g => g.GetProperty("name").GetString() == top && g.GetProperty("customers").GetInt32() == 3);
        var file = (await service.GetAsync("Viewer", $"/board/export?group={top}&sort=customer&columns=customer,group&lang=zh")).Body;
        Assert.Equal(["客户,集团客户", .. new[] { leaf, middle, top }.Order(StringComparer.Ordinal).Select(c => $"{c},{top}")], file.TrimStart('\uFEFF').Split("\r\n", StringSplitOptions.RemoveEmptyEntries));

        // Whose top is hidden from a caller belongs to nobody for him, and is not found by it.
        service.Key("grouped-scope", Roles.Viewer, 0, "ELSEWHERE");
        Assert.Empty((await service.GetAsync("grouped-scope", $"/board?group={top}")).Json.GetProperty("rows").EnumerateArray());
        Assert.DoesNotContain(top, (await service.GetAsync("grouped-scope", "/board")).Body, StringComparison.Ordinal);
        Assert.Empty((await service.GetAsync("grouped-scope", "/board/words")).Json.GetProperty("groups").EnumerateArray());
        Assert.Empty((await service.GetAsync("grouped-scope", "/board/concentration")).Json.GetProperty("groups").EnumerateArray());
        Assert.DoesNotContain(top, (await service.GetAsync("grouped-scope", $"/board/export?columns=customer,group&group={top}")).Body, StringComparison.Ordinal);

        // Who leaves the group leaves the list.
        await service.TellAsync("customer.reparented", middle, new { version = 2, parentId = (string?)null, effectiveOn = Service.Today });
        for (var left = false; !left;) left = (await service.GetAsync("Viewer", $"/board?group={top}")).Json.GetProperty("total").GetInt32() == 0;
        Assert.Equal(2, (await service.GetAsync("Viewer", $"/board?group={middle}")).Json.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Risk_classes_are_shown_filtered_and_sorted_by()
    {
        var (best, worst, none) = (await service.CustomerAsync(segment: "CLASSES"), await service.CustomerAsync(segment: "CLASSES"), await service.CustomerAsync(segment: "CLASSES"));
        await GradeAsync(best, "A");
        await GradeAsync(worst, "D");
        var rows = (await service.GetAsync("Viewer", "/board?segment=CLASSES&sort=grade")).Json.GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal([worst, best, none], rows.Select(r => r.GetProperty("id").GetString()!));
        Assert.Equal(["D", "A", null], rows.Select(r => r.TryGetProperty("q", out var grade) ? grade.GetString() : null));
        Assert.Equal([best, worst, none], await IdsAsync("/board?segment=CLASSES&sort=grade&order=asc"));
        Assert.Equal([worst], await IdsAsync("/board?segment=CLASSES&grade=D,E"));
        Assert.Equal([none], await IdsAsync("/board?segment=CLASSES&grade=none"));
        Assert.Equal(400, (await service.GetAsync("Viewer", "/board?grade=F")).Code);
        Assert.Equal(["", "A", "D"], (await service.GetAsync("Viewer", "/portfolio/aggregates?by=grade&segment=CLASSES")).Json.GetProperty("groups").EnumerateArray().Select(g => g.GetProperty("name").GetString()!));
        Assert.Contains($"{worst},D\r\n", (await service.GetAsync("Viewer", "/board/export?segment=CLASSES&columns=customer,grade")).Body, StringComparison.Ordinal);
        // What a person said wins until it is taken back by a later word.
        await GradeAsync(worst, "B");
        Assert.Equal([worst], await IdsAsync("/board?segment=CLASSES&grade=B"));
    }

    private async Task<string[]> IdsAsync(string path) => [.. (await service.GetAsync("Viewer", path)).Json.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("id").GetString()!)];

    /// <summary>As two people have agreed on it.</summary>
    private async Task GradeAsync(string customer, string grade) => Assert.Equal(OutcomeKind.Applied, (await service.Engine.SubmitAsync(new RatingOverridden
    {
        Customer = customer, EventId = service.New("g"), Source = "test", Time = Instant.From(DateTimeOffset.UtcNow), Grade = grade, By = "kim", ApprovedBy = ["bob"],
    })).Outcome.Kind);

    private Task InvoiceAsync(string customer, long amount) => service.TellAsync("invoice.posted", customer, new { invoiceId = service.New("I"), amount, currency = "EUR", issuedOn = Service.Today, dueOn = DateTime.UtcNow.AddDays(20).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) });

    private async Task<string> ChildAsync(string parent, string segment)
    {
        var child = service.New("SUB-");
        await service.TellAsync("customer.opened", child, new { currency = "EUR", name = child, segment, parentId = parent });
        for (var isIn = false; !isIn;) isIn = (await service.GetAsync("Viewer", $"/board?search={child}")).Body.Contains("\"x\"", StringComparison.Ordinal);
        return child;
    }
}
