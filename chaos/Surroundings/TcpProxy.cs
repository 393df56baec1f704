using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ExposureMonitor.Chaos;

/// <summary>What a wire does to those who use it.</summary>
internal enum Wire
{
    Whole,

    /// <summary>Each piece is late by some milliseconds, more or less.</summary>
    Slow,

    /// <summary>Nothing arrives, in either direction, and nobody is told.</summary>
    BlackHole,

    /// <summary>What the server answers is swallowed: commits happen and nobody hears of them.</summary>
    AnswersLost,

    /// <summary>What the client sends is swallowed: commits never arrive.</summary>
    RequestsLost,

    /// <summary>Connections end at once.</summary>
    Cut,
}

/// <summary>Stands between one service process and PostgreSQL, and between silos in networks of their own and the broker.</summary>
internal sealed class TcpProxy : IDisposable
{
    private readonly TcpListener _listener;
    private readonly int _server;
    private readonly ConcurrentDictionary<Link, byte> _links = new();
    private readonly Random _dice;
    private volatile Wire _wire = Wire.Whole;
    private volatile int _latency;
    private volatile bool _onlyOldest;
    private int _number;

    /// <param name="listen">Where it is reached; the loopback unless told otherwise.</param>
    /// <param name="port">0 takes a free one.</param>
    internal TcpProxy(int server, int seed, IPAddress? listen = null, int port = 0)
    {
        (_server, _dice, _listener) = (server, new Random(seed), new TcpListener(listen ?? IPAddress.Loopback, port));
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    internal int Port { get; }

    /// <summary>Where it is reached.</summary>
    internal IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Connections that ended while the server owed an answer: what became of that request nobody can know.</summary>
    internal int Doubtful { get; private set; }

    /// <summary>Changes the wire for all connections that there are and will be, or for the oldest alone: the one that commits.</summary>
    internal void Set(Wire wire, int latencyMs = 0, bool onlyOldest = false) => (_latency, _onlyOldest, _wire) = (latencyMs, onlyOldest, wire);

    private Wire Of(Link link) => _onlyOldest && _links.Keys.Any(other => other.Number < link.Number) ? Wire.Whole : _wire;

    /// <summary>Ends every connection on both sides.</summary>
    internal void CutAll()
    {
        foreach (var link in _links.Keys)
        {
            if (link.Owes) Doubtful++;
            link.Dispose();
        }
    }

    /// <summary>The server's side ends; the client's side stays as if nothing had happened.</summary>
    internal void HalfOpen()
    {
        foreach (var link in _links.Keys)
        {
            if (link.Owes) Doubtful++;
            link.EndServer();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                client.NoDelay = true;
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The rig ends.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        var server = new TcpClient { NoDelay = true };
        var link = new Link(client, server, Interlocked.Increment(ref _number));
        try
        {
            while (Of(link) == Wire.BlackHole) await Task.Delay(50);
            if (Of(link) == Wire.Cut) return;
            await server.ConnectAsync(IPAddress.Loopback, _server);
            _links[link] = 0;
            await Task.WhenAny(PumpAsync(link, toServer: true), PumpAsync(link, toServer: false));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One side went away: so does the other.
        }
        finally
        {
            _links.TryRemove(link, out _);
            link.Dispose();
        }
    }

    private async Task PumpAsync(Link link, bool toServer)
    {
        try
        {
            var (from, to) = toServer ? (link.Client.GetStream(), link.Server.GetStream()) : (link.Server.GetStream(), link.Client.GetStream());
            var piece = new byte[64 * 1024];
            while (true)
            {
                var got = await from.ReadAsync(piece);
                if (got == 0)
                {
                    // A server that ended while the client must not hear of it.
                    while (!toServer && link.IsHalfOpen) await Task.Delay(100);
                    return;
                }

                if (toServer) link.Asked = Stopwatch.GetTimestamp();
                if (Of(link) == Wire.Slow)
                {
                    int late;
                    lock (_dice) late = _latency / 2 + _dice.Next(_latency + 1);
                    await Task.Delay(late);
                }

                while (Of(link) == Wire.BlackHole) await Task.Delay(20);
                if (Of(link) == Wire.AnswersLost && !toServer) continue;
                if (Of(link) == Wire.RequestsLost && toServer) continue;
                if (toServer && link.IsHalfOpen) continue;
                await to.WriteAsync(piece.AsMemory(0, got));
                if (!toServer) link.Told = Stopwatch.GetTimestamp();
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            while (!toServer && link.IsHalfOpen) await Task.Delay(100);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        CutAll();
    }

    private sealed class Link(TcpClient client, TcpClient server, int number) : IDisposable
    {
        internal int Number => number;

        internal TcpClient Client => client;

        internal TcpClient Server => server;

        internal long Asked { get; set; }

        internal long Told { get; set; }

        internal bool Owes => Asked > Told;

        internal volatile bool IsHalfOpen;

        internal void EndServer()
        {
            IsHalfOpen = true;
            server.Dispose();
        }

        public void Dispose()
        {
            IsHalfOpen = false;
            client.Dispose();
            server.Dispose();
        }
    }
}
