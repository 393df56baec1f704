using System.CommandLine;
using System.CommandLine.Invocation;
using Spectre.Console;
using ExposureMonitor.Standalone;

var root = new RootCommand("ExposureMonitor: live credit exposure of every customer, decided and proved.");
root.Subcommands.Add(ServeCommand.Build());
root.Subcommands.Add(ImportCommand.Build());
root.Subcommands.Add(GenerateCommand.Build());
root.Subcommands.Add(ReplayCommand.Build());
root.Subcommands.Add(EvaluateCommand.Build());
root.Subcommands.Add(LearnCommand.Build());
root.Subcommands.Add(ReadCommands.Check());
root.Subcommands.Add(ReadCommands.Show());
root.Subcommands.Add(ReconcileCommand.Build());
root.Subcommands.Add(DeadLettersCommand.Build());
root.Subcommands.Add(ReadCommands.Verify());
root.Subcommands.Add(AnchorsCommand.Build());
root.Subcommands.Add(PruneCommand.Build());
root.Subcommands.Add(DatabaseCommand.Build());
root.Subcommands.Add(KeysCommand.Build());
root.Subcommands.Add(UsersCommand.Build());
root.Subcommands.Add(ProposalsCommand.Build());
root.Subcommands.Add(ScorecardsCommand.Build());
root.Subcommands.Add(KafkaCommand.Build());
root.Subcommands.Add(ChannelsCommand.Build());
root.Subcommands.Add(HealthCommand.Build());
Help.WithExamples(root);
// Where no terminal says how wide it is, a table is as wide as it needs to be.
if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 240;
var parsed = root.Parse(args);
// The error alone: below forty lines of help nobody would see it.
if (args.Length > 0 && parsed.Action is ParseErrorAction wrong) wrong.ShowHelp = false;
// Ctrl-C stops the work and then writes snapshots: that may take longer than the two seconds of the default.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(60) });
