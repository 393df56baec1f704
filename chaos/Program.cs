using System.Diagnostics;
using ExposureMonitor.Chaos;
using ExposureMonitor.Chaos.Alerting;

if (args is ["--help"] or ["-h"])
{
    Console.WriteLine(Options.Help);
    return 0;
}

try
{
    var options = Options.Parse(args);
    if (options.Vendors.Length > 0)
    {
        await AlertRig.StandAsync(options.Vendors, Console.WriteLine);
        return 0;
    }

    if (options.IsAlerts) return (await AlertRig.RunAsync(options, Console.WriteLine)).Verdict == "PASS" ? 0 : 1;
    return options.AllBugs ? await Bugs.RunAsync(options) : (await Rig.RunAsync(options, Console.WriteLine)).Verdict == "PASS" ? 0 : 1;
}
catch (Exception wrong) when (wrong is ArgumentException or RigException or InvalidOperationException)
{
    await Console.Error.WriteLineAsync("chaos: " + wrong.Message);
    return 2;
}
