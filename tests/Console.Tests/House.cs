using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Api;
using ExposureMonitor.Api.Tests;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace ExposureMonitor.Console.Tests;

/// <summary>A whole service with the console, over a SQLite file, with a desk of people; it can be stopped and started again on its port.</summary>
public sealed class House : IAsyncDisposable
{
    public const string Password = "correct horse battery";

    /// <summary>Where the operators' dashboard is said to stand.</summary>
    public const string Grafana = "https://grafana.test/d/exposure-monitor";

    /// <summary>Where the Orleans Dashboard of a cluster is said to stand.</summary>
    public const string Orleans = "https://orleans.test/cluster";

    private readonly string _folder = Directory.CreateTempSubdirectory("exposure-console").FullName;
    private MetricsText _metrics = null!;
    private Desk _desk = null!;
    private WebApplication _app = null!;
    private HttpClient _http = null!;
    private AlertsBeside? _alerts;
    private bool _tellsPeople;
    private int _next, _port;

    /// <summary>Where the built console stands.</summary>
    public static string Dist { get; } = Path.Combine(Root, "src", "Console", "dist");

    public static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder!.FullName, "ExposureMonitor.sln"))) folder = folder.Parent;
            return folder.FullName;
        }
    }

    public ExposureEngine Engine { get; private set; } = null!;

    public SignIn People { get; private set; } = null!;

    public KeyRing Keys { get; private set; } = null!;

    public string Address { get; private set; } = "";

    public string ServiceKey { get; private set; } = "";

    /// <summary>A house with alice (analyst), bob (approver up to 10,000.00), max (both), petra and quinn (policy), vera (auditor), eve (analyst of the segment EAST) and root.</summary>
    public static async Task<House> OpenAsync(int partitions = 4, bool tellsPeople = false)
    {
        var house = new House { _tellsPeople = tellsPeople };
        await JournalFactory.CreateAsync("sqlite:" + Path.Combine(house._folder, "book.db"), new DatabaseInfo("test", "EUR", partitions, "wall", "UTC", false));
        await house.StartAsync();
        foreach (var (who, roles, authority, segment) in new (string, Roles, long, string)[]
        {
            ("alice", Roles.Analyst, 0, ""), ("bob", Roles.Approver, 1_000_000, ""), ("max", Roles.Analyst | Roles.Approver, -1, ""), ("petra", Roles.PolicyOwner, 0, ""), ("quinn", Roles.PolicyApprover, 0, ""),
            ("vera", Roles.Auditor, 0, ""), ("eve", Roles.Analyst, 0, "EAST"), ("root", Roles.Admin, 0, ""),
        }) await house.People.CreateAtConsoleAsync(new KeyWish(who, roles, authority, segment.Length > 0 ? [segment] : null), Password);
        house.ServiceKey = (await house.Keys.CreateAtConsoleAsync(new KeyWish("erp", Roles.Service, MayCarryAuthority: true), "test")).Key;
        return house;
    }

    public async Task StartAsync()
    {
        var journal = await JournalFactory.OpenServiceAsync("sqlite:" + Path.Combine(_folder, "book.db"));
        Engine = new ExposureEngine(journal);
        Keys = new KeyRing(Engine);
        People = new SignIn(journal, Keys, new SignInOptions { Rounds = 1_000 });
        _metrics = new MetricsText(Engine);
        _desk = new Desk(Engine, new EventDecoder(), limiter: new Limiter(0), keys: Keys) { Contracts = PublishedContracts.All(), BalanceLists = BalanceList.ReadBody, SignIn = People, Console = ConsoleFiles.Load(Dist), Environment = "TEST", Grafana = Grafana, OrleansDashboard = Orleans };
        _app = ApiHost.Build(_port, _desk, _metrics);
        await _app.StartAsync();
        Address = _app.Urls.First();
        _port = new Uri(Address).Port;
        // One name for the host: a cookie of localhost is none of 127.0.0.1.
        Address = $"http://localhost:{_port}";
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        await Engine.StartAsync();
        await _desk.BeginAsync();
        if (_tellsPeople) _alerts = await AlertsBeside.StartAsync(Engine, journal, _desk);
    }

    public async Task StopAsync()
    {
        _http.Dispose();
        if (_alerts is not null) await _alerts.DisposeAsync();
        await _desk.DisposeAsync();
        await _app.DisposeAsync();
        await Engine.DisposeAsync();
        _metrics.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public string New(string prefix) => prefix + Interlocked.Increment(ref _next).ToString(CultureInfo.InvariantCulture);

    public static string Today => DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static string Day(int ahead) => DateTime.UtcNow.AddDays(ahead).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>An event that is taken in; fails when it is not.</summary>
    public async Task TellAsync(string type, string customer, object data)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { specversion = "1.0", id = New("e"), source = "test", type = $"credit.{type}.v1", subject = customer, time = DateTimeOffset.UtcNow, data });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/events", UriKind.Relative)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("X-Api-Key", ServiceKey);
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode && text.Contains("\"Applied\"", StringComparison.Ordinal), text);
    }

    /// <summary>An event that cannot be applied; returns its dead letter.</summary>
    public async Task<string> RefusedAsync(string type, string customer, object data)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { specversion = "1.0", id = New("e"), source = "test", type = $"credit.{type}.v1", subject = customer, time = DateTimeOffset.UtcNow, data });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/events", UriKind.Relative)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("X-Api-Key", ServiceKey);
        using var answer = await _http.SendAsync(request);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("deadLetter").GetString()!;
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/api/v1" + path, UriKind.Relative));
        request.Headers.Add("X-Api-Key", ServiceKey);
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>A stream that somebody else watches; its first frame has come.</summary>
    public async Task<IAsyncDisposable> StreamAsync(string subs)
    {
        var http = new HttpClient { BaseAddress = _http.BaseAddress };
        http.DefaultRequestHeaders.Add("X-Api-Key", ServiceKey);
        var stream = await http.GetStreamAsync(new Uri("/api/v1/live?subs=" + subs, UriKind.Relative));
        await stream.ReadExactlyAsync(new byte[64]);
        return new Watching(http, stream);
    }

    private sealed class Watching(HttpClient http, Stream stream) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await stream.DisposeAsync();
            http.Dispose();
        }
    }

    /// <summary>A customer with a limit in minor units of EUR; 0 for none.</summary>
    public async Task<string> CustomerAsync(string id, long limit, string segment = "TRADE", string? name = null, string owner = "alice")
    {
        await TellAsync("customer.opened", id, new { currency = "EUR", name = name ?? "Name of " + id, segment, country = "DE", controller = owner });
        if (limit > 0) await TellAsync("limit.set", id, new { version = 1, currency = "EUR", steps = new[] { new { from = "2020-01-01", kind = "Amount", amount = limit } } });
        return id;
    }

    public Task OrderAsync(string customer, string order, long amount, int shipsIn = 3) =>
        TellAsync("order.placed", customer, new { orderId = order, amount, currency = "EUR", orderedOn = Today, shipOn = Day(shipsIn) });

    public Task InvoiceAsync(string customer, string invoice, long amount, int dueIn = 20) =>
        TellAsync("invoice.posted", customer, new { invoiceId = invoice, amount, currency = "EUR", issuedOn = Day(Math.Min(0, dueIn) - 10), dueOn = Day(dueIn) });

    public Task PaymentAsync(string customer, string payment, long amount) =>
        TellAsync("payment.received", customer, new { paymentId = payment, amount, currency = "EUR", valueOn = Today, cleared = true });
}
