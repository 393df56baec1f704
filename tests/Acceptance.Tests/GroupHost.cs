using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;

namespace ExposureMonitor.Acceptance.Tests;

/// <summary>
/// A process of its own that owns all partitions of a database: with one engine, or with two that share them and reach each other as
/// two processes of a cluster would. It takes a command per line and answers each when it can; it dies by <c>kill -9</c>.
/// </summary>
internal sealed class GroupHost : IOtherOwners
{
    internal const string Elsewhere = "elsewhere", Broken = "BROKEN ";

    private static readonly Currency Eur = Currency.Parse("EUR");
    private readonly List<(ExposureEngine Engine, LossyJournal Journal)> _engines = [];
    private readonly Lock _out = new();
    private readonly ConcurrentDictionary<string, (string Command, long Since)> _open = [];

    /// <summary>The address, the number of engines, and a seed.</summary>
    internal static async Task<int> RunAsync(string[] args)
    {
        var host = new GroupHost();
        var (address, engines, seed) = (args[0], int.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture));
        for (var n = 0; n < engines; n++)
        {
            var stored = engines == 1 ? await JournalFactory.OpenWriterAsync(address, offline: true) : await JournalFactory.OpenServiceAsync(address, shared: true);
            var journal = new LossyJournal(stored, seed + n);
            host._engines.Add((new ExposureEngine(journal, others: host), journal));
            await host._engines[^1].Engine.StartAsync();
        }

        foreach (var partition in Enumerable.Range(Book.House, host.Database.Partitions + 1)) await host.AcquireAsync(partition, partition + seed);
        foreach (var (_, journal) in host._engines) journal.Fails = true;
        host.Say("ready");
        var open = new List<Task>();
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line == "stop") break;
            open.RemoveAll(t => t.IsCompletedSuccessfully);
            open.Add(host.AnswerAsync(line.Split(' ')));
        }

        await Task.WhenAll(open);
        foreach (var (engine, _) in host._engines) await engine.DisposeAsync();
        return 0;
    }

    private DatabaseInfo Database => _engines[0].Engine.Database;

    private void Say(string line)
    {
        lock (_out)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }

    /// <summary>The first word is the number of the command; its answer begins with it.</summary>
    private async Task AnswerAsync(string[] words)
    {
        _open[words[0]] = (string.Join(' ', words[1..]), Stopwatch.GetTimestamp());
        await Task.Yield();
        Say($"{words[0]} {(await DoAsync(words)).ReplaceLineEndings(" ")}");
        _open.TryRemove(words[0], out _);
        // What was committed is looked for by the neighbour now, and not with its next tick.
        HouseTold();
    }

    private async Task<string> DoAsync(string[] words)
    {
        try
        {
            return words[1] switch
            {
                "found" => await FoundAsync(int.Parse(words[2], CultureInfo.InvariantCulture), Number(words[3])),
                "check" => await CheckAsync(words[2], words[3], Number(words[4])),
                "end" => await ToldAsync(new EndReservation { Customer = words[2], ReservationId = words[3], Actor = "s" }),
                "invoice" => await ToldAsync(new InvoicePosted { Customer = words[2], EventId = "i" + words[3], Source = "t", InvoiceId = words[3], Amount = Number(words[4]), Currency = Eur, IssuedOn = Today, DueOn = Today + 30 }),
                "pay" => await ToldAsync(new PaymentReceived { Customer = words[2], EventId = "p" + words[3], Source = "t", PaymentId = words[3], Amount = Number(words[4]), Currency = Eur, ValueOn = Today, Cleared = true }),
                "order" => await ToldAsync(new OrderPlaced { Customer = words[2], EventId = "o" + words[3], Source = "t", OrderId = words[3], Amount = Number(words[4]), Currency = Eur, OrderedOn = Today, ShipOn = Today + 1 }),
                "cancel" => await ToldAsync(new OrderCancelled { Customer = words[2], EventId = "x" + words[3], Source = "t", OrderId = words[3], Version = 1 }),
                "state" => await OwnerOfCustomer(words[2]).ReadAsync(PartitionOf(words[2]), book => book.Detail(book.FindSlot(words[2])).Orders.Single(o => o.OrderId == words[3]).State.ToString()),
                "hold" => await HoldAsync((int)Number(words[2])),
                "resume" => await AcquireAsync((int)Number(words[2]), (int)Number(words[3])),
                "quiet" => await QuietAsync(),
                "where" => await WhereAsync(),
                _ => throw new InvalidOperationException($"'{words[1]}' is no command."),
            };
        }
        catch (EngineUnavailableException lost)
        {
            // Nobody has the partition now, or it is read back; what a person has to look at is no answer to wait for.
            return lost is PartitionClosedException || _engines.Exists(e => e.Engine.NeedsPerson) ? Broken + lost.Message : Elsewhere;
        }
        catch (JournalUnavailableException)
        {
            return Elsewhere;
        }
        catch (Exception bug)
        {
            // Nobody would ever hear of it: the caller waits for a line.
            return Broken + bug;
        }
    }

    /// <summary>What is not answered yet and since when, who has which partition, and which messages were sent and not taken.</summary>
    private async Task<string> WhereAsync()
    {
        var told = _open.Values.Where(o => o.Command != "where").OrderBy(o => o.Since).Take(20).Select(o => $"{o.Command} for {Stopwatch.GetElapsedTime(o.Since).TotalSeconds:0} s").ToList();
        for (var n = 0; n < _engines.Count; n++) told.Add($"engine {n}: ready {_engines[n].Engine.IsReady}, failure {_engines[n].Engine.Failure}");
        for (var partition = Book.House; partition < Database.Partitions; partition++)
        {
            var id = partition;
            var (owner, text) = (_engines.FindIndex(e => e.Engine.Owns(id)), new List<string>());
            if (owner < 0)
            {
                told.Add($"{id}: nobody");
                continue;
            }

            try
            {
                var patience = TimeSpan.FromSeconds(2);
                var engine = _engines[owner].Engine;
                foreach (var (receiver, last) in await engine.ReadAsync(id, book => book.Sent.ToArray()).WaitAsync(patience))
                {
                    var taken = _engines.Find(e => e.Engine.Owns(receiver)).Engine is { } other ? await other.ReadAsync(receiver, book => book.TakenFrom(id)).WaitAsync(patience) : -1;
                    if (taken != last) text.Add($"{receiver} took {taken} of {last}");
                }
            }
            catch (Exception silent)
            {
                text.Add(silent.Message);
            }

            told.Add($"{id}: engine {owner} {(_engines[owner].Engine.Serves(id) ? "serves" : "serves not")} {string.Join(", ", text)}");
        }

        return string.Join(" | ", told);
    }

    private static int Today => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).DayNumber;

    private static long Number(string word) => long.Parse(word, CultureInfo.InvariantCulture);

    private int PartitionOf(string customer) => Ids.PartitionOf(customer, Database.Partitions);

    private ExposureEngine OwnerOfCustomer(string customer) => OwnerOf(PartitionOf(customer));

    private ExposureEngine OwnerOf(int partition) => _engines.Find(e => e.Engine.Owns(partition)).Engine ?? throw new PartitionElsewhereException($"Nobody owns partition {partition}.");

    private async Task<string> ToldAsync(Fact fact)
    {
        var answer = await OwnerOfCustomer(fact.Customer).SubmitAsync(fact);
        return answer.Outcome.Kind.ToString();
    }

    /// <summary>A parent with a limit, and its members.</summary>
    private async Task<string> FoundAsync(int members, long limit)
    {
        await ToldAsync(new CustomerOpened { Customer = "P", EventId = "kP", Source = "t", Currency = Eur });
        await ToldAsync(new LimitSet { Customer = "P", EventId = "lP", Source = "t", Version = 1, Currency = Eur, Steps = [new LimitStep { From = 1, Kind = LimitKind.Amount, Amount = limit }] });
        await Task.WhenAll(Enumerable.Range(0, members).Select(n => ToldAsync(new CustomerOpened { Customer = "M" + n, EventId = "kM" + n, Source = "t", Currency = Eur, Profile = new CustomerProfile { ParentId = "P" } })));
        return "founded";
    }

    /// <summary>As the service does: the key is looked up, and holds while nobody went on with the partition meanwhile.</summary>
    private async Task<string> CheckAsync(string key, string member, long amount)
    {
        var check = new CheckCredit { Customer = member, Amount = amount, Currency = Eur, Actor = "s", Key = key, LiveMinutes = 600 };
        var engine = OwnerOfCustomer(member);
        var seen = engine.Overtaken(check);
        if (await engine.Deciding.DecisionByKeyAsync(IdempotencyKey.Hash("s", member, key), CancellationToken.None) is { } row)
        {
            using var json = JsonDocument.Parse(row.Json());
            return json.RootElement.TryGetProperty("reservationId", out var found) && found.GetString() is { Length: > 0 } kept ? "approved " + kept : "held before";
        }

        var answer = await engine.SubmitAsync(check, seen);
        if (answer.Effects.OfType<CheckDecided>().FirstOrDefault(d => d.Key == key) is not { } decided) return Elsewhere;
        return decided.ReservationId.Length > 0 ? "approved " + decided.ReservationId : "held " + string.Join('+', decided.Reasons.Select(r => r.Rule)) + (decided.Asked.Length > 0 ? " waited" : "");
    }

    /// <summary>The partition is let go, and nobody has it until it is resumed.</summary>
    private async Task<string> HoldAsync(int partition)
    {
        await OwnerOf(partition).ReleaseAsync(partition);
        return "held";
    }

    private async Task<string> AcquireAsync(int partition, int to)
    {
        var engine = _engines[Math.Abs(to) % _engines.Count].Engine;
        while (true)
        {
            try
            {
                await engine.AcquireAsync(partition);
                return "resumed";
            }
            catch (EngineUnavailableException lost) when (lost is not PartitionClosedException && !engine.NeedsPerson)
            {
                // What it has to read was lost on the way: again.
                await Task.Yield();
            }
        }
    }

    /// <summary>Waits until every message that was sent has been taken, those of the house too; tells what the wires did.</summary>
    private async Task<string> QuietAsync()
    {
        for (var calm = 0; calm < 2;)
        {
            HouseTold();
            try
            {
                var open = 0L;
                for (var sender = Book.House; sender < Database.Partitions; sender++)
                {
                    var from = sender;
                    foreach (var (receiver, last) in await OwnerOf(sender).ReadAsync(sender, book => book.Sent.ToArray()))
                        open += last - await OwnerOf(receiver).ReadAsync(receiver, book => book.TakenFrom(from));
                }

                calm = open == 0 ? calm + 1 : 0;
            }
            catch (EngineUnavailableException away) when (away is not PartitionClosedException && !_engines.Exists(e => e.Engine.NeedsPerson))
            {
                // Read back after a broken commit: again.
                (calm, _) = (0, away);
                await Task.Yield();
            }
        }

        return $"quiet {_engines.Sum(e => e.Journal.Lost)} {_engines.Sum(e => e.Journal.Doubled)} {_engines.Sum(e => e.Journal.Unknown)}";
    }

    public Task<IReadOnlyList<Answer>> SubmitAsync(int partition, IReadOnlyList<Fact> facts, CancellationToken cancel) => OwnerOf(partition).SubmitHereAsync(partition, facts, cancel);

    public Task<byte[]> AskAsync(int partition, string question, byte[] arguments, CancellationToken cancel) => OwnerOf(partition).AnswerAsync(partition, question, arguments, cancel);

    public Task<byte[]> RowsAsync(int partition, long behind, CancellationToken cancel) => Task.FromResult(OwnerOf(partition).RowsBehind(partition, behind));

    public void Lost(int partition)
    {
    }

    public void Journaled(IReadOnlyDictionary<int, (long Seq, int Index)> places) => _engines.Find(e => e.Engine.Owns(Book.House)).Engine?.NoteJournaled(places);

    public void HouseTold()
    {
        foreach (var (engine, _) in _engines) engine.LookSoon();
    }
}
