using System.Net;
using System.Net.Sockets;

namespace ExposureMonitor.Alerts;

/// <summary>
/// Where a request may go: no address of the house can be reached by writing it, or a name that leads to it, into a channel. The host is looked
/// at when the file is read, the addresses at every connection, and the connection goes to the address that was looked at.
/// </summary>
public static class AddressRules
{
    private static readonly IPNetwork[] Forbidden =
    [
        // This host, private, carrier-grade NAT, loopback, link-local with the metadata services, protocol assignments, documentation, 6to4 relays, benchmarks, multicast, reserved.
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
            "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            // Public by its number, and yet the platform below this host: Azure's wire server.
            "168.63.129.16/32",
            // Unspecified, loopback, discard, mapped and translated IPv4, unique local, link-local, multicast, documentation, Teredo and 6to4.
            "::/128", "::1/128", "::/96", "100::/64", "64:ff9b::/96", "64:ff9b:1::/48", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "2001:db8::/32", "3fff::/20", "2001::/23", "2002::/16", "5f00::/16",
        }.Select(n => IPNetwork.Parse(n)),
    ];

    /// <summary>Why an address of a channel must not be used; <c>null</c> when it may.</summary>
    public static string? Refusal(string url, ChannelSettings settings)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri)) return "the address is no URL such as https://host/path";
        if (uri.Scheme != Uri.UriSchemeHttps && !(uri.Scheme == Uri.UriSchemeHttp && settings.AllowHttp)) return $"{uri.Scheme}: expected https (http only with allow_http: true)";
        if (uri.UserInfo.Length > 0) return "the address must not hold a user or a password";
        if (uri.Fragment.Length > 0) return "the address must not hold a fragment (#)";
        if (uri.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6)
        {
            // Numbers in any notation have become an address by now. Only the file may name those of the house.
            if (!IPAddress.TryParse(uri.Host.Trim('[', ']'), out var literal) || !settings.AllowedNetworks.Any(n => n.Contains(literal))) return "the host is a number; name the host, or allow its network by allow_networks";
        }

        if (settings.Hosts.Count > 0 && !settings.Hosts.Any(h => IsHost(uri.Host, h)) && settings.AllowedNetworks.Count == 0)
            return $"the host is none of {string.Join(", ", settings.Hosts)} (hosts: names others)";
        var usual = uri.Scheme == Uri.UriSchemeHttps ? 443 : 80;
        if (uri.Port != usual && !settings.Ports.Contains(uri.Port) && settings.AllowedNetworks.Count == 0) return $"port {uri.Port}: expected {usual} (ports: allows others)";
        return null;
    }

    /// <summary>Whether a connection to an address may be made.</summary>
    public static bool MayConnect(IPAddress address, IReadOnlyList<IPNetwork> allowed)
    {
        if (allowed.Any(n => n.Contains(address))) return true;
        if (address.IsIPv4MappedToIPv6) return false;
        return !Forbidden.Any(n => n.Contains(address));
    }

    /// <summary>Resolves a host, refuses it if any of its addresses is forbidden, and connects to one that was looked at.</summary>
    /// <exception cref="AddressRefusedException">An address of the host must not be used.</exception>
    /// <exception cref="SocketException">No name, or nobody listens.</exception>
    internal static async ValueTask<Stream> ConnectAsync(DnsEndPoint to, IReadOnlyList<IPNetwork> allowed, CancellationToken cancel)
    {
        var addresses = IPAddress.TryParse(to.Host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(to.Host, cancel);
        if (addresses.FirstOrDefault(a => !MayConnect(a, allowed)) is { } bad) throw new AddressRefusedException($"the host leads to {bad}, which is not to be reached from here");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, to.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary><c>*.example.com</c> is any host below, not the name itself.</summary>
    private static bool IsHost(string host, string pattern) =>
        pattern.StartsWith("*.", StringComparison.Ordinal) ? host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase) : host.Equals(pattern, StringComparison.OrdinalIgnoreCase);
}

/// <summary>An address that must not be reached.</summary>
public sealed class AddressRefusedException : Exception
{
    public AddressRefusedException()
    {
    }

    public AddressRefusedException(string message) : base(message)
    {
    }

    public AddressRefusedException(string message, Exception inner) : base(message, inner)
    {
    }
}
