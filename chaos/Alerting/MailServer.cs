using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ExposureMonitor.Chaos.Alerting;

/// <summary>A mail server on the loopback that hangs and cuts at the worst moment: behind the end of the mail. Real ones are in the tests.</summary>
internal sealed class MailServer : IReceiver
{
    private readonly TcpListener _listener;
    private readonly ServerLog _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    internal MailServer(ServerLog log, int port = 0)
    {
        _log = log;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _running = Task.Run(RunAsync);
    }

    public Vendor Vendor => Vendor.Mail;

    public TroubleMaker Troubles { get; } = new();

    public int LimitsBroken => 0;

    internal int Port { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It ends.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var held = client;
        try
        {
            using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.UTF8);
            await SayAsync(stream, "220 rig ESMTP");
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                var word = line.Split(' ')[0].ToUpperInvariant();
                if (word == "DATA")
                {
                    await SayAsync(stream, "354 go on");
                    if (!await TakeAsync(stream, reader)) return;
                }
                else await SayAsync(stream, word switch { "EHLO" => "250-rig\r\n250 SIZE 10000000", "QUIT" => "221 bye", "HELO" or "MAIL" or "RCPT" or "RSET" or "NOOP" => "250 ok", _ => "502 no" });

                if (word == "QUIT") return;
            }
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The caller is gone, or the rig ends.
        }
    }

    /// <summary>Reads one mail and says what comes of it; false when the connection is to end.</summary>
    private async Task<bool> TakeAsync(NetworkStream stream, StreamReader reader)
    {
        var id = "";
        var isRepeat = false;
        var parts = new List<string>();
        while (true)
        {
            // A mail that breaks off, as when its sender is killed, is none: nobody takes it before its end has come.
            if (await reader.ReadLineAsync(_stop.Token) is not { } line) return false;
            if (line == ".") break;
            if (line.StartsWith("X-Exposure-Id: ", StringComparison.OrdinalIgnoreCase)) id = line["X-Exposure-Id: ".Length..].Trim();
            // A long id is folded: it goes on behind a blank.
            else if (parts.Count > 0 && parts[^1].StartsWith("X-Exposure-Id:", StringComparison.OrdinalIgnoreCase) && line.StartsWith(' ')) id += line.Trim();
            parts.Add(line);
        }

        isRepeat = IsRepeat(parts);
        var trouble = Troubles.Next();
        if (trouble is Trouble.Garbage or Trouble.GarbageAfter or Trouble.TooFast) trouble = Trouble.Error;
        if (trouble == Trouble.ErrorAfter) trouble = Trouble.CutAfter;
        var shown = trouble is Trouble.None or Trouble.HangAfter or Trouble.CutAfter;
        _log.Write(new LogLine(Vendor.Mail, DateTime.UtcNow, id, shown, trouble == Trouble.None, isRepeat, trouble, trouble == Trouble.None ? "250 taken" : trouble.ToString(), string.Join('\n', parts)));
        switch (trouble)
        {
            case Trouble.Hang or Trouble.HangAfter:
                await Task.Delay(TimeSpan.FromSeconds(30), _stop.Token);
                return false;
            case Trouble.Cut or Trouble.CutAfter: return false;
            case Trouble.Error:
                await SayAsync(stream, "451 try later");
                return true;
            default:
                await SayAsync(stream, "250 taken");
                return true;
        }
    }

    /// <summary>Both parts are in Base64: the plain one is the first.</summary>
    private static bool IsRepeat(List<string> lines)
    {
        var from = lines.FindIndex(l => l.StartsWith("Content-Type: text/plain", StringComparison.OrdinalIgnoreCase));
        if (from < 0) return false;
        var start = lines.FindIndex(from, l => l.Length == 0) + 1;
        var end = lines.FindIndex(start, l => l.StartsWith("--", StringComparison.Ordinal));
        if (start <= 0 || end < start) return false;
        try
        {
            var text = Encoding.UTF8.GetString(Convert.FromBase64String(string.Concat(lines[start..end])));
            return text.Split('\n').Any(l => MessageIds.Read(l.TrimEnd('\r')) is { IsRepeat: true });
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private async Task SayAsync(NetworkStream stream, string text) => await stream.WriteAsync(Encoding.UTF8.GetBytes(text + "\r\n"), _stop.Token);
}
