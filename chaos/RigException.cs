namespace ExposureMonitor.Chaos;

/// <summary>The rig itself cannot go on: neither a pass nor a failure of the product.</summary>
internal sealed class RigException(string message) : Exception(message);
