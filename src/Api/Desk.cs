using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ExposureMonitor.Api;

/// <summary>What all endpoints share: the engine, the decoder, the callers and their idempotency keys.</summary>
public sealed class Desk : IAsyncDisposable
{
    /// <summary>Largest body of a command, and of a batch of events.</summary>
    public const int CommandMax = 256 * 1024, EventsMax = 1024 * 1024;

    private static readonly TimeSpan KeyKept = TimeSpan.FromHours(24);
    private readonly ConcurrentDictionary<(string, string, string), Keyed> _keyed = new();

    public Desk(ExposureEngine engine, IEventDecoder decoder, TimeProvider? time = null, Limiter? limiter = null, LiveOptions? live = null, KeyRing? keys = null)
    {
        (Engine, Decoder, Time, Limiter) = (engine, decoder, time ?? TimeProvider.System, limiter ?? new Limiter());
        Keys = keys ?? new KeyRing(engine, Time);
        Proposals = new ProposalDesk(engine, decoder, Time) { Beside = new BesideEffects(this) };
        Live = new LiveHub(this, live ?? new LiveOptions());
        (Trend, Movers, Endings, LimitGaps) = (new TileTrend(this), new Movers(this), new EndingsSoon(engine, Time), new LimitGapsNow(engine, Time));
        (Bands, Names, Looking, HoldNotes) = (new BandsInForce(engine, Time, () => Movers.Morning), new PartyNames(engine, Time), new SoftLocks(Time), new HoldNotes(this));
        (Held, HeldOrders) = (new HeldNow(engine, Time), new HeldOrders(engine));
        Provisions = new ProvisionNow(engine, Time);
        Scores = new ScoresAtDesk(engine.Reader, engine.Database.Partitions, Time);
        Reconciliation = new ReconciliationAtDesk((until, cancel) => ReceivablesByCompany.ReadAsync(engine.Reader, engine.Database, until, cancel, most: ReconciliationAtDesk.BalancesMost));
    }

    private sealed record Keyed(ulong Content, Lazy<Task<Answer>> Answer, long Since);

    public ExposureEngine Engine { get; }

    public IEventDecoder Decoder { get; }

    /// <summary>The forms of events that the API publishes.</summary>
    public EventContracts Contracts { get; init; } = new([], "");

    public KeyRing Keys { get; }

    internal TimeProvider Time { get; }

    internal Limiter Limiter { get; }

    internal ProposalDesk Proposals { get; }

    internal LiveHub Live { get; }

    internal BandsInForce Bands { get; }

    internal PartyNames Names { get; }

    /// <summary>The files of the console; <c>null</c> for an API alone.</summary>
    public ConsoleFiles? Console { get; init; }

    /// <summary>What the console calls this installation, such as DEMO or TEST; "" for the one that counts.</summary>
    public string Environment { get; init; } = "";

    /// <summary>Address of the operators' dashboard, to which the page of health links; "" for none.</summary>
    public string Grafana { get; init; } = "";

    /// <summary>Address of the Orleans Dashboard, to which the page of health leads administrators; "" for none, as where there is no cluster.</summary>
    public string OrleansDashboard { get; init; } = "";

    /// <summary>Who looks at which held order.</summary>
    internal SoftLocks Looking { get; }

    /// <summary>What the tiles said before.</summary>
    internal TileTrend Trend { get; }

    /// <summary>What the rows of the board said an hour ago and this morning.</summary>
    internal Movers Movers { get; }

    /// <summary>What ends within ninety days.</summary>
    internal EndingsSoon Endings { get; }

    /// <summary>Which orders are on hold, for whoever watches.</summary>
    internal HeldNow Held { get; }

    /// <summary>The held orders themselves, for the queue.</summary>
    internal HeldOrders HeldOrders { get; }

    /// <summary>Limits without a review for a year, and those above what the insurer stands for.</summary>
    internal LimitGapsNow LimitGaps { get; }

    /// <summary>What the book may lose.</summary>
    internal ProvisionNow Provisions { get; }

    /// <summary>The book, read for whoever asks for a score.</summary>
    internal ScoresAtDesk Scores { get; }

    /// <summary>The last comparison with the seller's own books.</summary>
    internal ReconciliationAtDesk Reconciliation { get; }

    /// <summary>Reads lists of the seller's own books; <c>null</c> where none are taken.</summary>
    public BalanceListReader? BalanceLists { get; init; }

    /// <summary>Who writes anchors; <c>null</c> where nobody does.</summary>
    public AnchorKeeper? Anchors { get; init; }

    /// <summary>What people say about held orders.</summary>
    internal HoldNotes HoldNotes { get; }

    /// <summary>Figures at the time of the check, by hold: they never change.</summary>
    internal ConcurrentDictionary<string, System.Text.Json.Nodes.JsonNode?> HoldFigures { get; } = new(StringComparer.Ordinal);

    /// <summary>How people sign in; <c>null</c> where only keys open anything.</summary>
    public SignIn? SignIn { get; init; }

    /// <summary>Streams of the live feed that are open.</summary>
    public int LiveStreams => Live.Streams;

    internal FrozenOrders Orders { get; } = new();

    /// <summary>The alerts, when the service has channels; whoever starts them sets it.</summary>
    public Alerts.AlertHouse? Alerts { get; set; }

    /// <summary>Channels are configured, and whoever carries them comes to this process, or takes them over, by itself: what needs them waits.</summary>
    public bool AwaitsAlerts { get; init; }

    /// <summary>The key under which credentials rest; <c>null</c> where none can be kept.</summary>
    public string? SealingKey { get; init; }

    /// <summary>Places of the channels' file that say <c>${stored}</c>.</summary>
    public IReadOnlySet<string>? StoredPlaces { get; set; }

    /// <summary>Why a credential could not be used at a place; <c>null</c> when it could.</summary>
    public Func<string, string, string?>? TryCredential { get; set; }

    /// <summary>Lets a channel go on with the credentials that are stored now; "" or why not.</summary>
    public Func<string, CancellationToken, ValueTask<string>>? RenewChannel { get; set; }

    /// <summary>What runs beside the engine; whoever starts it adds it before requests come.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<IServiceState> Services { get; } = new();

    /// <summary>Reads the keys of the house, and lets take effect what was approved before this process started; once the engine runs.</summary>
    public async Task BeginAsync(CancellationToken cancel = default)
    {
        await Keys.RefreshAsync(cancel);
        await ResumeAsync(cancel);
        await BeginSamplesAsync(cancel);
    }

    /// <summary>Begins to remember what the board shows, so that it can say what has changed since.</summary>
    public async Task BeginSamplesAsync(CancellationToken cancel = default)
    {
        await Trend.BeginAsync(cancel);
        Movers.Begin();
    }

    /// <summary>Lets take effect what was approved and has no effect yet; for whoever owns the house, once it serves.</summary>
    public async Task ResumeAsync(CancellationToken cancel = default)
    {
        await Proposals.ResumeAsync(cancel);
        await new LetterCourier(this).ResumeAsync(cancel);
    }

    /// <summary>The key of a request; keys come in a header, never in the address.</summary>
    internal static string? KeyOf(HttpContext http)
    {
        if (http.Request.Headers.TryGetValue("X-Api-Key", out var key)) return key.ToString();
        var authorization = http.Request.Headers.Authorization.ToString();
        return authorization.StartsWith("Bearer ", StringComparison.Ordinal) ? authorization[7..].Trim() : null;
    }

    /// <summary>The caller of a request, by its key or else by its session; <c>null</c> for nobody.</summary>
    public async ValueTask<Caller?> CallerAsync(HttpContext http) => KeyOf(http) is { } key ? Keys.Find(key) : SignIn is null ? null : await SignIn.CallerAsync(http);

    /// <summary>True when the caller's scope holds the customer. Nobody owns a customer that is not known yet.</summary>
    internal bool Sees(Caller caller, string customer) =>
        caller.Segments.Count == 0 || !Engine.TryGetRow(customer, out var row) || caller.Segments.Contains(row.Segment);

    internal static bool Sees(Caller caller, PublishedRow row) => caller.Segments.Count == 0 || caller.Segments.Contains(row.Segment);

    /// <summary>Reads a bounded body; <c>null</c> when it is longer.</summary>
    public static async Task<byte[]?> BodyAsync(HttpContext http, int most)
    {
        if (http.Request.ContentLength > most) return null;
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await http.Request.Body.ReadAsync(chunk, http.RequestAborted)) > 0)
        {
            if (buffer.Length + read > most) return null;
            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }

    /// <summary>Fills a command from the body, submits it once per idempotency key, and answers what its effects say.</summary>
    internal async Task<IResult> CommandAsync<T>(HttpContext http, Caller caller, T command, Func<Answer, IResult>? answer = null, Func<T, IResult?>? check = null)
        where T : Command => await BodyAsync(http, CommandMax) is { } body ? await CommandAsync(http, caller, command, body, answer, check) : Routing.TooLarge(CommandMax);

    /// <summary>The same with a body that was read.</summary>
    internal async Task<IResult> CommandAsync<T>(HttpContext http, Caller caller, T command, byte[] body, Func<Answer, IResult>? answer = null, Func<T, IResult?>? check = null)
        where T : Command
    {
        var (customer, order) = (command.Customer, command is HoldCommand hold ? hold.OrderId : "");
        if (order.Length > 0 || body.Length == 0) body = WithOrder(body, order);
        if (Decoder.Fill(command, body) is { } error) return Problems.Of(400, error.Reason, error.Detail);
        if (command is HoldCommand told && told.OrderId != order) return Problems.Of(400, "ORDER_MISMATCH", $"$.orderId: the address says '{order}', the body '{told.OrderId}'.");
        command.Customer = customer;
        // What the caller does not say was not shown; it is no version 0.
        if (command is ApproveRelease approve)
        {
            if (body.AsSpan().IndexOf("\"orderVersion\""u8) < 0) approve.OrderVersion = -1;
            if (body.AsSpan().IndexOf("\"limitVersion\""u8) < 0) approve.LimitVersion = -1;
        }

        if (check?.Invoke(command) is { } refused) return refused;
        return await OnceAsync(http, caller, command, answer ?? Told);
    }

    /// <summary>Submits a command once per caller, customer and idempotency key.</summary>
    internal async Task<IResult> OnceAsync(HttpContext http, Caller caller, Command command, Func<Answer, IResult>? answer = null)
    {
        return BadKey(http, out var key) is { } missing ? missing : await OnceAsync(caller, command, key, answer);
    }

    /// <summary>The same under a key that was read.</summary>
    internal async Task<IResult> OnceAsync(Caller caller, Command command, string key, Func<Answer, IResult>? answer = null)
    {
        answer ??= Told;
        (command.Actor, command.Authority, command.Key) = (caller.Subject, caller.Authority, key);
        var content = command.ContentHash(new ByteBuffer());
        var scope = (caller.Subject, command.Customer, key);
        var now = System.Environment.TickCount64;
        if (_keyed.Count > 200_000)
            foreach (var (old, kept) in _keyed)
                if (now - kept.Since > KeyKept.TotalMilliseconds) _keyed.TryRemove(old, out _);
        // Before the look-up: what is decided behind its back makes it void.
        var seen = Engine.Overtaken(command);
        var mine = new Keyed(content, new Lazy<Task<Answer>>(() => Engine.SubmitAsync(command, seen)), now);
        if (!_keyed.ContainsKey(scope) && await StoredAsync(scope, command, answer) is { } stored) return stored;
        var keyed = _keyed.GetOrAdd(scope, mine);
        if (keyed.Content != content) return Reused();
        try
        {
            return answer(await keyed.Answer.Value);
        }
        catch (Exception outage) when (outage is EngineUnavailableException or OperationCanceledException)
        {
            _keyed.TryRemove(scope, out _);
            throw;
        }
    }

    internal static IResult? BadKey(HttpContext http, out string key)
    {
        key = http.Request.Headers["Idempotency-Key"].ToString();
        return key.Length is 0 or > 200 ? Problems.Of(400, "KEY_MISSING", "A command needs a header Idempotency-Key of 1 to 200 characters.") : null;
    }

    internal static IResult Reused() => Problems.Of(409, "KEY_REUSED", "The same idempotency key came before with other content.");

    /// <summary>A key that is older than this process: what is durable answers.</summary>
    private async Task<IResult?> StoredAsync((string Actor, string Customer, string Key) scope, Command command, Func<Answer, IResult> answer)
    {
#if SEEDED_BUGS
        if (SeededBug.Is("I7")) return null;
#endif
        if (command is not CheckCredit check) return await AuditedAsync(scope, command, answer);
        var row = await Engine.Deciding.DecisionByKeyAsync(IdempotencyKey.Hash(scope.Actor, scope.Customer, scope.Key), CancellationToken.None);
        if (row is null) return null;
        using var document = JsonDocument.Parse(row.Json());
        var root = document.RootElement;
        var same = root.GetProperty("amount").GetString() == check.Amount.ToString(CultureInfo.InvariantCulture)
            && root.GetProperty("currency").GetString() == check.Currency.Code
            && (root.TryGetProperty("orderId", out var order) ? order.GetString() : "") == check.OrderId;
        return same ? Results.Bytes(DecisionJson.Of(root, new EntryPosition(row.Partition, row.Seq, row.Index), whatIf: false), "application/json") : Reused();
    }

    /// <summary>The audit trail has every command with its key.</summary>
    private async Task<IResult?> AuditedAsync((string Actor, string Customer, string Key) scope, Command command, Func<Answer, IResult> answer)
    {
        var rows = await Engine.Deciding.RowsAsync(new RowQuery { Table = RowTable.Audit, Customer = scope.Customer.Length > 0 ? scope.Customer : null, Subject = scope.Actor, Limit = 200 }, CancellationToken.None);
        foreach (var row in rows)
        {
            using var document = JsonDocument.Parse(row.Json());
            var root = document.RootElement;
            if (!root.TryGetProperty("key", out var key) || key.GetString() != scope.Key || (scope.Customer.Length == 0 && row.Customer.Length > 0)) continue;
            using var mine = JsonDocument.Parse(JsonFieldWriter.ToBytes(command));
            if (row.Kind != FactCatalogue.WireTypeOf(command) || mine.RootElement.EnumerateObject().Any(f =>
                !root.TryGetProperty(f.Name, out var theirs) || (f.Name != "authority" && !JsonElement.DeepEquals(f.Value, theirs)))) return Reused();
            var outcome = Enum.Parse<OutcomeKind>(root.GetProperty("outcome").GetString()!);
            var at = new EntryPosition(row.Partition, row.Seq, row.Index);
            return outcome == OutcomeKind.Applied
                ? Results.Bytes(AnswerJson.Of(new Answer(Outcome.Applied, at, [])), "application/json")
                : answer(new Answer(new Outcome(outcome, Text(root, "reasonCode"), Text(root, "outcomeDetail")), at, []));
        }

        return null;
    }

    private static string Text(JsonElement root, string name) => root.TryGetProperty(name, out var told) ? told.GetString() ?? "" : "";

    internal static byte[] WithOrder(byte[] body, string order)
    {
        if (body.Length > 0 && body.AsSpan().IndexOf("\"orderId\""u8) >= 0) return body;
        var text = body.Length == 0 ? "{}" : System.Text.Encoding.UTF8.GetString(body).Trim();
        if (order.Length == 0 || text.Length < 2 || text[0] != '{') return System.Text.Encoding.UTF8.GetBytes(text);
        var rest = text[1..].TrimStart();
        return System.Text.Encoding.UTF8.GetBytes($"{{\"orderId\":\"{order}\"{(rest == "}" ? "}" : "," + rest)}");
    }

    internal static IResult Told(Answer answer) => answer.Outcome.Kind == OutcomeKind.Applied
        ? Results.Bytes(AnswerJson.Of(answer), "application/json")
        : Problems.Of(answer.Outcome);

    /// <summary>Length of a page from the query string; what is no number is refused.</summary>
    internal static bool TryPage(StringValues value, int otherwise, out int limit, out IResult? wrong, int most = 500, string name = "limit")
    {
        (limit, wrong) = (otherwise, null);
        if (StringValues.IsNullOrEmpty(value)) return true;
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit >= 1 && limit <= most) return true;
        wrong = Problems.Of(400, "BAD_LIMIT", $"?{name}=: expected a whole number from 1 to {most}.");
        return false;
    }

    public async ValueTask DisposeAsync()
    {
        await Trend.DisposeAsync();
        await Movers.DisposeAsync();
        await Live.DisposeAsync();
        await Reconciliation.DisposeAsync();
        Proposals.Dispose();
        Scores.Dispose();
        Provisions.Dispose();
        Limiter.Dispose();
    }
}
