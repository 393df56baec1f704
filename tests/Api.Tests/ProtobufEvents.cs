using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Ingest;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>Events in Protobuf are taken like those in JSON, one by one and in batches.</summary>
public sealed class ProtobufEvents(Service service) : IClassFixture<Service>
{
    private readonly ProtobufEventWriter _writer = new();

    [Fact]
    public async Task A_batch_has_an_outcome_per_event_and_what_breaks_off_is_kept()
    {
        var customer = await service.CustomerAsync();
        var batch = new ByteBuffer();
        foreach (var amount in (string[])["100", "250"])
            ProtobufEventWriter.WriteToBatch(Twin("order.placed", customer, new { orderId = service.New("O"), amount, currency = "EUR", orderedOn = "2026-03-01", shipOn = "2026-03-05" }), batch);
        ProtobufEventWriter.WriteToBatch([8, 1, 0x12, 99], batch);
        var reply = await service.SendAsync("Service", "POST", "/events", batch.Written.ToArray(), "application/protobuf");
        Assert.Equal(["Applied", "Applied", "Undecodable"], reply.Json.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("outcome").GetString()));
        Assert.Equal("NOT_PROTOBUF", reply.Json.GetProperty("results")[2].GetProperty("reason").GetString());
        Assert.Equal("350", (await service.GetAsync("Viewer", "/customers/" + customer)).Json.GetProperty("components").GetProperty("openOrders").GetString());
    }

    [Fact]
    public async Task The_twin_of_an_event_is_its_duplicate()
    {
        var customer = await service.CustomerAsync();
        var json = JsonSerializer.SerializeToUtf8Bytes(service.Event("order.placed", customer, new { orderId = service.New("O"), amount = 7, currency = "EUR", orderedOn = "2026-03-01", shipOn = "2026-03-05" }));
        Assert.Equal("Applied", Outcome(await service.SendAsync("Service", "POST", "/events", json, "application/x-ndjson")));
        Assert.Equal("Duplicate", Outcome(await service.SendAsync("Service", "POST", "/events", Twin(json), "application/protobuf")));
    }

    [Fact]
    public async Task A_dead_letter_is_shown_as_JSON_repaired_and_replayed()
    {
        var customer = await service.CustomerAsync();
        var (letter, shown) = await SpoiltAsync(customer);
        Assert.Equal("BAD_AMOUNT", (await service.PostAsync("Admin", $"/dead-letters/{letter}/replay")).Problem);
        Assert.Equal("BAD_AMOUNT", (await service.PostAsync("Admin", $"/dead-letters/{letter}/replay", shown)).Problem);

        var asked = await service.PostAsync("Admin", $"/dead-letters/{letter}/replay", shown.Replace("\"0\"", "\"700\"", StringComparison.Ordinal));
        Assert.Equal(202, asked.Code);
        Assert.Equal("Approved", (await service.PostAsync("Approver", $"/proposals/{asked.Text("id")}/approve")).Text("state"));
        Assert.Equal("700", (await service.GetAsync("Viewer", "/customers/" + customer)).Text("gross"));
        Assert.Equal("Approved", (await service.GetAsync("Auditor", "/dead-letters/" + letter)).Json.GetProperty("replays")[0].GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_repaired_record_may_be_in_Protobuf_as_well()
    {
        var customer = await service.CustomerAsync();
        var (letter, shown) = await SpoiltAsync(customer);
        var repaired = Twin(Encoding.UTF8.GetBytes(shown.Replace("\"0\"", "\"300\"", StringComparison.Ordinal)));
        var asked = await service.SendAsync("Admin", "POST", $"/dead-letters/{letter}/replay", repaired, "application/protobuf");
        Assert.Equal("Approved", (await service.PostAsync("Approver", $"/proposals/{asked.Text("id")}/approve")).Text("state"));
        Assert.Equal("300", (await service.GetAsync("Viewer", "/customers/" + customer)).Text("gross"));
    }

    /// <summary>An order of nothing, which no order may be, sent alone; its dead letter, and the record as it is shown there.</summary>
    private async Task<(string Letter, string Shown)> SpoiltAsync(string customer)
    {
        var fact = new EventDecoder().Decode(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(
            service.Event("order.placed", customer, new { orderId = service.New("O"), amount = 5, currency = "EUR", orderedOn = "2026-03-01", shipOn = "2026-03-05" }))), default);
        ((OrderPlaced)fact).Amount = 0;
        var refused = await service.SendAsync("Service", "POST", "/events", _writer.Write(fact).ToArray(), "application/protobuf");
        Assert.Equal((400, "BAD_AMOUNT"), (refused.Code, refused.Problem));
        var told = await service.GetAsync("Analyst", "/dead-letters/" + refused.Text("deadLetter"));
        Assert.Equal(_writer.Write(fact).ToArray(), Convert.FromBase64String(told.Json.GetProperty("event").GetProperty("data").GetProperty("record").GetString()!));
        var shown = told.Text("recordAsJson");
        Assert.Contains("\"amount\": \"0\"", shown, StringComparison.Ordinal);
        return (refused.Text("deadLetter"), shown);
    }

    private static string? Outcome(Reply reply) => reply.Json.GetProperty("results")[0].GetProperty("outcome").GetString();

    private byte[] Twin(string type, string customer, object data) => Twin(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(service.Event(type, customer, data))));

    private byte[] Twin(byte[] json) => _writer.Write(new EventDecoder().Decode(json, default)).ToArray();
}
