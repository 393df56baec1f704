using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace ExposureMonitor.Ingest;

/// <summary>
/// The way of nearly all records: JSON without escapes, fractions, duplicate names or too deep nesting, in one pass. Whatever is none of
/// that, right or wrong, is left to the strict way, which has the last word and the reasons; so this one may only say yes, and
/// must say it to nothing that the strict way refuses.
/// </summary>
/// <remarks>
/// By hand, since <see cref="Utf8JsonReader"/> keeps the state of streams that come in pieces: three times the time of this
/// pass, which was most of what an event's decoding took.
/// </remarks>
internal sealed partial class JsonTree
{
    /// <summary>Zeros behind the text: no text of JSON has one, so that every loop ends there without asking for the end.</summary>
    private const int Padding = 16;

    private const ulong Ones = 0x0101_0101_0101_0101, Tops = 0x8080_8080_8080_8080;

    /// <summary>
    /// A set of 64 bits for the names of an object: a name whose bit is not in the set is not among them.
    /// </summary>
    internal static ulong LookOf(ReadOnlySpan<byte> name) => unchecked(
        name.Length == 0 ? 1UL : 1UL << (name.Length * 7 + name[0] + name[^1] * 3 + name[name.Length / 2] * 5 & 63));

    /// <inheritdoc cref="LookOf(ReadOnlySpan{byte})"/>
    internal static ulong LookOf(string name) => unchecked(
        name.Length == 0 ? 1UL : 1UL << (name.Length * 7 + name[0] + name[^1] * 3 + name[name.Length / 2] * 5 & 63));

    private bool Quick(int length, int depthMax)
    {
        unchecked
        {
            var text = _source;
            int at = Blank(text, 0), depth = 0, nameAt = 0, nameLength = 0;
        Value:
            if (Count == _nodes.Length) Array.Resize(ref _nodes, _nodes.Length * 2);
            ref var node = ref _nodes[Count];
            (node.NameAt, node.NameLength, node.At, node.Used) = (nameAt, nameLength, at, false);
            switch (text[at])
            {
                case (byte)'"':
                    var end = EndOfText(text, ++at);
                    if (end < 0) return false;
                    (node.Kind, node.At, node.Length) = (JsonTokenType.String, at, end - at);
                    at = end + 1;
                    break;
                case (byte)'{':
                case (byte)'[':
                    if (depth == depthMax) return false;
                    var isObject = text[at] == '{';
                    (node.Kind, node.Children, node.Looks) = (isObject ? JsonTokenType.StartObject : JsonTokenType.StartArray, 0, 0);
                    _open[depth++] = Count++;
                    at = Blank(text, at + 1);
                    if (text[at] == (isObject ? '}' : ']')) goto Close;
                    nameLength = 0;
                    if (isObject) goto Name;
                    goto Value;
                case (byte)'t':
                    if (!Is(text, at, (byte)'t', (byte)'r', (byte)'u', (byte)'e')) return false;
                    (node.Kind, node.Length) = (JsonTokenType.True, 4);
                    at += 4;
                    break;
                case (byte)'f':
                    if (!Is(text, at + 1, (byte)'a', (byte)'l', (byte)'s', (byte)'e')) return false;
                    (node.Kind, node.Length) = (JsonTokenType.False, 5);
                    at += 5;
                    break;
                case (byte)'n':
                    if (!Is(text, at, (byte)'n', (byte)'u', (byte)'l', (byte)'l')) return false;
                    (node.Kind, node.Length) = (JsonTokenType.Null, 4);
                    at += 4;
                    break;
                default:
                    var begun = at;
                    if (text[at] == '-') at++;
                    if (text[at] == '0') at++;
                    else if ((uint)(text[at] - '1') > 8) return false;
                    else while ((uint)(text[at] - '0') <= 9) at++;
                    // A fraction or an exponent: right, perhaps; rare, surely.
                    if (text[at] is (byte)'.' or (byte)'e' or (byte)'E') return false;
                    (node.Kind, node.Length) = (JsonTokenType.Number, at - begun);
                    break;
            }

            node.Next = ++Count;
        Behind:
            at = Blank(text, at);
            if (depth == 0) return at == length;
            ref var parent = ref _nodes[_open[depth - 1]];
            parent.Children++;
            if (text[at] == ',')
            {
                at = Blank(text, at + 1);
                nameLength = 0;
                if (parent.Kind == JsonTokenType.StartObject) goto Name;
                goto Value;
            }

            if (text[at] == (parent.Kind == JsonTokenType.StartObject ? '}' : ']')) goto Close;
            return false;
        Name:
            if (text[at] != '"') return false;
            nameAt = at + 1;
            var nameEnd = EndOfText(text, nameAt);
            if (nameEnd < 0) return false;
            nameLength = nameEnd - nameAt;
            if (!IsNewName(nameAt, nameLength, _open[depth - 1])) return false;
            at = Blank(text, nameEnd + 1);
            if (text[at] != ':') return false;
            at = Blank(text, at + 1);
            goto Value;
        Close:
            ref var closed = ref _nodes[_open[--depth]];
            closed.Next = Count;
            closed.Length = ++at - closed.At;
            goto Behind;
        }
    }

    /// <summary>Notes the name among those of its object; false when it may stand there already.</summary>
    private bool IsNewName(int nameAt, int nameLength, int parent)
    {
        var name = _source.AsSpan(nameAt, nameLength);
        var look = LookOf(name);
        ref var known = ref _nodes[parent];
        if ((known.Looks & look) != 0)
        {
            if (known.Children > WideObject) return false;
            for (var i = parent + 1; i < Count; i = _nodes[i].Next)
                if (Name(i).SequenceEqual(name)) return false;
        }

        known.Looks |= look;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Blank(byte[] text, int at) => text[at] > ' ' ? at : BehindBlank(text, at);

    private static int BehindBlank(byte[] text, int at)
    {
        while (text[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') at++;
        return at;
    }

    private static bool Is(byte[] text, int at, byte a, byte b, byte c, byte d) => text[at] == a && text[at + 1] == b && text[at + 2] == c && text[at + 3] == d;

    /// <summary>Where the quote behind a text stands; −1 when an escape or a control character comes first.</summary>
    private static int EndOfText(byte[] text, int at)
    {
        unchecked
        {
            while (true)
            {
                // Eight bytes at once; the padding has room for the last ones. In each sum the lowest bit that is set is a true one.
                var eight = Unsafe.ReadUnaligned<ulong>(ref text[at]);
                var (quote, escape) = (eight ^ Ones * '"', eight ^ Ones * '\\');
                var hit = ((quote - Ones) & ~quote | (escape - Ones) & ~escape | (eight - Ones * 0x20) & ~eight) & Tops;
                if (hit == 0)
                {
                    at += 8;
                    continue;
                }

                at += BitOperations.TrailingZeroCount(hit) >> 3;
                return text[at] == '"' ? at : -1;
            }
        }
    }
}
