using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using ExposureMonitor.Api;
using Prometheus;
using ExposureEngine = ExposureMonitor.Engine.ExposureEngine;
using InstrumentShapes = ExposureMonitor.Engine.InstrumentShapes;

namespace ExposureMonitor.Silo;

/// <summary>
/// Metrics of a silo by prometheus-net: the instruments of the engine under their own names, as the standalone edition has them, and
/// those of Orleans. The library's own adapter would put the meter's name in front of ours.
/// </summary>
internal sealed class PrometheusMetrics : IAsyncDisposable
{
    private static readonly double[] Bounds = [.. InstrumentShapes.Bounds];

    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly MetricFactory _metrics;
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, (string Kind, string Help)> _known = new(StringComparer.Ordinal);
    private readonly IDisposable _orleans;

    internal PrometheusMetrics(string silo, ExposureEngine engine)
    {
        _registry.SetStaticLabels(new Dictionary<string, string> { ["silo"] = silo });
        _metrics = Metrics.WithCustomRegistry(_registry);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!engine.Instruments.Has(instrument)) return;
            _known[instrument.Name] = (instrument is Histogram<double> ? "histogram" : instrument is Counter<long> ? "counter" : "gauge", instrument.Description ?? "");
            // A counter that appears with its first step would hide that step: what has no labels stands from the start.
            if (instrument is Counter<long> && InstrumentShapes.IsBare(instrument.Name)) _metrics.CreateCounter(instrument.Name, instrument.Description ?? "");
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
        _orleans = MeterAdapter.StartListening(new MeterAdapterOptions { Registry = _registry, InstrumentFilterPredicate = i => i.Meter.Name.StartsWith("Microsoft.Orleans", StringComparison.Ordinal) });
    }

    /// <summary>All metrics in the text format of Prometheus.</summary>
    internal async Task<string> RenderAsync(Desk desk, Forwarding forwarding)
    {
        _listener.RecordObservableInstruments();
        var (elsewhere, here) = forwarding.Counts;
        var requests = _metrics.CreateCounter("exposure_silo_requests_total", "Requests about one partition, or about alerts, by who answered them: this silo, or another one that it asked.", "answered");
        requests.WithLabels("here").IncTo(here);
        requests.WithLabels("elsewhere").IncTo(elsewhere);
        using var text = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(text);
        var told = Encoding.UTF8.GetString(text.ToArray());
        // What has not happened yet has its name and kind all the same: both editions expose one list.
        var silent = _known.Where(k => !told.Contains($"# TYPE {k.Key} ", StringComparison.Ordinal)).OrderBy(k => k.Key, StringComparer.Ordinal).Select(k => $"# HELP {k.Key} {k.Value.Help}\n# TYPE {k.Key} {k.Value.Kind}\n");
        return await MetricsText.GaugesAsync(desk) + told + string.Concat(silent);
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _orleans.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var (names, values) = (new string[tags.Length], new string[tags.Length]);
        for (var i = 0; i < tags.Length; i++) (names[i], values[i]) = (tags[i].Key, tags[i].Value?.ToString() ?? "");
        var help = instrument.Description ?? "";
        switch (instrument)
        {
            case Histogram<double>: _metrics.CreateHistogram(instrument.Name, help, names, new HistogramConfiguration { Buckets = Bounds }).WithLabels(values).Observe(value); break;
            case Counter<long>: _metrics.CreateCounter(instrument.Name, help, names).WithLabels(values).Inc(value); break;
            case UpDownCounter<long>: _metrics.CreateGauge(instrument.Name, help, names).WithLabels(values).Inc(value); break;
            default: _metrics.CreateGauge(instrument.Name, help, names).WithLabels(values).Set(value); break;
        }
    }
}
