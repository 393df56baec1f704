using System.CommandLine;
using System.Globalization;
using ExposureMonitor.Ingest;
using Command = System.CommandLine.Command;

namespace ExposureMonitor.Standalone;

/// <summary><c>exposure kafka</c>: looks at the topics of an installation, and makes those that are missing.</summary>
internal static class KafkaCommand
{
    internal static Command Build()
    {
        var (broker, config, json) = (Broker(), Config(), Common.Json());
        var partitions = new Option<int>("--partitions") { Description = "Partitions of the topics keyed by customer: as many as the database has.", DefaultValueFactory = _ => 16 };
        var create = new Option<bool>("--create") { Description = "Makes the topics that are missing." };
        var replication = new Option<short>("--replication") { Description = "Copies of each partition; -1 for the broker's default.", DefaultValueFactory = _ => (short)-1 };
        var topics = new Command("topics", "Checks the topics that are read and written.") { broker, config, partitions, create, replication, json }.Examples(
            "exposure kafka topics --kafka localhost:9092", "exposure kafka topics --kafka localhost:9092 --create --partitions 64 --replication 3");
        topics.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var options = OptionsOf(parsed.GetValue(broker) ?? throw new ArgumentException("--kafka: expected the address of a broker, such as localhost:9092."), parsed.GetValue(config));
            if (parsed.GetValue(partitions) is < 1 or > 10_000) throw new ArgumentException("--partitions: expected 1 to 10000.");
            var made = parsed.GetValue(create) ? await KafkaTopics.CreateAsync(options, parsed.GetValue(partitions), parsed.GetValue(replication)) : [];
            var found = await KafkaTopics.CheckAsync(options, parsed.GetValue(partitions));
            var written = await KafkaTopics.CheckWrittenAsync(options);
            Common.Print(parsed.GetValue(json), new { topics = found, written, made }, () =>
            {
                foreach (var (topic, use) in found.Select(t => (t, "read")).Concat(written.Select(t => (t, "written"))))
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{topic.Name,-28} {use,-7} {topic.Partitions,4} partitions  id {topic.Id}{(made.Contains(topic.Name) ? "  made" : "")}"));
            });
            return 0;
        }));
        return new Command("kafka", "The topics that a service reads and writes.") { topics, Rekey() };
    }

    private static Command Rekey()
    {
        var (broker, config) = (Broker(), Config());
        var from = new Option<string>("--from") { Description = "The topic that is keyed by something else.", Required = true };
        var to = new Option<string>("--to") { Description = "The topic that the service reads; its configuration names it under 'rekeyed'.", Required = true };
        var once = new Option<bool>("--once") { Description = "Ends when all that is there has been copied." };
        var json = Common.Json();
        var command = new Command("rekey", "Copies a topic to one that is keyed by customer; runs until it is stopped, and goes on where it stopped.") { broker, config, from, to, once, json }.Examples(
            "exposure kafka rekey --kafka localhost:9092 --kafka-config kafka.properties --from erp.invoices --to credit.receivables");
        command.SetAction((parsed, cancel) => Common.RunAsync(async () =>
        {
            var options = OptionsOf(parsed.GetValue(broker) ?? throw new ArgumentException("--kafka: expected the address of a broker, such as localhost:9092."), parsed.GetValue(config));
            using var rekeyer = await Rekeyer.OpenAsync(options, new EventDecoder(), parsed.GetValue(from)!, parsed.GetValue(to)!);
            if (!options.Rekeyed.Contains(parsed.GetValue(to)!))
                await Console.Error.WriteLineAsync($"exposure: a service that reads {parsed.GetValue(to)} has to be told rekeyed={parsed.GetValue(to)} in its --kafka-config; without it the origin is not looked at, and what is copied twice is told by its event id alone.");
            await Task.Factory.StartNew(() => rekeyer.Run(parsed.GetValue(once), cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            Common.Print(parsed.GetValue(json), new { copied = rekeyer.Copied }, () => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rekeyer.Copied} records copied")));
            return 0;
        }));
        return command;
    }

    internal static Option<string?> Broker() => new("--kafka") { Description = "Reads the topics of this Kafka, such as localhost:9092." };

    internal static Option<FileInfo?> Config() => new("--kafka-config") { Description = "Properties: topic names (topic.orders=…), lag.budget.seconds, and those of the client (security.protocol=…)." };

    /// <summary>Options of a broker and a file of properties.</summary>
    internal static KafkaOptions OptionsOf(string broker, FileInfo? config)
    {
        if (string.IsNullOrWhiteSpace(broker)) throw new ArgumentException("--kafka: expected the address of a broker, such as localhost:9092.");
        if (config is null) return new KafkaOptions { Bootstrap = broker };
        if (!config.Exists) throw new ArgumentException($"--kafka-config: no file '{config.FullName}'.");
        try
        {
            return KafkaOptions.Parse(broker, File.ReadLines(config.FullName));
        }
        catch (ArgumentException wrong)
        {
            throw new ArgumentException($"{config.Name}: {wrong.Message}", wrong);
        }
    }
}
