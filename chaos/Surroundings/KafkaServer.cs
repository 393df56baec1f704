using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace ExposureMonitor.Chaos;

/// <summary>The broker: the one that <c>EXPOSURE_KAFKA</c> names, which is left alone, or an Apache Kafka of the rig's own, which is killed.</summary>
internal sealed class KafkaServer : IAsyncDisposable
{
    private readonly string? _home, _folder;
    private readonly TcpProxy? _proxy;

    private KafkaServer(string bootstrap, string? home, string? folder, TcpProxy? proxy = null) => (Bootstrap, _home, _folder, _proxy) = (bootstrap, home, folder, proxy);

    internal string Bootstrap { get; }

    /// <summary>It is ours, so that it may be killed.</summary>
    internal bool IsOurs => _home is not null;

    /// <param name="outside">Where clients in other networks reach it, by a proxy, since the broker itself keeps to the loopback.</param>
    internal static async Task<KafkaServer> StartAsync(string folder, IPAddress? outside = null)
    {
        var beside = Path.Combine(AppContext.BaseDirectory, "librdkafka.so");
        if (File.Exists(beside))
            NativeLibrary.SetDllImportResolver(typeof(Library).Assembly, (name, _, _) => name.Contains("librdkafka", StringComparison.Ordinal) ? NativeLibrary.Load(beside) : IntPtr.Zero);
        if (Environment.GetEnvironmentVariable("EXPOSURE_KAFKA") is { Length: > 0 } told and not "builtin") return new KafkaServer(told, null, null);
        var home = FindHome() ?? throw new InvalidOperationException("No Kafka: set EXPOSURE_KAFKA to a broker, or KAFKA_HOME to a folder with one.");
        var own = Path.Combine(folder, "kafka");
        if (outside is not null)
        {
            // The next port is the controller's.
            var port = FreePort.Next(2);
            var address = string.Create(CultureInfo.InvariantCulture, $"{outside}:{port}");
            await Shell.RunAsync(Path.Combine(home, "broker"), "start", own, "--port", port.ToString(CultureInfo.InvariantCulture), "advertised.listeners=CLIENT://" + address);
            return new KafkaServer(address, home, own, new TcpProxy(port, 0, outside, port));
        }

        var said = await Shell.RunAsync(Path.Combine(home, "broker"), "start", own);
        return new KafkaServer(said.Trim().Split('\n')[^1].Trim(), home, own);
    }

    /// <summary>Whether it would be one of our own.</summary>
    internal static bool WouldBeOurs => Environment.GetEnvironmentVariable("EXPOSURE_KAFKA") is null or "" or "builtin";

    /// <summary>Whether there is one to run on.</summary>
    internal static bool IsThere => Environment.GetEnvironmentVariable("EXPOSURE_KAFKA") is { Length: > 0 } and not "builtin" || FindHome() is not null;

    internal Task KillAsync() => Shell.RunAsync(Path.Combine(_home!, "broker"), "kill", _folder!, "1");

    internal async Task ComeBackAsync()
    {
        for (var tries = 1; ; tries++)
        {
            var (code, output, errors) = await Shell.TryAsync(Path.Combine(_home!, "broker"), "start-node", _folder!, "1");
            if (code == 0) return;
            if (tries == 3) throw new RigException("The broker does not come back: " + errors + output);
            await KillAsync();
        }
    }

    private static string? FindHome()
    {
        if (Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } told && File.Exists(Path.Combine(told, "broker"))) return told;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "shared", "kafka", "broker"))) return Path.Combine(folder.FullName, "shared", "kafka");
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_home is not null) await Shell.TryAsync(Path.Combine(_home, "broker"), "stop", _folder!);
        _proxy?.Dispose();
    }
}
