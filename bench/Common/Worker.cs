using System.Diagnostics;
using System.Globalization;

namespace ExposureMonitor.Bench;

/// <summary>
/// The measured process: this program again, in a process of its own. It prints one line when all is acknowledged and waits;
/// then it is killed like by <c>kill -9</c>, so that only what is durable can be compared with the oracle.
/// </summary>
internal static class Worker
{
    internal sealed record Result(double Seconds, double CpuSeconds, string[] Rest);

    private const string BeginLine = "begin";

    /// <summary>Runs the worker to its line, then kills it.</summary>
    internal static Result RunAndKill(params string[] arguments) => RunAndKill(() => { }, () => { }, arguments);

    /// <summary>Runs the worker to its line, then kills it.</summary>
    /// <param name="begun">Called when the measured time begins.</param>
    /// <param name="done">Called when all is acknowledged, before the worker is killed.</param>
    /// <param name="arguments">Of the worker.</param>
    /// <param name="setting">A setting of its runtime, such as <c>DOTNET_TieredPGO=1</c>; "" for none.</param>
    internal static Result RunAndKill(Action begun, Action done, string[] arguments, string setting = "")
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        foreach (var argument in (string[])["--worker", .. arguments]) start.ArgumentList.Add(argument);
        if (setting.Split('=', 2) is [var variable, var value]) start.Environment[variable] = value;
        using var process = Process.Start(start)!;
        string? line;
        while ((line = process.StandardOutput.ReadLine()) is not null && !line.StartsWith("done ", StringComparison.Ordinal))
        {
            if (line == BeginLine) begun();
            else Console.Error.WriteLine(line);
        }

        done();
        process.Kill();
        process.WaitForExit();
        if (line is null) throw new InvalidOperationException("The worker ended without a result; no figure is printed.");
        var parts = line.Split(' ');
        return new Result(double.Parse(parts[1], CultureInfo.InvariantCulture), double.Parse(parts[2], CultureInfo.InvariantCulture), parts[3..]);
    }

    /// <summary>Says that the measured time begins now.</summary>
    internal static void Begin()
    {
        Console.WriteLine(BeginLine);
        Console.Out.Flush();
    }

    /// <summary>Says that all is acknowledged, and waits to be killed.</summary>
    internal static void Done(TimeSpan took, TimeSpan cpu, params string[] rest)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"done {took.TotalSeconds} {cpu.TotalSeconds} {string.Join(' ', rest)}"));
        Console.Out.Flush();
        Thread.Sleep(Timeout.Infinite);
    }
}
