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

    private static string? Outcome(Reply reply) => reply.Json.GetProperty("results")[0].GetProperty("outcome").GetString();

    private byte[] Twin(string type, string customer, object data) => Twin(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(service.Event(type, customer, data))));

    private byte[] Twin(byte[] json) => _writer.Write(new EventDecoder().Decode(json, default)).ToArray();
}
