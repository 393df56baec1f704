using ExposureMonitor.Engine;

namespace ExposureMonitor.Standalone;

/// <summary>Says in a line when something beside the engine begins to wait, fails, or runs again.</summary>
internal sealed class ServiceLog
{
    private readonly Dictionary<string, ServiceHealth> _known = new(StringComparer.Ordinal);

    /// <summary>What changed since the last look.</summary>
    internal IReadOnlyList<string> Changes(IEnumerable<ServiceState> services)
    {
        var lines = new List<string>();
        foreach (var service in services)
        {
            foreach (var (name, health, reason) in service.Items.Select(i => ($"{service.Name}, {i.Name}", i.Health, i.Reason)).Prepend((service.Name, service.Health, service.Reason)))
            {
                if (_known.GetValueOrDefault(name) == health) continue;
                _known[name] = health;
                lines.Add(health switch
                {
                    ServiceHealth.Running => $"{name}: runs again.",
                    ServiceHealth.Waiting => $"{name}: waits{(reason.Length > 0 ? ": " + reason : "")}. It goes on by itself.",
                    _ => $"{name}: has failed{(reason.Length > 0 ? ": " + reason : "")}",
                });
            }
        }

        return lines;
    }
}
