using System.Diagnostics.Metrics;
using System.Text;
using ExposureMonitor.Api;
using Prometheus;
using Instruments = ExposureMonitor.Engine.Instruments;

namespace ExposureMonitor.Silo;

/// <summary>
/// Metrics of a silo by prometheus-net: the instruments of the engine under their own names, as the standalone edition has them, and
/// those of Orleans. The library's own adapter would put the meter's name in front of ours.
/// </summary>
internal sealed class PrometheusMetrics : IAsyncDisposable
{
    private static readonly double[] Bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly MetricFactory _metrics;
    private readonly MeterListener _listener = new();
    private readonly IDisposable _orleans;

    internal PrometheusMetrics(string silo)
    {
        _registry.SetStaticLabels(new Dictionary<string, string> { ["silo"] = silo });
        _metrics = Metrics.WithCustomRegistry(_registry);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Instruments.MeterName) listener.EnableMeasurementEvents(instrument);
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
        return MetricsText.Gauges(desk) + Encoding.UTF8.GetString(text.ToArray());
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
