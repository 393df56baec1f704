namespace ExposureMonitor.Domain;

/// <summary>A signal that somebody has found useful or noise, as it was when it was raised.</summary>
/// <param name="Indicator">Its number, such as <c>EW-01</c>.</param>
/// <param name="Value">What was measured, in the unit of the indicator.</param>
/// <param name="Threshold">What it was compared with, in the same unit, as the signal told it.</param>
/// <param name="Tag">Signals without a tag count for nothing.</param>
public readonly record struct TaggedSignal(string Indicator, long Value, long Threshold, AlertTag Tag);
