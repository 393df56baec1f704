using System.Diagnostics;
using ExposureMonitor.Chaos;

if (args is ["--help"] or ["-h"])
{
    Console.WriteLine(Options.Help);
    return 0;
}

try
{
    var options = Options.Parse(args);
    return options.AllBugs ? await Bugs.RunAsync(options) : (await Rig.RunAsync(options, Console.WriteLine)).Verdict == "PASS" ? 0 : 1;
}
catch (Exception wrong) when (wrong is ArgumentException or RigException)
{
    await Console.Error.WriteLineAsync("chaos: " + wrong.Message);
    return 2;
}
