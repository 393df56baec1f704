using System.Net;
using System.Net.Sockets;
using System.Text;
using ExposureMonitor.Alerts;
using ExposureMonitor.Api;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Api.Tests;

/// <summary>Alerts beside a service of a test, with one channel that answers on the loopback.</summary>
public sealed class AlertsBeside : IAsyncDisposable
{
    private readonly TcpListener _receiver = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private OutboxPump _pump = null!;
    private Task _receiving = Task.CompletedTask;

    private AlertsBeside()
    {
    }

    public AlertHouse House { get; private set; } = null!;

    public static async Task<AlertsBeside> StartAsync(ExposureEngine engine, IStoredJournal journal, Desk desk)
    {
        var beside = new AlertsBeside();
        beside._receiver.Start();
        beside._receiving = Task.Run(beside.ReceiveAsync);
        var file = ChannelsFile.Read($$"""
            channels:
              desk:
                type: webhook
                url: http://127.0.0.1:{{((IPEndPoint)beside._receiver.LocalEndpoint).Port}}/hook
                allow_http: true
                allow_networks: [127.0.0.0/8]
              mail: { type: email, host: 127.0.0.1, port: 9, tls: none, from: desk@exposure.example, to: [controller@exposure.example] }
            letters: mail
            route:
              to: [desk]
              group_wait: 1s
              escalate_after: 2h
              escalate_to: [desk]
            """, new ProcessSecrets());
        if (file.Faults.Count > 0) throw new InvalidOperationException(string.Join("; ", file.Faults));
        var heads = await engine.Reader.HeadsAsync(CancellationToken.None);
        beside.House = await AlertHouse.StartAsync(file.Plan(), journal, new EngineCards(engine), heads);
        beside._pump = await OutboxPump.StartAsync(new JournalOutbox(engine.Reader, engine.Tail.Begin()), heads, journal, beside.House, engine.Bell, new OutboxPumpOptions { Pause = TimeSpan.FromMilliseconds(10) });
        beside.House.Watch(engine);
        desk.Alerts = beside.House;
        return beside;
    }

    public async ValueTask DisposeAsync()
    {
        await _pump.DisposeAsync();
        await _stop.CancelAsync();
        _receiver.Stop();
        await _receiving;
        _stop.Dispose();
    }

    /// <summary>Takes each request and says that it is well.</summary>
    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _receiver.AcceptTcpClientAsync(_stop.Token);
                var stream = client.GetStream();
                var (buffer, text) = (new byte[64 * 1024], "");
                while (!IsWhole(text) && await stream.ReadAsync(buffer, _stop.Token) is > 0 and var read) text += Encoding.Latin1.GetString(buffer, 0, read);
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), _stop.Token);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // The test is over.
        }

        static bool IsWhole(string text)
        {
            var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (head < 0) return false;
            var length = text.Split("\r\n").Select(l => l.Split(':', 2)).FirstOrDefault(l => l.Length == 2 && l[0].Equals("content-length", StringComparison.OrdinalIgnoreCase));
            return text.Length >= head + 4 + (length is null ? 0 : int.Parse(length[1], System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
