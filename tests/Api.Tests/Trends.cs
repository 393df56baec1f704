using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>What the tiles said before.</summary>
public sealed class Trends(Service service) : IClassFixture<Service>
{
    [Fact]
    public async Task Tiles_are_sampled_from_the_start_and_kept_over_a_restart_and_are_for_those_who_see_the_whole_book()
    {
        System.Text.Json.JsonElement told;
        do told = (await service.GetAsync("Viewer", "/board/trend")).Json;
        while (told.GetProperty("samples").GetArrayLength() == 0);
        var at = told.GetProperty("was").GetProperty("at").GetString();
        Assert.Equal("all", told.GetProperty("was").GetProperty("tiles")[0].GetProperty("id").GetString());
        service.Key("part", Domain.Roles.Viewer, 0, "EAST");
        var part = (await service.GetAsync("part", "/board/trend")).Json;
        Assert.Equal((System.Text.Json.JsonValueKind.Null, 0), (part.GetProperty("was").ValueKind, part.GetProperty("samples").GetArrayLength()));
        await service.RestartAsync();
        do told = (await service.GetAsync("Viewer", "/board/trend")).Json;
        while (told.GetProperty("samples").GetArrayLength() < 2);
        Assert.Equal(at, told.GetProperty("was").GetProperty("at").GetString());
    }

    [Fact]
    public async Task A_release_by_rule_is_counted_today()
    {
        var customer = await service.CustomerAsync();
        await service.OrderAsync(customer, 2_000_00);
        var before = (await service.GetAsync("Viewer", "/board/trend")).Json.GetProperty("releasedByRuleToday").GetInt32();
        await service.TellAsync("payment.received", customer, new { paymentId = service.New("P"), amount = 1_500_00, currency = "EUR", valueOn = Service.Today, cleared = true });
        Assert.Equal(before + 1, (await service.GetAsync("Viewer", "/board/trend")).Json.GetProperty("releasedByRuleToday").GetInt32());
    }
}
