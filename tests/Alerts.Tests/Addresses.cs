using System.Net;
using Xunit;

namespace ExposureMonitor.Alerts.Tests;

/// <summary>No address of the house is reached by writing it into a channel.</summary>
public sealed class Addresses
{
    [Theory]
    [InlineData("http://host.example/x")]
    [InlineData("https://user:pw@host.example/x")]
    [InlineData("https://host.example/x#frag")]
    [InlineData("https://127.0.0.1/x")]
    [InlineData("https://2130706433/x")]
    [InlineData("https://0x7f.1/x")]
    [InlineData("https://[::1]/x")]
    [InlineData("https://8.8.8.8/x")]
    [InlineData("https://host.example:8443/x")]
    [InlineData("ftp://host.example/x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("//host.example/x")]
    [InlineData("")]
    public void An_address_that_is_none_of_a_receiver_outside_is_refused(string url) =>
        Assert.NotNull(AddressRules.Refusal(url, new ChannelSettings { Name = "c", Kind = ChannelKind.Webhook }));

    [Theory]
    [InlineData("https://hooks.slack.com/services/x", true)]
    [InlineData("https://hooks.slack.com.evil.example/services/x", false)]
    [InlineData("https://evil.example/hooks.slack.com", false)]
    public void A_vendors_channel_goes_to_the_vendor(string url, bool allowed) =>
        Assert.Equal(allowed, AddressRules.Refusal(url, new ChannelSettings { Name = "c", Kind = ChannelKind.Slack, Hosts = VendorDefaults.HostsOf(ChannelKind.Slack) }) is null);

    [Theory]
    [InlineData("https://prod-1.logic.azure.com/x", true)]
    [InlineData("https://logic.azure.com/x", false)]
    [InlineData("https://evil-logic.azure.com.example/x", false)]
    public void A_star_is_any_host_below(string url, bool allowed) =>
        Assert.Equal(allowed, AddressRules.Refusal(url, new ChannelSettings { Name = "c", Kind = ChannelKind.Teams, Hosts = VendorDefaults.HostsOf(ChannelKind.Teams) }) is null);

    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("172.31.255.255")]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("fd00::1")]
    [InlineData("fe80::1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("fd00:ec2::254")]
    [InlineData("168.63.129.16")]
    [InlineData("100.100.100.200")]
    [InlineData("192.0.0.192")]
    [InlineData("2001:10::1")]
    [InlineData("3fff::1")]
    public void Addresses_of_the_house_are_not_connected_to(string address) => Assert.False(AddressRules.MayConnect(IPAddress.Parse(address), []));

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("2606:4700::1111")]
    public void Addresses_outside_are(string address) => Assert.True(AddressRules.MayConnect(IPAddress.Parse(address), []));

    [Fact]
    public async Task A_name_that_leads_into_the_house_is_refused_at_the_connection()
    {
        await using var server = await VendorServer.StartAsync(ChannelKind.Slack);
        var url = server.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        var settings = new ChannelSettings { Name = "c", Kind = ChannelKind.Slack, Url = url, AllowHttp = true, Ports = [new Uri(url).Port], BytesMax = 12_000 };
        await using var refused = Transports.Of(settings);
        var answer = await refused.SendAsync(Samples.Message(1), CancellationToken.None);
        Assert.Equal(AnswerKind.Unhealthy, answer.Kind);
        Assert.Contains("not to be reached", answer.Text, StringComparison.Ordinal);
        Assert.Empty(server.Received);
        await using var allowed = Transports.Of(settings with { AllowedNetworks = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")] });
        Assert.Equal(AnswerKind.Delivered, (await allowed.SendAsync(Samples.Message(1), CancellationToken.None)).Kind);
    }
}
