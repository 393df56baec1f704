using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Storage;

// Prints one JSON object: what a million customers cost in memory and at a restart, and whether the cost of an event
// grows with the open items of its customer. Every figure is printed only after its result was verified.
// Usage: Growth [customers] [itemsEach] [folder]
var customers = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1_000_000;
var each = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5;
var folder = args.Length > 2 ? args[2] : Directory.CreateTempSubdirectory("growth").FullName;
var address = "sqlite:" + Path.Combine(folder, "growth.db");
var eur = Currency.Parse("EUR");
var day = new DateOnly(2026, 3, 2).DayNumber;

var flat = PerEvent();
await JournalFactory.CreateAsync(address, new DatabaseInfo("bench", "EUR", 16, "events", "UTC", false));
var begun = Stopwatch.GetTimestamp();
await using (var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(address, offline: true)))
{
    await engine.StartAsync();
    var batch = new List<Fact>();
    for (var n = 0; n < customers; n++)
    {
        for (var item = 0; item < each; item++) batch.Add(Invoice($"C{n}", $"I{n}-{item}", 100 + item, day + 30 + item));
        if (batch.Count < 5_000) continue;
        await engine.FeedAsync(batch);
        batch.Clear();
    }

    await engine.FeedAsync(batch);
    Check(engine);
}

var loaded = Stopwatch.GetElapsedTime(begun);
GC.Collect();
begun = Stopwatch.GetTimestamp();
await using (var engine = new ExposureEngine(await JournalFactory.OpenWriterAsync(address, offline: true)))
{
    await engine.StartAsync();
    var answer = await engine.ReadAsync(engine.PartitionOf("C7"), book => book.Figures(book.FindSlot("C7")).Gross);
    var restart = Stopwatch.GetElapsedTime(begun);
    Check(engine);
    GC.Collect();
    GC.WaitForPendingFinalizers();
    GC.Collect();
    using var process = Process.GetCurrentProcess();
    process.Refresh();
    Console.WriteLine(JsonSerializer.Serialize(new
    {
        customers, itemsEach = each, eventsPerSecond = (long)(customers * (double)each / loaded.TotalSeconds), restartToFirstAnswerSeconds = Math.Round(restart.TotalSeconds, 2),
        residentMb = process.WorkingSet64 >> 20, heapMb = GC.GetTotalMemory(false) >> 20, firstAnswer = answer, nanosecondsPerEventByOpenItems = flat,
    }));
}

Fact Invoice(string customer, string id, long amount, int due) => new InvoicePosted
{
    Customer = customer, InvoiceId = id, Amount = amount, Currency = eur, IssuedOn = day, DueOn = due, EventId = id, Source = "bench",
    Time = Instant.From(DateOnly.FromDayNumber(day)),
};

void Check(ExposureEngine engine)
{
    Int128 sum = 0;
    var count = 0;
    foreach (var rows in engine.Published)
        rows.Visit(row =>
        {
            sum += row.Figures.Gross;
            count++;
        });
    Int128 expected = 0;
    for (var item = 0; item < each; item++) expected += 100 + item;
    if (count != customers || sum != expected * customers) throw new InvalidOperationException($"{count} customers with {sum}: wrong, no figure is printed.");
}

// The machine alone: invoice and payment with allocation on a customer with n open items; median of eleven rounds.
SortedDictionary<int, double> PerEvent()
{
    var result = new SortedDictionary<int, double>();
    foreach (var open in (int[])[10, 100, 1_000, 10_000, 100_000])
    {
        var book = new Book(0, eur, eventClock: true);
        var (effects, seq) = (new EffectBuffer(), 0L);
        void Tell(Fact fact)
        {
            effects.Clear();
            if (PartitionMachine.Apply(book, fact, new EntryPosition(0, ++seq, 0), effects).Kind != OutcomeKind.Applied) throw new InvalidOperationException("A fact was not applied.");
        }

        Tell(new DayStarted { Day = day });
        for (var i = 0; i < open; i++) Tell(Invoice("C", "O" + i, 100, day + i % 200));
        var rounds = new List<double>();
        for (var round = 0; round < 11; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < 500; i++)
            {
                var id = $"{round}-{i}";
                Tell(Invoice("C", "N" + id, 100, day + i % 200));
                Tell(new PaymentReceived { Customer = "C", PaymentId = "P" + id, Amount = 100, Currency = eur, ValueOn = day, Cleared = true, EventId = "P" + id, Source = "bench" });
                Tell(new PaymentAllocated { Customer = "C", AllocationId = "A" + id, FromId = "P" + id, AllocatedOn = day, EventId = "A" + id, Source = "bench", Items = [new AllocationItem { ItemId = "N" + id, Amount = 100 }] });
            }

            rounds.Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds / 1_500);
        }

        if (book.Figures(0).Gross != open * 100L) throw new InvalidOperationException("The exposure is wrong, no figure is printed.");
        rounds.Sort();
        result[open] = Math.Round(rounds[5]);
    }

    return result;
}
