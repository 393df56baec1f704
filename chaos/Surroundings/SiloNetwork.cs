using System.Globalization;
using System.Net;

namespace ExposureMonitor.Chaos;

/// <summary>
/// Two networks for silos, each in a network namespace of its own with a cable into both: one to the other silos, one to the database, the broker and
/// those who ask. So one cable is unplugged and the other one is not. Needs Linux and root.
/// </summary>
internal sealed class SiloNetwork : IAsyncDisposable
{
    // Kept free for such purposes by RFC 2544: nobody routes it.
    private const int Between = 18, Around = 19, NumberMost = 250;

    private readonly int _number, _silos;

    private SiloNetwork(int number, int silos) => (_number, _silos) = (number, silos);

    /// <summary>Where the rig and what it runs are reached from inside.</summary>
    internal IPAddress Outside => Address(Around, 1);

    /// <summary>Where other silos reach a silo.</summary>
    internal IPAddress SiloAddress(int silo) => Address(Between, 10 + silo);

    /// <summary>Where callers reach a silo.</summary>
    internal IPAddress ApiAddress(int silo) => Address(Around, 10 + silo);

    /// <summary>What a process is started with so that it lives there.</summary>
    internal string[] Inside(int silo) => ["ip", "netns", "exec", Namespace(silo)];

    /// <summary>Builds both, or says nothing where that cannot be done.</summary>
    internal static async Task<SiloNetwork?> TryBuildAsync(int silos)
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root") return null;
        for (var i = 0; i < 5; i++)
        {
            // Another run may have the number.
            var network = new SiloNetwork(1 + (Environment.ProcessId + i) % NumberMost, silos);
            try
            {
                if (!await TryAsync("link", "add", network.Bridge('c'), "type", "bridge")) continue;
                await network.FurnishAsync();
                return network;
            }
            catch (Exception failed) when (failed is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                await network.DisposeAsync();
            }
        }

        return null;
    }

    private async Task FurnishAsync()
    {
        await IpAsync("link", "set", Bridge('c'), "up");
        await IpAsync("link", "add", Bridge('s'), "type", "bridge");
        await IpAsync("addr", "add", Outside + "/24", "dev", Bridge('s'));
        await IpAsync("link", "set", Bridge('s'), "up");
        for (var silo = 0; silo < _silos; silo++)
        {
            await IpAsync("netns", "add", Namespace(silo));
            await IpAsync("-n", Namespace(silo), "link", "set", "lo", "up");
            foreach (var (which, address, inside) in ((char, IPAddress, string)[])[('c', SiloAddress(silo), "silos"), ('s', ApiAddress(silo), "services")])
            {
                await IpAsync("link", "add", Cable(which, silo), "type", "veth", "peer", "name", inside, "netns", Namespace(silo));
                await IpAsync("link", "set", Cable(which, silo), "master", Bridge(which), "up");
                await IpAsync("-n", Namespace(silo), "addr", "add", address + "/24", "dev", inside);
                await IpAsync("-n", Namespace(silo), "link", "set", inside, "up");
            }
        }
    }

    /// <summary>The silo and the others do not hear each other any more; nobody is told.</summary>
    internal Task UnplugAsync(int silo) => IpAsync("link", "set", Cable('c', silo), "down");

    internal Task PlugInAsync(int silo) => IpAsync("link", "set", Cable('c', silo), "up");

    private IPAddress Address(byte second, int last) => new([198, second, (byte)_number, (byte)last]);

    private string Bridge(char which) => string.Create(CultureInfo.InvariantCulture, $"em{which}{_number}");

    private string Cable(char which, int silo) => string.Create(CultureInfo.InvariantCulture, $"em{which}{_number}-{silo}");

    private string Namespace(int silo) => string.Create(CultureInfo.InvariantCulture, $"em{_number}-{silo}");

    private static Task IpAsync(params string[] arguments) => Shell.RunAsync("ip", arguments);

    private static async Task<bool> TryAsync(params string[] arguments) => (await Shell.TryAsync("ip", arguments)).Code == 0;

    public async ValueTask DisposeAsync()
    {
        for (var silo = 0; silo < _silos; silo++)
        {
            // The host's ends go by themselves only when the last process inside has.
            await TryAsync("link", "del", Cable('c', silo));
            await TryAsync("link", "del", Cable('s', silo));
            await TryAsync("netns", "del", Namespace(silo));
        }

        await TryAsync("link", "del", Bridge('c'));
        await TryAsync("link", "del", Bridge('s'));
    }
}
