using System.Text.Json;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>The page of a group: its members with slices, use and as-of, a check that waits for its parent, and whom a caller does not see.</summary>
public sealed class GroupPages(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task A_members_check_waits_for_its_parent_and_the_page_tells_the_slice()
    {
        var parent = await service.CustomerAsync(limit: 10_000_00);
        var member = await MemberAsync(parent);
        var reply = await service.PostAsync("Service", $"/customers/{member}/credit-checks", new { amount = "400000", currency = "EUR" });
        Assert.True(reply.Text("decision") is "Approved" or "ApprovedWithWarnings", reply.Body);
        Assert.NotEqual("", reply.Text("reservationId"));

        var page = (await service.GetAsync("Viewer", $"/customers/{parent}/group")).Json;
        Assert.Equal(("1000000", "EUR", 1), (page.GetProperty("limit").GetString(), page.GetProperty("currency").GetString(), page.GetProperty("memberCount").GetInt32()));
        var line = Assert.Single(page.GetProperty("members").EnumerateArray());
        Assert.Equal(member, line.GetProperty("customer").GetString());
        Assert.True(long.Parse(line.GetProperty("slice").GetString()!, System.Globalization.CultureInfo.InvariantCulture) >= 400_000);
        Assert.True(line.GetProperty("asOf").GetProperty("seq").GetInt64() > 0);
        Assert.Equal((member, 0), (line.GetProperty("name").GetString(), line.GetProperty("memberCount").GetInt32()));
        // The figures of the parent itself are as of the entry that lent, and its row says the same.
        var row = (await service.GetAsync("Viewer", $"/customers/{parent}")).Json.GetProperty("asOf");
        Assert.Equal((row.GetProperty("partition").GetInt32(), row.GetProperty("seq").GetInt64()), (page.GetProperty("asOf").GetProperty("partition").GetInt32(), page.GetProperty("asOf").GetProperty("seq").GetInt64()));
        Assert.Equal([parent, member], (await service.GetAsync("Viewer", $"/customers/{member}/group")).Json.GetProperty("path").EnumerateArray().Select(p => p.GetProperty("customer").GetString()!));
        Assert.Equal(parent, (await service.GetAsync("Viewer", $"/customers/{member}/group")).Json.GetProperty("slices")[0].GetProperty("parent").GetString());

        // Beyond the group there is nothing to wait for.
        var over = await service.PostAsync("Service", $"/customers/{member}/credit-checks", new { amount = "600001", currency = "EUR" });
        Assert.Equal("Held", over.Text("decision"));
    }

    [Fact]
    public async Task Members_of_other_segments_count_and_are_not_listed()
    {
        var parent = await service.CustomerAsync(limit: 10_000_00, segment: "INSIDE");
        var (seen, hidden) = (await MemberAsync(parent, "INSIDE"), await MemberAsync(parent, "OUTSIDE"));
        service.Key("group-scoped", Roles.Viewer, 0, "INSIDE");
        var page = await service.GetAsync("group-scoped", $"/customers/{parent}/group");
        Assert.Equal(seen, Assert.Single(page.Json.GetProperty("members").EnumerateArray()).GetProperty("customer").GetString());
        Assert.Equal((2, 1), (page.Json.GetProperty("memberCount").GetInt32(), page.Json.GetProperty("notListed").GetInt32()));
        Assert.DoesNotContain(hidden, page.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_customer_without_a_group_has_an_empty_page_and_nobody_has_none()
    {
        var page = (await service.GetAsync("Viewer", $"/customers/{await service.CustomerAsync()}/group")).Json;
        Assert.Equal((0, JsonValueKind.Null), (page.GetProperty("members").GetArrayLength(), page.GetProperty("parent").ValueKind));
        Assert.Equal(404, (await service.GetAsync("Viewer", "/customers/NOBODY/group")).Code);
    }

    private async Task<string> MemberAsync(string parent, string segment = "TRADE")
    {
        var member = service.New("MEM-");
        await service.TellAsync("customer.opened", member, new { currency = "EUR", name = member, segment, parentId = parent });
        while ((await service.GetAsync("Viewer", $"/customers/{member}/group")).Json.GetProperty("slices") is var slices && (slices.GetArrayLength() == 0 || slices[0].GetProperty("limit").ValueKind == JsonValueKind.Null)) await Task.Yield();
        return member;
    }
}
