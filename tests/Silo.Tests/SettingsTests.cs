using System.Net;
using ExposureMonitor.Silo;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace ExposureMonitor.Silo.Tests;

/// <summary>Settings are checked at the start; what is wrong is named.</summary>
public sealed class SettingsTests
{
    [Fact]
    public void Defaults_stand_where_nothing_is_said()
    {
        var options = Read(("Journal:Connection", "postgres://exposure@db/exposure"));
        Assert.Equal((64, "EUR", "exposure", 11_111, 8_480), (options.Partitions, options.BaseCurrency, options.ClusterId, options.SiloPort, options.Port));
        Assert.Equal((IPAddress.Loopback, null, options.Journal), (options.Advertised, options.Listen, options.Orleans));
        Assert.Null(options.Kafka);
    }

    [Fact]
    public void Everything_can_be_told()
    {
        var options = Read(("Journal:Connection", "Host=db;Database=exposure"), ("Journal:Partitions", "16"), ("Journal:BaseCurrency", "USD"), ("Journal:TimeZone", "Europe/Berlin"), ("Cluster:Id", "a"),
            ("Cluster:SiloName", "s1"), ("Cluster:SiloPort", "12000"), ("Cluster:AdvertisedAddress", "10.0.0.7"), ("Cluster:Connection", "Host=orleans;Database=o"), ("Cluster:ProbeSeconds", "1"), ("Cluster:MissedProbes", "2"),
            ("Cluster:Votes", "1"), ("Api:Port", "9000"), ("Api:Listen", "0.0.0.0"), ("Api:RatePerSecond", "0"), ("Api:MovingWaitSeconds", "9"), ("Kafka:Bootstrap", "kafka:9092"), ("Kafka:Accept", "credit.orders, credit.reference"), ("Console:Grafana", "https://grafana.example.com/d/exposure"),
            ("Console:OrleansDashboard", "https://orleans.example.com/cluster/"));
        Assert.Equal((16, "USD", "Europe/Berlin", "a", "s1", 12_000), (options.Partitions, options.BaseCurrency, options.TimeZone, options.ClusterId, options.SiloName, options.SiloPort));
        Assert.Equal(("Host=orleans;Database=o", TimeSpan.FromSeconds(1), 2, 1, 9_000, 0, TimeSpan.FromSeconds(9)), (options.Orleans, options.Probe, options.MissedProbes, options.Votes, options.Port, options.RatePerSecond, options.MovingWait));
        Assert.Equal(("https://grafana.example.com/d/exposure", "https://orleans.example.com/cluster"), (options.Grafana, options.OrleansDashboard));
        Assert.Equal(("kafka:9092", 2), (options.Kafka!.Bootstrap, options.Accepted.Count));
    }

    [Theory]
    [InlineData("Journal:Connection", "", "Journal:Connection is missing")]
    [InlineData("Journal:Connection", "sqlite:book.db", "Journal:Connection names a SQLite file")]
    [InlineData("Journal:Connection", "book.db", "Journal:Connection is no address")]
    [InlineData("Journal:Partitions", "0", "Journal:Partitions is '0'; expected a whole number from 1 to 4096")]
    [InlineData("Journal:BaseCurrency", "EURO", "Journal:BaseCurrency is 'EURO'")]
    [InlineData("Journal:TimeZone", "Mars/Olympus", "Journal:TimeZone is 'Mars/Olympus'")]
    [InlineData("Journal:Shards:1", "Host=b", "Journal:Shards:0 is missing")]
    [InlineData("Journal:Shards:0", "b.db", "Journal:Shards:0 is no address of PostgreSQL")]
    [InlineData("Cluster:SiloPort", "many", "Cluster:SiloPort is 'many'; expected a whole number from 1 to 65535")]
    [InlineData("Cluster:AdvertisedAddress", "silo-0", "Cluster:AdvertisedAddress is 'silo-0'; expected an address")]
    [InlineData("Cluster:SiloPorts", "1", "Cluster:SiloPorts is unknown; expected one of Cluster:Id")]
    [InlineData("Api:MovingWaitSeconds", "0", "Api:MovingWaitSeconds is '0'")]
    [InlineData("Channels:File", "/etc/none.yaml", "Channels:File is '/etc/none.yaml'; there is no such file")]
    [InlineData("Anchors:Places", "/mnt/a", "Anchors:KeyFile is missing")]
    [InlineData("SignIn:Issuer", "http://idp.example", "SignIn:Issuer is 'http://idp.example'; expected an https address")]
    [InlineData("SignIn:ClientId", "desk", "SignIn:ClientId is set, and SignIn:Issuer is not")]
    [InlineData("Console:Grafana", "grafana.example.com", "Console:Grafana: 'grafana.example.com' is no address of a dashboard")]
    [InlineData("Console:Grafana", "javascript:alert(1)", "Console:Grafana: 'javascript:alert(1)' is no address of a dashboard")]
    [InlineData("Console:OrleansDashboard", "/dashboard", "Console:OrleansDashboard: '/dashboard' is no address of a dashboard")]
    [InlineData("Kafka:ConfigFile", "/etc/kafka", "Kafka:ConfigFile is set, and Kafka:Bootstrap is not")]
    public void What_is_wrong_is_named(string name, string value, string message)
    {
        var settings = new Dictionary<string, string?> { ["Journal:Connection"] = "Host=db;Database=exposure", [name] = value };
        var wrong = Assert.Throws<SettingException>(() => SiloOptions.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()));
        Assert.StartsWith(message, wrong.Message, StringComparison.Ordinal);
    }

    private static SiloOptions Read(params (string Name, string Value)[] told) =>
        SiloOptions.Read(new ConfigurationBuilder().AddInMemoryCollection(told.ToDictionary(t => t.Name, t => (string?)t.Value)).Build());
}
