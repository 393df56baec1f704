using System.Globalization;
using System.Numerics;

namespace ExposureMonitor.Ingest;

/// <summary>
/// The fields of one message by their numbers, reused from message to message: a table in place of objects. Nothing is taken
/// on trust: cut bytes, numbers of more than 64 bits, groups and lengths beyond the end are told with their place.
/// </summary>
/// <remarks>
/// Google.Protobuf builds an object per message, takes the last of a field that stands twice, and skips a known field of
/// another wire type in silence; here each of these is a refusal, as it is in JSON.
/// </remarks>
internal sealed class ProtobufMessage
{
    /// <summary>Field numbers that a message of the catalogue may use; a larger one is unknown to every type.</summary>
    internal const int NumberMax = 63;

    /// <summary>Zeros behind the bytes of a record, so that a number that is cut is still read inside of the buffer.</summary>
    internal const int Padding = 16;

    internal const int WireVarint = 0, WireFixed64 = 1, WireBytes = 2, WireFixed32 = 5;

    private readonly Field[] _fields = new Field[NumberMax + 1];
    private ulong _present, _asked;

    /// <summary>One field: where it stands first, and how often.</summary>
    internal struct Field
    {
        /// <summary>The number of a varint.</summary>
        internal ulong Value;

        /// <summary>Where its tag stands first.</summary>
        internal int TagAt;

        /// <summary>Content of a length-delimited field.</summary>
        internal int At, Length;

        internal int Wire, Count;
    }

    /// <summary>Behind the last byte.</summary>
    internal int End { get; private set; }

    /// <summary>Fields with numbers that no type has.</summary>
    internal int Beyond { get; private set; }

    /// <summary>Fields that nobody asked for.</summary>
    internal int Extra => BitOperations.PopCount(_present & ~_asked) + Beyond;

    /// <summary>A field, or <c>null</c>; it counts as known from here on.</summary>
    internal bool Has(int number)
    {
        var bit = 1UL << number;
        _asked |= bit;
        return (_present & bit) != 0;
    }

    internal ref readonly Field this[int number] => ref _fields[number];

    /// <summary>Finds the fields of the message in <c>[at, end)</c>; answers what is broken, or <c>null</c>.</summary>
    /// <param name="bytes">A buffer with <see cref="Padding"/> behind its content.</param>
    internal string? Scan(byte[] bytes, int at, int end)
    {
        (_present, _asked, Beyond, End) = (0, 0, 0, end);
        while (at < end)
        {
            var tagAt = at;
            if (Next(bytes, ref at, end, out var number, out var field) is { } broken) return broken;
            if (number > NumberMax)
            {
                Beyond++;
                continue;
            }

            var bit = 1UL << number;
            ref var known = ref _fields[number];
            if ((_present & bit) != 0)
            {
                // A list of another kind of values than it began with is told as such.
                if (known.Wire != field.Wire) known.Wire = -1;
                known.Count++;
                continue;
            }

            _present |= bit;
            known = field;
            known.TagAt = tagAt;
            known.Count = 1;
        }

        return null;
    }

    /// <summary>Reads one field, with its tag; answers what is broken, or <c>null</c>.</summary>
    internal static string? Next(byte[] bytes, ref int at, int end, out int number, out Field field)
    {
        (field, number) = (default, 0);
        var tagAt = at;
        if (!Varint(bytes, ref at, end, out var tag, out var broken)) return broken;
        if (tag is < 8 or > uint.MaxValue) return Broken("no field number", tagAt);
        number = (int)(tag >> 3);
        field.Wire = (int)(tag & 7);
        switch (field.Wire)
        {
            case WireVarint:
                return Varint(bytes, ref at, end, out field.Value, out broken) ? null : broken;
            case WireBytes:
                if (!Varint(bytes, ref at, end, out var length, out broken)) return broken;
                if (length > (ulong)(end - at)) return Broken(string.Create(CultureInfo.InvariantCulture, $"{length} bytes announced, {end - at} left,"), tagAt);
                (field.At, field.Length) = (at, (int)length);
                at += (int)length;
                return null;
            case WireFixed64 or WireFixed32:
                var size = field.Wire == WireFixed64 ? 8 : 4;
                if (end - at < size) return Broken("a cut number", tagAt);
                at += size;
                return null;
            default:
                return Broken(string.Create(CultureInfo.InvariantCulture, $"the wire type {field.Wire}"), tagAt);
        }
    }

    private static bool Varint(byte[] bytes, ref int at, int end, out ulong value, out string? broken)
    {
        broken = null;
        if (at < end && (value = bytes[at]) < 0x80)
        {
            at++;
            return true;
        }

        var begun = at;
        value = 0;
        for (var shift = 0; at < end; shift += 7)
        {
            var part = bytes[at++];
            // The tenth byte has room for one bit of the 64.
            if (shift == 63 && part > 1) break;
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80) return true;
        }

        broken = Broken(at >= end && at - begun < 10 ? "a cut number" : "a number of more than 64 bits", begun);
        return false;
    }

    internal static string Broken(string what, int at) => string.Create(CultureInfo.InvariantCulture, $"{what} at byte {at + 1}");
}
