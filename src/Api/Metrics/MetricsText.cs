using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>
/// A small Prometheus exporter over the instruments of the engine, since the usual package is not in every registry.
/// </summary>
public sealed class MetricsText : IDisposable
{
    private static readonly double[] Bounds = [.. InstrumentShapes.Bounds];

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(string Name, string Labels), Series> _series = new();
    private readonly ConcurrentDictionary<string, (string Kind, string Help)> _kinds = new();

    private sealed class Series
    {
        internal double Sum;
        internal readonly long[] Buckets = new long[Bounds.Length + 1];
    }

    /// <param name="engine">Of it the instruments are told, and of no other one in this process.</param>
    public MetricsText(ExposureEngine engine)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!engine.Instruments.Has(instrument)) return;
            _kinds[instrument.Name] = (instrument is Histogram<double> ? "histogram" : instrument is Counter<long> ? "counter" : "gauge", instrument.Description ?? "");
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        _listener.Start();
    }

    /// <summary>All series in the text format of Prometheus, sorted.</summary>
    public async Task<string> RenderAsync(Desk desk)
    {
        var text = new StringBuilder(await GaugesAsync(desk));
        _listener.RecordObservableInstruments();

        foreach (var (name, (kind, help)) in _kinds.OrderBy(k => k.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {kind}\n");
            foreach (var ((_, labels), series) in _series.Where(s => s.Key.Name == name).OrderBy(s => s.Key.Labels, StringComparer.Ordinal))
            {
                if (kind == "histogram") Histogram(text, name, labels, series);
                else text.Append(CultureInfo.InvariantCulture, $"{name}{(labels.Length > 0 ? "{" + labels + "}" : "")} {series.Sum}\n");
            }

            if (kind != "histogram" && InstrumentShapes.IsBare(name) && !_series.ContainsKey((name, ""))) text.Append(CultureInfo.InvariantCulture, $"{name} 0\n");
        }

        return text.ToString();
    }

    /// <summary>What is no instrument: gauges of the book and of what runs beside the engine, in the same format.</summary>
    public static async Task<string> GaugesAsync(Desk desk)
    {
        var text = new StringBuilder();
        BookGauges.Write(text, desk, await desk.Bands.StepsAsync(), await desk.Held.GetAsync());
        PartitionGauges.Write(text, desk);
        ServiceGauges.Write(text, desk);
        ReconciliationEndpoints.Write(text, desk);
        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private static void Histogram(StringBuilder text, string name, string labels, Series series)
    {
        var comma = labels.Length > 0 ? "," : "";
        long running = 0;
        lock (series)
        {
            for (var i = 0; i < Bounds.Length; i++)
            {
                running += series.Buckets[i];
                text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels}{comma}le=\"{Bounds[i]}\"}} {running}\n");
            }

            running += series.Buckets[^1];
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {running}\n");
            var own = labels.Length > 0 ? "{" + labels + "}" : "";
            text.Append(CultureInfo.InvariantCulture, $"{name}_sum{own} {series.Sum}\n{name}_count{own} {running}\n");
        }
    }

    private void Add(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new StringBuilder();
        foreach (var (key, told) in tags)
        {
            if (labels.Length > 0) labels.Append(',');
            labels.Append(CultureInfo.InvariantCulture, $"{key}=\"{told}\"");
        }

        var series = _series.GetOrAdd((name, labels.ToString()), static _ => new Series());
        lock (series)
        {
            // A gauge says what is, a counter what came.
            series.Sum = _kinds[name].Kind == "gauge" ? value : series.Sum + value;
            var bucket = 0;
            while (bucket < Bounds.Length && value > Bounds[bucket]) bucket++;
            series.Buckets[bucket]++;
        }
    }
}
