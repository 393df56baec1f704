using System.Globalization;

namespace ExposureMonitor.Bench;

/// <summary>CPU time of a process and of all that it started, out of <c>/proc</c>; those that have ended count with whoever waited for them.</summary>
internal static class ProcessTree
{
    /// <summary>Clock ticks of a second; Linux has had no other number for programs.</summary>
    private const double Ticks = 100;

    /// <summary>Seconds since they started; 0 where there is no such process.</summary>
    internal static double CpuSeconds(int root)
    {
        if (root == 0 || !Directory.Exists("/proc")) return 0;
        var all = new Dictionary<int, (int Parent, long Ticks)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Read(folder) is { } told) all[id] = told;
        return all.Where(p => IsBelow(p.Key)).Sum(p => p.Value.Ticks) / Ticks;

        bool IsBelow(int id)
        {
            while (id != root && all.TryGetValue(id, out var known)) id = known.Parent;
            return id == root;
        }
    }

    private static (int Parent, long Ticks)? Read(string folder)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            // Behind the name, which may have blanks and brackets: state, parent, ...; user, system, and both of the children at 11 to 14.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (int.Parse(fields[1], CultureInfo.InvariantCulture), Enumerable.Range(11, 4).Sum(i => long.Parse(fields[i], CultureInfo.InvariantCulture)));
        }
        catch (IOException)
        {
            // It ended meanwhile.
            return null;
        }
    }
}
