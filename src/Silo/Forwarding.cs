using ExposureMonitor.Api;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using ExposureMonitor.Grains;

namespace ExposureMonitor.Silo;

/// <summary>
/// Any silo answers any request: what belongs to a partition elsewhere is answered by its owner, what shows all partitions is answered here
/// after the rows of the others were copied. It knows paths and nothing of what they mean; keys and roles are checked where the answer is made.
/// </summary>
internal sealed class Forwarding(Desk desk, GrainOwners owners) : ILocalApi
{
    /// <summary>Rows of other owners are shown when they were copied so recently.</summary>
    private static readonly TimeSpan MirroredFresh = TimeSpan.FromMilliseconds(100);

    // A session is known by its cookie, and its changes by the header of the page and the site that sent them.
    private static readonly string[] Asked =
        ["Authorization", "X-Api-Key", "Idempotency-Key", "If-Match", "If-None-Match", "Content-Type", "Accept", "Cookie", "Origin", "Host", "X-Csrf-Token", "X-Background"];

    /// <summary>By which a session's cookie has its name.</summary>
    private const string SchemeAsked = ":scheme";

    private static readonly string[] Told = ["Content-Type", "ETag", "Retry-After", "WWW-Authenticate", "Location", "Content-Disposition", "X-As-Of", "X-Rows"];

    /// <summary>Somebody in the cluster owns the channels.</summary>
    internal bool HasAlerts { get; init; }

    private const string Api = "/api/v1/";

    private long _forwarded, _answered;

    /// <summary>Requests that another silo was asked to answer, and those that were answered here.</summary>
    internal (long Forwarded, long Here) Counts => (Interlocked.Read(ref _forwarded), Interlocked.Read(ref _answered));

    private RequestDelegate _next = null!;
    private IServiceProvider _services = null!;

    internal void Begin(RequestDelegate next, IServiceProvider services) => (_next, _services) = (next, services);

    /// <summary>The partition whose owner answers; <c>null</c> for what every silo answers.</summary>
    internal static int? PartitionOf(string method, string path, Func<string, int> ofCustomer)
    {
        const string customers = "customers/";
        if (!path.StartsWith(Api, StringComparison.Ordinal)) return null;
        var rest = path.AsSpan(Api.Length);
        if (rest.StartsWith(customers, StringComparison.Ordinal))
        {
            var id = rest[customers.Length..];
            var customer = (id.IndexOf('/') is var end and >= 0 ? id[..end] : id).ToString();
            return Ids.IsValid(customer) ? ofCustomer(customer) : null;
        }

        return FirstOf(path) switch
        {
            // A batch is shared out fact by fact; a session stands in the database.
            "events" or "session" => null,
            // A reconciliation stands in the memory of the one that worked it out.
            "proposals" or "keys" or "users" or "global-hold" or "reconciliation" => Book.House,
            "policy" or "rates" when method == "GET" => 0,
            // Whatever else changes something is for the house: keys of repetitions meet there.
            _ => method == "GET" ? null : Book.House,
        };
    }

    /// <summary>What the owner of the channels answers: it has the book of alerts in its memory, and letters leave from there.</summary>
    internal static bool IsOfAlerts(string method, string path) => path.StartsWith(Api, StringComparison.Ordinal) && FirstOf(path) switch
    {
        "alerts" or "alert-notes" or "alert-acts" or "deliveries" or "silences" or "channels" or "warnings" or "letter-runs" => true,
        "customers" => path.EndsWith("/letters", StringComparison.Ordinal) || (method != "GET" && path.EndsWith("/contact", StringComparison.Ordinal)),
        _ => false,
    };

    private static string FirstOf(string path)
    {
        var rest = path.AsSpan(Api.Length);
        return (rest.IndexOf('/') is var slash and >= 0 ? rest[..slash] : rest).ToString();
    }

    internal async Task InvokeAsync(HttpContext http)
    {
        var (method, path) = (http.Request.Method, http.Request.Path.Value ?? "");
        var isOfAlerts = HasAlerts && IsOfAlerts(method, path);
        var partition = PartitionOf(method, path, desk.Engine.PartitionOf);
        try
        {
            if (isOfAlerts && desk.Alerts is null) await ForwardAsync(http, (call, cancel) => owners.CallAsync(SiloChannels.Alerts, call, cancel));
            else if (!isOfAlerts && partition is { } owned && !desk.Engine.Owns(owned)) await ForwardAsync(http, (call, cancel) => owners.CallAsync(owned, call, cancel));
            else
            {
                if (!isOfAlerts && partition is { } coming) await desk.Engine.ComingAsync(coming, http.RequestAborted);
                else if (isOfAlerts || await ShowsAllAsync(http)) await desk.Engine.MirrorAsync(FreshFor(method), http.RequestAborted);
                if (partition is not null) Interlocked.Increment(ref _answered);
                await _next(http);
            }
        }
        catch (EngineUnavailableException moving) when (!http.Response.HasStarted)
        {
            http.Response.Headers.RetryAfter = "2";
            await Problems.Of(503, "MOVING", moving is PartitionClosedException
                ? "The partition is closed until somebody has looked; nothing was changed."
                : "A partition is moving; nothing was changed, unless the same idempotency key says otherwise.").ExecuteAsync(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller went away: nobody is left to answer.
        }
    }

    /// <summary>What reads rows of several partitions; events do when their source sees some segments only.</summary>
    private async ValueTask<bool> ShowsAllAsync(HttpContext http) => http.Request.Path.StartsWithSegments("/api/v1", StringComparison.Ordinal)
        && (http.Request.Method == "GET" ? !http.Request.Path.StartsWithSegments("/api/v1/schemas", StringComparison.Ordinal) && !http.Request.Path.StartsWithSegments("/api/v1/openapi.json", StringComparison.Ordinal)
            : http.Request.Path.StartsWithSegments("/api/v1/letter-runs", StringComparison.Ordinal) || await desk.CallerAsync(http) is { Segments.Count: > 0 });

    /// <summary>Whoever looks sees what was so a moment ago; whoever changes something may follow a fact that was committed just now at another silo.</summary>
    private static TimeSpan FreshFor(string method) => method == "GET" ? MirroredFresh : TimeSpan.Zero;

    private async Task ForwardAsync(HttpContext http, Func<Call, CancellationToken, Task<CallReply>> ask)
    {
        if (await Desk.BodyAsync(http, Desk.EventsMax) is not { } body)
        {
            await Problems.Of(413, "TOO_LARGE", $"The body has at most {Desk.EventsMax} bytes.").ExecuteAsync(http);
            return;
        }

        var call = new Call(http.Request.Method, http.Request.Path.ToUriComponent() + http.Request.QueryString.ToUriComponent(), [.. Chosen(http.Request.Headers, Asked), SchemeAsked, http.Request.Scheme], body);
        Interlocked.Increment(ref _forwarded);
        var reply = await ask(call, http.RequestAborted);
        if (reply.Answered != Answered.Yes) throw new PartitionElsewhereException("Whoever answers this is moving.");
        http.Response.StatusCode = reply.Status;
        for (var i = 0; i + 1 < reply.Headers.Length; i += 2) http.Response.Headers[reply.Headers[i]] = reply.Headers[i + 1];
        if (reply.Body.Length > 0) await http.Response.Body.WriteAsync(reply.Body, http.RequestAborted);
    }

    /// <inheritdoc/>
    public async Task<CallReply> AnswerAsync(Call call)
    {
        var end = call.Target.IndexOf('?', StringComparison.Ordinal);
        var path = end < 0 ? call.Target : call.Target[..end];
        try
        {
            if (IsOfAlerts(call.Method, path)) await desk.Engine.MirrorAsync(FreshFor(call.Method));
        }
        catch (EngineUnavailableException)
        {
            return new CallReply(Answered.Elsewhere, 0, [], []);
        }

        await using var scope = _services.CreateAsyncScope();
        using var told = new MemoryStream();
        var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        http.Request.Method = call.Method;
        (http.Request.Scheme, http.Request.Host) = ("http", new HostString("localhost"));
        http.Request.Path = PathString.FromUriComponent(path);
        if (end >= 0) http.Request.QueryString = QueryString.FromUriComponent(call.Target[end..]);
        for (var i = 0; i + 1 < call.Headers.Length; i += 2)
        {
            if (call.Headers[i] == SchemeAsked) http.Request.Scheme = call.Headers[i + 1];
            else http.Request.Headers[call.Headers[i]] = call.Headers[i + 1];
        }

        http.Request.Body = new MemoryStream(call.Body, writable: false);
        http.Request.ContentLength = call.Body.Length;
        http.Response.Body = told;
        await _next(http);
        return new CallReply(Answered.Yes, http.Response.StatusCode, Chosen(http.Response.Headers, Told), told.ToArray());
    }

    private static string[] Chosen(IHeaderDictionary headers, string[] names) =>
        [.. names.Where(headers.ContainsKey).SelectMany(name => (string[])[name, headers[name].ToString()])];
}
