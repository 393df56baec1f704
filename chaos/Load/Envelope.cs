using System.Globalization;
using System.Text;

namespace ExposureMonitor.Chaos;

/// <summary>Writes records as their producers would: CloudEvents in JSON, from pieces that are made once.</summary>
internal sealed class Envelope
{
    private const int DaysBack = 40, DaysOn = 140;

    private readonly string[] _days = new string[DaysBack + DaysOn];
    private readonly StringBuilder _text = new(512);
    private string _now = "";
    private DateOnly _today;

    /// <summary>Once in a while: what time it is.</summary>
    internal void Tick()
    {
        var now = DateTime.UtcNow;
        _now = now.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
        if (DateOnly.FromDateTime(now) == _today) return;
        _today = DateOnly.FromDateTime(now);
        for (var i = 0; i < _days.Length; i++) _days[i] = _today.AddDays(i - DaysBack).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    /// <summary>A date so many days from today.</summary>
    internal string Day(int days) => _days[days + DaysBack];

    /// <summary>The moment of an event that happened so many days ago.</summary>
    internal string At(int daysAgo) => daysAgo == 0 ? _now : Day(-daysAgo) + _now[10..];

    /// <param name="data">The content of <c>data</c>, without its braces.</param>
    internal byte[] Write(string type, string id, string customer, string at, string data)
    {
        _text.Clear().Append("{\"specversion\":\"1.0\",\"id\":\"").Append(id).Append("\",\"type\":\"").Append(type).Append("\",\"source\":\"erp\",");
        if (customer.Length > 0) _text.Append("\"subject\":\"").Append(customer).Append("\",");
        _text.Append("\"time\":\"").Append(at).Append("\",\"data\":{").Append(data).Append("}}");
        return Encoding.UTF8.GetBytes(_text.ToString());
    }
}
