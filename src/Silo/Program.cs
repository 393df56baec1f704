using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Silo;
using ExposureMonitor.Storage;

// Settings come from four places; the later one stands. What a user can put right is told in one line.
var settings = new ConfigurationBuilder()
    .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
    .AddEnvironmentVariables("EXPOSURE_");
if (Environment.GetEnvironmentVariable("EXPOSURE_SETTINGS") is { Length: > 0 } folder) settings.AddKeyPerFile(folder, optional: false);
settings.AddCommandLine(args);
using var stop = new CancellationTokenSource();
// A second SIGTERM, or a second Ctrl-C, ends the process at once.
Console.CancelKeyPress += (_, pressed) => pressed.Cancel = Stop();
using var terminated = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, signal => signal.Cancel = Stop());
try
{
    await using var silo = await SiloHost.StartAsync(SiloOptions.Read(settings.Build()), stop.Token);
    Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(new { url = silo.Url + "/api/v1", silo = silo.Name }));
    return await silo.UntilStoppedAsync(stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 0;
}
catch (Exception wrong) when (wrong is SettingException or JournalUnavailableException or EngineUnavailableException or DatabaseHeldException or DatabaseRefusedException or KafkaRefusedException or HistoryCutException or InvalidDataException or InvalidOperationException or IOException)
{
    await Console.Error.WriteLineAsync("exposure-silo: " + wrong.Message);
    return 1;
}

bool Stop()
{
    if (stop.IsCancellationRequested) return false;
    stop.Cancel();
    return true;
}
