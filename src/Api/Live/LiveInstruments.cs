using System.Diagnostics.Metrics;
using ExposureMonitor.Engine;

namespace ExposureMonitor.Api;

/// <summary>What the live feed measures of itself, beside the instruments of the engine.</summary>
internal static class LiveInstruments
{
    private static readonly Meter Meter = new(Instruments.MeterName);

    internal static readonly Histogram<double> FrameDelay = Meter.CreateHistogram<double>("exposure_live_frame_delay_seconds", "s", "From hearing of a commit to the frame that shows it, of frames that tell a change.");
}
