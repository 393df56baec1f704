using System.Globalization;
using ExposureMonitor.Bench;

// From a payment or order event, on HTTP or Kafka, to the message at a server: the product's own process, one channel, group_wait 0.
//   dotnet run -c Release --project bench/Latency -- --store sqlite (or postgresql)
// Each event has a message of its own at the server, whose clock reading is the end; the beginning is the moment before the event is sent.
var options = new Options(args, "store", "events", "rate", "ways", "output", "broker");
var (count, rate) = (options.Number("events", 1_000), options.Number("rate", 10));
await using var store = await Store.OpenAsync(options.Text("store", "sqlite"));
var report = new Report("latency", store.Kind, store.Version, store.Settings);
var ways = options.Text("ways", "http,kafka").Split(',');
using var broker = ways.Contains("kafka") ? Broker.Open(options.Text("broker", Environment.GetEnvironmentVariable("EXPOSURE_KAFKA") ?? "")) : null;
var held = true;
await using (var receiver = new Receiver())
{
    var address = Store.AddressOf(await store.NewAsync());
    await using var service = await Service.StartAsync(store.Folder, address, broker?.Bootstrap, receiver.Url);
    await using ISender before = new HttpSender(service.Url, service.Key);
    foreach (var way in ways)
    {
        await using ISender sender = way == "kafka" ? new KafkaSender(broker!.Bootstrap) : new HttpSender(service.Url, service.Key);
        // The first ones compile code and open connections.
        await Run.AsyncOne(sender, before, receiver, $"{way}-w", 50, 0);
        foreach (var kind in (string[])["order", "payment"])
        {
            Add(way, kind, "one at a time", await Run.AsyncOne(sender, before, receiver, $"{way}-{kind}-a", count / 2, 0, kind));
            Add(way, kind, $"{rate} a second", await Run.AsyncOne(sender, before, receiver, $"{way}-{kind}-b", count / 2, rate, kind));
        }
    }
}

report.Write(options.Text("output", "bench/results"), new Dictionary<string, string>
{
    ["broker"] = broker?.About ?? "none", ["events of each line"] = (count / 2).ToString(CultureInfo.InvariantCulture), ["channel"] = "webhook on the loopback, signed, group_wait 0, rates lifted", ["order"] = "an order that is held: from the order to the message about the hold",
    ["payment"] = "a payment that bounces and lifts the utilisation over a step: from the return to the message about the signal", ["required"] = "p50 below 150 ms, p99 below 1 s",
});
Console.WriteLine(held ? "PASS: every p50 is below 150 ms and every p99 below 1 s" : "FAIL: a p50 is above 150 ms or a p99 above 1 s");
return held ? 0 : 1;

void Add(string way, string kind, string how, double[] sorted)
{
    var name = $"{kind} on {(way == "kafka" ? "Kafka" : "HTTP")}, {how}";
    var (p50, p99) = (sorted[(sorted.Length - 1) / 2], sorted[(int)Math.Ceiling((sorted.Length - 1) * 0.99)]);
    held &= p50 < 150 && p99 < 1_000;
    report.Add(name + ": p50", "ms", p50);
    report.Add(name + ": p99", "ms", p99);
    report.Add(name + ": longest", "ms", sorted[^1]);
    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: p50 {p50:0} ms, p99 {p99:0} ms, longest {sorted[^1]:0} ms"));
}
