namespace ExposureMonitor.Alerts;

/// <summary>The language of a channel.</summary>
public enum Language : byte
{
    English = 1,

    /// <summary>简体中文.</summary>
    Chinese,
}
