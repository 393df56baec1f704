using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Storage.Tests;
using Xunit;

namespace ExposureMonitor.Silo.Tests;

/// <summary>What the image of a silo holds, published here by the very command of its recipe, and started as the image starts it.</summary>
public sealed class ImageTests(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    [PostgreSqlFact]
    public async Task Published_silo_starts_serves_and_leaves()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root!.FullName, "ExposureMonitor.sln"))) root = root.Parent;
        var recipe = await File.ReadAllLinesAsync(Path.Combine(root.FullName, "deploy", "Dockerfile.silo"));
        var publish = Assert.Single(recipe, line => line.StartsWith("RUN dotnet publish ", StringComparison.Ordinal))["RUN dotnet ".Length..];
        var entry = JsonSerializer.Deserialize<string[]>(Assert.Single(recipe, line => line.StartsWith("ENTRYPOINT ", StringComparison.Ordinal))["ENTRYPOINT ".Length..])!;
        var app = Directory.CreateTempSubdirectory("image-").FullName;
        var database = await server.NewDatabaseAsync();
        try
        {
            // Artifacts of its own: those of the tests that run meanwhile stay as they are.
            using (var publishing = Process.Start(new ProcessStartInfo("dotnet", [.. publish.Replace("src/Silo", Path.Combine(root.FullName, "src", "Silo"), StringComparison.Ordinal).Replace("/app", Path.Combine(app, "app"), StringComparison.Ordinal).Split(' '),
                $"-p:ArtifactsPath={Path.Combine(app, "build")}", "-p:RunAnalyzers=false"]) { RedirectStandardOutput = true })!)
            {
                var said = await publishing.StandardOutput.ReadToEndAsync();
                await publishing.WaitForExitAsync();
                Assert.True(publishing.ExitCode == 0, said);
            }

            var start = new ProcessStartInfo(entry[0], entry[1..]) { WorkingDirectory = Path.Combine(app, "app"), RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var (name, value) in ((string, string)[])
            [
                ("EXPOSURE_Journal__Connection", database), ("EXPOSURE_Journal__Partitions", "4"), ("EXPOSURE_Cluster__SiloName", "silo-0"), ("EXPOSURE_Cluster__SiloPort", FreePort.Next().ToString(CultureInfo.InvariantCulture)), ("EXPOSURE_Api__Port", "0"),
            ]) start.Environment[name] = value;
            using var silo = Process.Start(start)!;
            try
            {
                var errors = silo.StandardError.ReadToEndAsync();
                var line = await silo.StandardOutput.ReadLineAsync();
                Assert.True(line is not null, line is null ? await errors : "");
                var told = JsonDocument.Parse(line!).RootElement;
                Assert.Equal("silo-0", told.GetProperty("silo").GetString());
                using var http = new HttpClient();
                Assert.Equal("ready", await http.GetStringAsync(new Uri(new Uri(told.GetProperty("url").GetString()!), "/health/ready")));
                using (var kill = Process.Start("kill", ["-TERM", silo.Id.ToString(CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync();
                await silo.WaitForExitAsync();
                Assert.Equal((0, ""), (silo.ExitCode, await errors));
            }
            finally
            {
                if (!silo.HasExited) silo.Kill();
            }

            // Compiled ahead, and told not to spin, as the performance page says.
            Assert.Contains("\"System.Threading.ThreadPool.UnfairSemaphoreSpinLimit\": 0", await File.ReadAllTextAsync(Path.Combine(app, "app", "exposure-silo.runtimeconfig.json")), StringComparison.Ordinal);
        }
        finally
        {
            await server.DropDatabaseAsync(database);
            Directory.Delete(app, recursive: true);
        }
    }
}
