using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ExposureMonitor.Bench;

/// <summary>
/// What a suite found: every raw sample, the median with minimum and maximum, and the machine it ran on; as JSON and as
/// Markdown, under <c>bench/results</c> unless told otherwise.
/// </summary>
internal sealed class Report(string suite, string store, string databaseVersion, string settings)
{
    private readonly List<(string Name, string Unit, List<double> Samples, string Remark)> _figures = [];

    internal void Add(string name, string unit, double sample, string remark = "")
    {
        var known = _figures.Find(f => f.Name == name);
        if (known.Samples is null) _figures.Add(known = (name, unit, [], remark));
        known.Samples.Add(sample);
    }

    internal void Write(string folder, IReadOnlyDictionary<string, string> workload)
    {
        Directory.CreateDirectory(folder);
        var at = DateTime.UtcNow;
        var machine = Machine();
        var json = new JsonObject { ["suite"] = suite, ["store"] = store, ["at"] = at.ToString("O", CultureInfo.InvariantCulture) };
        foreach (var (name, value) in machine) json[name] = value;
        json["workload"] = new JsonObject(workload.Select(w => KeyValuePair.Create(w.Key, (JsonNode?)w.Value)));
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"# {suite}, {store}\n\n| | median | min | max | unit | rounds | |\n|---|---:|---:|---:|---|---:|---|\n");
        var figures = new JsonArray();
        foreach (var (name, unit, samples, remark) in _figures)
        {
            var sorted = samples.Order().ToList();
            var median = sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[sorted.Count / 2 - 1] + sorted[sorted.Count / 2]) / 2;
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {Short(median)} | {Short(sorted[0])} | {Short(sorted[^1])} | {unit} | {samples.Count} | {remark} |\n");
            figures.Add(new JsonObject
            {
                ["name"] = name, ["unit"] = unit, ["median"] = median, ["min"] = sorted[0], ["max"] = sorted[^1], ["remark"] = remark,
                ["samples"] = new JsonArray([.. samples.Select(s => (JsonNode)s)]),
            });
        }

        json["figures"] = figures;
        text.Append("\n| | |\n|---|---|\n");
        foreach (var (name, value) in machine.Concat(workload)) text.Append(CultureInfo.InvariantCulture, $"| {name} | {value} |\n");
        var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{suite}-{store}-{at:yyyyMMdd-HHmmss}"));
        File.WriteAllText(path + ".json", json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        File.WriteAllText(path + ".md", text.ToString());
        Console.WriteLine(text);
        Console.WriteLine($"written: {path}.json, {path}.md");
    }

    private static string Short(double value) => value >= 1_000 ? value.ToString("N0", CultureInfo.InvariantCulture) : value.ToString("0.###", CultureInfo.InvariantCulture);

    private List<KeyValuePair<string, string>> Machine() =>
    [
        new("commit", Output("git", "describe --always --dirty")),
        new("kernel", Output("uname", "-srm")),
        new("cpu", File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[^1].Trim() ?? "" : ""),
        new("cores", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)),
        new("load at start", File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Trim() : ""),
        new("steal", Steal()),
        new("runtime", System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription + (GCSettings.IsServerGC ? ", server GC" : ", workstation GC")),
        new("database", databaseVersion),
        new("settings", settings),
    ];

    /// <summary>Share of CPU time that the host took away since its start.</summary>
    private static string Steal()
    {
        if (!File.Exists("/proc/stat")) return "unknown";
        var times = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(t => double.Parse(t, CultureInfo.InvariantCulture)).ToList();
        return (times[7] / times.Sum()).ToString("P2", CultureInfo.InvariantCulture);
    }

    private static string Output(string file, string arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            return process.StandardOutput.ReadToEnd().Trim();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}
