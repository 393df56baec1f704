using System.Text.Json;
using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>A signal says what was compared with what, under which rules, what would clear it in both languages, and which events made it.</summary>
public sealed class ExplainedSignals(Service service) : IClassFixture<Service>
{
    private async Task<JsonElement> SignalsAsync(string customer, string query = "")
    {
        var answer = await service.GetAsync("Viewer", $"/customers/{customer}/signals{query}");
        Assert.Equal(200, answer.Code);
        return JsonDocument.Parse(answer.Body).RootElement.GetProperty("signals");
    }

    [Fact]
    public async Task Signal_is_explained_down_to_its_events_now_and_as_of_the_past()
    {
        const string customer = "EXPLAINED";
        var day = DateOnly.FromDateTime(DateTime.UtcNow).DayNumber;
        var eur = Currency.Parse("EUR");
        await service.Engine.SubmitAsync(new LimitSet { Customer = customer, EventId = "limit", Source = "t", Version = 1, Currency = eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = 100_000 }] });
        var before = await service.Engine.SubmitAsync(new InvoicePosted { Customer = customer, EventId = "small", Source = "t", InvoiceId = "I1", Amount = 10_000, Currency = eur, IssuedOn = day, DueOn = day + 30 });
        await service.Engine.SubmitAsync(new InvoicePosted { Customer = customer, EventId = "large", Source = "t", InvoiceId = "I2", Amount = 85_000, Currency = eur, IssuedOn = day, DueOn = day + 30 });
        var signal = (await SignalsAsync(customer)).EnumerateArray().Single(s => s.GetProperty("indicator").GetString() == "EW-01");
        var condition = signal.GetProperty("condition");
        Assert.Equal(("9500", "9000", "bp", 1), (condition.GetProperty("observed").GetString(), condition.GetProperty("threshold").GetString(), condition.GetProperty("unit").GetString(), condition.GetProperty("ruleVersion").GetInt32()));
        Assert.Equal("utilisation at or below the step less the re-arm", signal.GetProperty("clears").GetString());
        Assert.Contains("额度使用率", signal.GetProperty("clearsZh").GetString(), StringComparison.Ordinal);
        Assert.Equal(["limit", "small", "large"], signal.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("eventId").GetString()));
        Assert.Equal(signal.GetProperty("raisedAt").GetString(), signal.GetProperty("events")[2].GetProperty("entry").GetString());
        var entry = await service.GetAsync("Viewer", $"/customers/{customer}/history/{signal.GetProperty("events")[2].GetProperty("entry").GetString()}");
        Assert.Equal(200, entry.Code);
        // As of the entry before there was none.
        Assert.Empty((await SignalsAsync(customer, $"?seq={before.At.Seq}")).EnumerateArray());
        Assert.Equal(404, (await service.GetAsync("Viewer", "/customers/NOBODY-AT-ALL/signals")).Code);
        Assert.Equal(400, (await service.GetAsync("Viewer", $"/customers/{customer}/signals?at=yesterday")).Code);
    }
}
