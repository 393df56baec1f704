using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using Xunit;
using Xunit.Sdk;

namespace ExposureMonitor.Domain.Tests.Catalogue;

/// <summary>
/// The domain compiled once with all mutants in it, each behind a number that switches it on; and these tests, loaded beside it, so that they run against it.
/// A mutant is an expression that stands once in a file, and what stands in its place.
/// </summary>
internal sealed class MutantDomain : AssemblyLoadContext
{
    private readonly string _folder, _tests = typeof(MutantDomain).Assembly.Location;
    private readonly FieldInfo _on;
    private readonly Assembly _mutated;

    /// <param name="mutants">File below src/Domain, the expression, and what takes its place; the number of a mutant is its place in the list, from 1.</param>
    internal MutantDomain(IReadOnlyList<(string File, string Expression, string Mutant)> mutants) : base("mutants")
    {
        _folder = Directory.CreateTempSubdirectory("mutants-").FullName;
        var domain = Compile(mutants);
        _mutated = LoadFromAssemblyPath(_tests);
        _on = domain.GetType("ExposureMonitor.Domain.Mutants", throwOnError: true)!.GetField("On", BindingFlags.NonPublic | BindingFlags.Static)!;
    }

    /// <summary>Runs a test on the domain with one mutant on (0: none); what makes it fail, or <c>null</c>.</summary>
    /// <param name="number">Of the mutant.</param>
    /// <param name="test">Type and method.</param>
    /// <param name="indicator">Of rows of a theory only those that begin with it, when any does.</param>
    internal Exception? Run(int number, MethodInfo test, string indicator)
    {
        var type = _mutated.GetType(test.DeclaringType!.FullName!, throwOnError: true)!;
        var method = type.GetMethod(test.Name)!;
        _on.SetValue(null, number);
        // Values are of the other copy of the tests, as their types are.
        var rows = method.GetCustomAttributes<DataAttribute>().SelectMany(d => d.GetData(method)).ToList();
        var own = rows.Where(r => r is [string first, ..] && first == indicator).ToList();
        foreach (var row in rows.Count == 0 ? [[]] : own.Count > 0 ? own : rows)
        {
            try
            {
                method.Invoke(Activator.CreateInstance(type), row);
            }
            catch (TargetInvocationException failure)
            {
                return failure.InnerException;
            }
            finally
            {
                _on.SetValue(null, 0);
            }

            _on.SetValue(null, number);
        }

        _on.SetValue(null, 0);
        return null;
    }

    internal void Forget() => Directory.Delete(_folder, recursive: true);

    protected override Assembly? Load(AssemblyName name) => name.Name == "ExposureMonitor.Domain" ? LoadFromAssemblyPath(Path.Combine(_folder, "ExposureMonitor.Domain.dll")) : null;

    private Assembly Compile(IReadOnlyList<(string File, string Expression, string Mutant)> mutants)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root!.FullName, "ExposureMonitor.sln"))) root = root.Parent;
        var source = Path.Combine(root.FullName, "src", "Domain");
        foreach (var path in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories))
        {
            var file = Path.GetRelativePath(source, path).Replace('\\', '/');
            if (file.StartsWith("obj/", StringComparison.Ordinal) || file.StartsWith("bin/", StringComparison.Ordinal)) continue;
            var text = File.ReadAllText(path);
            // Ladders of a policy are made once: a mutant of one would come too late for the policy that everybody shares.
            if (file == "Policy/Policy.cs") text = Once(text, file, "_ladders ??= new Ladders(this)", "new Ladders(this)");
            for (var i = 0; i < mutants.Count; i++)
            {
                if (mutants[i].File == file)
                    text = Once(text, file, mutants[i].Expression, string.Create(CultureInfo.InvariantCulture, $"(Mutants.On == {i + 1} ? ({mutants[i].Mutant}) : ({mutants[i].Expression}))"));
            }

            var to = Path.Combine(_folder, file.Replace('/', '-'));
            File.WriteAllText(to, text);
        }

        foreach (var mutant in mutants) Assert.True(File.Exists(Path.Combine(source, mutant.File)), mutant.File);
        File.WriteAllText(Path.Combine(_folder, "Mutants.cs"), """
            global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading; global using System.Threading.Tasks;
            [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("ExposureMonitor.Domain.Tests")]
            namespace ExposureMonitor.Domain { internal static class Mutants { internal static int On; } }
            """);
        var output = Path.Combine(_folder, "ExposureMonitor.Domain.dll");
        var lines = new List<string> { "-target:library", "-nologo", "-nostdlib", "-nullable:enable", "-langversion:latest", "-checked+", "-optimize+", "-deterministic", "-debug-", "-nowarn:1591", "-warn:0", $"-out:\"{output}\"" };
        foreach (var reference in ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator))
            if (Path.GetFileName(reference).StartsWith("System.", StringComparison.Ordinal)) lines.Add($"-r:\"{reference}\"");
        lines.AddRange(Directory.EnumerateFiles(_folder, "*.cs").Select(f => $"\"{f}\""));
        var answers = Path.Combine(_folder, "build.rsp");
        File.WriteAllLines(answers, lines);
        var dotnet = Environment.ProcessPath!;
        using var compiler = Process.Start(new ProcessStartInfo(dotnet, ["exec", CompilerOf(root.FullName, dotnet), "@" + answers]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = compiler.StandardOutput.ReadToEnd() + compiler.StandardError.ReadToEnd();
        compiler.WaitForExit();
        Assert.True(compiler.ExitCode == 0, said);
        return LoadFromAssemblyPath(output);
    }

    /// <summary>The compiler of the SDK that builds this repository.</summary>
    private static string CompilerOf(string root, string dotnet)
    {
        var start = new ProcessStartInfo(dotnet, ["--version"]) { RedirectStandardOutput = true, WorkingDirectory = root };
        using var asked = Process.Start(start)!;
        var version = asked.StandardOutput.ReadToEnd().Trim();
        asked.WaitForExit();
        var sdk = Path.Combine(Path.GetDirectoryName(new FileInfo(dotnet).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? dotnet)!, "sdk", version);
        return Path.Combine(sdk, "Roslyn", "bincore", "csc.dll");
    }

    private static string Once(string text, string file, string expression, string with)
    {
        var at = text.IndexOf(expression, StringComparison.Ordinal);
        Assert.True(at >= 0 && text.IndexOf(expression, at + 1, StringComparison.Ordinal) < 0, $"'{expression}' does not stand once in {file}: the mutant is of another version");
        return text[..at] + with + text[(at + expression.Length)..];
    }
}
