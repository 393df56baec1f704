using ExposureMonitor.Domain;
using Xunit;

namespace ExposureMonitor.Ingest.Tests;

/// <summary>The published schemas are those of the code; UPDATE_CONTRACTS=1 writes them anew.</summary>
public sealed class Contracts
{
    [Fact]
    public void Every_event_type_has_its_schema_in_the_repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "ExposureMonitor.sln"))) folder = folder.Parent;
        var schemas = Directory.CreateDirectory(Path.Combine(folder.FullName, "docs", "events", "schemas")).FullName;
        var events = FactCatalogue.All.Where(e => e.IsEvent).ToList();
        if (Environment.GetEnvironmentVariable("UPDATE_CONTRACTS") == "1")
            foreach (var entry in events) File.WriteAllText(Path.Combine(schemas, entry.WireType + ".json"), SchemaWriter.Of(entry));
        Assert.Equal(events.Select(e => e.WireType + ".json").Order(), Directory.GetFiles(schemas).Select(f => Path.GetFileName(f)!).Order());
        foreach (var entry in events) Assert.Equal(File.ReadAllText(Path.Combine(schemas, entry.WireType + ".json")), SchemaWriter.Of(entry));
    }
}
