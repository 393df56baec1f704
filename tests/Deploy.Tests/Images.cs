using System.Diagnostics;
using Xunit;

namespace ExposureMonitor.Deploy.Tests;

/// <summary>What an image holds, published here by the very command of its recipe.</summary>
public sealed class Images
{
    [Fact]
    public void Published_service_reaches_for_kafka_with_a_native_library_that_loads()
    {
        var recipe = File.ReadAllLines(Path.Combine(Tools.Root, "deploy", "Dockerfile"));
        var publish = Assert.Single(recipe, line => line.StartsWith("RUN dotnet publish ", StringComparison.Ordinal))["RUN dotnet ".Length..];
        var app = Directory.CreateTempSubdirectory("image-").FullName;
        try
        {
            // Artifacts of its own: those of the tests that run meanwhile stay as they are.
            Tools.Run("dotnet", [.. publish.Replace("src/Standalone", Path.Combine(Tools.Root, "src", "Standalone"), StringComparison.Ordinal).Replace("/app", app, StringComparison.Ordinal).Split(' '), $"-p:ArtifactsPath={Path.Combine(app, "build")}", "-p:RunAnalyzers=false"]);
            Assert.Contains("\"System.Threading.ThreadPool.UnfairSemaphoreSpinLimit\": 0", File.ReadAllText(Path.Combine(app, "exposure.runtimeconfig.json")), StringComparison.Ordinal);
            using var topics = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(app, "exposure.dll"), "kafka", "topics", "--kafka", "127.0.0.1:1"]) { RedirectStandardError = true })!;
            var said = topics.StandardError.ReadToEnd();
            topics.WaitForExit();
            Assert.Contains("No broker answers at 127.0.0.1:1", said, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(app, recursive: true);
        }
    }
}
