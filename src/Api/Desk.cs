using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using ExposureMonitor.Domain;
using ExposureMonitor.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ExposureMonitor.Api;

/// <summary>What all endpoints share: the engine, the decoder, the callers and their idempotency keys.</summary>
public sealed class Desk(ExposureEngine engine, IEventDecoder decoder, KeyRing keys)
{
    /// <summary>Largest body of a command, and of a batch of events.</summary>
    public const int CommandMax = 256 * 1024, EventsMax = 1024 * 1024;

    private static readonly TimeSpan KeyKept = TimeSpan.FromHours(24);
    private readonly ConcurrentDictionary<(string, string, string), Keyed> _keyed = new();

    private sealed record Keyed(ulong Content, Lazy<Task<Answer>> Answer, long Since);

    public ExposureEngine Engine => engine;

    public IEventDecoder Decoder => decoder;

    /// <summary>The caller of a request, or <c>null</c>; keys come in a header, never in the address.</summary>
    public Caller? CallerOf(HttpContext http)
    {
        if (http.Request.Headers.TryGetValue("X-Api-Key", out var key)) return keys.Find(key.ToString());
        var authorization = http.Request.Headers.Authorization.ToString();
        return authorization.StartsWith("Bearer ", StringComparison.Ordinal) ? keys.Find(authorization[7..].Trim()) : null;
    }

    /// <summary>The second person of a decision that needs two at once.</summary>
    public Caller? SecondOf(string key) => keys.Find(key);

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

    /// <summary>
    /// Fills a command from the body, submits it once per idempotency key, and answers what its effects say.
    /// </summary>
    public async Task<IResult> CommandAsync(HttpContext http, Caller caller, Command command, Func<Answer, IResult>? answer = null)
    {
        var body = await BodyAsync(http, CommandMax);
        if (body is null) return Problems.Of(413, "TOO_LARGE", $"A command has at most {CommandMax} bytes.");
        var (customer, order) = (command.Customer, command is HoldCommand hold ? hold.OrderId : "");
        if (command is HoldCommand || body.Length == 0) body = WithOrder(body, order);
        if (decoder.Fill(command, body) is { } error) return Problems.Of(400, error.Reason, error.Detail);
        if (command is HoldCommand told && told.OrderId != order) return Problems.Of(400, "ORDER_MISMATCH", $"The address says '{order}', the body '{told.OrderId}'.");
        var key = http.Request.Headers["Idempotency-Key"].ToString();
        if (key.Length is 0 or > 200) return Problems.Of(400, "KEY_MISSING", "A command needs a header Idempotency-Key of 1 to 200 characters.");
        (command.Customer, command.Actor, command.Authority, command.Key) = (customer, caller.Subject, caller.Authority, key);
        return await OnceAsync(caller, command, answer ?? Told);
    }

    private async Task<IResult> OnceAsync(Caller caller, Command command, Func<Answer, IResult> answer)
    {
        var content = command.ContentHash(new ByteBuffer());
        var scope = (caller.Subject, command.Customer, command.Key);
        var now = Environment.TickCount64;
        if (_keyed.Count > 200_000)
            foreach (var (old, kept) in _keyed)
                if (now - kept.Since > KeyKept.TotalMilliseconds) _keyed.TryRemove(old, out _);
        var mine = new Keyed(content, new Lazy<Task<Answer>>(() => engine.SubmitAsync(command)), now);
        var keyed = _keyed.GetOrAdd(scope, mine);
        if (keyed.Content != content) return Problems.Of(409, "KEY_REUSED", "The same idempotency key came before with other content.");
        if (ReferenceEquals(keyed, mine) && command is CheckCredit check && await StoredAsync(scope, check) is { } stored)
        {
            _keyed.TryRemove(scope, out _);
            return stored;
        }

        try
        {
            return answer(await keyed.Answer.Value);
        }
        catch (EngineUnavailableException)
        {
            _keyed.TryRemove(scope, out _);
            throw;
        }
    }

    /// <summary>A key that is older than this process: the durable decision answers.</summary>
    private async Task<IResult?> StoredAsync((string, string, string) scope, CheckCredit check)
    {
        var row = await engine.Reader.DecisionByKeyAsync(IdempotencyKey.Hash(scope.Item1, scope.Item2, scope.Item3), CancellationToken.None);
        if (row is null) return null;
        using var document = JsonDocument.Parse(row.Body);
        var root = document.RootElement;
        var same = root.GetProperty("amount").GetString() == check.Amount.ToString(CultureInfo.InvariantCulture)
            && root.GetProperty("currency").GetString() == check.Currency.Code
            && (root.TryGetProperty("orderId", out var order) ? order.GetString() : "") == check.OrderId;
        return same
            ? Results.Bytes(row.Body.ToArray(), "application/json")
            : Problems.Of(409, "KEY_REUSED", "The same idempotency key came before with other content.");
    }

    private static byte[] WithOrder(byte[] body, string order)
    {
        if (body.Length > 0 && body.AsSpan().IndexOf("\"orderId\""u8) >= 0) return body;
        var text = body.Length == 0 ? "{}" : System.Text.Encoding.UTF8.GetString(body).Trim();
        if (order.Length == 0 || text.Length < 2 || text[0] != '{') return System.Text.Encoding.UTF8.GetBytes(text);
        var rest = text[1..].TrimStart();
        return System.Text.Encoding.UTF8.GetBytes($"{{\"orderId\":\"{order}\"{(rest == "}" ? "}" : "," + rest)}");
    }

    private static IResult Told(Answer answer) => answer.Outcome.Kind == OutcomeKind.Applied
        ? Results.Bytes(AnswerJson.Of(answer), "application/json")
        : Problems.Of(answer.Outcome);

    /// <summary>A number from the query string between two bounds.</summary>
    public static int Page(StringValues value, int otherwise, int most) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var told) ? Math.Clamp(told, 1, most) : otherwise;
}

/// <summary>Answers of commands as JSON.</summary>
public static class AnswerJson
{
    /// <summary>Outcome, position and the effects of an entry.</summary>
    public static byte[] Of(Answer answer)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("outcome", answer.Outcome.Kind.ToString());
            AsOf(json, answer.At);
            json.WriteStartArray("effects");
            foreach (var effect in answer.Effects)
            {
                if (effect is PartyNamed) continue;
                json.WriteStartObject();
                json.WriteString("type", effect.Kind);
                effect.Describe(new JsonFieldWriter(json));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>A decision alone, as the caller of a check wants it.</summary>
    public static byte[] Of(CheckDecided decided, EntryPosition? at) => JsonFieldWriter.ToBytes(decided, json =>
    {
        if (at is { } position) AsOf(json, position);
        else json.WriteBoolean("whatIf", true);
    });

    private static void AsOf(Utf8JsonWriter json, EntryPosition at)
    {
        json.WriteStartObject("asOf");
        json.WriteNumber("partition", at.Partition);
        json.WriteNumber("seq", at.Seq);
        json.WriteNumber("index", at.Index);
        json.WriteEndObject();
    }
}
