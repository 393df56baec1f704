namespace ExposureMonitor.Engine;

/// <summary>How something that runs beside the engine does.</summary>
public enum ServiceHealth
{
    /// <summary>It does its work.</summary>
    Running,

    /// <summary>It goes on by itself as soon as something else is back.</summary>
    Waiting,

    /// <summary>It has stopped and needs a person.</summary>
    Failed,
}

/// <summary>A number that health shows, and the metric that carries it.</summary>
/// <param name="Name">As health calls it; "" for what only metrics have.</param>
/// <param name="Metric">Ends in <c>_total</c> when it only grows.</param>
/// <param name="Labels">Labels of its own, as the metric writes them, behind those of whoever tells it; "" for none.</param>
public sealed record ServiceNumber(string Name, long Value, string Metric, string Labels = "");

/// <summary>One topic, stream or channel of a service.</summary>
public sealed record ServiceItem(string Name, ServiceHealth Health, string Reason, IReadOnlyList<ServiceNumber> Numbers);

/// <summary>What a service beside the engine (the feed, a pump of the outbox) says of itself. Never names a customer.</summary>
/// <param name="Reason">Why it waits or has failed, and what to do; "" while it runs.</param>
public sealed record ServiceState(string Name, ServiceHealth Health, string Reason, IReadOnlyList<ServiceItem> Items, IReadOnlyList<ServiceNumber> Numbers);

/// <summary>Somebody who can say how a service does, at any moment and from any thread.</summary>
public interface IServiceState
{
    /// <summary>How it does now.</summary>
    ServiceState Look();
}
