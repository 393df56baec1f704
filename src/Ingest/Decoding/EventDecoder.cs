using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using ExposureMonitor.Domain;

namespace ExposureMonitor.Ingest;

/// <summary>What became of one record: a fact of the trade, or an <see cref="UndecodableRecord"/> that says why not.</summary>
/// <param name="Fact">With its envelope.</param>
/// <param name="Fault">Why it could not be read, or <c>null</c>.</param>
/// <param name="ExtraFields">Fields in <c>data</c> that the type does not have: ignored, but counted.</param>
public readonly record struct DecodeResult(Fact Fact, DecodeFault? Fault, int ExtraFields)
{
    /// <summary>True when the record could be read.</summary>
    public bool IsDecoded => Fault is null;
}

/// <summary>
/// Turns one CloudEvents 1.0 record in JSON into a fact. Every sequence of bytes has an answer; none throws. Keeps its
/// buffers, so each feed has its own: not safe for two threads.
/// </summary>
public sealed class EventDecoder
{
    /// <summary>How much of an unreadable record is kept for people.</summary>
    public const int KeptBytes = 48 * 1024;

    private const int SourceMax = 200;

    private readonly JsonTree _tree = new();
    private readonly JsonFieldReader _fields;
    private readonly DecodeLimits _limits;

    /// <summary>A decoder with its own buffers.</summary>
    public EventDecoder(DecodeLimits? limits = null)
    {
        _limits = limits ?? DecodeLimits.Default;
        _fields = new JsonFieldReader(_tree, _limits);
    }

    /// <summary>Records whose <c>data</c> had fields that their type does not have, since this decoder began.</summary>
    public long RecordsWithExtraFields { get; private set; }

    /// <summary>Reads one record.</summary>
    /// <param name="json">The body; empty is a tombstone.</param>
    /// <param name="arrival">When the shell took it in.</param>
    /// <param name="position">Where it stood; <c>default</c> when its source has no positions.</param>
    public DecodeResult Decode(ReadOnlyMemory<byte> json, Instant arrival, SourcePosition position)
    {
        var envelope = new Envelope();
        var fault = Read(json, envelope);
        var fact = envelope.Fact;
        if (fault is not null || fact is null) return Dead(fault!, json, arrival, position);
        fact.Customer = fact is HouseFact ? "" : envelope.Subject;
        fact.EventId = envelope.Id;
        fact.Source = envelope.Source;
        fact.Time = envelope.Time;
        fact.Arrival = arrival;
        fact.Position = position;
        if (_fields.ExtraFields > 0) RecordsWithExtraFields++;
        return new DecodeResult(fact, null, _fields.ExtraFields);
    }

    /// <summary>The dead letter of a record that never was one, such as the broken rest of a batch.</summary>
    public static DecodeResult Dead(DecodeFault fault, ReadOnlyMemory<byte> record, Instant arrival, SourcePosition position)
    {
        var detail = fault.Detail;
        return new DecodeResult(new UndecodableRecord
        {
            Reason = fault.Reason,
            Detail = detail.Length <= 1000 ? detail : detail[..999] + "…",
            Record = Keep(record.Span),
            Time = arrival,
            Arrival = arrival,
            Position = position,
        }, fault, 0);
    }

    private DecodeFault? Read(ReadOnlyMemory<byte> json, Envelope envelope)
    {
        if (json.Span.IndexOfAnyExcept(" \t\r\n"u8) < 0) return new DecodeFault(DecodeReasons.NullBody, "", "no body", "one event");
        if (_tree.Parse(json, _limits) is { } broken) return broken;
        if (_tree[0].Kind == JsonTokenType.Null) return new DecodeFault(DecodeReasons.NullBody, "", "null", "one event");
        if (_tree[0].Kind != JsonTokenType.StartObject)
            return new DecodeFault(DecodeReasons.BadEnvelope, "", "a value that is no object", "one CloudEvents object");
        return ReadEnvelope(envelope) ?? ReadData(envelope);
    }

    private DecodeFault? ReadEnvelope(Envelope envelope)
    {
        for (var i = 1; i < _tree[0].Next; i = _tree[i].Next)
        {
            var fault = Attribute(envelope, i);
            if (fault is not null) return fault;
        }

        if (!envelope.HasVersion) return Missing("specversion", "1.0");
        if (envelope.Id.Length == 0) return Missing("id", "the producer's id of the event");
        if (envelope.Source.Length == 0) return Missing("source", "the producer");
        if (envelope.Type.Length == 0) return Missing("type", "an event type");
        if (envelope.Time == default) return Missing("time", "a moment of RFC 3339");
        return null;
    }

    private DecodeFault? Attribute(Envelope envelope, int node)
    {
        var name = _tree.Name(node);
        if (name.SequenceEqual("data"u8))
        {
            envelope.Data = node;
            return null;
        }

        if (name.SequenceEqual("data_base64"u8)) return Wrong("data_base64", "binary data", "data in JSON");
        if (_tree[node].Kind == JsonTokenType.Null) return null;
        if (name.SequenceEqual("subject"u8))
        {
            if (_tree[node].Kind == JsonTokenType.String && _tree[node].Length == 0) return null;
            return TakeId(node, "subject", out envelope.Subject);
        }

        if (name.SequenceEqual("id"u8)) return TakeId(node, "id", out envelope.Id);
        if (name.SequenceEqual("specversion"u8))
        {
            envelope.HasVersion = IsText(node, "1.0"u8);
            return envelope.HasVersion ? null : Wrong("specversion", Show(node), "1.0");
        }

        if (name.SequenceEqual("datacontenttype"u8)) return IsJsonType(node) ? null : Wrong("datacontenttype", Show(node), "application/json");
        if (name.SequenceEqual("type"u8))
        {
            if (_tree[node].Kind != JsonTokenType.String) return Wrong("type", Show(node), "an event type");
            envelope.Type = Encoding.UTF8.GetString(_tree.Value(node));
            return null;
        }

        if (name.SequenceEqual("source"u8))
        {
            var source = _tree.Value(node);
            if (_tree[node].Kind != JsonTokenType.String || source.Length is 0 or > SourceMax || source.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
                return Wrong("source", Show(node), $"1 to {SourceMax} printable ASCII characters");
            envelope.Source = Encoding.ASCII.GetString(source);
            return null;
        }

        if (!name.SequenceEqual("time"u8)) return null;
        if (_tree[node].Kind != JsonTokenType.String || !JsonScalars.TryMoment(_tree.Value(node), out var time))
            return new DecodeFault(DecodeReasons.BadDate, "time", Show(node), "a moment of RFC 3339 with offset");
        envelope.Time = time;
        return null;
    }

    private DecodeFault? ReadData(Envelope envelope)
    {
        var entry = FactCatalogue.Find(envelope.Type);
        if (entry is null || !entry.IsEvent)
            return new DecodeFault(DecodeReasons.UnknownType, "type", DecodeFault.Quote(envelope.Type), "an event type of docs/events");
        if (!entry.Type.IsSubclassOf(typeof(HouseFact)) && envelope.Subject.Length == 0)
            return new DecodeFault(DecodeReasons.NoSubject, "subject", "nothing", "the customer's id");
        if (envelope.Data < 0 || _tree[envelope.Data].Kind == JsonTokenType.Null)
            return new DecodeFault(DecodeReasons.NullBody, "data", envelope.Data < 0 ? "nothing" : "null", "an object");
        envelope.Fact = entry.Create();
        return _fields.ReadNode(envelope.Data, "data", envelope.Fact, refuseExtra: false);
    }

    private DecodeFault? TakeId(int node, string name, out string id)
    {
        id = _tree[node].Kind == JsonTokenType.String && _tree[node].Length <= Ids.LengthMax ? Encoding.UTF8.GetString(_tree.Value(node)) : "";
        return Ids.IsValid(id)
            ? null
            : new DecodeFault(DecodeReasons.BadId, name, Show(node), "1 to 64 characters of A-Z a-z 0-9 . _ : -");
    }

    private bool IsText(int node, ReadOnlySpan<byte> text) => _tree[node].Kind == JsonTokenType.String && _tree.Value(node).SequenceEqual(text);

    private bool IsJsonType(int node)
    {
        if (_tree[node].Kind != JsonTokenType.String) return false;
        var type = Encoding.UTF8.GetString(_tree.Value(node)).Split(';')[0].Trim();
        return type.EndsWith("/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    private string Show(int node) => _tree[node].Kind switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        _ => DecodeFault.Quote(_tree.Value(node)),
    };

    private static DecodeFault Missing(string name, string expected) => Wrong(name, "nothing", expected);

    private static DecodeFault Wrong(string name, string found, string expected) => new(DecodeReasons.BadEnvelope, name, found, expected);

    private static string Keep(ReadOnlySpan<byte> record)
    {
        var kept = record[..Math.Min(record.Length, KeptBytes)];
        if (kept.Length < record.Length)
        {
            // A cut inside a character would make good text look broken.
            var end = kept.Length;
            while (end > kept.Length - 4 && end > 0 && (record[end] & 0xC0) == 0x80) end--;
            kept = kept[..end];
        }

        return Utf8.IsValid(kept) && !kept.Contains((byte)0) ? Encoding.UTF8.GetString(kept) : Convert.ToBase64String(kept);
    }

    private sealed class Envelope
    {
        internal string Id = "", Source = "", Type = "", Subject = "";
        internal Instant Time;
        internal bool HasVersion;
        internal int Data = -1;
        internal Fact? Fact;
    }
}
