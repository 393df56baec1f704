using System.Diagnostics;
using ExposureMonitor.Alerts;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Kafka.Tests;

/// <summary>What a test does in a process of its own, because that process is to die: this assembly, started as a program.</summary>
internal static class ChildProcess
{
    /// <summary>Runs a part to its end; 137 when it was killed.</summary>
    internal static async Task<int> RunAsync(string part, string database, KafkaOptions options, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ChildProcess).Assembly.Location, part, database, options.Bootstrap, options.Orders[..^".orders".Length], .. arguments])
        {
            RedirectStandardError = true, RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode is 0 or 137 ? process.ExitCode : throw new InvalidOperationException($"{part} ended with {process.ExitCode}: {await errors}");
    }

    private static async Task<int> Main(string[] told)
    {
        var (database, options) = (told[1], KafkaBroker.OptionsFor(told[2], told[3]));
        switch (told[0])
        {
            case "pump":
                await PumpAsync(database, options, int.Parse(told[4], System.Globalization.CultureInfo.InvariantCulture));
                return 0;
            case "rekey":
                await RekeyAsync(options, told[4], int.Parse(told[5], System.Globalization.CultureInfo.InvariantCulture));
                return 0;
            case "feed":
                await FeedAsync(database, options, told[4], int.Parse(told[5], System.Globalization.CultureInfo.InvariantCulture));
                return 0;
            default:
                return 2;
        }
    }

    private static async Task PumpAsync(string database, KafkaOptions options, int killAt)
    {
        await using var journal = await JournalFactory.OpenServiceAsync(database);
        var heads = await journal.Reader.HeadsAsync(CancellationToken.None);
        await using var pump = await OutboxPump.StartAsync(new JournalOutbox(journal.Reader), heads, new Killing(journal, killAt), await KafkaOutbox.OpenAsync(options, "child"),
            new CommitBell(journal.Database.Partitions), new OutboxPumpOptions { BatchMax = 10, CursorPause = TimeSpan.FromMilliseconds(1) });
        await pump.CaughtUpAsync();
        // Whoever was to die has all confirmed by now, and has at least the last cursor before it.
        if (killAt > 0) await Task.Delay(Timeout.Infinite);
    }

    private static async Task RekeyAsync(KafkaOptions options, string from, int killAt)
    {
        var commits = 0;
        using var rekeyer = await Rekeyer.OpenAsync(options, new EventDecoder(), from, options.Receivables, () =>
        {
            if (++commits == killAt) Process.GetCurrentProcess().Kill();
        });
        rekeyer.Run(untilEnd: true, CancellationToken.None);
    }

    private static async Task FeedAsync(string database, KafkaOptions options, string poison, int killAt)
    {
        var journal = await JournalFactory.OpenServiceAsync(database);
        await using var engine = new ExposureEngine(journal);
        await engine.StartAsync();
        await using var feed = await KafkaFeed.StartAsync(engine, new Deadly(poison, killAt), options, say: Console.Error.WriteLine, marks: journal);
        await feed.CaughtUpAsync();
    }

    /// <summary>Ends the process at a record that has certain bytes, or at the nth record, whichever that is.</summary>
    private sealed class Deadly(string poison, int at) : IEventDecoder
    {
        private readonly EventDecoder _inner = new();
        private readonly byte[] _poison = System.Text.Encoding.UTF8.GetBytes(poison);
        private int _decoded;

        public Domain.Fact Decode(ReadOnlyMemory<byte> record, Domain.SourcePosition position)
        {
            if (_poison.Length > 0 && record.Span.IndexOf(_poison) >= 0 || Interlocked.Increment(ref _decoded) == at) Process.GetCurrentProcess().Kill();
            return _inner.Decode(record, position);
        }

        public ReadOnlyMemory<byte> RecordOf(Domain.UndecodableRecord dead) => _inner.RecordOf(dead);

        public string? ReadableOf(Domain.UndecodableRecord dead) => _inner.ReadableOf(dead);

        public byte[] EventOf(Domain.Fact fact) => _inner.EventOf(fact);

        public string TextOf(Domain.Fact fact, ReadOnlyMemory<byte> record) => _inner.TextOf(fact, record);

        public IReadOnlyList<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> body, string contentType, out bool isBatch) => _inner.Split(body, contentType, out isBatch);

        public DecodeError? Fill(Domain.Command command, ReadOnlyMemory<byte> body) => _inner.Fill(command, body);
    }

    /// <summary>Ends the process, as kill -9 does, in the moment when the nth cursor is to move.</summary>
    private sealed class Killing(IOutboxCursors inner, int at) : IOutboxCursors
    {
        private int _moves;

        public ValueTask<IReadOnlyDictionary<int, OutboxPlace>> CursorsAsync(string reader, CancellationToken cancel) => inner.CursorsAsync(reader, cancel);

        public ValueTask MoveCursorsAsync(string reader, IReadOnlyDictionary<int, OutboxPlace> places, CancellationToken cancel)
        {
            if (++_moves == at) Process.GetCurrentProcess().Kill();
            return inner.MoveCursorsAsync(reader, places, cancel);
        }
    }
}
