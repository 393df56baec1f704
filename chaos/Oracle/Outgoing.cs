using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ExposureMonitor.Chaos;

/// <summary>One record of a topic that the product writes.</summary>
internal sealed record Message(string Topic, int Partition, long Offset, byte[]? Key, byte[] Body);

/// <summary>
/// Compares what stands on the topics that go out with what the API shows: nothing is missing, nothing was invented, what came
/// a second time is the same byte for byte, and each customer's messages appear in the order of the journal.
/// </summary>
internal sealed class Outgoing(Tally tally)
{
    internal const string Decisions = "credit.decisions", Signals = "credit.signals", DeadLetters = "credit.dead-letters";

    private const string DeadLetterType = "credit.dead-letter.noted.v1";

    /// <summary>By type, the topic that docs/kafka.md names for it.</summary>
    private static readonly Dictionary<string, string> TopicOf = new(StringComparer.Ordinal)
    {
        ["credit.check.decided.v1"] = Decisions, ["credit.reservation.expired.v1"] = Decisions, ["credit.order.held.v1"] = Decisions, ["credit.order.released.v1"] = Decisions,
        ["credit.order.rejected.v1"] = Decisions, ["credit.effective-limit.changed.v1"] = Decisions, ["credit.risk-state.changed.v1"] = Decisions,
        ["credit.signal.raised.v1"] = Signals, ["credit.signal.resolved.v1"] = Signals, ["credit.signal.retracted.v1"] = Signals, [DeadLetterType] = DeadLetters,
    };

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>What was told of a place: where, under which number, and the hash of key and body.</summary>
    private readonly record struct Told(string Topic, int Partition, int Ordinal, UInt128 Hash);

    private readonly Dictionary<Place, Told> _told = [];
    private readonly Dictionary<(string Topic, string Customer, int Partition), Place> _last = [];
    private readonly Dictionary<(string Topic, string Customer), int> _homes = [];
    private readonly HashSet<Place> _shown = [];
    private readonly Dictionary<Place, JsonElement> _untold = [];
    private readonly List<(Place Place, Message Message, JsonElement Body)> _new = [];
    private string? _source;

    /// <summary>Takes a row of the API; false for one that was shown before, <c>null</c> for one that does not go out.</summary>
    internal bool? Show(JsonElement row)
    {
        var isDead = row.TryGetProperty("reasonCode", out _);
        var place = Place.Parse(Text(row, "id")) ?? throw new ViolationException($"outgoing: the API shows a row without a place in the journal: {row}");
        if (isDead) place = place.Entry;
        else if (!TopicOf.ContainsKey(Text(row, "type"))) return null;
        if (!_shown.Add(place)) return false;
        _untold.Add(place, row);
        return true;
    }

    /// <summary>Takes the next record of a partition of a topic.</summary>
    internal void Take(Message message)
    {
        var at = $"{message.Topic}[{message.Partition}] at {message.Offset}";
        var body = Parse(message, at);
        var (id, customer) = (Text(body, "id"), body.TryGetProperty("subject", out var subject) ? subject.GetString()! : "");
        if (Place.Parse(id) is not { Ordinal: >= 0 } place) throw new ViolationException($"outgoing: {at} has the id '{id}'.");
        var key = message.Topic == DeadLetters ? place.Entry : place;
        // What concerns no customer has no key, and no partition of its own.
        var told = new Told(message.Topic, message.Key is null ? -1 : message.Partition, place.Ordinal, Hash(message));
        if (_told.TryGetValue(key, out var before))
        {
            if (before != told) throw new ViolationException($"outgoing: {at}, id {id}, is not the same as when it was told first: {before}, now {told}.");
            tally.ToldAgain++;
            return;
        }

        if (Text(body, "entry") != place.Entry.ToString()) throw new ViolationException($"outgoing: {at}, id {id}, names the entry {Text(body, "entry")}.");
        if (!TopicOf.TryGetValue(Text(body, "type"), out var topic) || topic != message.Topic) throw new ViolationException($"outgoing: {at}, id {id}, has the type {Text(body, "type")}.");
        if ((message.Key is null ? "" : Encoding.UTF8.GetString(message.Key)) != customer) throw new ViolationException($"outgoing: {at}, id {id}, has another key than its subject '{customer}'.");
        _source ??= Text(body, "source");
        if (Text(body, "source") != _source) throw new ViolationException($"outgoing: {at}, id {id}, is of the source {Text(body, "source")}; the others are of {_source}.");
        if (customer.Length > 0) InOrder(message, customer, place, at);
        _told.Add(key, told);
        tally.Told[message.Topic] = tally.Told.GetValueOrDefault(message.Topic) + 1;
        _new.Add((key, message, body));
    }

    /// <summary>Compares what was told since the last time with the rows, which must have been read after it; how many rows nobody was told of.</summary>
    internal int Match()
    {
        foreach (var (place, message, body) in _new)
        {
            if (!_untold.Remove(place, out var row)) throw new ViolationException($"outgoing: {message.Topic} has {Text(body, "id")}, which the API does not know: {Encoding.UTF8.GetString(message.Body)}");
            if (OutgoingContent.Difference(row, body, message.Topic == DeadLetters) is { } other) throw new ViolationException($"outgoing: {message.Topic} has {Text(body, "id")} with {other}: {Encoding.UTF8.GetString(message.Body)}; the API shows {row}");
        }

        _new.Clear();
        return _untold.Count;
    }

    /// <summary>One of the rows that nobody was told of.</summary>
    internal string Missing() => $"{_untold.Count} rows were never told, one of them {_untold.First().Value}";

    private void InOrder(Message message, string customer, Place place, string at)
    {
        if (!_homes.TryAdd((message.Topic, customer), message.Partition) && _homes[(message.Topic, customer)] is var home && home != message.Partition)
            throw new ViolationException($"outgoing: {at} is about {customer}, whose messages stand in partition {home}.");
        var of = (message.Topic, customer, place.Partition);
        if (_last.TryGetValue(of, out var last) && !last.IsBefore(place)) throw new ViolationException($"outgoing: {at}, {place} of {customer} appears for the first time behind {last}.");
        _last[of] = place;
    }

    private static JsonElement Parse(Message message, string at)
    {
        try
        {
            using var json = JsonDocument.Parse(message.Body, Strict);
            var body = json.RootElement.Clone();
            if (Text(body, "specversion") == "1.0" && Text(body, "datacontenttype") == "application/json" && body.GetProperty("data").ValueKind == JsonValueKind.Object) return body;
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Said below, with the record.
        }

        throw new ViolationException($"outgoing: {at} is no CloudEvent: {Encoding.UTF8.GetString(message.Body)}");
    }

    private static string Text(JsonElement of, string name) => of.TryGetProperty(name, out var told) && told.ValueKind == JsonValueKind.String ? told.GetString()! : "";

    private static UInt128 Hash(Message message)
    {
        Span<byte> hash = stackalloc byte[32];
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sum.AppendData([(byte)(message.Key is null ? 0 : 1), .. message.Key ?? []]);
        sum.AppendData(message.Body);
        sum.GetHashAndReset(hash);
        return BitConverter.ToUInt128(hash);
    }
}
