using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ExposureMonitor.Chaos.Alerting;

/// <summary>A server that takes messages.</summary>
internal interface IReceiver : IAsyncDisposable
{
    Vendor Vendor { get; }

    TroubleMaker Troubles { get; }

    /// <summary>Times that the caller was faster, or a message larger, than the vendor allows.</summary>
    int LimitsBroken { get; }
}

/// <summary>What a server does wrong for the time being.</summary>
internal sealed class TroubleMaker
{
    private readonly Lock _gate = new();
    private Random _dice = new(1);
    private Trouble[] _kinds = [];
    private int _percent;

    /// <summary>How far the server's clock is off.</summary>
    internal TimeSpan ClockOff { get; set; }

    /// <summary>So many of a hundred requests meet one of these.</summary>
    internal void Set(int seed, int percent, params Trouble[] kinds)
    {
        lock (_gate) (_dice, _percent, _kinds) = (new Random(seed), percent, kinds);
    }

    internal void Clear() => Set(1, 0);

    internal Trouble Next()
    {
        lock (_gate) return _kinds.Length > 0 && _dice.Next(100) < _percent ? _kinds[_dice.Next(_kinds.Length)] : Trouble.None;
    }
}

/// <summary>What all servers wrote down, in memory for the judge and in a file for people.</summary>
internal sealed class ServerLog(string path) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<LogLine> _lines = [];
    private readonly StreamWriter _file = new(path, append: false, Encoding.UTF8);

    internal IReadOnlyList<LogLine> Lines
    {
        get
        {
            lock (_gate) return [.. _lines];
        }
    }

    internal void Write(LogLine line)
    {
        lock (_gate)
        {
            // Long bodies of vendors are for people; the webhook's tell the judge which alerts they carried.
            _lines.Add(line.Vendor == Vendor.Webhook || line.Body.Length < 4_096 ? line : line with { Body = line.Body[..4_096] });
            _file.WriteLine(JsonSerializer.Serialize(new
            {
                at = line.At.ToString("O", CultureInfo.InvariantCulture), vendor = line.Vendor.ToString(), line.Id, line.Shown, line.Proved, line.Repeat, trouble = line.Trouble.ToString(), line.Answer, bytes = Encoding.UTF8.GetByteCount(line.Body),
            }));
            _file.Flush();
        }
    }

    public void Dispose() => _file.Dispose();
}
