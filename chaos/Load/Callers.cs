using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace ExposureMonitor.Chaos;

/// <summary>A customer whose headroom is raced for: everybody asks for the same amount, so that exactly the floor of limit / amount may be approved.</summary>
internal sealed record Contest(string Customer, long Limit, long Amount, int Requests)
{
    internal int Asked;
}

/// <summary>
/// Order systems that ask for decisions: each with an idempotency key of its own, again and again until it is answered, at any
/// process that says it serves. What they ask and hear is their history.
/// </summary>
internal sealed class Callers : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly HttpClient _http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(1), PooledConnectionLifetime = TimeSpan.FromSeconds(30) }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly TruthLog _history;
    private readonly ConcurrentQueue<Contest> _contests = new();
    private readonly Task[] _callers;
    private readonly CancellationTokenSource _stop = new();
    private readonly string _run;
    private volatile Uri[] _services = [];
    private volatile bool _asking;
    private int _underWay, _answered, _retried, _number;

    internal Callers(TruthLog history, int seed, int count, string key)
    {
        (_history, _run) = (history, "s" + seed.ToString(CultureInfo.InvariantCulture));
        _http.DefaultRequestHeaders.Add("X-Api-Key", key);
        _callers = [.. Enumerable.Range(0, count).Select(i => Task.Run(() => CallAsync(i, new Random(seed * 31 + i))))];
    }

    /// <summary>Decisions that callers heard.</summary>
    internal int Answered => _answered;

    /// <summary>Requests that were sent again under their key.</summary>
    internal int Retried => _retried;

    /// <summary>Processes that are asked, one of them at random.</summary>
    internal void Ask(params Uri[] services) => _services = services;

    /// <summary>The next customers to race for.</summary>
    internal void Begin(IEnumerable<Contest> contests)
    {
        _contests.Clear();
        foreach (var contest in contests) _contests.Enqueue(contest);
        _asking = true;
    }

    /// <summary>No new requests; those under way are repeated until they are answered.</summary>
    internal async Task<bool> EndAsync(TimeSpan within)
    {
        _asking = false;
        var limit = Clock.Now + (long)within.TotalMilliseconds;
        while (Volatile.Read(ref _underWay) > 0)
        {
            if (Clock.Now > limit) return false;
            await Task.Delay(20);
        }

        return true;
    }

    private async Task CallAsync(int caller, Random dice)
    {
        while (!_stop.IsCancellationRequested)
        {
            Interlocked.Increment(ref _underWay);
            Contest? contest = null;
            if (_asking && _services.Length > 0 && _contests.TryPeek(out contest) && Interlocked.Increment(ref contest.Asked) > contest.Requests)
            {
                // Whoever finds it empty makes room for the next.
                if (contest.Asked == contest.Requests + 1) _contests.TryDequeue(out _);
                contest = null;
            }

            if (contest is not null && _asking) await AskAsync(contest, dice);
            Interlocked.Decrement(ref _underWay);
            await Task.Delay(dice.Next(150));
        }
    }

    private async Task AskAsync(Contest contest, Random dice)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{_run}-k{Interlocked.Increment(ref _number)}");
        // One in twelve gives up after its first try: what became of it only the database knows.
        var givesUp = dice.Next(12) == 0;
        _history.Write(string.Create(CultureInfo.InvariantCulture, $"invoke\t{Stopwatch.GetTimestamp()}\t{key}\t{contest.Customer}\t{contest.Amount}\n"));
        for (var tries = 0; !_stop.IsCancellationRequested; tries++)
        {
            var (status, answer) = await TryAsync(contest.Customer, key, contest.Amount, dice);
            if (status is null or >= 500 or 429)
            {
                if (givesUp && tries > 0 || tries > 400)
                {
                    Note("unknown", key, status);
                    return;
                }

                Interlocked.Increment(ref _retried);
                await Task.Delay(50 + dice.Next(250));
                continue;
            }

            Interlocked.Increment(ref _answered);
            Note("ok", key, status, answer);
            if (status != 200) return;
            await AgainAsync(contest, key, dice);
            return;
        }
    }

    /// <summary>The same key again says the same; with another content it is refused.</summary>
    private async Task AgainAsync(Contest contest, string key, Random dice)
    {
        switch (dice.Next(30))
        {
            case 0:
                var (status, answer) = await TryAsync(contest.Customer, key, contest.Amount, dice);
                if (status is < 500) Note("again", key, status, answer);
                break;
            case 1:
                var (other, _) = await TryAsync(contest.Customer, key, contest.Amount + 1, dice);
                if (other is < 500) Note("other", key, other);
                break;
        }
    }

    /// <summary>Asks one process once, and writes down what it says.</summary>
    internal async Task<int?> ProbeAsync(Uri service, Contest contest)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{_run}-p{Interlocked.Increment(ref _number)}");
        _history.Write(string.Create(CultureInfo.InvariantCulture, $"invoke\t{Stopwatch.GetTimestamp()}\t{key}\t{contest.Customer}\t{contest.Amount}\n"));
        var (status, answer) = await PostAsync(service, contest.Customer, key, contest.Amount, TimeSpan.FromSeconds(1));
        Note(status is null or >= 500 ? "unknown" : "ok", key, status, answer);
        return status;
    }

    private void Note(string what, string key, int? status, string answer = "") =>
        _history.Note(string.Create(CultureInfo.InvariantCulture, $"{what}\t{Stopwatch.GetTimestamp()}\t{key}\t{status ?? 0}\t{answer}\n"));

    private async Task<(int? Status, string Answer)> TryAsync(string customer, string key, long amount, Random dice)
    {
        var services = _services;
        if (services.Length == 0) return (null, "");
        return await PostAsync(services[dice.Next(services.Length)], customer, key, amount, Patience);
    }

    /// <summary>One request to one process; no status when none came.</summary>
    internal async Task<(int? Status, string Answer)> PostAsync(Uri service, string customer, string key, long amount, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(service, $"customers/{customer}/credit-checks"));
            request.Headers.Add("Idempotency-Key", key);
            request.Content = new StringContent(string.Create(CultureInfo.InvariantCulture, $"{{\"orderId\":\"{key}\",\"amount\":\"{amount}\",\"currency\":\"EUR\",\"liveMinutes\":40000}}"), Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await _http.SendAsync(request, limit.Token);
            var text = await response.Content.ReadAsStringAsync(limit.Token);
            if (response.StatusCode != HttpStatusCode.OK) return ((int)response.StatusCode, "");
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            var at = root.GetProperty("asOf");
            return (200, string.Create(CultureInfo.InvariantCulture, $"{root.GetProperty("decision").GetString()} {at.GetProperty("partition").GetInt32()}-{at.GetProperty("seq").GetInt64()} {(root.TryGetProperty("reservationId", out var r) ? r.GetString() : "")}"));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or JsonException)
        {
            return (null, "");
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        Task.WaitAll(_callers);
        _http.Dispose();
        _stop.Dispose();
    }
}
