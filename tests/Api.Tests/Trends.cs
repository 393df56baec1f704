using ExposureMonitor.Ingest;
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

    /// <summary>Eight-hourly moments reach back a day: whoever asks for 24 hours compares with what stood 24 to 32 hours ago.</summary>
    [Fact]
    public async Task Movers_remember_what_stood_a_day_ago_and_a_younger_process_its_beginning()
    {
        var clock = new HandClock();
        await using var desk = new Desk(service.Engine, new EventDecoder(), clock);
        await service.CustomerAsync();
        var begun = clock.GetUtcNow();
        for (var hours = 0; hours <= 40; hours += 8)
        {
            desk.Movers.SampleIfDue();
            Assert.Equal(hours < 24 ? 0 : hours - 24, (int)(desk.Movers.Then("24h")!.At - begun).TotalHours);
            Assert.Equal(hours == 0 ? 0 : hours - 8, (int)(desk.Movers.Then("hour")!.At - begun).TotalHours);
            Assert.NotEmpty(desk.Movers.Then("24h")!.Parts);
            clock.Turn(TimeSpan.FromHours(8));
        }

        // Between two moments the older one serves.
        clock.Turn(TimeSpan.FromHours(-1));
        Assert.Equal(16, (int)(desk.Movers.Then("24h")!.At - begun).TotalHours);
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
