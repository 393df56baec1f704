using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Ingest;
using ExposureMonitor.Storage;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace ExposureMonitor.Api.Tests;

/// <summary>The real API on a free port of the loopback, over a real SQLite file, with a key for each role.</summary>
public sealed class Service : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("exposure-api").FullName;
    private readonly Dictionary<string, string> _keys = new(StringComparer.Ordinal);
    private MetricsText _metrics = null!;
    private Desk _desk = null!;
    private WebApplication _app = null!;
    private HttpClient _http = null!;
    private AlertsBeside? _alerts;
    private int _next;

    public ExposureEngine Engine { get; private set; } = null!;

    public KeyRing Ring => _desk.Keys;

    public WebApplication App => _app;

    /// <summary>The clock of the sessions.</summary>
    public HandClock Clock { get; } = new();

    /// <summary>An identity provider, told before the service starts again.</summary>
    public OpenIdConnect? Provider { get; set; }

    /// <summary>People who sign in.</summary>
    public SignIn People { get; private set; } = null!;

    /// <summary>What people are told of, where the service tells them.</summary>
    public AlertsBeside Alerts => _alerts ?? throw new InvalidOperationException("This service tells nobody.");

    /// <summary>Something that runs beside the engine.</summary>
    public void Add(IServiceState beside) => _desk.Services.Enqueue(beside);

    public string Folder => _folder;

    public Uri Address => _http.BaseAddress!;

    /// <summary>Requests per second and key; 0 for no limit.</summary>
    public int Rate { get; init; }

    /// <summary>Alerts go out beside the service, to a channel of the test.</summary>
    public bool TellsPeople { get; init; }

    public LiveOptions Live { get; init; } = new() { Beat = TimeSpan.FromMilliseconds(200), CustomerWindow = TimeSpan.FromMilliseconds(5), BoardWindow = TimeSpan.FromMilliseconds(5) };

    public async Task InitializeAsync()
    {
        var address = "sqlite:" + Path.Combine(_folder, "book.db");
        if (!await JournalFactory.ExistsAsync(address)) await JournalFactory.CreateAsync(address, new DatabaseInfo("test", "EUR", 4, "wall", "UTC", false));
        var journal = await JournalFactory.OpenServiceAsync(address);
        Engine = new ExposureEngine(journal);
        _metrics = new MetricsText(Engine);
        var keys = new KeyRing(Engine);
        People = new SignIn(journal, keys, new SignInOptions { Rounds = 100 }, Clock) { Provider = Provider };
        _desk = new Desk(Engine, new EventDecoder(), limiter: new Limiter(Rate), live: Live, keys: keys) { Contracts = PublishedContracts.All(), BalanceLists = BalanceList.ReadBody, SignIn = People };
        _desk.Held.Kept = TimeSpan.Zero;
        _app = ApiHost.Build(0, _desk, _metrics);
        await _app.StartAsync();
        await Engine.StartAsync();
        await _desk.BeginAsync();
        if (TellsPeople) _alerts = await AlertsBeside.StartAsync(Engine, journal, _desk);
        if (_keys.Count == 0)
        {
            foreach (var role in KeyRing.Single) Key(role.ToString(), role, role == Roles.Approver ? 100_000_00 : 0);
            Key("Second", Roles.Approver, -1);
            Key("Both", Roles.Analyst | Roles.Approver, -1);
            _keys["Feed"] = (await Ring.CreateAtConsoleAsync(new KeyWish("Feed", Roles.Service), "test")).Key;
        }

        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Stops and starts again on the same files: memory is lost, what is durable is not.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await InitializeAsync();
    }

    /// <summary>A key that lives at once. A service is a source that may carry authority; <c>Feed</c> is one that may not.</summary>
    public void Key(string subject, Roles roles, long authority, params string[] segments) =>
        _keys[subject] = Ring.CreateAtConsoleAsync(new KeyWish(subject, roles, authority, segments, roles == Roles.Service), "test").GetAwaiter().GetResult().Key;

    /// <summary>Every file of the database, as text: what must not be found must not be found anywhere.</summary>
    public string Everything() => string.Concat(Directory.EnumerateFiles(_folder).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)).Select(f =>
    {
        using var stream = new FileStream(f, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return reader.ReadToEnd();
    }));

    public string KeyOf(string subject) => _keys[subject];

    /// <summary>A new name, for customers, events and keys of requests.</summary>
    public string New(string prefix) => prefix + Interlocked.Increment(ref _next).ToString(CultureInfo.InvariantCulture);

    public Task<Reply> GetAsync(string subject, string path, params (string, string)[] headers) => SendAsync(subject, "GET", path, null, null, headers);

    /// <summary>Posts JSON with an idempotency key of its own unless the headers bring one.</summary>
    public Task<Reply> PostAsync(string subject, string path, object? body = null, params (string, string)[] headers) =>
        SendAsync(subject, "POST", path, body is null ? null : Encoding.UTF8.GetBytes(body as string ?? JsonSerializer.Serialize(body)), "application/json", headers);

    public async Task<Reply> SendAsync(string? subject, string method, string path, byte[]? body, string? media, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path.StartsWith("/health", StringComparison.Ordinal) || path == "/metrics" ? path : "/api/v1" + path, UriKind.Relative));
        if (subject is not null) request.Headers.TryAddWithoutValidation("X-Api-Key", _keys.GetValueOrDefault(subject, subject));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (!request.Headers.Contains("Idempotency-Key")) request.Headers.TryAddWithoutValidation("Idempotency-Key", New("auto-"));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            if (media is not null) request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(media);
        }

        using var answer = await _http.SendAsync(request);
        return new Reply(answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync(), answer.Headers.ETag?.ToString(), answer.Headers.ToString() + answer.Content.Headers);
    }

    /// <summary>An event that is taken in.</summary>
    public async Task TellAsync(string type, string customer, object data)
    {
        var reply = await PostAsync("Service", "/events", Event(type, customer, data));
        Assert.Equal("Applied", reply.Json.GetProperty("results")[0].GetProperty("outcome").GetString());
    }

    public object Event(string type, string customer, object data) => new { specversion = "1.0", id = New("e"), source = "test", type = $"credit.{type}.v1", subject = customer, time = DateTimeOffset.UtcNow, data };

    /// <summary>A customer with a limit in minor units of EUR.</summary>
    public async Task<string> CustomerAsync(long limit = 1_000_00, string segment = "TRADE")
    {
        var customer = New("CUST-");
        await TellAsync("customer.opened", customer, new { currency = "EUR", name = "Canary " + customer, segment, country = "DE", controller = "kim" });
        await TellAsync("limit.set", customer, new { version = 1, currency = "EUR", steps = new[] { new { from = "2020-01-01", kind = "Amount", amount = limit } } });
        return customer;
    }

    public async Task<string> OrderAsync(string customer, long amount)
    {
        var order = New("O");
        await TellAsync("order.placed", customer, new { orderId = order, amount, currency = "EUR", orderedOn = Today, shipOn = Today });
        return order;
    }

    public static string Today => DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private async Task StopAsync()
    {
        _http.Dispose();
        if (_alerts is not null) await _alerts.DisposeAsync();
        await _desk.DisposeAsync();
        await _app.DisposeAsync();
        await Engine.DisposeAsync();
        _metrics.Dispose();
    }
}

/// <summary>A clock that a test turns on.</summary>
public sealed class HandClock : TimeProvider
{
    private TimeSpan _ahead;

    public void Turn(TimeSpan by) => _ahead += by;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow + _ahead;
}

/// <summary>An answer of the service.</summary>
public sealed record Reply(HttpStatusCode Status, string? Media, string Body, string? ETag, string Headers)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public int Code => (int)Status;

    /// <summary>The code of a problem; fails unless the answer is one that says what was wrong.</summary>
    public string Problem
    {
        get
        {
            Assert.True(Media == "application/problem+json", $"{Code} {Media}: {Body}");
            Assert.NotEmpty(Json.GetProperty("detail").GetString()!);
            Assert.Equal(Code, Json.GetProperty("status").GetInt32());
            return Json.GetProperty("code").GetString()!;
        }
    }

    public string Text(string name) => Json.GetProperty(name).GetString()!;
}
