using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;

/// <summary>A server that notes when it heard of what. It believes every signature: what is measured is time.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<long>> _heard = new(StringComparer.Ordinal);
    private readonly Task _running;

    internal Receiver()
    {
        var port = Service.FreePort();
        Url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/hook/");
        _listener.Prefixes.Add(Url);
        _listener.Start();
        _running = Task.Run(RunAsync);
    }

    internal string Url { get; }

    /// <summary>When the message about an order or customer came, as a timestamp.</summary>
    internal Task<long> HeardAsync(string about) => Of(about).Task;

    private TaskCompletionSource<long> Of(string about) => _heard.GetOrAdd(about, _ => new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task RunAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var body = await JsonDocument.ParseAsync(context.Request.InputStream);
            var at = Stopwatch.GetTimestamp();
            context.Response.StatusCode = 204;
            context.Response.Close();
            foreach (var alert in body.RootElement.GetProperty("alerts").EnumerateArray())
            {
                var labels = alert.GetProperty("labels");
                if (labels.TryGetProperty("about", out var about)) Of(about.GetString()!).TrySetResult(at);
                // Of the ladder the customer: each has one signal.
                if (labels.GetProperty("alertname").GetString() == "EW-01") Of(labels.GetProperty("customer").GetString()!).TrySetResult(at);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _running;
    }
}

/// <summary>The product's process.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly Process _process;

    private Service(Process process) => _process = process;

    internal Uri Url { get; private set; } = null!;

    internal string Key { get; private set; } = "";

    internal static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    internal static async Task<Service> StartAsync(string folder, string database, string? broker, string receiver)
    {
        var file = Path.Combine(folder, "channels.yaml");
        await File.WriteAllTextAsync(file, $"""
            channels:
              hook:
                type: webhook
                url: {receiver}
                secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
                allow_http: true
                allow_networks: [127.0.0.0/8]
                rates: [1000/1s]
            route:
              to: [hook]
              group_by: [customer, about]
              group_wait: 0s
              group_interval: 0s
            """);
        var executable = Executable();
        if (broker is not null)
        {
            using var made = Process.Start(executable, ["kafka", "topics", "--kafka", broker, "--create", "--partitions", "16"]);
            await made.WaitForExitAsync();
            if (made.ExitCode != 0) throw new InvalidOperationException("The topics could not be made.");
        }

        var start = new ProcessStartInfo(executable, ["serve", "--db", database, "--port", "0", "--rate", "0", "--channels", file, "--json", .. broker is null ? (string[])[] : ["--kafka", broker]]) { RedirectStandardOutput = true };
        var service = new Service(Process.Start(start)!);
        var line = await service._process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The service does not start.");
        using var json = JsonDocument.Parse(line);
        (service.Url, service.Key) = (new Uri(json.RootElement.GetProperty("url").GetString() + "/"), json.RootElement.GetProperty("keys").GetProperty("service").GetString()!);
        _ = service._process.StandardOutput.ReadToEndAsync();
        return service;
    }

    private static string Executable()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "artifacts", "bin", "Standalone", "release", "exposure") is var path && File.Exists(path)) return path;
        throw new InvalidOperationException("Build src/Standalone -c Release first.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}

/// <summary>A way in.</summary>
internal interface ISender : IAsyncDisposable
{
    Task SendAsync(string topic, string customer, IReadOnlyList<string> events);
}

internal sealed class HttpSender(Uri url, string key) : ISender
{
    private readonly HttpClient _http = Client(url, key);

    private static HttpClient Client(Uri url, string key)
    {
        var http = new HttpClient { BaseAddress = url };
        http.DefaultRequestHeaders.Add("X-Api-Key", key);
        return http;
    }

    public async Task SendAsync(string topic, string customer, IReadOnlyList<string> events)
    {
        using var content = new StringContent("[" + string.Join(',', events) + "]", Encoding.UTF8, "application/json");
        using var reply = await _http.PostAsync("events", content);
        var told = await reply.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
        if (told.Contains("Refused", StringComparison.Ordinal) || told.Contains("Undecodable", StringComparison.Ordinal)) throw new InvalidOperationException(told);
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}

internal sealed class KafkaSender(string bootstrap) : ISender
{
    private readonly IProducer<string, string> _producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = bootstrap, Partitioner = Confluent.Kafka.Partitioner.Murmur2Random, LingerMs = 0, Acks = Acks.All }).Build();

    public async Task SendAsync(string topic, string customer, IReadOnlyList<string> events)
    {
        foreach (var e in events) await _producer.ProduceAsync(topic, new Message<string, string> { Key = customer, Value = e });
    }

    public ValueTask DisposeAsync()
    {
        _producer.Dispose();
        return ValueTask.CompletedTask;
    }
}

internal static class Run
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Milliseconds from each event to its message, sorted. A rate of 0 waits for each message before the next event.</summary>
    /// <param name="before">Tells what has to stand before the clock runs: limits take effect at once from there.</param>
    internal static async Task<double[]> AsyncOne(ISender sender, ISender before, Receiver receiver, string name, int count, int rate, string kind = "order")
    {
        var names = Enumerable.Range(0, count).Select(n => string.Create(CultureInfo.InvariantCulture, $"{name}-{n}")).ToArray();
        // A payment can only bounce when it was there.
        if (kind == "payment") await PrepareAsync(before, names);
        var begun = new long[count];
        var clock = Stopwatch.StartNew();
        for (var n = 0; n < count; n++)
        {
            var meant = rate == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)n / rate);
            if (meant > clock.Elapsed) await Task.Delay(meant - clock.Elapsed);
            // In an open loop the time counts from the moment at which the event was meant to be sent.
            begun[n] = rate == 0 ? Stopwatch.GetTimestamp() : Stopwatch.GetTimestamp() - (long)((clock.Elapsed - meant).TotalSeconds * Stopwatch.Frequency);
            var sent = kind == "payment"
                ? sender.SendAsync("credit.receivables", names[n], [Event("credit.payment.returned.v1", "r-" + names[n], names[n], $"\"paymentId\":\"P-{names[n]}\",\"returnedOn\":\"{Today}\",\"reason\":\"no funds\"")])
                : sender.SendAsync("credit.orders", "C-" + names[n], [Event("credit.order.placed.v1", "o-" + names[n], "C-" + names[n], $"\"orderId\":\"{names[n]}\",\"amount\":\"125000\",\"currency\":\"EUR\",\"orderedOn\":\"{Today}\",\"shipOn\":\"{Today}\"")]);
            if (rate > 0) continue;
            await sent;
            await receiver.HeardAsync(names[n]).WaitAsync(Patience);
        }

        var spans = new double[count];
        for (var n = 0; n < count; n++) spans[n] = Stopwatch.GetElapsedTime(begun[n], await receiver.HeardAsync(names[n]).WaitAsync(Patience)).TotalMilliseconds;
        return [.. spans.Order()];
    }

    private static async Task PrepareAsync(ISender sender, string[] names)
    {
        foreach (var name in names)
        {
            await sender.SendAsync("", name,
            [
                Event("credit.customer.opened.v1", "c-" + name, name, "\"currency\":\"EUR\""),
                Event("credit.limit.set.v1", "l-" + name, name, $"\"version\":1,\"currency\":\"EUR\",\"steps\":[{{\"from\":\"2020-01-01\",\"kind\":\"Amount\",\"amount\":\"100000\"}}]"),
                Event("credit.payment.received.v1", "p-" + name, name, $"\"paymentId\":\"P-{name}\",\"amount\":\"95000\",\"currency\":\"EUR\",\"valueOn\":\"{Today}\",\"cleared\":true"),
                Event("credit.invoice.posted.v1", "i-" + name, name, $"\"invoiceId\":\"I-{name}\",\"amount\":\"105000\",\"currency\":\"EUR\",\"issuedOn\":\"{Today}\",\"dueOn\":\"2099-01-01\""),
            ]);
        }
    }

    private static string Today => DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Event(string type, string id, string customer, string data) =>
        $"{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"type\":\"{type}\",\"source\":\"bench\",\"subject\":\"{customer}\",\"time\":\"{DateTime.UtcNow:yyyy-MM-ddTHH:mm:ss.ffffffZ}\",\"data\":{{{data}}}}}";
}
