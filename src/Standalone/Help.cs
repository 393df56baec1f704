using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace ExposureMonitor.Standalone;

/// <summary>Examples and exit codes below the help of a command.</summary>
internal static class Help
{
    private static readonly ConditionalWeakTable<Command, string[]> Known = [];

    internal static Command Examples(this Command command, params string[] lines)
    {
        Known.AddOrUpdate(command, lines);
        return command;
    }

    /// <summary>True when the command, or one below it, has an example; a test walks the tree.</summary>
    internal static bool HasExamples(Command command) => Known.TryGetValue(command, out _);

    internal static void WithExamples(RootCommand root)
    {
        foreach (var option in root.Options.OfType<HelpOption>()) option.Action = new WithExamplesAction((HelpAction)option.Action!);
    }

    private sealed class WithExamplesAction(HelpAction plain) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var code = plain.Invoke(parseResult);
            var output = parseResult.InvocationConfiguration.Output;
            var command = parseResult.CommandResult.Command;
            if (Known.TryGetValue(command, out var lines))
            {
                output.WriteLine("Examples:");
                foreach (var line in lines) output.WriteLine("  " + line);
                output.WriteLine();
            }

            if (command.Subcommands.Count == 0 || command is RootCommand)
                output.WriteLine("Exit codes: 0 done, 1 refused or wrong, 2 a proof failed, 3 books differ (reconcile), 130 interrupted.");
            return code;
        }
    }
}
