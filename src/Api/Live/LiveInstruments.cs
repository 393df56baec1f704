using System.Diagnostics.Metrics;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>What the live feed measures of itself, beside the instruments of its engine.</summary>
internal sealed class LiveInstruments(Meter meter) : IDisposable
{
    internal readonly Histogram<double> FrameDelay = meter.CreateHistogram<double>("exposure_live_frame_delay_seconds", "s", "From hearing of a commit to the frame that shows it, of frames that tell a change.");

    internal LiveInstruments(ExposureEngine engine) : this(engine.Instruments.NewMeter())
    {
    }

    public void Dispose() => meter.Dispose();
}
