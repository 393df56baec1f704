using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>The forms of events that a service publishes are those of the repository, and none is missing.</summary>
public sealed class Schemas(Service service) : IClassFixture<Service>
{
    [Theory]
    [InlineData("In", "schemas")]
    [InlineData("Out", "out")]
    public async Task Every_schema_of_the_repository_is_served_as_it_stands_there(string direction, string folder)
    {
        var files = Directory.GetFiles(Path.Combine(Path.GetDirectoryName(Contract.Snapshot)!, "events", folder), "*.json").ToDictionary(f => "/api/v1/schemas/" + Path.GetFileName(f), StringComparer.Ordinal);
        var told = (await service.GetAsync("Viewer", "/schemas")).Json.GetProperty("schemas").EnumerateArray().Where(s => s.GetProperty("direction").GetString() == direction)
            .Select(s => (Type: s.GetProperty("type").GetString()!, Address: s.GetProperty("schema").GetString()!)).ToList();
        Assert.Equal(files.Keys.Order(StringComparer.Ordinal), told.Select(s => s.Address).Order(StringComparer.Ordinal));
        foreach (var (type, address) in told)
        {
            var expected = await File.ReadAllTextAsync(files[address]);
            Assert.Equal(expected, (await service.GetAsync("Service", address["/api/v1".Length..])).Body);
            Assert.Equal(expected, (await service.GetAsync("Admin", "/schemas/" + type)).Body);
        }
    }

    [Fact]
    public async Task The_Protobuf_file_is_served_and_an_unknown_type_is_told()
    {
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(Contract.Snapshot)!, "events", "events.proto")), (await service.GetAsync("Service", "/schemas/events.proto")).Body);
        Assert.Equal((404, "NO_SCHEMA"), (await service.GetAsync("Viewer", "/schemas/credit.miracle.v1") is var reply ? reply.Code : 0, reply.Problem));
    }
}
