using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ExposureMonitor.Ingest;

/// <summary>
/// One JSON record as a flat table of nodes in the order of the text, reused from record to record. A
/// <see cref="JsonDocument"/> answers a duplicate name with the last one and allocates per record; this refuses it and
/// does not. Not safe for two threads.
/// </summary>
internal sealed partial class JsonTree
{
    private const int WideObject = 64;

    private readonly int[] _open = new int[64];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private Node[] _nodes = new Node[128];
    private byte[] _side = new byte[256];
    private int _sideLength;
    private byte[] _source = new byte[1024];

    /// <summary>One value; strings and names without quotes and escapes.</summary>
    internal struct Node
    {
        internal int NameAt, NameLength, At, Length, Next, Children;
        internal JsonTokenType Kind;

        /// <summary>Of an object: the looks of its names.</summary>
        internal ulong Looks;

        internal bool Used;
    }

    internal int Count { get; private set; }

    internal ref Node this[int index] => ref _nodes[index];

    internal ReadOnlySpan<byte> Value(int index) => Slice(_nodes[index].At, _nodes[index].Length);

    internal ReadOnlySpan<byte> Name(int index) => Slice(_nodes[index].NameAt, _nodes[index].NameLength);

    /// <summary>Reads a record; node 0 is its root.</summary>
    /// <param name="strictly">Leaves the quick way out.</param>
    internal DecodeFault? Parse(ReadOnlySpan<byte> json, DecodeLimits limits, bool strictly = false)
    {
        Count = 0;
        _sideLength = 0;
        if (json.Length > limits.BytesMax)
            return TooLarge(json.Length, limits);
        if (json.StartsWith(Encoding.UTF8.Preamble)) json = json[3..];
        // A copy of its own: whoever handed the bytes in may use them again, and none of the strings points there.
        if (_source.Length < json.Length + Padding) _source = new byte[json.Length * 2 + Padding];
        json.CopyTo(_source);
        _source.AsSpan(json.Length, Padding).Clear();
        if (!Utf8.IsValid(json)) return new DecodeFault(DecodeReasons.NotJson, "", "bytes that are not UTF-8", "UTF-8");
        if (!strictly && Quick(json.Length, Math.Min(limits.DepthMax, _open.Length))) return null;
        return ParseStrictly(json, limits);
    }

    /// <summary>The strict way: what it says counts.</summary>
    private DecodeFault? ParseStrictly(ReadOnlySpan<byte> json, DecodeLimits limits)
    {
        Count = 0;
        _sideLength = 0;
        try
        {
            return Walk(json, limits);
        }
        catch (JsonException broken)
        {
            return new DecodeFault(DecodeReasons.NotJson, "", $"no valid JSON at line {(broken.LineNumber ?? 0) + 1}, byte {(broken.BytePositionInLine ?? 0) + 1}", "one JSON value");
        }
        catch (InvalidOperationException)
        {
            // The reader's answer to an escape that is half of a surrogate pair.
            return new DecodeFault(DecodeReasons.NotJson, "", "an escaped lone surrogate", "text");
        }
    }

    /// <summary>Whether the quick way takes a record.</summary>
    internal bool GoesQuickly(ReadOnlySpan<byte> json)
    {
        Parse(json, DecodeLimits.Default, strictly: true);
        Count = 0;
        return Quick(json.Length, DecodeLimits.Default.DepthMax);
    }

    internal static DecodeFault TooLarge(int bytes, DecodeLimits limits) =>
        new(DecodeReasons.TooLarge, "", $"{bytes} bytes", $"at most {limits.BytesMax} bytes");

    private DecodeFault? Walk(ReadOnlySpan<byte> json, DecodeLimits limits)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = _open.Length - 1 });
        int depth = 0, nameAt = 0, nameLength = 0;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    (nameAt, nameLength) = Place(ref reader);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    ref var closed = ref _nodes[_open[--depth]];
                    closed.Next = Count;
                    closed.Length = (int)reader.TokenStartIndex + 1 - closed.At;
                    if (closed.Kind == JsonTokenType.StartObject && Twice(_open[depth]) is { } twice) return twice;
                    break;
                default:
                    var index = Add(ref reader, nameAt, nameLength);
                    nameLength = 0;
                    if (depth > 0) _nodes[_open[depth - 1]].Children++;
                    if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)) break;
                    if (depth == limits.DepthMax)
                        return new DecodeFault(DecodeReasons.TooDeep, "", $"more than {limits.DepthMax} levels", $"at most {limits.DepthMax} levels");
                    _open[depth++] = index;
                    break;
            }
        }

        return null;
    }

    private int Add(ref Utf8JsonReader reader, int nameAt, int nameLength)
    {
        if (Count == _nodes.Length) Array.Resize(ref _nodes, _nodes.Length * 2);
        var (at, length) = Place(ref reader);
        _nodes[Count] = new Node
        {
            NameAt = nameAt, NameLength = nameLength, At = at, Length = length, Kind = reader.TokenType, Next = Count + 1,
        };
        return Count++;
    }

    /// <summary>Where the bytes of a token stand: in the source, or without escapes in the side buffer (below zero).</summary>
    private (int At, int Length) Place(ref Utf8JsonReader reader)
    {
        var isText = reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName;
        if (!isText || !reader.ValueIsEscaped) return ((int)reader.TokenStartIndex + (isText ? 1 : 0), reader.ValueSpan.Length);
        if (_sideLength + reader.ValueSpan.Length > _side.Length)
            Array.Resize(ref _side, Math.Max(_side.Length * 2, _sideLength + reader.ValueSpan.Length));
        var length = reader.CopyString(_side.AsSpan(_sideLength));
        var at = ~_sideLength;
        _sideLength += length;
        return (at, length);
    }

    private ReadOnlySpan<byte> Slice(int at, int length) =>
        at >= 0 ? _source.AsSpan(at, length) : _side.AsSpan(~at, length);

    /// <summary>A name that stands twice. A set of 64 bits of the names' looks spares nearly all comparisons.</summary>
    private DecodeFault? Twice(int parent)
    {
        if (_nodes[parent].Children > WideObject) return TwiceInWide(parent);
        var seen = 0UL;
        for (var i = parent + 1; i < _nodes[parent].Next; i = _nodes[i].Next)
        {
            var name = Name(i);
            var look = LookOf(name);
            if ((seen & look) != 0)
            {
                for (var j = parent + 1; j < i; j = _nodes[j].Next)
                    if (Name(j).SequenceEqual(name)) return Duplicate(name);
            }

            seen |= look;
        }

        _nodes[parent].Looks = seen;
        return null;
    }

    private DecodeFault? TwiceInWide(int parent)
    {
        _names.Clear();
        _nodes[parent].Looks = ulong.MaxValue;
        for (var i = parent + 1; i < _nodes[parent].Next; i = _nodes[i].Next)
            if (!_names.Add(Encoding.UTF8.GetString(Name(i)))) return Duplicate(Name(i));
        return null;
    }

    private static DecodeFault Duplicate(ReadOnlySpan<byte> name) =>
        new(DecodeReasons.DuplicateKey, "", $"the name {DecodeFault.Quote(name)} twice in one object", "each name once");
}
